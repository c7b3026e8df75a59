"""What operators read over HTTP: whether it lives, whether it is ready, and the metrics."""

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.server import Server

SETTINGS = {"presence": {"customer_grace_ms": 300}}
CORE = (
    "frontdesk_contacts_waiting",
    "frontdesk_oldest_wait_seconds",
    "frontdesk_wait_seconds",
    "frontdesk_offers",
    "frontdesk_offer_answer_seconds",
    "frontdesk_agents",
    "frontdesk_contacts_active",
    "frontdesk_contacts_ended",
    "frontdesk_handle_seconds",
    "frontdesk_wrapup_seconds",
    "frontdesk_transfers",
    "frontdesk_conferences",
    "frontdesk_messages",
    "frontdesk_masked",
    "frontdesk_masking_failures",
    "frontdesk_sockets",
    "frontdesk_command_seconds",
    "frontdesk_commit_seconds",
    "frontdesk_inbox_depth",
    "frontdesk_unmatched_seconds",
    "frontdesk_lease_held",
    "frontdesk_build_info",
)


async def page(server: Server, path: str, status: int = 200) -> str:
    """Read a page; it must be answered with the status."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.url + path) as response,
    ):
        assert response.status == status, path
        return await response.text()


async def samples(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Read the metrics: name and labels to value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(await page(server, "/metrics"))
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """Name one sample."""
    return name, frozenset(labels.items())


def judge(text: str) -> subprocess.CompletedProcess[str]:
    """Let promtool read a page of metrics."""
    promtool = shutil.which("promtool")
    assert promtool is not None, "promtool is missing; ./dev doctor says how to install it"
    return subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )


async def test_it_lives_and_is_ready(server: Server) -> None:
    """A load balancer sends people only to who says so."""
    await page(server, "/healthz")
    await page(server, "/readyz")
    await page(server, "/no-such-page", 404)


async def test_long_polling_is_off(server: Server) -> None:
    """WebSocket needs no sticky sessions; a poll that half works would be worse than none."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/socket.io/?EIO=4&transport=polling") as response,
    ):
        assert response.status >= 400


async def test_the_metrics_page_has_every_core_metric_and_passes_promtool(floor: Floor) -> None:
    """Dashboards and alerts are written against these names."""
    anna = await floor.desk()
    await floor.chat(await floor.customer(), anna)
    text = await page(floor.server, "/metrics")
    names = {family.name for family in text_string_to_metric_families(text)}
    verdict = await asyncio.to_thread(judge, text)

    assert set(CORE) <= names, set(CORE) - names
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.floor(agents={"anna": {"capacity": 2}, "bo": {}})
async def test_the_metrics_follow_what_happens(floor: Floor) -> None:
    """A number that is not true is worse than none."""
    queue = floor.id("support")
    before = await samples(floor.server)
    anna = await floor.desk()
    talking, ringing, waiting = await floor.customers(3)
    chat = await floor.chat(talking, anna, text="my card 4111 1111 1111 1111")
    ringing_chat = await ringing.do("chat.start", text="ring")
    await anna.offered(ringing_chat["contact"])
    await waiting.do("chat.start", text="wait")
    during = await samples(floor.server)
    await anna.do("offer.decline", offer=anna.named("offer.created")[-1]["offer"]["id"])
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    after = await samples(floor.server)

    def grown(name: str, **labels: str) -> float:
        return after[key(name, **labels)] - before.get(key(name, **labels), 0)

    def sockets_of(namespace: str) -> float:
        # The page does not say whether the label carries the slash.
        name = "frontdesk_sockets"
        plain = during.get(key(name, namespace=namespace), 0)
        return plain + during.get(key(name, namespace=f"/{namespace}"), 0)

    assert during[key("frontdesk_contacts_waiting", queue=queue)] == 2
    assert during[key("frontdesk_contacts_active", queue=queue)] == 1
    assert during[key("frontdesk_lease_held")] == 1
    assert sockets_of("customer") >= 3
    assert sockets_of("agent") >= 1
    assert during[key("frontdesk_agents", state="available")] >= 1
    for outcome in ("accepted", "declined"):
        assert grown("frontdesk_offers_total", queue=queue, kind="contact", outcome=outcome) == 1
    assert grown("frontdesk_contacts_ended_total", queue=queue, ended_by="agent") == 1
    assert grown("frontdesk_wait_seconds_count", queue=queue, outcome="answered") == 1
    assert grown("frontdesk_handle_seconds_count", queue=queue) == 1
    assert grown("frontdesk_wrapup_seconds_count", queue=queue) == 1
    assert grown("frontdesk_masked_total", kind="pan") == 1
    assert grown("frontdesk_messages_total", role="customer") >= 3
    assert grown("frontdesk_command_seconds_count", command="offer.decline") == 1


async def test_an_abandoned_chat_is_counted_as_abandoned(floor: Floor) -> None:
    """People who gave up are what staffing is planned by."""
    queue = floor.id("support")
    first, second = await floor.customers(2)
    await first.do("chat.start", text="Hello")
    await second.do("chat.start", text="Hello")
    await first.lose()
    await second.until("chat.queued", position=1)
    numbers = await samples(floor.server)

    assert numbers[key("frontdesk_wait_seconds_count", queue=queue, outcome="abandoned")] == 1
    assert numbers[key("frontdesk_contacts_ended_total", queue=queue, ended_by="customer")] == 1


async def test_no_metric_names_a_person(floor: Floor) -> None:
    """Ids and free text as labels would leak people and flood the store."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.ask("an unknown command", {})
    text = await page(floor.server, "/metrics")

    for private in (anna.agent, customer.hello["customer"], chat.contact, "unknown command"):
        assert private not in text


@pytest.mark.parametrize("where", ["file", "command line"])
async def test_metrics_on_a_port_of_their_own_leave_the_main_one(
    tmp_path: Path, where: str
) -> None:
    """The main port faces the world; numbers about the business need not."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    if where == "file":
        server = Server(tmp_path, configuration([Plan()], {"metrics": {"port": port}}))
    else:
        plain = configuration([Plan()], {})
        server = Server(tmp_path, plain, "--metrics-port", str(port), engine="memory:")
    server.start()
    try:
        await page(server, "/metrics", 404)
        host = server.url.rpartition(":")[0]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{host}:{port}/metrics") as response,
        ):
            text = await response.text()
        server.stop()
    finally:
        server.kill()

    assert "frontdesk_build_info" in text

"""The same Prometheus before Redis: two processes, two tenants, and a process that dies."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio

from tests.e2e.floors import Plan, configuration
from tests.ops.prometheus import Prometheus, questions
from tests.support.crowd import BROKEN, PatientCustomer, PatientDesk
from tests.support.redis import RedisServer
from tests.support.server import SharedServer, Toml, sign

SECRETS = {
    "acme": "the secret of acme, long enough",
    "beta": "the secret of beta, long enough",
}
ANY_TENANT = 'tenant=~".*"'
BY_TENANT = "job, tenant"
WRITERS = "sum by (instance, tenant) (frontdesk_lease_held) == 1"
ALL_SEEN = (
    f"{WRITERS} and on () (count(frontdesk_lease_held) == {2 * len(SECRETS)})"
    f" and on () (sum(frontdesk_lease_held) == {len(SECRETS)})"  # none is being handed over
)

TAKEN_OVER = """
max by (tenant) (frontdesk_epoch{tenant="acme"})
and on () (sum(frontdesk_lease_held{tenant="acme"}) == 1)
and on () (frontdesk_takeover_gap_seconds_count{instance="HERE"} > 0)
"""


def tenant(name: str) -> dict[str, Toml]:
    """One queue, one agent who takes calls."""
    own = {"tenant": {"id": name}, "auth": {"secret": SECRETS[name]}}
    return configuration([Plan()], own)


@pytest_asyncio.fixture
async def servers(tmp_path: Path) -> AsyncIterator[list[SharedServer]]:
    """Run two processes, each for both tenants."""
    tenants = {name: tenant(name) for name in SECRETS}
    with RedisServer(tmp_path) as redis:
        servers: list[SharedServer] = []
        try:
            for place in range(2):
                folder = tmp_path / f"process {place}"
                folder.mkdir()
                servers.append(SharedServer(folder, tenants, engine=redis.url))
                await asyncio.to_thread(servers[-1].start)
            yield servers
        finally:
            for server in servers:
                server.kill()


async def work(url: str, name: str) -> None:
    """Sit at a tenant's desk, and come back whenever the line breaks or nobody answers."""
    token = sign(SECRETS[name], sub="anna-0", roles=["agent"], tenant=name)
    while True:
        anna = PatientDesk(url, {"token": token})
        try:
            await anna.connect()
            await anna.do("presence.set", state="available")
            while True:
                await chat(anna, PatientCustomer(url, {"entry_point": f"{name}/shop-0"}))
        except (AssertionError, *BROKEN):
            await asyncio.sleep(0)
        finally:
            await anna.lose()


async def chat(anna: PatientDesk, customer: PatientCustomer) -> None:
    """Come with a question and a card number, and be answered."""
    try:
        await customer.connect()
        begun = await customer.do("chat.start", text="My card is 4111 1111 1111 1111")
        await anna.take(begun["contact"])
        await anna.do("message.send", contact=begun["contact"], text="Thank you")
        await anna.do("contact.end", contact=begun["contact"], wrapup={"code": "resolved"})
    finally:
        await customer.lose()


@asynccontextmanager
async def chatting(url: str) -> AsyncGenerator[None]:
    """Let people of both tenants chat through one process, one chat after the other."""
    people = [asyncio.create_task(work(url, name)) for name in SECRETS]
    try:
        yield
    finally:
        for each in people:
            each.cancel()
        await asyncio.gather(*people, return_exceptions=True)


def of_each_tenant() -> dict[str, str]:
    """Every question, of one tenant after the other where it knows of tenants."""
    asked: dict[str, str] = {}
    for where, expr in questions().items():
        if ANY_TENANT not in expr and BY_TENANT not in expr:
            asked[where] = expr
            continue
        for name in SECRETS:
            own = expr.replace(ANY_TENANT, f'tenant="{name}"')
            if BY_TENANT in expr:
                own = f'({expr}) and on (tenant) frontdesk_lease_held{{tenant="{name}"}}'
            asked[f"{where} of {name}"] = own
    return asked


def address(server: SharedServer) -> str:
    """As Prometheus calls it."""
    return server.url.removeprefix("http://")


async def test_every_panel_and_alert_knows_tenants_and_what_redis_brings(
    servers: list[SharedServer], tmp_path: Path
) -> None:
    """A house of many tenants looks at each of them, and a process that dies must be seen.

    The floor is small, but whatever it does not do is counted as 0 and shown.
    """
    with Prometheus(tmp_path, *map(address, servers)) as prometheus:
        writers = await asyncio.to_thread(prometheus.until, ALL_SEEN)
        [dying_at] = [at for at, name in map(str.split, writers) if name == "acme"]
        [dying] = [server for server in servers if address(server) == dying_at]
        [staying] = [server for server in servers if server is not dying]
        async with chatting(staying.url):
            silent = await asyncio.to_thread(prometheus.silent, of_each_tenant())
            dying.kill()
            down = await asyncio.to_thread(prometheus.until, "min by (instance) (up) == 0")
            taken_over = await asyncio.to_thread(
                prometheus.until, TAKEN_OVER.replace("HERE", address(staying))
            )

    assert silent == {}
    assert sorted(writers.values()) == [1] * len(SECRETS), "each tenant has one writer"
    assert down == {dying_at: 0}
    assert taken_over["acme"] > 1

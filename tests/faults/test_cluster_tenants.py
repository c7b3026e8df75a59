"""Two tenants share processes and a Redis, with the same ids in both: neither feels the other."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.e2e.floors import Plan, configuration
from tests.support.clients import Customer, Desk
from tests.support.redis import RedisServer
from tests.support.server import SharedServer, Toml, sign

SECRETS = {
    "acme": "the secret of acme, long enough",
    "beta": "the secret of beta, long enough",
}

FLOODING = 6
"""Customers who write without waiting for an answer."""

WRITTEN_AT_ONCE = 40
CHATS = 8

SERVED_S_MAX = 1.0
"""From asking for a chat to an agent: what an assignment takes is some ms; a tenant that had to
wait for another one's flood would wait for thousands of messages."""

COUNTED = re.compile(r"^(frontdesk_[a-z_]+)\{([^}]*)\} (\S+)$", re.MULTILINE)


def tenant(name: str) -> dict[str, Toml]:
    """The same floor for everybody."""
    own = {"tenant": {"id": name}, "auth": {"secret": SECRETS[name]}}
    agents = {"anna": {"capacity": FLOODING}}
    return configuration([Plan(agents=agents)], own)


async def customer(server: SharedServer, name: str) -> Customer:
    """Open the widget of a tenant."""
    return await Customer(server.url, {"entry_point": f"{name}/shop-0"}).connect()


async def anna(server: SharedServer, name: str) -> Desk:
    """Open the desktop of the agent whom both tenants have."""
    token = sign(SECRETS[name], sub="anna-0", roles=["agent"], tenant=name)
    desk = await Desk(server.url, {"token": token}).connect()
    await desk.available()
    return desk


@pytest_asyncio.fixture
async def servers(tmp_path: Path) -> AsyncIterator[list[SharedServer]]:
    """Run two processes, each for both tenants."""
    with RedisServer(tmp_path) as redis:
        servers: list[SharedServer] = []
        try:
            for place in range(2):
                folder = tmp_path / f"process {place}"
                folder.mkdir()
                server = SharedServer(
                    folder, {name: tenant(name) for name in SECRETS}, engine=redis.url
                )
                servers.append(server)
                await asyncio.to_thread(server.start)
            yield servers
            for server in servers:
                await asyncio.to_thread(server.stop)
        finally:
            for server in servers:
                server.kill()


async def counted(server: SharedServer) -> dict[tuple[str, str], float]:
    """What a process counts, by metric and tenant."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/metrics") as page,
    ):
        body = await page.text()
    found: dict[tuple[str, str], float] = {}
    for name, labels, value in COUNTED.findall(body):
        of = dict(label.split("=", 1) for label in re.findall(r'\w+="[^"]*"', labels))
        key = name, of.get("tenant", "").strip('"')
        found[key] = found.get(key, 0) + float(value)
    return found


async def both_counted(servers: list[SharedServer], name: str, tenant: str) -> float:
    """What all processes counted of a tenant."""
    return sum([(await counted(server)).get((name, tenant), 0) for server in servers])


async def test_tenants_with_the_same_ids_do_not_see_each_others_numbers(
    servers: list[SharedServer],
) -> None:
    """Whoever looks at one tenant's numbers must not be told what another one's customers do."""
    here, there = servers
    async with asyncio.timeout(60):
        acme = [await customer(server, "acme") for server in (here, there, here)]
        beta = await customer(there, "beta")
        for each in acme:
            await each.do("chat.start", text="My card is 4111 1111 1111 1111")
        await beta.do("chat.start", text="Hello")
        taker = await anna(there, "acme")
        offer = (await taker.until("offer.created"))["offer"]
        await taker.do("offer.accept", offer=offer["id"])
        opened = [
            await both_counted(servers, "frontdesk_contacts_opened_total", name) for name in SECRETS
        ]
        masked = [await both_counted(servers, "frontdesk_masked_total", name) for name in SECRETS]
        active = [
            await both_counted(servers, "frontdesk_contacts_active", name) for name in SECRETS
        ]
        everybodys = [
            read
            for server in servers
            for (name, _), read in (await counted(server)).items()
            if name == "frontdesk_contacts_opened_total"
        ]
        for client in (*acme, beta, taker):
            await client.leave()

    assert opened == [3, 1]
    assert masked == [3, 0]
    assert active == [1, 0]
    assert sum(everybodys) == 4, "and nothing is counted twice"


async def test_a_tenant_that_floods_does_not_stop_its_neighbour(
    servers: list[SharedServer],
) -> None:
    """One tenant's thousands of messages are its own: the other's customers are served as ever."""
    here, there = servers
    flooding = [await customer(here, "acme") for _ in range(FLOODING)]
    talker = await anna(here, "acme")
    server = await anna(there, "beta")
    conversations: list[str] = []
    for each in flooding:
        started = await each.do("chat.start", text="Hello")
        conversations.append(started["conversation"])
        await talker.take(started["contact"])
    idle_s = await served_s(there, server)
    stop = asyncio.Event()
    floods = [
        asyncio.create_task(flood(each, conversation, stop))
        for each, conversation in zip(flooding, conversations, strict=True)
    ]
    busy_s = await served_s(here, server)
    stop.set()
    written = sum(await asyncio.gather(*floods))
    for client in (*flooding, talker, server):
        await client.lose()
    sys.stdout.write(
        f"\na chat was served in {statistics.median(idle_s) * 1_000:.0f} ms; beside a flood of"
        f" {written} messages in {statistics.median(busy_s) * 1_000:.0f} ms\n"
    )

    assert written > 100, "it was a flood"
    assert statistics.median(busy_s) < SERVED_S_MAX


async def flood(client: Customer, conversation: str, stop: asyncio.Event) -> int:
    """Write as fast as a socket takes it; the last of each burst is waited for."""
    written = 0
    while not stop.is_set():
        payload = {"conversation": conversation, "text": "flood " * 20}
        for _ in range(WRITTEN_AT_ONCE):
            await client.tell("message.send", payload)
        answer = await client.ask("message.send", payload)
        written += WRITTEN_AT_ONCE + bool(answer["ok"])
    return written


async def served_s(at: SharedServer, desk: Desk) -> list[float]:
    """How long each of some chats took to ring, one after the other."""
    took: list[float] = []
    for _ in range(CHATS):
        client = await customer(at, "beta")
        asked_s = time.monotonic()
        started = await client.do("chat.start", text="Hello")
        offer = await desk.offered(started["contact"])
        took.append(time.monotonic() - asked_s)
        await desk.do("offer.accept", offer=offer["id"])
        await client.do("chat.end", conversation=started["conversation"])
        await desk.do("contact.wrapup", contact=started["contact"], code="resolved")
        await client.leave()
    return took

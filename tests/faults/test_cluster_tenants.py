"""Two tenants share processes and a Redis, with the same ids in both: neither feels the other."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest_asyncio

from router.kernel.ids import HubId
from router.shard.formats import process_of
from router.shard.redis_link import several, text
from router.shard.redis_scripts import HUBS
from router.shard.redis_store import prefix_of
from router.shard.shares import place_of
from tests.e2e.floors import Plan, configuration
from tests.support.clients import Customer, Desk
from tests.support.redis import RedisServer, link_to
from tests.support.server import SharedServer, Toml, sign

NAMES = ("acme", "beta")
MANY = tuple(f"tenant{place}" for place in range(8))

SHARED_WITHIN_S = 12.0
"""What was just taken is kept for 5 s; who writes looks around twice a second."""

MOVED_S_MAX = 2.0
"""A tenant that moves to another process: takes some ms, and a machine may be busy."""

FLOODING = 6
"""Customers who write without waiting for an answer."""

WRITTEN_AT_ONCE = 40
CHATS = 8

SERVED_S_MAX = 1.0
"""From asking for a chat to an agent: what an assignment takes is some ms; a tenant that had to
wait for another one's flood would wait for thousands of messages."""

COUNTED = re.compile(r"^(frontdesk_[a-z_]+)\{([^}]*)\} (\S+)$", re.MULTILINE)


def secret_of(name: str) -> str:
    """What a tenant's tokens are signed with."""
    return f"the secret of {name}, long enough"


def tenant(name: str) -> dict[str, Toml]:
    """The same floor for everybody."""
    own = {"tenant": {"id": name}, "auth": {"secret": secret_of(name)}}
    agents = {"anna": {"capacity": FLOODING}}
    return configuration([Plan(agents=agents)], own)


async def customer(server: SharedServer, name: str) -> Customer:
    """Open the widget of a tenant."""
    return await Customer(server.url, {"entry_point": f"{name}/shop-0"}).connect()


async def anna(server: SharedServer, name: str) -> Desk:
    """Open the desktop of the agent whom both tenants have."""
    token = sign(secret_of(name), sub="anna-0", roles=["agent"], tenant=name)
    desk = await Desk(server.url, {"token": token}).connect()
    await desk.available()
    return desk


@asynccontextmanager
async def processes(
    folder: Path, redis: RedisServer, names: Iterable[str], *, count: int
) -> AsyncGenerator[list[SharedServer]]:
    """Prepare so many processes, each for all tenants, and start two of them."""
    servers: list[SharedServer] = []
    for place in range(count):
        own = folder / f"process {place}"
        own.mkdir()
        configurations = {name: tenant(name) for name in names}
        servers.append(SharedServer(own, configurations, engine=redis.url))
    try:
        for server in servers[:2]:
            await asyncio.to_thread(server.start)
        yield servers
        for server in servers:
            await asyncio.to_thread(server.stop)
    finally:
        for server in servers:
            server.kill()


@pytest_asyncio.fixture
async def servers(tmp_path: Path) -> AsyncIterator[list[SharedServer]]:
    """Run two processes, each for both tenants."""
    with RedisServer(tmp_path) as redis:
        async with processes(tmp_path, redis, NAMES, count=2) as servers:
            yield servers


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
            await both_counted(servers, "frontdesk_contacts_opened_total", name) for name in NAMES
        ]
        masked = [await both_counted(servers, "frontdesk_masked_total", name) for name in NAMES]
        active = [await both_counted(servers, "frontdesk_contacts_active", name) for name in NAMES]
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


# -- shares ----------------------------------------------------------------------------------------


async def test_a_process_that_joins_gets_its_share_while_everybody_chats(tmp_path: Path) -> None:
    """Another process is started because there is too much to do: it must be given some of it."""
    with RedisServer(tmp_path) as redis:
        async with processes(tmp_path, redis, MANY, count=3) as servers:
            stop = asyncio.Event()
            talks = [
                asyncio.create_task(talk(servers[place % 2], name, stop))
                for place, name in enumerate(MANY)
            ]
            joining = await joined(servers[2], redis)
            async with asyncio.timeout(SHARED_WITHIN_S):
                while await writers(redis) != firsts(await hubs(redis)):  # noqa: ASYNC110 - others
                    await asyncio.sleep(0.05)
            taken = {name for name, writer in (await writers(redis)).items() if writer == joining}
            counts = await counted(servers[2])
            await asyncio.sleep(0.5)  # they go on there
            stop.set()
            longest_s = max(await asyncio.gather(*talks))
    sys.stdout.write(
        f"\na process that joined took {len(taken)} of {len(MANY)} tenants;"
        f" nobody waited longer than {longest_s * 1_000:.0f} ms\n"
    )

    assert taken
    assert {name for name in MANY if counts["frontdesk_lease_held", name]} == taken
    assert longest_s < MOVED_S_MAX


async def joined(server: SharedServer, redis: RedisServer) -> str:
    """Start a process that comes first at some tenant, and give its name.

    Names are drawn; one in 25 comes first nowhere, and is sent away again.
    """
    before = await hubs(redis)
    while True:
        await asyncio.to_thread(server.start)
        (own,) = set(await hubs(redis)) - set(before)
        if process_of(own) in firsts([*before, own]).values():
            return process_of(own)
        await asyncio.to_thread(server.stop)


def firsts(hubs: list[HubId]) -> dict[str, str]:
    """Which process should write each tenant."""
    return {
        name: process_of(next(hub for hub in hubs if place_of(hub, hubs, shard=name) == 0))
        for name in MANY
    }


async def hubs(redis: RedisServer) -> list[HubId]:
    """Those that live."""
    link = link_to(redis.port)
    try:
        return [
            HubId(text(hub).decode()) for hub in several(await link.call("ZRANGE", HUBS, 0, -1))
        ]
    finally:
        await link.close()


async def writers(redis: RedisServer) -> dict[str, str]:
    """Which process writes each tenant; nobody where no lease lives."""
    link = link_to(redis.port)
    try:
        leases = await link.calls(*(("EXISTS", f"{prefix_of(name)}lease") for name in MANY))
        holders = await link.calls(
            *(("HGET", f"{prefix_of(name)}shard", "holder") for name in MANY)
        )
    finally:
        await link.close()
    return {
        name: text(holder).decode() if lease else ""
        for name, lease, holder in zip(MANY, leases, holders, strict=True)
    }


async def talk(server: SharedServer, name: str, stop: asyncio.Event) -> float:
    """Write to a tenant until told to stop; the longest wait for an answer."""
    client = await customer(server, name)
    conversation = (await client.do("chat.start", text="Hello"))["conversation"]
    sent: list[int] = []
    longest_s = 0.0
    while not stop.is_set():
        asked_s = time.monotonic()
        answer = await client.do("message.send", conversation=conversation, text="Still there?")
        longest_s = max(longest_s, time.monotonic() - asked_s)
        sent.append(answer["seq"])
        await asyncio.sleep(0.1)
    kept = [message["seq"] for message in await client.history(conversation)]
    await client.leave()

    assert sent == sorted(set(sent)), "none was written twice"
    assert set(sent) <= set(kept), "and none was lost"
    assert kept == list(range(1, len(kept) + 1))
    return longest_s

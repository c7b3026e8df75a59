"""The process is killed again and again while many people chat; nobody may notice but the pause."""

import asyncio
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest_asyncio

from router.kernel.model import AgentRecord, ContactRecord
from router.shard.codec import decode_message, decode_record
from tests.e2e.floors import Floor, Plan, configuration
from tests.support.server import Server
from tests.support.stored import Stored, check
from tests.support.traffic import Caller, Clerk, Ledger

KILLS = 3
CALLERS = 24
CLERKS = 8
TRAFFIC_S = 1.5
END_S_MAX = 30
GAUGE = re.compile(r'^(frontdesk_[a-z_]+)(?:\{(?:queue|(state))="([^"]*)"\})? (\S+)$', re.MULTILINE)


@pytest_asyncio.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """Run a server for one test, with agents who are short of slots."""
    agents = {f"agent{n}": {"capacity": 2} for n in range(CLERKS)}
    settings = {"presence": {"decline_pause_ms": 300}}
    server = Server(tmp_path, configuration([Plan(agents=agents)], settings))
    server.start()
    floor = Floor(server, 0)
    try:
        yield floor
        await floor.close()
        server.stop()
    finally:
        server.kill()


def copied(folder: Path, to: Path) -> Path:
    """Copy a store as the kill left it: the file and its write-ahead log."""
    to.mkdir()
    for path in folder.glob("frontdesk.sqlite*"):
        shutil.copy(path, to)
    return to / "frontdesk.sqlite"


def read_from(path: Path) -> Stored:
    """Read all that a store holds."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT is_hot, body FROM records").fetchall()
        lines = connection.execute("SELECT body FROM messages").fetchall()
    hot = [decode_record(body) for is_hot, body in rows if is_hot]
    cold = [decode_record(body) for is_hot, body in rows if not is_hot]
    return Stored(hot, cold, [decode_message(body) for (body,) in lines])


def check_one_life(stored: Stored, ledger: Ledger) -> None:
    """Hold what was promised against the store of one process."""
    check(stored, ledger)

    assert len(stored.hubs_of_connections()) <= 1, "a connection of an earlier life is still there"


async def gauges(url: str) -> dict[str, float]:
    """Read what the metrics page says of now: sums over queues, agents by state."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as page:
        text = await page.text()
    read: dict[str, float] = {}
    for name, state, label, value in GAUGE.findall(text):
        key = f"{name} {label}" if state else name
        read[key] = read.get(key, 0) + float(value)
    return read


def truth(stored: Stored) -> dict[str, float]:
    """Count what the gauges claim to count."""
    contacts = Counter(one.state for one in stored.hot if isinstance(one, ContactRecord))
    agents = Counter(one.presence.state for one in stored.hot if isinstance(one, AgentRecord))
    return {
        "frontdesk_contacts_waiting": contacts["queued"] + contacts["offered"],
        "frontdesk_contacts_active": contacts["connected"],
        "frontdesk_unmatched_seconds": 0,
        "frontdesk_inbox_depth": 0,
        "frontdesk_commands_set_aside_total": 0,
        **{f"frontdesk_agents {state}": number for state, number in agents.items()},
    }


@asynccontextmanager
async def traffic(
    floor: Floor, callers: list[Caller], clerks: list[Clerk]
) -> AsyncGenerator[list[asyncio.Task[None]]]:
    """Let everybody connect and chat; gives the callers, whose work may end."""

    async def work(clerk: Clerk) -> None:
        await clerk.run(await floor.desk(clerk.name, state=None))

    async def call(caller: Caller) -> None:
        auth = {} if caller.token is None else {"token": caller.token}
        await caller.run(await floor.customer(**auth))

    working = [asyncio.create_task(work(clerk)) for clerk in clerks]
    calling = [asyncio.create_task(call(caller)) for caller in callers]
    try:
        yield calling
    finally:
        for task in (*working, *calling):
            task.cancel()
        ended = await asyncio.gather(*working, *calling, return_exceptions=True)
    failed = [one for one in ended if isinstance(one, Exception)]

    assert not failed, failed[:3]


async def test_many_kills_in_full_traffic_lose_nothing_that_was_promised(
    floor: Floor, tmp_path: Path
) -> None:
    """Whatever the moment, an answer is a promise: messages, chats, codes and offers stay."""
    ledger = Ledger()
    callers = [Caller(ledger) for _ in range(CALLERS)]
    clerks = [Clerk(ledger, f"agent{n}") for n in range(CLERKS)]
    store = tmp_path / "frontdesk.sqlite"
    for number in range(KILLS):
        async with traffic(floor, callers, clerks) as calling:
            await asyncio.wait(calling, timeout=TRAFFIC_S, return_when="FIRST_EXCEPTION")
            floor.server.kill()
        check_one_life(read_from(copied(tmp_path, tmp_path / f"kill {number}")), ledger)
        floor.server.start()
        read = await gauges(floor.server.url)

        assert truth(read_from(store)).items() <= read.items(), "gauges stand on what was loaded"
    for caller in callers:
        caller.is_done = True
    async with traffic(floor, callers, clerks) as calling:
        await asyncio.wait_for(asyncio.gather(*calling), END_S_MAX)
        async with asyncio.timeout(END_S_MAX):
            while read_from(store).not_closed():  # noqa: ASYNC110 - another process files the codes
                await asyncio.sleep(0.1)
        read = await gauges(floor.server.url)
    stored = read_from(store)
    check_one_life(stored, ledger)

    assert truth(stored).items() <= read.items()
    assert len(ledger.started) > CALLERS, "many a chat was begun and ended"
    assert not stored.not_closed()

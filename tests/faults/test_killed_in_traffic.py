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

from router.kernel.kernel import Kernel
from router.kernel.model import AgentRecord, AnyRecord, ContactRecord, CustomerRecord, OfferRecord
from router.shard.codec import decode_message, decode_record
from tests.e2e.floors import Floor, Plan, configuration
from tests.support.server import Server
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


class Stored:
    """What a store holds, read by other means than the server's."""

    def __init__(self, path: Path) -> None:
        """Read all of it."""
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT is_hot, body FROM records").fetchall()
            lines = connection.execute(
                "SELECT conversation, body FROM messages ORDER BY conversation, seq"
            ).fetchall()
        self.hot: list[AnyRecord] = [decode_record(body) for is_hot, body in rows if is_hot]
        self.all: list[AnyRecord] = [decode_record(body) for _, body in rows]
        self.transcripts: dict[str, dict[int, str]] = {}
        for conversation, body in lines:
            message = decode_message(body)
            transcript = self.transcripts.setdefault(conversation, {})
            transcript[message.seq] = message.body.text

    @property
    def contacts(self) -> dict[str, ContactRecord]:
        """Every contact there ever was."""
        return {one.id: one for one in self.all if isinstance(one, ContactRecord)}

    @property
    def offers(self) -> dict[str, OfferRecord]:
        """Every offer there ever was."""
        return {one.id: one for one in self.all if isinstance(one, OfferRecord)}

    def hubs(self) -> set[str]:
        """The server's lives that connections are said to be of."""
        return {
            connection.hub
            for record in self.hot
            for connection in (
                record.presence.connections
                if isinstance(record, AgentRecord)
                else record.connections
                if isinstance(record, CustomerRecord)
                else ()
            )
        }


def check(stored: Stored, ledger: Ledger) -> None:
    """Hold what was promised against what is stored."""
    Kernel(stored.hot).check()

    for conversation, written in ledger.written.items():
        transcript = stored.transcripts[conversation]
        assert written.items() <= transcript.items(), "an acknowledged message is lost"
    for transcript in stored.transcripts.values():
        assert list(transcript) == list(range(1, len(transcript) + 1)), "a number is missing"
        texts = [text for text in transcript.values() if text.endswith(" end")]
        assert len(set(texts)) == len(texts), "a message is there twice"
    contacts = stored.contacts
    assert ledger.started.keys() <= contacts.keys()
    assert all(contacts[name].ended_at_ms for name in ledger.ended)
    assert ledger.offered <= stored.offers.keys()
    outcomes = Counter(offer.outcome for offer in stored.offers.values())
    assert outcomes["rona"] == 0, outcomes
    assert len(stored.hubs()) <= 1, "a connection of an earlier life is still there"


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


def not_closed(stored: Stored) -> list[str]:
    """Name the contacts that are stuck, or not yet through."""
    return [name for name, contact in stored.contacts.items() if contact.state != "closed"]


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
        check(Stored(copied(tmp_path, tmp_path / f"kill {number}")), ledger)
        floor.server.start()
        read = await gauges(floor.server.url)

        assert truth(Stored(store)).items() <= read.items(), "gauges stand on what was loaded"
    for caller in callers:
        caller.is_done = True
    async with traffic(floor, callers, clerks) as calling:
        await asyncio.wait_for(asyncio.gather(*calling), END_S_MAX)
        async with asyncio.timeout(END_S_MAX):
            while not_closed(Stored(store)):  # noqa: ASYNC110 - another process files the codes
                await asyncio.sleep(0.1)
        read = await gauges(floor.server.url)
    stored = Stored(store)
    check(stored, ledger)

    assert truth(stored).items() <= read.items()
    assert len(ledger.started) > CALLERS, "many a chat was begun and ended"
    assert not not_closed(stored)

"""Several real Frontdesk processes on one Redis, and what is stored there, read by other means."""

import asyncio
import re
import subprocess
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Protocol

import aiohttp

from router.kernel.kernel import Kernel
from router.kernel.model import AgentRecord, AnyRecord, ContactRecord, CustomerRecord, OfferRecord
from router.shard.codec import decode_message
from router.shard.redis_batch import records_of
from router.shard.redis_inbox import entries_of
from router.shard.redis_link import number, several, text
from tests.support.forked import Copy
from tests.support.redis import ask, link_to
from tests.support.server import ROOT, Server, Toml
from tests.support.traffic import Ledger

PREFIX = "fd:{main}:"
FOUND_WITHIN_S = 15.0
GAUGE = re.compile(r"^(frontdesk_[a-z_]+)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


class Member(Server):
    """One process, which may run another program."""

    def __init__(
        self,
        program: Sequence[str],
        folder: Path,
        configuration: Mapping[str, Toml],
        *,
        engine: str,
    ) -> None:
        """Nothing runs until ``start``; without a ``program`` it is Frontdesk itself."""
        super().__init__(folder, configuration, engine=engine)
        self._program = program

    def begin(self, command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes] | Copy:
        """Start the program."""
        if not self._program:
            return super().begin(command, output)
        return subprocess.Popen(
            [*self._program, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )


class Cluster:
    """Processes that serve one tenant, each on a port of its own.

    Attributes:
        members: All of them, whether they run or not.
        redis_port: Where the Redis server is that writes now.
    """

    def __init__(self, members: Iterable[Server], redis_port: int) -> None:
        """Nothing runs until `start`."""
        self.members = list(members)
        self.redis_port = redis_port

    @classmethod
    def of(
        cls,
        folder: Path,
        configuration: Mapping[str, Toml],
        *,
        engines: Sequence[str],
        redis_port: int,
        program: Sequence[str] = (),
    ) -> "Cluster":
        """Prepare processes of one configuration, each with the address of its engine.

        ``program`` is what they run when it is not Frontdesk itself.
        """
        members: list[Server] = []
        for place, engine in enumerate(engines):
            own = folder / f"process {place}"
            own.mkdir()
            members.append(Member(program, own, configuration, engine=engine))
        return cls(members, redis_port)

    async def start(self) -> None:
        """Start all, one after the other."""
        for member in self.members:
            await asyncio.to_thread(member.start)

    def urls(self) -> list[str]:
        """Where clients may try: a process that is away refuses them, as a balancer would find."""
        return [member.url for member in self.members if member.url]

    async def epoch(self) -> int:
        """How often somebody became the writer."""
        return int(await ask(self.redis_port, "HGET", f"{PREFIX}shard", "epoch") or b"0")

    async def writer(self) -> Server:
        """The process that writes."""
        async with asyncio.timeout(FOUND_WITHIN_S):
            while True:
                for member in self.members:
                    if (await metrics(member.url)).get("frontdesk_lease_held"):
                        return member
                await asyncio.sleep(0.02)

    async def until_another_writes(self, epoch: int) -> None:
        """Wait until somebody became the writer after an epoch."""
        async with asyncio.timeout(FOUND_WITHIN_S):
            while await self.epoch() <= epoch:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        """End all as an operator would; none may have met a bug."""
        for member in self.members:
            member.ask_to_stop()
        for member in self.members:
            member.stop()

    def kill(self) -> None:
        """End all where they stand."""
        for member in self.members:
            member.kill()


@asynccontextmanager
async def running(cluster: Cluster) -> AsyncGenerator[Cluster]:
    """Run processes; they must end well."""
    try:
        await cluster.start()
        yield cluster
        await asyncio.to_thread(cluster.stop)
    finally:
        cluster.kill()


async def metrics(url: str) -> dict[str, float]:
    """The numbers of a process, summed over labels; none of one that is away or stands still."""
    read: dict[str, float] = {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
            session.get(f"{url}/metrics") as page,
        ):
            body = await page.text()
    except (OSError, aiohttp.ClientError, TimeoutError):
        return read
    for name, value in GAUGE.findall(body):
        read[name] = read.get(name, 0) + float(value)
    return read


async def interruptions(writer: Server) -> float:
    """How often a process lost its way to the store in the middle of something."""
    return (await metrics(writer.url)).get("frontdesk_interruptions_total", 0)


class Stored:
    """What a shard holds on Redis at one moment."""

    def __init__(self) -> None:
        """Made by `read`."""
        self.hot: list[AnyRecord] = []
        self.all: list[AnyRecord] = []
        self.transcripts: dict[str, dict[int, str]] = {}
        self.epochs: list[int] = []
        self.hubs: set[str] = set()

    @classmethod
    async def read(cls, port: int) -> "Stored":
        """Read all of it at once, while others write."""
        link = link_to(port)
        stored = cls()
        try:
            said, hot, cold, log, hubs = await link.calls(
                ("HVALS", f"{PREFIX}said"),
                ("HVALS", f"{PREFIX}hot"),
                ("HVALS", f"{PREFIX}cold"),
                ("XRANGE", f"{PREFIX}log", "-", "+"),
                ("ZRANGE", "fd:hubs", "0", "-1"),
            )
        finally:
            await link.close()
        stored.hot = records_of(several(hot))
        stored.all = stored.hot + records_of(several(cold))
        stored.epochs = [number(fields[b"t"].split(b":")[0]) for _, fields in entries_of(log)]
        stored.hubs = {text(each).decode() for each in several(hubs)}
        for line in several(said):
            message = decode_message(text(line))
            transcript = stored.transcripts.setdefault(message.conversation, {})
            transcript[message.seq] = message.body.text
        return stored

    @property
    def contacts(self) -> dict[str, ContactRecord]:
        """Every contact there ever was."""
        return {one.id: one for one in self.all if isinstance(one, ContactRecord)}

    @property
    def offers(self) -> dict[str, OfferRecord]:
        """Every offer there ever was."""
        return {one.id: one for one in self.all if isinstance(one, OfferRecord)}

    @property
    def agents(self) -> dict[str, AgentRecord]:
        """Every agent."""
        return {one.id: one for one in self.all if isinstance(one, AgentRecord)}

    def hubs_of_connections(self) -> set[str]:
        """The hubs that connections are said to be at."""
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
        transcript = stored.transcripts.get(conversation, {})
        assert written.items() <= transcript.items(), "an acknowledged message is lost"
    for transcript in stored.transcripts.values():
        assert sorted(transcript) == list(range(1, len(transcript) + 1)), "a number is missing"
        texts = [text for text in transcript.values() if text.endswith(" end")]
        assert len(set(texts)) == len(texts), "a message is there twice"
    contacts = stored.contacts
    assert ledger.started.keys() <= contacts.keys(), "an acknowledged chat is lost"
    for conversation in ledger.started.values():
        begun = [one for one in contacts.values() if one.conversation == conversation]
        assert len(begun) == 1, "a chat was begun twice"
    assert all(contacts[name].ended_at_ms for name in ledger.ended), "an end was taken back"
    assert ledger.offered <= stored.offers.keys(), "an offer is lost"
    outcomes = Counter(offer.outcome for offer in stored.offers.values())
    assert outcomes["rona"] == 0, outcomes
    assert stored.epochs == sorted(stored.epochs), "a writer that was fenced out wrote"


class Kept(Protocol):
    """Whatever keeps its contacts on a Redis server."""

    @property
    def redis_port(self) -> int:
        """Where that is."""
        ...


async def check_now(cluster: Kept, ledger: Ledger) -> Stored:
    """Check what is stored now against what was promised until now."""
    promised = Ledger()
    promised.written = {name: dict(written) for name, written in ledger.written.items()}
    promised.started = dict(ledger.started)
    promised.ended, promised.offered = set(ledger.ended), set(ledger.offered)
    stored = await Stored.read(cluster.redis_port)
    check(stored, promised)
    return stored


async def check_settled(cluster: Kept, ledger: Ledger) -> None:
    """Check when everybody has gone: nothing is stuck, and no dead process is said to hold anybody.

    Raises:
        TimeoutError: Something is stuck.
    """
    async with asyncio.timeout(FOUND_WITHIN_S):
        while True:
            stored = await check_now(cluster, ledger)
            stuck = [name for name, one in stored.contacts.items() if one.state != "closed"]
            if not stuck and stored.hubs_of_connections() <= stored.hubs:
                return
            await asyncio.sleep(0.1)

"""Several real Frontdesk processes on one Redis, and what is stored there, read by other means."""

import asyncio
import re
import subprocess
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Protocol

import aiohttp

from router.shard import redis_server
from router.shard.codec import decode_message
from router.shard.redis_batch import records_of
from router.shard.redis_inbox import entries_of
from router.shard.redis_link import number, several, text
from tests.support.forked import Copy
from tests.support.redis import ask, link_to
from tests.support.server import ROOT, Server, Toml, environment
from tests.support.stored import Stored, check
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
        self._prepare: Callable[[], None] | None = None

    def become(self, prepare: Callable[[], None]) -> None:
        """Be changed so from the next start on."""
        self._prepare = prepare

    def begin(self, command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes] | Copy:
        """Start the program."""
        if not self._program:
            return Copy(command, self.output, environment(), ROOT, prepare=self._prepare)
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

    async def format(self) -> int:
        """The highest format that anybody wrote in."""
        return int(await ask(self.redis_port, "HGET", f"{PREFIX}shard", "version") or b"0")

    async def interruptions(self) -> float:
        """How often processes lost their way to the store in the middle of something."""
        read = [await metrics(member.url) for member in self.members]
        return sum(each.get("frontdesk_interruptions_total", 0) for each in read)

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


class Shared(Stored):
    """What a shard holds on Redis at one moment.

    Attributes:
        epochs: Of the entries of its log, in their order.
        hubs: Those that live.
    """

    epochs: list[int]
    hubs: set[str]

    @classmethod
    async def read(cls, port: int) -> "Shared":
        """Read all of it while others write, in the order in which nothing can be missed."""
        link = link_to(port)
        try:
            said = await link.call("HVALS", f"{PREFIX}said")
            hot = await link.call("HVALS", f"{PREFIX}hot")
            cold = await link.call("HVALS", f"{PREFIX}cold")  # what cools down meanwhile is in both
            log = await link.call("XRANGE", f"{PREFIX}log", "-", "+")
            hubs = await link.call("ZRANGE", "fd:hubs", "0", "-1")
        finally:
            await link.close()
        lines = [decode_message(text(line)) for line in several(said)]
        stored = cls(records_of(several(hot)), records_of(several(cold)), lines)
        stored.epochs = [number(fields[b"t"].split(b":")[0]) for _, fields in entries_of(log)]
        stored.hubs = {text(each).decode() for each in several(hubs)}
        return stored


async def bodies_of(url: str, kind: str) -> list[bytes]:
    """All records of one kind that a Redis server holds, as they are written there."""
    link = redis_server.Server(url).link()
    try:
        kept = await link.calls(("HGETALL", f"{PREFIX}hot"), ("HGETALL", f"{PREFIX}cold"))
    finally:
        await link.close()
    flat = [text(word) for each in kept for word in several(each)]
    named = zip(flat[::2], flat[1::2], strict=True)
    return [body for name, body in named if name.startswith(f"{kind}:".encode())]


class Kept(Protocol):
    """Whatever keeps its contacts on a Redis server."""

    @property
    def redis_port(self) -> int:
        """Where that is."""
        ...


async def check_now(cluster: Kept, ledger: Ledger) -> Shared:
    """Check what is stored now against what was promised until now."""
    promised = Ledger()
    promised.written = {name: dict(written) for name, written in ledger.written.items()}
    promised.started = dict(ledger.started)
    promised.ended, promised.offered = set(ledger.ended), set(ledger.offered)
    stored = await Shared.read(cluster.redis_port)
    check(stored, promised)

    assert stored.epochs == sorted(stored.epochs), "a writer that was fenced out wrote"
    return stored


async def check_settled(cluster: Kept, ledger: Ledger) -> None:
    """Check when everybody has gone: nothing is stuck, and no dead process is said to hold anybody.

    Raises:
        TimeoutError: Something is stuck.
    """
    async with asyncio.timeout(FOUND_WITHIN_S):
        while True:
            stored = await check_now(cluster, ledger)
            if not stored.not_closed() and stored.hubs_of_connections() <= stored.hubs:
                return
            await asyncio.sleep(0.1)

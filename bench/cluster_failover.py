"""How long nothing is acked when the process that writes is killed, replaced, or stopped.

Two processes are looked after by a third. While that one is asleep nobody gives up what a killed
process held: it must run out.
"""

import asyncio
import os
import re
import signal
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Literal

import aiohttp

from bench.people import Customer, House
from bench.processes import Cluster
from bench.wire import Refused
from tests.support.redis import RedisServer, ask

Fault = Literal["kill", "supervised", "graceful"]
FAULTS: tuple[Fault, ...] = ("kill", "supervised", "graceful")

PROBES = 8
"""Customers who write all the time; the system hands them out among the processes."""

BETWEEN_S = 0.005
SETTLED_S = 2.0
"""Longer than a new process needs to be given what it should write."""

PATIENCE_S = 60.0
ACKED_AFTER = 5
"""Answers from when somebody else writes until a round is over."""

HELD = re.compile(r"^frontdesk_lease_held(?:\{.*\})? (\S+)$", re.MULTILINE)


class Probes:
    """Who writes, and when they were answered."""

    def __init__(self, url: str, house: House) -> None:
        """Nobody writes yet."""
        self.acked_s: list[float] = []
        self._url = url
        self._house = house
        self._running: set[asyncio.Task[None]] = set()

    async def fill(self) -> None:
        """Let others come for those whose connection ended."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self._running) < PROBES:
                with suppress(OSError, Refused, TimeoutError):
                    await self._come()

    async def _come(self) -> None:
        customer = Customer(self._house)
        await customer.arrive(self._url)
        answer = await customer.socket.ask("chat.start", {})
        writing = self._write(customer, answer["conversation"])
        task = asyncio.get_running_loop().create_task(writing)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _write(self, customer: Customer, conversation: str) -> None:
        payload = {"conversation": conversation, "text": "Is anybody there?"}
        with suppress(OSError, TimeoutError):
            while True:
                with suppress(Refused):
                    await customer.socket.ask("message.send", payload)
                    self.acked_s.append(perf_counter())
                await asyncio.sleep(BETWEEN_S)

    @property
    def count(self) -> int:
        """How many are still connected."""
        return len(self._running)

    async def end(self) -> None:
        """Let nobody write any more."""
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class Failover:
    """A cluster of two, and rounds of faults."""

    def __init__(self, cluster: Cluster, redis: RedisServer, house: House) -> None:
        """It runs already."""
        self._cluster = cluster
        self._redis = redis
        self._house = house
        self._probes = Probes(cluster.url, house)

    async def round(self, fault: Fault) -> float | None:
        """The longest silence from a fault on, in ms; None when nobody was left to hear it."""
        await self._settled()
        await self._probes.fill()
        victim, epoch = await self._writer(), await self._epoch()
        began_s = perf_counter()
        if fault == "kill":
            os.kill(self._cluster.pid, signal.SIGSTOP)
        try:
            os.kill(victim, signal.SIGTERM if fault == "graceful" else signal.SIGKILL)
            is_heard = await self._passed_on(epoch)
        finally:
            os.kill(self._cluster.pid, signal.SIGCONT)
        if not is_heard:
            return None
        times = [began_s, *(at_s for at_s in self._probes.acked_s if at_s > began_s)]
        return max(b - a for a, b in pairwise(times)) * 1e3

    async def _passed_on(self, epoch: int) -> bool:
        """Wait until another process writes and answers; false when no probe is connected to it."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._epoch() == epoch:  # noqa: ASYNC110 - other processes tell nothing
                await asyncio.sleep(BETWEEN_S)
            wanted = len(self._probes.acked_s) + ACKED_AFTER
            while self._probes.count and len(self._probes.acked_s) < wanted:  # noqa: ASYNC110
                await asyncio.sleep(BETWEEN_S)
        return self._probes.count > 0

    async def _epoch(self) -> int:
        return int(await ask(self._redis.port, "HGET", self._key, "epoch"))

    @property
    def _key(self) -> str:
        return f"fd:{{{self._house.tenant}}}:shard"

    async def _settled(self) -> None:
        """Wait until all processes serve, and nothing is passed on any more."""
        async with asyncio.timeout(PATIENCE_S):
            while len(await self._held()) < len(self._cluster.metrics_ports):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLED_S)

    async def _writer(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for pid, held in (await self._held()).items():
                    if held:
                        return pid
                await asyncio.sleep(0.1)

    async def _held(self) -> dict[int, float]:
        """How many leases each process has that serves."""
        found: dict[int, float] = {}
        async with aiohttp.ClientSession() as session:
            for port, pid in self._cluster.members().items():
                with suppress(OSError, aiohttp.ClientError):
                    page = await session.get(f"http://127.0.0.1:{port}/metrics")
                    found[pid] = sum(map(float, HELD.findall(await page.text())))
        return found

    async def end(self) -> None:
        """Let nobody write any more."""
        await self._probes.end()


async def failovers(folder: Path, *, rounds: int) -> dict[Fault, list[float]]:
    """So many rounds of each fault, in turns."""
    house = House("shop", "a secret of the shop, long enough for HS256")
    found: dict[Fault, list[float]] = {fault: [] for fault in FAULTS}
    with RedisServer(folder) as redis:
        cluster = Cluster(folder, redis.url, processes=2, houses=[house], agents=1)
        cluster.start()
        failover = Failover(cluster, redis, house)
        try:
            while any(len(rounds_of) < rounds for rounds_of in found.values()):
                fault = min(FAULTS, key=lambda one: len(found[one]))
                silence_ms = await failover.round(fault)
                if silence_ms is not None:
                    print(f"{fault}: {silence_ms:.0f} ms", flush=True)
                    found[fault].append(silence_ms)
            await failover.end()
            cluster.stop()
        finally:
            cluster.kill()
    return found

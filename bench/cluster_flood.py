"""What one tenant's flood does to another one's customers: each takes turns with quiet moments."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.people import Agent, Customer, House, arrive_all
from bench.processes import TICKS_PER_S, Cluster, Measured, cpu_s_of
from tests.support.redis import RedisServer

CAPACITY = 10_000

ROUNDS = 4
ROUNDS_MAX = 16
STOLEN_MAX = 0.01
"""Of the machine: rounds in which its host gave more to others are played again, up to so often."""

CHATS = 75
"""Of the quiet tenant in each part of a round: three of all are beyond the 99th percentile."""

PER_S = 1_000
"""Messages that are sent: four times what the limits let through of so many customers."""

SPENT_S_MAX = 60.0
"""Until what customers may send at once is used up, and until all that was sent is answered."""


class Assigned(NamedTuple):
    """From when a chat was asked for until an agent had it, in ms."""

    p50: float
    p99: float


class Flooded(NamedTuple):
    """The quiet tenant alone and beside the flood, and what went on meanwhile, each second.

    Attributes:
        stolen: What part of the machine its host gave to others, in the worst round.
        busy: Cores that Frontdesk and Redis used together beside the flood.
        flooder: Cores that the flood itself used.
    """

    alone: Assigned
    beside: Assigned
    stolen: float
    sent: float
    taken: float
    refused: float
    busy: float
    flooder: float


class _Round(NamedTuple):
    """What `flooded` adds up, of one round."""

    stolen: float
    alone: list[float]
    beside: list[float]
    used: list[float]

    @property
    def is_quiet(self) -> bool:
        """The machine had what it seemed to have."""
        return self.stolen <= STOLEN_MAX


async def flooded(folder: Path, quiet: House, loud: House) -> Flooded:
    """Let customers of a quiet tenant come one by one, with and without a flood of another."""
    quiet = quiet._replace(capacity=CAPACITY)
    with RedisServer(folder, "--appendonly", "yes", "--appendfsync", "everysec") as redis:
        cluster = Cluster(
            folder, redis.url, processes=2, houses=[quiet, loud], agents=50, is_limited=True
        )
        cluster.start()
        words = (sys.executable, "-m", "bench.flood", cluster.url, loud.tenant, loud.secret)
        flood = Measured((*words, "--per-s", str(PER_S)), folder / "flood.txt")
        try:
            agents = [Agent("agent0", quiet)]
            await arrive_all(agents, cluster.url)
            await agents[0].socket.ask("presence.set", {"state": "available"})
            flood.start()
            return _summed(await _rounds(cluster, redis, flood, quiet))
        finally:
            flood.kill()
            cluster.kill()


async def _rounds(
    cluster: Cluster, redis: RedisServer, flood: Measured, quiet: House
) -> list[_Round]:
    """Play rounds until enough were undisturbed, and give the least disturbed ones."""
    rounds: list[_Round] = []
    while len(rounds) < ROUNDS_MAX and sum(each.is_quiet for each in rounds) < ROUNDS:
        rounds.append(await _round(cluster, redis, flood, quiet))
    return sorted(rounds, key=lambda each: each.stolen)[:ROUNDS]


async def _round(cluster: Cluster, redis: RedisServer, flood: Measured, quiet: House) -> _Round:
    await _until(partial(_has_refused, flood, _counted(flood)[-1] + PER_S // 2))
    host, before = _host_s(), _used(cluster, redis, flood)
    beside = await assigned(cluster.url, quiet)
    after = _used(cluster, redis, flood)
    os.kill(flood.pid, signal.SIGUSR1)
    await _until(lambda: _counted(flood)[0] == sum(_counted(flood)[1:]))
    alone = await assigned(cluster.url, quiet)
    os.kill(flood.pid, signal.SIGUSR2)
    all_s, stolen_s = (then - now for then, now in zip(_host_s(), host, strict=True))
    used = [then - now for then, now in zip(after, before, strict=True)]
    return _Round(stolen_s / all_s, alone, beside, used)


def _host_s() -> tuple[float, float]:
    """Time of all processors, and what of it others than this machine had (proc(5))."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split()[1:9]]
    return sum(ticks) / TICKS_PER_S, ticks[7] / TICKS_PER_S


def _used(cluster: Cluster, redis: RedisServer, flood: Measured) -> Sequence[float]:
    """The time, what the flood counted, and the processor time of everybody."""
    busy_s = cluster.cpu_s() + cpu_s_of(redis.process.pid)
    return perf_counter(), *_counted(flood), busy_s, flood.cpu_s()


def _counted(flood: Measured) -> list[int]:
    """How many messages were sent, taken and refused."""
    said = flood.output.read_text().rpartition("\n")[0]  # the last line may not be whole yet
    counts = [line.split() for line in said.splitlines()[1:]]
    return [int(word) for word in counts[-1]] if counts else [0, 0, 0]


def _has_refused(flood: Measured, count: int) -> bool:
    return _counted(flood)[-1] > count


async def _until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SPENT_S_MAX):
        while not is_true():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.1)


async def assigned(url: str, where: House) -> list[float]:
    """Let customers come, one after the other: ms until each has an agent."""
    found_ms: list[float] = []
    for _ in range(CHATS):
        customer = Customer(where)
        await customer.arrive(url)
        began_s = perf_counter()
        await customer.start()
        found_ms.append((perf_counter() - began_s) * 1e3)
        customer.socket.wire.abort()
    return found_ms


def _summed(rounds: list[_Round]) -> Flooded:
    took_s, *counted = (sum(each) for each in zip(*(each.used for each in rounds), strict=True))
    return Flooded(
        _of([ms for each in rounds for ms in each.alone]),
        _of([ms for each in rounds for ms in each.beside]),
        max(each.stolen for each in rounds),
        *(each / took_s for each in counted),
    )


def _of(found_ms: list[float]) -> Assigned:
    found_ms.sort()
    return Assigned(found_ms[len(found_ms) // 2], found_ms[int((len(found_ms) - 1) * 0.99)])

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
from bench.processes import Cluster, Measured, cpu_s_of
from tests.support.redis import RedisServer

CAPACITY = 10_000

ROUNDS = 4
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
        busy: Cores that Frontdesk and Redis used together beside the flood.
        flooder: Cores that the flood itself used.
    """

    alone: Assigned
    beside: Assigned
    sent: float
    taken: float
    refused: float
    busy: float
    flooder: float


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
            return await _turns(cluster, redis, flood, quiet)
        finally:
            flood.kill()
            cluster.kill()


async def _turns(cluster: Cluster, redis: RedisServer, flood: Measured, quiet: House) -> Flooded:
    alone: list[float] = []
    beside: list[float] = []
    used = [0.0] * 6
    for _ in range(ROUNDS):
        await _until(partial(_has_refused, flood, _counted(flood)[-1] + PER_S // 2))
        before = _used(cluster, redis, flood)
        beside += await assigned(cluster.url, quiet)
        after = _used(cluster, redis, flood)
        used = [sum(each) for each in zip(used, after, (-one for one in before), strict=True)]
        os.kill(flood.pid, signal.SIGUSR1)
        await _until(lambda: _counted(flood)[0] == sum(_counted(flood)[1:]))
        alone += await assigned(cluster.url, quiet)
        os.kill(flood.pid, signal.SIGUSR2)
    took_s, *counted = used
    return Flooded(_of(alone), _of(beside), *(each / took_s for each in counted))


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


def _of(found_ms: list[float]) -> Assigned:
    found_ms.sort()
    return Assigned(found_ms[len(found_ms) // 2], found_ms[int((len(found_ms) - 1) * 0.99)])

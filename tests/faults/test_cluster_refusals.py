"""A Redis server that refuses, loads, forgets, goes silent or is cut off, under people who chat.

The server itself is real and says all this by itself; each time it must have been met.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

import pytest_asyncio

from router.shard.engine import EngineError
from tests.support.cluster import Cluster, metrics, running
from tests.support.endure import endure, processes, told
from tests.support.redis import Between, RedisServer, ask, free_port
from tests.support.server import Server

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
REFUSALS = 20 if IS_LONG else 3
LOST_REPLIES = 100 if IS_LONG else 5
PARTITIONS = 20 if IS_LONG else 3

MET_WITHIN_S = 10.0

CUT_OFF_S = (1.8, 2.6)
"""Longer than a lease."""

SLOWLY = ("--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024")
"""So much time for each key, in us: a large store takes long to load."""


class Refused:
    """Two processes on a Redis server, each with a line of its own to it.

    Attributes:
        redis: The server.
        lines: Each process's way to it.
        cluster: The processes.
    """

    def __init__(self, redis: RedisServer, lines: list[Between], cluster: Cluster) -> None:
        """Take all that runs."""
        self.redis = redis
        self.lines = lines
        self.cluster = cluster

    async def writer(self) -> tuple[Server, Between]:
        """The process that writes, and its line."""
        writer = await self.cluster.writer()
        return writer, self.lines[self.cluster.members.index(writer)]


@pytest_asyncio.fixture
async def refused(tmp_path: Path) -> AsyncIterator[Refused]:
    """Run them."""
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(RedisServer(tmp_path))
        lines = [await stack.enter_async_context(Between(redis.port)) for _ in range(2)]
        cluster = processes(tmp_path, [line.url for line in lines], redis.port)
        await stack.enter_async_context(running(cluster))
        yield Refused(redis, lines, cluster)


async def until_met(redis: RedisServer, error: str) -> None:
    """Wait until the server has refused somebody with this error since its counters were reset."""
    async with asyncio.timeout(MET_WITHIN_S):
        while True:
            with suppress(EngineError):  # it does not say while it loads
                if f"errorstat_{error}:" in (await ask(redis.port, "INFO", "errorstats")).decode():
                    return
            await asyncio.sleep(0.01)


async def become_a_replica(redis: RedisServer) -> None:
    """Writes are refused; what it holds stays, for nobody is there to copy from."""
    await ask(redis.port, "REPLICAOF", "127.0.0.1", free_port())
    await until_met(redis, "READONLY")
    await ask(redis.port, "REPLICAOF", "NO", "ONE")


async def be_full(redis: RedisServer) -> None:
    """Whatever needs memory is refused."""
    await ask(redis.port, "CONFIG", "SET", "maxmemory", 1)
    await until_met(redis, "OOM")
    await ask(redis.port, "CONFIG", "SET", "maxmemory", 0)


async def forget_the_scripts(redis: RedisServer) -> None:
    """As after a restart."""
    await ask(redis.port, "SCRIPT", "FLUSH")
    await until_met(redis, "NOSCRIPT")


async def load_for_long(redis: RedisServer) -> None:
    """It is there, and answers only that it loads."""
    with suppress(EngineError):
        await ask(redis.port, "SHUTDOWN", "SAVE")
    await asyncio.to_thread(redis.process.wait)
    await asyncio.to_thread(redis.start, *SLOWLY)
    await until_met(redis, "LOADING")


FAULTS: tuple[Callable[[RedisServer], Awaitable[None]], ...] = (
    become_a_replica,
    be_full,
    forget_the_scripts,
    load_for_long,
)


async def test_a_redis_that_refuses_for_a_while_takes_nothing_back(refused: Refused) -> None:
    """Whoever asks meanwhile is answered later; what was answered before holds."""

    async def refuse(fault: Callable[[RedisServer], Awaitable[None]]) -> None:
        await ask(refused.redis.port, "CONFIG", "RESETSTAT")
        await fault(refused.redis)

    faults = [partial(refuse, fault) for fault in FAULTS] * REFUSALS
    gaps_ms = await endure(refused.cluster, faults, seed=5)
    for place, fault in enumerate(FAULTS):
        told(f"Redis had to {fault.__name__.replace('_', ' ')}", gaps_ms[place :: len(FAULTS)])


async def test_replies_that_are_lost_after_a_script_ran_change_nothing(refused: Refused) -> None:
    """What was done is found by looking: it is neither done again nor forgotten."""

    async def lose() -> None:
        _, line = await refused.writer()
        before = await refused.cluster.interruptions()
        line.is_losing = True
        async with asyncio.timeout(MET_WITHIN_S):
            while await refused.cluster.interruptions() == before:
                pass
        line.is_losing = False

    told("replies were lost", await endure(refused.cluster, [lose] * LOST_REPLIES, seed=6))


async def test_a_writer_that_is_parted_from_redis_is_followed_and_fenced_out(
    refused: Refused,
) -> None:
    """What it sent before arrives when another writes: it must have no effect then."""

    async def part(for_s: float) -> None:
        (writer, line), epoch = await refused.writer(), await refused.cluster.epoch()
        line.whole.clear()
        try:
            await asyncio.sleep(for_s)
            await refused.cluster.until_another_writes(epoch)
            held = (await metrics(writer.url))["frontdesk_lease_held"]
        finally:
            line.whole.set()

        assert held == 0, "it knew by itself before another one wrote"

    partitions = [partial(part, CUT_OFF_S[place % len(CUT_OFF_S)]) for place in range(PARTITIONS)]
    told("the writer was parted from Redis", await endure(refused.cluster, partitions, seed=7))

    assert await refused.cluster.interruptions() >= PARTITIONS, "each noticed that it was"

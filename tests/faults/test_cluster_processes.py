"""Processes that share a Redis are killed, stopped and restarted under people who chat.

Each fault is met several times, many more in long runs, and after each everything that was promised
is looked for in what Redis holds.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.cluster import Cluster, running
from tests.support.endure import Fault, endure, processes, told
from tests.support.redis import RedisServer

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
KILLS = 100 if IS_LONG else 3
PAUSES = 50 if IS_LONG else 3
RESTARTS = 10 if IS_LONG else 3

TTL_S = 1.5

PAUSES_S = (1.8, 2.4, 3.6)
"""Longer than a lease; the last one longer than a hub may be silent, too."""

UNFENCED = (sys.executable, "-m", "tests.support.unfenced")


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    """Run two processes on a Redis server of their own."""
    with RedisServer(tmp_path) as redis:
        async with running(processes(tmp_path, [redis.url] * 2, redis.port)) as cluster:
            yield cluster


async def test_a_writer_that_is_killed_is_followed_by_another(cluster: Cluster) -> None:
    """Whatever it was about to do, what it answered holds, and what it did not is asked again."""

    async def kill() -> None:
        writer, epoch = await cluster.writer(), await cluster.epoch()
        writer.kill()
        await cluster.until_another_writes(epoch)
        await asyncio.to_thread(writer.start)

    gaps_ms = await endure(cluster, [kill] * KILLS, seed=1)
    told("the writer was killed", gaps_ms)

    assert max(gaps_ms) > TTL_S * 1_000 / 2, "somebody was waited for"


def pauses(cluster: Cluster) -> list[Fault]:
    """Whoever writes stands still for longer than its lease."""

    async def pause(for_s: float) -> None:
        writer, epoch = await cluster.writer(), await cluster.epoch()
        os.kill(writer.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(for_s)
            await cluster.until_another_writes(epoch)
        finally:
            os.kill(writer.pid, signal.SIGCONT)

    return [partial(pause, PAUSES_S[place % len(PAUSES_S)]) for place in range(PAUSES)]


async def test_a_writer_that_stood_still_is_fenced_out(cluster: Cluster) -> None:
    """It wakes up in the belief that it writes; nothing that it does then has an effect."""
    gaps_ms = await endure(cluster, pauses(cluster), seed=2)
    told("the writer stood still and was fenced out", gaps_ms)

    assert await cluster.interruptions() >= PAUSES, "each noticed that it was"


async def test_without_the_fence_the_same_pauses_break_what_was_promised(tmp_path: Path) -> None:
    """Two who write at the same time lose messages: these checks notice, so they mean something."""
    with RedisServer(tmp_path) as redis:
        cluster = processes(tmp_path, [redis.url] * 2, redis.port, program=UNFENCED)
        try:
            await cluster.start()
            with pytest.raises(AssertionError) as noticed:
                await endure(cluster, pauses(cluster), seed=2)
        finally:
            cluster.kill()

    sys.stdout.write(f"\nwithout the fence: {str(noticed.value).splitlines()[0]}\n")


async def test_all_processes_are_restarted_one_by_one(cluster: Cluster) -> None:
    """A new version is rolled out in the middle of the day; nobody is lost."""

    async def restart(place: int) -> None:
        member = cluster.members[place]
        member.ask_to_stop()
        code = await asyncio.to_thread(member.wait)
        await asyncio.to_thread(member.start)

        assert code == 0

    restarts = [partial(restart, place) for place in (0, 1)] * RESTARTS
    told("a process was restarted", await endure(cluster, restarts, seed=8))

"""Processes that share a Redis are killed, stopped and restarted under people who chat.

Each fault is met several times, many more in long runs, and after each everything that was promised
is looked for in what Redis holds.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.floors import Plan, configuration
from tests.support.cluster import Cluster, check_now, check_settled, metrics, told
from tests.support.crowd import Crowd
from tests.support.redis import RedisServer

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
KILLS = 100 if IS_LONG else 3
PAUSES = 50 if IS_LONG else 3
RESTARTS = 10 if IS_LONG else 3

CALLERS = 6
CLERKS = 3
TTL_S = 1.5

PAUSES_S = (1.8, 2.4, 3.6)
"""Longer than a lease; the last one longer than a hub may be silent, too."""

TRAFFIC_S = (0.1, 0.5)
"""Between two faults: they hit people in the middle of something else each time."""

OFFERS = {"offer_timeout_ms": 8_000}
"""Longer than anybody here is away, shorter than a test: who is not waited for shows as RONA."""


UNFENCED = (sys.executable, "-m", "tests.support.unfenced")


@pytest.fixture
def program() -> tuple[str, ...]:
    """The program that runs; none given is the real one."""
    return ()


@pytest_asyncio.fixture
async def cluster(tmp_path: Path, program: tuple[str, ...]) -> AsyncIterator[Cluster]:
    """Run two processes on a Redis server of their own."""
    agents = {f"agent{place}": {"capacity": 3} for place in range(CLERKS)}
    plan = Plan(agents=agents, queues={"support": OFFERS})
    with RedisServer(tmp_path) as redis:
        cluster = Cluster.of(
            tmp_path,
            configuration([plan], {"presence": {"decline_pause_ms": 300}}),
            engine=redis.url,
            redis_port=redis.port,
            size=2,
            program=program,
        )
        try:
            await cluster.start()
            yield cluster
            if not program:
                cluster.stop()
        finally:
            cluster.kill()


async def test_a_writer_that_is_killed_is_followed_by_another(cluster: Cluster) -> None:
    """Whatever it was about to do, what it answered holds, and what it did not is asked again."""
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    moments = random.Random(1)
    gaps_ms: list[float] = []
    async with crowd.at(cluster.urls):
        await crowd.until_all_resumed()
        for _ in range(KILLS):
            await asyncio.sleep(moments.uniform(*TRAFFIC_S))
            writer, epoch = await cluster.writer(), await cluster.epoch()
            killed_s = time.monotonic()
            writer.kill()
            await cluster.until_another_writes(epoch)
            await crowd.until_all_resumed()
            gaps_ms.append(crowd.pulse.silence_ms(killed_s))
            await check_now(cluster, crowd.ledger)
            await asyncio.to_thread(writer.start)
        await crowd.finish()
        await check_settled(cluster, crowd.ledger)
    told("the writer was killed", gaps_ms)

    assert max(gaps_ms) > TTL_S * 1_000 / 2, "somebody was waited for"


async def test_a_writer_that_stood_still_is_fenced_out(cluster: Cluster) -> None:
    """It wakes up in the belief that it writes; nothing that it does then has an effect."""
    gaps_ms = await pause_writers(cluster, PAUSES)
    told("the writer stood still and was fenced out", gaps_ms)


async def pause_writers(cluster: Cluster, times: int) -> list[float]:
    """Let whoever writes stand still for longer than its lease, and check; gives the silences."""
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    moments = random.Random(2)
    gaps_ms: list[float] = []
    async with crowd.at(cluster.urls):
        await crowd.until_all_resumed()
        for place in range(times):
            await asyncio.sleep(moments.uniform(*TRAFFIC_S))
            writer, epoch = await cluster.writer(), await cluster.epoch()
            before = (await metrics(writer.url))["frontdesk_interruptions_total"]
            stopped_s = time.monotonic()
            os.kill(writer.pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(PAUSES_S[place % len(PAUSES_S)])
                await cluster.until_another_writes(epoch)
            finally:
                os.kill(writer.pid, signal.SIGCONT)
            await crowd.until_all_resumed()
            gaps_ms.append(crowd.pulse.silence_ms(stopped_s))
            await check_now(cluster, crowd.ledger)
            after = await metrics(writer.url)

            assert after["frontdesk_interruptions_total"] > before, "it noticed"
        await crowd.finish()
        await check_settled(cluster, crowd.ledger)
    return gaps_ms


@pytest.mark.parametrize("program", [UNFENCED])
async def test_without_the_fence_the_same_pauses_break_what_was_promised(cluster: Cluster) -> None:
    """Two who write at the same time lose messages: these checks notice, so they mean something."""
    with pytest.raises(AssertionError) as noticed:
        await pause_writers(cluster, PAUSES)

    sys.stdout.write(f"\nwithout the fence: {str(noticed.value).splitlines()[0]}\n")


async def test_all_processes_are_restarted_one_by_one(cluster: Cluster) -> None:
    """A new version is rolled out in the middle of the day; nobody is lost."""
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    gaps_ms: list[float] = []
    async with crowd.at(cluster.urls):
        await crowd.until_all_resumed()
        for _ in range(RESTARTS):
            for member in cluster.members:
                asked_s = time.monotonic()
                member.ask_to_stop()
                code = await asyncio.to_thread(member.wait)

                assert code == 0
                await crowd.until_all_resumed()
                gaps_ms.append(crowd.pulse.silence_ms(asked_s))
                await asyncio.to_thread(member.start)
            await check_now(cluster, crowd.ledger)
        await crowd.finish()
        await check_settled(cluster, crowd.ledger)
    told("a process was restarted", gaps_ms)

"""The Redis server itself is killed under people who chat: it comes back, or another takes over."""

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.floors import Plan, Tables, configuration
from tests.support.cluster import Cluster, check_now, check_settled, told
from tests.support.crowd import Crowd
from tests.support.redis import RedisServer
from tests.support.sentinel import Watched

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
KILLS = 50 if IS_LONG else 3
PROMOTIONS = 30 if IS_LONG else 3

CALLERS = 6
CLERKS = 3
TRAFFIC_S = (0.1, 0.5)

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there

EVERY_SECOND = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder where a sync takes no time.

    With `everysec` a server lets what is written wait while the last sync still runs; then a kill
    takes it along (docs/reliability.md).
    """
    if not MEMORY.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    yield folder
    shutil.rmtree(folder)


@asynccontextmanager
async def running(
    folder: Path, *, engine: str, redis_port: int, settings: Tables
) -> AsyncGenerator[Cluster]:
    """Run two processes; they must end well."""
    agents = {f"agent{place}": {"capacity": 3} for place in range(CLERKS)}
    plan = Plan(agents=agents, queues={"support": {"offer_timeout_ms": 10_000}})
    cluster = Cluster.of(
        folder,
        configuration([plan], settings),
        engine=engine,
        redis_port=redis_port,
        size=2,
    )
    try:
        await cluster.start()
        yield cluster
        await asyncio.to_thread(cluster.stop)
    finally:
        cluster.kill()


async def test_a_redis_that_is_killed_comes_back_with_all_that_was_promised(
    tmp_path: Path, quick: Path
) -> None:
    """With a log on disk a crash of the server is a pause: nobody's answer is taken back."""
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    moments = random.Random(3)
    gaps_ms: list[float] = []
    with RedisServer(quick, *EVERY_SECOND) as redis:
        async with (
            running(tmp_path, engine=redis.url, redis_port=redis.port, settings={}) as cluster,
            crowd.at(cluster.urls),
        ):
            await crowd.until_all_resumed()
            for _ in range(KILLS):
                await asyncio.sleep(moments.uniform(*TRAFFIC_S))
                killed_s = time.monotonic()
                redis.kill()
                await asyncio.to_thread(redis.start)
                await crowd.until_all_resumed()
                gaps_ms.append(crowd.pulse.silence_ms(killed_s))
                await check_now(cluster, crowd.ledger)
            await crowd.finish()
            await check_settled(cluster, crowd.ledger)
    told("Redis was killed and started", gaps_ms)


async def test_a_replica_that_is_promoted_has_all_that_was_promised(tmp_path: Path) -> None:
    """What was answered is on two machines, so the loss of one takes nothing along."""
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    moments = random.Random(4)
    gaps_ms: list[float] = []
    settings: Tables = {"server": {"durability": "replicated"}}
    with Watched(tmp_path) as redis:
        await redis.until_in_step()
        async with (
            running(
                tmp_path, engine=redis.url, redis_port=redis.port, settings=settings
            ) as cluster,
            crowd.at(cluster.urls),
        ):
            await crowd.until_all_resumed()
            for _ in range(PROMOTIONS):
                await asyncio.sleep(moments.uniform(*TRAFFIC_S))
                killed_s = time.monotonic()
                await redis.promote()
                cluster.redis_port = redis.port
                await crowd.until_all_resumed()
                gaps_ms.append(crowd.pulse.silence_ms(killed_s))
                await check_now(cluster, crowd.ledger)
                redis.add_replica()
                await redis.until_in_step()
            await crowd.finish()
            await check_settled(cluster, crowd.ledger)
    told("a replica was promoted", gaps_ms)

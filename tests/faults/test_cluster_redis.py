"""The Redis server itself is killed under people who chat: it comes back, or another takes over."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import running
from tests.support.endure import endure, processes, told
from tests.support.redis import RedisServer
from tests.support.sentinel import Watched

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
KILLS = 50 if IS_LONG else 3
PROMOTIONS = 30 if IS_LONG else 3

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


async def test_a_redis_that_is_killed_comes_back_with_all_that_was_promised(
    tmp_path: Path, quick: Path
) -> None:
    """With a log on disk a crash of the server is a pause: nobody's answer is taken back."""
    with RedisServer(quick, *EVERY_SECOND) as redis:

        async def kill() -> None:
            redis.kill()
            await asyncio.to_thread(redis.start)

        async with running(processes(tmp_path, [redis.url] * 2, redis.port)) as cluster:
            gaps_ms = await endure(cluster, [kill] * KILLS, seed=3)
    told("Redis was killed and started", gaps_ms)


async def test_a_replica_that_is_promoted_has_all_that_was_promised(tmp_path: Path) -> None:
    """What was answered is on two machines, so the loss of one takes nothing along."""
    replicated = {"server": {"durability": "replicated"}}
    with Watched(tmp_path) as redis:
        await redis.until_in_step()
        cluster = processes(tmp_path, [redis.url] * 2, redis.port, settings=replicated)

        async def promote() -> None:
            await redis.until_in_step()
            await redis.promote()
            redis.add_replica()
            cluster.redis_port = redis.port

        async with running(cluster):
            gaps_ms = await endure(cluster, [promote] * PROMOTIONS, seed=4)
    told("a replica was promoted", gaps_ms)

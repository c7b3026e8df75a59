"""Gives each test of the suite a store of every engine in turn, and an engine open on it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from router.hub.tasks import Tasks
from router.shard import redis_store
from router.shard.engine import Engine, Hubs
from router.shard.hubs import OneHub
from router.shard.redis_scripts import HUBS
from router.shard.redis_server import Server
from tests.conformance.harness import MemoryStore, RedisStore, SqliteStore, Store
from tests.support.redis import RedisServer, ask


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server that is started once; each test takes another tenant on it."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of one kind of engine."""
    match request.param:
        case "memory":
            yield MemoryStore()
        case "sqlite":
            yield SqliteStore(tmp_path)
        case _:
            server = request.getfixturevalue("redis")
            assert isinstance(server, RedisServer), "the fixture is one"
            on_redis = RedisStore(server)
            yield on_redis
            await on_redis.make_room()  # others use the server too


@pytest.fixture
async def engine(store: Store) -> AsyncIterator[Engine]:
    """An engine open on the store; closed at the end, once more if the test did."""
    engine = await store.open()
    yield engine
    await engine.close()


@pytest.fixture(params=["one", "redis"])
async def hubs(request: pytest.FixtureRequest, redis: RedisServer) -> AsyncIterator[Hubs]:
    """A register of hubs in which there is none."""
    if request.param == "one":
        yield OneHub()
        return
    await ask(redis.port, "DEL", HUBS)
    tasks = Tasks()
    store = await redis_store.RedisStore.open(Server(redis.url), start=tasks.start)
    yield redis_store.RedisHubs(store)
    await tasks.stop()
    await store.close()

"""Gives each test of the suite a store of every engine in turn, and an engine open on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.shard.engine import Engine, Hubs
from router.shard.hubs import OneHub
from tests.conformance.harness import MemoryStore, SqliteStore, Store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of one kind of engine."""
    match request.param:
        case "memory":
            return MemoryStore()
        case _:
            return SqliteStore(tmp_path)


@pytest.fixture
async def engine(store: Store) -> AsyncIterator[Engine]:
    """An engine open on the store; closed at the end, once more if the test did."""
    engine = await store.open()
    yield engine
    await engine.close()


@pytest.fixture
def hubs() -> Hubs:
    """A register of hubs in which there is none."""
    return OneHub()

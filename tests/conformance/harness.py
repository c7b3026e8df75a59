"""Opens, closes, fills and breaks each engine, so that one suite can run on all of them."""

import secrets
from pathlib import Path
from typing import Protocol

from router.shard.engine import Engine
from router.shard.memory import Faults, MemoryEngine
from router.shard.sqlite import SqliteEngine
from tests.support.redis import OwnEngine, RedisServer, ask


class Store(Protocol):
    """Where one engine keeps things, whether it is open or not."""

    async def open(self, *, inbox_max: int = 100, log_max: int = 100) -> Engine:
        """Open an engine on it: the first time, or again after `Engine.close`."""
        ...

    async def fill(self) -> None:
        """Leave no room: commits that need some cannot be written, some of them half-way."""
        ...

    async def make_room(self) -> None:
        """Undo `fill`."""
        ...

    async def run_out(self) -> None:
        """Let the lease that is held run out, unless anybody may take it over anyway."""
        ...


class MemoryStore:
    """A memory engine is its own store."""

    def __init__(self) -> None:
        """Start without an engine."""
        self._faults = Faults()
        self._engine: MemoryEngine | None = None

    async def open(self, *, inbox_max: int = 100, log_max: int = 100) -> Engine:
        """See `Store.open`."""
        if self._engine is None:
            self._engine = MemoryEngine(inbox_max=inbox_max, log_max=log_max, faults=self._faults)
        return self._engine

    async def fill(self) -> None:
        """See `Store.fill`."""
        self._faults.commits.append("unavailable")

    async def make_room(self) -> None:
        """See `Store.make_room`."""
        self._faults.commits.clear()

    async def run_out(self) -> None:
        """See `Store.run_out`; anybody may."""


class SqliteStore:
    """A file in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        """Start without a file."""
        self._path = folder / "store.db"
        self._engine: SqliteEngine | None = None

    async def open(self, *, inbox_max: int = 100, log_max: int = 100) -> Engine:
        """See `Store.open`."""
        self._engine = await SqliteEngine.open(self._path, inbox_max=inbox_max, log_max=log_max)
        return self._engine

    async def fill(self) -> None:
        """See `Store.fill`; the smallest bound is the present size."""
        assert self._engine is not None, "it was opened"
        await self._engine.limit(1)

    async def make_room(self) -> None:
        """See `Store.make_room`."""
        assert self._engine is not None, "it was opened"
        await self._engine.limit(1_000_000)

    async def run_out(self) -> None:
        """See `Store.run_out`; anybody may."""


ROOM_BYTES = 65_536
"""What a refused batch does not fit into, and a small one does."""


class RedisStore:
    """A tenant of its own on a server of all tests."""

    def __init__(self, server: RedisServer) -> None:
        """Take a name that nobody has."""
        self._server = server
        self.tenant = secrets.token_hex(4)

    async def open(self, *, inbox_max: int = 100, log_max: int = 100) -> Engine:
        """See `Store.open`."""
        return await OwnEngine.connect(
            self._server.url, self.tenant, inbox_max=inbox_max, log_max=log_max
        )

    async def fill(self) -> None:
        """See `Store.fill`."""
        info = (await ask(self._server.port, "INFO", "memory")).decode()
        used = next(line for line in info.splitlines() if line.startswith("used_memory:"))
        room = int(used.partition(":")[2]) + ROOM_BYTES
        await ask(self._server.port, "CONFIG", "SET", "maxmemory", room)

    async def make_room(self) -> None:
        """See `Store.make_room`."""
        await ask(self._server.port, "CONFIG", "SET", "maxmemory", 0)

    async def run_out(self) -> None:
        """See `Store.run_out`."""
        await ask(self._server.port, "DEL", f"fd:{{{self.tenant}}}:lease")

"""Opens what contacts are kept in, by the name an operator gives it; the only place that picks one.

An embedded store is one tenant's: several tenants have a file each, in one folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from router.app.sections import Durability
from router.hub.tasks import Tasks
from router.kernel.ids import TenantId
from router.shard.engine import Engine, EngineUnavailable, Hubs
from router.shard.hubs import OneHub
from router.shard.memory import MemoryEngine
from router.shard.redis_engine import RedisEngine
from router.shard.redis_server import Login, Server
from router.shard.redis_store import RedisHubs, RedisStore
from router.shard.sqlite import SqliteEngine


class Stores(Protocol):
    """What a process keeps its tenants' contacts in."""

    @property
    def are_shared(self) -> bool:
        """Other processes may use them too."""
        ...

    @property
    def hubs(self) -> Hubs:
        """The hub incarnations that live at these stores."""
        ...

    async def open(self, tenant: TenantId, *, is_alone: bool) -> Engine:
        """Open a tenant's store; ``is_alone`` where no other has one here.

        Raises:
            EngineError: It cannot be used.
        """
        ...

    async def close(self) -> None:
        """Give up what the tenants' stores share, after these."""
        ...


async def open_stores(
    name: str, *, environ: Mapping[str, str], tasks: Tasks, durability: Durability = "local"
) -> Stores:
    """Open what an operator named: `memory:`, `sqlite:PATH`, or a Redis server's address.

    Args:
        name: As `--engine` takes it.
        environ: Where the login of a Redis server may be, or name the file that it is in.
        tasks: Run what a store does by itself.
        durability: `replicated`: a commit counts once a replica of the Redis server has it.

    Raises:
        EngineError: It cannot be used.
    """
    kind, _, place = name.partition(":")
    if kind == "memory":
        return Embedded(None)
    if kind == "sqlite":
        return Embedded(Path(place))
    server = server_of(name, environ)
    is_replicated = durability == "replicated"
    return Shared(await RedisStore.open(server, start=tasks.start, is_replicated=is_replicated))


async def expel(name: str, hub: str, *, environ: Mapping[str, str]) -> None:
    """Give up, in its name, what a process held that is known to be dead.

    Raises:
        EngineError: The store cannot be reached; leases run out by themselves.
    """
    tasks = Tasks()
    stores = await open_stores(name, environ=environ, tasks=tasks)
    try:
        if isinstance(stores, Shared):
            await stores.store.expel(hub)
    finally:
        await stores.close()
        await tasks.stop()


PASSWORDS = ("FRONTDESK_REDIS_PASSWORD", "FRONTDESK_REDIS_SENTINEL_PASSWORD")
"""What has a password of Redis, or with `_FILE` behind it the name of a file that has it."""


def server_of(url: str, environ: Mapping[str, str]) -> Server:
    """A Redis server by its address, with the logins of the environment.

    Raises:
        EngineUnavailable: There can be none at such an address, or a file cannot be read.
    """
    password, at_sentinels = (password_of(environ, name) for name in PASSWORDS)
    return Server(
        url,
        login=Login(environ.get("FRONTDESK_REDIS_USERNAME"), password),
        at_sentinels=Login(environ.get("FRONTDESK_REDIS_SENTINEL_USERNAME"), at_sentinels),
    )


def password_of(environ: Mapping[str, str], name: str) -> str | None:
    """The password that the environment has, or a file that it names.

    What editors put around a text, a byte order mark and the ends of lines, is no part of it.

    Raises:
        EngineUnavailable: The file cannot be read, or there is nothing in it.
    """
    variable = f"{name}_FILE"
    file = environ.get(variable)
    if not file:
        return environ.get(name)
    try:
        password = Path(file).read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError):
        why = f"a file with a password cannot be read: {variable} names it"
        raise EngineUnavailable(why) from None
    if not password:
        raise EngineUnavailable(f"a file with a password is empty: {variable} names it")
    return password


class Shared:
    """Stores on a Redis server, for any number of processes."""

    are_shared = True

    def __init__(self, store: RedisStore) -> None:
        """Use an open one."""
        self.store = store
        self.hubs = RedisHubs(store)

    async def open(self, tenant: TenantId, *, is_alone: bool) -> Engine:  # noqa: ARG002 - each has keys of its own there
        """See `Stores.open`."""
        return await RedisEngine.open(self.store, tenant)

    async def close(self) -> None:
        """See `Stores.close`."""
        await self.store.close()


class Embedded:
    """Stores of this process alone: in memory, or in a file for each tenant."""

    are_shared = False

    def __init__(self, path: Path | None) -> None:
        """Keep where: a file, or a folder where there are several; None is memory."""
        self.hubs = OneHub()
        self._path = path

    async def open(self, tenant: TenantId, *, is_alone: bool) -> Engine:
        """See `Stores.open`."""
        if self._path is None:
            return MemoryEngine()
        return await SqliteEngine.open(self._path if is_alone else _file(self._path, tenant))

    async def close(self) -> None:
        """See `Stores.close`; there is nothing."""


def _file(folder: Path, tenant: TenantId) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(
            f"tenants keep their stores in one folder, which cannot be made: {error.strerror}"
        ) from None
    return folder / f"{tenant}.db"

"""Opens what contacts are kept in, by the name an operator gives it; the only place that picks one.

An embedded store is one tenant's: several tenants have a file each, in one folder.
"""

from pathlib import Path
from typing import Protocol

from router.kernel.ids import TenantId
from router.shard.engine import Engine, EngineUnavailable, Hubs
from router.shard.hubs import OneHub
from router.shard.memory import MemoryEngine
from router.shard.sqlite import SqliteEngine


class Stores(Protocol):
    """What a process keeps its tenants' contacts in."""

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


async def open_stores(name: str) -> Stores:
    """Open what an operator named: `memory:` or `sqlite:PATH`.

    Raises:
        EngineError: It cannot be used.
        SystemExit: There is no such engine.
    """
    kind, _, place = name.partition(":")
    match kind, place:
        case "memory", "":
            return Embedded(None)
        case "sqlite", str() if place:
            return Embedded(Path(place))
        case _:
            raise SystemExit("frontdesk: --engine takes memory: or sqlite:PATH")


class Embedded:
    """Stores of this process alone: in memory, or in a file for each tenant."""

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

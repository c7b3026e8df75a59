"""Opens what contacts are kept in, by the name an operator gives it; the only place that picks one.

An embedded store is one tenant's: several tenants have a file each, in one folder.
"""

from pathlib import Path

from router.kernel.ids import TenantId
from router.shard.engine import Engine, EngineUnavailable
from router.shard.memory import MemoryEngine
from router.shard.sqlite import SqliteEngine


async def open_store(name: str, tenant: TenantId, *, is_alone: bool) -> Engine:
    """Open a tenant's store.

    Args:
        name: `memory:` or `sqlite:PATH`.
        tenant: Whose store it is.
        is_alone: PATH is the file of this tenant, and not a folder with a file for each.

    Raises:
        EngineError: It cannot be used.
        SystemExit: There is no such engine.
    """
    kind, _, place = name.partition(":")
    match kind, place:
        case "memory", "":
            return MemoryEngine()
        case "sqlite", str() if place:
            path = Path(place)
            return await SqliteEngine.open(path if is_alone else _file(path, tenant))
        case _:
            raise SystemExit("frontdesk: --engine takes memory: or sqlite:PATH")


def _file(folder: Path, tenant: TenantId) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(
            f"tenants keep their stores in one folder, which cannot be made: {error.strerror}"
        ) from None
    return folder / f"{tenant}.db"

"""`frontdesk backup` and `frontdesk restore`: copies of embedded stores, one or a folder of them.

A backup is made while the store is open. A restore is of all stores or none, up to the renames.
"""

from contextlib import ExitStack
from pathlib import Path

from router.shard.engine import EngineUnavailable
from router.shard.sqlite_copy import Restored, copy_store

STORES = "*.db"
"""What tenants' stores are called in their folder."""

MEGABYTE = 1_000_000

REDIS_HINT = (
    "a Redis server keeps its own copies: BGSAVE writes one into its folder, and with appendonly"
    " it keeps up to the last second; see docs/reliability.md"
)
MEMORY_HINT = "memory: keeps nothing, so there is nothing to copy"


def backup(engine: str, to: Path) -> list[str]:
    """Copy a store, or each of a folder of them, and say of each what was done.

    Raises:
        EngineError: It cannot be copied.
    """
    path = _path(engine)
    pairs = [(path, to)]
    if path.is_dir():
        pairs = [(store, to / store.name) for store in _stores(path)]
        _make(to)
    return [
        f"{store.name}: {copy_store(store, copy) / MEGABYTE:.1f} MB copied to {copy}"
        for store, copy in pairs
    ]


def restore(source: Path, engine: str, *, is_forced: bool) -> list[str]:
    """Put a copy, or each of a folder of them, in the place of a store; say what was done.

    Raises:
        EngineError: It cannot be: somebody has a store open, or there is one, or a copy is not
            sound. Nothing was changed then.
    """
    path = _path(engine)
    pairs = [(source, path)]
    if source.is_dir():
        pairs = [(copy, path / copy.name) for copy in _stores(source)]
        _make(path)
    elif path.is_dir():
        raise EngineUnavailable("the stores are a folder: give --from a folder, or name one file")
    done: list[str] = []
    with ExitStack() as stack:
        restored = [
            stack.enter_context(Restored(copy, store, is_forced=is_forced)) for copy, store in pairs
        ]
        for (copy, store), each in zip(pairs, restored, strict=True):
            aside = each.put_in_place()
            kept = f"; the former one is kept as {aside.name}" if aside else ""
            done.append(f"{store.name}: restored from {copy}{kept}")
    return done


def _path(engine: str) -> Path:
    kind, _, place = engine.partition(":")
    if kind != "sqlite":
        raise EngineUnavailable(MEMORY_HINT if kind == "memory" else REDIS_HINT)
    return Path(place)


def _stores(folder: Path) -> list[Path]:
    found = sorted(folder.glob(STORES))
    if not found:
        raise EngineUnavailable(f"there is no store {STORES} in {folder}")
    return found


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(f"the folder {folder} cannot be made: {error.strerror}") from error

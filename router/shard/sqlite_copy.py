"""Copies stores while they are open, and puts copies in the place of stores.

A copy is one file, as of one moment, checked before it gets its name, readable by its owner only.
What was deleted or replaced in the store is not in it: there it was overwritten.
"""

import os
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from router.shard.engine import EngineUnavailable, StoreCorrupt
from router.shard.sqlite_file import FileLock, check, checkpoint, connect_reader
from router.shard.worker import translated


def copy_store(path: Path, to: Path) -> int:
    """Copy the store at ``path``, which may be open and written to, and return the copy's size.

    Writers do not wait for it; what they redact meanwhile stays in the write-ahead log until it
    is done.

    Raises:
        EngineError: There is no store, or it is not sound, or ``to`` exists or cannot be written.
    """
    if to.exists():
        raise EngineUnavailable(f"{to.name} exists already: choose another name")
    with _translated():
        part = _copied(path, to)
        try:
            size = part.stat().st_size
            part.rename(to)
            _sync(to.parent)
        except BaseException:
            _drop(part)
            raise
    return size


class Restored:
    """A copy that is about to become a store, which nobody else can open meanwhile."""

    def __init__(self, source: Path, path: Path, *, is_forced: bool) -> None:
        """Copy ``source`` beside ``path`` and check it; `put_in_place` makes it the store.

        Raises:
            AlreadyOpen: Somebody has the store open.
            StoreExists: There is a store, and it is not ``is_forced``.
            EngineError: ``source`` is no sound store, or the copy cannot be written.
        """
        self._path = path
        self._part: Path | None = None
        self._lock = FileLock(path)
        try:
            self._part = self._begin(source, is_forced=is_forced)
        except BaseException:
            self._lock.release()
            raise

    def _begin(self, source: Path, *, is_forced: bool) -> Path:
        if not is_forced and any(each.exists() for each in _files(self._path)):
            name = self._path.name
            raise EngineUnavailable(f"{name} exists already: with --force it is put aside")
        with _translated():
            return _copied(source, self._path)

    def put_in_place(self) -> Path | None:
        """Make it the store, at once; the one there was is kept aside under the returned name.

        Raises:
            EngineUnavailable: A file cannot be renamed.
        """
        assert self._part is not None, "it is put in place once"
        with _translated():
            aside = self._put_aside()
            self._part.rename(self._path)
            self._part = None
            _sync(self._path.parent)
        return aside

    def _put_aside(self) -> Path | None:
        """Give the former store another name, with the write-ahead log that belongs to it."""
        path = self._path
        if not any(each.exists() for each in _files(path)):
            return None
        with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as former:
            checkpoint(former)  # so that it is one file; a damaged one keeps its log
        aside = next(
            name
            for number in count(1)
            if not (name := path.with_name(f"{path.name}.replaced-{number}")).exists()
        )
        for old, new in zip(_files(path), _files(aside), strict=True):
            with suppress(FileNotFoundError):
                old.rename(new)
        return aside

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let others open the store; what was not put in place is gone."""
        if self._part is not None:
            _drop(self._part)
        self._lock.release()


def _copied(path: Path, to: Path) -> Path:
    """A copy of a store beside where it is to be, under a name of its own."""
    if not path.is_file():
        raise EngineUnavailable(f"there is no store {path.name}")
    handle, name = tempfile.mkstemp(prefix=f"{to.name}.", suffix=".part", dir=to.parent)
    os.close(handle)  # it made the file for its owner only
    part = Path(name)
    try:
        with closing(connect_reader(path)) as store, closing(sqlite3.connect(part)) as copy:
            store.backup(copy)  # in one step, so it is as of one moment, however long it takes
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whoever opens it
            _judge(copy, path.name)
        with part.open("rb") as written:
            os.fsync(written.fileno())
    except BaseException:
        _drop(part)
        raise
    return part


def _judge(copy: sqlite3.Connection, name: str) -> None:
    if not check(copy):
        raise StoreCorrupt(f"{name} is empty")


def _files(path: Path) -> tuple[Path, ...]:
    """A store's file, and those beside it that belong to it."""
    return tuple(path.with_name(f"{path.name}{end}") for end in ("", "-wal", "-shm"))


def _drop(part: Path) -> None:
    for file in (part, part.with_name(f"{part.name}-journal")):
        file.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """See that a new name survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise translated(error) from error

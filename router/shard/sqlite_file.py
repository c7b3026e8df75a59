"""Opens a store in one file: who may have it open, of which version it is, and whether it is sound.

Files are readable by their owner only.
"""

import fcntl
import os
import sqlite3
from importlib import resources
from pathlib import Path

from router.shard.engine import AlreadyOpen, EngineUnavailable, StoreCorrupt
from router.shard.worker import CORRUPT_HINT

APPLICATION_ID = 0x46724474
"""`FrDt` in the file's header: no other program's database is taken for a store."""

MIGRATIONS = ("schema.sql",)
"""The n-th script brings version n to n + 1; an empty file is version 0."""

BUSY_TIMEOUT_MS = 5_000
"""A backup that copies the file is waited for, but not for ever."""

CACHE_KB = 16_384
"""Ids are random, so a commit touches pages all over the file: with SQLite's 2 MB most of them are
read again each time, and a store of 100 MB does half the commands a second. A server grows by as
much while its store grows."""

READER_CACHE_KB = 4_096
"""Cold records and old transcripts are read now and then, and seldom twice."""

CHECKPOINT_PAGES = 4_000
"""Pages in the write-ahead log before they go into the file: more of them are written once for
several changes, and 16 MB are still moved before anybody notices the wait."""

WAL_SIZE_MAX = 67_108_864
"""What is left of the write-ahead log after a burst: 64 MB, reused without asking for space."""


class FileLock:
    """The right of one process to have a store open, for as long as it lives."""

    def __init__(self, path: Path) -> None:
        """Take the lock beside ``path``.

        Raises:
            AlreadyOpen: Another process holds it.
            EngineUnavailable: The folder is missing or may not be written.
        """
        try:
            self._file: int | None = _open_private(path.with_name(path.name + ".lock"))
        except OSError as error:
            raise EngineUnavailable(
                f"the store cannot be opened: {error.strerror}: is its folder there and writable?"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise AlreadyOpen(
                "another process has the store open: stop it, or choose another file"
            ) from error

    def release(self) -> None:
        """Let others open the store; the side file stays, or two could lock two of them."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _open_private(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes, to a store that is sound and of the present version.

    Raises:
        StoreCorrupt: The file is damaged, no store, or of a newer version.
    """
    os.close(_open_private(path))  # SQLite gives its side files the same permissions
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_SIZE_MAX}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        _migrate(connection)
        checkpoint(connection)  # a killed process left what it had redacted in the log
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that reads what was committed and never waits for the writer."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KB}")
    return connection


def checkpoint(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file and empty it."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def has_log(path: Path) -> bool:
    """True when there is something in the write-ahead log of the store at ``path``."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def erase(connection: sqlite3.Connection) -> bool:
    """Checkpoint now if nobody reads, so that the log holds no former text; false: try again.

    It never waits for a reader: a backup may take minutes.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return not is_busy


def check(connection: sqlite3.Connection) -> bool:
    """See that a file is a sound store; false when it is empty.

    Raises:
        StoreCorrupt: It is damaged, no store, or of a newer version.
    """
    if _text(connection, "PRAGMA quick_check(1)") != "ok":
        raise StoreCorrupt(f"the store is damaged: {CORRUPT_HINT}")
    is_empty = _number(connection, "SELECT count(*) FROM sqlite_schema") == 0
    if not is_empty and _number(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise StoreCorrupt("the file is another program's database: choose another file")
    if _number(connection, "PRAGMA user_version") > len(MIGRATIONS):
        raise StoreCorrupt(
            "a newer version of Frontdesk wrote the store: start that one, or restore a backup"
        )
    return not is_empty


def _migrate(connection: sqlite3.Connection) -> None:
    """Run the missing scripts, each in a transaction with the version it leads to."""
    version = _number(connection, "PRAGMA user_version")
    for number, name in enumerate(MIGRATIONS[version:], start=version + 1):
        script = resources.files("router.shard").joinpath(name).read_text(encoding="utf-8")
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {number}; COMMIT;"
        )


def _number(connection: sqlite3.Connection, question: str) -> int:
    (answer,) = connection.execute(question).fetchone()
    assert isinstance(answer, int), "the question has a number as answer"
    return answer


def _text(connection: sqlite3.Connection, question: str) -> str:
    (answer,) = connection.execute(question).fetchone()
    assert isinstance(answer, str), "the question has a text as answer"
    return answer

"""One thread with one SQLite connection, which works off jobs in the order they were asked.

Jobs that queue while others run share the next transaction: one snapshot for readers, one fsync
for writers. Every job still takes effect as a whole or not at all.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import msgspec

from router.shard.engine import (
    EngineError,
    EngineUnavailable,
    NewerFormat,
    OutcomeUnknown,
    StoreCorrupt,
)

T = TypeVar("T")

GROUP_MAX = 64
"""Jobs in one transaction: where one fsync for all stops being the larger part of the cost."""

CORRUPT_HINT = "restore it from a backup, or move it away together with its -wal file"

HINTS = {
    sqlite3.SQLITE_FULL: "the disk is full: make room",
    sqlite3.SQLITE_IOERR: "the disk is full, or fails",
    sqlite3.SQLITE_BUSY: "another program has the file locked for long",
    sqlite3.SQLITE_READONLY: "the file or its folder may not be written",
}

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITTEN = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY}


class Job(Generic[T]):
    """Work for the thread, and who waits for what comes of it."""

    def __init__(
        self,
        work: Callable[[sqlite3.Connection], T],
        after: Callable[[], None] | None = None,
        *,
        is_apart: bool = False,
    ) -> None:
        """Take ``work``, which raises `EngineError` only before its first write.

        What ``is_apart`` is done in no transaction.
        """
        self._work = work
        self._after = after
        self.is_apart = is_apart
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def attempt(self, connection: sqlite3.Connection) -> Callable[[], None]:
        """Do the work; the answer delivers what came of it, on the loop."""
        try:
            result = self._work(connection)
        except NewerFormat as newer:  # no process of that version writes beside this one
            return partial(self.fail, StoreCorrupt(str(newer)))
        except EngineError as error:
            return partial(self.fail, error)
        return partial(self._succeed, result)

    def _succeed(self, result: T) -> None:
        try:
            if self._after is not None:
                self._after()
        finally:  # it is committed, whatever went wrong afterwards
            if not self.future.done():
                self.future.set_result(result)

    def fail(self, error: Exception) -> None:
        """Deliver an error."""
        if not self.future.done():
            self.future.set_exception(error)


class Worker:
    """The thread; `start` before `call`, `stop` once."""

    def __init__(
        self,
        name: str,
        *,
        connect: Callable[[], sqlite3.Connection],
        disconnect: Callable[[sqlite3.Connection], None],
        begin: str,
    ) -> None:
        """Prepare a thread that opens and closes its own connection."""
        self._connect = connect
        self._disconnect = disconnect
        self._begin = begin
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        self._jobs: SimpleQueue[Job[object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._is_stopping = False

    async def start(self) -> None:
        """Open the connection, or raise why that is not possible."""
        self._thread.start()
        await self._started

    async def call(
        self, work: Callable[[sqlite3.Connection], T], *, after: Callable[[], None] | None = None
    ) -> T:
        """Do ``work`` in a transaction; once it is committed, run ``after`` on the loop.

        ``after`` runs in the order of the calls, also when the caller was canceled.
        """
        if self._is_stopping:
            raise EngineUnavailable("the store is closed")
        job = Job(work, after)
        self._jobs.put(job)  # type: ignore[arg-type] # the thread never looks at the result
        return await job.future

    def ask_apart(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        """Have ``work`` done between two transactions."""
        job = Job(work, is_apart=True)
        self._jobs.put(job)  # type: ignore[arg-type] # as above
        return job.future

    async def stop(self) -> None:
        """Do what was asked before, close the connection and end the thread."""
        if not self._is_stopping:
            self._is_stopping = True
            self._jobs.put(None)
        await asyncio.shield(self._stopped)
        self._thread.join()

    def _main(self) -> None:
        try:
            connection = self._connect()
        except Exception as error:  # noqa: BLE001 - whoever starts the thread gets it
            self._deliver(
                [
                    partial(self._started.set_exception, translated(error)),
                    partial(self._stopped.set_result, None),
                ]
            )
            return
        self._deliver([partial(self._started.set_result, None)])
        while jobs := self._next_jobs():
            if together := [job for job in jobs if not job.is_apart]:
                self._run(connection, together)
            for job in jobs:
                if job.is_apart:
                    self._run_apart(connection, job)
        with suppress(sqlite3.Error):  # closing loses nothing that was committed
            self._disconnect(connection)
        connection.close()
        self._deliver([partial(self._stopped.set_result, None)])

    def _next_jobs(self) -> list[Job[object]]:
        """Wait for a job and take along those behind it; none means stop."""
        jobs: list[Job[object]] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == GROUP_MAX:
                return jobs
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return jobs
        if jobs:
            self._jobs.put(None)  # work first, then stop
        return jobs

    def _run(self, connection: sqlite3.Connection, jobs: Sequence[Job[object]]) -> None:
        try:
            outcomes = self._in_transaction(connection, jobs)
        except OutcomeUnknown as unknown:
            outcomes = [partial(job.fail, unknown) for job in jobs]
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            if len(jobs) > 1:  # one of them failed: each alone, so that the others take effect
                for job in jobs:
                    self._run(connection, [job])
                return
            outcomes = [partial(jobs[0].fail, translated(error))]
        self._deliver(outcomes)

    def _run_apart(self, connection: sqlite3.Connection, job: Job[object]) -> None:
        try:
            outcome = job.attempt(connection)
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            outcome = partial(job.fail, translated(error))
        self._deliver([outcome])

    def _in_transaction(
        self, connection: sqlite3.Connection, jobs: Sequence[Job[object]]
    ) -> Sequence[Callable[[], None]]:
        try:
            connection.execute(self._begin)
            outcomes = [job.attempt(connection) for job in jobs]
            commit(connection)
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have rolled back already
                connection.rollback()
            raise
        return outcomes

    def _deliver(self, outcomes: Sequence[Callable[[], None]]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and with it whoever asked
            self._loop.call_soon_threadsafe(_run_all, outcomes)


def _run_all(outcomes: Sequence[Callable[[], None]]) -> None:
    for outcome in outcomes:
        outcome()


def commit(connection: sqlite3.Connection) -> None:
    """Commit, and tell a commit that surely failed from one that may have happened.

    A failed fsync leaves pages that a crash may yet bring to life; a full disk does not.

    Raises:
        OutcomeUnknown: It may have been written.
    """
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if _code(error) in _UNWRITTEN:
            raise
        raise OutcomeUnknown(f"the commit failed half-way: {_hint(error)}") from error


def translated(error: Exception) -> Exception:
    """SQLite's and the system's errors as the engine's; others as they are."""
    match error:
        case sqlite3.Error() if _code(error) in _CORRUPT:
            return StoreCorrupt(f"the store cannot be read: {CORRUPT_HINT}")
        case sqlite3.Error():
            return EngineUnavailable(f"the store refused: {_hint(error)}")
        case msgspec.DecodeError():  # without its text, which may quote what is stored
            return StoreCorrupt(f"the store holds what cannot be read: {CORRUPT_HINT}")
        case OSError():
            return EngineUnavailable(f"the store cannot be opened: {error.strerror}")
        case _:
            return error


def _hint(error: sqlite3.Error) -> str:
    name: str = getattr(error, "sqlite_errorname", type(error).__name__)
    return f"{name}: {HINTS.get(_code(error), 'see the codes of SQLite')}"


def _code(error: sqlite3.Error) -> int:
    extended: int = getattr(error, "sqlite_errorcode", 0)
    return extended & 0xFF

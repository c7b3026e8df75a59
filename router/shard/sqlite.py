"""The embedded engine: one file, one process, and what was acked survives a power cut.

Records, transcripts, answers and the lease are in the file; inbox, log and signals are in memory.
One thread writes, another reads, so that no reader waits for the disk.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from router.kernel.ids import AgentId, ConversationId
from router.kernel.messages import MessageRedacted
from router.kernel.model import ContactRecord, Key
from router.shard import sqlite_rows
from router.shard.engine import (
    Batch,
    Cursor,
    Entry,
    Envelope,
    Fetched,
    Kept,
    Lease,
    Loaded,
    OutcomeUnknown,
    Page,
    Position,
    Signal,
)
from router.shard.live import INBOX_MAX, LOG_MAX, Inbox, Log, Signals
from router.shard.sqlite_file import (
    FileLock,
    checkpoint,
    connect_reader,
    connect_writer,
    erase,
    has_log,
)
from router.shard.worker import Worker

ERASE_AFTER_S = 1.0
"""Emptying the write-ahead log costs some syncs; once a second is the most that is spent on it."""


class SqliteEngine:
    """An `Engine` on one SQLite file; see `open`."""

    def __init__(
        self, *, lock: FileLock, writer: Worker, reader: Worker, inbox: Inbox, log: Log
    ) -> None:
        """Take over an open store; `open` is the way to make one."""
        self._lock = lock
        self._writer = writer
        self._reader = reader
        self._inbox = inbox
        self._log = log
        self._signals = Signals()
        self._eraser: asyncio.TimerHandle | None = None
        self._is_closed = False

    @classmethod
    async def open(
        cls, path: Path, *, inbox_max: int = INBOX_MAX, log_max: int = LOG_MAX
    ) -> "SqliteEngine":
        """Open the store at ``path``, or make an empty one.

        Raises:
            AlreadyOpen: Another process has it open.
            StoreCorrupt: It is damaged, no store, or was written by a newer version.
            EngineUnavailable: The file or its folder cannot be used.
        """
        lock = FileLock(path)
        writer = Worker(
            "store-writer",
            connect=partial(connect_writer, path),
            disconnect=checkpoint,
            begin="BEGIN IMMEDIATE",
        )
        reader = Worker(
            "store-reader",
            connect=partial(connect_reader, path),
            disconnect=lambda _: None,
            begin="BEGIN",
        )
        try:
            await writer.start()
            await reader.start()
        except BaseException:
            await writer.stop()
            lock.release()
            raise
        cursor, position = await reader.call(sqlite_rows.stands)
        engine = cls(
            lock=lock,
            writer=writer,
            reader=reader,
            inbox=Inbox(cursor=cursor, size_max=inbox_max),
            log=Log(position=position, size_max=log_max),
        )
        if has_log(path):  # somebody reads the file, so it could not be emptied
            engine._erase_soon()
        return engine

    async def limit(self, pages_max: int) -> None:
        """Bound the file in pages of 4 kB: what does not fit is refused as by a full disk."""
        await self._writer.call(partial(sqlite_rows.limit, pages_max=pages_max))

    @property
    def depth(self) -> int:
        """See `Engine.depth`."""
        return self._inbox.depth

    async def acquire(self, holder: str, *, ttl_ms: int) -> Lease:
        """See `Engine.acquire`; the file's lock keeps every other process out."""
        assert ttl_ms > 0, "a lease lives for a while"
        nonce = secrets.token_hex(16)
        return await self._writer.call(partial(sqlite_rows.acquire, holder=holder, nonce=nonce))

    async def renew(self, lease: Lease, *, alive_at_ms: int, ttl_ms: int) -> None:
        """See `Engine.renew`."""
        assert ttl_ms > 0, "a lease lives for a while"
        await self._writer.call(partial(sqlite_rows.renew, lease=lease, alive_at_ms=alive_at_ms))

    async def release(self, lease: Lease) -> None:
        """See `Engine.release`."""
        await self._writer.call(partial(sqlite_rows.release, lease=lease))

    async def lease_freed(self, timeout_ms: int) -> None:
        """See `Engine.lease_freed`; whoever asks may try at once."""
        assert timeout_ms >= 0, "nobody waits backwards"

    async def submit(self, envelope: Envelope) -> None:
        """See `Engine.submit`."""
        self._inbox.put(envelope)

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """See `Engine.read`."""
        return await self._inbox.read(after, limit=limit, wait_ms=wait_ms)

    async def load(self) -> Loaded:
        """See `Engine.load`."""
        return await self._reader.call(sqlite_rows.load)

    async def fetch(self, keys: Collection[Key]) -> Fetched:
        """See `Engine.fetch`."""
        return await self._reader.call(partial(sqlite_rows.fetch, keys=keys))

    async def answers(self, keys: Collection[bytes]) -> Mapping[bytes, Kept]:
        """See `Engine.answers`."""
        return await self._reader.call(partial(sqlite_rows.answers, keys=keys))

    async def commit(self, batch: Batch, *, lease: Lease) -> None:
        """See `Engine.commit`."""
        try:
            await self._writer.call(
                partial(sqlite_rows.write, batch=batch, lease=lease),
                after=partial(self._committed, batch),
            )
        except OutcomeUnknown:
            self._erase_soon()  # it may have been written, and have redacted something
            raise

    def _committed(self, batch: Batch) -> None:
        self._inbox.handled(batch.cursor)
        self._log.append(batch.entries)
        events = (event for entry in batch.entries for event in entry.events)
        if any(isinstance(event, MessageRedacted) for event in events):
            self._erase_soon()

    def _erase_soon(self) -> None:
        """Empty the write-ahead log within a second: it has what messages said before."""
        if self._eraser is None and not self._is_closed:
            loop = asyncio.get_running_loop()
            self._eraser = loop.call_later(ERASE_AFTER_S, self._erase)

    def _erase(self) -> None:
        self._eraser = None
        self._writer.ask_apart(erase).add_done_callback(self._erased)

    def _erased(self, done: asyncio.Future[bool]) -> None:
        if done.exception() is not None or not done.result():
            self._erase_soon()  # somebody reads the file, or the disk is full

    def follow(self, after: Position) -> AsyncIterator[Entry]:
        """See `Engine.follow`."""
        return self._log.follow(after)

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """See `Engine.transcript`."""
        return await self._reader.call(
            partial(
                sqlite_rows.transcript,
                conversation=conversation,
                after=after,
                before=before,
                limit=limit,
            )
        )

    async def recent(
        self, agent: AgentId, *, before_ms: int | None = None, limit: int = 50
    ) -> Sequence[ContactRecord]:
        """See `Engine.recent`."""
        return await self._reader.call(
            partial(sqlite_rows.recent, agent=agent, before_ms=before_ms, limit=limit)
        )

    async def signal(self, signal: Signal) -> None:
        """See `Engine.signal`."""
        self._signals.tell(signal)

    def signals(self) -> AsyncIterator[Signal]:
        """See `Engine.signals`."""
        return self._signals.follow()

    async def close(self) -> None:
        """See `Engine.close`; the write-ahead log is emptied into the file."""
        self._is_closed = True
        if self._eraser is not None:
            self._eraser.cancel()
        await self._reader.stop()
        await self._writer.stop()
        self._lock.release()

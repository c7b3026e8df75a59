"""An engine that keeps everything in memory, for tests and simulation.

It hands records over as they are, and does what `Faults` tells it to do wrong.
"""

import asyncio
import secrets
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Literal

from router.kernel.ids import AgentId, ContactId, ConversationId, HubId
from router.kernel.model import ContactRecord, Key, Message, key_of
from router.shard.engine import (
    Batch,
    Cursor,
    EngineUnavailable,
    Entry,
    Envelope,
    FencedOut,
    Fetched,
    Kept,
    Lease,
    Loaded,
    OutcomeUnknown,
    Page,
    Position,
    Row,
    Signal,
)
from router.shard.live import INBOX_MAX, LOG_MAX, Inbox, Log, Signals

Fault = Literal["unavailable", "lost_before", "lost_after", "fenced"]


@dataclass
class Faults:
    """What goes wrong next; empty by default.

    Attributes:
        commits: What becomes of the next commits: refused, the reply lost before or after the
            batch was applied, or another writer coming first; None lets one pass.
        duplicates: How many of the next submitted envelopes arrive twice.
        echoes: How many of the next submitted envelopes arrive once more after the next commit.
        slow: What this hub submits arrives behind what the others submit, when this is lifted.
        is_down: Everything a writer asks is refused.
        gate: Commits wait until it is set.
    """

    commits: deque[Fault | None] = field(default_factory=deque[Fault | None])
    duplicates: int = 0
    echoes: int = 0
    slow: HubId | None = None
    is_down: bool = False
    gate: asyncio.Event | None = None

    def check(self) -> None:
        """Raise `EngineUnavailable` while everything is down."""
        if self.is_down:
            raise EngineUnavailable("the engine is down")


class MemoryEngine:
    """An `Engine` whose store is this object: closing it loses nothing, dropping it everything."""

    def __init__(
        self, *, inbox_max: int = INBOX_MAX, log_max: int = LOG_MAX, faults: Faults | None = None
    ) -> None:
        """Start empty."""
        self.faults = faults or Faults()
        self.holder: str | None = None
        self._inbox = Inbox(cursor=Cursor(0), size_max=inbox_max)
        self._late: deque[Envelope] = deque()
        self._echoes: deque[Envelope] = deque()
        self._log = Log(position=Position(0), size_max=log_max)
        self._signals = Signals()
        self._cursor = Cursor(0)
        self._position = Position(0)
        self._token: str | None = None
        self._epoch = 0
        self._alive_at_ms: int | None = None
        self._seen: dict[HubId, int] = {}
        self._rows: dict[Key, Row] = {}
        self._messages: dict[ConversationId, dict[int, Message]] = {}
        self._kept: dict[bytes, Kept] = {}
        self._expiring_rows: list[tuple[int, Key]] = []
        self._expiring_answers: list[tuple[int, bytes]] = []
        self._closings: dict[AgentId, list[tuple[int, ContactId]]] = {}

    @property
    def depth(self) -> int:
        """See `Engine.depth`."""
        return self._inbox.depth

    async def acquire(self, holder: str, *, ttl_ms: int) -> Lease:
        """See `Engine.acquire`; there is one process, so nobody else's lease lives."""
        assert ttl_ms > 0, "a lease lives for a while"
        self.faults.check()
        self._epoch += 1
        self._token = f"{self._epoch}:{secrets.token_hex(16)}"
        self.holder = holder
        return Lease(token=self._token, epoch=self._epoch, alive_at_ms=self._alive_at_ms)

    async def renew(self, lease: Lease, *, alive_at_ms: int, ttl_ms: int) -> None:
        """See `Engine.renew`."""
        assert ttl_ms > 0, "a lease lives for a while"
        self.faults.check()
        self._check_held(lease)
        self._alive_at_ms = alive_at_ms

    async def release(self, lease: Lease) -> None:
        """See `Engine.release`."""
        if self._token == lease.token:
            self._token = self.holder = None

    async def lease_freed(self, timeout_ms: int) -> None:
        """See `Engine.lease_freed`; whoever asks may try at once."""
        assert timeout_ms >= 0, "nobody waits backwards"

    def _check_held(self, lease: Lease) -> None:
        if self._token != lease.token:
            raise FencedOut("somebody else became the writer")

    async def submit(self, envelope: Envelope) -> None:
        """See `Engine.submit`."""
        self._deliver_late()
        hub = envelope.hub
        if hub == self.faults.slow or any(late.hub == hub for late in self._late):
            self._late.append(envelope)
            return
        self._inbox.put(envelope)
        if self.faults.duplicates:
            self.faults.duplicates -= 1
            self._inbox.put(envelope)
        if self.faults.echoes:
            self.faults.echoes -= 1
            self._echoes.append(envelope)

    def _deliver_late(self) -> None:
        """Let in what was held up, once its hub is slow no more; its own order stays."""
        while self._late and self._late[0].hub != self.faults.slow:
            self._inbox.put(self._late.popleft())

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """See `Engine.read`."""
        self.faults.check()
        self._deliver_late()
        return await self._inbox.read(after, limit=limit, wait_ms=wait_ms)

    async def load(self) -> Loaded:
        """See `Engine.load`."""
        self.faults.check()
        hot = tuple(row.record for row in self._rows.values() if row.is_hot)
        return Loaded(
            records=hot, position=self._position, cursor=self._cursor, seen=dict(self._seen)
        )

    async def fetch(self, keys: Collection[Key]) -> Fetched:
        """See `Engine.fetch`."""
        self.faults.check()
        found = {key: self._rows[key].record for key in keys if key in self._rows}
        return Fetched(records=found, position=self._position)

    async def answers(self, keys: Collection[bytes]) -> Mapping[bytes, Kept]:
        """See `Engine.answers`."""
        self.faults.check()
        return {key: self._kept[key] for key in keys if key in self._kept}

    async def commit(self, batch: Batch, *, lease: Lease) -> None:
        """See `Engine.commit`."""
        if self.faults.gate is not None:
            await self.faults.gate.wait()
        self.faults.check()
        fault = self.faults.commits.popleft() if self.faults.commits else None
        match fault:
            case "unavailable":
                raise EngineUnavailable("nothing was written")
            case "lost_before":
                raise OutcomeUnknown("the reply was lost")
            case "fenced":
                await self.acquire("another writer", ttl_ms=1)
            case "lost_after" | None:
                pass
        self._check_held(lease)
        if batch.previous != self._cursor:
            raise FencedOut("the batch was decided at another cursor")
        if batch.entries and batch.entries[0].position != self._position + 1:
            raise FencedOut("the batch was decided at another position")
        self._apply(batch)
        if fault == "lost_after":
            raise OutcomeUnknown("the reply was lost")

    def _apply(self, batch: Batch) -> None:
        self._drop_expired(batch.at_ms)
        for row in batch.rows:
            key = key_of(row.record)
            self._rows[key] = row
            if row.expires_at_ms is not None:
                heappush(self._expiring_rows, (row.expires_at_ms, key))
        for message in batch.messages:
            self._messages.setdefault(message.conversation, {})[message.seq] = message
        for kept in batch.kept:
            self._kept[kept.request.key] = kept
            heappush(self._expiring_answers, (kept.expires_at_ms, kept.request.key))
        for closing in batch.closings:
            closed = self._closings.setdefault(closing.agent, [])
            place = bisect_left(closed, (closing.ended_at_ms, closing.contact))
            if closed[place : place + 1] != [(closing.ended_at_ms, closing.contact)]:
                closed.insert(place, (closing.ended_at_ms, closing.contact))
        self._seen.update(batch.seen)  # of lost hubs as well: a few numbers that end with this
        self._cursor = batch.cursor
        if batch.entries:
            self._position = batch.entries[-1].position
        self._inbox.handled(batch.cursor)
        self._log.append(batch.entries)
        while self._echoes:
            self._inbox.put(self._echoes.popleft())

    def _drop_expired(self, at_ms: int) -> None:
        while self._expiring_rows and self._expiring_rows[0][0] <= at_ms:
            expires_at_ms, key = heappop(self._expiring_rows)
            if key in self._rows and self._rows[key].expires_at_ms == expires_at_ms:
                del self._rows[key]
        while self._expiring_answers and self._expiring_answers[0][0] <= at_ms:
            expires_at_ms, request = heappop(self._expiring_answers)
            if request in self._kept and self._kept[request].expires_at_ms == expires_at_ms:
                del self._kept[request]

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
        stored = self._messages.get(conversation, {})
        seqs = sorted(
            seq
            for seq in stored
            if (after is None or seq > after) and (before is None or seq < before)
        )
        page = seqs[:limit] if after is not None else seqs[max(len(seqs) - limit, 0) :]
        return Page(messages=tuple(stored[seq] for seq in page), more=len(seqs) > limit)

    async def recent(
        self, agent: AgentId, *, before_ms: int | None = None, limit: int = 50
    ) -> Sequence[ContactRecord]:
        """See `Engine.recent`."""
        closed = self._closings.get(agent, [])
        end = len(closed) if before_ms is None else bisect_left(closed, (before_ms, ContactId("")))
        named = [closed[index][1] for index in range(end - 1, max(end - 1 - limit, -1), -1)]
        rows = (self._rows.get(("contact", contact)) for contact in named)
        records = (row.record for row in rows if row is not None)
        return [record for record in records if isinstance(record, ContactRecord)]

    async def signal(self, signal: Signal) -> None:
        """See `Engine.signal`."""
        self._signals.tell(signal)

    def signals(self) -> AsyncIterator[Signal]:
        """See `Engine.signals`."""
        return self._signals.follow()

    async def close(self) -> None:
        """See `Engine.close`; this object is the store, so it can be used again."""

"""The real writer and the memory engine, watched from outside: what each commit made true."""

import asyncio
from collections.abc import Callable, Collection

from router.kernel.ids import ConversationId
from router.kernel.model import AnyRecord, Key, Message, key_of
from router.shard.engine import Batch, Fetched, Lease, Page
from router.shard.loop import Shard
from router.shard.memory import MemoryEngine
from router.shard.turn import Turn
from router.shard.writer import KernelBroke, ShardLimits, Writer

LIMITS = ShardLimits(
    commands_max=4,
    steps_max=8,
    tick_ms=250,
    ttl_ms=600,
    stagger_ms=0,
    settle_ms=86_400_000,
    retry_ms_min=20,
    retry_ms_max=150,
    places_ms=300,
)
"""Small turns, so that what belongs together is often torn apart. There is one writer, which waits
for no other and leaves the shard to none."""

LATE_MS = 250
"""By then what is due has happened while a writer lives."""


class WatchedEngine(MemoryEngine):
    """Knows whose lease was given out last, and lets the world go on while it is read.

    Attributes:
        read_s: How long a question is on its way to the store, and its answer back.
    """

    last: Lease | None = None
    read_s = 0.0

    async def acquire(self, holder: str, *, ttl_ms: int) -> Lease:
        """See `Engine.acquire`."""
        self.last = await super().acquire(holder, ttl_ms=ttl_ms)
        return self.last

    async def commit(self, batch: Batch, *, lease: Lease) -> None:
        """See `Engine.commit`."""
        await super().commit(batch, lease=lease)
        assert lease == self.last, "a fenced writer had an effect (I8)"

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """See `Engine.transcript`."""
        await asyncio.sleep(self.read_s)
        page = await super().transcript(conversation, after=after, before=before, limit=limit)
        await asyncio.sleep(self.read_s)
        return page

    async def fetch(self, keys: Collection[Key]) -> Fetched:
        """See `Engine.fetch`."""
        await asyncio.sleep(self.read_s)
        fetched = await super().fetch(keys)
        await asyncio.sleep(self.read_s)
        return fetched

    def peek(self) -> list[AnyRecord]:
        """The hot records, as stored."""
        return [row.record for row in self._rows.values() if row.is_hot]

    def everything(self) -> list[AnyRecord]:
        """All records, as stored."""
        return [row.record for row in self._rows.values()]

    def transcripts(self) -> dict[str, list[Message]]:
        """Every conversation's messages in order."""
        return {
            str(name): [messages[seq] for seq in sorted(messages)]
            for name, messages in self._messages.items()
        }


class Lives:
    """When a writer lived, and since when nothing disturbed it; and which hubs died when.

    Attributes:
        deaths: When each hub died that did.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        """Begin without a writer."""
        self._now_ms = now_ms
        self._began_ms: int | None = None
        self._spans: list[tuple[int, int]] = []
        self._disturbed_ms = 0
        self.pauses = 0
        self.deaths: dict[str, int] = {}

    def found(self) -> None:
        """A writer took over."""
        self._began_ms = self._now_ms()

    def lost(self) -> None:
        """It is gone, or starts over."""
        self.disturb()
        if self._began_ms is not None:
            self._spans.append((self._began_ms, self._now_ms()))
            self._began_ms = None

    def disturb(self) -> None:
        """What happens now may delay it."""
        self._disturbed_ms = self._now_ms()

    def was_calm_since(self, at_ms: int) -> bool:
        """A writer lived, and could work, all the time since then."""
        began_ms = self._began_ms
        is_alive = began_ms is not None and began_ms <= at_ms
        return is_alive and not self.pauses and self._disturbed_ms < at_ms

    def lived_ms(self, start_ms: int, end_ms: int) -> int:
        """For how long of a time there was a writer."""
        spans = list(self._spans)
        if self._began_ms is not None:
            spans.append((self._began_ms, max(end_ms, self._began_ms)))
        return sum(max(0, min(end, end_ms) - max(begin, start_ms)) for begin, end in spans)


class WatchedShard(Shard):
    """The real loop; every commit is followed by all invariants.

    Attributes:
        writer: The present tenure's.
        reload_every: After how many commits a reload is tried, which takes longest of all.
    """

    writer: Writer | None = None
    reload_every: int
    _commits = 0
    engine: WatchedEngine
    lives: Lives
    failed: Callable[[BaseException], None]

    async def run(self) -> None:
        """See `Shard.run`."""
        try:
            await super().run()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.failed(error)
            raise

    async def _tenure(self) -> None:
        try:
            await super()._tenure()
        except KernelBroke as broke:
            self.failed(broke.__cause__ or broke)
            raise
        finally:
            self.writer = None
            self.lives.lost()

    async def _take_over(self, lease: Lease) -> Writer:
        self.lives.found()  # what is committed slowly from here on is no time without a writer
        writer = await super()._take_over(lease)
        self.writer = writer
        return writer

    async def _commit(self, writer: Writer, turn: Turn) -> None:
        await super()._commit(writer, turn)
        if not turn.is_empty:
            self._commits += 1
            self.check(writer, is_reloading=self._commits % self.reload_every == 0)

    def check(self, writer: Writer, *, is_reloading: bool = True) -> None:
        """Object to what does not hold."""
        state = writer.kernel.state
        try:
            writer.kernel.check(is_reloading=is_reloading)
            records = {key_of(record): record for record in self.engine.peek()}
            held = {
                key_of(record): record
                for kind in (
                    state.agents,
                    state.contacts,
                    state.offers,
                    state.conversations,
                    state.customers,
                    state.queue_records,
                )
                for record in kind.values()
            }
            for name, record in held.items():
                assert records[name] == record, f"stored otherwise: {name[0]} (I14)"
            for name in records.keys() - held.keys():
                assert name[0] in {"configuration", "shard"}, f"only stored: {name[0]} (I14)"
        except AssertionError as error:
            self.failed(error)

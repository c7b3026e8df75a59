"""The engine for many processes: one shard on a Redis server.

Everything is there, the inbox too, so any process may write next and every process may follow.
What the server promises to keep is what its own settings say (docs/reliability.md).
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from router.kernel.ids import AgentId, ConversationId, HubId
from router.kernel.model import AnyRecord, ContactRecord, Key, key_of
from router.log import log
from router.shard import formats, redis_scripts
from router.shard.codec import decode_message, decode_signal, encode
from router.shard.engine import (
    MANY_RECORDS,
    Batch,
    Cursor,
    EngineError,
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
    Signal,
)
from router.shard.live import INBOX_MAX, LOG_MAX, SIGNALS_MAX, Bell, Signals, ask_first
from router.shard.redis_batch import (
    Place,
    Writing,
    answers_expired,
    answers_kept,
    answers_of,
    field_of,
    records_of,
)
from router.shard.redis_commit import Commits
from router.shard.redis_inbox import InboxFull, InboxReader, Outbox
from router.shard.redis_link import Link, Reply, Word, number, several, text
from router.shard.redis_log import BLOCK_MS, Follower, rewrite, shown
from router.shard.redis_store import TENANTS, RedisStore, prefix_of, unfit

_log = log(__name__)

REPLICATED_WITHIN_MS = 500
"""A replica that needs longer is not in step."""

ASKING_MAX = 4
"""Connections for histories, records and answers: one that takes long holds up a quarter."""

ASK_TIMEOUT_S = 2.0
"""For one of these; a command may have to wait for two, and still hears in time."""

BLOCKED_MAX_S = BLOCK_MS / 1000 + 1.0
"""How long a server may take to say that nothing came."""

READ_BLOCK_MS = 250
READ_MAX_S = 1.0
"""The same for a writer, which must know within the time of a lease that nobody hears it."""

LOOK_WITHIN_S = 0.25
"""How long whoever reads metrics waits for a server: then what was heard before is told."""

KEPT_FREE = 10
"""The last tenth of the inbox is for what is no message and no new chat."""

MOMENTS_MAX = 20
"""What is asked together is answered together nearly always."""

ResultT = TypeVar("ResultT")


class RedisEngine:
    """An `Engine` on Redis; see `open`."""

    def __init__(self, store: RedisStore, tenant: str, *, inbox_max: int, log_max: int) -> None:
        """Be connected to nothing; `open` is the way to make one."""
        self._store = store
        self._tenant = tenant
        self._prefix = prefix_of(tenant)
        self._inbox_max = inbox_max
        self._log_max = log_max
        server = store.server
        self._writing = server.link(unfit=unfit)  # what nobody commits, nobody loses
        self._reading = server.link(is_reading=True)
        self._asking = server.links(ASKING_MAX, timeout_s=ASK_TIMEOUT_S)
        self._sending = server.link()
        self._blocking = server.link(is_reading=True, timeout_s=READ_MAX_S)
        self._inbox = InboxReader(self._blocking, f"{self._prefix}inbox")
        self._outbox = Outbox(self._add, store.start)
        self._commits = Commits(self._writing, self._prefix)
        self._committing = asyncio.Lock()
        self._signals = Signals()
        self._told: deque[bytes] = deque(maxlen=SIGNALS_MAX)
        self._is_telling = False
        self._freed = Bell()
        self._looked = Bell()
        self._is_looking = False
        self._depth = 0
        self._at_ms: int | None = None

    @classmethod
    async def open(
        cls,
        store: RedisStore,
        tenant: str,
        *,
        inbox_max: int = INBOX_MAX,
        log_max: int = LOG_MAX,
    ) -> "RedisEngine":
        """Open a tenant's shard, or begin an empty one.

        Raises:
            NewerFormat: A newer version wrote it.
            EngineUnavailable: The server does not answer.
        """
        engine = cls(store, tenant, inbox_max=inbox_max, log_max=log_max)
        try:
            await engine.begin()
        except BaseException:
            await engine.close()
            raise
        return engine

    async def begin(self) -> None:
        """Prepare for use; raises as `open`."""
        version = await self._reading.call("HGET", f"{self._prefix}shard", "version")
        formats.check(number(version))
        await self._writing.call("SADD", TENANTS, self._tenant)
        await self._store.listen(f"{self._prefix}signals", self._heard)
        await self._store.listen(f"{self._prefix}freed", lambda _: self._freed.ring())
        ask_first(self)

    # -- the lease ---------------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """See `Engine.depth`."""
        return self._depth + self._outbox.size

    async def acquire(self, holder: str, *, ttl_ms: int) -> Lease:
        """See `Engine.acquire`; what a dead writer committed and did not tell is told."""
        self._forget()
        nonce = secrets.token_hex(16)
        lease, is_parked = await redis_scripts.acquire(
            self._writing, self._prefix, holder=holder, nonce=nonce, ttl_ms=ttl_ms
        )
        if self._store.is_replicated and not await self._is_replicated():
            await self.release(lease)
            raise EngineUnavailable("no replica of the Redis server is in step")
        if is_parked:
            await redis_scripts.publish(self._writing, self._prefix, token=lease.token)
        return lease

    def _forget(self) -> None:
        """Know nothing that another writer may have changed."""
        self._inbox.forget()
        self._at_ms = None

    async def renew(self, lease: Lease, *, alive_at_ms: int, ttl_ms: int) -> None:
        """See `Engine.renew`."""
        await redis_scripts.renew(
            self._writing, self._prefix, lease=lease, alive_at_ms=alive_at_ms, ttl_ms=ttl_ms
        )
        self._commits.forget()

    async def release(self, lease: Lease) -> None:
        """See `Engine.release`."""
        self._forget()
        await redis_scripts.release(self._writing, self._prefix, lease=lease)

    async def lease_freed(self, timeout_ms: int) -> None:
        """See `Engine.lease_freed`."""
        await self._freed.wait(timeout_ms / 1000)

    # -- the inbox ---------------------------------------------------------------------------

    async def submit(self, envelope: Envelope) -> None:
        """See `Engine.submit`; waits only for a future.

        Whether the inbox is full is for the server to say: what was heard of it may be old.
        """
        if self._outbox.size >= self._inbox_max:
            raise EngineUnavailable("the inbox is full")
        await self._outbox.put(envelope)

    async def _add(self, count: int, data: bytes, has_words: bool) -> None:  # noqa: FBT001 - `Add`
        room = self._inbox_max - (self._inbox_max // KEPT_FREE if has_words else 0)
        depth = await redis_scripts.add(
            self._sending, self._prefix, inbox_max=room, count=count, data=data
        )
        self._depth = depth if depth >= 0 else -1 - depth
        self._inbox.heard(self._depth)
        if depth < 0:
            raise InboxFull("the inbox is full")

    async def look(self) -> None:
        """Hear what waits for a writer of this process: other processes put commands there too."""
        if self._inbox.is_known:
            if not self._is_looking:
                self._is_looking = True
                self._store.start("look", self._look())
            await self._looked.wait(LOOK_WITHIN_S)

    async def _look(self) -> None:
        try:
            with suppress(EngineError):
                added, cursor = await self._reading.calls(
                    ("GET", f"{self._prefix}added"), ("HGET", f"{self._prefix}shard", "cursor")
                )
                self._depth = max(number(added) - number(cursor), 0)
                self._inbox.heard(self._depth)
        finally:
            self._is_looking = False
            self._looked.ring()

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """See `Engine.read`."""
        await self._know_place()
        return await self._inbox.read(after, limit=limit, wait_ms=min(wait_ms, READ_BLOCK_MS))

    async def _know_place(self) -> None:
        if not self._inbox.is_known:
            cursor, done, skip = several(
                await self._reading.call("HMGET", f"{self._prefix}shard", "cursor", "done", "skip")
            )
            self._inbox.reset(Cursor(number(cursor)), _place(done, skip))

    # -- records -----------------------------------------------------------------------------

    async def load(self) -> Loaded:
        """See `Engine.load`."""
        position, cursor, (hot, seen) = await _as_of_one_moment(
            self._reading,
            self._prefix,
            ("HVALS", f"{self._prefix}hot"),
            ("HGETALL", f"{self._prefix}seen"),
        )
        bodies = several(hot)
        is_large = len(bodies) > MANY_RECORDS
        records = await asyncio.to_thread(_sorted, bodies) if is_large else _sorted(bodies)
        flat = [text(word).decode() for word in several(seen)]
        return Loaded(
            records=tuple(records),
            position=position,
            cursor=cursor,
            seen={HubId(hub[1:]): int(n) for hub, n in zip(flat[::2], flat[1::2], strict=True)},
        )

    async def fetch(self, keys: Collection[Key]) -> Fetched:
        """See `Engine.fetch`; waits only for a future."""
        return await self._asked(self._fetch(keys))

    async def _fetch(self, keys: Collection[Key]) -> Fetched:
        fields = [field_of(key) for key in keys]
        kinds = ("hot", "cold") if fields else ()
        position, _, found = await _as_of_one_moment(
            self._asking.free(),
            self._prefix,
            *(("HMGET", f"{self._prefix}{kind}", *fields) for kind in kinds),
        )
        bodies = (body for replies in found for body in several(replies))
        records = {key_of(record): record for record in records_of(bodies)}
        return Fetched(records=records, position=position)

    async def answers(self, keys: Collection[bytes]) -> Mapping[bytes, Kept]:
        """See `Engine.answers`; waits only for a future."""
        return await self._asked(self._answers(keys)) if keys else {}

    async def _answers(self, keys: Collection[bytes]) -> Mapping[bytes, Kept]:
        link = self._asking.free()
        at_ms = self._at_ms
        if at_ms is None:
            at_ms = number(await link.call("HGET", f"{self._prefix}shard", "at"))
        asked: list[list[Word]] = [
            ["HMGET", f"{self._prefix}answers:{each}", *keys] for each in answers_kept(at_ms)
        ]
        found = await link.calls(*asked)
        return answers_of((body for bodies in found for body in several(bodies)), at_ms)

    async def commit(self, batch: Batch, *, lease: Lease) -> None:
        """See `Engine.commit`."""
        async with self._committing:
            await self._commit(batch, lease)

    async def _commit(self, batch: Batch, lease: Lease) -> None:
        await self._know_place()
        writing = Writing(
            prefix=self._prefix,
            lease=lease,
            place=await self._inbox.place_of(batch.cursor),
            entries=shown(batch.entries),
            rewritten=await rewrite(self._reading, self._prefix, batch.entries),
            expired=answers_expired(batch.at_ms, self._at_ms),
            log_max=self._log_max,
            is_parked=self._store.is_replicated and bool(batch.entries),
        )
        self._depth = await self._commits.write(batch, writing)
        if self._store.is_replicated and not await self._is_replicated():
            raise OutcomeUnknown("no replica of the Redis server has the batch yet")
        if writing.is_parked:
            await self._publish(lease)
        self._inbox.handled(batch.cursor, left=self._depth)
        self._at_ms = batch.at_ms

    async def _publish(self, lease: Lease) -> None:
        try:
            if not await redis_scripts.publish(self._writing, self._prefix, token=lease.token):
                raise OutcomeUnknown("this server does not have what was written")
        except EngineUnavailable as error:
            raise OutcomeUnknown("it was written, and told to nobody") from error
        except FencedOut as error:
            raise OutcomeUnknown("it was written, and another writer tells it") from error

    async def _is_replicated(self) -> bool:
        """A replica has all that was written here so far; a new connection knows of nothing."""
        made = self._writing.connections
        replicas = number(await self._writing.call("WAIT", 1, REPLICATED_WITHIN_MS))
        return replicas >= 1 and self._writing.connections == made

    # -- following ---------------------------------------------------------------------------

    async def follow(self, after: Position) -> AsyncIterator[Entry]:
        """See `Engine.follow`; while the server is away it waits."""
        link = self._store.server.link(is_reading=True, timeout_s=BLOCKED_MAX_S)
        try:
            async for entry in Follower(link, self._prefix, after=after).follow(self._deep):
                yield entry
        finally:
            await link.close()

    def _deep(self, depth: int) -> None:
        self._depth = depth

    async def signal(self, signal: Signal) -> None:
        """See `Engine.signal`; waits for nothing."""
        self._signals.tell(signal)
        self._told.append(self._store.name + encode(signal))
        if not self._is_telling:
            self._is_telling = True
            self._store.start("signal", self._tell())

    async def _tell(self) -> None:
        """Tell other processes; what cannot be told now is told to nobody."""
        channel = f"{self._prefix}signals"
        try:
            while self._told:
                told = [("PUBLISH", channel, data) for data in self._told]
                self._told.clear()
                with suppress(EngineError):
                    await self._sending.calls(*told)
        finally:
            self._is_telling = False

    def _heard(self, data: bytes) -> None:
        if not data.startswith(self._store.name):  # one's own followers know already
            signal = decode_signal(data[len(self._store.name) :])
            if signal is None:
                _log.warning("signal.unknown", hint="a newer version sent it")
            else:
                self._signals.tell(signal)

    def signals(self) -> AsyncIterator[Signal]:
        """See `Engine.signals`."""
        return self._signals.follow()

    # -- reading -----------------------------------------------------------------------------

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """See `Engine.transcript`; waits only for a future."""

        async def page() -> tuple[list[Reply], bool]:
            return await redis_scripts.page(
                self._asking.free(),
                self._prefix,
                conversation=conversation,
                after=after,
                before=before,
                limit=limit,
            )

        found, more = await self._asked(page())
        messages = tuple(decode_message(body) for body in found if isinstance(body, bytes))
        return Page(messages=messages, more=more)

    async def recent(
        self, agent: AgentId, *, before_ms: int | None = None, limit: int = 50
    ) -> Sequence[ContactRecord]:
        """See `Engine.recent`; waits only for a future."""

        async def closed() -> list[Reply]:
            return await redis_scripts.recent(
                self._asking.free(), self._prefix, agent=agent, before_ms=before_ms, limit=limit
            )

        found = await self._asked(closed())
        return [record for record in records_of(found) if isinstance(record, ContactRecord)]

    async def _asked(self, work: Coroutine[object, object, ResultT]) -> ResultT:
        """What becomes of work in a task: whoever waits for it need not be one."""
        future: asyncio.Future[tuple[ResultT | None, BaseException | None]]
        future = asyncio.get_running_loop().create_future()

        async def answer() -> None:
            result: ResultT | None = None
            fault: BaseException | None = None
            try:
                result = await work
            except Exception as error:  # noqa: BLE001 - raised where the answer is waited for
                fault = error
            if not future.done():
                future.set_result((result, fault))

        self._store.start("ask", answer())
        result, fault = await future
        if fault is not None:
            raise fault
        return result  # type: ignore[return-value]  # there is a result when there is no fault

    async def close(self) -> None:
        """See `Engine.close`; connections of followers go when they do."""
        for name in ("signals", "freed"):
            with suppress(EngineError):
                await self._store.forget(f"{self._prefix}{name}")
        for link in (self._writing, self._reading, self._sending, self._blocking):
            await link.close()
        await self._asking.close()


def _sorted(bodies: list[Reply]) -> list[AnyRecord]:
    """Records in the order of their keys: a hash has none."""
    return sorted(records_of(bodies), key=key_of)


def _place(done: Reply, skip: Reply) -> Place:
    return Place(text(done).decode() or "0-0", number(skip))


async def _as_of_one_moment(
    link: Link, prefix: str, *commands: Iterable[Word]
) -> tuple[Position, Cursor, list[Reply]]:
    """Position, cursor, and replies between which nobody committed.

    Not in a transaction: a server without memory left refuses to begin one.

    Raises:
        EngineUnavailable: Somebody commits all the time.
        NewerFormat: A newer version has written the shard.
    """
    shard = ("HMGET", f"{prefix}shard", "commits", "position", "cursor", "version")
    for _ in range(MOMENTS_MAX):
        before, *found, after = await link.calls(shard, *commands, shard)
        if before == after:
            _, position, cursor, version = several(before)
            formats.check(number(version))
            return Position(number(position)), Cursor(number(cursor)), found
    raise EngineUnavailable("the Redis server has no quiet moment")

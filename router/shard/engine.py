"""The engine contract: where commands queue, what a commit is, and who may write.

There is one shard per tenant and one writer per shard. Every sentence in these docstrings has a
test in `tests/conformance` that runs on every engine.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NewType, Protocol

import msgspec

from router.kernel.errors import Refusal
from router.kernel.ids import AgentId, ContactId, ConversationId, CustomerId, HubId
from router.kernel.messages import AnyCommand, AnyEvent, AnyResult
from router.kernel.model import AnyRecord, ContactRecord, Key, Message

Cursor = NewType("Cursor", int)
"""How far the inbox was handled: the number of commands taken from it, from 0."""

Position = NewType("Position", int)
"""How far the log reaches: the number of its last entry, from 0; survives restarts."""

MANY_RECORDS = 1_000
"""So many are decoded and taken over in a thread: the event loop has other tenants to serve."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """A client's own id of a command, as it is kept: only hashes.

    Attributes:
        key: Keyed hash of author and client id.
        body: Keyed hash of the masked command.
    """

    key: bytes
    body: bytes


class Envelope(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A command on its way to the writer.

    Attributes:
        hub: The hub incarnation that sent it; answers go there.
        n: Counts that hub's commands from 1; the shard drops what it has seen.
        request: Under what it is answered once, and looked for first.
        formerly: What the same request was, asked by whom its author was before.
    """

    hub: HubId
    n: int
    command: AnyCommand
    request: Request | None = None
    formerly: tuple[Request, ...] = ()


class Answer(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What became of an envelope.

    Attributes:
        at_ms: When it was decided, or first decided.
        is_repeat: The same request was answered before; nothing changed this time.
    """

    hub: HubId
    n: int
    result: AnyResult | Refusal
    at_ms: int
    is_repeat: bool = False


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One step of the shard: what happened, the records as they are after it, and who is answered.

    A step is one command, or one deadline that fired.
    """

    position: Position
    at_ms: int
    events: tuple[AnyEvent, ...] = ()
    records: tuple[AnyRecord, ...] = ()
    answers: tuple[Answer, ...] = ()


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A record to be stored.

    Attributes:
        is_hot: It is loaded at start and takeover; others are fetched when a command names them.
        expires_at_ms: It may be dropped then; None keeps it. Nothing hot expires.
    """

    record: AnyRecord
    is_hot: bool
    expires_at_ms: int | None = None


class Kept(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An answer that the same request gets again, until it expires."""

    request: Request
    result: AnyResult
    at_ms: int
    expires_at_ms: int


class Closing(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A closed contact in the list of what an agent handled."""

    agent: AgentId
    contact: ContactId
    ended_at_ms: int


class Batch(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Everything one commit writes; all of it or nothing.

    Attributes:
        previous: The cursor the batch was decided at.
        cursor: The cursor after it.
        at_ms: The shard's time: rows and answers that expired before it may be dropped.
        seen: The last number taken of each hub that the batch answers.
        lost: Hubs that are gone: what was seen of them may be forgotten after a while.
    """

    previous: Cursor
    cursor: Cursor
    at_ms: int
    entries: tuple[Entry, ...] = ()
    rows: tuple[Row, ...] = ()
    messages: tuple[Message, ...] = ()
    kept: tuple[Kept, ...] = ()
    closings: tuple[Closing, ...] = ()
    seen: Mapping[HubId, int] = msgspec.field(default_factory=dict[HubId, int])
    lost: tuple[HubId, ...] = ()


class Lease(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The right to write, until it is lost.

    Attributes:
        token: `epoch:nonce`; compared for equality, never by order.
        alive_at_ms: The previous writer's last sign of life on its own clock; None for none.
    """

    token: str
    epoch: int
    alive_at_ms: int | None


class Loaded(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The hot records, and where in inbox and log they are true.

    Attributes:
        seen: The last number taken of each hub, as of the cursor; empty where the inbox does not
            survive the process, so that nothing of it comes again.
    """

    records: tuple[AnyRecord, ...]
    position: Position
    cursor: Cursor
    seen: Mapping[HubId, int] = msgspec.field(default_factory=dict[HubId, int])


class Fetched(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Records by name, and where in the log they are true."""

    records: Mapping[Key, AnyRecord]
    position: Position


class Page(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Messages in order of `seq`; `more` when the asked direction has further ones."""

    messages: tuple[Message, ...]
    more: bool


class Typing(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="typing"):
    """Somebody types, or stopped."""

    conversation: ConversationId
    on: bool
    agent: AgentId | None = None
    customer: CustomerId | None = None


class Stand(msgspec.Struct, frozen=True, gc=False):
    """A contact's place in its queue, from 1, and the estimate of its wait."""

    contact: ContactId
    position: int
    estimated_wait_ms: int | None


class Standings(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="standings"):
    """Places that changed since they were last told."""

    stands: tuple[Stand, ...]


Signal = Typing | Standings


class EngineError(Exception):
    """The root of an engine's faults.

    EngineError
    ├── FencedOut: somebody else writes; drop memory and reload
    ├── LeaseTaken: somebody else writes; wait until the lease is free
    ├── OutcomeUnknown: the commit may or may not have happened; drop memory and reload
    ├── EngineUnavailable: nothing was written; try again later
    ├── AlreadyOpen: another process has the store open
    ├── StoreCorrupt: the store cannot be read; restore it
    │   └── NewerFormat: a newer version wrote it; leave it to a process of that one
    └── FellBehind: the follower missed entries; load again
    """


class FencedOut(EngineError):  # noqa: N818 - named by what happened, as the others
    """The lease is not the one held; nothing was written."""


class LeaseTaken(EngineError):  # noqa: N818 - named by what happened
    """Another holder's lease lives.

    Attributes:
        remaining_ms: When it runs out, unless it is renewed.
    """

    def __init__(self, remaining_ms: int) -> None:
        """Keep how long it still lives."""
        super().__init__("another process writes")
        self.remaining_ms = remaining_ms


class OutcomeUnknown(EngineError):  # noqa: N818 - named by what happened
    """The commit may or may not have taken effect."""


class EngineUnavailable(EngineError):  # noqa: N818 - named by what happened
    """Nothing was written (a full disk, a lost server); trying again later may work."""


class AlreadyOpen(EngineError):  # noqa: N818 - named by what happened
    """Another process has the store open."""


class StoreCorrupt(EngineError):  # noqa: N818 - named by what happened
    """The store cannot be read, or was written by a newer version."""


class NewerFormat(StoreCorrupt):
    """A newer version wrote it; where other processes write too, that one goes on."""


class FellBehind(EngineError):  # noqa: N818 - named by what happened
    """Entries after the asked position are no longer kept."""


class Engine(Protocol):
    """Inbox, records, transcripts, answers and log of one shard."""

    @property
    def depth(self) -> int:
        """Commands in the inbox that no commit has taken yet, as last known here."""
        ...

    async def acquire(self, holder: str, *, ttl_ms: int) -> Lease:
        """Become the writer for ``ttl_ms``; any earlier lease is lost from then on.

        The holder of a lease may do so at any time, anybody else when it was released or ran out.
        Where only one process can be, nobody else's lease lives.

        Raises:
            LeaseTaken: Another holder's lease lives.
        """
        ...

    async def renew(self, lease: Lease, *, alive_at_ms: int, ttl_ms: int) -> None:
        """Stay the writer for ``ttl_ms`` more, and leave a sign of life, which survives restarts.

        Raises:
            FencedOut: ``lease`` is not the one held.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Stop being the writer; a lease that is not held is ignored."""
        ...

    async def lease_freed(self, timeout_ms: int) -> None:
        """Return when a lease was given up, or after a time; also without reason."""
        ...

    async def submit(self, envelope: Envelope) -> None:
        """Put a command into the inbox, behind all that the same hub submitted before.

        Order is promised, durability is not: only the answer says that it took effect.

        Raises:
            EngineUnavailable: The inbox is full; nothing was queued.
        """
        ...

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """The next commands after a cursor, in order; empty when none came within ``wait_ms``.

        Reading does not consume: only a commit moves the cursor.
        """
        ...

    async def load(self) -> Loaded:
        """The hot records as of one position and cursor."""
        ...

    async def fetch(self, keys: Collection[Key]) -> Fetched:
        """Records by name, hot or cold, as last committed; missing ones are left out.

        All of them are as the entry at the position left them, but for those that expired: nothing
        before it is missing, and nothing after it is in them. Followers may not be there yet.
        """
        ...

    async def answers(self, keys: Collection[bytes]) -> Mapping[bytes, Kept]:
        """Kept answers by request key, as last committed."""
        ...

    async def commit(self, batch: Batch, *, lease: Lease) -> None:
        """Write all of a batch, move the cursor and append its entries to the log, atomically.

        Once it returns, the batch survives a killed process. A message of a (conversation, seq)
        already stored is replaced; nothing of what it said stays in a store that is not written
        to for a while, and in the entries still kept it is replaced too: who follows them later is
        not told it. Batches are committed in the order of the calls.

        Raises:
            FencedOut: ``lease`` is not the one held, ``previous`` is not the cursor, or the first
                entry does not follow the log's last.
            EngineUnavailable: Nothing was written.
            OutcomeUnknown: It may have been written.
        """
        ...

    def follow(self, after: Position) -> AsyncIterator[Entry]:
        """Every entry after a position, in order, as they are committed; never ends by itself.

        Raises:
            FellBehind: Entries after ``after`` are no longer kept.
        """
        ...

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """Messages in order of `seq`: the first after ``after``, else the last before ``before``.

        With neither, the last ones. Both bound the page when both are given, read from ``after``.
        """
        ...

    async def recent(
        self, agent: AgentId, *, before_ms: int | None = None, limit: int = 50
    ) -> Sequence[ContactRecord]:
        """Closed contacts an agent had a leg in, latest end first, that ended before a time."""
        ...

    async def signal(self, signal: Signal) -> None:
        """Tell every follower of signals now, or not at all; nothing is stored."""
        ...

    def signals(self) -> AsyncIterator[Signal]:
        """Signals from now on; some may be dropped when the follower is slow."""
        ...

    async def close(self) -> None:
        """Give up every resource; what was committed stays."""
        ...


class Hubs(Protocol):
    """The hub incarnations that live, whichever process they are in."""

    async def announce(self, hub: HubId, *, ttl_ms: int) -> bool:
        """Count as alive for ``ttl_ms`` from now.

        Returns:
            False when the hub was announced before and its time ran out since, from then on each
            time: it was counted as lost, and its sockets with it.
        """
        ...

    async def withdraw(self, hub: HubId) -> None:
        """Count as alive no more."""
        ...

    async def alive(self) -> tuple[HubId, ...]:
        """Every hub that was announced and whose time has not run out."""
        ...

    async def beats(self, asked: Collection[HubId]) -> Mapping[HubId, float]:
        """For every hub that lives, a number that grows each time it is announced.

        Those that are ``asked`` are announced again at once where they live, so that whoever looks
        twice knows of each whether it lived when it looked first.
        """
        ...

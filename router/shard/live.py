"""What lives only in this process: an inbox, a log and signals, shared by embedded engines.

All of it belongs to one event loop and is bounded; nothing here survives the process.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol, TypeGuard
from weakref import WeakSet

from msgspec.structs import replace

from router.kernel.ids import ConversationId
from router.kernel.messages import AnyEvent, MessageRedacted, MessageWritten
from router.kernel.model import Message
from router.shard.engine import (
    Cursor,
    EngineUnavailable,
    Entry,
    Envelope,
    FellBehind,
    Position,
    Signal,
)
from router.shard.metrics import INBOX_DEPTH

INBOX_MAX = 10_000
"""About two seconds of work for one writer: whoever waits longer has given up by then."""

LOG_MAX = 4_096
"""A second of a busy shard, far more than a follower in the same process may lag; an entry is some
kilobytes."""

SIGNALS_MAX = 1_000
"""A typing indicator this late is of no use; the oldest ones are dropped."""

CHUNK_MAX = 64
"""Entries a follower is handed between two looks at what is kept."""


class Bell:
    """Wakes everybody who waits for it."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: dict[asyncio.Future[None], None] = {}  # in the order they came

    def ring(self) -> None:
        """Wake all who wait now."""
        if self._waiting:
            for future in self._waiting:
                _wake(future)
            self._waiting.clear()

    async def wait(self, timeout_s: float | None = None) -> None:
        """Return when it rings, or after ``timeout_s``."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting[future] = None
        timer = None if timeout_s is None else loop.call_later(timeout_s, _wake, future)
        try:
            await future
        finally:
            self._waiting.pop(future, None)
            if timer is not None:
                timer.cancel()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Inbox:
    """Commands not yet handled, in the order they came."""

    def __init__(self, *, cursor: Cursor, size_max: int) -> None:
        """Be empty, with ``cursor`` commands handled before."""
        self._cursor = cursor
        self._size_max = size_max
        self._envelopes: deque[Envelope] = deque()
        self._bell = Bell()
        count(self)

    @property
    def depth(self) -> int:
        """Commands that wait for the writer."""
        return len(self._envelopes)

    def put(self, envelope: Envelope) -> None:
        """Queue a command.

        Raises:
            EngineUnavailable: The inbox is full; nothing was queued.
        """
        if len(self._envelopes) >= self._size_max:
            raise EngineUnavailable("the inbox is full")
        self._envelopes.append(envelope)
        self._bell.ring()

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """The next commands after a cursor; waits for the first one."""
        start = max(after - self._cursor, 0)
        if len(self._envelopes) <= start and wait_ms > 0:
            await self._bell.wait(wait_ms / 1000)
            start = max(after - self._cursor, 0)
        return tuple(islice(self._envelopes, start, start + limit))

    def handled(self, cursor: Cursor) -> None:
        """Forget the commands up to a cursor."""
        count = cursor - self._cursor
        for _ in range(count):
            self._envelopes.popleft()
        self._cursor = cursor


class Deep(Protocol):
    """Something in which commands wait for a writer of this process."""

    @property
    def depth(self) -> int:
        """How many."""
        ...


_inboxes: WeakSet[Deep] = WeakSet()
INBOX_DEPTH.set_function(lambda: sum(inbox.depth for inbox in tuple(_inboxes)))


def count(inbox: Deep) -> None:
    """Show in the metrics how many commands wait in it, as long as it is there."""
    _inboxes.add(inbox)


class Looking(Protocol):
    """What must ask elsewhere how many commands wait."""

    async def look(self) -> None:
        """Ask now; waits not for long, and raises nothing."""
        ...


_looking: WeakSet[Looking] = WeakSet()


def ask_first(engine: Looking) -> None:
    """Let it look before anybody is told how many commands wait, as long as it is there."""
    _looking.add(engine)


async def look_at_inboxes() -> None:
    """Hear what waits in every inbox now, whichever process put it there."""
    await asyncio.gather(*(engine.look() for engine in tuple(_looking)))


Place = tuple[ConversationId, int]
"""Where a message stands: its conversation, and its number in it."""


class Log:
    """The last entries, for followers."""

    def __init__(self, *, position: Position, size_max: int) -> None:
        """Be empty, with the entries up to ``position`` no longer kept."""
        self._position = position
        self._entries: deque[Entry] = deque(maxlen=size_max)
        self._bell = Bell()

    def append(self, entries: Iterable[Entry]) -> None:
        """Add entries; the oldest are dropped when there are too many.

        What they redact is redacted in the entry that wrote it, if that is still kept.
        """
        for entry in entries:
            assert entry.position == self._position + 1, "the log has a gap"
            self._position = entry.position
            replaced = redactions(entry)
            if replaced:
                self._redact(replaced)
            self._entries.append(entry)
        self._bell.ring()

    def _redact(self, messages: Mapping[Place, Message]) -> None:
        """Let no entry say any more what messages said before; most were written lately.

        One walk for all of them: who waits is everybody.
        """
        missing = set(messages)
        for back, entry in enumerate(reversed(self._entries), 1):
            shown = redacted(entry, messages)
            if shown is not entry:
                self._entries[-back] = shown
                missing -= written(entry)
                if not missing:
                    return

    async def follow(self, after: Position) -> AsyncIterator[Entry]:
        """Every entry after a position, waiting for more for ever.

        Raises:
            FellBehind: Entries after it are no longer kept.
        """
        while True:
            if after >= self._position:
                await self._bell.wait()
                continue
            start = after - (self._position - len(self._entries))
            if start < 0:
                raise FellBehind("entries were dropped before they were read; load again")
            # By index, because a deque finds its last ones without a walk from the first; and one
            # by one, because what is not handed over yet may be redacted or dropped meanwhile.
            for _ in range(CHUNK_MAX):
                start = after - (self._position - len(self._entries))
                if not 0 <= start < len(self._entries):
                    break
                entry = self._entries[start]
                yield entry
                after = entry.position
            await asyncio.sleep(0)  # who lags far behind must not keep the loop to itself


def redactions(entry: Entry) -> dict[Place, Message]:
    """The messages that an entry replaces, as they are shown from then on."""
    return {
        _place(event.message): event.message
        for event in entry.events
        if isinstance(event, MessageRedacted)
    }


def written(entry: Entry) -> set[Place]:
    """The messages that an entry is the first to tell."""
    return {_place(event.message) for event in entry.events if isinstance(event, MessageWritten)}


def redacted(entry: Entry, messages: Mapping[Place, Message]) -> Entry:
    """The entry as it may be told from now on; itself when it tells none of the messages."""
    if not any(_tells(event, messages) for event in entry.events):
        return entry
    events = tuple(
        replace(each, message=messages[_place(each.message)]) if _tells(each, messages) else each
        for each in entry.events
    )
    return replace(entry, events=events)


def _place(message: Message) -> Place:
    return message.conversation, message.seq


def _tells(
    event: AnyEvent, messages: Mapping[Place, Message]
) -> TypeGuard[MessageWritten | MessageRedacted]:
    """It says what one of the messages says."""
    return isinstance(event, MessageWritten | MessageRedacted) and _place(event.message) in messages


class Subscription:
    """One follower's signals: an iterator that lives as long as somebody holds it."""

    def __init__(self, size_max: int) -> None:
        """Start with none."""
        self._signals: deque[Signal] = deque(maxlen=size_max)
        self._bell = Bell()

    def put(self, signal: Signal) -> None:
        """Add a signal; the oldest is dropped when there are too many."""
        self._signals.append(signal)
        self._bell.ring()

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> Signal:
        while not self._signals:
            await self._bell.wait()
        return self._signals.popleft()


class Signals:
    """Tells every follower of now what happens now."""

    def __init__(self, *, size_max: int = SIGNALS_MAX) -> None:
        """Start without followers."""
        self._size_max = size_max
        self._subscriptions: WeakSet[Subscription] = WeakSet()

    def tell(self, signal: Signal) -> None:
        """Hand a signal to every follower."""
        for subscription in self._subscriptions:
            subscription.put(signal)

    def follow(self) -> AsyncIterator[Signal]:
        """Signals from now on."""
        subscription = Subscription(self._size_max)
        self._subscriptions.add(subscription)
        return subscription

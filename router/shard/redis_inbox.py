"""The inbox on Redis: commands that go out together, and the writer's way through them."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from router.kernel.ids import HubId
from router.kernel.messages import HubLost, SendAgentMessage, SendCustomerMessage, StartChat
from router.log import log
from router.shard.codec import decode_envelopes, encode_envelopes
from router.shard.engine import (
    Cursor,
    EngineError,
    EngineUnavailable,
    Envelope,
    FencedOut,
    OutcomeUnknown,
)
from router.shard.live import count
from router.shard.redis_batch import START, Place
from router.shard.redis_link import Link, Reply, several, text

_log = log(__name__)

Start: TypeAlias = Callable[[str, Coroutine[object, object, None]], None]
"""Runs work of the store's own; what it is called, and the work."""

ENTRIES_MAX = 64
"""Entries of the inbox read at once: each is what one hub had to ask in one moment."""

SEND_AGAIN_MAX = 8
"""Times that commands are sent again whose arrival is in doubt: longer than anybody waits for an
answer."""

SEND_AGAIN_MS_MIN = 20
"""The first pause; each is twice as long as the one before."""

WAIT_S = 1.0
"""How long somebody waits for the inbox: longer than that, a server is gone, and only the answer
counts, which is waited for beside."""

WORDS = (StartChat, SendCustomerMessage, SendAgentMessage)
"""What may come later when the inbox is nearly full, so that accepting and ending still pass."""

UNKNOWN = Envelope(hub=HubId(""), n=0, command=HubLost(hub=HubId("")))
"""In the place of a command that only a newer version knows: a number that was always seen, so that
it is passed over, and whoever asked hears `unavailable` in the end."""


class InboxFull(EngineUnavailable):
    """These commands do not fit; others may."""


class _Waiting(NamedTuple):
    """A command to be handled, and where the inbox stands once it was."""

    envelope: Envelope
    place: Place


class InboxReader:
    """What the writer has read and not handled yet; belongs to one tenure."""

    def __init__(self, link: Link, key: str) -> None:
        """Know nothing until `reset`."""
        self._link = link
        self._key = key
        self._cursor: Cursor | None = None
        self._place = START
        self._waiting: deque[_Waiting] = deque()
        self._last = START.done
        self._left = 0
        count(self)

    @property
    def depth(self) -> int:
        """Commands that wait, as far as heard last; none where somebody else writes."""
        return self._left if self.is_known else 0

    @property
    def is_known(self) -> bool:
        """It knows where it stands."""
        return self._cursor is not None

    def reset(self, cursor: Cursor, place: Place) -> None:
        """Begin anew from what was committed."""
        self._cursor = cursor
        self._place = place
        self._waiting.clear()
        self._last = place.done

    def forget(self) -> None:
        """Know nothing: somebody else may write."""
        self._cursor = None

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """See `Engine.read`."""
        start = self._start(after)
        if len(self._waiting) < start + limit:
            is_empty = len(self._waiting) <= start
            await self._read_more(wait_ms if is_empty else 0)
        return [one.envelope for one in islice(self._waiting, start, start + limit)]

    async def place_of(self, cursor: Cursor) -> Place:
        """Where the stream stands at a cursor; reads up to there if need be.

        Raises:
            FencedOut: The inbox does not hold so many: somebody else has handled them.
        """
        start = self._start(cursor)
        while len(self._waiting) < start:
            before = len(self._waiting)
            await self._read_more(0)
            if len(self._waiting) == before:
                raise FencedOut("the batch was decided at another cursor")
        return self._place if start == 0 else self._waiting[start - 1].place

    def handled(self, cursor: Cursor, *, left: int) -> None:
        """Forget the commands up to a cursor; so many wait behind it."""
        self._left = left
        for _ in range(self._start(cursor)):
            self._place = self._waiting.popleft().place
        self._cursor = cursor

    def heard(self, depth: int) -> None:
        """Note how many wait, of whoever was asked to take more: nothing may be committed now."""
        self._left = depth

    def _start(self, cursor: Cursor) -> int:
        assert self._cursor is not None, "it knows where it stands"
        return max(cursor - self._cursor, 0)

    async def _read_more(self, wait_ms: int) -> None:
        block = ("BLOCK", wait_ms) if wait_ms > 0 else ()
        reply = await self._link.call(
            "XREAD", "COUNT", ENTRIES_MAX, *block, "STREAMS", self._key, self._last
        )
        for name, fields in stream_of(reply):
            envelopes = decode_envelopes(fields.get(b"e", b""))
            skip = self._place.skip if self._last == self._place.done else 0
            for number, envelope in enumerate(envelopes[skip:], skip + 1):
                is_last = number == len(envelopes)
                place = Place(name, 0) if is_last else Place(self._last, number)
                if envelope is None:
                    _log.warning("command.unknown", hint="a newer version sent it")
                self._waiting.append(_Waiting(envelope or UNKNOWN, place))
            self._last = name


def stream_of(reply: Reply) -> list[tuple[str, dict[bytes, bytes]]]:
    """The entries of one stream, of a reply to XREAD."""
    streams = several(reply)
    return entries_of(several(streams[0])[1]) if streams else []


def entries_of(reply: Reply) -> list[tuple[str, dict[bytes, bytes]]]:
    """Ids and fields of a stream's entries, of a reply to XRANGE."""
    found: list[tuple[str, dict[bytes, bytes]]] = []
    for entry in several(reply):
        name, flat = several(entry)
        fields = [text(word) for word in several(flat)]
        found.append((text(name).decode(), dict(zip(fields[::2], fields[1::2], strict=True))))
    return found


Add: TypeAlias = Callable[[int, bytes, bool], Coroutine[object, object, None]]
"""Puts so many commands into the inbox, of these bytes; true when there are words among them."""

Going: TypeAlias = asyncio.Future[EngineError | None]


class Outbox:
    """Commands on their way into the inbox: those of one moment go together, in order.

    Only futures are waited for, so that whoever asks needs no task; and not for long, so that
    whoever asks hears in time that a server is gone. What they asked is sent all the same.
    """

    def __init__(self, add: Add, start: Start) -> None:
        """Send nothing yet; ``start`` runs what sends."""
        self._add = add
        self._start = start
        self._queue: list[tuple[Envelope, Going]] = []
        self._waiting: deque[tuple[Going, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_sending = False

    @property
    def size(self) -> int:
        """Commands that wait to be sent."""
        return len(self._queue)

    async def put(self, envelope: Envelope) -> None:
        """See `Engine.submit`."""
        loop = asyncio.get_running_loop()
        future: Going = loop.create_future()
        self._queue.append((envelope, future))
        self._waiting.append((future, loop.time() + WAIT_S))
        if self._timer is None:
            self._timer = loop.call_later(WAIT_S, self._release)
        if not self._is_sending:
            self._is_sending = True
            self._start("submit", self._send())
        fault = await future
        if fault is not None:
            raise fault

    def _release(self) -> None:
        """Let nobody wait for long; all wait equally long, so one timer serves them all."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._waiting:
            future, until_s = self._waiting[0]
            if not future.done():
                if until_s > loop.time():
                    self._timer = loop.call_at(until_s, self._release)
                    return
                future.set_result(None)
            self._waiting.popleft()

    async def _send(self) -> None:
        try:
            while self._queue:
                sent, self._queue = self._queue, []
                faults = await self._put([envelope for envelope, _ in sent])
                for (_, future), fault in zip(sent, faults, strict=True):
                    if not future.done():
                        future.set_result(fault)
        finally:
            self._is_sending = False

    async def _put(self, envelopes: Sequence[Envelope]) -> list[EngineError | None]:
        """Send all, or what is no words when words do not fit any more; what became of each."""
        are_words = [isinstance(envelope.command, WORDS) for envelope in envelopes]
        fault = await self._try(envelopes, has_words=any(are_words))
        rest = [one for one, is_word in zip(envelopes, are_words, strict=True) if not is_word]
        if not isinstance(fault, InboxFull) or not rest or len(rest) == len(envelopes):
            return [fault] * len(envelopes)
        other = await self._try(rest, has_words=False)
        return [fault if is_word else other for is_word in are_words]

    async def _try(self, envelopes: Sequence[Envelope], *, has_words: bool) -> EngineError | None:
        """Send until it is certain: what arrives twice has the same numbers, and is seen once."""
        data = encode_envelopes(envelopes)
        for attempt in range(SEND_AGAIN_MAX):
            try:
                await self._add(len(envelopes), data, has_words)
            except OutcomeUnknown:
                await asyncio.sleep((SEND_AGAIN_MS_MIN << attempt) / 1000)
            except EngineError as fault:
                return fault
            else:
                return None
        return EngineUnavailable("the Redis server does not answer")

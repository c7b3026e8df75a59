"""Chats of two that write as fast as they are answered, or at a fixed rate, and miss nothing.

All servers get the same work for each message: one frame in, one to each of two sockets, one ack.
Frames are matched as bytes, so that this end costs less than any server.
"""

import asyncio
import itertools
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

DRAIN_S_MAX = 20.0
"""Until all that was sent is answered and delivered; a server that drops never gets there."""
TEXTS = (
    b"Hello, I ordered a pair of running shoes last week, any news?",
    b"Could you tell me whether the blue one is still in stock?",
    b"Thanks for waiting, I am looking at your order right now.",
    b"The parcel left our warehouse on Tuesday and is on its way.",
    b"My order number is 48213 and I paid for it on 12 October.",
    b"I am sorry to hear that, let me see what we can do about it.",
    b"It would be great if it could arrive before the weekend.",
    b"Yes, that is right, the smaller size did not fit my daughter.",
    b"You can send it back within 30 days, a label is in the box.",
    b"Is it possible to change the delivery address at this point?",
    b"I have changed it for you, the carrier will be told tonight.",
    b"Perfect, thank you so much for your help and have a nice day!",
)
"""What people write, about 60 characters each."""


class Dialect(NamedTuple):
    """How one end's frames look.

    Attributes:
        event: How the frame of a delivered message begins.
        ack: How an ack begins, up to the number of its call.
        after_call: What stands behind that number.
        command: A message to send, with places for ``call``, ``number`` and ``text``; the number
            is left out where the server numbers.
    """

    event: bytes
    ack: bytes
    after_call: bytes
    command: bytes


class Side:
    """One of the two sockets of a chat."""

    def __init__(self, dialect: Dialect, send: Callable[[bytes], None], *, read: int = 0) -> None:
        """Have read a number of messages already."""
        self._event, self._ack, self._after_call, self._command = dialect
        self._send = send
        self._calls: dict[int, float] = {}
        self._called = 1_000_000  # beyond any call made before
        self.read = read
        self.awaited: set[int] = set()
        self.is_in_order = True
        self.answered: Callable[[float], None] = lambda _began_s: None

    @property
    def is_quiet(self) -> bool:
        """True when nothing is on its way."""
        return not self._calls and not self.awaited

    def write(self, number: int, text: bytes, began_s: float) -> None:
        """Send one message."""
        self._called += 1
        self._calls[self._called] = began_s
        self._send(self._command % {b"call": self._called, b"number": number, b"text": text})

    def hear(self, packet: bytes) -> None:
        """Count a delivery or an ack; each must be expected."""
        if packet.startswith(self._event):
            at = packet.index(b'"seq":') + 6
            number = int(packet[at : packet.index(b",", at)])
            self.awaited.remove(number)
            self.is_in_order &= number == self.read + 1
            self.read = number
        elif packet.startswith(self._ack):
            assert b'"ok":true' in packet, packet
            at = len(self._ack)
            call = int(packet[at : packet.index(self._after_call, at)])
            self.answered(self._calls.pop(call))
        elif packet == b"2":
            self._send(b"3")


class Chat:
    """Two sides that write in turn."""

    def __init__(self, sides: tuple[Side, Side]) -> None:
        """Go on from what both have read."""
        assert sides[0].read == sides[1].read, "one has read less than the other"
        self.sides = sides
        self._number = sides[0].read
        self._texts = itertools.cycle(TEXTS)

    def write(self, began_s: float) -> None:
        """Let the side whose turn it is write; both must hear it."""
        self._number += 1
        for side in self.sides:
            side.awaited.add(self._number)
        self.sides[self._number & 1].write(self._number, next(self._texts), began_s)

    @property
    def is_quiet(self) -> bool:
        """True when everything written is answered and delivered."""
        return all(side.is_quiet for side in self.sides)


class Load:
    """All the chats of one server."""

    def __init__(self, chats: list[Chat], *, is_numbered: bool) -> None:
        """Be silent; with ``is_numbered`` the server numbers, so that order is checked too."""
        self.acked = 0
        self.latencies_s: list[float] = []
        self._chats = chats
        self._is_numbered = is_numbered
        self._is_closed_loop = False
        for chat in chats:
            for side in chat.sides:
                side.answered = self._answered_to(chat)

    def _answered_to(self, chat: Chat) -> Callable[[float], None]:
        def answered(began_s: float) -> None:
            self.acked += 1
            now_s = perf_counter()
            if self._is_closed_loop:
                chat.write(now_s)
            else:
                self.latencies_s.append(now_s - began_s)

        return answered

    def begin(self, *, window: int) -> None:
        """Keep ``window`` messages of each chat on their way until `end`."""
        self._is_closed_loop = True
        for chat in self._chats:
            for _ in range(window):
                chat.write(perf_counter())

    async def end(self) -> None:
        """Write no more, and wait until everything has come.

        Raises:
            RuntimeError: Something did not come, or not in order.
        """
        self._is_closed_loop = False
        give_up_s = perf_counter() + DRAIN_S_MAX
        while not all(chat.is_quiet for chat in self._chats):
            if perf_counter() > give_up_s:
                raise RuntimeError("not everything was acked once and delivered twice")
            await asyncio.sleep(0.01)
        if self._is_numbered and not all(s.is_in_order for c in self._chats for s in c.sides):
            raise RuntimeError("messages came out of order")

    async def at_rate(self, per_s: float, *, seconds: float) -> list[float]:
        """Write at a fixed rate, one chat after the other, and return the sorted latencies.

        Each is counted from when the message was due, so that a late generator flatters nobody.
        """
        self.latencies_s = []
        began_s = perf_counter()
        for number, chat in zip(range(int(per_s * seconds)), itertools.cycle(self._chats)):
            due_s = began_s + number / per_s
            if (early_s := due_s - perf_counter()) > 0:
                await asyncio.sleep(early_s)
            chat.write(due_s)
        await self.end()
        return sorted(self.latencies_s)

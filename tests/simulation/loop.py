"""An event loop on virtual time: it never waits, and a seed settles what runs first.

Nothing real is behind it: no selector, no thread, no clock. When nothing is ready it jumps to the
next timer. Of what is ready at the same time any may run first, since nobody promised an order
between tasks; what one task does stays in order.
"""

import asyncio
from collections import deque
from random import Random

ROUNDS_MAX = 5_000
"""Rounds at one time: a busy moment takes some hundred, so this many lead nowhere."""

RESOLUTION_S = 1e-6  # timers are whole milliseconds


class Stuck(AssertionError):  # noqa: N818 - named by what happened
    """Time cannot go on: everybody waits for somebody else, or nobody ever waits."""


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop of one history."""

    _ready: deque[asyncio.Handle]

    def __init__(self, chance: Random) -> None:
        """Begin at time 0; ``chance`` draws what runs first."""
        super().__init__()
        self._now_s = 0.0
        self._rounds = 0
        self._chance = chance
        self._clock_resolution = RESOLUTION_S
        self._selector = self  # where the stock loop would wait for sockets

    def time(self) -> float:
        """The virtual time in seconds."""
        return self._now_s

    def now_ms(self) -> int:
        """The virtual time in whole milliseconds."""
        return round(self._now_s * 1000)

    def select(self, timeout: float | None) -> list[object]:
        """Go to the next timer at once; no socket is ever ready.

        Raises:
            Stuck: There is no timer either, or time stands still.
        """
        if timeout is None:
            raise Stuck("everybody waits, and nothing can happen any more")
        if timeout > 0:
            self._now_s += timeout
            self._rounds = 0
        self._rounds += 1
        if self._rounds > ROUNDS_MAX:
            self._rounds = 0
            raise Stuck("time stands still: somebody never waits")
        if len(self._ready) > 1 and self._chance.random() < 0.5:
            self._chance.shuffle(self._ready)
        return []

    def _process_events(self, event_list: list[object]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps, so nobody has to be woken."""

    def run_in_executor(self, *_: object) -> asyncio.Future[object]:  # type: ignore[override]
        """Threads run in no order that a seed could settle."""
        raise Stuck("somebody starts a thread")

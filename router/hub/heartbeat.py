"""One clock for the heartbeats of all sockets, so that a socket costs no timer of its own."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class Heartbeat:
    """Calls back whom it knows, each when it asked to be; logarithmic in how many there are."""

    def __init__(self) -> None:
        """Belong to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._due: list[tuple[float, int, Callable[[], int]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_s = 0.0  # not every loop's timers can tell
        self._serials = count()

    def add(self, beat: Callable[[], int], after_ms: int) -> None:
        """Call after a while; it returns after how many ms again, 0 for never."""
        self._push(beat, after_ms)
        self._wait()

    def _push(self, beat: Callable[[], int], after_ms: int) -> None:
        due_s = self._loop.time() + after_ms / 1_000
        heappush(self._due, (due_s, next(self._serials), beat))

    def _wait(self) -> None:
        """Sleep until the first one is due."""
        first_s = self._due[0][0] if self._due else None
        if self._timer is not None and first_s != self._wakes_s:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and first_s is not None:
            self._wakes_s = first_s
            self._timer = self._loop.call_at(first_s, self._beat)

    def _beat(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        while self._due and self._due[0][0] <= now_s:
            beat = heappop(self._due)[2]
            after_ms = beat()
            if after_ms:
                self._push(beat, after_ms)
        self._wait()

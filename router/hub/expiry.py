"""Says of each socket when its time is up: one waiting task for all of them.

The clock may be set, so it is looked at again and again; a socket that has left is forgotten.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sortedcontainers import SortedList

from router.kernel.ids import ConnectionId

LOOK_S = 1.0
"""The longest wait before the clock is looked at: it may have been set, or have slept."""


class Expiries:
    """When the sockets of a hub are to be signed out, the soonest first."""

    def __init__(self, *, now_ms: Callable[[], int], ended: Callable[[ConnectionId], None]) -> None:
        """Call ``ended`` once for each socket whose time is up, while `run` runs."""
        self._now_ms = now_ms
        self._ended = ended
        self._order: SortedList[tuple[int, ConnectionId]] = SortedList()
        self._ends: dict[ConnectionId, int] = {}
        self._is_changed = asyncio.Event()

    def add(self, connection: ConnectionId, at_ms: int) -> None:
        """Expect a socket's time to be up at ``at_ms``, or at once if that has passed."""
        self.discard(connection)
        self._ends[connection] = at_ms
        self._order.add((at_ms, connection))
        self._is_changed.set()

    def discard(self, connection: ConnectionId) -> None:
        """Forget a socket."""
        at_ms = self._ends.pop(connection, None)
        if at_ms is not None:
            self._order.remove((at_ms, connection))

    def fire(self) -> None:
        """Take out whose time is up."""
        while self._order and self._order[0][0] <= self._now_ms():
            _, connection = self._order[0]
            self.discard(connection)
            self._ended(connection)

    async def run(self) -> None:
        """Fire in time, for ever."""
        while True:
            self.fire()
            self._is_changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s()):
                    await self._is_changed.wait()

    def _wait_s(self) -> float | None:
        if not self._order:
            return None
        return min(max(self._order[0][0] - self._now_ms(), 0) / 1_000, LOOK_S)

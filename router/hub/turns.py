"""How long sockets may go on in one turn of the loop: who sends much at once waits, and no other.

Many who write faster than they are answered fill their sockets. Worked off as it lies there, that
would hold up everybody else, other tenants too, and the lease that must be renewed.
"""

import asyncio
from collections.abc import Callable

TURN_S = 0.001
"""For all sockets together: half as long as a shard decides before others get their turn."""


class Turns:
    """The turns of one event loop, shared by all its sockets."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """Belong to the running loop; ``clock`` is its own unless told."""
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._until_s: float | None = None

    def is_over(self) -> bool:
        """True when this turn has gone on for long; the first who asks begins it."""
        now_s = self._clock()
        if self._until_s is None:
            self._until_s = now_s + TURN_S
            self._loop.call_soon(self._end)
        return now_s >= self._until_s

    def _end(self) -> None:
        self._until_s = None

"""What falls due when: kept as state, fired by whoever steps the kernel.

A deadline is derived from the record it belongs to, so after a reload the same ones are due.
"""

import heapq
from typing import Literal, NamedTuple

DeadlineKind = Literal["offer", "wrapup", "agent", "customer", "pause"]

STALE_MAX = 1_024
"""Cancelled deadlines kept in the heap beyond the live ones before it is rebuilt: small beside a
busy floor's own, large enough that rebuilding costs nothing per step."""


class Deadline(NamedTuple):
    """Something that happens by itself at a time.

    Attributes:
        kind: `offer` expires; `wrapup` files the default code; `agent` was without a desktop for
            two seconds or the grace time; `customer` was away for the grace time; `pause`: a
            decline no longer keeps a contact from an agent.
        id: Of the offer, contact, agent, customer, contact.
        part: The leg's serial for `wrapup`, the pause's end for `pause`, else 0.
    """

    kind: DeadlineKind
    id: str
    part: int = 0


class Deadlines:
    """Deadlines in order of time, then name; setting and cancelling cost O(log n)."""

    __slots__ = ("_due", "_heap", "_held")

    def __init__(self) -> None:
        """Start with none."""
        self._due: dict[Deadline, int] = {}
        self._heap: list[tuple[int, Deadline]] = []
        self._held: set[Deadline] = set()

    def set(self, deadline: Deadline, at_ms: int | None) -> None:
        """Move a deadline; None cancels it. One that is held and moves is held no more."""
        due = self._due
        if at_ms is None:
            due.pop(deadline, None)
            self._held.discard(deadline)
        elif due.get(deadline) != at_ms:
            due[deadline] = at_ms
            self._held.discard(deadline)
            self._push(at_ms, deadline)

    def hold(self, deadline: Deadline) -> None:
        """Let a deadline not be the first, whatever its time, until it is released."""
        self._held.add(deadline)

    def release(self, deadline: Deadline) -> None:
        """Let one that was held be due again at its time."""
        if deadline in self._held:
            self._held.remove(deadline)
            self._push(self._due[deadline], deadline)

    def _push(self, at_ms: int, deadline: Deadline) -> None:
        heapq.heappush(self._heap, (at_ms, deadline))
        if len(self._heap) > 2 * len(self._due) + STALE_MAX:
            self._heap = [(at, each) for each, at in self._due.items() if each not in self._held]
            heapq.heapify(self._heap)

    def first(self) -> tuple[int, Deadline] | None:
        """The earliest one that is not held, and its time."""
        while self._heap:
            at_ms, deadline = self._heap[0]
            if self._due.get(deadline) == at_ms and deadline not in self._held:
                return at_ms, deadline
            heapq.heappop(self._heap)
        return None

    def all(self) -> dict[Deadline, int]:
        """Every deadline and its time, those that are held too."""
        return dict(self._due)

"""Tells waiting customers their places when these changed, at most once a second per queue."""

from collections.abc import Callable, Iterable

from router.kernel.ids import ContactId, QueueId
from router.kernel.messages import PositionTold
from router.kernel.model import ContactRecord
from router.shard.engine import Entry, Stand, Standings

Stands = Callable[[QueueId, int], list[tuple[ContactId, int, int | None]]]
"""(contact, position, estimated wait in ms) of the first in a queue's line."""


class Places:
    """What each waiting contact was told last."""

    def __init__(self, *, every_s: float, places_max: int) -> None:
        """Start with nobody told anything."""
        self._every_s = every_s
        self._places_max = places_max
        self._told: dict[QueueId, dict[ContactId, int]] = {}
        self._queue_of: dict[ContactId, QueueId] = {}
        self._changed: set[QueueId] = set()
        self._due_s: dict[QueueId, float] = {}

    def observe(self, entries: Iterable[Entry]) -> None:
        """Note which lines moved, and who was told a place on joining one."""
        for entry in entries:
            for record in entry.records:
                if isinstance(record, ContactRecord):
                    self.place(record)
            for event in entry.events:
                if isinstance(event, PositionTold) and event.contact in self._queue_of:
                    told = self._told.setdefault(self._queue_of[event.contact], {})
                    told[event.contact] = event.position

    def place(self, contact: ContactRecord) -> None:
        """Note where a contact waits, or that it no longer does."""
        before = self._queue_of.get(contact.id)
        is_waiting = contact.state in {"queued", "offered"}
        if before is not None and not (is_waiting and before == contact.queue):
            self._changed.add(before)
            self._told.get(before, {}).pop(contact.id, None)
            del self._queue_of[contact.id]
        if is_waiting:
            self._changed.add(contact.queue)
            self._queue_of[contact.id] = contact.queue

    def due(self, now_s: float, stands: Stands) -> Standings | None:
        """The places that changed in lines not told of within the last second."""
        ready = [queue for queue in self._changed if now_s >= self._due_s.get(queue, now_s)]
        changed: list[Stand] = []
        for queue in sorted(ready):
            self._changed.discard(queue)
            self._due_s[queue] = now_s + self._every_s
            told = self._told.get(queue, {})
            places = stands(queue, self._places_max)
            changed += [
                Stand(contact, position, wait_ms)
                for contact, position, wait_ms in places
                if told.get(contact) != position
            ]
            self._told[queue] = {contact: position for contact, position, _ in places}
        return Standings(stands=tuple(changed)) if changed else None

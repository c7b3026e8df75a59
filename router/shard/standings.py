"""Tells waiting customers their places: when these changed, and to who comes back.

At most once a second per queue.
"""

from collections.abc import Callable, Iterable

from router.kernel.ids import ContactId, CustomerId, QueueId
from router.kernel.messages import AnyEvent, CustomerAttached, CustomerPassed, PositionTold
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
        self._contact_of: dict[CustomerId, ContactId] = {}
        self._changed: set[QueueId] = set()
        self._due_s: dict[QueueId, float] = {}

    def observe(self, entries: Iterable[Entry]) -> None:
        """Note which lines moved, who was told a place on joining one, and who came back."""
        for entry in entries:
            for record in entry.records:
                if isinstance(record, ContactRecord):
                    self.place(record)
            for event in entry.events:
                self._heard(event)

    def place(self, contact: ContactRecord) -> None:
        """Note where a contact waits, or that it no longer does."""
        before = self._queue_of.get(contact.id)
        is_waiting = contact.state in {"queued", "offered"}
        if before is not None and not (is_waiting and before == contact.queue):
            self._changed.add(before)
            self._told.get(before, {}).pop(contact.id, None)
            del self._queue_of[contact.id]
            self._contact_of.pop(contact.customer.id, None)
        if is_waiting:
            self._changed.add(contact.queue)
            self._queue_of[contact.id] = contact.queue
            self._contact_of[contact.customer.id] = contact.id

    def _heard(self, event: AnyEvent) -> None:
        match event:
            case PositionTold() if event.contact in self._queue_of:
                told = self._told.setdefault(self._queue_of[event.contact], {})
                told[event.contact] = event.position
            case CustomerAttached() if event.customer in self._contact_of:
                contact = self._contact_of[event.customer]
                self._told.get(self._queue_of[contact], {}).pop(contact, None)
                self._changed.add(self._queue_of[contact])
            case CustomerPassed():
                self._contact_of.pop(event.customer, None)
            case _:
                pass

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

"""One step at a time: decide, evolve, assign. The only way into the state."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from presence import can_take_offer
from router.kernel.deadlines import Deadline
from router.kernel.decide import decide, decide_due, needed
from router.kernel.draft import Draft
from router.kernel.errors import CommandRefused, Refusal
from router.kernel.evolve import evolve
from router.kernel.ids import ContactId, QueueId
from router.kernel.invariants import check, check_reload
from router.kernel.messages import (
    AnyCommand,
    AnyEvent,
    AnyResult,
    ChatStarted,
    Done,
    PositionTold,
)
from router.kernel.model import AnyRecord, ContactRecord, Key, ShardRecord
from router.kernel.moment import Moment
from router.kernel.state import State, serves


class Step(NamedTuple):
    """What one command or deadline led to.

    Attributes:
        records: Each record that changed, as it is after the step; none for a refusal.
    """

    events: tuple[AnyEvent, ...]
    result: AnyResult | Refusal
    records: tuple[AnyRecord, ...]


class Kernel:
    """The rules at work on one shard's records; the same steps give the same state anywhere."""

    def __init__(self, records: Iterable[AnyRecord] = ()) -> None:
        """Go on from hot records, or from nothing."""
        self.state = State(records)

    def needed(self, command: AnyCommand) -> frozenset[Key]:
        """Cold records to be lent before `handle`; ask again after lending until there are none."""
        return needed(self.state, command)

    def lend(self, found: Mapping[Key, AnyRecord | None]) -> None:
        """Hold records until the end of the next step; None: there is no such record."""
        self.state.lend(found)

    def handle(self, command: AnyCommand, moment: Moment) -> Step:
        """Take one command through to its last consequence, or refuse it and change nothing."""
        draft = Draft(self.state, moment)
        try:
            result = decide(draft, command)
        except CommandRefused as refused:
            self.state.take_changed()
            return Step((), refused.refusal, ())
        return self._finish(draft, result)

    def first_deadline(self) -> tuple[int, Deadline] | None:
        """What happens by itself next, and when."""
        return self.state.deadlines.first()

    def skip(self, deadline: Deadline) -> None:
        """Let a deadline pass that cannot be fired; it is due again when its record changes."""
        self.state.deadlines.set(deadline, None)

    def hold(self, deadline: Deadline) -> None:
        """Put off what is due, until it is released; its record says when it was."""
        self.state.deadlines.hold(deadline)

    def release(self, deadline: Deadline) -> None:
        """Let a deadline that was held be due again."""
        self.state.deadlines.release(deadline)

    def fire(self, moment: Moment) -> Step:
        """Let the earliest deadline fall due; it is due at ``moment`` at the latest."""
        first = self.first_deadline()
        assert first is not None, "no deadline to fire"
        assert first[0] <= moment.at_ms, "a deadline fired early"
        draft = Draft(self.state, moment)
        decide_due(draft, first[1])
        if first[1].kind == "pause":
            self._look_again(first[1], moment.at_ms)
        step = self._finish(draft, Done())
        assert self.first_deadline() != first, "a deadline fired and stayed"
        return step

    def _look_again(self, deadline: Deadline, at_ms: int) -> None:
        """A pause is over, in the stored time too: a reload must not find it ahead."""
        state = self.state
        state.deadlines.set(deadline, None)
        state.floor.retry(ContactId(deadline.id))
        state.put(replace(state.shard, at_ms=at_ms))

    def _finish(self, draft: Draft, result: AnyResult) -> Step:
        """Make the events true, then pair until no pair is left."""
        state = self.state
        for event in draft.events:
            evolve(state, event, draft.at_ms)
        while (pair := state.floor.next_pair(draft.at_ms)) is not None:
            contact = state.contacts[pair.contact]
            agent, why = pair.agent, pair.why
            if contact.preferred is not None and self._prefers(contact):
                agent, why = contact.preferred, (("last_agent", None), *why[1:])
            draft.offer(contact, state.agents[agent], "contact", why=why)
            evolve(state, draft.events[-1], draft.at_ms)
        self._tell_positions(draft)
        if isinstance(result, ChatStarted):
            result = self._placed(result)
        if draft.events:
            shard = state.shard
            state.put(
                ShardRecord(
                    serial=draft.serial,
                    at_ms=draft.at_ms,
                    hubs=shard.hubs,
                    hash_key=shard.hash_key,
                )
            )
        return Step(tuple(draft.events), result, state.take_changed())

    def _prefers(self, contact: ContactRecord) -> bool:
        """The agent the customer talked to last could be offered the contact now."""
        record = self.state.agents.get(contact.preferred) if contact.preferred else None
        return (
            record is not None
            and not record.removed
            and can_take_offer(record.presence)
            and all(record.id != decliner for decliner, _ in contact.declined)
            and serves(record.profile, contact.queue, self.state.demand(contact).skills)
        )

    def _tell_positions(self, draft: Draft) -> None:
        for name in draft.queued:
            contact = self.state.contacts.get(name)
            if contact is not None and contact.state == "queued":
                position, wait_ms = self.state.position(contact)
                draft.add(PositionTold(contact=name, position=position, estimated_wait_ms=wait_ms))

    def _placed(self, result: ChatStarted) -> ChatStarted:
        contact = self.state.contacts[result.contact]
        if contact.state != "queued":
            return replace(result, state=contact.state)
        position, wait_ms = self.state.position(contact)
        return replace(result, position=position, estimated_wait_ms=wait_ms)

    def stands(self, queue: QueueId, limit: int) -> list[tuple[ContactId, int, int | None]]:
        """(contact, position, estimated wait in ms) of the first in line that are not offered."""
        state = self.state
        return [
            (name, position, state.estimated_wait_ms(queue, position))
            for position, name in enumerate(state.floor.standing(queue, limit), start=1)
            if state.contacts[name].state == "queued"
        ]

    def check(self, *, is_reloading: bool = True) -> None:
        """Assert every invariant; walks everything, so only tests call it.

        Args:
            is_reloading: Also what makes up most of it: that a reload gives the same.
        """
        check(self.state)
        if is_reloading:
            check_reload(self.state)

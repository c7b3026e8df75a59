"""A second memory of what happened, built from events alone, that objects to what may not be.

It knows nothing of the kernel's state or its indexes: who owns, who is free, who waits where are
told again from history, by looking at everything each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from presence import Connection
from router.kernel.configuration import Agent, Queue
from router.kernel.ids import AgentId, ContactId, ConversationId, OfferId, QueueId
from router.kernel.messages import (
    AgentAttached,
    AgentConfigured,
    AgentDetached,
    AgentJoined,
    AgentLeft,
    AgentRemoved,
    AnyEvent,
    Configured,
    ContactEnded,
    ContactOpened,
    ContactRequeued,
    InternalOpened,
    MessageWritten,
    OfferClosed,
    OfferMade,
    OfferMoved,
    OwnerPromoted,
    PositionTold,
    PresenceChanged,
    TimeShifted,
    WrapupFiled,
    WrapupWaived,
)
from router.kernel.model import ContactRecord, Message, OfferRecord

Place = tuple[int, int, int, int]


@dataclass
class Seat:
    """An agent as events tell of it."""

    profile: Agent
    state: str = "offline"
    connections: set[Connection] = field(default_factory=set[Connection])
    load: int = 0
    removed: bool = False

    def can_take(self) -> bool:
        """Available, connected, with a free slot."""
        is_here = self.state == "available" and bool(self.connections) and not self.removed
        return is_here and self.load < self.profile.capacity


@dataclass
class Talk:
    """A contact as events tell of it."""

    opened: ContactRecord
    queue: QueueId
    place: Place
    state: str = "queued"
    agents: dict[AgentId, str] = field(default_factory=dict[AgentId, str])
    owing: set[int] = field(default_factory=set[int])
    declined: dict[AgentId, int] = field(default_factory=dict[AgentId, int])


class Witness:
    """Objects, by an assertion, to the first event that breaks a rule."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.seats: dict[AgentId, Seat] = {}
        self.talks: dict[ContactId, Talk] = {}
        self.offers: dict[OfferId, OfferRecord] = {}
        self.expires: dict[OfferId, int] = {}
        self.ended: set[ContactId] = set()
        self.queues: dict[QueueId, Queue] = {}
        self.last_seq: dict[ConversationId, int] = {}
        self.internal: set[ConversationId] = set()

    def saw(self, event: AnyEvent, at_ms: int) -> None:
        """Take note of one event, or object to it."""
        match event:
            case MessageWritten():
                self._written(event.message)
            case InternalOpened():
                self.internal.add(event.conversation.id)
            case OfferMade() | OfferMoved() | OfferClosed():
                self._answered(event, at_ms)
            case ContactOpened() | ContactRequeued() | ContactEnded() | PositionTold():
                self._moved(event, at_ms)
            case AgentJoined() | OwnerPromoted() | AgentLeft() | WrapupFiled() | WrapupWaived():
                self._took_part(event)
            case Configured():
                self.queues = {q.id: q for q in (*event.retired, *event.configuration.queues)}
            case TimeShifted():
                for talk in self.talks.values():
                    talk.declined = {a: ms + event.gap_ms for a, ms in talk.declined.items()}
            case _:
                self._came_or_went(event)

    # -- agents ----------------------------------------------------------------------------------

    def _came_or_went(self, event: AnyEvent) -> None:
        match event:
            case AgentConfigured(profile=profile):
                seat = self.seats.setdefault(profile.id, Seat(profile))
                seat.profile, seat.removed = profile, False
            case AgentRemoved():
                self.seats[event.agent].removed = True
            case AgentAttached():
                self.seats[event.agent].connections.add(event.connection)
            case AgentDetached():
                self.seats[event.agent].connections -= set(event.connections)
            case PresenceChanged():
                self.seats[event.agent].state = event.state
            case _:
                pass

    # -- offers ----------------------------------------------------------------------------------

    def _answered(self, event: OfferMade | OfferMoved | OfferClosed, at_ms: int) -> None:
        match event:
            case OfferMade():
                self._offered(event.offer, at_ms)
            case OfferMoved():
                self.expires[event.offer] = event.expires_at_ms
            case OfferClosed():
                self._closed(event, at_ms)

    def _offered(self, offer: OfferRecord, at_ms: int) -> None:
        talk, seat = self.talks[offer.contact], self.seats[offer.agent]
        assert seat.can_take(), "offered to somebody who cannot take it (I2, I6)"
        assert offer.id not in self.offers, "an id was given twice"
        pending = [o for o in self.offers.values() if o.contact == offer.contact]
        assert not pending, "offered to two at once"
        if offer.type == "contact":
            self._check_next(offer, talk, at_ms)
            talk.state = "offered"
        else:
            assert talk.agents.get(offer.asked_by or AgentId("")) == "owner", "asked by no owner"
            assert offer.agent not in talk.agents, "a participant was asked to join"
        seat.load += 1
        self.offers[offer.id] = offer
        self.expires[offer.id] = offer.expires_at_ms

    def _check_next(self, offer: OfferRecord, talk: Talk, at_ms: int) -> None:
        assert talk.state == "queued", "offered without waiting"
        seat = self.seats[offer.agent]
        assert self._serves(seat, talk), "offered to somebody who cannot serve it (I6)"
        until_ms = talk.declined.get(offer.agent)
        if until_ms is not None:
            assert at_ms >= until_ms, "offered again within the pause"
            others = [
                other
                for name, other in self.seats.items()
                if name not in talk.declined and other.can_take() and self._serves(other, talk)
            ]
            assert not others, "offered to a decliner though another is free"
        ahead = [
            other
            for other in self.talks.values()
            if other.state == "queued"
            and other.place < talk.place
            and offer.agent not in other.declined
            and self._serves(seat, other)
        ]
        assert not ahead, "somebody waits ahead whom this agent could take (I7)"

    def _serves(self, seat: Seat, talk: Talk) -> bool:
        needed = [*self.queues[talk.queue].skills.items(), *talk.opened.skills.items()]
        return talk.queue in seat.profile.queues and all(
            seat.profile.skills.get(skill, 0) >= level for skill, level in needed
        )

    def _closed(self, event: OfferClosed, at_ms: int) -> None:
        offer = self.offers.pop(event.offer)
        talk = self.talks[event.contact]
        if event.outcome in {"accepted", "declined", "canceled"}:
            assert at_ms < self.expires[event.offer], "a late answer won"
        if event.outcome == "rona":
            assert at_ms >= self.expires[event.offer], "RONA came early"
        if event.outcome == "declined" and offer.type == "contact":
            talk.declined[event.agent] = event.paused_until_ms
        if event.outcome != "accepted":
            self.seats[event.agent].load -= 1
            if talk.state == "offered":
                talk.state = "queued"

    # -- contacts --------------------------------------------------------------------------------

    def _moved(
        self, event: ContactOpened | ContactRequeued | ContactEnded | PositionTold, at_ms: int
    ) -> None:
        match event:
            case ContactOpened(contact=contact):
                queue = self.queues[contact.queue]
                assert contact.priority == contact.entry_priority + queue.priority
                place = (-contact.priority, 1, at_ms, contact.rank.serial)
                assert place == contact.rank, "its place is not its own (I7)"
                self.talks[contact.id] = Talk(contact, contact.queue, place)
            case ContactRequeued():
                self._requeued(event, at_ms)
            case ContactEnded():
                assert event.contact not in self.ended, "ended twice (I3)"
                self.ended.add(event.contact)
                self.talks[event.contact].state = "ended"
            case PositionTold():
                talk = self.talks[event.contact]
                ahead = [
                    other
                    for other in self.talks.values()
                    if other.queue == talk.queue
                    and other.state in {"queued", "offered"}
                    and other.place < talk.place
                ]
                assert event.position == len(ahead) + 1, "a position is not exact"

    def _requeued(self, event: ContactRequeued, at_ms: int) -> None:
        talk = self.talks[event.contact]
        assert not talk.agents, "waits while somebody talks"
        assert event.contact not in self.ended, "waits after its end (I3)"
        if event.queue != talk.queue:
            talk.declined = {}
        if event.released is not None:
            talk.declined[event.released] = event.paused_until_ms
        priority = talk.opened.entry_priority + self.queues[event.queue].priority
        talk.queue, talk.state = event.queue, "queued"
        talk.place = (-priority, 0, at_ms, event.serial)

    def _took_part(
        self, event: AgentJoined | OwnerPromoted | AgentLeft | WrapupFiled | WrapupWaived
    ) -> None:
        talk = self.talks[event.contact]
        owners = [agent for agent, role in talk.agents.items() if role == "owner"]
        match event:
            case AgentJoined():
                assert event.contact not in self.ended, "joined after the end"
                assert event.agent not in talk.agents, "joined twice"
                assert event.role == "member" or not owners, "two owners at once (I1)"
                talk.agents[event.agent] = event.role
                talk.state = "connected"
                assert len(talk.agents) <= 6, "more than six participants"
            case OwnerPromoted():
                assert not owners, "two owners at once (I1)"
                assert event.agent in talk.agents, "a stranger became owner"
                talk.agents[event.agent] = "owner"
            case AgentLeft():
                del talk.agents[event.agent]
                if event.owes:
                    talk.owing.add(event.leg)
                else:
                    self.seats[event.agent].load -= 1
            case WrapupFiled():
                assert event.wrapup.code, "no code was filed"
                if event.leg in talk.owing:
                    talk.owing.discard(event.leg)
                    self.seats[event.agent].load -= 1
            case WrapupWaived():
                talk.owing.remove(event.leg)
                self.seats[event.agent].load -= 1

    # -- messages --------------------------------------------------------------------------------

    def _written(self, message: Message) -> None:
        last = self.last_seq.get(message.conversation, 0)
        assert message.seq == last + 1, "a number was left out or given twice (I10)"
        self.last_seq[message.conversation] = message.seq
        is_internal = message.conversation in self.internal
        assert (message.audience == "internal") == is_internal, "a note beside the replies"

    # -- between steps ---------------------------------------------------------------------------

    def check(self, contacts: Mapping[ContactId, ContactRecord]) -> None:
        """Between steps everybody who talks has an owner, and the records tell the same."""
        for name, talk in self.talks.items():
            owners = [agent for agent, role in talk.agents.items() if role == "owner"]
            assert len(owners) == (1 if talk.agents else 0), "nobody, or two, own it (I1)"
            record = contacts.get(name)
            if record is not None:
                assert record.owner == (owners[0] if owners else None), "another owner is stored"
                assert record.queue == talk.queue, "stored in another queue (I4)"
            else:
                assert name in self.ended, "forgotten before it ended (I3)"
        for seat in self.seats.values():
            assert seat.load >= 0, "a slot was freed twice"

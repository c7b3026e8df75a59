"""What clients read of the server's events; fields that no client here needs are left out.

Unknown events and fields are ignored, as every client of the protocol should.
"""

from typing import Literal, TypeAlias, get_args

import msgspec

from router.app.sockets import Event

Role: TypeAlias = Literal["customer", "agent", "bot", "system"]


class Named(msgspec.Struct, frozen=True):
    """A queue or an idle code."""

    id: str
    name: str


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A wrap-up code; no queues means every queue."""

    id: str
    queues: tuple[str, ...] = ()


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a message; the id is told to agents only."""

    role: Role
    id: str = ""
    name: str = ""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """The customer of a contact."""

    id: str
    name: str = ""


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's part in a contact."""

    agent: str
    state: Literal["active", "wrapup", "done"]


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for a transfer or a conference."""

    agent: str
    name: str


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event_name"):
    """Something that happened, told apart by the event's name."""


class PlainMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message or notice where it stands in another object."""

    contact: str
    author: Author
    audience: Literal["everyone", "internal"]
    text: str
    masked: tuple[str, ...] = ()
    event: str = ""


class Message(PlainMessage, frozen=True, kw_only=True, tag_field="event_name", tag="message"):
    """A message or notice that was just written."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as an agent sees it."""

    id: str
    queue: str
    state: Literal["queued", "offered", "connected", "wrapup", "closed"]
    customer: Person
    owner: str | None
    subject: str = ""
    legs: tuple[Leg, ...] = ()
    messages: tuple[PlainMessage, ...] = ()

    def leg_state(self, agent: str) -> str:
        """How far an agent's latest part is; empty for a stranger."""
        return next((leg.state for leg in reversed(self.legs) if leg.agent == agent), "")


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer as the offered agent sees it."""

    id: str
    kind: Literal["contact", "transfer", "conference"]
    contact: Contact
    queue: Named
    asker: Asker | None = msgspec.field(name="from", default=None)
    preview: tuple[PlainMessage, ...] = ()
    expires_at: int
    server_now: int


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent, oneself or a colleague."""

    id: str
    name: str
    state: Literal["available", "idle", "rona", "offline"]
    load: int
    capacity: int
    queues: tuple[str, ...]

    def can_take(self, queue: str) -> bool:
        """Whether it serves the queue and has a slot now."""
        return self.state == "available" and self.load < self.capacity and queue in self.queues


class Redacted(_Event, frozen=True, kw_only=True, tag="message.redacted"):
    """An earlier message reads otherwise now."""

    conversation: str
    text: str


class ContactEnded(_Event, frozen=True, kw_only=True, tag="contact.ended"):
    """Nobody talks any more."""

    contact: str
    ended_by: Literal["customer", "agent", "system"]
    reason: str


class Interrupted(_Event, frozen=True, kw_only=True, tag="contact.interrupted"):
    """An administrator closed the entry point."""

    contact: str


class Draining(_Event, frozen=True, kw_only=True, tag="server.draining"):
    """The server is about to stop."""


# What customers hear ------------------------------------------------------------------------------


class EntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where the customer came in."""

    name: str
    greeting: str = ""
    open: bool


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation of the customer."""

    id: str
    state: Literal["open", "closed"]


class Session(_Event, frozen=True, kw_only=True, tag="session"):
    """The greeting of `/customer`."""

    token: str
    entry_point: EntryPoint
    conversations: tuple[Conversation, ...]


class Queued(_Event, frozen=True, kw_only=True, tag="chat.queued"):
    """The place in the line."""

    position: int | None
    estimated_wait_ms: int | None


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """An agent, as customers know it."""

    name: str


class Assigned(_Event, frozen=True, kw_only=True, tag="contact.assigned"):
    """Whose chat it is now."""

    agent: Called


class Joined(_Event, frozen=True, kw_only=True, tag="participant.joined"):
    """Somebody more takes part."""

    name: str


class Left(_Event, frozen=True, kw_only=True, tag="participant.left"):
    """Somebody takes part no longer."""

    name: str


CustomerEvent: TypeAlias = (
    Session
    | Queued
    | Assigned
    | Joined
    | Left
    | Message
    | Redacted
    | ContactEnded
    | Interrupted
    | Draining
)


# What agents hear ---------------------------------------------------------------------------------


class Snapshot(_Event, frozen=True, kw_only=True, tag="snapshot"):
    """The greeting of `/agent`."""

    agent: Agent
    offers: tuple[Offer, ...]
    contacts: tuple[Contact, ...]
    queues: tuple[Named, ...]
    wrapup_codes: tuple[Code, ...]
    idle_codes: tuple[Named, ...]


class PresenceChanged(_Event, frozen=True, kw_only=True, tag="presence.changed"):
    """The agent's own state changed."""

    agent: Agent
    cause: Literal["agent", "rona", "supervisor", "connected", "disconnected"]


class OfferCreated(_Event, frozen=True, kw_only=True, tag="offer.created"):
    """A contact is offered, or its offer's deadline moved."""

    offer: Offer


class OfferClosed(_Event, frozen=True, kw_only=True, tag="offer.closed"):
    """An offer is over, told to the offered agent and to who asked for it."""

    offer: str
    contact: str
    outcome: Literal["accepted", "declined", "rona", "rescinded", "canceled"]
    reason: str = ""


class Taken(_Event, frozen=True, kw_only=True, tag="contact.assigned"):
    """The agent takes part in a contact."""

    contact: Contact
    messages: tuple[PlainMessage, ...]


class ContactUpdated(_Event, frozen=True, kw_only=True, tag="contact.updated"):
    """Something about a contact changed."""

    contact: Contact


class ColleagueJoined(_Event, frozen=True, kw_only=True, tag="participant.joined"):
    """An agent takes part in a contact."""

    contact: str
    agent: str
    name: str


class ColleagueLeft(_Event, frozen=True, kw_only=True, tag="participant.left"):
    """An agent takes part no longer."""

    contact: str
    agent: str
    name: str


class WrapupStarted(_Event, frozen=True, kw_only=True, tag="wrapup.started"):
    """The agent owes a code."""

    contact: str


class WrapupCompleted(_Event, frozen=True, kw_only=True, tag="wrapup.completed"):
    """The agent owes nothing more."""

    contact: str
    code: str


class SignedOut(_Event, frozen=True, kw_only=True, tag="connection.closed"):
    """This desktop may not stay."""

    message: str


AgentEvent: TypeAlias = (
    Snapshot
    | PresenceChanged
    | OfferCreated
    | OfferClosed
    | Taken
    | ContactUpdated
    | ColleagueJoined
    | ColleagueLeft
    | Message
    | Redacted
    | ContactEnded
    | Interrupted
    | WrapupStarted
    | WrapupCompleted
    | SignedOut
    | Draining
)


def _names(union: object) -> frozenset[str]:
    kinds: tuple[type[msgspec.Struct], ...] = get_args(union)
    return frozenset(str(kind.__struct_config__.tag) for kind in kinds)


_CUSTOMER_EVENTS = _names(CustomerEvent)
_AGENT_EVENTS = _names(AgentEvent)


def customer_event(event: Event) -> CustomerEvent | None:
    """Read what a customer heard, if this client knows it."""
    if event.name not in _CUSTOMER_EVENTS:
        return None
    read: CustomerEvent = msgspec.convert(
        {**event.payload, "event_name": event.name}, CustomerEvent
    )
    return read


def agent_event(event: Event) -> AgentEvent | None:
    """Read what an agent heard, if this client knows it."""
    if event.name not in _AGENT_EVENTS:
        return None
    read: AgentEvent = msgspec.convert({**event.payload, "event_name": event.name}, AgentEvent)
    return read

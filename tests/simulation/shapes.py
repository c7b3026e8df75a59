"""What clients read of the wire's objects: the fields whose truth the simulation holds."""

from typing import TypeAlias

import msgspec

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"


class Shape(msgspec.Struct, kw_only=True):
    """Fields that are not named here are not looked at."""


class Author(Shape, kw_only=True):
    """Who wrote."""

    role: str
    id: str | None = None


class Line(Shape, kw_only=True):
    """A message."""

    conversation: str
    contact: str
    seq: int
    id: str
    at: int
    author: Author
    audience: str
    text: str


class Redaction(Shape, kw_only=True):
    """How a message is shown from now on."""

    conversation: str
    seq: int
    text: str


class Leg(Shape, kw_only=True):
    """An agent's part."""

    agent: str
    state: str
    deadline_at: int | None


class Participant(Shape, kw_only=True):
    """An agent who talks."""

    agent: str
    role: str
    joined_at: int


class Summary(Shape, kw_only=True):
    """A pending offer, seen from the contact."""

    id: str
    kind: str
    expires_at: int


class Person(Shape, kw_only=True):
    """A customer, seen from the contact."""

    id: str
    connected: bool


class Contact(Shape, kw_only=True):
    """A contact, without what is only counted."""

    id: str
    conversation: str
    queue: str
    state: str
    customer: Person
    owner: str | None
    participants: list[Participant]
    pending_offers: list[Summary]
    priority: int
    answer_due: bool
    legs: list[Leg]
    internal: str | None = None
    ended_by: str | None = None
    end_reason: str | None = None


class Held(Contact, kw_only=True):
    """A contact in an agent's hands, with messages and counts."""

    unread: int
    last_seq: int
    messages: list[Line] = []


class Named(Shape, kw_only=True):
    """Something of which only the id matters."""

    id: str


class Offer(Shape, kw_only=True):
    """An offer; what its contact looks like moves on without events."""

    id: str
    kind: str
    contact: Named
    queue: Named
    agent: Named
    offered_at: int
    expires_at: int


class Me(Shape, kw_only=True):
    """An agent, seen by itself."""

    id: str
    state: str
    since: int
    connected: bool
    load: int
    idle_code: str | None = None


class Snapshot(Shape, kw_only=True):
    """What a desktop is shown first."""

    agent: Me
    offers: list[Offer]
    contacts: list[Held]


class Presence(Shape, kw_only=True):
    """`presence.changed`."""

    agent: Me


class Offered(Shape, kw_only=True):
    """`offer.created`."""

    offer: Offer


class Closed(Shape, kw_only=True):
    """`offer.closed`."""

    offer: str
    outcome: str


class Assigned(Shape, kw_only=True):
    """`contact.assigned`, and the answer to `offer.accept`."""

    contact: Held
    messages: list[Line]


class Updated(Shape, kw_only=True):
    """`contact.updated`."""

    contact: Held


class ReadMark(Shape, kw_only=True):
    """`message.read`."""

    conversation: str
    role: str
    seq: int
    agent: str | None = None


class Typing(Shape, kw_only=True):
    """`typing`, as agents hear it."""

    contact: str
    agent: str | None = None


class LiveContact(Shape, kw_only=True):
    """The contact of an open conversation."""

    id: str
    state: str


class Conversation(Shape, kw_only=True):
    """A conversation, seen by its customer."""

    id: str
    state: str
    last_seq: int
    unread: int
    contact: LiveContact | None = None


class Session(Shape, kw_only=True):
    """What a tab is shown first."""

    customer: str
    token: str
    conversations: list[Conversation]


class Going(Shape, kw_only=True):
    """`chat.queued`, `contact.assigned` and `contact.ended`, as customers hear them."""

    conversation: str
    contact: str


class Error(Shape, kw_only=True):
    """Why not."""

    code: str


class Ack(Shape, kw_only=True):
    """An answer, with every field that some answer has."""

    ok: bool
    error: Error | None = None
    conversation: str | None = None
    seq: int | None = None
    text: str | None = None
    offer: str | None = None
    contact: str | Held | None = None
    agent: Me | None = None
    state: str | None = None
    messages: list[Line] | None = None

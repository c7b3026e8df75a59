"""The payload of every event: what happened, and when.

An event stands here once for each form of it; which namespace sends it under which name is in
`router.hub.contract`. `message` is a `Message`, which says itself when it was written.
"""

from typing import Literal

from msgspec import UNSET, UnsetType

from masking.text import MaskedText
from router.hub.shapes import (
    Agent,
    Contact,
    ContactWithMessages,
    Conversation,
    EntryPoint,
    Message,
    Named,
    Offer,
    Shape,
    Template,
    WrapupCode,
)
from router.kernel.errors import RefusalCode
from router.kernel.ids import AgentId, CodeId, ContactId, ConversationId, CustomerId, OfferId
from router.kernel.messages import PresenceCause
from router.kernel.model import CloseReason, EndedBy, OfferOutcome


class Event(Shape, frozen=True, kw_only=True):
    """Something that happened.

    Attributes:
        at: When, on the server's clock.
    """

    at: int


class ServerDraining(Event, frozen=True, kw_only=True):
    """This process goes; connect again within that time."""

    reconnect_within_ms: int


class ConnectionClosed(Event, frozen=True, kw_only=True):
    """This socket may not stay; it is disconnected right behind this."""

    code: RefusalCode
    message: str
    retryable: bool


# -- /customer -----------------------------------------------------------------------------------


class CustomerLimits(Shape, frozen=True, kw_only=True):
    """The longest texts, in code points."""

    text: int


class Session(Event, frozen=True, kw_only=True):
    """The first event: who the customer is and what there is to go on with.

    Attributes:
        token: To be kept, in place of an older one, and shown on coming back.
        conversations: The newest 50.
        server_now: The server's clock, to set countdowns by.
    """

    customer: CustomerId
    token: str
    entry_point: EntryPoint
    limits: CustomerLimits
    conversations: tuple[Conversation, ...]
    server_now: int


class ChatQueued(Event, frozen=True, kw_only=True):
    """The contact begins to wait, or its place in the line changed.

    Attributes:
        position: From 1; null once it is offered.
        estimated_wait_ms: Null while there is too little to go by.
    """

    conversation: ConversationId
    contact: ContactId
    position: int | None
    estimated_wait_ms: int | None


class AgentName(Shape, frozen=True, kw_only=True):
    """An agent as customers know it."""

    name: str


class CustomerContactAssigned(Event, frozen=True, kw_only=True):
    """An agent is the owner now."""

    conversation: ConversationId
    contact: ContactId
    agent: AgentName


class CustomerParticipant(Event, frozen=True, kw_only=True):
    """An agent came by conference, or went while the chat goes on."""

    conversation: ConversationId
    name: str


class CustomerMessageRedacted(Event, frozen=True, kw_only=True):
    """A message is shown otherwise from now on: a value was found that goes on in another one."""

    conversation: ConversationId
    seq: int
    text: MaskedText
    masked: tuple[str, ...]
    masked_spans: tuple[tuple[str, int, int], ...] | UnsetType = UNSET


class CustomerMessageRead(Event, frozen=True, kw_only=True):
    """An agent, or the customer in any tab, has read up to `seq`."""

    conversation: ConversationId
    role: Literal["customer", "agent"]
    seq: int


class CustomerTyping(Event, frozen=True, kw_only=True):
    """An agent types or stopped."""

    conversation: ConversationId
    name: str
    on: bool


class ContactEnded(Event, frozen=True, kw_only=True):
    """The chat is over."""

    contact: ContactId
    ended_by: EndedBy
    reason: str


class CustomerContactEnded(ContactEnded, frozen=True, kw_only=True):
    """The chat is over; writing again starts another contact."""

    conversation: ConversationId


# -- /agent --------------------------------------------------------------------------------------


class AgentLimits(Shape, frozen=True, kw_only=True):
    """The longest texts and notes, in code points."""

    text: int
    note: int


class Snapshot(Event, frozen=True, kw_only=True):
    """The first event: everything a desktop shows; the events after it complete it.

    Attributes:
        contacts: Those in which the agent has a leg that is not done, oldest first.
        server_now: The server's clock, to set countdowns by.
    """

    agent: Agent
    offers: tuple[Offer, ...]
    contacts: tuple[ContactWithMessages, ...]
    queues: tuple[Named, ...]
    wrapup_codes: tuple[WrapupCode, ...]
    idle_codes: tuple[Named, ...]
    templates: tuple[Template, ...]
    limits: AgentLimits
    server_now: int


class PresenceChanged(Event, frozen=True, kw_only=True):
    """The agent's state was set, its first desktop came, or its last one went."""

    agent: Agent
    cause: PresenceCause


class OfferCreated(Event, frozen=True, kw_only=True):
    """A contact is offered; again under the same id when the deadline moved."""

    offer: Offer


class OfferClosed(Event, frozen=True, kw_only=True):
    """An offer is no longer open.

    Attributes:
        reason: Why it was rescinded.
        desktop: Which desktop of the agent answered it.
    """

    offer: OfferId
    contact: ContactId
    outcome: OfferOutcome
    reason: CloseReason | UnsetType = UNSET
    desktop: Literal["this", "other"] | UnsetType = UNSET


class ContactAssigned(Event, frozen=True, kw_only=True):
    """The agent is in the contact now, as owner or member.

    Attributes:
        messages: The last 50, notes among them by time.
    """

    contact: Contact
    messages: tuple[Message, ...]


class ContactUpdated(Event, frozen=True, kw_only=True):
    """Anything of a contact but `unread` and `last_seq` changed."""

    contact: Contact


class ParticipantChanged(Event, frozen=True, kw_only=True):
    """An agent came or went."""

    contact: ContactId
    agent: AgentId
    name: str


class MessageRedacted(CustomerMessageRedacted, frozen=True, kw_only=True):
    """A message is shown otherwise from now on."""

    contact: ContactId


class MessageRead(CustomerMessageRead, frozen=True, kw_only=True):
    """The customer, or an agent, has read up to `seq`.

    Attributes:
        agent: Who, when it is an agent.
    """

    contact: ContactId
    agent: AgentId | UnsetType = UNSET


class Typing(CustomerTyping, frozen=True, kw_only=True):
    """The customer or an agent types or stopped.

    Attributes:
        name: Empty for a customer who gave none.
        agent: Who, when it is an agent.
    """

    contact: ContactId
    agent: AgentId | UnsetType = UNSET


class WrapupStarted(Event, frozen=True, kw_only=True):
    """This agent owes a code.

    Attributes:
        deadline_at: When the default code is filed.
    """

    contact: ContactId
    deadline_at: int | None


class WrapupCompleted(Event, frozen=True, kw_only=True):
    """A code was filed, by the agent or the timer."""

    contact: ContactId
    code: CodeId

"""The objects of the protocol: what encodes them is also what describes them to others.

An optional field is left out by `UNSET`; a field that may be null is always there. A new optional
field may be added to any of them, and nothing may be taken out.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from masking.text import MaskedText
from presence import State
from router.kernel.configuration import PreChatField
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    MessageId,
    OfferId,
    QueueId,
    TemplateId,
)
from router.kernel.model import (
    Audience,
    ContactState,
    EndedBy,
    LegRole,
    LegState,
    OfferKind,
    Role,
)

Attributes: TypeAlias = dict[MaskedText, MaskedText | int | float | bool | None]
Span: TypeAlias = tuple[str, int, int]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON object that the server sends."""


# -- conversations and messages ------------------------------------------------------------------


class ContactStanding(Shape, frozen=True, kw_only=True):
    """The contact that goes on in a conversation."""

    id: ContactId
    state: ContactState


class Conversation(Shape, frozen=True, kw_only=True):
    """What is said between customers and agents, or among agents, over all contacts in it.

    Attributes:
        state: `open` while its latest contact is queued, offered or connected.
        followers: Agents with a leg in it, the latest last; empty for customers.
        last_seq: `seq` of its last message; 0 before the first.
        last_at: When it was written; 0 before the first.
        unread: For who is asking: messages of others, without notices and notes.
        contact: Its latest contact, while the conversation is open.
    """

    id: ConversationId
    kind: Literal["customer", "internal"]
    state: Literal["open", "closed"]
    subject: MaskedText | UnsetType = UNSET
    customers: tuple[CustomerId, ...]
    followers: tuple[AgentId, ...]
    last_seq: int
    last_at: int
    unread: int
    contact: ContactStanding | UnsetType = UNSET


class Author(Shape, frozen=True, kw_only=True):
    """Who wrote a message; customers see no agent's `id`."""

    role: Role
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class Message(Shape, frozen=True, kw_only=True):
    """One line of a conversation; as an event, it was written now.

    Attributes:
        contact: During which contact it was written.
        seq: 1, 2, 3 … without a gap, the same for all who may read the conversation.
        text: Masked.
        masked: The kinds of values found in it.
        masked_spans: `[kind, start, end]`, end exclusive, in code points of `text`.
        attachments: Always empty in this version.
        event: What a notice tells of.
    """

    conversation: ConversationId
    contact: ContactId
    seq: int
    id: MessageId
    at: int
    author: Author
    audience: Audience
    text: MaskedText
    masked: tuple[str, ...]
    attachments: tuple[()] = ()
    masked_spans: tuple[Span, ...] | UnsetType = UNSET
    event: str | UnsetType = UNSET


# -- contacts ------------------------------------------------------------------------------------


class Customer(Shape, frozen=True, kw_only=True):
    """The customer of a contact; every text is masked.

    Attributes:
        verified: A signed identity said so.
        connected: A tab is open now.
    """

    id: CustomerId
    external_id: MaskedText | UnsetType = UNSET
    name: MaskedText | UnsetType = UNSET
    email: MaskedText | UnsetType = UNSET
    phone: MaskedText | UnsetType = UNSET
    verified: bool
    connected: bool


class ContactContext(Shape, frozen=True, kw_only=True):
    """Where on the site a chat was started; masked."""

    page_url: MaskedText | UnsetType = UNSET
    referrer: MaskedText | UnsetType = UNSET
    locale: MaskedText | UnsetType = UNSET


class Participant(Shape, frozen=True, kw_only=True):
    """An agent who talks to the customer."""

    agent: AgentId
    name: str
    role: LegRole
    joined_at: int


class LegWrapup(Shape, frozen=True, kw_only=True):
    """The code a leg was filed under."""

    code: CodeId
    note: MaskedText | UnsetType = UNSET
    at: int


class Leg(Shape, frozen=True, kw_only=True):
    """One agent's part in a contact, from joining to the filed code.

    Attributes:
        deadline_at: When the default code is filed.
    """

    agent: AgentId
    state: LegState
    deadline_at: int | None
    wrapup: LegWrapup | UnsetType = UNSET


class Named(Shape, frozen=True, kw_only=True):
    """Something configured and what people call it."""

    id: str
    name: str


class Asker(Shape, frozen=True, kw_only=True):
    """The agent who asked for a transfer or conference."""

    agent: AgentId
    name: str


class PendingOffer(Shape, frozen=True, kw_only=True):
    """An open offer of a contact, without the contact."""

    id: OfferId
    kind: OfferKind
    agent: Named
    asker: Asker | UnsetType = msgspec.field(name="from", default=UNSET)
    offered_at: int
    expires_at: int


class Contact(Shape, frozen=True, kw_only=True):
    """One chat from its start to the last filed code, as one agent sees it.

    Attributes:
        internal: The conversation of its notes, from the first note on.
        state: `connected` while an agent talks to the customer, `wrapup` when nobody does and a
            code is owed.
        attributes: What the site said of the chat; masked.
        priority: Of entry point, queue and identity together.
        participants: Who talks, in the order they joined.
        queued_at: The latest time it began to wait.
        connected_at: The first time.
        end_reason: With `ended_at` and `ended_by` once it ended.
        interrupted: Always false in this version.
        answer_due: Always false in this version.
        legs: In the order they joined.
        unread: Of its conversation, for who is asking.
        last_seq: Of its conversation.
    """

    id: ContactId
    conversation: ConversationId
    internal: ConversationId | UnsetType = UNSET
    channel: Literal["chat"]
    origin: Literal["customer", "proactive"]
    entry_point: EntryPointId
    queue: QueueId
    state: ContactState
    customer: Customer
    subject: MaskedText | UnsetType = UNSET
    attributes: Attributes
    context: ContactContext
    priority: int
    owner: AgentId | None
    participants: tuple[Participant, ...]
    pending_offers: tuple[PendingOffer, ...]
    created_at: int
    queued_at: int
    connected_at: int | UnsetType = UNSET
    ended_at: int | UnsetType = UNSET
    ended_by: EndedBy | UnsetType = UNSET
    end_reason: str | UnsetType = UNSET
    interrupted: bool
    answer_due: bool
    legs: tuple[Leg, ...]
    unread: int
    last_seq: int


class ContactWithMessages(Contact, frozen=True, kw_only=True):
    """A contact of a snapshot.

    Attributes:
        messages: The last 50, notes among them by time.
    """

    messages: tuple[Message, ...]


# -- offers --------------------------------------------------------------------------------------


class Why(Shape, frozen=True, kw_only=True):
    """One reason why this agent is offered this contact."""

    code: str
    value: str | int | UnsetType = UNSET


class Offer(Shape, frozen=True, kw_only=True):
    """A contact offered to one agent.

    Attributes:
        id: What an answer names.
        why: What decided comes first.
        preview: At most 5 messages of this contact, without notes.
        expires_at: Answering then is too late.
        server_now: The server's clock, to count down by.
    """

    id: OfferId
    kind: OfferKind
    contact: Contact
    queue: Named
    agent: Named
    asker: Asker | UnsetType = msgspec.field(name="from", default=UNSET)
    why: tuple[Why, ...]
    preview: tuple[Message, ...]
    offered_at: int
    expires_at: int
    server_now: int


# -- agents and the tenant -----------------------------------------------------------------------


class Agent(Shape, frozen=True, kw_only=True):
    """An agent as itself, its colleagues and supervisors see it.

    Attributes:
        since: When the state was set.
        connected: A desktop is open now.
        load: Legs not done and pending offers.
        skills: Level by skill.
    """

    id: AgentId
    name: str
    state: State
    idle_code: str | UnsetType = UNSET
    since: int
    connected: bool
    load: int
    capacity: int
    queues: tuple[QueueId, ...]
    skills: dict[str, int]


class WrapupCode(Shape, frozen=True, kw_only=True):
    """What a contact may be filed under.

    Attributes:
        queues: Where it may be used; left out when everywhere.
    """

    id: CodeId
    name: str
    queues: tuple[QueueId, ...] | UnsetType = UNSET


class Template(Shape, frozen=True, kw_only=True):
    """A text agents send often."""

    id: TemplateId
    text: str


class QueueStanding(Shape, frozen=True, kw_only=True):
    """A queue, and what awaits who joins it now.

    Attributes:
        available_agents: Those who are available and have a desktop open.
        estimated_wait_ms: Null while there is too little to go by.
    """

    id: QueueId
    name: str
    waiting: int
    available_agents: int
    estimated_wait_ms: int | None


class EntryPoint(Shape, frozen=True, kw_only=True):
    """A place on a site where chats start, as its customers see it.

    Attributes:
        open: False for one that was removed.
        pre_chat: What is asked before a chat.
    """

    id: EntryPointId
    name: str
    greeting: str | UnsetType = UNSET
    open: bool
    pre_chat: tuple[PreChatField, ...]

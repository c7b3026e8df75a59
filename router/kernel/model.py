"""The records: everything the kernel remembers, as frozen values that events replace.

Tags and field names are stored: add, never rename. Unknown fields are tolerated on reading, so a
record written by a newer version still loads. What is frozen makes no cycles, so the garbage
collector is told not to look at it (`gc=False`): there are many records, and they live long.
"""

from typing import Literal, Protocol

import msgspec

from masking.text import MaskedText, SealedKind, SealedText
from presence import Connection, Presence
from queues import Pace, Rank
from router.kernel.configuration import Agent, Configuration, Queue, WrapupCode
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    HubId,
    MessageId,
    OfferId,
    QueueId,
    RevealId,
    TokenHash,
)
from router.kernel.tail import Tail

ContactState = Literal["queued", "offered", "connected", "wrapup", "closed"]
OfferKind = Literal["contact", "transfer", "conference"]
OfferOutcome = Literal["accepted", "declined", "rona", "rescinded", "canceled"]
CloseReason = Literal[
    "customer_left", "ended", "state_changed", "connection_lost", "removed", "owner_changed"
]
EndedBy = Literal["customer", "agent", "system"]
Role = Literal["customer", "agent", "bot", "system"]
Audience = Literal["everyone", "internal"]
LegState = Literal["active", "wrapup", "done"]
LegRole = Literal["owner", "member"]
Reader = str
"""Who reads a conversation: `agent:ID` or `customer:ID`."""

CONVERSATIONS_KEPT = 50
"""How many of the newest conversations a customer's record names."""

ADDRESS_CUSTOMERS_MAX = 20
"""How many of the newest customers who gave an address its record names: more are a shared one."""


FORMERLY_KEPT = 4
"""Of whom a customer was before: devices on which somebody signs in within an hour."""


class Value(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A part of a record."""


class Record(
    msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", omit_defaults=True
):
    """A thing with an id that is stored by itself."""


class Person(Value, frozen=True, kw_only=True):
    """Who a customer is, as far as may be shown: every text is masked.

    Attributes:
        verified: A signed identity said so.
    """

    id: CustomerId
    external_id: MaskedText | None = None
    name: MaskedText | None = None
    email: MaskedText | None = None
    phone: MaskedText | None = None
    verified: bool = False


class Identity(Value, frozen=True, kw_only=True):
    """What a site's signed token says of a customer; its texts are masked.

    Attributes:
        key: Keyed hash of the entry point and the unmasked `sub`: recognises the customer.
        sealed_email: What `email` shows, for who may open it; also `sealed_phone`.
    """

    key: str
    external_id: MaskedText
    name: MaskedText | None = None
    email: MaskedText | None = None
    phone: MaskedText | None = None
    priority: int = 0
    skills: dict[str, int] = {}
    sealed_email: SealedText | None = None
    sealed_phone: SealedText | None = None


class Body(Value, frozen=True):
    """A text as it is kept, and what was masked in it.

    Attributes:
        spans: (kind, start, end) of each masked value, in code points of `text`.
    """

    text: MaskedText
    masked: tuple[str, ...] = ()
    spans: tuple[tuple[str, int, int], ...] = ()


class Wrapup(Value, frozen=True):
    """A code and what the agent noted with it."""

    code: CodeId
    note: MaskedText | None = None


class Leg(Value, frozen=True, kw_only=True):
    """One agent's part in a contact, from joining to the filed code.

    Attributes:
        serial: The order of joining; also names the leg within its contact.
        queue: The queue the contact was in, whose codes are owed; None is the contact's.
        left_at_ms: When it stopped talking; None while active.
        deadline_at_ms: When the default code is filed; None without a timer.
        default_code: What the timer files: the queue's when the agent left.
        fileable_until_ms: A leg that is done without a code may still get one until then.
    """

    agent: AgentId
    name: str
    role: LegRole
    serial: int
    joined_at_ms: int
    queue: QueueId | None = None
    state: LegState = "active"
    left_at_ms: int | None = None
    deadline_at_ms: int | None = None
    default_code: CodeId | None = None
    fileable_until_ms: int | None = None
    wrapup: Wrapup | None = None
    filed_at_ms: int | None = None


class Context(Value, frozen=True, kw_only=True):
    """Where on the site the chat was started."""

    page_url: MaskedText | None = None
    referrer: MaskedText | None = None
    locale: MaskedText | None = None


class ContactRecord(Record, frozen=True, kw_only=True, tag="contact"):
    """One chat from its start to the last filed code.

    Attributes:
        internal: The conversation of its internal notes, from the first note on.
        entry_priority: The entry point's and the customer's signed priority; the queue's is added.
        skills: Least levels asked for by entry point and signed identity; the queue's are added.
        rank: Its place in the queue; kept by RONA, decline and rescind.
        declined: (agent, paused until) of those who declined it in this queue.
        preferred: The agent the customer talked to last; asked first when it can take an offer.
        offers: Its pending offers: one to whom it is offered, or one transfer or conference.
        first_seq: `seq` of its first message.
    """

    id: ContactId
    conversation: ConversationId
    entry_point: EntryPointId
    queue: QueueId
    state: ContactState
    customer: Person
    rank: Rank
    created_at_ms: int
    queued_at_ms: int
    first_seq: int
    internal: ConversationId | None = None
    origin: Literal["customer", "proactive"] = "customer"
    subject: MaskedText | None = None
    attributes: dict[MaskedText, MaskedText | int | float | bool | None] = {}
    context: Context = Context()
    entry_priority: int = 0
    priority: int = 0
    skills: dict[str, int] = {}
    declined: tuple[tuple[AgentId, int], ...] = ()
    preferred: AgentId | None = None
    owner: AgentId | None = None
    legs: tuple[Leg, ...] = ()
    offers: tuple[OfferId, ...] = ()
    connected_at_ms: int | None = None
    ended_at_ms: int | None = None
    ended_by: EndedBy | None = None
    end_reason: str | None = None
    interrupted: bool = False
    answer_due: bool = False


class OfferRecord(Record, frozen=True, kw_only=True, tag="offer"):
    """A contact offered to one agent until it expires; kept a while after it was closed.

    Attributes:
        queue: The queue the contact is in.
        asked_by: The agent who asked for the transfer or conference.
        wrapup: What the owner's leg gets when the transfer is accepted.
    """

    id: OfferId
    type: OfferKind
    contact: ContactId
    queue: QueueId
    agent: AgentId
    offered_at_ms: int
    expires_at_ms: int
    serial: int
    why: tuple[tuple[str, str | int | None], ...] = ()
    asked_by: AgentId | None = None
    wrapup: Wrapup | None = None
    outcome: OfferOutcome | None = None
    closed_at_ms: int | None = None


class AgentRecord(Record, frozen=True, kw_only=True, tag="agent"):
    """An agent as configured, and its presence.

    Attributes:
        offered: Serial of the last offer made to it, by queue.
        removed: No longer configured; kept while legs are not done.
    """

    id: AgentId
    profile: Agent
    presence: Presence
    offered: dict[str, int] = {}
    removed: bool = False


class Read(Value, frozen=True):
    """How far somebody has read, and how much of others' writing is left."""

    seq: int = 0
    unread: int = 0


class ConversationRecord(Record, frozen=True, kw_only=True, tag="conversation"):
    """What was said, by number; the texts are in the transcript.

    Attributes:
        followers: Agents who have or had a leg in it.
        contact: Its latest contact.
        open_contacts: Its contacts that are not closed: one talked in, others being wrapped up.
        reads: By reader.
        recent: Who wrote the last messages, to count what is unread.
    """

    id: ConversationId
    type: Literal["customer", "internal"] = "customer"
    contact: ContactId
    open_contacts: tuple[ContactId, ...] = ()
    subject: MaskedText | None = None
    customers: tuple[CustomerId, ...] = ()
    followers: tuple[AgentId, ...] = ()
    last_seq: int = 0
    last_at_ms: int = 0
    reads: dict[Reader, Read] = {}
    recent: Tail = Tail()


class CustomerRecord(Record, frozen=True, kw_only=True, tag="customer"):
    """A customer, their tabs, and their conversations, newest first.

    Attributes:
        kept_until_ms: A drain took the last tab: until then they count as connected.
        gone_at_ms: When the last tab went; None while one is connected.
        was_told: The `customer.left` notice of this absence was written.
        contact: Their live contact.
        priority: From the signed identity, like `skills`.
        passed_to: The customer they turned out to be, who has their conversations now.
        formerly: Anonymous customers who turned out to be them, and when; the latest ones.
        sealed_email: What `person.email` shows, unless that could not be sealed; also
            `sealed_phone`.
    """

    id: CustomerId
    person: Person
    entry_point: EntryPointId
    connections: tuple[Connection, ...] = ()
    kept_until_ms: int | None = None
    gone_at_ms: int | None = None
    was_told: bool = False
    contact: ContactId | None = None
    conversations: tuple[ConversationId, ...] = ()
    priority: int = 0
    skills: dict[str, int] = {}
    passed_to: CustomerId | None = None
    formerly: tuple[tuple[CustomerId, int], ...] = ()
    sealed_email: SealedText | None = None
    sealed_phone: SealedText | None = None

    @property
    def is_connected(self) -> bool:
        """A tab is there, or its return from a drain is still awaited."""
        return bool(self.connections) or self.kept_until_ms is not None

    @property
    def is_away(self) -> bool:
        """No tab is there, and when something follows from that is known."""
        return self.gone_at_ms is not None or self.kept_until_ms is not None


class TokenRecord(Record, frozen=True, kw_only=True, tag="token"):
    """Whose resume token this is."""

    id: TokenHash
    customer: CustomerId
    expires_at_ms: int


class ExternalRecord(Record, frozen=True, kw_only=True, tag="external"):
    """Which customer a site's `sub` is; its id is `Identity.key`."""

    id: str
    customer: CustomerId


class AddressRecord(Record, frozen=True, kw_only=True, tag="address"):
    """Who gave an e-mail address or a phone number; its id is `address_id`.

    Attributes:
        customers: Those who gave it, the last one first, at most `ADDRESS_CUSTOMERS_MAX`.
    """

    id: str
    customers: tuple[CustomerId, ...]


class RevealRecord(Record, frozen=True, kw_only=True, tag="reveal"):
    """An agent was shown what a customer keeps sealed: written before it was shown, and kept."""

    id: RevealId
    agent: AgentId
    contact: ContactId
    customer: CustomerId
    field: SealedKind
    reason: MaskedText
    at_ms: int


class QueueRecord(Record, frozen=True, kw_only=True, tag="queue"):
    """What was learnt of a queue's pace."""

    id: QueueId
    pace: Pace = Pace()


class RetiredCode(Value, frozen=True, kw_only=True):
    """A wrap-up code that was removed while codes were owed."""

    code: WrapupCode
    removed_at_ms: int


class ConfigurationRecord(Record, frozen=True, kw_only=True, tag="configuration"):
    """The configuration in force; there is one.

    Attributes:
        retired: Queues that were removed while contacts were in them, as they were.
        retired_codes: Codes that legs may still file that ended before their removal.
    """

    id: Literal["configuration"] = "configuration"
    configuration: Configuration = Configuration()
    retired: tuple[Queue, ...] = ()
    retired_codes: tuple[RetiredCode, ...] = ()
    digest: str = ""


class ShardRecord(Record, frozen=True, kw_only=True, tag="shard"):
    """The shard's own counters; there is one.

    Attributes:
        serial: The last serial given out; serials order what happened.
        at_ms: The latest time a step was taken at; time never goes back.
        hubs: Hub incarnations with connections.
        hash_key: Keys the hashes of what clients and sites call things; 64 hexadecimal digits
            from the first takeover on.
    """

    id: Literal["shard"] = "shard"
    serial: int = 0
    at_ms: int = 0
    hubs: tuple[HubId, ...] = ()
    hash_key: str = ""


AnyRecord = (
    AgentRecord
    | ContactRecord
    | OfferRecord
    | ConversationRecord
    | CustomerRecord
    | TokenRecord
    | ExternalRecord
    | AddressRecord
    | RevealRecord
    | QueueRecord
    | ConfigurationRecord
    | ShardRecord
)

Key = tuple[str, str]
"""(record tag, id): names one record among all."""


def key_of(record: AnyRecord) -> Key:
    """The name under which a record is stored."""
    return (str(type(record).__struct_config__.tag), record.id)


class GivesAddresses(Protocol):
    """A command, an identity or a customer with what was sealed of them."""

    @property
    def sealed_email(self) -> SealedText | None:
        """The e-mail address."""
        ...

    @property
    def sealed_phone(self) -> SealedText | None:
        """The phone number."""
        ...


def address_id(kind: SealedKind, sealed: SealedText) -> str:
    """The id of the record of an address: the same for the same value, whoever gives it."""
    return f"{kind}:{sealed.digest}"


def addresses_of(holder: GivesAddresses) -> list[str]:
    """The ids of the records of what somebody gave."""
    given: tuple[tuple[SealedKind, SealedText | None], ...] = (
        ("email", holder.sealed_email),
        ("phone", holder.sealed_phone),
    )
    return [address_id(kind, sealed) for kind, sealed in given if sealed is not None]


class Message(Value, frozen=True, kw_only=True):
    """One line of a transcript, as it is stored and shown."""

    conversation: ConversationId
    contact: ContactId
    seq: int
    id: MessageId
    at_ms: int
    role: Role
    body: Body
    author: str | None = None
    name: str | None = None
    audience: Audience = "everyone"
    event: str | None = None

"""What the kernel is asked, what it answers, and what happened: closed unions.

Commands are imperative and refuse unknown fields; events are past tense and carry all `evolve`
needs. Tags are stored: add, never rename. Every text in them is `MaskedText`.
"""

from typing import Literal

import msgspec

from masking.text import MaskedText, SealedKind, SealedText
from presence import Connection, State
from router.kernel.configuration import Agent, Configuration, Queue
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    HubId,
    OfferId,
    QueueId,
    TokenHash,
)
from router.kernel.model import (
    Audience,
    Body,
    CloseReason,
    ContactRecord,
    ContactState,
    Context,
    ConversationRecord,
    CustomerRecord,
    EndedBy,
    Identity,
    LegRole,
    Message,
    OfferOutcome,
    OfferRecord,
    Reader,
    RetiredCode,
    RevealRecord,
    Wrapup,
)

PresenceCause = Literal["agent", "rona", "supervisor", "connected", "disconnected"]


# -- commands ----------------------------------------------------------------------------------


class Command(
    msgspec.Struct,
    frozen=True,
    gc=False,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Something the kernel is asked to do."""


class Configure(Command, frozen=True, kw_only=True, tag="configure"):
    """Put a configuration in force; nothing happens when its digest is the present one."""

    configuration: Configuration
    agents: tuple[Agent, ...]
    digest: str


class TakeOver(Command, frozen=True, kw_only=True, tag="take_over"):
    """The first command of a writer: every deadline moves by the time nobody wrote.

    Attributes:
        gap_ms: From the last sign of life of the previous writer to now.
        hubs: Hub incarnations still alive; connections of all others are lost.
    """

    gap_ms: int
    hubs: tuple[HubId, ...] = ()


class HubLost(Command, frozen=True, kw_only=True, tag="hub_lost"):
    """A hub is gone with all its connections."""

    hub: HubId


class DrainHub(Command, frozen=True, kw_only=True, tag="drain_hub"):
    """A hub sends its clients away to come back by themselves: their going is no loss.

    Attributes:
        reconnect_within_ms: How long its clients were asked to take at most.
    """

    hub: HubId
    reconnect_within_ms: int


class AttachAgent(Command, frozen=True, kw_only=True, tag="attach_agent"):
    """An agent's desktop connected."""

    agent: AgentId
    connection: Connection


class DetachAgent(Command, frozen=True, kw_only=True, tag="detach_agent"):
    """An agent's desktop disconnected; unknown ones are ignored."""

    agent: AgentId
    connection: Connection


class AttachCustomer(Command, frozen=True, kw_only=True, tag="attach_customer"):
    """A customer's tab connected.

    Attributes:
        token: Hash of the resume token presented, if any.
        fresh_token: Hash of a new token, kept when the presented one is unknown or ageing.
        identity: What the site signed, if anything.
    """

    connection: Connection
    entry_point: EntryPointId
    fresh_token: TokenHash
    token: TokenHash | None = None
    identity: Identity | None = None


class IdentifyCustomer(Command, frozen=True, kw_only=True, tag="identify_customer"):
    """A connected customer showed a signed identity."""

    customer: CustomerId
    connection: Connection
    entry_point: EntryPointId
    identity: Identity
    fresh_token: TokenHash


class DetachCustomer(Command, frozen=True, kw_only=True, tag="detach_customer"):
    """A customer's tab disconnected; unknown ones are ignored."""

    customer: CustomerId
    connection: Connection


class StartChat(Command, frozen=True, kw_only=True, tag="start_chat"):
    """A customer asks for a chat, with a first message or none.

    Attributes:
        queue: One the entry point lets customers choose; None is its own.
        conversation: A closed one of this customer to go on in; None opens a new one.
        sealed_email: What `email` shows, where it can be sealed; also `sealed_phone`.
    """

    customer: CustomerId
    entry_point: EntryPointId
    body: Body | None = None
    name: MaskedText | None = None
    email: MaskedText | None = None
    phone: MaskedText | None = None
    subject: MaskedText | None = None
    queue: QueueId | None = None
    attributes: dict[MaskedText, MaskedText | int | float | bool | None] = {}
    context: Context = Context()
    conversation: ConversationId | None = None
    sealed_email: SealedText | None = None
    sealed_phone: SealedText | None = None


class SendCustomerMessage(Command, frozen=True, kw_only=True, tag="send_customer_message"):
    """A customer writes; when the contact has ended, a new one starts in the conversation."""

    customer: CustomerId
    entry_point: EntryPointId
    conversation: ConversationId
    body: Body


class ReadAsCustomer(Command, frozen=True, kw_only=True, tag="read_as_customer"):
    """A customer has read up to `seq`."""

    customer: CustomerId
    conversation: ConversationId
    seq: int


class EndChat(Command, frozen=True, kw_only=True, tag="end_chat"):
    """A customer ends the chat."""

    customer: CustomerId
    conversation: ConversationId


class SetPresence(Command, frozen=True, kw_only=True, tag="set_presence"):
    """An agent sets its state."""

    agent: AgentId
    state: Literal["available", "idle", "offline"]
    idle_code: CodeId | None = None


class AcceptOffer(Command, frozen=True, kw_only=True, tag="accept_offer"):
    """An agent takes an offered contact.

    Attributes:
        offer: The offer, not the contact: a contact may be offered twice, and a late answer to
            the first offer must not win the second.
    """

    agent: AgentId
    offer: OfferId
    connection: Connection


class DeclineOffer(Command, frozen=True, kw_only=True, tag="decline_offer"):
    """An agent does not take an offered contact."""

    agent: AgentId
    offer: OfferId
    connection: Connection


class CancelOffer(Command, frozen=True, kw_only=True, tag="cancel_offer"):
    """Who asked for a transfer or conference takes the request back."""

    agent: AgentId
    offer: OfferId


class SendAgentMessage(Command, frozen=True, kw_only=True, tag="send_agent_message"):
    """An agent writes to everyone, or an internal note."""

    agent: AgentId
    contact: ContactId
    body: Body
    audience: Audience = "everyone"


class ReadAsAgent(Command, frozen=True, kw_only=True, tag="read_as_agent"):
    """An agent has read up to `seq`."""

    agent: AgentId
    contact: ContactId
    seq: int


class TransferToQueue(Command, frozen=True, kw_only=True, tag="transfer_to_queue"):
    """The owner gives the contact back to a queue.

    Attributes:
        force: Also when nobody else who serves the queue is signed in.
    """

    agent: AgentId
    contact: ContactId
    queue: QueueId
    wrapup: Wrapup | None = None
    force: bool = False


class TransferToAgent(Command, frozen=True, kw_only=True, tag="transfer_to_agent"):
    """The owner asks another agent to become owner."""

    agent: AgentId
    contact: ContactId
    target: AgentId
    wrapup: Wrapup | None = None


class Conference(Command, frozen=True, kw_only=True, tag="conference"):
    """The owner asks another agent to join."""

    agent: AgentId
    contact: ContactId
    target: AgentId


class LeaveConference(Command, frozen=True, kw_only=True, tag="leave_conference"):
    """An agent leaves others to go on with the customer."""

    agent: AgentId
    contact: ContactId
    wrapup: Wrapup | None = None


class RemoveFromConference(Command, frozen=True, kw_only=True, tag="remove_from_conference"):
    """The owner takes a member out."""

    agent: AgentId
    contact: ContactId
    target: AgentId


class EndContact(Command, frozen=True, kw_only=True, tag="end_contact"):
    """The owner ends the contact for everyone."""

    agent: AgentId
    contact: ContactId
    wrapup: Wrapup | None = None


class FileWrapup(Command, frozen=True, kw_only=True, tag="file_wrapup"):
    """An agent files the code its leg owes."""

    agent: AgentId
    contact: ContactId
    wrapup: Wrapup


class RevealContact(Command, frozen=True, kw_only=True, tag="reveal_contact"):
    """An agent who may do so asks to be shown what a contact's customer keeps sealed.

    Attributes:
        keys: The ids of the keys that whoever asks can open with; with none nothing is shown.
    """

    agent: AgentId
    contact: ContactId
    field: SealedKind
    reason: MaskedText
    keys: tuple[str, ...] = ()


AnyCommand = (
    Configure
    | TakeOver
    | HubLost
    | DrainHub
    | AttachAgent
    | DetachAgent
    | AttachCustomer
    | IdentifyCustomer
    | DetachCustomer
    | StartChat
    | SendCustomerMessage
    | ReadAsCustomer
    | EndChat
    | SetPresence
    | AcceptOffer
    | DeclineOffer
    | CancelOffer
    | SendAgentMessage
    | ReadAsAgent
    | TransferToQueue
    | TransferToAgent
    | Conference
    | LeaveConference
    | RemoveFromConference
    | EndContact
    | FileWrapup
    | RevealContact
)


# -- results: what an accepted command answers, by reference; the hub shows what they name ------


class Result(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The answer to a command that took effect, without any text that can be read."""


class Done(Result, frozen=True, kw_only=True, tag="done"):
    """It took effect; there is nothing more to say."""


class AgentSeen(Result, frozen=True, kw_only=True, tag="agent_seen"):
    """Answer to `AttachAgent` and `SetPresence`."""

    agent: AgentId


class CustomerSeen(Result, frozen=True, kw_only=True, tag="customer_seen"):
    """Answer to `AttachCustomer` and `IdentifyCustomer`.

    Attributes:
        token_kept: The presented token stays good; otherwise the fresh one is handed out.
    """

    customer: CustomerId
    token_kept: bool


class ChatStarted(Result, frozen=True, kw_only=True, tag="chat_started"):
    """Answer to `StartChat`; no position once offered."""

    conversation: ConversationId
    contact: ContactId
    state: ContactState
    position: int | None
    estimated_wait_ms: int | None


class MessageSent(Result, frozen=True, kw_only=True, tag="message_sent"):
    """Answer to both kinds of sending: the transcript row is the answer."""

    conversation: ConversationId
    seq: int


class ContactTaken(Result, frozen=True, kw_only=True, tag="contact_taken"):
    """Answer to `AcceptOffer`."""

    contact: ContactId


class OfferAsked(Result, frozen=True, kw_only=True, tag="offer_asked"):
    """Answer to a transfer to an agent and to a conference."""

    offer: OfferId


class SealedFound(Result, frozen=True, kw_only=True, tag="sealed_found"):
    """Answer to `RevealContact`: what was recorded as shown, for the hub to open."""

    sealed: SealedText


AnyResult = (
    Done
    | AgentSeen
    | CustomerSeen
    | ChatStarted
    | MessageSent
    | ContactTaken
    | OfferAsked
    | SealedFound
)


# -- events --------------------------------------------------------------------------------------


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something that happened."""


class Configured(Event, frozen=True, kw_only=True, tag="configured"):
    """A configuration came into force; retired queues are removed ones with contacts in them."""

    configuration: Configuration
    retired: tuple[Queue, ...]
    digest: str
    retired_codes: tuple[RetiredCode, ...] = ()


class AgentConfigured(Event, frozen=True, kw_only=True, tag="agent_configured"):
    """An agent is new, or its settings changed."""

    profile: Agent


class AgentRemoved(Event, frozen=True, kw_only=True, tag="agent_removed"):
    """An agent is no longer configured."""

    agent: AgentId


class HubsSeen(Event, frozen=True, kw_only=True, tag="hubs_seen"):
    """These hub incarnations hold connections from now on."""

    hubs: tuple[HubId, ...]


class TimeShifted(Event, frozen=True, kw_only=True, tag="time_shifted"):
    """Nobody wrote for a while: deadlines that are not an offer's moved by it."""

    gap_ms: int


class AgentAttached(Event, frozen=True, kw_only=True, tag="agent_attached"):
    """A desktop connected."""

    agent: AgentId
    connection: Connection


class AgentDetached(Event, frozen=True, kw_only=True, tag="agent_detached"):
    """Desktops disconnected; with none, the return of drained ones is awaited no longer.

    Attributes:
        kept_until_ms: A drain took them: without another one, the agent counts as connected until
            then.
    """

    agent: AgentId
    connections: tuple[Connection, ...]
    kept_until_ms: int | None = None


class AgentLost(Event, frozen=True, kw_only=True, tag="agent_lost"):
    """Without a desktop for two seconds."""

    agent: AgentId


class PresenceChanged(Event, frozen=True, kw_only=True, tag="presence_changed"):
    """An agent's state was set."""

    agent: AgentId
    state: State
    cause: PresenceCause
    idle_code: CodeId | None = None


class CustomerCreated(Event, frozen=True, kw_only=True, tag="customer_created"):
    """Somebody came who was not known."""

    customer: CustomerRecord


class CustomerAttached(Event, frozen=True, kw_only=True, tag="customer_attached"):
    """A tab connected."""

    customer: CustomerId
    connection: Connection
    entry_point: EntryPointId


class CustomerDetached(Event, frozen=True, kw_only=True, tag="customer_detached"):
    """Tabs disconnected; as `AgentDetached`."""

    customer: CustomerId
    connections: tuple[Connection, ...]
    kept_until_ms: int | None = None


class CustomerMissed(Event, frozen=True, kw_only=True, tag="customer_missed"):
    """A connected customer has been away for the grace time."""

    customer: CustomerId


class CustomerDescribed(Event, frozen=True, kw_only=True, tag="customer_described"):
    """A customer's name, e-mail or phone became known, or a signed identity came.

    Attributes:
        sealed_email: What `email` shows, where it could be sealed; also `sealed_phone`.
    """

    customer: CustomerId
    name: MaskedText | None = None
    email: MaskedText | None = None
    phone: MaskedText | None = None
    identity: Identity | None = None
    sealed_email: SealedText | None = None
    sealed_phone: SealedText | None = None


class CustomerPassed(Event, frozen=True, kw_only=True, tag="customer_passed"):
    """An anonymous customer turned out to be a known one: what they had is the known one's."""

    customer: CustomerId
    to: CustomerId


class TokenIssued(Event, frozen=True, kw_only=True, tag="token_issued"):
    """A resume token resumes this customer until it expires."""

    token: TokenHash
    customer: CustomerId
    expires_at_ms: int


class ExternalLinked(Event, frozen=True, kw_only=True, tag="external_linked"):
    """A site's customer is this one."""

    external: str
    customer: CustomerId


class ConversationOpened(Event, frozen=True, kw_only=True, tag="conversation_opened"):
    """A conversation began."""

    conversation: ConversationRecord


class ContactOpened(Event, frozen=True, kw_only=True, tag="contact_opened"):
    """A contact began and waits."""

    contact: ContactRecord


class ContactRequeued(Event, frozen=True, kw_only=True, tag="contact_requeued"):
    """A contact left its agents and waits again, ahead of new ones.

    Attributes:
        released: The owner who gave it back; counts as having declined until `paused_until_ms`.
    """

    contact: ContactId
    queue: QueueId
    serial: int
    released: AgentId | None = None
    paused_until_ms: int = 0


class PositionTold(Event, frozen=True, kw_only=True, tag="position_told"):
    """A contact stands in line after a step that put it there; positions start at 1."""

    contact: ContactId
    position: int
    estimated_wait_ms: int | None


class OfferMade(Event, frozen=True, kw_only=True, tag="offer_made"):
    """A contact was offered to an agent."""

    offer: OfferRecord


class OfferMoved(Event, frozen=True, kw_only=True, tag="offer_moved"):
    """An offer's deadline moved; it stays the same offer."""

    offer: OfferId
    expires_at_ms: int


class OfferClosed(Event, frozen=True, kw_only=True, tag="offer_closed"):
    """An offer is no longer open.

    Attributes:
        connection: The desktop that answered.
        paused_until_ms: A declined contact is not offered to the agent again before then.
    """

    offer: OfferId
    contact: ContactId
    agent: AgentId
    outcome: OfferOutcome
    reason: CloseReason | None = None
    connection: Connection | None = None
    paused_until_ms: int = 0


class AgentJoined(Event, frozen=True, kw_only=True, tag="agent_joined"):
    """An agent talks to the customer from now on; an owner replaces any other."""

    contact: ContactId
    agent: AgentId
    role: LegRole
    serial: int


class OwnerPromoted(Event, frozen=True, kw_only=True, tag="owner_promoted"):
    """A member became the owner."""

    contact: ContactId
    agent: AgentId


class AgentLeft(Event, frozen=True, kw_only=True, tag="agent_left"):
    """An agent no longer talks to the customer.

    Attributes:
        leg: The serial of the leg that ended.
        owes: A code is owed and the slot stays taken.
        deadline_at_ms: When the default code is filed.
        default_code: What is filed then.
        fileable_until_ms: Nothing is owed, but a code may be filed until then.
    """

    contact: ContactId
    agent: AgentId
    leg: int
    owes: bool
    deadline_at_ms: int | None = None
    default_code: CodeId | None = None
    fileable_until_ms: int | None = None


class WrapupFiled(Event, frozen=True, kw_only=True, tag="wrapup_filed"):
    """A leg got its code, from its agent or from the timer."""

    contact: ContactId
    agent: AgentId
    leg: int
    wrapup: Wrapup
    by_timer: bool = False


class WrapupWaived(Event, frozen=True, kw_only=True, tag="wrapup_waived"):
    """A leg owes its code no longer: its agent was removed, and nobody is left to file it."""

    contact: ContactId
    agent: AgentId
    leg: int


class ContactTransferred(Event, frozen=True, kw_only=True, tag="contact_transferred"):
    """The owner handed the contact on."""

    contact: ContactId
    agent: AgentId
    to: Literal["queue", "agent"]


class ContactEnded(Event, frozen=True, kw_only=True, tag="contact_ended"):
    """A contact is over; only wrap-up may be left.

    Attributes:
        ended_at_ms: When it ended in the customer's eyes: earlier than the event when abandoned.
    """

    contact: ContactId
    ended_by: EndedBy
    reason: str
    ended_at_ms: int


class MessageWritten(Event, frozen=True, kw_only=True, tag="message_written"):
    """A line was added to a transcript."""

    message: Message


class MessageRedacted(Event, frozen=True, kw_only=True, tag="message_redacted"):
    """A message turned out to hold a part of something; this is how it is shown from now on."""

    message: Message


class InternalOpened(Event, frozen=True, kw_only=True, tag="internal_opened"):
    """A contact got the conversation that its internal notes live in."""

    contact: ContactId
    conversation: ConversationRecord


class MessageRead(Event, frozen=True, kw_only=True, tag="message_read"):
    """Somebody has read up to `seq`."""

    conversation: ConversationId
    reader: Reader
    seq: int


class HashKeyMade(Event, frozen=True, kw_only=True, tag="hash_key_made"):
    """The shard got the key under which names given by others are hashed, for good."""

    hash_key: str


class ContactRevealed(Event, frozen=True, kw_only=True, tag="contact_revealed"):
    """An agent is about to be shown what a customer keeps sealed."""

    reveal: RevealRecord


AnyEvent = (
    Configured
    | AgentConfigured
    | AgentRemoved
    | HubsSeen
    | TimeShifted
    | AgentAttached
    | AgentDetached
    | AgentLost
    | PresenceChanged
    | CustomerCreated
    | CustomerAttached
    | CustomerDetached
    | CustomerMissed
    | CustomerDescribed
    | CustomerPassed
    | TokenIssued
    | ExternalLinked
    | ConversationOpened
    | ContactOpened
    | ContactRequeued
    | PositionTold
    | OfferMade
    | OfferMoved
    | OfferClosed
    | AgentJoined
    | OwnerPromoted
    | AgentLeft
    | WrapupFiled
    | WrapupWaived
    | ContactTransferred
    | ContactEnded
    | MessageWritten
    | MessageRedacted
    | InternalOpened
    | MessageRead
    | HashKeyMade
    | ContactRevealed
)

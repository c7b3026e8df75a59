"""The wire objects of the protocol, made from records.

What is made for a customer names no agent by id.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from presence import is_connected
from router.hub import shapes
from router.kernel.configuration import EntryPoint, IdleCode, Queue, WrapupCode
from router.kernel.ids import AgentId, CustomerId, EntryPointId, QueueId
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ContactRecord,
    Context,
    ConversationRecord,
    CustomerRecord,
    Leg,
    Message,
    OfferRecord,
    Person,
    Read,
    Reader,
)

RecordT = TypeVar("RecordT", bound=AnyRecord)
ValueT = TypeVar("ValueT")

PREVIEW_LENGTH = 5
"""How many messages an offer shows."""

LIVE = frozenset({"queued", "offered", "connected"})
"""The states of a contact in which its customer waits or talks."""

NEVER_READ = Read()


class View(Protocol):
    """Records as they were at one position."""

    def find(self, kind: type[RecordT], name: str, /) -> RecordT | None:
        """The record of that kind and id, if this view holds it."""
        ...

    def queue_name(self, queue: QueueId, /) -> str:
        """What people call a queue; its id when it is not known."""
        ...


def agent_reader(agent: AgentId) -> Reader:
    """The key under which a conversation counts what an agent has read."""
    return f"agent:{agent}"


def customer_reader(customer: CustomerId) -> Reader:
    """The key under which a conversation counts what a customer has read."""
    return f"customer:{customer}"


def agent_name(view: View, agent: AgentId) -> str:
    """What people call an agent; the id when it has no name or is not known."""
    record = view.find(AgentRecord, agent)
    return (record.profile.name if record else "") or agent


# -- conversations and messages ------------------------------------------------------------------


def conversation_object(
    record: ConversationRecord, reader: Reader, contact: ContactRecord | None
) -> shapes.Conversation:
    """A conversation as one reader sees it; only agents see who follows it.

    ``contact`` is its latest contact; the conversation is open while that is queued, offered or
    connected, and shows it then.
    """
    is_customer = reader.startswith("customer:")
    live = contact if contact is not None and contact.state in LIVE else None
    return shapes.Conversation(
        id=record.id,
        kind=record.type,
        state="open" if live else "closed",
        subject=_present(record.subject),
        customers=record.customers,
        followers=() if is_customer else record.followers,
        last_seq=record.last_seq,
        last_at=record.last_at_ms,
        unread=record.reads.get(reader, NEVER_READ).unread,
        contact=shapes.ContactStanding(id=live.id, state=live.state) if live else UNSET,
    )


def message_object(message: Message) -> shapes.Message:
    """A message as agents see it."""
    return _message(message, author=message.author)


def message_objects(messages: Iterable[Message]) -> tuple[shapes.Message, ...]:
    """Messages as agents see them."""
    return tuple(message_object(message) for message in messages)


def customer_message_object(message: Message) -> shapes.Message:
    """A message as customers see it: agents have names and no ids.

    ``message`` is one for everyone; an internal one is a bug, never a choice of the caller.
    """
    assert message.audience == "everyone", "an internal message was about to reach a customer"
    return _message(message, author=message.author if message.role == "customer" else None)


def _message(message: Message, *, author: str | None) -> shapes.Message:
    body = message.body
    return shapes.Message(
        conversation=message.conversation,
        contact=message.contact,
        seq=message.seq,
        id=message.id,
        at=message.at_ms,
        author=shapes.Author(
            role=message.role,
            id=UNSET if author is None else author,
            name=UNSET if message.name is None else message.name,
        ),
        audience=message.audience,
        text=body.text,
        masked=body.masked,
        masked_spans=body.spans or UNSET,
        event=UNSET if message.event is None else message.event,
    )


# -- contacts ------------------------------------------------------------------------------------


class Counts(NamedTuple):
    """What of a contact changes without `contact.updated`."""

    unread: int
    last_seq: int


NOTHING_COUNTED = Counts(0, 0)


def contact_object(record: ContactRecord, view: View, reader: Reader) -> shapes.Contact:
    """A contact as one agent or supervisor sees it."""
    return _contact(record, view, contact_counts(record, view, reader))


def counted(contact: shapes.Contact, counts: Counts) -> shapes.Contact:
    """A contact with the counts of one reader."""
    return replace(contact, unread=counts.unread, last_seq=counts.last_seq)


def contact_counts(record: ContactRecord, view: View, reader: Reader) -> Counts:
    """`unread` and `last_seq` of a contact.

    To who has no part in it yet, all that people wrote in it is unread.
    """
    conversation = view.find(ConversationRecord, record.conversation)
    if conversation is None:
        return NOTHING_COUNTED
    read = conversation.reads.get(reader)
    if read is not None:
        return Counts(read.unread, conversation.last_seq)
    written = conversation.last_seq - record.first_seq + 1
    return Counts(conversation.recent.unread(reader, written), conversation.last_seq)


def contact_without_counts(record: ContactRecord, view: View) -> shapes.Contact:
    """A contact with nothing counted: what `contact.updated` announces changes of."""
    return _contact(record, view, NOTHING_COUNTED)


def _contact(record: ContactRecord, view: View, counts: Counts) -> shapes.Contact:
    return shapes.Contact(
        id=record.id,
        conversation=record.conversation,
        internal=_present(record.internal),
        channel="chat",
        origin=record.origin,
        entry_point=record.entry_point,
        queue=record.queue,
        state=record.state,
        customer=_customer(record.customer, view),
        subject=_present(record.subject),
        attributes=record.attributes,
        context=_context(record.context),
        priority=record.priority,
        owner=record.owner,
        participants=tuple(_participant(leg) for leg in record.legs if leg.state == "active"),
        pending_offers=_pending_offers(record, view),
        created_at=record.created_at_ms,
        queued_at=record.queued_at_ms,
        connected_at=_present(record.connected_at_ms),
        ended_at=_present(record.ended_at_ms),
        ended_by=_present(record.ended_by),
        end_reason=_present(record.end_reason),
        interrupted=record.interrupted,
        answer_due=record.answer_due,
        legs=tuple(_leg(leg) for leg in record.legs),
        unread=counts.unread,
        last_seq=counts.last_seq,
    )


def _customer(person: Person, view: View) -> shapes.Customer:
    record = view.find(CustomerRecord, person.id)
    return shapes.Customer(
        id=person.id,
        external_id=_present(person.external_id),
        name=_present(person.name),
        email=_present(person.email),
        phone=_present(person.phone),
        verified=person.verified,
        connected=record is not None and record.is_connected,
    )


def _context(context: Context) -> shapes.ContactContext:
    return shapes.ContactContext(
        page_url=_present(context.page_url),
        referrer=_present(context.referrer),
        locale=_present(context.locale),
    )


def _participant(leg: Leg) -> shapes.Participant:
    return shapes.Participant(
        agent=leg.agent, name=leg.name, role=leg.role, joined_at=leg.joined_at_ms
    )


def _leg(leg: Leg) -> shapes.Leg:
    wrapup: shapes.LegWrapup | UnsetType = UNSET
    if leg.wrapup is not None:
        assert leg.filed_at_ms is not None, "a code is there from when it was filed"
        wrapup = shapes.LegWrapup(
            code=leg.wrapup.code, note=_present(leg.wrapup.note), at=leg.filed_at_ms
        )
    return shapes.Leg(
        agent=leg.agent, state=leg.state, deadline_at=leg.deadline_at_ms, wrapup=wrapup
    )


# -- offers --------------------------------------------------------------------------------------


def offer_object(
    record: OfferRecord, view: View, preview: Iterable[Message], *, server_now_ms: int
) -> shapes.Offer:
    """An offer with its contact, as the offered agent sees it."""
    contact = view.find(ContactRecord, record.contact)
    assert contact is not None, "an offer outlived its contact"
    return shapes.Offer(
        id=record.id,
        kind=record.type,
        contact=contact_object(contact, view, agent_reader(record.agent)),
        queue=shapes.Named(id=record.queue, name=view.queue_name(record.queue)),
        agent=shapes.Named(id=record.agent, name=agent_name(view, record.agent)),
        asker=_asker(record, view),
        why=tuple(shapes.Why(code=code, value=_present(value)) for code, value in record.why),
        preview=message_objects(preview),
        offered_at=record.offered_at_ms,
        expires_at=record.expires_at_ms,
        server_now=server_now_ms,
    )


def _pending_offers(record: ContactRecord, view: View) -> tuple[shapes.PendingOffer, ...]:
    offers = [view.find(OfferRecord, offer) for offer in record.offers]
    return tuple(_pending_offer(offer, view) for offer in offers if offer is not None)


def _pending_offer(record: OfferRecord, view: View) -> shapes.PendingOffer:
    return shapes.PendingOffer(
        id=record.id,
        kind=record.type,
        agent=shapes.Named(id=record.agent, name=agent_name(view, record.agent)),
        asker=_asker(record, view),
        offered_at=record.offered_at_ms,
        expires_at=record.expires_at_ms,
    )


def _asker(record: OfferRecord, view: View) -> shapes.Asker | UnsetType:
    if record.asked_by is None:
        return UNSET
    return shapes.Asker(agent=record.asked_by, name=agent_name(view, record.asked_by))


# -- agents and the tenant -----------------------------------------------------------------------


def agent_object(record: AgentRecord) -> shapes.Agent:
    """An agent as itself, its colleagues and supervisors see it."""
    profile, presence = record.profile, record.presence
    return shapes.Agent(
        id=record.id,
        name=profile.name or record.id,
        state=presence.state,
        idle_code=_present(presence.idle_code),
        since=presence.since_ms,
        connected=is_connected(presence),
        load=presence.load,
        capacity=presence.capacity,
        queues=profile.queues,
        skills=profile.skills,
    )


def entry_point_object(name: EntryPointId, entry_point: EntryPoint | None) -> shapes.EntryPoint:
    """An entry point as its customers see it; a removed one is only left for chats in hand."""
    if entry_point is None:
        return shapes.EntryPoint(id=name, name=name, open=False, pre_chat=())
    return shapes.EntryPoint(
        id=name,
        name=entry_point.name or name,
        greeting=entry_point.greeting or UNSET,
        open=True,
        pre_chat=entry_point.pre_chat,
    )


def wrapup_code_object(code: WrapupCode) -> shapes.WrapupCode:
    """A code; one without queues is for every queue, and says so by leaving them out."""
    return shapes.WrapupCode(id=code.id, name=code.name or code.id, queues=code.queues or UNSET)


def named(configured: Queue | IdleCode) -> shapes.Named:
    """What people call something configured."""
    return shapes.Named(id=configured.id, name=configured.name or configured.id)


def _present(value: ValueT | None) -> ValueT | UnsetType:
    """The value, or nothing at all."""
    return UNSET if value is None else value

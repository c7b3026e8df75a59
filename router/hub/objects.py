"""The wire objects of the protocol, made from records: plain values, ready to be encoded.

An absent optional field is left out; a field that may be null is always there. What is made for a
customer names no agent by id.
"""

from collections.abc import Iterable
from typing import Protocol, TypeAlias, TypeVar

from presence import is_connected
from router.kernel.configuration import Configuration
from router.kernel.ids import AgentId, CustomerId, QueueId
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

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Payload: TypeAlias = dict[str, JSON]

RecordT = TypeVar("RecordT", bound=AnyRecord)

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
) -> Payload:
    """A conversation as one reader sees it; only agents see who follows it.

    ``contact`` is its latest contact; the conversation is open while that is queued, offered or
    connected, and shows it then.
    """
    is_customer = reader.startswith("customer:")
    is_open = contact is not None and contact.state in LIVE
    return {
        "id": record.id,
        "kind": record.type,
        "state": "open" if is_open else "closed",
        **_present(subject=record.subject),
        "customers": list(record.customers),
        "followers": [] if is_customer else list(record.followers),
        "last_seq": record.last_seq,
        "last_at": record.last_at_ms,
        "unread": record.reads.get(reader, NEVER_READ).unread,
        **({"contact": {"id": contact.id, "state": contact.state}} if contact and is_open else {}),
    }


def message_object(message: Message) -> Payload:
    """A message as agents see it."""
    return _message(message, author=message.author)


def customer_message_object(message: Message) -> Payload:
    """A message as customers see it: agents have names and no ids.

    ``message`` is one for everyone; an internal one is a bug, never a choice of the caller.
    """
    assert message.audience == "everyone", "an internal message was about to reach a customer"
    return _message(message, author=message.author if message.role == "customer" else None)


def _message(message: Message, *, author: str | None) -> Payload:
    body = message.body
    payload: Payload = {
        "conversation": message.conversation,
        "contact": message.contact,
        "seq": message.seq,
        "id": message.id,
        "at": message.at_ms,
        "author": {"role": message.role, **_present(id=author, name=message.name)},
        "audience": message.audience,
        "text": body.text,
        "masked": list(body.masked),
        "attachments": [],
    }
    if body.spans:
        payload["masked_spans"] = [[kind, start, end] for kind, start, end in body.spans]
    if message.event is not None:
        payload["event"] = message.event
    return payload


# -- contacts ------------------------------------------------------------------------------------


def contact_object(record: ContactRecord, view: View, reader: Reader) -> Payload:
    """A contact as one agent or supervisor sees it."""
    return {**contact_without_counts(record, view), **contact_counts(record, view, reader)}


def contact_counts(record: ContactRecord, view: View, reader: Reader) -> Payload:
    """`unread` and `last_seq` of a contact, which change without `contact.updated`.

    To who has no part in it yet, all that people wrote in it is unread.
    """
    conversation = view.find(ConversationRecord, record.conversation)
    if conversation is None:
        return {"unread": 0, "last_seq": 0}
    read = conversation.reads.get(reader)
    if read is not None:
        return {"unread": read.unread, "last_seq": conversation.last_seq}
    new = [seq for seq, _ in conversation.tail if seq >= record.first_seq]
    return {"unread": len(new), "last_seq": conversation.last_seq}


def contact_without_counts(record: ContactRecord, view: View) -> Payload:
    """A contact without `unread` and `last_seq`: what `contact.updated` announces changes of."""
    return {
        "id": record.id,
        "conversation": record.conversation,
        **_present(internal=record.internal),
        "channel": "chat",
        "origin": record.origin,
        "entry_point": record.entry_point,
        "queue": record.queue,
        "state": record.state,
        "customer": _person(record.customer, view),
        **_present(subject=record.subject),
        "attributes": {key: value for key, value in record.attributes.items()},  # noqa: C416 - a copy of the wire's own type
        "context": _context(record.context),
        "priority": record.priority,
        "owner": record.owner,
        "participants": [_participant(leg) for leg in record.legs if leg.state == "active"],
        "pending_offers": _offer_summaries(record, view),
        "created_at": record.created_at_ms,
        "queued_at": record.queued_at_ms,
        **_present(
            connected_at=record.connected_at_ms,
            ended_at=record.ended_at_ms,
            ended_by=record.ended_by,
            end_reason=record.end_reason,
        ),
        "interrupted": record.interrupted,
        "answer_due": record.answer_due,
        "legs": [_leg(leg) for leg in record.legs],
    }


def _person(person: Person, view: View) -> Payload:
    customer = view.find(CustomerRecord, person.id)
    return {
        "id": person.id,
        **_present(
            external_id=person.external_id,
            name=person.name,
            email=person.email,
            phone=person.phone,
        ),
        "verified": person.verified,
        "connected": customer is not None and customer.is_connected,
    }


def _context(context: Context) -> Payload:
    return _present(page_url=context.page_url, referrer=context.referrer, locale=context.locale)


def _participant(leg: Leg) -> Payload:
    return {"agent": leg.agent, "name": leg.name, "role": leg.role, "joined_at": leg.joined_at_ms}


def _leg(leg: Leg) -> Payload:
    payload: Payload = {"agent": leg.agent, "state": leg.state, "deadline_at": leg.deadline_at_ms}
    if leg.wrapup is not None:
        payload["wrapup"] = {
            "code": leg.wrapup.code,
            **_present(note=leg.wrapup.note),
            "at": leg.filed_at_ms,
        }
    return payload


# -- offers --------------------------------------------------------------------------------------


def offer_object(
    record: OfferRecord, view: View, preview: Iterable[Message], *, server_now_ms: int
) -> Payload:
    """An offer with its contact, as the offered agent sees it."""
    contact = view.find(ContactRecord, record.contact)
    assert contact is not None, "an offer outlived its contact"
    return {
        "id": record.id,
        "kind": record.type,
        "contact": contact_object(contact, view, agent_reader(record.agent)),
        "queue": {"id": record.queue, "name": view.queue_name(record.queue)},
        "agent": {"id": record.agent, "name": agent_name(view, record.agent)},
        **_present(**{"from": _asker(record, view)}),
        "why": [{"code": code, **_present(value=value)} for code, value in record.why],
        "preview": [message_object(message) for message in preview],
        "offered_at": record.offered_at_ms,
        "expires_at": record.expires_at_ms,
        "server_now": server_now_ms,
    }


def _offer_summaries(record: ContactRecord, view: View) -> list[JSON]:
    offers = [view.find(OfferRecord, offer) for offer in record.offers]
    return [_offer_summary(offer, view) for offer in offers if offer is not None]


def _offer_summary(record: OfferRecord, view: View) -> Payload:
    return {
        "id": record.id,
        "kind": record.type,
        "agent": {"id": record.agent, "name": agent_name(view, record.agent)},
        **_present(**{"from": _asker(record, view)}),
        "offered_at": record.offered_at_ms,
        "expires_at": record.expires_at_ms,
    }


def _asker(record: OfferRecord, view: View) -> JSON:
    if record.asked_by is None:
        return None
    return {"agent": record.asked_by, "name": agent_name(view, record.asked_by)}


# -- agents and the tenant -----------------------------------------------------------------------


def agent_object(record: AgentRecord) -> Payload:
    """An agent as itself, its colleagues and supervisors see it."""
    profile, presence = record.profile, record.presence
    return {
        "id": record.id,
        "name": profile.name or record.id,
        "state": presence.state,
        **_present(idle_code=presence.idle_code),
        "since": presence.since_ms,
        "connected": is_connected(presence),
        "load": presence.load,
        "capacity": presence.capacity,
        "queues": list(profile.queues),
        "skills": {skill: level for skill, level in profile.skills.items()},  # noqa: C416 - a copy of the wire's own type
    }


def tenant_parts(configuration: Configuration) -> Payload:
    """What a snapshot says of the tenant: `queues`, both kinds of codes, `templates`."""
    return {
        "queues": [
            {"id": queue.id, "name": queue.name or queue.id} for queue in configuration.queues
        ],
        "wrapup_codes": [
            {
                "id": code.id,
                "name": code.name or code.id,
                **({"queues": list(code.queues)} if code.queues else {}),
            }
            for code in configuration.wrapup_codes
        ],
        "idle_codes": [
            {"id": code.id, "name": code.name or code.id} for code in configuration.idle_codes
        ],
        "templates": [
            {"id": template.id, "text": template.text} for template in configuration.templates
        ],
    }


def _present(**fields: JSON) -> Payload:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}

"""Applies events: the only place where records change. Never refuses, never asks the world."""

from typing import assert_never

from msgspec.structs import replace

from masking.text import MaskedText, SealedText
from presence import (
    Presence,
    attached,
    detached,
    drained,
    is_away,
    lost,
    shifted,
    with_load,
    with_state,
)
from queues import Rank
from router.kernel.configuration import Agent
from router.kernel.ids import AgentId, CustomerId
from router.kernel.messages import (
    AgentAttached,
    AgentConfigured,
    AgentDetached,
    AgentJoined,
    AgentLeft,
    AgentLost,
    AgentRemoved,
    AnyEvent,
    Configured,
    ContactEnded,
    ContactOpened,
    ContactRequeued,
    ContactRevealed,
    ContactTransferred,
    ConversationOpened,
    CustomerAttached,
    CustomerCreated,
    CustomerDescribed,
    CustomerDetached,
    CustomerMissed,
    CustomerPassed,
    ExternalLinked,
    HashKeyMade,
    HubsSeen,
    InternalOpened,
    MessageRead,
    MessageRedacted,
    MessageWritten,
    OfferClosed,
    OfferMade,
    OfferMoved,
    OwnerPromoted,
    PositionTold,
    PresenceChanged,
    TimeShifted,
    TokenIssued,
    WrapupFiled,
    WrapupWaived,
)
from router.kernel.model import (
    ADDRESS_CUSTOMERS_MAX,
    CONVERSATIONS_KEPT,
    FORMERLY_KEPT,
    AddressRecord,
    AgentRecord,
    ConfigurationRecord,
    ContactRecord,
    ContactState,
    ConversationRecord,
    CustomerRecord,
    ExternalRecord,
    Leg,
    Message,
    Person,
    QueueRecord,
    Read,
    Reader,
    TokenRecord,
    addresses_of,
)
from router.kernel.state import State


def evolve(state: State, event: AnyEvent, at_ms: int) -> None:  # noqa: C901, PLR0912, PLR0915 - a flat table
    """Make one event true."""
    match event:
        case MessageWritten():
            _written(state, event.message)
        case MessageRead():
            _read(state, event)
        case OfferMade():
            _offer_made(state, event, at_ms)
        case OfferClosed():
            _offer_closed(state, event, at_ms)
        case OfferMoved():
            offer = state.offers[event.offer]
            state.put_offer(replace(offer, expires_at_ms=event.expires_at_ms))
        case AgentJoined():
            _joined(state, event, at_ms)
        case AgentLeft():
            _left(state, event, at_ms)
        case OwnerPromoted():
            _promoted(state, event)
        case WrapupFiled():
            _filed(state, event, at_ms)
        case WrapupWaived():
            _waived(state, event, at_ms)
        case ContactOpened():
            _contact_opened(state, event.contact)
        case ContactRequeued():
            _requeued(state, event, at_ms)
        case ContactEnded():
            _ended(state, event)
        case ConversationOpened():
            state.put_conversation(event.conversation)
        case InternalOpened():
            state.put_conversation(event.conversation)
            contact = state.contacts[event.contact]
            state.put_contact(replace(contact, internal=event.conversation.id))
        case PresenceChanged():
            _presence(
                state,
                event.agent,
                with_state(
                    state.agents[event.agent].presence,
                    event.state,
                    at_ms=at_ms,
                    idle_code=event.idle_code,
                ),
            )
        case AgentAttached():
            presence = state.agents[event.agent].presence
            _presence(state, event.agent, attached(presence, event.connection))
        case AgentDetached():
            _agent_detached(state, event, at_ms)
        case AgentLost():
            _presence(state, event.agent, lost(state.agents[event.agent].presence))
        case AgentConfigured():
            _agent_configured(state, event.profile)
        case AgentRemoved():
            agent = state.agents[event.agent]
            state.put_agent(replace(agent, removed=True))
        case CustomerCreated():
            state.put_customer(event.customer)
        case CustomerAttached():
            _customer_attached(state, event)
        case CustomerDetached():
            _customer_detached(state, event, at_ms)
        case CustomerMissed():
            customer = state.customers[event.customer]
            state.put_customer(replace(customer, was_told=True))
        case CustomerDescribed():
            _described(state, event)
        case CustomerPassed():
            _passed(state, event, at_ms)
        case TokenIssued():
            record = TokenRecord(
                id=event.token, customer=event.customer, expires_at_ms=event.expires_at_ms
            )
            state.put(record)
        case ExternalLinked():
            state.put(ExternalRecord(id=event.external, customer=event.customer))
        case ContactRevealed():
            state.put(event.reveal)
        case HashKeyMade():
            state.put(replace(state.shard, hash_key=event.hash_key))
        case HubsSeen():
            state.put(replace(state.shard, hubs=event.hubs))
        case TimeShifted():
            _shift(state, event.gap_ms)
        case Configured():
            state.put(
                ConfigurationRecord(
                    configuration=event.configuration,
                    retired=event.retired,
                    retired_codes=event.retired_codes,
                    digest=event.digest,
                )
            )
        case PositionTold() | ContactTransferred() | MessageRedacted():
            pass
        case _:
            assert_never(event)


# -- conversations -------------------------------------------------------------------------------


def _written(state: State, message: Message) -> None:
    conversation = state.conversations[message.conversation]
    assert message.seq == conversation.last_seq + 1, "a message left a gap"
    if message.role == "system" or message.audience == "internal":
        state.put_conversation(
            replace(
                conversation,
                last_seq=message.seq,
                last_at_ms=message.at_ms,
                recent=conversation.recent.written(None),
            )
        )
        return
    author: Reader = f"{message.role}:{message.author}"
    state.put_conversation(
        replace(
            conversation,
            last_seq=message.seq,
            last_at_ms=message.at_ms,
            recent=conversation.recent.written(author),
            reads={
                reader: read if reader == author else Read(read.seq, read.unread + 1)
                for reader, read in conversation.reads.items()
            },
        )
    )


def _read(state: State, event: MessageRead) -> None:
    conversation = state.conversations[event.conversation]
    before = conversation.reads.get(event.reader, Read())
    new = conversation.last_seq - event.seq
    unread = conversation.recent.unread(event.reader, new)
    if new > len(conversation.recent.marks):
        unread = max(unread, before.unread)
    read = Read(event.seq, unread)
    state.put_conversation(replace(conversation, reads={**conversation.reads, event.reader: read}))


# -- offers --------------------------------------------------------------------------------------


def _offer_made(state: State, event: OfferMade, at_ms: int) -> None:
    offer = event.offer
    state.put_offer(offer)
    contact = state.contacts[offer.contact]
    state.put_contact(
        replace(
            contact,
            offers=(*contact.offers, offer.id),
            state="offered" if offer.type == "contact" else contact.state,
        )
    )
    agent = state.agents[offer.agent]
    offered = agent.offered
    if offer.type == "contact" and state.queue(offer.queue).strategy == "round_robin":
        offered = {**offered, offer.queue: offer.serial}
    presence = with_load(agent.presence, agent.presence.load + 1, at_ms=at_ms)
    state.put_agent(replace(agent, presence=presence, offered=offered))


def _offer_closed(state: State, event: OfferClosed, at_ms: int) -> None:
    offer = state.offers[event.offer]
    state.put_offer(replace(offer, outcome=event.outcome, closed_at_ms=at_ms))
    contact = state.contacts[event.contact]
    left = tuple(pending for pending in contact.offers if pending != event.offer)
    declined = contact.declined
    if event.outcome == "declined" and offer.type == "contact":
        declined = _with_decliner(declined, event.agent, event.paused_until_ms)
    is_waiting = contact.state == "offered" and event.outcome != "accepted"
    state.put_contact(
        replace(
            contact,
            offers=left,
            declined=declined,
            state="queued" if is_waiting else contact.state,
        )
    )
    if event.outcome != "accepted":
        _take_slots(state, event.agent, -1, at_ms)


def _with_decliner(
    declined: tuple[tuple[AgentId, int], ...], agent: AgentId, until_ms: int
) -> tuple[tuple[AgentId, int], ...]:
    return (*(each for each in declined if each[0] != agent), (agent, until_ms))


# -- agents in contacts --------------------------------------------------------------------------


def _joined(state: State, event: AgentJoined, at_ms: int) -> None:
    """The slot the accepted offer held passes to the leg."""
    contact = state.contacts[event.contact]
    agent = state.agents[event.agent]
    leg = Leg(
        agent=event.agent,
        name=agent.profile.name,
        role=event.role,
        serial=event.serial,
        joined_at_ms=at_ms,
        queue=contact.queue,
    )
    state.put_contact(
        replace(
            contact,
            legs=(*contact.legs, leg),
            owner=event.agent if event.role == "owner" else contact.owner,
            state="connected",
            connected_at_ms=contact.connected_at_ms or at_ms,
        )
    )
    conversation = state.conversations[contact.conversation]
    reader: Reader = f"agent:{event.agent}"
    if reader not in conversation.reads:
        before = contact.first_seq - 1
        unread = conversation.recent.unread(reader, conversation.last_seq - before)
        read = Read(before, unread)
        conversation = replace(conversation, reads={**conversation.reads, reader: read})
    state.put_conversation(_followed(conversation, event.agent))
    if contact.internal is not None:
        state.put_conversation(_followed(state.conversations[contact.internal], event.agent))


def _followed(conversation: ConversationRecord, agent: AgentId) -> ConversationRecord:
    others = tuple(each for each in conversation.followers if each != agent)
    return replace(conversation, followers=(*others, agent))


def _left(state: State, event: AgentLeft, at_ms: int) -> None:
    contact = state.contacts[event.contact]
    leg = _leg(contact, event.leg)
    left = replace(
        leg,
        state="wrapup" if event.owes else "done",
        left_at_ms=at_ms,
        deadline_at_ms=event.deadline_at_ms,
        default_code=event.default_code,
        fileable_until_ms=event.fileable_until_ms,
    )
    owner = None if contact.owner == event.agent else contact.owner
    _put_leg(state, replace(contact, owner=owner), left)
    if not event.owes:
        _leg_done(state, contact, leg, at_ms)


def _promoted(state: State, event: OwnerPromoted) -> None:
    contact = state.contacts[event.contact]
    legs = tuple(
        replace(leg, role="owner") if leg.agent == event.agent and leg.state == "active" else leg
        for leg in contact.legs
    )
    state.put_contact(replace(contact, legs=legs, owner=event.agent))


def _filed(state: State, event: WrapupFiled, at_ms: int) -> None:
    contact = state.contacts[event.contact]
    leg = _leg(contact, event.leg)
    filed = replace(
        leg,
        state="done",
        wrapup=event.wrapup,
        filed_at_ms=at_ms,
        deadline_at_ms=None,
        default_code=None,
        fileable_until_ms=None,
    )
    _put_leg(state, contact, filed)
    if leg.state == "wrapup":
        _leg_done(state, contact, leg, at_ms)


def _waived(state: State, event: WrapupWaived, at_ms: int) -> None:
    contact = state.contacts[event.contact]
    leg = _leg(contact, event.leg)
    _put_leg(state, contact, replace(leg, state="done", deadline_at_ms=None))
    _leg_done(state, contact, leg, at_ms)


def _leg(contact: ContactRecord, serial: int) -> Leg:
    return next(leg for leg in contact.legs if leg.serial == serial)


def _put_leg(state: State, contact: ContactRecord, leg: Leg) -> None:
    legs = tuple(leg if each.serial == leg.serial else each for each in contact.legs)
    _put_legs(state, replace(contact, legs=legs))


def _leg_done(state: State, contact: ContactRecord, leg: Leg, at_ms: int) -> None:
    """The slot is free, and how long it was taken is remembered."""
    _take_slots(state, leg.agent, -1, at_ms)
    queue = leg.queue or contact.queue
    record = state.queue_records.get(queue) or QueueRecord(id=queue)
    pace = record.pace.with_handled(at_ms - leg.joined_at_ms)
    state.put(QueueRecord(id=queue, pace=pace))


def _put_legs(state: State, contact: ContactRecord) -> None:
    """Keep a contact whose legs changed; its state follows from them."""
    now = _state_by_legs(contact)
    state.put_contact(contact if now == contact.state else replace(contact, state=now))
    if now == "closed":
        for name in (contact.conversation, contact.internal):
            conversation = state.conversations.get(name) if name else None
            if conversation is not None:
                left = tuple(c for c in conversation.open_contacts if c != contact.id)
                state.put_conversation(replace(conversation, open_contacts=left))


def _state_by_legs(contact: ContactRecord) -> ContactState:
    if contact.ended_at_ms is None:
        return contact.state
    if any(leg.state == "wrapup" for leg in contact.legs):
        return "wrapup"
    return "connected" if any(leg.state == "active" for leg in contact.legs) else "closed"


def _take_slots(state: State, agent: AgentId, change: int, at_ms: int) -> None:
    record = state.agents[agent]
    presence = with_load(record.presence, record.presence.load + change, at_ms=at_ms)
    state.put_agent(replace(record, presence=presence))


# -- contacts ------------------------------------------------------------------------------------


def _contact_opened(state: State, contact: ContactRecord) -> None:
    state.put_contact(contact)
    conversation = state.conversations[contact.conversation]
    if contact.id not in conversation.open_contacts:
        open_contacts = (*conversation.open_contacts, contact.id)
        state.put_conversation(
            replace(conversation, contact=contact.id, open_contacts=open_contacts)
        )
    customer = state.customers[contact.customer.id]
    others = tuple(each for each in customer.conversations if each != conversation.id)
    state.put_customer(
        replace(
            customer,
            contact=contact.id,
            conversations=(conversation.id, *others)[:CONVERSATIONS_KEPT],
        )
    )


def _requeued(state: State, event: ContactRequeued, at_ms: int) -> None:
    contact = state.contacts[event.contact]
    queue = state.queue(event.queue)
    priority = contact.entry_priority + queue.priority
    declined = contact.declined if event.queue == contact.queue else ()
    if event.released is not None:
        declined = _with_decliner(declined, event.released, event.paused_until_ms)
    state.put_contact(
        replace(
            contact,
            queue=event.queue,
            state="queued",
            owner=None,
            priority=priority,
            rank=Rank(-priority, 0, at_ms, event.serial),
            queued_at_ms=at_ms,
            declined=declined,
        )
    )


def _ended(state: State, event: ContactEnded) -> None:
    contact = state.contacts[event.contact]
    ended = replace(
        contact,
        ended_at_ms=event.ended_at_ms,
        ended_by=event.ended_by,
        end_reason=event.reason,
        answer_due=False,
    )
    customer = state.customers[contact.customer.id]
    if customer.contact == contact.id:
        state.put_customer(replace(customer, contact=None))
    _put_legs(state, ended)


# -- agents --------------------------------------------------------------------------------------


def _presence(state: State, agent: AgentId, presence: Presence) -> None:
    state.put_agent(replace(state.agents[agent], presence=presence))


def _agent_detached(state: State, event: AgentDetached, at_ms: int) -> None:
    presence = state.agents[event.agent].presence
    if event.kept_until_ms is None:
        presence = detached(presence, event.connections, at_ms=at_ms)
    else:
        presence = drained(presence, event.connections, until_ms=event.kept_until_ms)
    _presence(state, event.agent, presence)


def _agent_configured(state: State, profile: Agent) -> None:
    old = state.agents.get(profile.id)
    if old is None:
        presence = Presence(capacity=profile.capacity)
        state.put_agent(AgentRecord(id=profile.id, profile=profile, presence=presence))
        return
    presence = replace(old.presence, capacity=profile.capacity)
    state.put_agent(replace(old, profile=profile, presence=presence, removed=False))


# -- customers -----------------------------------------------------------------------------------


def _customer_attached(state: State, event: CustomerAttached) -> None:
    customer = state.customers[event.customer]
    others = tuple(c for c in customer.connections if c != event.connection)
    state.put_customer(
        replace(
            customer,
            connections=(*others, event.connection),
            entry_point=event.entry_point,
            kept_until_ms=None,
            gone_at_ms=None,
            was_told=False,
        )
    )


def _customer_detached(state: State, event: CustomerDetached, at_ms: int) -> None:
    customer = state.customers[event.customer]
    left = tuple(c for c in customer.connections if c not in event.connections)
    if left or not customer.is_connected:
        customer = replace(customer, connections=left)
    elif event.kept_until_ms is not None:
        customer = replace(customer, connections=(), kept_until_ms=event.kept_until_ms)
    else:
        customer = replace(customer, connections=(), kept_until_ms=None, gone_at_ms=at_ms)
    state.put_customer(customer)


def _described(state: State, event: CustomerDescribed) -> None:
    customer = state.customers[event.customer]
    person = _with_details(customer.person, event)
    known = event.identity or event
    customer = replace(
        customer,
        person=person,
        sealed_email=_newest(customer.sealed_email, known.email, known.sealed_email),
        sealed_phone=_newest(customer.sealed_phone, known.phone, known.sealed_phone),
    )
    if event.identity is not None:
        customer = replace(customer, priority=event.identity.priority, skills=event.identity.skills)
    state.put_customer(customer)
    for name in addresses_of(known):
        _gave(state, name, customer.id)
    if customer.contact is not None:
        state.put_contact(replace(state.contacts[customer.contact], customer=person))


def _newest(
    kept: SealedText | None, shown: MaskedText | None, given: SealedText | None
) -> SealedText | None:
    """What is sealed follows what is shown; the same value sealed again is no change."""
    if not shown:
        return kept
    is_same = kept is not None and given is not None and kept.digest == given.digest
    return kept if is_same else given


def _gave(state: State, address: str, customer: CustomerId) -> None:
    """Name a customer first among those who gave an address."""
    record = state.addresses.get(address)
    before = record.customers if record else ()
    now = tuple(dict.fromkeys((customer, *before)))[:ADDRESS_CUSTOMERS_MAX]
    if now != before:
        state.put(AddressRecord(id=address, customers=now))


def _gave_as(state: State, address: str, old: CustomerId, new: CustomerId) -> None:
    """Name who they turned out to be in the place of who gave an address."""
    record = state.addresses.get(address)
    if record is not None and old in record.customers:
        named = dict.fromkeys(new if each == old else each for each in record.customers)
        state.put(AddressRecord(id=address, customers=tuple(named)))


def _with_details(person: Person, event: CustomerDescribed) -> Person:
    known = event.identity or event
    return replace(
        person,
        name=known.name or person.name,
        email=known.email or person.email,
        phone=known.phone or person.phone,
        external_id=event.identity.external_id if event.identity else person.external_id,
        verified=person.verified or event.identity is not None,
    )


def _passed(state: State, event: CustomerPassed, at_ms: int) -> None:
    old, new = state.customers[event.customer], state.customers[event.to]
    new = _with_addresses(new, old)
    for address in addresses_of(old):
        _gave_as(state, address, old.id, new.id)
    if new.contact is not None:
        state.put_contact(replace(state.contacts[new.contact], customer=new.person))
    for name in old.conversations:
        conversation = state.conversations.get(name)  # the oldest may have been dropped
        if conversation is not None:
            state.put_conversation(_of_another(conversation, old.id, new.id))
            for contact in conversation.open_contacts:
                state.put_contact(replace(state.contacts[contact], customer=new.person))
    others = tuple(each for each in new.conversations if each not in old.conversations)
    connections = (*new.connections, *old.connections)
    kept_until_ms = None if connections else _latest(new.kept_until_ms, old.kept_until_ms)
    is_connected = bool(connections) or kept_until_ms is not None
    state.put_customer(
        replace(
            old,
            connections=(),
            kept_until_ms=None,
            gone_at_ms=at_ms,
            contact=None,
            conversations=(),
            passed_to=new.id,
            sealed_email=None,
            sealed_phone=None,
        )
    )
    state.put_customer(
        replace(
            new,
            connections=connections,
            kept_until_ms=kept_until_ms,
            gone_at_ms=None if is_connected else new.gone_at_ms,
            was_told=new.was_told or old.was_told,
            contact=new.contact or old.contact,
            conversations=(*old.conversations, *others)[:CONVERSATIONS_KEPT],
            formerly=(*new.formerly, (old.id, at_ms))[-FORMERLY_KEPT:],
        )
    )


def _latest(*times: int | None) -> int | None:
    return max((at_ms for at_ms in times if at_ms is not None), default=None)


def _with_addresses(new: CustomerRecord, old: CustomerRecord) -> CustomerRecord:
    """The known customer, also with what they gave before they were known and nowhere else."""
    has_email, has_phone = bool(new.person.email), bool(new.person.phone)
    return replace(
        new,
        person=replace(
            new.person,
            email=new.person.email if has_email else old.person.email,
            phone=new.person.phone if has_phone else old.person.phone,
        ),
        sealed_email=new.sealed_email if has_email else old.sealed_email,
        sealed_phone=new.sealed_phone if has_phone else old.sealed_phone,
    )


def _of_another(
    conversation: ConversationRecord, old: CustomerId, new: CustomerId
) -> ConversationRecord:
    """The conversation with another customer in it, who has read what the old one had."""
    was, now = f"customer:{old}", f"customer:{new}"
    return replace(
        conversation,
        customers=tuple(new if each == old else each for each in conversation.customers),
        reads={now if key == was else key: read for key, read in conversation.reads.items()},
        recent=conversation.recent.renamed(was, now),
    )


# -- time ----------------------------------------------------------------------------------------


def _shift(state: State, gap_ms: int) -> None:
    """Move what is derived from past times; offers are moved one by one, by `OfferMoved`."""
    for agent in sorted(state.agents.values(), key=lambda agent: agent.id):
        if is_away(agent.presence):
            _presence(state, agent.id, shifted(agent.presence, gap_ms))
    for customer in sorted(state.customers.values(), key=lambda customer: customer.id):
        if customer.kept_until_ms is not None:
            kept_until_ms = customer.kept_until_ms + gap_ms
            state.put_customer(replace(customer, kept_until_ms=kept_until_ms))
        elif customer.gone_at_ms is not None:
            gone_at_ms = _away_since_ms(state, customer, customer.gone_at_ms) + gap_ms
            state.put_customer(replace(customer, gone_at_ms=gone_at_ms))
    for contact in sorted(state.contacts.values(), key=lambda contact: contact.id):
        if contact.declined or any(leg.deadline_at_ms is not None for leg in contact.legs):
            legs = tuple(_later(leg, gap_ms) for leg in contact.legs)
            declined = tuple((agent, until_ms + gap_ms) for agent, until_ms in contact.declined)
            state.put_contact(replace(contact, legs=legs, declined=declined))


def _away_since_ms(state: State, customer: CustomerRecord, gone_at_ms: int) -> int:
    """When the grace time of an absent customer began: queued again, it begins anew."""
    contact = state.contacts.get(customer.contact) if customer.contact else None
    if contact is None or contact.state not in {"queued", "offered"}:
        return gone_at_ms
    return max(gone_at_ms, contact.queued_at_ms)


def _later(leg: Leg, gap_ms: int) -> Leg:
    if leg.deadline_at_ms is None:
        return leg
    return replace(leg, deadline_at_ms=leg.deadline_at_ms + gap_ms)

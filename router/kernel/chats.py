"""Chats from the first word to the customer's goodbye: starting, writing, reading, ending."""

from msgspec.structs import replace

from queues import Rank
from router.kernel.configuration import EntryPoint, Queue
from router.kernel.draft import (
    Draft,
    active_legs,
    contact_of_agent,
    leg_to_talk,
    refused_by_live,
)
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.handing import end
from router.kernel.ids import ContactId, ConversationId, CustomerId, EntryPointId, QueueId
from router.kernel.messages import (
    AnyResult,
    ChatStarted,
    ContactOpened,
    ConversationOpened,
    CustomerDescribed,
    CustomerDetached,
    CustomerMissed,
    Done,
    EndChat,
    InternalOpened,
    MessageRead,
    MessageSent,
    ReadAsAgent,
    ReadAsCustomer,
    SendAgentMessage,
    SendCustomerMessage,
    StartChat,
)
from router.kernel.model import (
    ContactRecord,
    ConversationRecord,
    CustomerRecord,
    Person,
    Read,
)
from router.kernel.state import State, higher_of

_NO_FORM = StartChat(customer=CustomerId(""), entry_point=EntryPointId(""))
"""What a contact begins with that a message started: nothing was filled in."""


def start_chat(draft: Draft, command: StartChat) -> AnyResult:
    """A new contact, in a new conversation or in one that went quiet.

    Raises:
        CommandRefused: The place, queue or conversation is not the customer's to choose, another
            chat is live, or the queue is full.
    """
    state = draft.state
    customer = _customer(state, command.customer)
    conversation = None
    if command.conversation is not None:
        conversation = _conversation(state, customer, command.conversation)
    _check_no_live(state, customer)
    entry = _entry_point(state, command)
    queue = _queue(state, entry, command.queue)
    described = _described(customer, command)
    if described is not None:
        draft.add(described)
        customer = replace(customer, person=_person(customer.person, described))
    contact = _open(draft, customer, command, place=(entry, queue), conversation=conversation)
    if command.body is not None:
        _write(draft, contact, customer.person.id, command)
    return ChatStarted(
        conversation=contact.conversation,
        contact=contact.id,
        state="queued",
        position=None,
        estimated_wait_ms=None,
    )


def _customer(state: State, name: CustomerId) -> CustomerRecord:
    customer = state.customer(name)
    if customer is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such customer")
    return customer


def _conversation(
    state: State, customer: CustomerRecord, name: ConversationId
) -> ConversationRecord:
    conversation = state.conversations.get(name)
    if (
        conversation is None
        or customer.id not in conversation.customers
        or conversation.type != "customer"
    ):
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such conversation among yours")
    return conversation


def _check_no_live(state: State, customer: CustomerRecord) -> None:
    if customer.contact is not None:
        raise refused_by_live(state.contacts[customer.contact], "a chat is going on already")


def _entry_point(state: State, command: StartChat | SendCustomerMessage) -> EntryPoint:
    entry = state.entry_points.get(command.entry_point)
    if entry is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such entry point")
    return entry


def _queue(state: State, entry: EntryPoint, chosen: QueueId | None) -> Queue:
    queue = state.queues.get(chosen or entry.queue)
    if queue is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such queue", path="queue")
    if queue.id != entry.queue and queue.id not in entry.queues:
        raise CommandRefused(
            RefusalCode.FORBIDDEN, hint="this entry point does not lead to the queue"
        )
    if state.floor.waiting(queue.id) >= queue.max_waiting:
        raise CommandRefused(RefusalCode.QUEUE_FULL, hint="too many are waiting; try again later")
    return queue


def _described(customer: CustomerRecord, command: StartChat) -> CustomerDescribed | None:
    """What the customer typed about themselves; a signed identity is not overwritten."""
    if command.name is None and command.email is None and command.phone is None:
        return None
    person = customer.person
    name, email, phone = (
        None if person.verified and known else typed
        for known, typed in (
            (person.name, command.name),
            (person.email, command.email),
            (person.phone, command.phone),
        )
    )
    if name is None and email is None and phone is None:
        return None
    return CustomerDescribed(
        customer=customer.id,
        name=name,
        email=email,
        phone=phone,
        sealed_email=command.sealed_email if email else None,
        sealed_phone=command.sealed_phone if phone else None,
    )


def _open(
    draft: Draft,
    customer: CustomerRecord,
    command: StartChat | SendCustomerMessage,
    *,
    place: tuple[EntryPoint, Queue],
    conversation: ConversationRecord | None,
) -> ContactRecord:
    """The events that open a contact, and the contact as it will be."""
    entry, queue = place
    form = command if isinstance(command, StartChat) else _NO_FORM
    contact_id = ContactId(draft.new_id())
    if conversation is None:
        conversation = ConversationRecord(
            id=ConversationId(draft.new_id()),
            contact=contact_id,
            open_contacts=(contact_id,),
            subject=form.subject,
            customers=(customer.id,),
            reads={f"customer:{customer.id}": Read()},
        )
        draft.add(ConversationOpened(conversation=conversation))
    entry_priority = entry.priority + customer.priority
    priority = entry_priority + queue.priority
    levels = higher_of(entry.skills, customer.skills)
    contact = ContactRecord(
        id=contact_id,
        conversation=conversation.id,
        entry_point=entry.id,
        queue=queue.id,
        state="queued",
        customer=customer.person,
        rank=Rank(-priority, 1, draft.at_ms, draft.new_serial()),
        created_at_ms=draft.at_ms,
        queued_at_ms=draft.at_ms,
        first_seq=conversation.last_seq + 1,
        entry_priority=entry_priority,
        priority=priority,
        skills=levels,
        preferred=conversation.followers[-1] if conversation.followers else None,
        subject=form.subject,
        attributes=form.attributes,
        context=form.context,
    )
    draft.add(ContactOpened(contact=contact))
    draft.queued.append(contact.id)
    return contact


def _person(person: Person, described: CustomerDescribed) -> Person:
    return replace(
        person,
        name=described.name or person.name,
        email=described.email or person.email,
        phone=described.phone or person.phone,
    )


# -- writing and reading -------------------------------------------------------------------------


def send_customer_message(draft: Draft, command: SendCustomerMessage) -> AnyResult:
    """A customer writes; into a conversation that went quiet, that starts a new contact.

    Raises:
        CommandRefused: Not the customer's conversation, or another chat is live.
    """
    state = draft.state
    customer = _customer(state, command.customer)
    conversation = _conversation(state, customer, command.conversation)
    live = state.contacts.get(customer.contact) if customer.contact else None
    if live is None or live.conversation != conversation.id:
        _check_no_live(state, customer)
        entry = _entry_point(state, command)
        place = (entry, _queue(state, entry, None))
        live = _open(draft, customer, command, place=place, conversation=conversation)
    seq = _write(draft, live, customer.id, command)
    return MessageSent(conversation=live.conversation, seq=seq)


def _write(
    draft: Draft,
    contact: ContactRecord,
    customer: CustomerId,
    command: StartChat | SendCustomerMessage,
) -> int:
    assert command.body is not None, "nothing to write"
    return draft.write(
        conversation=contact.conversation,
        contact=contact.id,
        role="customer",
        body=command.body,
        author=customer,
        name=contact.customer.name,
    )


def send_agent_message(draft: Draft, command: SendAgentMessage) -> AnyResult:
    """An agent writes to everyone, or a note that no customer sees.

    Raises:
        CommandRefused: No active part in the contact.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    leg = leg_to_talk(contact, command.agent)
    conversation = contact.conversation
    if command.audience == "internal":
        conversation = contact.internal or _open_internal(draft, contact)
    seq = draft.write(
        conversation=conversation,
        contact=contact.id,
        role="agent",
        body=command.body,
        author=command.agent,
        name=leg.name,
        audience=command.audience,
    )
    return MessageSent(conversation=conversation, seq=seq)


def _open_internal(draft: Draft, contact: ContactRecord) -> ConversationId:
    conversation = ConversationRecord(
        id=ConversationId(draft.new_id()),
        type="internal",
        contact=contact.id,
        open_contacts=(contact.id,),
        followers=tuple(dict.fromkeys(leg.agent for leg in contact.legs)),
    )
    draft.add(InternalOpened(contact=contact.id, conversation=conversation))
    return conversation.id


def read_as_customer(draft: Draft, command: ReadAsCustomer) -> AnyResult:
    """A customer has read up to a number; reading less than before changes nothing.

    Raises:
        CommandRefused: Not the customer's conversation, or no such message.
    """
    customer = _customer(draft.state, command.customer)
    conversation = _conversation(draft.state, customer, command.conversation)
    return _read(draft, conversation, f"customer:{customer.id}", command.seq)


def read_as_agent(draft: Draft, command: ReadAsAgent) -> AnyResult:
    """An agent has read up to a number.

    Raises:
        CommandRefused: Not among the agent's contacts, or no such message.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    conversation = draft.state.conversations[contact.conversation]
    return _read(draft, conversation, f"agent:{command.agent}", command.seq)


def _read(draft: Draft, conversation: ConversationRecord, reader: str, seq: int) -> AnyResult:
    if not 1 <= seq <= conversation.last_seq:
        raise CommandRefused(RefusalCode.INVALID, hint="no message has this number", path="seq")
    if seq > conversation.reads.get(reader, Read()).seq:
        draft.add(MessageRead(conversation=conversation.id, reader=reader, seq=seq))
    return Done()


# -- the customer's goodbye ----------------------------------------------------------------------


def end_chat(draft: Draft, command: EndChat) -> AnyResult:
    """The customer ends the chat; agents only have wrap-up left.

    Raises:
        CommandRefused: Not the customer's conversation, or nothing goes on in it.
    """
    customer = _customer(draft.state, command.customer)
    conversation = _conversation(draft.state, customer, command.conversation)
    contact = draft.state.contacts.get(customer.contact) if customer.contact else None
    if contact is None or contact.conversation != conversation.id:
        raise CommandRefused(
            RefusalCode.CONFLICT, hint="nothing goes on in this conversation", state="closed"
        )
    end(draft, contact, "customer", "ended")
    return Done()


def miss_customer(draft: Draft, customer: CustomerRecord) -> None:
    """A customer stayed away for the grace time: waiting is given up, talking goes on.

    One who did not come back from a drain is away from now on, and the grace time starts.
    """
    if customer.kept_until_ms is not None:
        draft.add(CustomerDetached(customer=customer.id, connections=()))
        return
    if customer.contact is None or customer.gone_at_ms is None:
        return
    contact = draft.state.contacts[customer.contact]
    if active_legs(contact):
        draft.add(CustomerMissed(customer=customer.id))
        draft.notice(contact, "customer.left")
    else:
        left_at_ms = max(customer.gone_at_ms, contact.queued_at_ms)
        end(draft, contact, "customer", "abandoned", ended_at_ms=left_at_ms)

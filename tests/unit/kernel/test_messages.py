"""Messages: numbers without a gap, what is unread, and notes that no customer sees."""

import pytest

from router.kernel.errors import RefusalCode
from router.kernel.ids import AgentId, ContactId, CustomerId
from router.kernel.messages import (
    LeaveConference,
    MessageRead,
    MessageWritten,
    ReadAsAgent,
    ReadAsCustomer,
    SendAgentMessage,
    StartChat,
)
from router.kernel.model import Read
from router.kernel.tail import TAIL_LENGTH
from tests.support.kernel import ANNA, BO, FILED, SHOP, World, a_body, an_agent


def a_talk() -> tuple[World, ContactId]:
    """Anna talks to Kim; Bo is there to be invited."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    return world, world.connect()


def note(agent: AgentId, contact: ContactId) -> SendAgentMessage:
    """Something for colleagues."""
    return SendAgentMessage(agent=agent, contact=contact, body=a_body(), audience="internal")


def reads(world: World, contact: ContactId) -> dict[str, Read]:
    """How far each has read in the customer's conversation; the customer is `kim`."""
    record = world.contact(contact)
    found = world.conversation(record.conversation).reads
    kim = f"customer:{record.customer.id}"
    return {"kim" if reader == kim else reader: read for reader, read in found.items()}


def kim_of(world: World, contact: ContactId) -> CustomerId:
    """The customer of a contact."""
    return world.contact(contact).customer.id


def test_numbers_go_on_from_contact_to_contact_without_a_gap() -> None:
    """Notices count too; the same number means the same message to everybody."""
    world, first = a_talk()
    world.say(ANNA, first)
    world.accepted(note(ANNA, first))
    world.ask(first)
    world.end(ANNA, first, FILED)
    world.ask(first)
    conversation = world.contact(first).conversation
    written = [event.message for event in world.events(MessageWritten)]
    told = [message for message in written if message.conversation == conversation]

    assert [message.seq for message in told] == list(range(1, len(told) + 1))
    assert len({message.id for message in written}) == len(written)
    assert [message.contact for message in told].count(first) == len(told) - 1


def test_a_note_leaves_nothing_in_the_customers_conversation() -> None:
    """Not even a number: a gap would tell that something was said."""
    world, contact = a_talk()
    before = world.conversation(world.contact(contact).conversation)
    world.accepted(note(ANNA, contact))
    record = world.contact(contact)
    assert record.internal is not None
    notes = world.conversation(record.internal)

    assert world.conversation(record.conversation) == before
    assert (notes.type, notes.last_seq, notes.customers) == ("internal", 1, ())
    assert reads(world, contact)["kim"].unread == 0

    world.accepted(note(ANNA, contact))

    assert world.conversation(record.internal).last_seq == 2


def test_a_customer_cannot_reach_the_notes() -> None:
    """To a customer they do not exist, whatever it names."""
    world, contact = a_talk()
    world.accepted(note(ANNA, contact))
    record = world.contact(contact)
    assert record.internal is not None
    kim = record.customer.id
    read = ReadAsCustomer(customer=kim, conversation=record.internal, seq=1)
    start = StartChat(customer=kim, entry_point=SHOP, conversation=record.internal)

    assert world.refused(read) == RefusalCode.NOT_FOUND
    assert world.refused(start) == RefusalCode.NOT_FOUND


def test_who_has_no_part_in_a_contact_does_not_find_it() -> None:
    """To others it does not exist; to who left it is over."""
    world, contact = a_talk()
    commands = (
        SendAgentMessage(agent=BO, contact=contact, body=a_body()),
        ReadAsAgent(agent=BO, contact=contact, seq=1),
        note(ANNA, ContactId("none")),
    )

    assert [world.refused(command) for command in commands] == [RefusalCode.NOT_FOUND] * 3

    world.invite(ANNA, contact, BO)
    world.accepted(LeaveConference(agent=BO, contact=contact, wrapup=FILED))

    assert world.refusal(commands[0]).details == {"state": "connected"}


@pytest.mark.parametrize("wrapup", [None, FILED])
def test_nothing_is_written_into_an_ended_contact(wrapup: None) -> None:
    """`message.send` is a conflict once it is over, owed code or not."""
    world, contact = a_talk()
    world.end(ANNA, contact, wrapup)
    command = SendAgentMessage(agent=ANNA, contact=contact, body=a_body())

    assert world.refused(command) == RefusalCode.CONFLICT


def test_unread_counts_what_others_wrote() -> None:
    """Without one's own messages, notices and notes."""
    world, contact = a_talk()
    world.ask(contact)
    world.ask(contact)
    world.say(ANNA, contact)
    world.accepted(note(ANNA, contact))

    assert reads(world, contact) == {"kim": Read(0, 1), "agent:anna": Read(0, 3)}

    world.invite(ANNA, contact, BO)

    assert reads(world, contact)["agent:bo"] == Read(0, 4)


@pytest.mark.parametrize(("seq", "unread"), [(1, 2), (2, 2), (3, 1), (4, 0)])
def test_reading_up_to_a_number_leaves_what_is_after_it(seq: int, unread: int) -> None:
    """The second line is a notice, which nobody counts."""
    world, contact = a_talk()
    world.ask(contact)
    world.ask(contact)
    world.accepted(ReadAsAgent(agent=ANNA, contact=contact, seq=seq))

    assert reads(world, contact)["agent:anna"] == Read(seq, unread)


def test_reading_less_than_before_changes_nothing() -> None:
    """Two desktops may report in any order."""
    world, contact = a_talk()
    world.say(ANNA, contact)
    conversation = world.contact(contact).conversation
    for seq in (3, 1, 3):
        world.accepted(
            ReadAsCustomer(customer=kim_of(world, contact), conversation=conversation, seq=seq)
        )

    assert reads(world, contact)["kim"] == Read(3, 0)
    assert len(world.events(MessageRead)) == 1


@pytest.mark.parametrize("seq", [-1, 0, 3])
def test_a_number_that_no_message_has_is_invalid(seq: int) -> None:
    """Nobody has read what was not written."""
    world, contact = a_talk()
    conversation = world.contact(contact).conversation
    commands = (
        ReadAsAgent(agent=ANNA, contact=contact, seq=seq),
        ReadAsCustomer(customer=kim_of(world, contact), conversation=conversation, seq=seq),
    )

    assert [world.refusal(command).details for command in commands] == [{"path": "seq"}] * 2


def test_an_agent_reads_a_contact_that_is_closed() -> None:
    """Its desktop may report late; the record is fetched for it."""
    world, contact = a_talk()
    world.end(ANNA, contact, FILED)
    world.accepted(ReadAsAgent(agent=ANNA, contact=contact, seq=3))

    assert reads(world, contact)["agent:anna"] == Read(3, 0)


def test_what_is_unread_is_counted_beyond_the_remembered_tail() -> None:
    """Writers are forgotten after 64 messages, the count is not; reading on makes it exact."""
    world, contact = a_talk()
    more = TAIL_LENGTH + 10
    for _ in range(more):
        world.ask(contact)
    conversation = world.conversation(world.contact(contact).conversation)
    first_kept = conversation.last_seq - TAIL_LENGTH + 1

    assert len(conversation.recent.marks) == TAIL_LENGTH
    assert reads(world, contact)["agent:anna"] == Read(0, more + 1)

    world.accepted(ReadAsAgent(agent=ANNA, contact=contact, seq=2))

    assert reads(world, contact)["agent:anna"].unread == more + 1, "it never says too little"

    world.accepted(ReadAsAgent(agent=ANNA, contact=contact, seq=first_kept - 1))

    assert reads(world, contact)["agent:anna"].unread >= TAIL_LENGTH

    world.accepted(ReadAsAgent(agent=ANNA, contact=contact, seq=first_kept))

    assert reads(world, contact)["agent:anna"] == Read(first_kept, TAIL_LENGTH - 1)

"""Proves who hears messages, read marks and typing, and that nothing internal gets out."""

import asyncio
import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from masking.text import own_text
from router.hub import events
from router.hub.emission import Emission
from router.hub.objects import customer_message_object, message_object
from router.hub.shown import messages_for
from router.hub.translate import translate_signal
from router.kernel.ids import AgentId, ContactId, ConversationId, CustomerId
from router.kernel.messages import (
    AgentJoined,
    AgentLeft,
    AnyEvent,
    ContactEnded,
    InternalOpened,
    MessageRead,
    MessageRedacted,
    MessageWritten,
    OfferClosed,
    OfferMade,
    OwnerPromoted,
    PositionTold,
    PresenceChanged,
    WrapupFiled,
)
from router.kernel.model import AnyRecord, Body, ContactRecord, LegRole, LegState, Wrapup
from router.shard.engine import Signal, Stand, Standings, Typing
from tests.support.builders import (
    ANNA,
    BO,
    CARL,
    CHAT,
    KIM,
    NAMES,
    NOTES,
    RESOLVED,
    TALK,
    a_configuration,
    a_contact,
    a_conversation,
    a_customer,
    a_leg,
    a_message,
    an_agent,
    an_offer,
)
from tests.unit.hub.stage import AT_MS, Stage, heard, named, on_wire, only

OWNER = a_leg(ANNA)
MEMBER = a_leg(BO, role="member", serial=2)
OWING = a_leg(CARL, state="wrapup", serial=3, left_at_ms=2_000)


def conference(contact: ContactRecord | None = None) -> Stage:
    """Anna and Bo talk to Kim; Carl owes a code."""
    return Stage(
        an_agent(ANNA),
        an_agent(BO),
        an_agent(CARL),
        a_customer(),
        a_conversation(),
        a_conversation(conversation=NOTES),
        contact or a_contact(OWNER, MEMBER, OWING, internal=NOTES),
    )


# -- messages --------------------------------------------------------------------------------------


async def test_a_customers_message_reaches_all_who_talk_and_its_own_tabs() -> None:
    """Who left hears no more of the chat; the customer's other tabs mirror this one."""
    message = a_message(1)
    told = await conference().play(MessageWritten(message=message))

    assert told == [
        Emission("/agent", ("agent:anna", "agent:bo"), "message", message_object(message)),
        Emission("/customer", ("customer:kim",), "message", message_object(message)),
    ]


async def test_an_agents_message_reaches_the_customer_without_the_agents_id() -> None:
    """Colleagues and the agent's other desktops see who wrote; the customer sees a name."""
    message = a_message(1, role="agent", author=ANNA, name="Anna Ek")
    told = await conference().play(MessageWritten(message=message))

    assert only(told, "message", "agent:anna") == on_wire(message_object(message))
    assert only(told, "message", "agent:bo") == on_wire(message_object(message))
    assert only(told, "message", "customer:kim") == on_wire(customer_message_object(message))


async def test_an_internal_message_reaches_agents_alone() -> None:
    """It may say what the customer must never read."""
    message = a_message(1, conversation=NOTES, role="agent", author=ANNA)
    told = await conference().play(MessageWritten(message=message))

    assert [(emission.namespace, emission.rooms) for emission in told] == [
        ("/agent", ("agent:anna", "agent:bo"))
    ]


async def test_what_is_in_the_conversation_of_notes_is_internal_whatever_it_says() -> None:
    """One wrong field must not be enough for a leak."""
    message = a_message(1, conversation=NOTES, role="system", author=None, audience="everyone")
    told = await conference().play(MessageWritten(message=message))

    assert heard(told, "customer:kim") == []


async def test_who_leaves_in_an_entry_still_hears_what_it_says() -> None:
    """The notice of its own leaving is the last line it sees."""
    gone = replace(MEMBER, state="wrapup")
    told = await conference().play(
        AgentLeft(contact=CHAT, agent=BO, leg=2, owes=True),
        MessageWritten(message=a_message(1, role="system", author=None)),
        records=[a_contact(OWNER, gone, OWING, internal=NOTES)],
    )

    assert len(named(told, "message", "agent:bo")) == 1


async def test_a_note_written_while_wrapping_up_reaches_its_author() -> None:
    """The desktop shows what it sent by the event, as every other."""
    message = a_message(1, conversation=NOTES, role="agent", author=CARL)
    told = await conference().play(MessageWritten(message=message))

    assert named(told, "message", "agent:carl")[0].rooms == (
        "agent:anna",
        "agent:bo",
        "agent:carl",
    )


async def test_a_message_to_a_waiting_chat_reaches_the_customer_alone() -> None:
    """Nobody else is there yet."""
    told = await conference(a_contact(state="queued")).play(MessageWritten(message=a_message(1)))

    assert [emission.rooms for emission in told] == [("customer:kim",)]


async def test_a_redaction_reaches_all_who_may_have_seen_the_message() -> None:
    """Who left saw it too, and its screen shows it still."""
    body = Body(own_text("********"), ("pan",), (("pan", 0, 8),))
    message = replace(a_message(1), body=body)
    told = await conference().play(MessageRedacted(message=message))

    agents, customer = told
    assert (agents.event, set(agents.rooms)) == (
        "message.redacted",
        {"agent:anna", "agent:bo", "agent:carl"},
    )
    assert on_wire(agents.payload) == {
        "at": AT_MS,
        "conversation": TALK,
        "contact": CHAT,
        "seq": 1,
        "text": "********",
        "masked": ["pan"],
        "masked_spans": [["pan", 0, 8]],
    }
    assert customer.rooms == ("customer:kim",)
    assert "contact" not in on_wire(customer.payload)


async def test_a_redacted_note_reaches_no_customer() -> None:
    """That there is a note is already more than they may know."""
    message = a_message(1, conversation=NOTES, role="agent", author=ANNA, audience="internal")
    told = await conference().play(MessageRedacted(message=message))

    assert heard(told, "customer:kim") == []
    assert heard(told, "agent:anna") == ["message.redacted"]


async def test_whom_a_chat_is_offered_hears_of_a_redaction() -> None:
    """The offer shows the last messages."""
    offer = an_offer(agent=BO)
    stage = Stage(
        an_agent(BO),
        a_customer(),
        a_conversation(),
        a_contact(state="offered", offers=(offer.id,)),
        offer,
    )
    told = await stage.play(MessageRedacted(message=a_message(1)))

    assert heard(told, "agent:bo") == ["message.redacted"]


async def test_a_redacted_message_is_shown_redacted_from_then_on() -> None:
    """A desktop that connects a moment later must not show more than the others."""
    stage = conference()
    await stage.play(MessageWritten(message=a_message(1)), MessageWritten(message=a_message(2)))
    shown = a_message(1, text="********")
    await stage.play(MessageRedacted(message=shown))

    assert stage.replica.tails.find(TALK, 1) == shown
    assert stage.replica.tails.find(TALK, 2) == a_message(2)


async def test_a_snapshot_shows_who_left_nothing_newer() -> None:
    """A desktop that reconnects must show the same as one that stayed."""
    stage = conference()
    early, late = a_message(1, at_ms=2_000), a_message(2, at_ms=2_001)
    stage.apply(
        MessageWritten(message=early),
        MessageWritten(message=late),
        records=[a_conversation(last_seq=2)],
    )
    contact = a_contact(OWNER, MEMBER, OWING)

    assert messages_for(contact, stage.replica, CARL) == [early]
    assert messages_for(contact, stage.replica, ANNA) == [early, late]


# -- read marks ------------------------------------------------------------------------------------


async def test_an_agents_reading_is_told_to_the_customer_and_other_agents() -> None:
    """Agents hear who read, so that its other desktops follow; the customer hears of no contact."""
    told = await conference().play(
        MessageRead(conversation=TALK, reader="agent:anna", seq=4),
        records=[a_conversation(last_seq=4)],
    )
    mark = events.CustomerMessageRead(at=AT_MS, conversation=TALK, role="agent", seq=4)

    assert told == [
        Emission(
            "/agent",
            ("agent:anna", "agent:bo"),
            "message.read",
            events.MessageRead(
                at=AT_MS, conversation=TALK, role="agent", seq=4, contact=CHAT, agent=ANNA
            ),
        ),
        Emission("/customer", ("customer:kim",), "message.read", mark),
    ]


async def test_a_customers_reading_is_told_to_agents() -> None:
    """They see that their answer arrived."""
    told = await conference().play(
        MessageRead(conversation=TALK, reader="customer:kim", seq=4),
        records=[a_conversation(last_seq=4)],
    )

    assert [(emission.rooms, on_wire(emission.payload)["role"]) for emission in told] == [
        (("agent:anna", "agent:bo"), "customer"),
        (("customer:kim",), "customer"),
    ]


async def test_reading_notes_is_not_told_to_the_customer() -> None:
    """Even the number of notes is internal."""
    told = await conference().play(
        MessageRead(conversation=NOTES, reader="agent:anna", seq=1),
        records=[a_conversation(conversation=NOTES, last_seq=1)],
    )

    assert [emission.rooms for emission in told] == [("agent:anna", "agent:bo")]


async def test_reading_an_old_conversation_is_told_without_its_contact() -> None:
    """A customer may read on after everybody is done."""
    told = await Stage(a_customer()).play(
        MessageRead(conversation=TALK, reader="agent:anna", seq=1), records=[a_conversation()]
    )

    assert [emission.rooms for emission in told] == [("customer:kim",)]


# -- typing ----------------------------------------------------------------------------------------


def typed(*, agent: AgentId | None = None, customer: CustomerId | None = None) -> list[Emission]:
    """What typing in the conference causes."""
    signal = Typing(conversation=TALK, on=True, agent=agent, customer=customer)
    return translate_signal(signal, conference().replica, at_ms=7)


def test_an_agents_typing_is_shown_to_the_customer_and_other_agents() -> None:
    """By name to the customer; agents can tell who of them it is."""
    name = "Anna Ek"
    mark = events.CustomerTyping(at=7, conversation=TALK, on=True, name=name)
    whose = events.Typing(at=7, conversation=TALK, on=True, name=name, contact=CHAT, agent=ANNA)

    assert typed(agent=ANNA) == [
        Emission("/customer", ("customer:kim",), "typing", mark),
        Emission("/agent", ("agent:bo",), "typing", whose),
    ]


def test_a_customers_typing_is_shown_to_agents() -> None:
    """A customer without a name types under an empty one."""
    mark = events.Typing(at=7, conversation=TALK, contact=CHAT, on=True, name="")
    contact = a_contact(OWNER)
    kim = replace(contact, customer=replace(contact.customer, name=own_text("Kim")))
    signal = Typing(conversation=TALK, on=True, customer=KIM)
    by_name = translate_signal(signal, conference(kim).replica, at_ms=7)

    assert typed(customer=KIM) == [Emission("/agent", ("agent:anna", "agent:bo"), "typing", mark)]
    assert by_name == [Emission("/agent", ("agent:anna",), "typing", replace(mark, name="Kim"))]


def test_typing_of_who_does_not_talk_is_not_shown() -> None:
    """A signal may be late, and the hub that sent it may have been behind."""
    stranger = Typing(conversation=ConversationId("gone"), on=True, agent=ANNA)

    assert typed(agent=CARL) == []
    assert typed(customer=CustomerId("stranger")) == []
    assert translate_signal(stranger, conference().replica, at_ms=7) == []


# -- nothing internal gets out ---------------------------------------------------------------------

SECRET = "the secret of the house"
AGENTS = (ANNA, BO, CARL)
SERIALS: dict[AgentId, int] = {ANNA: 1, BO: 2, CARL: 3}
HIDDEN = {SECRET, NOTES, *(json.dumps(agent) for agent in AGENTS)}


def note(seq: int, author: AgentId) -> MessageWritten:
    """An agent writes what the customer must not read."""
    return _by_agent(seq, author, SECRET, NOTES)


def answer(seq: int, author: AgentId) -> MessageWritten:
    """An agent writes to everyone."""
    return _by_agent(seq, author, "hello", TALK)


def _by_agent(seq: int, author: AgentId, text: str, conversation: ConversationId) -> MessageWritten:
    return MessageWritten(
        message=a_message(
            seq, text, conversation=conversation, role="agent", author=author, name=NAMES[author]
        )
    )


def question(seq: int) -> MessageWritten:
    """The customer writes."""
    return MessageWritten(message=a_message(seq))


def read_by(agent: AgentId, conversation: ConversationId, seq: int) -> MessageRead:
    """An agent reads the chat or its notes."""
    return MessageRead(conversation=conversation, reader=f"agent:{agent}", seq=seq)


def joining(agent: AgentId, role: LegRole) -> AgentJoined:
    """An agent joins."""
    return AgentJoined(contact=CHAT, agent=agent, role=role, serial=SERIALS[agent])


def leaving(agent: AgentId, *, owes: bool) -> AgentLeft:
    """An agent leaves."""
    return AgentLeft(contact=CHAT, agent=agent, leg=SERIALS[agent], owes=owes)


def about(agent: AgentId) -> list[AnyEvent]:
    """What else happens to an agent."""
    wrapup = Wrapup(RESOLVED, own_text(SECRET))
    offer = an_offer(agent)
    return [
        OwnerPromoted(contact=CHAT, agent=agent),
        WrapupFiled(contact=CHAT, agent=agent, leg=SERIALS[agent], wrapup=wrapup),
        OfferMade(offer=offer),
        OfferClosed(offer=offer.id, contact=CHAT, agent=agent, outcome="declined"),
        PresenceChanged(agent=agent, state="idle", cause="agent"),
    ]


OTHERS: list[AnyEvent] = [
    *(event for agent in AGENTS for event in about(agent)),
    InternalOpened(contact=CHAT, conversation=a_conversation(conversation=NOTES)),
    PositionTold(contact=CHAT, position=1, estimated_wait_ms=None),
    ContactEnded(contact=CHAT, ended_by="agent", reason="ended", ended_at_ms=AT_MS),
]

agents = st.sampled_from(AGENTS)
seqs = st.integers(1, 5)
roles: st.SearchStrategy[LegRole] = st.sampled_from(["owner", "member"])
anything: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(note, seqs, agents),
    st.builds(answer, seqs, agents),
    st.builds(question, seqs),
    st.builds(read_by, agents, st.sampled_from([TALK, NOTES]), seqs),
    st.builds(joining, agents, roles),
    st.builds(leaving, agents, owes=st.booleans()),
    st.sampled_from(OTHERS),
)
leg_states: st.SearchStrategy[LegState] = st.sampled_from(["active", "wrapup", "done"])
states = st.fixed_dictionaries(dict.fromkeys(AGENTS, leg_states))


def contact_of(legs: dict[AgentId, LegState], *, is_over: bool) -> ContactRecord:
    """The chat with notes and three legs in these states."""
    contact = a_contact(
        *(a_leg(agent, state=state, serial=SERIALS[agent]) for agent, state in legs.items()),
        internal=NOTES,
    )
    return replace(contact, ended_at_ms=AT_MS) if is_over else contact


@given(st.lists(anything, max_size=8), states, states, st.booleans())
def test_nothing_of_an_internal_message_reaches_a_customer(
    events: Sequence[AnyEvent],
    before: dict[AgentId, LegState],
    after: dict[AgentId, LegState],
    is_over: bool,  # noqa: FBT001 - drawn by the test's own strategy
) -> None:
    """Whatever happens together: not its text, its conversation, its number or an agent's id."""
    records: list[AnyRecord] = [
        a_configuration(),
        *(an_agent(agent) for agent in AGENTS),
        a_customer(),
        a_conversation(last_seq=5),
        a_conversation(conversation=NOTES, last_seq=5),
        contact_of(before, is_over=False),
        an_offer(ANNA, kind="transfer", asked_by=BO),
    ]
    stage = Stage(*records)
    told = asyncio.run(stage.play(*events, records=[contact_of(after, is_over=is_over)]))
    signals: list[Signal] = [
        *(Typing(conversation=TALK, on=True, agent=agent) for agent in AGENTS),
        *(Typing(conversation=NOTES, on=True, agent=agent) for agent in AGENTS),
        Standings(stands=(Stand(CHAT, 1, None), Stand(ContactId("gone"), 1, None))),
    ]
    for signal in signals:
        told.extend(translate_signal(signal, stage.replica, at_ms=AT_MS))
    to_customers = [
        json.dumps(on_wire(emission.payload))
        for emission in told
        if emission.namespace == "/customer"
    ]

    assert not [text for text in to_customers for hidden in HIDDEN if hidden in text]
    assert all(
        room.startswith("customer:")
        for emission in told
        if emission.namespace == "/customer"
        for room in emission.rooms
    )
    public = sum(
        isinstance(event, MessageWritten) and event.message.conversation == TALK for event in events
    )
    assert (
        sum(emission.event == "message" and emission.namespace == "/customer" for emission in told)
        == public
    )

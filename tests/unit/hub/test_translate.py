"""Proves who is told what, in which order, for every kind of thing that happens to a contact."""

from collections.abc import Sequence
from typing import cast

import pytest
from msgspec.structs import replace

from masking.text import own_text
from presence import Connection
from router.hub import events
from router.hub.emission import Emission
from router.hub.objects import agent_object, contact_object, offer_object
from router.hub.translate import translate_signal
from router.kernel.ids import ContactId
from router.kernel.messages import (
    AgentJoined,
    AgentLeft,
    AgentLost,
    AnyEvent,
    ContactEnded,
    CustomerAttached,
    MessageWritten,
    OfferClosed,
    OfferMade,
    OfferMoved,
    OwnerPromoted,
    PositionTold,
    PresenceChanged,
    WrapupFiled,
)
from router.kernel.model import ContactRecord, LegRole, Message, OfferOutcome, OfferRecord, Wrapup
from router.shard.engine import Stand, Standings
from tests.support.builders import (
    ANNA,
    BO,
    CARL,
    CHAT,
    DESKTOP,
    HUB,
    KIM,
    NOTES,
    OFFER,
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
from tests.unit.hub.stage import AT_MS, Payload, Stage, heard, named, on_wire, only

OWNER = a_leg(ANNA)
MEMBER = a_leg(BO, role="member", serial=2)
AGENTS = (an_agent(ANNA), an_agent(BO), an_agent(CARL))


def chat(contact: ContactRecord, *, last_seq: int = 0, messages: Sequence[Message] = ()) -> Stage:
    """Kim's chat as it stands before the entry."""
    return Stage(
        a_configuration(),
        *AGENTS,
        a_customer(),
        a_conversation(last_seq=last_seq),
        contact,
        messages=messages,
    )


def joined(agent: str = ANNA, *, role: LegRole = "owner", serial: int = 1) -> AgentJoined:
    """An agent joined the chat."""
    return AgentJoined(contact=CHAT, agent=type(ANNA)(agent), role=role, serial=serial)


def left(agent: str = ANNA, *, leg: int = 1, owes: bool = True) -> AgentLeft:
    """An agent stopped talking."""
    return AgentLeft(contact=CHAT, agent=type(ANNA)(agent), leg=leg, owes=owes, deadline_at_ms=9)


def part(payload: Payload, name: str) -> Payload:
    """An object within a payload."""
    return cast("Payload", payload[name])


def numbers(payload: Payload) -> list[object]:
    """The numbers of a payload's messages."""
    return [message["seq"] for message in cast("list[Payload]", payload["messages"])]


# -- presence --------------------------------------------------------------------------------------


async def test_a_presence_change_is_told_to_the_agents_own_desktops() -> None:
    """Desktops mirror each other; another agent's state is not theirs to see."""
    now = an_agent(ANNA, state="rona")
    told = await Stage(*AGENTS).play(
        PresenceChanged(agent=ANNA, state="rona", cause="rona"), records=[now]
    )

    assert told == [
        Emission(
            "/agent",
            ("agent:anna",),
            "presence.changed",
            events.PresenceChanged(at=AT_MS, agent=agent_object(now), cause="rona"),
        )
    ]


# -- offers ----------------------------------------------------------------------------------------


async def test_an_offer_shows_the_last_five_messages_of_its_contact() -> None:
    """The agent decides by them; earlier chats of the conversation would mislead."""
    messages = [a_message(seq) for seq in range(1, 10)]
    contact = a_contact(state="offered", offers=(OFFER,), first_seq=6)
    stage = chat(a_contact(state="queued", first_seq=6), last_seq=9, messages=messages)
    told = await stage.play(OfferMade(offer=an_offer()), records=[contact, an_offer()])
    offer = part(only(told, "offer.created", "agent:anna"), "offer")

    assert offer == on_wire(
        offer_object(an_offer(), stage.replica, messages[5:], server_now_ms=AT_MS)
    )
    assert part(offer, "contact") == on_wire(contact_object(contact, stage.replica, "agent:anna"))
    assert len(told) == 1


async def test_an_offers_preview_holds_no_more_than_five_messages() -> None:
    """A preview is a glance, whatever was said."""
    messages = [a_message(seq) for seq in range(1, 10)]
    stage = chat(a_contact(state="queued"), last_seq=9, messages=messages)
    told = await stage.play(OfferMade(offer=an_offer()), records=[an_offer()])
    preview = cast(
        "list[Payload]", part(only(told, "offer.created", "agent:anna"), "offer")["preview"]
    )

    assert [message["seq"] for message in preview] == [5, 6, 7, 8, 9]


async def test_an_offer_whose_deadline_moved_is_announced_again() -> None:
    """Desktops count down to the deadline they were told last."""
    stage = Stage(*AGENTS, a_contact(state="offered", offers=(OFFER,)), an_offer())
    moved = an_offer(expires_at_ms=30_000)
    told = await stage.play(OfferMoved(offer=OFFER, expires_at_ms=30_000), records=[moved])
    offer = part(only(told, "offer.created", "agent:anna"), "offer")

    assert offer["id"] == OFFER
    assert offer["expires_at"] == 30_000


def closing(outcome: OfferOutcome, *, by_desktop: bool = False) -> OfferClosed:
    """The offer is no longer open."""
    return OfferClosed(
        offer=OFFER,
        contact=CHAT,
        agent=BO,
        outcome=outcome,
        reason="customer_left" if outcome == "rescinded" else None,
        connection=Connection(HUB, DESKTOP) if by_desktop else None,
    )


async def test_an_offer_that_nobody_answered_closes_for_the_agent_and_for_who_asked() -> None:
    """Who asked waits for an answer; everybody else never knew."""
    asked = an_offer(BO, kind="transfer", asked_by=ANNA)
    stage = Stage(a_contact(OWNER, offers=(OFFER,)), asked)
    told = await stage.play(closing("rescinded"), records=[replace(asked, outcome="rescinded")])

    assert named(told, "offer.closed", "agent:bo") == [
        Emission(
            "/agent",
            ("agent:bo", "agent:anna"),
            "offer.closed",
            events.OfferClosed(
                at=AT_MS, offer=OFFER, contact=CHAT, outcome="rescinded", reason="customer_left"
            ),
        )
    ]


async def test_desktops_hear_which_of_them_answered() -> None:
    """The one that answered opens the chat; the others only take the offer away."""
    asked = an_offer(BO, kind="conference", asked_by=ANNA)
    stage = Stage(a_contact(OWNER, offers=(OFFER,)), asked)
    told = await stage.play(
        closing("declined", by_desktop=True), records=[replace(asked, outcome="declined")]
    )
    closed = [emission for emission in told if emission.event == "offer.closed"]

    assert [
        (emission.rooms, emission.skip, on_wire(emission.payload).get("desktop"))
        for emission in closed
    ] == [
        ((f"connection:{DESKTOP}",), None, "this"),
        (("agent:bo",), DESKTOP, "other"),
        (("agent:anna",), None, None),
    ]
    assert all("reason" not in on_wire(emission.payload) for emission in closed)


# -- joining ---------------------------------------------------------------------------------------


async def test_the_first_owner_gets_the_contact_and_the_customer_gets_a_name() -> None:
    """The agent sees all of the chat at once; the customer learns whom it talks to."""
    messages = [a_message(1), a_message(2)]
    stage = chat(a_contact(state="queued"), last_seq=2, messages=messages)
    contact = a_contact(OWNER)
    told = await stage.play(joined(), records=[contact])
    assigned = only(told, "contact.assigned", "agent:anna")

    assert assigned["contact"] == on_wire(contact_object(contact, stage.replica, "agent:anna"))
    assert numbers(assigned) == [1, 2]
    assert only(told, "contact.assigned", "customer:kim") == {
        "at": AT_MS,
        "conversation": TALK,
        "contact": CHAT,
        "agent": {"name": "Anna Ek"},
    }
    assert heard(told, "agent:anna") == ["contact.assigned"]


async def test_internal_notes_come_among_the_messages_by_time() -> None:
    """Who takes over must read the notes where they belong."""
    messages = [
        a_message(1, at_ms=1),
        a_message(1, conversation=NOTES, at_ms=2),
        a_message(2, at_ms=3),
    ]
    contact = a_contact(OWNER, internal=NOTES)
    stage = Stage(
        *AGENTS,
        a_conversation(last_seq=2),
        a_conversation(conversation=NOTES, last_seq=1),
        a_contact(state="queued", internal=NOTES),
        messages=messages,
    )
    told = await stage.play(joined(), records=[contact])
    shown = cast("list[Payload]", only(told, "contact.assigned", "agent:anna")["messages"])

    assert [message["conversation"] for message in shown] == [TALK, NOTES, TALK]


async def test_an_assignment_holds_at_most_fifty_messages() -> None:
    """The rest is asked for when somebody scrolls up."""
    messages = [a_message(seq) for seq in range(1, 61)]
    stage = chat(a_contact(state="queued"), last_seq=60, messages=messages)
    told = await stage.play(joined(), records=[a_contact(OWNER)])

    assert numbers(only(told, "contact.assigned", "agent:anna")) == list(range(11, 61))


@pytest.mark.parametrize("is_notice_first", [True, False])
async def test_who_joins_gets_every_message_exactly_once(*, is_notice_first: bool) -> None:
    """A message both in the assignment and as an event would show twice."""
    notice = MessageWritten(message=a_message(2, role="system", author=None))
    events: list[AnyEvent] = [notice, joined()] if is_notice_first else [joined(), notice]
    stage = chat(a_contact(state="queued"), last_seq=1, messages=[a_message(1)])
    told = await stage.play(*events, records=[a_contact(OWNER), a_conversation(last_seq=2)])
    in_assignment = numbers(only(told, "contact.assigned", "agent:anna"))
    as_events = [
        on_wire(emission.payload)["seq"] for emission in named(told, "message", "agent:anna")
    ]

    assert in_assignment + as_events == [1, 2]
    assert len(as_events) == (0 if is_notice_first else 1)


async def test_a_member_that_joins_is_seen_by_everyone() -> None:
    """Nobody talks in front of somebody unseen; the owner stays the same for the customer."""
    stage = chat(a_contact(OWNER))
    contact = a_contact(OWNER, MEMBER)
    told = await stage.play(joined(BO, role="member", serial=2), records=[contact])
    seen = {"at": AT_MS, "contact": CHAT, "agent": BO, "name": "Bo Ask"}

    assert only(told, "participant.joined", "agent:anna") == seen
    assert only(told, "participant.joined", "agent:bo") == seen
    assert only(told, "participant.joined", "customer:kim") == {
        "at": AT_MS,
        "conversation": TALK,
        "name": "Bo Ask",
    }
    assert heard(told, "customer:kim") == ["participant.joined"]
    assert heard(told, "agent:bo") == ["contact.assigned", "participant.joined"]
    assert heard(told, "agent:anna") == ["participant.joined", "contact.updated"]


async def test_a_transfer_shows_the_customer_who_came_and_who_went() -> None:
    """The former owner must not seem to listen still, and members learn of the new one."""
    carl = a_leg(CARL, serial=3)
    former = a_leg(ANNA, state="wrapup", left_at_ms=AT_MS)
    stage = chat(a_contact(OWNER, MEMBER))
    told = await stage.play(
        left(ANNA), joined(CARL, serial=3), records=[a_contact(former, MEMBER, carl)]
    )

    assert heard(told, "customer:kim") == ["participant.left", "contact.assigned"]
    assert only(told, "contact.assigned", "customer:kim")["agent"] == {"name": "Carl Alm"}
    assert heard(told, "agent:bo") == [
        "participant.left",
        "participant.joined",
        "contact.updated",
    ]
    assert heard(told, "agent:carl") == ["contact.assigned"]
    assert heard(told, "agent:anna") == ["participant.left", "wrapup.started", "contact.updated"]


async def test_a_member_who_becomes_owner_is_named_to_the_customer() -> None:
    """Whose chat it is changed, though nobody came."""
    heir = a_leg(BO, role="owner", serial=2)
    former = a_leg(ANNA, state="done")
    told = await chat(a_contact(OWNER, MEMBER)).play(
        left(ANNA, owes=False),
        OwnerPromoted(contact=CHAT, agent=BO),
        records=[a_contact(former, heir)],
    )

    assert heard(told, "customer:kim") == ["participant.left", "contact.assigned"]
    assert only(told, "contact.assigned", "customer:kim")["agent"] == {"name": "Bo Ask"}
    assert heard(told, "agent:bo") == ["participant.left", "contact.updated"]


# -- leaving, ending, wrapping up ------------------------------------------------------------------


async def test_a_member_that_leaves_is_seen_to_leave_by_everyone() -> None:
    """The member itself too: it may have been taken out."""
    gone = a_leg(BO, role="member", state="wrapup", serial=2)
    told = await chat(a_contact(OWNER, MEMBER)).play(
        left(BO, leg=2), records=[a_contact(OWNER, gone)]
    )
    seen = {"at": AT_MS, "contact": CHAT, "agent": BO, "name": "Bo Ask"}

    assert only(told, "participant.left", "agent:anna") == seen
    assert only(told, "participant.left", "agent:bo") == seen
    assert only(told, "participant.left", "customer:kim") == {
        "at": AT_MS,
        "conversation": TALK,
        "name": "Bo Ask",
    }
    assert only(told, "wrapup.started", "agent:bo") == {
        "at": AT_MS,
        "contact": CHAT,
        "deadline_at": 9,
    }


async def test_nothing_is_asked_for_when_the_code_came_with_the_command() -> None:
    """A desktop opens its wrap-up form on `wrapup.started`."""
    filed = a_leg(BO, role="member", state="done", serial=2)
    told = await chat(a_contact(OWNER, MEMBER)).play(
        left(BO, leg=2),
        WrapupFiled(contact=CHAT, agent=BO, leg=2, wrapup=Wrapup(RESOLVED)),
        records=[a_contact(OWNER, filed)],
    )

    assert only(told, "wrapup.completed", "agent:bo") == {
        "at": AT_MS,
        "contact": CHAT,
        "code": RESOLVED,
    }
    assert named(told, "wrapup.started", "agent:bo") == []


async def test_an_end_is_told_to_all_and_nobody_is_said_to_have_left() -> None:
    """One thing happened; agents leave because of it."""
    legs = (
        a_leg(ANNA, state="wrapup", left_at_ms=AT_MS),
        a_leg(BO, role="member", state="done", serial=2, left_at_ms=AT_MS),
    )
    over = replace(
        a_contact(*legs, state="wrapup"),
        ended_at_ms=AT_MS,
        ended_by="agent",
        end_reason="ended",
    )
    told = await chat(a_contact(OWNER, MEMBER)).play(
        ContactEnded(contact=CHAT, ended_by="agent", reason="ended", ended_at_ms=AT_MS),
        MessageWritten(message=a_message(1, role="system", author=None)),
        left(ANNA),
        left(BO, leg=2, owes=False),
        records=[over, a_conversation(last_seq=1)],
    )

    assert only(told, "contact.ended", "agent:anna") == {
        "at": AT_MS,
        "contact": CHAT,
        "ended_by": "agent",
        "reason": "ended",
    }
    assert only(told, "contact.ended", "customer:kim")["conversation"] == TALK
    assert heard(told, "customer:kim") == ["contact.ended", "message"]
    assert heard(told, "agent:anna") == [
        "contact.ended",
        "message",
        "wrapup.started",
        "contact.updated",
    ]
    assert heard(told, "agent:bo") == ["contact.ended", "message", "contact.updated"]


async def test_an_agent_who_owes_a_code_still_hears_that_the_contact_ended() -> None:
    """Its desktop shows the contact until the code is filed."""
    owing = a_leg(ANNA, state="wrapup")
    member = a_leg(BO, serial=2)
    told = await chat(a_contact(owing, member)).play(
        ContactEnded(contact=CHAT, ended_by="customer", reason="ended", ended_at_ms=AT_MS),
        records=[a_contact(owing, replace(member, state="wrapup"), state="wrapup")],
    )

    assert heard(told, "agent:anna") == ["contact.ended", "contact.updated"]


# -- contact.updated -------------------------------------------------------------------------------


async def test_a_contact_that_looks_different_is_sent_to_those_with_something_to_do() -> None:
    """Whoever is done with it has no place to show it, and the customer has other events."""
    done = a_leg(CARL, state="done", serial=3)
    owing = a_leg(BO, state="wrapup", serial=2)
    before = a_contact(OWNER, owing, done)
    stage = chat(before)
    after = replace(before, subject=own_text("Late"))
    told = await stage.play(AgentLost(agent=CARL), records=[after])

    assert [(emission.event, emission.rooms) for emission in told] == [
        ("contact.updated", ("agent:anna",)),
        ("contact.updated", ("agent:bo",)),
    ]
    assert told[0].payload == events.ContactUpdated(
        at=AT_MS, contact=contact_object(after, stage.replica, "agent:anna")
    )


async def test_a_contact_that_looks_the_same_is_not_sent() -> None:
    """Unread marks and what only the router knows would cost a message each time."""
    contact = a_contact(OWNER)
    changed = replace(contact, declined=((BO, 9),))
    told = await chat(contact).play(records=[changed, a_conversation(last_seq=5)])

    assert told == []


async def test_a_contact_is_sent_at_most_once_for_an_entry() -> None:
    """It says what is true after the entry; saying it twice says nothing more."""
    asked = an_offer(BO, kind="transfer", asked_by=ANNA)
    told = await chat(a_contact(OWNER)).play(
        OfferMade(offer=asked), records=[asked, a_contact(OWNER, offers=(OFFER,)), a_customer()]
    )

    assert heard(told, "agent:anna") == ["contact.updated"]
    assert heard(told, "agent:bo") == ["offer.created"]


async def test_an_agent_whose_leg_becomes_done_gets_the_contact_once_more() -> None:
    """The last version shows the filed code; after it the desktop lets go."""
    stage = chat(a_contact(a_leg(state="wrapup"), state="wrapup"))
    closed = a_contact(a_leg(state="done"), state="closed")
    first = await stage.play(
        WrapupFiled(contact=CHAT, agent=ANNA, leg=1, wrapup=Wrapup(RESOLVED)), records=[closed]
    )
    second = await stage.play(records=[replace(closed, subject=own_text("Late"))])

    assert heard(first, "agent:anna") == ["wrapup.completed", "contact.updated"]
    assert second == []


async def test_a_customers_connection_shows_in_its_contacts() -> None:
    """Agents see at once that the customer is gone; a second tab changes nothing."""
    stage = Stage(a_customer(connected=False), a_conversation(), a_contact(OWNER))
    connection = Connection(HUB, "tab")
    attached = CustomerAttached(
        customer=KIM, connection=connection, entry_point=a_contact().entry_point
    )
    back = await stage.play(attached, records=[a_customer()])
    two = replace(a_customer(), connections=(*a_customer().connections, connection))
    again = await stage.play(attached, records=[two])
    contact = part(only(back, "contact.updated", "agent:anna"), "contact")

    assert part(contact, "customer")["connected"] is True
    assert again == []


async def test_a_pending_offers_new_deadline_shows_in_the_contact() -> None:
    """The owner's desktop counts down too while it waits for the answer."""
    asked = an_offer(BO, kind="transfer", asked_by=ANNA)
    stage = Stage(*AGENTS, a_contact(OWNER, offers=(OFFER,)), asked)
    moved = replace(asked, expires_at_ms=30_000)
    told = await stage.play(OfferMoved(offer=OFFER, expires_at_ms=30_000), records=[moved])
    contact = part(only(told, "contact.updated", "agent:anna"), "contact")

    assert cast("list[Payload]", contact["pending_offers"])[0]["expires_at"] == 30_000


# -- waiting ---------------------------------------------------------------------------------------


async def test_a_place_in_line_is_told_to_the_customer() -> None:
    """Nobody else waits."""
    told = await chat(a_contact(state="queued")).play(
        PositionTold(contact=CHAT, position=2, estimated_wait_ms=None)
    )

    assert told == [
        Emission(
            "/customer",
            ("customer:kim",),
            "chat.queued",
            events.ChatQueued(
                at=AT_MS, conversation=TALK, contact=CHAT, position=2, estimated_wait_ms=None
            ),
        )
    ]


def test_standings_are_told_to_those_who_still_wait() -> None:
    """A signal may be late: who was offered meanwhile has no place any more."""
    replica = Stage(
        a_contact(state="queued"), a_contact(contact=ContactId("next"), state="offered")
    ).replica
    stands = (
        Stand(contact=CHAT, position=1, estimated_wait_ms=3_000),
        Stand(contact=ContactId("next"), position=2, estimated_wait_ms=None),
        Stand(contact=ContactId("gone"), position=3, estimated_wait_ms=None),
    )
    told = translate_signal(Standings(stands=stands), replica, at_ms=7)

    assert [emission.payload for emission in told] == [
        events.ChatQueued(
            at=7, conversation=TALK, contact=CHAT, position=1, estimated_wait_ms=3_000
        )
    ]


# -- reading the store -----------------------------------------------------------------------------


async def test_a_chat_followed_from_its_start_is_told_without_reading_the_store() -> None:
    """The common way of a chat must not wait for a disk."""
    stage = chat(a_contact(state="queued"))
    offered: OfferRecord = an_offer()
    await stage.play(MessageWritten(message=a_message(1)), records=[a_conversation(last_seq=1)])
    await stage.play(
        OfferMade(offer=offered), records=[a_contact(state="offered", offers=(OFFER,)), offered]
    )
    told = await stage.play(joined(), records=[a_contact(OWNER)])

    assert numbers(only(told, "contact.assigned", "agent:anna")) == [1]
    assert stage.transcript.reads == 0

"""Proves that wire objects have the protocol's fields, and leave out what must not be seen."""

import pytest
from msgspec.structs import replace

from masking.text import own_text
from router.hub.objects import (
    agent_object,
    contact_object,
    conversation_object,
    customer_message_object,
    entry_point_object,
    message_object,
    named,
    offer_object,
    wrapup_code_object,
)
from router.hub.shapes import Shape
from router.kernel.configuration import EntryPoint, Queue, WrapupCode
from router.kernel.model import Body, Context, Person, Read, Wrapup
from router.kernel.tail import Tail
from tests.support.builders import (
    ANNA,
    BO,
    CHAT,
    KIM,
    NOTES,
    OFFER,
    RESOLVED,
    SHOP,
    SUPPORT,
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
from tests.support.contract import plain, shape_mistakes
from tests.unit.hub.stage import Stage, on_wire


def stage() -> Stage:
    """A chat of Anna and Kim in which Bo is asked to join, and of which Anna has not read two."""
    return Stage(
        a_configuration(),
        an_agent(ANNA),
        an_agent(BO),
        a_customer(),
        a_conversation(last_seq=7, reads={"agent:anna": Read(seq=5, unread=2)}),
        a_contact(a_leg(ANNA), offers=(OFFER,)),
        an_offer(BO, kind="conference", asked_by=ANNA),
    )


def test_a_new_contact_has_every_required_field_and_no_absent_one() -> None:
    """Clients read required fields without asking, and take a missing one as not known yet."""
    contact = on_wire(contact_object(a_contact(state="queued"), Stage().replica, "agent:anna"))

    assert contact == {
        "id": CHAT,
        "conversation": TALK,
        "channel": "chat",
        "origin": "customer",
        "entry_point": "shop",
        "queue": SUPPORT,
        "state": "queued",
        "customer": {"id": KIM, "verified": False, "connected": False},
        "attributes": {},
        "context": {},
        "priority": 0,
        "owner": None,
        "participants": [],
        "pending_offers": [],
        "created_at": 1_000,
        "queued_at": 1_000,
        "interrupted": False,
        "answer_due": False,
        "legs": [],
        "unread": 0,
        "last_seq": 0,
    }


def test_a_contact_shows_what_is_known_of_its_customer() -> None:
    """The agent's first question is who this is; every text came in masked."""
    record = replace(
        a_contact(),
        customer=Person(id=KIM, name=own_text("Kim"), email=own_text("k**@x.se"), verified=True),
        subject=own_text("Late"),
        attributes={own_text("plan"): own_text("gold"), own_text("age"): 3},
        context=Context(locale=own_text("sv")),
    )
    contact = on_wire(contact_object(record, stage().replica, "agent:anna"))

    assert contact["customer"] == {
        "id": KIM,
        "name": "Kim",
        "email": "k**@x.se",
        "verified": True,
        "connected": True,
    }
    assert contact["subject"] == "Late"
    assert contact["attributes"] == {"plan": "gold", "age": 3}
    assert contact["context"] == {"locale": "sv"}


def test_to_who_is_offered_a_contact_all_of_it_is_unread() -> None:
    """The count on an offer is the one the agent will have on accepting."""
    record = replace(a_contact(), first_seq=3)
    recent = Tail(("customer:kim", "agent:anna"), "00-1")  # the messages 2 to 5
    replica = Stage(replace(a_conversation(last_seq=5), recent=recent)).replica

    assert on_wire(contact_object(record, replica, "agent:bo"))["unread"] == 2


def test_a_contact_counts_unread_for_its_reader() -> None:
    """Two agents in one chat have not read the same."""
    replica = stage().replica
    record = a_contact(a_leg(ANNA))

    assert on_wire(contact_object(record, replica, "agent:anna"))["unread"] == 2
    assert on_wire(contact_object(record, replica, "agent:bo"))["unread"] == 0
    assert on_wire(contact_object(record, replica, "agent:bo"))["last_seq"] == 7


def test_participants_are_the_active_legs_and_legs_are_all() -> None:
    """Who talks now and who still owes a code are different questions."""
    filed = replace(
        a_leg(BO, state="done", serial=2),
        wrapup=Wrapup(RESOLVED, own_text("paid")),
        filed_at_ms=3_000,
    )
    contact = on_wire(contact_object(a_contact(a_leg(ANNA), filed), stage().replica, "agent:anna"))

    assert contact["participants"] == [
        {"agent": ANNA, "name": "Anna Ek", "role": "owner", "joined_at": 1_000}
    ]
    assert contact["legs"] == [
        {"agent": ANNA, "state": "active", "deadline_at": None},
        {
            "agent": BO,
            "state": "done",
            "deadline_at": None,
            "wrapup": {"code": RESOLVED, "note": "paid", "at": 3_000},
        },
    ]


def test_pending_offers_are_summaries() -> None:
    """An offer holds its contact, so a contact cannot hold whole offers."""
    contact = on_wire(
        contact_object(a_contact(a_leg(ANNA), offers=(OFFER,)), stage().replica, "agent:anna")
    )

    assert contact["pending_offers"] == [
        {
            "id": OFFER,
            "kind": "conference",
            "agent": {"id": BO, "name": "Bo Ask"},
            "from": {"agent": ANNA, "name": "Anna Ek"},
            "offered_at": 1_000,
            "expires_at": 21_000,
        }
    ]


def test_an_offer_holds_its_contact_as_the_offered_agent_sees_it() -> None:
    """The desktop shows an offer without asking for anything more."""
    replica = stage().replica
    offer = an_offer(BO, kind="conference", asked_by=ANNA)
    shown = on_wire(offer_object(offer, replica, [a_message(1)], server_now_ms=1_500))

    assert shown == {
        "id": OFFER,
        "kind": "conference",
        "contact": on_wire(
            contact_object(a_contact(a_leg(ANNA), offers=(OFFER,)), replica, "agent:bo")
        ),
        "queue": {"id": SUPPORT, "name": "Support"},
        "agent": {"id": BO, "name": "Bo Ask"},
        "from": {"agent": ANNA, "name": "Anna Ek"},
        "why": [{"code": "strategy", "value": "longest_available"}, {"code": "returned"}],
        "preview": [on_wire(message_object(a_message(1)))],
        "offered_at": 1_000,
        "expires_at": 21_000,
        "server_now": 1_500,
    }


def test_an_offer_that_nobody_asked_for_is_from_nobody() -> None:
    """Only transfers and conferences have somebody to answer to."""
    shown = on_wire(offer_object(an_offer(), stage().replica, [], server_now_ms=0))

    assert "from" not in shown


def test_an_agent_shows_its_presence_and_slots() -> None:
    """Desktops and boards draw an agent from this alone."""
    assert on_wire(agent_object(an_agent(ANNA, load=2))) == {
        "id": ANNA,
        "name": "Anna Ek",
        "state": "available",
        "since": 0,
        "connected": True,
        "load": 2,
        "capacity": 3,
        "queues": [SUPPORT],
        "skills": {},
    }


def test_a_message_shows_where_values_were_masked() -> None:
    """A desktop marks masked parts by code points, and shows nothing where there are none."""
    masked = replace(
        a_message(3, name="Kim"), body=Body(own_text("**"), ("cvv",), (("cvv", 0, 2),))
    )

    assert on_wire(message_object(masked)) == {
        "conversation": TALK,
        "contact": CHAT,
        "seq": 3,
        "id": "talk-3",
        "at": 2_000,
        "author": {"role": "customer", "id": KIM, "name": "Kim"},
        "audience": "everyone",
        "text": "**",
        "masked": ["cvv"],
        "masked_spans": [["cvv", 0, 2]],
        "attachments": [],
    }
    assert "masked_spans" not in on_wire(message_object(a_message()))


def test_a_notice_names_its_event_and_no_author() -> None:
    """Clients translate notices by their event; nobody wrote them."""
    notice = on_wire(message_object(a_message(role="system", author=None, event="contact.ended")))

    assert notice["author"] == {"role": "system"}
    assert notice["event"] == "contact.ended"


def test_a_customer_sees_an_agents_name_and_never_its_id() -> None:
    """Agent ids are often people's account names."""
    written = a_message(role="agent", author=ANNA, name="Anna Ek")

    assert on_wire(customer_message_object(written))["author"] == {
        "role": "agent",
        "name": "Anna Ek",
    }
    assert on_wire(customer_message_object(a_message()))["author"] == {
        "role": "customer",
        "id": KIM,
    }


def test_an_internal_message_is_never_made_into_a_customers() -> None:
    """It would be a leak, so it is a bug that stops rather than a value that goes on."""
    with pytest.raises(AssertionError):
        customer_message_object(a_message(conversation=NOTES))


def test_a_conversation_is_open_while_its_contact_is_live() -> None:
    """A customer may write into a closed one, and that starts a new contact."""
    record = a_conversation(last_seq=4, reads={"customer:kim": Read(unread=3)})
    opened = on_wire(conversation_object(record, "customer:kim", a_contact(state="offered")))
    closed = on_wire(conversation_object(record, "customer:kim", a_contact(state="wrapup")))

    assert opened == {
        "id": TALK,
        "kind": "customer",
        "state": "open",
        "customers": [KIM],
        "followers": [],
        "last_seq": 4,
        "last_at": 0,
        "unread": 3,
        "contact": {"id": CHAT, "state": "offered"},
    }
    assert closed["state"] == "closed"
    assert "contact" not in closed
    assert on_wire(conversation_object(record, "customer:kim", None)) == closed


def test_only_agents_see_who_follows_a_conversation() -> None:
    """Followers are agent ids."""
    record = a_conversation()

    assert on_wire(conversation_object(record, "agent:anna", None))["followers"] == [ANNA]
    assert on_wire(conversation_object(record, "customer:kim", None))["followers"] == []


def test_what_agents_choose_from_is_called_by_its_name_or_id() -> None:
    """A code without queues is for every queue, and says so by leaving them out."""
    everywhere = WrapupCode(id=RESOLVED, name="Resolved")
    here = WrapupCode(id=RESOLVED, queues=(SUPPORT,))

    assert on_wire(named(Queue(id=SUPPORT, name="Help"))) == {"id": SUPPORT, "name": "Help"}
    assert on_wire(named(Queue(id=SUPPORT))) == {"id": SUPPORT, "name": SUPPORT}
    assert on_wire(wrapup_code_object(everywhere)) == {"id": RESOLVED, "name": "Resolved"}
    assert on_wire(wrapup_code_object(here)) == {
        "id": RESOLVED,
        "name": RESOLVED,
        "queues": [SUPPORT],
    }


def test_an_entry_point_that_was_removed_is_closed() -> None:
    """A chat in hand goes on; nobody new is invited in."""
    shop = EntryPoint(id=SHOP, queue=SUPPORT, greeting="Hello", pre_chat=("name",))

    assert on_wire(entry_point_object(SHOP, shop)) == {
        "id": SHOP,
        "name": SHOP,
        "greeting": "Hello",
        "open": True,
        "pre_chat": ["name"],
    }
    assert on_wire(entry_point_object(SHOP, None)) == {
        "id": SHOP,
        "name": SHOP,
        "open": False,
        "pre_chat": [],
    }


def test_every_object_is_what_its_struct_says() -> None:
    """Structs do not look at what they are made of, and clients are told that they hold it."""
    replica = stage().replica
    objects: list[Shape] = [
        contact_object(a_contact(a_leg()), replica, "agent:anna"),
        offer_object(an_offer(), replica, [a_message()], server_now_ms=0),
        agent_object(an_agent()),
        conversation_object(a_conversation(), "agent:anna", a_contact()),
    ]

    assert [shape_mistakes(type(each), plain(each)) for each in objects] == [[], [], [], []]

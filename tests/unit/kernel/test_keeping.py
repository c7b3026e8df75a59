"""What is remembered, where, and for how long."""

from router.kernel.ids import QueueId
from router.kernel.keeping import OFFER_KEPT_MS, closings, expires_at_ms
from router.kernel.messages import FileWrapup
from router.kernel.model import CustomerRecord
from tests.support.kernel import (
    ANNA,
    BO,
    FILED,
    SALES,
    SUPPORT,
    World,
    an_agent,
)


def test_nothing_of_a_closed_contact_stays_in_memory() -> None:
    """Memory holds what goes on; the rest is fetched when somebody names it."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.connect()
    customer = world.contact(contact).customer.id
    world.end(ANNA, contact, FILED)
    state = world.kernel.state

    assert (state.contacts, state.offers, state.conversations) == ({}, {}, {})
    assert set(state.customers) == {customer}

    world.close_tab(customer)

    assert state.customers == {}
    assert world.kernel.first_deadline() is None


def test_a_closed_offer_is_known_for_a_day() -> None:
    """A late answer hears `offer_closed`; an open one is kept."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    offer = world.offer(contact)

    assert expires_at_ms(offer) is None

    world.accept(contact)

    assert expires_at_ms(world.closed_offer(offer.id)) == world.now_ms + OFFER_KEPT_MS


def test_a_closed_contact_joins_the_lists_of_all_who_handled_it() -> None:
    """`contacts.recent` is one agent's own, once for each contact."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.hand_over(ANNA, contact, BO, FILED)
    world.accept(contact)

    assert closings(world.contact(contact)) == ()

    world.end(BO, contact, FILED)

    assert closings(world.contact(contact)) == ((ANNA, world.now_ms), (BO, world.now_ms))


def test_the_pace_learnt_is_of_the_queue_in_which_the_slot_was_taken() -> None:
    """A long support chat says nothing about sales."""
    world = World(an_agent(ANNA), an_agent(BO, SALES))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.wait(40)
    world.give_back(ANNA, contact, SALES)
    world.accepted(FileWrapup(agent=ANNA, contact=contact, wrapup=FILED))

    def pace(queue: QueueId) -> tuple[int, ...]:
        record = world.kernel.state.queue_records.get(queue)
        return record.pace.handled_ms if record else ()

    assert (pace(SUPPORT), pace(SALES)) == ((40,), ())


def test_a_contact_is_connected_once() -> None:
    """A hand-over does not start the talk anew."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    connected_ms = world.now_ms
    world.wait(40)
    world.hand_over(ANNA, contact, BO)
    world.accept(contact)

    assert world.contact(contact).connected_at_ms == connected_ms


def test_a_customer_names_its_conversations_newest_first() -> None:
    """Writing into an old one makes it the newest."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    first = world.contact(world.connect())
    customer = first.customer.id
    world.end(ANNA, first.id, FILED)
    second = world.start(customer)

    def named() -> tuple[str, ...]:
        record = world.stored["customer", customer]
        assert isinstance(record, CustomerRecord)
        return record.conversations

    assert named() == (second.conversation, first.conversation)

    world.accept(second.contact)
    world.end(ANNA, second.contact, FILED)
    world.ask(first.id)

    assert named() == (first.conversation, second.conversation)

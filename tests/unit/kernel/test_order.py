"""Who is next, for whom: priority, returned before new, waiting time, and each strategy."""

import pytest

from queues import Strategy
from router.kernel.configuration import EntryPoint, Queue
from router.kernel.errors import RefusalCode
from router.kernel.ids import AgentId, ContactId, EntryPointId, QueueId
from router.kernel.messages import OfferMade, PositionTold, SetPresence, StartChat
from tests.support.kernel import (
    ANNA,
    BO,
    CIA,
    FILED,
    OFFER_MS,
    POLICY,
    SALES,
    SHOP,
    SUPPORT,
    World,
    a_configuration,
    an_agent,
    an_identity,
)

VIP = EntryPointId("vip")


def served(world: World) -> list[ContactId]:
    """The contacts in the order they were offered."""
    return [event.offer.contact for event in world.events(OfferMade)]


def stands(world: World, queue: QueueId = SUPPORT) -> list[tuple[ContactId, int]]:
    """(contact, position) of those who wait in a queue."""
    return [(contact, position) for contact, position, _ in world.kernel.stands(queue, 200)]


# -- order of contacts -----------------------------------------------------------------------------


def test_higher_priority_is_served_first() -> None:
    """The entry point's and the queue's priority are added, within and across queues."""
    world = World(
        an_agent(ANNA, SUPPORT, SALES, capacity=6),
        configuration=a_configuration(
            Queue(id=SUPPORT),
            Queue(id=SALES, priority=2),
            entry_points=(
                EntryPoint(id=SHOP, queue=SUPPORT, queues=(SALES,)),
                EntryPoint(id=VIP, queue=SUPPORT, queues=(SALES,), priority=3),
            ),
        ),
    )
    plain = world.chat("a")
    sales = world.chat("b", SALES)
    vip = world.chat("c", entry_point=VIP)
    vip_sales = world.chat("d", SALES, entry_point=VIP)
    world.sign_in(ANNA)

    assert served(world) == [vip_sales, vip, sales, plain]
    assert [world.contact(c).priority for c in (plain, sales, vip, vip_sales)] == [0, 2, 3, 5]


def test_only_a_signed_identity_raises_priority() -> None:
    """A customer cannot jump the line by asking; the site can say who matters."""
    world = World(an_agent(ANNA))
    first = world.chat("a")
    signed = world.chat("b", identity=an_identity(priority=1))
    world.sign_in(ANNA)

    assert served(world) == [signed, first]


def test_a_signed_identity_asks_for_skills() -> None:
    """The higher of what queue, entry point and identity ask for each skill."""
    world = World(
        an_agent(CIA, skills={"net": 2, "swedish": 5}),
        an_agent(ANNA, skills={"net": 3, "swedish": 1}),
        an_agent(BO, skills={"net": 3, "swedish": 2}),
        configuration=a_configuration(
            Queue(id=SUPPORT, skills={"net": 3}),
            entry_points=(EntryPoint(id=SHOP, queue=SUPPORT, skills={"net": 2, "swedish": 1}),),
        ),
    )
    world.sign_in(CIA, ANNA, BO)

    assert world.offered_to(world.chat("a")) == ANNA
    assert world.offered_to(world.chat("b", identity=an_identity(swedish=2, net=1))) == BO


def test_returned_comes_before_new_and_priority_before_both() -> None:
    """Within one priority, who was with an agent before does not start over."""
    world = World(
        an_agent(ANNA, SUPPORT, SALES),
        an_agent(BO, SUPPORT, SALES, capacity=3),
        configuration=a_configuration(Queue(id=SUPPORT), Queue(id=SALES, priority=1)),
    )
    world.sign_in(ANNA)
    returned = world.connect("a")
    world.accepted(SetPresence(agent=ANNA, state="idle"))
    new = world.chat("b")
    urgent = world.chat("c", SALES)
    world.give_back(ANNA, returned)
    world.sign_in(BO)

    assert served(world)[1:] == [urgent, returned, new]


def test_a_returned_contact_keeps_the_priority_of_its_entry_point() -> None:
    """A customer who matters does not matter less in another queue."""
    world = World(
        an_agent(ANNA),
        configuration=a_configuration(
            Queue(id=SUPPORT, priority=1),
            Queue(id=SALES, priority=2),
            entry_points=(EntryPoint(id=VIP, queue=SUPPORT, priority=3),),
        ),
    )
    world.sign_in(ANNA)
    contact = world.chat("a", entry_point=VIP)
    world.accept(contact)

    assert world.contact(contact).priority == 4

    world.give_back(ANNA, contact, SALES)

    assert world.contact(contact).priority == 5
    assert world.contact(contact).rank.priority_down == -5


def test_who_waits_longest_is_served_first_across_queues() -> None:
    """An agent of several queues takes the longest waiting of all of them."""
    world = World(an_agent(ANNA, SUPPORT, SALES, capacity=4))
    waiting: list[ContactId] = []
    for number, queue in enumerate((SALES, SUPPORT, SALES, SUPPORT)):
        waiting.append(world.chat(f"customer-{number}", queue))
        world.wait(1)
    world.sign_in(ANNA)

    assert served(world) == waiting


def test_contacts_of_one_millisecond_are_served_in_order_of_arrival() -> None:
    """The serial makes the order total: ids never decide."""
    world = World(an_agent(ANNA, capacity=5))
    waiting = [world.chat(f"customer-{number}") for number in range(5)]
    world.sign_in(ANNA)

    assert served(world) == waiting


@pytest.mark.parametrize("how", ["rona", "decline", "rescind"])
def test_a_contact_keeps_its_whole_place(how: str) -> None:
    """Being offered in vain must not cost the customer anything."""
    world = World(an_agent(ANNA, capacity=1), an_agent(BO, capacity=1))
    world.sign_in(ANNA)
    first = world.chat("a")
    world.wait(7)
    second = world.chat("b")
    rank = world.contact(first).rank
    match how:
        case "rona":
            world.wait(OFFER_MS)
        case "decline":
            world.decline(first)
        case _:
            world.accepted(SetPresence(agent=ANNA, state="idle"))

    assert world.contact(first).rank == rank
    assert world.contact(first).queued_at_ms < world.contact(second).queued_at_ms

    world.sign_in(BO)

    assert world.offered_to(first) == BO


# -- positions -------------------------------------------------------------------------------------


def test_a_position_counts_everyone_ahead_without_an_agent() -> None:
    """Offered ones too: an offer is not yet an agent."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    offered = world.chat("a")
    customer = world.visit("b").customer
    second = world.start(customer)
    third = world.chat("c")

    assert world.contact(offered).state == "offered"
    assert (second.state, second.position) == ("queued", 2)
    assert stands(world) == [(second.contact, 2), (third, 3)]

    world.accept(offered)

    assert stands(world) == [(second.contact, 1), (third, 2)]


def test_no_position_is_told_once_offered() -> None:
    """`position` is null when an agent is asked already."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    started = world.start(world.visit().customer)

    assert (started.state, started.position, started.estimated_wait_ms) == ("offered", None, None)
    assert world.events(PositionTold) == []


def test_a_returned_contact_is_told_its_place_ahead_of_new_ones() -> None:
    """Positions follow ranks, not arrival."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    returned, new = world.connect("a"), world.chat("b")
    world.give_back(ANNA, returned)

    assert world.last(PositionTold).contact == returned
    assert world.last(PositionTold).position == 1
    assert stands(world) == [(returned, 1), (new, 2)]


def test_an_estimate_needs_three_contacts_that_were_handled() -> None:
    """Fewer would tell one customer about another's chat."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    for number in range(3):
        contact = world.connect(f"done-{number}")
        world.wait(60_000)
        world.end(ANNA, contact, FILED)
    world.connect("busy")
    started = world.start(world.visit("kim").customer)

    assert (started.position, started.estimated_wait_ms) == (1, 60_000)


@pytest.mark.parametrize(("waiting", "is_full"), [(1, False), (2, True)])
def test_a_full_queue_takes_no_more(waiting: int, *, is_full: bool) -> None:
    """`max_waiting` bounds the line, offered ones included."""
    world = World(an_agent(ANNA), configuration=a_configuration(Queue(id=SUPPORT, max_waiting=2)))
    world.sign_in(ANNA)
    for number in range(waiting):
        world.chat(f"customer-{number}")
    command = StartChat(customer=world.visit("last").customer, entry_point=SHOP)

    if is_full:
        assert world.refused(command) == RefusalCode.QUEUE_FULL
    else:
        world.accepted(command)


# -- order of agents -------------------------------------------------------------------------------


def a_queue_with(strategy: Strategy, **skills: int) -> World:
    """Three agents of one queue, available in the order of their names."""
    world = World(
        an_agent(ANNA, skills={"net": 1}),
        an_agent(BO, skills={"net": 3}),
        an_agent(CIA, skills={"net": 2}),
        configuration=a_configuration(Queue(id=SUPPORT, strategy=strategy, skills=skills)),
    )
    world.sign_in(ANNA, BO, CIA)
    return world


def test_longest_available_asks_who_is_longest_without_work() -> None:
    """Then whoever's slots have been unchanged longest."""
    world = a_queue_with("longest_available")
    asked: list[AgentId | None] = []
    for number in range(4):
        contact = world.chat(f"customer-{number}")
        asked.append(world.offered_to(contact))
        world.accept(contact)
        world.wait(1)

    assert asked == [ANNA, BO, CIA, ANNA]


def test_an_agent_that_comes_back_to_available_stands_last() -> None:
    """Time on a break is not time without work."""
    world = a_queue_with("longest_available")
    world.accepted(SetPresence(agent=ANNA, state="idle"))
    world.wait(5)
    world.accepted(SetPresence(agent=ANNA, state="available"))

    assert world.offered_to(world.chat()) == BO


def test_a_second_available_does_not_cost_the_place() -> None:
    """Saying what is so already changes nothing."""
    world = a_queue_with("longest_available")
    world.accepted(SetPresence(agent=ANNA, state="available"))

    assert world.offered_to(world.chat()) == ANNA


def test_least_loaded_asks_who_has_least_in_hand() -> None:
    """Ties go to who is longest available."""
    world = a_queue_with("least_loaded")
    asked = [world.connect(name) for name in ("a", "b", "c")]

    assert [world.contact(contact).owner for contact in asked] == [ANNA, BO, CIA]

    world.end(BO, asked[1], FILED)

    assert world.offered_to(world.chat("d")) == BO


def test_round_robin_asks_who_was_offered_least_recently_in_that_queue() -> None:
    """An offer counts, whatever became of it."""
    world = a_queue_with("round_robin")
    first = world.chat("a")
    world.decline(first)
    second = world.chat("b")

    assert (world.offered_to(first), world.offered_to(second)) == (BO, CIA)
    assert world.offered_to(world.chat("c")) == ANNA


def test_round_robin_remembers_whom_it_asked_long_ago() -> None:
    """Bo was never asked in this queue, so it is his turn though Anna has been free for longer."""
    world = World(
        an_agent(ANNA),
        an_agent(BO),
        configuration=a_configuration(Queue(id=SUPPORT, strategy="round_robin")),
    )
    world.sign_in(ANNA)
    world.end(ANNA, world.connect("a"), FILED)
    world.wait(1)
    world.sign_in(BO)
    world.reload()

    assert world.offered_to(world.chat("b")) == BO
    assert world.offered_to(world.chat("c")) == ANNA


def test_best_skilled_asks_who_has_the_highest_sum() -> None:
    """Over the required skills only."""
    world = a_queue_with("best_skilled", net=1)

    assert world.offered_to(world.chat()) == BO


def test_equal_agents_are_asked_in_order_of_their_ids() -> None:
    """The last tie-break is total, so a reload asks the same one."""
    world = World(an_agent(BO), an_agent(ANNA))
    for agent in (BO, ANNA):
        world.come_back(agent)
        world.accepted(SetPresence(agent=agent, state="available"))

    assert world.offered_to(world.chat()) == ANNA


# -- the last agent --------------------------------------------------------------------------------


def a_returning_customer() -> tuple[World, ContactId]:
    """Bo talked to Kim last; Anna is available longest now, and Kim writes again."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(BO)
    first = world.connect()
    world.end(BO, first, FILED)
    world.sign_in(ANNA)
    world.wait(1)
    world.accepted(SetPresence(agent=BO, state="idle"))
    world.wait(1)
    return world, first


def test_the_last_agent_is_preferred_when_it_can_take_an_offer_now() -> None:
    """The customer need not tell everything again."""
    world, first = a_returning_customer()
    world.accepted(SetPresence(agent=BO, state="available"))
    record = world.contact(first)
    started = world.start(record.customer.id, conversation=record.conversation)

    assert world.offered_to(started.contact) == BO
    assert world.offer(started.contact).why[0] == ("last_agent", None)

    world.decline(started.contact)

    assert world.offered_to(started.contact) == ANNA


def test_the_last_agent_is_the_one_who_joined_last() -> None:
    """After a hand-over the customer was talking to the second agent."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.hand_over(ANNA, contact, BO, FILED)
    world.accept(contact)
    world.wait(1)
    world.end(BO, contact, FILED)
    record = world.contact(contact)
    started = world.start(record.customer.id, conversation=record.conversation)

    assert world.offered_to(started.contact) == BO


def test_the_last_agent_is_not_waited_for() -> None:
    """Preferred is not required."""
    world, first = a_returning_customer()
    record = world.contact(first)
    started = world.start(record.customer.id, conversation=record.conversation)

    assert world.offered_to(started.contact) == ANNA


def test_the_last_agent_is_not_preferred_in_a_queue_it_does_not_serve() -> None:
    """Being known does not make an agent able."""
    world, first = a_returning_customer()
    world.configure(an_agent(ANNA), an_agent(BO, SALES), configuration=a_configuration())
    world.accepted(SetPresence(agent=BO, state="available"))
    record = world.contact(first)
    started = world.start(record.customer.id, conversation=record.conversation)

    assert world.offered_to(started.contact) == ANNA


def test_a_pause_that_ends_lets_the_best_contact_be_looked_at_again() -> None:
    """Its place was kept while others were offered."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    first, second = world.chat("a"), world.chat("b")
    world.decline(first)
    world.accept(second)
    world.wait(POLICY.decline_pause_ms)
    third = world.chat("c")
    world.end(ANNA, second, FILED)

    assert (world.offered_to(first), world.offered_to(third)) == (ANNA, None)

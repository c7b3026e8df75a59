"""Who is offered work, and what an answer, a late answer or none leads to."""

from collections.abc import Callable
from typing import Literal

import pytest

from router.kernel.configuration import Agent, Queue
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import AgentId, OfferId
from router.kernel.messages import (
    AcceptOffer,
    AttachAgent,
    Conference,
    DeclineOffer,
    EndChat,
    OfferClosed,
    OfferMade,
    PresenceChanged,
    SetPresence,
)
from tests.support.kernel import (
    ANNA,
    BO,
    CIA,
    FILED,
    LUNCH,
    OFFER_MS,
    POLICY,
    SALES,
    SUPPORT,
    World,
    a_configuration,
    an_agent,
    desktop,
)

Answer = Callable[[AgentId, OfferId], AcceptOffer | DeclineOffer]


def accept(agent: AgentId, offer: OfferId) -> AcceptOffer:
    """A yes from an agent's first desktop."""
    return AcceptOffer(agent=agent, offer=offer, connection=desktop(agent))


def decline(agent: AgentId, offer: OfferId) -> DeclineOffer:
    """A no from an agent's first desktop."""
    return DeclineOffer(agent=agent, offer=offer, connection=desktop(agent))


def outcomes(world: World) -> list[tuple[str, str, str | None]]:
    """(agent, outcome, reason) of each offer closed so far."""
    return [(e.agent, e.outcome, e.reason) for e in world.events(OfferClosed)]


# -- available -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["idle", "offline"])
def test_an_agent_who_is_not_available_gets_no_offer(state: Literal["idle", "offline"]) -> None:
    """Only available agents asked for work."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.accepted(SetPresence(agent=ANNA, state=state))
    contact = world.chat()

    assert world.contact(contact).state == "queued"
    assert world.events(OfferMade) == []


def test_an_available_agent_without_a_desktop_gets_no_offer_until_it_is_back() -> None:
    """Nobody would see it, and the customer would wait for nothing."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.leave_desk(ANNA)
    contact = world.chat()

    assert world.agent(ANNA).presence.state == "available"
    assert world.contact(contact).state == "queued"

    world.come_back(ANNA)

    assert world.offered_to(contact) == ANNA


def test_an_agent_of_another_queue_gets_no_offer() -> None:
    """An agent works in the queues it is configured for."""
    world = World(an_agent(ANNA, SALES))
    world.sign_in(ANNA)

    assert world.contact(world.chat()).state == "queued"


@pytest.mark.parametrize(("level", "expected"), [(2, None), (3, ANNA), (4, ANNA)])
def test_an_agent_below_the_least_level_gets_no_offer(level: int, expected: AgentId | None) -> None:
    """A queue's skill is the least level that serves its customers."""
    world = World(
        an_agent(ANNA, skills={"swedish": level}),
        configuration=a_configuration(Queue(id=SUPPORT, skills={"swedish": 3})),
    )
    world.sign_in(ANNA)

    assert world.offered_to(world.chat()) == expected


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_a_pending_offer_takes_a_slot(capacity: int) -> None:
    """An agent must have room for everything it may be about to accept."""
    world = World(an_agent(ANNA, capacity=capacity))
    world.sign_in(ANNA)
    contacts = [world.chat(f"customer-{n}") for n in range(capacity + 1)]

    assert [world.offered_to(contact) for contact in contacts] == [ANNA] * capacity + [None]
    assert world.load(ANNA) == capacity


def test_accepting_keeps_the_slot_of_the_offer() -> None:
    """The offer's slot passes to the leg: it is not taken twice."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.connect()

    assert world.load(ANNA) == 1


def test_a_slot_is_offered_once_its_code_is_filed() -> None:
    """Until then the agent is still busy with the last customer; then nobody waits longer."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    first, second = world.connect("kim"), world.chat("lee")
    world.end(ANNA, first)

    assert world.offered_to(second) is None

    world.end(ANNA, first, FILED)

    assert world.offered_to(second) == ANNA


def test_states_take_effect_at_once_and_chats_in_hand_go_on() -> None:
    """An agent goes idle to take nothing new, not to leave anybody."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.connect()
    world.accepted(SetPresence(agent=ANNA, state="idle", idle_code=LUNCH))
    world.say(ANNA, contact)

    assert world.contact(contact).state == "connected"
    assert world.agent(ANNA).presence.idle_code == LUNCH

    world.accepted(SetPresence(agent=ANNA, state="available"))

    assert world.offered_to(world.chat("lee")) == ANNA


# -- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [accept, decline])
@pytest.mark.parametrize(
    ("late_ms", "expected"),
    [(-1, None), (0, RefusalCode.OFFER_CLOSED), (1, RefusalCode.OFFER_CLOSED)],
)
def test_an_answer_counts_until_just_before_the_offer_expires(
    answer: Answer, late_ms: int, expected: RefusalCode | None
) -> None:
    """Expiry is exclusive, also when the loop has not looked at the clock yet."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    offer = world.offer(world.chat())
    world.now_ms = offer.expires_at_ms + late_ms
    result = world.take(answer(ANNA, offer.id)).result

    assert (result.code if isinstance(result, Refusal) else None) == expected


@pytest.mark.parametrize("first", [accept, decline])
@pytest.mark.parametrize("second", [accept, decline])
def test_a_second_answer_is_too_late(first: Answer, second: Answer) -> None:
    """An offer is answered once, and stays known so that the second answer hears why."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    offer = world.offer(world.chat())
    world.accepted(first(ANNA, offer.id))

    assert world.refused(second(ANNA, offer.id)) == RefusalCode.OFFER_CLOSED


@pytest.mark.parametrize("answer", [accept, decline])
def test_an_answer_to_the_first_offer_does_not_answer_the_second(answer: Answer) -> None:
    """A contact may be offered to the same agent twice; a late click must not win the second."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    first = world.offer(contact)
    world.go_to(first.expires_at_ms)
    world.accepted(SetPresence(agent=ANNA, state="available"))

    assert world.offered_to(contact) == ANNA
    assert world.refused(answer(ANNA, first.id)) == RefusalCode.OFFER_CLOSED
    assert world.offered_to(contact) == ANNA


@pytest.mark.parametrize("answer", [accept, decline])
def test_an_offer_to_somebody_else_cannot_be_answered(answer: Answer) -> None:
    """An offer is to one agent; unknown ones do not exist."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    offer = world.offer(world.chat())

    assert world.refused(answer(BO, offer.id)) == RefusalCode.FORBIDDEN
    assert world.refused(answer(ANNA, OfferId("none"))) == RefusalCode.NOT_FOUND


def test_the_answer_names_the_desktop_it_came_from() -> None:
    """Mirrored desktops tell their agent whether it was answered here or elsewhere."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.accept(contact)

    assert world.last(OfferClosed).connection == desktop(ANNA)
    assert world.contact(contact).owner == ANNA


# -- RONA ------------------------------------------------------------------------------------------


def test_an_unanswered_offer_goes_to_the_next_agent_at_its_deadline() -> None:
    """Redirect on no answer: the customer must not wait for somebody who is not there."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.chat()
    deadline_ms = world.now_ms + OFFER_MS
    world.go_to(deadline_ms - 1)

    assert world.offered_to(contact) == ANNA

    world.go_to(deadline_ms)

    assert outcomes(world) == [(ANNA, "rona", None)]
    assert world.offered_to(contact) == BO
    assert world.agent(ANNA).presence.state == "rona"
    assert world.last(PresenceChanged).cause == "rona"


def test_rona_rescinds_the_other_offers_and_keeps_the_chats() -> None:
    """Who did not see one offer does not see another; its customers are not let down."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    held, missed = world.connect("kim"), world.chat("lee")
    world.wait(5)
    other = world.chat("max")
    world.wait(OFFER_MS - 5)

    assert outcomes(world)[-2:] == [(ANNA, "rona", None), (ANNA, "rescinded", "state_changed")]
    assert [world.contact(contact).state for contact in (held, missed, other)] == [
        "connected",
        "queued",
        "queued",
    ]
    assert world.load(ANNA) == 1


def test_an_agent_in_rona_gets_no_offers_until_it_sets_itself_available() -> None:
    """Only the agent knows that it is back; reconnecting does not say so."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.wait(OFFER_MS)
    world.leave_desk(ANNA)
    world.come_back(ANNA)

    assert world.agent(ANNA).presence.state == "rona"
    assert world.contact(contact).state == "queued"

    world.accepted(SetPresence(agent=ANNA, state="available"))

    assert world.offered_to(contact) == ANNA


# -- decline ---------------------------------------------------------------------------------------


def test_a_declined_contact_goes_to_another_and_its_agent_stays_available() -> None:
    """Declining is allowed: it costs the agent nothing but this contact."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.chat()
    world.decline(contact)

    assert outcomes(world) == [(ANNA, "declined", None)]
    assert world.offered_to(contact) == BO
    assert world.agent(ANNA).presence.state == "available"
    assert world.load(ANNA) == 0


@pytest.mark.parametrize(("after_ms", "expected"), [(-1, None), (0, ANNA), (1, ANNA)])
def test_a_decliner_is_asked_again_after_the_pause(after_ms: int, expected: AgentId | None) -> None:
    """Nobody else can take it, so once the pause is over it is better than waiting."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.decline(contact)
    world.wait(POLICY.decline_pause_ms + after_ms)

    assert world.offered_to(contact) == expected


def test_after_the_pause_a_decliner_is_asked_only_when_nobody_else_can_take_it() -> None:
    """Somebody who did not decline is always the better choice."""
    world = World(an_agent(ANNA), an_agent(BO, capacity=1))
    world.sign_in(ANNA, BO)
    contact = world.chat()
    world.decline(contact)
    world.wait(POLICY.decline_pause_ms + 1)
    world.accepted(SetPresence(agent=BO, state="idle"))

    assert world.offered_to(contact) == ANNA

    world.decline(contact)
    world.accepted(SetPresence(agent=BO, state="available"))

    assert world.offered_to(contact) == BO


def test_contacts_behind_a_declined_one_are_offered_meanwhile() -> None:
    """One that waits for its pause must not block the line."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    first, second = world.chat("kim"), world.chat("lee")
    world.decline(first)

    assert world.offered_to(second) == ANNA
    assert world.contact(first).state == "queued"


# -- rescinded -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["idle", "offline"])
def test_an_offer_is_rescinded_when_its_agent_goes_idle(state: Literal["idle", "offline"]) -> None:
    """Who stops taking work cannot miss it."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.chat()
    world.accepted(SetPresence(agent=ANNA, state=state))

    assert outcomes(world) == [(ANNA, "rescinded", "state_changed")]
    assert world.offered_to(contact) == BO
    assert world.agent(ANNA).presence.state == state


def test_an_offer_is_rescinded_when_the_customer_ends() -> None:
    """There is nobody left to talk to."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.contact(world.chat())
    ended = EndChat(customer=contact.customer.id, conversation=contact.conversation)
    world.accepted(ended)
    world.wait(OFFER_MS)

    assert outcomes(world) == [(ANNA, "rescinded", "customer_left")]
    assert world.agent(ANNA).presence.state == "available"
    assert world.contact(contact.id).state == "closed"


def test_an_offer_is_rescinded_when_the_customer_leaves() -> None:
    """Past the grace time the contact is abandoned, and nobody is blamed for it."""
    queue = Queue(id=SUPPORT, offer_timeout_ms=60_000)
    world = World(an_agent(ANNA), configuration=a_configuration(queue))
    world.sign_in(ANNA)
    contact = world.contact(world.chat())
    world.close_tab(contact.customer.id)
    world.wait(POLICY.customer_grace_ms)

    assert outcomes(world) == [(ANNA, "rescinded", "customer_left")]
    assert world.agent(ANNA).presence.state == "available"


def test_a_request_is_rescinded_when_the_contact_ends() -> None:
    """Whoever was invited is not kept waiting for a chat that is over."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.accepted(Conference(agent=ANNA, contact=contact, target=BO))
    world.end(ANNA, contact)

    assert outcomes(world)[-1] == (BO, "rescinded", "ended")


@pytest.mark.parametrize(("after_ms", "is_rescinded"), [(-1, False), (0, True), (1, True)])
def test_an_offer_is_rescinded_when_its_agent_is_lost_for_two_seconds(
    after_ms: int, *, is_rescinded: bool
) -> None:
    """A page reload is shorter; a dead desktop is no RONA."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.leave_desk(ANNA)
    world.wait(2_000 + after_ms)

    assert outcomes(world) == ([(ANNA, "rescinded", "connection_lost")] if is_rescinded else [])
    assert world.agent(ANNA).presence.state == "available"
    assert (world.contact(contact).state == "queued") == is_rescinded


@pytest.mark.parametrize("left", ["lost", "drained"])
def test_an_offer_that_runs_out_without_a_desktop_is_no_rona(left: str) -> None:
    """Who cannot answer is not to blame, though the two seconds are not over."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.wait(OFFER_MS - 100)
    match left:
        case "lost":
            world.leave_desk(ANNA)
        case _:
            world.drain()
    world.wait(100)

    assert outcomes(world) == [(ANNA, "rescinded", "connection_lost")]
    assert world.agent(ANNA).presence.state == "available"
    assert world.contact(contact).state == "queued"


def test_an_offer_survives_a_page_reload() -> None:
    """A desktop that is back within two seconds still rings."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.leave_desk(ANNA)
    world.wait(1_999)
    world.come_back(ANNA)
    world.wait(3_000)

    assert world.offered_to(contact) == ANNA


def test_an_offer_survives_the_loss_of_one_of_two_desktops() -> None:
    """An agent is lost with its last desktop."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.accepted(AttachAgent(agent=ANNA, connection=desktop(ANNA, 2)))
    contact = world.chat()
    world.leave_desk(ANNA)
    world.wait(3_000)

    assert world.offered_to(contact) == ANNA


def test_an_offer_is_rescinded_when_its_agent_is_removed() -> None:
    """An agent who is no longer configured takes no more contacts."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.chat()
    world.configure(an_agent(BO), configuration=a_configuration())

    assert outcomes(world) == [(ANNA, "rescinded", "removed")]
    assert world.offered_to(contact) == BO


@pytest.mark.parametrize(
    ("anna", "queue"),
    [
        (an_agent(ANNA, SALES, skills={"swedish": 3}), Queue(id=SUPPORT)),
        (an_agent(ANNA, skills={"swedish": 2}), Queue(id=SUPPORT, skills={"swedish": 3})),
        (an_agent(ANNA, skills={"swedish": 3}), Queue(id=SUPPORT, skills={"swedish": 4})),
    ],
)
def test_an_offer_is_rescinded_when_its_agent_can_no_longer_serve_it(
    anna: Agent, queue: Queue
) -> None:
    """A configuration that takes the queue or the skill away takes the offer away too."""
    able = an_agent(BO, skills={"swedish": 5})
    world = World(
        an_agent(ANNA, skills={"swedish": 3}),
        able,
        configuration=a_configuration(Queue(id=SUPPORT, skills={"swedish": 3}), Queue(id=SALES)),
    )
    world.sign_in(ANNA, BO)
    contact = world.chat()
    world.configure(anna, able, configuration=a_configuration(queue, Queue(id=SALES)))

    assert outcomes(world) == [(ANNA, "rescinded", "removed")]
    assert world.offered_to(contact) == BO


def test_a_request_stays_when_its_agent_never_served_the_queue() -> None:
    """Queue membership and skills are not asked when an agent asks for another."""
    world = World(an_agent(ANNA), an_agent(BO, SALES))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.configure(
        an_agent(ANNA), an_agent(BO, SALES, capacity=2), configuration=a_configuration()
    )

    assert world.offered_to(contact) == BO


def test_lowered_capacity_keeps_chats_and_offers_and_brings_no_more() -> None:
    """Nobody is cut off by a number; new work comes when there is room again."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    first, second = world.connect("kim"), world.chat("lee")
    world.configure(an_agent(ANNA, capacity=1), configuration=a_configuration())
    third = world.chat("max")
    world.accept(second)
    world.end(ANNA, first, FILED)

    assert world.contact(third).state == "queued"

    world.end(ANNA, second, FILED)

    assert world.offered_to(third) == ANNA


def test_an_offer_is_told_with_the_reason_for_it() -> None:
    """`why` answers the agent's question without a log."""
    world = World(an_agent(ANNA), an_agent(CIA))
    world.sign_in(ANNA)
    since_ms = world.agent(ANNA).presence.free_since_ms
    offer = world.offer(world.chat())

    assert offer.why == (("longest_available", since_ms),)
    assert (offer.offered_at_ms, offer.expires_at_ms) == (world.now_ms, world.now_ms + OFFER_MS)

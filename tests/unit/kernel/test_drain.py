"""A hub that drains sends its clients away on purpose: their going is no loss, for a while."""

import pytest

from presence import Connection, is_connected
from router.kernel.configuration import Agent
from router.kernel.ids import AgentId, HubId, TokenHash
from router.kernel.messages import (
    AcceptOffer,
    AttachAgent,
    AttachCustomer,
    ContactTaken,
    CustomerDetached,
    DetachAgent,
    HubLost,
    MessageWritten,
    OfferClosed,
    PresenceChanged,
    SetPresence,
    TakeOver,
    TransferToAgent,
)
from tests.support.kernel import (
    ANNA,
    BO,
    CIA,
    DESKS,
    OFFER_MS,
    POLICY,
    SHOP,
    TABS,
    World,
    an_agent,
    desktop,
)

WITHIN_MS = 5_000
WINDOW_MS = WITHIN_MS + 2_000
NEXT = HubId("next")


def a_world(*agents: AgentId) -> World:
    """Agents who are at work, each with one desktop."""
    staff: list[Agent] = [an_agent(agent) for agent in agents]
    world = World(*staff)
    world.sign_in(*agents)
    return world


def come_back(world: World, agent: AgentId) -> None:
    """The desktop of an agent connects to the hub that took over."""
    world.accepted(AttachAgent(agent=agent, connection=desktop(agent, hub=NEXT)))


# -- agents ----------------------------------------------------------------------------------------


def test_a_pending_offer_stays_through_a_drain_and_can_be_accepted_after_it() -> None:
    """A new version is rolled out while it rings: nobody is punished, and nobody waits longer."""
    world = a_world(ANNA)
    offer = world.offer(world.chat())
    told = len(world.events(PresenceChanged))
    world.drain()
    world.wait(WINDOW_MS - 1)
    come_back(world, ANNA)
    world.wait(WINDOW_MS)
    accepted = world.accepted(
        AcceptOffer(agent=ANNA, offer=offer.id, connection=desktop(ANNA, hub=NEXT))
    )

    assert isinstance(accepted, ContactTaken)
    assert [event.outcome for event in world.events(OfferClosed)] == ["accepted"]
    assert len(world.events(PresenceChanged)) == told, "it was connected all the time"


def test_a_new_offer_waits_until_the_drained_agent_is_back() -> None:
    """Nothing rings on a desktop that is on its way."""
    world = a_world(ANNA)
    world.drain()
    contact = world.chat()
    waiting = world.contact(contact).state
    come_back(world, ANNA)

    assert waiting == "queued"
    assert world.offered_to(contact) == ANNA


def test_a_new_offer_goes_to_others_meanwhile() -> None:
    """The drain of one hub stops no queue that other hubs serve."""
    world = a_world(ANNA)
    world.accepted(SetPresence(agent=ANNA, state="available"))
    staff = (an_agent(ANNA), an_agent(BO))
    world.configure(*staff, configuration=world.kernel.state.configuration.configuration)
    world.accepted(AttachAgent(agent=BO, connection=desktop(BO, hub=NEXT)))
    world.accepted(SetPresence(agent=BO, state="available"))
    world.drain()

    assert [world.offered_to(world.chat(name)) for name in ("kim", "lee")] == [BO, BO]


def test_nobody_can_be_asked_to_take_over_while_drained() -> None:
    """A request would ring on a desktop that is on its way."""
    world = a_world(ANNA, BO)
    contact = world.connect()
    world.drain()
    come_back(world, ANNA)
    command = TransferToAgent(agent=ANNA, contact=contact, target=BO)

    assert world.refused(command) == "no_capacity"


@pytest.mark.parametrize(("edge_ms", "is_kept"), [(-1, True), (0, False), (1, False)])
def test_a_drained_agent_is_gone_when_the_window_passes(edge_ms: int, *, is_kept: bool) -> None:
    """From then on the absence counts as any other, and everybody is told."""
    world = a_world(ANNA)
    world.chat()
    drained_ms = world.now_ms
    world.drain()
    world.wait(WINDOW_MS + edge_ms)
    presence = world.agent(ANNA).presence

    assert is_connected(presence) == is_kept
    assert presence.gone_at_ms == (None if is_kept else drained_ms + WINDOW_MS)
    assert (world.last(PresenceChanged).cause == "disconnected") == (not is_kept)


def test_two_seconds_and_the_grace_time_start_when_the_window_passes() -> None:
    """Who was sent away and did not come back is missed as anybody is: offers first, then chats."""
    world = a_world(ANNA, BO)
    talked = world.connect("kim")
    offered = world.offer(world.chat("lee"))
    owner = world.contact(talked).owner
    assert owner is not None
    world.drain()
    come_back(world, BO if offered.agent == ANNA else ANNA)
    world.drain(NEXT)
    world.wait(WINDOW_MS + 1_999)
    before = [event.outcome for event in world.events(OfferClosed)]
    world.wait(1)
    rescinded = world.last(OfferClosed)
    world.wait(POLICY.reconnect_grace_ms - 2_001)
    kept = world.contact(talked).owner
    world.wait(1)

    assert before == ["accepted"]
    assert (rescinded.offer, rescinded.reason) == (offered.id, "connection_lost")
    assert kept == owner
    assert world.agent(owner).presence.state == "offline"
    assert world.contact(talked).state == "queued"


@pytest.mark.parametrize("loss", ["take over", "hub lost", "detached"])
def test_what_a_drained_hub_holds_is_not_lost_again(loss: str) -> None:
    """Whoever notices that it is gone, or that a socket closed, says nothing new."""
    world = a_world(ANNA)
    offer = world.offer(world.chat())
    world.drain()
    world.drain(TABS)
    match loss:
        case "take over":
            world.reload()
            world.take(TakeOver(gap_ms=0, hubs=(NEXT,)))
        case "hub lost":
            world.accepted(HubLost(hub=DESKS))
            world.accepted(HubLost(hub=TABS))
        case _:
            world.accepted(DetachAgent(agent=ANNA, connection=desktop(ANNA)))
    world.wait(WINDOW_MS - 1)

    assert is_connected(world.agent(ANNA).presence)
    assert world.closed_offer(offer.id).outcome is None
    assert world.kernel.state.shard.hubs == ()


def test_the_time_without_a_writer_does_not_shorten_the_window() -> None:
    """Nobody can come back to a server that is not there yet."""
    world = a_world(ANNA)
    customer = world.contact(world.chat()).customer.id
    world.drain()
    world.drain(TABS)
    drained_ms = world.now_ms
    world.crash(4_000)
    world.wait(WINDOW_MS - 1)

    assert is_connected(world.agent(ANNA).presence)
    assert world.kernel.state.customers[customer].is_connected

    world.wait(1)

    assert world.agent(ANNA).presence.gone_at_ms == drained_ms + 4_000 + WINDOW_MS
    assert world.kernel.state.customers[customer].gone_at_ms == drained_ms + 4_000 + WINDOW_MS


def test_an_agent_with_a_desktop_elsewhere_is_not_drained() -> None:
    """Nothing is awaited of somebody who is here."""
    world = a_world(ANNA)
    come_back(world, ANNA)
    world.drain()
    contact = world.chat()

    assert world.offered_to(contact) == ANNA
    assert world.agent(ANNA).presence.kept_until_ms is None


def test_an_unanswered_offer_is_rona_after_a_drain_as_well() -> None:
    """The desktop came back and rang on: it is the agent who did not answer."""
    world = a_world(ANNA)
    world.chat()
    world.drain()
    come_back(world, ANNA)
    world.wait(OFFER_MS)

    assert world.agent(ANNA).presence.state == "rona"


def test_a_member_on_its_way_back_becomes_the_owner_before_one_who_joined_later() -> None:
    """Whoever a drain took counts as connected, for what is handed on too."""
    world = a_world(ANNA)
    staff = (an_agent(ANNA), an_agent(BO), an_agent(CIA))
    world.configure(*staff, configuration=world.kernel.state.configuration.configuration)
    contact = world.connect()
    for agent in (BO, CIA):
        world.accepted(AttachAgent(agent=agent, connection=desktop(agent, hub=NEXT)))
        world.accepted(SetPresence(agent=agent, state="available"))
    world.invite(ANNA, contact, BO, CIA)
    world.leave_desk(ANNA)
    world.wait(POLICY.reconnect_grace_ms - 1)
    world.drain(NEXT)
    world.accepted(AttachAgent(agent=CIA, connection=desktop(CIA)))
    world.wait(1)

    assert world.contact(contact).owner == BO


# -- customers -------------------------------------------------------------------------------------


def test_a_waiting_customer_is_given_up_a_window_and_a_grace_time_after_a_drain() -> None:
    """They were sent away by the server: the time for that is not taken from theirs."""
    world = World(an_agent(ANNA))
    contact = world.chat()
    drained_ms = world.now_ms
    world.drain(TABS)
    world.wait(WINDOW_MS + POLICY.customer_grace_ms - 1)
    waiting = world.contact(contact).state
    world.wait(1)

    assert waiting == "queued"
    assert world.contact(contact).end_reason == "abandoned"
    assert world.contact(contact).ended_at_ms == drained_ms + WINDOW_MS


def test_a_drained_customer_who_comes_back_was_never_away() -> None:
    """Neither notice nor grace time is left of it."""
    world = World(an_agent(ANNA))
    contact = world.chat()
    customer = world.contact(contact).customer.id
    written = len(world.events(MessageWritten))
    world.drain(TABS)
    awaited = world.kernel.state.customers[customer].is_connected
    world.visit("again", token="kim")
    world.wait(WINDOW_MS + POLICY.customer_grace_ms)

    assert awaited
    assert world.contact(contact).state == "queued"
    assert len(world.events(MessageWritten)) == written


def test_a_tab_elsewhere_keeps_a_customer_connected() -> None:
    """Nothing is awaited of somebody who is here."""
    world = World(an_agent(ANNA))
    customer = world.contact(world.chat()).customer.id
    elsewhere = Connection(NEXT, "other")
    world.accepted(
        AttachCustomer(
            connection=elsewhere,
            entry_point=SHOP,
            fresh_token=TokenHash("other"),
            token=TokenHash("kim"),
        )
    )
    world.drain(TABS)
    record = world.kernel.state.customers[customer]

    assert record.connections == (elsewhere,)
    assert record.kept_until_ms is None


def test_somebody_without_a_chat_is_forgotten_when_the_window_passes() -> None:
    """A record that stays in memory only for a drain must not stay for ever."""
    world = World(an_agent(ANNA))
    customer = world.visit().customer
    world.drain(TABS)
    held = customer in world.kernel.state.customers
    world.reload()
    loaded = customer in world.kernel.state.customers
    world.wait(WINDOW_MS)

    assert (held, loaded) == (True, True)
    assert customer not in world.kernel.state.customers
    assert world.last(CustomerDetached).connections == ()

"""Agents' desktops and states, and what a take-over, a lost hub or a new configuration does."""

from typing import Literal

import pytest
from msgspec.structs import replace

from presence import Connection
from router.kernel.configuration import EntryPoint, Queue, WrapupCode
from router.kernel.deadlines import Deadline, Deadlines
from router.kernel.errors import RefusalCode
from router.kernel.ids import AgentId, CodeId, ContactId, EntryPointId, HubId, TokenHash
from router.kernel.messages import (
    AcceptOffer,
    AgentConfigured,
    AttachAgent,
    AttachCustomer,
    Configure,
    Done,
    EndContact,
    FileWrapup,
    HubLost,
    OfferClosed,
    OfferMoved,
    PresenceChanged,
    SetPresence,
    StartChat,
    TakeOver,
)
from router.kernel.model import Wrapup
from tests.support.kernel import (
    ANNA,
    BO,
    DESKS,
    FILED,
    LUNCH,
    OFFER_MS,
    POLICY,
    RESOLVED,
    SALES,
    SHOP,
    SOLD,
    SUPPORT,
    TABS,
    World,
    a_configuration,
    an_agent,
    desktop,
)

GAP_MS = 7_000
TIMED = Queue(id=SUPPORT, wrapup_timeout_ms=30_000, default_wrapup_code=RESOLVED)


# -- states ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["available", "idle", "rona", "offline"])
def test_the_first_desktop_turns_offline_into_idle_and_no_other_state(state: str) -> None:
    """Signing in is not yet asking for work, and a reload of the page takes none away."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    match state:
        case "rona":
            world.chat()
            world.wait(OFFER_MS)
        case "idle" | "offline":
            name: Literal["idle", "offline"] = "idle" if state == "idle" else "offline"
            world.accepted(SetPresence(agent=ANNA, state=name))
        case _:
            pass
    world.leave_desk(ANNA)
    world.come_back(ANNA)

    assert world.agent(ANNA).presence.state == ("idle" if state == "offline" else state)
    assert world.last(PresenceChanged).cause == "connected"


def test_a_second_desktop_changes_nothing_but_itself() -> None:
    """Desktops of one agent mirror each other."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    before = len(world.events(PresenceChanged))
    world.accepted(AttachAgent(agent=ANNA, connection=desktop(ANNA, 2)))
    world.leave_desk(ANNA)

    assert len(world.events(PresenceChanged)) == before
    assert world.agent(ANNA).presence.connections == (desktop(ANNA, 2),)


def test_offline_with_a_leg_not_done_is_a_conflict_that_names_the_contacts() -> None:
    """Nobody goes home while a customer is on the line, or a code is owed."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.connect()
    offline = SetPresence(agent=ANNA, state="offline")

    assert world.refusal(offline).details == {"state": "available", "contacts": [contact]}

    world.end(ANNA, contact)

    assert world.refused(offline) == RefusalCode.CONFLICT


def test_an_idle_code_must_exist_and_goes_with_idle() -> None:
    """Reports count idle codes."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    commands = (
        SetPresence(agent=ANNA, state="idle", idle_code=CodeId("none")),
        SetPresence(agent=ANNA, state="available", idle_code=LUNCH),
    )

    assert [world.refusal(command).details for command in commands] == [{"path": "idle_code"}] * 2

    world.accepted(SetPresence(agent=ANNA, state="idle", idle_code=LUNCH))
    world.leave_desk(ANNA)
    world.come_back(ANNA)

    assert world.agent(ANNA).presence.idle_code == LUNCH


def test_an_agent_who_is_not_configured_is_forbidden() -> None:
    """A good token of somebody who left opens nothing."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.configure(an_agent(ANNA), configuration=a_configuration())
    for agent in (BO, AgentId("nobody")):
        commands = (
            AttachAgent(agent=agent, connection=desktop(agent)),
            SetPresence(agent=agent, state="available"),
        )

        assert [world.refused(command) for command in commands] == [RefusalCode.FORBIDDEN] * 2


def test_an_agent_has_at_most_twenty_desktops() -> None:
    """Everything is bounded."""
    world = World(an_agent(ANNA))
    for number in range(20):
        world.accepted(AttachAgent(agent=ANNA, connection=desktop(ANNA, number)))
    command = AttachAgent(agent=ANNA, connection=desktop(ANNA, 20))

    assert world.refused(command) == RefusalCode.RATE_LIMITED


def test_a_desktop_that_was_never_there_cannot_leave() -> None:
    """A hub may report a loss twice."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.leave_desk(BO)
    world.leave_desk(ANNA)
    gone_ms = world.agent(ANNA).presence.gone_at_ms
    world.wait(500)
    world.leave_desk(ANNA)

    assert world.agent(ANNA).presence.gone_at_ms == gone_ms


# -- hubs and take-overs ---------------------------------------------------------------------------


def test_a_lost_hub_takes_its_desktops_and_tabs_with_it() -> None:
    """Others stay; the grace times start."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA)
    other = HubId("other")
    world.accepted(AttachAgent(agent=BO, connection=Connection(other, "bo")))
    contact = world.contact(world.chat())
    world.accepted(HubLost(hub=DESKS))

    assert world.agent(ANNA).presence.gone_at_ms == world.now_ms
    assert world.agent(BO).presence.gone_at_ms is None
    assert world.kernel.state.shard.hubs == (other, TABS)

    world.accepted(HubLost(hub=TABS))
    world.wait(POLICY.customer_grace_ms)

    assert world.contact(contact.id).end_reason == "abandoned"


def test_what_ran_out_before_a_hub_was_missed_is_no_rona() -> None:
    """It may have been dead by then; who came back elsewhere since is asked once more."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    offer = world.offer(contact)
    world.kernel.hold(Deadline("offer", offer.id))
    world.wait(OFFER_MS + 1_000)
    world.accepted(AttachAgent(agent=ANNA, connection=Connection("other", "anna")))
    held = world.offer(contact)
    world.accepted(HubLost(hub=DESKS))
    closed = world.events(OfferClosed)

    assert held.id == offer.id
    assert [(one.offer, one.outcome, one.reason) for one in closed] == [
        (offer.id, "rescinded", "connection_lost")
    ]
    assert world.agent(ANNA).presence.state == "available"
    assert world.offer(contact).expires_at_ms == world.now_ms + OFFER_MS


def test_what_rings_on_when_a_hub_is_missed_rings_on() -> None:
    """Its agent has two seconds to come back, as after any loss."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.chat()
    world.accepted(HubLost(hub=DESKS))

    assert world.offered_to(contact) == ANNA


def test_a_deadline_that_is_released_is_due_at_its_own_time() -> None:
    """Whatever fell due while it was held; and one that moves is held no more."""
    deadlines = Deadlines()
    one, other = Deadline("offer", "one"), Deadline("offer", "other")
    deadlines.set(one, 10)
    deadlines.set(other, 20)
    deadlines.hold(one)
    deadlines.set(one, 10)
    held = deadlines.first()
    deadlines.release(one)
    released = deadlines.first()
    deadlines.hold(one)
    deadlines.set(one, 15)
    moved = deadlines.first()
    deadlines.hold(one)
    deadlines.set(one, None)
    deadlines.release(one)

    assert held == (20, other)
    assert released == (10, one)
    assert moved == (15, one)
    assert deadlines.all() == {other: 20}
    assert deadlines.first() == (20, other)


def test_a_take_over_drops_the_connections_of_hubs_that_are_gone() -> None:
    """A hub that died with the writer cannot say so itself."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA)
    world.accepted(AttachAgent(agent=BO, connection=Connection("other", "bo")))
    world.accepted(TakeOver(gap_ms=0, hubs=(HubId("other"),)))

    assert world.agent(ANNA).presence.connections == ()
    assert world.agent(BO).presence.connections == (Connection("other", "bo"),)
    assert world.agent(ANNA).presence.state == "available"


def test_a_take_over_moves_an_offer_under_the_same_id() -> None:
    """A crash must not cause a wave of RONA."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    offer = world.offer(world.chat())
    world.wait(OFFER_MS - 1)
    world.crash(GAP_MS)

    assert world.last(OfferMoved).offer == offer.id
    assert world.last(OfferMoved).expires_at_ms == offer.expires_at_ms + GAP_MS
    assert world.agent(ANNA).presence.state == "available"

    world.accepted(AcceptOffer(agent=ANNA, offer=offer.id, connection=desktop(ANNA)))


def prepare(world: World, kind: str) -> ContactId:
    """Set a deadline of a kind; gives the contact it is about."""
    contact = world.chat()
    customer = world.contact(contact).customer.id
    match kind:
        case "offer":
            pass
        case "pause":
            world.decline(contact)
        case "lost":
            world.leave_desk(ANNA)
        case "waiting customer":
            world.accepted(SetPresence(agent=ANNA, state="idle"))
            world.close_tab(customer)
        case "requeued customer":
            world.accept(contact)
            world.close_tab(customer)
            world.wait(500)
            world.accepted(SetPresence(agent=ANNA, state="idle"))
            world.give_back(ANNA, contact, SALES)
        case "connected customer":
            world.accept(contact)
            world.close_tab(customer)
        case "grace":
            world.accept(contact)
            world.leave_desk(ANNA)
            world.wait(2_000)
        case _:
            world.accept(contact)
            world.end(ANNA, contact)
    return contact


@pytest.mark.parametrize(
    "kind",
    [
        "offer",
        "pause",
        "lost",
        "waiting customer",
        "requeued customer",
        "connected customer",
        "grace",
        "wrapup",
    ],
)
def test_a_take_over_moves_every_deadline_by_the_gap(kind: str) -> None:
    """Nobody is punished for the time without a writer, whatever runs."""
    world = World(an_agent(ANNA), configuration=a_configuration(TIMED, Queue(id=SALES)))
    world.sign_in(ANNA)
    prepare(world, kind)
    before = world.kernel.state.deadlines.all()
    world.crash(GAP_MS)
    after = world.kernel.state.deadlines.all()

    assert before
    assert sorted(after.values()) == sorted(at_ms + GAP_MS for at_ms in before.values())


def test_a_take_over_without_a_gap_moves_nothing() -> None:
    """A hand-over at shutdown costs no time."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.chat()
    before = world.kernel.state.deadlines.all()
    world.crash(0)

    assert world.kernel.state.deadlines.all() == before
    assert world.events(OfferMoved) == []


# -- configuration ---------------------------------------------------------------------------------


def test_the_configuration_in_force_changes_nothing_again() -> None:
    """Every hub that starts submits it."""
    world = World(an_agent(ANNA))
    digest = world.kernel.state.configuration.digest
    command = Configure(configuration=a_configuration(), agents=(), digest=digest)
    step = world.take(command)

    assert step.result == Done()
    assert step.events == ()


def test_only_agents_that_changed_are_configured_again() -> None:
    """A reload with one new agent tells of one."""
    world = World(an_agent(ANNA))
    world.configure(an_agent(ANNA), an_agent(BO), configuration=a_configuration())

    assert [event.profile.id for event in world.events(AgentConfigured)] == [ANNA, BO]


def test_a_removed_queue_is_served_until_empty_by_who_served_it() -> None:
    """Whoever waits there is not forgotten, and nobody new comes."""
    world = World(an_agent(ANNA, SALES))
    waiting = world.chat("kim", SALES)
    without = a_configuration(Queue(id=SUPPORT))
    world.configure(an_agent(ANNA, SUPPORT), configuration=without)
    lee = world.visit("lee").customer

    assert world.refused(StartChat(customer=lee, entry_point=SHOP, queue=SALES)) == "not_found"

    world.sign_in(ANNA)

    assert world.offered_to(waiting) == ANNA

    world.accept(waiting)
    world.end(ANNA, waiting)
    world.configure(an_agent(ANNA, SUPPORT), configuration=without)

    assert set(world.kernel.state.retired) == {SALES}, "its code is still owed"

    world.end(ANNA, waiting, FILED)
    world.configure(an_agent(ANNA, SUPPORT), configuration=without)

    assert world.kernel.state.retired == {}
    assert world.agent(ANNA).profile.queues == (SUPPORT,)


def test_a_removed_agent_is_signed_out_and_may_come_back() -> None:
    """Its chats go on without it; configured again, it starts from offline."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA)
    contact = world.connect()
    world.configure(an_agent(BO), configuration=a_configuration())

    assert world.agent(ANNA).presence.state == "offline"
    assert world.agent(ANNA).removed
    assert world.contact(contact).state == "queued"

    world.configure(an_agent(ANNA), an_agent(BO), configuration=a_configuration())
    world.sign_in(ANNA)

    assert world.offered_to(contact) == ANNA


def test_a_removed_agents_code_is_no_longer_owed() -> None:
    """Nobody is left to file it, and a contact must not stay open for that."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA)
    ended = world.connect()
    world.end(ANNA, ended)
    state = world.contact(ended).state
    world.configure(an_agent(BO), configuration=a_configuration())

    assert state == "wrapup"
    assert world.contact(ended).state == "closed"
    assert world.load(ANNA) == 0


def test_a_grace_time_that_is_changed_holds_at_once() -> None:
    """Deadlines follow from records and configuration, whenever either changes."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    world.leave_desk(ANNA)
    longer = replace(POLICY, reconnect_grace_ms=60_000)
    world.configure(an_agent(ANNA), configuration=a_configuration(policy=longer))
    world.wait(59_999)

    assert world.agent(ANNA).presence.state == "available"

    world.wait(1)

    assert world.agent(ANNA).presence.state == "offline"


def test_an_entry_point_that_leads_nowhere_is_not_found() -> None:
    """A queue removed under an entry point takes no new chats through it."""
    world = World(configuration=a_configuration(Queue(id=SALES)))
    customer = world.visit().customer

    assert world.refused(StartChat(customer=customer, entry_point=SHOP)) == "not_found"
    assert EntryPointId(SHOP) in world.kernel.state.entry_points


def test_a_removed_entry_point_lets_in_who_is_in_a_chat_and_nobody_else() -> None:
    """A page reload during a chat must not end it; nothing new comes this way."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.connect("kim")
    done = world.visit("lee").customer
    without = a_configuration(entry_points=(EntryPoint(id=EntryPointId("other"), queue=SUPPORT),))
    world.configure(an_agent(ANNA), configuration=without)
    back = world.visit("kim again", token="kim").customer
    asked = [
        AttachCustomer(
            connection=Connection(TABS, "x"),
            entry_point=entry_point,
            fresh_token=TokenHash("x"),
            token=TokenHash(token) if token else None,
        )
        for entry_point, token in ((SHOP, "lee"), (SHOP, None), (EntryPointId("none"), "kim"))
    ]
    world.ask(contact)

    assert back == world.contact(contact).customer.id
    assert [world.refused(command) for command in asked] == [RefusalCode.NOT_FOUND] * 3
    assert world.refused(StartChat(customer=done, entry_point=SHOP)) == "not_found"

    world.end(ANNA, contact, FILED)
    again = AttachCustomer(
        connection=Connection(TABS, "y"),
        entry_point=SHOP,
        fresh_token=TokenHash("y"),
        token=TokenHash("kim"),
    )

    assert world.refused(again) == RefusalCode.NOT_FOUND
    assert world.refused(StartChat(customer=back, entry_point=SHOP)) == "not_found"


def test_a_removed_code_is_valid_for_legs_that_owed_one_by_then() -> None:
    """Its agent chose from the list it was shown; who is still talking chooses from the new one."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    owing, talking, late = (world.connect(name) for name in ("kim", "lee", "max"))
    world.end(ANNA, owing)
    world.wait(1)
    without = replace(a_configuration(), wrapup_codes=(WrapupCode(id=SOLD, queues=(SALES,)),))
    world.configure(an_agent(ANNA), configuration=without)
    world.wait(1)
    world.end(ANNA, talking)
    at_the_end = EndContact(agent=ANNA, contact=late, wrapup=FILED)
    world.reload()
    world.configure(an_agent(ANNA, capacity=9), configuration=without)

    assert world.refused(FileWrapup(agent=ANNA, contact=talking, wrapup=FILED)) == "invalid"
    assert world.refused(at_the_end) == "invalid"

    world.accepted(FileWrapup(agent=ANNA, contact=owing, wrapup=FILED))

    assert world.leg(owing, ANNA).wrapup == FILED

    world.configure(an_agent(ANNA), configuration=without)

    assert world.kernel.state.retired_codes == {}


def test_a_removed_code_keeps_its_queues() -> None:
    """It is as valid as it was, not more."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.connect()
    world.end(ANNA, contact)
    without = replace(a_configuration(), wrapup_codes=())
    world.configure(an_agent(ANNA), configuration=without)
    sold = FileWrapup(agent=ANNA, contact=contact, wrapup=Wrapup(SOLD))

    assert world.refused(sold) == "invalid", "it was for sales only"


def test_with_capacity_lowered_chats_stay_and_no_offer_comes_until_there_is_room() -> None:
    """The new number holds for what comes."""
    world = World(an_agent(ANNA, capacity=3))
    world.sign_in(ANNA)
    first, second = world.connect("kim"), world.connect("lee")
    world.configure(an_agent(ANNA, capacity=1), configuration=a_configuration())
    waiting = world.chat("max")
    world.end(ANNA, first, FILED)
    full = world.offered_to(waiting)
    state = world.contact(second).state
    world.end(ANNA, second, FILED)

    assert full is None
    assert state == "connected"
    assert world.offered_to(waiting) == ANNA


def test_a_new_agent_may_come_at_once_and_is_offered_what_waits() -> None:
    """Hiring needs no restart."""
    world = World()
    waiting = world.chat()
    world.configure(an_agent(ANNA), configuration=a_configuration())
    world.sign_in(ANNA)

    assert world.offered_to(waiting) == ANNA

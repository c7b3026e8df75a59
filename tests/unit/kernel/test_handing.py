"""Transfer, conference, leaving, ending and wrap-up: contacts in agents' hands."""

import pytest

from router.kernel.configuration import Agent, Queue
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import AgentId, CodeId, ContactId, OfferId, QueueId
from router.kernel.messages import (
    AgentJoined,
    AgentLeft,
    AnyCommand,
    CancelOffer,
    Conference,
    EndChat,
    EndContact,
    FileWrapup,
    LeaveConference,
    MessageWritten,
    OfferClosed,
    RemoveFromConference,
    SetPresence,
    TransferToAgent,
    TransferToQueue,
    WrapupFiled,
)
from router.kernel.model import Wrapup
from tests.support.kernel import (
    ANNA,
    BO,
    CIA,
    DAN,
    FILED,
    OFFER_MS,
    POLICY,
    RESOLVED,
    SALES,
    SOLD,
    SUPPORT,
    World,
    a_configuration,
    an_agent,
)

TIMED = Queue(id=SUPPORT, wrapup_timeout_ms=30_000, default_wrapup_code=RESOLVED)
OPTIONAL = Queue(id=SUPPORT, wrapup="optional")
FILEABLE_MS = 600_000


def a_team(*queues: Queue, size: int = 4) -> World:
    """Anna and others who serve support, all available; only Anna waits long enough to be first."""
    names = (ANNA, BO, CIA, DAN, *(AgentId(f"agent-{n}") for n in range(5, 10)))[:size]
    world = World(
        *(an_agent(name) for name in names),
        configuration=a_configuration(*queues) if queues else None,
    )
    world.sign_in(*names)
    return world


def participants(world: World, contact: ContactId) -> list[tuple[AgentId, str]]:
    """(agent, role) of those who talk to the customer."""
    legs = world.contact(contact).legs
    return [(leg.agent, leg.role) for leg in legs if leg.state == "active"]


def notices(world: World) -> list[str | None]:
    """The system notices so far."""
    written = (event.message for event in world.events(MessageWritten))
    return [message.event for message in written if message.role == "system"]


# -- transfer to an agent --------------------------------------------------------------------------


def test_the_owner_keeps_the_chat_until_the_target_accepts() -> None:
    """Two phases: the customer is never between two agents."""
    world = a_team()
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.say(ANNA, contact)

    assert participants(world, contact) == [(ANNA, "owner")]

    world.accept(contact)

    assert participants(world, contact) == [(BO, "owner")]
    assert world.contact(contact).owner == BO
    assert world.leg(contact, ANNA).state == "wrapup"
    assert world.load(ANNA) == 1


def test_the_code_given_with_a_transfer_is_filed_on_acceptance() -> None:
    """The former owner said it all when asking; its slot is free at once."""
    world = a_team()
    contact = world.connect()
    world.hand_over(ANNA, contact, BO, FILED)

    assert world.leg(contact, ANNA).wrapup is None

    world.accept(contact)

    assert world.leg(contact, ANNA).wrapup == FILED
    assert world.load(ANNA) == 0


def test_a_declined_transfer_leaves_the_chat_with_its_owner() -> None:
    """The request is removed; another may follow."""
    world = a_team()
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.decline(contact)

    assert participants(world, contact) == [(ANNA, "owner")]
    assert world.contact(contact).declined == ()

    world.hand_over(ANNA, contact, BO)

    assert world.offered_to(contact) == BO


def test_an_unanswered_transfer_leaves_the_chat_with_its_owner() -> None:
    """RONA is the target's: the owner still owns the chat."""
    world = a_team()
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.wait(OFFER_MS)

    assert participants(world, contact) == [(ANNA, "owner")]
    assert world.agent(BO).presence.state == "rona"
    assert world.contact(contact).offers == ()


def test_in_a_conference_the_target_becomes_owner_and_members_stay() -> None:
    """A transfer changes who is responsible, not who else is there."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.hand_over(ANNA, contact, CIA)
    world.accept(contact)

    assert participants(world, contact) == [(BO, "member"), (CIA, "owner")]


@pytest.mark.parametrize("kind", [TransferToAgent, Conference])
def test_a_target_that_cannot_take_an_offer_now_is_refused(
    kind: type[TransferToAgent | Conference],
) -> None:
    """Not available, no slot or not connected: the owner hears at once, not after a time-out."""
    world = World(*(an_agent(agent, capacity=1) for agent in (ANNA, BO, CIA, DAN)))
    world.sign_in(ANNA, BO, CIA)
    contact, _ = world.connect("kim"), world.connect("lee")
    world.leave_desk(CIA)
    world.come_back(DAN)
    for target in (BO, CIA, DAN):
        command = kind(agent=ANNA, contact=contact, target=target)

        assert world.refused(command) == RefusalCode.NO_CAPACITY


@pytest.mark.parametrize("kind", [TransferToAgent, Conference])
def test_oneself_a_participant_or_a_second_request_is_a_conflict(
    kind: type[TransferToAgent | Conference],
) -> None:
    """One request at a time, and to somebody who is not there yet."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    for target in (ANNA, BO):
        refusal = world.refusal(kind(agent=ANNA, contact=contact, target=target))

        assert (refusal.code, refusal.details["state"]) == (RefusalCode.CONFLICT, "connected")

    world.hand_over(ANNA, contact, CIA)

    assert world.refused(kind(agent=ANNA, contact=contact, target=DAN)) == RefusalCode.CONFLICT


def test_queue_and_skills_are_not_asked_of_a_target() -> None:
    """An agent knows whom it asks."""
    world = World(
        an_agent(ANNA, skills={"net": 1}),
        an_agent(BO, SALES),
        configuration=a_configuration(Queue(id=SUPPORT, skills={"net": 1}), Queue(id=SALES)),
    )
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.accept(contact)

    assert world.contact(contact).owner == BO


def test_who_asked_may_cancel_and_nobody_else() -> None:
    """A pending request is the owner's; it is over for the target too."""
    world = a_team()
    contact = world.connect()
    offer = world.hand_over(ANNA, contact, BO)

    assert world.refused(CancelOffer(agent=BO, offer=offer)) == RefusalCode.FORBIDDEN

    world.accepted(CancelOffer(agent=ANNA, offer=offer))

    assert world.last(OfferClosed).outcome == "canceled"
    assert world.refused(CancelOffer(agent=ANNA, offer=offer)) == RefusalCode.OFFER_CLOSED
    assert world.load(BO) == 0


@pytest.mark.parametrize(("late_ms", "is_refused"), [(-1, False), (0, True), (1, True)])
def test_a_request_can_be_canceled_until_just_before_it_expires(
    late_ms: int, *, is_refused: bool
) -> None:
    """Expiry is exclusive for who asked as for who answers."""
    world = a_team()
    contact = world.connect()
    offer = world.hand_over(ANNA, contact, BO)
    world.now_ms += OFFER_MS + late_ms
    result = world.take(CancelOffer(agent=ANNA, offer=offer)).result

    assert isinstance(result, Refusal) == is_refused


def test_a_request_is_rescinded_when_its_owner_leaves() -> None:
    """Nobody is left to whom the answer would mean anything."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.hand_over(ANNA, contact, CIA)
    world.accepted(LeaveConference(agent=ANNA, contact=contact))

    closed = world.last(OfferClosed)
    assert (closed.agent, closed.outcome, closed.reason) == (CIA, "rescinded", "owner_changed")
    assert world.agent(CIA).presence.state == "available"


def test_a_request_stays_when_a_member_leaves() -> None:
    """Only who asked matters."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.hand_over(ANNA, contact, CIA)
    world.accepted(LeaveConference(agent=BO, contact=contact))

    assert world.offered_to(contact) == CIA


# -- transfer to a queue ---------------------------------------------------------------------------


def test_a_transfer_to_a_queue_releases_the_owner_and_comes_before_new_ones() -> None:
    """The customer has waited once already; the owner is free for its wrap-up."""
    world = World(an_agent(ANNA, capacity=1), an_agent(BO, capacity=1))
    world.sign_in(ANNA)
    contact = world.connect("kim")
    new = world.chat("lee")
    world.give_back(ANNA, contact)

    assert world.contact(contact).state == "queued"
    assert world.contact(contact).owner is None
    assert world.leg(contact, ANNA).state == "wrapup"
    assert "contact.transferred" in notices(world)

    world.sign_in(BO)

    assert (world.offered_to(contact), world.offered_to(new)) == (BO, None)


def test_a_transfer_to_a_queue_takes_the_priority_and_skills_of_that_queue() -> None:
    """The place in line is the new queue's."""
    world = World(
        an_agent(ANNA),
        an_agent(BO, SALES),
        an_agent(CIA, SALES, skills={"deals": 1}),
        configuration=a_configuration(
            Queue(id=SUPPORT, priority=1), Queue(id=SALES, priority=7, skills={"deals": 1})
        ),
    )
    world.sign_in(ANNA, BO, CIA)
    contact = world.connect()
    world.give_back(ANNA, contact, SALES)

    assert world.contact(contact).priority == 7
    assert world.contact(contact).rank[:2] == (-7, 0)
    assert world.offered_to(contact) == CIA


@pytest.mark.parametrize(("after_ms", "expected"), [(-1, None), (0, ANNA), (1, ANNA)])
def test_the_former_owner_counts_as_a_decliner(after_ms: int, expected: AgentId | None) -> None:
    """Who gave a contact back should not get it straight back."""
    world = a_team(size=1)
    contact = world.connect()
    world.give_back(ANNA, contact)
    world.wait(POLICY.decline_pause_ms + after_ms)

    assert world.offered_to(contact) == expected


def test_a_decline_counts_in_the_queue_it_was_made_in() -> None:
    """In another queue the contact is another question, except to who gave it there."""
    world = World(an_agent(ANNA, SUPPORT, SALES), an_agent(BO, SUPPORT, SALES))
    world.sign_in(ANNA, BO)
    contact = world.chat()
    world.decline(contact)
    world.accept(contact)
    world.give_back(BO, contact, SALES)

    assert [agent for agent, _ in world.contact(contact).declined] == [BO]
    assert world.offered_to(contact) == ANNA


def test_without_another_agent_signed_in_a_transfer_to_a_queue_needs_force() -> None:
    """The owner is told that the customer would wait for nobody."""
    world = World(an_agent(ANNA, SUPPORT, SALES), an_agent(BO, SALES), an_agent(CIA))
    world.sign_in(ANNA, CIA)
    contact = world.connect()
    plain = TransferToQueue(agent=ANNA, contact=contact, queue=SALES)

    assert world.refused(plain) == RefusalCode.NO_STAFF

    world.come_back(BO)
    world.accepted(SetPresence(agent=BO, state="idle"))
    world.accepted(plain)

    assert world.contact(contact).queue == SALES


def test_a_forced_transfer_waits_for_whoever_comes() -> None:
    """`force` says that the owner knows."""
    world = a_team(size=1)
    contact = world.connect()
    world.accepted(TransferToQueue(agent=ANNA, contact=contact, queue=SALES, force=True))

    assert (world.contact(contact).queue, world.contact(contact).state) == (SALES, "queued")


def test_with_members_present_a_transfer_to_a_queue_is_a_conflict() -> None:
    """Members talk to the customer: it does not wait."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    command = TransferToQueue(agent=ANNA, contact=contact, queue=SUPPORT)

    assert world.refused(command) == RefusalCode.CONFLICT


def test_a_transfer_to_a_queue_rescinds_a_pending_request() -> None:
    """The owner stopped being owner, other than by the acceptance."""
    world = a_team()
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.give_back(ANNA, contact)

    first = world.events(OfferClosed)[-1]
    assert (first.agent, first.outcome, first.reason) == (BO, "rescinded", "owner_changed")


# -- conference ------------------------------------------------------------------------------------


def test_an_invited_agent_joins_as_a_member_everyone_sees() -> None:
    """The offer is of kind conference; the owner stays owner."""
    world = a_team()
    contact = world.connect()
    world.accepted(Conference(agent=ANNA, contact=contact, target=BO))

    assert world.offer(contact).type == "conference"

    world.accept(contact)

    assert participants(world, contact) == [(ANNA, "owner"), (BO, "member")]
    assert notices(world)[-1] == "participant.joined"


def test_the_sixth_participant_joins_and_the_seventh_is_a_conflict() -> None:
    """More is a meeting."""
    world = a_team(size=7)
    contact = world.connect()
    others = (BO, CIA, DAN, AgentId("agent-5"), AgentId("agent-6"))
    world.invite(ANNA, contact, *others)
    seventh = Conference(agent=ANNA, contact=contact, target=AgentId("agent-7"))

    assert len(participants(world, contact)) == 6
    assert world.refused(seventh) == RefusalCode.CONFLICT


def test_removing_a_stranger_is_not_found_and_oneself_a_conflict() -> None:
    """The owner leaves by leaving."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)

    def remove(target: AgentId) -> RemoveFromConference:
        return RemoveFromConference(agent=ANNA, contact=contact, target=target)

    assert world.refused(remove(CIA)) == RefusalCode.NOT_FOUND
    assert world.refused(remove(ANNA)) == RefusalCode.CONFLICT

    world.accepted(remove(BO))

    assert participants(world, contact) == [(ANNA, "owner")]
    assert world.leg(contact, BO).state == "wrapup"
    assert notices(world)[-1] == "participant.left"
    assert world.refused(remove(BO)) == RefusalCode.NOT_FOUND


def test_when_the_owner_leaves_who_joined_first_becomes_owner() -> None:
    """Somebody is always responsible, and everybody knows who."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, CIA, BO)
    world.accepted(LeaveConference(agent=ANNA, contact=contact, wrapup=FILED))

    assert participants(world, contact) == [(CIA, "owner"), (BO, "member")]
    assert world.load(ANNA) == 0


def test_a_member_leaves_without_a_change_of_owner() -> None:
    """Only its own part ends."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.accepted(LeaveConference(agent=BO, contact=contact))

    assert participants(world, contact) == [(ANNA, "owner")]
    assert world.leg(contact, BO).state == "wrapup"


def test_the_last_agent_cannot_leave_a_connected_customer() -> None:
    """It ends or transfers; a customer is not left alone."""
    world = a_team()
    contact = world.connect()

    assert world.refused(LeaveConference(agent=ANNA, contact=contact)) == RefusalCode.CONFLICT


def test_an_agent_may_come_back_while_it_owes_a_code_for_its_first_part() -> None:
    """Each part is a leg of its own, and each owes a code."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.accepted(LeaveConference(agent=BO, contact=contact))
    world.invite(ANNA, contact, BO)

    assert world.load(BO) == 2

    world.end(ANNA, contact, FILED)
    first, second = (leg for leg in world.contact(contact).legs if leg.agent == BO)
    world.accepted(FileWrapup(agent=BO, contact=contact, wrapup=FILED))

    assert (first.state, second.state) == ("wrapup", "wrapup")
    assert world.last(WrapupFiled).leg == first.serial

    world.accepted(FileWrapup(agent=BO, contact=contact, wrapup=FILED))

    assert world.contact(contact).state == "closed"


# -- end -------------------------------------------------------------------------------------------


def test_the_owner_ends_for_everyone_and_a_member_may_not() -> None:
    """One is responsible; a member can leave."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)

    assert world.refused(EndContact(agent=BO, contact=contact)) == RefusalCode.FORBIDDEN

    world.end(ANNA, contact)
    record = world.contact(contact)

    assert (record.state, record.ended_by, record.end_reason) == ("wrapup", "agent", "ended")
    assert [leg.state for leg in record.legs] == ["wrapup", "wrapup"]


def test_the_customer_may_end_at_any_time_and_only_wrapup_is_left() -> None:
    """`contact.end` then is the wrap-up when it carries one, else a conflict."""
    world = a_team()
    contact = world.connect()
    record = world.contact(contact)
    world.accepted(EndChat(customer=record.customer.id, conversation=record.conversation))

    assert world.contact(contact).ended_by == "customer"
    assert world.refused(EndContact(agent=ANNA, contact=contact)) == RefusalCode.CONFLICT

    world.end(ANNA, contact, FILED)

    assert world.contact(contact).state == "closed"
    assert world.leg(contact, ANNA).wrapup == FILED


def test_a_contact_is_closed_when_the_last_code_is_filed() -> None:
    """`wrapup` says that somebody still owes."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.end(ANNA, contact, FILED)

    assert world.contact(contact).state == "wrapup"

    world.accepted(FileWrapup(agent=BO, contact=contact, wrapup=FILED))

    assert world.contact(contact).state == "closed"


# -- wrap-up ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [CodeId("none"), CodeId(""), SOLD])
def test_a_code_must_exist_and_be_allowed_for_the_queue(code: CodeId) -> None:
    """Reports count codes: a wrong one is refused wherever it may be given, and nothing happens."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    wrong = Wrapup(code)
    commands = (
        EndContact(agent=ANNA, contact=contact, wrapup=wrong),
        LeaveConference(agent=BO, contact=contact, wrapup=wrong),
        TransferToAgent(agent=ANNA, contact=contact, target=CIA, wrapup=wrong),
    )

    assert [world.refusal(command).details["path"] for command in commands] == ["wrapup.code"] * 3

    world.accepted(LeaveConference(agent=BO, contact=contact))
    transfer = TransferToQueue(agent=ANNA, contact=contact, queue=SUPPORT, wrapup=wrong)

    assert world.refused(transfer) == RefusalCode.INVALID
    assert world.refusal(FileWrapup(agent=BO, contact=contact, wrapup=wrong)).details == {
        "path": "code"
    }


def test_a_code_is_owed_for_the_queue_the_leg_was_in() -> None:
    """The former owner handled a support chat, wherever it went afterwards."""
    world = World(an_agent(ANNA, SALES), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.connect(queue=SALES)
    world.give_back(ANNA, contact, SUPPORT)
    world.accepted(FileWrapup(agent=ANNA, contact=contact, wrapup=Wrapup(SOLD)))

    assert world.leg(contact, ANNA).wrapup == Wrapup(SOLD)


@pytest.mark.parametrize(("after_ms", "state"), [(-1, "wrapup"), (0, "done"), (1, "done")])
def test_the_timer_files_the_default_code(after_ms: int, state: str) -> None:
    """A forgotten code must not hold a slot for ever."""
    world = a_team(TIMED)
    contact = world.connect()
    world.end(ANNA, contact)

    assert world.last(AgentLeft).deadline_at_ms == world.now_ms + TIMED.wrapup_timeout_ms

    world.wait(TIMED.wrapup_timeout_ms + after_ms)

    assert world.leg(contact, ANNA).state == state
    assert world.load(ANNA) == int(state == "wrapup")
    if state == "done":
        assert world.leg(contact, ANNA).wrapup == Wrapup(RESOLVED)
        assert world.last(WrapupFiled).by_timer


def test_the_timer_files_the_default_code_of_the_queue_the_leg_was_in() -> None:
    """The contact may wait in another queue by then, one without a default code."""
    world = World(
        an_agent(ANNA),
        an_agent(BO, SALES),
        configuration=a_configuration(TIMED, Queue(id=SALES)),
    )
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.give_back(ANNA, contact, SALES)
    world.wait(TIMED.wrapup_timeout_ms)

    assert world.leg(contact, ANNA).wrapup == Wrapup(RESOLVED)
    assert world.agent(BO).presence.state == "rona", "only the time-out of its own offer fired"


@pytest.mark.parametrize("support", [None, Queue(id=SUPPORT)])
def test_the_timer_files_the_code_that_was_the_default_when_the_agent_left(
    support: Queue | None,
) -> None:
    """By then the queue may be removed, or have no default: a code must still be filed."""
    world = World(
        an_agent(ANNA),
        an_agent(BO, SALES),
        configuration=a_configuration(TIMED, Queue(id=SALES)),
    )
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.give_back(ANNA, contact, SALES)
    queues = [Queue(id=SALES)] if support is None else [support, Queue(id=SALES)]
    world.configure(an_agent(ANNA), an_agent(BO, SALES), configuration=a_configuration(*queues))
    world.wait(TIMED.wrapup_timeout_ms)

    assert world.leg(contact, ANNA).wrapup == Wrapup(RESOLVED)


def test_a_filed_code_stops_the_timer() -> None:
    """The agent's own code stands."""
    world = a_team(TIMED)
    contact = world.connect()
    world.end(ANNA, contact, FILED)
    world.wait(2 * TIMED.wrapup_timeout_ms)

    assert [event.by_timer for event in world.events(WrapupFiled)] == [False]


def test_without_a_timer_a_code_is_owed_for_ever() -> None:
    """0 means no timer, not at once."""
    world = a_team()
    contact = world.connect()
    world.end(ANNA, contact)
    world.wait(86_400_000)

    assert world.leg(contact, ANNA).state == "wrapup"


def test_a_code_is_filed_once() -> None:
    """The second finds nothing that owes one."""
    world = a_team()
    contact = world.connect()
    world.end(ANNA, contact, FILED)
    again = FileWrapup(agent=ANNA, contact=contact, wrapup=FILED)

    assert world.refused(again) == RefusalCode.CONFLICT


def test_no_code_is_taken_from_who_still_talks() -> None:
    """A part is wrapped up when it is over."""
    world = a_team()
    contact = world.connect()
    command = FileWrapup(agent=ANNA, contact=contact, wrapup=FILED)

    assert world.refused(command) == RefusalCode.CONFLICT


@pytest.mark.parametrize(("late_ms", "is_refused"), [(-1, False), (0, True), (1, True)])
def test_an_optional_code_may_be_filed_for_ten_minutes(late_ms: int, *, is_refused: bool) -> None:
    """The leg is done at once and holds no slot; the code is a courtesy."""
    world = a_team(OPTIONAL)
    contact = world.connect()
    world.end(ANNA, contact)

    assert world.leg(contact, ANNA).state == "done"
    assert world.contact(contact).state == "closed"
    assert world.load(ANNA) == 0

    world.wait(FILEABLE_MS + late_ms)
    command = FileWrapup(agent=ANNA, contact=contact, wrapup=FILED)

    assert isinstance(world.send(command), Refusal) == is_refused
    assert (world.leg(contact, ANNA).wrapup is None) == is_refused


def test_an_optional_code_may_be_filed_after_its_queue_is_gone() -> None:
    """A configuration that came between must not break the courtesy."""
    world = a_team(OPTIONAL, Queue(id=SALES))
    contact = world.connect()
    world.end(ANNA, contact)
    world.configure(an_agent(ANNA, SALES), configuration=a_configuration(Queue(id=SALES)))
    world.accepted(FileWrapup(agent=ANNA, contact=contact, wrapup=FILED))

    assert world.leg(contact, ANNA).wrapup == FILED


def test_an_optional_code_is_taken_with_the_end() -> None:
    """Given at once, it is filed at once, and only once."""
    world = a_team(OPTIONAL)
    contact = world.connect()
    world.end(ANNA, contact, FILED)
    again = FileWrapup(agent=ANNA, contact=contact, wrapup=FILED)

    assert world.leg(contact, ANNA).wrapup == FILED
    assert world.load(ANNA) == 0
    assert world.refused(again) == RefusalCode.CONFLICT


# -- an agent's connection lost --------------------------------------------------------------------


@pytest.mark.parametrize(("after_ms", "is_out"), [(-1, False), (0, True), (1, True)])
def test_past_the_grace_time_an_agent_is_offline_and_its_chat_is_queued_again(
    after_ms: int, *, is_out: bool
) -> None:
    """Nothing is owed for that leg: the agent did not leave, its network did."""
    world = World(an_agent(ANNA, capacity=1))
    world.sign_in(ANNA)
    contact, new = world.connect("kim"), world.chat("lee")
    world.leave_desk(ANNA)
    world.wait(POLICY.reconnect_grace_ms + after_ms)

    assert (world.agent(ANNA).presence.state == "offline") == is_out
    assert (world.contact(contact).state == "queued") == is_out

    world.come_back(ANNA)
    world.accepted(SetPresence(agent=ANNA, state="available"))

    assert world.load(ANNA) == 1
    assert world.offered_to(new) is None
    assert world.offered_to(contact) == (ANNA if is_out else None)
    assert world.contact(contact).legs[0].state == ("done" if is_out else "active")


def test_within_the_grace_time_reconnecting_restores_everything() -> None:
    """The state too: an agent that was available still is."""
    world = a_team(size=1)
    contact = world.connect()
    world.leave_desk(ANNA)
    world.wait(POLICY.reconnect_grace_ms - 1)
    world.come_back(ANNA)
    world.wait(POLICY.reconnect_grace_ms)

    assert world.agent(ANNA).presence.state == "available"
    assert participants(world, contact) == [(ANNA, "owner")]
    assert world.offered_to(world.chat("lee")) == ANNA


def test_a_lost_owner_is_followed_by_the_first_joined_connected_member() -> None:
    """Somebody who is there can answer the customer."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO, CIA)
    world.leave_desk(ANNA)
    world.wait(10)
    world.leave_desk(BO)
    world.wait(POLICY.reconnect_grace_ms - 10)

    assert participants(world, contact) == [(BO, "member"), (CIA, "owner")]
    assert world.leg(contact, ANNA).state == "done"
    assert world.leg(contact, ANNA).fileable_until_ms is None


def test_a_lost_owners_request_is_rescinded() -> None:
    """It stopped being owner; the target is not blamed."""
    world = a_team()
    contact = world.connect()
    world.leave_desk(ANNA)
    world.wait(POLICY.reconnect_grace_ms - 5_000)
    world.hand_over(ANNA, contact, BO)
    world.wait(5_000)

    assert world.last(OfferClosed).reason == "owner_changed"
    assert world.agent(BO).presence.state == "available"


def test_a_lost_member_has_left_and_owes_nothing() -> None:
    """The others go on."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    world.leave_desk(BO)
    world.wait(POLICY.reconnect_grace_ms)

    assert participants(world, contact) == [(ANNA, "owner")]
    assert world.leg(contact, BO).state == "done"
    assert world.load(BO) == 0
    assert notices(world)[-1] == "participant.left"


def test_wrapup_owed_stays_owed_while_its_agent_is_lost() -> None:
    """Its timer runs, and its slot stays taken until then."""
    world = a_team(TIMED, size=1)
    contact = world.connect()
    world.end(ANNA, contact)
    world.leave_desk(ANNA)
    world.wait(POLICY.reconnect_grace_ms)

    assert world.agent(ANNA).presence.state == "offline"
    assert world.leg(contact, ANNA).state == "wrapup"

    world.wait(TIMED.wrapup_timeout_ms)

    assert world.leg(contact, ANNA).state == "done"


@pytest.mark.parametrize("gone", [(ANNA,), (ANNA, BO), (BO, ANNA), (ANNA, BO, CIA), (BO, CIA)])
def test_agents_removed_together_leave_a_conference_together(gone: tuple[AgentId, ...]) -> None:
    """None of them is promoted on the way out, and the customer is never left alone."""
    agents = {name: an_agent(name) for name in (ANNA, BO, CIA)}
    world = World(*agents.values())
    world.sign_in(*agents)
    contact = world.connect()
    world.invite(ANNA, contact, BO, CIA)
    stay: list[Agent] = [agents[name] for name in agents if name not in gone]
    world.configure(*stay, configuration=a_configuration())
    owner = next((agent.id for agent in stay), None)

    assert world.contact(contact).owner == owner
    assert world.contact(contact).state == ("connected" if stay else "queued")
    assert all(world.leg(contact, name).state == "done" for name in gone)


def test_who_asks_and_who_is_asked_may_be_removed_together() -> None:
    """One request is closed once, and its slot freed once."""
    world = a_team()
    contact = world.connect()
    world.hand_over(ANNA, contact, BO)
    world.configure(an_agent(CIA), configuration=a_configuration())

    assert [event.outcome for event in world.events(OfferClosed)] == ["accepted", "rescinded"]
    assert world.offered_to(contact) == CIA
    assert world.load(BO) == 0


def test_everyone_who_joins_is_the_next_in_order() -> None:
    """Serials order the legs, so `who joined first` is never a tie."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, CIA, BO)
    serials = [event.serial for event in world.events(AgentJoined)]

    assert serials == sorted(set(serials))


def test_a_transfer_to_a_removed_queue_is_not_found() -> None:
    """A removed queue takes no new contacts, those handed to it either."""
    world = a_team()
    contact = world.connect()
    for queue in (QueueId("none"), SALES):
        if queue == SALES:
            world.configure(
                *(an_agent(name) for name in (ANNA, BO, CIA, DAN)),
                configuration=a_configuration(Queue(id=SUPPORT)),
            )
        command = TransferToQueue(agent=ANNA, contact=contact, queue=queue, force=True)

        assert world.refused(command) == RefusalCode.NOT_FOUND


# -- who may ask -----------------------------------------------------------------------------------


def test_a_member_may_neither_hand_over_nor_invite_nor_remove() -> None:
    """One is responsible for who talks to the customer."""
    world = a_team()
    contact = world.connect()
    world.invite(ANNA, contact, BO)
    commands = (
        TransferToQueue(agent=BO, contact=contact, queue=SUPPORT),
        TransferToAgent(agent=BO, contact=contact, target=CIA),
        Conference(agent=BO, contact=contact, target=CIA),
        RemoveFromConference(agent=BO, contact=contact, target=ANNA),
    )

    assert [world.refused(command) for command in commands] == [RefusalCode.FORBIDDEN] * 4


def test_who_has_no_part_in_a_contact_finds_nothing_to_hand_on() -> None:
    """To others the contact does not exist; to who left it, it is over."""
    world = a_team()
    contact = world.connect()

    def commands(agent: AgentId) -> tuple[AnyCommand, ...]:
        return (
            TransferToQueue(agent=agent, contact=contact, queue=SUPPORT),
            TransferToAgent(agent=agent, contact=contact, target=CIA),
            Conference(agent=agent, contact=contact, target=CIA),
            RemoveFromConference(agent=agent, contact=contact, target=ANNA),
            LeaveConference(agent=agent, contact=contact),
            EndContact(agent=agent, contact=contact),
        )

    assert [world.refused(command) for command in commands(BO)] == [RefusalCode.NOT_FOUND] * 6
    assert (
        world.refused(FileWrapup(agent=BO, contact=contact, wrapup=FILED)) == RefusalCode.NOT_FOUND
    )

    world.end(ANNA, contact)

    assert [world.refused(command) for command in commands(ANNA)] == [RefusalCode.CONFLICT] * 6


def test_a_target_that_is_not_configured_is_not_found() -> None:
    """Removed agents keep a record, but nobody can ask them."""
    world = World(an_agent(ANNA), an_agent(BO))
    world.sign_in(ANNA, BO)
    contact = world.connect()
    world.configure(an_agent(ANNA), configuration=a_configuration())
    for target in (BO, AgentId("nobody")):
        command = Conference(agent=ANNA, contact=contact, target=target)

        assert world.refused(command) == RefusalCode.NOT_FOUND


def test_only_a_request_can_be_canceled() -> None:
    """An offer of the router is nobody's to take back; an unknown one is not found."""
    world = a_team()
    contact = world.chat()
    offer = world.offer(contact).id

    assert world.refused(CancelOffer(agent=ANNA, offer=offer)) == RefusalCode.FORBIDDEN
    assert world.refused(CancelOffer(agent=ANNA, offer=OfferId("none"))) == RefusalCode.NOT_FOUND

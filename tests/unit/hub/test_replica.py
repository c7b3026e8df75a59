"""Proves that the replica's lookups follow from its records, and that cold records leave it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from presence import State
from queues import Pace
from router.hub import shapes
from router.hub.replica import Overlay, Replica
from router.kernel.configuration import Queue
from router.kernel.ids import AgentId, ContactId, CustomerId, OfferId, QueueId
from router.kernel.keeping import is_hot
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ConfigurationRecord,
    ContactRecord,
    ContactState,
    ConversationRecord,
    CustomerRecord,
    Leg,
    LegState,
    OfferOutcome,
    OfferRecord,
    QueueRecord,
)
from router.shard.engine import Entry, Position
from tests.support.builders import (
    ANNA,
    BO,
    CARL,
    CHAT,
    KIM,
    OFFER,
    SHOP,
    SUPPORT,
    TALK,
    a_configuration,
    a_contact,
    a_conversation,
    a_customer,
    a_leg,
    an_agent,
    an_offer,
)
from tests.unit.hub.stage import AT_MS, Stage, loaded


def ids(parts: Sequence[shapes.QueueStanding] | Sequence[shapes.Agent]) -> list[str]:
    """The ids of wire objects."""
    return [part.id for part in parts]


def test_a_change_holds_the_former_versions() -> None:
    """The translator tells what is different, so it needs both."""
    stage = Stage(an_agent(load=0))
    change = stage.apply(records=[an_agent(load=1), an_agent(BO)])

    assert change.former == {(AgentRecord, ANNA): an_agent(load=0), (AgentRecord, BO): None}
    assert stage.replica.find(AgentRecord, ANNA) == an_agent(load=1)


def test_an_entry_that_came_before_is_a_bug() -> None:
    """Applying it would take records back in time."""
    replica = Replica(loaded())

    with pytest.raises(AssertionError):
        replica.apply(Entry(position=Position(0), at_ms=AT_MS))


def test_a_cold_record_stays_until_the_next_entry() -> None:
    """The entry that closes a contact still has to be told."""
    stage = Stage(a_contact(a_leg()))
    closed = a_contact(a_leg(state="done"), state="closed")
    stage.apply(records=[closed])
    at_once = stage.replica.find(ContactRecord, CHAT)
    stage.apply()

    assert at_once == closed
    assert stage.replica.find(ContactRecord, CHAT) is None


def test_a_record_that_is_hot_again_stays() -> None:
    """A customer who comes back in the next entry must not be let go of."""
    stage = Stage()
    gone = replace(a_customer(connected=False), contact=None)
    stage.apply(records=[gone])
    stage.apply(records=[a_customer()])
    stage.apply()

    assert stage.replica.find(CustomerRecord, KIM) == a_customer()


def test_an_agents_contacts_are_those_with_something_left_to_do() -> None:
    """The snapshot shows them all, whether the agent talks or owes a code."""
    stage = Stage(a_contact(a_leg(ANNA), a_leg(BO, role="member", serial=2)))
    talking = stage.replica.contacts_of(BO)
    owed = a_contact(a_leg(ANNA), a_leg(BO, role="member", state="wrapup", serial=2))
    stage.apply(records=[owed])
    owing = stage.replica.contacts_of(BO)
    stage.apply(records=[a_contact(a_leg(ANNA), a_leg(BO, state="done", serial=2))])

    assert len(talking) == 1
    assert owing == [owed]
    assert stage.replica.contacts_of(BO) == []
    assert [contact.id for contact in stage.replica.contacts_of(ANNA)] == [CHAT]


def test_an_agents_contacts_are_told_oldest_first() -> None:
    """A desktop keeps its order over reconnects."""
    young = replace(a_contact(a_leg(), contact=ContactId("a")), created_at_ms=2)
    old = replace(a_contact(a_leg(), contact=ContactId("b")), created_at_ms=1)

    assert Stage(young, old).replica.contacts_of(ANNA) == [old, young]


def test_pending_offers_are_an_agents_until_they_close() -> None:
    """The snapshot shows them, and a closed one must not come back with a reconnect."""
    later = replace(an_offer(offer=OfferId("later")), serial=2)
    stage = Stage(later, an_offer())
    before = stage.replica.offers_of(ANNA)
    stage.apply(records=[replace(an_offer(), outcome="declined")])

    assert before == [an_offer(), later]
    assert stage.replica.offers_of(ANNA) == [later]
    assert stage.replica.offers_of(BO) == []


def test_a_customers_live_contact_is_the_one_its_record_names() -> None:
    """One customer has one live contact and perhaps others being wrapped up."""
    owed = a_contact(a_leg(state="wrapup"), contact=ContactId("owed"), state="wrapup")
    stage = Stage(a_customer(), a_contact(a_leg()), owed)
    over = replace(a_customer(), contact=None)
    live = stage.replica.live_contact(KIM)
    held = {contact.id for contact in stage.replica.contacts_by(KIM)}
    stage.apply(records=[over])

    assert live == a_contact(a_leg())
    assert held == {CHAT, "owed"}
    assert stage.replica.live_contact(KIM) is None
    assert stage.replica.live_contact(CustomerId("stranger")) is None


def test_a_contact_follows_its_customer() -> None:
    """An anonymous customer's contact passes to the identified one."""
    stage = Stage(a_contact(a_leg()))
    passed = a_contact(a_leg(), customer=CustomerId("lee"))
    stage.apply(records=[passed])

    assert stage.replica.contacts_by(KIM) == []
    assert stage.replica.contacts_by(CustomerId("lee")) == [passed]


def test_the_configuration_is_found_by_id() -> None:
    """Handlers check what clients name against it, at every command."""
    stage = Stage(a_configuration())

    assert stage.replica.entry_points[SHOP].queue == SUPPORT
    assert stage.replica.queues[SUPPORT].name == "Support"
    assert list(stage.replica.wrapup_codes) == ["resolved"]
    assert list(stage.replica.templates) == ["hello"]
    assert stage.replica.queue_name(SUPPORT) == "Support"
    assert stage.replica.queue_name(QueueId("gone")) == "gone"


def test_the_directory_of_queues_counts_who_waits_and_who_is_available() -> None:
    """An agent decides by it where to transfer to; offered contacts have no agent yet."""
    pace = QueueRecord(id=SUPPORT, pace=Pace(handled_ms=(60_000, 60_000, 60_000)))
    stage = Stage(
        a_configuration(),
        pace,
        an_agent(ANNA, capacity=2, load=2),
        an_agent(BO, state="idle"),
        an_agent(CARL, connected=False, capacity=1),
        an_agent(AgentId("gone"), removed=True),
        a_contact(contact=ContactId("first"), state="offered"),
        a_contact(contact=ContactId("second"), state="queued"),
        a_contact(a_leg()),
    )

    assert stage.replica.directory_queues() == (
        shapes.QueueStanding(
            id=SUPPORT,
            name="Support",
            waiting=2,
            available_agents=1,
            estimated_wait_ms=60_000,
        ),
    )


def test_the_directory_of_queues_searches_names_and_ids() -> None:
    """People type a part of either, in any case."""
    sales = Queue(id=QueueId("q2"), name="Sales")
    stage = Stage(a_configuration(Queue(id=SUPPORT, name="Support"), sales))

    assert ids(stage.replica.directory_queues("SAL")) == ["q2"]
    assert ids(stage.replica.directory_queues("Q2")) == ["q2"]
    assert ids(stage.replica.directory_queues()) == [SUPPORT, "q2"]
    assert ids(stage.replica.directory_queues("x")) == []


def test_a_removed_queue_stays_in_the_directory_until_it_is_empty() -> None:
    """Its contacts are still served, so it is still somewhere; a code that is owed is no end."""
    record = ConfigurationRecord(retired=(Queue(id=SUPPORT, name="Support"),))
    stage = Stage(record, a_contact(state="wrapup"))
    held = ids(stage.replica.directory_queues())
    stage.apply(records=[a_contact(state="closed")])

    assert held == [SUPPORT]
    assert ids(stage.replica.directory_queues()) == []
    assert ids(Stage(record).replica.directory_queues()) == []


def test_who_can_take_an_offer_now_leads_the_directory_of_agents() -> None:
    """A transfer to anybody else would be refused."""
    stage = Stage(
        an_agent(ANNA, state="idle"),
        an_agent(BO, load=3),
        an_agent(CARL),
        an_agent(AgentId("gone"), removed=True),
    )

    assert ids(stage.replica.directory_agents()) == [CARL, ANNA, BO]
    assert ids(stage.replica.directory_agents("ek")) == [ANNA]


def test_the_directory_of_agents_follows_names() -> None:
    """An agent that was renamed or removed must not be listed under its former name."""
    stage = Stage(an_agent(ANNA), an_agent(BO))
    renamed = an_agent(ANNA)
    stage.apply(
        records=[
            replace(renamed, profile=replace(renamed.profile, name="Zoe")),
            an_agent(BO, removed=True),
        ]
    )

    assert ids(stage.replica.directory_agents()) == [ANNA]
    assert ids(stage.replica.directory_agents("ek")) == []


def test_an_overlay_shows_other_versions_and_hides_missing_ones() -> None:
    """The state before an entry is the state after it, but for what it changed."""
    stage = Stage(a_configuration(), an_agent(ANNA), a_customer(), a_conversation())
    over = Overlay(
        stage.replica, {(AgentRecord, ANNA): an_agent(load=1), (CustomerRecord, KIM): None}
    )

    assert over.find(AgentRecord, ANNA) == an_agent(load=1)
    assert over.find(CustomerRecord, KIM) is None
    assert over.find(ConversationRecord, TALK) == a_conversation()
    assert over.find(OfferRecord, OFFER) is None
    assert over.queue_name(SUPPORT) == "Support"


def contact_named(name: str, state: ContactState, legs: list[Leg]) -> ContactRecord:
    """A contact in some state; in a closed one every leg is done."""
    kept = [leg for leg in legs if state != "closed" or leg.state == "done"]
    return a_contact(*kept, contact=ContactId(name), state=state)


def offer_named(name: str, agent: AgentId, outcome: OfferOutcome | None) -> OfferRecord:
    """An offer to an agent, pending or closed; no two have the same serial."""
    offer = an_offer(agent, offer=OfferId(f"{agent}-{name}"))
    return replace(offer, outcome=outcome, serial=ord(name))


def leg_of(agent: AgentId, state: LegState) -> Leg:
    """An agent's part in a contact."""
    return a_leg(agent, state=state)


agents = st.sampled_from([ANNA, BO])
names = st.sampled_from(["a", "b"])
leg_states: st.SearchStrategy[LegState] = st.sampled_from(["active", "wrapup", "done"])
contact_states: st.SearchStrategy[ContactState] = st.sampled_from(
    ["queued", "offered", "connected", "wrapup", "closed"]
)
outcomes: st.SearchStrategy[OfferOutcome | None] = st.sampled_from([None, "rona"])
presences: st.SearchStrategy[State] = st.sampled_from(["available", "idle"])
legs = st.lists(st.builds(leg_of, agents, leg_states), max_size=3)
records: st.SearchStrategy[AnyRecord] = st.one_of(
    st.builds(contact_named, names, contact_states, legs),
    st.builds(offer_named, names, agents, outcomes),
    st.builds(an_agent, agents, state=presences, connected=st.booleans(), removed=st.booleans()),
)


def name_of(record: AnyRecord) -> tuple[type[AnyRecord], str]:
    """What tells records apart."""
    return (type(record), record.id)


entries_of_records = st.lists(st.lists(records, max_size=3, unique_by=name_of), max_size=8)


@given(entries_of_records)
def test_following_entries_ends_where_loading_does(entries: list[list[AnyRecord]]) -> None:
    """A hub that followed for a week must show the same as one that started now."""
    stage = Stage(a_configuration())
    for entry in entries:
        stage.apply(records=entry)
    stage.apply()
    final = {name_of(record): record for entry in entries for record in entry}
    hot = [record for record in final.values() if is_hot(record)]
    fresh = Replica(loaded(a_configuration(), *hot))

    for agent in (ANNA, BO):
        assert stage.replica.contacts_of(agent) == fresh.contacts_of(agent)
        assert stage.replica.offers_of(agent) == fresh.offers_of(agent)
    assert stage.replica.directory_agents() == fresh.directory_agents()
    assert stage.replica.directory_queues() == fresh.directory_queues()
    by_id = {contact.id: contact for contact in stage.replica.contacts_by(KIM)}
    assert by_id == {contact.id: contact for contact in fresh.contacts_by(KIM)}

"""The shard's metrics say what the committed history says."""

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY

from router.kernel.configuration import Queue
from router.kernel.ids import AgentId, CodeId, QueueId
from router.kernel.messages import (
    ContactOpened,
    ContactRevealed,
    ContactTransferred,
    MessageWritten,
    OfferClosed,
    WrapupFiled,
)
from router.kernel.model import AnyRecord, ContactRecord, OfferOutcome, Wrapup
from router.shard.engine import Entry, Position
from router.shard.metrics import Observer
from tests.conformance.samples import sealed_records
from tests.support.builders import (
    ANNA,
    CHAT,
    OFFER,
    a_configuration,
    a_contact,
    a_leg,
    a_message,
    an_agent,
    an_offer,
)

WAITING: ContactRecord = a_contact(state="queued")
TENANT = "main"


def value(name: str, **labels: str) -> float:
    """A sample as it would be scraped now; 0 when there is none."""
    return REGISTRY.get_sample_value(name, {"tenant": TENANT, **labels}) or 0.0


def an_entry(*records: AnyRecord, at_ms: int = 5_000) -> Entry:
    """A step that changed these records."""
    return Entry(position=Position(1), at_ms=at_ms, records=records)


class Clock:
    """A clock that the test moves."""

    def __init__(self, now_ms: int) -> None:
        """Show a time."""
        self.now_ms = now_ms

    def read(self) -> int:
        """The time shown."""
        return self.now_ms


def test_waiting_and_talking_contacts_are_counted() -> None:
    """A board shows how many wait now, offered ones too."""
    observer = Observer(lambda: 0, tenant=TENANT)
    observer.observe(an_entry(WAITING))
    waiting = value("frontdesk_contacts_waiting", queue="support")
    observer.observe(an_entry(replace(WAITING, state="offered")))
    offered = value("frontdesk_contacts_waiting", queue="support")
    observer.observe(an_entry(a_contact(a_leg())))
    talking = value("frontdesk_contacts_active", queue="support")
    observer.clear()

    assert (waiting, offered, talking) == (1, 1, 1)
    assert value("frontdesk_contacts_waiting", queue="support") == 0
    assert value("frontdesk_contacts_active", queue="support") == 0


def test_the_oldest_wait_grows_while_nothing_happens() -> None:
    """A silent router with somebody waiting is what an alert is for."""
    clock = Clock(1_000)
    observer = Observer(clock.read, tenant=TENANT)
    observer.reset([a_configuration(), WAITING])
    first = value("frontdesk_oldest_wait_seconds", queue="support")
    clock.now_ms = 31_000
    later = value("frontdesk_oldest_wait_seconds", queue="support")
    observer.clear()

    assert (first, later) == (0, 30)
    assert value("frontdesk_oldest_wait_seconds", queue="support") == 0


def test_another_writer_takes_its_contacts_and_agents_out_of_the_gauges() -> None:
    """Two processes must not both count the same people."""
    observer = Observer(lambda: 0, tenant=TENANT)
    before = value("frontdesk_agents", state="available")
    observer.reset([WAITING, an_agent(), an_agent(removed=True)])
    observer.reset([WAITING, an_agent()])
    during = value("frontdesk_agents", state="available")
    observer.clear()

    assert during == before + 1
    assert value("frontdesk_agents", state="available") == before


def test_an_answer_and_an_end_are_timed() -> None:
    """Service level and handling time come from these two."""
    observer = Observer(lambda: 0, tenant=TENANT)
    answered = "frontdesk_wait_seconds_sum"
    before = value(answered, queue="support", outcome="answered")
    handled = value("frontdesk_handle_seconds_sum", queue="support")
    ended = value("frontdesk_contacts_ended_total", queue="support", ended_by="agent")
    talking = replace(a_contact(a_leg()), connected_at_ms=5_000)
    over = replace(
        talking, state="wrapup", ended_at_ms=65_000, ended_by="agent", end_reason="ended"
    )
    observer.observe(an_entry(WAITING))
    observer.observe(an_entry(talking, at_ms=5_000))
    observer.observe(an_entry(over, at_ms=65_000))
    observer.observe(an_entry(replace(over, state="closed"), at_ms=70_000))

    waited = value(answered, queue="support", outcome="answered") - before
    assert waited == pytest.approx(4)
    assert value("frontdesk_handle_seconds_sum", queue="support") - handled == pytest.approx(60)
    name = "frontdesk_contacts_ended_total"
    assert value(name, queue="support", ended_by="agent") - ended == 1


def test_giving_up_is_timed_until_the_customer_was_gone() -> None:
    """The grace time after a lost connection is not waiting."""
    observer = Observer(lambda: 0, tenant=TENANT)
    name = "frontdesk_wait_seconds_sum"
    before = value(name, queue="support", outcome="abandoned")
    gone = replace(
        WAITING, state="closed", ended_at_ms=9_000, ended_by="customer", end_reason="abandoned"
    )
    observer.observe(an_entry(WAITING))
    observer.observe(an_entry(gone, at_ms=39_000))

    assert value(name, queue="support", outcome="abandoned") - before == 8
    assert value("frontdesk_contacts_waiting", queue="support") == 0


@pytest.mark.parametrize("outcome", ["accepted", "declined", "rona"])
def test_offers_are_counted_and_timed_by_outcome(outcome: OfferOutcome) -> None:
    """How quickly agents answer, and how often they do not."""
    observer = Observer(lambda: 0, tenant=TENANT)
    labels = {"queue": "support", "kind": "conference", "outcome": outcome}
    counted = value("frontdesk_offers_total", **labels)
    timed = value("frontdesk_offer_answer_seconds_sum", outcome=outcome)
    joined = value("frontdesk_conferences_total")
    event = OfferClosed(offer=OFFER, contact=CHAT, agent=ANNA, outcome=outcome)
    entry = an_entry(an_offer(kind="conference"), at_ms=4_000)
    observer.observe(replace(entry, events=(event,)))

    assert value("frontdesk_offers_total", **labels) - counted == 1
    assert value("frontdesk_offer_answer_seconds_sum", outcome=outcome) - timed == 3
    assert value("frontdesk_conferences_total") - joined == (outcome == "accepted")


def test_messages_transfers_and_wrapups_are_counted() -> None:
    """They follow from events, so they cannot disagree with history."""
    observer = Observer(lambda: 0, tenant=TENANT)
    names = (
        ("frontdesk_messages_total", {"role": "customer"}),
        ("frontdesk_transfers_total", {"to": "queue"}),
        ("frontdesk_wrapup_seconds_sum", {"queue": "support"}),
        ("frontdesk_reveals_total", {"field": "phone"}),
    )
    before = [value(name, **labels) for name, labels in names]
    filed = WrapupFiled(contact=CHAT, agent=ANNA, leg=1, wrapup=Wrapup(CodeId("resolved")))
    *_, reveal, _ = sealed_records()
    entry = an_entry(a_contact(a_leg(state="wrapup", left_at_ms=2_000)), at_ms=9_000)
    observer.observe(
        replace(
            entry,
            events=(
                MessageWritten(message=a_message()),
                ContactTransferred(contact=CHAT, agent=ANNA, to="queue"),
                filed,
                ContactRevealed(reveal=reveal),
            ),
        )
    )
    after = [value(name, **labels) for name, labels in names]
    observer.clear()

    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 7, 1]


def test_unmatched_time_is_0_unless_somebody_could_be_served() -> None:
    """It is the one number that must never move: the router's own promise."""
    clock = Clock(1_000)
    observer = Observer(clock.read, tenant=TENANT)
    observer.unmatched(QueueId("support"))
    clock.now_ms = 3_500
    observer.unmatched(QueueId("support"))
    during = value("frontdesk_unmatched_seconds", queue="support")
    observer.unmatched(None)

    assert during == 2.5
    assert value("frontdesk_unmatched_seconds", queue="support") == 0


def test_waits_are_counted_by_the_queues_service_level() -> None:
    """Both service levels are read from this: with those who gave up, and without."""
    observer = Observer(lambda: 0, tenant=TENANT)
    observer.reset([a_configuration(Queue(id=QueueId("support"), service_level_ms=5_000))])
    outcomes = ("answered_in_time", "answered_late", "abandoned_in_time", "abandoned_late")
    name = "frontdesk_service_level_total"
    before = [value(name, queue="support", outcome=outcome) for outcome in outcomes]
    for waited_ms in (5_000, 5_001):
        queued = replace(WAITING, queued_at_ms=0)
        observer.observe(an_entry(queued, at_ms=0))
        observer.observe(an_entry(a_contact(a_leg()), at_ms=waited_ms))
        observer.observe(an_entry(replace(queued, state="closed")))
        gone = replace(
            queued,
            state="closed",
            ended_at_ms=waited_ms,
            ended_by="customer",
            end_reason="abandoned",
        )
        observer.observe(an_entry(queued))
        observer.observe(an_entry(gone))
    after = [value(name, queue="support", outcome=outcome) for outcome in outcomes]
    observer.clear()

    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 1, 1]


def test_slots_are_those_held_and_those_that_could_be_taken() -> None:
    """Whoever takes three chats at once and has one is busy to a third, not wholly."""
    observer = Observer(lambda: 0, tenant=TENANT)
    before = [value("frontdesk_slots", state=state) for state in ("held", "free")]
    observer.reset([an_agent(load=1, capacity=3), an_agent(AgentId("bo"), state="idle", load=1)])
    during = [value("frontdesk_slots", state=state) for state in ("held", "free")]
    observer.clear()

    assert [new - old for old, new in zip(before, during, strict=True)] == [2, 2]
    assert [value("frontdesk_slots", state=state) for state in ("held", "free")] == before


def test_a_contact_is_counted_when_it_begins() -> None:
    """What came in, whatever became of it."""
    observer = Observer(lambda: 0, tenant=TENANT)
    before = value("frontdesk_contacts_opened_total", queue="support")
    entry = Entry(
        position=Position(1), at_ms=0, events=(ContactOpened(contact=WAITING),), records=(WAITING,)
    )
    observer.observe(entry)
    observer.clear()

    assert value("frontdesk_contacts_opened_total", queue="support") == before + 1

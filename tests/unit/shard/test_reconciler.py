"""What the writer looks over while it serves: it finds what is broken and disturbs nothing."""

from time import process_time

from msgspec.structs import replace
from prometheus_client import REGISTRY

from router.kernel.ids import AgentId, ContactId
from router.kernel.state import State
from router.shard.reconciler import RECORDS_AT_ONCE, Reconciler
from tests.support.builders import ANNA, a_configuration, a_contact, a_leg, an_agent, an_offer


def value(name: str, kind: str) -> float:
    """A count as it would be scraped now."""
    return REGISTRY.get_sample_value(name, {"kind": kind}) or 0.0


def found(state: State, looks: int = 1) -> dict[str, float]:
    """What new is found in a state, by kind."""
    kinds = ("contact", "agent", "offer", "line")
    before = [value("frontdesk_reconciler_found_total", kind) for kind in kinds]
    reconciler = Reconciler("shop")
    for _ in range(looks):
        reconciler.look(state)
    after = [value("frontdesk_reconciler_found_total", kind) for kind in kinds]
    return {
        kind: new - old for kind, old, new in zip(kinds, before, after, strict=True) if new != old
    }


def test_what_is_in_order_is_not_reported() -> None:
    """An alert stands on this number: whatever it counts wakes somebody up."""
    state = State([a_configuration(), an_agent(load=1), a_contact(a_leg())])

    assert found(state) == {}
    assert value("frontdesk_reconciled_total", "contact") > 0


def test_what_is_broken_is_counted_by_its_kind() -> None:
    """It says where to look: an agent's slots, a contact's owner, an offer without a contact."""
    ownerless = replace(a_contact(a_leg()), owner=None)
    idler = an_agent(load=3)
    stray = an_offer()

    assert found(State([a_configuration(), idler, ownerless, stray])) == {
        "contact": 1,
        "agent": 1,
        "offer": 1,
    }


def test_each_record_has_its_turn_and_no_look_is_long() -> None:
    """Ten thousand contacts must not hold up the messages of one of them."""
    number = RECORDS_AT_ONCE * 20
    contacts = [
        replace(a_contact(replace(a_leg(), agent=AgentId(f"a{i}"))), id=ContactId(f"c{i}"))
        for i in range(number)
    ]
    broken = [replace(each, owner=ANNA) for each in contacts]
    state = State([a_configuration(), *broken])
    few = State([a_configuration(), *broken[:RECORDS_AT_ONCE]])

    assert found(state, looks=19)["contact"] == RECORDS_AT_ONCE * 19
    assert found(state, looks=20)["contact"] == number
    assert _seconds(state) < 10 * _seconds(few)


def _seconds(state: State) -> float:
    reconciler = Reconciler("shop")
    reconciler.look(state)  # which names everything first
    started = process_time()
    for _ in range(10):
        reconciler.look(state)
    return process_time() - started

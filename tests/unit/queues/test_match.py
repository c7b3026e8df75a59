"""What the floor answers, one rule at a time, and what a step costs."""

import pytest

from queues import Demand, Floor, Pair, Rank, Readiness, Strategy, Supply, Why
from tests.unit.queues.world import AgentId, ContactId

ANNA, BO = AgentId("anna"), AgentId("bo")
FIRST, SECOND = ContactId("first"), ContactId("second")
SALES = Demand("sales", ())
SERVES_SALES = Supply(frozenset({"sales"}), ())


def sales(strategy: Strategy = "longest_available") -> Floor[ContactId, AgentId]:
    """A floor with one queue."""
    floor = Floor[ContactId, AgentId]()
    floor.set_queue("sales", strategy)
    return floor


def place(serial: int, priority: int = 0, *, returned: bool = False) -> Rank:
    """A place by arrival."""
    return Rank(-priority, 0 if returned else 1, serial * 1000, serial)


@pytest.mark.parametrize(
    ("strategy", "agent", "why"),
    [
        ("longest_available", ANNA, (("longest_available", 50),)),
        ("least_loaded", ANNA, (("least_loaded", 0),)),
        ("round_robin", BO, (("round_robin", 3),)),
        ("best_skilled", BO, (("best_skilled", 5),)),
    ],
)
def test_each_strategy_picks_by_its_own_value_and_says_so(
    strategy: Strategy, agent: AgentId, why: Why
) -> None:
    """Whoever asks why an agent was chosen gets the value that won, not only a name."""
    floor = sales(strategy)
    floor.ready(ANNA, Supply(frozenset({"sales"}), (("tax", 1),)), Readiness(0, 50), {"sales": 4})
    floor.ready(BO, Supply(frozenset({"sales"}), (("tax", 5),)), Readiness(1, 20), {"sales": 3})
    floor.wait(FIRST, Demand("sales", (("tax", 1),)), place(1))

    assert floor.next_pair(0) == Pair(FIRST, agent, why)


def test_a_pair_says_that_the_contact_was_returned_and_had_priority() -> None:
    """They explain why this contact came before those who had waited longer."""
    floor = sales()
    floor.ready(ANNA, SERVES_SALES, Readiness(0, 7), {})
    floor.wait(FIRST, SALES, place(1))
    floor.wait(SECOND, SALES, place(2, priority=2, returned=True))

    why = (("longest_available", 7), ("returned", None), ("priority", 2))
    assert floor.next_pair(0) == Pair(SECOND, ANNA, why)


@pytest.mark.parametrize(("now_ms", "contact"), [(4999, SECOND), (5000, FIRST), (5001, FIRST)])
def test_a_declined_contact_is_passed_over_until_its_pause_runs_out(
    now_ms: int, contact: ContactId
) -> None:
    """Those behind it are offered meanwhile; the end of the pause is exclusive."""
    floor = sales()
    floor.ready(ANNA, SERVES_SALES, Readiness(0, 0), {})
    floor.wait(FIRST, SALES, place(1), ((ANNA, 5000),))
    floor.wait(SECOND, SALES, place(2))

    pair = floor.next_pair(now_ms)
    assert pair is not None
    assert pair.contact == contact
    assert (("only_decliner", None) in pair.why) == (contact == FIRST)


def test_a_decliner_comes_after_everybody_else() -> None:
    """It said no once: somebody with more work in hand is asked first."""
    floor = sales()
    floor.ready(ANNA, SERVES_SALES, Readiness(0, 0), {})
    floor.ready(BO, SERVES_SALES, Readiness(2, 9000), {})
    floor.wait(FIRST, SALES, place(1), ((ANNA, 100),))

    pair = floor.next_pair(9000)
    assert pair is not None
    assert pair.agent == BO


def test_a_tie_goes_to_the_smaller_agent_id() -> None:
    """Every order is total, so that two machines choose alike."""
    floor = sales()
    floor.ready(BO, SERVES_SALES, Readiness(0, 5), {})
    floor.ready(ANNA, SERVES_SALES, Readiness(0, 5), {})
    floor.wait(FIRST, SALES, place(1))

    pair = floor.next_pair(0)
    assert pair is not None
    assert pair.agent == ANNA


def test_a_dropped_queue_leaves_nothing_behind() -> None:
    """Agents may name it still; set again, it starts as it would have at first."""
    floor = sales("round_robin")
    floor.ready(ANNA, SERVES_SALES, Readiness(0, 5), {"sales": 8})
    floor.wait(FIRST, SALES, place(1))
    floor.stop_waiting(FIRST)
    floor.drop_queue("sales")
    floor.set_queue("sales", "least_loaded")
    floor.wait(FIRST, SALES, place(1))

    assert floor.next_pair(0) == Pair(FIRST, ANNA, (("least_loaded", 0),))


@pytest.mark.parametrize(
    ("other", "strategy"),
    [("longest_available", "least_loaded"), ("least_loaded", "longest_available")],
)
def test_a_strategy_changes_while_agents_of_several_supplies_are_free(
    other: Strategy, strategy: Strategy
) -> None:
    """What is left of the old order may look like the new one: that must not matter."""
    floor = sales(other)
    floor.ready(ANNA, SERVES_SALES, Readiness(0, 5), {})
    floor.ready(BO, Supply(frozenset({"sales", "support"}), ()), Readiness(0, 1), {})
    floor.wait(FIRST, SALES, place(1))
    floor.set_queue("sales", strategy)
    pair = floor.next_pair(0)

    assert pair is not None
    assert (pair.contact, pair.agent) == (FIRST, BO)


class CountedId(str):
    """A name that counts how often it is looked up or compared."""

    __slots__ = ()
    touched = 0

    def __hash__(self) -> int:
        CountedId.touched += 1
        return super().__hash__()

    def __lt__(self, other: str) -> bool:
        CountedId.touched += 1
        return super().__lt__(other)

    def __eq__(self, other: object) -> bool:
        CountedId.touched += 1
        return super().__eq__(other)


def touches(agents: int, waiting: int, profiles: int) -> int:
    """How many times ids are touched by 200 rounds of one chat ending and the next beginning."""
    floor = Floor[CountedId, CountedId]()
    floor.set_queue("sales", "longest_available")
    supplies = [Supply(frozenset({"sales"}), (("tax", number),)) for number in range(profiles)]
    names = [CountedId(f"agent-{number}") for number in range(agents)]
    for number, name in enumerate(names):
        floor.ready(name, supplies[number % profiles], Readiness(0, number), {})
        floor.not_ready(name)
    for number in range(waiting):
        floor.wait(CountedId(f"contact-{number}"), SALES, place(number))
    assert floor.next_pair(0) is None, "nobody is ready"
    CountedId.touched = 0
    for number in range(200):
        floor.ready(names[number], supplies[number % profiles], Readiness(0, number), {})
        pair = floor.next_pair(0)
        assert pair is not None, "somebody waits"
        floor.stop_waiting(pair.contact)
        floor.not_ready(pair.agent)
        assert floor.next_pair(0) is None, "nobody is ready"
        floor.wait(CountedId(f"later-{number}"), SALES, place(waiting + number))
        assert floor.next_pair(0) is None, "nobody is ready"
    return CountedId.touched


def touches_of_declines(contacts: int) -> int:
    """How many times ids are touched while the only agent declines the last of its contacts."""
    floor = Floor[CountedId, CountedId]()
    floor.set_queue("sales", "longest_available")
    agent = CountedId("agent")
    for number in range(contacts):
        floor.wait(CountedId(f"contact-{number}"), SALES, place(number))
    for number in range(contacts):
        if number == contacts - 50:
            CountedId.touched = 0
        floor.ready(agent, SERVES_SALES, Readiness(0, number), {})
        pair = floor.next_pair(number)
        assert pair is not None, "somebody waits"
        floor.not_ready(agent)
        floor.stop_waiting(pair.contact)
        floor.wait(pair.contact, SALES, place(number), ((agent, 10**9),))
        assert floor.next_pair(number) is None, "nobody is ready"
    return CountedId.touched


def test_those_whom_nobody_may_be_offered_are_not_looked_at_one_by_one() -> None:
    """An agent that declines all day must not make each offer dearer than the one before."""
    assert touches_of_declines(1600) <= 1.2 * touches_of_declines(200)


@pytest.mark.parametrize("share", [0, 10, 1], ids=["one kind", "a tenth", "all distinct"])
def test_a_step_touches_no_more_people_on_a_floor_eight_times_as_large(share: int) -> None:
    """No scan of agents, of contacts or of profiles hides in a step, whatever the profiles."""
    small = touches(500, 400, 500 // share if share else 1)
    large = touches(4000, 3200, 4000 // share if share else 1)

    assert large <= 1.2 * small

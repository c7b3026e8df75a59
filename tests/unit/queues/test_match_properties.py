"""The floor against the same rules applied by looking at everything."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from queues import Demand, Floor, Rank, Readiness, Strategy, Supply, index, soonest, sorted_skills
from tests.unit.queues.world import AgentId, ContactId, Waiter, Worker, World

QUEUES = ("billing", "sales")
AGENTS = tuple(AgentId(name) for name in ("anna", "bo", "cleo", "dan"))
CONTACTS = tuple(ContactId(f"contact-{number}") for number in range(8))

queues = st.sampled_from(QUEUES)
agents = st.sampled_from(AGENTS)
contacts = st.sampled_from(CONTACTS)
kinds: st.SearchStrategy[Strategy] = st.sampled_from(
    ["longest_available", "least_loaded", "round_robin", "best_skilled"]
)
skills = st.dictionaries(st.sampled_from(["swedish", "tax"]), st.integers(0, 2)).map(sorted_skills)
demands = st.builds(Demand, queues, skills)
supplies = st.builds(Supply, st.frozensets(queues, min_size=1), skills)
readinesses = st.builds(Readiness, st.integers(0, 2), st.integers(0, 3))
offers = st.dictionaries(queues, st.integers(0, 3))
workers = st.builds(Worker, supplies, readinesses, offers)
pauses = st.lists(st.tuples(agents, st.integers(0, 6)), max_size=4).map(tuple)
places = st.tuples(st.integers(-1, 0), st.integers(0, 1), st.integers(0, 3))


class Matching(RuleBasedStateMachine):
    """Everything that may be told, in any order; now and then the pair is compared."""

    def __init__(self) -> None:
        """Start with two queues, which ``open`` sets, and nobody."""
        super().__init__()
        self.floor: Floor[ContactId, AgentId] = Floor()
        self.world = World()
        self.now_ms = 0
        self.serial = 0

    @initialize(first=kinds, second=kinds)
    def open(self, first: Strategy, second: Strategy) -> None:
        """Set both queues."""
        for queue, strategy in zip(QUEUES, (first, second), strict=True):
            self.set_queue(queue, strategy)

    @rule(queue=queues, strategy=kinds)
    def set_queue(self, queue: str, strategy: Strategy) -> None:
        """A queue changes how it picks agents."""
        self.floor.set_queue(queue, strategy)
        self.world.strategies[queue] = strategy

    @rule(queue=queues, strategy=kinds)
    def drop_and_set_queue(self, queue: str, strategy: Strategy) -> None:
        """A queue goes and comes while agents still name it."""
        if all(waiter.demand.queue != queue for waiter in self.world.waiters.values()):
            self.floor.drop_queue(queue)
            self.set_queue(queue, strategy)

    @rule(contact=contacts, demand=demands, place=places, declined=pauses)
    def wait(
        self,
        contact: ContactId,
        demand: Demand,
        place: tuple[int, int, int],
        declined: tuple[tuple[AgentId, int], ...],
    ) -> None:
        """A contact joins, or joins again with another demand or place."""
        self.serial += 1
        rank = Rank(*place, self.serial)
        self.world.waiters[contact] = Waiter(demand, rank, declined)
        self.floor.wait(contact, demand, rank, declined)

    @rule(contact=contacts)
    def stop_waiting(self, contact: ContactId) -> None:
        """A contact goes, if it waited."""
        self.world.waiters.pop(contact, None)
        self.floor.stop_waiting(contact)

    @rule(agent=agents, worker=workers)
    def ready(self, agent: AgentId, worker: Worker) -> None:
        """An agent may be offered work, or tells new values."""
        self.world.workers[agent] = worker
        self.floor.ready(agent, worker.supply, worker.readiness, worker.offered)

    @rule(agent=agents, forget=st.booleans())
    def not_ready(self, agent: AgentId, *, forget: bool) -> None:
        """An agent may not be offered work."""
        self.world.workers.pop(agent, None)
        (self.floor.forget if forget else self.floor.not_ready)(agent)

    @precondition(lambda self: self.world.best(self.now_ms) is not None)
    @rule(pause_ms=st.integers(0, 4))
    def decline(self, pause_ms: int) -> None:
        """The contact of the best pair comes back to its place with one more decliner."""
        pair = self.world.best(self.now_ms)
        assert pair is not None, "precondition"
        contact, agent = pair
        waiter = self.world.waiters[contact]
        declined = (*waiter.declined, (agent, self.now_ms + pause_ms))
        self.world.waiters[contact] = Waiter(waiter.demand, waiter.rank, declined)
        self.floor.stop_waiting(contact)
        self.floor.wait(contact, waiter.demand, waiter.rank, declined)

    @precondition(lambda self: self.world.best(self.now_ms) is not None)
    @rule(load=st.integers(1, 2))
    def accept(self, load: int) -> None:
        """The best pair is made, and the agent goes on with a slot less."""
        pair = self.world.best(self.now_ms)
        assert pair is not None, "precondition"
        contact, agent = pair
        self.stop_waiting(contact)
        worker = self.world.workers[agent]
        self.ready(agent, Worker(worker.supply, Readiness(load, self.now_ms), worker.offered))

    @rule(contact=contacts)
    def retry(self, contact: ContactId) -> None:
        """Somebody looks again; nothing need have changed."""
        self.floor.retry(contact)

    @rule(step_ms=st.integers(1, 2))
    def time_passes(self, step_ms: int) -> None:
        """Pauses run out."""
        self.now_ms += step_ms

    @rule()
    def look(self) -> None:
        """The pair is the one the rules ask for, however much was told since the last look."""
        pair = self.floor.next_pair(self.now_ms)

        assert (pair and (pair.contact, pair.agent)) == self.world.best(self.now_ms)

    @rule(load=st.integers(0, 2))
    def pair_to_the_end(self, load: int) -> None:
        """As a command does it: every pair is made until none is left; load 0 means full."""
        while (pair := self.floor.next_pair(self.now_ms)) is not None:
            assert (pair.contact, pair.agent) == self.world.best(self.now_ms)
            self.stop_waiting(pair.contact)
            worker = self.world.workers[pair.agent]
            if load:
                values = Readiness(load, self.now_ms)
                self.ready(pair.agent, Worker(worker.supply, values, worker.offered))
            else:
                self.not_ready(pair.agent, forget=False)

        assert self.world.best(self.now_ms) is None

    def teardown(self) -> None:
        """Whatever the last steps told is looked at too."""
        if self.world.strategies:
            self.pair_to_the_end(0)


class CrampedMatching(Matching):
    """The same with every bound so small that it is always passed."""

    def __init__(self) -> None:
        """Lower the bounds until ``teardown``."""
        super().__init__()
        self.bounds = index.IDLE_DESKS_MAX, soonest.GARBAGE_MIN
        index.IDLE_DESKS_MAX, soonest.GARBAGE_MIN = 1, 0

    def teardown(self) -> None:
        """Put the bounds back."""
        try:
            super().teardown()
        finally:
            index.IDLE_DESKS_MAX, soonest.GARBAGE_MIN = self.bounds


TestMatching = Matching.TestCase
TestMatching.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestCrampedMatching = CrampedMatching.TestCase
TestCrampedMatching.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


@st.composite
def small_worlds(draw: st.DrawFn) -> World:
    """A few contacts and agents in two queues."""
    strategies: dict[str, Strategy] = {queue: draw(kinds) for queue in QUEUES}
    waiting = draw(st.lists(st.tuples(demands, places, pauses), max_size=len(CONTACTS)))
    waiters = {
        contact: Waiter(demand, Rank(*place, serial), declined)
        for serial, (contact, (demand, place, declined)) in enumerate(
            zip(CONTACTS, waiting, strict=False)
        )
    }
    return World(strategies, waiters, draw(st.dictionaries(agents, workers)))


CHANGES = st.lists(st.tuples(agents, st.none() | readinesses, st.booleans()), min_size=8)


@given(kinds, st.sampled_from([1, 2, 4]), CHANGES)
@settings(deadline=None, max_examples=300)
def test_the_best_agent_is_known_through_any_run_of_changes(
    strategy: Strategy, profiles: int, changes: list[tuple[AgentId, Readiness | None, bool]]
) -> None:
    """What a floor found at one look must not mislead it at the next, for few and many profiles."""
    world = World({"sales": strategy}, {CONTACTS[0]: Waiter(Demand("sales", ()), Rank(0, 1, 0, 0))})
    floor = Floor[ContactId, AgentId]()
    world.tell(floor, [0])
    for agent, readiness, looks in changes:
        if readiness is None:
            world.workers.pop(agent, None)
            floor.not_ready(agent)
        else:
            supply = Supply(frozenset({"sales"}), (("tax", AGENTS.index(agent) % profiles),))
            world.workers[agent] = Worker(supply, readiness, {"sales": readiness.load})
            floor.ready(agent, supply, readiness, {"sales": readiness.load})
        if looks:
            pair = floor.next_pair(0)

            assert (pair and (pair.contact, pair.agent)) == world.best(0)


@given(small_worlds(), st.lists(st.integers(), min_size=1), st.lists(st.integers(), min_size=1))
@settings(deadline=None)
def test_the_order_of_telling_changes_no_pair(
    world: World, one: list[int], other: list[int]
) -> None:
    """A shard that reloads its records must go on exactly as the one that wrote them."""
    floors = (Floor[ContactId, AgentId](), Floor[ContactId, AgentId]())
    world.tell(floors[0], one)
    world.tell(floors[1], other)
    now_ms = 3
    made = 0
    while (pair := floors[0].next_pair(now_ms)) is not None:
        twin = floors[1].next_pair(now_ms)
        made += 1

        assert twin == pair
        for floor in floors:
            floor.stop_waiting(pair.contact)
            floor.ready(pair.agent, world.workers[pair.agent].supply, Readiness(made, now_ms), {})
    assert floors[1].next_pair(now_ms) is None


@given(small_worlds(), st.lists(st.integers(), min_size=1))
@settings(deadline=None)
def test_after_pairing_to_the_end_nobody_waits_beside_a_free_agent(
    world: World, order: list[int]
) -> None:
    """Each agent takes one contact; whoever is left cannot be offered to anybody left."""
    floor = Floor[ContactId, AgentId]()
    world.tell(floor, order)
    now_ms = 3
    while (pair := floor.next_pair(now_ms)) is not None:
        floor.stop_waiting(pair.contact)
        floor.not_ready(pair.agent)
        del world.waiters[pair.contact], world.workers[pair.agent]

    assert not any(world.takers(waiter, now_ms) for waiter in world.waiters.values())

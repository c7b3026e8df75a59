"""Agents who may be offered work, grouped by what they bring, and the desks that find them.

A tournament in two rounds. A ``Section`` finds the best agent among those with the same supply (a
``Crowd``); a ``Desk`` finds the best section among the crowds that match its demand. With few kinds
of agents a change touches one section and no desk; with every agent its own kind it touches the
desks of the agent's demands, and never another agent.
"""

from collections.abc import Mapping
from typing import Generic, NamedTuple

from queues.line import AgentT, ContactT, Line
from queues.model import Demand, Rank, Readiness, Skills, Strategy, Supply
from queues.soonest import Soonest

Kind = tuple[Strategy, str]
"""An order of agents: a strategy, and the queue when the order is the queue's own."""

Key = tuple[int, ...]
"""Where an agent stands in an order of one kind; ties go to the smaller agent id."""


def kind_of(strategy: Strategy, queue: str) -> Kind:
    """The order in which agents of one supply serve a queue of that strategy.

    Within one supply every agent has the same levels, so the best skilled is the longest available.
    """
    if strategy == "round_robin":
        return (strategy, queue)
    if strategy == "best_skilled":
        return ("longest_available", "")
    return (strategy, "")


class Standing(Generic[ContactT, AgentT]):
    """What was last told of an agent; ``readiness`` is None while it may not be offered work."""

    __slots__ = ("crowd", "offered", "readiness")

    def __init__(self, crowd: "Crowd[ContactT, AgentT]") -> None:
        """Start as not ready."""
        self.crowd = crowd
        self.readiness: Readiness | None = None
        self.offered: Mapping[str, int] = {}


def key_of(kind: Kind, readiness: Readiness, offered: Mapping[str, int]) -> Key:
    """Where an agent with these values stands: the smaller is offered first."""
    load, since_ms = readiness
    strategy, queue = kind
    if strategy == "round_robin":
        return (offered.get(queue, 0), 1 if load else 0, since_ms)
    if strategy == "least_loaded":
        return (load, since_ms)
    return (1 if load else 0, since_ms)


class Section(Generic[ContactT, AgentT]):
    """The ready agents of one crowd in the order of one kind."""

    __slots__ = ("agents", "ceiling", "desks", "keys", "kind", "number")

    def __init__(self, kind: Kind, number: int) -> None:
        """Start with nobody; ``number`` is its crowd's."""
        self.kind = kind
        self.number = number
        self.keys: dict[AgentT, Key] = {}
        self.agents: Soonest[Key, AgentT] = Soonest(self.keys.get)
        self.desks: dict[Desk[ContactT, AgentT], None] = {}
        # No desk has this section standing after it; None when one may not have it at all.
        self.ceiling: tuple[Key, AgentT] | None = None

    def __lt__(self, other: "Section[ContactT, AgentT]") -> bool:
        """Order two of one crowd, in a desk that had the other before its strategy changed."""
        return self.kind < other.kind

    def put(self, agent: AgentT, key: Key) -> None:
        """Let the agent stand at ``key``."""
        if self.keys.get(agent) == key:
            return
        self.keys[agent] = key
        self.agents.lower(agent, key)
        ceiling = self.ceiling
        if ceiling is None or key <= ceiling[0]:
            entry = (key, agent)
            if ceiling is None or entry < ceiling:
                self.ceiling = entry
                for desk in self.desks:
                    desk.lower(self, entry)

    def best(self) -> tuple[Key, AgentT] | None:
        """The first agent and its key, which the asking desk takes as its bound."""
        top = self.agents.first()
        ceiling = self.ceiling
        if ceiling is not None and (top is None or top > ceiling):
            self.ceiling = top
        return top


class Crowd(Generic[ContactT, AgentT]):
    """The agents with one supply."""

    __slots__ = ("levels", "members", "number", "ready", "sections", "supply")

    def __init__(self, supply: Supply, number: int) -> None:
        """Start with nobody."""
        self.supply = supply
        self.number = number
        self.levels = dict(supply.skills)
        self.members = 0
        self.ready: dict[AgentT, Standing[ContactT, AgentT]] = {}
        self.sections: dict[Kind, Section[ContactT, AgentT]] = {}

    def meets(self, skills: Skills) -> bool:
        """Whether its agents have these levels; a skill they do not have is level 0."""
        levels = self.levels
        return all(levels.get(skill, 0) >= level for skill, level in skills)

    def section(self, kind: Kind) -> Section[ContactT, AgentT]:
        """The section of that kind, made from the ready agents when it is the first time."""
        section = self.sections.get(kind)
        if section is None:
            section = self.sections[kind] = Section(kind, self.number)
            for agent, standing in self.ready.items():
                assert standing.readiness is not None, "ready without values"
                section.put(agent, key_of(kind, standing.readiness, standing.offered))
        return section


def first_desk(crowd: Crowd[ContactT, AgentT]) -> "Desk[ContactT, AgentT] | None":
    """The desk that matches the crowd at which the first contact waits: O(matching desks)."""
    best: Desk[ContactT, AgentT] | None = None
    best_rank: Rank | None = None
    for section in crowd.sections.values():
        for desk in section.desks:
            rank = desk.line.first_rank
            if rank is not None and (best_rank is None or rank < best_rank):
                best, best_rank = desk, rank
    return best


class Find(NamedTuple, Generic[ContactT, AgentT]):
    """The best pair of one desk.

    Attributes:
        rank: The contact's place.
        contact: The first contact that some ready agent may be offered.
        agent: The best agent for it.
        key: Where the agent stands in the order of the queue's strategy.
        score: Its levels over the required skills, where the strategy asks.
        only_decliner: Whether nobody but a decliner could take it.
    """

    rank: Rank
    contact: ContactT
    agent: AgentT
    key: Key
    score: int
    only_decliner: bool


SectionKey = tuple[int, tuple[Key, AgentT], int]
"""Negated score, first agent, crowd's number: the last only keeps two stale keys apart."""


def _found(
    first: tuple[Rank, ContactT], won: SectionKey[AgentT], *, only_decliner: bool
) -> Find[ContactT, AgentT]:
    score_down, (key, agent), _ = won
    return Find(*first, agent, key, -score_down, only_decliner)


class Desk(Generic[ContactT, AgentT]):
    """Where the contacts of one demand meet the agents that match it."""

    __slots__ = ("_best", "_scores", "demand", "line", "number")

    def __init__(self, demand: Demand, number: int, line: Line[ContactT, AgentT]) -> None:
        """Start with nobody on either side."""
        self.demand = demand
        self.number = number
        self.line = line
        self._scores: dict[Section[ContactT, AgentT], int] = {}
        self._best: Soonest[SectionKey[AgentT], Section[ContactT, AgentT]] = Soonest(self._key)

    def attach(self, crowd: Crowd[ContactT, AgentT], strategy: Strategy) -> None:
        """Serve a crowd that matches the demand."""
        section = crowd.section(kind_of(strategy, self.demand.queue))
        scored = self.demand.skills if strategy == "best_skilled" else ()
        self._scores[section] = -sum(crowd.levels.get(skill, 0) for skill, _ in scored)
        section.desks[self] = None
        entry = section.best()
        if entry is not None:
            self.lower(section, entry)

    def detach(self, crowd: Crowd[ContactT, AgentT], strategy: Strategy) -> None:
        """Stop serving a crowd; no-op when it is not served."""
        section = crowd.sections.get(kind_of(strategy, self.demand.queue))
        if section is not None and section in self._scores:
            del section.desks[self], self._scores[section]
            self._best.drop(section)

    def detach_all(self) -> None:
        """Stop serving anybody."""
        for section in self._scores:
            del section.desks[self]
            self._best.drop(section)
        self._scores.clear()

    def lower(self, section: Section[ContactT, AgentT], entry: tuple[Key, AgentT]) -> None:
        """Let the section stand no later than this agent of it."""
        self._best.lower(section, (self._scores[section], entry, section.number))

    def find(self, now_ms: int) -> Find[ContactT, AgentT] | None:
        """The first contact that some ready agent may be offered, and the best agent for it."""
        if len(self._scores) == 1:  # nothing to compare: the one section's best is the best
            ((section, score_down),) = self._scores.items()
            entry = section.best()
            if entry is None:
                return None
        else:
            top = self._best.first()
            if top is None:
                return None
            score_down, entry, _ = top[0]
        if not self.line.declined:
            first = self.line.first()
            if first is None:
                return None
            return Find(*first, entry[1], entry[0], -score_down, only_decliner=False)
        for head in self.line.heads(now_ms):
            first = (head.rank, head.contact)
            key = self._first_but(head.decliners)
            if key is not None:
                return _found(first, key, only_decliner=False)
            if len(head.decliners) > len(head.paused):
                key = self._first_but(head.paused)
                if key is not None:
                    return _found(first, key, only_decliner=True)
        return None

    def _first_but(self, excluded: frozenset[AgentT]) -> SectionKey[AgentT] | None:
        """The best agent not excluded: O(excluded × log n)."""
        top = self._best.first()
        if not excluded or top is None:
            return None if top is None else top[0]
        aside: list[tuple[Section[ContactT, AgentT], Key, AgentT]] = []
        while top is not None and top[0][1][1] in excluded:
            (_, (key, agent), _), section = top
            del section.keys[agent]
            aside.append((section, key, agent))
            top = self._best.first()
        for section, key, agent in aside:
            section.put(agent, key)
        return None if top is None else top[0]

    def _key(self, section: Section[ContactT, AgentT]) -> SectionKey[AgentT] | None:
        entry = section.best()
        return None if entry is None else (self._scores[section], entry, section.number)

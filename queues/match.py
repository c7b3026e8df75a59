"""Pairs: the best waiting contact that can be offered now, with the best agent for it.

Every answer is a function of what was told, never of the order in which it was told. A step costs
O(log n) in contacts and in agents, times the demands of the agent's queues; making a desk for a
demand not seen lately looks once at the crowds with its rarest skill (``queues.index``).
"""

from collections.abc import Iterator, Mapping
from heapq import heappop
from typing import Generic, NamedTuple, assert_never

from queues.crowd import Crowd, Desk, Find, Standing, first_desk, key_of
from queues.index import QueueIndex
from queues.line import AgentT, ContactT, Declined, Line
from queues.model import Demand, Rank, Readiness, Strategy, Supply
from queues.soonest import Soonest

Why = tuple[tuple[str, int | str | None], ...]
"""Why a pair was made: codes, each with the value that won or None."""


_Found = tuple[Desk[ContactT, AgentT] | None, Find[ContactT, AgentT] | None]
"""A pair and the desk that has it, or two None."""

_NOTHING = (None, None)


class Pair(NamedTuple, Generic[ContactT, AgentT]):
    """A contact and the agent it should be offered to, and why."""

    contact: ContactT
    agent: AgentT
    why: Why


def _why(strategy: Strategy, find: Find[ContactT, AgentT]) -> Why:
    """The values that won."""
    match strategy:
        case "longest_available":
            won = find.key[-1]
        case "least_loaded" | "round_robin":
            won = find.key[0]
        case "best_skilled":
            won = find.score
        case _:
            assert_never(strategy)
    rank = find.rank
    why: Why = ((strategy, won),)
    if not rank.is_new:
        why += (("returned", None),)
    if rank.priority_down:
        why += (("priority", -rank.priority_down),)
    if find.only_decliner:
        why += (("only_decliner", None),)
    return why


def _first_key(desk: Desk[ContactT, AgentT]) -> tuple[Rank, int]:
    """The place of a desk where somebody waits, among such desks."""
    rank = desk.line.first_rank
    assert rank is not None, "nobody waits at the desk"
    return (rank, desk.number)


class Floor(Generic[ContactT, AgentT]):
    """Everyone who waits and everyone who may be offered work, paired by rule."""

    def __init__(self) -> None:
        """Start with no queue and nobody."""
        self._queues: dict[str, QueueIndex[ContactT, AgentT]] = {}
        self._crowds: dict[Supply, Crowd[ContactT, AgentT]] = {}
        self._standings: dict[AgentT, Standing[ContactT, AgentT]] = {}
        self._desks: dict[ContactT, Desk[ContactT, AgentT]] = {}
        self._places: dict[ContactT, str] = {}
        # When a pause runs out the contact is looked at again.
        self._pauses: list[tuple[int, ContactT]] = []
        # What changed last, a desk or a crowd, and the desks where something changed before:
        # nowhere else is a pair. Mostly it is one desk or one crowd, and the heap stays empty.
        self._desk: Desk[ContactT, AgentT] | None = None
        self._crowd: Crowd[ContactT, AgentT] | None = None
        self._dirty: Soonest[tuple[Rank, int], Desk[ContactT, AgentT]] = Soonest(_first_key)
        self._numbers = 0

    def set_queue(self, queue: str, strategy: Strategy) -> None:
        """Add a queue, or change how it picks agents."""
        self._index(queue).set_strategy(strategy)

    def drop_queue(self, queue: str) -> None:
        """Remove a queue in which nobody waits; agents may still name it."""
        index = self._index(queue)
        index.drop_desks()
        index.set_strategy(None)
        self._forget_index(index)

    def wait(
        self,
        contact: ContactT,
        demand: Demand,
        rank: Rank,
        declined: Declined[AgentT] = (),
    ) -> None:
        """Let the contact wait, in exchange for what it may have waited for.

        Args:
            contact: Who waits.
            demand: What it asks for; its queue has been set.
            rank: Its place.
            declined: Agents who declined it, each with the time until which it is not offered to
                them at all.
        """
        if contact in self._desks:
            self.stop_waiting(contact)
        index = self._queues[demand.queue]
        assert index.strategy is not None, "waits in a queue that was not set"
        desk = index.desks.get(demand.skills)
        if desk is None:
            line: Line[ContactT, AgentT] = Line(self._pauses)
            desk = Desk(demand, self._number(), line)
            index.add_desk(desk)
        if desk.line.first_rank is None:
            index.note_waiting(desk)
        desk.line.join(contact, rank, declined)
        self._desks[contact] = desk
        self._note(desk)

    def stop_waiting(self, contact: ContactT) -> None:
        """Let the contact wait no longer; no-op for one that does not."""
        desk = self._desks.pop(contact, None)
        if desk is None:
            return
        desk.line.leave(contact)
        if desk.line.first_rank is None:
            self._dirty.drop(desk)
            if self._desk is desk:
                self._desk = None
            self._queues[desk.demand.queue].note_empty(desk)

    def retry(self, contact: ContactT) -> None:
        """Look again at who may be offered the contact; no-op for one that does not wait."""
        desk = self._desks.get(contact)
        if desk is not None:
            desk.line.unsort(contact)
            self._note(desk)

    def ready(
        self,
        agent: AgentT,
        supply: Supply,
        readiness: Readiness,
        offered: Mapping[str, int],
    ) -> None:
        """Let the agent be offered work, with these values from now on.

        Args:
            agent: Who may be offered work.
            supply: What it brings.
            readiness: What the strategies compare.
            offered: The serial of the last offer made to it in each queue, 0 when missing. It is
                kept as it is: a change is told by another call.
        """
        standing = self._standings.get(agent)
        if standing is None or (
            standing.crowd.supply is not supply and standing.crowd.supply != supply
        ):
            standing = self._join_crowd(agent, supply)
        was_ready = standing.readiness is not None
        standing.readiness = readiness
        standing.offered = offered
        crowd = standing.crowd
        for section in crowd.sections.values():
            section.put(agent, key_of(section.kind, readiness, offered))
        if not was_ready:
            self._enter(agent, standing)

    def not_ready(self, agent: AgentT) -> None:
        """Offer the agent nothing; what it brings is remembered until ``forget``."""
        standing = self._standings.get(agent)
        if standing is None or standing.readiness is None:
            return
        standing.readiness = None
        crowd = standing.crowd
        del crowd.ready[agent]
        for section in crowd.sections.values():
            del section.keys[agent]

    def forget(self, agent: AgentT) -> None:
        """Drop everything about an agent that will not come back."""
        self.not_ready(agent)
        standing = self._standings.pop(agent, None)
        if standing is None:
            return
        crowd = standing.crowd
        crowd.members -= 1
        for section in crowd.sections.values():
            section.agents.drop(agent)
        if crowd.members == 0:
            if self._crowd is crowd:
                self._crowd = None
            del self._crowds[crowd.supply]
            for queue in crowd.supply.queues:
                index = self._queues[queue]
                index.remove_crowd(crowd)
                self._forget_index(index)

    def next_pair(self, now_ms: int) -> Pair[ContactT, AgentT] | None:
        """The pair to make now, or None when nobody who waits can be offered to anybody.

        Among all contacts that can be offered it has the smallest rank, and among the agents who
        can take that one it has the best by its queue's strategy. Nothing changes: the caller tells
        what became of the contact and the agent, and asks again. Time does not go back.
        """
        while self._pauses and self._pauses[0][0] <= now_ms:
            self.retry(heappop(self._pauses)[1])
        if self._crowd is not None and not self._crowd.ready:
            self._crowd = None
        if self._dirty:
            self._spread()
            desk, find = self._search(now_ms)
        else:
            desk, find = self._search_last(now_ms)
        if desk is None or find is None:
            return None
        strategy = self._queues[desk.demand.queue].strategy
        assert strategy is not None, "somebody waits in a queue that was not set"
        return Pair(find.contact, find.agent, _why(strategy, find))

    def stand(self, contact: ContactT, queue: str, rank: Rank) -> None:
        """Give the contact a place among those of the queue without an agent."""
        before = self._places.get(contact)
        if before is not None and before != queue:
            self.unstand(contact)
        self._places[contact] = queue
        self._index(queue).places.stand(contact, rank)

    def unstand(self, contact: ContactT) -> None:
        """Take the contact's place; no-op for one without."""
        queue = self._places.pop(contact, None)
        if queue is not None:
            index = self._queues[queue]
            index.places.unstand(contact)
            self._forget_index(index)

    def position(self, contact: ContactT) -> int:
        """The place in its queue, from 1, of a contact that stands."""
        return self._queues[self._places[contact]].places.position(contact)

    def standing(self, queue: str, limit: int) -> Iterator[ContactT]:
        """The first ``limit`` contacts without an agent in the queue's order."""
        index = self._queues.get(queue)
        return iter(()) if index is None else index.places.first(limit)

    def waiting(self, queue: str) -> int:
        """How many contacts of the queue have no agent, offered ones too."""
        index = self._queues.get(queue)
        return 0 if index is None else len(index.places)

    def oldest_ms(self, queue: str) -> int | None:
        """Since when the contact waits that has stood longest in the queue."""
        index = self._queues.get(queue)
        return None if index is None else index.places.oldest_ms()

    def _search_last(self, now_ms: int) -> _Found[ContactT, AgentT]:
        """The best pair when the heap is empty: mostly the first desk looked at has it."""
        desk = self._desk
        if self._crowd is not None:
            first = first_desk(self._crowd)
            if first is None:
                self._crowd = None
            elif desk is None or _first_key(first) < _first_key(desk):
                desk = first
        if desk is None:
            return _NOTHING
        find = desk.find(now_ms)
        if find is not None and find.rank == desk.line.first_rank:
            return desk, find
        if find is None and self._crowd is None:
            self._desk = None
            return _NOTHING
        self._spread()
        return self._search(now_ms)

    def _search(self, now_ms: int) -> _Found[ContactT, AgentT]:
        """The best pair of the desks in the heap, which loses those that have none."""
        best: Find[ContactT, AgentT] | None = None
        best_desk: Desk[ContactT, AgentT] | None = None
        aside: list[Desk[ContactT, AgentT]] = []
        while (top := self._dirty.first()) is not None:
            (rank, _), desk = top
            if best is not None and best.rank < rank:
                break
            find = desk.find(now_ms)
            if find is not None and find.rank == rank:
                # The first of the first desk: no other desk can have a better one.
                best, best_desk = find, desk
                break
            self._dirty.drop(desk)
            if find is not None:
                # Its first contacts must wait; another desk may have one between.
                aside.append(desk)
                if best is None or find.rank < best.rank:
                    best, best_desk = find, desk
        for desk in aside:
            self._dirty.lower(desk, _first_key(desk))
        return best_desk, best

    def _spread(self) -> None:
        """Put what changed last among the desks in the heap."""
        if self._desk is not None:
            self._dirty.lower(self._desk, _first_key(self._desk))
            self._desk = None
        if self._crowd is not None:
            for section in self._crowd.sections.values():
                for desk in section.desks:
                    if desk.line.first_rank is not None:
                        self._dirty.lower(desk, _first_key(desk))
            self._crowd = None

    def _note(self, desk: Desk[ContactT, AgentT]) -> None:
        """Remember that something changed at a desk where somebody waits."""
        if self._desk is not desk:
            if self._desk is not None:
                self._dirty.lower(self._desk, _first_key(self._desk))
            self._desk = desk

    def _enter(self, agent: AgentT, standing: Standing[ContactT, AgentT]) -> None:
        """Take in an agent that became ready, and remember to look at what it could take."""
        crowd = standing.crowd
        crowd.ready[agent] = standing
        if self._crowd is not crowd:
            if self._crowd is not None:
                desk = self._desk
                self._desk = None
                self._spread()
                self._desk = desk
            self._crowd = crowd

    def _join_crowd(self, agent: AgentT, supply: Supply) -> Standing[ContactT, AgentT]:
        self.forget(agent)
        crowd = self._crowds.get(supply)
        if crowd is None:
            crowd = self._crowds[supply] = Crowd(supply, self._number())
            for queue in supply.queues:
                self._index(queue).add_crowd(crowd)
        crowd.members += 1
        standing = self._standings[agent] = Standing(crowd)
        return standing

    def _index(self, queue: str) -> QueueIndex[ContactT, AgentT]:
        index = self._queues.get(queue)
        if index is None:
            index = self._queues[queue] = QueueIndex(queue)
        return index

    def _forget_index(self, index: QueueIndex[ContactT, AgentT]) -> None:
        if not index.is_needed():
            self._queues.pop(index.name, None)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

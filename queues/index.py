"""One queue's lists: its desks by required skills, its crowds by skill, its places."""

from collections.abc import Iterable
from typing import Generic

from queues.crowd import Crowd, Desk, kind_of
from queues.line import AgentT, ContactT, Places
from queues.model import Skills, Strategy

IDLE_DESKS_MAX = 64
"""Desks kept per queue while nobody waits at them.

Signed customers may ask for any skills, so desks would grow without end. Each one kept costs the
agents that match it up to 0.1 µs per change; each one made anew costs a look at the crowds with its
rarest required skill. Few queues see more than 64 combinations in turn.
"""


class QueueIndex(Generic[ContactT, AgentT]):
    """What is known of one queue; ``strategy`` is None until the queue is set."""

    __slots__ = ("_crowds", "_idle", "_skilled", "desks", "name", "places", "strategy")

    def __init__(self, name: str) -> None:
        """Start empty."""
        self.name = name
        self.strategy: Strategy | None = None
        self.places: Places[ContactT] = Places()
        self.desks: dict[Skills, Desk[ContactT, AgentT]] = {}
        self._idle: dict[Skills, None] = {}
        self._crowds: dict[Crowd[ContactT, AgentT], None] = {}
        self._skilled: dict[str, dict[Crowd[ContactT, AgentT], None]] = {}

    def is_needed(self) -> bool:
        """Whether the queue is set, or served by somebody, or has places."""
        return self.strategy is not None or bool(self._crowds) or len(self.places) > 0

    def set_strategy(self, strategy: Strategy | None) -> None:
        """Order the agents of every desk anew: O(crowds × desks)."""
        before, self.strategy = self.strategy, strategy
        if before == strategy:
            return
        for desk in self.desks.values():
            desk.detach_all()
        if before == "round_robin":
            for crowd in self._crowds:
                crowd.sections.pop(kind_of(before, self.name), None)
        for desk in self.desks.values():
            self._fill(desk)

    def drop_desks(self) -> None:
        """Forget every desk."""
        for desk in self.desks.values():
            assert desk.line.first_rank is None, "somebody waits in a dropped queue"
            desk.detach_all()
        self.desks.clear()
        self._idle.clear()

    def add_crowd(self, crowd: Crowd[ContactT, AgentT]) -> None:
        """List a new crowd and let the desks it matches serve it."""
        self._crowds[crowd] = None
        for skill in crowd.levels:
            self._skilled.setdefault(skill, {})[crowd] = None
        if self.strategy is not None:
            for desk in self.desks.values():
                if crowd.meets(desk.demand.skills):
                    desk.attach(crowd, self.strategy)

    def remove_crowd(self, crowd: Crowd[ContactT, AgentT]) -> None:
        """Undo ``add_crowd``."""
        del self._crowds[crowd]
        for skill in crowd.levels:
            crowds = self._skilled[skill]
            del crowds[crowd]
            if not crowds:
                del self._skilled[skill]
        if self.strategy is not None:
            for desk in self.desks.values():
                desk.detach(crowd, self.strategy)

    def add_desk(self, desk: Desk[ContactT, AgentT]) -> None:
        """Open a desk to every crowd that matches it: O(crowds with its rarest skill)."""
        self.desks[desk.demand.skills] = desk
        self._fill(desk)

    def note_waiting(self, desk: Desk[ContactT, AgentT]) -> None:
        """Keep the desk: somebody waits at it."""
        self._idle.pop(desk.demand.skills, None)

    def note_empty(self, desk: Desk[ContactT, AgentT]) -> None:
        """Let the desk go when too many others have been left since."""
        self._idle[desk.demand.skills] = None
        if len(self._idle) > IDLE_DESKS_MAX:
            skills = next(iter(self._idle))
            del self._idle[skills]
            self.desks.pop(skills).detach_all()

    def _fill(self, desk: Desk[ContactT, AgentT]) -> None:
        if self.strategy is None:
            return
        skills = desk.demand.skills
        for crowd in self._candidates(skills):
            if crowd.meets(skills):
                desk.attach(crowd, self.strategy)

    def _candidates(self, skills: Skills) -> Iterable[Crowd[ContactT, AgentT]]:
        """The crowds with the rarest of the skills, which hold every crowd with all of them."""
        required = [self._skilled.get(skill, {}) for skill, level in skills if level > 0]
        return min(required, key=len, default=self._crowds)

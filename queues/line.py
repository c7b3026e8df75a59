"""Who waits, in order: for one demand (``Line``), and in one queue with positions (``Places``)."""

from collections.abc import Iterator
from heapq import heappush
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from sortedcontainers import SortedList

from queues.model import Rank
from queues.soonest import Soonest

ContactT = TypeVar("ContactT", bound=str)
AgentT = TypeVar("AgentT", bound=str)

Declined = tuple[tuple[AgentT, int], ...]
"""Agents who declined the contact, each with the time its pause runs out."""


class Head(NamedTuple, Generic[ContactT, AgentT]):
    """The first contact among those that may not be offered to the same agents.

    Attributes:
        rank: Its place.
        contact: Who waits.
        paused: Decliners it is not offered to yet.
        decliners: All of them; the others get it only when nobody else can.
    """

    rank: Rank
    contact: ContactT
    paused: frozenset[AgentT]
    decliners: frozenset[AgentT]


class Line(Generic[ContactT, AgentT]):
    """The contacts of one demand that wait.

    They differ only in who may not be offered them, so they stand in one file for each set of
    paused decliners and only the heads of the files are ever looked at. Most stand in the file of
    the empty set.
    """

    __slots__ = (
        "_files",
        "_open",
        "_paused",
        "_pauses",
        "_ranks",
        "_unsorted",
        "declined",
        "first",
        "first_rank",
    )

    def __init__(self, pauses: list[tuple[int, ContactT]]) -> None:
        """Start empty; ``pauses`` is the heap that is told when a contact must be sorted again."""
        self._pauses = pauses
        self._ranks: dict[ContactT, Rank] = {}
        # Who was declined; with nobody here, ``first`` says all.
        self.declined: dict[ContactT, Declined[AgentT]] = {}
        self._paused: dict[ContactT, frozenset[AgentT]] = {}
        self._files: dict[frozenset[AgentT], Soonest[Rank, ContactT]] = {}
        self._open = self._files[frozenset()] = Soonest(self._ranks.get)
        # The first contact without a paused decliner, once ``heads`` has sorted them.
        self.first = self._open.first
        # Who has decliners is put in a file by the next ``heads``, which knows the time.
        self._unsorted: set[ContactT] = set()
        # The place of the first contact, whoever may be offered it; None when nobody waits.
        self.first_rank: Rank | None = None

    def join(self, contact: ContactT, rank: Rank, declined: Declined[AgentT]) -> None:
        """Take in a contact that is not here."""
        self._ranks[contact] = rank
        if declined:
            self.declined[contact] = declined
            self._unsorted.add(contact)
        else:
            self._open.lower(contact, rank)
        if self.first_rank is None or rank < self.first_rank:
            self.first_rank = rank

    def leave(self, contact: ContactT) -> None:
        """Let go of a contact that is here."""
        if contact in self.declined:
            self.unsort(contact)
            self._unsorted.remove(contact)
            del self.declined[contact]
        else:
            self._open.drop(contact)
        if self._ranks.pop(contact) == self.first_rank:
            self.first_rank = self._look_first()

    def unsort(self, contact: ContactT) -> None:
        """Have the contact's decliners judged again; no-op for one without any."""
        if contact not in self.declined:
            return
        paused = self._paused.pop(contact, None)
        if paused is not None:
            file = self._files[paused]
            file.drop(contact)
            if paused and not file:
                del self._files[paused]
        self._unsorted.add(contact)

    def heads(self, now_ms: int) -> list[Head[ContactT, AgentT]]:
        """The head of every file, best first: one for each set of decliners paused now."""
        for contact in self._unsorted:
            self._sort(contact, now_ms)
        self._unsorted.clear()
        return sorted(
            Head(*top, paused, frozenset(agent for agent, _ in self.declined.get(top[1], ())))
            for paused, file in self._files.items()
            if (top := file.first()) is not None
        )

    def _look_first(self) -> Rank | None:
        if not self.declined:
            top = self._open.first()
            return None if top is None else top[0]
        tops = [top[0] for file in self._files.values() if (top := file.first()) is not None]
        tops.extend(self._ranks[contact] for contact in self._unsorted)
        return min(tops, default=None)

    def _sort(self, contact: ContactT, now_ms: int) -> None:
        """Put the contact in the file of the decliners whose pause still runs."""
        running = [pause for pause in self.declined[contact] if now_ms < pause[1]]
        paused = frozenset(agent for agent, _ in running)
        self._paused[contact] = paused
        if paused not in self._files:
            self._files[paused] = Soonest(self._ranks.get)
        self._files[paused].lower(contact, self._ranks[contact])
        for _, until_ms in running:
            heappush(self._pauses, (until_ms, contact))


class Places(Generic[ContactT]):
    """The contacts of one queue that have no agent, waiting and offered ones, with positions.

    Changes are put in order when somebody asks: a contact that is offered and accepted at once
    comes and goes between two questions and is never sorted.
    """

    __slots__ = ("_new", "_old", "_order", "_ranks", "_waits")

    def __init__(self) -> None:
        """Start with nobody."""
        self._ranks: dict[ContactT, Rank] = {}
        self._order: SortedList[tuple[Rank, ContactT]] = SortedList()
        self._waits: Soonest[tuple[int], ContactT] = Soonest(self._since)
        # Who stands but is not in the order yet, and who is in it but stands no more or elsewhere.
        self._new: dict[ContactT, Rank] = {}
        self._old: dict[ContactT, Rank] = {}

    def __len__(self) -> int:
        return len(self._ranks)

    def stand(self, contact: ContactT, rank: Rank) -> None:
        """Give the contact its place, in exchange for one it may have."""
        if contact in self._ranks:
            self.unstand(contact)
        self._ranks[contact] = rank
        if self._old.get(contact) == rank:
            del self._old[contact]
        else:
            self._new[contact] = rank

    def unstand(self, contact: ContactT) -> None:
        """Take the place of a contact that has one."""
        rank = self._ranks.pop(contact)
        if self._new.pop(contact, None) is None:
            self._old[contact] = rank

    def position(self, contact: ContactT) -> int:
        """How many stand before the contact, and itself."""
        self._settle()
        return self._order.index((self._ranks[contact], contact)) + 1

    def first(self, limit: int) -> Iterator[ContactT]:
        """The first ``limit`` contacts in order."""
        self._settle()
        return (contact for _, contact in islice(self._order, limit))

    def oldest_ms(self) -> int | None:
        """Since when the one who waits longest has waited."""
        self._settle()
        top = self._waits.first()
        return None if top is None else top[0][0]

    def _settle(self) -> None:
        """Put the changes in order: O(log n) each."""
        for contact, rank in self._old.items():
            self._order.remove((rank, contact))
            self._waits.drop(contact)
        self._old.clear()
        if self._new:
            self._order.update([(rank, contact) for contact, rank in self._new.items()])
            for contact, rank in self._new.items():
                self._waits.lower(contact, (rank.since_ms,))
            self._new.clear()

    def _since(self, contact: ContactT) -> tuple[int] | None:
        rank = self._ranks.get(contact)
        return None if rank is None else (rank.since_ms,)

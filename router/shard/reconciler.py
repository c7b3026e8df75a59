"""Holds the records in memory against what must always be true, a few at a time, in production.

It finds nothing unless there is a bug. What it finds it counts and notes; it changes nothing.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import islice
from typing import Generic, Literal, TypeVar

from router.kernel.ids import AgentId, ContactId, OfferId
from router.kernel.invariants import check_agent, check_contact, check_lines, check_offer
from router.kernel.state import State
from router.log import log
from router.shard.metrics import RECONCILED, RECONCILER_FOUND

RECORDS_AT_ONCE = 50
"""Of each kind: together less than a millisecond, twice a second; ten thousand take a hundred s."""

Kind = Literal["contact", "agent", "offer", "line"]

NameT = TypeVar("NameT")

NOTES = log(__name__)


class Reconciler:
    """Goes through the contacts, agents and offers of one state, over and over."""

    def __init__(self, tenant: str) -> None:
        """Begin with whatever comes first of a tenant's."""
        self._tenant = tenant
        self._contacts = Round[ContactId]()
        self._agents = Round[AgentId]()
        self._offers = Round[OfferId]()

    def look(self, state: State) -> None:
        """Check the next records of each kind, between two steps."""
        for contact in self._contacts.next(state.contacts):
            self._judge("contact", partial(check_contact, state, state.contacts[contact]))
        for agent in self._agents.next(state.agents):
            held = state.contacts_with(agent)
            self._judge("agent", partial(check_agent, state, state.agents[agent], held))
        for offer in self._offers.next(state.offers):
            self._judge("offer", partial(check_offer, state, state.offers[offer]))
        self._judge("line", partial(check_lines, state))

    def _judge(self, kind: Kind, check: Callable[[], None]) -> None:
        RECONCILED.labels(kind).inc()
        try:
            check()
        except (AssertionError, KeyError):  # a record that another names is not there
            RECONCILER_FOUND.labels(kind).inc()
            NOTES.error("reconciler.found", tenant=self._tenant, kind=kind)


class Round(Generic[NameT]):
    """Names, some at a time; when all were named it begins anew with those of then."""

    def __init__(self) -> None:
        """Begin with whatever comes first."""
        self._ahead: Iterator[NameT] = iter(())

    def next(self, now: Collection[NameT]) -> list[NameT]:
        """The next few of those that are there now."""
        names = list(islice(self._ahead, RECORDS_AT_ONCE))
        if not names:
            self._ahead = iter(tuple(now))
            names = list(islice(self._ahead, RECORDS_AT_ONCE))
        return [name for name in names if name in now]

"""What ran out while nobody knows whether the hub of whom it was offered to lived.

A dead hub is missed some seconds late. Until then an offer that ran out at one is held: it is
nobody's fault if the hub is lost, and as it should be if the hub is heard of again.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from router.kernel.deadlines import Deadline
from router.kernel.ids import HubId, OfferId
from router.kernel.kernel import Kernel
from router.shard.engine import Hubs

PAUSE_MS_MIN = 10
PAUSE_MS_MAX = 160
"""Between two looks while something is held, each twice as long as the one before: a hub that lives
answers within a few ms, and one that does not is dead for seconds."""


class _Held(NamedTuple):
    """When it ran out, and the hubs through one of which it could have been answered then."""

    at_ms: int
    hubs: frozenset[HubId]


class Doubts:
    """The offers of one tenure that are held.

    Attributes:
        hubs: Those in doubt.
        pause_ms: How long after the last look is looked again.
    """

    def __init__(self, hubs: Hubs, *, is_own: Callable[[HubId], bool]) -> None:
        """Hold nothing; what lives in this process (``is_own``) is never in doubt."""
        self.hubs: frozenset[HubId] = frozenset()
        self.pause_ms = PAUSE_MS_MIN
        self._hubs = hubs
        self._is_own = is_own
        self._held: dict[Deadline, _Held] = {}
        self._beats: Mapping[HubId, float] = {}
        self._looked_ms = 0
        self._lived_ms: dict[HubId, int] = {}

    def holds(self, kernel: Kernel, at_ms: int, deadline: Deadline) -> bool:
        """Hold what fell due at a time unless it may be fired; says whether it is held."""
        if deadline.kind != "offer":
            return False
        hubs = _reached_by(kernel, OfferId(deadline.id))
        if not hubs or self._have_lived(hubs, at_ms):
            return False
        kernel.hold(deadline)
        self._held[deadline] = _Held(at_ms, hubs)
        self.hubs |= hubs
        self.pause_ms = PAUSE_MS_MIN
        return True

    def _have_lived(self, hubs: frozenset[HubId], at_ms: int) -> bool:
        """One of them is known to have lived then, or later."""
        return any(self._is_own(hub) or self._lived_ms.get(hub, -1) >= at_ms for hub in hubs)

    async def look(self, kernel: Kernel, now_ms: int) -> Mapping[HubId, float]:
        """Look which hubs live, as `Hubs.beats` tells, and release what is known by then."""
        beats = await self._hubs.beats(self.hubs)
        self._lived_ms = {hub: at_ms for hub, at_ms in self._lived_ms.items() if hub in beats}
        for hub, beat in beats.items():
            if beat > self._beats.get(hub, beat):
                self._lived_ms[hub] = self._looked_ms
        self._beats, self._looked_ms = beats, now_ms
        self.pause_ms = min(self.pause_ms * 2, PAUSE_MS_MAX)
        for deadline, held in tuple(self._held.items()):
            # Who came since could not have answered then.
            hubs = held.hubs & _reached_by(kernel, OfferId(deadline.id))
            if not hubs or self._have_lived(hubs, held.at_ms):
                del self._held[deadline]
                kernel.release(deadline)
        self.hubs = frozenset[HubId]().union(*(held.hubs for held in self._held.values()))
        return beats


def _reached_by(kernel: Kernel, name: OfferId) -> frozenset[HubId]:
    """The hubs through which an open offer may be answered."""
    offer = kernel.state.offers.get(name)
    if offer is None or offer.outcome is not None:
        return frozenset()
    connections = kernel.state.agents[offer.agent].presence.connections
    return frozenset(HubId(connection.hub) for connection in connections)

"""Which hubs live, as a test says."""

from collections.abc import Collection, Mapping

from router.kernel.ids import HubId
from router.shard.hubs import OneHub


class Living(OneHub):
    """These live, and whoever is announced.

    Attributes:
        silent: Those of them that are dead, which nobody has noticed yet.
    """

    def __init__(self, *hubs: HubId) -> None:
        """Let them live."""
        super().__init__()
        self._alive |= dict.fromkeys(hubs)
        self.silent: set[HubId] = set()

    async def beats(self, asked: Collection[HubId]) -> Mapping[HubId, float]:
        """See `Hubs.beats`."""
        beats = await super().beats(asked)
        return {hub: 0.0 if hub in self.silent else beat for hub, beat in beats.items()}

    def bury(self, hub: HubId) -> None:
        """Let a dead one be noticed."""
        self.silent.discard(hub)
        self._alive.pop(hub, None)

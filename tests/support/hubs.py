"""Which hubs live, as a test says."""

from router.kernel.ids import HubId
from router.shard.hubs import OneHub


class Living(OneHub):
    """These live, and whoever is announced."""

    def __init__(self, *hubs: HubId) -> None:
        """Let them live."""
        super().__init__()
        self._alive |= dict.fromkeys(hubs)

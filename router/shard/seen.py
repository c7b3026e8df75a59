"""The numbers of hubs' commands: what is delivered twice is done once."""

from collections.abc import Collection, Iterable, Mapping

from router.kernel.ids import HubId

SEEN_KEPT_MS = 3_600_000
"""A hub that was counted as lost may only have stood still, with a command on its way."""


class Seen:
    """The last number taken of each hub, for as long as something may still come from it."""

    def __init__(self) -> None:
        """Have seen nothing."""
        self._numbers: dict[HubId, int] = {}
        self._lost_ms: dict[HubId, int] = {}

    def last(self, hub: HubId) -> int:
        """The number taken last; 0 is none."""
        return self._numbers.get(hub, 0)

    def take(self, numbers: Mapping[HubId, int]) -> None:
        """Note what was taken; who asks something is not lost."""
        self._numbers.update(numbers)
        for hub in numbers:
            self._lost_ms.pop(hub, None)

    def lose(self, hubs: Iterable[HubId], at_ms: int) -> None:
        """Note who is gone since a time, or since earlier."""
        for hub in hubs:
            if hub in self._numbers:
                self._lost_ms.setdefault(hub, at_ms)

    def missing(self, alive: Collection[HubId]) -> list[HubId]:
        """Those that are gone and were not noted as lost yet."""
        return [hub for hub in self._numbers if hub not in alive and hub not in self._lost_ms]

    def forget(self, at_ms: int) -> None:
        """Let go of those from which nothing can come any more."""
        for hub, lost_ms in tuple(self._lost_ms.items()):
            if lost_ms + SEEN_KEPT_MS <= at_ms:
                del self._lost_ms[hub], self._numbers[hub]

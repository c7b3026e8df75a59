"""Which hubs live, where all of them are in one process."""

from collections.abc import Collection, Mapping

from router.kernel.ids import HubId


class OneHub:
    """`Hubs` of a single process: whoever is announced lives until it is withdrawn."""

    def __init__(self) -> None:
        """Begin with none."""
        self._alive: dict[HubId, None] = {}
        self._looks = 0

    async def announce(self, hub: HubId, *, ttl_ms: int) -> bool:
        """See `Hubs.announce`; nobody else could count it as lost, so its time never runs out."""
        assert ttl_ms > 0, "a hub lives for a while"
        self._alive[hub] = None
        return True

    async def withdraw(self, hub: HubId) -> None:
        """See `Hubs.withdraw`."""
        self._alive.pop(hub, None)

    async def alive(self) -> tuple[HubId, ...]:
        """See `Hubs.alive`."""
        return tuple(self._alive)

    async def beats(self, asked: Collection[HubId]) -> Mapping[HubId, float]:  # noqa: ARG002 - all answer
        """See `Hubs.beats`; whoever asks here is the process that lives."""
        self._looks += 1
        return dict.fromkeys(self._alive, float(self._looks))

"""How clients are sent away so that they do not all come back at once.

Each is told how long its return may take, and its transport is closed a moment later; both are
spread evenly over a time that is bounded, however many there are.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from router.hub.events import ServerDraining

SPREAD_S = 1.0
"""The longest time over which clients are told: an orchestrator gives ten seconds for all of it."""

SPACE_S = 0.01
"""Between two clients where there are few: nobody waits for a spread that spreads nothing."""

NOTICE_S = 0.25
"""From being told to the end of the transport: commands on their way are answered until then."""

STEP_S = 0.02
"""Shorter waits are not worth a timer: those clients go in one step."""

ItemT = TypeVar("ItemT")


class Leaving(Protocol):
    """A socket that is sent away."""

    def tell(self, event: str, payload: object) -> None:
        """Send an event to every namespace the socket was let into."""
        ...

    def close(self) -> None:
        """Close the transport, not the namespaces, once what waits was written."""
        ...


async def send_away(
    sockets: Sequence[Leaving], *, reconnect_within_ms: int, now_ms: Callable[[], int]
) -> None:
    """Tell all sockets to come back and close them; each is told what is left of the time."""
    started_ms = now_ms()
    over_s = min(SPREAD_S, len(sockets) * SPACE_S, reconnect_within_ms / 5_000)

    def tell(socket: Leaving) -> None:
        at_ms = now_ms()
        left_ms = max(0, reconnect_within_ms - max(0, at_ms - started_ms))
        socket.tell("server.draining", ServerDraining(at=at_ms, reconnect_within_ms=left_ms))

    async def close() -> None:
        if sockets:
            await asyncio.sleep(NOTICE_S)
        await _spread(sockets, over_s, lambda socket: socket.close())

    await asyncio.gather(_spread(sockets, over_s, tell), close())


async def _spread(items: Sequence[ItemT], over_s: float, do: Callable[[ItemT], None]) -> None:
    """Do something with each item, in order, at even distances."""
    clock = asyncio.get_running_loop().time
    started_s = clock()
    for place, item in enumerate(items):
        wait_s = started_s + over_s * place / len(items) - clock()
        if wait_s > STEP_S:
            await asyncio.sleep(wait_s)
        do(item)

"""Says for ever that a process lives, and names its lives: one that was counted as lost is over."""

import asyncio
from collections.abc import Callable
from itertools import count

from router.kernel.ids import HubId
from router.shard.engine import EngineUnavailable, Hubs, OutcomeUnknown
from router.shard.formats import life_of

HUB_TTL_MS = 3_000
"""How long a process may be silent before its customers and agents count as disconnected: two tries
to say that it lives may fail, and a dead one is still noticed in time (10 s)."""

PAUSE_S = HUB_TTL_MS / 3_000

AGAIN_S = 0.1
"""Until a store that did not answer is told again: it may be back just in time."""


async def stay_alive(hubs: Hubs, process: str, begin_anew: Callable[[HubId], None]) -> None:
    """Announce a process that has announced its first life; ends never.

    ``begin_anew`` is told of each life that follows.
    """
    hub = known = life_of(process, 1)
    lives = count(2)
    pause_s = PAUSE_S
    while True:
        await asyncio.sleep(pause_s)
        try:
            while not await hubs.announce(hub, ttl_ms=HUB_TTL_MS):
                hub = life_of(process, next(lives))
        except (EngineUnavailable, OutcomeUnknown):
            pause_s = AGAIN_S
            continue  # what it is told then, it is told when there is somebody to tell it
        pause_s = PAUSE_S
        if hub != known:
            known = hub
            begin_anew(hub)

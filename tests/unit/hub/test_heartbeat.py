"""One clock for all hearts: each beats when it asked to, on every loop that serves."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from router.hub.heartbeat import Heartbeat

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def beaten() -> list[str]:
    """Hearts that ask for other times, one of them at once."""
    heartbeat = Heartbeat()
    seen: list[str] = []
    done = asyncio.get_running_loop().create_future()

    def heart(name: str, *again_ms: int) -> Callable[[], int]:
        rest = iter(again_ms)

        def beat() -> int:
            seen.append(name)
            if len(seen) == 6:
                done.set_result(None)
            return next(rest, 0)

        return beat

    heartbeat.add(heart("at once"), 0)
    heartbeat.add(heart("never again"), 0)
    heartbeat.add(heart("slow"), 60)
    heartbeat.add(heart("quick", 20, 20), 10)
    async with asyncio.timeout(5):
        await done
    return seen


@pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])
def test_each_heart_beats_in_its_turn(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """A timer that is due already is none on uvloop; nobody may be left out for it.

    Who beats again asks anew each time, so on a busy machine the slow one may come between.
    """
    with asyncio.Runner(loop_factory=loop) as runner:
        seen = runner.run(beaten())

    assert seen[:3] == ["at once", "never again", "quick"]
    assert sorted(seen[3:]) == ["quick", "quick", "slow"]

"""Faults that happen to processes on one Redis while people chat through them."""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

from tests.e2e.floors import Plan, Tables, configuration
from tests.support.cluster import Cluster, check_now, check_settled
from tests.support.crowd import Crowd

CALLERS = 6
CLERKS = 3

TRAFFIC_S = (0.1, 0.4)
"""Between two faults: they hit people in the middle of something else each time."""

OFFER_TIMEOUT_MS = 10_000
"""Longer than anybody here is away, shorter than a test: who is not waited for shows as RONA."""

Fault = Callable[[], Awaitable[None]]
"""Something that goes wrong; it returns when nothing is wrong any more."""


def processes(
    folder: Path,
    engines: Sequence[str],
    redis_port: int,
    *,
    settings: Tables | None = None,
    program: Sequence[str] = (),
) -> Cluster:
    """Prepare processes for those who chat; see `Cluster.of`."""
    agents = {f"agent{place}": {"capacity": 3} for place in range(CLERKS)}
    plan = Plan(agents=agents, queues={"support": {"offer_timeout_ms": OFFER_TIMEOUT_MS}})
    quick: Tables = {"presence": {"decline_pause_ms": 300}}
    return Cluster.of(
        folder,
        configuration([plan], {**quick, **(settings or {})}),
        engines=engines,
        redis_port=redis_port,
        program=program,
    )


async def endure(cluster: Cluster, faults: Iterable[Fault], *, seed: int) -> list[float]:
    """Let faults happen, one after the other; everything promised is looked for after each.

    Returns:
        The longest time in which nobody was answered, in ms, of each fault.
    """
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    moments = random.Random(seed)
    gaps_ms: list[float] = []
    async with crowd.at(cluster.urls):
        await crowd.until_all_resumed()
        for fault in faults:
            await asyncio.sleep(moments.uniform(*TRAFFIC_S))
            began_s = time.monotonic()
            await fault()
            await crowd.until_all_resumed()
            gaps_ms.append(crowd.pulse.silence_ms(began_s))
            await check_now(cluster, crowd.ledger)
        await crowd.finish()
        await check_settled(cluster, crowd.ledger)
    return gaps_ms


def told(what: str, gaps_ms: Sequence[float]) -> None:
    """Print what people waited, the worst of each fault."""
    ordered = sorted(gaps_ms)
    p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    sys.stdout.write(f"\n{what}: {len(ordered)} times, p95 {p95:.0f} ms, most {ordered[-1]:.0f}\n")

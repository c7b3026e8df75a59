"""How long a writer believes that it writes, and when it lets others have the shard.

With the times it really has, on a clock that nobody waits for.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from itertools import count

import pytest

from router.kernel.ids import HubId
from router.shard.engine import Cursor, Envelope, Lease
from router.shard.loop import Shard
from router.shard.memory import MemoryEngine
from router.shard.shares import place_of
from router.shard.writer import ShardLimits
from tests.support.hubs import Living
from tests.support.virtual_loop import VirtualLoop

HUB = HubId("hub")
LIMITS = ShardLimits()
FENCE_S = LIMITS.fence_ms / 1_000
TTL_S = LIMITS.ttl_ms / 1_000
SETTLE_S = LIMITS.settle_ms / 1_000
YIELD_S = LIMITS.yield_ms / 1_000

FIRST = next(
    each
    for each in (HubId(f"other-{n}") for n in range(100))
    if place_of(HUB, (HUB, each), shard="main") == 1
)
"""Comes before this hub at the shard."""


class Slow(MemoryEngine):
    """Notes when it is asked, and may take its time.

    Attributes:
        acquired_s: When somebody took the lease.
        renewed_s: When it was asked for last.
        reply_s: How long the answer to that is on its way.
        is_hanging: Nothing that is read comes back any more.
    """

    def __init__(self) -> None:
        """Answer at once."""
        super().__init__()
        self.acquired_s: list[float] = []
        self.renewed_s = 0.0
        self.reply_s = 0.0
        self.is_hanging = False

    async def acquire(self, holder: str, *, ttl_ms: int) -> Lease:
        """See `Engine.acquire`."""
        self.acquired_s.append(now_s())
        return await super().acquire(holder, ttl_ms=ttl_ms)

    async def renew(self, lease: Lease, *, alive_at_ms: int, ttl_ms: int) -> None:
        """See `Engine.renew`."""
        self.renewed_s = now_s()
        await super().renew(lease, alive_at_ms=alive_at_ms, ttl_ms=ttl_ms)
        await asyncio.sleep(self.reply_s)

    async def read(self, after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
        """See `Engine.read`."""
        if self.is_hanging:
            await asyncio.Event().wait()
        return await super().read(after, limit=limit, wait_ms=wait_ms)


def now_s() -> float:
    """The time of the loop."""
    return asyncio.get_running_loop().time()


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what a shard does in its own time."""
    async with asyncio.timeout(10):
        while not is_true():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def shard_on(engine: Slow, hubs: Collection[HubId]) -> Shard:
    """A shard that other hubs could write too."""
    nonces = count(1)
    return Shard(
        engine,
        name="main",
        holder="test",
        hub=HUB,
        clock=lambda: round(now_s() * 1_000),
        nonce=lambda: next(nonces).to_bytes(16, "big"),
        hubs=Living(HUB, *hubs),
    )


def played(work: Coroutine[object, object, None]) -> None:
    """Play something on a clock that nobody waits for."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)


@pytest.mark.parametrize("reply_s", [0.0, 0.4])
def test_a_writer_that_hears_nothing_says_so_before_another_can_write(reply_s: float) -> None:
    """The lease lives from when it was asked for, whenever the answer comes."""
    ended_s: list[float] = []

    async def work() -> None:
        engine = Slow()
        shard = shard_on(engine, ())
        running = asyncio.create_task(shard.run())
        await until(lambda: shard.is_writing)
        engine.reply_s = reply_s
        before_s = engine.renewed_s
        await until(lambda: engine.renewed_s > before_s)
        engine.is_hanging = True
        await until(lambda: not shard.is_writing)
        ended_s.append(now_s() - engine.renewed_s)
        running.cancel()

    played(work())

    assert ended_s == [pytest.approx(FENCE_S, abs=0.03)]
    assert ended_s[0] < TTL_S


def taken_s(hubs: Collection[HubId], *, for_s: float) -> list[float]:
    """When a shard was taken that nobody else ever takes."""
    engine = Slow()

    async def work() -> None:
        running = asyncio.create_task(shard_on(engine, hubs).run())
        await asyncio.sleep(for_s)
        running.cancel()

    played(work())
    return engine.acquired_s


def test_a_shard_is_left_to_whoever_comes_first_and_now_and_then_again() -> None:
    """It may not be able to write, and each try is a pause for everybody at the shard."""
    times = taken_s([FIRST], for_s=SETTLE_S + 2.5 * YIELD_S)
    expected = [0, SETTLE_S, SETTLE_S + YIELD_S, SETTLE_S + 2 * YIELD_S]

    assert times == pytest.approx(expected, abs=2)


def test_a_shard_that_nobody_comes_first_at_is_kept() -> None:
    """Whoever left it to itself would make everybody wait for nothing."""
    assert taken_s([], for_s=3 * YIELD_S) == [0]

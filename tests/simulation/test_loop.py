"""The loop of the simulation: time is not waited for, and standing still is noticed."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import TypeVar

import pytest

from tests.simulation.loop import Stuck, VirtualLoop

ResultT = TypeVar("ResultT")


def played(work: Coroutine[object, object, ResultT], seed: int = 0) -> ResultT:
    """The result of something that ran on virtual time."""
    loop = VirtualLoop(Random(seed))
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def test_time_passes_without_waiting() -> None:
    """A day of a floor must take no longer than what happens in it."""

    async def sleep() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    assert round(played(sleep())) == 86_400


def test_the_seed_settles_who_runs_first() -> None:
    """Tasks that are ready together may run in any order, and repeat it."""

    async def race() -> tuple[int, ...]:
        ran: list[int] = []

        async def run(name: int) -> None:
            for _ in range(3):
                await asyncio.sleep(0)
                ran.append(name)

        await asyncio.gather(*(run(name) for name in range(4)))
        return tuple(ran)

    orders = {played(race(), seed) for seed in range(20)}

    assert len(orders) > 5
    assert played(race(), 3) == played(race(), 3)


def test_waiting_for_ever_is_noticed() -> None:
    """A deadlock must not look like a long history."""

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stuck, match="everybody waits"):
        played(wait())


def test_never_waiting_is_noticed() -> None:
    """Who looks again at once, for ever, would burn a processor in production."""

    async def spin() -> None:
        while True:  # noqa: ASYNC110 - this is what must not be
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match="time stands still"):
        played(spin())


def test_threads_are_refused() -> None:
    """Their order is nobody's to settle."""

    async def leave() -> None:
        await asyncio.to_thread(int)

    with pytest.raises(Stuck, match="thread"):
        played(leave())

"""Coroutines run without a task: at once as far as they go, and on when they are called."""

import asyncio
from functools import partial

from router.hub.drive import drive


async def test_what_need_not_wait_is_done_at_once() -> None:
    """A refusal costs no turn of the loop."""
    done: list[str] = []

    async def work() -> None:
        done.append("work")

    assert drive(work(), lambda: done.append("done"))
    assert done == ["work"]


async def test_what_waits_goes_on_when_its_future_is_there() -> None:
    """Waiting for a commit, for another turn, and for something that fails."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[int] = loop.create_future()
    second: asyncio.Future[int] = loop.create_future()
    ended: asyncio.Future[None] = loop.create_future()
    seen: list[object] = []

    async def work() -> None:
        seen.append(await first)
        await asyncio.sleep(0)
        try:
            await second
        except OSError as error:
            seen.append(error)

    assert not drive(work(), lambda: ended.set_result(None))
    assert seen == []

    error = OSError("gone")
    first.set_result(1)
    second.set_exception(error)
    await ended

    assert seen == [1, error]


async def test_several_wait_side_by_side() -> None:
    """One that waits holds up nobody."""
    loop = asyncio.get_running_loop()
    gates: list[asyncio.Future[None]] = [loop.create_future() for _ in range(3)]
    done: list[int] = []

    async def work(number: int) -> None:
        await gates[number]

    for number in range(3):
        drive(work(number), partial(done.append, number))
    for number in (2, 0, 1):
        gates[number].set_result(None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert done == [2, 0, 1]

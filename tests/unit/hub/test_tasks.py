"""Tasks end together, whatever they make of being told to."""

import asyncio

from router.hub.tasks import Tasks


async def test_a_task_that_takes_a_cancellation_for_something_else_is_cancelled_again() -> None:
    """A process that waits for it for ever would be killed instead of ending in order."""
    tasks = Tasks()
    heard: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            heard.append("taken for a lost connection")
        await asyncio.sleep(60)

    tasks.keep("stubborn", stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await tasks.stop()

    assert heard == ["taken for a lost connection"]
    assert not tasks.failure.done() or tasks.failure.cancelled()

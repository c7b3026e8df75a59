"""Tasks: none is lost, and no failure is silent."""

import asyncio
import logging

import pytest

from router.hub.errors import TaskCrashed
from router.hub.tasks import Tasks


async def fail() -> None:
    """Break, with a text that is nobody's business."""
    await asyncio.sleep(0)
    raise ValueError("a customer's text")


async def end() -> None:
    """End at once."""


async def test_what_must_not_end_and_breaks_is_fatal() -> None:
    """A hub that no longer follows the log would answer nobody and look alive."""
    tasks = Tasks()
    tasks.keep("follow", fail())

    with pytest.raises(TaskCrashed, match="follow"):
        await tasks.failure
    await tasks.stop()


async def test_what_must_not_end_and_ends_is_fatal_too() -> None:
    """Ending without an error is as bad."""
    tasks = Tasks()
    tasks.keep("follow", end())

    with pytest.raises(TaskCrashed):
        await tasks.failure
    await tasks.stop()


async def test_what_may_end_and_breaks_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    """One socket's failure is nobody else's, but an operator sees it."""
    tasks = Tasks()
    with caplog.at_level(logging.ERROR):
        tasks.start("socket", fail())
        await tasks.ended("socket", within_s=1)
        await asyncio.sleep(0)

    assert [record.getMessage() for record in caplog.records] == ["task.failed"]
    assert not tasks.failure.done()
    await tasks.stop()


async def test_stopping_ends_everything_and_is_no_failure() -> None:
    """What was cancelled on purpose did not crash."""
    tasks = Tasks()
    forever = asyncio.Event()
    cancelled = asyncio.Event()

    async def wait() -> None:
        try:
            await forever.wait()
        finally:
            cancelled.set()

    tasks.keep("wait", wait())
    await asyncio.sleep(0)
    await tasks.stop()

    assert cancelled.is_set()
    assert tasks.failure.cancelled()

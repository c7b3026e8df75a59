"""The one place that starts tasks and watches them: none is lost, and no failure is silent."""

import asyncio
from collections.abc import Callable, Coroutine

from router.hub.errors import TaskCrashed
from router.log import log

CANCEL_AGAIN_S = 0.2
"""What ends in order is through long before."""

NOTES = log(__name__)


class Tasks:
    """Named tasks that end together.

    Attributes:
        failure: Set when a task that must never end has ended.
    """

    def __init__(self) -> None:
        """Belong to the running loop."""
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[object, object, None]) -> None:
        """Run work that may end; when it fails, that is noted and nothing else happens."""
        self._run(name, work, self._ended)

    def keep(self, name: str, work: Coroutine[object, object, None]) -> None:
        """Run work that must not end before `stop`; when it does, `failure` is set."""
        self._run(name, work, self._must_not_end)

    async def ended(self, name: str, *, within_s: float) -> None:
        """Wait until a task has ended by itself."""
        named = [task for task in self._running if task.get_name() == name]
        if named:
            await asyncio.wait(named, timeout=within_s)

    async def end(self, *names: str) -> None:
        """Cancel the tasks of these names and wait until they have ended."""
        await _cancelled({task for task in self._running if task.get_name() in names})

    async def stop(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        await _cancelled(set(self._running))
        if self.failure.done():
            self.failure.exception()  # it was noted already
        else:
            self.failure.cancel()

    def _run(
        self,
        name: str,
        work: Coroutine[object, object, None],
        done: Callable[[asyncio.Task[None]], None],
    ) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(done)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            NOTES.target.error(
                "task.failed", extra={"fields": {"task": task.get_name()}}, exc_info=error
            )

    def _must_not_end(self, task: asyncio.Task[None]) -> None:
        self._ended(task)
        if not task.cancelled() and not self.failure.done():
            self.failure.set_exception(TaskCrashed(task.get_name()))


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: one may take a cancellation for a lost connection."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=CANCEL_AGAIN_S)

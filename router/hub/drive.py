"""Runs a coroutine at once, until it has to wait: what a task does, without the task.

A command is begun where it is read, mostly waits once, for its commit, and is answered where that
is known. A task for it would cost more than masking it, and one for each socket would be most of
what an idle socket weighs.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from functools import partial
from typing import cast

CONTEXT = Context()
"""Nothing here has variables of its own, so nobody needs a copy."""


def drive(work: Coroutine[object, None, None], done: Callable[[], None]) -> bool:
    """Take ``work`` to where it waits for a future, and later on from there.

    ``work`` must not raise, cannot be cancelled, and is in no task: `asyncio.timeout` and what is
    built on it are not for it.

    Returns:
        True when it is done already; else ``done`` is called when it is.
    """
    try:
        waited = work.send(None)
    except StopIteration:
        return True
    go_on = partial(_go_on, work, done)
    if waited is None:  # asyncio.sleep(0): whoever else is ready comes first
        asyncio.get_running_loop().call_soon(go_on, None, context=CONTEXT)
        return False
    assert isinstance(waited, asyncio.Future), "only futures are waited for"
    future = cast("asyncio.Future[object]", waited)
    future._asyncio_future_blocking = False  # noqa: SLF001 - how a future knows that it was awaited
    future.add_done_callback(go_on, context=CONTEXT)
    return False


def _go_on(work: Coroutine[object, None, None], done: Callable[[], None], _: object) -> None:
    if drive(work, done):
        done()

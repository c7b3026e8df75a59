"""How Python itself runs a server: its event loop, garbage collection and switching of threads."""

import asyncio
import gc
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Literal, TypeVar

from router.hub.metrics import GC_PAUSE_SECONDS, GC_PAUSE_SECONDS_MAX, LOOP_LAG_SECONDS

# Looking at ten thousand objects takes some milliseconds: as long as everybody may be stopped.
GC_THRESHOLDS = (10_000, 10, 50)

SWITCH_S = 0.0005
"""The thread that writes needs the interpreter for some microseconds after each statement. At
Python's 5 ms a busy event loop makes it wait that long each time, and every answer with it."""

LOOK_EVERY_S = 0.25
"""Often enough to meet a pause of a second a few times, at the cost of some microseconds."""

ResultT = TypeVar("ResultT")


def run(work: Coroutine[object, object, ResultT]) -> ResultT:
    """Run a server on uvloop where it can be installed, else on asyncio's own loop."""
    raise_files()
    try:
        from uvloop import new_event_loop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


def raise_files() -> None:
    """Open as many files as the system allows, however few it begins with: a socket is one.

    Containers and shells begin with 1024, for programs that number files in a fixed table.
    """
    _, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS calls unlimited what it does not let anybody have
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


def settle() -> None:
    """Tune a process that has loaded what it keeps: from now on only what is new is looked at."""
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*GC_THRESHOLDS)
    gc.collect()
    gc.freeze()
    gc.callbacks.append(GcWatch())
    LoopWatch(asyncio.get_running_loop()).begin()


class LoopWatch:
    """Measures how late the event loop is, for `frontdesk_loop_lag_seconds`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch a loop once it is told to begin."""
        self._loop = loop
        self._due_s = 0.0

    def begin(self) -> None:
        """Make the next appointment; it goes on until the loop ends."""
        self._due_s = self._loop.time() + LOOK_EVERY_S
        self._loop.call_at(self._due_s, self._look)

    def _look(self) -> None:
        # Timers count whole milliseconds, so one may be a little early.
        LOOP_LAG_SECONDS.observe(max(0.0, self._loop.time() - self._due_s))
        self.begin()


def end_with_input() -> None:
    """Stop as by SIGTERM when standard input ends: whoever started this process is gone."""
    threading.Thread(target=_await_end_of_input, daemon=True).start()


def _await_end_of_input() -> None:
    # Not through sys.stdin: a reader of it cannot be left behind when the program ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class GcWatch:
    """Measures how long each collection stops everything, for `frontdesk_gc_pause_seconds`.

    What survives one is not looked at again, so that no pause grows with the connections: a
    thousand of them are some 20 000 objects. They are freed when nothing names them any more;
    only a cycle that closes later would stay, and sockets leave none (`test_sio_memory.py`).
    """

    def __init__(self) -> None:
        """Make what measuring needs now, so that nothing is made during a collection."""
        generations = ("0", "1", "2")
        self._pauses = [GC_PAUSE_SECONDS.labels(generation=each) for each in generations]
        self._longest = [GC_PAUSE_SECONDS_MAX.labels(generation=each) for each in generations]
        self._longest_s = [0.0, 0.0, 0.0]
        self._started_s = 0.0

    def __call__(self, phase: Literal["start", "stop"], info: dict[str, int]) -> None:
        """Note a collection's begin or end."""
        if phase == "start":
            self._started_s = time.perf_counter()
            return
        gc.freeze()
        pause_s = time.perf_counter() - self._started_s
        generation = info["generation"]
        self._pauses[generation].observe(pause_s)
        if pause_s > self._longest_s[generation]:
            self._longest_s[generation] = pause_s
            self._longest[generation].set(pause_s)

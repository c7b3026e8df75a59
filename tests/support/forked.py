"""Starts the program as a copy of a process that has imported it already.

Imports take a second of processor time and are the same at every start. A copy is a process of its
own like any other: it may be killed, stopped, limited and measured. That the program can also be
started as its users start it is shown by the tests of the command line, the demo and the storm.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from router.app.cli import main

COLLECTED = "memory was collected"

_FORKS = multiprocessing.get_context("forkserver")
# The second and third are what the command line imports only when it serves; the last one ends it.
_FORKS.set_forkserver_preload(
    [__name__, "router.app.runtime", "router.app.serve", "tests.support.settled"]
)


class Copy:
    """One copy, with the parts of `subprocess.Popen` that tests need."""

    def __init__(
        self,
        words: Sequence[str],
        output: Path,
        variables: Mapping[str, str],
        folder: Path,
        *,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """Start it; what it prints is added to a file, and ``prepare`` changes what it is."""
        self._process = _FORKS.Process(
            target=_live, args=(tuple(words), output, dict(variables), folder, prepare), daemon=True
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Give its exit code once it has ended."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and give its exit code.

        Raises:
            TimeoutExpired: It has not ended in time.
        """
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("a copy of the program", timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def collect(self) -> None:
        """Let it give back all memory that nothing needs; it prints `COLLECTED` when it has."""
        self.send_signal(signal.SIGUSR2)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()


def _live(
    words: tuple[str, ...],
    output: Path,
    variables: Mapping[str, str],
    folder: Path,
    prepare: Callable[[], None] | None,
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    to = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(to, stream.fileno())
    if prepare is not None:
        prepare()
    sys.stdout = os.fdopen(to, "w", buffering=1)
    signal.signal(signal.SIGUSR2, _collect)
    sys.exit(main(words))


def _collect(_number: int, _frame: FrameType | None) -> None:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # glibc keeps what was freed, up to tens of megabytes
    os.write(1, f"{COLLECTED}\n".encode())

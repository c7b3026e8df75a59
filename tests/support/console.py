"""Runs a program as somebody at a terminal does: types lines, and reads what it prints."""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.support.server import ROOT, environment

PATIENCE_S = 30.0


class Console:
    """A program with pipes for a terminal."""

    def __init__(self, folder: Path, name: str, *command: str, terminal: int | None = None) -> None:
        """Start it; its temporary files go into the folder, and keys come from a terminal."""
        self._output = folder / f"{name}.txt"
        temporary = folder / name
        temporary.mkdir()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if terminal is None else terminal,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=environment() | {"PYTHONUNBUFFERED": "1", "TMPDIR": str(temporary)},
            )
        self.temporary = temporary

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """End it, however the test went."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def said(self) -> str:
        """Give everything it printed."""
        return self._output.read_text("utf-8", "replace")

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until it has printed something and give it."""
        wait_for(lambda: re.search(pattern, self.said()))
        found = re.search(pattern, self.said())

        assert found is not None, f"no {pattern!r} in\n{self.said()}"
        return found

    def type(self, line: str) -> None:
        """Type a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def stop(self, how: signal.Signals) -> int:
        """Ask it to end and give its exit code."""
        self._process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end and give its exit code."""
        return self._process.wait(PATIENCE_S)


def wait_for(look: Callable[[], object]) -> None:
    """Look until there is something to see, as long as a test may wait."""
    give_up_s = time.monotonic() + PATIENCE_S
    while not look() and time.monotonic() < give_up_s:
        time.sleep(0.05)

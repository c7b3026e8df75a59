"""Runs Frontdesk with a full garbage collection every second.

On its own one comes after hours. It is asked for where everything else happens: in a thread of its
own it would wait for the interpreter in the middle, which would look like a longer pause.
"""

import gc
import signal
import sys
from types import FrameType

from router.app.__main__ import main

EVERY_S = 1.0


def collect(_number: int, _frame: FrameType | None) -> None:
    """Look at every object that was not there when the last one was looked at."""
    gc.collect()


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, collect)
    signal.setitimer(signal.ITIMER_REAL, EVERY_S, EVERY_S)
    sys.exit(main())

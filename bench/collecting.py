"""Runs Frontdesk with a full garbage collection every second.

On its own one comes after hours. A collection stops the process for as long whatever asked for it.
"""

import gc
import sys
import threading
import time

from router.app.__main__ import main

EVERY_S = 1.0


def collect() -> None:
    """Look at every object that was not there at the start, again and again."""
    while True:
        time.sleep(EVERY_S)
        gc.collect()


if __name__ == "__main__":
    threading.Thread(target=collect, daemon=True).start()
    sys.exit(main())

"""`./dev sim [SEED]`: plays one history and shows it, or new ones until somebody stops it."""

import gc
import sys
import time
from random import SystemRandom

from tests.simulation.many import COLLECT_EVERY, report
from tests.simulation.world import quiet, run

SEEDS_MAX = 1 << 32
TOLD_EVERY_S = 2.0


def one(seed: int) -> int:
    """Show one history; when it fails, the shortest that fails in the same way."""
    outcome = run(seed)
    for line in outcome.history:
        print(line)  # noqa: T201 - the answer of a command line is printed
    if outcome.failure is None:
        print(f"seed {seed}: nothing wrong")  # noqa: T201 - as above
        return 0
    print(report(seed, outcome.failure))  # noqa: T201 - as above
    return 1


def many() -> int:
    """Play new histories until one fails or somebody interrupts."""
    chance, count, told_s = SystemRandom(), 0, time.monotonic()
    started_s = told_s
    gc.disable()  # most of what a history leaves is freed at once
    try:
        while True:
            seed = chance.randrange(SEEDS_MAX)
            outcome = run(seed)
            count += 1
            if outcome.failure is not None:
                print(f"\n{report(seed, outcome.failure)}")  # noqa: T201 - as above
                return 1
            if count % COLLECT_EVERY == 0:
                gc.collect()
            if time.monotonic() - told_s > TOLD_EVERY_S:
                told_s = time.monotonic()
                pace = count / (told_s - started_s)
                print(f"\r{count} seeds, {pace:.0f} a second, nothing wrong", end="", flush=True)  # noqa: T201 - as above
    except KeyboardInterrupt:
        print(f"\n{count} seeds, nothing wrong")  # noqa: T201 - as above
        return 0


if __name__ == "__main__":
    quiet()
    try:
        sys.exit(one(int(sys.argv[1])) if len(sys.argv) > 1 else many())
    except ValueError:
        sys.exit("a seed is a whole number")

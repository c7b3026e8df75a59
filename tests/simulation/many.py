"""Plays many histories, and says of those that fail what somebody needs to understand them."""

import gc
import traceback
from random import Random

from tests.simulation.script import draw_script
from tests.simulation.shrink import SHRINK_WITHIN_S, shrink
from tests.simulation.world import quiet, run

COLLECT_EVERY = 50
"""Histories between two collections of garbage, which cost more than they find."""


def report(seed: int, failure: BaseException, *, within_s: float = SHRINK_WITHIN_S) -> str:
    """How to repeat a failure, and the shortest history that fails in the same way."""
    script = draw_script(Random(f"script {seed}"))
    ops, outcome = shrink(seed, script, failure, within_s=within_s)
    lines = [
        f"seed {seed} fails: {type(failure).__name__}: {failure}",
        f"again: ./dev sim {seed}",
        f"the same with {len(ops)} operations instead of {len(script)}:",
        *(str(line) for line in outcome.history),
        "".join(traceback.format_exception(outcome.failure or failure)),
    ]
    return "\n".join(lines)


def play(seeds: range) -> str:
    """Play the histories of seeds until one fails; its report, or nothing."""
    quiet()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for count, seed in enumerate(seeds, start=1):
            outcome = run(seed)
            if outcome.failure is not None:
                return report(seed, outcome.failure)
            if count % COLLECT_EVERY == 0:
                gc.collect()
    finally:
        if was_enabled:
            gc.enable()
    return ""

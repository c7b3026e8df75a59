"""Makes a failing history short: takes out operations as long as it still fails the same way."""

import re
import time
from collections.abc import Sequence

from tests.simulation.script import Op
from tests.simulation.world import Outcome, run

SHRINK_WITHIN_S = 20.0
"""A person waits for it; most histories are as short as they get in a quarter of this."""

NAMES = re.compile(r"[0-9a-f]{26}|\d+")


def kind_of(failure: BaseException) -> str:
    """What is the same about two failures: the complaint, without names and numbers."""
    return NAMES.sub("#", f"{type(failure).__name__}: {failure}")


def shrink(
    seed: int, ops: Sequence[Op], failure: BaseException, *, within_s: float = SHRINK_WITHIN_S
) -> tuple[tuple[Op, ...], Outcome]:
    """The fewest operations found that fail in the same way, and what becomes of them."""
    wanted, until_s = kind_of(failure), time.process_time() + within_s
    best, outcome = tuple(ops), run(seed, ops)
    size = len(best) // 2
    while size:
        start, is_shorter = 0, False
        while start < len(best) and time.process_time() < until_s:
            fewer = (*best[:start], *best[start + size :])
            tried = run(seed, fewer)
            if tried.failure is not None and kind_of(tried.failure) == wanted:
                best, outcome, is_shorter = fewer, tried, True
            else:
                start += size
        if size > 1 or not is_shorter:
            size //= 2
    return best, outcome

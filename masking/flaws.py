"""Why a regex cannot be an operator's: it is none, finds nothing, or never ends.

Whether a regex ends in time cannot be known, so it is tried on texts that keep a bad one busy. What
slips through is stopped by its time limit, and costs the readability of the text it slipped on.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import regex

from masking.policy import compiled

PROBE_SECONDS: Final = 0.1
"""A good regex needs a thousandth of it, so that a pause of the machine condemns none."""

_LENGTH: Final = 1_000  # of a message
_PARTS: Final = 20  # of an example: its first characters tell as much as all of them
_ANYTHING: Final = "+46 8 123 45 67, anna@shop.se"  # what an allowed value may look like


def flaw(pattern: str) -> str | None:
    """Answer why ``pattern`` is no regex, if it is none."""
    try:
        compiled(pattern)
    except regex.error as error:
        return f"not a regex: {error}"
    except (OverflowError, RecursionError):
        return "not a regex: too large"
    return None


def finds(pattern: str, example: str) -> bool:
    """Tell whether the regex finds a value in ``example``; one that never ends finds none."""
    try:
        found = compiled(pattern).finditer(example, timeout=PROBE_SECONDS)
        return any(match[0].strip() for match in found)
    except TimeoutError:
        return False


def is_slow(pattern: str, example: str = _ANYTHING) -> bool:
    """Tell whether the regex takes too long for a message made of parts of ``example``."""
    regexp = compiled(pattern)
    try:
        for text in _probes(example):
            for _ in regexp.finditer(text, timeout=PROBE_SECONDS):
                pass
    except TimeoutError:
        return True
    return False


def _probes(example: str) -> Iterator[str]:
    """Yield what nearly matches for long: beginnings and characters, again and again."""
    parts = [example, *list(accumulate(example))[:_PARTS], *dict.fromkeys(example[:_PARTS])]
    for part in parts:
        for length in (_LENGTH, 2 * _PARTS):
            yield (part * length)[: length - 1] + "\x00"

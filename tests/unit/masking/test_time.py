"""Time: what is written to be slow takes as long as its length says, and not longer."""

from itertools import cycle, islice
from time import process_time

import pytest

from masking import mask

FLOODS = [
    "1", "4", "1 ", "4 ", "5 0 ", "1-", "1.", "1\n", "4111 ", "4111111111111111 ", "536-", "12/",
    "12/27 ", "+", "(", "[", "{[(", "*", "*1", "@", "a@", "@a.", "a@a.", "a at ", "a at a dot ",
    "[at]", "a[@]", "dot ", "%40", "%", "%25", "&#52;", "&#", "&amp;", "&nbsp;", "\\u0034",
    "DE89", "DE89370400440532013000", "A1", "one ", "one", "double ", "double one ", "dash ", "to ",
    "一", "に", "いち", "アット", "O0l1", "Ol ", "1 l ", "1\u200b", "\u200b", "\u00ad", "٤", "٤ ",
    "cvv ", "cvv 1 ", "code ", "digits on the ", "exp ", "exp 1", "expires on ", "dec ",
    "x@2x.png ", "1,234,567.89 ",
    "4111111111111111 exp ", "4111111111111111 cvv 123 ",
]  # fmt: skip
SHORT = 1_000
TIMES = 4
BOUND = 3.0
"""How many times the time that its length allows: a quadratic pattern takes four times as long."""


def spent(text: str) -> float:
    """The processor's seconds for ``text``, the best of a few."""
    best = float("inf")
    for _ in range(3):
        before = process_time()
        mask(text)
        best = min(best, process_time() - before)
    return best


def repeated(part: str, length: int) -> str:
    """``part`` over and over, ``length`` characters of it."""
    return "".join(islice(cycle(part), length))


@pytest.mark.parametrize("part", FLOODS)
def test_time_grows_with_the_length(part: str) -> None:
    """One message must not stop everybody's: a stranger can write it."""
    least = 0.0005  # seconds; below it the clock and not the text is measured

    short = max(least, spent(repeated(part, SHORT)))
    long = spent(repeated(part, SHORT * TIMES))

    assert long < short * TIMES * BOUND


@pytest.mark.parametrize("part", FLOODS)
def test_a_flood_never_makes_masking_fail(part: str) -> None:
    """Starring the whole text is for mistakes; what is only long is read."""
    assert not mask(repeated(part, SHORT)).failed

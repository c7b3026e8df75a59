"""Time: a chat that is written to be slow takes as long as its length says, and not longer."""

from time import process_time

import pytest

from masking import mask
from masking.conversation import Tail
from masking.split.line import Line

CHATS = [
    # Lines that each offer many parts, and what goes on with as many.
    ("GB29 ", "819 " * 250),
    ("SE45 5000 ", "A1 " * 333),
    ("1 ", "1 " * 500),
    ("41 a ", "41 a " * 200),
    ("4111 1111 ", "card 41 " * 125),
    ("x@y ", "@" * 1_000),
]
LINES = 10
SHORT = 250
TIMES = 4  # to the longest message
BOUND = 3.0
"""How many times the time that its length allows: a quadratic reading takes four times as long."""


def spent(before: str, new: str) -> float:
    """The processor's seconds for a new message after others, the best of a few."""
    earlier, masked = mask(before), mask(new)
    best = float("inf")
    for _ in range(2):
        tail = Tail()
        for seq in range(LINES):
            tail.add(Line(seq, "customer", earlier.text, earlier.found))
        began = process_time()
        tail.hear("customer", masked)
        best = min(best, process_time() - began)
    return best


@pytest.mark.parametrize(("before", "new"), CHATS)
def test_time_grows_with_the_length_of_the_messages(before: str, new: str) -> None:
    """The shard hears one message at a time: what one customer types must not stop everybody."""
    least = 0.002  # seconds; below it the clock and not the chat is measured
    short, long = ((before * (size // len(before)), new[:size]) for size in (SHORT, SHORT * TIMES))

    shortly = max(least, spent(*short))

    assert spent(*long) < shortly * TIMES * BOUND

"""Time grows as the text does, whatever a stranger types."""

import time
from collections.abc import Callable

import pytest

from masking.detectors.emails import find_emails
from masking.detectors.nationals import find_nationals
from masking.detectors.phones import find_phones
from masking.detectors.ssns import find_ssns
from masking.model import Span

DETECTORS = (find_emails, find_nationals, find_phones, find_ssns)
PARTS = [
    *("@", "a@", "a.", "a@a.", "@a.a", ".a@", "a @ b . ", '"', '"@', "a ", "é@", "a\u200b@", "a-"),
    *("1", "1 ", "12-", "1-2/", "070-123 45 67 ", "+46", "+1 ", "(1) ", "call 1", "1, ", "1\n"),
    *(
        "00",
        "2026-11-21 ",
        "1.",
        "1\u200b",
        "123-45-",
        "0701234567",
        "電話1",
        "call ",
        "12.12.",
        "(((",
    ),
    *("+1234567 ", "ssn 123456789 ", "811218-9876 ", "1:", "1 - ", "x1234567", "://1234567"),
]
SHORT, LONG = 500, 5_000


@pytest.mark.parametrize("part", PARTS)
def test_time_grows_as_the_text_does(part: str) -> None:
    """A pattern that is worse than linear takes a hundred times as long for ten times the text."""
    short, long = ((part * size)[:size] for size in (SHORT, LONG))

    for find in DETECTORS:
        assert seconds(find, long) < 30 * seconds(find, short) + 0.005


def seconds(find: Callable[[str], list[Span]], text: str) -> float:
    """Answer the least processor time of two runs: the other was disturbed."""
    taken: list[float] = []
    for _ in range(2):
        began = time.process_time()
        find(text)
        taken.append(time.process_time() - began)
    return min(taken)

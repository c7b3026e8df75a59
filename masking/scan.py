"""The one way to run a pattern over a text: with a time limit. And what covers what was found."""

from collections.abc import Iterator
from typing import Final

import regex

LIMIT_SECONDS: Final = 0.5
"""One pattern over one text. Patterns are linear and need microseconds; this is for mistakes.

It is wall-clock time: less would star innocent texts whenever the machine pauses the process.
"""

SEPARATOR: Final = r"(?:(?![*@\ue000])[\W_])"
"""What people put between the digits of a card or an account number, as a pattern."""

COVER: Final = "*"
"""Stands for each character of a value that was found, for the detectors that read after it."""

CARD_COVER: Final = "\ue000"
"""As ``COVER``, of a card; a character for private use, which ``normalise`` lets nobody type."""


def scan(pattern: regex.Pattern[str], view: str) -> Iterator[regex.Match[str]]:
    """Yield every match of ``pattern`` in ``view``, from left to right.

    Raises:
        TimeoutError: The limit passed before the text was read.
    """
    return pattern.finditer(view, timeout=LIMIT_SECONDS)


def cover(pattern: regex.Pattern[str], view: str, *, by: str) -> str:
    """Replace every character of every match by ``by``; the length stays the same.

    Raises:
        TimeoutError: The limit passed before the text was read.
    """
    return pattern.sub(lambda match: by * len(match[0]), view, timeout=LIMIT_SECONDS)

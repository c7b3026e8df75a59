"""What a text says beside its numbers: the same before masking as after, and nothing secret."""

import re
from itertools import groupby
from typing import Final

from masking.normalise import ZERO_WIDTH, normalise
from masking.spelled import is_number_word

_TOKEN: Final = re.compile(r"[^\W_]+|\*+|[^\w\s]|_")
_ADDRESS: Final = re.compile(r"\S+@\S+")
_LIKE_DIGITS: Final = frozenset("OoQlI|")
_LEAST: Final = 3
"""Digits in a row of words that may be a secret: a security code has three."""


def wording(text: str) -> tuple[str, ...]:
    """Answer the words and signs of ``text``; long numbers, and addresses, are all the same.

    Long are three digits; words for digits, letters that look like some, and stars count as well.
    So whoever tries all security codes finds nothing that fits.
    """
    plain = normalise(text).replace(ZERO_WIDTH, "")
    words = _TOKEN.findall(_ADDRESS.sub("@", plain))
    said: list[str] = []
    for is_numeric, row in groupby(words, key=_is_numeric):
        each = [word.lower() for word in row]
        is_hidden = is_numeric and sum(map(_digits, each)) >= _LEAST
        said += ["#"] if is_hidden else each
    return tuple(said)


def _is_numeric(word: str) -> bool:
    return _digits(word) > 0 or not word.isalnum()


def _digits(word: str) -> int:
    """Count what may be a digit in ``word``."""
    if is_number_word(word.lower()):
        return max(1, len(word) // 2)  # Japanese ones stand without spaces
    count = sum(character.isdigit() or character == "*" for character in word)
    if count or _LIKE_DIGITS.issuperset(word):
        count += sum(character in _LIKE_DIGITS for character in word)
    return count

"""What the bytes of a text tell at a glance: its words, its digits, and signs of more than words.

Nearly every text of a chat is only looked at so, which takes a few steps for each of its bytes.
"""

from collections.abc import Iterable
from itertools import product
from typing import Final

from masking.normalise import RESPELLED_BEGINNINGS

DIGIT: Final = ord("\t")
SIGN: Final = ord("\n")
WIDE: Final = ord("\r")
"""White space that stands for a digit, for a sign, and for a character of kana or an ideograph."""

_SPACE: Final = ord(" ")
_SIGNS: Final = b"@(&%\\"  # what an address or an escape begins with
_JAPANESE: Final = bytes(range(0xE3, 0xEA))  # what UTF-8 of kana and ideographs begins with


def _folded(byte: int) -> int:
    if byte in b"0123456789":
        return DIGIT
    if byte in _SIGNS:
        return SIGN
    if byte < 0x80 and not chr(byte).isalpha():
        return _SPACE
    return ord(chr(byte).lower()) if byte < 0x80 else byte


def _beginning(byte: int) -> int:
    if byte in _JAPANESE:
        return WIDE
    return SIGN if byte in _SIGNS or byte in RESPELLED_BEGINNINGS else _SPACE


FOLD: Final = bytes(map(_folded, range(256)))
"""Spells letters of ASCII small, and the rest of ASCII as white space; what is not ASCII stays."""

FOLD_WIDE: Final = bytes(byte if byte < 0x80 else _SPACE for byte in FOLD)
"""As ``FOLD``, where words of ASCII stand among characters of a script without spaces."""

BEGINNINGS: Final = bytes(map(_beginning, range(256)))
"""Tells of all that an address, an escape or another script begins with."""


def words_of(text: str) -> list[bytes]:
    """Answer the words of ``text`` in small letters, as UTF-8."""
    return text.lower().encode("utf-8", "replace").translate(FOLD).split()


def count_of_digits(text: str) -> int:
    """Answer how many of the ten digits there are in ``text``."""
    return text.encode("utf-8", "replace").translate(FOLD).count(DIGIT)


def in_any_case(words: Iterable[bytes]) -> frozenset[bytes]:
    """Answer ``words``, which are in small letters, also with capitals that ``FOLD`` leaves."""
    return frozenset(
        "".join(letters).encode()
        for word in words
        for letters in product(*(_CASES.get(letter, letter) for letter in word.decode()))
    )


def _cases() -> dict[str, str]:
    """Answer for each letter beyond ASCII that has capitals the letter and all of them."""
    cases: dict[str, str] = {}
    for capital in map(chr, range(0x80, 0x2C00)):  # beyond are none of the languages' letters
        small = capital.lower()
        if small != capital:
            cases[small] = cases.get(small, small) + capital
    return cases


_CASES: Final = _cases()

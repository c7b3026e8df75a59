"""One plain spelling for what people can type in many, without moving a single code point.

Detectors read the normalised text and their spans hold in the original: the lengths are equal.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from masking.scan import CARD_COVER

ZERO_WIDTH: Final = "\u200b"
"""Stands for everything that takes no room of its own: joiners, marks, fillers, controls."""

_AS_HYPHEN: Final = "\u02d7\u2043\u207b\u208b\u2212"  # minus signs and the hyphen bullet
_AS_STOP: Final = "\u00b7\u2022\u2027\u2219\u22c5\u3002\u30fb\uff61"  # middle dots, full stops
_AS_NOTHING: Final = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols drawn as nothing
_ORDINARY: Final = "\uff1a\uff1b\uff01\uff1f\u00aa\u00ba"
"""Signs of ordinary prose in some language, which disguise nothing."""

_HIDDEN: Final = "\u00ad\u180e\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
"""What is put into words so that they are not recognised."""

_HOMOGLYPHS: Final = dict(
    # Letters of Cyrillic, Greek and Armenian that are drawn like one of ASCII; and the one letter
    # that becomes two when it is written small.
    zip(
        "АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιօոսİ",
        "ABESIJKMHOPCTYXaeopcyxijshdqwABEZHIKMNOPTYXoviounI",
        strict=True,
    )
)
_BLOCKS: Final = (
    # Where digits, spaces, marks and compatibility forms live. Ideographs, Hangul and the
    # scripts of antiquity between these blocks hold none, and reading them doubles the import.
    range(0x80, 0x3400),
    range(0xA000, 0xAC00),
    range(0xF900, 0x12000),
    range(0x16A00, 0x17000),
    range(0x1CC00, 0x20000),
    range(0xE0000, 0xE01F0),
)


def _plain(character: str) -> str | None:
    """Answer the ASCII character (or ``ZERO_WIDTH``) that ``character`` stands for, if any."""
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Me", "Mn"} or character in _AS_NOTHING:
        return ZERO_WIDTH
    if category in {"Zs", "Zl", "Zp"}:
        return " " if category == "Zs" else "\n"
    if category == "Pd" or character in _AS_HYPHEN:
        return "-"
    if character in _AS_STOP:
        return "."
    if character in _HOMOGLYPHS:
        return _HOMOGLYPHS[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return _compatible(character)


def _compatible(character: str) -> str | None:
    """Answer what a full-width or styled form of an ASCII character stands for (NFKC)."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isascii() else None


_TABLE: Final[dict[int, str]] = {
    code: plain
    for block in _BLOCKS
    for code in block
    if (plain := _plain(chr(code))) is not None and plain != chr(code)
}
_TABLE[ord(CARD_COVER)] = ZERO_WIDTH  # typed, it would tell of a card that is not there


def _any_of(characters: Iterable[str]) -> re.Pattern[str]:
    """Find one of ``characters``, or any beyond the first plane: sets of those are read slowly."""
    listed = "".join(re.escape(each) for each in sorted(characters) if each < _BEYOND)
    return re.compile(f"[{listed}{_BEYOND}-\U0010ffff]")


_BEYOND: Final = "\U00010000"
_RESPELLED: Final = _any_of(map(chr, _TABLE))
_RESPELLED_TOGETHER: Final = re.compile(f"{_RESPELLED.pattern}+")
_UNUSUAL: Final = frozenset(
    # Digits and at signs, spaces, and the letters that words for digits may be disguised with; not
    # the signs of ordinary prose.
    character
    for code, plain in _TABLE.items()
    if (character := chr(code)) not in _ORDINARY
    and (plain in "0123456789@ \n,;" or plain.isalpha() or character in _HIDDEN)
) | {ZERO_WIDTH}
_MAY_BE_UNUSUAL: Final = _any_of(_UNUSUAL)
RESPELLED_BEGINNINGS: Final = bytes({chr(code).encode()[0] for code in _TABLE})
"""With one of these begins, in UTF-8, every character that ``normalise`` spells differently."""


def normalise(text: str) -> str:
    """Spell digits, spaces, hyphens and full-width forms in ASCII; the length stays the same."""
    return text if text.isascii() else _RESPELLED_TOGETHER.sub(_spelled_plainly, text)


def _spelled_plainly(match: re.Match[str]) -> str:
    return match[0].translate(_TABLE)


def is_plain(text: str) -> bool:
    """Tell whether ``normalise`` leaves ``text`` as it is, and all of it takes room."""
    return text.isascii() or (ZERO_WIDTH not in text and _RESPELLED.search(text) is None)


def is_unusual(text: str) -> bool:
    """Tell, cheaply, whether ``text`` may hold digits, signs or spaces that are not ASCII's."""
    if text.isascii():
        return False
    first = _MAY_BE_UNUSUAL.search(text)
    if first is None:
        return False
    return first[0] < _BEYOND or not _UNUSUAL.isdisjoint(text)

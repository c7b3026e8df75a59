"""Tells what of a value can still be read in what came out of masking.

A detector leaves the text around a value as it is, so what stands in the value's place is what lies
between the beginning and the end that input and output share. Only that is looked at: digits
elsewhere are not the value's. In it every spelling of a digit counts, whatever the script.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final
from urllib.parse import unquote

from tests.support.corpus.row import Place, Row, Secret
from tests.support.corpus.spoken import ALSO, DIGIT_WORDS

DIGITS_MAX: Final = 4
"""So many digits of a long value may survive; of a code or an expiry, one."""

DIGITS_MAX_OF_DETAILS: Final = 1

_WORDS: Final = {
    word: str(digit) for words in DIGIT_WORDS.values() for digit, word in enumerate(words)
} | {word: digit for digit, words in ALSO.items() for word in words}
_WORD: Final = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)), re.IGNORECASE)
_DIGITS: Final = frozenset(range(10))
_DOT: Final = re.compile(r"[\[({<]dot[\])}>]")
_LETTERS: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})


def is_leaking(row: Row, shown: Sequence[str]) -> bool:
    """Whether ``shown``, what is left of each message of ``row``, gives away one of its secrets."""
    return any(_leaks(secret, row, shown) for secret in row.secrets)


def is_changed(row: Row, shown: Sequence[str]) -> bool:
    """Whether anything came out differently."""
    return any(said.text != text for said, text in zip_longest(row.said, shown))


def _leaks(secret: Secret, row: Row, shown: Sequence[str]) -> bool:
    left = _left_of_each_part(secret, row, shown)
    if secret.kind == "email":
        return _address_leaks(secret.value, "".join(left))
    survived = _in_common(digits_of("".join(left)), "".join(filter(str.isdigit, secret.value)))
    if secret.kind in {"cvv", "expiry"}:
        return survived > DIGITS_MAX_OF_DETAILS
    return survived > DIGITS_MAX


def _left_of_each_part(secret: Secret, row: Row, shown: Sequence[str]) -> list[str]:
    """What is left of each part; of one that was sent twice, of the copy that shows more."""
    left: dict[str, str] = {}
    for place in secret.places:
        part = row.said[place.message].text[place.start : place.end]
        here = _left(row, place, shown[place.message])
        left[part] = max(left.get(part, ""), here, key=lambda text: len(text.replace("*", "")))
    return list(left.values())


def _left(row: Row, place: Place, shown: str) -> str:
    """What stands in ``shown`` where the value stood.

    The text between the values is looked for from both ends; where it is not there as it was, the
    answer holds more than the value's place.
    """
    before, after = _around(row, place)
    start = _passed(before, shown)
    end = len(shown) - _passed([text[::-1] for text in reversed(after)], shown[start:][::-1])
    return shown[start:end]


def _around(row: Row, place: Place) -> tuple[list[str], list[str]]:
    """What is before and after a value: text, and in turns with it the other values."""
    text = row.said[place.message].text
    pieces: tuple[list[str], list[str]] = ([], [])
    at = 0
    places = {other for secret in (*row.secrets, *row.others) for other in secret.places}
    for other in sorted(other for other in places if other.message == place.message):
        pieces[other.start > place.start].append(text[at : other.start])
        if other != place:
            pieces[other.start > place.start].append(text[other.start : other.end])
        at = other.end
    pieces[1].append(text[at:])
    return pieces


def _passed(pieces: Sequence[str], shown: str) -> int:
    """How far in ``shown`` all ``pieces`` end, as far as they are in it."""
    at = _shared(pieces[0], shown)
    if at < len(pieces[0]):
        return at
    for value, text in zip(pieces[1::2], pieces[2::2], strict=True):
        behind = at + len(value) if shown.startswith(value, at) else at
        found = shown.find(text, behind)
        if found < 0:
            break
        at = found + len(text)
    return at


def _shared(text: str, other: str) -> int:
    """How many characters both begin with."""
    for at, (mine, theirs) in enumerate(zip(text, other, strict=False)):
        if mine != theirs:
            return at
    return min(len(text), len(other))


def plainly(text: str) -> str:
    """``text`` without entities, escapes, invisible characters and compatibility forms."""
    text = unquote(unquote(html.unescape(text)))
    text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Cf", "Mn", "Me"})
    return unicodedata.normalize("NFKC", text)


def digits_of(text: str) -> str:
    """Every digit of ``text``, however it is written."""
    text = _WORD.sub(lambda match: _WORDS[match[0].casefold()], plainly(text))
    values = (unicodedata.numeric(sign, -1) for sign in text.translate(_LETTERS))
    return "".join(str(int(value)) for value in values if value in _DIGITS)


def _in_common(text: str, value: str) -> int:
    """The length of the longest common subsequence: separators and stars between hide nothing."""
    if len(text) <= 1:
        return len(text) if text in value else 0
    lengths = [0] * (len(value) + 1)
    for sign in text:
        diagonal = 0
        for at, other in enumerate(value, 1):
            here = lengths[at]
            lengths[at] = diagonal + 1 if sign == other else max(here, lengths[at - 1])
            diagonal = here
    return lengths[-1]


def _address_leaks(local: str, left: str) -> bool:
    """Whether half of the local part can be read in one piece; its first letter may be."""
    text, local = _letters(_DOT.sub("", plainly(left))), _letters(local)
    if len(local) == 1:
        return text.startswith(local)
    size = max(2, -(-len(local) // 2))
    return any(local[at : at + size] in text for at in range(len(local) - size + 1))


def _letters(text: str) -> str:
    """``text`` without separators, in one case; stars stay, because they separate what is left."""
    return "".join(sign for sign in text.casefold() if sign.isalnum() or sign == "*")

"""Find international bank account numbers (ISO 13616): country, its length, check digits."""

import re
import sys
from itertools import compress, product
from operator import sub
from string import ascii_letters, digits
from typing import Final

from masking.checks import IBAN_LENGTHS, OF_DIGITS_ALONE, iban_holds
from masking.model import MaskKind, Rule, Span

_DIGITS: Final = {"O": "0", "o": "0", "Q": "0", "l": "1", "I": "1"}
_LOOKALIKES: Final = bytes.maketrans(b"OolI", b"0011")
_AS_DIGITS: Final = b"0123456789OolIQ"
_BETWEEN: Final = bytes(
    # What may stand between two characters: all of ASCII but letters, digits, what covers a value
    # and the question mark, which stands for what is not ASCII.
    byte
    for byte in range(128)
    if not chr(byte).isalnum() and chr(byte) not in "*?"
)
_IS_KEPT: Final = bytes(byte not in _BETWEEN for byte in range(256))
_CHECK_DIGITS: Final = re.compile(
    # The first of the two; a pattern that begins with a set of characters is searched for faster.
    rb"[0-9OolI](?<=[A-Za-z]{2}.)(?=[0-9]|(?<=[0-9])[OolI])"
)
_LEAST: Final = min(IBAN_LENGTHS.values())
_LETTERS: Final = ascii_letters.encode()
_SHAPES: Final = bytes.maketrans(_LETTERS + digits.encode(), b"a" * len(_LETTERS) + b"0" * 10)
_BEGINNING: Final = b"aa0"  # its shape: nearly every digit is turned down for want of such letters
_DIGITS_ALONE: Final = frozenset(country.encode() for country in OF_DIGITS_ALONE)
_OF_LETTERS: Final = frozenset(
    country.encode() for country in IBAN_LENGTHS.keys() - OF_DIGITS_ALONE
)
_LENGTHS: Final = {country.encode(): length for country, length in IBAN_LENGTHS.items()}
_ENDLESS: Final = sys.maxsize  # of a country that has no account numbers
_GAP: Final = 4
_WORDS: Final = re.compile(
    r"iban|account|konto|kont[oö]n|bank|banc|bancaires?|compte|cuenta|conta\b|transf|[üu]berweis"
    r"|überf[öo]r|overf[øo]r|devolv|virement|banco|refund|口座|振込|銀行|حساب|بنك|آيبان|ايبان",
    re.IGNORECASE,
)
_AMBIGUOUS_MAX: Final = 6
_TRIES_MAX: Final = 3
"""How many letters like digits are read both ways, in how many account numbers of one text."""

_LETTERED: Final = re.compile("[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2}")

_RULE: Final = Rule("iban.country", "mod 97")


def find_ibans(view: str) -> list[Span]:
    """Answer every IBAN in ``view``, in any case, whatever words stick to its ends."""
    raw = view.encode("ascii", "replace")
    compact = raw.translate(None, _BETWEEN)
    first = _first(compact)
    if first < 0 or first - 1 + _LEAST > len(compact):
        return []
    found: list[tuple[int, int]] = []
    tries: int | None = None
    for check in _CHECK_DIGITS.finditer(compact, first + 1):
        start = check.start() - 2
        country = compact[start : start + 2].upper()
        end = start + _LENGTHS.get(country, _ENDLESS)
        if end > len(compact) or (found and start < found[-1][1]):
            continue
        if country in _DIGITS_ALONE and compact[start + 2 : end].translate(None, _AS_DIGITS):
            continue
        if _holds(compact[start:end]):
            found.append((start, end))
        elif tries != 0 and _may_be_mixed(compact[start:end]):
            if tries is None:
                tries = _TRIES_MAX if _WORDS.search(view) else 0
            if tries and _holds_mixed(compact[start:end]):
                found.append((start, end))
            tries = max(0, tries - 1)
    return _spans(raw, found) if found else []


def has_lettered_iban(text: str) -> bool:
    """Tell whether there is an IBAN in ``text`` that has hardly a digit but the check digits."""
    return _LETTERED.search(text) is not None and bool(find_ibans(text))


def _first(compact: bytes) -> int:
    """Answer where the first account number in ``compact`` may begin, or a place behind it; or -1.

    In some countries the least that follows is digits: all but the country and two check digits.
    """
    shapes = compact.translate(_SHAPES)
    at = shapes.find(_BEGINNING)
    while at >= 0:
        country = compact[at : at + 2].upper()
        # The letter before the digit may be one for the first of the check digits.
        other = compact[at - 1 : at + 1].upper() if compact[at + 1] in b"OolI" else country
        if country in _LENGTHS or other in _LENGTHS:
            rest = compact[at + 3 : at + _LEAST - 1]
            is_long = len(rest) == _LEAST - 4 and not rest.translate(None, _AS_DIGITS)
            if is_long or country in _OF_LETTERS or other in _OF_LETTERS:
                return at
        at = shapes.find(_BEGINNING, at + 1)
    return -1


def _holds(iban: bytes) -> bool:
    """Tell whether ``iban`` is one, as it stands or with digits for the letters like them."""
    if not iban.isalnum():
        return False
    plain = iban[:2] + iban[2:].translate(_LOOKALIKES)
    is_typed = iban[2:4].isdigit() and iban_holds(iban.decode())
    return is_typed or (plain != iban and iban_holds(plain.decode()))


def _may_be_mixed(iban: bytes) -> bool:
    """Tell whether a few of the letters in ``iban`` look like digits, and others may be meant."""
    count = len(iban) - len(iban[4:].translate(None, b"OolIQ")) - 4
    return iban.isalnum() and 1 < count <= _AMBIGUOUS_MAX


def _holds_mixed(iban: bytes) -> bool:
    """Tell whether ``iban`` is one with digits for some of the letters like them."""
    text = (iban[:2] + iban[2:4].translate(_LOOKALIKES) + iban[4:]).decode()
    options = [(sign, _DIGITS[sign]) if sign in _DIGITS else (sign,) for sign in text[4:]]
    return any(iban_holds(text[:4] + "".join(option)) for option in product(*options))


def _spans(raw: bytes, found: list[tuple[int, int]]) -> list[Span]:
    """Answer where in ``raw`` the characters stand that are left of it without separators."""
    places = list(compress(range(len(raw)), raw.translate(_IS_KEPT)))
    return [
        Span(MaskKind.IBAN, places[start], places[end - 1] + 1, rule=_RULE)
        for start, end in found
        if max(map(sub, places[start + 1 : end], places[start:end])) <= _GAP + 1
        and not _ends_a_word(raw, places[start : start + 3])
    ]


def _ends_a_word(raw: bytes, places: list[int]) -> bool:
    """Tell that the letters of a country, apart from what follows, end a word such as "visa"."""
    country, last, digit = places
    return digit > last + 1 and raw[max(0, country - 1) : country].isalpha()

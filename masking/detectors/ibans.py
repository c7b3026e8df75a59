"""Find international bank account numbers (ISO 13616): country, its length, check digits."""

import re
from typing import Final

from masking.checks import IBAN_LENGTHS, iban_holds
from masking.model import MaskKind, Rule, Span

_UPPER: Final = bytes(byte - 32 if 97 <= byte <= 122 else byte for byte in range(256))
_BETWEEN: Final = bytes(
    # What may stand between two characters: all of ASCII but letters, digits, what covers a value
    # and the question mark, which stands for what is not ASCII.
    byte
    for byte in range(128)
    if not chr(byte).isalnum() and chr(byte) not in "*?"
)
_KEPT: Final = re.compile(r"[A-Za-z0-9*?\x80-\U0010ffff]")
_CHECK_DIGITS: Final = re.compile(rb"(?<=[A-Z]{2})[0-9]{2}")
_GAP: Final = 4
_RULE: Final = Rule("iban.country", "mod 97")


def find_ibans(view: str) -> list[Span]:
    """Answer every IBAN in ``view``, in any case, whatever words stick to its ends."""
    compact = view.encode("ascii", "replace").translate(_UPPER, _BETWEEN)
    found: list[tuple[int, int]] = []
    for digits in _CHECK_DIGITS.finditer(compact):
        start = digits.start() - 2
        end = start + IBAN_LENGTHS.get(compact[start : start + 2].decode(), 0)
        if found and start < found[-1][1]:
            continue
        if end > start and compact[start:end].isalnum() and iban_holds(compact[start:end].decode()):
            found.append((start, end))
    return _spans(view, found) if found else []


def _spans(view: str, found: list[tuple[int, int]]) -> list[Span]:
    """Answer where in ``view`` the characters stand that are left of it without separators."""
    places = [kept.start() for kept in _KEPT.finditer(view)]
    return [
        Span(MaskKind.IBAN, places[start], places[end - 1] + 1, rule=_RULE)
        for start, end in found
        if all(places[at + 1] - places[at] <= _GAP + 1 for at in range(start, end - 1))
    ]

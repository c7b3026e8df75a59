"""Find international bank account numbers (ISO 13616): country, its length, check digits."""

from typing import Final

import regex

from masking.checks import IBAN_LENGTHS, iban_holds
from masking.model import MaskKind, Rule, Span
from masking.scan import SEPARATOR, scan

_GAP: Final = rf"{SEPARATOR}{{0,3}}"
_CHECK_DIGITS: Final = regex.compile(
    # Digits are rarer than letters, so the country is looked for before them.
    rf"[0-9](?={_GAP}[0-9])(?<=(?<country>[A-Za-z]{_GAP}[A-Za-z]){_GAP}[0-9])"
)
_WHOLE: Final = {
    length: regex.compile(rf"[A-Za-z0-9](?:{_GAP}+[A-Za-z0-9]){{{length - 1}}}")
    for length in set(IBAN_LENGTHS.values())
}
_RULE: Final = Rule("iban.country", "mod 97")
_NOISE: Final = regex.compile(r"[^A-Za-z0-9]+")


def find_ibans(view: str) -> list[Span]:
    """Answer every IBAN in ``view``, in any case, with a word stuck to at most one of its ends."""
    spans: list[Span] = []
    for head in scan(_CHECK_DIGITS, view):
        length = IBAN_LENGTHS.get(_NOISE.sub("", head["country"]).upper())
        match = _WHOLE[length].match(view, head.start("country")) if length else None
        if match is None or not iban_holds(_NOISE.sub("", match[0])):
            continue
        start, end = match.span()
        if not (view[start - 1 : start].isalnum() and view[end : end + 1].isalnum()):
            spans.append(Span(MaskKind.IBAN, start, end, rule=_RULE))
    return spans

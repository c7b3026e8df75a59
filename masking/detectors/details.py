"""Find what is written beside a card: when it expires and its security code.

Reads a text whose cards are covered by stars, and only makes sense where there was one.
"""

from typing import Final

import regex

from masking.model import MaskKind, Rule, Span
from masking.scan import SEPARATOR, scan

_GAP: Final = r"[ \t\u200b]{0,2}+"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_YEAR: Final = r"(?:20[0-9]{2}|[0-9]{2})"
_CODE: Final = r"[0-9](?:[ \u200b\-]?[0-9]){2,3}+"
_CODE_WORDS: Final = (
    r"\b(?i:cvv2?|cvc2?|cv2|cid|csc|(?:security|card|secret)\s+code|code|kod|kode|kortkod"
    r"|s[aä]kerhetskod(?:en)?|sikkerhedskode|kontrollkod|c[oó]digo|pr[uü]fnummer)\b"
)
_EXPIRY_WORDS: Final = (
    r"\b(?i:exp|expiry|expires|expiration|valid|good\s+thr(?:u|ough)|giltigt?|gyldig|udl[oø]b"
    r"|utg[aå]ng|validade|g[uü]ltig)\b"
)
_DATED: Final = Rule("expiry.beside card", "month and year")
_NAMED_DATE: Final = Rule("expiry.named", "month and year")
_NAMED_CODE: Final = Rule("cvv.named")
_EXPIRIES: Final = (
    (
        regex.compile(
            rf"(?<![0-9])(?<![0-9][/.\-])(?:{_MONTH}|[1-9]){_GAP}[/.\-]{_GAP}{_YEAR}(?![0-9])"
        ),
        _DATED,
    ),
    (regex.compile(rf"(?<![0-9])20[0-9]{{2}}{_GAP}[/.\-]{_GAP}{_MONTH}(?![/.\-]?[0-9])"), _DATED),
    (
        regex.compile(rf"{_EXPIRY_WORDS}[^0-9\n]{{0,16}}+({_MONTH}[ /.\-]?{_YEAR})(?![0-9])"),
        _NAMED_DATE,
    ),
)
_CODES: Final = (
    regex.compile(rf"{_CODE_WORDS}[^0-9\n]{{0,16}}+({_CODE})(?![0-9])"),
    regex.compile(rf"(?<![0-9])({_CODE})(?![0-9])[^0-9\n]{{0,12}}{_CODE_WORDS}"),
)
_AFTER_CARD: Final = regex.compile(
    # A card hides at least twelve characters; shorter rows of stars are something else.
    rf"(?<=\*{{12}}){SEPARATOR}{{0,4}}+"
    rf"(?P<expiry>{_MONTH}{SEPARATOR}{{0,3}}{_YEAR}(?![0-9]))?+"
    rf"(?:{SEPARATOR}{{0,4}}+(?P<code>[0-9]{{3,4}})(?!-?[0-9]))?+"
)


def find_expiries(view: str) -> list[Span]:
    """Answer every date in ``view`` that a card may expire: month and year, in either order."""
    return [
        Span(MaskKind.EXPIRY, *match.span(match.re.groups), rule=rule)
        for pattern, rule in _EXPIRIES
        for match in scan(pattern, view)
    ] + _after_card(view, "expiry", MaskKind.EXPIRY)


def find_codes(view: str) -> list[Span]:
    """Answer every three or four digits in ``view`` that are named a code or follow a card."""
    return [
        Span(MaskKind.CVV, *match.span(1), rule=_NAMED_CODE)
        for pattern in _CODES
        for match in scan(pattern, view)
    ] + _after_card(view, "code", MaskKind.CVV)


def _after_card(view: str, group: str, kind: MaskKind) -> list[Span]:
    """Answer what stands right after a card, in the order in which cards are copied out."""
    return [
        Span(kind, *match.span(group), rule=Rule(f"{kind}.after card"))
        for match in scan(_AFTER_CARD, view)
        if match[group]
    ]

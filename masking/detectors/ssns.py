"""Find United States Social Security numbers: written 3-2-4, or nine digits beside the words."""

from typing import Final

import regex

from masking.checks import ssn_holds
from masking.model import MaskKind, Rule, Span
from masking.scan import scan

_GAP: Final = r"[ \t\u200b\-]"
_DIGITS: Final = rf"(?<![0-9])[0-9](?:[.]?{_GAP}{{0,3}}+[0-9]){{8}}(?!{_GAP}?[0-9])"
_WORDS: Final = r"\b(?i:ssn|soc(?:ial)?\s+sec(?:urity)?)\b"
_WRITTEN: Final = regex.compile(
    rf"(?<![0-9])(?<![0-9]-)[0-9]{{3}}{_GAP}{{1,3}}+[0-9]{{2}}{_GAP}{{1,3}}+[0-9]{{4}}(?!-?[0-9])"
)
_AFTER_WORDS: Final = regex.compile(rf"{_WORDS}[^0-9\n]{{0,24}}+({_DIGITS})")
_BEFORE_WORDS: Final = regex.compile(rf"({_DIGITS})[^0-9\n]{{0,24}}{_WORDS}")
_RULES: Final = (
    (_WRITTEN, Rule("ssn.written", "SSA areas")),
    (_AFTER_WORDS, Rule("ssn.after words", "SSA areas")),
    (_BEFORE_WORDS, Rule("ssn.before words", "SSA areas")),
)
_NOISE: Final = regex.compile(r"[^0-9]+")


def find_ssns(view: str) -> list[Span]:
    """Answer every Social Security number in ``view``."""
    return [
        Span(MaskKind.SSN, *match.span(match.re.groups), rule=rule)
        for pattern, rule in _RULES
        for match in scan(pattern, view)
        if ssn_holds(_NOISE.sub("", match[match.re.groups]))
    ]

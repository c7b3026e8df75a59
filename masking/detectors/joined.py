"""Find card numbers with more than separators in them: words or tags between the groups, or stars.

The groups have to make up one card between them; words are no evidence of it, so its issuer, its
length and its check digit have to be right, or half of it already be hidden.
"""

import re
from itertools import combinations
from typing import Final

from masking.checks import luhn_holds
from masking.detectors.cards import card_lengths, is_named_otherwise
from masking.model import MaskKind, Rule, Span

_JOINING: Final = (
    "and then next last finally og så och sedan und dann et puis e depois y luego entonces"
)
_WORD: Final = f"(?i:{'|'.join(_JOINING.split())})(?![^\\W\\d_])"
_TAG: Final = r"</?[a-zA-Z]{1,6} ?/?>"
_NEAR: Final = r"[\s,.;:\-]"
_BETWEEN: Final = (
    rf"(?:{_NEAR}{{0,3}}+(?:\*{{1,2}}|(?:{_TAG}\s?){{1,3}}|{_WORD}(?: {_WORD})?|[とو])"
    rf"{_NEAR}{{0,3}}+|{_NEAR}{{1,3}}+)"
)
_JOINED_LEAST: Final = 2  # times that something is between groups
_LONG_GROUP: Final = re.compile("[0-9][0-9]{2,}+")  # searched for faster than three or more
_JOINED: Final = re.compile(
    # Groups as on a card, the first one perhaps in bold; longer ones are phone numbers.
    rf"[0-9](?:(?<![0-9*].)|(?<=[^0-9*]\*\*.)|(?<=\A\*\*.))[0-9]{{2,5}}(?:{_BETWEEN}[0-9]{{3,6}}){{{_JOINED_LEAST},5}}+(?![0-9*])"
)
_STARRED: Final = re.compile(
    r"[0-9](?<![0-9*].)[0-9]{3}(?:[0-9]{0,4}\*{4,12}+[0-9]{0,4}"
    r"|(?P<gap>[ \-])[0-9*]{4}(?P=gap)[0-9*]{4}(?P=gap)[0-9*]{1,4}"
    r"|[ \-][0-9*]{6}[ \-][0-9*]{4,5})(?![0-9*])"
)
_GROUP: Final = re.compile("[0-9]+")
_PLAIN: Final = re.compile(rf"(?:[0-9]|{_NEAR})+")
_NOISE: Final = re.compile("[^0-9]+")
_PLACES: Final = re.compile("[^0-9*]+")
_SHOWN: Final = 4  # digits that may be read of any card
_WORDS_RULE: Final = Rule("card.words between", "Luhn")
_STARS_RULE: Final = Rule("card.stars")


def find_joined_cards(view: str) -> list[Span]:
    """Answer every card in ``view`` whose groups have words, tags or stars between them."""
    if len(_LONG_GROUP.findall(view)) <= _JOINED_LEAST:
        return []
    return [
        Span(MaskKind.PAN, *place, rule=_WORDS_RULE)
        for match in _JOINED.finditer(view)
        if (place := _card(match)) and not is_named_otherwise(view, match.start())
    ]


def find_starred_cards(view: str) -> list[Span]:
    """Answer every card in ``view`` of which somebody hid a part, and not enough."""
    return [
        Span(MaskKind.PAN, *match.span(), rule=_STARS_RULE)
        for match in _STARRED.finditer(view)
        if "**" in match[0] and _is_too_open(_PLACES.sub("", match[0]))
    ]


def _card(match: re.Match[str]) -> tuple[int, int] | None:
    """Answer where in ``match`` the groups of a card stand; another may stand before or after."""
    groups = [group.span() for group in _GROUP.finditer(match.string, *match.span())]
    for first, last in combinations(range(len(groups)), 2):
        start, end = groups[first][0], groups[last][1]
        digits = _NOISE.sub("", match.string[start:end])
        is_joined = last - first > 1 and not _PLAIN.fullmatch(match.string, start, end)
        if is_joined and len(digits) in card_lengths(digits) and luhn_holds(digits):
            return start, end
    return None


def _is_too_open(places: str) -> bool:
    shown = sum(place != "*" for place in places)
    return shown > _SHOWN and len(places) in card_lengths(places)

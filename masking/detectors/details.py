"""Find what is written beside a card: when it expires and its security code.

Reads a text whose cards are covered. Where there is a card, a month and year are its expiry, and
words that may mean any code mean its own; elsewhere only words that mean nothing else are read.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from masking.detectors.cues import (
    ANY_CODE,
    ANY_EXPIRY,
    NAMED_CODE,
    NAMED_EXPIRY,
    OTHER_CODE,
    OTHER_EXPIRY,
)
from masking.model import MaskKind, Rule, Span
from masking.scan import CARD_COVER, SEPARATOR

_CODE: Final = (
    r"(?<![0-9*+])(?P<value>[0-9](?:(?:[ \-./_]{0,2}[0-9]){2,3}|(?:\n[0-9]){2,3}))(?![0-9])"
)
_SHORT_GAP: Final = r"[^0-9\n]{0,16}+"
_GAP: Final = (
    # From the word to the value: no other number but how many digits there are, no new sentence.
    r"(?P<gap>[^0-9]{0,4}+[^0-9\n.?!]{0,28}+"
    r"(?:(?<![0-9])[34][ \-]?(?:digit|siffr|cif|ziff|stell|chiffre|d[íi]git|桁|أرقام)"
    r"[^0-9\n]{0,16}+)?+)"
)
_LINK: Final = (
    r"[\s,(=:\-]{0,3}+(?:(?:is|are|är|er|é|ist|est|es|as|my|the|min|mit|meu|mein|meine|mon|mi|o|el"
    r"|le|der|die|das|هو|هي)\s{1,2}+|[はが]){0,3}+"
)
_CODE_AFTER_NAME: Final = re.compile(rf"{NAMED_CODE}{_GAP}{_CODE}")
_CODE_BEFORE_NAME: Final = re.compile(
    rf"(?P<value>[0-9](?<![0-9*/.\-,].)[0-9]{{2,3}})(?![0-9])(?P<gap>{_LINK}){NAMED_CODE}"
    rf"(?![^0-9\n]{{0,24}}[0-9]{{3}})"
)
_CODE_AFTER_WORD: Final = re.compile(rf"{ANY_CODE}(?P<gap>{_SHORT_GAP}){_CODE}")
_CODE_BEFORE_WORD: Final = re.compile(
    rf"(?P<value>[0-9](?<![0-9*/.\-].)[0-9]{{2,3}})(?![0-9])(?P<gap>[^0-9\n]{{0,12}}+)"
    rf"(?:{ANY_CODE}|{NAMED_CODE})"
)

_MONTH: Final = r"(?:0 ?[1-9]|1 ?[0-2])"
_YEAR: Final = r"(?:2 ?0 ?)?[0-9] ?[0-9]"
_BETWEEN: Final = r"[ \t]{0,2}[/.\-|\\_][ \t]{0,2}"
_REST_OF_MONTH: Final = r"(?:(?<=0) ?[1-9]|(?<=1) ?[0-2]|(?<=[1-9]))"  # after its first digit
_NAMES: Final = str.split(
    "jan feb fev fév mar mär maer maj may mai apr abr avr jun juin jul juil aug ago aou aoû sep set"
    " okt oct out nov dec dez dic déc ene"
    " يناير فبراير مارس أبريل ابريل مايو يونيو يوليو أغسطس اغسطس سبتمبر أكتوبر اكتوبر نوفمبر ديسمبر"
)
_NAME: Final = "|".join(
    # Only a word in Arabic has another letter before it.
    name if name > "z" else rf"{name[0]}(?<![^\W\d_].){name[1:]}"
    for name in _NAMES
)
_NOT_MORE: Final = r"(?![0-9])(?![/.\-][0-9])"
_NUMBERED: Final = (
    # A pattern that begins with a set of characters is searched for faster: so do both dates.
    rf"[0-9](?<![0-9*].)(?<![0-9*][/.\-].)(?:{_REST_OF_MONTH}{_BETWEEN}{_YEAR}{_NOT_MORE}"
    rf"|(?<=2)0[0-9]{{2}}(?:{_BETWEEN}|年\s?)(?:{_MONTH}|[1-9])(?:月|{_NOT_MORE})"
    rf"|(?<=[2-4])[0-9]年\s?(?:{_MONTH}|[1-9])月|{_REST_OF_MONTH}月\s?/?\s?{_YEAR}年?)"
)
_WORDED: Final = (
    rf"(?:{_NAME})[a-zéûçäãóíář]{{0,8}}+\.?"
    rf"(?:\s?(?:de|del|of|/|\-|,|'|’)\s?|\s){{0,2}}{_YEAR}(?![0-9])"
)
_DATE: Final = rf"(?:{_NUMBERED}|{_WORDED})"
_EXPIRIES_BESIDE_CARD: Final = [re.compile(rf"(?P<value>{date})") for date in (_NUMBERED, _WORDED)]
_EXPIRY_AFTER_NAME: Final = re.compile(
    rf"{NAMED_EXPIRY}(?P<gap>[\s.:=?!]{{0,4}}+[^0-9\n?!]{{0,24}}?)"
    rf"(?P<value>{_DATE}|(?<![0-9*])(?:{_MONTH}[ ]?{_YEAR}|[01][0-9]\n[23][0-9]){_NOT_MORE})"
)
_EXPIRY_AFTER_WORD: Final = re.compile(
    rf"{ANY_EXPIRY}[\s.:=]{{0,3}}(?P<value>{_MONTH}[ \n]?{_YEAR}{_NOT_MORE})"
)
_AFTER_CARD: Final = re.compile(
    rf"{CARD_COVER}(?!{CARD_COVER}){SEPARATOR}{{0,4}}+(?:(?:e|exp)[.:=]\s?)?+"
    rf"(?P<expiry>(?:0[1-9]|1[0-2]){SEPARATOR}{{0,3}}(?:20[0-9]{{2}}|[0-9]{{2}})(?![0-9]))?+"
    rf"(?:{SEPARATOR}{{0,4}}+(?:[ck][:=]\s?)?+(?P<code>[0-9]{{3,4}})(?!-?[0-9]))?+"
)
_AFTER_EXPIRY: Final = [
    re.compile(
        rf"{date}{SEPARATOR}{{1,4}}+(?:[ck][:=]\s?)?+"
        r"(?P<value>[0-9]{3,4}|[0-9](?:[ .\-_][0-9]){2,3})(?!-?[0-9])"
    )
    for date in (_NUMBERED, _WORDED)
]
_REACH: Final = 48  # characters before a word in which it is said what expires

_NAMED_CODE: Final = Rule("cvv.named")
_CODE_BESIDE: Final = Rule("cvv.beside card")
_NAMED_EXPIRY: Final = Rule("expiry.named", "month and year")
_EXPIRY_BESIDE: Final = Rule("expiry.beside card", "month and year")
_CVV: Final = MaskKind.CVV
_EXPIRY: Final = MaskKind.EXPIRY


def find_details(view: str) -> list[Span]:
    """Answer every expiry and code in ``view`` that is named so or stands beside a card."""
    text = view.lower()
    is_beside = CARD_COVER in text
    dates = [[*pattern.finditer(text)] for pattern in _EXPIRIES_BESIDE_CARD] if is_beside else []
    spans = [*_named_expiries(text, is_beside=is_beside)]
    spans += [Span(_EXPIRY, *m.span("value"), rule=_EXPIRY_BESIDE) for each in dates for m in each]
    spans += _named_codes(text)
    if is_beside:
        after = [pattern for pattern, each in zip(_AFTER_EXPIRY, dates, strict=True) if each]
        spans += _beside_card(text, (_CODE_AFTER_WORD, _CODE_BEFORE_WORD, *after))
    return spans


def _named_expiries(text: str, *, is_beside: bool) -> Iterator[Span]:
    """Yield every month and year that is named an expiry, of any thing where there is a card."""
    for match in _EXPIRY_AFTER_NAME.finditer(text):
        if is_beside or not _is_of_other(text, match):
            yield Span(_EXPIRY, *match.span("value"), rule=_NAMED_EXPIRY)


def _named_codes(text: str) -> Iterator[Span]:
    """Yield every three or four digits that are named a code."""
    for pattern in (_CODE_AFTER_NAME, _CODE_BEFORE_NAME):
        for match in pattern.finditer(text):
            if not OTHER_CODE.search(match["gap"]):
                yield Span(_CVV, *match.span("value"), rule=_NAMED_CODE)


def _beside_card(text: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[Span]:
    """Yield the codes of ``patterns``, then what stands right after a card, as it is copied out."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Span(_CVV, *match.span("value"), rule=_CODE_BESIDE)
    for match in _EXPIRY_AFTER_WORD.finditer(text):
        yield Span(_EXPIRY, *match.span("value"), rule=_EXPIRY_BESIDE)
    for match in _AFTER_CARD.finditer(text):
        if match["expiry"]:
            yield Span(_EXPIRY, *match.span("expiry"), rule=_EXPIRY_BESIDE)
        if match["code"]:
            yield Span(_CVV, *match.span("code"), rule=_CODE_BESIDE)


def _is_of_other(text: str, match: re.Match[str]) -> bool:
    """Tell whether the text around ``match`` says that it is not a card that expires."""
    start, end = max(0, match.start() - _REACH), match.start("value")
    return OTHER_EXPIRY.search(text, start, end) is not None

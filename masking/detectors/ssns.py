"""Find United States Social Security numbers: written 3-2-4, or nine digits beside the words."""

import re
from typing import Final

from masking.checks import ssn_holds
from masking.model import MaskKind, Rule, Span
from masking.scan import by_first_letter
from masking.words import is_beside, says

_BETWEEN: Final = r"\u200b*(?:[ \t\-./_\u200b]{1,3}|[,:|\\\n\r]{1,2})\u200b*"
_DIGIT: Final = r"(?:[0-9]\u200b*)"
_APART: Final = r" ?\u200b?[\-./_|,:] ?"
_WRITTEN: Final = re.compile(
    # A pattern that begins with a set of characters is searched for faster.
    rf"[0-9](?<![0-9].)(?<![0-9][\-./,].)"
    rf"(?:\u200b*{_DIGIT}[0-9]{_BETWEEN}{_DIGIT}[0-9]{_BETWEEN}{_DIGIT}{{3}}[0-9]"
    rf"| [0-9] [0-9]{_APART}[0-9] [0-9]{_APART}[0-9] [0-9] [0-9] [0-9])"
    r"(?![\-./,]?[0-9])"
)
_NINE: Final = re.compile(
    r"[0-9](?<![0-9].)(?:[\s\u200b\-./\\_,:|~()\[\]{}<>]{0,8}+[0-9]){8}(?!\u200b*[\-./]?[0-9])"
)
_WORDS: Final = re.compile(
    by_first_letter(
        r"s(?<![a-z].)\.?s\.?n(?![a-z])",
        r"soc(?:ial|ialt)?\.? ?sec",
        "soc(?<![a-z]...)(?![a-z])",
        "ss(?<![a-z]..) ?(?:#|no|num|nr)",
        "social(?<![a-z]......)(?! media| network| work)",
        "segur(?:o|an[cç]a|idad) social",
        "num(?:ero)? de seguro",
        "s[eé]curit[eé] sociale",
        "sozialversicherung",
        "socialf[oö]rs[aä]kring",
        "socialsikring",
        "tax ?payer id",
        "社会保障",
        "ソーシャル",
        "الضمان",
        "التأمين الاجتماعي",
        "ضمان اجتماعي",
    )
)
_MAY_BE_OWN: Final = re.compile(
    # Words that name many numbers, also this one.
    r"(?:(?<![a-z]{3}[ _\-])(?<![a-z])(?:id|key|kort|karte|carte|tarjeta|cart[aã]o|card)"
    r"|カード|بطاقتي|بطاقة)[\s:=\"'(>]{0,4}\Z",
    re.IGNORECASE,
)
_CARD: Final = re.compile(r"[^0-9]{0,20}(?:card|kort|karte|carte|tarjeta|cart[aã]o)", re.IGNORECASE)
_REACH: Final = 12
_ABROAD: Final = re.compile(r"\+\s?[0-9 ()]*\Z")
_DIGITS: Final = re.compile("[0-9]+")

_BY_FORM: Final = Rule("ssn.written", "SSA areas")
_BY_WORDS: Final = Rule("ssn.beside words", "SSA areas")


def find_ssns(view: str) -> list[Span]:
    """Answer every Social Security number in ``view``."""
    nines = [*_NINE.finditer(view)]
    if not nines:  # as those that are written 3-2-4 also are
        return []
    spans = [
        Span(MaskKind.SSN, *match.span(), rule=_BY_FORM)
        for match in _WRITTEN.finditer(view)
        if ssn_holds("".join(_DIGITS.findall(match[0]))) and _is_own(view, *match.span())
    ]
    taken = {span.start for span in spans}
    for match in nines:
        start, end = match.span()
        is_number = start not in taken and ssn_holds("".join(_DIGITS.findall(match[0])))
        if is_number and is_beside(_WORDS, view, (start, end)):
            spans.append(Span(MaskKind.SSN, start, end, rule=_BY_WORDS))
    return spans


def _is_own(view: str, start: int, end: int) -> bool:
    """Tell that three groups are no part of a longer number, and that no words name another."""
    before = view[max(0, start - _REACH) : start]
    is_longer = view[start + 3] == " " and before[-1:] == " " and before[-2:-1].isdigit()
    is_version = view[start + 3] == "." and before[-1:].isascii() and before[-1:].isalpha()
    is_part = is_longer or is_version or _ABROAD.search(before) is not None
    is_other = is_part or (_is_named_otherwise(view, start, end) and not _MAY_BE_OWN.search(before))
    return not is_other or is_beside(_WORDS, view, (start, end))


def _is_named_otherwise(view: str, start: int, end: int) -> bool:
    """Tell that words say it is another number; a card that is spoken of later is none."""
    if says(view, start, end) != "other":
        return False
    return not _CARD.match(view, end) or says(view[:end], start, end) == "other"

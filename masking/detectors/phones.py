"""Find phone numbers: international ones (E.164), and national ones by how they are grouped.

A run is digits in groups with little between them. From each group on, the first form that fits
takes as many groups as a number of that form may have. Dates, hours and addresses of machines,
which are grouped too, are covered first; a row of digits without a prefix is an order number.
"""

from itertools import takewhile
from typing import Final

import regex

from masking.model import MaskKind, Rule, Span
from masking.normalise import ZERO_WIDTH
from masking.scan import cover, scan

_GAP: Final = r"[ \t\u200b\-./()]"
_GROUP: Final = r"[0-9]++(?:\u200b++[0-9]++)*+"
_RUN: Final = regex.compile(
    rf"(?=[+0-9])(?P<plus>\+{_GAP}{{0,3}}+)?+(?P<digits>{_GROUP}(?:{_GAP}{{1,4}}+{_GROUP})*+)"
)
_GROUPS: Final = regex.compile(_GROUP)
_ENOUGH: Final = regex.compile(rf"[0-9](?:{_GAP}{{0,4}}+[0-9]){{6}}")
_SPOKEN: Final = regex.compile(
    # Words after which even a plain row of digits is a phone number.
    r"\b(?i:phone|tel|tele(?:ph|f)one?|m[oó]bile?|mobil|cell|call|ring|tlf|telem[oó]vel|whatsapp"
    r"|sms|fax|(?:phone|mobile|mobil|telefon)(?:number|nummer|nr))\b"
    r"(?:\s{0,2}+(?:number|nummer|no|nr|me|mig|on|at|på|is|är|er)\b){0,3}+[\s.:=#(\-]{0,4}+"
)

_INTERNATIONAL: Final = Rule("phone.international", "E.164")
_SPOKEN_RULE: Final = Rule("phone.after words")
_GROUPED: Final = Rule("phone.grouped")
_MONTH: Final = r"(?:1[0-2]|0?[1-9])"
_DAY: Final = r"(?:3[01]|[12][0-9]|0?[1-9])"
_HOUR: Final = r"(?:2[0-4]|[01]?[0-9])\.[0-5][0-9]"
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_BENIGN: Final = regex.compile(
    r"(?=[0-9])(?<![0-9])(?<![0-9][./\-])(?<!\+[0-9]{1,3}[ \-])(?:"
    rf"(?:19|20)[0-9]{{2}}([./\-]){_MONTH}\1{_DAY}(?![./\-]?[0-9])"  # 2026-11-21
    rf"|(?:{_DAY}([./\-]){_MONTH}|{_MONTH}([./\-]){_DAY})(?:\2|\3)(?:19|20)[0-9]{{2}}(?![./\-]?[0-9])"
    rf"|(?:{_DAY}([./\-]){_MONTH}|{_MONTH}([./\-]){_DAY})(?:\4|\5)[0-9]{{2}}(?![ ./\-]?[0-9])"
    r"|(?:0[1-9]|1[0-2])[./\-](?:19|20)[0-9]{2}(?![ ./\-]?[0-9])"  # 11/2026
    rf"|{_HOUR} ?- ?{_HOUR}(?![ ./\-]?[0-9])"  # 08.00-17.00
    rf"|{_OCTET}(?:\.{_OCTET}){{3}}(?![./\-]?[0-9])"  # 192.168.100.200
    r")"
)


class _Run:
    """A run of groups of digits, and what stands before it."""

    __slots__ = ("groups", "is_glued", "is_spoken", "plus_at", "sizes", "texts", "view")

    def __init__(self, view: str, match: regex.Match[str], *, is_spoken: bool) -> None:
        """Take ``match`` of ``_RUN`` in ``view`` apart."""
        self.view = view
        start, end = match.span("digits")
        self.groups = [group.span() for group in _GROUPS.finditer(view, start, end)]
        self.texts = [view[first:last].replace(ZERO_WIDTH, "") for first, last in self.groups]
        self.sizes = [len(text) for text in self.texts]
        self.plus_at = match.start("plus") if match["plus"] else None
        self.is_spoken = is_spoken
        before = view[max(0, start - 2) : start].rstrip("-_")
        self.is_glued = before[-1:].isalpha() or (start > 0 and view[start - 1] == "_")


def find_phones(view: str) -> list[Span]:
    """Answer every phone number in ``view``."""
    if next(scan(_ENOUGH, view), None) is None:
        return []
    view = cover(_BENIGN, view, by="x")
    spoken = {match.end() for match in scan(_SPOKEN, view)}
    spans: list[Span] = []
    for match in scan(_RUN, view):
        run = _Run(view, match, is_spoken=match.start("digits") in spoken)
        place = 0
        while place < len(run.groups):
            count = _count(run, place)
            if count:
                spans.append(_span(run, place, count))
            place += count or 1
    return spans


def _span(run: _Run, place: int, count: int) -> Span:
    """Answer the span of ``count`` groups, with the sign or bracket that opens the number."""
    start, end = run.groups[place][0], run.groups[place + count - 1][1]
    if place == 0 and run.plus_at is not None:
        return Span(MaskKind.PHONE, run.plus_at, end, rule=_INTERNATIONAL)
    if run.view[start - 1 : start] == "(":
        start -= 1
    rule = _SPOKEN_RULE if run.is_spoken else _GROUPED
    return Span(MaskKind.PHONE, start, end, rule=rule)


def _count(run: _Run, place: int) -> int:
    """Answer how many groups from ``place`` on are one phone number; none is 0."""
    text = run.texts[place]
    sizes = run.sizes[place : place + 15]  # E.164: fifteen digits at most
    if place == 0 and (count := _announced(run, sizes)):
        return count
    if text[:2] == "00" and text[2:3] != "0" and (count := _taken(sizes, least=9, most=17)):
        return count if count > 1 or len(text) >= 11 else 0
    is_glued = place == 0 and run.is_glued
    if text[0] == "0" and text[1:2] != "0":
        count = _trunk(run, place, sizes)
        return 0 if is_glued and count == 1 else count
    return 0 if is_glued else _national(run, place, sizes)


def _announced(run: _Run, sizes: list[int]) -> int:
    """Count the groups after a plus sign (E.164: 7 to 15 digits, no leading 0) or after a word."""
    is_international = run.plus_at is not None and run.texts[0][0] != "0"
    return _taken(sizes, least=7, most=15) if is_international or run.is_spoken else 0


def _taken(sizes: list[int], *, least: int, most: int) -> int:
    """Count the groups that fit into ``most`` digits; 0 when they have less than ``least``.

    A single digit after ten others in longer groups is the next word ("2 times").
    """
    total = count = 0
    for size in sizes:
        is_next_word = size == 1 and total >= 10 and sizes[count - 1] > 1
        if total + size > most or is_next_word:
            break
        total += size
        count += 1
    return count if total >= least else 0


def _trunk(run: _Run, place: int, sizes: list[int]) -> int:
    """Count the groups of a national number with its leading 0: 8 to 11 digits, 9 when plain."""
    is_bracketed = run.view[run.groups[place][1]] == ")" if place + 1 < len(run.groups) else False
    if sizes[0] == 1 and not is_bracketed:
        return 0
    rest = list(takewhile(lambda size: size > 1, sizes[1:]))
    count = _taken([sizes[0], *rest], least=8, most=11)
    return count if count != 1 or sizes[0] >= 9 else 0


def _national(run: _Run, place: int, sizes: list[int]) -> int:
    """Count the groups of a national number without a leading 0, by the countries' groupings."""
    text = run.texts[place]
    if sizes[:3] == [3, 3, 4] and text[0] in "23456789":  # North America
        return 3
    if sizes[:4] == [1, 3, 3, 4] and text == "1":  # North America with its country code
        return 4
    start, end = run.groups[place]
    if run.view[start - 1 : start] == "(" and run.view[end : end + 1] == ")":  # an area code
        return _taken(sizes, least=9, most=12)
    is_first = place == 0 or run.sizes[place - 1] != 2
    if sizes[:4] == [2, 2, 2, 2] and sizes[4:5] != [2] and is_first:
        return 4  # Denmark, and Norway's landlines
    if count := _portuguese(run, place, sizes):
        return count
    return _grouped(run, place, sizes)


def _portuguese(run: _Run, place: int, sizes: list[int]) -> int:
    """Count the groups of a Portuguese number: nine digits from 2 or 9, unless a round sum."""
    text = run.texts[place]
    if sizes[:3] == [3, 3, 3] and sizes[3:4] != [3] and text[0] in "29":
        return 0 if run.texts[place + 2] == "000" else 3
    if text[0] != "2":
        return 0
    return 3 if sizes[:3] == [2, 3, 4] else 4 if sizes[:4] == [2, 3, 2, 2] else 0


def _grouped(run: _Run, place: int, sizes: list[int]) -> int:
    """Count the groups of any other number: ten digits or more, three groups of two to four.

    Not sums (thousands apart), rows of years (all groups of four) or decimals (a full stop).
    """
    if not 2 <= sizes[0] <= 4:
        return 0
    short = list(takewhile(lambda size: 2 <= size <= 4, sizes))
    count = _taken(short, least=10, most=15)
    groups = short[:count]
    is_sum = all(size == 3 for size in groups[1:])
    if count < 3 or is_sum or min(groups) == 4 or max(groups) == 2:
        return 0
    between = run.view[run.groups[place][0] : run.groups[place + count - 1][1]]
    return 0 if "." in between or "/" in between else count

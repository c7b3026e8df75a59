"""Find phone numbers: international ones (E.164), and national ones by words or by grouping.

A run is digits with little between them, a chain is a run without its dates, hours and addresses of
machines, and a reading takes as many groups of a chain as a number may have. What is a phone number
without a country code is decided in docs/decisions/0025.
"""

import re
import string
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from masking.detectors.groupings import Chain, Group, grouped
from masking.dialling import DIGITS_MAX, plan_of
from masking.glance import count_of_digits
from masking.model import MaskKind, Rule, Span
from masking.normalise import ZERO_WIDTH
from masking.words import Says, says

_GAP: Final = r"[\s\u200b\-./\\()\[\]{}<>_,:;|~]"
_RUN: Final = re.compile(rf"[0-9](?:{_GAP}{{0,8}}+[0-9]){{6,}}+")
_GROUP: Final = re.compile(r"[0-9]+(?:\u200b+[0-9]+)*")
_COMPLETE: Final = 10  # digits of a national number that has its area
_WORDED: Final = 8  # groups in a row that the words before them may be about
_DIALLED_MAX: Final = DIGITS_MAX + 3  # with what is dialled before a country code
_LEAST: Final = 7  # digits of the shortest numbers in use, and of E.164 as it is used


_SIGN_REACH: Final = 7  # characters before the digits in which a plus sign may stand
_PLUS: Final = re.compile(rf"(?:\+|%2[Bb]){_GAP}{{0,4}}\Z")
_MONTH: Final = r"(?:1[0-2]|0?[1-9])"
_DAY: Final = r"(?:3[01]|[12][0-9]|0?[1-9])"
_YEAR: Final = r"(?:19|20)[0-9]{2}"
_HOUR: Final = r"(?:2[0-4]|[01]?[0-9])"
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_END: Final = r"(?![./\-]?[0-9])"
_BENIGN: Final = re.compile(
    r"(?=[0-9])(?<![0-9])(?<![0-9][./\-:])(?:"
    rf"{_YEAR}([./\-]){_MONTH}\1{_DAY}{_END}"  # 2026-11-21
    rf"|{_YEAR}{_MONTH}{_DAY}[_T]{_HOUR}[0-5][0-9](?:[0-5][0-9])?(?![0-9])"  # 20261121_0830
    r"|(?=[0-9]{1,2}[./\-:])(?:"  # as the next ones all begin
    rf"(?:{_DAY}([./\-]){_MONTH}|{_MONTH}([./\-]){_DAY})(?:\2|\3){_YEAR}{_END}"
    rf"|(?:{_DAY}([./\-]){_MONTH}|{_MONTH}([./\-]){_DAY})(?:\4|\5)[0-9]{{2}}(?![ ./\-]?[0-9])"
    rf"|{_DAY}[./]{_MONTH} ?- ?{_DAY}[./]{_MONTH}(?![./\-]?[0-9])(?: {_YEAR}(?![0-9]))?"  # 1/1-2/1
    rf"|(?:0[1-9]|1[0-2])[./\-]{_YEAR}(?![ ./\-]?[0-9])"  # 11/2026
    rf"|{_HOUR}:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{{1,6}})?)?(?!:?[0-9])"  # 08:30:00.000
    rf"|{_HOUR}\.[0-5][0-9] ?- ?{_HOUR}\.[0-5][0-9](?![ ./\-]?[0-9])"  # 08.00-17.00
    r")|(?=[0-9]{1,3}\.)(?:"  # and these
    r"(?:[0-9]\.(?!(?<=1\.)[0-9]{10}(?![0-9]))[0-9]{4,}|(?:1[0-8]|[1-9])[0-9]\.[0-9]{4,7})"
    r"(?![0-9]|[./\-][0-9])"  # 3.14159, 59.329323, 139.6917
    rf"|[0-9]{{1,3}}\.0\.[0-9]{{1,5}}\.[0-9]{{1,4}}{_END}"  # 120.0.6099.63
    rf"|(?!(?:[0-9]{{2}}\.){{3}}[0-9]{{2}}(?![0-9])){_OCTET}(?:\.{_OCTET}){{3}}"  # 10.0.0.1
    rf"(?:/[123]?[0-9])?{_END}"  # 10.0.0.0/24
    r")"
    r")"
)
_DATED: Final = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_AFTER_DATE: Final = frozenset("-_T")
_STAMP: Final = re.compile(
    # Milliseconds since 1970 of this time, and dates with hours.
    rf"1[5-9][0-9]{{11}}|{_DATED.pattern}{_HOUR}[0-5][0-9](?:[0-5][0-9])?"
)
_PAIR: Final = re.compile(r"(?![0-9\-]{11})[0-9]+-[0-9]{1,6}")  # longer ones are people's numbers
_HASH: Final = 20  # characters that a hash or an address of version 6 has at least
_OF_NO_HASH: Final = frozenset(
    ("", *string.whitespace, *string.punctuation.replace(":", "").replace("-", ""))
)
_HASH_BEFORE: Final = re.compile(r"[0-9a-fA-F:\-]+\Z")
_HASH_AFTER: Final = re.compile(r"[0-9a-fA-F:\-]+")
_CODE: Final = re.compile(
    # Letters of a numbering of something else: INC8295942, K-26894785.
    r"(?<![A-Za-z0-9])(?!TEL|TFN|TLF|PH|NR|NO|MOB|FAX|GSM|CALL|SMS)(?:[A-Z]{2,4}-?|[A-Z]-)\Z"
)
_WORD_REACH: Final = 6
_LISTED: Final = 14  # characters between two numbers of a list
_OF_ONE_LIST: Final = re.compile(
    r"[\s,;/|&(]{0,4}+(?:or|and|eller|och|og|ou|e|oder|und|et|o|u|y|または|と|أو|و)?[\s(+]{0,3}",
    re.IGNORECASE,
)
_MAY_END: Final = re.compile(r"[.\-/][^.\-/]*+[.\-/]|[:,;|/]")
_LIST: Final = re.compile(r"[,:;|]\s|\s[|]")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?\Z")
_EXTENSION: Final = re.compile(
    r"[ ,;]{0,2}(?:x|ext\.?|extension|ankn\.?|anknytning|lokal|ramal|poste|anexo|int\.?|durchwahl"
    r"|内線|تحويلة)[ .:#]{0,2}[0-9]{1,6}(?![0-9])",
    re.IGNORECASE,
)
_ABROAD: Final = ("00", "011")  # dialled before a country code in most of the world, and in America
_KEEPS_ZERO: Final = ("39", "225", "242", "241")  # national numbers that begin with 0 everywhere

_INTERNATIONAL: Final = Rule("phone.international", "E.164")
_SPOKEN: Final = Rule("phone.beside words")
_GROUPED: Final = Rule("phone.grouped")


class _Readings(NamedTuple):
    """How many groups are one number, by each form it may have; none is 0.

    Attributes:
        plus: With a plus sign and a country code.
        abroad: With what is dialled before a country code.
        grouped: As a country groups its numbers.
        spoken: Of any form, beside words about a phone.
    """

    plus: int
    abroad: int
    grouped: int
    spoken: int


def find_phones(view: str) -> list[Span]:
    """Answer every phone number in ``view``."""
    spans: list[Span] = []
    for match in _RUN.finditer(view):
        if match[0].isdecimal():
            if _is_lone(match):
                spans += _lone(match, spans[-1].end if spans else -1)
                continue
        elif is_benign(view, *match.span()):
            continue
        for chain in _chains(view, *match.span()):
            if not _is_of_others(chain):
                spans += _numbers(chain, spans[-1].end if spans else -1)
    return spans


def _is_lone(run: re.Match[str]) -> bool:
    """Tell that nothing says that ``run``, of one group or two, begins as a dialled number."""
    return run[0][0] != "0" and not _sign(run.string, run.start())


def _lone(run: re.Match[str], before: int) -> Iterator[Span]:
    """Yield ``run`` if words say it is a number; the last one before it ended at ``before``."""
    view, (start, end) = run.string, run.span()
    if _CODE.search(view, max(0, start - _WORD_REACH), start):
        return
    if view[start - 1 : start] == "#" and says(view[:end], start, end) != "phone":
        return  # what follows speaks of another
    if _LEAST <= end - start <= DIGITS_MAX and not _is_stamp(run):
        is_listed = before >= 0 and _is_of_one_list(view, before, start)
        if (is_listed or says(view, start, end) == "phone") and not _is_of_hash(view, start, end):
            yield _span(Chain(view, [Group(run[0], start, end)], [end - start]), 0, 1, _SPOKEN)


def _is_stamp(run: re.Match[str]) -> bool:
    """Tell a time, in digits without signs, and a date that names a file."""
    is_date = run.string[run.end() : run.end() + 1] in _AFTER_DATE and _DATED.fullmatch(run[0])
    return bool(is_date) or _STAMP.fullmatch(run[0]) is not None


def is_unspoken(run: re.Match[str]) -> bool:
    """Tell that ``run`` is no phone number: one group, or two that are called else, or dates.

    It takes words to make a number of one group; of two, any that may be one makes it.
    """
    is_alone = run[0].isdecimal()
    if not (is_alone or _PAIR.fullmatch(run[0])):
        date = _BENIGN.match(run[0])
        return date is not None and _has_only_dates(run, date)
    if not _is_lone(run):
        return False
    said = says(run.string, *run.span())
    return said != "phone" if is_alone else said == "other"


def _has_only_dates(run: re.Match[str], date: re.Match[str]) -> bool:
    """Tell that ``run``, which begins with ``date``, is of such, and has no sign before them."""
    is_signed = _sign(run.string, run.start()) is not None
    is_run = not is_signed and _MAY_END.search(run[0]) and _RUN.fullmatch(run[0])
    return bool(is_run) and (count_of_digits(run[0][date.end() :]) < _LEAST or _is_of_dates(run[0]))


def is_benign(view: str, start: int, end: int) -> bool:
    """Tell that all of a run is one date, or an hour, or an address of a machine."""
    benign = _BENIGN.match(view, start, end)
    return benign is not None and benign.end() == end and not _sign(view, start)


def _sign(view: str, start: int) -> re.Match[str] | None:
    """Answer the plus sign that stands before ``start``."""
    before = view[max(0, start - _SIGN_REACH) : start]
    may_be = "+" in before or "%" in before
    return _PLUS.search(view, start - len(before), start) if may_be else None


def _is_of_others(chain: Chain) -> bool:
    """Tell that there are more digits than a phone number has, in one group or in equal ones.

    They are a card's, an account's or a parcel's.
    """
    sizes = chain.sizes
    if len(sizes) == 1:
        return not _LEAST <= sizes[0] <= _DIALLED_MAX
    is_equal = chain.plus_at < 0 and sizes[0] < _LEAST and len(set(sizes)) == 1
    return is_equal and len(sizes) > 2 and sum(sizes) > DIGITS_MAX


def _chains(view: str, start: int, end: int) -> Iterator[Chain]:
    """Yield the chains of the run from ``start`` to ``end``."""
    run = view[start:end]
    sign = _sign(view, start)
    if run.isdecimal():
        plus_at = sign.start() if sign and run[0] != "0" else -1
        yield Chain(view, [Group(run, start, end)], [end - start], plus_at)
        return
    may_end = _MAY_END.search(run) is not None
    if may_end and not sign and _is_of_dates(run):
        return
    groups = [
        Group(each[0], each.start(), each.end()) for each in _GROUP.finditer(view, start, end)
    ]
    if ZERO_WIDTH in run:
        groups = [group._replace(text=group.text.replace(ZERO_WIDTH, "")) for group in groups]
    sizes = [len(group[0]) for group in groups]
    if sign and groups[0].text[0] != "0":
        count = _unlisted(view, groups, sizes)
        yield Chain(view, groups[:count], sizes[:count], sign.start())
        groups, sizes = groups[count:], sizes[count:]
    ends = _ends(view, groups) if groups and may_end else iter(())
    first = 0
    for last, following in [*ends, (len(groups), 0)]:
        if first < last:
            yield Chain(view, groups[first:last], sizes[first:last])
        first = following


def _is_of_dates(run: str) -> bool:
    """Tell that there are too few digits in ``run`` beside its dates, hours and addresses."""
    rest = _BENIGN.sub("", run)
    return len(rest) < len(run) and sum(map(str.isdecimal, rest)) < _LEAST


def _unlisted(view: str, groups: list[Group], sizes: list[int]) -> int:
    """Count the groups up to a comma of a list, once there are digits enough before it."""
    total = 0
    for place, (left, right) in enumerate(pairwise(groups)):
        total += sizes[place]
        if total >= _LEAST and _LIST.search(view, left.end, right.start):
            return place + 1
    return len(groups)


def _ends(view: str, groups: list[Group]) -> Iterator[tuple[int, int]]:
    """Yield after which of ``groups`` a number ends, and at which the next may begin.

    Dates, hours and addresses of machines are between numbers; so are the commas of a list.
    """
    benign = _BENIGN.finditer(view, groups[0].start, groups[-1].end)
    first, last = _span_of(next(benign, None))
    for place, group in enumerate(groups):
        while last <= group.start:
            first, last = _span_of(next(benign, None))
        if first <= group.start:
            yield place, place + 1
        elif place and _LIST.search(view, groups[place - 1].end, group.start):
            yield place, place


def _span_of(match: re.Match[str] | None) -> tuple[int, int]:
    """Answer where ``match`` is; no match is beyond all texts."""
    return match.span() if match else (sys.maxsize, sys.maxsize)


def _numbers(chain: Chain, before: int) -> Iterator[Span]:
    """Yield the numbers in ``chain``; the last one before it ended at ``before``, or -1."""
    place = 0
    said: Says = ""
    while place < len(chain.sizes) and sum(chain.next_sizes(place)) >= _LEAST:
        is_asked = place <= _WORDED or (before >= 0 and said != "other") or said == "phone"
        read = _readings(chain, place, is_asked=is_asked)
        count = 0
        if any(read):
            start = chain.groups[place].start
            if before >= 0 and said != "other" and _is_of_one_list(chain.view, before, start):
                said = "phone"
            elif place <= _WORDED and not read.plus:
                said = says(chain.view, start, chain.groups[-1].end)
            count, rule = _chosen(chain, place, read, said)
            if count:
                span = _span(chain, place, count, rule)
                before = span.end
                yield span
        place += count or 1


def _is_of_one_list(view: str, before: int, start: int) -> bool:
    return start - before <= _LISTED and _OF_ONE_LIST.fullmatch(view, before, start) is not None


def _readings(chain: Chain, place: int, *, is_asked: bool) -> _Readings:
    """Count the groups from ``place`` on by every form a number may have.

    Far behind the words before a chain, a number is not spoken of, and nobody asks.
    """
    if place == 0 and chain.plus_at >= 0:
        count = _international(chain, place, "") or _announced(chain)
        return _Readings(count, 0, 0, 0)
    text = chain.groups[place].text
    abroad = 0
    if text[0] == "0":
        digits = chain.digits(place)
        prefixes = [prefix for prefix in _ABROAD if digits.startswith(prefix)]
        abroad = max((_international(chain, place, prefix) for prefix in prefixes), default=0)
    return _Readings(0, abroad, grouped(chain, place), _spoken(chain, place) if is_asked else 0)


def _chosen(chain: Chain, place: int, read: _Readings, said: Says) -> tuple[int, Rule]:
    """Answer how many groups are one number (none is 0), and by which rule."""
    if read.plus:
        return read.plus, _INTERNATIONAL
    if said == "other":
        return 0, _GROUPED
    if read.abroad and (said or not chain.is_glued(place)):
        return read.abroad, _INTERNATIONAL
    if said == "phone" and not _is_of_hash(chain.view, chain.groups[place].start, chain.end(place)):
        is_complete = sum(chain.next_sizes(place)[: read.grouped]) >= _COMPLETE
        return (read.grouped if is_complete else max(read.grouped, read.spoken)), _SPOKEN
    return (0 if chain.is_part(place, read.grouped) else read.grouped), _GROUPED


def _is_of_hash(view: str, start: int, end: int) -> bool:
    """Tell that letters of hexadecimal digits stick to a number, and make a hash or an address."""
    before, after = view[start - 1 : start], view[end : end + 1]
    if before in _OF_NO_HASH and after in _OF_NO_HASH:
        return False
    head, tail = (
        _HASH_BEFORE.search(view, max(0, start - _HASH), start),
        _HASH_AFTER.match(view, end),
    )
    letters = (head[0] if head else "") + (tail[0] if tail else "")
    return len(letters) + end - start >= _HASH and any(letter.isalpha() for letter in letters)


def _announced(chain: Chain) -> int:
    """Count the groups after a plus sign that words call a phone, whatever its country."""
    is_phone = says(chain.view, chain.groups[0].start, chain.groups[-1].end) == "phone"
    return _spoken(chain, 0) if is_phone else 0


def _international(chain: Chain, place: int, prefix: str) -> int:
    """Count the groups of a country code, in use and long enough, and a number behind it."""
    digits = chain.digits(place)[len(prefix) :]
    plan = plan_of(digits)
    if plan is None or digits[plan.code : plan.code + 2] == "00":
        return 0
    if _THOUSANDS.match(chain.view, chain.groups[place].start, chain.end(place)):
        return 0
    sizes = chain.next_sizes(place)
    is_trunk = digits[plan.code] == "0" and not digits.startswith(_KEEPS_ZERO)
    fixed = len(prefix) + plan.code
    count = _fitting(sizes, least=fixed + plan.least, most=fixed + is_trunk + plan.most)
    if count or sum(sizes) <= fixed + plan.least:
        return _with_pairs(sizes, count)
    # More than its country gives out, in groups that do not end where a number may.
    return _taken(chain, place, least=len(prefix) + _LEAST + 1, most=len(prefix) + DIGITS_MAX)


def _with_pairs(sizes: list[int], count: int) -> int:
    """Count the pairs, too, that follow on pairs: longer than usual is more likely than the next.

    What is not masked is readable.
    """
    while 0 < count < len(sizes) and sizes[count - 1] == sizes[count] == 2:
        if sum(sizes[: count + 1]) > DIGITS_MAX:
            break
        count += 1
    return count


def _fitting(sizes: list[int], *, least: int, most: int) -> int:
    """Count the groups that fit into ``most`` digits; 0 when they have less than ``least``."""
    total = count = 0
    for size in sizes:
        if total + size > most:
            break
        total += size
        count += 1
    return count if total >= least else 0


def _taken(chain: Chain, place: int, *, least: int, most: int) -> int:
    """Count as ``_fitting`` does, of a number whose length is not known.

    A single digit after ten others in longer groups is the next word ("2 times"), unless what
    stands before it also stands between the others and is more than a space.
    """
    sizes = chain.next_sizes(place)
    if 1 not in sizes:
        return _fitting(sizes, least=least, most=most)
    total = 0
    for count, size in enumerate(sizes):
        if size == 1 and total >= _COMPLETE and sizes[count - 1] > 1:
            gaps = set(chain.gaps(place, count + 1))
            is_rest = count + 1 == len(sizes) and set(sizes[:count]) == {sizes[0]}  # 4, 4, 4, 1
            if not is_rest and (len(gaps) > 1 or gaps == {" "}):
                return _fitting(sizes[:count], least=least, most=most)
        total += size
    return _fitting(sizes, least=least, most=most)


def _spoken(chain: Chain, place: int) -> int:
    """Count the groups of a number that words announce: 7 to 13 digits, 15 in one group."""
    sizes = chain.next_sizes(place)
    if sizes == [3, 2, 4]:
        return 0  # a Social Security number that was never given out
    if sizes[0] >= _LEAST + 1:
        return 1 if sizes[0] <= DIGITS_MAX else 0
    is_sum = place or sizes[0] < 3
    if is_sum and _THOUSANDS.match(chain.view, chain.groups[0].start, chain.end(place)):
        return 0
    return _taken(chain, place, least=_LEAST, most=13)


def _span(chain: Chain, place: int, count: int, rule: Rule) -> Span:
    """Answer the span of ``count`` groups with its sign, its brackets and its extension."""
    view = chain.view
    start, end = chain.groups[place].start, chain.groups[place + count - 1].end
    if place == 0 and chain.plus_at >= 0:
        start = chain.plus_at
    if view[start - 1 : start] == "(" and view.count(")", start, end) > view.count("(", start, end):
        start -= 1
    extension = _EXTENSION.match(view, end)
    return Span(MaskKind.PHONE, start, extension.end() if extension else end, rule=rule)

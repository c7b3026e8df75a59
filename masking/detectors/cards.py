"""Find card numbers: issuer range, length for the brand, and check digit (ISO/IEC 7812).

Between two digits there may be up to four separators. A card is looked for between the ends of
groups of digits; one of the usual length is found also where other digits stick to one of its ends.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from masking.checks import IBAN_LENGTHS, LuhnSums, luhn_holds
from masking.model import Form, MaskKind, Rule, Span
from masking.scan import SEPARATOR

_RUN: Final = re.compile(rf"[0-9](?:[0-9]|{SEPARATOR}{{1,4}}+[0-9]){{11,}}+")
_GROUP: Final = re.compile("[0-9]+")

_LONG: Final = (16, 17, 18, 19)
_ANY: Final = (12, 13, 14, 15, 16, 17, 18, 19)
_ISSUERS: Final = (
    # First and last four digits of issuers, and the lengths in use.
    (2200, 2205, _LONG),  # Mir, Borica
    (2221, 2720, (16,)),  # Mastercard
    (2869, 2869, (16,)),  # Carnet
    (3000, 3059, _ANY[2:]),  # Diners Club
    (3095, 3095, _ANY[2:]),  # Diners Club
    (3400, 3499, (15,)),  # American Express
    (3528, 3589, _LONG),  # JCB
    (3600, 3699, _ANY[2:]),  # Diners Club
    (3700, 3799, (15,)),  # American Express
    (3800, 3999, _ANY[2:]),  # Diners Club
    (4000, 4999, (13, 16, 19)),  # Visa, Elo
    (5000, 5099, _ANY),  # Maestro, Dankort, Verve, Elo
    (5100, 5599, (16,)),  # Mastercard
    (5600, 5899, _ANY),  # Maestro, Bankcard, Naranja
    (6000, 6010, (16, 19)),  # RuPay, Hipercard, Cabal
    (6011, 6011, _LONG),  # Discover
    (6012, 6199, (16, 19)),  # RuPay, banks of Iran
    (6200, 6299, _LONG),  # UnionPay, Discover
    (6300, 6399, _ANY),  # Maestro, Elo, InstaPayment
    (6400, 6599, _LONG),  # Discover, RuPay, Troy
    (6700, 6799, _ANY),  # Maestro
    (8100, 8299, _LONG),  # UnionPay, RuPay
    (8600, 8600, (16,)),  # Uzcard
    (9682, 9682, (16,)),  # mada
    (9704, 9704, (16, 19)),  # Napas
    (9792, 9792, (16,)),  # Troy
    (9860, 9860, (16,)),  # Humo
)
_LENGTHS: Final = {
    f"{issuer}": lengths for first, last, lengths in _ISSUERS for issuer in range(first, last + 1)
}
_USUAL: Final = (14, 15, 16)  # what nearly every card has: Diners Club, American Express, others
_ONE_LENGTH: Final = {
    # Of the issuers that have one usual length, and not one that numbers of all sorts have.
    issuer: min(set(_USUAL).intersection(lengths))
    for issuer, lengths in _LENGTHS.items()
    if 14 not in lengths
}
_LONGEST: Final = 19
_SUMMED: Final = 48  # digits of a row from which on it pays to add them up once
_SAID: Final = re.compile("c(?:ard|art[aeã])|kort|kart|tarj|カード|بطاق")
_SAID_REACH: Final = 12
_FOURS: Final = [0, 4, 8, 12, 16]
_LEAST_STUCK: Final = 3
"""Digits stuck to a card: fewer make a number that is too long, and its check digit chance."""

_EVEN: Final = (1, 2, 3, 4, 8)  # digits in each group, of which the last may have fewer
_KIND: Final = MaskKind.PAN
_RULE: Final = Rule("card.issuer", "Luhn")

_NAMED: Final = re.compile(
    # Words that say of the number after them that it is none of a card. What has no letter to
    # begin with is searched for much slower, and so is what is read in any case.
    r"(?:order|ordre|best\.? ?nr|beställ|bestil|bestell|pedido|commande|encomenda|invoice|faktura"
    r"|fatura|factura|facture|rechnung|track|parcel|paket|pakke|colis|sendung|ticket|case|imei|serial"
    r"|kolli|isbn|ean(?<![a-z]ean)(?![a-z])|gtin|upc(?<![a-z]upc)(?![a-z])|sku|barcode|jan(?<![a-z]jan)(?![a-z])|shipment|waybill|awb|försänd|forsend|remessa|guía|bordereau|注文|請求(?!され)|伝票|追跡|荷物|送り状|طلب|فاتورة|تتبع|شحنة|بوليصة|طرد)"
    r"[^0-9\n]{0,24}$"
)
_ENDS: Final = re.compile(r"[:;,\n]")
_REACH: Final = 40  # characters before a number in which its name stands
_DECIMAL: Final = re.compile(r"[0-9][.,][0-9]{10,}+(?![0-9])")
_NO_CARDS: Final = re.compile(
    # Micro- and nanoseconds since 1970; parcels of the United States Postal Service; Amazon's
    # orders.
    r"1[67][0-9]{14}(?:[0-9]{3})?|9[1-5][0-9]{18}(?:[0-9]{2})?|[0-9]{3}-[0-9]{7}-[0-9]{7}"
)
_OTHER_NUMBERS: Final = re.compile(
    # Hours, dates and coordinates.
    r"(?<![0-9])[0-9]{1,2}:[0-9]{2}(?![0-9])|(?:19|20)[0-9]{2}([\-/.])[01]?[0-9]\1[0-3]?[0-9](?![0-9])"
    r"|[0-9]{1,3}\.[0-9]{4,}[, ]{1,2}-?[0-9]{1,3}\.[0-9]{4,}"
)


class _Window(NamedTuple):
    """Digits that pass as a card, counted within their run; a lesser tuple is a better reading."""

    is_stuck: bool
    is_unusual: bool
    start: int
    end: int


class _Run:
    """Digits with separators between them, and where they stand."""

    __slots__ = ("_before", "_named", "_view", "begins", "digits", "edges", "groups")

    def __init__(self, view: str, start: int, end: int) -> None:
        """Take the run from ``start`` to ``end`` of ``view`` apart."""
        self.groups = [group.span() for group in _GROUP.finditer(view, start, end)]
        self.digits = "".join([view[first:last] for first, last in self.groups])
        self.edges = [0, *accumulate([last - first for first, last in self.groups])]
        self.begins = {0}  # where the run begins, and where a card of it ends
        if view[start + 1] == " ":  # the number of a line, or a word that was read as one
            self.begins.add(1)
        self._view = view
        self._before = view[max(0, start - _REACH) : start]
        self._named: str | None = None

    @property
    def named(self) -> str:
        """The words before it that name it something else, if any do."""
        if self._named is None:
            name = _NAMED.search(self._before.lower())
            self._named = name[0] if name else ""
        return self._named

    def place(self, digit: int) -> int:
        """Answer where in the view the digit of this number stands."""
        group = bisect_left(self.edges, digit + 1) - 1
        return self.groups[group][0] + digit - self.edges[group]

    def is_card_long(self, window: _Window) -> bool:
        """Tell whether ``window`` has a length that a card has in such a place.

        What a word before it names something else is a card only by the length of nearly all; and
        what is short for a card stands by itself.
        """
        length = window.end - window.start
        named = "" if window.start and self._follows_a_list(window.start) else self.named
        if named and (window.is_stuck or length not in {15, 16} or "imei" in named):
            return False
        if not window.is_unusual:
            is_alone = not window.is_stuck
            return is_alone or (self.is_card_stuck(window) and not self.is_shipment)
        if window.is_stuck:
            return False
        return length > _USUAL[-1] or length == len(self.digits) or self._is_short(window)

    def _follows_a_list(self, start: int) -> bool:
        """Tell that what is named ends before ``start`` ("order 12345: 4111")."""
        place = bisect_left(self.edges, start)
        if self.edges[place] != start:
            return False
        return (
            _ENDS.search(self._view, self.groups[place - 1][1], self.groups[place][0]) is not None
        )

    def may_be_grouped(self, start: int) -> bool:
        """Tell by the first two of more groups, cheaply, whether ``is_grouped`` may take them."""
        following = bisect_right(self.edges, start)
        if start == 0 or following + 1 >= len(self.edges):
            return True
        first = self.edges[following] - start
        second = self.edges[following + 1] - self.edges[following]
        return first == second or first + second >= _ANY[0] or (first, second) == (4, 6)

    def is_grouped(self, window: _Window) -> bool:
        """Tell whether the digits of ``window`` are grouped as people group those of a card.

        Where there is nothing else in the run, they may be in any groups.
        """
        count = len(self.digits)
        if count in {window.end - window.start, len(self.groups)}:  # all of it, or one by one
            return True
        sizes = self._sizes(window)
        if len(sizes) == 1:
            return True
        is_even = len(set(sizes[:-1])) == 1 and sizes[0] in _EVEN and sizes[-1] <= sizes[0]
        return is_even or sizes[:2] == [4, 6] or (len(sizes) == 2 and not window.is_stuck)

    def _is_short(self, window: _Window) -> bool:
        """Tell whether ``window`` is one group, or groups of four that something else follows."""
        sizes = self._sizes(window)
        if len(sizes) == 1 or window.start not in self.begins or set(sizes[:-1]) != {4}:
            return len(sizes) == 1
        following = bisect_left(self.edges, window.end) + 1
        return following == len(self.edges) or self.edges[following] - window.end < 4

    def is_card_stuck(self, window: _Window) -> bool:
        """Tell whether ``window`` is grouped, or a code's digits or more stick to it."""
        if len(self._sizes(window)) > 1:
            # Of four groups of four, it is a number with a check digit that is wrong.
            return (
                self.edges != _FOURS
                or _SAID.search(self._before[-_SAID_REACH:].lower()) is not None
            )
        before = self.edges[bisect_right(self.edges, window.start) - 1]
        after = self.edges[bisect_left(self.edges, window.end)]
        rests = (window.start - before, after - window.end)
        return all(rest == 0 or rest >= _LEAST_STUCK for rest in rests)

    def _sizes(self, window: _Window) -> list[int]:
        """Answer how many digits of each group are in ``window``."""
        first = bisect_left(self.edges, window.start + 1)
        last = bisect_left(self.edges, window.end)
        inner = self.edges[first:last]
        return [end - start for start, end in pairwise([window.start, *inner, window.end])]

    @property
    def is_shipment(self) -> bool:
        """Tell whether the digits are the number of a logistic unit (GS1: 20, the first two 00)."""
        return len(self.digits) == 20 and self.digits[:2] == "00"


def find_cards(view: str) -> list[Span]:
    """Answer every card number in ``view``; where two readings are possible, both."""
    spans: list[Span] = []
    for match in _RUN.finditer(view):
        if _is_usual(match):
            spans.append(Span(_KIND, match.start(), match.end(), "shaped", _RULE))
            continue
        if _NO_CARDS.fullmatch(match[0]):
            continue
        run = _Run(view, *match.span())
        if IBAN_LENGTHS.get(view[match.start() - 2 : match.start()]) == len(run.digits) + 2:
            continue  # an account number with a digit that is wrong
        chosen = _chosen(_windows(run))
        if chosen and _DECIMAL.match(view, match.start()):
            chosen = [window for window in chosen if window.start > 0 and not window.is_stuck]
        twice = _twice([window.start for window in chosen])
        for window in chosen:
            start, end = run.place(window.start), run.place(window.end - 1) + 1
            if not _is_other(view[start:end]):
                form: Form = "starred" if window.start in twice else "shaped"
                spans.append(Span(_KIND, start, end, form, _RULE))
    return spans


def _is_usual(run: re.Match[str]) -> bool:
    """Tell whether all of ``run`` is a card of its issuer's usual length: nothing reads better."""
    digits = "".join(_GROUP.findall(run[0]))
    length = len(digits)
    if _ONE_LENGTH.get(digits[:4]) != length or not luhn_holds(digits):
        return False
    view, start = run.string, run.start()
    before = view[max(0, start - _REACH) : start]
    is_account = IBAN_LENGTHS.get(before[-2:]) == length + 2
    is_other = is_account or "imei" in before.lower() or _DECIMAL.match(view, start) is not None
    return not is_other and not _is_other(run[0])


def is_named_otherwise(view: str, start: int) -> bool:
    """Tell whether words before ``start`` name the number there something else."""
    return _NAMED.search(view[max(0, start - _REACH) : start].lower()) is not None


def _twice(starts: list[int]) -> set[int]:
    """Answer where cards of two lengths start.

    The longer may be the shorter one and its security code, and its last digits must not be shown.
    """
    return {start for start, following in pairwise(starts) if start == following}


def card_lengths(digits: str) -> tuple[int, ...]:
    """Answer how long a card may be that begins with ``digits`` (at least four)."""
    return _LENGTHS.get(digits[:4], ())


def _windows(run: _Run) -> Iterator[_Window]:
    """Yield every stretch of ``run`` that passes as a card.

    Where a card ends, the next may start: cards may stick to one another in a row.
    """
    digits, count = run.digits, len(run.digits)
    sums = LuhnSums(digits) if count > _SUMMED else None
    starts, ends = set(run.edges), set(run.edges)
    only_stuck = {end - length for end in ends for length in _USUAL}
    for start in range(count - _ANY[0] + 1):
        is_start = start in starts
        if not (is_start or start in only_stuck) or not run.may_be_grouped(start):
            continue
        for length in _LENGTHS.get(digits[start : start + 4], ()):
            end = start + length
            is_edged = end in ends or (is_start and length in _USUAL)
            if not is_edged or end > count or not _passes(digits, sums, start, end):
                continue
            is_stuck = start not in ends or end not in ends
            window = _Window(is_stuck, length not in _USUAL, start, end)
            if run.is_card_long(window) and run.is_grouped(window):
                starts.add(end)
                run.begins.add(end)
                yield window


def _passes(digits: str, sums: LuhnSums | None, start: int, end: int) -> bool:
    return sums.holds(start, end) if sums else luhn_holds(digits[start:end])


def _chosen(windows: Iterator[_Window]) -> list[_Window]:
    """Drop the readings that a better one explains.

    Digits that stick to a card make weak evidence: any better reading wins.
    """
    chosen: list[_Window] = []  # by where they start, so that rivals stand next to one another
    starts: list[int] = []
    for window in sorted(windows):
        low = bisect_left(starts, window.start - _LONGEST)
        high = bisect_left(starts, window.end if window.is_stuck else window.start + 1)
        for other in chosen[low:high]:
            if other.end > window.start and (window.is_stuck or window.end <= other.end):
                break
        else:
            place = bisect_right(starts, window.start)
            starts.insert(place, window.start)
            chosen.insert(place, window)
    return chosen


def _is_other(text: str) -> bool:
    """Tell whether ``text`` has a date, an hour or a place in it; even groups have none."""
    if text.isdecimal() or _OTHER_NUMBERS.search(text) is None:
        return False
    sizes = {len(group) for group in _GROUP.findall(text)}
    return len(sizes) > 1

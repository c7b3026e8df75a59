"""Find card numbers: issuer range, length for the brand, and check digit (ISO/IEC 7812).

Between two digits there may be up to four separators. A card is looked for between the ends of
groups of digits; one of the usual length is found also where other digits stick to one of its ends.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

import regex

from masking.checks import LuhnSums
from masking.model import MaskKind, Rule, Span
from masking.scan import SEPARATOR, scan

_RUN: Final = regex.compile(rf"[0-9](?:{SEPARATOR}{{0,4}}+[0-9]){{11,}}+")

_LONG: Final = (16, 17, 18, 19)
_ANY: Final = (12, 13, 14, 15, 16, 17, 18, 19)
_ISSUERS: Final = (
    # First and last issuer identification number (six digits), and the lengths in use.
    (220000, 220599, _LONG),  # Mir, Borica
    (222100, 272099, (16,)),  # Mastercard
    (300000, 305999, _ANY[2:]),  # Diners Club
    (309500, 309599, _ANY[2:]),  # Diners Club
    (340000, 349999, (15,)),  # American Express
    (352800, 358999, _LONG),  # JCB
    (360000, 369999, _ANY[2:]),  # Diners Club
    (370000, 379999, (15,)),  # American Express
    (380000, 399999, _ANY[2:]),  # Diners Club
    (400000, 499999, (13, 16, 19)),  # Visa
    (500000, 509999, _ANY),  # Maestro, Dankort, Verve, Elo
    (510000, 559999, (16,)),  # Mastercard
    (560000, 589999, _ANY),  # Maestro
    (600000, 601099, (16,)),  # RuPay
    (601100, 601199, _LONG),  # Discover
    (602000, 609999, (16,)),  # RuPay
    (620000, 629999, _LONG),  # UnionPay, Discover
    (630400, 630499, _ANY),  # Maestro
    (636000, 639999, _LONG),  # Elo, InstaPayment, Maestro
    (644000, 659999, _LONG),  # Discover, RuPay
    (670000, 679999, _ANY),  # Maestro
    (810000, 829999, _LONG),  # UnionPay, RuPay
    (860000, 860099, (16,)),  # Uzcard
    (979200, 979299, (16,)),  # Troy
    (986000, 986099, (16,)),  # Humo
)
_FIRST: Final = [first for first, _, _ in _ISSUERS]
_RULE: Final = Rule("card.issuer", "Luhn")
_USUAL: Final = (14, 15, 16)  # what nearly every card has: Diners Club, American Express, others


class _Window(NamedTuple):
    """Digits that pass as a card, counted within their run; a lesser tuple is a better reading."""

    is_stuck: bool
    is_unusual: bool
    start: int
    end: int


def find_cards(view: str) -> list[Span]:
    """Answer every card number in ``view``; where two readings are possible, both."""
    spans: list[Span] = []
    for match in scan(_RUN, view):
        at = [place for place in range(*match.span()) if "0" <= view[place] <= "9"]
        digits = "".join(view[place] for place in at)
        spans.extend(
            Span(MaskKind.PAN, at[window.start], at[window.end - 1] + 1, rule=_RULE)
            for window in _chosen(_windows(digits, at))
        )
    return spans


def card_lengths(digits: str) -> tuple[int, ...]:
    """Answer how long a card may be that begins with ``digits`` (at least six)."""
    issuer = int(digits[:6])
    place = bisect_right(_FIRST, issuer) - 1
    if place < 0 or issuer > _ISSUERS[place][1]:
        return ()
    return _ISSUERS[place][2]


def _windows(digits: str, at: list[int]) -> Iterator[_Window]:
    """Yield every stretch of ``digits``, found at places ``at``, that passes as a card.

    Where a card ends, the next may start: cards may stick to one another in a row.
    """
    luhn = LuhnSums(digits)
    count = len(digits)
    groups = {place for place in range(count) if place == 0 or at[place] > at[place - 1] + 1}
    ends = groups - {0} | {count}
    starts = set(groups)
    only_stuck = {end - length for end in ends for length in _USUAL}
    for start in range(count - _ANY[0] + 1):
        if start not in starts and start not in only_stuck:
            continue
        for length in card_lengths(digits[start : start + 6]):
            end = start + length
            is_edged = end in ends or (start in starts and length in _USUAL)
            if end > count or not is_edged or not luhn.holds(start, end):
                continue
            is_stuck = start not in groups or end not in ends
            is_short = length < _USUAL[0] and at[end - 1] - at[start] >= length
            is_whole = start == 0 and end == count
            if (is_stuck and length not in _USUAL) or (is_short and not is_whole):
                continue
            starts.add(end)
            yield _Window(is_stuck, length not in _USUAL, start, end)


def _chosen(windows: Iterator[_Window]) -> list[_Window]:
    """Drop the readings that a better one explains.

    Digits that stick to a card make weak evidence: any better reading wins. A longer card from the
    same start is a card and its security code, which must not become the four that are shown.
    """
    chosen: list[_Window] = []
    for window in sorted(windows):
        rivals = [other for other in chosen if other.start < window.end > window.start < other.end]
        is_explained = any(
            window.is_stuck
            or window.start == other.start
            or (other.start < window.start and window.end <= other.end)
            for other in rivals
        )
        if not is_explained:
            chosen.append(window)
    return chosen

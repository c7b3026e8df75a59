"""Finds the values in a text: every reading of it by every detector, as spans of the original.

Detectors are asked only where there is enough for their kind, and those whose checks are better
evidence first: what they find is covered for the others.
"""

from collections.abc import Callable
from typing import Final

from masking.detectors.cards import find_cards
from masking.detectors.details import find_details
from masking.detectors.emails import find_emails
from masking.detectors.ibans import find_ibans
from masking.detectors.joined import find_joined_cards, find_starred_cards
from masking.detectors.nationals import find_nationals
from masking.detectors.phones import find_phones
from masking.detectors.ssns import find_ssns
from masking.glance import count_of_digits
from masking.model import PRECEDENCE, MaskKind, Span
from masking.readings import (
    DIGITS_OF_A_CARD,
    DIGITS_OF_A_CODE,
    DIGITS_OF_A_LETTERED_IBAN,
    DIGITS_OF_A_PHONE,
    DIGITS_OF_AN_SSN,
    Reading,
    readings,
)
from masking.scan import CARD_COVER, COVER, DIGITS_TOGETHER

_PAN: Final = MaskKind.PAN
_IBAN: Final = MaskKind.IBAN
_EMAIL: Final = MaskKind.EMAIL
_DIGITS_OF_A_YEAR: Final = 2  # of an expiry with its month in letters, beside a card
_RANKS: Final[dict[str, int]] = {kind: rank for rank, kind in enumerate(PRECEDENCE)}

Hides = Callable[[str], bool]
"""Tells whether values of a kind are hidden; those that are win over those that are not."""


def all_hidden(_kind: str) -> bool:
    """Hide every kind."""
    return True


def detect(text: str, hides: Hides = all_hidden) -> list[Span]:
    """Answer the values in ``text``, in order, none overlapping another."""
    read = readings(text)
    return found_in(read, hides) if read else []


def found_in(read: tuple[Reading, ...], hides: Hides = all_hidden) -> list[Span]:
    """Answer the values in a text of which all readings are ``read``, as ``detect`` does."""
    spans: list[Span] = []
    for reading in read:
        spans += _mapped(reading, _found(reading, hides))
    return merged(spans, hides) if len(spans) > 1 else spans


def merged(spans: list[Span], hides: Hides = all_hidden) -> list[Span]:
    """Put ``spans`` in order and make one of those that overlap.

    Of one kind, a value holds what is a part of it. Others make a value of the kind that comes
    first in precedence, but of one that is hidden before one that is not; and it shows nothing: the
    four characters that one reading leaves readable may be another reading's security code.
    """
    result: list[Span] = []
    for span in sorted(spans, key=_place):
        last = result[-1] if result else None
        if last is None or span.start >= last.end:
            result.append(span)
        elif not _holds(last, span):
            first = min(last, span, key=lambda span: (not hides(span.kind), _rank(span)))
            result[-1] = Span(
                first.kind, last.start, max(last.end, span.end), "starred", first.rule
            )
    return result


def _place(span: Span) -> tuple[int, int]:
    return span.start, -span.end


def _holds(outer: Span, inner: Span) -> bool:
    """Tell whether ``inner`` is a part of ``outer`` and no news: what was masked may hold more."""
    return outer.kind == inner.kind and inner.end <= outer.end and outer.form != "kept"


def _rank(span: Span) -> int:
    """Answer where the kind of ``span`` stands in precedence; operators' own come last."""
    return _RANKS.get(span.kind, len(_RANKS))


def _found(reading: Reading, hides: Hides) -> list[Span]:
    """Answer the values of one reading, in its places."""
    text, digits = reading.view.text, reading.digits
    spans = find_emails(text) if "@" in text else []
    longest = 0
    if digits >= DIGITS_OF_A_LETTERED_IBAN:
        ibans = find_ibans(text)
        spans += ibans
        if not ibans or count_of_digits(_covered(text, ibans)):
            longest = _longest(text)
    if longest >= DIGITS_OF_AN_SSN:
        spans += [*find_ssns(text), *find_nationals(text)]
    if longest >= DIGITS_OF_A_CARD:
        cards = _cards(text, spans)
        spans = [*_without_chance(spans, cards), *cards]
    if len(spans) > 1:
        spans = merged(spans, hides)
    if spans:
        text = _covered(text, spans)
        digits = count_of_digits(text)
    cards = _other_cards(text, digits)
    if cards:
        text = _covered(text, cards)
        digits = count_of_digits(text)
        spans = merged([*spans, *cards], hides)
    rest = find_phones(text) if longest and digits >= DIGITS_OF_A_PHONE else []
    is_beside = CARD_COVER in text
    least = _DIGITS_OF_A_YEAR if is_beside else DIGITS_OF_A_CODE
    if digits >= least and (is_beside or reading.may_have_details):
        details = find_details(text)
        rest = [*_without(rest, details, text), *details] if is_beside else [*rest, *details]
    if not rest:
        return spans
    spans += rest
    return merged(spans, hides) if len(spans) > 1 else spans


def _without(phones: list[Span], details: list[Span], text: str) -> list[Span]:
    """Answer those of ``phones`` that are more than an expiry and a code, one after the other."""
    covered = _covered(text, merged(details)) if phones and details else text
    return [phone for phone in phones if count_of_digits(covered[phone.start : phone.end])]


def _longest(text: str) -> int:
    """Answer how many digits in ``text`` stand together at most, if any do."""
    together = DIGITS_TOGETHER.findall(text)
    if len(together) == 1 and len(together[0]) < DIGITS_OF_AN_SSN:
        return len(together[0])  # enough for a phone and nothing else, whatever is between them
    return max(map(count_of_digits, together), default=0)


def _cards(text: str, spans: list[Span]) -> list[Span]:
    """Answer the cards in ``text`` that are no part of an IBAN.

    An IBAN's country, length and two check digits are better evidence than a card's one.
    """
    ibans = [span for span in spans if span.kind is _IBAN]
    return [
        card
        for card in find_cards(text)
        if not any(iban.start <= card.start and card.end <= iban.end for iban in ibans)
    ]


def _without_chance(spans: list[Span], cards: list[Span]) -> list[Span]:
    """Drop the IBANs that are the first part of a card after the word "no"."""
    starts = {card.start: card.end for card in cards}
    return [span for span in spans if starts.get(span.start + 2, 0) <= span.end]


def _other_cards(text: str, digits: int) -> list[Span]:
    """Answer the cards in ``text`` that have words, tags or stars in them."""
    cards = find_joined_cards(text) if digits >= DIGITS_OF_A_CARD else []
    return merged([*cards, *find_starred_cards(text)]) if "**" in text else cards


def _covered(text: str, spans: list[Span]) -> str:
    """Cover every character of ``spans``, and tell those of cards."""
    parts: list[str] = []
    read = 0
    for span in spans:
        sign = CARD_COVER if span.kind is _PAN else COVER
        parts += (text[read : span.start], sign * (span.end - span.start))
        read = span.end
    return "".join([*parts, text[read:]]) if parts else text


def _mapped(reading: Reading, spans: list[Span]) -> list[Span]:
    """Answer where ``spans`` of ``reading`` are in the original.

    What is not typed as it reads has no last characters to leave readable; of an address only what
    stands before its sign is masked then.
    """
    view = reading.view
    if view.is_original:
        return spans
    mapped: list[Span] = []
    for span in spans:
        start, end, form = span.start, span.end, span.form
        if view.is_respelled(start, end):
            form = "starred"
            at = view.text.rfind("@", start, end)
            if span.kind is _EMAIL and at > start and span.form == "shaped":
                end, form = at, "initial"
        mapped.append(Span(span.kind, *view.original(start, end), form, span.rule))
    return mapped

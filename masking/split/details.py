"""Security codes and expiries in another line than their card or the question for them."""

import re
from collections.abc import Iterator
from typing import Final

from masking.detectors.cards import card_lengths
from masking.model import MaskKind
from masking.split.chat import Chat, Said, has_card
from masking.split.line import QUESTIONS, Cover, Line
from masking.split.words import PATTERNS, Topic

_AFTER_CARD_MAX: Final = 4  # lines of its sender after a card in which its code may come bare
_NEAR_MAX: Final = 12  # lines of anybody after which a card is not near any more
_WORDS_BARE: Final = 3
_WORDS_ASKED: Final = 8
_DETAILS_MAX: Final = 12  # digits of an expiry and a code, with the signs between them
_LIKE_A_PHONE: Final = range(7, 12)  # digits of month, year and code, and a sign between them
_SHOWN: Final = 4  # digits of a card that may be shown
_WHOLE: Final = 16
_ISSUER: Final = 6
_EXPIRY: Final = re.compile(
    r"(?<![0-9/.\-])(?:(?:0?[1-9]|1[0-2])\s{0,2}[/.\-]\s{0,2}(?:20)?[2-4][0-9]"
    r"|20[2-4][0-9]\s{0,2}[/.\-]\s{0,2}(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2]) ?(?:20)?[2-4][0-9])"
    r"(?![0-9]|[/.\-][0-9])"
)
_CODE: Final = re.compile(r"(?<![0-9*])[0-9](?:[ \u200b\-.]?[0-9]){2,3}(?![0-9*])")
_BEHIND: Final = re.compile(r"[\s,;:()=\-]{0,3}(?:(?:is|are|my|the|as|är|er|é|ist|est|es)\s){0,2}")


def find_details(chat: Chat, *, is_card_here: bool) -> Iterator[tuple[Line, Cover]]:
    """Answer what of the new line, and of those before it, belongs to a card in another line."""
    is_card_near = is_card_here or any(map(has_card, chat.lines[-_NEAR_MAX:]))
    yield from _details(chat.said[0], chat, is_card_near=is_card_near, is_card_here=is_card_here)
    if is_card_here or has_card(chat.new):
        for said in chat.said[1:_AFTER_CARD_MAX]:
            if said.line.runs:
                yield from _named(said.line)
                yield from _begun(said)


def _details(
    said: Said, chat: Chat, *, is_card_near: bool, is_card_here: bool
) -> Iterator[tuple[Line, Cover]]:
    line = said.line
    if not (line.found or _CODE.search(line.view) or _EXPIRY.search(line.view)):
        return
    if line.words > _WORDS_ASKED and not is_card_near:
        return
    names = line.is_about(Topic.CODE) or line.is_about(Topic.EXPIRY)
    if names and (is_card_near or chat.is_about_card):
        yield from _named(line)
    if line.words <= _WORDS_ASKED:
        yield from _asked(said)
    if is_card_here or (is_card_near and _is_bare_after_card(said, chat)):
        yield from _all(line)
        yield from _taken_for_a_phone(line)


def _named(line: Line) -> Iterator[tuple[Line, Cover]]:
    """What the line itself calls a code or an expiry."""
    for match in _EXPIRY.finditer(line.view):
        if line.leads_to(Topic.EXPIRY, match.start()):
            yield line, Cover(*match.span(), MaskKind.EXPIRY)
    for match in _CODE.finditer(line.view):
        start, end = match.span()
        if line.leads_to(Topic.CODE, start) or _is_named_behind(line.view, end):
            yield line, Cover(*match.span(), MaskKind.CVV)


def _begun(said: Said) -> Iterator[tuple[Line, Cover]]:
    """What was sent of a card before all of it: digits that begin one, and nothing else."""
    line, asked = said.line, said.asked
    is_of_card = asked is None or not asked.is_question or asked.is_about(Topic.CARD)
    if line.found or line.words > _WORDS_BARE or not is_of_card or said.answers_otherwise:
        return
    run = line.runs[0]
    is_begun = _SHOWN < len(run.marks) < _WHOLE and len(line.runs) == 1
    if is_begun and not line.is_about(Topic.OTHER) and card_lengths(run.marks[:_ISSUER]):
        yield line, Cover(run.start, run.end, MaskKind.PAN)


def _is_named_behind(view: str, place: int) -> bool:
    """A word for a code follows right behind a place."""
    behind = _BEHIND.match(view, place)
    return behind is not None and PATTERNS[Topic.CODE].match(view, behind.end()) is not None


def _asked(said: Said) -> Iterator[tuple[Line, Cover]]:
    """What answers somebody who asked for it, or what was announced with the line before."""
    line = said.line
    if said.is_asked(Topic.EXPIRY):
        for match in _EXPIRY.finditer(line.view):
            yield line, Cover(*match.span(), MaskKind.EXPIRY)
    if said.is_asked(Topic.CODE) and not said.line.is_about(Topic.OTHER):
        for match in _CODE.finditer(line.view):
            yield line, Cover(*match.span(), MaskKind.CVV)


def _all(line: Line) -> Iterator[tuple[Line, Cover]]:
    """An expiry, a code, or one after the other: nothing else is in the line."""
    expiries = [match.span() for match in _EXPIRY.finditer(line.view)]
    for start, end in expiries:
        yield line, Cover(start, end, MaskKind.EXPIRY)
    for match in _CODE.finditer(line.view):
        if not any(start < match.end() and match.start() < end for start, end in expiries):
            yield line, Cover(*match.span(), MaskKind.CVV)


def _taken_for_a_phone(line: Line) -> Iterator[tuple[Line, Cover]]:
    """An expiry and a code that by themselves were masked as a short phone number."""
    for run in line.runs:
        is_alone = not line.words and len(run.marks) in _LIKE_A_PHONE
        if line.kind_at(run) == MaskKind.PHONE and is_alone:
            yield line, Cover(run.start, run.end, MaskKind.CVV)


def _is_bare_after_card(said: Said, chat: Chat) -> bool:
    """A line of hardly more than the digits, soon after its sender's card, that answers nothing."""
    line, asked = said.line, said.asked
    if line.words > _WORDS_BARE or line.is_about(Topic.OTHER) or line.is_about(Topic.TAIL):
        return False
    if sum(len(run.marks) for run in line.runs) > _DETAILS_MAX:
        return False
    if not any(has_card(each.line) for each in chat.said[1 : 1 + _AFTER_CARD_MAX]):
        return False
    if asked is None or asked.is_about(Topic.CODE) or asked.is_about(Topic.EXPIRY):
        return True
    is_question = any(mark in asked.view for mark in QUESTIONS)
    return not is_question and not asked.is_about(Topic.OTHER) and not asked.is_about(Topic.TAIL)

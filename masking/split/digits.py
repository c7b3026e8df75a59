"""Card, Social Security and phone numbers whose digits are spread over lines of one sender."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from masking.checks import LuhnSums, cpf_holds, cpr_holds, personnummer_holds, ssn_holds
from masking.detectors.cards import card_lengths
from masking.model import MaskKind
from masking.split.chat import Chat, Part, Said, Split
from masking.split.joining import (
    MARKS_MAX,
    Joiner,
    ends,
    is_asked,
    is_held,
    offers,
    size_of,
    split_of,
    starts,
)
from masking.split.line import QUESTIONS
from masking.split.words import Topic

_ROW_STEP_MAX: Final = 100  # between the numbers of somebody who counts
_MARKS_SHORT: Final = 3  # of a part of a card in a line with few words
_MARKS_LONG: Final = 4  # in one with many
_USUAL: Final = (16, 15, 14)
_TAIL: Final = 4
_ISSUER: Final = 6
_ISSUER_SHOWN: Final = 4
_DETAILS_MIN: Final = 3
_DETAILS_MAX: Final = 10  # digits of an expiry and a code
_PAIR: Final = 2
_PHONE_USUAL: Final = 12
_CARD_MIN: Final = 12
_REST: Final = re.compile(
    # "And the rest?", "yes?"
    r"\b(?:rest|(?:suite|yes|and|go on|oui|et|sim|s[ií]|ja|j[oå]|und|och|og|luego)(?![^\W\d_])"
    r"|depois|weiter|next|contin|fort|sedan|siguiente)|残|続|はい|باقي|نعم|تفضل",
    re.IGNORECASE,
)
_ON: Final = re.compile(
    # What is said with every part: "and then", "that is all".
    _REST.pattern
    + r"|\b(?:all|hela|hele|alles|tout|toute|todo|toda|tudo|es)\b|それから|全部|كل|ثم|هذا",
    re.IGNORECASE,
)
_WORDS_REST: Final = 5
_WORDS_UNUSUAL: Final = 4
_REST_MAX: Final = 3  # of cards with 19 digits
_CODE: Final = 3
_WORDS: Final = re.compile(r"[^\W\d_]+")
_ANY_LENGTH: Final = range(13, 20)
_NEAR_MAX: Final = 6  # lines back in which somebody else began a card
_SSN: Final = (3, 2, 4)
_SSN_DIGITS: Final = 9
_NATIONAL_DIGITS: Final = (10, 11, 12)
_WORLD: Final = range(8, 18)  # digits of a number with its country (E.164)
_NATIONAL: Final = range(8, 13)
_LISTENING_WORDS: Final = 8


def find_split_digits(chat: Chat) -> Split | None:
    """Answer the value that the new line ends, or goes on with, if there is one."""
    if not offers(chat.said[0], is_card_talk=True):
        return None
    chains = [*Joiner(chat.said, is_card_talk=False).chains()]
    new = chat.said[0]
    alone = [(Part(new, run),) for run in offers(new, is_card_talk=False)]
    return (
        _card(chat, chains)
        or _ssn(chat, [*alone, *chains])
        or _national(chat, [*alone, *chains])
        or _phone(chat, [*alone, *chains])
        or _continued(chat)
        or _held(chat)
        or _between_two(chat)
    )


# -- cards ---------------------------------------------------------------------------------------


class _Window(NamedTuple):
    """A card within a chain; a lesser one is a better reading."""

    cuts: int
    is_unusual: bool
    parts: int
    start: int
    end: int
    chain: tuple[Part, ...]


def _card(chat: Chat, chains: Sequence[tuple[Part, ...]]) -> Split | None:
    windows = [*_windows(chains)]
    if not windows and len(chat.said) > 1 and chat.is_about_card:
        windows = [*_windows(Joiner(chat.said, is_card_talk=True).chains())]
    for window in sorted(windows, key=lambda window: window[:-1]):
        if _is_believed(window, chat):
            return split_of(MaskKind.PAN, window.chain, window.start, window.end)
    return None


def _windows(chains: Iterable[tuple[Part, ...]]) -> Iterator[_Window]:
    for chain in chains:
        marks = "".join(part.run.marks for part in chain)
        if len(marks) < _CARD_MIN:
            continue
        luhn = LuhnSums(marks) if "*" not in marks else None
        first, last = chain[0].run, chain[-1].run
        before_last = len(marks) - len(last.marks)
        for start in starts(first):
            for end in ends(last):
                length = before_last + end - start
                if length not in _lengths(marks[start : start + _ISSUER]):
                    continue
                if luhn is None or luhn.holds(start, start + length):
                    cuts = (start > 0) + (end < len(last.marks))
                    yield _Window(
                        cuts, length not in _USUAL, len(chain), start, start + length, chain
                    )


def _lengths(issuer: str) -> Collection[int]:
    """How long a card may be that begins so; hidden digits may be any."""
    if "*" not in issuer:
        return card_lengths(issuer)
    shown = issuer[: issuer.index("*")]
    if not shown:
        return _ANY_LENGTH
    filled = (shown + each * (_ISSUER - len(shown)) for each in "059")
    return {length for each in filled for length in card_lengths(each)}


def _is_believed(window: _Window, chat: Chat) -> bool:
    """The digits are a card: by their check digit, or by what is said where some are hidden."""
    chain = window.chain
    most = 2 if chat.is_about_card and not window.cuts else 1
    if sum(not _is_substantial(part) for part in chain) > most or _leaves_a_rest(window):
        return False
    marks = "".join(part.run.marks for part in chain)[window.start : window.end]
    is_same_twice = len(chain) == _PAIR and chain[0].run.marks == chain[1].run.marks
    if window.start and (window.end < size_of(chain) or _is_glued(window)):
        return False
    if "*" not in marks:
        is_doubtful = (
            is_same_twice or _is_cut_short(window) or _is_in_talk(window) or _counts_up(chain)
        )
        return chat.is_about_card or not is_doubtful
    has_held = any(is_held(part) for part in chain)
    if window.cuts or (window.is_unusual and not has_held and "*" in marks[:_ISSUER_SHOWN]):
        return False
    return has_held or chat.is_about_card or _may_be_cut(chain)


def _is_substantial(part: Part) -> bool:
    """The more a line says, the more digits it takes to be a part of a card."""
    line = part.line
    if not line.words or line.leads_to(Topic.CARD, part.run.start):
        return True
    return len(part.run.marks) >= (_MARKS_SHORT if line.is_short else _MARKS_LONG)


def _is_cut_short(window: _Window) -> bool:
    """More digits stand beside it than an expiry and a code behind its second part."""
    left = size_of(window.chain) - window.end
    return window.start > 0 or left > _DETAILS_MAX or (left > 0 and len(window.chain) > _PAIR)


def _is_glued(window: _Window) -> bool:
    """No space is where it begins within a row."""
    run, view = window.chain[0].run, window.chain[0].line.view
    return not view[run.places[window.start - 1] + 1 : run.places[window.start]].isspace()


def _is_in_talk(window: _Window) -> bool:
    """A length few cards have, in lines that say something else too."""
    return window.is_unusual and any(part.line.words > _WORDS_UNUSUAL for part in window.chain)


def _counts_up(chain: tuple[Part, ...]) -> bool:
    """Each part is a number soon after the one before it, or the same is said of two of them."""
    marks = [part.run.marks for part in chain]
    is_row = len(marks) > _PAIR and all(
        one.isdigit() and two.isdigit() and 0 < int(two) - int(one) <= _ROW_STEP_MAX
        for one, two in pairwise(marks)
    )
    said = [" ".join(_WORDS.findall(part.line.view)) for part in chain if part.line.words]
    return is_row or any(said.count(each) > 1 and not _ON.search(each) for each in said)


def _leaves_a_rest(window: _Window) -> bool:
    """The digits behind it are too few for an expiry or a code: the number goes on."""
    return 0 < size_of(window.chain) - window.end < _DETAILS_MIN


def _may_be_cut(chain: tuple[Part, ...]) -> bool:
    """What was masked as something else by itself is part of a card: no phone is meant, it seems.

    Either the issuer is to be read, or the number is longer than phones are.
    """
    if any(part.line.is_about(Topic.PHONE) or part.said.is_asked(Topic.PHONE) for part in chain):
        return False
    marks = "".join(part.run.marks for part in chain)
    return "*" not in marks[:_ISSUER_SHOWN] or len(chain[0].run.marks) > _PHONE_USUAL


# -- Social Security numbers and phones ----------------------------------------------------------


def _ssn(chat: Chat, chains: Iterable[tuple[Part, ...]]) -> Split | None:
    for chain in chains:
        digits = "".join(part.run.marks for part in chain)
        if (
            len(digits) == _SSN_DIGITS
            and digits.isdigit()
            and ssn_holds(digits)
            and (is_asked(Topic.SSN, chain[0], chat) or _is_written_as_ssn(chain))
        ):
            return split_of(MaskKind.SSN, chain, 0, _SSN_DIGITS, keep=0)
    return None


def _national(chat: Chat, chains: Iterable[tuple[Part, ...]]) -> Split | None:
    """What answers the question for a national identity number, and holds as one."""
    for chain in chains:
        digits = "".join(part.run.marks for part in chain)
        if len(digits) in _NATIONAL_DIGITS and digits.isdigit():
            holds = cpf_holds(digits) or cpr_holds(digits) or personnummer_holds(digits)
            if holds and is_asked(Topic.NATIONAL, chain[0], chat):
                return split_of(MaskKind.NATIONAL_ID, chain, 0, len(digits), keep=0)
    return None


def _is_written_as_ssn(chain: tuple[Part, ...]) -> bool:
    """In groups of 3, 2 and 4, with a hyphen or one in each line; and nothing else is said."""
    places: list[int] = []
    at = 0
    for part in chain:
        places += [at + end for end in ends(part.run)]
        at += len(part.run.marks)
    is_hyphened = any("-" in part.line.view[part.run.start :][:_SSN_DIGITS] for part in chain)
    return places == [3, 5, 9] and (is_hyphened or len(chain) == len(_SSN))


def _phone(chat: Chat, chains: Iterable[tuple[Part, ...]]) -> Split | None:
    best: tuple[Part, ...] = ()
    for chain in chains:
        marks = "".join(part.run.marks for part in chain)
        if _is_phone(chain, len(marks), chat) and size_of(chain) > size_of(best):
            best = chain
    return split_of(MaskKind.PHONE, best, 0, size_of(best)) if best else None


def _is_phone(chain: tuple[Part, ...], size: int, chat: Chat) -> bool:
    """It begins with a plus sign, or a phone was asked for; one may be masked in part already."""
    first, last = chain[0], chain[-1]
    kinds = {part.line.kind_at(part.run) for part in chain} - {None}
    if kinds - {MaskKind.PHONE} or _is_interrupted(last.said):
        return False
    if len(chain) > 1 and len(_WORDS.findall(first.line.view, first.run.end)) > _PAIR:
        return False  # the number is not what the line ends with
    if first.line.view[: first.run.start].endswith("+"):
        return size in _WORLD
    is_world = first.run.marks.startswith("00") or bool(kinds)
    return size in (_WORLD if is_world else _NATIONAL) and is_asked(Topic.PHONE, first, chat)


def _is_interrupted(said: Said) -> bool:
    """Somebody said more than that they listen."""
    return said.asked is not None and said.asked.words > _LISTENING_WORDS


# -- the end of a longer card --------------------------------------------------------------------


def _continued(chat: Chat) -> Split | None:
    """Digits behind a card that was masked before it was complete: its first digits were one too.

    What is left to read of the card is hidden with them.
    """
    new = chat.said[0]
    runs = offers(new, is_card_talk=False)
    card = next((said for said in chat.said[1:] if said.line.runs), None)
    if not runs or card is None or not _goes_on(new):
        return None
    run, before = runs[0], card.line.runs[-1]
    if "/" in new.line.view[run.start : run.end]:
        return None  # an expiry
    size = len(before.marks) + len(run.marks)
    if card.line.kind_at(before) != MaskKind.PAN or before.is_hidden or not run.is_clear:
        return None
    if before.marks[0] != "*":
        return None  # it has a digit in front that is no part of the card
    if not _is_unusual(len(before.marks), len(run.marks)) or size > MARKS_MAX:
        return None
    if len(_WORDS.findall(card.line.view, before.end)) > _PAIR:
        return None
    return split_of(MaskKind.PAN, (Part(card, before), Part(new, run)), 0, size, keep=0)


def _goes_on(said: Said) -> bool:
    """Nothing else was asked for since, and its line has hardly more than digits."""
    asked = said.asked
    if said.line.words > _WORDS_REST or not said.line.is_short:
        return False
    if asked is None:
        return True
    if any(mark in asked.view for mark in QUESTIONS) and not _REST.search(asked.view):
        return False
    others = (Topic.OTHER, Topic.CODE, Topic.EXPIRY, Topic.TAIL, Topic.PHONE, Topic.SSN)
    return asked.words <= _WORDS_REST and not any(asked.is_about(topic) for topic in others)


def _is_unusual(before: int, behind: int) -> bool:
    """A card of that length is rare, and one of both lengths is not; or only Maestro's go on."""
    if before in _USUAL:
        return behind <= _REST_MAX
    return before >= _CARD_MIN and (before + behind in _USUAL or behind != _CODE)


# -- the beginning of a card ---------------------------------------------------------------------


def _held(chat: Chat) -> Split | None:
    """Digits after somebody spoke of a card's number are hidden before the card is complete."""
    new = chat.said[0]
    for run in offers(new, is_card_talk=True):
        if not run.is_clear:
            continue
        chain: tuple[Part, ...] = (Part(new, run),)
        for said in chat.said:
            if said is not new:
                runs = offers(said, is_card_talk=False) if said.line.runs else []
                if not runs:
                    continue
                chain = (Part(said, runs[-1]), *chain)
            marks = "".join(part.run.marks for part in chain)
            if len(marks) > MARKS_MAX:
                break
            if _is_announced(chain[0]) and _may_begin_a_card(marks, parts=len(chain)):
                begun = split_of(MaskKind.PAN, chain, 0, len(marks), keep=0)
                return begun._replace(is_begun=True)
    return None


def _between_two(chat: Chat) -> Split | None:
    """Digits with which somebody repeats the hidden beginning of another's card, or ends it."""
    new = chat.said[0]
    run = next((run for run in offers(new, is_card_talk=False) if run.is_clear), None)
    if run is None or len(run.marks) <= _TAIL:
        return None
    size = len(run.marks)
    begun = 0
    for line in reversed(chat.lines[-_NEAR_MAX - 1 : -1]):
        if line.sender == chat.new.sender or not line.runs:
            continue
        part = Part(Said(line, None, None), line.runs[-1])
        if line.is_dropped or not is_held(part):
            return None
        begun += len(part.run.marks)
        if size in {len(part.run.marks), begun} or begun + size in _USUAL:
            return split_of(MaskKind.PAN, (Part(new, run),), 0, size, keep=0)._replace(
                is_begun=True
            )
    return None


def _is_announced(part: Part) -> bool:
    """A word for a card leads to it, or its number was asked for, or it goes on."""
    line, run = part.line, part.run
    if line.is_about(Topic.TAIL) or line.is_about(Topic.OTHER):
        return False
    if is_held(part) or line.leads_to(Topic.CARD, run.start):
        return True
    asked = part.said.asked
    if not (line.is_short and part.said.is_asked(Topic.CARD)):
        return False
    return asked is None or not asked.is_about(Topic.CARD) or asked.is_about(Topic.NUMBER)


def _may_begin_a_card(marks: str, *, parts: int) -> bool:
    """More digits than may be shown, and no fewer to come: a whole one has its check digit."""
    if len(marks) <= _TAIL:
        return False
    if marks[0] not in "*23456":
        return False
    if len(marks) < _ISSUER or "*" in marks[:_ISSUER]:
        return True
    lengths = card_lengths(marks[:_ISSUER])
    return bool(lengths) and (parts > 1 or len(marks) < min(lengths[-1], _USUAL[0]))

"""Joining parts of values over the lines of one sender: which runs may be parts, and of what chain.

A chain is parts in their order, the oldest first; where a value is found in it, it is covered.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from masking.model import MaskKind
from masking.split.chat import Chat, Part, Said, Split
from masking.split.line import Cover, Line, Run
from masking.split.words import Topic

MARKS_MAX: Final = 19  # of a card; nothing else is longer
_RUN_MAX: Final = 40  # longer rows are looked at by their ends only
_STEPS_MAX: Final = 160  # ways to join lines that are tried for one message
_MANY: Final = 9  # lines that are passed over by nothing
_HELD_MAX: Final = 13  # what is hidden whole from here on is a card that two readings found
_ASKED_LINES: Final = 3  # of the sender, back from a part to where it was asked for
_JOINT: Final = re.compile(r"[\s()+_~;*-]{1,5}")  # between two runs that are one number
_IN_A_WORD: Final = re.compile(r"(?<![^\W\d_])[A-Za-z]\Z")
_CODE: Final = re.compile(r"(?<![A-Za-z])(?!TEL|SSN|VISA|CARD|AMEX|NUM|NR|NO)[A-Z]{2,4}-?\Z")
_CODE_MAX: Final = 6  # characters of INC-
_LETTER: Final = re.compile(r"[^\W\d_]")
_TAIL: Final = 4  # digits that are shown of a value
_STUCK: Final = 2  # characters that make a word of a short number

_INNOCENT: Final = re.compile(
    # A time, a date, a price, an address of a machine or a version.
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
    r"|(?:19|20)[0-9]{2}[-/.](?:0?[1-9]|1[0-2])[-/.][0-3]?[0-9]"
    r"|[0-3]?[0-9][-/.](?:0?[1-9]|1[0-2])[-/.](?:19|20)?[0-9]{2}"
    r"|[0-3]?[0-9]/(?:0?[1-9]|1[0-2])"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
)
_TIME: Final = re.compile(r"[0-9]{1,2}\.[0-9]{2}")
_MONEY: Final = re.compile(
    r"[$€£¥₹]|\b(?:usd|eur|gbp|sek|dkk|nok|chf|brl|kr|kronor|euros?|dollars?|yen|pounds?)\b|円",
    re.IGNORECASE,
)


class Joiner:
    """Tries the ways to join parts of earlier lines to a run of the new one, nearest first.

    Small talk between the parts is passed over, and so is what was only sent twice. Other digits
    are passed over a few times; more often where a card is spoken of.
    """

    def __init__(self, said: Sequence[Said], *, is_card_talk: bool) -> None:
        """Join to the first line of ``said``, the new one; the others are of its sender too."""
        self._said = said
        self._is_card_talk = is_card_talk
        self._steps = _STEPS_MAX

    def chains(self) -> Iterator[tuple[Part, ...]]:
        """Two parts and more, the oldest first."""
        new = self._said[0]
        for run in offers(new, is_card_talk=self._is_card_talk):
            yield from self._joined((Part(new, run),), 1, 1 + self._is_card_talk)

    def _joined(
        self, chain: tuple[Part, ...], place: int, passed: int
    ) -> Iterator[tuple[Part, ...]]:
        for at in range(place, len(self._said)):
            said = self._said[at]
            if not said.line.runs:
                continue
            runs = offers(said, is_card_talk=self._is_card_talk)
            for run in runs:
                self._steps -= 1
                if self._steps < 0:
                    return
                longer = (Part(said, run), *chain)
                yield longer
                if size_of(longer[:-1]) < MARKS_MAX:
                    yield from self._joined(longer, at + 1, passed)
            if any(_ends_a_card(said.line, run) for run in said.line.runs):
                return
            if not _is_resent(runs, chain):
                passed -= 1 if not runs or self._is_card_talk else _MANY
                if passed < 0:
                    return


def offers(said: Said, *, is_card_talk: bool) -> list[Run]:
    """The runs of a line that may be parts: all of a short line's together, or one at an end.

    Where no card is spoken of, a line that may be a part says nothing else.
    """
    line = said.line
    offered = line.offered.get(is_card_talk)
    if offered is None:
        offered = line.offered[is_card_talk] = _offered(line, is_card_talk=is_card_talk)
    return [] if offered and said.answers_otherwise else offered


def _offered(line: Line, *, is_card_talk: bool) -> list[Run]:
    runs = [run for run in line.runs if len(run.marks) <= _RUN_MAX and _is_offered(line, run)]
    if not runs:
        return []
    offered: list[Run] = []
    is_one = len(runs) == 1 or all(
        _JOINT.fullmatch(line.view, one.end, two.start) for one, two in pairwise(runs)
    )
    if is_one and line.is_short and not any(_is_otherwise(line, run) for run in runs):
        marks = "".join(run.marks for run in runs)
        offered.append(Run(marks, tuple(place for run in runs for place in run.places)))
    if is_card_talk:
        outer = runs if len(runs) == 1 else [runs[0], runs[-1]]
        offered += [
            run for run in outer if _is_at_an_end(line, run) and not _is_otherwise(line, run)
        ]
    return offered[:1] if len(runs) == 1 else offered


def _is_offered(line: Line, run: Run) -> bool:
    """It has digits of its own, or stars that masking put there and that may go on."""
    if _IN_A_WORD.search(line.view, max(0, run.start - _STUCK), run.start):
        return False  # v8, A4
    before = line.view[max(0, run.start - 1) : run.start]
    if len(run.marks) <= _STUCK and before.isascii() and before.isalpha():
        return False  # room12
    if line.is_dropped or _CODE.search(line.view, max(0, run.start - _CODE_MAX), run.start):
        return False
    return (run.is_clear or line.kind_at(run) is not None) and not _ends_a_card(line, run)


def _is_at_an_end(line: Line, run: Run) -> bool:
    before, behind = line.view[: run.start], line.view[run.end :]
    return not (_LETTER.search(before) and _LETTER.search(behind))


def _is_otherwise(line: Line, run: Run) -> bool:
    """It is a time, a date or a price, or named as a number of another sort."""
    value = line.view[run.start : run.end]
    if _INNOCENT.fullmatch(value) or (line.words and _TIME.fullmatch(value)):
        return True
    if line.leads_to(Topic.OTHER, run.start):
        return True
    around = line.view[max(0, run.start - 5) : run.start] + line.view[run.end : run.end + 9]
    return _MONEY.search(around) is not None


def _ends_a_card(line: Line, run: Run) -> bool:
    """It is a masked card to its end: nothing follows that belongs to it."""
    if line.kind_at(run) != MaskKind.PAN:
        return False
    return line.is_dropped or not run.is_hidden or len(run.marks) >= _HELD_MAX


def _is_resent(runs: Sequence[Run], chain: tuple[Part, ...]) -> bool:
    return any(run.marks == part.run.marks for run in runs for part in chain)


def split_of(
    kind: MaskKind, chain: tuple[Part, ...], start: int, end: int, *, keep: int = _TAIL
) -> Split:
    """Cover the marks from ``start`` to ``end`` of a chain; the last part keeps its last digits."""
    covers: list[tuple[Line, Cover]] = []
    digits: list[str] = []
    at = 0
    for part in chain:
        size = len(part.run.marks)
        first, behind = max(start - at, 0), min(end - at, size)
        at += size
        digits.append(part.run.marks[first:behind])
        is_last = part is chain[-1]
        kept = min(keep, behind - first) if is_last else 0
        covers += _covers(kind, part, part.run.places[first:behind], kept)
    return Split(tuple(covers), tuple(digits))


def _covers(
    kind: MaskKind, part: Part, places: Sequence[int], keep: int
) -> Iterator[tuple[Line, Cover]]:
    """Cover places without the words between them."""
    pieces: list[list[int]] = []
    for place in places:
        if pieces and not _LETTER.search(part.line.view, pieces[-1][-1], place):
            pieces[-1].append(place)
        else:
            pieces.append([place])
    for piece in reversed(pieces):
        kept = min(keep, len(piece))
        keep -= kept
        yield part.line, Cover(piece[0], piece[-1] + 1, kind, kept)


def starts(run: Run) -> list[int]:
    """Where groups of a run begin."""
    return [0, *(at for at, (one, two) in enumerate(pairwise(run.places), 1) if two > one + 1)]


def ends(run: Run) -> list[int]:
    """Where groups of a run end."""
    return [*starts(run)[1:], len(run.marks)]


def size_of(chain: Sequence[Part]) -> int:
    """How many digits a chain has, those that are hidden too."""
    return sum(len(part.run.marks) for part in chain)


def is_held(part: Part) -> bool:
    """It was hidden whole, as a card's."""
    return part.run.is_hidden and part.line.kind_at(part.run) == MaskKind.PAN


def is_asked(topic: Topic, part: Part, chat: Chat) -> bool:
    """It was asked for or announced: right before the part, or before it was sent a first time."""
    if part.line.leads_to(topic, part.run.start):
        return True
    back = 1 if part.line is chat.new else _ASKED_LINES
    since = chat.said[chat.said.index(part.said) :][:back]
    return any(said.is_asked(topic) for said in since)

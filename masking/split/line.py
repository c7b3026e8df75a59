"""One line of a chat as the conversation stage reads it, and how parts of it are covered by stars.

A line is what everybody sees of a message: already masked by itself.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from masking.forms import compact
from masking.model import Found, Masked, MaskKind
from masking.normalise import ZERO_WIDTH, normalise
from masking.scan import SEPARATOR
from masking.spelled import DIGIT_WORDS, may_be_kana, with_digits, with_kana
from masking.split.words import PATTERNS, Topic, leads_to
from masking.text import MaskedText
from masking.views import View

_WITHOUT_SPACES: Final = frozenset({MaskKind.PAN, MaskKind.IBAN, MaskKind.PHONE})
_RUN: Final = re.compile(rf"[0-9*](?:{SEPARATOR}{{0,4}}[0-9*])*")
_NO_SPACES: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # scripts without them
_PACKED: Final = re.compile(f"[{_NO_SPACES}]")
_WORD: Final = re.compile(
    # Letters beside figures are no word: they are a part of an account or an article.
    rf"[{_NO_SPACES}]+|(?<![0-9A-Za-z])[^\W\d_{_NO_SPACES}]+(?![0-9A-Za-z])"
)
_BREAKS_OFF: Final = re.compile(r"(?:[:\uff1a=]|\b(?:is|är|er|é|ist|est|es|は|هو|هي))\s*\Z")
QUESTIONS: Final = ("?", "\uff1f", "\u061f", "\u037e")
"""Question marks: the full-width, the Arabic and the Greek one too."""

_REQUEST: Final = re.compile(
    r"\b(?:(?:could|can|may|would) (?:you|i|we)|(?:i|we|you|we'll|i'll) (?:also )?need"
    r"|(?:send|give|tell|provide|share|type|enter|confirm) (?:me|us|your|the)"
    r"|skal (?:også )?(?:bruge|have)|behöver|precis(?:o|amos)|necesit(?:o|amos)|brauch(?:e|en)"
    r"|benötig(?:e|en)|il (?:me|nous) faut|(?:ai|avons) besoin|indiquez|envoyez|donnez"
    r"|informe|envie|mande|envíe|dígame|deme|ange|skicka|oplys|angiv|nennen|geben|schicken|please|pls|tack|tak|bitte"
    r"|svp|por favor|pfv)\b|s['’]il vous pla|من فضلك"
    r"|(?:^|[.!] )(?:and )?(?:now|ahora|agora|jetzt|maintenant|nu)\b|次に|الآن"
    r"|お願い|ください|下さい|教えて|أحتاج|نحتاج|أرسل|أعطني|زودني|تزويد",
    re.IGNORECASE,
)
_REFUSAL: Final = re.compile(
    r"\b(?:never|not|don'?t|no|aldrig|inte|ikke|nunca|jamais|ne|pas|nie|nicht|kein\w*|não|jamás)\b"
    r"|ないで|ません|لا ",
    re.IGNORECASE,
)
_NO_LETTER: Final = re.compile(r"[^a-z]+")
_ET: Final = re.compile(r"\bet\b", re.IGNORECASE)
_FRENCH: Final = frozenset(str.split("un deux trois quatre cinq sept huit neuf dix zéro"))
"""Beside one of these, `et` is "and"; elsewhere it is one."""

_SPELLED_MIN: Final = 3  # digits in words; one is a word like any other
_FEW_WORDS: Final = 5  # "and the rest of it is"
_CHARACTERS_OF_A_WORD: Final = 3  # in scripts that put no space between words


class Run(NamedTuple):
    """Digits and stars in a row, as they stand in one line, with separators between them.

    Attributes:
        marks: The digits and stars alone, in ASCII.
        places: Where in the line each of them is.
    """

    marks: str
    places: tuple[int, ...]

    @property
    def start(self) -> int:
        """Where the first one is."""
        return self.places[0]

    @property
    def end(self) -> int:
        """Behind the last one."""
        return self.places[-1] + 1

    @property
    def is_clear(self) -> bool:
        """Nothing of it is masked."""
        return "*" not in self.marks

    @property
    def is_hidden(self) -> bool:
        """All of it is masked: a part of something that was not seen to end yet."""
        return not self.marks.strip("*")


class Letters(NamedTuple):
    """Letters and digits in lower case, without what stands between them.

    Attributes:
        places: Where in the line each of them is.
    """

    text: str
    places: tuple[int, ...]


class Line:
    """A message as it is shown, and what was masked in it.

    Attributes:
        seq: Its number in the conversation.
        sender: Who wrote it; only equality matters.
        offered: Which runs may be parts of a number, once that was asked; by whether a card is
            spoken of.
        last: What an address may begin with at its end, once that was asked.
        is_dropped: Its stars stand for all of it, and not for a digit each.
    """

    def __init__(
        self, seq: int, sender: str, text: MaskedText, found: tuple[Found, ...] = ()
    ) -> None:
        """Take a line over; nothing of it is read before it is asked for."""
        self.seq = seq
        self.sender = sender
        self.text = text
        self.found = found
        self.offered: dict[bool, list[Run]] = {}
        self.last: Piece | None = None
        self.is_dropped = False
        self._topics: dict[Topic, bool] = {}

    def drop(self) -> None:
        """Learn that its stars stand for all of it: nothing of it is offered any more."""
        if not self.is_dropped:
            self.is_dropped = True
            self.offered.clear()

    def is_like(self, other: "Line") -> bool:
        """The same people read the same of both."""
        mine, its = (self.sender, self.text, self.found), (other.sender, other.text, other.found)
        return mine == its

    def is_about(self, topic: Topic) -> bool:
        """It has a word for something."""
        known = self._topics.get(topic)
        if known is None:
            known = self._topics[topic] = PATTERNS[topic].search(self.view) is not None
        return known

    @cached_property
    def _reading(self) -> View:
        """The text in plain spelling, without what takes no room, and digits as such."""
        if self.text.isascii():
            seen = View(self.text)
            if DIGIT_WORDS.isdisjoint(_NO_LETTER.sub(" ", self.text.lower()).encode().split()):
                return seen
        else:
            plain = normalise(self.text)
            unseen = (place for place, one in enumerate(plain) if one == ZERO_WIDTH)
            seen = View(plain).respelled((place, place + 1, "") for place in unseen)
        words = _WORD.findall(seen.text.lower())
        spelled = sum(word.encode() in DIGIT_WORDS for word in words)
        if spelled >= _SPELLED_MIN:
            if not _FRENCH.isdisjoint(words) and "et" in words:
                seen = seen.respelled((*match.span(), "&") for match in _ET.finditer(seen.text))
            return with_digits(seen)
        if spelled == len(words) > 1:
            return with_digits(seen, least=spelled)
        return with_kana(seen) if may_be_kana(seen.text) else seen

    @cached_property
    def view(self) -> str:
        """The text in plain spelling, without what takes no room; all places are places in it."""
        return self._reading.text

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text a stretch of the view stands."""
        return self._reading.original(start, end)

    def is_typed(self, start: int, end: int) -> bool:
        """A stretch of the view stands in the text as it reads."""
        return not self._reading.is_respelled(start, end)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """All digits and stars of the line, in rows."""
        return tuple(
            Run("".join(self.view[place] for place in places), places)
            for match in _RUN.finditer(self.view)
            if (places := _places(self.view, *match.span()))
        )

    @cached_property
    def letters(self) -> Letters:
        """All letters and digits of the line in a row."""
        places = tuple(place for place, one in enumerate(self.view) if one.isalnum())
        return Letters("".join(self.view[place] for place in places).lower(), places)

    @cached_property
    def words(self) -> int:
        """How many words it has beside its numbers."""
        words = 0
        for word in _WORD.findall(self.view):
            is_packed = _PACKED.match(word) is not None
            words += max(1, len(word) // _CHARACTERS_OF_A_WORD) if is_packed else 1
        return words

    @cached_property
    def is_short(self) -> bool:
        """It says little beside its numbers, and nothing of a number of another sort."""
        return self.words <= _FEW_WORDS and not self.is_about(Topic.OTHER)

    @property
    def shows_part(self) -> bool:
        """All that was masked in it as a card is hidden: the card is not complete."""
        return not self.is_dropped and all(
            self.kind_at(run) != MaskKind.PAN or run.is_hidden for run in self.runs
        )

    def find(self, said: str) -> Iterator[tuple[int, int]]:
        """Where letters and digits stand in the line, whatever is between them; whole words."""
        text, places = self.letters
        said = "".join(filter(str.isalnum, said)).lower()
        at = text.find(said) if said else -1
        while at >= 0:
            start, end = places[at], places[at + len(said) - 1] + 1
            if not (self.view[start - 1 : start].isalnum() or self.view[end : end + 1].isalnum()):
                yield start, end
            at = text.find(said, at + 1)

    @cached_property
    def announces(self) -> bool:
        """It speaks of a number, or breaks off where one would stand."""
        return self.is_about(Topic.NUMBER) or _BREAKS_OFF.search(self.view) is not None

    @cached_property
    def is_question(self) -> bool:
        """It asks for something, or is too short to tell of anything."""
        if self.words <= _FEW_WORDS or any(mark in self.view for mark in QUESTIONS):
            return True
        return _REQUEST.search(self.view) is not None and _REFUSAL.search(self.view) is None

    def leads_to(self, topic: Topic, place: int) -> bool:
        """The number at a place is named by a word for the topic before it."""
        return self.is_about(topic) and leads_to(topic, self.view, place)

    def tells_of(self, topic: Topic) -> bool:
        """It has a number itself, of an order or of a phone to call: it asks for none."""
        if not self.runs:
            return False
        is_phone = topic == Topic.PHONE and not any(mark in self.view for mark in QUESTIONS)
        return is_phone or self.is_about(Topic.OTHER)

    def kind_at(self, run: Run) -> str | None:
        """As what the stars of a run were masked; None for stars that somebody typed."""
        if not self.found:
            return None
        start, end = self.original(run.start, run.end)
        at = bisect_right(self.found, start, key=_end_of)
        overlaps = at < len(self.found) and self.found[at].start < end
        return self.found[at].kind if overlaps else None


def _end_of(found: Found) -> int:
    return found.end


def _places(view: str, start: int, end: int) -> tuple[int, ...]:
    return tuple(place for place in range(start, end) if view[place] in "0123456789*")


class Piece(NamedTuple):
    """Characters of one line that may be a part of an account or of an address.

    Attributes:
        places: Where in the line each of them is.
        start: Where what they were read from begins, with the signs around it.
        end: Behind it.
    """

    line: Line
    text: str
    places: tuple[int, ...]
    start: int = 0
    end: int = 0


class Cover(NamedTuple):
    """A stretch of a line that is to be hidden.

    Attributes:
        keep: How many of its last characters stay readable.
    """

    start: int
    end: int
    kind: str
    keep: int = 0


class _Stretch(NamedTuple):
    start: int
    end: int
    kind: str
    shown: str


def covered(line: Line, covers: Iterable[Cover]) -> Masked:
    """Put stars over stretches of a line; what was masked in it before stays masked.

    White space is dropped, as in the masked form of whole values, but for what is starred whole.
    """
    parts: list[str] = []
    found: list[Found] = []
    at = length = 0
    for stretch in _stretches(line, covers):
        clear = line.text[at : stretch.start]
        start = length + len(clear)
        length = start + len(stretch.shown)
        parts += (clear, stretch.shown)
        found.append(Found(stretch.kind, start, length))
        at = stretch.end
    return Masked(MaskedText("".join([*parts, line.text[at:]])), tuple(found))


def _stretches(line: Line, covers: Iterable[Cover]) -> list[_Stretch]:
    """What stands where in the end, in order; covers that overlap become one that shows nothing."""
    merged: list[tuple[Cover, int]] = []
    for seen in sorted(covers):
        keep = seen.keep if line.is_typed(seen.start, seen.end) else 0
        cover = Cover(*line.original(seen.start, seen.end), seen.kind, keep)
        marks = sum(line.view[at].isalnum() or line.view[at] == "*" for at in range(*seen[:2]))
        last, before = merged[-1] if merged else (None, 0)
        if last is not None and cover.start < last.end:
            merged[-1] = (Cover(last.start, max(last.end, cover.end), last.kind), before + marks)
        else:
            merged.append((cover, marks))
    whole = [(_around(cover, line.found), marks) for cover, marks in merged]
    kept = [
        _Stretch(found.start, found.end, found.kind, line.text[found.start : found.end])
        for found in line.found
        if not any(found.start < cover.end and cover.start < found.end for cover, _ in whole)
    ]
    return sorted([*kept, *(_hidden(cover, line.text, marks) for cover, marks in whole)])


def _around(cover: Cover, found: Iterable[Found]) -> Cover:
    """A cover that takes in all of what it touches of masked values."""
    touched = [each for each in found if each.start < cover.end and cover.start < each.end]
    start = min([cover.start, *(each.start for each in touched)])
    end = max([cover.end, *(each.end for each in touched)])
    return Cover(start, end, cover.kind, cover.keep if end == cover.end else 0)


def _hidden(cover: Cover, text: str, marks: int) -> _Stretch:
    """A part of a number that shows nothing has a star for each digit: the rest is counted on."""
    value = text[cover.start : cover.end]
    if cover.kind in _WITHOUT_SPACES:
        value = compact(value)
    if cover.kind == MaskKind.PAN and not cover.keep:
        value = "*" * marks
    tail = value[len(value) - cover.keep :]
    return _Stretch(cover.start, cover.end, cover.kind, "*" * (len(value) - cover.keep) + tail)

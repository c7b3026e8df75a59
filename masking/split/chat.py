"""A new line and what stands before it: who asked for what, and what its sender said."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple

from masking.model import MaskKind
from masking.split.line import Cover, Line, Run
from masking.split.words import Topic

NOBODY: Final = ""
"""The sender of notices: they answer nothing and ask for nothing."""

_TALK_LINES: Final = 16
"""How many lines back a card is still what the talk is about."""


class Said(NamedTuple):
    """One line of the new line's sender.

    Attributes:
        asked: The last line of somebody else before it, unless its sender wrote digits since.
        before: The line its sender wrote before it.
    """

    line: Line
    asked: Line | None
    before: Line | None

    def is_asked(self, topic: Topic) -> bool:
        """Somebody else asked for it with the line before, or its sender announced it."""
        asked, before = self.asked, self.before
        if asked is not None and asked.is_question and asked.is_about(topic):
            return not (asked.is_about(Topic.TAIL) or asked.tells_of(topic))
        if before is None or before.is_about(Topic.TAIL):
            return False
        if topic in {Topic.CARD, Topic.PHONE} and not before.announces:
            return False  # it rang, or something was paid with it
        return before.leads_to(topic, len(before.view))

    @property
    def answers_otherwise(self) -> bool:
        """It answers somebody who asked for another sort of number, or was announced as one."""
        return any(
            line is not None
            and not line.runs  # who tells a number asks for none
            and line.is_about(Topic.OTHER)
            and not line.is_about(Topic.CARD)
            and not line.is_about(Topic.SSN)
            and (line is self.asked or line.announces)
            for line in (self.asked, self.before)
        )


class Part(NamedTuple):
    """A run that may be a part of a value."""

    said: Said
    run: Run

    @property
    def line(self) -> Line:
        """Where it stands."""
        return self.said.line


class Split(NamedTuple):
    """A value in parts: what is to be hidden of which line.

    Attributes:
        said: What each part said, in letters and digits: said elsewhere, it is hidden there too.
        is_begun: More of the value is to come.
    """

    covers: tuple[tuple[Line, Cover], ...]
    said: tuple[str, ...] = ()
    is_begun: bool = False


class Chat:
    """The lines before a new one, and the new one."""

    def __init__(self, tail: Sequence[Line], new: Line) -> None:
        """Take the lines over; nothing of them is read before it is asked for."""
        self.lines = [*tail, new]
        self.new = new

    @cached_property
    def said(self) -> list[Said]:
        """The lines of the new line's sender, the newest first; the new one is among them."""
        asked: Line | None = None
        before: Line | None = None
        said: list[Said] = []
        for line in self.lines:
            if line.sender == NOBODY:
                continue
            if line.sender != self.new.sender:
                asked = line
                continue
            said.append(Said(line, asked, before))
            before = line
            if line.runs:
                asked = None  # it was answered
        return said[::-1]

    def earlier(self, count: int) -> list[Line]:
        """So many lines of the new line's sender before it, the newest first."""
        own = (line for line in reversed(self.lines) if line.sender == self.new.sender != NOBODY)
        return [*islice(own, 1, count + 1)]

    def is_about(self, topic: Topic) -> bool:
        """Somebody spoke of it lately."""
        return any(line.is_about(topic) for line in self.lines[-_TALK_LINES:])

    def is_asked(self, topic: Topic) -> bool:
        """Somebody else spoke of it lately."""
        return any(
            line.is_about(topic)
            for line in self.lines[-_TALK_LINES:]
            if line.sender != self.new.sender
        )

    @cached_property
    def is_about_card(self) -> bool:
        """Somebody spoke of a card since the last whole one, or a part of one is hidden already."""
        for line in reversed(self.lines[-_TALK_LINES:]):
            if has_card(line):
                return line.shows_part
            if line.is_about(Topic.CARD):
                return True
        return False

    def others(self) -> Iterator[Line]:
        """Every line before the new one."""
        yield from self.lines[:-1]


def has_card(line: Line) -> bool:
    """A card, or a part of one, was masked in it."""
    return bool(line.found) and any(found.kind == MaskKind.PAN for found in line.found)

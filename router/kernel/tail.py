"""Who wrote the last messages of a conversation, in a few bytes: unread ones are counted from it.

It is stored with every message, so each of them is one character here.
"""

from typing import Final

import msgspec

TAIL_LENGTH: Final = 64
"""How many of the last messages are remembered."""

NOBODY: Final = "-"
"""The mark of what is unread by nobody: notices, and what agents write to each other."""

FIRST: Final = ord("0")


class Tail(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The authors of the last messages.

    Attributes:
        authors: Reader keys of those who wrote, each once.
        marks: One character for each of the last messages: its author's place in ``authors``,
            counted from "0" on in Unicode, or `NOBODY`.
    """

    authors: tuple[str, ...] = ()
    marks: str = ""

    def written(self, author: str | None) -> "Tail":
        """The tail after one more message; None: it is unread by nobody."""
        marks = self.marks[-(TAIL_LENGTH - 1) :]
        if author is None:
            return Tail(self.authors, marks + NOBODY)
        if author in self.authors:
            return Tail(self.authors, marks + chr(FIRST + self.authors.index(author)))
        if len(self.authors) < TAIL_LENGTH:
            return Tail((*self.authors, author), marks + chr(FIRST + len(self.authors)))
        return _of([*self.each()[-(TAIL_LENGTH - 1) :], author])

    def unread(self, reader: str, last: int) -> int:
        """How many of the ``last`` messages somebody else wrote for this reader too."""
        marks = self.marks[-last:] if last > 0 else ""
        count = len(marks) - marks.count(NOBODY)
        if reader in self.authors:
            count -= marks.count(chr(FIRST + self.authors.index(reader)))
        return count

    def renamed(self, was: str, now: str) -> "Tail":
        """The tail when one author turned out to be another."""
        return _of([now if author == was else author for author in self.each()])

    def each(self) -> list[str | None]:
        """The author of each message, oldest first."""
        return [None if mark == NOBODY else self.authors[ord(mark) - FIRST] for mark in self.marks]


def _of(written: list[str | None]) -> Tail:
    authors = tuple(dict.fromkeys(author for author in written if author is not None))
    places = {author: chr(FIRST + place) for place, author in enumerate(authors)}
    return Tail(authors, "".join(places[author] if author else NOBODY for author in written))

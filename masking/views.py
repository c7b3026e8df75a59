"""A reading of a text: what detectors read, and where in the original its characters stand.

A view may spell a stretch of the original in fewer or more characters. Values are found in the view
and masked in the original, which is not rewritten anywhere else (``docs/decisions/0024``).
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class _Pieces(NamedTuple):
    """Each piece of a view, from its ``at`` to its ``end``, stands for ``start`` to ``stop`` below.

    One list for each of the four: a message that is spelled out has a piece for each digit.
    """

    ats: list[int]
    ends: list[int]
    starts: list[int]
    stops: list[int]


class View:
    """One reading of a text; where it has no pieces, its places are those of the text below.

    Attributes:
        text: What the detectors read.
    """

    __slots__ = ("_below", "_pieces", "text")

    def __init__(
        self, text: str, below: "View | None" = None, pieces: _Pieces | None = None
    ) -> None:
        """Read ``text``, which spells the text ``below`` differently at ``pieces``, in order."""
        self.text = text
        self._below = below
        self._pieces = pieces

    @property
    def is_original(self) -> bool:
        """Tell whether every place is that of the original."""
        return not self._pieces and (self._below is None or self._below.is_original)

    def respelled(self, spellings: Iterable[tuple[int, int, str]]) -> "View":
        """Read each ``start`` to ``end`` as the text given for it; they come in order, apart."""
        parts: list[str] = []
        pieces = _Pieces([], [], [], [])
        ats, ends, starts, stops = pieces
        text = self.text
        length = read = 0
        for start, end, spelling in spellings:
            parts += (text[read:start], spelling)
            at = length + start - read
            length = at + len(spelling)
            ats.append(at)
            ends.append(length)
            starts.append(start)
            stops.append(end)
            read = end
        if not parts:
            return self
        parts.append(text[read:])
        return View("".join(parts), self, pieces)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Answer where in the original the characters from ``start`` to ``end`` stand."""
        if self._pieces:
            start, end = _start(self._pieces, start), _end(self._pieces, end)
        return (start, end) if self._below is None else self._below.original(start, end)

    def is_respelled(self, start: int, end: int) -> bool:
        """Tell whether any of the characters from ``start`` to ``end`` is not typed as it reads.

        What was left out because it takes no room does not count.
        """
        pieces = self._pieces
        if pieces:
            first = max(bisect_right(pieces.ats, start) - 1, 0)
            last = bisect_right(pieces.ats, end - 1)
            for place in range(first, last):
                if pieces.ends[place] > max(pieces.ats[place], start):
                    return True
            start, end = _start(pieces, start), _end(pieces, end)
        return self._below is not None and self._below.is_respelled(start, end)


def _start(pieces: _Pieces, place: int) -> int:
    """Answer where below the character at ``place`` begins."""
    index = bisect_right(pieces.ats, place) - 1
    if index < 0:
        return place
    end = pieces.ends[index]
    return pieces.starts[index] if place < end else place - end + pieces.stops[index]


def _end(pieces: _Pieces, place: int) -> int:
    """Answer where below the character before ``place`` ends."""
    index = bisect_right(pieces.ats, place - 1) - 1
    if index < 0:
        return place
    end = pieces.ends[index]
    return pieces.stops[index] if place <= end else place - end + pieces.stops[index]

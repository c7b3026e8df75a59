"""A reading of a text: what detectors read, and where in the original its characters stand.

A view may spell a stretch of the original in fewer or more characters. Values are found in the view
and masked in the original, which is not rewritten anywhere else (``docs/decisions/0024``).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """``at`` to ``end`` of a view stands for ``start`` to ``stop`` of the text below it."""

    at: int
    end: int
    start: int
    stop: int


class View:
    """One reading of a text; where it has no pieces, its places are those of the text below.

    Attributes:
        text: What the detectors read.
    """

    __slots__ = ("_ats", "_below", "_pieces", "text")

    def __init__(
        self, text: str, below: "View | None" = None, pieces: Sequence[Piece] = ()
    ) -> None:
        """Read ``text``, which spells the text ``below`` differently at ``pieces``, in order."""
        self.text = text
        self._below = below
        self._pieces = pieces
        self._ats = [piece.at for piece in pieces] if pieces else ()

    @property
    def is_original(self) -> bool:
        """Tell whether every place is that of the original."""
        return not self._pieces and (self._below is None or self._below.is_original)

    def respelled(self, spellings: Iterable[tuple[int, int, str]]) -> "View":
        """Read each ``start`` to ``end`` as the text given for it; they come in order, apart."""
        parts: list[str] = []
        pieces: list[Piece] = []
        length = read = 0
        for start, end, spelling in spellings:
            parts += (self.text[read:start], spelling)
            at = length + start - read
            length = at + len(spelling)
            pieces.append(Piece(at, length, start, end))
            read = end
        return View("".join([*parts, self.text[read:]]), self, pieces) if pieces else self

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Answer where in the original the characters from ``start`` to ``end`` stand."""
        if self._pieces:
            start, end = self._start(start), self._end(end)
        return (start, end) if self._below is None else self._below.original(start, end)

    def is_respelled(self, start: int, end: int) -> bool:
        """Tell whether any of the characters from ``start`` to ``end`` is not typed as it reads.

        What was left out because it takes no room does not count.
        """
        if self._pieces:
            first = max(bisect_right(self._ats, start) - 1, 0)
            last = bisect_right(self._ats, end - 1)
            pieces = self._pieces[first:last]
            if any(piece.end > max(piece.at, start) for piece in pieces):
                return True
            start, end = self._start(start), self._end(end)
        return self._below is not None and self._below.is_respelled(start, end)

    def _start(self, place: int) -> int:
        """Answer where below the character at ``place`` begins."""
        index = bisect_right(self._ats, place) - 1
        if index < 0:
            return place
        piece = self._pieces[index]
        return piece.start if place < piece.end else place - piece.end + piece.stop

    def _end(self, place: int) -> int:
        """Answer where below the character before ``place`` ends."""
        index = bisect_right(self._ats, place - 1) - 1
        if index < 0:
            return place
        piece = self._pieces[index]
        return piece.stop if place <= piece.end else place - piece.end + piece.stop

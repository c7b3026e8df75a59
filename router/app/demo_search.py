"""Looks for card numbers in the raw bytes of everything the demo leaves behind.

It reads what is there, knows nothing of masking or storage, and finds a number whatever stands
between its digits.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

CHUNK = 256 * 1024  # read in parts, so that other threads get their turn between two
OVERLAP = 256  # more than the longest card with the most separators
LENGTHS = range(13, 20)
DIGITS = re.compile(rb"[0-9](?:[ .\-]{0,4}[0-9]){12,}+")
SEPARATORS = b" .-"


class Found(NamedTuple):
    """What a search saw.

    Attributes:
        hits: Each card number that stood somewhere, with the name of the place.
    """

    hits: frozenset[tuple[str, str]]
    size: int


class Places:
    """The files to search, held open from their first search to the end.

    Closing any handle of a file takes back the locks this process has on it (POSIX), and SQLite
    holds some: so nothing is closed before the server has stopped.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        """Name the files; they may appear later."""
        self._files = {path: path.name for path in files}
        self._open: dict[Path, BinaryIO] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """Close every file."""
        self._stack.close()

    def search(self, cards: frozenset[str], pages: dict[str, bytes]) -> Found:
        """Look for the numbers in every file and page; it blocks, so it has a thread of its own."""
        hits: set[tuple[str, str]] = set()
        size = 0
        for name, part in self._parts(pages):
            size += len(part)
            hits |= {(name, card) for card in cards_in(part, cards)}
        return Found(frozenset(hits), size)

    def _parts(self, pages: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
        yield from pages.items()
        for path, name in self._files.items():
            if path not in self._open and path.exists():
                self._open[path] = self._stack.enter_context(path.open("rb"))
            if path in self._open:
                yield from ((name, part) for part in _chunks(self._open[path]))


def cards_in(content: bytes, cards: frozenset[str]) -> set[str]:
    """Return the numbers that stand in the content, also within longer rows of digits."""
    found: set[str] = set()
    for row in DIGITS.findall(content):
        digits = row.translate(None, SEPARATORS).decode("ascii")
        found |= {
            digits[start : start + length]
            for length in LENGTHS
            for start in range(len(digits) - length + 1)
        } & cards
    return found


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    tail = b""
    while chunk := file.read(CHUNK):
        yield tail + chunk
        tail = chunk[-OVERLAP:]

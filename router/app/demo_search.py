"""Looks for card numbers in the raw bytes of everything the demo leaves behind.

It reads what is there, knows nothing of masking or storage, and finds a number whatever stands
between its digits.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

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
    """The files to search; they may appear later."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Name the files."""
        self._files = tuple(files)

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
        for path in self._files:
            if path.exists():
                with path.open("rb") as file:
                    yield from ((path.name, part) for part in _chunks(file))


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
    tail = b""
    while chunk := file.read(CHUNK):
        yield tail + chunk
        tail = chunk[-OVERLAP:]

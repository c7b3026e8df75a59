"""What both terminals share: lines on a screen, what was typed wrong, and one's own messages."""

from typing import TextIO

from router.app.logs import printable

CLEAR_LINE = "\r\x1b[K"


class Mistyped(Exception):  # noqa: N818 - an answer to who types, not a failure
    """A line says nothing that can be done; the text says why."""


class Screen:
    """Shows lines; what others wrote cannot move the cursor."""

    def __init__(self, stream: TextIO) -> None:
        """Write to a terminal, or to a pipe without anything a terminal needs."""
        self._stream = stream
        # What is half typed stands in the way of the line; it stays typed.
        self._start = CLEAR_LINE if stream.isatty() else ""

    def show(self, text: str) -> None:
        """Write lines."""
        for line in text.splitlines() or [""]:
            print(f"{self._start}{printable(line)}", file=self._stream, flush=True)

    def mistake(self, text: object) -> None:
        """Write why something was not done."""
        self.show(f"! {text}")


class OwnTexts:
    """Knows which messages were typed here and arrive as typed, so that none is shown twice."""

    def __init__(self) -> None:
        """Nothing was typed yet."""
        self._sent: list[str] = []

    def sent(self, text: str) -> None:
        """Keep a text until `answered`."""
        self._sent.append(text)

    def answered(self, text: str) -> None:
        """Forget a text."""
        if text in self._sent:
            self._sent.remove(text)

    def has(self, text: str) -> bool:
        """Whether the text stands on this screen already."""
        return text in self._sent

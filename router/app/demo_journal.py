"""What the demo's people do, as lines on standard output, kept in a file to be searched too."""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

WHO_LENGTH = 8


class Journal:
    """Writes lines to a stream and to a file.

    Attributes:
        is_unread: Nobody reads the stream any more.
    """

    def __init__(self, stream: TextIO, file: Path, unread: Callable[[], object]) -> None:
        """Start an empty file; call `unread` when nobody reads the stream any more."""
        self.is_unread = False
        self._unread = unread
        self._stream = stream
        self._file = file.open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    def says(self, text: str) -> None:
        """Write lines of the demo itself."""
        print(text, file=self._file, flush=True)
        if self.is_unread:
            return
        try:
            print(text, file=self._stream, flush=True)
        except BrokenPipeError:
            self.is_unread = True
            self._unread()

    def note(self, who: str, what: str) -> None:
        """Write one line: when, who, what."""
        moment = time.strftime("%H:%M:%S")
        self.says(f"{moment}  {who:<{WHO_LENGTH}}  {what}")

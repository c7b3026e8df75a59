"""Writes logs as lines: `time level event key=value`, one line for each event.

Nothing customers wrote gets through: of an exception only its kind and place are written, and of a
library's own message only its first line, without what the library would fill in. Characters that
could forge a line or move a cursor are escaped.
"""

import json
import logging
import re
import time
import traceback
from types import TracebackType
from typing import TextIO

from router.log import Field

PLAIN = re.compile(r"[\w.:/@+-]+", re.ASCII)
FRAMES_MAX = 20  # deeper stacks repeat themselves


class LineFormatter(logging.Formatter):
    """Makes one line of one record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fields = _fields(record) | _exception(record)
        words = [_time(record), record.levelname.lower(), _event(record)]
        words += [f"{key}={_value(value)}" for key, value in fields.items()]
        return " ".join(words)


def configure_logs(stream: TextIO) -> None:
    """Write what our modules note, and warnings of libraries, to the stream; twice is once."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("router").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def printable(text: str) -> str:
    """Return the text with every character that does not print written as an escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _event(record: logging.LogRecord) -> str:
    """Return our event as it is, and a library's first line in quotes, nothing filled in."""
    if "fields" in record.__dict__:
        return printable(str(record.msg))
    lines = str(record.msg).splitlines() or [""]
    return f"{printable(record.name)} {_quoted(lines[0])}"


def _fields(record: logging.LogRecord) -> dict[str, Field]:
    fields: dict[str, Field] = record.__dict__.get("fields", {})
    return fields


def _exception(record: logging.LogRecord) -> dict[str, Field]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    kind, _, place = record.exc_info
    return {"exception": f"{kind.__module__}.{kind.__qualname__}", "at": _place(place)}


def _place(place: TracebackType | None) -> str:
    """Return the innermost frames, last call first, without source lines or values."""
    frames = traceback.extract_tb(place)[-FRAMES_MAX:]
    return " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))


def _value(value: Field) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return value if PLAIN.fullmatch(value) else _quoted(value)


def _quoted(text: str) -> str:
    return printable(json.dumps(text, ensure_ascii=False))

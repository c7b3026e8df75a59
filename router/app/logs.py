"""Writes logs as lines, one for each event: `time level event key=value`, or an object of JSON.

Nothing customers wrote gets through: of an exception only its kind and place are written, and of a
library's own message only its first line, without what the library would fill in. Characters that
could forge a line or move a cursor are escaped. What happens again and again is written seldom, and
says how often it was not.
"""

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections import OrderedDict
from types import TracebackType
from typing import TextIO

from aiohttp.http_exceptions import HttpProcessingError

from router.app.arguments import LogFormat
from router.hub.limits import Buckets, Rate
from router.log import Field

LINES_AT_ONCE = 20
"""Of one kind: enough to see a pattern, and what broke it, before one a second is left."""

KINDS_MAX = 1_000
"""Kinds are few, as events and places in code are; a library that names its own is bounded."""

PLAIN = re.compile(r"[\w.:/@+-]+", re.ASCII)
FRAMES_MAX = 20  # deeper stacks repeat themselves


class Throttle:
    """Lets a line of each kind through twenty times at once, then once a second.

    The first of a kind always passes; so an exception of another type is never lost among those
    that come all the time. The next that passes has the number of those that did not.
    """

    def __init__(self) -> None:
        """Begin with nothing held back."""
        self._buckets: Buckets[str] = Buckets(
            Rate(tokens=1, per_ms=1_000, burst=LINES_AT_ONCE), keys_max=KINDS_MAX
        )
        self._suppressed: OrderedDict[str, int] = OrderedDict()

    def passes(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is to be written; it is told how many before it were not."""
        kind = _kind(record)
        if self._buckets.take(kind, int(record.created * 1_000)):
            self._suppressed[kind] = self._suppressed.get(kind, 0) + 1
            if len(self._suppressed) > KINDS_MAX:
                self._suppressed.popitem(last=False)
            return False
        suppressed = self._suppressed.pop(kind, 0)
        if suppressed:
            record.__dict__["suppressed"] = suppressed
        return True


class ThrottledHandler(logging.StreamHandler[TextIO]):
    """Writes the lines that pass; logging hands it one at a time, whatever the thread."""

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream."""
        super().__init__(stream)
        self._throttle = Throttle()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, unless too many of its kind were or only a client is to blame."""
        if not _is_of_a_client(record) and self._throttle.passes(record):
            super().emit(record)


class LineFormatter(logging.Formatter):
    """Makes one line of one record, for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fields = _all_fields(record)
        words = [_time(record), record.levelname.lower(), _event(record)]
        words += [f"{key}={_value(value)}" for key, value in fields.items()]
        return " ".join(words)


class JsonFormatter(logging.Formatter):
    """Makes one object of one record, for programs; everything beyond ASCII is an escape."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, without a line's end."""
        is_ours = "fields" in record.__dict__
        told: dict[str, Field] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "event": str(record.msg) if is_ours else _first_line(record),
            "logger": record.name,
        }
        # DEL is the one control character that JSON allows as it is.
        return json.dumps(told | _all_fields(record)).replace("\x7f", "\\u007f")


def configure_logs(stream: TextIO, form: LogFormat = "console") -> None:
    """Write what our modules note, and warnings of libraries, to the stream; twice is once."""
    handler = ThrottledHandler(stream)
    handler.setFormatter(JsonFormatter() if form == "json" else LineFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("router").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def is_for_programs() -> bool:
    """Tell whether whoever reads the logs expects nothing but objects of JSON."""
    return isinstance(_formatter(), JsonFormatter)


def tell_what_breaks() -> None:
    """From now on tell of an exception that nobody handles only its kind and place."""
    sys.excepthook = _told
    threading.excepthook = lambda broken: _told(
        broken.exc_type, broken.exc_value, broken.exc_traceback
    )
    sys.unraisablehook = lambda broken: _told(
        broken.exc_type, broken.exc_value, broken.exc_traceback
    )


def _told(
    kind: type[BaseException], exception: BaseException | None, place: TracebackType | None
) -> None:
    """Write one line, by no handler: what broke may be the log itself."""
    told = exception or kind()
    record = logging.LogRecord(
        __name__, logging.ERROR, "", 0, "program.broke", None, (kind, told, place)
    )
    record.__dict__["fields"] = {}
    print(_formatter().format(record), file=sys.stderr, flush=True)


def _formatter() -> logging.Formatter:
    """Return what makes the lines of the log, or would."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, ThrottledHandler) and handler.formatter is not None:
            return handler.formatter
    return LineFormatter()


def printable(text: str) -> str:
    """Return the text with every character that does not print written as an escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _is_of_a_client(record: logging.LogRecord) -> bool:
    """True when the web server tells of a request that is none, or of somebody who hung up."""
    exception = record.exc_info[0] if record.exc_info else None
    return (
        record.name.startswith("aiohttp.")
        and exception is not None
        and issubclass(exception, (HttpProcessingError, ConnectionError))
    )


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _event(record: logging.LogRecord) -> str:
    """Return our event as it is, and a library's first line in quotes, nothing filled in."""
    if "fields" in record.__dict__:
        return printable(str(record.msg))
    return f"{printable(record.name)} {_quoted(_first_line(record))}"


def _first_line(record: logging.LogRecord) -> str:
    lines = str(record.msg).splitlines() or [""]
    return lines[0]


def _kind(record: logging.LogRecord) -> str:
    """Return what lines have in common that say the same of different things.

    A library's line is known by its place in the code: its words may have been filled in before.
    Each path of a configuration is a kind of its own, because all mistakes are to be told at once.
    """
    event = record.msg if "fields" in record.__dict__ else f"{record.pathname}:{record.lineno}"
    exception = record.exc_info[0] if record.exc_info else None
    return f"{record.levelname} {record.name} {event} {exception} {_fields(record).get('path')}"


def _suppressed(record: logging.LogRecord) -> dict[str, Field]:
    number: int = record.__dict__.get("suppressed", 0)
    return {"suppressed": number} if number else {}


def _all_fields(record: logging.LogRecord) -> dict[str, Field]:
    return _fields(record) | _exception(record) | _suppressed(record)


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

"""A log line says what happened and nothing a customer wrote; nobody can forge one."""

import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest
from aiohttp.http_exceptions import BadHttpMessage
from hypothesis import given
from hypothesis import strategies as st

from router.app.logs import (
    KINDS_MAX,
    LINES_AT_ONCE,
    JsonFormatter,
    LineFormatter,
    ThrottledHandler,
    configure_logs,
    printable,
)
from router.log import Field, log


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Yield where logs go; how they went before is restored afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("router")
    before = (root.handlers[:], root.level, ours.level)
    stream = io.StringIO()
    configure_logs(stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers, level, ours_level = before
    root.setLevel(level)
    ours.setLevel(ours_level)


def test_an_event_is_one_line_of_words(stream: io.StringIO) -> None:
    """Lines are read by people and cut by tools: a time, a level, an event, then fields."""
    log("router.shard.lease").warning(
        "lease.lost", shard="main", epoch=3, held=False, share=0.5, by=None, why="ran out"
    )
    time, rest = stream.getvalue().split(" ", 1)

    assert time.endswith("Z")
    assert rest == (
        'warning lease.lost shard=main epoch=3 held=false share=0.5 by=- why="ran out"\n'
    )


def test_configuring_twice_writes_once(stream: io.StringIO) -> None:
    """A line written twice counts twice wherever lines are counted."""
    configure_logs(stream)
    log("router.app").info("server.ready")

    assert stream.getvalue().count("server.ready") == 1


@given(st.text(), st.text())
def test_no_text_can_forge_a_line(value: str, shard: str) -> None:
    """Whatever a field holds, the line stays one line and moves no cursor."""
    record = logging.LogRecord("router.x", logging.INFO, "x", 1, "lease.lost", (), None)
    fields: dict[str, Field] = {"why": value, "shard": shard}
    record.__dict__["fields"] = fields
    line = LineFormatter().format(record)

    assert line.isprintable()
    assert len(line.splitlines()) == 1


@given(st.text())
def test_what_prints_is_left_as_it_is(text: str) -> None:
    """Names in any script stay readable; only what does not print is escaped."""
    shown = printable(text)

    assert shown.isprintable()
    assert shown == text or not text.isprintable()


def test_an_exception_is_told_without_its_words(stream: io.StringIO) -> None:
    """Words of exceptions hold whatever was being handled, chat text too."""
    try:
        int("my card is 4111 1111 1111 1111")
    except ValueError:
        log("router.hub").error("command.failed")

    assert "exception=builtins.ValueError" in stream.getvalue()
    assert "test_logs.py:" in stream.getvalue()
    assert "4111" not in stream.getvalue()


@pytest.mark.parametrize("error", [BadHttpMessage("no"), ConnectionResetError()], ids=repr)
def test_what_only_a_client_is_to_blame_for_is_not_told(
    stream: io.StringIO, error: Exception
) -> None:
    """Anybody can send nonsense or hang up; an operator could do nothing about it."""
    for name in ("aiohttp.server", "router.hub.http"):
        logging.getLogger(name).error("request.failed", exc_info=error)
    lines = stream.getvalue().splitlines()

    assert len(lines) == 1
    assert "router.hub.http" in lines[0]


def test_an_error_without_an_exception_is_told_too(stream: io.StringIO) -> None:
    """Not every failure was raised."""
    log("router.hub").error("command.failed", command="chat.start")

    assert stream.getvalue().endswith("error command.failed command=chat.start\n")


def test_a_library_is_heard_without_what_it_fills_in(stream: io.StringIO) -> None:
    """Libraries put packets and exceptions into their messages; the first line says enough."""
    foreign = logging.getLogger("engineio")
    foreign.error("packet %s refused", "my card is 4111", extra={})
    foreign.error("Task was lost\nfuture: <Task exception=ValueError('4111')>")
    foreign.info("packet received")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_logs(stream)
        warnings.warn("unsafe", stacklevel=1)

    assert 'error engineio "packet %s refused"\n' in stream.getvalue()
    assert 'error engineio "Task was lost"\n' in stream.getvalue()
    assert "warning py.warnings" in stream.getvalue()
    assert "4111" not in stream.getvalue()
    assert "packet received" not in stream.getvalue()


@given(st.text(), st.text())
def test_no_text_can_break_out_of_an_object(value: str, shard: str) -> None:
    """Whatever a field holds, the line is one object with the same fields, in plain characters."""
    record = logging.LogRecord("router.x", logging.INFO, "x", 1, "lease.lost", (), None)
    fields: dict[str, Field] = {"why": value, "shard": shard, "epoch": 3, "held": None}
    record.__dict__["fields"] = fields
    line = JsonFormatter().format(record)

    assert line.isascii()
    assert line.isprintable()
    told = json.loads(line)
    assert told | {"time": ""} == {
        "time": "",
        "level": "info",
        "event": "lease.lost",
        "logger": "router.x",
        **fields,
    }


def test_an_object_tells_of_an_exception_without_its_words(stream: io.StringIO) -> None:
    """Programs are told as little as people."""
    configure_logs(stream, "json")
    try:
        int("my card is 4111 1111 1111 1111")
    except ValueError:
        log("router.hub").error("command.failed", command="chat.start")
    logging.getLogger("library").warning("packet %s refused\n4111", "4111")
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())

    assert (ours["event"], ours["command"]) == ("command.failed", "chat.start")
    assert ours["exception"] == "builtins.ValueError"
    assert (theirs["event"], theirs["logger"]) == ("packet %s refused", "library")
    assert "4111" not in stream.getvalue()


class Book:
    """A log in virtual time."""

    def __init__(self) -> None:
        """Begin with an empty page."""
        self.now_s = 1_700_000_000.0
        self._stream = io.StringIO()
        self._handler = ThrottledHandler(self._stream)
        self._handler.setFormatter(LineFormatter())

    def note(
        self,
        event: str,
        level: int = logging.WARNING,
        error: type[Exception] | None = None,
        **fields: Field,
    ) -> None:
        """Note an event now, of an exception if one is given."""
        caught = (error, error(), None) if error else None
        record = logging.LogRecord("router.x", level, "x.py", 1, event, (), caught)
        record.created = self.now_s
        record.__dict__["fields"] = fields
        self._handler.handle(record)

    def hear(self, message: str, line: int) -> None:
        """Note what a library says, now."""
        record = logging.LogRecord(
            "library", logging.WARNING, "library.py", line, message, (), None
        )
        record.created = self.now_s
        self._handler.handle(record)

    def lines(self) -> list[str]:
        """Give what was written since the last time, without times."""
        written = [line.split(" ", 1)[1] for line in self._stream.getvalue().splitlines()]
        self._stream.seek(0)
        self._stream.truncate()
        return written


def test_what_happens_again_and_again_is_written_seldom() -> None:
    """A client that breaks something a thousand times a second must not fill the disk."""
    book = Book()
    for _ in range(1_000):
        book.note("socket.failed")

    assert book.lines() == ["warning socket.failed"] * LINES_AT_ONCE
    book.now_s += 0.999
    book.note("socket.failed")
    assert book.lines() == []
    book.now_s += 0.001
    book.note("socket.failed")
    book.note("socket.failed")
    assert book.lines() == [f"warning socket.failed suppressed={1_000 - LINES_AT_ONCE + 1}"]


def test_what_was_held_back_is_told_once() -> None:
    """Numbers that are told twice are counted twice."""
    book = Book()
    for _ in range(LINES_AT_ONCE + 3):
        book.note("socket.failed")
    book.now_s += 60
    book.note("socket.failed", namespace="/agent")
    book.note("socket.failed", namespace="/agent")

    assert book.lines()[LINES_AT_ONCE:] == [
        "warning socket.failed namespace=/agent suppressed=3",
        "warning socket.failed namespace=/agent",
    ]


def test_the_first_of_a_kind_is_always_written() -> None:
    """Among thousands of the same error the new one is the one to see."""
    book = Book()
    for _ in range(1_000):
        book.note("command.failed", logging.ERROR, KeyError)
        book.note("task.failed")
    book.lines()
    book.note("command.failed", logging.ERROR, ValueError)
    book.note("command.failed")
    book.note("task.failed", logging.ERROR)
    book.note("task.failed", logging.ERROR, KeyError)

    assert book.lines() == [
        'error command.failed exception=builtins.ValueError at=""',
        "warning command.failed",
        "error task.failed",
        'error task.failed exception=builtins.KeyError at=""',
    ]


def test_every_mistake_of_a_configuration_is_written() -> None:
    """Whoever mends a file wants all its mistakes at once."""
    book = Book()
    for index in range(100):
        book.note("configuration.mistake", path=f"queues[{index}].id")

    assert len(book.lines()) == 100


def test_a_library_that_fills_in_its_words_is_one_kind_for_each_place() -> None:
    """Otherwise each line would be the first of a new kind, and all would be written."""
    book = Book()
    for number in range(1_000):
        book.hear(f"packet {number} refused", line=7)
    book.hear("something else", line=8)

    assert len(book.lines()) == LINES_AT_ONCE + 1


def test_memory_of_kinds_is_bounded() -> None:
    """What is held back for ever is forgotten before the memory is full."""
    book = Book()
    for number in range(KINDS_MAX * 2):
        for _ in range(LINES_AT_ONCE + 1):
            book.hear("x", line=number)
    written = len(book.lines())
    book.now_s += 1
    book.hear("x", line=0)
    book.hear("x", line=KINDS_MAX * 2 - 1)
    oldest, newest = book.lines()

    assert written == KINDS_MAX * 2 * LINES_AT_ONCE
    assert "suppressed" not in oldest
    assert newest.endswith("suppressed=1")

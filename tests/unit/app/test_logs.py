"""A log line says what happened and nothing a customer wrote; nobody can forge one."""

import io
import logging
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.app.logs import LineFormatter, configure_logs, printable
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

"""The demo shows what it promises, finds no card number, and lets a newcomer join in."""

import os
import re
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.console import PATIENCE_S, Console, wait_for
from tests.support.redis import RedisServer
from tests.support.server import PROGRAM

PACE = "4"  # percent of what people take

METRICS = (
    r'frontdesk_contacts_ended_total\{.*queue="returns".*\} [1-9]',
    r'frontdesk_offers_total\{.*outcome="rona".*\} [1-9]',
    r'frontdesk_offers_total\{.*outcome="declined".*\} [1-9]',
    r'frontdesk_transfers_total\{to="agent"\} [1-9]',
    r'frontdesk_transfers_total\{to="queue"\} [1-9]',
    r"frontdesk_conferences_total [1-9]",
    r'frontdesk_masked_total\{kind="pan"\} [1-9]',
)

WITHOUT_MASKING = """
import asyncio, msgspec
from router.app.demo import demo_settings
from router.app.demo_run import run_demo
settings = demo_settings({})
replace = msgspec.structs.replace
masking = replace(settings.configuration.masking, enabled=False)
configuration = replace(settings.configuration, masking=masking)
settings = replace(settings, configuration=configuration)
demo = run_demo(settings, host="127.0.0.1", port=0, metrics_port=0, engine=None, pace=0.04)
raise SystemExit(asyncio.run(demo))
"""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Console]:
    """Run the demo, faster than anybody could read."""
    words = ("serve", "--demo", "--port", "0", "--pace", PACE)
    with Console(tmp_path, "demo", *PROGRAM, *words) as program:
        yield program


def test_conversations_happen_and_no_card_number_is_left_behind(demo: Console) -> None:
    """It is the first thing anybody sees of the product, and it claims to be searched."""
    page = demo.until(r"Metrics +(\S+)")[1]

    def missing() -> list[str]:
        with urllib.request.urlopen(page, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own
            text = answer.read().decode()
        return [pattern for pattern in METRICS if not re.search(pattern, text)]

    wait_for(lambda: not missing())
    left = missing()
    demo.until(r"cards sent [1-9]\d*; found unmasked in database, WAL, log, metrics: 0 ")
    code = demo.stop(signal.SIGINT)
    said = demo.said()

    assert left == [], said
    assert code == 0
    assert re.findall(r"metrics: (\d+) \(searched", said)[-1] == "0"
    assert "Traceback" not in said
    assert list(demo.temporary.iterdir()) == []


def test_metrics_on_a_port_of_their_own_are_told_of_and_searched(tmp_path: Path) -> None:
    """The main port has none then, and a search of an error page would prove nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = ("serve", "--demo", "--port", "0", "--metrics-port", port, "--pace", PACE)
    with Console(tmp_path, "demo", *PROGRAM, *words) as demo:
        page = demo.until(r"Metrics +(\S+)")[1]
        demo.until(r"log, metrics: 0 \(searched")
        code = demo.stop(signal.SIGINT)
        said = demo.said()

    assert page == f"http://127.0.0.1:{port}/metrics"
    assert code == 0
    assert "Traceback" not in said


def test_without_masking_the_same_demo_finds_the_numbers(tmp_path: Path) -> None:
    """A search that finds nothing proves something only if it can find what it looks for."""
    with Console(tmp_path, "leaky", sys.executable, "-c", WITHOUT_MASKING) as demo:
        demo.until(r"LEAKED into demo\.log, frontdesk\.db")
        code = demo.stop(signal.SIGINT)

    assert code == 1


def test_a_newcomer_chats_with_itself_from_two_terminals(demo: Console, tmp_path: Path) -> None:
    """The two commands of the banner are the way in, and must lead to a conversation.

    Whoever comes to the shop gets an answer, and goes to the person who sits down after that.
    """
    desk_words = demo.until(r"frontdesk desk (--url \S+ --token \S+)")[1].split()
    chat_words = demo.until(r"frontdesk chat (--url \S+)")[1].split()
    with (
        Console(tmp_path, "desk", *PROGRAM, "desk", *desk_words) as desk,
        Console(tmp_path, "chat", *PROGRAM, "chat", *chat_words) as chat,
    ):
        desk.until("You are idle")
        chat.until("Hello! How can we help")
        chat.type("Where is my parcel?")
        chat.until("Sam: ")  # nobody sits at a desk, so a script answers
        desk.type("available")
        desk.until(r"OFFER 1: .* \d+ s left")
        desk.type("accept")
        chat.until("You are talking with Anna")
        desk.type("note A regular")
        desk.type("Which card did you pay with?")
        chat.until("Anna: Which card")
        chat.type("4111 1111 1111 1111")
        desk.until(r"\*{12}1111")
        chat.until(r"You: \*{12}1111")
        desk.type("transfer nobody")
        desk.until("! ")
        chat.type("/end")
        desk.until("ended \\(by the customer\\)")
        desk.type("wrapup resolved")
        desk.until("Wrapped up: resolved")
        desk.type("quit")
        chat.type("/quit")
        codes = (desk.wait(), chat.wait())
        said = desk.said() + chat.said()

    assert codes == (0, 0)
    assert "A regular" not in chat.said()
    assert "4111 1111" not in said
    assert "Traceback" not in said


def is_listening(url: str) -> bool:
    """Say whether anybody listens there."""
    place = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((place.hostname, place.port)) == 0


def test_a_key_kills_the_server_and_nothing_promised_is_lost(tmp_path: Path) -> None:
    """It is the claim a visitor can try by hand: pull the plug and count what is there after it.

    When the demo itself is killed, the server that it started ends too.
    """
    terminal, other_end = os.openpty()
    words = ("serve", "--demo", "--port", "0", "--pace", PACE)
    with Console(tmp_path, "demo", *PROGRAM, *words, terminal=other_end) as demo:
        os.close(other_end)
        desk = demo.until(r"Desk +(\S+)/desk")[1]
        os.write(terminal, b"xk")
        report = demo.until(r"recovered in (\d+) ms, acked lost 0, twice 0 \(8 .*, (\d+) ack")
        demo.stop(signal.SIGKILL)
        wait_for(lambda: not is_listening(desk))
        gone = not is_listening(desk)
        said = demo.said()
    os.close(terminal)

    assert int(report[2]) > 8
    assert gone
    assert "Traceback" not in said


def test_on_redis_it_is_searched_and_killed_as_on_a_file(tmp_path: Path) -> None:
    """What a visitor is shown must not depend on where it is kept.

    After the kill another process takes over what the first one had in Redis.
    """
    terminal, other_end = os.openpty()
    with RedisServer(tmp_path) as redis:
        words = ("serve", "--demo", "--port", "0", "--pace", PACE, "--engine", redis.url)
        with Console(tmp_path, "demo", *PROGRAM, *words, terminal=other_end) as demo:
            os.close(other_end)
            demo.until(r"cards sent [1-9]\d*; found unmasked in Redis, log, metrics: 0 \(searched")
            os.write(terminal, b"k")
            report = demo.until(r"recovered in (\d+) ms, acked lost 0, twice 0 \(8 .*, (\d+) ack")
            code = demo.stop(signal.SIGINT)
            said = demo.said()
    os.close(terminal)

    assert int(report[2]) > 8
    assert code == 0
    assert "Traceback" not in said

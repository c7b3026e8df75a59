"""What `frontdesk mask` does with a stream, by itself and as a configuration says."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from masking import DEFAULT_POLICY, PASSING, Policy
from router.app.cli import main
from router.app.lines import LINE_MAX, mask_lines

ROOT = Path(__file__).parents[3]
CARD = "4111 1111 1111 1111"
SHOP = r"""
[tenant]
id = "main"

[masking]
kinds = { email = { direction = "customer" } }
allow = ['\+46 8 123 456 78']

[[masking.rules]]
name = "order"
pattern = '\bFD-\d{8}\b'
example = "FD-12345678"

[[queues]]
id = "support"
masking = { kinds = { email = { action = "drop" }, order = { action = "shadow" } } }

[[queues]]
id = "sales"
"""


class Piped(io.TextIOWrapper):
    """Standard input with bytes in it."""

    def __init__(self, content: bytes) -> None:
        """Hold the bytes somebody piped in."""
        super().__init__(io.BytesIO(content), encoding="utf-8")


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., bytes]:
    """Runs the command on bytes, with a file if its text is given."""

    def run(content: bytes, *words: str, config: str = "") -> bytes:
        path = tmp_path / "shop.toml"
        path.write_text(config, encoding="utf-8")
        given = ["--config", str(path)] if config else []
        monkeypatch.setattr(sys, "stdin", Piped(content))
        assert main(["mask", *given, *words]) == 0
        return capsysbinary.readouterr().out

    return run


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_lines_are_masked_one_by_one(run: Callable[..., bytes], end: bytes) -> None:
    """What is not masked passes byte by byte: a log in another encoding is still that log."""
    told = run(f"card {CARD}\n".encode() + b"caf\xe9 \xff" + end)

    assert told == b"card ************1111\ncaf\xe9 \xff" + end


def test_lines_pass_where_masking_is_off(run: Callable[..., bytes]) -> None:
    """With a file, the command shows what a server with that file would do."""
    off = '[tenant]\nid = "main"\n[masking]\nenabled = false\n'

    assert run(f"{CARD}\n".encode(), config=off) == f"{CARD}\n".encode()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "order *********** to a***@shop.se, +46 8 123 456 78"),
        (["--from", "agent"], "order *********** to anna@shop.se, +46 8 123 456 78"),
        (["--queue", "sales"], "order *********** to a***@shop.se, +46 8 123 456 78"),
        (["--queue", "support"], "***"),
        (["--queue", "support", "--from", "agent"], "order FD-12345678 to anna@shop.se, "),
    ],
)
def test_a_line_is_masked_as_a_queue_and_a_sender_have_it(
    run: Callable[..., bytes], words: list[str], expected: str
) -> None:
    """An administrator sees beforehand what customers and agents will see."""
    line = b"order FD-12345678 to anna@shop.se, +46 8 123 456 78\n"

    assert run(line, *words, config=SHOP).decode().startswith(expected)


def test_an_explanation_tells_place_and_rule_and_no_value(run: Callable[..., bytes]) -> None:
    """Who tunes a policy reads it, and may pass it on."""
    told = run(f"{CARD}, FD-12345678".encode(), "--explain", "--queue", "support", config=SHOP)

    assert told.decode().splitlines() == [
        "************1111, FD-12345678",
        "    pan         0-19      masked   card.issuer, Luhn",
        "    order       21-32     shadow   own.pattern",
    ]


def test_the_page_shows_what_the_command_says(run: Callable[..., bytes]) -> None:
    """Rules are named by the detectors, and the page is read by who tunes a policy."""
    page = (ROOT / "docs" / "masking.md").read_text(encoding="utf-8")
    shown = re.findall(
        r"```\necho '([^']*)' \| frontdesk mask( --explain)?\n```\n\n```\n(.*?)```", page, re.DOTALL
    )

    assert [bool(explain) for _, explain, _ in shown] == [False, True]
    for line, explain, expected in shown:
        assert run(f"{line}\n".encode(), *explain.split()).decode() == expected


def test_an_explanation_tells_of_a_rule_that_fails(run: Callable[..., bytes]) -> None:
    """Otherwise a line of stars would be a riddle."""
    rule = "[[masking.rules]]\nname = 'slow'\npattern = 'a|(z|zz)+!'\nexample = 'a'\n"
    slow = SHOP.replace("[[queues]]", f"{rule}[[queues]]", 1)
    told = run(b"z" * 60, "--explain", config=slow).decode().splitlines()

    assert told == ["*" * 60, "    all         0-60      starred: a rule failed, or took too long"]


@pytest.mark.parametrize("words", [["--queue", "support"], ["--from", "visitor"]])
def test_words_that_do_not_fit_are_usage(words: list[str]) -> None:
    """A queue is one of a file, and there are two kinds of senders."""
    with pytest.raises(SystemExit) as ended:
        main(["mask", *words])

    assert ended.value.code == 2


def test_a_queue_that_is_not_in_the_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Masking by another policy than was meant would be worse than none."""
    path = tmp_path / "shop.toml"
    path.write_text(SHOP, encoding="utf-8")

    assert main(["mask", "--config", str(path), "--queue", "suport"]) == 1
    assert 'did you mean "support"?' in capsys.readouterr().err


def test_a_reader_that_has_enough_ends_the_command_quietly() -> None:
    """Lines come out one by one, and piping into `head` is ordinary: no reason for a traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "router.app", "mask"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"one line\n")
        process.stdin.flush()
        first = process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"another\n")
        process.stdin.close()
        told = process.stderr.read()

    assert first == b"one line\n"
    assert process.returncode == 1
    assert told == b""


@pytest.mark.parametrize("policy", [DEFAULT_POLICY, PASSING], ids=["default", "off"])
def test_a_line_without_end_is_starred_and_the_next_one_is_masked(policy: Policy) -> None:
    """Whatever is piped in, memory stays small, and no value is cut where it is read."""
    out = io.BytesIO()
    long = b"x" * (LINE_MAX - 4) + CARD.encode()
    whole = b"y" * (LINE_MAX - 1)
    mask_lines(io.BytesIO(long + b"\nfine\n" + whole + b"\n"), out, policy, is_explained=True)

    assert out.getvalue() == b"*" * len(long) + b"\nfine\n" + whole + b"\n"

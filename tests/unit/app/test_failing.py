"""A command that fails says why in the form that was asked for, and never what it worked on."""

import json
import sys
import threading
from pathlib import Path

import pytest

from router.app.cli import main
from router.app.logs import configure_logs, tell_what_breaks

SHOP = """
[tenant]
id = "main"

[auth]
secret = "a-secret-of-the-tests-of-32-bytes"

[[queues]]
id = "support"
"""


def serve(folder: Path, text: str, *more: str) -> int:
    """Serve a configuration, with lines for programs, and return the exit code."""
    file = folder / "shop.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return main(["serve", "--config", str(file), "--log-format", "json", "--port", "0", *more])


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """Every line on standard error, each of which must be an object; on the other there is none."""
    said = capsys.readouterr()

    assert said.out == ""
    return [json.loads(line) for line in said.err.splitlines()]


def test_mistakes_are_objects_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A collector of logs that cannot read the last lines hides why nothing starts."""
    code = serve(tmp_path, SHOP.replace("[[queues]]", "[[queue]]"))
    lines = told(capsys)

    assert code == 1
    assert [line["event"] for line in lines] == ["configuration.mistake", "configuration.unusable"]
    assert lines[0]["path"] == "queue"
    assert lines[1]["mistakes"] == 1


def test_a_store_that_cannot_be_used_is_an_object_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As above, of what is found only when the server starts."""
    code = serve(tmp_path, SHOP, "--engine", f"sqlite:{tmp_path / 'none' / 'store.db'}")
    last = told(capsys)[-1]

    assert code == 1
    assert (last["event"], last["level"]) == ("server.ended", "error")
    assert str(last["why"]).startswith("cannot start: ")


@pytest.mark.parametrize("form", ["console", "json"])
def test_what_nobody_handles_is_told_without_its_words(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text of an exception may be what a customer wrote; its kind and place are enough."""
    for place, hook in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(place, hook, getattr(place, hook))
    if form == "json":
        configure_logs(sys.stderr, "json")
    tell_what_breaks()
    try:
        raise ValueError("card 4111")  # noqa: TRY301 - as a library would
    except ValueError as broken:
        sys.excepthook(type(broken), broken, broken.__traceback__)
        threading.excepthook(
            threading.ExceptHookArgs((type(broken), broken, broken.__traceback__, None))
        )
    lines = capsys.readouterr().err.splitlines()

    assert len(lines) == 2
    assert [line for line in lines if "4111" in line] == []
    assert all("program.broke" in line and "builtins.ValueError" in line for line in lines)
    assert all(line.startswith("{") is (form == "json") for line in lines)

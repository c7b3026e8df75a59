"""The image, as far as it can be judged without a builder: its rules, and its steps in a prefix."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from router.app.arguments import Serve, parse_arguments
from tests.ops.addresses import free_port
from tests.ops.containerfile import CONTAINERFILE, Step, let_in, play, steps
from tests.support.server import ROOT, STOP_S_MAX

TEXT = CONTAINERFILE.read_text()
LAST = [step for step in steps(TEXT) if not step.stage]
HADOLINT = Path(sys.executable).with_name("hadolint")

FIRST_START_S_MAX = 120
"""Everything is compiled then; it takes four seconds on a machine that does nothing else."""

TOOLS = re.compile(r"\b(?:apt-get|apk|gcc|make|node|npm|pip install|curl|wget|git|hatchling)\b")
"""What builds or fetches, and what nobody who breaks in should find."""


def lint(text: str) -> str:
    """Return what hadolint has to say."""
    ended = subprocess.run(
        [HADOLINT, "-"], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.stdout + ended.stderr


def the_last(word: str) -> Step:
    """Return an instruction of the stage that becomes the image; the last one counts."""
    return [step for step in LAST if step.word == word][-1]


@contextmanager
def demo(program: Path, output: Path) -> Generator[str]:
    """Serve the demo with a program; it must end well when it is told to."""
    port = free_port()
    command = [str(program), "serve", "--demo", "--port", port]
    with output.open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()

        assert process.wait(STOP_S_MAX) == 0, output.read_text()


def status(address: str) -> int:
    """Return the HTTP status at an address, once somebody listens there."""
    give_up_s = time.monotonic() + FIRST_START_S_MAX
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http, to ourselves
                return int(answer.status)
        except urllib.error.URLError:
            assert time.monotonic() < give_up_s, f"nobody listens at {address}"
            time.sleep(0.05)


def test_hadolint_has_nothing_to_say() -> None:
    """It knows what makes images large, loose or different from one day to the next."""
    assert lint(TEXT) == ""


def test_hadolint_would_say_it() -> None:
    """A lint that finds nothing proves something only if it can find what it looks for."""
    assert "DL3007" in lint(TEXT.replace("python:3.13-slim-bookworm", "python:latest"))


def test_the_image_runs_as_nobody_in_particular() -> None:
    """By number, so that a cluster can see that it is not root; the chart names the same one."""
    user, _, group = the_last("USER").rest.partition(":")
    chart = (ROOT / "helm/frontdesk/templates/_pod.tpl").read_text()

    assert user == group == "10001"
    assert f"runAsUser: {user}" in chart
    assert f"fsGroup: {group}" in chart


def test_nothing_that_builds_is_in_the_image() -> None:
    """The last stage takes one folder from the one before, and fetches nothing."""
    copies = [step.words for step in LAST if step.word == "COPY"]
    runs = [step.rest for step in LAST if step.word == "RUN"]

    assert copies == [["/opt/frontdesk", "/opt/frontdesk"]]
    assert [run for run in runs if TOOLS.search(run)] == []
    assert TOOLS.search(" ".join(step.rest for step in steps(TEXT) if step.stage)) is not None


def test_its_command_is_one_that_frontdesk_knows() -> None:
    """It keeps its data where the volume is, and its ports are those that are named."""
    assert json.loads(the_last("ENTRYPOINT").rest) == ["frontdesk"]

    asked = parse_arguments(json.loads(the_last("CMD").rest))

    assert isinstance(asked, Serve)
    assert asked.engine == f"sqlite:{the_last('VOLUME').rest}/frontdesk.db"
    assert asked.log_format == "json"  # whoever collects the logs of containers reads it
    assert the_last("EXPOSE").words == [str(asked.port), str(asked.metrics_port)]


def test_nothing_else_reaches_the_builder() -> None:
    """Secrets, databases and tests of a checkout are no part of what is sent."""
    copied = {
        word
        for step in steps(TEXT)
        if step.word == "COPY" and not step.is_from_another_stage
        for word in step.words[:-1]
    }

    assert {path.name for path in ROOT.iterdir() if let_in(path.name)} == copied


def healthy(prefix: Path, address: str) -> bool:
    """Ask what the image asks of itself, at an address instead of its own."""
    program, *words = json.loads(the_last("HEALTHCHECK").rest.partition("CMD ")[2])
    words = [word.replace("http://127.0.0.1:8080", address) for word in words]
    ended = subprocess.run(
        [prefix / "bin" / program, *words], capture_output=True, check=False, timeout=60
    )
    return ended.returncode == 0


@pytest.mark.skipif(os.environ.get("FRONTDESK_LONG") != "1", reason="takes half a minute")
def test_its_pages_are_those_that_are_tested(tmp_path: Path) -> None:
    """They are built from what the lock names for running, without what only checks need."""
    play("pages", tmp_path)
    here, there = ROOT / "router" / "pages", tmp_path / "src" / "router" / "pages"
    files = [path.relative_to(here) for path in here.rglob("[!.]*") if path.is_file()]

    assert len(files) > 3
    assert [name for name in files if not (there / name).is_file()] == []


def test_its_steps_make_a_program_that_serves(tmp_path: Path) -> None:
    """All that it imports and shows is there, from the lock and with no tool beside it.

    One test, because what the steps leave is made only once.
    """
    play("build", tmp_path)
    prefix = tmp_path / "opt"
    found = {path.name.split("-")[0] for path in prefix.glob("lib/*/site-packages/*.dist-info")}
    lock = (ROOT / "requirements.run.lock").read_text()
    locked = {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)}
    usage = subprocess.run(
        [prefix / "bin" / "frontdesk", "--help"], capture_output=True, text=True, check=True
    )
    with demo(prefix / "bin" / "frontdesk", tmp_path / "output") as address:
        served = [status(f"{address}{path}") for path in ("/readyz", "/desk", "/widget.js")]
        asked = healthy(prefix, address)

    assert len(found) >= 10
    assert found - locked == {"frontdesk"}
    assert usage.stdout.startswith("usage: frontdesk")
    assert served == [200, 200, 200]
    assert asked
    assert not healthy(prefix, "http://127.0.0.1:1")

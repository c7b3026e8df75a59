"""The image, as far as it can be judged without a builder: its rules, and its steps in a prefix."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.app.arguments import Serve, parse_arguments
from tests.ops.addresses import free_port
from tests.ops.containerfile import CONTAINERFILE, Step, let_in, play, steps
from tests.support.server import ROOT, START_S_MAX, STOP_S_MAX

TEXT = CONTAINERFILE.read_text()
LAST = [step for step in steps(TEXT) if not step.stage]
HADOLINT = Path(sys.executable).with_name("hadolint")

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


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stage that builds leaves to the image."""
    return play("build", tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def demo(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo, served from there; where it is."""
    port = free_port()
    command = [str(prefix / "bin" / "frontdesk"), "serve", "--demo", "--port", port]
    with (tmp_path_factory.mktemp("demo") / "output").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    yield f"http://127.0.0.1:{port}"
    process.terminate()

    assert process.wait(STOP_S_MAX) == 0


def status(address: str) -> int:
    """Return the HTTP status at an address, once somebody listens there."""
    give_up_s = time.monotonic() + START_S_MAX
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


def test_its_steps_install_what_is_locked_and_no_tool(prefix: Path) -> None:
    """Whatever is in there is in the lock, with a hash, beside Frontdesk itself."""
    found = {path.name.split("-")[0] for path in prefix.glob("lib/*/site-packages/*.dist-info")}
    lock = (ROOT / "requirements.run.lock").read_text()
    locked = {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)}

    assert len(found) >= 10
    assert found - locked == {"frontdesk"}


def test_its_program_says_how_it_is_used(prefix: Path) -> None:
    """Everything it imports at first is there."""
    ended = subprocess.run(
        [prefix / "bin" / "frontdesk", "--help"], capture_output=True, text=True, check=True
    )

    assert ended.stdout.startswith("usage: frontdesk")


def test_its_program_serves(demo: str) -> None:
    """Everything it imports later is there too, and so are the pages."""
    found = [status(f"{demo}{path}") for path in ("/readyz", "/desk", "/widget.js")]

    assert found == [200, 200, 200]


@pytest.mark.parametrize("is_there", [True, False])
def test_its_health_is_asked_for(demo: str, prefix: Path, *, is_there: bool) -> None:
    """The question finds the program when it runs, and fails when nobody answers."""
    command = json.loads(the_last("HEALTHCHECK").rest.partition("CMD ")[2])
    address = demo if is_there else "http://127.0.0.1:1"
    ready = status(f"{demo}/readyz")
    ended = subprocess.run(
        [
            prefix / "bin" / command[0],
            *(word.replace("http://127.0.0.1:8080", address) for word in command[1:]),
        ],
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert ready == 200
    assert (ended.returncode == 0) is is_there

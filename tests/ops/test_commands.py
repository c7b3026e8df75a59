"""Every command of the program that a page tells to type is typed, in a folder like a reader's."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from ops.reference import ROOT
from tests.support.console import wait_for
from tests.support.server import environment

BY_ROOT = {"deploy-one-machine.md", "deploy-kubernetes.md"}
"""They need root or a cluster: `test_one_machine_commands.py`, `test_cluster_commands.py`."""

PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if page.name not in BY_ROOT),
]
FENCE = re.compile(r"^( *)```\w*\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
TYPED = re.compile(
    r"^ *(?:\$ )?((?:frontdesk|echo '.*' \| frontdesk|python3 -c|promtool) .+)$", re.MULTILINE
)
OWN_FILE = re.compile(r"\bFILE\b|\bdocs/example\.toml\b")
OF_HERE = re.compile(r"sqlite:PATH\b")
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+ [^`\n]+)`")
RUN = {"echo", "frontdesk", "helm", "kubectl", "make_secret()", "promtool", "python3"}
"""What this, `test_cluster_commands.py` and `test_one_machine_commands.py` type."""

OTHERS = """
apt-get build/venv/bin/pip caddy cat cd curl docker git journalctl nginx npm pip podman redis-cli
redis-server sudo systemctl ./dev python .venv/bin/python .venv/bin/frontdesk
"""
PROGRAMS = RUN.union(OTHERS.split())
"""What a line begins with that is a command, and no output or configuration."""

SERVES = re.compile(r"^frontdesk serve\b")
RESTORES = re.compile(r"^frontdesk restore\b")
TALKS = re.compile(r"^frontdesk (?:chat|desk)\b")
ENDS_S_MAX = 60.0


class House(NamedTuple):
    """Where a reader is.

    Attributes:
        url: Of the server that was started by a page's command.
    """

    folder: Path
    url: str
    token: str

    def filled(self, line: str) -> str:
        """A command with the reader's own words, and the address of their server."""
        line = line.replace("TOKEN", self.token)
        if RESTORES.match(line):  # the store of a server that runs is not written over
            return line.replace("sqlite:frontdesk.db", "sqlite:restored.db")
        return f"{line} --url {self.url}" if TALKS.match(line) else line

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Type a command and close the terminal."""
        return subprocess.run(
            ["/bin/sh", "-c", self.filled(line)],
            cwd=self.folder,
            env=variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ENDS_S_MAX,
            check=False,
        )


def commands() -> list[str]:
    """Every command of the pages, once, about the reader's own file."""
    blocks = (
        block for page in PAGES for _, block in FENCE.findall(page.read_text(encoding="utf-8"))
    )
    typed = {line.strip() for block in blocks for line in TYPED.findall(block)}
    owned = {OWN_FILE.sub("frontdesk.toml", line) for line in typed}
    return sorted({OF_HERE.sub("sqlite:frontdesk.db", line) for line in owned})


def variables() -> dict[str, str]:
    """The environment of somebody who keeps secrets in it, and has installed the program."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return environment() | {"PATH": path, "FRONTDESK_SECRET": SECRET, "FRONTDESK_SEAL_KEY": SEAL}


SECRET, SEAL = secrets.token_urlsafe(32), secrets.token_urlsafe(32)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield a folder with a configuration, in which the server runs as a page says."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("docs", "helm"):
        (folder / name).symlink_to(ROOT / name)
    example = (ROOT / "docs" / "example.toml").read_text(encoding="utf-8")
    anywhere = re.sub(r"allowed_origins = .*", 'allowed_origins = ["*"]', example)
    (folder / "frontdesk.toml").write_text(anywhere, encoding="utf-8")
    serve = next(line for line in commands() if SERVES.match(line))
    noted = folder / "noted.txt"
    with noted.open("wb") as log:
        server = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {serve} --port 0 --metrics-port 0 --log-format json"],
            cwd=folder,
            env=variables(),
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: '"server.listening"' in noted.read_text())
        [url] = re.findall(r'"url": "([^"]+)"', noted.read_text())
        yield House(folder, url, make_token(folder))
        server.terminate()
        assert server.wait(ENDS_S_MAX) == 0
    finally:
        server.kill()
    told = [json.loads(line)["event"] for line in noted.read_text().splitlines()]
    assert {"lease.taken", "lease.released"} <= set(told)


def make_token(folder: Path) -> str:
    """A token as the pages tell to make one."""
    line = "frontdesk token --config frontdesk.toml --agent anna"
    assert line in commands()
    return House(folder, "", "").run(line).stdout.strip()


OF_THE_SITE = ["README.md", "CONTRIBUTING.md", "bench/README.md", "helm/frontdesk/README.md"]
BENCH = re.compile(r"\bpython -m bench\.(\w+)((?: --[\w-]+(?: [^-`\s]+)?)*)")


def test_what_is_measured_can_be_measured() -> None:
    """Measuring takes minutes; that the program is there and knows the words is seen at once."""
    page = (ROOT / "bench" / "README.md").read_text() + (ROOT / "docs" / "testing.md").read_text()
    told = BENCH.findall(page)
    sources = {name: (ROOT / "bench" / f"{name}.py").read_text() for name, _ in told}
    unknown = [
        (name, word)
        for name, words in told
        for word in re.findall(r"--[\w-]+", words)
        if f'"{word}"' not in sources[name]
    ]

    assert len(sources) > 4
    assert unknown == []


def programs(page: str) -> set[str]:
    """The first word of every command that a page tells to type."""
    blocks = [text.replace("\\\n", " ") for kind, text in BLOCK.findall(page) if not kind]
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    return {line.split()[0] for line in [*lines, *INLINE.findall(BLOCK.sub("", page))]} & PROGRAMS


def test_whatever_is_not_run_is_on_the_list() -> None:
    """A command that nobody types goes wrong at whoever reads the page, and is known to nobody."""
    pages = [ROOT / name for name in OF_THE_SITE]
    pages += (page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "decisions")
    told = {word for page in pages for word in programs(page.read_text(encoding="utf-8"))}
    _, _, after = (
        (ROOT / "docs" / "testing.md").read_text().partition("## Commands that are not run")
    )
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", after.partition("\n## ")[0], re.MULTILINE)
    listed = {word for row in rows for word in re.findall(r"`([^`]+)`", row)}

    assert told - RUN == listed
    assert "podman" in listed


def ours(page: Path) -> set[str]:
    """Every line of a page's blocks that begins with a program of ours or that reaches it."""
    blocks = (text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if not kind)
    lines = {line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()}
    return {line for line in lines if re.match(r"(?:\$ )?(?:frontdesk|python3|promtool)\b", line)}


def test_each_line_that_begins_with_our_program_is_typed() -> None:
    """One that is written in another way than the search knows would pass by never being run."""
    pages = {*PAGES, *(ROOT / name for name in OF_THE_SITE)}
    told = {line.removeprefix("$ ") for page in pages for line in ours(page)}
    typed = {OF_HERE.sub("sqlite:frontdesk.db", OWN_FILE.sub("frontdesk.toml", x)) for x in told}

    assert len(told) > 10
    assert typed - set(commands()) == set()


def test_there_are_commands_on_the_pages() -> None:
    """A search that finds nothing proves nothing."""
    assert len(commands()) > 10
    assert any(SERVES.match(line) for line in commands())


def test_the_commands_on_the_pages_do_what_they_say(house: House) -> None:
    """Who copies a line from a page must not be told that it is wrong.

    The example is not for production, and the doctor says so.
    """
    lines = [line for line in commands() if not SERVES.match(line)]
    with ThreadPoolExecutor(max_workers=2) as hands:
        first = [line for line in lines if not RESTORES.match(line)]
        done = dict(zip(first, hands.map(house.run, first), strict=True))
    done |= {line: house.run(line) for line in lines if RESTORES.match(line)}  # of a copy made now
    failed = {line: each for line, each in done.items() if each.returncode}

    assert list(failed) == [line for line in lines if line.startswith("frontdesk doctor")]
    assert "is one of an example" in "".join(each.stdout for each in failed.values())
    assert [line for line, each in done.items() if not each.stdout and ">" not in line] == []
    assert [line for line, each in done.items() if "Traceback" in each.stderr] == []


def test_a_command_that_does_not_work_is_noticed(house: House) -> None:
    """A shell that says yes to everything proves nothing."""
    assert house.run("frontdesk config check no-such-file.toml").returncode == 1

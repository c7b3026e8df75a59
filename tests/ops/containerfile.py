"""Reads the Containerfile, and plays its stages on this machine instead of in an image."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.support.server import ROOT, environment

CONTAINERFILE = ROOT / "Containerfile"
IGNORED = ROOT / ".dockerignore"

PIP = """\
#!/bin/sh
# The pip of the stage: for the environment it is told, and else for the stage's own.
target={stage}
if [ "$1" = --python ]; then target=$2; shift 2; fi
# What a lock names is fetched by uv, which needs a twentieth of the time for the same.
case "$*" in
*--require-hashes*) shift; exec {uv} pip install --quiet --python "$target/bin/python" "$@" ;;
*) exec {python} -m pip --python "$target" "$@" ;;
esac
"""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction.

    Attributes:
        stage: The name of its stage; the last one has none.
    """

    stage: str
    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows the instruction, without its options."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]

    @property
    def is_from_another_stage(self) -> bool:
        """Tell a COPY out of a stage from one out of the checkout."""
        return self.word == "COPY" and "--from=" in self.rest


def steps(text: str) -> Iterator[Step]:
    """Yield the instructions, each on one line and without comments."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    stage = ""
    for line in lines.replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            stage = rest.partition(" AS ")[2]
        if word:
            yield Step(stage=stage, word=word, rest=rest.strip())


def let_in(path: str) -> bool:
    """Tell whether a file or folder at the top of the checkout reaches the builder."""
    rules = [line for line in IGNORED.read_text().splitlines() if line and line[0] != "#"]

    assert rules[0] == "*"
    return f"!{path}" in rules


def play(stage: str, folder: Path) -> None:
    """Do what a stage does, in a folder: it leaves `/src` in `src`, `/opt/frontdesk` in `opt`.

    Its commands are run as they are written, with this folder for the places they name and with
    our Python for the image's; out of other stages come the pages that are built here.
    """
    sources, prefix = folder / "src", folder / "opt"
    sources.mkdir()
    variables = _prepared(folder)
    for step in steps(CONTAINERFILE.read_text()):
        if step.stage != stage:
            continue
        if step.word == "ENV":
            variables |= dict(pair.split("=", 1) for pair in step.words if "CACHE" not in pair)
        elif step.word == "COPY":
            _copy(step, sources)
        elif step.word == "RUN":
            _run(step.rest.replace("/opt/frontdesk", str(prefix)), sources, variables)


def _prepared(folder: Path) -> dict[str, str]:
    """Make the image's Python out of ours, and return the environment of its commands."""
    programs = folder / "bin"
    programs.mkdir()
    python, stage = Path(sys.executable), folder / "stage"
    subprocess.run([python, "-m", "venv", "--without-pip", stage], check=True)
    (programs / "pip").write_text(PIP.format(python=python, uv=python.with_name("uv"), stage=stage))
    (programs / "pip").chmod(0o755)
    (programs / "python").symlink_to(python)
    return environment() | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _copy(step: Step, sources: Path) -> None:
    *given, target = step.words
    for source in given:
        path = ROOT / source.removeprefix("/src/")

        assert step.is_from_another_stage or let_in(source), f"{source} is ignored"
        if path.is_dir():
            leave = shutil.ignore_patterns("__pycache__", "node_modules", "pages")
            ignore = None if step.is_from_another_stage else leave
            shutil.copytree(path, sources / target, ignore=ignore)
        else:
            shutil.copy(path, sources / target)


def _run(command: str, sources: Path, variables: dict[str, str]) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-euc", command],
        cwd=sources,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr

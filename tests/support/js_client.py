"""Runs a script on the JavaScript Socket.IO client that browsers use, and tells how it ended."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.server import ROOT

SCRIPTS = ROOT / "tests" / "e2e" / "js"
# Starting node and one flow take a second or two.
RUN_S_MAX = 60


def run_script(name: str, arguments: Mapping[str, object]) -> None:
    """Run a script to its end with ``arguments`` as its only one, in JSON.

    Raises:
        AssertionError: It did not exit with 0; the message is what it printed.
    """
    node = shutil.which("node")
    assert node is not None, "node is missing; ./dev doctor says how to install it"
    script: Path = SCRIPTS / name
    ended = subprocess.run(
        [node, str(script), json.dumps(arguments)],
        capture_output=True,
        text=True,
        timeout=RUN_S_MAX,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr

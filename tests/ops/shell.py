"""Types lines of a page into a shell, as their reader would: in a folder, before stand-ins."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ENDS_S_MAX = 120.0


def path_with(programs: Path) -> str:
    """Where a shell looks for programs: here first, then where this Python and its scripts are."""
    return os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])


def typed_in(folder: Path, text: str, variables: Mapping[str, str]) -> tuple[int, str]:
    """Type it, and stop where something fails; gives the exit code and all that was printed."""
    ended = subprocess.run(
        ["/bin/sh", "-ec", text],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ENDS_S_MAX,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr

"""Runs the command line: `frontdesk` and `python -m router.app`."""

import sys

from router.app.cli import main as run
from router.app.logs import tell_what_breaks

__all__ = ["main"]


def main() -> int:
    """Do what the command line says and return the exit code; a bug shows no values."""
    tell_what_breaks()
    return run()


if __name__ == "__main__":
    sys.exit(main())

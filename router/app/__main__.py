"""Runs the command line: `frontdesk` and `python -m router.app`."""

import sys

from router.app.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())

"""What every test of the program needs around it."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def logs_of_before() -> Iterator[None]:
    """How logs went before is restored afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("router")
    before = (root.handlers[:], root.level, ours.level)
    yield
    logging.captureWarnings(capture=False)
    root.handlers, level, ours_level = before
    root.setLevel(level)
    ours.setLevel(ours_level)

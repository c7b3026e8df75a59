"""Many sockets lose their server at once, and all want it back at once."""

from pathlib import Path

import pytest

from bench.storm import Ending, Storm

PAUSE_S_MAX = 1.0
"""Shorter than the usual client's, so that all come within a second or two."""
RESUMED_S_MAX = 20.0
"""From when the next process listens until nobody is missing."""


@pytest.mark.parametrize(("ending", "sockets"), [("kill", 1_000), ("stop", 200)])
async def test_everybody_resumes_without_a_gap(
    tmp_path: Path, ending: Ending, sockets: int
) -> None:
    """However the server ended, all are back soon and have every message once and in order.

    The storm itself holds what each has read against what was written: before the end, unanswered
    at the end, and after it by those who were back sooner.
    """
    async with Storm.gathered(tmp_path, sockets=sockets, pause_s_max=PAUSE_S_MAX) as storm:
        outage = await storm.strike(ending)
        messages = await storm.settle()

    assert outage.resumed_s < RESUMED_S_MAX
    assert messages == 4 * sockets * 9 // 10, "two from each side of each chat"

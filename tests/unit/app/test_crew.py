"""What a crew does about processes that die over and over, on a clock that nobody waits for."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest

from router.app.crew import RESTART_S_MAX, RESTART_S_MIN, YOUNG_S, keep_running
from tests.support.virtual_loop import VirtualLoop


def played(
    lives_s: Sequence[float], *, stop_after_s: float = float("inf")
) -> tuple[list[float], float]:
    """When each process began, of some that live so long, and when all was over.

    None is to follow the last one, which ends at once.
    """
    begun: list[float] = []

    async def run() -> int | None:
        place = len(begun)
        begun.append(asyncio.get_running_loop().time())
        if place == len(lives_s):
            return None
        await asyncio.sleep(lives_s[place])
        return 1

    async def work() -> float:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        if stop_after_s < float("inf"):
            loop.call_later(stop_after_s, stopping.set)
        await keep_running(run, stopping)
        return loop.time()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        ended_s = runner.run(work())
    return begun, ended_s


def pauses(lives_s: Sequence[float]) -> list[float]:
    """How long was waited after each."""
    begun, _ = played(lives_s)
    return [
        after - before - life_s
        for (before, after), life_s in zip(pairwise(begun), lives_s, strict=True)
    ]


def test_processes_that_die_young_are_replaced_ever_later() -> None:
    """A process that cannot live must not take the machine with it, nor be given up."""
    waited_s = pauses([0.0] * 12)

    assert waited_s[0] == pytest.approx(RESTART_S_MIN), "the first time it is back at once"
    for before_s, after_s in pairwise(waited_s):
        assert after_s == pytest.approx(min(before_s * 2, RESTART_S_MAX))
    assert waited_s[-1] == pytest.approx(RESTART_S_MAX), "and never later than that"


@pytest.mark.parametrize(("life_s", "is_as_new"), [(YOUNG_S - 0.1, False), (YOUNG_S + 0.1, True)])
def test_a_process_that_lived_is_replaced_as_if_it_were_the_first(
    life_s: float, *, is_as_new: bool
) -> None:
    """What it died of is new: nobody should wait ten seconds for what happened last week."""
    waited_s = pauses([0.0, 0.0, 0.0, life_s, 0.0])

    expected_s = RESTART_S_MIN if is_as_new else RESTART_S_MIN * 8
    assert waited_s[3] == pytest.approx(expected_s)
    assert waited_s[4] == pytest.approx(expected_s * 2), "and from there it doubles again"


def test_a_stop_waits_for_no_pause() -> None:
    """Whoever stops a crew in the middle of its trouble must not wait for the next try."""
    begun, ended_s = played([0.0] * 20, stop_after_s=12.0)

    assert ended_s == pytest.approx(12.0)
    assert begun[-1] < ended_s, "it was in the middle of a pause"


def test_nothing_follows_a_process_that_ends_while_all_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A crew that is stopped would otherwise start a process that nobody stops."""
    begun, ended_s = played([5.0, 0.0], stop_after_s=1.0)

    assert len(begun) == 1
    assert ended_s == pytest.approx(5.0), "it was waited for"
    assert not caplog.records, "it died of nothing"

"""Clients are sent away one after the other, each told how long it may take to come back."""

import asyncio
from typing import NamedTuple

import pytest

from router.hub.drain import NOTICE_S, SPREAD_S, STEP_S, send_away
from router.hub.events import ServerDraining
from tests.support.virtual_loop import VirtualLoop
from tests.unit.hub.stage import AT_MS


class Told(NamedTuple):
    """When a socket was told, when it was closed, and what it was told."""

    at_s: float
    closed_s: float
    within_ms: int


class Socket:
    """Notes when it was told and when it was closed."""

    def __init__(self, told: list[Told]) -> None:
        """Share the notes of all."""
        self._told = told
        self._heard: tuple[float, int] | None = None

    def tell(self, event: str, payload: object) -> None:
        """Take the farewell."""
        assert event == "server.draining"
        assert isinstance(payload, ServerDraining)
        self._heard = now_s(), payload.reconnect_within_ms

    def close(self) -> None:
        """Go."""
        assert self._heard is not None, "closed without a word"
        at_s, within_ms = self._heard
        self._told.append(Told(at_s, now_s(), within_ms))


def now_s() -> float:
    """What the loop's clock says."""
    return asyncio.get_running_loop().time()


def sent_away(count: int, reconnect_within_ms: int) -> tuple[list[Told], float]:
    """What became of each, and how long all of it took."""
    told: list[Told] = []

    async def run() -> float:
        await send_away(
            [Socket(told) for _ in range(count)],
            reconnect_within_ms=reconnect_within_ms,
            now_ms=lambda: AT_MS + round(now_s() * 1_000),
        )
        return now_s()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        took_s = runner.run(run())
    assert len(told) == count
    return told, took_s


def test_farewells_are_spread_evenly_and_each_is_told_what_is_left() -> None:
    """A thousand clients that come back in the same second are the storm that was to be avoided."""
    told, took_s = sent_away(1_000, 5_000)
    offsets = [each.at_s - SPREAD_S * place / 1_000 for place, each in enumerate(told)]

    assert all(-STEP_S <= offset <= STEP_S for offset in offsets)
    assert all(abs(each.at_s * 1_000 + each.within_ms - 5_000) <= 1 for each in told)
    assert all(
        each.closed_s - each.at_s == pytest.approx(NOTICE_S, abs=2 * STEP_S) for each in told
    )
    assert took_s <= SPREAD_S + NOTICE_S


@pytest.mark.parametrize(
    ("count", "within_ms", "most_s"),
    [(0, 5_000, 0.0), (2, 5_000, NOTICE_S + 0.02), (1_000, 1_000, NOTICE_S + 0.2)],
)
def test_a_spread_is_short_where_few_leave_or_little_time_is_left(
    count: int, within_ms: int, most_s: float
) -> None:
    """Nobody waits for nothing, and the last one told must have time to come back."""
    told, took_s = sent_away(count, within_ms)

    assert took_s <= most_s
    assert all(each.within_ms >= within_ms * 0.8 for each in told)

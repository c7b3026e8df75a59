"""Clients are sent away one after the other, each told how long it may take to come back."""

import asyncio
from typing import cast

import pytest

from router.hub.drain import NOTICE_S, SPREAD_S, send_away
from tests.unit.hub.stage import AT_MS


class Socket:
    """Notes when it was told and when it was closed."""

    def __init__(self, told: list[tuple[float, int]], closed: list[float]) -> None:
        """Share the notes of all."""
        self._told, self._closed = told, closed
        self.is_told = False

    def tell(self, event: str, payload: object) -> None:
        """Take the farewell."""
        assert event == "server.draining"
        said = cast("dict[str, int]", payload)
        self._told.append((_now_s(), said["reconnect_within_ms"]))
        self.is_told = True

    def close(self) -> None:
        """Go."""
        assert self.is_told, "closed without a word"
        self._closed.append(_now_s())


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def sent_away(count: int, reconnect_within_ms: int) -> tuple[list[tuple[float, int]], float]:
    """When each was told and what it was told, from the start; and how long all of it took."""
    told: list[tuple[float, int]] = []
    closed: list[float] = []
    started_s = _now_s()
    await send_away(
        [Socket(told, closed) for _ in range(count)],
        reconnect_within_ms=reconnect_within_ms,
        now_ms=lambda: AT_MS + int((_now_s() - started_s) * 1_000),
    )
    assert len(closed) == count
    return [(at_s - started_s, within_ms) for at_s, within_ms in told], _now_s() - started_s


async def test_farewells_are_spread_and_each_is_told_what_is_left() -> None:
    """A thousand clients that come back in the same second are the storm that was to be avoided."""
    told, took_s = await sent_away(1_000, 5_000)
    half_s = SPREAD_S / 2

    assert len(told) == 1_000
    assert 300 <= sum(1 for at_s, _ in told if at_s < half_s) <= 600
    assert told[-1][0] >= SPREAD_S * 0.9
    assert all(abs(at_s * 1_000 + within_ms - 5_000) <= 20 for at_s, within_ms in told)
    assert took_s < SPREAD_S + NOTICE_S + 1.0, "the first ones go while the last are told"


@pytest.mark.parametrize(("count", "within_ms"), [(0, 5_000), (2, 5_000), (1_000, 1_000)])
async def test_a_spread_is_short_where_few_leave_or_little_time_is_left(
    count: int, within_ms: int
) -> None:
    """Nobody waits for nothing, and the last one told must have time to come back."""
    told, took_s = await sent_away(count, within_ms)

    assert all(left_ms >= within_ms * 0.6 for _, left_ms in told)
    assert took_s < (1.0 if count else 0.1)

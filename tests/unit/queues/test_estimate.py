"""Estimated waits: said only when there is enough to say them."""

import pytest

from queues import Pace, estimate_ms


def pace_of(*durations_ms: int) -> Pace:
    """A pace after slots were held that long."""
    pace = Pace()
    for duration_ms in durations_ms:
        pace = pace.with_handled(duration_ms)
    return pace


@pytest.mark.parametrize("samples", [0, 1, 2])
def test_too_few_samples_give_no_estimate(samples: int) -> None:
    """Two chats say nothing about a queue, and a number would be believed."""
    assert estimate_ms(pace_of(*[60_000] * samples), 1, 1) is None


@pytest.mark.parametrize("slots", [0, -1])
def test_without_slots_there_is_no_estimate(slots: int) -> None:
    """Nobody is there to be waited for, however fast they were."""
    assert estimate_ms(pace_of(1000, 1000, 1000), 1, slots) is None


@pytest.mark.parametrize(
    ("position", "slots", "wait_ms"),
    [(1, 1, 60_000), (3, 1, 180_000), (3, 2, 90_000), (1, 7, 9_000), (1, 8, 8_000), (1, 600, 0)],
)
def test_each_place_costs_the_mean_time_between_two_freed_slots(
    position: int, slots: int, wait_ms: int
) -> None:
    """60 s on average: 7 slots free one every 8.57 s and 8 every 7.5 s, in whole seconds."""
    assert estimate_ms(pace_of(30_000, 60_000, 90_000), position, slots) == wait_ms


def test_only_the_last_twenty_slots_count() -> None:
    """The morning's long chats must not make the afternoon look slow."""
    pace = pace_of(*[3_600_000] * 5, *[10_000] * 20)

    assert estimate_ms(pace, 1, 1) == 10_000
    assert len(pace.handled_ms) == 20

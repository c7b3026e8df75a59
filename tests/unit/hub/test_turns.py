"""Sockets that have much to say share each turn of the loop."""

import asyncio

from router.hub.turns import TURN_S, Turns


async def test_a_turn_is_over_after_a_time_and_another_one_begins() -> None:
    """Who has more to say goes on in the next turn, behind all others."""
    now_s = 0.0
    turns = Turns(clock=lambda: now_s)
    begun = turns.is_over()
    now_s = TURN_S / 2
    going_on = turns.is_over()
    now_s = TURN_S
    late = turns.is_over()
    await asyncio.sleep(0)

    assert (begun, going_on, late) == (False, False, True)
    assert not turns.is_over()

"""An agent's readiness by itself: states, slots, desktops and the time without one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from presence import (
    LOST_AFTER_MS,
    Connection,
    Presence,
    State,
    attached,
    can_take_offer,
    detached,
    drained,
    expires_at_ms,
    is_away,
    is_connected,
    lost,
    lost_at_ms,
    shifted,
    state_on_return,
    with_load,
    with_state,
)

ONE = Connection("hub", "1")
TWO = Connection("hub", "2")
READY = Presence(capacity=2, state="available", connections=(ONE,), load=1)

states = st.sampled_from(["available", "idle", "rona", "offline"])


@given(state=states, connected=st.booleans(), load=st.integers(0, 3), capacity=st.integers(0, 3))
def test_only_available_connected_agents_below_capacity_can_take_an_offer(
    *, state: State, connected: bool, load: int, capacity: int
) -> None:
    """All three, whatever else holds."""
    presence = Presence(
        capacity=capacity, state=state, connections=(ONE,) if connected else (), load=load
    )

    assert can_take_offer(presence) == (state == "available" and connected and load < capacity)


@pytest.mark.parametrize("state", ["available", "idle", "rona"])
def test_a_return_keeps_every_state_but_offline(state: State) -> None:
    """Reconnecting restores what was; only signing in starts from idle."""
    assert state_on_return(replace(READY, state=state)) == state
    assert state_on_return(replace(READY, state="offline")) == "idle"


def test_the_absence_starts_with_the_last_desktop() -> None:
    """And it is not started again by another report of the same."""
    both = attached(READY, TWO)
    one = detached(both, (ONE,), at_ms=5)
    none = detached(one, (TWO,), at_ms=9)

    assert (one.connections, one.gone_at_ms) == ((TWO,), None)
    assert (none.connections, none.gone_at_ms) == ((), 9)
    assert detached(none, (TWO,), at_ms=20) == none


def test_coming_back_ends_the_absence() -> None:
    """Nothing of it is left, and a desktop that attaches twice is one."""
    gone = lost(detached(READY, (ONE,), at_ms=9))

    assert attached(gone, ONE) == READY
    assert attached(READY, ONE) == READY


def test_an_absent_agent_is_lost_after_two_seconds_and_once() -> None:
    """Its offers are taken back once."""
    gone = detached(READY, (ONE,), at_ms=1_000)

    assert lost_at_ms(READY) is None
    assert lost_at_ms(gone) == 1_000 + LOST_AFTER_MS == 3_000
    assert lost_at_ms(lost(gone)) is None
    assert not detached(attached(lost(gone), ONE), (ONE,), at_ms=9_000).is_lost


def test_an_absent_agent_is_signed_out_after_the_grace_time_and_once() -> None:
    """Who is offline already has nothing left to lose."""
    gone = detached(READY, (ONE,), at_ms=1_000)

    assert expires_at_ms(READY, 500) is None
    assert expires_at_ms(gone, 500) == 1_500
    assert expires_at_ms(replace(gone, state="offline"), 500) is None


def test_a_drain_takes_the_last_desktop_and_keeps_the_agent() -> None:
    """Counted as connected, but not asked; with another desktop left nothing is to be awaited."""
    both = attached(READY, TWO)
    kept = drained(both, (ONE, TWO), until_ms=7_000)

    assert drained(both, (TWO,), until_ms=7_000) == READY
    assert drained(replace(READY, connections=()), (ONE,), until_ms=9).kept_until_ms is None
    assert (kept.kept_until_ms, kept.gone_at_ms, kept.state) == (7_000, None, "available")
    assert is_connected(kept)
    assert is_away(kept)
    assert not can_take_offer(kept)
    assert (lost_at_ms(kept), expires_at_ms(kept, 500)) == (None, None)
    assert shifted(kept, 300).kept_until_ms == 7_300


def test_a_drained_agent_comes_back_or_is_gone_from_then_on() -> None:
    """A return leaves no trace of the drain; without one the absence starts at its end."""
    kept = drained(READY, (ONE,), until_ms=7_000)
    gone = detached(kept, (), at_ms=7_005)

    assert attached(kept, ONE) == READY
    assert (gone.kept_until_ms, gone.gone_at_ms) == (None, 7_005)
    assert lost_at_ms(gone) == 9_005
    assert not is_connected(gone)
    assert is_away(gone)
    assert not is_away(READY)


def test_time_without_a_writer_does_not_count_as_absence() -> None:
    """Nobody could have come back then."""
    gone = detached(READY, (ONE,), at_ms=1_000)

    assert shifted(gone, 300).gone_at_ms == 1_300
    assert shifted(READY, 300) == READY


def test_becoming_available_starts_the_time_without_work() -> None:
    """Saying it twice does not start it again, and leaving keeps it for the record."""
    idle = with_state(READY, "idle", at_ms=5, idle_code="lunch")
    back = with_state(idle, "available", at_ms=9)

    assert (idle.since_ms, idle.free_since_ms, idle.idle_code) == (5, 0, "lunch")
    assert (back.since_ms, back.free_since_ms, back.idle_code) == (9, 9, None)
    assert with_state(back, "available", at_ms=20) == back


def test_another_idle_code_is_another_state() -> None:
    """Reports tell lunch from training."""
    idle = with_state(READY, "idle", at_ms=5)

    assert with_state(idle, "idle", at_ms=9, idle_code="lunch").since_ms == 9
    assert with_state(idle, "idle", at_ms=9).since_ms == 5


def test_a_changed_slot_starts_the_time_anew() -> None:
    """Taken or freed: `longest available` compares the last change."""
    assert with_load(READY, 2, at_ms=7).free_since_ms == 7
    assert with_load(READY, 0, at_ms=7).load == 0
    with pytest.raises(AssertionError):
        with_load(READY, -1, at_ms=7)

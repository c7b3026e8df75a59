"""Every socket's time is up exactly once, in time, and not when it has left before."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from router.hub.expiry import Expiries
from router.hub.tasks import Tasks
from router.kernel.ids import ConnectionId

FIRST, SECOND = ConnectionId("first"), ConnectionId("second")


class Clock:
    """Sockets whose time is up, on a clock that only the test moves."""

    def __init__(self) -> None:
        """Start at zero."""
        self.now_ms = 0
        self.ended: list[ConnectionId] = []
        self.has_ended = asyncio.Event()
        self.expiries = Expiries(now_ms=lambda: self.now_ms, ended=self._end)

    def _end(self, connection: ConnectionId) -> None:
        self.ended.append(connection)
        self.has_ended.set()


def test_a_socket_ends_at_its_time_and_not_before() -> None:
    """Exclusive, like every expiry: at the edge it is too late."""
    clock = Clock()
    clock.expiries.add(FIRST, 1_000)
    clock.now_ms = 999
    clock.expiries.fire()
    before = list(clock.ended)
    clock.now_ms = 1_000
    clock.expiries.fire()
    clock.expiries.fire()

    assert before == []
    assert clock.ended == [FIRST]


def test_a_socket_that_left_is_forgotten() -> None:
    """What comes under its name later is not its own."""
    clock = Clock()
    clock.expiries.add(FIRST, 1_000)
    clock.expiries.discard(FIRST)
    clock.expiries.discard(SECOND)
    clock.now_ms = 2_000
    clock.expiries.fire()

    assert clock.ended == []


moments = st.integers(0, 5)
sockets = st.sampled_from([ConnectionId(name) for name in "abc"])
steps = st.lists(st.tuples(sockets, st.none() | moments, moments), max_size=30)


@given(steps)
def test_each_socket_ends_once_whatever_comes_and_goes(
    history: list[tuple[ConnectionId, int | None, int]],
) -> None:
    """A socket is added or forgotten, then the time goes on; a simple table says who ends."""
    clock = Clock()
    table: dict[ConnectionId, int] = {}
    expected: list[set[ConnectionId]] = []
    found: list[set[ConnectionId]] = []
    for connection, at_ms, passed_ms in history:
        if at_ms is None:
            table.pop(connection, None)
            clock.expiries.discard(connection)
        else:
            table[connection] = at_ms
            clock.expiries.add(connection, at_ms)
        clock.now_ms += passed_ms
        due = {name for name, end_ms in table.items() if end_ms <= clock.now_ms}
        table = {name: end_ms for name, end_ms in table.items() if name not in due}
        clock.ended.clear()
        clock.expiries.fire()
        expected.append(due)
        found.append(set(clock.ended))
        assert len(clock.ended) == len(set(clock.ended))

    assert found == expected


async def test_a_socket_that_ends_sooner_than_those_before_is_not_waited_past() -> None:
    """One task waits for all: a new first one must wake it."""
    clock, tasks = Clock(), Tasks()
    tasks.keep("sign out", clock.expiries.run())
    clock.expiries.add(FIRST, 10**9)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.expiries.add(SECOND, 0)
    async with asyncio.timeout(0.5):  # well below the time after which the clock is looked at
        await clock.has_ended.wait()
    await tasks.stop()

    assert clock.ended == [SECOND]


async def test_a_clock_that_was_set_forward_is_noticed() -> None:
    """A laptop that slept, or a server whose time was put right."""
    clock, tasks = Clock(), Tasks()
    tasks.keep("sign out", clock.expiries.run())
    clock.expiries.add(FIRST, 10**9)
    await asyncio.sleep(0)
    clock.now_ms = 10**9
    async with asyncio.timeout(5):
        await clock.has_ended.wait()
    await tasks.stop()

    assert clock.ended == [FIRST]

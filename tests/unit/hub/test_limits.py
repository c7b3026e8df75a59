"""Limits let through what was promised, no more and no later than they say."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.app.sections import Limits as Table
from router.hub.door import Door
from router.hub.errors import ConnectionRefused, WireError, connection_refused
from router.hub.limits import (
    PLACE_RETRY_MS,
    SPREAD_MS,
    Buckets,
    Limits,
    LimitSettings,
    Rate,
    Storm,
    network_of,
)
from router.hub.links import Handshake, Link
from router.hub.packets import Call
from router.kernel.errors import CommandRefused, Refusal, RefusalCode
from router.kernel.ids import AgentId, ConnectionId, CustomerId

START_MS = 1_700_000_000_000
HERE = "192.0.2.1"

rates = st.builds(
    Rate,
    tokens=st.integers(1, 7),
    per_ms=st.sampled_from([1, 7, 1_000, 60_000]),
    burst=st.integers(1, 5),
)
# From a burst to long after every bucket is full again, and often by one millisecond.
pauses = st.lists(st.one_of(st.integers(0, 3), st.integers(0, 400_000)), max_size=40)

Moment: TypeAlias = tuple[int, str]


class Clock:
    """Virtual time."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now_ms = START_MS

    def __call__(self) -> int:
        """Give the time."""
        return self.now_ms


def moments(steps: list[int], keys: list[str]) -> list[Moment]:
    """Turn pauses into times, each with one of the keys."""
    now_ms, made = START_MS, list[Moment]()
    for number, step in enumerate(steps):
        now_ms += step
        made.append((now_ms, keys[number % len(keys)]))
    return made


def is_allowed(rate: Rate, taken: list[int], now_ms: int) -> bool:
    """Tell what the definition of a limit says: no window has more than its burst and its rate."""
    return all(
        (len(taken) - first + 1 - rate.burst) * rate.per_ms <= (now_ms - begin) * rate.tokens
        for first, begin in enumerate(taken)
    )


# -- buckets -------------------------------------------------------------------------------------


@given(rates, pauses, st.lists(st.sampled_from("abc"), min_size=1, max_size=9))
def test_a_bucket_lets_through_exactly_what_no_window_forbids(
    rate: Rate, steps: list[int], keys: list[str]
) -> None:
    """One more would break the promise to the server, one fewer the promise to the client."""
    buckets: Buckets[str] = Buckets(rate)
    taken: dict[str, list[int]] = {key: [] for key in keys}
    for now_ms, key in moments(steps, keys):
        expected = is_allowed(rate, taken[key], now_ms)
        wait_ms = buckets.take(key, now_ms)

        assert (wait_ms == 0) == expected
        if not wait_ms:
            taken[key].append(now_ms)


@given(rates, pauses)
def test_a_refusal_names_the_first_moment_that_works(rate: Rate, steps: list[int]) -> None:
    """A client that believes the number neither waits for nothing nor is refused again."""
    buckets: Buckets[str] = Buckets(rate)
    for now_ms, key in moments(steps, ["a"]):
        wait_ms = buckets.take(key, now_ms)
        if wait_ms:
            assert buckets.wait_ms(key, now_ms + wait_ms - 1) == 1
            assert buckets.wait_ms(key, now_ms + wait_ms) == 0


@given(rates, pauses, st.integers(0, 20))
def test_who_is_refused_pays_nothing(rate: Rate, steps: list[int], tries: int) -> None:
    """Asking in vain must not push the moment away, or impatient clients never get in."""
    calm: Buckets[str] = Buckets(rate)
    hasty: Buckets[str] = Buckets(rate)
    for now_ms, key in moments(steps, ["a"]):
        wait_ms = calm.take(key, now_ms)
        if wait_ms:
            refused = [hasty.take(key, now_ms) for _ in range(tries)]

            assert refused == [wait_ms] * tries
        else:
            assert hasty.take(key, now_ms) == 0


@pytest.mark.parametrize("rate", [Rate(0, 1_000, 60), Rate(5, 1_000, 0)])
def test_zero_is_no_limit(rate: Rate) -> None:
    """Whoever writes 0 means that nothing is counted, for either of two numbers."""
    buckets: Buckets[str] = Buckets(rate)

    assert {buckets.take("a", START_MS) for _ in range(1_000)} == {0}
    assert buckets.wait_ms("a", START_MS) == 0
    assert len(buckets) == 0


def test_full_buckets_are_forgotten() -> None:
    """Every address of the internet comes once; keeping each for ever would fill the memory."""
    buckets: Buckets[int] = Buckets(Rate(tokens=1, per_ms=10, burst=3))
    for key in range(10_000):
        assert buckets.take(key, START_MS + key) == 0

    assert len(buckets) <= 31


def test_a_table_shrinks_while_strangers_come() -> None:
    """After a flood of addresses memory has to come back, also when each visitor is a new one."""
    buckets: Buckets[int] = Buckets(Rate(tokens=1, per_ms=10, burst=1))
    for key in range(100):
        buckets.take(key, START_MS)
    for key in range(100, 150):
        buckets.take(key, START_MS + 10)

    assert len(buckets) == 50


def test_more_keys_than_are_remembered_cost_the_one_not_used_for_longest() -> None:
    """Memory is bounded whatever comes, and who is busy now stays counted."""
    buckets: Buckets[str] = Buckets(Rate(tokens=1, per_ms=1_000, burst=2), keys_max=2)
    for key in ("busy", "old", "busy", "new", "new"):
        buckets.take(key, START_MS)

    assert len(buckets) == 2
    assert buckets.wait_ms("busy", START_MS) == 1_000
    assert buckets.wait_ms("new", START_MS) == 1_000
    assert buckets.take("old", START_MS) == 0
    assert buckets.take("old", START_MS) == 0  # it began full


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    """An administrator's correction by an hour must not silence everybody for one."""
    buckets: Buckets[str] = Buckets(Rate(tokens=1, per_ms=1_000, burst=1))
    buckets.take("a", START_MS)

    assert buckets.wait_ms("a", START_MS) == 1_000
    assert buckets.take("a", START_MS - 3_600_000) == 0
    assert buckets.wait_ms("a", START_MS - 3_600_000) == 1_000


# -- a storm -------------------------------------------------------------------------------------


def test_a_storm_is_told_to_come_back_one_after_the_other() -> None:
    """All at the first free moment would be the same storm once more."""
    storm = Storm(Rate(tokens=500, per_ms=1_000, burst=100))
    waits = [storm.take(START_MS) for _ in range(5_100)]
    turns = Counter(waits[100:])

    assert waits[:100] == [0] * 100
    assert waits[100] == 2  # the first moment at which one of them may enter
    assert max(turns.values()) == 1
    assert all(after - before == 2 for before, after in pairwise(sorted(turns)))


def test_everybody_of_a_storm_enters_at_the_turn_it_was_told() -> None:
    """A turn that is kept is worth waiting for."""
    storm = Storm(Rate(tokens=10, per_ms=1_000, burst=5))
    turns = sorted(wait for _ in range(200) if (wait := storm.take(START_MS)))

    assert len(turns) == 195
    assert [storm.take(START_MS + turn) for turn in turns] == [0] * 195


def test_turns_pass_with_time() -> None:
    """Who comes when the storm is nearly over need not wait for what is past."""
    storm = Storm(Rate(tokens=10, per_ms=1_000, burst=1))
    for _ in range(21):
        storm.take(START_MS)

    assert storm.take(START_MS + 50) == 50 + 1_950
    storm.take(START_MS + 10_000)
    assert storm.take(START_MS + 10_000) == 100


def test_nobody_is_sent_away_for_longer_than_people_wait() -> None:
    """Beyond that the turns begin again, so that load stays even instead of growing later."""
    storm = Storm(Rate(tokens=10, per_ms=1_000, burst=1))
    waits = [storm.take(START_MS) for _ in range(1_000)][1:]

    assert max(waits) == SPREAD_MS
    assert max(Counter(waits).values()) == 4  # 999 in turns of 300
    assert min(Counter(waits).values()) == 3


# -- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:50001", "192.0.2.1"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::2"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::2"),
        ("fe80::1%eth0", "fe80::2%eth1"),
        ("unknown", ""),
        ("192.0.2.300:1", "[192.0.2.1"),
    ],
)
def test_addresses_one_client_can_have_count_as_one(one: str, other: str) -> None:
    """A client has its whole /64, and proxies write one address in several ways."""
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::1", "127.0.0.1"),
        ("192.0.2.1", "nobody"),
    ],
)
def test_addresses_of_two_clients_count_apart(one: str, other: str) -> None:
    """Nobody may be refused for what a stranger did."""
    assert network_of(one) != network_of(other)


# -- what a hub lets through ---------------------------------------------------------------------


def refused_entry(limits: Limits, connection: str, address: str = HERE) -> Refusal | None:
    """Let a socket in, or say why not."""
    try:
        limits.enter(ConnectionId(connection), address)
    except ConnectionRefused as refused:
        return refused.refusal
    return None


def waits(refusal: Refusal | None) -> int:
    """Give the time of a refusal for too much."""
    assert refusal is not None
    assert refusal.code is RefusalCode.RATE_LIMITED
    wait_ms = refusal.details["retry_after_ms"]
    assert isinstance(wait_ms, int)
    return wait_ms


def test_places_of_an_address_are_counted_exactly() -> None:
    """One place too few locks an office out; one never given back does so for ever."""
    limits = Limits(LimitSettings(sockets_per_address=2), now_ms=Clock())
    inside = [refused_entry(limits, name) for name in ("a", "b")]
    outside = refused_entry(limits, "c")
    other = refused_entry(limits, "d", "192.0.2.2")
    limits.leave(ConnectionId("c"))
    limits.leave(ConnectionId("a"))
    limits.leave(ConnectionId("a"))
    back = [refused_entry(limits, name) for name in ("e", "f")]

    assert inside == [None, None]
    assert waits(outside) == PLACE_RETRY_MS
    assert other is None
    assert back[0] is None
    assert waits(back[1]) == PLACE_RETRY_MS


def test_connects_of_an_address_are_a_bucket_of_a_minute() -> None:
    """The configured number may come at once, and then one for each share of a minute."""
    clock = Clock()
    limits = Limits(LimitSettings(connects_per_minute=60), now_ms=clock)
    at_once = [refused_entry(limits, str(number)) for number in range(60)]
    too_many = waits(refused_entry(limits, "x"))
    other = refused_entry(limits, "y", "192.0.2.2")
    clock.now_ms += 999
    still = waits(refused_entry(limits, "x"))
    clock.now_ms += 1

    assert at_once == [None] * 60
    assert (too_many, other, still) == (1_000, None, 1)
    assert refused_entry(limits, "x") is None


def test_who_its_address_refuses_takes_nothing_from_all() -> None:
    """One address that hammers must not use up what everybody shares, nor its own minute."""
    clock = Clock()
    limits = Limits(
        LimitSettings(connects_per_second=1, connects_per_minute=4, sockets_per_address=1),
        now_ms=clock,
    )
    assert refused_entry(limits, "a") is None
    hammered = [refused_entry(limits, "b") for _ in range(9)]
    limits.leave(ConnectionId("a"))

    assert {waits(refusal) for refusal in hammered} == {PLACE_RETRY_MS}
    assert refused_entry(limits, "c") is None  # the last of two seconds' worth
    limits.leave(ConnectionId("c"))
    assert waits(refused_entry(limits, "d")) == 1_000
    clock.now_ms += 1_000
    assert refused_entry(limits, "d") is None


def test_each_kind_of_command_has_a_bucket_of_its_own() -> None:
    """Typing must not use up what a customer may write, nor one person what another may."""
    clock = Clock()
    limits = Limits(
        LimitSettings(
            customer_messages_per_second=5,
            customer_messages_burst=3,
            agent_messages_per_second=4,
            commands_per_second=2,
        ),
        now_ms=clock,
    )
    customer, agent, socket = CustomerId("c"), AgentId("a"), ConnectionId("s")
    for _ in range(3):
        limits.customer_message(customer)
    for _ in range(4):
        limits.agent_message(agent)
    for _ in range(10):
        limits.command(socket)

    with pytest.raises(CommandRefused) as written:
        limits.customer_message(customer)
    with pytest.raises(CommandRefused) as answered:
        limits.agent_message(agent)
    with pytest.raises(CommandRefused) as asked:
        limits.command(socket)

    assert [waits(each.value.refusal) for each in (written, answered, asked)] == [200, 250, 500]
    limits.customer_message(CustomerId("d"))
    limits.agent_message(AgentId("b"))
    limits.command(ConnectionId("t"))
    clock.now_ms += 200
    limits.customer_message(customer)


def test_honest_clients_never_meet_the_limit_of_commands() -> None:
    """Limits are for floods: a busy desktop, a person and a quick script are none."""
    clock = Clock()
    table = Table()
    limits = Limits(LimitSettings(commands_per_second=table.commands_per_second), now_ms=clock)
    desktop, script = ConnectionId("desktop"), ConnectionId("script")
    for _ in range(50 * 4):  # back after a pause: each chat is read, marked and looked up
        limits.command(desktop)
    for _ in range(600):  # and then for a minute, typing and reading in ten chats at once
        clock.now_ms += 100
        for _ in range(10):
            limits.command(desktop)
    for _ in range(256):  # as many as may wait for their turn, and again each time they are done
        limits.command(script)
    for _ in range(1_000):
        clock.now_ms += 10
        limits.command(script)


# -- the door ------------------------------------------------------------------------------------


class Inside:
    """A namespace that can go wrong at any point."""

    def __init__(self, fault: str) -> None:
        """Fail at this point."""
        self.fault = fault
        self.left = 0

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Refuse, or break."""
        assert connection, handshake
        if self.fault == "refused":
            raise connection_refused(RefusalCode.FORBIDDEN, "not you")
        self._break("connect")

    async def welcome(self, connection: ConnectionId) -> None:
        """Break, or not."""
        assert connection
        self._break("welcome")

    async def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> Mapping[str, object]:
        """Answer."""
        assert connection, (name, payload)
        return {"ok": True}

    async def disconnect(self, connection: ConnectionId) -> None:
        """Break, or not."""
        assert connection
        self.left += 1
        self._break("disconnect")

    def _break(self, where: str) -> None:
        if self.fault == where:
            raise ValueError(where)


class Nowhere:
    """What a link writes, which nobody reads."""

    is_slow = False

    def __init__(self) -> None:
        """Begin with nothing refused."""
        self.errors: list[WireError] = []

    def send(self, frame: bytes) -> None:
        """Ignore it."""

    def connected(self, connection: ConnectionId) -> None:
        """Ignore it."""

    def refused(self, error: WireError) -> None:
        """Keep why."""
        self.errors.append(error)

    def answered(self, call: int, answer: object) -> None:
        """Ignore it."""

    def drop(self) -> None:
        """Ignore it."""

    def left(self, link: Link) -> None:
        """Ignore it."""


def door_to(inside: Inside, limits: Limits) -> Door:
    """A door with one namespace behind it."""

    async def guide(_handshake: Handshake) -> Inside:
        return inside

    return Door(guide, limits)


def linked(door: Door, outlet: Nowhere) -> Link:
    """A socket before a door."""
    return Link(connection=ConnectionId("a"), path="/agent", namespace=door, outlet=outlet)


@pytest.mark.parametrize("fault", ["none", "refused", "connect", "welcome", "disconnect"])
async def test_a_place_is_given_back_wherever_a_socket_ends(fault: str) -> None:
    """An address that could leak places would lock itself out, a whole office with it."""
    inside = Inside(fault)
    limits = Limits(LimitSettings(sockets_per_address=1), now_ms=Clock())
    link = linked(door_to(inside, limits), Nowhere())
    link.begin(Handshake("", None, HERE))
    link.take(Call(fault, 1, b"{}"))
    link.end()
    await asyncio.sleep(0)

    assert inside.left == 1
    assert refused_entry(limits, "next") is None


async def test_who_is_refused_at_the_door_costs_the_namespace_nothing() -> None:
    """A storm must not reach what reads tokens and asks the shard."""
    inside = Inside("connect")
    limits = Limits(LimitSettings(sockets_per_address=1), now_ms=Clock())
    limits.enter(ConnectionId("first"), HERE)
    outlet = Nowhere()
    linked(door_to(inside, limits), outlet).begin(Handshake("", None, HERE))
    (error,) = outlet.errors

    assert (error.code, error.retryable) == (RefusalCode.RATE_LIMITED, True)
    assert error.details == {"retry_after_ms": PLACE_RETRY_MS}
    assert waits(refused_entry(limits, "third")) == PLACE_RETRY_MS  # the first is still inside

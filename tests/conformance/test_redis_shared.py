"""What several processes share on Redis, beyond what every engine promises."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY

from masking.text import MaskedText
from router.kernel.ids import CustomerId, EntryPointId, HubId
from router.kernel.messages import MessageRedacted, MessageWritten, SendCustomerMessage
from router.kernel.model import Body, key_of
from router.shard import formats, loop, redis_engine
from router.shard.codec import encode
from router.shard.engine import (
    Cursor,
    EngineUnavailable,
    Entry,
    FellBehind,
    FencedOut,
    LeaseTaken,
    Loaded,
    NewerFormat,
    OutcomeUnknown,
    Position,
    Typing,
)
from router.shard.live import look_at_inboxes
from router.shard.loop import Shard
from router.shard.redis_inbox import UNKNOWN, InboxFull
from router.shard.redis_server import Server
from router.shard.redis_store import ASKED, RedisHubs
from router.shard.writer import ShardLimits
from tests.conformance.harness import RedisStore
from tests.conformance.samples import (
    ANNA,
    HUB,
    TALK,
    TTL_MS,
    batch,
    cold,
    entry,
    envelope,
    external,
    first_entries,
    first_signals,
    kept,
    message,
    telling,
    written,
)
from tests.support.hubs import Living
from tests.support.redis import OwnEngine, RedisServer, ask, link_to

HOUR_MS = 3_600_000

SAID = Body(MaskedText("hello"))


@pytest.fixture
def place(redis: RedisServer) -> RedisStore:
    """A tenant that is empty."""
    return RedisStore(redis)


@pytest.fixture
async def one(redis: RedisServer, place: RedisStore) -> AsyncIterator[OwnEngine]:
    """A process."""
    engine = await OwnEngine.connect(redis.url, place.tenant)
    yield engine
    await engine.close()


@pytest.fixture
async def two(redis: RedisServer, place: RedisStore) -> AsyncIterator[OwnEngine]:
    """Another process, for the same tenant."""
    engine = await OwnEngine.connect(redis.url, place.tenant)
    yield engine
    await engine.close()


def key(place: RedisStore, name: str) -> str:
    """One of the tenant's keys."""
    return f"fd:{{{place.tenant}}}:{name}"


# -- the lease -----------------------------------------------------------------------------------


async def test_a_lease_is_another_process_s_until_it_runs_out(
    one: OwnEngine, two: OwnEngine
) -> None:
    """A dead process is replaced after the time to live, a living one never."""
    lease = await one.acquire("one", ttl_ms=60)
    with pytest.raises(LeaseTaken) as taken:
        await two.acquire("two", ttl_ms=TTL_MS)
    await asyncio.sleep(0.08)
    await two.acquire("two", ttl_ms=TTL_MS)

    assert 0 < taken.value.remaining_ms <= 60
    with pytest.raises(FencedOut):
        await one.commit(batch(cold(external("a"))), lease=lease)
    with pytest.raises(FencedOut):
        await one.renew(lease, alive_at_ms=1, ttl_ms=TTL_MS)


async def test_a_shard_that_takes_long_to_load_is_taken_over_all_the_same(
    redis: RedisServer, place: RedisStore, one: OwnEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a large shard would be written by nobody, and each attempt hold up its neighbours."""
    limits = ShardLimits(ttl_ms=100, stagger_ms=0)
    shard = Shard(
        one,
        name="main",
        holder="one",
        hub=HUB,
        clock=lambda: 1_000,
        nonce=lambda: b"n" * 16,
        hubs=Living(HUB),
        limits=limits,
    )
    load = one.load

    async def load_late() -> Loaded:
        await asyncio.sleep(2 * limits.ttl_ms / 1_000)
        return await load()

    monkeypatch.setattr(one, "load", load_late)
    for module in (loop, redis_engine):
        monkeypatch.setattr(module, "MANY_RECORDS", -1)
    running = asyncio.create_task(shard.run())
    async with asyncio.timeout(5):
        while not shard.is_writing:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    shard.stop()
    await running

    assert await ask(redis.port, "HGET", key(place, "shard"), "epoch") == b"1", "at once"


async def test_a_lease_that_ran_out_writes_no_more_even_if_nobody_took_it(one: OwnEngine) -> None:
    """Somebody may be about to."""
    lease = await one.acquire("one", ttl_ms=150)
    await one.commit(batch(cold(external("in time"))), lease=lease)
    await asyncio.sleep(0.2)

    with pytest.raises(FencedOut):
        await one.commit(batch(cold(external("a"))), lease=lease)
    with pytest.raises(FencedOut):
        await one.renew(lease, alive_at_ms=1, ttl_ms=TTL_MS)


@pytest.mark.parametrize("is_cut", [False, True])
async def test_who_wrote_before_writes_no_more_when_another_took_over(
    redis: RedisServer, one: OwnEngine, two: OwnEngine, *, is_cut: bool
) -> None:
    """What was looked at behind the last commit may be otherwise by now, on any connection."""
    lease = await written(one, batch(entries=(entry(1),)))
    await two.store.expel("writer")
    other = await two.acquire("two", ttl_ms=TTL_MS)
    await two.commit(batch(entries=(entry(2),)), lease=other)
    if is_cut:
        await ask(redis.port, "CLIENT", "KILL", "TYPE", "normal")
    with pytest.raises(FencedOut):
        await one.commit(batch(cold(external("late"))), lease=lease)

    assert (await two.fetch([("external", "late")])).records == {}


async def test_a_batch_that_comes_late_on_another_connection_is_not_written_beside(
    one: OwnEngine, two: OwnEngine
) -> None:
    """The lease is the same then, and still the writer's; what was decided is not."""
    lease = await written(one, batch(entries=(entry(1),)))
    await two.commit(batch(entries=(entry(2),)), lease=lease)
    with pytest.raises(FencedOut):
        await one.commit(batch(cold(external("twice")), entries=(entry(2),)), lease=lease)

    assert (await two.fetch([("external", "twice")])).records == {}


async def test_a_writer_whose_connection_was_cut_writes_on(
    redis: RedisServer, one: OwnEngine, two: OwnEngine
) -> None:
    """Nothing is watched at the new one, so the writer looks again before it writes."""
    lease = await written(one, batch(entries=(entry(1),)))
    await ask(redis.port, "CLIENT", "KILL", "TYPE", "normal")
    await one.commit(batch(entries=(entry(2),)), lease=lease)

    assert (await two.load()).position == 2


async def test_renewals_between_commits_do_not_disturb_them(one: OwnEngine) -> None:
    """They change what is watched."""
    lease = await written(one, batch(entries=(entry(1),)))
    commits = [one.commit(batch(entries=(entry(n),)), lease=lease) for n in range(2, 12)]
    renewals = [one.renew(lease, alive_at_ms=n, ttl_ms=TTL_MS) for n in range(10)]
    await asyncio.gather(*(each for pair in zip(commits, renewals, strict=True) for each in pair))

    assert (await one.load()).position == 11


async def test_each_batch_is_sent_once_though_its_writer_renews_between(
    redis: RedisServer, one: OwnEngine
) -> None:
    """What the connection itself has changed must not count as changed by somebody else."""
    lease = await written(one, batch(entries=(entry(1),)))
    before = await calls_of(redis, "exec")
    for n in range(2, 12):
        await one.renew(lease, alive_at_ms=n, ttl_ms=TTL_MS)
        await one.commit(batch(entries=(entry(n),)), lease=lease)

    assert await calls_of(redis, "exec") == before + 10


@pytest.mark.parametrize("call", ["transcript", "recent", "fetch"])
async def test_what_is_asked_in_one_moment_is_spread_over_connections(
    redis: RedisServer, one: OwnEngine, call: str
) -> None:
    """After a takeover hundreds of histories are read: one slow page must not hold up the rest."""
    asks: dict[str, Callable[[], Awaitable[object]]] = {
        "transcript": lambda: one.transcript(TALK),
        "recent": lambda: one.recent(ANNA),
        "fetch": lambda: one.fetch([("customer", "kim")]),
    }
    before = await clients_of(redis)
    await asyncio.gather(*(asks[call]() for _ in range(2 * redis_engine.ASKING_MAX)))

    assert await clients_of(redis) == before + redis_engine.ASKING_MAX


async def clients_of(redis: RedisServer) -> int:
    """How many connections a server has."""
    return (await ask(redis.port, "CLIENT", "LIST")).count(b"\n")


async def calls_of(redis: RedisServer, command: str) -> int:
    """How often a server was asked something."""
    said = await ask(redis.port, "INFO", "commandstats")
    found = re.search(rb"cmdstat_%s:calls=(\d+)" % command.encode(), said)
    return int(found[1]) if found else 0


async def test_a_batch_that_was_written_in_part_is_in_doubt(
    redis: RedisServer, place: RedisStore, one: OwnEngine
) -> None:
    """Redis goes on behind what it cannot do: nobody may take that for done."""
    lease = await written(one, batch(entries=(entry(1),)))
    await ask(redis.port, "SET", key(place, "said"), "not a hash")

    with pytest.raises(OutcomeUnknown):
        await one.commit(batch(messages=(message(1),), entries=(entry(2),)), lease=lease)


async def test_renewing_prolongs_the_lease(one: OwnEngine, two: OwnEngine) -> None:
    """Whoever lives stays the writer."""
    lease = await one.acquire("one", ttl_ms=2_000)
    await one.renew(lease, alive_at_ms=1, ttl_ms=TTL_MS)
    with pytest.raises(LeaseTaken) as taken:
        await two.acquire("two", ttl_ms=TTL_MS)

    assert taken.value.remaining_ms > 2_000


async def test_a_lease_that_is_given_up_wakes_other_processes(
    one: OwnEngine, two: OwnEngine
) -> None:
    """A handover takes a moment, not the time to live."""
    lease = await one.acquire("one", ttl_ms=TTL_MS)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(two.lease_freed(TTL_MS))
        await asyncio.sleep(0)
        await one.release(lease)

    assert waiting.done()
    await two.acquire("two", ttl_ms=TTL_MS)


async def test_a_dead_process_is_expelled_at_once(one: OwnEngine, two: OwnEngine) -> None:
    """Whoever sees a process die need not wait for its leases, and its hub is gone with it."""
    hubs = RedisHubs(two.store)
    await hubs.announce(HubId("dead"), ttl_ms=TTL_MS)
    await hubs.announce(HubId("other"), ttl_ms=TTL_MS)
    lease = await one.acquire("dead", ttl_ms=TTL_MS)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(two.lease_freed(TTL_MS))
        await asyncio.sleep(0)
        others = await two.store.expel("living")
        freed = await two.store.expel("dead")

    assert (others, freed) == (0, 1)
    assert set(await hubs.alive()) & {"dead", "other"} == {"other"}
    with pytest.raises(FencedOut):
        await one.commit(batch(cold(external("a"))), lease=lease)


async def test_what_a_newer_version_wrote_is_not_touched(
    redis: RedisServer, place: RedisStore, one: OwnEngine
) -> None:
    """Versions go forward only; an older process does not begin, or stands back, and says why."""
    await ask(redis.port, "HSET", key(place, "shard"), "version", 99)

    with pytest.raises(NewerFormat):
        await one.acquire("one", ttl_ms=TTL_MS)
    with pytest.raises(NewerFormat):
        await one.load()
    with pytest.raises(NewerFormat):
        await one.fetch([("external", "a")])
    with pytest.raises(NewerFormat):
        await OwnEngine.connect(redis.url, place.tenant)


async def test_what_a_newer_version_tells_is_not_followed(
    one: OwnEngine, two: OwnEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what happened must not be told to anybody."""
    lease = await written(one, batch(entries=(entry(1),)))
    monkeypatch.setattr(formats, "FORMAT", formats.FORMAT + 1)
    await one.commit(batch(cold(external("a")), entries=(entry(2),)), lease=lease)
    monkeypatch.undo()
    follower = two.follow(Position(0))

    with pytest.raises(NewerFormat):
        await first_entries(follower, 2)
    with pytest.raises(NewerFormat):
        await two.fetch([key_of(external("a"))])


# -- the inbox -----------------------------------------------------------------------------------


async def test_the_writer_reads_what_any_process_submits(one: OwnEngine, two: OwnEngine) -> None:
    """Customers and agents reach their tenant through whichever process they came to."""
    await one.submit(envelope(1))
    await two.submit(envelope(1, hub=HubId("hub-2")))
    await two.acquire("two", ttl_ms=TTL_MS)
    read = await two.read(Cursor(0), limit=10, wait_ms=0)

    assert [one.hub for one in read] == [HUB, HubId("hub-2")]


async def test_a_successor_goes_on_in_the_middle_of_what_came_together(
    redis: RedisServer, place: RedisStore, one: OwnEngine, two: OwnEngine
) -> None:
    """What a hub asked in one moment is one entry, and a batch may end anywhere in it."""
    await asyncio.gather(*(one.submit(envelope(n)) for n in range(1, 6)))
    lease = await one.acquire("one", ttl_ms=TTL_MS)
    entries = await ask(redis.port, "XLEN", key(place, "inbox"))
    await one.commit(batch(cursor=2), lease=lease)
    await place.run_out()
    after = await two.acquire("two", ttl_ms=TTL_MS)
    read = await two.read(Cursor(2), limit=10, wait_ms=0)
    await two.commit(batch(previous=2, cursor=5), lease=after)

    assert entries == b"1"
    assert [one.n for one in read] == [3, 4, 5]
    assert await ask(redis.port, "XLEN", key(place, "inbox")) == b"0"


async def test_what_was_seen_of_a_lost_hub_is_known_for_an_hour(one: OwnEngine) -> None:
    """It may have stood still with a command on its way, but it is not remembered for ever."""
    lease = await written(one, batch(seen={HUB: 3, HubId("b"): 1}), batch(lost=(HUB,)))
    await one.commit(batch(lost=(HUB,), at_ms=HOUR_MS - 1), lease=lease)
    before = (await one.load()).seen
    for _ in range(2):
        await one.commit(batch(at_ms=HOUR_MS + 2), lease=lease)

    assert before == {HUB: 3, HubId("b"): 1}
    assert (await one.load()).seen == {HubId("b"): 1}


async def test_a_hub_that_is_heard_again_is_remembered(one: OwnEngine) -> None:
    """Having been counted as lost does not make it say things twice."""
    lease = await written(one, batch(lost=(HUB,)), batch(seen={HUB: 4}))
    for _ in range(2):
        await one.commit(batch(at_ms=HOUR_MS + 2), lease=lease)

    assert (await one.load()).seen == {HUB: 4}


async def test_a_command_of_a_newer_version_is_passed_over(
    redis: RedisServer, place: RedisStore, one: OwnEngine
) -> None:
    """While processes are replaced one by one, the older ones must not stop at what they hear."""
    nothing = b"\x91\x84\xa3hub\xa5hub-1\xa1n\x01\xa7request\xc0\xa7command\x81\xa4type\xa3new"
    link = link_to(redis.port)
    await link.call("XADD", key(place, "inbox"), "*", "e", nothing)
    await link.close()

    assert list(await one.read(Cursor(0), limit=10, wait_ms=0)) == [UNKNOWN]


@pytest.mark.parametrize(
    ("field", "data"),
    [("e", b"\xc1"), ("e", b"\x78\x01 not packed"), ("e", b"\x91\xa1\xff"), ("later", b"\x90")],
)
async def test_what_is_in_the_inbox_and_cannot_be_read_is_passed_over(
    redis: RedisServer, place: RedisStore, one: OwnEngine, field: str, data: bytes
) -> None:
    """Every writer would end there, one after the other, for ever."""
    link = link_to(redis.port)
    await link.call("XADD", key(place, "inbox"), "*", field, data)
    await link.close()
    await one.submit(envelope(1))

    assert list(await one.read(Cursor(0), limit=10, wait_ms=0)) == [UNKNOWN, envelope(1)]


async def test_other_processes_learn_the_depth_from_the_log(one: OwnEngine, two: OwnEngine) -> None:
    """Who refused new chats must notice that the writer caught up."""
    for n in (1, 2, 3):
        await two.submit(envelope(n))
    before = two.depth
    await written(one, batch(cursor=2, entries=(entry(1),)))
    await first_entries(two.follow(Position(0)), 1)

    assert (before, two.depth) == (3, 1)


async def test_a_process_that_heard_of_a_full_inbox_asks_again(
    redis: RedisServer, place: RedisStore, one: OwnEngine
) -> None:
    """It need not follow the log to notice that there is room."""
    other = await OwnEngine.connect(redis.url, place.tenant, inbox_max=2)
    for n in (1, 2):
        await other.submit(envelope(n))
    with pytest.raises(EngineUnavailable):
        await other.submit(envelope(3))
    await written(one, batch(cursor=2))
    await other.submit(envelope(4))
    depth = other.depth
    await other.close()

    assert depth == 1


async def test_messages_leave_room_in_the_inbox_for_what_ends_them(
    redis: RedisServer, place: RedisStore
) -> None:
    """However many write, offers can be accepted and chats end, also those that came with words."""
    engine = await OwnEngine.connect(redis.url, place.tenant, inbox_max=10)
    words = SendCustomerMessage(
        customer=CustomerId("kim"), entry_point=EntryPointId("shop"), conversation=TALK, body=SAID
    )
    for n in range(1, 10):
        await engine.submit(replace(envelope(n), command=words))
    became = await asyncio.gather(
        engine.submit(replace(envelope(10), command=words)),
        engine.submit(envelope(11)),
        return_exceptions=True,
    )
    read = await engine.read(Cursor(0), limit=20, wait_ms=0)
    await engine.close()

    assert [type(each) for each in became] == [InboxFull, type(None)]
    assert [one.n for one in read] == [*range(1, 10), 11]


async def test_a_question_that_takes_long_holds_up_no_other(redis: RedisServer) -> None:
    """A long history is read beside what everybody else asks."""
    links = Server(redis.url).links(2, timeout_s=5)
    slow = asyncio.create_task(links.free().call("BLPOP", "nothing", 2))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        pong = await links.free().call("PING")
    is_waiting = not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    await links.close()

    assert (pong, is_waiting) == (b"PONG", True)


async def test_who_waits_behind_others_gives_up_in_time(redis: RedisServer) -> None:
    """A server that stands still must not be waited for by one after the other."""
    link = Server(redis.url).link(timeout_s=0.2, is_reading=True)
    began_s = asyncio.get_running_loop().time()
    faults = await asyncio.gather(
        *(link.call("BLPOP", "nothing", 2) for _ in range(10)), return_exceptions=True
    )
    took_s = asyncio.get_running_loop().time() - began_s
    await link.close()

    assert {type(fault) for fault in faults} == {EngineUnavailable}
    assert took_s < 1


def shown_depth() -> float:
    """How many commands wait in this process; inboxes of other tests that are over are gone."""
    gc.collect()
    depth = REGISTRY.get_sample_value("frontdesk_inbox_depth")
    assert depth is not None, "it is measured"
    return depth


async def test_the_depth_is_shown_by_the_process_that_writes(
    one: OwnEngine, two: OwnEngine
) -> None:
    """Each process showing it would count what waits several times."""
    for n in (1, 2, 3):
        await two.submit(envelope(n))
    before = shown_depth()
    lease = await written(one, batch(cursor=1, entries=(entry(1),)))
    await first_entries(two.follow(Position(0)), 1)
    while_writing = shown_depth()
    await one.release(lease)

    assert while_writing == before + 2
    assert shown_depth() == before


async def test_the_depth_grows_though_nothing_is_committed(one: OwnEngine) -> None:
    """A writer that stalls is what it is looked at for."""
    lease = await written(one, batch(cursor=0, entries=(entry(1),)))
    before = shown_depth()
    for n in (1, 2, 3):
        await one.submit(envelope(n))
    stalled = shown_depth()
    await one.release(lease)

    assert stalled == before + 3


async def test_who_reads_metrics_is_told_of_what_other_processes_asked(
    one: OwnEngine, two: OwnEngine
) -> None:
    """Most processes do not write: what they put into the inbox would show after a commit alone."""
    await two.submit(envelope(1))
    lease = await written(one, batch(cursor=1, entries=(entry(1),)))
    before = shown_depth()
    for n in (2, 3, 4):
        await two.submit(envelope(n))
    unheard = shown_depth()
    await look_at_inboxes()
    heard = shown_depth()
    await one.release(lease)
    await look_at_inboxes()

    assert (unheard, heard) == (before, before + 3)
    assert shown_depth() == before


# -- hubs ----------------------------------------------------------------------------------------


async def test_a_hub_whose_time_ran_out_is_told(one: OwnEngine, two: OwnEngine) -> None:
    """Others have counted its sockets as lost; it must not go on as if nothing had been."""
    mine, others = RedisHubs(one.store), RedisHubs(two.store)
    hub = HubId("slow")
    first = await mine.announce(hub, ttl_ms=20)
    await asyncio.sleep(0.04)
    alive = await others.alive()
    second = await mine.announce(hub, ttl_ms=TTL_MS)
    third = await mine.announce(hub, ttl_ms=TTL_MS)
    again = await others.alive()

    assert (first, second, third) == (True, False, False), "whether or not it heard the first no"
    assert hub not in (*alive, *again)


# -- what is told --------------------------------------------------------------------------------


async def test_signals_reach_other_processes_and_nobody_twice(
    one: OwnEngine, two: OwnEngine
) -> None:
    """Who types is seen everywhere."""
    here, there = one.signals(), two.signals()
    await one.signal(Typing(conversation=TALK, on=True, agent=ANNA))
    heard = await first_signals(there, 1)
    await two.signal(Typing(conversation=TALK, on=False, agent=ANNA))

    assert heard == [Typing(conversation=TALK, on=True, agent=ANNA)]
    assert [signal.on for signal in await first_signals(here, 2) if isinstance(signal, Typing)] == [
        True,
        False,
    ]


async def test_a_signal_of_a_newer_version_is_passed_over(
    redis: RedisServer, place: RedisStore, one: OwnEngine
) -> None:
    """What listens for all tenants of a process must not end of it."""
    there = one.signals()
    known = Typing(conversation=TALK, on=True, agent=ANNA)
    await RedisHubs(one.store).announce(HUB, ttl_ms=TTL_MS)
    link = link_to(redis.port)
    await link.call("PUBLISH", ASKED, b"\xff")
    for said in (b"\x81\xa4type\xa3new", b"\xc1", encode(known)):
        await link.call("PUBLISH", key(place, "signals"), bytes(8) + said)
    await link.close()

    assert await first_signals(there, 1) == [known]


async def test_nothing_on_the_server_says_what_was_redacted(
    redis: RedisServer, place: RedisStore, one: OwnEngine, two: OwnEngine
) -> None:
    """Not the log, not the transcript, not what was kept to tell the rest of the batch."""
    raw, shown = message(1, "4111 1111"), message(1, "**** ****")
    told = telling(1, MessageWritten(message=raw))
    redacting = telling(3, MessageRedacted(message=shown))
    await written(
        one,
        batch(entries=(told, entry(2)), messages=(raw,)),
        batch(entries=(redacting,), messages=(shown,)),
    )
    later = await first_entries(two.follow(Position(0)), 3)
    in_between = await first_entries(two.follow(Position(1)), 2)
    link = link_to(redis.port)
    everything = [
        await link.call(*question)
        for question in (
            ("XRANGE", key(place, "log"), "-", "+"),
            ("HGETALL", key(place, "rewritten")),
            ("HGETALL", key(place, f"said:{TALK}")),
        )
    ]
    await link.close()

    assert later == [telling(1, MessageWritten(message=shown)), entry(2), redacting]
    assert in_between == [entry(2), redacting]
    assert "**** ****" in str(everything)
    assert "4111" not in str(everything)


async def test_what_was_redacted_before_is_redacted_again(one: OwnEngine, two: OwnEngine) -> None:
    """A value may turn out longer than it seemed."""
    says = [message(1, text) for text in ("4111 1111 22", "**** **** 22", "**** **** **")]
    first = telling(1, MessageWritten(message=says[0]))
    others = [telling(n, MessageRedacted(message=says[n - 1])) for n in (2, 3)]
    await written(
        one, *(batch(entries=(each,)) for each in (first, *others)), batch(entries=(entry(4),))
    )
    followed = await first_entries(two.follow(Position(0)), 4)

    last = says[2]
    assert followed == [
        telling(1, MessageWritten(message=last)),
        telling(2, MessageRedacted(message=last)),
        others[1],
        entry(4),
    ]


async def test_a_batch_never_tells_what_it_redacts_itself(one: OwnEngine, two: OwnEngine) -> None:
    """What is written and redacted in one moment was never shown."""
    raw, shown = message(1, "4111"), message(1, "****")
    both = (telling(1, MessageWritten(message=raw)), telling(2, MessageRedacted(message=shown)))
    await written(one, batch(entries=both))

    assert await first_entries(two.follow(Position(0)), 2) == [
        telling(1, MessageWritten(message=shown)),
        both[1],
    ]


async def test_what_was_redacted_goes_with_the_log(
    redis: RedisServer, place: RedisStore, one: OwnEngine
) -> None:
    """Nothing piles up, and who comes too late is told so."""
    short = await OwnEngine.connect(redis.url, place.tenant, log_max=2)
    raw, shown = message(1, "4111"), message(1, "****")
    await written(
        short,
        batch(entries=(telling(1, MessageWritten(message=raw)),)),
        batch(entries=(telling(2, MessageRedacted(message=shown)),)),
        batch(entries=(entry(3),)),
        batch(entries=(entry(4),)),
    )
    await short.close()

    assert await ask(redis.port, "EXISTS", key(place, "rewritten")) == b"0"
    assert await ask(redis.port, "EXISTS", key(place, "rewritten_order")) == b"0"
    with pytest.raises(FellBehind):
        await first_entries(one.follow(Position(0)), 1)


async def test_two_tenants_never_see_each_other(redis: RedisServer, one: OwnEngine) -> None:
    """The same ids are other people there."""
    other = await OwnEngine.connect(redis.url, RedisStore(redis).tenant)
    everything = batch(
        cold(external("a")), entries=(entry(1),), messages=(message(1),), answers=(kept(b"k"),)
    )
    await one.submit(envelope(1))
    await written(one, everything)
    found = [
        (await other.fetch([("external", "a")])).records,
        (await other.transcript(TALK)).messages,
        await other.answers([b"k"]),
        await other.read(Cursor(0), limit=10, wait_ms=0),
        (await other.load()).position,
    ]
    await other.acquire("another", ttl_ms=TTL_MS)
    followed: list[Entry] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(0.02):
            followed.append(await anext(other.follow(Position(0))))
    await other.close()

    assert found == [{}, (), {}, [], 0]
    assert followed == []

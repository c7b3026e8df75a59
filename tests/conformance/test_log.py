"""Following what was committed, and being told things that are not stored."""

import asyncio

import pytest

from router.kernel.messages import MessageRedacted, MessageWritten
from router.shard.engine import Engine, FellBehind, Fetched, Position, Stand, Standings, Typing
from tests.conformance.harness import Store
from tests.conformance.samples import (
    ANNA,
    TALK,
    TTL_MS,
    batch,
    cold,
    contact,
    entry,
    external,
    first_entries,
    first_signals,
    hot,
    message,
    telling,
    written,
)


async def test_a_follower_gets_every_entry_after_a_position_in_order(engine: Engine) -> None:
    """What it holds is then the same as what the writer holds."""
    await written(engine, batch(entries=(entry(1), entry(2))), batch(entries=(entry(3),)))

    assert await first_entries(engine.follow(Position(0)), 3) == [entry(1), entry(2), entry(3)]
    assert await first_entries(engine.follow(Position(2)), 1) == [entry(3)]


async def test_a_follower_waits_for_what_is_committed_next(engine: Engine) -> None:
    """Events reach everybody without anybody asking."""
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        following = [
            tasks.create_task(first_entries(engine.follow(Position(0)), 2)) for _ in range(2)
        ]
        for position in (1, 2):
            await asyncio.sleep(0)
            await engine.commit(batch(entries=(entry(position),)), lease=lease)

    assert [task.result() for task in following] == [[entry(1), entry(2)]] * 2


async def test_an_entry_carries_the_records_it_changed(engine: Engine) -> None:
    """A follower applies them and needs no rule of its own."""
    waiting = contact("waiting")
    await written(engine, batch(hot(waiting), entries=(entry(1, waiting),)))

    assert (await first_entries(engine.follow(Position(0)), 1))[0].records == (waiting,)


async def test_who_follows_later_is_not_told_what_was_redacted(engine: Engine) -> None:
    """Half a card number must not come to light again because somebody was slow."""
    raw, other, shown = message(1, "4111 1111"), message(2), message(1, "********")
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    following = engine.follow(Position(0))
    entries = [telling(n, MessageWritten(message=each)) for n, each in enumerate((raw, other), 1)]
    await engine.commit(batch(entries=tuple(entries), messages=(raw, other)), lease=lease)
    (told,) = await first_entries(following, 1)
    redacting = telling(3, MessageRedacted(message=shown))
    await engine.commit(batch(entries=(redacting,), messages=(shown,)), lease=lease)
    later = await first_entries(engine.follow(Position(0)), 3)

    assert told == entries[0]
    assert later == [telling(1, MessageWritten(message=shown)), entries[1], redacting]
    assert await first_entries(following, 2) == later[1:]


async def test_parts_redacted_together_are_redacted_wherever_they_were_written(
    engine: Engine,
) -> None:
    """A value in three parts leaves none of them behind, and what stands between them stays."""
    raw = [message(n, text) for n, text in enumerate(("4111", "hello", "1111 11"), 1)]
    shown = [message(1, "****"), message(3, "******")]
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    entries = [telling(n, MessageWritten(message=each)) for n, each in enumerate(raw, 1)]
    await engine.commit(batch(entries=tuple(entries), messages=tuple(raw)), lease=lease)
    redacting = telling(4, *(MessageRedacted(message=each) for each in shown))
    await engine.commit(batch(entries=(redacting,), messages=tuple(shown)), lease=lease)
    later = await first_entries(engine.follow(Position(0)), 4)

    assert later == [
        telling(1, MessageWritten(message=shown[0])),
        entries[1],
        telling(3, MessageWritten(message=shown[1])),
        redacting,
    ]


async def test_records_and_position_are_loaded_as_of_one_moment(engine: Engine) -> None:
    """Following from the loaded position misses nothing and repeats nothing."""
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    commits = [
        engine.commit(batch(hot(contact(f"c{position}")), entries=(entry(position),)), lease=lease)
        for position in range(1, 11)
    ]
    async with asyncio.TaskGroup() as tasks:
        for commit in commits:
            tasks.create_task(commit)
        loading = tasks.create_task(engine.load())
    loaded = loading.result()

    assert len(loaded.records) == loaded.position


async def test_records_are_fetched_with_the_position_at_which_they_are_true(
    engine: Engine,
) -> None:
    """Whoever follows knows then whether it still has to hear of what it reads."""
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    names = [("external", "one"), ("external", "two")]
    fetched: list[Fetched] = []

    async def commit() -> None:
        for position in range(1, 31):
            both = (cold(external(name, f"customer-{position}")) for _, name in names)
            await engine.commit(batch(*both, entries=(entry(position),)), lease=lease)

    async def fetch(commits: asyncio.Task[None]) -> None:
        while not commits.done():
            fetched.append(await engine.fetch(names))
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        commits = tasks.create_task(commit())
        tasks.create_task(fetch(commits))
    fetched.append(await engine.fetch(names))

    assert fetched[-1].position == 30
    for one in fetched:
        true = {
            ("external", name): external(name, f"customer-{one.position}")
            for _, name in names
            if one.position
        }
        assert one.records == true


async def test_a_follower_that_is_too_far_behind_is_told(store: Store) -> None:
    """It would otherwise go on with a gap it does not know of."""
    engine = await store.open(log_max=3)
    await written(engine, *(batch(entries=(entry(n),)) for n in range(1, 6)))
    kept = await first_entries(engine.follow(Position(2)), 3)
    with pytest.raises(FellBehind):
        await first_entries(engine.follow(Position(1)), 1)
    await engine.close()

    assert [one.position for one in kept] == [3, 4, 5]


async def test_a_follower_that_falls_behind_on_the_way_is_told(store: Store) -> None:
    """Slowness is noticed whenever it begins."""
    engine = await store.open(log_max=3)
    lease = await written(engine, batch(entries=(entry(1),)))
    followed = engine.follow(Position(0))
    first = await first_entries(followed, 1)
    for n in range(2, 7):
        await engine.commit(batch(entries=(entry(n),)), lease=lease)
    with pytest.raises(FellBehind):
        await first_entries(followed, 1)
    await engine.close()

    assert first == [entry(1)]


async def test_positions_go_on_after_a_restart(store: Store) -> None:
    """A follower that comes back from before the restart gets what is new, or is told."""
    engine = await store.open()
    await written(engine, batch(entries=(entry(1), entry(2))))
    await engine.close()
    engine = await store.open()
    loaded = await engine.load()
    await written(engine, batch(entries=(entry(3),)))
    followed = await first_entries(engine.follow(loaded.position), 1)
    await engine.close()

    assert loaded.position == 2
    assert followed == [entry(3)]


async def test_signals_reach_every_follower_of_now(engine: Engine) -> None:
    """Both the customer's and the agent's screens show that somebody types."""
    one, two = engine.signals(), engine.signals()
    typing = Typing(conversation=TALK, on=True, agent=ANNA)
    standings = Standings(stands=(Stand(contact("c").id, 1, None),))
    await engine.signal(typing)
    await engine.signal(standings)

    assert await first_signals(one, 2) == [typing, standings]
    assert await first_signals(two, 2) == [typing, standings]


async def test_signals_of_the_past_are_gone(engine: Engine) -> None:
    """Nothing is stored: an indicator from before would be a lie now."""
    await engine.signal(Typing(conversation=TALK, on=True, agent=ANNA))
    followed = engine.signals()
    await engine.signal(Typing(conversation=TALK, on=False, agent=ANNA))

    assert await first_signals(followed, 1) == [Typing(conversation=TALK, on=False, agent=ANNA)]


async def test_a_slow_follower_of_signals_holds_nobody_up(engine: Engine) -> None:
    """Signals are dropped rather than kept for who does not listen."""
    slow = engine.signals()
    for seq in range(5_000):
        await engine.signal(Typing(conversation=TALK, on=seq == 4_999, agent=ANNA))
    fast = engine.signals()
    await engine.signal(Typing(conversation=TALK, on=True))

    assert await first_signals(fast, 1) == [Typing(conversation=TALK, on=True)]
    assert len(await first_signals(slow, 1)) == 1

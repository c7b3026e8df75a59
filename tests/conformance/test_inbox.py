"""How commands queue: order, waiting, reading again, and the bound."""

import asyncio

import pytest

from router.kernel.ids import HubId
from router.shard.engine import Cursor, Engine, EngineUnavailable
from tests.conformance.harness import Store
from tests.conformance.samples import batch, envelope, written

START = Cursor(0)


async def test_commands_of_one_hub_are_read_in_the_order_they_came(engine: Engine) -> None:
    """A client's commands take effect in the order it sent them."""
    other = HubId("hub-2")
    for n in (1, 2, 3):
        await engine.submit(envelope(n))
        await engine.submit(envelope(n, hub=other))
    read = await engine.read(START, limit=10, wait_ms=0)

    assert [one.n for one in read if one.hub == other] == [1, 2, 3]
    assert [one.n for one in read if one.hub != other] == [1, 2, 3]


async def test_what_was_submitted_is_read_as_it_was(engine: Engine) -> None:
    """An engine carries commands, it does not look at them."""
    await engine.submit(envelope(1))

    assert list(await engine.read(START, limit=1, wait_ms=0)) == [envelope(1)]


async def test_reading_gives_no_more_than_the_limit(engine: Engine) -> None:
    """One turn of the writer is bounded by it."""
    for n in range(1, 6):
        await engine.submit(envelope(n))

    assert [one.n for one in await engine.read(START, limit=2, wait_ms=0)] == [1, 2]


async def test_reading_does_not_consume(engine: Engine) -> None:
    """After a fault the writer reads the same commands again."""
    await engine.submit(envelope(1))
    first = await engine.read(START, limit=10, wait_ms=0)

    assert list(await engine.read(START, limit=10, wait_ms=0)) == list(first)


async def test_a_commit_moves_the_cursor(engine: Engine) -> None:
    """Taking a command and its effects are one act: nothing is lost, nothing done twice."""
    for n in (1, 2, 3):
        await engine.submit(envelope(n))
    await written(engine, batch(cursor=2))

    assert (await engine.load()).cursor == 2
    assert [one.n for one in await engine.read(Cursor(2), limit=10, wait_ms=0)] == [3]


async def test_reading_waits_for_the_first_command(engine: Engine) -> None:
    """An idle writer costs nothing and is awake at once."""
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(engine.read(START, limit=10, wait_ms=60_000))
        await asyncio.sleep(0)
        await engine.submit(envelope(1))

    assert [one.n for one in reading.result()] == [1]


async def test_reading_is_empty_when_nothing_came_in_time(engine: Engine) -> None:
    """The writer has deadlines to look after even when nobody asks anything."""
    assert list(await engine.read(START, limit=10, wait_ms=0)) == []
    assert list(await engine.read(START, limit=10, wait_ms=1)) == []


async def test_a_full_inbox_refuses_and_queues_nothing(store: Store) -> None:
    """What cannot be handled in time is said at once, and memory stays bounded."""
    engine = await store.open(inbox_max=2)
    await engine.submit(envelope(1))
    await engine.submit(envelope(2))
    with pytest.raises(EngineUnavailable):
        await engine.submit(envelope(3))
    read = await engine.read(START, limit=10, wait_ms=0)
    await written(engine, batch(cursor=1))
    await engine.submit(envelope(4))
    later = await engine.read(Cursor(1), limit=10, wait_ms=0)
    await engine.close()

    assert [one.n for one in read] == [1, 2]
    assert [one.n for one in later] == [2, 4]


async def test_the_depth_counts_what_no_commit_has_taken(engine: Engine) -> None:
    """Back-pressure begins before the inbox is full."""
    for n in (1, 2, 3):
        await engine.submit(envelope(n))
    before = engine.depth
    await engine.read(START, limit=10, wait_ms=0)
    lease = await written(engine, batch(cursor=2))
    after = engine.depth
    await engine.commit(batch(previous=2, cursor=3), lease=lease)

    assert (before, after, engine.depth) == (3, 1, 0)

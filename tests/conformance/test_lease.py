"""Who may write: acquiring, renewing, releasing, and what a lost lease can no longer do."""

import asyncio

import pytest

from router.shard.engine import Engine, FencedOut
from tests.conformance.harness import Store
from tests.conformance.samples import (
    HUB,
    TTL_MS,
    batch,
    cold,
    entry,
    envelope,
    external,
    written,
)


async def test_the_latest_to_acquire_is_the_only_writer(store: Store, engine: Engine) -> None:
    """Two writers would give one contact to two agents."""
    first = await engine.acquire("first", ttl_ms=TTL_MS)
    await store.run_out()
    second = await engine.acquire("second", ttl_ms=TTL_MS)

    with pytest.raises(FencedOut):
        await engine.commit(batch(cold(external("a"))), lease=first)
    with pytest.raises(FencedOut):
        await engine.renew(first, alive_at_ms=1, ttl_ms=TTL_MS)
    await engine.commit(batch(cold(external("b"))), lease=second)
    assert (await engine.fetch([("external", "a"), ("external", "b")])).records == {
        ("external", "b"): external("b")
    }


async def test_who_held_the_lease_takes_it_over_from_itself(engine: Engine) -> None:
    """A writer that starts over does not wait for its own lease to run out."""
    first = await engine.acquire("writer", ttl_ms=TTL_MS)
    second = await engine.acquire("writer", ttl_ms=TTL_MS)
    await engine.commit(batch(cold(external("a"))), lease=second)

    with pytest.raises(FencedOut):
        await engine.renew(first, alive_at_ms=1, ttl_ms=TTL_MS)


async def test_a_lease_that_was_given_up_is_anybodys(engine: Engine) -> None:
    """A handover does not wait for a lease to run out."""
    lease = await engine.acquire("first", ttl_ms=TTL_MS)
    await engine.renew(lease, alive_at_ms=7, ttl_ms=TTL_MS)
    await engine.release(lease)

    assert (await engine.acquire("second", ttl_ms=TTL_MS)).alive_at_ms == 7


async def test_waiting_for_a_lease_ends_after_a_time(engine: Engine) -> None:
    """Whoever holds it may die without a word."""
    await engine.acquire("writer", ttl_ms=TTL_MS)
    async with asyncio.timeout(5):
        await engine.lease_freed(1)


async def test_every_acquisition_has_a_later_epoch_and_its_own_token(engine: Engine) -> None:
    """Tokens are compared for equality: a token seen twice would let an old writer back in."""
    leases = [await engine.acquire("same", ttl_ms=TTL_MS) for _ in range(3)]

    assert [lease.epoch for lease in leases] == [1, 2, 3]
    assert len({lease.token for lease in leases}) == 3
    assert all(lease.token.startswith(f"{lease.epoch}:") for lease in leases)


async def test_the_next_writer_learns_when_the_last_one_was_alive(
    store: Store, engine: Engine
) -> None:
    """The gap moves every deadline, so a crash never turns agents away."""
    first = await engine.acquire("first", ttl_ms=TTL_MS)
    await engine.renew(first, alive_at_ms=100, ttl_ms=TTL_MS)
    await engine.renew(first, alive_at_ms=600, ttl_ms=TTL_MS)
    await store.run_out()
    second = await engine.acquire("second", ttl_ms=TTL_MS)

    assert first.alive_at_ms is None
    assert second.alive_at_ms == 600


async def test_a_sign_of_life_survives_a_restart(store: Store) -> None:
    """The time without a writer spans the restart."""
    engine = await store.open()
    lease = await engine.acquire("before", ttl_ms=TTL_MS)
    await engine.renew(lease, alive_at_ms=500, ttl_ms=TTL_MS)
    await engine.close()
    engine = await store.open()
    await store.run_out()
    again = await engine.acquire("after", ttl_ms=TTL_MS)
    await engine.close()

    assert again.alive_at_ms == 500
    assert again.epoch == lease.epoch + 1


async def test_a_fenced_writer_leaves_no_sign_of_life(store: Store, engine: Engine) -> None:
    """Otherwise the gap would be measured from a writer that could not write."""
    first = await engine.acquire("first", ttl_ms=TTL_MS)
    await store.run_out()
    second = await engine.acquire("second", ttl_ms=TTL_MS)
    await engine.renew(second, alive_at_ms=100, ttl_ms=TTL_MS)
    with pytest.raises(FencedOut):
        await engine.renew(first, alive_at_ms=900, ttl_ms=TTL_MS)

    assert (await engine.acquire("second", ttl_ms=TTL_MS)).alive_at_ms == 100


async def test_a_released_lease_writes_no_more(engine: Engine) -> None:
    """Who released said that it is done."""
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    await engine.release(lease)

    with pytest.raises(FencedOut):
        await engine.commit(batch(cold(external("a"))), lease=lease)
    with pytest.raises(FencedOut):
        await engine.renew(lease, alive_at_ms=1, ttl_ms=TTL_MS)


async def test_releasing_a_lost_lease_does_not_touch_the_new_one(
    store: Store, engine: Engine
) -> None:
    """A slow shutdown must not stop its successor."""
    first = await engine.acquire("first", ttl_ms=TTL_MS)
    await store.run_out()
    second = await engine.acquire("second", ttl_ms=TTL_MS)
    await engine.release(first)
    await engine.commit(batch(cold(external("a"))), lease=second)

    assert ("external", "a") in (await engine.fetch([("external", "a")])).records


async def test_a_batch_decided_at_another_cursor_is_fenced(engine: Engine) -> None:
    """It was decided on a state that is no longer true."""
    await engine.submit(envelope(1))
    await engine.submit(envelope(2))
    lease = await written(engine, batch(cursor=2))

    for previous in (0, 1, 3):
        with pytest.raises(FencedOut):
            await engine.commit(batch(cold(external("a")), previous=previous), lease=lease)
    assert (await engine.fetch([("external", "a")])).records == {}
    assert (await engine.load()).cursor == 2


async def test_what_was_taken_of_a_hub_is_known_while_its_commands_may_come_again(
    store: Store, engine: Engine
) -> None:
    """A command that is delivered twice must not take effect twice, whoever writes by then."""
    await engine.submit(envelope(1))
    await engine.submit(envelope(2))
    await written(engine, batch(cursor=1, seen={HUB: 1}))
    await engine.close()
    again = await store.open()
    loaded = await again.load()
    unread = await again.read(loaded.cursor, limit=10, wait_ms=0)
    await again.close()

    assert loaded.seen == ({HUB: 1} if unread else {})


@pytest.mark.parametrize("position", [1, 3])
async def test_a_batch_decided_at_another_position_is_fenced(engine: Engine, position: int) -> None:
    """Followers would miss an entry, or hear one twice."""
    lease = await written(engine, batch(entries=(entry(1),)))

    with pytest.raises(FencedOut):
        await engine.commit(batch(cold(external("a")), entries=(entry(position),)), lease=lease)
    assert (await engine.fetch([("external", "a")])).records == {}
    assert (await engine.load()).position == 1

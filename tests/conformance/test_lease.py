"""Who may write: acquiring, renewing, releasing, and what a lost lease can no longer do."""

import pytest

from router.shard.engine import Engine, FencedOut
from tests.conformance.harness import Store
from tests.conformance.samples import batch, cold, entry, envelope, external, written


async def test_the_latest_to_acquire_is_the_only_writer(engine: Engine) -> None:
    """Two writers would give one contact to two agents."""
    first = await engine.acquire("first")
    second = await engine.acquire("second")

    with pytest.raises(FencedOut):
        await engine.commit(batch(cold(external("a"))), lease=first)
    with pytest.raises(FencedOut):
        await engine.renew(first, alive_at_ms=1)
    await engine.commit(batch(cold(external("b"))), lease=second)
    assert (await engine.fetch([("external", "a"), ("external", "b")])).records == {
        ("external", "b"): external("b")
    }


async def test_every_acquisition_has_a_later_epoch_and_its_own_token(engine: Engine) -> None:
    """Tokens are compared for equality: a token seen twice would let an old writer back in."""
    leases = [await engine.acquire("same") for _ in range(3)]

    assert [lease.epoch for lease in leases] == [1, 2, 3]
    assert len({lease.token for lease in leases}) == 3
    assert all(lease.token.startswith(f"{lease.epoch}:") for lease in leases)


async def test_the_next_writer_learns_when_the_last_one_was_alive(engine: Engine) -> None:
    """The gap moves every deadline, so a crash never turns agents away."""
    first = await engine.acquire("first")
    await engine.renew(first, alive_at_ms=100)
    await engine.renew(first, alive_at_ms=600)
    second = await engine.acquire("second")

    assert first.alive_at_ms is None
    assert second.alive_at_ms == 600


async def test_a_sign_of_life_survives_a_restart(store: Store) -> None:
    """The time without a writer spans the restart."""
    engine = await store.open()
    lease = await engine.acquire("before")
    await engine.renew(lease, alive_at_ms=500)
    await engine.close()
    engine = await store.open()
    again = await engine.acquire("after")
    await engine.close()

    assert again.alive_at_ms == 500
    assert again.epoch == lease.epoch + 1


async def test_a_fenced_writer_leaves_no_sign_of_life(engine: Engine) -> None:
    """Otherwise the gap would be measured from a writer that could not write."""
    first = await engine.acquire("first")
    second = await engine.acquire("second")
    await engine.renew(second, alive_at_ms=100)
    with pytest.raises(FencedOut):
        await engine.renew(first, alive_at_ms=900)

    assert (await engine.acquire("third")).alive_at_ms == 100


async def test_a_released_lease_writes_no_more(engine: Engine) -> None:
    """Who released said that it is done."""
    lease = await engine.acquire("writer")
    await engine.release(lease)

    with pytest.raises(FencedOut):
        await engine.commit(batch(cold(external("a"))), lease=lease)
    with pytest.raises(FencedOut):
        await engine.renew(lease, alive_at_ms=1)


async def test_releasing_a_lost_lease_does_not_touch_the_new_one(engine: Engine) -> None:
    """A slow shutdown must not stop its successor."""
    first = await engine.acquire("first")
    second = await engine.acquire("second")
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


@pytest.mark.parametrize("position", [1, 3])
async def test_a_batch_decided_at_another_position_is_fenced(engine: Engine, position: int) -> None:
    """Followers would miss an entry, or hear one twice."""
    lease = await written(engine, batch(entries=(entry(1),)))

    with pytest.raises(FencedOut):
        await engine.commit(batch(cold(external("a")), entries=(entry(position),)), lease=lease)
    assert (await engine.fetch([("external", "a")])).records == {}
    assert (await engine.load()).position == 1

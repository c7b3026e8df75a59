"""What a commit writes, all of it or nothing, and that it stays."""

import asyncio

import pytest

from router.kernel.model import key_of
from router.shard.engine import Engine, EngineUnavailable, Kept, Position
from tests.conformance.harness import Store
from tests.conformance.samples import (
    ANNA,
    TALK,
    TTL_MS,
    batch,
    closing,
    cold,
    contact,
    entry,
    envelope,
    external,
    first_entries,
    hot,
    kept,
    message,
    sealed_records,
    written,
)

EVERYTHING = batch(
    hot(contact("open")),
    cold(contact("done", state="closed", ended_at_ms=5)),
    cursor=1,
    entries=(entry(1, contact("open")), entry(2)),
    messages=(message(1), message(2)),
    answers=(kept(b"key"),),
    closings=(closing("done", 5),),
)


async def assert_everything_is_there(engine: Engine) -> None:
    """Read back all that `EVERYTHING` writes."""
    loaded = await engine.load()
    assert loaded.records == (contact("open"),)
    assert (loaded.cursor, loaded.position) == (1, 2)
    assert (await engine.fetch([("contact", "done")])).records == {
        ("contact", "done"): contact("done", state="closed", ended_at_ms=5)
    }
    assert (await engine.transcript(TALK)).messages == (message(1), message(2))
    assert await engine.answers([b"key"]) == {b"key": kept(b"key")}
    assert list(await engine.recent(ANNA)) == [contact("done", state="closed", ended_at_ms=5)]


async def test_a_commit_writes_everything_in_the_batch(engine: Engine) -> None:
    """Records, transcript, answers, lists, cursor and log change together."""
    await engine.submit(envelope(1))
    await written(engine, EVERYTHING)

    await assert_everything_is_there(engine)
    assert await first_entries(engine.follow(Position(0)), 2) == list(EVERYTHING.entries)


async def test_what_was_committed_survives_closing(store: Store) -> None:
    """An ack is a promise."""
    engine = await store.open()
    await engine.submit(envelope(1))
    await written(engine, EVERYTHING)
    await engine.close()
    engine = await store.open()
    await assert_everything_is_there(engine)
    await engine.close()


async def test_a_commit_that_fails_half_way_writes_nothing(store: Store) -> None:
    """Half a batch would be a history that nobody decided."""
    engine = await store.open()
    await engine.submit(envelope(1))
    lease = await written(engine)
    await store.fill()
    too_much = batch(
        hot(contact("open")),
        cursor=1,
        entries=(entry(1),),
        messages=tuple(message(seq, "x" * 900) for seq in range(1, 200)),
        answers=(kept(b"key"),),
        closings=(closing("open", 5),),
    )
    with pytest.raises(EngineUnavailable):
        await engine.commit(too_much, lease=lease)
    loaded = await engine.load()
    transcript = await engine.transcript(TALK)
    answers = await engine.answers([b"key"])
    unread = await engine.read(loaded.cursor, limit=10, wait_ms=0)
    await store.make_room()
    await engine.commit(EVERYTHING, lease=lease)
    await assert_everything_is_there(engine)
    await engine.close()

    assert (loaded.records, loaded.cursor, loaded.position) == ((), 0, 0)
    assert transcript.messages == ()
    assert answers == {}
    assert list(unread) == [envelope(1)]


async def test_one_batch_that_fails_does_not_take_another_with_it(store: Store) -> None:
    """Batches may share a trip to the disk, never their fate."""
    engine = await store.open()
    lease = await written(engine)
    await store.fill()
    too_much = batch(messages=tuple(message(seq, "x" * 900) for seq in range(1, 200)))
    failed, passed = await asyncio.gather(
        engine.commit(too_much, lease=lease),
        engine.commit(batch(answers=(kept(b"key"),)), lease=lease),
        return_exceptions=True,
    )
    answers = await engine.answers([b"key"])
    transcript = await engine.transcript(TALK)
    await engine.close()

    assert isinstance(failed, EngineUnavailable)
    assert passed is None
    assert answers == {b"key": kept(b"key")}
    assert transcript.messages == ()


async def test_batches_are_committed_in_the_order_of_the_calls(engine: Engine) -> None:
    """The writer may ask for the next commit before the last one has answered."""
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    await asyncio.gather(
        *(
            engine.commit(
                batch(cold(external("one", f"customer-{n}")), entries=(entry(n),)), lease=lease
            )
            for n in range(1, 21)
        )
    )

    assert (await engine.fetch([("external", "one")])).records == {
        ("external", "one"): external("one", "customer-20")
    }
    assert (await engine.load()).position == 20
    followed = await first_entries(engine.follow(Position(0)), 20)
    assert [one.position for one in followed] == list(range(1, 21))


async def test_the_last_version_of_a_record_replaces_the_others(engine: Engine) -> None:
    """A record that turned cold must not come back at the next start."""
    lease = await written(engine, batch(hot(contact("c"))))
    before = await engine.load()
    done = contact("c", state="closed", ended_at_ms=9)
    await engine.commit(batch(cold(done)), lease=lease)

    assert before.records == (contact("c"),)
    assert (await engine.load()).records == ()
    assert (await engine.fetch([("contact", "c")])).records == {("contact", "c"): done}


async def test_a_message_of_the_same_number_is_replaced(engine: Engine) -> None:
    """A value that turns out to be a card number is taken out of what was stored before."""
    lease = await written(engine, batch(messages=(message(1, "4111"), message(2))))
    await engine.commit(batch(messages=(message(1, "****"),)), lease=lease)

    assert (await engine.transcript(TALK)).messages == (message(1, "****"), message(2))


async def test_expired_rows_and_answers_may_go_but_others_stay(engine: Engine) -> None:
    """Everything is bounded, and nothing goes before its time."""
    lease = await written(
        engine,
        batch(
            cold(external("kept for ever")),
            cold(external("kept on"), expires_at_ms=101),
            answers=(kept(b"kept on", expires_at_ms=101),),
        ),
    )
    await engine.commit(batch(at_ms=100), lease=lease)

    names = ("kept for ever", "kept on")
    assert set((await engine.fetch([("external", name) for name in names])).records) == {
        ("external", name) for name in names
    }
    assert set(await engine.answers([b"kept on"])) == {b"kept on"}


async def test_a_row_whose_expiry_moved_stays_until_the_new_one(engine: Engine) -> None:
    """A resume token that was used lives on."""
    lease = await written(engine, batch(cold(external("token"), expires_at_ms=50)))
    await engine.commit(batch(cold(external("token"), expires_at_ms=200)), lease=lease)
    await engine.commit(batch(at_ms=100), lease=lease)

    assert set((await engine.fetch([("external", "token")])).records) == {("external", "token")}


async def test_a_record_that_is_open_again_never_expires(engine: Engine) -> None:
    """What a writer holds in memory is there for the next one, whatever it was before."""
    closed = contact("c", state="closed")
    lease = await written(engine, batch(cold(closed, expires_at_ms=50)))
    await engine.commit(batch(hot(contact("c"))), lease=lease)
    await engine.commit(batch(at_ms=100), lease=lease)
    await engine.commit(batch(hot(contact("c"))), lease=lease)

    assert (await engine.load()).records == (contact("c"),)
    assert (await engine.fetch([("contact", "c")])).records == {("contact", "c"): contact("c")}


async def test_expired_things_do_not_pile_up(engine: Engine) -> None:
    """Engines may keep them for a while: they drop them with the next two commits."""
    lease = await written(
        engine,
        batch(cold(external("old"), expires_at_ms=50), answers=(kept(b"old", expires_at_ms=50),)),
    )
    for _ in range(2):
        await engine.commit(batch(at_ms=50), lease=lease)

    assert (await engine.fetch([("external", "old")])).records == {}
    assert await engine.answers([b"old"]) == {}


async def test_loading_gives_hot_records_only(engine: Engine) -> None:
    """A start must not read the history of years."""
    await written(engine, batch(hot(contact("open")), cold(external("cold"))))

    assert (await engine.load()).records == (contact("open"),)


async def test_what_is_sealed_is_there_after_the_store_was_closed(
    store: Store, engine: Engine
) -> None:
    """Sealed bytes, who gave them, who saw them and the key of hashes are as they were."""
    customer, address, reveal, shard = records = sealed_records()
    await written(engine, batch(cold(customer), cold(address), cold(reveal), hot(shard)))
    await engine.close()
    again = await store.open()
    found = (await again.fetch([key_of(record) for record in records])).records
    loaded = await again.load()
    await again.close()

    assert found == {key_of(record): record for record in records}
    assert loaded.records == (shard,)


async def test_fetching_leaves_out_what_is_missing(engine: Engine) -> None:
    """Hot or cold, what was committed is found by name; the rest does not exist."""
    await written(engine, batch(hot(contact("open")), cold(external("cold"))))
    keys = [("contact", "open"), ("external", "cold"), ("external", "none"), ("offer", "open")]

    assert (await engine.fetch(keys)).records == {
        ("contact", "open"): contact("open"),
        ("external", "cold"): external("cold"),
    }


async def test_answers_are_found_by_their_key_alone(engine: Engine) -> None:
    """Whether the body is the same is for the loop to judge."""
    stored: Kept = kept(b"key")
    await written(engine, batch(answers=(stored,)))

    assert await engine.answers([b"key", b"other"]) == {b"key": stored}

"""Pages of transcripts and lists of closed contacts: bounds, order and what is left."""

import pytest

from router.kernel.ids import AgentId, ConversationId
from router.shard.engine import Engine
from tests.conformance.samples import (
    ANNA,
    TALK,
    batch,
    closing,
    cold,
    contact,
    message,
    written,
)


@pytest.mark.parametrize(
    ("after", "before", "limit", "expected", "more"),
    [
        (None, None, 50, [1, 2, 3, 4, 5], False),
        (None, None, 5, [1, 2, 3, 4, 5], False),
        (None, None, 2, [4, 5], True),
        (None, 4, 2, [2, 3], True),
        (None, 4, 3, [1, 2, 3], False),
        (None, 1, 2, [], False),
        (None, 99, 2, [4, 5], True),
        (0, None, 2, [1, 2], True),
        (3, None, 2, [4, 5], False),
        (4, None, 2, [5], False),
        (5, None, 2, [], False),
        (1, 5, 2, [2, 3], True),
        (1, 5, 3, [2, 3, 4], False),
        (1, 2, 3, [], False),
    ],
)
async def test_a_page_of_a_transcript_is_bounded_and_says_whether_there_is_more(
    engine: Engine,
    *,
    after: int | None,
    before: int | None,
    limit: int,
    expected: list[int],
    more: bool,
) -> None:
    """A client pages both ways and knows when to stop."""
    await written(engine, batch(messages=tuple(message(seq) for seq in (3, 1, 5, 2, 4))))
    page = await engine.transcript(TALK, after=after, before=before, limit=limit)

    assert [one.seq for one in page.messages] == expected
    assert page.more is more


@pytest.mark.parametrize("count", [1, 63, 64, 65, 127, 128, 129, 300])
async def test_the_last_page_is_found_however_long_a_transcript_is(
    engine: Engine, count: int
) -> None:
    """An engine may look for its end by steps."""
    await written(engine, batch(messages=tuple(message(seq) for seq in range(1, count + 1))))
    page = await engine.transcript(TALK, limit=2)

    assert [one.seq for one in page.messages] == [*range(max(count - 1, 1), count + 1)]
    assert page.more is (count > 2)


async def test_a_transcript_is_of_one_conversation(engine: Engine) -> None:
    """Nobody reads what was said elsewhere."""
    other = ConversationId("other")
    await written(engine, batch(messages=(message(1), message(1, "there", conversation=other))))

    assert (await engine.transcript(other)).messages == (message(1, "there", conversation=other),)
    assert (await engine.transcript(ConversationId("none"))).messages == ()


async def test_closed_contacts_come_latest_end_first_and_bounded(engine: Engine) -> None:
    """An agent looks back from now, page by page."""
    ends = {"a": 10, "b": 30, "c": 20}
    await written(
        engine,
        batch(
            *(cold(contact(name, state="closed", ended_at_ms=at)) for name, at in ends.items()),
            closings=tuple(closing(name, at) for name, at in ends.items()),
        ),
    )

    assert [one.id for one in await engine.recent(ANNA)] == ["b", "c", "a"]
    assert [one.id for one in await engine.recent(ANNA, limit=2)] == ["b", "c"]
    assert [one.id for one in await engine.recent(ANNA, before_ms=30)] == ["c", "a"]
    assert [one.id for one in await engine.recent(ANNA, before_ms=21, limit=1)] == ["c"]
    assert list(await engine.recent(ANNA, before_ms=10)) == []


async def test_closed_contacts_are_those_of_one_agent(engine: Engine) -> None:
    """A contact two agents handled is in both lists, and in no other."""
    bertil = AgentId("bertil")
    await written(
        engine,
        batch(
            cold(contact("both", state="closed", ended_at_ms=1)),
            cold(contact("mine", state="closed", ended_at_ms=2)),
            closings=(closing("both", 1), closing("mine", 2), closing("both", 1, bertil)),
        ),
    )

    assert [one.id for one in await engine.recent(ANNA)] == ["mine", "both"]
    assert [one.id for one in await engine.recent(bertil)] == ["both"]
    assert list(await engine.recent(AgentId("nobody"))) == []


async def test_a_closed_contact_that_changes_stays_once_in_the_list(engine: Engine) -> None:
    """A code filed afterwards changes the record, not the list."""
    done = contact("done", state="closed", ended_at_ms=5)
    lease = await written(engine, batch(cold(done), closings=(closing("done", 5),)))
    await engine.commit(batch(cold(done), closings=(closing("done", 5),)), lease=lease)

    assert list(await engine.recent(ANNA)) == [done]

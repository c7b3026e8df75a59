"""The inbox on Redis: what the writer asks for, and how commands go out, without a server."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import cast

import pytest

from router.hub.tasks import Tasks
from router.kernel.ids import ContactId, HubId
from router.kernel.messages import AnyCommand, SendAgentMessage, SetPresence
from router.shard.codec import encode_envelopes
from router.shard.engine import Cursor, EngineUnavailable, Envelope, OutcomeUnknown
from router.shard.redis_batch import Place
from router.shard.redis_inbox import (
    SEND_AGAIN_MAX,
    SEND_AGAIN_MS_MIN,
    WAIT_S,
    InboxFull,
    InboxReader,
    Outbox,
)
from router.shard.redis_link import Link, Reply, Word
from tests.support.kernel import ANNA, a_body
from tests.support.virtual_loop import VirtualLoop

CALM = SetPresence(agent=ANNA, state="available")
WORD = SendAgentMessage(agent=ANNA, contact=ContactId("c"), body=a_body())


def envelope(n: int, command: AnyCommand = CALM) -> Envelope:
    """A command under a number."""
    return Envelope(hub=HubId("hub"), n=n, command=command)


# -- the writer's way through it ----------------------------------------------------------------


class Stream:
    """What is in the stream, and what was asked of it.

    Attributes:
        waits: For how long each question may have waited; 0 is not at all.
    """

    def __init__(self, *entries: int) -> None:
        """Hold entries of so many commands each, numbered through from 1."""
        numbers = iter(range(1, sum(entries) + 1))
        self.waits: list[int] = []
        self._entries = [
            (b"%d-0" % place, encode_envelopes([envelope(next(numbers)) for _ in range(count)]))
            for place, count in enumerate(entries, 1)
        ]

    async def call(self, *words: Word) -> Reply:
        """Answer an XREAD with all that comes after an id."""
        last = str(words[-1]).encode()
        self.waits.append(int(words[words.index("BLOCK") + 1]) if "BLOCK" in words else 0)
        found: list[Reply] = [[name, [b"e", data]] for name, data in self._entries if name > last]
        return [[b"inbox", found]] if found else None

    def reader(self, place: Place) -> InboxReader:
        """A reader that begins there."""
        reader = InboxReader(cast("Link", self), "inbox")
        reader.reset(Cursor(0), place)
        return reader


async def test_what_was_handled_of_one_entry_is_left_out_of_that_one_only() -> None:
    """The entries behind it were taken together with it, and nothing of them was handled."""
    stream = Stream(3, 3, 2)
    read = await stream.reader(Place("0-0", 2)).read(Cursor(0), limit=10, wait_ms=0)

    assert [each.n for each in read] == [3, 4, 5, 6, 7, 8]


async def test_a_writer_waits_only_where_nothing_is_left_to_do() -> None:
    """Waiting for more would hold up what is there; not waiting would ask the server for ever."""
    stream = Stream(3)
    reader = stream.reader(Place("0-0", 0))
    first = await reader.read(Cursor(0), limit=2, wait_ms=250)
    rest = await reader.read(Cursor(1), limit=2, wait_ms=250)
    more = await reader.read(Cursor(1), limit=3, wait_ms=250)
    none = await reader.read(Cursor(3), limit=2, wait_ms=250)

    assert [len(each) for each in (first, rest, more, none)] == [2, 2, 2, 0]
    assert stream.waits == [250, 0, 250], "what was read before is not asked for"


# -- commands on their way ----------------------------------------------------------------------


Add = Callable[[int, bool], Coroutine[object, object, None]]
"""What becomes of so many commands, with words among them or not."""

Play = Callable[[Outbox], Coroutine[object, object, None]]


def played(add: Add, play: Play) -> list[tuple[float, int, bool]]:
    """When how many commands went out, with words among them or not, while something is played."""
    went: list[tuple[float, int, bool]] = []

    async def note(count: int, data: bytes, has_words: bool) -> None:  # noqa: FBT001 - as the engine's
        del data
        went.append((asyncio.get_running_loop().time(), count, has_words))
        await add(count, has_words)

    async def work() -> None:
        tasks = Tasks()
        await play(Outbox(note, tasks.start))
        await tasks.stop()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work())
    return went


def test_what_may_have_arrived_is_sent_again_at_growing_intervals() -> None:
    """A server that comes back must not meet everybody at once, and nobody waits for ever."""

    async def add(_count: int, _has_words: bool) -> None:  # noqa: FBT001 - as above
        raise OutcomeUnknown("the reply was lost")

    async def play(outbox: Outbox) -> None:
        await outbox.put(envelope(1))
        await asyncio.sleep(10)

    times = [at_s for at_s, _, _ in played(add, play)]
    pauses = [later - first for first, later in pairwise(times)]

    assert len(times) == SEND_AGAIN_MAX
    assert pauses == pytest.approx([SEND_AGAIN_MS_MIN * 2**n / 1_000 for n in range(len(pauses))])


def test_what_came_while_others_were_on_their_way_goes_out_together() -> None:
    """Whoever waited too long has gone, and that must not hold up those behind."""
    heard_s: list[float] = []

    async def add(_count: int, _has_words: bool) -> None:  # noqa: FBT001 - as above
        await asyncio.sleep(1.5 * WAIT_S)

    async def put(outbox: Outbox, n: int) -> None:
        await outbox.put(envelope(n))
        heard_s.append(asyncio.get_running_loop().time())

    async def play(outbox: Outbox) -> None:
        first = asyncio.create_task(put(outbox, 1))
        await asyncio.sleep(1.2 * WAIT_S)
        others = [asyncio.create_task(put(outbox, n)) for n in (2, 3)]
        await asyncio.wait([first, *others])
        await asyncio.sleep(2 * WAIT_S)

    went = played(add, play)

    assert [(at_s, count) for at_s, count, _ in went] == [(0, 1), (1.5 * WAIT_S, 2)]
    assert heard_s == pytest.approx([WAIT_S, 2.2 * WAIT_S, 2.2 * WAIT_S])


@pytest.mark.parametrize(
    ("commands", "went_out", "refused"),
    [
        ([WORD, CALM], [(2, True), (1, False)], [True, False]),
        ([CALM, CALM], [(2, False)], [False, False]),
        ([WORD, WORD], [(2, True)], [True, True]),
    ],
)
def test_words_that_do_not_fit_keep_nothing_else_out(
    commands: list[AnyCommand], went_out: list[tuple[int, bool]], refused: list[bool]
) -> None:
    """The last of the room is for accepting and ending; nothing is tried twice for nothing."""
    answers: list[bool] = []

    async def add(_count: int, has_words: bool) -> None:  # noqa: FBT001 - as above
        if has_words:
            raise InboxFull("the inbox is full")

    async def put(outbox: Outbox, n: int, command: AnyCommand) -> bool:
        try:
            await outbox.put(envelope(n, command))
        except EngineUnavailable:
            return True
        return False

    async def play(outbox: Outbox) -> None:
        tasks = [asyncio.create_task(put(outbox, n, each)) for n, each in enumerate(commands)]
        answers.extend(await asyncio.gather(*tasks))

    went = played(add, play)

    assert [(count, has_words) for _, count, has_words in went] == went_out
    assert answers == refused


def test_a_full_inbox_is_tried_once() -> None:
    """Nothing among these may go before the rest."""

    async def add(_count: int, _has_words: bool) -> None:  # noqa: FBT001 - as above
        raise InboxFull("the inbox is full")

    async def play(outbox: Outbox) -> None:
        with pytest.raises(InboxFull):
            await outbox.put(envelope(1))

    assert len(played(add, play)) == 1

"""Following the log on Redis past what was redacted, and past servers that are replaced."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from router.shard.codec import encode_entries
from router.shard.engine import Entry, FellBehind, Position
from router.shard.redis_link import Link, Reply, Word
from router.shard.redis_log import Follower

AT_MS = 1_000


def batch(*positions: int) -> bytes:
    """Entries that went together."""
    return encode_entries([Entry(position=Position(each), at_ms=AT_MS) for each in positions])


class Kept:
    """A server's log, and the batches of it that were rewritten since.

    Attributes:
        connections: How often it was connected to.
    """

    def __init__(
        self, log: Sequence[tuple[int, ...]], rewritten: Sequence[tuple[int, ...]] = ()
    ) -> None:
        """Keep batches, by the position of their last entry."""
        self.connections = 1
        self.log: Mapping[int, bytes] = {each[-1]: batch(*each) for each in log}
        self.rewritten: Mapping[int, bytes] = {each[-1]: batch(*each) for each in rewritten}

    async def call(self, *words: Word) -> Reply:
        """Answer as Redis does; where nothing comes it takes a while to say so."""
        match words:
            case ("XREAD", *_, last):
                after = [(at, data) for at, data in self.log.items() if at > int(str(last))]
                if not after:
                    await asyncio.sleep(0.001)
                return [[b"log", [_entry(at, data) for at, data in after]]] if after else None
            case ("HGETALL", *_):
                flat = [(b"%d" % at, data) for at, data in self.rewritten.items()]
                return [word for pair in flat for word in pair]
            case ("HGET", *_):
                return b"%d" % max({*self.log, *self.rewritten, 0})
            case ("XRANGE", _, name, _):
                at = int(str(name).partition("-")[0])
                return [_entry(at, self.log[at])] if at in self.log else []
            case ("HEXISTS", _, position):
                return int(int(position) in self.rewritten)
            case _:
                raise AssertionError(f"nobody asks {words[0]!r}")


def _entry(at: int, data: bytes) -> Reply:
    return [b"%d-0" % at, [b"e", data, b"t", b"1:nonce", b"d", b"0"]]


async def followed(kept: Kept, count: int, *, after: int = 0) -> list[int]:
    """The positions of so many entries."""
    told = Follower(cast("Link", kept), "p:", after=Position(after)).follow(lambda _: None)
    async with asyncio.timeout(5):
        return [(await anext(told)).position for _ in range(count)]


async def test_what_was_rewritten_is_told_in_its_place() -> None:
    """It is no part of the log any more, and nobody may miss that it was."""
    kept = Kept(log=[(1,), (6, 7)], rewritten=[(2, 3), (4,), (5,)])

    assert await followed(kept, 7) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("rewritten", [[], [(2,), (3,)], [(3,), (4,), (5,)], [(2,), (4,), (5,)]])
async def test_a_gap_that_nothing_fills_is_told(rewritten: Sequence[tuple[int, ...]]) -> None:
    """Who went on would show people what is not so; loading again shows what is."""
    kept = Kept(log=[(1,), (6,)], rewritten=rewritten)

    with pytest.raises(FellBehind):
        await followed(kept, 6)


@pytest.mark.parametrize("is_rewritten", [True, False])
async def test_what_was_read_last_is_looked_for_on_each_new_connection(
    *, is_rewritten: bool
) -> None:
    """It may have been redacted since; where it never was, it is another server's log."""
    kept = Kept(log=[(1,), (2,)])
    told = Follower(cast("Link", kept), "p:", after=Position(0)).follow(lambda _: None)
    before = [(await anext(told)).position for _ in range(2)]
    following = asyncio.ensure_future(anext(told))
    kept.connections += 1
    kept.log = {3: batch(3)}
    kept.rewritten = {2: batch(2)} if is_rewritten else {}
    await asyncio.wait([following], timeout=5)

    assert before == [1, 2]
    if is_rewritten:
        assert following.result().position == 3
    else:
        assert isinstance(following.exception(), FellBehind)

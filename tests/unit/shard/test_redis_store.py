"""A process's ear for what others say, on a clock that nobody waits for."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

import pytest

from router.hub.tasks import Tasks
from router.shard.redis_link import QUIET_S
from router.shard.redis_server import CALL_TIMEOUT_S, Server
from router.shard.redis_store import RETRY_MS_MAX, RedisStore, unfit
from tests.support.redis import Town
from tests.support.virtual_loop import VirtualLoop

NOTICED_WITHIN_S = QUIET_S + CALL_TIMEOUT_S + RETRY_MS_MAX / 1_000 + 0.1


class Heard(NamedTuple):
    """Somebody who listens.

    Attributes:
        town: To whom.
        words: What was heard so far.
    """

    store: RedisStore
    town: Town
    words: list[bytes]


def listening(work: Callable[[Heard], Awaitable[None]]) -> None:
    """Play something with somebody who listens to the channel of news."""

    async def play() -> None:
        async with Town() as town:
            tasks = Tasks()
            server = Server(town.url)
            store = RedisStore(server, start=tasks.start, is_replicated=False)
            heard = Heard(store, town, [])
            await store.listen("news", heard.words.append)
            try:
                await work(heard)
            finally:
                await store.close()
                await tasks.stop()

    with asyncio.Runner(loop_factory=partial(VirtualLoop, real_s=0.005)) as runner:
        runner.run(play())


@pytest.mark.parametrize("silent", [{1}, {1, 2, 3}])
def test_a_server_that_falls_silent_is_left_and_heard_again(silent: set[int]) -> None:
    """A connection may be over without a word; nobody would hear anything for ever."""

    async def work(heard: Heard) -> None:
        heard.town.silent = silent
        await asyncio.sleep(len(silent) * NOTICED_WITHIN_S)
        heard.town.publish("news", "spring")
        await asyncio.sleep(0.1)

        assert heard.town.visits == len(silent) + 1
        assert heard.words == [b"spring"]

    listening(work)


def test_a_server_that_has_nothing_to_say_is_not_left() -> None:
    """At night nothing is published, and connecting anew would lose what comes meanwhile."""

    async def work(heard: Heard) -> None:
        await asyncio.sleep(60)
        heard.town.publish("news", "spring")
        await asyncio.sleep(0.1)

        assert heard.town.visits == 1
        assert heard.words == [b"spring"]

    listening(work)


def test_who_listens_to_nothing_connects_once_and_can_listen_again() -> None:
    """A process that has left its last tenant must not knock at the server all the time."""

    async def work(heard: Heard) -> None:
        await heard.store.forget("news")
        await asyncio.sleep(0.1)
        left = heard.town.listening.copy()
        heard.town.silent = {1}
        await asyncio.sleep(5 * NOTICED_WITHIN_S)
        await heard.store.listen("news", heard.words.append)
        heard.town.publish("news", "spring")
        await asyncio.sleep(0.1)

        assert left == [], "nobody is told what nobody hears"
        assert heard.town.visits == 2
        assert heard.words == [b"spring"]

    listening(work)


@pytest.mark.parametrize(
    ("info", "why"),
    [
        ("redis_version:7.0.15", ""),
        ("redis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\ncluster_enabled:0", ""),
        ("redis_version:10.1.0", ""),
        ("redis_version:6.2.14", "6.2.14: 7.0 or later"),
        ("redis_version:7.0.0\r\nmaxmemory_policy:volatile-ttl", "volatile-ttl"),
        ("redis_version:7.0.0\r\ncluster_enabled:1", "part of a cluster"),
    ],
)
def test_a_server_is_judged_by_what_it_says_of_itself(info: str, why: str) -> None:
    """Where it cannot be relied on, nobody should find out later."""
    told = unfit(f"# Server\r\n{info}\r\n".encode())

    assert bool(told) == bool(why)
    assert why in told

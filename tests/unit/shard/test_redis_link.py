"""One connection to Redis: what is asked again, what never is, and when it is made anew."""

import asyncio

import pytest

from router.shard.engine import EngineUnavailable, OutcomeUnknown
from router.shard.redis_link import Link, Links
from router.shard.redis_server import Server
from tests.support.redis import StandIn

ENDED, SILENT = b"", b"~"
YES, NO = b"$3\r\nyes\r\n", b"$2\r\nno\r\n"


class Scripted(StandIn):
    """A server that answers as it is told.

    Attributes:
        asked: What was asked so far, by visit.
    """

    def __init__(self, *visits: tuple[bytes, ...]) -> None:
        """Give on each visit one answer after the other: none, or the end of it, too."""
        self.asked: list[list[bytes]] = []
        self._visits = iter(visits)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See `StandIn.meet`."""
        asked: list[bytes] = []
        self.asked.append(asked)
        for answer in next(self._visits, ()):
            asked.append(await reader.read(65_536))
            if answer == ENDED:
                break
            if answer != SILENT:
                writer.write(answer)
        writer.close()

    def link(self, *, is_reading: bool) -> Link:
        """A connection to it."""
        return Server(self.url).link(is_reading=is_reading)


async def test_what_only_reads_is_asked_again_and_once() -> None:
    """A reader need not hear that a connection was over; a server that is gone must be told of."""
    async with Scripted((ENDED,), (YES, ENDED), (ENDED,)) as server:
        link = server.link(is_reading=True)
        answer = await link.call("GET", "a")
        with pytest.raises(EngineUnavailable):
            await link.call("GET", "b")
        await link.close()

    assert answer == b"yes"
    assert [len(visit) for visit in server.asked] == [1, 2, 1]


async def test_what_may_have_written_is_not_asked_again() -> None:
    """It may have been done, and would be done twice."""
    async with Scripted((ENDED,), (YES,)) as server:
        link = server.link(is_reading=False)
        with pytest.raises(OutcomeUnknown):
            await link.call("SET", "a", "b")
        await link.close()

    assert len(server.asked) == 1


async def test_an_answer_that_nobody_waits_for_is_not_the_next_one_s() -> None:
    """Whoever gave up leaves an answer on its way behind."""
    async with Scripted((SILENT, NO), (YES,)) as server:
        link = server.link(is_reading=False)
        first = asyncio.create_task(link.call("GET", "a"))
        while not (server.asked and server.asked[0]):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        second = await link.call("GET", "b")
        await link.close()

    assert second == b"yes"
    assert link.asking == 0


@pytest.mark.parametrize("error", [b"OOM no memory", b"LOADING data"])
async def test_a_connection_is_made_anew_after_a_refusal(error: bytes) -> None:
    """Another server may be the one to ask by now, and memory for the command is given back."""
    async with Scripted((b"-" + error + b"\r\n", NO), (YES,)) as server:
        link = server.link(is_reading=False)
        with pytest.raises(EngineUnavailable):
            await link.call("SET", "a", "b")
        answer = await link.call("SET", "a", "b")
        await link.close()

    assert answer == b"yes"


async def test_of_several_errors_the_first_is_told() -> None:
    """Those that follow may follow from it."""
    async with Scripted((b"-OOM no memory\r\n-ERR no such thing\r\n",)) as server:
        link = server.link(is_reading=False)
        with pytest.raises(EngineUnavailable, match="memory"):
            await link.calls(("SET", "a", "b"), ("SET", "c", "d"))
        await link.close()


async def test_who_has_asked_waits_no_more() -> None:
    """The next question goes to the connection at which the fewest wait."""
    async with Scripted((YES, b"-OOM no memory\r\n")) as server:
        links = [server.link(is_reading=True) for _ in range(2)]
        both = Links(links)
        await both.free().call("GET", "a")
        with pytest.raises(EngineUnavailable):
            await both.free().call("GET", "a")
        free = both.free()
        await both.close()

    assert free is links[0]
    assert [link.asking for link in links] == [0, 0]

"""Processes that share a Redis are killed, stopped and restarted under people who chat.

Each fault is met several times, many more in long runs, and after each everything that was promised
is looked for in what Redis holds.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from router.shard import formats
from tests.e2e.floors import Floor
from tests.support import newer
from tests.support.clients import ConnectRefusedError
from tests.support.cluster import Cluster, Member, running
from tests.support.endure import Fault, endure, processes, told
from tests.support.redis import RedisServer
from tests.support.server import Server

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
KILLS = 100 if IS_LONG else 3
PAUSES = 50 if IS_LONG else 3
RESTARTS = 10 if IS_LONG else 3

TTL_S = 1.5

PAUSES_S = (1.8, 2.4, 3.6)
"""Longer than a lease; the last one longer than a hub may be silent, too."""

UNFENCED = (sys.executable, "-m", "tests.support.unfenced")


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    """Run two processes on a Redis server of their own."""
    with RedisServer(tmp_path) as redis:
        async with running(processes(tmp_path, [redis.url] * 2, redis.port)) as cluster:
            yield cluster


async def test_a_writer_that_is_killed_is_followed_by_another(cluster: Cluster) -> None:
    """Whatever it was about to do, what it answered holds, and what it did not is asked again."""

    async def kill() -> None:
        writer, epoch = await cluster.writer(), await cluster.epoch()
        writer.kill()
        await cluster.until_another_writes(epoch)
        await asyncio.to_thread(writer.start)

    gaps_ms = await endure(cluster, [kill] * KILLS, seed=1)
    told("the writer was killed", gaps_ms)

    assert max(gaps_ms) > TTL_S * 1_000 / 2, "somebody was waited for"


def pauses(cluster: Cluster) -> list[Fault]:
    """Whoever writes stands still for longer than its lease."""

    async def pause(for_s: float) -> None:
        writer, epoch = await cluster.writer(), await cluster.epoch()
        os.kill(writer.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(for_s)
            await cluster.until_another_writes(epoch)
        finally:
            os.kill(writer.pid, signal.SIGCONT)

    return [partial(pause, PAUSES_S[place % len(PAUSES_S)]) for place in range(PAUSES)]


async def test_a_writer_that_stood_still_is_fenced_out(cluster: Cluster) -> None:
    """It wakes up in the belief that it writes; nothing that it does then has an effect."""
    gaps_ms = await endure(cluster, pauses(cluster), seed=2)
    told("the writer stood still and was fenced out", gaps_ms)

    assert await cluster.interruptions() >= PAUSES, "each noticed that it was"


BROKEN = r"lost|twice|two messages|came after|missing|taken back|fenced out wrote|\(I\d+\)"
"""What is said where a promise or an invariant was broken, and not of a crowd that had to wait."""


async def endure_several(cluster: Cluster) -> None:
    """Give two who write several chances: they may have written about different chats."""
    for seed in range(2, 6):
        with suppress(TimeoutError):  # what comes of it may also never settle
            await endure(cluster, pauses(cluster), seed=seed)


async def test_without_the_fence_the_same_pauses_break_what_was_promised(tmp_path: Path) -> None:
    """Two who write at the same time lose messages: these checks notice, so they mean something."""
    with RedisServer(tmp_path) as redis:
        cluster = processes(tmp_path, [redis.url] * 2, redis.port, program=UNFENCED)
        try:
            await cluster.start()
            with pytest.raises(AssertionError, match=BROKEN) as noticed:
                await endure_several(cluster)
        finally:
            cluster.kill()

    sys.stdout.write(f"\nwithout the fence: {str(noticed.value).splitlines()[0]}\n")


async def test_all_processes_are_restarted_one_by_one(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version is rolled out in the middle of the day; nobody is lost.

    As long as there is a process of the old one, that writes: it could not read what others write.
    """
    monkeypatch.setattr(formats, "FORMAT", newer.FORMAT)  # what is stored is read here, too
    written: list[int] = []

    async def restart(place: int) -> None:
        member = cluster.members[place]
        assert isinstance(member, Member)
        member.ask_to_stop()
        code = await asyncio.to_thread(member.wait)
        member.become(newer.be_newer)
        await asyncio.to_thread(member.start)
        await cluster.writer()
        written.append(await cluster.format())

        assert code == 0

    restarts = [partial(restart, place) for place in (0, 1)] * RESTARTS
    told("a process was restarted", await endure(cluster, restarts, seed=8))

    assert written == [newer.FORMAT - 1] + [newer.FORMAT] * (len(restarts) - 1)


async def test_people_at_an_older_process_are_sent_to_a_newer_one(cluster: Cluster) -> None:
    """Should it ever write while an older one lives: that one tells nothing that it misreads."""
    newly, older = cluster.members
    assert isinstance(newly, Member)
    newly.ask_to_stop()
    await asyncio.to_thread(newly.wait)
    newly.become(newer.be_newer)
    await asyncio.to_thread(newly.start)
    desk = await Floor(older, 0).desk("agent0")
    epoch = await cluster.epoch()
    os.kill(older.pid, signal.SIGSTOP)
    await cluster.until_another_writes(epoch)
    os.kill(older.pid, signal.SIGCONT)
    await desk.until("disconnect")
    refusals = [await refusal(Floor(older, 0)) for _ in range(2)]
    is_ready = await answers(older, "/readyz")
    back = await Floor(newly, 0).desk("agent0", state=None)

    assert await cluster.format() == newer.FORMAT
    assert refusals == ["unavailable", "unavailable"]
    assert not is_ready
    assert await answers(older, "/healthz"), "it waits for its end, and is not started again"
    assert back.hello["agent"]["state"] == "available"
    await asyncio.gather(desk.leave(), back.leave())


async def refusal(floor: Floor) -> str:
    """Why a desktop is not let in."""
    with pytest.raises(ConnectRefusedError) as refused:
        await floor.desk("agent0")
    return str(refused.value.data["code"])


async def answers(server: Server, path: str) -> bool:
    """Say whether a page is served well."""
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}{path}") as page:
        return page.status == HTTPStatus.OK

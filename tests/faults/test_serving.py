"""What an operator sees when the store of a running server fails, and that it heals by itself."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from router.hub.station import PACE_RETRY_MS
from router.shard import redis_server
from router.shard.client import BEHIND_MS
from router.shard.redis_scripts import HUBS
from tests.e2e.floors import Floor, Plan, configuration
from tests.support.redis import RedisServer
from tests.support.server import Server, run_program, sqlite_in


@pytest_asyncio.fixture
async def floor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Floor]:
    """Run a server for one test, on SQLite if it says nothing."""
    with ExitStack() as stack:
        engine = sqlite_in(tmp_path)
        if getattr(request, "param", "sqlite") == "redis":
            engine = stack.enter_context(RedisServer(tmp_path)).url
        server = Server(tmp_path, configuration([Plan()], {}), engine=engine)
        stack.callback(server.kill)
        server.start()
        floor = Floor(server, 0)
        yield floor
        await floor.close()


async def until_ready(server: Server, status: int) -> None:
    """Wait until the server says that it is ready, or that it is not."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        while True:
            async with session.get(f"{server.url}/readyz") as answer:
                if answer.status == status:
                    return
            await asyncio.sleep(0.05)


async def until_said(server: Server, event: str) -> None:
    """Wait until the log has an event; a store that is locked is waited for some seconds."""
    async with asyncio.timeout(20):
        while True:
            if event in server.output_text():
                return
            await asyncio.sleep(0.05)


async def test_a_server_waits_for_room_and_then_does_what_it_was_asked(floor: Floor) -> None:
    """Nobody has to restart anything, and nothing is done twice or by half."""
    desk = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, desk)
    wal = floor.server.folder / "frontdesk.sqlite-wal"
    floor.server.limit_files(wal.stat().st_size)
    sending = asyncio.create_task(
        customer.do("message.send", id="1", conversation=chat.conversation, text="Are you there?")
    )
    await until_ready(floor.server, 503)
    was_waiting = not sending.done()
    floor.server.limit_files(None)
    await until_ready(floor.server, 200)
    sent = await sending
    again = await customer.do(
        "message.send", id="1", conversation=chat.conversation, text="Are you there?"
    )
    history = await customer.history(chat.conversation)
    floor.server.stop()

    assert was_waiting
    assert again == sent
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    assert [m["seq"] for m in history if m["text"] == "Are you there?"] == [sent["seq"]]
    assert "the disk is full" in floor.server.output_text()


@asynccontextmanager
async def held_up(server: Server) -> AsyncGenerator[None]:
    """Let a store write nothing for a while, though it can be read."""
    if server.engine.startswith("sqlite:"):
        with closing(sqlite3.connect(server.folder / "frontdesk.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()
        return
    link = redis_server.Server(server.engine).link()
    try:
        before = said = await link.call("ZRANGE", HUBS, 0, -1, "WITHSCORES")
        while said == before:  # whoever is silent for 3 s counts as gone: it has just said so
            await asyncio.sleep(0.02)
            said = await link.call("ZRANGE", HUBS, 0, -1, "WITHSCORES")
        await link.call("CLIENT", "PAUSE", 60_000, "WRITE")
        yield
        await link.call("CLIENT", "UNPAUSE")
    finally:
        await link.close()


@pytest.mark.parametrize("floor", ["sqlite", "redis"], indirect=True)
async def test_while_the_store_lags_new_chats_come_later_and_what_was_begun_goes_on(
    floor: Floor,
) -> None:
    """Who is already served must not wait behind those who only begin."""
    desk, newcomer = await floor.desk(), await floor.customer()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await desk.offered(started["contact"])
    async with held_up(floor.server):
        accepting = asyncio.create_task(desk.do("offer.accept", offer=offer["id"]))
        await asyncio.sleep(BEHIND_MS / 1_000 + 0.1)
        refused = await newcomer.ask("chat.start", {"text": "Hello"})
        was_waiting = not accepting.done()
    accepted = await accepting
    begun = await newcomer.do("chat.start", text="Hello")
    await customer.do("chat.end", conversation=started["conversation"])
    await desk.do("contact.wrapup", contact=started["contact"], code="resolved")
    floor.server.stop()

    assert refused["error"]["code"] == "unavailable"
    assert refused["error"]["details"]["retry_after_ms"] == PACE_RETRY_MS
    assert was_waiting, "who begins is told at once, and does not wait in the same line"
    assert accepted["contact"]["id"] == started["contact"]
    assert begun["contact"] != started["contact"]


async def test_a_reload_asked_for_while_it_starts_is_done_when_it_runs(floor: Floor) -> None:
    """SIGHUP ends a program that is not prepared for it; a start may take long."""
    server = floor.server
    server.stop()
    with closing(sqlite3.connect(server.folder / "frontdesk.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        starting = asyncio.create_task(asyncio.to_thread(server.start))
        await until_said(server, "shard.interrupted")
        os.kill(server.pid, signal.SIGHUP)
        other.rollback()
    await starting
    await until_said(server, "configuration.reloaded")
    customer = await floor.customer()

    assert customer.is_connected


async def test_a_stop_while_the_store_does_not_answer_ends_in_time(floor: Floor) -> None:
    """An orchestrator would kill it otherwise; nobody can be told of the drain, so the log is."""
    customer = await floor.customer()
    wal = floor.server.folder / "frontdesk.sqlite-wal"
    floor.server.limit_files(wal.stat().st_size)
    await customer.tell("chat.start", {"text": "Hello"})
    await until_ready(floor.server, 503)
    started_s = time.monotonic()
    floor.server.ask_to_stop()
    code = await asyncio.to_thread(floor.server.wait)

    assert code == 0
    assert time.monotonic() - started_s < 10
    assert "drain.not_noted" in floor.server.output_text()


async def test_a_store_that_turns_out_damaged_ends_the_server_with_what_to_do(
    floor: Floor,
) -> None:
    """A server that went on would hand out half of the truth."""
    customer = await floor.customer()
    started = await customer.do("chat.start", id="1", text="Hello")
    await customer.do("chat.end", conversation=started["conversation"])
    with closing(sqlite3.connect(floor.server.folder / "frontdesk.sqlite")) as connection:
        connection.execute("UPDATE answers SET body = x'c1'")
        connection.commit()
    await customer.tell("chat.start", {"id": "1", "text": "Hello"})
    code = await asyncio.to_thread(floor.server.wait)
    told = floor.server.output_text()

    assert code == 1
    assert "frontdesk: stopped: the store holds what cannot be read: restore it" in told
    assert "Traceback" not in told


async def test_a_store_with_a_damaged_record_is_not_served(floor: Floor) -> None:
    """The file is sound for SQLite, so only reading it shows; a traceback would help nobody."""
    floor.server.stop()
    store = floor.server.folder / "frontdesk.sqlite"
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("UPDATE records SET body = x'c1' WHERE kind = 'agent'")
        connection.commit()
    file = floor.server.folder / "frontdesk.toml"
    ended = run_program(
        "serve", "--config", str(file), "--port", "0", "--engine", f"sqlite:{store}"
    )

    assert ended.returncode == 1
    assert "frontdesk: cannot start: the store holds what cannot be read: restore" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_server_reads_the_password_of_redis_from_a_file(tmp_path: Path) -> None:
    """A secret stands in no list of processes; and an editor may have put a mark before it."""
    file = tmp_path / "password"
    file.write_bytes(b"\xef\xbb\xbfs3cret\r\n")
    with RedisServer(tmp_path, "--requirepass", "s3cret") as redis:
        variables = {"FRONTDESK_REDIS_PASSWORD_FILE": str(file)}
        server = Server(
            tmp_path, configuration([Plan()], {}), engine=redis.url, variables=variables
        )
        server.start()
        server.stop()
        file.write_bytes(b"")
        with pytest.raises(RuntimeError, match="cannot start: a file with a password is empty"):
            server.start()

    assert "s3cret" not in server.output_text()

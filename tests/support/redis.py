"""A real Redis server of a test's own, on loopback, in a folder that goes with the test."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from router.hub.tasks import Tasks
from router.shard.engine import EngineError
from router.shard.redis_engine import RedisEngine
from router.shard.redis_link import Link, text
from router.shard.redis_server import Server
from router.shard.redis_store import RedisStore

PROGRAM = os.environ.get("FRONTDESK_TEST_REDIS") or shutil.which("redis-server") or "redis-server"
"""Whatever speaks as Redis does, such as `valkey-server`."""

STARTS_WITHIN_S = 10.0


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int), "a port is a number"
        return port


def free_ports(count: int) -> int:
    """The first of so many neighbouring ports of loopback that nobody uses now.

    They are below those that the system hands out, so nobody gets one by chance.
    """
    for first in range(20_000 + os.getpid() % 10_000, 32_000, count):
        with suppress(OSError), ExitStack() as probes:
            for port in range(first, first + count):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no ports are free")


class RedisServer:
    """One process of `redis-server`, which keeps nothing unless told.

    Attributes:
        port: Where it listens; the same after a restart.
    """

    def __init__(self, folder: Path, *arguments: str, before: tuple[str, ...] = ()) -> None:
        """Start it, and wait until it answers; a file of settings comes before everything."""
        self.port = free_port()
        self._folder = folder
        self._before = before
        self._arguments = arguments or (() if before else ("--save", "", "--appendonly", "no"))
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *more: str) -> None:
        """Start it, or start it again on what it kept, for this time with more arguments."""
        self.process = subprocess.Popen(
            [
                PROGRAM,
                *self._before,
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)),
                *("--daemonize", "no", "--logfile", "redis.log", *self._arguments),
                *more,
            ],
            stdout=subprocess.DEVNULL,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until_s:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as asked:
                asked.sendall(b"PING\r\n")
                if asked.recv(16).startswith((b"+PONG", b"-NOAUTH")):
                    return
            time.sleep(0.01)
        raise AssertionError("the Redis server does not start")

    def kill(self) -> None:
        """End it where it stands."""
        self.process.kill()
        self.process.wait()

    def dump(self) -> None:
        """Write all that it holds into its folder."""
        with socket.create_connection(("127.0.0.1", self.port), STARTS_WITHIN_S) as asked:
            asked.sendall(b"SAVE\r\n")
            assert asked.recv(16).startswith(b"+OK"), "the Redis server cannot write"

    def pause(self) -> None:
        """Let it stand still."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()


def link_to(port: int) -> Link:
    """A connection to ask a server things that the product never asks."""
    return Server(f"redis://127.0.0.1:{port}").link()


async def ask(port: int, *words: str | int) -> bytes:
    """Ask a server one thing that it answers with a word."""
    link = link_to(port)
    try:
        reply = await link.call(*words)
        return str(reply).encode() if isinstance(reply, int) else text(reply)
    finally:
        await link.close()


class OwnEngine(RedisEngine):
    """An engine that has its store to itself: as of another process."""

    tasks: Tasks
    store: RedisStore
    is_closed = False

    @classmethod
    async def connect(
        cls,
        url: str,
        tenant: str,
        *,
        inbox_max: int = 100,
        log_max: int = 100,
        is_replicated: bool = False,
    ) -> "OwnEngine":
        """Open a store, and a tenant on it."""
        tasks = Tasks()
        store = await RedisStore.open(
            Server(url),
            start=tasks.start,
            is_replicated=is_replicated,
        )
        engine: OwnEngine = cls(store, tenant, inbox_max=inbox_max, log_max=log_max)
        engine.tasks, engine.store = tasks, store
        try:
            await engine.begin()
        except EngineError:
            await engine.close()
            raise
        return engine

    async def close(self) -> None:
        """See `Engine.close`."""
        if self.is_closed:
            return
        self.is_closed = True
        await self.tasks.stop()
        await super().close()
        await self.store.close()


class StandIn:
    """Something on loopback that a client takes for a server.

    Attributes:
        url: Its address, once it is entered.
    """

    url = ""
    _server: asyncio.Server | None = None

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self.meet, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()


class Between(StandIn):
    """Stands between a process and a server, and may lose what the server says, or cut both off.

    Attributes:
        is_losing: Instead of a reply, the connection ends.
        asked: How many commands came through while replies were lost.
        whole: While it is not set nothing passes; what was on the way arrives late, as after a
            network was parted.
    """

    def __init__(self, port: int) -> None:
        """Lead to a server."""
        self._port = port
        self.is_losing = False
        self.asked = 0
        self.whole = asyncio.Event()
        self.whole.set()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See `StandIn.meet`."""
        with closing(writer), suppress(ConnectionError, asyncio.CancelledError):
            await self.whole.wait()
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._port)
            with closing(to_server):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._forth(reader, to_server))
                    tasks.create_task(self._back(from_server, writer))

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self.whole.wait()
            self.asked += self.is_losing
            writer.write(data)
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self.whole.wait()
            if self.is_losing:
                break
            writer.write(data)
        writer.close()


class Refusing(StandIn):
    """A server that answers everything with one error."""

    def __init__(self, error: str) -> None:
        """Answer so."""
        self._error = error

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See `StandIn.meet`."""
        with suppress(asyncio.CancelledError):
            while await reader.read(65_536):
                writer.write(f"-{self._error}\r\n".encode())
        writer.close()


class Town(StandIn):
    """Calls out what is published to whoever has subscribed, and may fall silent.

    Attributes:
        visits: How many have come so far.
        silent: Those of them, by their number from 1, who are not answered.
        listening: Who has subscribed and not left it since.
    """

    def __init__(self) -> None:
        """Answer everybody."""
        self.visits = 0
        self.silent: set[int] = set()
        self.listening: list[asyncio.StreamWriter] = []

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See `StandIn.meet`."""
        self.visits += 1
        visit = self.visits
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                if visit in self.silent:
                    continue
                _, command, *words = data.split(b"\r\n")[::2]
                if command == b"SUBSCRIBE" and not words:
                    writer.write(b"-ERR wrong number of arguments\r\n")
                elif command == b"SUBSCRIBE":
                    self.listening.append(writer)
                    for word in words:
                        writer.write(_said(b"subscribe", word) + b":1\r\n")
                elif command == b"UNSUBSCRIBE":
                    self.listening.remove(writer)
                elif command == b"PING":
                    writer.write(b"*2\r\n$4\r\npong\r\n$0\r\n\r\n")
        writer.close()

    def publish(self, channel: str, word: str) -> None:
        """Tell everybody, whether or not they still hear it."""
        for writer in self.listening:
            writer.write(_said(b"message", channel.encode(), word.encode()))


def _said(*words: bytes) -> bytes:
    """The words of something that three are said of."""
    return b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

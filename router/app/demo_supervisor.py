"""Runs the demo's server as a process of its own, which may be killed at any moment and comes back.

It keeps its address and its store. What it logs goes to standard error and into the demo's log.
Ctrl-C in a terminal does not reach it: who supervises it ends it in order.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from typing import BinaryIO
from urllib.parse import urlsplit

import msgspec

from router.app.arguments import LISTENING, MEMORY_ENGINE
from router.app.demo_child import Order
from router.hub.tasks import Tasks

PROGRAM = (sys.executable, "-m", "router.app.demo_child")
STOP_S_MAX = 30.0
"""A drain lets clients go elsewhere before it ends."""


class Supervisor:
    """One server after the other, all at one address.

    Attributes:
        url: Where it listens, once started.
        metrics_url: The page of its metrics, once started.
        keeps: Whether the store outlives the process.
    """

    def __init__(self, order: Order, log: BinaryIO) -> None:
        """Nothing runs until `start`; a copy of what the server logs is written to `log`."""
        self.url = ""
        self.metrics_url = ""
        self.keeps = order.engine != MEMORY_ENGINE
        self._order = order
        self._log = log
        self._tasks = Tasks()
        self._process: Process | None = None
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Start a server and wait until it listens.

        Raises:
            SystemExit: It ended instead; why is on standard error.
        """
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
        self._process = process
        self._tasks.start("server", self._watch(process))
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(self._order) + b"\n")
        said = (await process.stdout.readline()).decode()
        if not said.startswith(LISTENING):
            await self._tasks.ended("server", within_s=STOP_S_MAX)
            await self.failed()
        self._listens(said.removeprefix(LISTENING).strip())

    async def kill(self) -> None:
        """End it as a power cut would end the process."""
        process, self._process = self._process, None
        assert process is not None, "it runs, and is killed by one at a time"
        process.kill()
        await process.wait()

    async def stop(self) -> None:
        """Let it drain and end."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.terminate()
        await self._tasks.ended("server", within_s=STOP_S_MAX)
        if process is not None and process.returncode is None:
            process.kill()
        await self._tasks.stop()

    async def failed(self) -> None:
        """Wait until a server has ended that was neither killed nor stopped.

        Raises:
            SystemExit: Always, in the end; why is on standard error.
        """
        raise SystemExit(await asyncio.shield(self._ended) or 1)

    async def _watch(self, process: Process) -> None:
        """Pass on what it logs until it ends."""
        assert process.stderr is not None
        async for line in process.stderr:
            self._log.write(line)
            self._log.flush()
            sys.stderr.write(line.decode("utf-8", "replace"))
        code = await process.wait()
        if process is self._process and not self._ended.done():
            self._ended.set_result(code)

    def _listens(self, url: str) -> None:
        """Keep the address, so that the next server takes the same."""
        place = urlsplit(url)
        port, metrics_port = place.port, self._order.metrics_port
        assert port is not None
        self.url = url
        self.metrics_url = f"{url.removesuffix(f':{port}')}:{metrics_port or port}/metrics"
        self._order = msgspec.structs.replace(self._order, port=port)

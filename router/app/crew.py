"""Runs several processes of one Frontdesk behind one port, and replaces those that die.

The system hands connections out among them (SO_REUSEPORT). What a dead process held is given up in
its name at once, so that nobody waits for its lease to run out.
"""

import asyncio
import secrets
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from router.app.announce import announce
from router.app.arguments import LISTENING
from router.hub.tasks import Tasks
from router.log import log
from router.shard.engine import EngineError

PROGRAM = (sys.executable, "-m", "router.app")

RESTART_S_MIN = 0.05
"""Before a process that died is replaced; doubled each time that it dies young."""

RESTART_S_MAX = 10.0
YOUNG_S = 30.0
"""A process that lived longer than this died of something new."""

STOP_S_MAX = 30.0
"""A drain lets clients go elsewhere before it ends."""

NOTES = log(__name__)

Expel = Callable[[str], Awaitable[object]]
"""Gives up what a process held that is known to be dead."""


class Crew:
    """The processes, and who looks after them."""

    def __init__(self, arguments: Sequence[str], *, expel: Expel) -> None:
        """Nothing runs until `work`; ``arguments`` are those of each process, but for its own."""
        self._arguments = tuple(arguments)
        self._expel = expel
        self._tasks = Tasks()
        self._processes: dict[str, Process] = {}
        self._stopping = asyncio.Event()

    async def work(self, count: int, *, metrics_port: int) -> int:
        """Keep so many processes running until a signal ends it, and return the exit code.

        The metrics of each are on a port of their own, from ``metrics_port`` on. The first start
        must succeed; from then on whoever dies is replaced.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._pass_on, signal.SIGHUP)
        starts = [loop.create_future() for _ in range(count)]
        names = [f"process {place}" for place in range(count)]
        for place, (name, started) in enumerate(zip(names, starts, strict=True)):
            self._tasks.start(name, self._keep(started, metrics_port + place))
        urls = await asyncio.gather(*starts)
        if all(urls):
            announce(urls[0], is_to_parent=False)
            await self._stopping.wait()
        is_wanted = not self._stopping.is_set()
        self._stop()
        await asyncio.gather(*(self._tasks.ended(name, within_s=STOP_S_MAX) for name in names))
        self._pass_on(signal.SIGKILL)
        await self._tasks.stop()
        return 1 if is_wanted else 0

    def _stop(self) -> None:
        """Let all drain at once, and start none any more."""
        self._stopping.set()
        self._pass_on(signal.SIGTERM)

    def _pass_on(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(number)

    async def _keep(self, started: asyncio.Future[str], metrics_port: int) -> None:
        """Run one process after the other, once the first has said where it listens."""

        async def run() -> int | None:
            code = await self._run(started, metrics_port)
            return code if started.result() else None

        await keep_running(run, self._stopping)

    async def _run(self, started: asyncio.Future[str], metrics_port: int) -> int:
        """Run a process to its end, and give up what it held."""
        hub = secrets.token_hex(8)
        own = ("--hub", hub, "--metrics-port", str(metrics_port))
        try:
            process = await asyncio.create_subprocess_exec(
                *PROGRAM, "serve", *self._arguments, *own, stdin=PIPE, stdout=PIPE
            )
        except OSError as fault:  # no memory or no process to be had: perhaps later
            NOTES.error("process.not_started", why=fault.strerror)
            if not started.done():
                started.set_result("")
            return 1
        self._processes[hub] = process
        if self._stopping.is_set():
            process.terminate()
        assert process.stdout is not None
        said = (await process.stdout.readline()).decode()
        if not started.done():
            started.set_result(said.removeprefix(LISTENING).strip())
        code = await process.wait()
        del self._processes[hub]
        if code != 0:
            try:
                await self._expel(hub)
            except EngineError as fault:  # its leases run out by themselves
                NOTES.warning("process.not_expelled", why=str(fault))
        return code


async def keep_running(run: Callable[[], Awaitable[int | None]], stopping: asyncio.Event) -> None:
    """Run something again whenever it ends, with longer pauses while it ends young.

    Args:
        run: Returns an exit code; None where nothing is to come after it.
        stopping: Once it is set nothing is begun any more.
    """
    pause_s = RESTART_S_MIN
    clock = asyncio.get_running_loop().time
    while not stopping.is_set():
        began_s = clock()
        code = await run()
        if stopping.is_set() or code is None:
            return
        pause_s = RESTART_S_MIN if clock() - began_s > YOUNG_S else pause_s
        NOTES.error("process.ended", code=code, restart_in_ms=int(pause_s * 1_000))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause_s)
        pause_s = min(pause_s * 2, RESTART_S_MAX)


def free_port(host: str) -> tuple[socket.socket, int]:
    """A port that several processes may share, kept from others until the socket is closed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kept = socket.socket(family, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind((host, 0))
    port: int = kept.getsockname()[1]
    return kept, port

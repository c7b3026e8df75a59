"""Runs the demo: a server with people in it, and a search for the card numbers they gave away.

Everything is kept in a folder that is removed at the end. The people use sockets like anybody.
"""

import asyncio
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - nothing is decided here, only played

import aiohttp

from router.app.arguments import URL
from router.app.config import Settings
from router.app.demo import paced
from router.app.demo_clerks import Clerk
from router.app.demo_customers import Arrivals
from router.app.demo_floor import Floor
from router.app.demo_journal import Journal
from router.app.demo_search import Places
from router.app.logs import LineFormatter
from router.app.serve import Server
from router.shard.engine import EngineError

CLERKS = {"cleo": "Cleo", "dan": "Dan", "eva": "Eva", "finn": "Finn"}
SEED = 1  # the same start every time
SEARCH_S = 30.0
SEARCH_S_MIN = 0.5
MEGABYTE = 1_000_000


class Audit:
    """Searches from time to time.

    Attributes:
        hits: Every card number that was ever found, with its place.
    """

    def __init__(self, floor: Floor, places: Places, *, what: str, metrics_url: str) -> None:
        """Search the places and the metrics page; `what` names the places."""
        self.hits: set[tuple[str, str]] = set()
        self._floor = floor
        self._places = places
        self._what = what
        self._metrics_url = metrics_url

    async def repeat(self) -> None:
        """Search until cancelled."""
        while True:
            await asyncio.sleep(max(SEARCH_S * self._floor.pace, SEARCH_S_MIN))
            await self.search()

    async def search(self) -> None:
        """Search once and tell what came of it, never the number itself."""
        cards = frozenset(self._floor.values.cards)
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.get(self._metrics_url) as response,
        ):
            metrics = await response.read()
        found = await asyncio.to_thread(self._places.search, cards, {"metrics": metrics})
        self.hits |= found.hits
        line = (
            f"cards sent {len(cards)}; found unmasked in {self._what}: {len(self.hits)}"
            f" (searched {found.size / MEGABYTE:.1f} MB)"
        )
        if self.hits:
            names = ", ".join(sorted({name for name, _ in self.hits}))
            line = f"!!!!! CARD NUMBERS LEAKED into {names} !!!!! {line}"
        self._floor.journal.note("SEARCH", line)


async def run_demo(
    settings: Settings,
    *,
    host: str,
    port: int,
    metrics_port: int,
    engine: str | None,
    pace: float,
) -> int:
    """Serve with people in it until SIGINT or SIGTERM, and return the exit code.

    It is 1 when a card number was found anywhere.

    Raises:
        BrokenPipeError: Whoever read the output has had enough.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with tempfile.TemporaryDirectory(prefix="frontdesk-demo-") as name:
        folder = Path(name)
        engine = engine or f"sqlite:{folder / 'frontdesk.db'}"
        log, notes = folder / "server.log", folder / "demo.log"
        files = [*_database(engine), log, notes]
        with (
            _logged(log),
            Places(files) as places,
            Journal(sys.stdout, notes, stopped.set) as journal,
        ):
            server = Server(
                paced(settings, pace),
                host=host,
                port=port,
                metrics_port=metrics_port,
                engine=engine,
            )
            await _started(server)
            try:
                floor = Floor(
                    settings,
                    url=server.url,
                    journal=journal,
                    chance=Random(SEED),  # noqa: S311 - nothing secret comes of it
                    pace=pace,
                )
                audit = Audit(
                    floor,
                    places,
                    what="database, WAL, log, metrics" if len(files) > 2 else "log, metrics",
                    metrics_url=server.metrics_url,
                )
                journal.says(banner(floor, server.metrics_url))
                await _until(stopped, server, _people(floor, audit))
                await audit.search()
            finally:
                await server.stop()
    if journal.is_unread:
        raise BrokenPipeError
    return 1 if audit.hits else 0


def banner(floor: Floor, metrics_url: str) -> str:
    """Say where it is and what to type next."""
    program = _program()
    where = "" if floor.url == URL else f" --url {floor.url}"
    return f"""
Frontdesk demo at {floor.url} (metrics: {metrics_url})

  Answer a chat yourself. In a second terminal, sit down as Anna, then type: available

    {program} desk{where} --token {floor.token("anna")}

  In a third terminal, be her customer (if nobody comes, one of ours does after ten seconds):

    {program} chat{where}

  To transfer and confer, sit down as Bo in a fourth:

    {program} desk{where} --token {floor.token("bo")}

  Below, scripted agents and customers of the queue `returns`. Ctrl-C ends the demo.
"""


async def _started(server: Server) -> None:
    """Start, or say why not.

    Raises:
        SystemExit: The address or the database cannot be used.
    """
    try:
        await server.start()
    except (EngineError, OSError) as error:
        why = f"frontdesk: cannot start: {error}; --port 0 takes any free port"
        raise SystemExit(why) from error


async def _until(
    stopped: asyncio.Event, server: Server, people: Coroutine[object, object, None]
) -> None:
    """Let people come until it is time to stop, or raise what broke."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(server.failed()), tasks.create_task(people)]
        await stopped.wait()
        for task in running:
            task.cancel()


async def _people(floor: Floor, audit: Audit) -> None:
    async with asyncio.TaskGroup() as tasks:
        clerks = [Clerk(floor, agent, name) for agent, name in CLERKS.items()]
        for clerk in clerks:
            tasks.create_task(clerk.work())
        arrivals = Arrivals(floor, tasks)
        tasks.create_task(arrivals.returns())
        tasks.create_task(arrivals.shop(clerks[0]))
        tasks.create_task(audit.repeat())


def _database(engine: str) -> list[Path]:
    """Return the files of an engine, if it has any."""
    kind, _, place = engine.partition(":")
    return [Path(place), Path(f"{place}-wal")] if kind == "sqlite" else []


@contextmanager
def _logged(file: Path) -> Generator[None]:
    """Keep what the server logs in a file too."""
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _program() -> str:
    """Return how a newcomer starts the same program, from where this one was started."""
    if shutil.which("frontdesk") is not None:
        return "frontdesk"
    beside = Path(sys.executable).with_name("frontdesk")
    if not beside.exists():
        return f"{sys.executable} -m router.app"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)

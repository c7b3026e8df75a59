"""Runs the demo: a server with people in it, and a search for the card numbers they gave away.

Everything is kept in a folder that is removed at the end. The people use sockets like anybody.
"""

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random  # noqa: TID251 - nothing is decided here, only played

import aiohttp

from router.app.arguments import REDIS, URL
from router.app.config import Settings
from router.app.demo import TENANT, paced
from router.app.demo_child import Order
from router.app.demo_clerks import Clerk
from router.app.demo_customers import Arrivals
from router.app.demo_drill import Drill
from router.app.demo_floor import SEATS, Floor
from router.app.demo_journal import Journal
from router.app.demo_keys import keys
from router.app.demo_redis import contents
from router.app.demo_search import Places
from router.app.demo_shop import shop
from router.app.demo_standby import Standby
from router.app.demo_supervisor import Supervisor

CLERKS = {"cleo": "Cleo", "dan": "Dan", "eva": "Eva", "finn": "Finn"}
STANDBY = ("sam", "Sam")
SEED = 1  # the same start every time
SEARCH_S = 30.0
SEARCH_S_MIN = 0.5
MEGABYTE = 1_000_000


Kept = Callable[[], Awaitable[Mapping[str, bytes]]]
"""Reads what is kept in no file, by the names of its places."""


async def no_more() -> Mapping[str, bytes]:
    """Everything is in files."""
    return {}


class Audit:
    """Searches from time to time.

    Attributes:
        hits: Every card number that was ever found, with its place.
    """

    def __init__(
        self,
        floor: Floor,
        places: Places,
        *,
        what: str,
        metrics_url: str,
        kept: Kept = no_more,
    ) -> None:
        """Search the places, what is `kept` elsewhere, and the metrics page; `what` names all."""
        self.hits: set[tuple[str, str]] = set()
        self._floor = floor
        self._places = places
        self._what = what
        self._metrics_url = metrics_url
        self._kept = kept

    async def repeat(self) -> None:
        """Search until cancelled."""
        while True:
            await asyncio.sleep(max(SEARCH_S * self._floor.pace, SEARCH_S_MIN))
            await self.search()

    async def search(self) -> None:
        """Search once and tell what came of it, never the number itself.

        While the server is killed there is nothing to ask: the next search sees it all.
        """
        with suppress(aiohttp.ClientError):
            await self._search()

    async def _search(self) -> None:
        cards = frozenset(self._floor.values.cards)
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.get(self._metrics_url) as response,
        ):
            metrics = await response.read()
        pages = {"metrics": metrics, **await self._kept()}
        found = await asyncio.to_thread(self._places.search, cards, pages)
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
        SystemExit: The server could not start, or ended.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with tempfile.TemporaryDirectory(prefix="frontdesk-demo-") as name:
        folder = Path(name)
        engine = engine or f"sqlite:{folder / 'frontdesk.db'}"
        log, notes = folder / "server.log", folder / "demo.log"
        order = Order(
            settings=paced(settings, pace),
            host=host,
            port=port,
            metrics_port=metrics_port,
            engine=engine,
            seats=SEATS,
        )
        with (
            log.open("wb") as logged,
            Journal(sys.stdout, notes, stopped.set) as journal,
        ):
            server = Supervisor(order, logged)
            try:
                await server.start()
                floor = Floor(
                    settings,
                    url=server.url,
                    journal=journal,
                    chance=Random(SEED),  # noqa: S311 - nothing secret comes of it
                    pace=pace,
                )
                audit = _audit(floor, engine, [log, notes], metrics_url=server.metrics_url)
                async with shop(host, server.url) as shop_url:
                    await _play(floor, server, audit, stopped=stopped, shop_url=shop_url)
                await audit.search()
            finally:
                await server.stop()
    if journal.is_unread:
        raise BrokenPipeError
    return 1 if audit.hits else 0


async def _play(
    floor: Floor, server: Supervisor, audit: Audit, *, stopped: asyncio.Event, shop_url: str
) -> None:
    """Let people come until it is time to stop, or raise what broke."""
    drill = Drill(floor, server)
    with keys({"k": drill.begin}) as has_keys:
        floor.journal.says(
            banner(floor, shop_url=shop_url, metrics_url=server.metrics_url, has_keys=has_keys)
        )
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(server.failed()),
                tasks.create_task(_people(floor, audit)),
                tasks.create_task(drill.repeat()),
            ]
            await stopped.wait()
            for task in running:
                task.cancel()


def banner(floor: Floor, *, shop_url: str, metrics_url: str, has_keys: bool) -> str:
    """Say where it is and what to do next."""
    program = _program()
    where = "" if floor.url == URL else f" --url {floor.url}"
    keys = "k kills the server in mid-traffic and counts what was lost. " if has_keys else ""
    return f"""
Frontdesk demo. Open the first two in two windows of a browser:

  Desk      {floor.url}/desk       choose Anna, then go available
  Shop      {shop_url}            open the chat and write to her
  Masking   {floor.url}/demo/mask  what is masked, and by which rule
  Metrics   {metrics_url}

The same in two terminals (type `available` at the desk):

  {program} desk{where} --token {floor.token("anna")}
  {program} chat{where}

Below, scripted agents and customers of the queue `returns`. {keys}Ctrl-C ends the demo.
"""


async def _people(floor: Floor, audit: Audit) -> None:
    async with asyncio.TaskGroup() as tasks:
        clerks = [Clerk(floor, agent, name) for agent, name in CLERKS.items()]
        standby = Standby(floor, *STANDBY)
        for clerk in (*clerks, standby):
            tasks.create_task(clerk.work())
        tasks.create_task(standby.watch())
        arrivals = Arrivals(floor, tasks)
        tasks.create_task(arrivals.returns())
        tasks.create_task(arrivals.shop(clerks[0]))
        tasks.create_task(audit.repeat())


def _audit(floor: Floor, engine: str, files: list[Path], *, metrics_url: str) -> Audit:
    """Search the files, and whatever the engine keeps."""
    database = _database(engine)
    kept: Kept = no_more
    what = "database, WAL, " if database else ""
    if engine.startswith(REDIS):
        what, kept = "Redis, ", partial(contents, engine, TENANT)
    return Audit(
        floor,
        Places([*database, *files]),
        what=f"{what}log, metrics",
        metrics_url=metrics_url,
        kept=kept,
    )


def _database(engine: str) -> list[Path]:
    """Return the files of an engine, if it has any."""
    kind, _, place = engine.partition(":")
    return [Path(place), Path(f"{place}-wal")] if kind == "sqlite" else []


def _program() -> str:
    """Return how a newcomer starts the same program, from where this one was started."""
    if shutil.which("frontdesk") is not None:
        return "frontdesk"
    beside = Path(sys.executable).with_name("frontdesk")
    if not beside.exists():
        return f"{sys.executable} -m router.app"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)

"""One hub: the replica that follows a shard's log, the namespaces, and what they tell the wire.

An entry is applied, told and answered, in this order, before the next one; so an answer follows
its events, and whoever reads the replica after an answer finds what it made true.
"""

from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web

from router.hub.agents import PATH as AGENT
from router.hub.agents import Agents
from router.hub.customers import PATH as CUSTOMER
from router.hub.customers import Customers
from router.hub.emission import Emission
from router.hub.events import ServerDraining
from router.hub.replica import Replica
from router.hub.sio import Bounds, Sockets
from router.hub.station import Station
from router.hub.tasks import Tasks
from router.hub.text import Texts
from router.hub.translate import translate, translate_signal
from router.kernel.ids import ConnectionId, HubId
from router.kernel.messages import AgentRemoved, CustomerAttached, CustomerPassed
from router.kernel.model import ConfigurationRecord
from router.log import log
from router.shard.client import ShardClient
from router.shard.engine import Engine, Entry, FellBehind

RECONNECT_WITHIN_MS = 5_000
"""How long clients of a draining hub may take to come back, so that not all come at once."""

STOP_WITHIN_S = 3.0
"""How long commands that were taken may still take when the hub stops."""

NOTES = log(__name__)


class HubSettings(NamedTuple):
    """What a hub is told by the configuration.

    Attributes:
        secret: What agents' tokens are signed with.
        hash_key: Keys the hashes of names that sites give their customers.
    """

    secret: str
    hash_key: bytes
    is_masking: bool = True
    bounds: Bounds = Bounds()


class Hub:
    """The sockets of one process at one shard."""

    def __init__(
        self, station: Station, sockets: Sockets, namespaces: tuple[Customers, Agents]
    ) -> None:
        """Made by `start`."""
        self.sockets = sockets
        self._station = station
        self._customers, self._agents = namespaces

    @classmethod
    async def start(
        cls,
        settings: HubSettings,
        *,
        hub: HubId,
        engine: Engine,
        client: ShardClient,
        tasks: Tasks,
        now_ms: Callable[[], int],
    ) -> "Hub":
        """Load the replica and follow the log from there."""
        sockets = Sockets(bounds=settings.bounds, tasks=tasks)
        station = Station(
            hub=hub,
            engine=engine,
            client=client,
            replica=Replica(await engine.load()),
            delivery=sockets,
            tasks=tasks,
            texts=Texts(is_masking=settings.is_masking),
            hash_key=settings.hash_key,
            now_ms=now_ms,
        )
        customers = Customers(station)
        agents = Agents(station, secret=settings.secret)
        sockets.open(CUSTOMER, customers)
        sockets.open(AGENT, agents)
        started = cls(station, sockets, (customers, agents))
        tasks.keep("follow the log", started._follow())
        tasks.keep("follow signals", started._follow_signals())
        return started

    def attach(self, app: web.Application) -> None:
        """Serve Socket.IO in a web application."""
        self.sockets.attach(app)

    def is_configured(self, digest: str) -> bool:
        """True when that configuration came through the log."""
        record = self._station.replica.find(ConfigurationRecord, "configuration")
        return record is not None and record.digest == digest

    async def drain(self) -> None:
        """Tell clients to come back, close their transports, and finish what they asked."""
        self._station.is_draining = True
        at_ms = self._station.now_ms()
        payload = ServerDraining(at=at_ms, reconnect_within_ms=RECONNECT_WITHIN_MS)
        self.sockets.tell_all("server.draining", payload)
        await self.sockets.stop(within_s=STOP_WITHIN_S)

    # -- following -------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            try:
                async for entry in self._station.engine.follow(self._station.replica.position):
                    await self._tell(entry)
            except FellBehind:
                await self._start_over()

    async def _start_over(self) -> None:
        """Entries were missed: nobody can be told what happened, so everybody starts over."""
        NOTES.warning("log.fell_behind", position=self._station.replica.position)
        self._station.replica = Replica(await self._station.engine.load())
        self.sockets.break_off()

    async def _tell(self, entry: Entry) -> None:
        station = self._station
        change = station.replica.apply(entry)
        for event in entry.events:
            if isinstance(event, CustomerAttached) and event.connection.hub == station.hub:
                self._customers.attached(event.customer, ConnectionId(event.connection.id))
            if isinstance(event, CustomerPassed):
                self._customers.passed(event.customer, event.to)
        for emission in await translate(change, station.replica, station.engine):
            self.sockets.emit(emission)
        for event in entry.events:
            if isinstance(event, AgentRemoved):
                self._agents.removed(event.agent)
        station.client.resolve(entry.answers)

    async def _follow_signals(self) -> None:
        station = self._station
        async for signal in station.engine.signals():
            told: list[Emission] = translate_signal(signal, station.replica, at_ms=station.now_ms())
            for emission in told:
                self.sockets.emit(emission, is_needed=False)

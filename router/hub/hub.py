"""One tenant's hub: the replica that follows its log, its namespaces, and what they tell the wire.

An entry is applied, told and answered, in this order, before the next one; so an answer follows
its events, and whoever reads the replica after an answer finds what it made true.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from masking.seal import Seal
from router.hub.agents import Agents
from router.hub.customers import Customers
from router.hub.emission import Emission
from router.hub.jwks import KeySets
from router.hub.limits import Limits, LimitSettings
from router.hub.links import Delivery
from router.hub.metrics import FOLLOWER_LAG_SECONDS, FOLLOWER_RESETS, start_tenant
from router.hub.replica import Replica
from router.hub.station import Station
from router.hub.tasks import Tasks
from router.hub.text import Texts
from router.hub.tokens import Signers
from router.hub.translate import translate, translate_signal
from router.kernel.errors import Refusal
from router.kernel.ids import ConnectionId, EntryPointId, HubId, TenantId
from router.kernel.messages import AgentRemoved, CustomerAttached, CustomerPassed, DrainHub
from router.kernel.model import ConfigurationRecord
from router.log import log
from router.shard.client import ShardClient
from router.shard.engine import Engine, EngineUnavailable, Entry, FellBehind, Loaded, NewerFormat

NOTE_WITHIN_S = 1.0
"""How long a drain may take to become known to the shard, which is busy with a turn at most."""

NOTES = log(__name__)


RETURN_WITHIN_MS = 5_000
"""How long clients may take to come back at a process of a newer version."""

NEWER_S = 2.0
"""Between two looks whether a store that only a newer version can read was put back."""

RELOAD_S = 0.2
"""Between two tries to read a store that is away: nobody here is told anything meanwhile."""

WORK = ("follow the log", "follow signals", "sign out")

WATCHED = frozenset({CustomerAttached, CustomerPassed, AgentRemoved})
"""Events that change who sits at a socket."""


class HubSettings(NamedTuple):
    """What a hub is told by the configuration.

    Attributes:
        signers: Who signs agents' tokens.
        seal: What seals customers' e-mail addresses and phone numbers.
        agent_origins: Pages elsewhere that may be desktops.
    """

    tenant: TenantId
    signers: Signers
    seal: Seal
    agent_origins: tuple[str, ...] = ()
    limits: LimitSettings = LimitSettings()


class Hub:
    """One tenant's sockets in one process.

    Attributes:
        customers: What its widgets are led to.
        agents: What its desktops are led to.
        is_outdated: A newer version writes what this one cannot read; nobody is let in.
    """

    def __init__(self, station: Station, customers: Customers, agents: Agents) -> None:
        """Made by `start`."""
        self._station = station
        self.customers = customers
        self.agents = agents
        self.is_outdated = False
        self._names: tuple[str, ...] = ()

    @classmethod
    async def start(
        cls,
        settings: HubSettings,
        *,
        hub: HubId,
        engine: Engine,
        client: ShardClient,
        delivery: Delivery,
        tasks: Tasks,
        now_ms: Callable[[], int],
    ) -> "Hub":
        """Load the replica and follow the log from there."""
        start_tenant(settings.tenant)
        station = Station(
            hub=hub,
            engine=engine,
            client=client,
            replica=Replica(await engine.load()),
            delivery=delivery,
            tasks=tasks,
            limits=Limits(settings.limits, now_ms=now_ms),
            keys=KeySets(tasks=tasks, clock_ms=_running_ms),
            texts=Texts(seal=settings.seal, tenant=settings.tenant),
            now_ms=now_ms,
        )
        agents = Agents(station, signers=settings.signers, origins=settings.agent_origins)
        started = cls(station, Customers(station), agents)
        started._names = tuple(f"{work} of {settings.tenant}" for work in WORK)
        follow, signals, sign_out = started._names
        tasks.keep(follow, started._follow())
        tasks.keep(signals, started._follow_signals())
        tasks.keep(sign_out, agents.sign_out())
        return started

    @property
    def is_idle(self) -> bool:
        """Nobody is here, and nobody waits for an answer."""
        is_empty = not (self.customers.is_occupied or self.agents.is_occupied)
        return is_empty and self._station.client.is_idle

    async def end(self) -> None:
        """Follow no more; whoever comes then needs another hub."""
        await self._station.tasks.end(*self._names)

    def sites_of(self, entry_point: EntryPointId) -> tuple[str, ...]:
        """The origins whose pages may show an entry point; none when there is no such one."""
        known = self._station.replica.entry_points.get(entry_point)
        return known.allowed_origins if known is not None else ()

    def is_configured(self, digest: str) -> bool:
        """True when that configuration came through the log."""
        record = self._station.replica.find(ConfigurationRecord, "configuration")
        return record is not None and record.digest == digest

    @property
    def is_configured_at_all(self) -> bool:
        """True when any configuration came through the log."""
        record = self._station.replica.find(ConfigurationRecord, "configuration")
        return record is not None and bool(record.digest)

    @property
    def id(self) -> HubId:
        """This incarnation."""
        return self._station.hub

    def begin_anew(self, hub: HubId) -> None:
        """Be another incarnation; clients connect again, and their connections are its own."""
        self._station.hub = hub
        self._station.delivery.break_off()

    @property
    def hash_key(self) -> bytes:
        """The shard's key for what clients and sites call things."""
        return self._station.hash_key

    async def drain(self, reconnect_within_ms: int) -> None:
        """Attach nobody any more, and let the shard know that all will come back elsewhere."""
        station = self._station
        station.is_draining = True
        drain = DrainHub(hub=station.hub, reconnect_within_ms=reconnect_within_ms)
        try:
            async with asyncio.timeout(NOTE_WITHIN_S):
                answered = await station.client.submit(drain)
        except TimeoutError:
            NOTES.warning("drain.not_noted", tenant=station.texts.tenant, code="timeout")
            return
        if isinstance(answered.result, Refusal):
            NOTES.warning(
                "drain.not_noted", tenant=station.texts.tenant, code=answered.result.code.value
            )

    # -- following -------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            try:
                if self.is_outdated:
                    await self._station.engine.fetch(())  # raises as long as it is
                    await self._start_over()
                    self._station.is_draining = self.is_outdated = False
                await self._follow_on()
            except NewerFormat:
                self._leave_to_newer()
            except EngineUnavailable:
                pass
            await asyncio.sleep(NEWER_S)

    def _leave_to_newer(self) -> None:
        """Send everybody where there is a process that can read what is written now."""
        if self.is_outdated:
            return
        station = self._station
        self.is_outdated = station.is_draining = True
        NOTES.warning("log.newer", tenant=station.texts.tenant)
        station.tasks.start("leave", self._leave())
        station.delivery.break_off()

    async def _leave(self) -> None:
        """Nobody is to count as lost on the way; that it was heard, nobody here can read."""
        drain = DrainHub(hub=self._station.hub, reconnect_within_ms=RETURN_WITHIN_MS)
        await self._station.client.submit(drain)

    async def _follow_on(self) -> None:
        while True:
            try:
                async for entry in self._station.engine.follow(self._station.replica.position):
                    await self._tell(entry)
            except (FellBehind, EngineUnavailable):  # or an entry could not be told whole
                await self._start_over()

    async def _start_over(self) -> None:
        """Entries were missed: nobody can be told what happened, so everybody starts over."""
        FOLLOWER_RESETS.inc()
        tenant, position = self._station.texts.tenant, self._station.replica.position
        NOTES.warning("log.fell_behind", tenant=tenant, position=position)
        self._station.replica = Replica(await self._loaded())
        self._station.delivery.break_off()
        await self._station.progress.reached(self._station.replica.position)

    async def _loaded(self) -> Loaded:
        """What the store holds, as soon as it can be read."""
        while True:
            try:
                return await self._station.engine.load()
            except EngineUnavailable:
                await asyncio.sleep(RELOAD_S)

    async def _tell(self, entry: Entry) -> None:
        station = self._station
        change = station.replica.apply(entry)
        watched = [event for event in entry.events if type(event) in WATCHED]
        for event in watched:
            if isinstance(event, CustomerAttached) and event.connection.hub == station.hub:
                self.customers.attached(event.customer, ConnectionId(event.connection.id))
            if isinstance(event, CustomerPassed):
                self.customers.passed(event.customer, event.to)
        for emission in await translate(change, station.replica, station.engine):
            station.delivery.emit(emission)
        for event in watched:
            if isinstance(event, AgentRemoved):
                self.agents.removed(event.agent)
        FOLLOWER_LAG_SECONDS.observe(max(0, station.now_ms() - entry.at_ms) / 1_000)
        station.client.resolve(entry.answers)
        await station.progress.reached(entry.position)

    async def _follow_signals(self) -> None:
        station = self._station
        async for signal in station.engine.signals():
            told: list[Emission] = translate_signal(signal, station.replica, at_ms=station.now_ms())
            for emission in told:
                station.delivery.emit(emission, is_needed=False)


def _running_ms() -> int:
    """A clock that is never set back."""
    return int(asyncio.get_running_loop().time() * 1_000)

"""Where every socket of a process comes in, and is led to its tenant; and where all are sent away.

A tenant's name stands before its entry points (`tenant/id`) and in its agents' tokens. Who serves
one tenant alone may leave it away.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol

from aiohttp import web

from router.hub.agents import PATH as AGENT
from router.hub.auth import AgentAuth, CustomerAuth, auth_of
from router.hub.customers import PATH as CUSTOMER
from router.hub.door import Door
from router.hub.drain import send_away
from router.hub.errors import connection_refused
from router.hub.hub import Hub
from router.hub.limits import Limits, LimitSettings
from router.hub.links import Handshake, Namespace
from router.hub.rooms import Rooms
from router.hub.sio import Bounds, Sockets
from router.hub.text import has_control_characters
from router.hub.tokens import tenant_of
from router.kernel.errors import RefusalCode
from router.kernel.ids import EntryPointId, TenantId
from router.shard.engine import EngineError

STOP_WITHIN_S = 3.0
"""How long commands that were taken may still take when a process stops."""


class Host(Protocol):
    """A tenant, to whom sockets are led."""

    @property
    def present(self) -> Hub | None:
        """Its hub, while there is one."""
        ...

    async def hub(self) -> Hub:
        """Its hub, from now on; waits only for a future.

        Raises:
            EngineError: The store cannot be used now.
        """
        ...


class LobbySettings(NamedTuple):
    """What holds for all sockets of a process.

    Attributes:
        reconnect_within_ms: How long clients may take to come back after a drain.
    """

    bounds: Bounds = Bounds()
    limits: LimitSettings = LimitSettings()
    reconnect_within_ms: int = 5_000


class Lobby:
    """The sockets of one process."""

    def __init__(self, settings: LobbySettings, *, now_ms: Callable[[], int]) -> None:
        """Let nobody in before there is a tenant."""
        self._sockets = Sockets(bounds=settings.bounds)
        self._reconnect_within_ms = settings.reconnect_within_ms
        self._now_ms = now_ms
        self._hosts: dict[TenantId, Host] = {}
        limits = Limits(settings.limits, now_ms=now_ms)
        self._sockets.open(CUSTOMER, Door(self._customers, limits))
        self._sockets.open(AGENT, Door(self._agents, limits))

    def rooms(self) -> Rooms:
        """The rooms of a tenant."""
        return self._sockets.rooms()

    def add(self, tenant: TenantId, host: Host) -> None:
        """Lead a tenant's sockets to its hub from now on."""
        self._hosts[tenant] = host

    def attach(self, app: web.Application) -> None:
        """Serve Socket.IO in a web application."""
        self._sockets.attach(app)

    async def sites_of(self, entry_point: str) -> tuple[str, ...]:
        """The origins whose pages may show an entry point; none when there is no such one."""
        host, name = self._led(entry_point)
        return (await host.hub()).sites_of(EntryPointId(name)) if host else ()

    async def drain(self) -> None:
        """Tell clients to come back, close their transports, and finish what they asked.

        The shards know of it first: from then on nothing new is offered here, and nothing that is
        pending is lost.
        """
        within_ms = self._reconnect_within_ms
        sockets = self._sockets.turn_away()
        hubs = [host.present for host in self._hosts.values()]
        await asyncio.gather(*(hub.drain(within_ms) for hub in hubs if hub))
        await send_away(sockets, reconnect_within_ms=within_ms, now_ms=self._now_ms)
        await self._sockets.stop(within_s=STOP_WITHIN_S)

    # -- leading ---------------------------------------------------------------------------------

    def _led(self, entry_point: str) -> tuple[Host | None, str]:
        """Whose an entry point is, and its id there."""
        tenant, slash, name = entry_point.rpartition("/")
        return (self._hosts.get(TenantId(tenant)) if slash else self._only()), name

    def _only(self) -> Host | None:
        """The only tenant, who need not be named."""
        return next(iter(self._hosts.values())) if len(self._hosts) == 1 else None

    async def _customers(self, handshake: Handshake) -> Namespace:
        entry_point = auth_of(CustomerAuth, handshake.auth).entry_point
        host, _ = self._led(entry_point)
        if host is not None:
            return (await self._hub_of(host)).customers
        if has_control_characters(entry_point):
            code, hint = RefusalCode.INVALID, "control characters are not taken"
        else:
            code, hint = RefusalCode.NOT_FOUND, "there is none of this id"
        raise connection_refused(code, hint, path="entry_point")

    async def _agents(self, handshake: Handshake) -> Namespace:
        host = self._only()
        if host is None:
            token = auth_of(AgentAuth, handshake.auth).token
            if not token:
                raise connection_refused(RefusalCode.UNAUTHENTICATED, "there is no token")
            host = self._hosts.get(TenantId(tenant_of(token) or ""))
        if host is None:
            hint = "the token is not good: it names no tenant that is served here"
            raise connection_refused(RefusalCode.UNAUTHENTICATED, hint)
        return (await self._hub_of(host)).agents

    @staticmethod
    async def _hub_of(host: Host) -> Hub:
        try:
            return await host.hub()
        except EngineError:
            hint = "nothing can be read now; connect again"
            raise connection_refused(RefusalCode.UNAVAILABLE, hint) from None

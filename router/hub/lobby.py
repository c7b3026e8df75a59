"""Where every socket of a process comes in, and is led to its tenant; and where all are sent away.

A tenant's name stands before its entry points (`tenant/id`) and in its agents' tokens. Who serves
one tenant alone may leave it away.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

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

STOP_WITHIN_S = 3.0
"""How long commands that were taken may still take when a process stops."""


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
        self._hubs: dict[TenantId, Hub] = {}
        limits = Limits(settings.limits, now_ms=now_ms)
        self._sockets.open(CUSTOMER, Door(self._customers, limits))
        self._sockets.open(AGENT, Door(self._agents, limits))

    def rooms(self) -> Rooms:
        """The rooms of a tenant."""
        return self._sockets.rooms()

    def add(self, tenant: TenantId, hub: Hub) -> None:
        """Lead a tenant's sockets to its hub from now on."""
        self._hubs[tenant] = hub

    def attach(self, app: web.Application) -> None:
        """Serve Socket.IO in a web application."""
        self._sockets.attach(app)

    def sites_of(self, entry_point: str) -> tuple[str, ...]:
        """The origins whose pages may show an entry point; none when there is no such one."""
        hub, name = self._led(entry_point)
        return hub.sites_of(EntryPointId(name)) if hub else ()

    async def drain(self) -> None:
        """Tell clients to come back, close their transports, and finish what they asked.

        The shards know of it first: from then on nothing new is offered here, and nothing that is
        pending is lost.
        """
        within_ms = self._reconnect_within_ms
        sockets = self._sockets.turn_away()
        await asyncio.gather(*(hub.drain(within_ms) for hub in self._hubs.values()))
        await send_away(sockets, reconnect_within_ms=within_ms, now_ms=self._now_ms)
        await self._sockets.stop(within_s=STOP_WITHIN_S)

    # -- leading ---------------------------------------------------------------------------------

    def _led(self, entry_point: str) -> tuple[Hub | None, str]:
        """Whose an entry point is, and its id there."""
        tenant, slash, name = entry_point.rpartition("/")
        return (self._hubs.get(TenantId(tenant)) if slash else self._only()), name

    def _only(self) -> Hub | None:
        """The hub of the only tenant, who need not be named."""
        return next(iter(self._hubs.values())) if len(self._hubs) == 1 else None

    def _customers(self, handshake: Handshake) -> Namespace:
        entry_point = auth_of(CustomerAuth, handshake.auth).entry_point
        hub, _ = self._led(entry_point)
        if hub is not None:
            return hub.customers
        if has_control_characters(entry_point):
            code, hint = RefusalCode.INVALID, "control characters are not taken"
        else:
            code, hint = RefusalCode.NOT_FOUND, "there is none of this id"
        raise connection_refused(code, hint, path="entry_point")

    def _agents(self, handshake: Handshake) -> Namespace:
        hub = self._only()
        if hub is None:
            token = auth_of(AgentAuth, handshake.auth).token
            if not token:
                raise connection_refused(RefusalCode.UNAUTHENTICATED, "there is no token")
            hub = self._hubs.get(TenantId(tenant_of(token) or ""))
        if hub is None:
            hint = "the token is not good: it names no tenant that is served here"
            raise connection_refused(RefusalCode.UNAUTHENTICATED, hint)
        return hub.agents

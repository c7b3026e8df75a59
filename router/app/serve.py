"""Starts a whole Frontdesk in one process, and stops it so that nobody notices.

The only place that reads the wall clock and hears signals; everything below is handed what it
needs.
"""

import asyncio
import os
import secrets
import signal
import time
from asyncio import gather
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from aiohttp import web

from router.app.announce import announce
from router.app.config import Settings
from router.app.folder import shared_by
from router.app.life import HUB_TTL_MS, stay_alive
from router.app.runtime import settle
from router.app.stores import Stores, open_stores
from router.app.tenant import Tenant, limits_of, name_unserved
from router.app.version import version
from router.hub.errors import TaskCrashed
from router.hub.http import expect_nothing, main_app, metrics_app
from router.hub.lobby import Lobby, LobbySettings
from router.hub.metrics import BUILD_INFO, SOCKETS_MAX
from router.hub.pages import Pages, without_demo
from router.hub.sio import Bounds
from router.hub.tasks import Tasks
from router.kernel.ids import HubId
from router.log import log
from router.shard.engine import EngineError, EngineUnavailable
from router.shard.formats import life_of

ALIVE = "stay alive"

READY_WITHIN_S = 30.0
"""A store that takes longer to open is looked at by somebody."""

NOTES = log(__name__)

Extra: TypeAlias = Callable[[web.Application], object]
"""Adds what else the main port serves."""


def wall_clock_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000  # noqa: TID251 - the only wall clock of the server


class Server:
    """One process: the tenants it serves, and the ports it listens on.

    Attributes:
        url: Where it listens, once started.
        metrics_url: The page of its metrics, once started.
    """

    def __init__(
        self,
        tenants: Sequence[Settings],
        *,
        host: str,
        port: int,
        engine: str,
        metrics_port: int = 0,
        hub: str | None = None,
        clock: Callable[[], int] = wall_clock_ms,
        extra: Extra = without_demo,
    ) -> None:
        """Nothing happens until `start`.

        Args:
            tenants: Configurations without mistakes, which fit together.
            host: The address to listen on.
            port: 0 is any free one.
            engine: As `open_stores` takes it.
            metrics_port: 0 is the main port.
            hub: What this process is called among several that share the port.
            clock: Milliseconds since the Unix epoch.
            extra: What else is served.
        """
        self.url = ""
        self.metrics_url = ""
        self._settings = tenants
        self._host = host
        self._port = port
        self._metrics_port = metrics_port
        self._engine_name = engine
        self._clock = clock
        self._extra = extra
        self._is_one_of_several = hub is not None
        self._name = hub or secrets.token_hex(8)
        self._hub = life_of(self._name, 1)
        self._stores: Stores | None = None
        self._tenants: list[Tenant] = []
        self._runners: list[web.AppRunner] = []
        self._is_stopping = False

    async def start(self) -> None:
        """Open the stores, take the leases, follow the logs, listen; in this order.

        Raises:
            EngineError: A store cannot be used.
            TaskCrashed: A writer ended while it started.
            OSError: The port cannot be used.
        """
        BUILD_INFO.labels(version=version()).set(1)
        SOCKETS_MAX.set(shared_by(self._settings).server.sockets_max)
        self._tasks = Tasks()
        self._lobby = Lobby(_lobby_settings(self._settings), now_ms=self._clock)
        try:
            self._stores = await open_stores(
                self._engine_name,
                environ=os.environ,
                tasks=self._tasks,
                durability=shared_by(self._settings).server.durability,
            )
            await self._stores.hubs.announce(self._hub, ttl_ms=HUB_TTL_MS)
            self._tasks.keep(ALIVE, stay_alive(self._stores.hubs, self._name, self._begin_anew))
            for settings in self._settings:
                await self._open(settings)
            await self._ready()
            await self._listen()
        except BaseException:
            await self._close()
            raise

    async def _open(self, settings: Settings) -> None:
        assert self._stores is not None, "opened first"
        tenant = settings.configuration.tenant
        opened = Tenant(
            settings,
            await self._stores.open(tenant, is_alone=settings.is_alone),
            name=self._name,
            hub=self._hub,
            hubs=self._stores.hubs,
            tasks=self._tasks,
            clock=self._clock,
            is_shared=self._stores.are_shared,
        )
        self._tenants.append(opened)
        await opened.start(self._lobby)

    def _begin_anew(self, hub: HubId) -> None:
        """Be another hub incarnation: the former one was counted as lost."""
        self._hub = hub
        NOTES.warning("hub.counted_as_lost")
        for tenant in self._tenants:
            tenant.begin_anew(hub)

    async def stop(self) -> None:
        """Stop taking traffic, send clients elsewhere, release the leases, close the stores.

        A second time does nothing.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        await self._lobby.drain()
        await self._close()

    async def _close(self) -> None:
        await gather(*(tenant.stop(within_s=READY_WITHIN_S) for tenant in self._tenants))
        await self._tasks.end(ALIVE)
        if self._stores is not None:
            with suppress(EngineError):  # its time runs out by itself too
                await self._stores.hubs.withdraw(self._hub)
        for runner in self._runners:
            await runner.cleanup()
        await self._tasks.stop()
        await gather(*(tenant.close() for tenant in self._tenants))
        if self._stores is not None:
            await self._stores.close()

    async def failed(self) -> None:
        """Wait until something that must not end has ended.

        Raises:
            EngineError: A store cannot be used any more.
            TaskCrashed: Something else ended.
        """
        try:
            await asyncio.shield(self._tasks.failure)
        except TaskCrashed as crashed:
            faults = (tenant.fault for tenant in self._tenants if tenant.fault)
            raise next(faults, crashed) from None

    def is_ready(self) -> bool:
        """True while clients may come."""
        is_whole = not self._is_stopping and not self._tasks.failure.done()
        return is_whole and all(tenant.is_served() for tenant in self._tenants)

    async def reload(self) -> None:
        """Read every tenant's file again and put it in force."""
        for tenant in self._tenants:
            await tenant.reload()

    def reload_soon(self) -> None:
        """As `reload`, from a signal."""
        self._tasks.start("reload", self.reload())

    # -- starting --------------------------------------------------------------------------------

    async def _ready(self) -> None:
        waiting = self._tenants
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while waiting := [tenant for tenant in waiting if not tenant.is_served()]:
                    if self._tasks.failure.done():
                        await self.failed()
                    await asyncio.sleep(0.01)  # nothing tells: this is once, at the start
        except TimeoutError:
            why = waiting[0].why_not() or f"the store was not loaded in {READY_WITHIN_S:.0f} s"
            raise EngineUnavailable(why) from None

    async def _listen(self) -> None:
        has_own_port = self._metrics_port != 0
        app = main_app(self.is_ready, has_metrics=not has_own_port)
        self._lobby.attach(app)
        Pages(self._lobby.sites_of).attach(app)
        self._extra(app)
        self.url = at = await self._site(app, self._port, is_shared=self._is_one_of_several)
        if has_own_port:
            at = await self._site(metrics_app(), self._metrics_port)
        self.metrics_url = f"{at}/metrics"

    async def _site(self, app: web.Application, port: int, *, is_shared: bool = False) -> str:
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1.0,
            # How long a request may take to arrive, the first one too.
            keepalive_timeout=shared_by(self._settings).server.connect_timeout_ms / 1_000,
        )
        await runner.setup()
        expect_nothing(runner)
        self._runners.append(runner)
        await web.TCPSite(runner, self._host, port, reuse_port=is_shared or None).start()
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{runner.addresses[0][1]}"


async def serve(
    tenants: Sequence[Settings],
    *,
    host: str,
    port: int,
    metrics_port: int,
    engine: str,
    hub: str | None = None,
    extra: Extra = without_demo,
) -> int:
    """Serve until a signal ends it, and return the exit code.

    Raises:
        SystemExit: It could not start, or something broke that cannot be healed; the text says
            what.
    """
    for settings in tenants:
        name_unserved(settings)
    server = Server(
        tenants,
        host=host,
        port=port,
        metrics_port=metrics_port,
        engine=engine,
        hub=hub,
        extra=extra,
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    reloading = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, reloading.set)
    try:
        await server.start()
    except (EngineError, OSError, TaskCrashed) as error:
        raise SystemExit(f"frontdesk: cannot start: {_why(error)}") from error
    loop.add_signal_handler(signal.SIGHUP, server.reload_soon)
    if reloading.is_set():
        server.reload_soon()
    settle()
    announce(server.url, is_to_parent=hub is not None)
    try:
        await _first(stopping, server)
    except (EngineError, TaskCrashed) as error:
        raise SystemExit(f"frontdesk: stopped: {_why(error)}") from error
    finally:
        await server.stop()
    return 0


async def _first(stopping: asyncio.Event, server: Server) -> None:
    """Wait for a signal, or raise what broke."""
    try:
        async with asyncio.TaskGroup() as group:
            failed = group.create_task(server.failed())
            await stopping.wait()
            failed.cancel()
    except ExceptionGroup as broken:
        raise broken.exceptions[0] from None  # there is one task, so there is one


def _lobby_settings(tenants: Sequence[Settings]) -> LobbySettings:
    settings = shared_by(tenants)
    server, limits = settings.server, settings.limits
    return LobbySettings(
        bounds=Bounds(
            ping_interval_ms=server.ping_interval_ms,
            ping_timeout_ms=server.ping_timeout_ms,
            connect_timeout_ms=server.connect_timeout_ms,
            send_queue_packets_max=server.send_queue_packets_max,
            send_queue_bytes_max=server.send_queue_bytes_max,
            trusted_hops=server.trusted_hops,
            sockets_max=server.sockets_max,
            sockets_per_address=limits.sockets_per_address,
        ),
        limits=limits_of(settings),
        reconnect_within_ms=server.reconnect_within_ms,
    )


def _why(error: Exception) -> str:
    match error:
        case TaskCrashed():
            return f"a part of the server ended ({error}): a bug; the log has its place"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(error) or type(error).__name__

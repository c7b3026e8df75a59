"""Starts a whole Frontdesk in one process, and stops it so that nobody notices.

The only place that picks an engine, reads the wall clock and hears signals; everything below is
handed what it needs.
"""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from aiohttp import web

from masking.seal import Seal
from router.app.config import Settings, load
from router.app.mistakes import ConfigurationInvalid
from router.app.restart import check_tenant, needs_restart
from router.app.runtime import settle
from router.app.unserved import unserved
from router.app.version import version
from router.hub.errors import TaskCrashed
from router.hub.http import main_app, metrics_app
from router.hub.hub import Hub, HubSettings
from router.hub.limits import LimitSettings
from router.hub.metrics import BUILD_INFO, SOCKETS_MAX
from router.hub.pages import Pages, without_demo
from router.hub.sio import Bounds
from router.hub.tasks import Tasks
from router.hub.tokens import Signers
from router.kernel.errors import Refusal
from router.kernel.ids import HubId
from router.kernel.messages import Configure
from router.kernel.model import ConfigurationRecord, key_of
from router.log import log
from router.shard.client import ShardClient, digest_of
from router.shard.engine import Engine, EngineError, EngineUnavailable
from router.shard.loop import Shard
from router.shard.memory import MemoryEngine
from router.shard.sqlite import SqliteEngine

COMMAND_TIMEOUT_MS = 5_000
"""How long a client waits for an answer before it hears `unavailable`: a takeover takes less."""

COMMANDS_PENDING_MAX = 10_000
"""As many as the inbox of an embedded engine holds."""

READY_WITHIN_S = 30.0
"""A store that takes longer to open is looked at by somebody."""

CONFIGURATION = key_of(ConfigurationRecord())

NOTES = log(__name__)

Extra: TypeAlias = Callable[[web.Application], object]
"""Adds what else the main port serves."""


class Nonces:
    """Random bytes from the system, fetched for many at once: asking costs more than they do."""

    def __init__(self) -> None:
        """Begin with none."""
        self._bytes = b""
        self._taken = 0

    def take(self) -> bytes:
        """16 that nobody has seen."""
        if self._taken == len(self._bytes):
            self._bytes = secrets.token_bytes(4_096)
            self._taken = 0
        self._taken += 16
        return self._bytes[self._taken - 16 : self._taken]


def wall_clock_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000  # noqa: TID251 - the only wall clock of the server


class Server:
    """One process: an engine, its writer, a hub, and the ports it listens on.

    Attributes:
        url: Where it listens, once started.
        metrics_url: The page of its metrics, once started.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        host: str,
        port: int,
        engine: str,
        metrics_port: int = 0,
        clock: Callable[[], int] = wall_clock_ms,
        extra: Extra = without_demo,
    ) -> None:
        """Nothing happens until `start`.

        Args:
            settings: A configuration without mistakes.
            host: The address to listen on.
            port: 0 is any free one.
            engine: `memory:` or `sqlite:PATH`.
            metrics_port: 0 is the main port.
            clock: Milliseconds since the Unix epoch.
            extra: What else is served.
        """
        self.url = ""
        self.metrics_url = ""
        self._settings = self._running = settings
        self._host = host
        self._port = port
        self._metrics_port = metrics_port
        self._engine_name = engine
        self._clock = clock
        self._extra = extra
        self._hub_id = HubId(secrets.token_hex(8))
        self._runners: list[web.AppRunner] = []
        self._is_stopping = False
        self._fault: EngineError | None = None

    async def start(self) -> None:
        """Open the store, take the lease, follow the log, listen; in this order.

        Raises:
            EngineError: The store cannot be used.
            TaskCrashed: The writer ended while it started.
            OSError: The port cannot be used.
        """
        BUILD_INFO.labels(version=version()).set(1)
        SOCKETS_MAX.set(self._settings.server.sockets_max)
        self._tasks = Tasks()
        self._engine = await self._opened()
        self._client = ShardClient(
            self._engine,
            hub=self._hub_id,
            timeout_ms=COMMAND_TIMEOUT_MS,
            pending_max=COMMANDS_PENDING_MAX,
        )
        self._shard = Shard(
            self._engine,
            holder=self._hub_id,
            clock=self._clock,
            nonce=Nonces().take,
            hubs=lambda: (self._hub_id,),
            configure=_configure(self._settings),
        )
        self._tasks.keep("write", self._write())
        try:
            await self._start_hub()
        except BaseException:
            await self._close()
            raise

    async def _opened(self) -> Engine:
        """Open the store, unless it is another tenant's: seals and tokens would not fit."""
        engine = await _opened(self._engine_name)
        kept = (await engine.fetch([CONFIGURATION])).records.get(CONFIGURATION)
        if (
            isinstance(kept, ConfigurationRecord)
            and kept.digest  # of a store that nobody has configured yet there is none
            and kept.configuration.tenant != self._settings.configuration.tenant
        ):
            await engine.close()
            raise EngineUnavailable(
                "the store is another tenant's: give --engine another, or its name as tenant.id"
            )
        return engine

    async def _write(self) -> None:
        try:
            await self._shard.run()
        except EngineError as fault:  # told by `failed`, as an operator needs it
            self._fault = fault

    async def _start_hub(self) -> None:
        self._hub = await Hub.start(
            self._hub_settings(),
            hub=self._hub_id,
            engine=self._engine,
            client=self._client,
            tasks=self._tasks,
            now_ms=self._clock,
        )
        await self._ready()
        self._client.hash_key = self._hub.hash_key
        await self._listen()

    async def stop(self) -> None:
        """Stop taking traffic, send clients elsewhere, release the lease, close the store.

        A second time does nothing.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        await self._hub.drain()
        await self._close()

    async def _close(self) -> None:
        self._shard.stop()
        await self._tasks.ended("write", within_s=READY_WITHIN_S)
        for runner in self._runners:
            await runner.cleanup()
        await self._tasks.stop()
        await self._engine.close()

    async def failed(self) -> None:
        """Wait until something that must not end has ended.

        Raises:
            EngineError: The store cannot be used any more.
            TaskCrashed: Something else ended.
        """
        try:
            await asyncio.shield(self._tasks.failure)
        except TaskCrashed as crashed:
            raise self._fault or crashed from None

    def is_ready(self) -> bool:
        """True while clients may come."""
        return not self._is_stopping and self._shard.is_writing and not self._tasks.failure.done()

    async def reload(self) -> None:
        """Read the file again and put it in force; a file with mistakes changes nothing.

        What holds from start to end is named, each time the file differs from the start in it.
        """
        if not self._settings.source:
            NOTES.warning("configuration.no_file")
            return
        try:
            settings = load(Path(self._settings.source), os.environ)
            check_tenant(self._running, settings)
        except ConfigurationInvalid as invalid:
            for path, message, hint in invalid.mistakes:
                NOTES.warning("configuration.mistake", path=path, message=message, hint=hint)
            NOTES.warning("configuration.kept", mistakes=len(invalid.mistakes))
            return
        answered = await self._client.submit(_configure(settings))
        if isinstance(answered.result, Refusal):
            NOTES.warning("configuration.refused", code=answered.result.code.value)
            return
        self._settings = settings
        for path in needs_restart(self._running, settings):
            NOTES.warning("configuration.needs_restart", path=path)
        _name_unserved(settings)
        NOTES.info("configuration.reloaded", agents=len(settings.agents))

    def reload_soon(self) -> None:
        """As `reload`, from a signal."""
        self._tasks.start("reload", self.reload())

    # -- starting --------------------------------------------------------------------------------

    async def _ready(self) -> None:
        digest = _configure(self._settings).digest
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not (self.is_ready() and self._hub.is_configured(digest)):
                    if self._tasks.failure.done():
                        await self.failed()
                    await asyncio.sleep(0.01)  # nothing tells: this is once, at the start
        except TimeoutError:
            why = self._shard.fault or f"the store was not loaded in {READY_WITHIN_S:.0f} s"
            raise EngineUnavailable(why) from None

    async def _listen(self) -> None:
        has_own_port = self._metrics_port != 0
        app = main_app(self.is_ready, has_metrics=not has_own_port)
        self._hub.attach(app)
        Pages(self._hub.sites_of).attach(app)
        self._extra(app)
        self.url = at = await self._site(app, self._port)
        if has_own_port:
            at = await self._site(metrics_app(), self._metrics_port)
        self.metrics_url = f"{at}/metrics"

    async def _site(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1.0,
            # How long a request may take to arrive, the first one too.
            keepalive_timeout=self._settings.server.connect_timeout_ms / 1_000,
        )
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, self._host, port).start()
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{runner.addresses[0][1]}"

    def _hub_settings(self) -> HubSettings:
        server, limits = self._settings.server, self._settings.limits
        return HubSettings(
            signers=Signers(self._settings.auth.secret, self._settings.auth.jwks_url),
            seal=_seal(self._settings),
            agent_origins=server.agent_origins,
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
            limits=LimitSettings(
                connects_per_minute=limits.connects_per_minute,
                connects_per_second=limits.connects_per_second,
                sockets_per_address=limits.sockets_per_address,
                customer_messages_per_second=limits.customer_messages_per_second,
                customer_messages_burst=limits.customer_messages_burst,
                agent_messages_per_second=limits.agent_messages_per_second,
                commands_per_second=limits.commands_per_second,
            ),
            reconnect_within_ms=server.reconnect_within_ms,
        )


async def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    metrics_port: int,
    engine: str,
    extra: Extra = without_demo,
) -> int:
    """Serve until a signal ends it, and return the exit code.

    Raises:
        SystemExit: It could not start, or something broke that cannot be healed; the text says
            what.
    """
    _name_unserved(settings)
    server = Server(
        settings, host=host, port=port, engine=engine, metrics_port=metrics_port, extra=extra
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
    print(f"listening on {server.url}", flush=True)
    try:
        await _first(stopping, server)
    except (EngineError, TaskCrashed) as error:
        raise SystemExit(f"frontdesk: stopped: {_why(error)}") from error
    finally:
        await server.stop()
    return 0


def _name_unserved(settings: Settings) -> None:
    for path in unserved(settings):
        NOTES.warning("configuration.not_served_yet", path=path)


async def _first(stopping: asyncio.Event, server: Server) -> None:
    """Wait for a signal, or raise what broke."""
    try:
        async with asyncio.TaskGroup() as group:
            failed = group.create_task(server.failed())
            await stopping.wait()
            failed.cancel()
    except ExceptionGroup as broken:
        raise broken.exceptions[0] from None  # there is one task, so there is one


def _seal(settings: Settings) -> Seal:
    masking = settings.masking
    tenant = settings.configuration.tenant
    return Seal(masking.seal_key, tenant=tenant, former=masking.former_seal_keys)


def _configure(settings: Settings) -> Configure:
    return Configure(
        configuration=settings.configuration,
        agents=settings.agents,
        digest=digest_of(settings.configuration, settings.agents),
    )


async def _opened(name: str) -> Engine:
    kind, _, place = name.partition(":")
    match kind, place:
        case "memory", "":
            return MemoryEngine()
        case "sqlite", str() if place:
            return await SqliteEngine.open(Path(place))
        case _:
            raise SystemExit("frontdesk: --engine takes memory: or sqlite:PATH")


def _why(error: Exception) -> str:
    match error:
        case TaskCrashed():
            return f"a part of the server ended ({error}): a bug; the log has its place"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(error) or type(error).__name__

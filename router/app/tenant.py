"""One tenant in this process: its store, the writer of its shard, and its hub."""

import asyncio
import os
import secrets
from collections.abc import Callable

from masking.seal import Seal
from router.app.config import Settings
from router.app.folder import load_again
from router.app.mistakes import ConfigurationInvalid
from router.app.restart import check_tenant, needs_restart
from router.app.unserved import unserved
from router.hub.hub import Hub, HubSettings
from router.hub.limits import LimitSettings
from router.hub.lobby import Lobby
from router.hub.rooms import Rooms
from router.hub.tasks import Tasks
from router.hub.tokens import Signers
from router.kernel.errors import Refusal
from router.kernel.ids import HubId, TenantId
from router.kernel.messages import Configure
from router.kernel.model import ConfigurationRecord, key_of
from router.log import log
from router.shard.client import ShardClient, digest_of
from router.shard.engine import Engine, EngineError, EngineUnavailable, Hubs
from router.shard.loop import Shard
from router.shard.writer import ShardLimits

COMMAND_TIMEOUT_MS = 5_000
"""How long a client waits for an answer before it hears `unavailable`: a takeover takes less."""

RETRY_S = 0.1
"""Between two tries to have the configuration put in force while nobody writes yet."""

REST_S = 60.0
"""Without a socket for so long, a tenant's log is followed no more: loading it again takes some
milliseconds, and people who come back in a minute should not wait for it."""

COMMANDS_PENDING_MAX = 10_000
"""As many as the inbox of an embedded engine holds."""

CONFIGURATION = key_of(ConfigurationRecord())

NOTES = log(__name__)


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


class Tenant:
    """Whose contacts are served, from an open store to a closed one.

    Attributes:
        id: What it is called.
        fault: Why the store cannot be used any more; None while it can.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        *,
        name: str,
        hub: HubId,
        hubs: Hubs,
        tasks: Tasks,
        clock: Callable[[], int],
        is_shared: bool = False,
    ) -> None:
        """Nothing happens until `start`; ``name`` is the process, ``hub`` its first life.

        A store that ``is_shared`` is written by other processes too: this one has a hub only while
        it has sockets, and leaves what is asked to the next writer when it stops.
        """
        self.id: TenantId = settings.configuration.tenant
        self.fault: EngineError | None = None
        self._settings = self._running = settings
        self._engine = engine
        self._hub_id = hub
        self._tasks = tasks
        self._clock = clock
        self._is_shared = is_shared
        self._rooms: Callable[[], Rooms] | None = None
        self._hub: Hub | None = None
        self._waking: asyncio.Future[Hub] | None = None
        self._asked_s = 0.0
        self._is_configured = False
        self._client = ShardClient(
            engine, hub=hub, timeout_ms=COMMAND_TIMEOUT_MS, pending_max=COMMANDS_PENDING_MAX
        )
        self._shard = Shard(
            engine,
            name=self.id,
            holder=name,
            hub=hub,
            clock=clock,
            nonce=Nonces().take,
            hubs=hubs,
            limits=ShardLimits(turns_left_max=0) if is_shared else None,
        )

    async def start(self, lobby: Lobby) -> None:
        """Take the lease, follow the log, and let sockets in.

        Raises:
            EngineError: The store cannot be used.
        """
        await self._check_owner()
        self._tasks.keep(self._writing, self._write())
        self._rooms = lobby.rooms
        lobby.add(self.id, self)
        self._tasks.start(f"configure {self.id}", self._configure(await self.hub()))
        if self._is_shared:
            self._tasks.keep(f"rest {self.id}", self._rest())

    async def _configure(self, hub: Hub) -> None:
        """Put the configuration of the start in force, unless it is, as soon as somebody writes.

        An older process that writes does not know all that may be configured now. Until it is gone,
        who comes here is served by what is in force.
        """
        configure = _configure(self._settings)
        while not hub.is_configured(configure.digest):
            answered = await self._client.submit(configure)
            if not isinstance(answered.result, Refusal):
                break
            if self._shard.is_waiting and hub.is_configured_at_all:
                self._client.hash_key = hub.hash_key
                self._is_configured = True
            await asyncio.sleep(RETRY_S)
        self._client.hash_key = hub.hash_key
        self._is_configured = True

    # -- the hub ---------------------------------------------------------------------------------

    @property
    def present(self) -> Hub | None:
        """The hub, while there is one."""
        return self._hub

    async def hub(self) -> Hub:
        """The hub, which follows the log from now on; see `Host.hub`."""
        loop = asyncio.get_running_loop()
        self._asked_s = loop.time()
        if self._hub is not None:
            return self._hub
        if self._waking is None:
            self._waking = loop.create_future()
            self._tasks.start(f"wake {self.id}", self._wake(self._waking))
        return await asyncio.shield(self._waking)

    async def _wake(self, waking: asyncio.Future[Hub]) -> None:
        assert self._rooms is not None, "it was started"
        try:
            self._hub = await Hub.start(
                self._hub_settings(),
                hub=self._hub_id,
                engine=self._engine,
                client=self._client,
                delivery=self._rooms(),
                tasks=self._tasks,
                now_ms=self._clock,
            )
        except EngineError as fault:
            waking.set_exception(fault)
        else:
            if self._hub.id != self._hub_id:  # it was counted as lost meanwhile
                self._hub.begin_anew(self._hub_id)
            waking.set_result(self._hub)
        finally:
            self._waking = None

    async def _rest(self) -> None:
        """Follow no log of which nobody here is told; other processes may have its sockets."""
        while True:
            await asyncio.sleep(REST_S / 2)
            since_s = asyncio.get_running_loop().time() - self._asked_s
            hub = self._hub
            if hub is not None and self._is_configured and hub.is_idle and since_s > REST_S:
                self._hub = None
                await hub.end()

    async def _check_owner(self) -> None:
        """See that the store is not another tenant's: seals and tokens would not fit."""
        kept = (await self._engine.fetch([CONFIGURATION])).records.get(CONFIGURATION)
        if (
            isinstance(kept, ConfigurationRecord)
            and kept.digest  # of a store that nobody has configured yet there is none
            and kept.configuration.tenant != self.id
        ):
            raise EngineUnavailable(
                "the store is another tenant's: give --engine another, or its name as tenant.id"
            )

    @property
    def _writing(self) -> str:
        return f"write {self.id}"

    async def _write(self) -> None:
        try:
            await self._shard.run()
        except EngineError as fault:  # told by the server, as an operator needs it
            self.fault = fault

    def begin_anew(self, hub: HubId) -> None:
        """Be another hub incarnation: all connections of the former one were counted as lost."""
        self._hub_id = self._shard.hub = hub
        self._client.begin_anew(hub)
        if self._hub is not None:
            self._hub.begin_anew(hub)

    def is_served(self) -> bool:
        """True while a configuration is in force and commands are decided, here or elsewhere."""
        is_read = self._hub is None or not self._hub.is_outdated
        is_decided = self._shard.is_writing or self._shard.is_waiting
        return self._is_configured and is_decided and is_read

    def why_not(self) -> str:
        """What the store said when it was last tried; empty while it works."""
        return self._shard.fault

    async def stop(self, *, within_s: float) -> None:
        """Do what was asked, and release the lease."""
        self._shard.stop()
        await self._tasks.ended(self._writing, within_s=within_s)

    async def close(self) -> None:
        """Close the store, when nothing uses it any more."""
        await self._engine.close()

    async def reload(self) -> None:
        """Read the file again and put it in force; a file with mistakes changes nothing.

        What holds from start to end is named, each time the file differs from the start in it.
        """
        if not self._settings.source:
            NOTES.warning("configuration.no_file", tenant=self.id)
            return
        try:
            settings = load_again(self._settings, os.environ)
            check_tenant(self._running, settings)
        except ConfigurationInvalid as invalid:
            for path, message, hint in invalid.mistakes:
                NOTES.warning(
                    "configuration.mistake", tenant=self.id, path=path, message=message, hint=hint
                )
            NOTES.warning("configuration.kept", tenant=self.id, mistakes=len(invalid.mistakes))
            return
        try:
            await self.hub()  # which hears the answer
        except EngineError:
            NOTES.warning("configuration.kept", tenant=self.id, mistakes=0)
            return
        answered = await self._client.submit(_configure(settings))
        if isinstance(answered.result, Refusal):
            NOTES.warning("configuration.refused", tenant=self.id, code=answered.result.code.value)
            return
        self._settings = settings
        for path in needs_restart(self._running, settings):
            NOTES.warning("configuration.needs_restart", tenant=self.id, path=path)
        name_unserved(settings)
        NOTES.info("configuration.reloaded", tenant=self.id, agents=len(settings.agents))

    def _hub_settings(self) -> HubSettings:
        settings = self._settings
        return HubSettings(
            tenant=self.id,
            signers=Signers(settings.auth.secret, settings.auth.jwks_url),
            seal=_seal(settings),
            agent_origins=settings.server.agent_origins,
            limits=limits_of(settings),
        )


def limits_of(settings: Settings) -> LimitSettings:
    """How much one address, socket, customer or agent may ask for."""
    limits = settings.limits
    return LimitSettings(
        connects_per_minute=limits.connects_per_minute,
        connects_per_second=limits.connects_per_second,
        sockets_per_address=limits.sockets_per_address,
        customer_messages_per_second=limits.customer_messages_per_second,
        customer_messages_burst=limits.customer_messages_burst,
        agent_messages_per_second=limits.agent_messages_per_second,
        commands_per_second=limits.commands_per_second,
    )


def name_unserved(settings: Settings) -> None:
    """Warn of settings that have no effect yet."""
    tenant = settings.configuration.tenant
    for path in unserved(settings):
        NOTES.warning("configuration.not_served_yet", tenant=tenant, path=path)


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

"""A process's way to Redis: whether it may be used, who is told what, and which hubs live."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from router.kernel.ids import HubId
from router.log import log
from router.shard import redis_scripts
from router.shard.engine import EngineError, EngineUnavailable
from router.shard.formats import process_of
from router.shard.redis_inbox import Start
from router.shard.redis_link import Reply, several, text
from router.shard.redis_server import CALL_TIMEOUT_S, Server

_log = log(__name__)

OLDEST = (7, 0)
"""Scripts say what they may do since then; older servers do not know it."""

TENANTS = "fd:tenants"
"""Every tenant that was ever opened, so that a dead holder's leases are found."""

ASKED = "fd:asked"
"""Where hubs hear that somebody has to know whether they live."""

RETRY_MS_MIN = 20
RETRY_MS_MAX = 1_000

SUBSCRIBED_WITHIN_S = 5.0

Hear = Callable[[bytes], None]


class RedisStore:
    """One for a process: connections, and what is told to everybody.

    Attributes:
        is_replicated: A commit counts once a replica has it.
        name: Tells this process's own signals from others'.
    """

    def __init__(self, server: Server, *, start: Start, is_replicated: bool) -> None:
        """Nothing is connected yet; `open` is the way to make one."""
        self.server = server
        self.start = start
        self.is_replicated = is_replicated
        self.name = secrets.token_bytes(8)
        self.link = server.link()
        self._ears: dict[str, Hear] = {}
        self._subscribed: dict[str, asyncio.Event] = {}
        self._pubsub = server.link(is_reading=True, timeout_s=CALL_TIMEOUT_S)
        self._is_listening = False
        self._is_closed = False

    @classmethod
    async def open(
        cls, server: Server, *, start: Start, is_replicated: bool = False
    ) -> "RedisStore":
        """Reach the server, and look whether it keeps what it is given.

        Args:
            server: Where it is; closed with the store, or when it cannot be used.
            start: Runs what the store does by itself, until the store is closed.
            is_replicated: A commit counts once a replica has it.

        Raises:
            EngineUnavailable: It cannot be used; the text says why.
        """
        if not server.is_private:
            _log.warning(
                "redis.not_encrypted", hint="what customers say travels readable; use rediss://"
            )
        store = cls(server, start=start, is_replicated=is_replicated)
        try:
            info = text(await store.link.call("INFO"))
        except EngineError:
            await store.close()
            raise
        why = unfit(info)
        if why:
            await store.close()
            raise EngineUnavailable(why)
        return store

    async def listen(self, channel: str, hear: Hear) -> None:
        """Hear what is published on a channel, from when this returns.

        Raises:
            EngineUnavailable: The server does not answer.
        """
        if not self._is_listening:
            self._is_listening = True
            self.start("redis.listen", self._listen())
        self._ears[channel] = hear
        self._subscribed[channel] = asyncio.Event()
        if self._pubsub.is_connected:
            with suppress(EngineError):  # a new connection asks for all channels
                await self._pubsub.send("SUBSCRIBE", channel)
        try:
            async with asyncio.timeout(SUBSCRIBED_WITHIN_S):
                await self._subscribed[channel].wait()
        except TimeoutError:
            raise EngineUnavailable("the Redis server does not answer") from None

    async def forget(self, channel: str) -> None:
        """Hear it no more."""
        self._ears.pop(channel, None)
        if self._pubsub.is_connected:
            await self._pubsub.send("UNSUBSCRIBE", channel)

    async def _listen(self) -> None:
        pause_ms = RETRY_MS_MIN
        while not self._is_closed:
            try:
                await self._pubsub.connect()  # who comes from now on asks by itself
                if self._ears:
                    await self._pubsub.send("SUBSCRIBE", *self._ears)
                while True:
                    self._heard(await self._pubsub.receive())
                    pause_ms = RETRY_MS_MIN
            except EngineError:
                await asyncio.sleep(pause_ms / 1000)
                pause_ms = min(pause_ms * 2, RETRY_MS_MAX)

    def _heard(self, reply: Reply) -> None:
        match reply:
            case [b"message", bytes(channel), bytes(data)]:
                hear = self._ears.get(channel.decode())
                if hear is not None:
                    hear(data)
            case [b"subscribe", bytes(channel), _]:
                subscribed = self._subscribed.get(channel.decode())
                if subscribed is not None:
                    subscribed.set()
            case _:
                pass

    async def expel(self, holder: str) -> int:
        """Free the leases of a process that is known to be dead, and count its hub as lost.

        Returns:
            How many leases it held.

        Raises:
            EngineError: The server does not answer; leases run out by themselves.
        """
        # Its hub goes first: whoever is woken by a lease would wait for it in its turn.
        known, tenants = await self.link.calls(
            ("ZRANGE", redis_scripts.HUBS, 0, -1), ("SMEMBERS", TENANTS)
        )
        for hub in several(known):
            if process_of(HubId(text(hub).decode())) == holder:
                await self.link.call("ZREM", redis_scripts.HUBS, text(hub))
        freed = 0
        for tenant in several(tenants):
            prefix = prefix_of(text(tenant).decode())
            freed += await redis_scripts.expel(self.link, prefix, holder=holder)
        return freed

    async def close(self) -> None:
        """Give up every connection."""
        self._is_closed = True
        await self._pubsub.close()
        await self.link.close()
        await self.server.close()


class RedisHubs:
    """`Hubs` of all processes on one Redis server."""

    def __init__(self, store: RedisStore) -> None:
        """Look there."""
        self._store = store
        self._link = store.link
        self._announced: dict[HubId, int] = {}
        self._answering: set[HubId] = set()
        self._is_listening = False

    async def announce(self, hub: HubId, *, ttl_ms: int) -> bool:
        """See `Hubs.announce`."""
        is_known = hub in self._announced
        self._announced[hub] = ttl_ms
        if not self._is_listening:
            await self._store.listen(ASKED, self._asked)
            self._is_listening = True
        return await redis_scripts.announce(self._link, hub=hub, ttl_ms=ttl_ms, is_known=is_known)

    async def withdraw(self, hub: HubId) -> None:
        """See `Hubs.withdraw`."""
        self._announced.pop(hub, None)
        await self._link.call("ZREM", redis_scripts.HUBS, hub)

    async def alive(self) -> tuple[HubId, ...]:
        """See `Hubs.alive`."""
        return tuple(await self.beats(()))

    async def beats(self, asked: Collection[HubId]) -> Mapping[HubId, float]:
        """See `Hubs.beats`; when the time of each runs out."""
        found = await redis_scripts.alive(self._link)
        if asked:  # behind what was just read
            await self._link.call("PUBLISH", ASKED, " ".join(sorted(asked)))
        words = [text(word).decode() for word in found]
        return {HubId(hub): float(at) for hub, at in zip(words[::2], words[1::2], strict=True)}

    def _asked(self, data: bytes) -> None:
        """Say that a hub of this process lives; where it was counted as lost, that is no news."""
        for hub in self._announced.keys() & set(data.decode().split()) - self._answering:
            self._answering.add(hub)
            self._store.start("live", self._answer(hub, ttl_ms=self._announced[hub]))

    async def _answer(self, hub: HubId, *, ttl_ms: int) -> None:
        try:
            with suppress(EngineError):  # it is announced again soon by itself
                await redis_scripts.announce(self._link, hub=hub, ttl_ms=ttl_ms, is_known=True)
        finally:
            self._answering.discard(hub)


def prefix_of(tenant: str) -> str:
    """What all keys of a tenant begin with; the braces keep them together in a cluster."""
    return f"fd:{{{tenant}}}:"


def _fields(info: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in info.decode().splitlines())
    return {name: value for name, colon, value in lines if colon}


def unfit(answer: bytes) -> str:
    """Why a server that answers INFO so cannot be used; empty when it can."""
    info = _fields(answer)
    version = tuple(int(part) for part in info["redis_version"].split(".")[:2])
    if version < OLDEST:
        return f"the Redis server is of version {info['redis_version']}: 7.0 or later is needed"
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return (
            f"the Redis server may throw data away when memory is short ({policy}):"
            " set maxmemory-policy to noeviction, there and in its configuration file"
        )
    if info.get("cluster_enabled") == "1":
        return "the Redis server is part of a cluster: use one server, or Sentinels"
    return ""

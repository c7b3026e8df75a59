"""The one place that knows how the hub meets sockets: simulated ones stand behind its interfaces.

A socket does what a real link promises: it enters, its commands are done one after the other, each
is answered once, nothing reaches it after its end, and its namespace hears of the end once.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from itertools import count
from typing import Literal, Protocol

import msgspec

from router.hub.agents import Agents
from router.hub.customers import Customers
from router.hub.emission import Emission, connection_room
from router.hub.errors import ConnectionRefused
from router.hub.hub import Hub
from router.hub.jwks import KeySets
from router.hub.limits import Limits, LimitSettings
from router.hub.links import Handshake, Namespace
from router.hub.replica import Replica
from router.hub.station import Station
from router.hub.tasks import Tasks
from router.hub.text import Texts
from router.hub.tokens import Signers
from router.kernel.ids import ConnectionId, HubId
from router.shard.client import ShardClient
from router.shard.engine import Engine, EngineUnavailable, Entry

SECRET = "a secret that only the simulation knows"
HASH_KEY = b"simulated"
TIMEOUT_MS = 700
"""How long a hub waits for an answer; an outage may last longer."""

NamespaceName = Literal["/customer", "/agent"]


class Listener(Protocol):
    """The client's side of a socket."""

    def heard(self, socket: "Socket", event: str, data: bytes) -> None:
        """An event arrived."""
        ...

    def answered(self, socket: "Socket", call: int, data: bytes) -> None:
        """A command was acknowledged."""
        ...

    def closed(self, socket: "Socket", code: str) -> None:
        """The socket ended; ``code`` says why it was refused, when it was."""
        ...


class Socket:
    """One client's connection to one namespace of one hub.

    Attributes:
        is_welcome: Its first event, `session` or `snapshot`, has arrived.
        is_over: Nothing more reaches it.
    """

    def __init__(self, wire: "Wire", name: NamespaceName, listener: Listener) -> None:
        """Nothing happens until the wire lets it live."""
        self.wire = wire
        self.name: NamespaceName = name
        self.connection = ConnectionId(f"{wire.hub}-{next(wire.numbers)}")
        self.is_welcome = False
        self.is_over = False
        self._listener = listener
        self._calls: asyncio.Queue[tuple[int, str, bytes] | None] = asyncio.Queue()

    def ask(self, call: int, name: str, payload: bytes) -> None:
        """Send a command."""
        if not self.is_over:
            self._calls.put_nowait((call, name, payload))

    def end(self, code: str = "") -> None:
        """The connection is gone; the hub notices, unless it is gone itself."""
        if not self.is_over:
            self.is_over = True
            self._calls.put_nowait(None)
            self._listener.closed(self, code)

    def hear(self, event: str, data: bytes) -> None:
        """Hand an event to the client."""
        if not self.is_over:
            self._listener.heard(self, event, data)

    async def live(self, namespace: Namespace, handshake: Handshake) -> None:
        """Enter, do what is asked, leave."""
        try:
            await namespace.connect(self.connection, handshake)
            if not self.is_over:
                await namespace.welcome(self.connection)
                while (call := await self._calls.get()) is not None:
                    number, name, payload = call
                    answer = await self._answer(namespace, name, payload)
                    if not self.is_over:
                        self._listener.answered(self, number, msgspec.json.encode(answer))
        except ConnectionRefused as reason:
            self.end(reason.refusal.code.value)
        except EngineUnavailable:
            self.end("failed")
        finally:
            if not self.wire.is_dead:
                await namespace.disconnect(self.connection)

    async def _answer(self, namespace: Namespace, name: str, payload: bytes) -> object:
        """The answer; as from a real link, also while the store cannot be read."""
        try:
            return await namespace.command(self.connection, name, payload)
        except EngineUnavailable:
            return {"ok": False, "error": {"code": "unavailable"}}


class Wire:
    """One hub's way to its sockets: implements `Delivery`, and what `Hub` calls of it."""

    def __init__(self, hub: HubId, *, inspect: Callable[[Emission, bytes], None]) -> None:
        """Begin without sockets; ``inspect`` sees everything that is sent."""
        self.hub = hub
        self.is_dead = False
        self.numbers = count(1)
        self._inspect = inspect
        self._sockets: dict[ConnectionId, Socket] = {}
        self._rooms: dict[tuple[str, str], dict[ConnectionId, Socket]] = {}

    def add(self, socket: Socket) -> None:
        """Let events reach a socket: those for it alone at once, others when it enters rooms."""
        self._sockets[socket.connection] = socket
        alone = connection_room(socket.connection)
        self._rooms[socket.name, alone] = {socket.connection: socket}

    def sockets(self) -> list[Socket]:
        """Those that are not over."""
        return [socket for socket in self._sockets.values() if not socket.is_over]

    def emit(self, emission: Emission, *, is_needed: bool = True) -> None:  # noqa: ARG002 - nobody is slow
        """See `Delivery.emit`."""
        data = msgspec.json.encode(emission.payload)
        self._inspect(emission, data)
        heard: dict[ConnectionId, Socket] = {}
        for room in emission.rooms:
            heard.update(self._rooms.get((emission.namespace, room), {}))
        for connection, socket in heard.items():
            if connection != emission.skip:
                socket.hear(emission.event, data)

    def enter(self, connection: ConnectionId, *rooms: str) -> None:
        """See `Delivery.enter`."""
        socket = self._sockets.get(connection)
        if socket is not None and not socket.is_over:
            for room in rooms:
                self._rooms.setdefault((socket.name, room), {})[connection] = socket

    def break_off(self) -> None:
        """See `Delivery.break_off`."""
        for socket in self.sockets():
            socket.end()

    def close(self, namespace: str, room: str) -> None:
        """See `Delivery.close`."""
        for socket in list(self._rooms.get((namespace, room), {}).values()):
            socket.end("closed")


class SimulatedHub(Hub):
    """The real hub over simulated sockets.

    Attributes:
        wire: Its sockets.
        lag_s: How long an entry takes to reach it.
    """

    wire: Wire
    lag_s = 0.0
    tasks: Tasks
    _lives: dict[asyncio.Task[None], None]

    @classmethod
    async def begin(
        cls,
        hub: HubId,
        engine: Engine,
        *,
        now_ms: Callable[[], int],
        inspect: Callable[[Emission, bytes], None],
    ) -> "SimulatedHub":
        """Load the replica and follow the log, as `Hub.start` does."""
        wire, tasks = Wire(hub, inspect=inspect), Tasks()
        station = Station(
            hub=hub,
            engine=engine,
            client=ShardClient(
                engine, hub=hub, hash_key=HASH_KEY, timeout_ms=TIMEOUT_MS, pending_max=1_000
            ),
            replica=Replica(await engine.load()),
            delivery=wire,
            tasks=tasks,
            texts=Texts(),
            limits=Limits(LimitSettings(), now_ms=now_ms),
            keys=KeySets(tasks=tasks, clock_ms=now_ms),
            now_ms=now_ms,
        )
        begun = cls(station, Customers(station), Agents(station, signers=Signers(secret=SECRET)))
        begun.wire, begun.tasks, begun._lives = wire, tasks, {}
        tasks.keep("follow the log", begun._watched(begun._follow))
        tasks.keep("follow signals", begun._watched(begun._follow_signals))
        return begun

    async def _watched(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        try:
            await work()
        except Exception as error:
            self.failed(error)
            raise

    async def _tell(self, entry: Entry) -> None:
        if self.lag_s:
            await asyncio.sleep(self.lag_s)
        await super()._tell(entry)

    def open(self, name: NamespaceName, listener: Listener, auth: Mapping[str, object]) -> Socket:
        """Connect a client."""
        socket = Socket(self.wire, name, listener)
        self.wire.add(socket)
        namespace: Namespace = self.customers if name == "/customer" else self.agents
        handshake = Handshake(msgspec.json.encode(auth).decode(), None, "192.0.2.1")
        life = asyncio.get_running_loop().create_task(socket.live(namespace, handshake))
        self._lives[life] = None
        life.add_done_callback(self._ended)
        return socket

    def _ended(self, life: asyncio.Task[None]) -> None:
        self._lives.pop(life, None)
        if not life.cancelled() and (error := life.exception()) is not None:
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """Keep the first thing that went wrong."""
        if not self.tasks.failure.done():
            self.tasks.failure.set_exception(error)

    async def crash(self) -> None:
        """End where it stands, and say good-bye to nobody."""
        self.wire.is_dead = True
        self.wire.break_off()
        for life in list(self._lives):
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        await self.tasks.stop()

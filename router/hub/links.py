"""One socket in one namespace: it enters, its commands are done in order, and it leaves.

Promises, whatever the order in which things break: a command is begun only when the one before it
was answered; an answer follows the events that were emitted before it; the namespace hears
`disconnect` exactly once for every `connect`, after the last command.
"""

from asyncio import CancelledError
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import NamedTuple, Protocol

from router.hub.drive import drive
from router.hub.emission import Emission
from router.hub.errors import ConnectionRefused, WireError, error_of, refused
from router.hub.metrics import SOCKETS
from router.hub.packets import Call
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import ConnectionId
from router.log import log

COMMANDS_WAITING_MAX = 256
"""Commands of one client that may wait for their turn: more than a person causes in a minute."""

BYTES_WAITING_MAX = 1_048_576
"""Of their payloads: as many as the largest commands a person sends one after the other."""

NOTES = log(__name__)

BUSY = refused(
    Refusal(RefusalCode.RATE_LIMITED, "too many commands are waiting", {"retry_after_ms": 1_000})
)
BROKEN = (Exception, CancelledError)
"""Nobody cancels a link's work, so what it waited for was: that is a failure as any other."""

FAILED = Refusal(RefusalCode.UNAVAILABLE, "it could not be done")


class Handshake(NamedTuple):
    """What a client showed to enter.

    Attributes:
        auth: The JSON of the `auth` object, as it came.
        origin: The page's origin; None when the client is no browser.
        address: The client's network address, as far as it can be believed.
        host: The host, and its port if any, that the client asked for.
    """

    auth: str
    origin: str | None
    address: str
    host: str = ""


class Namespace(Protocol):
    """What is behind `/customer` or `/agent`."""

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Let a socket in.

        Raises:
            ConnectionRefused: It may not enter.
        """
        ...

    async def welcome(self, connection: ConnectionId) -> None:
        """Send what a socket needs first; it has been told that it is connected."""
        ...

    def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> Awaitable[object]:
        """Do what a client asks and return its ack; ``payload`` is JSON, None when invalid."""
        ...

    async def disconnect(self, connection: ConnectionId) -> None:
        """Forget a socket; also one that was refused or never welcomed."""
        ...


class Delivery(Protocol):
    """How events reach sockets. Nothing here waits: order is the order of the calls."""

    def emit(self, emission: Emission, *, is_needed: bool = True) -> None:
        """Send an event once to every socket that is in any of the rooms.

        Who reads slowly is spared what is not needed.
        """
        ...

    def enter(self, connection: ConnectionId, *rooms: str) -> None:
        """Let a socket hear what is emitted to rooms; an unknown socket is ignored."""
        ...

    def break_off(self) -> None:
        """Break every transport: events were missed, and clients come back for a snapshot."""
        ...

    def close(self, namespace: str, room: str) -> None:
        """Tell every socket in a room that it is not welcome any more."""
        ...


class Outlet(Protocol):
    """Where one link writes: the seam's side of it."""

    @property
    def is_slow(self) -> bool:
        """True when so much waits that the client should get only what it needs."""
        ...

    def send(self, frame: bytes) -> None:
        """Queue a frame for the client."""
        ...

    def connected(self, connection: ConnectionId) -> None:
        """Tell the client that it entered."""
        ...

    def refused(self, error: WireError) -> None:
        """Tell the client that it may not enter."""
        ...

    def answered(self, call: int, answer: object) -> None:
        """Acknowledge one of the client's events."""
        ...

    def drop(self) -> None:
        """Break the transport: the client comes back by itself and gets everything anew."""
        ...

    def left(self, link: "Link") -> None:
        """Forget a link whose last command was done."""
        ...


class Home(Protocol):
    """Where a link is in rooms."""

    def leave(self, link: "Link") -> None:
        """Let a link hear nothing any more."""
        ...


class Link:
    """A socket in a namespace; it does one thing at a time and costs no task.

    Attributes:
        home: Where it is in rooms; None before it entered any.
        rooms: Those it is in.
    """

    __slots__ = (
        "_bytes_waiting",
        "_calls",
        "_is_busy",
        "_is_left",
        "_namespace",
        "_then",
        "connection",
        "home",
        "is_begun",
        "is_open",
        "is_over",
        "outlet",
        "path",
        "rooms",
    )

    def __init__(
        self, *, connection: ConnectionId, path: str, namespace: Namespace, outlet: Outlet
    ) -> None:
        """Nothing happens until `begin`."""
        self.connection = connection
        self.path = path
        self.outlet = outlet
        self.home: Home | None = None
        self.rooms: tuple[str, ...] = ()
        self.is_begun = False
        self.is_open = False
        self.is_over = False
        self._namespace = namespace
        self._calls: deque[Call] | None = None
        self._bytes_waiting = 0
        self._is_busy = False
        self._is_left = False
        self._then: Callable[[], None] | None = None

    def send(self, frame: bytes) -> None:
        """Queue a frame for the client."""
        if not self.is_over:
            self.outlet.send(frame)

    def take(self, call: Call) -> None:
        """Do a client's event after those before it, or refuse it when too many wait."""
        if self.is_over:
            return
        if self.is_open and not self._is_busy:
            self._go_on(self._do(call))
            return
        size = len(call.payload or b"")
        is_fit = self._bytes_waiting + size <= BYTES_WAITING_MAX
        if self._calls is None:
            self._calls = deque()
        if is_fit and len(self._calls) < COMMANDS_WAITING_MAX:
            self._bytes_waiting += size
            self._calls.append(call)
        elif call.id is not None:
            self.outlet.answered(call.id, BUSY)

    def begin(self, handshake: Handshake) -> None:
        """Enter, and do what is asked from then on."""
        self.is_begun = True
        self._go_on(self._enter(handshake))

    def end(self) -> None:
        """No more events come and none can be sent; those taken are still done."""
        if not self.is_over:
            self.is_over = True
            if self.home is not None:
                self.home.leave(self)
            if self.is_begun and not self._is_busy:
                self._go_on()

    def when_left(self, then: Callable[[], None]) -> None:
        """Call when the last command was done and the namespace knows that this has left."""
        if self._is_left:
            then()
        else:
            self._then = then

    def _go_on(self, work: Coroutine[object, None, None] | None = None) -> None:
        """Do one thing after the other, until one has to wait or nothing is left to do."""
        self._is_busy = True
        work = work or self._next()
        while work is not None and drive(work, self._go_on):
            work = self._next()
        self._is_busy = work is not None

    def _next(self) -> Coroutine[object, None, None] | None:
        """What waits first; the end comes after every command."""
        if self._calls and self.is_open:
            call = self._calls.popleft()
            self._bytes_waiting -= len(call.payload or b"")
            return self._do(call)
        self._calls = None
        if self._is_left or (self.is_open and not self.is_over):
            return None
        return self._leave()

    async def _enter(self, handshake: Handshake) -> None:
        if self.is_over:
            return
        try:
            await self._namespace.connect(self.connection, handshake)
            if not self.is_over:
                self.outlet.connected(self.connection)
                self.is_open = True
                _SOCKETS_IN[self.path].inc()
                await self._namespace.welcome(self.connection)
        except ConnectionRefused as reason:
            self.outlet.refused(error_of(reason.refusal))
        except BROKEN:  # the outermost frame of a socket: others must go on
            NOTES.error("socket.failed", namespace=self.path)
            if self.is_open:
                self.outlet.drop()
            else:
                self.outlet.refused(error_of(FAILED))

    async def _do(self, call: Call) -> None:
        try:
            answer = await self._namespace.command(self.connection, call.name, call.payload)
        except BROKEN:  # the outermost frame of a command: the next may work
            NOTES.error("command.failed", namespace=self.path)
            answer = refused(FAILED)
        if call.id is not None and not self.is_over:
            self.outlet.answered(call.id, answer)

    async def _leave(self) -> None:
        if self.is_open:
            _SOCKETS_IN[self.path].dec()
        try:
            await self._namespace.disconnect(self.connection)
        except BROKEN:  # the outermost frame of a socket: others must go on
            NOTES.error("socket.failed", namespace=self.path)
        self._is_left = True
        self.outlet.left(self)
        if self._then is not None:
            self._then()


_SOCKETS_IN = {
    f"/{namespace}": SOCKETS.labels(namespace=namespace) for namespace in ("customer", "agent")
}

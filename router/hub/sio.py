"""Socket.IO for this process: who comes, and into which namespace.

Speaks Socket.IO 5 on Engine.IO 4 over WebSocket and nothing else (docs/decisions/0022).
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, Literal

from aiohttp import web

from router.hub.addresses import address_of
from router.hub.errors import WireError, error_of
from router.hub.heartbeat import Heartbeat
from router.hub.limits import network_of
from router.hub.links import Handshake, Link, Namespace
from router.hub.metrics import RATE_LIMITED, REFUSED
from router.hub.packets import Kind, Packet, call_of, written
from router.hub.pipe import Bounds, Outbox, Pipe
from router.hub.rooms import Rooms
from router.hub.turns import Turns
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import ConnectionId

PATH: Final = "/socket.io/"
CLOSE_TIMEOUT_S: Final = 1.0
"""How long a client may take to answer that the WebSocket closes."""

NO_NAMESPACE: Final = Refusal(RefusalCode.NOT_FOUND, "there is no such namespace")

__all__ = ["Bounds", "Sockets"]


class Outlet:
    """Where one link writes."""

    __slots__ = ("_left", "_path", "_pipe")

    def __init__(self, pipe: Pipe, path: str, left: Callable[[Pipe, Link], None]) -> None:
        """Write to a socket in the name of a namespace, until its link has left."""
        self._pipe = pipe
        self._path = path
        self._left = left

    @property
    def is_slow(self) -> bool:
        """True when the client should get only what it needs."""
        return self._pipe.is_slow

    def send(self, frame: bytes) -> None:
        """Queue a frame for the client."""
        self._pipe.send(frame)

    def connected(self, connection: ConnectionId) -> None:
        """Tell the client that it entered."""
        self._pipe.send(written(Kind.CONNECT, self._path, {"sid": connection}))

    def refused(self, error: WireError) -> None:
        """Tell the client that it may not enter."""
        REFUSED.labels(what="connection", code=error.code.value).inc()
        self._pipe.refuse(_refusal(self._path, error))

    def answered(self, call: int, answer: object) -> None:
        """Acknowledge one of the client's events."""
        self._pipe.send(written(Kind.ACK, self._path, [answer], call))

    def drop(self) -> None:
        """Break the transport: the client comes back by itself and gets everything anew."""
        self._pipe.drop()

    def left(self, link: Link) -> None:
        """Forget a link whose last command was done."""
        self._left(self._pipe, link)


class Sockets:
    """Every socket of this process."""

    def __init__(self, *, bounds: Bounds) -> None:
        """Nobody may enter anything until `open`."""
        self._namespaces: dict[str, Namespace] = {}
        self._bounds = bounds
        self._pipes: set[Pipe] = set()
        self._networks: Counter[str] = Counter()
        self._links: dict[ConnectionId, Link] = {}
        self._living = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_closing = False
        self.heartbeat = Heartbeat()
        self.outbox = Outbox()
        self.turns = Turns()

    def open(self, path: str, namespace: Namespace) -> None:
        """Let clients enter a namespace."""
        self._namespaces[path] = namespace

    def attach(self, app: web.Application) -> None:
        """Serve Socket.IO under its usual path."""
        app.router.add_get(PATH, self._open)

    def rooms(self) -> Rooms:
        """Rooms of their own for somebody: who is told something there hears of no others."""
        return Rooms(self._links)

    # -- the end ---------------------------------------------------------------------------------

    def break_off(self) -> None:
        """Break every transport."""
        for pipe in self._pipes:
            pipe.drop()

    def turn_away(self) -> tuple[Pipe, ...]:
        """Let nobody in from now on, and give the sockets that are here.

        Newcomers are refused before they name a namespace: a refusal there would keep them away.
        """
        self._is_closing = True
        return tuple(self._pipes)

    async def stop(self, *, within_s: float) -> None:
        """Close every transport, so that clients connect elsewhere by themselves.

        Commands that were taken are answered to nobody, but done.
        """
        self._is_closing = True
        for pipe in self._pipes:
            pipe.close()
        await self._idle(CLOSE_TIMEOUT_S)
        self.break_off()
        await self._idle(within_s)

    async def _idle(self, within_s: float) -> None:
        """Wait until no socket and no command is left."""
        try:
            async with asyncio.timeout(within_s):
                await self._is_idle.wait()
        except TimeoutError:
            pass

    def _count(self, change: int) -> None:
        """Sockets that are open, and links that are not done."""
        self._living += change
        if self._living:
            self._is_idle.clear()
        else:
            self._is_idle.set()

    # -- in --------------------------------------------------------------------------------------

    async def _open(self, request: web.Request) -> web.StreamResponse:
        """Take a WebSocket over from the web server; refuse long polling, as Engine.IO says it."""
        query = request.query
        if self._is_closing:
            return web.json_response({"code": 4, "message": "Forbidden"}, status=503)
        if query.get("EIO") != "4":
            return web.json_response({"code": 5, "message": "Unsupported version"}, status=400)
        if query.get("transport") != "websocket" or "sid" in query:
            return web.json_response({"code": 0, "message": "Transport unknown"}, status=400)
        if len(self._pipes) >= self._bounds.sockets_max:
            return _full("process", status=503)
        network = network_of(address_of(request, self._bounds.trusted_hops))
        if 0 < 2 * self._bounds.sockets_per_address <= self._networks[network]:
            return _full("sockets", status=429)
        pipe = Pipe.open(request, self._bounds, self)
        if pipe is None:
            return web.json_response({"code": 3, "message": "Bad request"}, status=400)
        self._pipes.add(pipe)
        self._networks[network] += 1
        self._count(1)
        self._expect_connect(pipe)
        return web.Response()  # to nobody: the connection is the pipe's

    def ended(self, pipe: Pipe) -> None:
        """End everything of a socket."""
        self._pipes.discard(pipe)
        network = network_of(pipe.address)
        self._networks[network] -= 1
        if not self._networks[network]:
            del self._networks[network]
        for link in tuple(pipe.links.values()):
            self._end(link)
        self._count(-1)

    def sort(self, pipe: Pipe, packet: Packet) -> None:
        """Do what a packet asks.

        Raises:
            ValueError: Nobody can read it.
        """
        link = pipe.links.get(packet.path)
        match packet.kind:
            case Kind.EVENT:
                call = call_of(packet)
                if link is not None:
                    link.take(call)
            case Kind.CONNECT:
                self._connect(pipe, packet.path, packet.data)
            case Kind.DISCONNECT:
                if link is not None:
                    self._end(link)
            case Kind.BINARY_EVENT | Kind.BINARY_ACK:
                pipe.drop()  # its attachments would be kept until the last one came
            case Kind.ACK:
                pass
            case Kind.CONNECT_ERROR:
                raise ValueError("only a server says so")

    def _connect(self, pipe: Pipe, path: str, auth: str) -> None:
        if self._is_closing:
            pipe.drop()
            return
        namespace = self._namespaces.get(path)
        former = pipe.links.get(path)
        if namespace is None or not _may_follow(former):
            pipe.strike()
            if namespace is None:
                pipe.send(_refusal(path, error_of(NO_NAMESPACE)))
            return
        connection = ConnectionId(secrets.token_hex(13))
        outlet = Outlet(pipe, path, self._left)
        link = Link(connection=connection, path=path, namespace=namespace, outlet=outlet)
        pipe.links[path] = link
        self._links[connection] = link
        pipe.expect(None)
        self._count(1)
        handshake = Handshake(auth=auth, origin=pipe.origin, host=pipe.host, address=pipe.address)
        begin = partial(link.begin, handshake)
        if former is None:
            begin()
        else:
            former.when_left(begin)

    def _left(self, pipe: Pipe, link: Link) -> None:
        self._end(link)
        if pipe.links.get(link.path) is link:
            del pipe.links[link.path]
        if not pipe.links and pipe in self._pipes:
            self._expect_connect(pipe)
        self._count(-1)

    def _end(self, link: Link) -> None:
        link.end()
        self._links.pop(link.connection, None)

    def _expect_connect(self, pipe: Pipe) -> None:
        """A socket that is in no namespace costs memory and does nothing."""
        pipe.expect(self._bounds.connect_timeout_ms)


def _full(what: Literal["process", "sockets"], *, status: int) -> web.Response:
    """To whom there is no room for; clients try again, later each time."""
    RATE_LIMITED.labels(what=what).inc()
    return web.json_response({"code": 4, "message": "Forbidden"}, status=status)


def _refusal(path: str, error: WireError) -> bytes:
    """A CONNECT_ERROR; clients find `data` of it at the error they are handed."""
    return written(Kind.CONNECT_ERROR, path, {"message": error.message, "data": error})


def _may_follow(former: Link | None) -> bool:
    """True when a client may enter again: it left, and has been let in before."""
    return former is None or (former.is_over and former.is_begun)

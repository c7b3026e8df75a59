"""The one seam around engineio and python-socketio; no other module imports them.

Engine.IO's handshake, heartbeat and framing and Socket.IO's packet format are theirs. Namespaces,
rooms, the order of commands and what may wait for a slow reader are ours: the stock server answers
no unknown event, blocks a socket's heartbeat while a command runs, sends to a namespace before it
said that it may be entered, and lets a slow reader pin any amount of memory.
"""

# The libraries have no types; this module is their one seam.
# pyright: reportMissingTypeStubs=false

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import engineio
import msgspec
import socketio.packet as sio_packet
from aiohttp import WSCloseCode, WSMsgType, web
from engineio import packet as eio_packet

from router.hub.emission import Emission
from router.hub.errors import error_of
from router.hub.links import Call, Handshake, Link, Namespace, encoded
from router.hub.tasks import Tasks
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import ConnectionId

PATH = "/socket.io/"
PIPE = "frontdesk.pipe"  # where a request's environ keeps its `Pipe`
STRIKES = 3
"""Packets a client may send that nobody can read, before it is disconnected."""
CLOSE_TIMEOUT_S = 1.0
"""How long a client may take to answer that the WebSocket closes."""

ARGUMENTS = msgspec.json.Decoder(list[msgspec.Raw])
NO_NAMESPACE = Refusal(RefusalCode.NOT_FOUND, "there is no such namespace")


class Bounds(NamedTuple):
    """What one socket may hold and how long it may be silent; see the `server` table."""

    ping_interval_ms: int = 5_000
    ping_timeout_ms: int = 4_000
    connect_timeout_ms: int = 5_000
    send_queue_packets_max: int = 1_000
    send_queue_bytes_max: int = 1_000_000
    message_bytes_max: int = 262_144  # the largest command with every character escaped, twice
    trusted_hops: int = 0


class _Verbatim:
    """JSON stays text inside packets: payloads are decoded once, by their own types."""

    @staticmethod
    def loads(text: str) -> str:
        return text

    @staticmethod
    def dumps(text: str, **_options: object) -> str:
        return text


Engine: Any = engineio.AsyncServer
SocketPacket: Any = type("SocketPacket", (sio_packet.Packet,), {"json": _Verbatim})
"""A Socket.IO packet whose data is JSON text."""


def _frame(kind: int, path: str, data: str | None = None, call: int | None = None) -> Any:  # noqa: ANN401 - the seam's own
    """One packet, encoded once however many sockets it goes to."""
    text = SocketPacket(kind, data, namespace=path, id=call).encode()
    return eio_packet.Packet(eio_packet.MESSAGE, data=text)


class Pipe:
    """One Engine.IO socket and the namespaces it is in."""

    def __init__(
        self,
        request: web.Request,
        bounds: Bounds,
        *,
        queue: Any,  # noqa: ANN401 - the seam's own
        ended: Callable[[], None],
    ) -> None:
        """Belong to a request that becomes a WebSocket.

        Args:
            request: It.
            bounds: What may wait.
            queue: Emptied by the library's writer.
            ended: Called when the socket has ended, at least once.
        """
        self.request = request
        self.ended = ended
        self._queue = queue
        self.websocket: web.WebSocketResponse | None = None
        self.links: dict[str, Link] = {}
        self.timer: asyncio.TimerHandle | None = None
        self._bounds = bounds
        self._packets = 0
        self._bytes = 0
        self._strikes = 0

    def send(self, frame: Any) -> None:  # noqa: ANN401 - the seam's own
        """Queue a frame, or give up on a client that does not read."""
        size = len(frame.data)
        too_much = self._bytes + size > self._bounds.send_queue_bytes_max and self._packets > 0
        if too_much or self._packets >= self._bounds.send_queue_packets_max:
            self.drop()
            return
        self._packets += 1
        self._bytes += size
        self._queue.put_nowait(frame)

    def written(self, size: int) -> None:
        """A frame left the queue."""
        self._packets -= 1
        self._bytes -= size

    async def close(self) -> None:
        """Close the WebSocket once all that waits was written, or after a while all the same."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                while self._packets:  # noqa: ASYNC110 - once, at the end: not worth an event each
                    await asyncio.sleep(0.01)
        if self.websocket is not None:
            await self.websocket.close(code=WSCloseCode.GOING_AWAY)

    def drop(self) -> None:
        """Break the transport at once."""
        transport = self.request.transport
        if transport is not None:
            transport.abort()

    def strike(self) -> None:
        """Count a packet that nobody can read."""
        self._strikes += 1
        if self._strikes >= STRIKES:
            self.drop()

    def connected(self, link: Link) -> None:
        """Tell the client that it entered."""
        self.send(_frame(sio_packet.CONNECT, link.path, encoded({"sid": link.connection})))

    def refused(self, link: Link, error: Mapping[str, object]) -> None:
        """Tell the client that it may not enter."""
        self.send(refusal_frame(link.path, error))

    def answered(self, link: Link, call: int, answer: Mapping[str, object]) -> None:
        """Acknowledge one of the client's events."""
        if not link.is_over:
            self.send(_frame(sio_packet.ACK, link.path, encoded([answer]), call))


def refusal_frame(path: str, error: Mapping[str, object]) -> Any:  # noqa: ANN401 - the seam's own
    """A CONNECT_ERROR; clients find `data` of it at the error they are handed."""
    data = encoded({"message": error["message"], "data": error})
    return _frame(sio_packet.CONNECT_ERROR, path, data)


class _WebSocket:
    """Engine.IO's WebSocket without compression, binary frames and frames nobody can read.

    permessage-deflate would cost four times the memory of everything else a socket holds.
    """

    def __init__(self, handler: Any, server: Any) -> None:  # noqa: ANN401 - the seam's own
        self._handler = handler
        self._server = server
        self._pipe: Pipe | None = None
        self._response = web.WebSocketResponse(
            compress=False,
            max_msg_size=server.max_http_buffer_size,
            timeout=CLOSE_TIMEOUT_S,
        )

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        pipe: Pipe = environ[PIPE]
        pipe.websocket = self._response
        self._pipe = pipe
        await self._response.prepare(environ["aiohttp.request"])
        self._pipe.websocket = self._response
        try:
            await self._handler(self)
        finally:  # the library tells nobody when its own handler was cancelled or broke
            pipe.ended()
        return self._response

    async def close(self) -> None:
        await self._response.close()

    async def send(self, message: str) -> None:
        assert self._pipe is not None, "nothing is sent before the handshake"
        await self._response.send_str(message)
        if message[0] == "4":  # a message of ours; the others are the heartbeat's
            self._pipe.written(len(message) - 1)

    async def wait(self) -> str:
        """The next frame that can be read.

        A client that was silent for too long is waited for no longer: whoever cancels this would
        then wait for a writer, which may be stuck behind the dead client.

        Raises:
            OSError: The client is gone or sends what is not allowed.
        """
        assert self._pipe is not None, "nothing is read before the handshake"
        try:
            while True:
                message = await self._response.receive()
                if message.type is not WSMsgType.TEXT:
                    raise OSError
                if message.data[:1] in {"1", "2", "3", "4"}:
                    return str(message.data)
                self._pipe.strike()
        except asyncio.CancelledError:
            self._pipe.drop()
            raise


class Sockets:
    """Every socket of this hub, as `Delivery` promises."""

    def __init__(self, *, bounds: Bounds, tasks: Tasks) -> None:
        """Nobody may enter anything until `open`."""
        self._namespaces: dict[str, Namespace] = {}
        self._bounds = bounds
        self._tasks = tasks
        self._pipes: dict[str, Pipe] = {}
        self._links: dict[ConnectionId, Link] = {}
        self._rooms: dict[tuple[str, str], set[Link]] = {}
        self._living = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_closing = False
        silent = logging.getLogger("router.engineio")  # its lines hold what customers write
        silent.disabled = True
        self._engine: Any = Engine(
            async_mode="aiohttp",
            async_handlers=False,
            ping_interval=bounds.ping_interval_ms / 1_000,
            ping_timeout=bounds.ping_timeout_ms / 1_000,
            max_http_buffer_size=bounds.message_bytes_max,
            http_compression=False,
            monitor_clients=False,  # every read has a time limit, so nobody has to look around
            transports=["websocket"],
            cors_allowed_origins=[],  # who may enter is each entry point's to say
            logger=silent,
        )
        # The driver's table is shared by all servers of a process; ours is a copy.
        self._engine._async = {**self._engine._async, "websocket": _WebSocket}  # noqa: SLF001 - no public way
        self._engine.on("connect", self._opened)
        self._engine.on("message", self._received)
        self._engine.on("disconnect", self._closed)

    def open(self, path: str, namespace: Namespace) -> None:
        """Let clients enter a namespace."""
        self._namespaces[path] = namespace

    def attach(self, app: web.Application) -> None:
        """Serve Socket.IO under its usual path."""
        self._engine.attach(app, engineio_path=PATH)

    def emit(self, emission: Emission) -> None:
        """Send an event once to every socket that is in any of the rooms."""
        namespace, rooms, event, payload, skip = emission
        links = {link for room in rooms for link in self._rooms.get((namespace, room), ())}
        if skip is not None and skip in self._links:
            links.discard(self._links[skip])
        if links:
            frame = _frame(sio_packet.EVENT, namespace, encoded([event, payload]))
            for link in links:
                link.send(frame)

    def tell_all(self, event: str, payload: object) -> None:
        """Send an event to every socket that was let in."""
        data = encoded([event, payload])
        for link in self._links.values():
            if link.is_open:
                link.send(_frame(sio_packet.EVENT, link.path, data))

    def enter(self, connection: ConnectionId, *rooms: str) -> None:
        """Let a socket hear what is emitted to rooms; an unknown socket is ignored."""
        link = self._links.get(connection)
        if link is not None:
            for room in rooms:
                link.rooms.add(room)
                self._rooms.setdefault((link.path, room), set()).add(link)

    def break_off(self) -> None:
        """Break every transport: events were missed, and clients come back for a snapshot."""
        for pipe in tuple(self._pipes.values()):
            pipe.drop()

    def close(self, namespace: str, room: str) -> None:
        """Tell every socket in a room that it is not welcome any more."""
        for link in tuple(self._rooms.get((namespace, room), ())):
            link.send(_frame(sio_packet.DISCONNECT, namespace))
            self._end(link)

    async def stop(self, *, within_s: float) -> None:
        """Close every transport, so that clients connect elsewhere by themselves.

        Commands that were taken are answered to nobody, but done.
        """
        self._is_closing = True
        await asyncio.gather(*(pipe.close() for pipe in self._pipes.values()))
        self.break_off()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_idle.wait(), within_s)

    async def _opened(self, sid: str, environ: dict[str, Any]) -> bool:
        if self._is_closing:
            return False
        pipe = Pipe(
            environ["aiohttp.request"],
            self._bounds,
            queue=self._engine.sockets[sid].queue,
            ended=lambda: self._forget(sid),
        )
        environ[PIPE] = pipe
        self._pipes[sid] = pipe
        self._expect_connect(pipe)
        return True

    async def _received(self, sid: str, data: object) -> None:
        """Sort one packet; nothing here waits, so that the heartbeat is never held up."""
        pipe = self._pipes.get(sid)
        if pipe is None:
            return
        try:
            self._sort(pipe, SocketPacket(encoded_packet=data))
        except (ValueError, TypeError, AttributeError, IndexError, RecursionError):
            pipe.strike()

    async def _closed(self, sid: str, _reason: str) -> None:
        self._forget(sid)

    def _forget(self, sid: str) -> None:
        """End everything of a socket; a second time changes nothing."""
        self._engine.sockets.pop(sid, None)
        pipe = self._pipes.pop(sid, None)
        if pipe is not None:
            pipe.drop()  # the library leaves a WebSocket open whose client said that it closes
            if pipe.timer is not None:
                pipe.timer.cancel()
            for link in tuple(pipe.links.values()):
                self._end(link)

    def _sort(self, pipe: Pipe, packet: Any) -> None:  # noqa: ANN401 - the seam's own
        path = packet.namespace or "/"
        match packet.packet_type:
            case sio_packet.CONNECT:
                self._connect(pipe, path, packet.data or "")
            case sio_packet.EVENT:
                call = _call(packet.data, packet.id)
                if path in pipe.links:
                    pipe.links[path].take(call)
            case sio_packet.DISCONNECT:
                if path in pipe.links:
                    self._end(pipe.links[path])
            case sio_packet.BINARY_EVENT | sio_packet.BINARY_ACK:
                pipe.drop()  # its attachments would be kept until the last one came
            case sio_packet.ACK:
                pass
            case _:
                pipe.strike()

    def _connect(self, pipe: Pipe, path: str, auth: str) -> None:
        namespace = self._namespaces.get(path)
        former = pipe.links.get(path)
        if namespace is None or not _may_follow(former):
            pipe.strike()
            if namespace is None:
                pipe.send(refusal_frame(path, error_of(NO_NAMESPACE)))
            return
        connection = ConnectionId(secrets.token_hex(13))
        link = Link(connection=connection, path=path, namespace=namespace, outlet=pipe)
        pipe.links[path] = link
        self._links[connection] = link
        if pipe.timer is not None:
            pipe.timer.cancel()
        handshake = Handshake(
            auth=auth,
            origin=pipe.request.headers.get("Origin"),
            address=_address(pipe.request, self._bounds.trusted_hops),
        )
        self._living += 1
        self._is_idle.clear()
        self._tasks.start(f"socket {connection}", self._live(pipe, link, handshake, former))

    async def _live(
        self, pipe: Pipe, link: Link, handshake: Handshake, former: Link | None
    ) -> None:
        try:
            if former is not None:
                await former.left.wait()
            await link.live(handshake)
        finally:
            self._end(link)
            if pipe.links.get(link.path) is link:
                del pipe.links[link.path]
            if not pipe.links:
                self._expect_connect(pipe)
            self._living -= 1
            if self._living == 0:
                self._is_idle.set()

    def _end(self, link: Link) -> None:
        link.end()
        self._links.pop(link.connection, None)
        for room in tuple(link.rooms):
            self._leave(link, room)

    def _leave(self, link: Link, room: str) -> None:
        link.rooms.discard(room)
        members = self._rooms[link.path, room]
        members.discard(link)
        if not members:
            del self._rooms[link.path, room]

    def _expect_connect(self, pipe: Pipe) -> None:
        """A socket that is in no namespace costs memory and does nothing."""
        delay_s = self._bounds.connect_timeout_ms / 1_000
        pipe.timer = asyncio.get_running_loop().call_later(delay_s, pipe.drop)


def _may_follow(former: Link | None) -> bool:
    """True when a client may enter again: it left, and has been let in before."""
    return former is None or (former.is_over and former.is_begun)


def _call(data: str | None, call: int | None) -> Call:
    """Read an event's name and leave its one argument as it is; none at all is an empty object.

    One that is nested too deep to be read is an event of no name: it is answered all the same.

    Raises:
        ValueError: It is not an event.
    """
    try:
        parts = ARGUMENTS.decode(data or "")
    except msgspec.DecodeError:
        parts = _with_halves(data or "")
    except RecursionError:
        return Call("", call, None)
    name = msgspec.json.decode(parts[0], type=str)
    match parts[1:]:
        case []:
            payload: bytes | None = b"{}"
        case [only]:
            payload = bytes(only)
        case _:
            payload = None
    return Call(name, call, payload)


def _with_halves(data: str) -> list[msgspec.Raw]:
    """Read arguments in which half a character stands: the command is answered why not.

    Raises:
        ValueError: It is not that.
    """
    arguments = msgspec.convert(json.loads(data), list[object])
    return [msgspec.Raw(json.dumps(each).encode()) for each in arguments]


def _address(request: web.Request, trusted_hops: int) -> str:
    """The client's address: what the outermost trusted proxy saw, or who connected."""
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    if trusted_hops and len(seen) >= trusted_hops and seen[-trusted_hops].strip():
        return seen[-trusted_hops].strip()
    return request.remote or ""

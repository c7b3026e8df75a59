"""One client's WebSocket: its heartbeat, what waits for it, and when it is given up on.

An asyncio protocol that takes a connection over from the web server once the request for a
WebSocket was read. Everything is done where it is read, without a task.
What was written in one turn of the loop leaves in one piece.
"""

import asyncio
import secrets
from typing import Literal, NamedTuple, Protocol

from aiohttp import hdrs, web

from router.hub import packets
from router.hub.addresses import address_of, origin_of
from router.hub.drive import CONTEXT
from router.hub.heartbeat import Heartbeat
from router.hub.links import Link
from router.hub.metrics import SLOW_SOCKETS, SOCKETS_DROPPED
from router.hub.packets import Kind, Packet, packet_of
from router.hub.turns import Turns
from router.hub.websocket import (
    CloseCode,
    FrameRefused,
    Opcode,
    Reader,
    accepted,
    close_frame,
    frame,
    short_text,
)

STRIKES = 3
"""Packets a client may send that nobody can read, before it is disconnected."""

REFUSALS = 16
"""Tries to enter on one socket that is in nothing else, before it is sent away."""

FRAMES_AT_ONCE = 64
"""Of one client, before others get their turn, if all together were not longer: see `Turns`."""

TRANSPORT_BYTES_MAX = 65_536
"""What the transport may hold of a client that reads slowly before our own queue fills."""


class Bounds(NamedTuple):
    """What one socket may hold and how long it may be silent; see the `server` table.

    Attributes:
        send_queue_packets_soft: Above it a client gets nothing that it can do without.
        sockets_per_address: How many may enter; twice as many may be open, so that those above the
            limit hear why they may not. 0 is no limit.
    """

    ping_interval_ms: int = 5_000
    ping_timeout_ms: int = 4_000
    connect_timeout_ms: int = 5_000
    send_queue_packets_soft: int = 256
    send_queue_packets_max: int = 1_000
    send_queue_bytes_max: int = 1_000_000
    message_bytes_max: int = 262_144  # the largest command with every character escaped, twice
    trusted_hops: int = 0
    sockets_max: int = 20_000
    sockets_per_address: int = 0


class Owner(Protocol):
    """Who takes what a pipe brings."""

    def sort(self, pipe: "Pipe", packet: Packet) -> None:
        """Do what a packet asks.

        Raises:
            ValueError: Nobody can read it.
        """
        ...

    def ended(self, pipe: "Pipe") -> None:
        """Forget a pipe; called exactly once."""
        ...

    @property
    def heartbeat(self) -> Heartbeat:
        """The clock of all pipes."""
        ...

    @property
    def outbox(self) -> "Outbox":
        """Where pipes wait that have something to write."""
        ...

    @property
    def turns(self) -> Turns:
        """How long pipes may read on."""
        ...


class Outbox:
    """Pipes with something to write: all of them write once in a turn of the loop."""

    def __init__(self) -> None:
        """Belong to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Pipe] = []

    def add(self, pipe: "Pipe") -> None:
        """Let a pipe write when what happens now has happened."""
        if not self._waiting:
            self._loop.call_soon(self._flush, context=CONTEXT)
        self._waiting.append(pipe)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for pipe in waiting:
            pipe.flush()


class Pipe(asyncio.Protocol):
    """One socket, and the namespaces it is in."""

    __slots__ = (
        "_bounds",
        "_bytes",
        "_is_closing",
        "_is_heard",
        "_is_paused",
        "_is_pinged",
        "_loop",
        "_owner",
        "_queue",
        "_reader",
        "_refusals",
        "_strikes",
        "_transport",
        "_watch",
        "address",
        "host",
        "links",
        "origin",
    )

    def __init__(self, request: web.Request, bounds: Bounds, owner: Owner) -> None:
        """Know who comes; `open` begins."""
        self.origin = origin_of(request)
        self.host = request.host
        self.address = address_of(request, bounds.trusted_hops)
        self.links: dict[str, Link] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._bounds = bounds
        self._owner = owner
        self._reader: Reader | None = None
        self._queue: list[bytes] = []
        self._bytes = 0
        self._strikes = 0
        self._refusals = 0
        self._is_paused = False
        self._is_closing = False
        self._is_heard = False
        self._is_pinged = False
        self._transport: asyncio.Transport

    @classmethod
    def open(cls, request: web.Request, bounds: Bounds, owner: Owner) -> "Pipe | None":
        """Take a request's connection over; None when it does not ask for a WebSocket."""
        answer = accepted(request.headers, request.headers.getall(hdrs.CONNECTION, ()))
        transport = request.protocol.transport
        if answer is None or transport is None:
            return None
        pipe = cls(request, bounds, owner)
        pipe._transport = transport
        transport.set_protocol(pipe)
        transport.set_write_buffer_limits(high=TRANSPORT_BYTES_MAX)
        request.protocol.transport = None  # the web server forgets it without closing it
        request.protocol.connection_lost(None)
        pipe.send(answer)
        pipe.send(
            packets.opened(
                secrets.token_hex(10),
                interval_ms=bounds.ping_interval_ms,
                timeout_ms=bounds.ping_timeout_ms,
                bytes_max=bounds.message_bytes_max,
            )
        )
        owner.heartbeat.add(pipe._beat, bounds.ping_interval_ms)
        return pipe

    # -- out -------------------------------------------------------------------------------------

    @property
    def is_slow(self) -> bool:
        """True when so much waits that a client should get only what it needs."""
        return len(self._queue) > self._bounds.send_queue_packets_soft

    def send(self, data: bytes) -> None:
        """Queue a frame, or give up on a client that does not read."""
        if self._is_closing:
            return
        queue = self._queue
        if queue:
            is_full = len(queue) >= self._bounds.send_queue_packets_max
            if is_full or self._bytes + len(data) > self._bounds.send_queue_bytes_max:
                self.flush()  # much may come in one turn for somebody who reads well
                if queue:
                    self._give_up("slow")
                    return
        if not queue:  # else it is in the outbox, or waits for the transport
            self._owner.outbox.add(self)
        queue.append(data)
        self._bytes += len(data)

    def tell(self, event: str, payload: object) -> None:
        """Send an event to every namespace the client was let into."""
        for link in self.links.values():
            if link.is_open:
                link.send(packets.written(Kind.EVENT, link.path, [event, payload]))

    def flush(self) -> None:
        """Hand what waits to the transport, unless that holds enough."""
        if self._queue and not (self._is_paused or self._transport.is_closing()):
            self._transport.write(b"".join(self._queue))
            self._queue.clear()
            self._bytes = 0

    def pause_writing(self) -> None:
        """The transport holds enough: what comes now waits here."""
        self._is_paused = True
        SLOW_SOCKETS.inc()

    def resume_writing(self) -> None:
        """The client read on."""
        self._is_paused = False
        SLOW_SOCKETS.dec()
        self.flush()

    # -- in --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Do what the client asks, as far as others need not wait for it."""
        text = short_text(data) if self._reader is None else None
        if text is None:
            self._reader = self._reader or Reader(self._bounds.message_bytes_max)
            self._reader.feed(data)
            self._read(self._reader)
            return
        try:
            self._received(Opcode.TEXT, text)
        except FrameRefused as refused:
            self._say_goodbye(refused.code)

    def _read(self, reader: Reader) -> None:
        try:
            for _ in range(FRAMES_AT_ONCE):
                message = reader.next()
                if message is None:
                    self._reader = None if reader.is_idle else reader
                    return
                self._received(*message)
                if self._owner.turns.is_over():
                    break
        except FrameRefused as refused:
            self._say_goodbye(refused.code)
            return
        self._transport.pause_reading()
        self._loop.call_soon(self._read_on, reader)

    def _read_on(self, reader: Reader) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._read(reader)

    def _received(self, opcode: Opcode, payload: bytes) -> None:
        self._is_heard = True
        match opcode:
            case Opcode.TEXT:
                try:
                    text = payload.decode()
                except UnicodeDecodeError:
                    raise FrameRefused(CloseCode.NOT_TEXT) from None
                if not self._is_closing:
                    self._packet(text)
            case Opcode.PING:
                self.send(frame(payload, Opcode.PONG))
            case Opcode.CLOSE:
                self._say_goodbye(CloseCode.NORMAL)
            case Opcode.PONG | Opcode.CONTINUATION:
                pass
            case _:
                raise FrameRefused(CloseCode.UNSUPPORTED)  # binary: attachments are not taken

    def _packet(self, text: str) -> None:
        if text == packets.PONG:
            return
        if text == packets.CLOSE:
            self._say_goodbye(CloseCode.NORMAL)
            return
        try:
            self._owner.sort(self, packet_of(text))
        except ValueError:
            self.strike()

    # -- its end ---------------------------------------------------------------------------------

    def expect(self, within_ms: int | None) -> None:
        """Drop the socket unless this is called again in time; None: nothing is expected."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch = (
            None
            if within_ms is None
            else self._loop.call_later(within_ms / 1_000, self._give_up, "idle")
        )

    def strike(self) -> None:
        """Count a packet that nobody can read."""
        self._strikes += 1
        if self._strikes >= STRIKES:
            self._give_up("unreadable")

    def refuse(self, data: bytes) -> None:
        """Say why a client may not enter; one that tries over and over begins anew elsewhere."""
        self.send(data)
        self._refusals += 1
        if self._refusals >= REFUSALS and not any(link.is_open for link in self.links.values()):
            self._say_goodbye(CloseCode.POLICY)

    def _give_up(self, why: Literal["slow", "silent", "unreadable", "idle"]) -> None:
        SOCKETS_DROPPED.labels(why=why).inc()
        self.drop()

    def drop(self) -> None:
        """Break the transport at once."""
        self._is_closing = True
        self._transport.abort()

    def close(self) -> None:
        """Write what waits and say that we go; who does not answer is dropped by the caller."""
        self.send(close_frame(CloseCode.GOING_AWAY))
        self._is_closing = True

    def _say_goodbye(self, code: CloseCode) -> None:
        """Answer a client that goes, or one whose frames cannot be read."""
        if not self._is_closing:
            self.send(close_frame(code))
        self.flush()
        self._is_closing = True
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End everything of this socket."""
        self._is_closing = True
        if self._is_paused:
            SLOW_SOCKETS.dec()
        self._queue.clear()
        self.expect(None)
        self._owner.ended(self)

    # -- heartbeat -------------------------------------------------------------------------------

    def _beat(self) -> int:
        """Ping, or look whether the ping was answered; whoever sent nothing since is dead.

        Returns:
            After how many ms to beat again; 0 when it is over.
        """
        if self._transport.is_closing():
            self.drop()  # who does not read would never let it end
            return 0
        bounds = self._bounds
        self._is_pinged = not self._is_pinged
        if self._is_pinged:
            self._is_heard = False
            self.send(packets.PING)
            return bounds.ping_timeout_ms
        if not self._is_heard:
            self._give_up("silent")
            return 0
        return max(bounds.ping_interval_ms - bounds.ping_timeout_ms, 1)

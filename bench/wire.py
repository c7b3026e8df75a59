"""A client of Socket.IO over WebSocket that costs little, so that the server is what is measured.

It knows what a well-behaved client meets: text frames, the heartbeat, connecting to one namespace,
events and acks. Anything else is an error, because a measurement must not pass over it.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeAlias, cast
from urllib.parse import urlsplit

import msgspec

Payload: TypeAlias = dict[str, Any]
"""What an event or an ack carries: JSON that its reader knows the form of."""

TARGET = "/socket.io/?EIO=4&transport=websocket"
MASK = b"\x9d\x42\xe7\x31"  # not zeros: some servers do no work for those
KEYS = MASK * 16_384  # for frames up to 64 KiB
UPGRADE = (
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: ZnJvbnRkZXNrIGJlbmNoIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ANSWER_S_MAX = 30.0
"""Longer than any server takes that is not stuck."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The server let nobody in, or refused a command; ``error`` is what it said."""

    def __init__(self, error: Payload) -> None:
        """Keep what the server said."""
        super().__init__(str(error))
        self.error = error


def framed(text: bytes) -> bytes:
    """One text frame as a client sends it, masked (RFC 6455, 5.3)."""
    size = len(text)
    if size < 126:
        head = bytes((0x81, 0x80 | size))
    else:
        assert size <= len(KEYS), "longer than anything a client sends"
        head = b"\x81\xfe" + size.to_bytes(2, "big")
    masked = int.from_bytes(text, "little") ^ int.from_bytes(KEYS[:size], "little")
    return head + MASK + masked.to_bytes(size, "little")


class Wire(asyncio.Protocol):
    """One WebSocket without extensions; ``hear`` is called with every text."""

    def __init__(self, request: bytes, hear: Callable[[bytes], None]) -> None:
        """Send the request once connected."""
        loop = asyncio.get_running_loop()
        self.hear = hear
        self.is_open: asyncio.Future[None] = loop.create_future()
        self.is_lost: asyncio.Future[None] = loop.create_future()
        self._request = request
        self._is_upgraded = False
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def dial(cls, url: str, hear: Callable[[bytes], None], target: str = TARGET) -> Self:
        """Connect and become a WebSocket.

        Raises:
            OSError: Nobody answers, or not as asked.
        """
        place = urlsplit(url)
        assert place.hostname is not None, "an address as the servers print it"
        assert place.port is not None, "the same"
        request = UPGRADE.format(target=target, host=place.netloc).encode()
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(
            lambda: cls(request, hear), place.hostname, place.port
        )
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                await wire.is_open
        except BaseException:
            wire.abort()
            raise
        return wire

    def send(self, text: bytes) -> None:
        """Send one text; after the end nothing happens."""
        assert self._transport is not None, "nothing is sent before it is connected"
        self._transport.write(framed(text))

    def abort(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - all ends are alike
        """Tell who waits."""
        _fail(self.is_open)
        self.is_lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Hand over the texts that are complete."""
        if self._rest:
            data = self._rest + data
        at = 0 if self._is_upgraded else self._upgrade(data)
        end = len(data)
        while self._is_upgraded and end - at >= 2:
            size = data[at + 1]
            start = at + 2
            if size > 125:
                start += 2 if size == 126 else 8
                size = int.from_bytes(data[at + 2 : start], "big")
            if start + size > end or start > end:
                break
            if data[at] == 0x81:
                self.hear(data[start : start + size])
            else:
                self._control(data[at])
            at = start + size
        self._rest = data[at:]

    def _upgrade(self, data: bytes) -> int:
        """Where the frames begin; 0 while the answer is not complete."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101 "):
            self.is_open.set_exception(ConnectionRefusedError(data[:60].decode("latin-1")))
            self.abort()
            return 0
        self._is_upgraded = True
        self.is_open.set_result(None)
        return end + 4

    def _control(self, head: int) -> None:
        """Only a close is expected: Engine.IO has a heartbeat of its own."""
        assert head == 0x88, f"a frame that nobody asked for: {head:#x}"
        self.abort()


class Socket:
    """One namespace of one Socket.IO connection."""

    def __init__(self, path: str, event: Callable[[str, Payload], None]) -> None:
        """Belong to a namespace, ``/`` for the main one; ``event`` is called with every event."""
        self.prefix = b"" if path == "/" else f"{path},".encode()
        self._event = event
        self._wire: Wire | None = None
        self._calls: dict[int, asyncio.Future[Payload]] = {}
        self._called = 0
        self._is_in: asyncio.Future[None] | None = None

    @property
    def wire(self) -> Wire:
        """The connection, once open."""
        assert self._wire is not None, "not connected"
        return self._wire

    async def connect(self, url: str, auth: Mapping[str, object]) -> None:
        """Connect and enter the namespace.

        Raises:
            OSError: Nobody answers, or the connection ends.
            Refused: The server lets nobody in with these credentials.
        """
        self._is_in = asyncio.get_running_loop().create_future()
        self._wire = await Wire.dial(url, self.hear)
        self._wire.is_lost.add_done_callback(self._lost)
        self._wire.send(b"40" + self.prefix + msgspec.json.encode(auth))
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                await self._is_in
        except BaseException:
            self._wire.abort()
            raise

    async def ask(self, name: str, payload: Mapping[str, object]) -> Payload:
        """Send a command and return its answer.

        Raises:
            OSError: The connection ended first.
            Refused: The answer is no.
        """
        if self.wire.is_lost.done():
            raise ConnectionResetError("the connection is gone")
        self._called += 1
        answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._calls[self._called] = answer
        head = b"42%b%d" % (self.prefix, self._called)
        self.wire.send(head + msgspec.json.encode([name, payload]))
        async with asyncio.timeout(ANSWER_S_MAX):
            said = await answer
        if not said["ok"]:
            raise Refused(said["error"])
        return said

    def hear(self, packet: bytes) -> None:
        """Take one Engine.IO packet."""
        start = 2 + len(self.prefix)
        match packet[:2]:
            case b"42":
                name, payload = msgspec.json.decode(packet[start:])
                self._event(name, payload)
            case b"43":
                call, bracket, rest = packet[start:].partition(b"[")
                answer = self._calls.pop(int(call))
                if not answer.done():
                    answer.set_result(msgspec.json.decode(bracket + rest)[0])
            case b"2":
                self.wire.send(b"3")
            case kind:
                self._hear_of_entry(kind, packet[start:])

    def _hear_of_entry(self, kind: bytes, data: bytes) -> None:
        assert self._is_in is not None, "nothing is heard before it is connected"
        if kind == b"40" and not self._is_in.done():
            self._is_in.set_result(None)
        elif kind == b"44":
            self._is_in.set_exception(Refused(msgspec.json.decode(data).get("data", {})))
        elif kind == b"41":
            self.wire.abort()
        else:
            assert kind[:1] == b"0", f"a packet that nobody asked for: {kind!r}"

    def _lost(self, _lost: object) -> None:
        """Fail whatever waits for an answer."""
        assert self._is_in is not None, "a connection is lost only after it was made"
        _fail(self._is_in)
        for call in self._calls.values():
            _fail(call)
        self._calls.clear()


def _fail(waiting: asyncio.Future[Any]) -> None:
    """Let nobody wait for what cannot come any more."""
    if not waiting.done():
        waiting.set_exception(ConnectionResetError("the connection ended"))
        waiting.exception()  # whoever gave up waiting does not ask

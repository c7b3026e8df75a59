"""RFC 6455 on the server's side, without compression: the handshake's answer, frames in and out.

Nothing here waits or holds a socket. A frame is bytes that may be written to any number of sockets;
what a client sends is bounded before it is gathered.
"""

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
CONTROL_BYTES_MAX: Final = 125  # RFC 6455, 5.5
KEY_BYTES: Final = 16  # RFC 6455, 4.1

FINAL: Final = 0x80
RESERVED: Final = 0x70  # extensions, of which none is agreed on
MASKED: Final = 0x80
SHORT: Final = struct.Struct("!BB")
MEDIUM: Final = struct.Struct("!BBH")
LONG: Final = struct.Struct("!BBQ")
MEDIUM_SIZE: Final = 126  # says that two bytes of length follow
LONG_SIZE: Final = 127  # says that eight do
SHORTEST: Final = 6  # a client's frame: two bytes and its mask
FINAL_TEXT: Final = 0x81


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class CloseCode(IntEnum):
    """Why a WebSocket is closed (RFC 6455, 7.4.1)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED = 1003
    NOT_TEXT = 1007
    POLICY = 1008
    TOO_BIG = 1009


class FrameRefused(Exception):  # noqa: N818 - a client's mistake, answered with a close code
    """A client broke the framing; nothing after it can be read."""

    def __init__(self, code: CloseCode) -> None:
        """Keep what the client is told."""
        super().__init__(code.name)
        self.code = code


def accepted(headers: Mapping[str, str], connection: Iterable[str]) -> bytes | None:
    """The answer that turns a request into a WebSocket; None when it is no such request.

    ``connection`` is every line of that header: it is a list, and proxies add lines of their own.
    """
    key = headers.get("Sec-WebSocket-Key", "")
    try:
        is_key = len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        is_key = False
    wanted = {each.strip().lower() for line in connection for each in line.split(",")}
    is_upgrade = headers.get("Upgrade", "").lower() == "websocket" and "upgrade" in wanted
    if not (is_key and is_upgrade and headers.get("Sec-WebSocket-Version") == "13"):
        return None
    proof = hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(proof) + b"\r\n\r\n"
    )


def frame(payload: bytes, opcode: Opcode = Opcode.TEXT) -> bytes:
    """One whole, unmasked frame."""
    size = len(payload)
    if size < MEDIUM_SIZE:
        return SHORT.pack(FINAL | opcode, size) + payload
    if size < 1 << 16:
        return MEDIUM.pack(FINAL | opcode, MEDIUM_SIZE, size) + payload
    return LONG.pack(FINAL | opcode, LONG_SIZE, size) + payload


def close_frame(code: CloseCode) -> bytes:
    """The frame that says why nothing more comes."""
    return frame(code.to_bytes(2, "big"), Opcode.CLOSE)


def short_text(data: bytes) -> bytes | None:
    """The text in what was read, when that is one message of less than 64 KiB and nothing else.

    Almost everything a client sends comes like this; a `Reader` takes the rest.
    """
    if len(data) < SHORTEST or data[0] != FINAL_TEXT:
        return None
    size, start = data[1] - MASKED, SHORTEST
    if size == MEDIUM_SIZE:
        size, start = data[2] << 8 | data[3], SHORTEST + 2
    elif not 0 <= size < MEDIUM_SIZE:
        return None
    if len(data) != start + size:
        return None
    return _unmasked(data[start:], data[start - 4 : start])


class Reader:
    """Cuts what a client sends into messages; at most one message is gathered at a time."""

    __slots__ = ("_buffer", "_bytes_max", "_fragments", "_needed", "_opcode")

    def __init__(self, bytes_max: int) -> None:
        """Take messages of at most so many bytes."""
        self._bytes_max = bytes_max
        self._buffer = bytearray()
        self._needed = 0
        self._fragments = bytearray()
        self._opcode = Opcode.CONTINUATION

    @property
    def is_idle(self) -> bool:
        """Nothing of a message is held."""
        return not self._buffer and self._opcode is Opcode.CONTINUATION

    def feed(self, data: bytes) -> None:
        """Take what was read; `next` gives what is whole now."""
        self._buffer += data

    def next(self) -> tuple[Opcode, bytes] | None:
        """The next message or control frame, unmasked; None until more is fed.

        A piece of a message that goes on is an empty `CONTINUATION`, so that whoever reads may turn
        to others between any two frames.

        Raises:
            FrameRefused: It is not what RFC 6455 or our bounds allow.
        """
        if len(self._buffer) < self._needed or (cut := self._cut()) is None:
            return None
        first, payload = cut
        opcode = Opcode(first & 0x0F)
        if opcode >= Opcode.CLOSE or (opcode is not Opcode.CONTINUATION and first & FINAL):
            return opcode, payload
        return self._gathered(opcode, payload, is_last=bool(first & FINAL))

    def _cut(self) -> tuple[int, bytes] | None:
        """Take one frame out of the buffer: its first byte and its payload."""
        buffer = self._buffer
        if len(buffer) < SHORTEST:
            return None
        first, second = buffer[0], buffer[1]
        size, start = second & 0x7F, 6
        if size == MEDIUM_SIZE:
            size, start = int.from_bytes(buffer[2:4], "big"), 8
        elif size == LONG_SIZE:
            if len(buffer) < 10:
                return None
            size, start = int.from_bytes(buffer[2:10], "big"), 14
        self._check(first, second, size)
        end = start + size
        if len(buffer) < end:
            self._needed = end
            return None
        self._needed = 0
        mask, payload = buffer[start - 4 : start], buffer[start:end]
        if len(buffer) == end:
            buffer.clear()
        else:
            del buffer[:end]
        return first, _unmasked(payload, mask)

    def _check(self, first: int, second: int, size: int) -> None:
        opcode = first & 0x0F
        if first & RESERVED or not second & MASKED or opcode not in _OPCODES:
            raise FrameRefused(CloseCode.PROTOCOL_ERROR)
        if opcode >= Opcode.CLOSE:
            if size > CONTROL_BYTES_MAX or not first & FINAL:
                raise FrameRefused(CloseCode.PROTOCOL_ERROR)
        elif len(self._fragments) + size > self._bytes_max:
            raise FrameRefused(CloseCode.TOO_BIG)
        elif (opcode == Opcode.CONTINUATION) is (self._opcode is Opcode.CONTINUATION):
            raise FrameRefused(CloseCode.PROTOCOL_ERROR)  # it continues nothing, or interrupts

    def _gathered(self, opcode: Opcode, payload: bytes, *, is_last: bool) -> tuple[Opcode, bytes]:
        if opcode is not Opcode.CONTINUATION:
            self._opcode = opcode
        self._fragments += payload
        if not is_last:
            return Opcode.CONTINUATION, b""
        whole = self._opcode, bytes(self._fragments)
        self._opcode = Opcode.CONTINUATION
        self._fragments = bytearray()
        return whole


_OPCODES = frozenset(Opcode)


def _unmasked(payload: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """As RFC 6455, 5.3: every byte with the mask's, all of them in one step."""
    size = len(payload)
    keys = mask * (size // 4 + 1)
    plain = int.from_bytes(payload, "little") ^ int.from_bytes(keys[:size], "little")
    return plain.to_bytes(size, "little")

"""Packets of Engine.IO 4 and Socket.IO 5 as text: read from one WebSocket message, written as one.

Payloads stay JSON: they are decoded once, by their own types. Packets with binary attachments are
told apart and never gathered.
"""

import json
import re
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from router.hub.websocket import frame

OPEN: Final = b"0"
CLOSE: Final = "1"
PING: Final = frame(b"2")
PONG: Final = "3"

_PACKET: Final = re.compile(
    r"4([0-6])"  # an Engine.IO message that is a Socket.IO packet of this kind
    r"(?:(/[^,?]*)(?:\?[^,]*)?(?:,|\Z))?+"  # its namespace, and a query that nobody reads
    r"([0-9]{1,15}+)?+"  # the id of the ack it waits for: an integer every client holds exactly
    r"(?![0-9])(.*)",
    re.ASCII | re.DOTALL,
)
_ARGUMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_NAME: Final = msgspec.json.Decoder(str)
_encoded = msgspec.json.Encoder().encode


class Kind(IntEnum):
    """What a Socket.IO packet is."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


class Packet(NamedTuple):
    """One Socket.IO packet.

    Attributes:
        path: The namespace.
        id: Names the ack; None when none is waited for.
        data: JSON, or nothing.
    """

    kind: Kind
    path: str
    id: int | None
    data: str


class Call(NamedTuple):
    """One event of a client.

    Attributes:
        id: Names the ack it waits for; None when it waits for none.
        payload: Its JSON; None when it was not one object.
    """

    name: str
    id: int | None
    payload: bytes | None


def packet_of(text: str) -> Packet:
    """Read a Socket.IO packet.

    Raises:
        ValueError: It is none.
    """
    found = _PACKET.fullmatch(text)
    if found is None:
        raise ValueError("not a packet")
    kind, path, call, data = found.groups()
    return Packet(_KINDS[kind], path or "/", int(call) if call else None, data)


_KINDS: Final = {str(kind.value): kind for kind in Kind}


def call_of(packet: Packet) -> Call:
    """Read an event's name and leave its one argument as it is; none at all is an empty object.

    One that is nested too deep to be read, or whose name no text can hold, is an event of no name:
    it is answered all the same.

    Raises:
        ValueError: It is not an event.
    """
    try:
        parts = _parts(packet.data)
    except RecursionError:
        return Call("", packet.id, None)
    if not parts:
        raise ValueError("an event has a name")
    try:
        name = _NAME.decode(parts[0])
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return Call("", packet.id, None)  # half a character stands in it
    match parts[1:]:
        case []:
            payload: bytes | None = b"{}"
        case [only]:
            payload = bytes(only)
        case _:
            payload = None
    return Call(name, packet.id, payload)


def _parts(data: str) -> list[msgspec.Raw]:
    """Cut arguments apart, also those in which half a character stands.

    Raises:
        RecursionError: They are nested too deep.
        ValueError: It is no JSON, or no list.
    """
    try:
        return _ARGUMENTS.decode(data)
    except msgspec.DecodeError:
        read = json.loads(data, parse_int=_bounded)
    arguments = msgspec.convert(read, list[object])
    return [msgspec.Raw(json.dumps(each).encode()) for each in arguments]


def _bounded(digits: str) -> int:
    """A number that is too long for any field stays so, and does not cost its square to read."""
    return int(digits[:100])


def opened(sid: str, *, interval_ms: int, timeout_ms: int, bytes_max: int) -> bytes:
    """The Engine.IO handshake."""
    told: dict[str, object] = {
        "sid": sid,
        "upgrades": [],
        "pingInterval": interval_ms,
        "pingTimeout": timeout_ms,
        "maxPayload": bytes_max,
    }
    return frame(OPEN + _encoded(told))


def written(kind: Kind, path: str, value: object = None, call: int | None = None) -> bytes:
    """A packet as one frame, for any number of sockets."""
    head = _head(kind, path)
    if call is not None:
        head += b"%d" % call
    return frame(head if value is None else head + _encoded(value))


@lru_cache(maxsize=256)
def _head(kind: Kind, path: str) -> bytes:
    where = "" if path == "/" else f"{path},"
    return f"4{kind.value}{where}".encode()

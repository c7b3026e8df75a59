"""What a hostile client sends: valid samples and what mutation makes of them, drawn from a seed.

The same ``Random`` gives the same bytes, so whatever breaks a server can be sent to it again.
"""

import base64
import json
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import msgspec

from router.hub import wire
from router.hub.packets import Kind, call_of, packet_of
from router.hub.websocket import FrameRefused, Opcode, Reader
from tests.support.server import IDENTITY_SECRET, SECRET, leave_unsigned, sign

BYTES_MAX = 262_144
STRIKES = 3

CUSTOMER: Mapping[str, type[wire.Payload]] = {
    "chat.start": wire.StartChat,
    "message.send": wire.SendToConversation,
    "message.read": wire.ReadConversation,
    "typing": wire.TypeInConversation,
    "chat.end": wire.EndChat,
    "customer.identify": wire.Identify,
    "history": wire.History,
}
AGENT: Mapping[str, type[wire.Payload]] = {
    "presence.set": wire.SetPresence,
    "offer.accept": wire.NameOffer,
    "offer.decline": wire.NameOffer,
    "offer.cancel": wire.NameOffer,
    "message.send": wire.SendToContact,
    "message.read": wire.ReadContact,
    "typing": wire.TypeInContact,
    "contact.transfer": wire.Transfer,
    "contact.conference": wire.NameAgent,
    "conference.leave": wire.LeaveContact,
    "conference.remove": wire.NameAgent,
    "contact.end": wire.LeaveContact,
    "contact.wrapup": wire.FileWrapup,
    "contact.reveal": wire.Reveal,
    "contacts.recent": wire.Recent,
    "directory.queues": wire.Search,
    "directory.agents": wire.Search,
    "history": wire.History,
}


class Raw(NamedTuple):
    """JSON, or something like it, that Python has no value for."""

    text: str


Value: TypeAlias = (
    "bool | int | float | str | Raw | Sequence[Value] | Mapping[str, Value] | Pairs | None"
)


class Pairs(NamedTuple):
    """An object whose keys may stand there twice."""

    members: Sequence[tuple[str, Value]]


def written(value: Value) -> str:
    """Write a value as JSON, its halves of characters escaped."""
    match value:
        case Raw(text):
            return text
        case Pairs(members):
            return "{" + ",".join(f"{json.dumps(key)}:{written(one)}" for key, one in members) + "}"
        case Mapping():
            return written(Pairs(tuple(value.items())))
        case None | bool() | int() | float() | str():
            return json.dumps(value)
        case _:
            return "[" + ",".join(map(written, value)) + "]"


def nested(depth: int) -> Raw:
    """A list in a list in a list."""
    return Raw("[" * depth + "]" * depth)


ODD: tuple[Value, ...] = (
    *(None, True, False, 0, -1, 1, 200, 201, 2**31, 2**53, 2**53 + 1, -(2**63), 2**64),
    *(0.5, 1e308, Raw("1e999"), Raw("-0"), Raw("NaN"), Raw("9" * 400), Raw("9" * 5_000)),
    *("", " ", "\0", "a\0b", "\ud800", "x\udc00y", "\u202e", "\ufeff", "é" * 64, "\U0001f600"),
    *("x" * 64, "x" * 65, "x" * 1_000, "x" * 1_001, "x" * 20_000, "\n" * 300, "1 " * 500),
    *("__proto__", "constructor", "toString", "../../etc/passwd", "' OR 1=1 --", "%s%n", "*"),
    *("<script>alert(1)</script>", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"),
    *("0" * 26, "f" * 26, "F" * 26, "g" * 26, "everyone", "internal", "resolved", "lunch"),
    *((), (None,), ((), ()), tuple(range(300)), {}, {"": ""}, {"a": {"b": {}}}),
    *({"__proto__": {"x": 1}}, {f"k{number}": number for number in range(60)}),
    *(nested(50), nested(450), nested(900), nested(990), nested(1_000), nested(5_000)),
    Pairs((("a", 1), ("a", 2))),
)
KEYS = ("__proto__", "constructor", "", "id", "\ud800", "x" * 300, "\0", "text", "at", "seq", "ok")
NAMES = ("__proto__", "connect", "disconnect", "session", "message", "", "x" * 5_000, "*", "\ud800")


class Ids(NamedTuple):
    """Names of things that exist: one's own, and those of people who chat beside."""

    own: Mapping[str, str]
    others: Sequence[str] = ()


def _plain(rng: random.Random, name: str, ids: Ids) -> Value:
    """What usually stands in a field."""
    match name:
        case "id":
            return str(rng.randrange(10**6))
        case "conversation" | "contact" | "offer":
            return ids.own.get(name, "0" * 26)
        case "text" | "name" | "subject" | "note" | "reason" | "search":
            return rng.choice(("hello", "Kim", "card 4111 1111 1111 1111", "mail kim@mail.example"))
        case "seq" | "limit" | "before" | "after":
            return rng.randrange(1, 200)
        case "attachments":
            return ()
        case _:
            return _plain_choice(rng, name, ids)


def _plain_choice(rng: random.Random, name: str, ids: Ids) -> Value:
    choices: Mapping[str, Sequence[Value]] = {
        "on": (True, False),
        "force": (True, False),
        "state": ("available", "idle", "offline"),
        "audience": ("everyone", "internal"),
        "code": ("resolved", "followup"),
        "idle_code": ("lunch",),
        "field": ("email", "phone"),
        "email": ("kim@mail.example",),
        "phone": ("+46 70 123 45 67",),
        "queue": (ids.own.get("queue", "none"),),
        "agent": (ids.own.get("agent", "none"),),
        "attributes": ({"plan": "gold", "seats": 7},),
        "context": ({"page_url": "https://shop.example/a"},),
        "wrapup": ({"code": "resolved"},),
        "to": ({"queue": ids.own.get("queue", "none")}, {"agent": ids.own.get("agent", "none")}),
        "identity": (identity(rng),),
    }
    return rng.choice(choices[name])


def identity(rng: random.Random) -> str:
    """What a site signs, or seems to have."""
    claims: dict[str, Any] = {"sub": rng.choice(("a", "b", "x" * 300, 7, None, "\ud800"))}
    for name in ("name", "email", "phone", "priority", "skills", "nbf", "exp"):
        if rng.random() < 0.2:
            value = rng.choice(ODD)
            claims[name] = None if isinstance(value, (Raw, Pairs)) else value
    return token(rng, claims, IDENTITY_SECRET)


def token(rng: random.Random, claims: dict[str, Any], secret: str) -> str:
    """A JWT that may be good; its claims are whatever JSON can say."""
    match rng.randrange(8):
        case 0:
            return leave_unsigned(**claims)
        case 1:
            return sign("another secret of the same length", **claims)
        case 2:
            return bent(rng, sign(secret, **claims).encode()).decode("latin-1")
        case 3:
            head = written(rng.choice(ODD)).encode()
            return ".".join([base64.urlsafe_b64encode(head).decode()] * 3)
        case _:
            return sign(secret, **claims)


def bent(rng: random.Random, data: bytes) -> bytes:
    """Change, drop, double or swap some bytes."""
    odd = bytearray(data)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(odd) + 1)
        match rng.randrange(5):
            case 0:
                odd[at:at] = rng.randbytes(rng.randrange(1, 4))
            case 1:
                del odd[at : at + rng.randrange(1, 8)]
            case 2 if at < len(odd):
                odd[at] ^= 1 << rng.randrange(8)
            case 3:
                odd[at:at] = odd[max(0, at - 6) : at]
            case _:
                odd[at : at + 1] = rng.choice((b'"', b"[", b"{", b",", b"\\", b"\0", b"-", b"9"))
    return bytes(odd)


# -- commands --------------------------------------------------------------------------------------


def command(
    rng: random.Random, commands: Mapping[str, type[wire.Payload]], ids: Ids
) -> tuple[str, str]:
    """A command's name, and what an event carries behind it: JSON that can be told from noise."""
    name = rng.choice(tuple(commands))
    payload = sample(rng, commands[name], ids)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        payload = _mutated(rng, payload, ids)
    if rng.random() < 0.03:
        name = rng.choice(NAMES)
    arguments = written(payload if rng.random() < 0.98 else rng.choice(ODD))
    return json.dumps(name), arguments if rng.random() < 0.98 else f"{arguments},{arguments}"


def sample(rng: random.Random, kind: type[wire.Payload], ids: Ids) -> Pairs:
    """A payload of the command's form, with some of what it may leave out."""
    return Pairs(
        tuple(
            (name, _plain(rng, name, ids))
            for name, is_needed in _fields(kind)
            if is_needed or rng.random() < 0.3
        )
    )


@cache
def _fields(kind: type[wire.Payload]) -> tuple[tuple[str, bool], ...]:
    return tuple((field.encode_name, field.required) for field in msgspec.structs.fields(kind))


def _mutated(rng: random.Random, payload: Pairs, ids: Ids) -> Pairs:
    members = list(payload.members)
    if not members:
        return Pairs(((rng.choice(KEYS), odd(rng, ids)),))
    at = rng.randrange(len(members))
    key, value = members[at]
    match rng.randrange(7):
        case 0 | 1 | 2:
            members[at] = key, odd(rng, ids)
        case 3:
            del members[at]
        case 4:
            members.append((rng.choice(KEYS), odd(rng, ids)))
        case 5:
            members.append((key, value if rng.random() < 0.5 else odd(rng, ids)))
        case _:
            members[at] = key, rng.choice(((value,), {key: value}, written(value)))
    return Pairs(members)


def odd(rng: random.Random, ids: Ids) -> Value:
    """A value that may do harm: somebody else's name, one's own in a wrong place, or any other."""
    draw = rng.random()
    if ids.others and draw < 0.25:
        return rng.choice(ids.others)
    if ids.own and draw < 0.4:
        return rng.choice(tuple(ids.own.values()))
    return rng.choice(ODD)


# -- packets ---------------------------------------------------------------------------------------

PACKETS = (
    '42/customer,7["history",{"conversation":"x"}]',
    '42/customer,["typing",{"conversation":"x","on":true}]',
    '42/agent,1["directory.agents",{}]',
    '43/customer,7[{"ok":true}]',
    '40/customer,{"entry_point":"fuzz-0"}',
    '40/agent,{"token":"x"}',
    "41/customer,",
    "41/agent,",
    "3",
    "2probe",
    "5",
    "6",
    "42",
    '42["message",{}]',
    '42/customer?a=b,0["x"]',
    '42/customer,999999999999999["x",1,2]',
    '451-/customer,7["x",{"_placeholder":true,"num":0}]',
    '44/customer,{"message":"x"}',
)


def packet(rng: random.Random) -> bytes:
    """One text of Engine.IO, or something like it."""
    text = rng.choice(PACKETS).encode()
    match rng.randrange(10):
        case 0:
            return bent(rng, bent(rng, text))
        case 1:
            return rng.randbytes(rng.randrange(40)).decode("latin-1").encode()
        case 2:
            return text + written(rng.choice(ODD)).encode()
        case 3 | 4:
            return b"42/customer,7" + f'["x",{written(rng.choice(ODD))}]'.encode()
        case 5:
            return bent(rng, text)
        case 6:
            return text
        case _:
            return rng.choice(PACKETS[:4]).encode()


class Foresight:
    """What a server should make of a stream of frames, to send nothing behind its end."""

    def __init__(self) -> None:
        """Begin with a socket that did nothing wrong yet."""
        self._reader = Reader(BYTES_MAX)
        self._strikes = 0

    def is_over(self, frame: bytes) -> bool:
        """Whether the socket should be closed after one more frame."""
        self._reader.feed(frame)
        try:
            while (message := self._reader.next()) is not None:
                if self._ends(*message):
                    return True
        except (FrameRefused, UnicodeDecodeError):
            return True
        return False

    def _ends(self, opcode: Opcode, payload: bytes) -> bool:
        if opcode is not Opcode.TEXT:
            return opcode in {Opcode.BINARY, Opcode.CLOSE}
        text = payload.decode()
        try:
            read = None if text in {"3", "1"} else packet_of(text)
            if read is not None and read.kind is Kind.EVENT:
                call_of(read)
        except ValueError:
            read = None
            self._strikes += 1
        is_binary = read is not None and read.kind in {Kind.BINARY_EVENT, Kind.BINARY_ACK}
        return text == "1" or is_binary or self._strikes >= STRIKES


# -- frames ----------------------------------------------------------------------------------------


def framed(
    payload: bytes,
    first: int = 0x81,
    *,
    mask: bytes | None = b"\x9d\x42\xe7\x31",
    size: int | None = None,
    width: int | None = None,
) -> bytes:
    """One frame as a client sends it, or with a size, a width of it or a mask that lies."""
    told = len(payload) if size is None else size
    bit = 0 if mask is None else 0x80
    if width is None:
        width = 0 if told < 126 else 2 if told < 1 << 16 else 8
    match width:
        case 0:
            head = bytes((first, bit | (told & 0x7F)))
        case 2:
            head = bytes((first, bit | 126)) + (told & 0xFFFF).to_bytes(2, "big")
        case _:
            head = bytes((first, bit | 127)) + (told % 2**64).to_bytes(8, "big")
    if mask is None:
        return head + payload
    keys = mask * (len(payload) // 4 + 1)
    masked = int.from_bytes(payload, "little") ^ int.from_bytes(keys[: len(payload)], "little")
    return head + mask + masked.to_bytes(len(payload), "little")


HARMLESS = (b"3", b'42/agent,7["x",{}]', b"43/agent,1[]", b"41/agent,", b'42/agent,["x"]')


def _fragments(rng: random.Random) -> bytes:
    """A message in pieces, with a ping in between."""
    text = rng.choice(HARMLESS)
    cut = rng.randrange(len(text) + 1)
    middle = framed(b"between", 0x89) if rng.random() < 0.5 else b""
    last = rng.choice((0x80, 0x80, 0x80, 0x80, 0x00, 0x81))
    return framed(text[:cut], 0x01) + middle + framed(text[cut:], last)


def _lying(rng: random.Random) -> bytes:
    sizes = (0, 1, 125, 126, 127, 65_535, BYTES_MAX, BYTES_MAX + 1, 2**31, 2**63, 2**64 - 1)
    width = rng.choice((None, 0, 2, 8))
    return framed(rng.choice(HARMLESS), size=rng.choice(sizes), width=width)


SHAPES: tuple[tuple[int, Callable[[random.Random], bytes]], ...] = (
    (12, lambda rng: framed(rng.choice(HARMLESS), mask=rng.randbytes(4))),
    (6, lambda rng: framed(rng.randbytes(rng.randrange(126)), 0x89)),
    (6, lambda rng: framed(rng.randbytes(rng.randrange(126)), 0x8A)),
    (4, lambda rng: framed(rng.choice(HARMLESS), width=rng.choice((2, 8)))),
    (8, _fragments),
    (1, _lying),
    (1, lambda rng: framed(rng.choice(HARMLESS), rng.randrange(256))),
    (1, lambda rng: framed(rng.choice(HARMLESS), mask=None)),
    (1, lambda rng: framed(b"4" + rng.randbytes(rng.randrange(200)))),
    (1, lambda rng: framed(rng.randbytes(rng.randrange(300)), 0x88 + rng.randrange(3))),
    (1, lambda rng: framed(rng.choice((b"", b"\x03", b"\x03\xe8", b"\xff\xff\xff")), 0x88)),
    (1, lambda rng: framed(b"x" * rng.choice((1_000, 70_000, BYTES_MAX, BYTES_MAX + 1)))),
    (1, lambda rng: bent(rng, framed(rng.choice(HARMLESS)))),
    (1, lambda rng: rng.randbytes(rng.randrange(1, 60))),
    (1, lambda rng: framed(packet(rng))),
)
"""Each with how often it is drawn; often what ends no socket, or few frames would count."""

DRAWN = tuple(shape for weight, shape in SHAPES for _ in range(weight))


def frame(rng: random.Random) -> bytes:
    """One frame, or noise in its place."""
    return rng.choice(DRAWN)(rng)


# -- handshakes ------------------------------------------------------------------------------------

TARGET = "/socket.io/?EIO=4&transport=websocket"
HEADERS = (
    ("Host", "127.0.0.1"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "ZnJvbnRkZXNrIHRlc3RzIQ=="),
    ("Sec-WebSocket-Version", "13"),
)
TARGETS = (
    "/socket.io/?EIO=3&transport=websocket",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=websocket&sid=abc",
    "/socket.io/?EIO=4&EIO=5&transport=websocket&transport=polling",
    "/socket.io/?" + "a=b&" * 1_000,
    "/socket.io/../healthz",
    "/%00",
    "//evil.example/socket.io/",
    "http://evil.example/socket.io/?EIO=4&transport=websocket",
    "*",
    "/" + "x" * 9_000,
)
MORE = (
    ("Origin", "https://evil.example"),
    ("Origin", "null"),
    ("X-Forwarded-For", "6.6.6.6, , [::1]:80, \xff"),
    ("Content-Length", "10"),
    ("Content-Length", "-1"),
    ("Transfer-Encoding", "chunked"),
    ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
    ("Sec-WebSocket-Protocol", "chat"),
    ("Expect", "100-continue"),
    ("Cookie", "a=" + "b" * 5_000),
    ("X-Long", "x" * 9_000),
    ("X Bad", "name"),
    ("X-Line", "a\r\n b"),
    ("Connection", "close"),
)
METHODS = ("GET", "GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "CONNECT", "TRACE", "get", "G T")


def request(rng: random.Random) -> bytes:
    """A request for a WebSocket, or something like it."""
    method = rng.choice(METHODS)
    target = TARGET if rng.random() < 0.7 else rng.choice(TARGETS)
    headers = [each for each in HEADERS if rng.random() < 0.95]
    headers += [rng.choice(MORE) for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
    rng.shuffle(headers)
    version = rng.choice(("HTTP/1.1",) * 8 + ("HTTP/1.0", "HTTP/2.0", "HTTP/9", ""))
    lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers)]
    data = "\r\n".join([*lines, "", ""]).encode("latin-1")
    match rng.randrange(10):
        case 0:
            return bent(rng, data)
        case 1:
            return data + rng.randbytes(rng.randrange(60))
        case 2:
            return data + data
        case _:
            return data


def auth(rng: random.Random, agent: str) -> tuple[str, str]:
    """A namespace, and what is shown to enter it."""
    if rng.random() < 0.5:
        members: Sequence[tuple[str, Value]] = (("token", agent_token(rng, agent)),)
        path = "/agent"
    else:
        path = "/customer"
        members = (
            ("entry_point", rng.choice(("fuzz-0", "fuzz-1", "calm", "", "nowhere"))),
            ("token", rng.choice((None, "x" * 43, "", "\ud800"))),
            ("identity", identity(rng) if rng.random() < 0.3 else None),
        )
    payload = Pairs(members)
    if rng.random() < 0.5:
        payload = _mutated(rng, payload, Ids({}))
    draw = rng.random()
    if draw < 0.05:
        return path, ""
    if draw < 0.15:
        return path, f"[{written(rng.choice(ODD))}]"  # bare digits would be the packet's id
    text = written(payload)
    return path, text if draw < 0.9 else bent(rng, text.encode()).decode("utf-8", "replace")


def agent_token(rng: random.Random, agent: str) -> str:
    """A desktop's token, or something like it."""
    claims: dict[str, Any] = {"sub": agent, "roles": ["agent"]}
    if rng.random() < 0.6:
        value = rng.choice(ODD)
        name = rng.choice(("sub", "roles", "tenant", "nbf", "exp", "iat", "crit"))
        claims[name] = None if isinstance(value, (Raw, Pairs)) else value
    return token(rng, claims, SECRET)

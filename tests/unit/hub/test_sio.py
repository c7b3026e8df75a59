"""Sockets: who enters, in which order things happen, and what a client cannot do to us."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import BaseTestServer, TestServer
from prometheus_client import REGISTRY

from router.hub.emission import Emission
from router.hub.errors import connection_refused
from router.hub.links import COMMANDS_WAITING_MAX, Handshake
from router.hub.pipe import REFUSALS
from router.hub.rooms import Rooms
from router.hub.shapes import Shape
from router.hub.sio import Bounds, Sockets
from router.kernel.errors import RefusalCode
from router.kernel.ids import ConnectionId

URL = "/socket.io/?EIO=4&transport=websocket"


class Seen(Shape, frozen=True, kw_only=True):
    """An event of no namespace of ours."""

    of: str


class Echo:
    """A namespace that answers each command with its name, when its gate is open."""

    def __init__(self) -> None:
        """Begin with an open gate."""
        self.rooms: Rooms | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.done: list[str] = []
        self.left = asyncio.Event()

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Refuse who says so."""
        assert connection
        if "stranger" in handshake.auth:
            raise connection_refused(RefusalCode.FORBIDDEN, "not you", path="token")

    async def welcome(self, connection: ConnectionId) -> None:
        """Hear the room of all."""
        assert self.rooms is not None
        self.rooms.enter(connection, "all", f"connection:{connection}")

    async def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> Mapping[str, object]:
        """Emit an event, then answer."""
        assert self.rooms is not None
        await self.gate.wait()
        if name == "break":
            raise ValueError("broken on purpose")
        if name == "cancel":
            raise asyncio.CancelledError
        self.done.append(name)
        room = f"connection:{connection}"
        self.rooms.emit(Emission("/agent", (room, "all"), "seen", Seen(of=name)))
        return {"ok": True, "name": name, "payload": payload is not None}

    async def disconnect(self, connection: ConnectionId) -> None:
        """Note that it left."""
        assert connection
        self.done.append("disconnect")
        self.left.set()


class Rig:
    """A server with one namespace, and clients that speak frames."""

    def __init__(self, server: BaseTestServer, session: ClientSession, sockets: Sockets) -> None:
        """Keep what tests look at."""
        self.echo = Echo()
        self.server = server
        self.session = session
        self.sockets = sockets

    @property
    def rooms(self) -> Rooms:
        """What the clients hear."""
        assert self.echo.rooms is not None
        return self.echo.rooms

    async def open(self) -> ClientWebSocketResponse:
        """A WebSocket whose Engine.IO handshake is done."""
        socket = await self.session.ws_connect(self.server.make_url(URL), compress=15)
        opened = await socket.receive_str()
        assert opened.startswith("0{")
        return socket

    async def enter(self) -> ClientWebSocketResponse:
        """A socket that is in the namespace."""
        socket = await self.open()
        await socket.send_str("40/agent,")
        assert (await socket.receive_str()).startswith('40/agent,{"sid"')
        return socket


@asynccontextmanager
async def served(bounds: Bounds) -> AsyncGenerator[Rig]:
    """A server with these bounds, closed at the end."""
    echo = Echo()
    sockets = Sockets(bounds=bounds)
    sockets.open("/agent", echo)
    echo.rooms = sockets.rooms()
    app = web.Application()
    sockets.attach(app)
    async with TestServer(app) as server, ClientSession() as session:
        rig = Rig(server, session, sockets)
        rig.echo = echo
        yield rig
        await sockets.stop(within_s=1)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A server with the usual bounds."""
    async with served(Bounds()) as made:
        yield made


async def closed(socket: ClientWebSocketResponse) -> bool:
    """Whether the server closes the socket, whatever it says before."""
    async with asyncio.timeout(5):
        while True:
            message = await socket.receive()
            if message.type is not WSMsgType.TEXT:
                return True


async def test_no_compression_is_agreed_on_even_when_asked_for(rig: Rig) -> None:
    """permessage-deflate costs a socket four times its memory."""
    socket = await rig.session.ws_connect(rig.server.make_url(URL), compress=15)

    assert socket.compress == 0


async def test_the_handshake_tells_the_heartbeat_and_the_largest_message(rig: Rig) -> None:
    """A dead desktop is noticed within ten seconds; no upgrade is offered."""
    socket = await rig.session.ws_connect(rig.server.make_url(URL))
    told = json.loads((await socket.receive_str())[1:])

    assert told["pingInterval"] == 5_000
    assert told["pingTimeout"] == 4_000
    assert told["maxPayload"] == 262_144
    assert told["upgrades"] == []


async def test_long_polling_is_refused(rig: Rig) -> None:
    """It would need sticky sessions."""
    async with rig.session.get(rig.server.make_url("/socket.io/?EIO=4&transport=polling")) as got:
        assert got.status == 400


async def test_an_ack_follows_the_events_its_command_caused(rig: Rig) -> None:
    """A client that was answered has seen everything it caused."""
    socket = await rig.enter()
    await socket.send_str('42/agent,7["do",{}]')

    assert await socket.receive_str() == '42/agent,["seen",{"of":"do"}]'
    assert await socket.receive_str() == '43/agent,7[{"ok":true,"name":"do","payload":true}]'


async def test_an_event_without_an_ack_is_done_and_not_answered(rig: Rig) -> None:
    """A client need not listen to be obeyed."""
    socket = await rig.enter()
    await socket.send_str('42/agent,["first",{}]')
    await socket.send_str('42/agent,1["second"]')
    got = [await socket.receive_str() for _ in range(3)]

    assert rig.echo.done == ["first", "second"]
    assert got[2].startswith("43/agent,1[")


async def test_two_arguments_are_not_one_object(rig: Rig) -> None:
    """A command has one payload; the namespace is told that it is none."""
    socket = await rig.enter()
    await socket.send_str('42/agent,1["do",{},{}]')
    await socket.receive_str()

    assert '"payload":false' in await socket.receive_str()


async def test_a_payload_that_is_nested_too_deep_is_answered(rig: Rig) -> None:
    """A command with a callback is answered, however little of it can be read."""
    socket = await rig.enter()
    await socket.send_str('42/agent,7["deep",' + "[" * 20_000 + "]" * 20_000 + "]")
    await socket.receive_str()

    assert await socket.receive_str() == '43/agent,7[{"ok":true,"name":"","payload":false}]'


async def test_half_a_character_in_a_payload_is_left_to_who_reads_it(rig: Rig) -> None:
    """The fast decoder refuses the whole packet; the client must be answered nevertheless."""
    socket = await rig.enter()
    await socket.send_str(r'42/agent,1["do",{"text":"x\ud800"}]')
    await socket.receive_str()

    assert '"payload":true' in await socket.receive_str()


@pytest.mark.parametrize("how", ["break", "cancel"])
async def test_a_command_that_breaks_is_answered_and_the_next_one_works(rig: Rig, how: str) -> None:
    """A bug in one command, or the end of what it waited for, must not take the socket away."""
    socket = await rig.enter()
    await socket.send_str(f'42/agent,1["{how}",{{}}]')
    await socket.send_str('42/agent,2["do",{}]')

    assert '"code":"unavailable"' in await socket.receive_str()
    assert await socket.receive_str() == '42/agent,["seen",{"of":"do"}]'


async def test_the_heartbeat_goes_on_while_a_command_waits() -> None:
    """A slow commit must not look like a dead client."""
    async with served(Bounds(ping_interval_ms=100, ping_timeout_ms=100)) as rig:
        socket = await rig.enter()
        rig.echo.gate.clear()
        await socket.send_str('42/agent,1["slow",{}]')
        pings = 0
        while pings < 4:
            assert await socket.receive_str() == "2"
            await socket.send_str("3")
            pings += 1
        rig.echo.gate.set()

        assert "seen" in await socket.receive_str()


async def test_a_client_that_answers_no_ping_is_disconnected() -> None:
    """A dead desktop must be noticed, or its offers ring for nobody."""
    async with served(Bounds(ping_interval_ms=100, ping_timeout_ms=100)) as rig:
        await rig.enter()

        async with asyncio.timeout(5):
            await rig.echo.left.wait()


async def test_a_client_that_leaves_during_a_command_is_forgotten_after_it(rig: Rig) -> None:
    """The disconnect must not be lost, nor overtake what was asked before."""
    socket = await rig.enter()
    rig.echo.gate.clear()
    await socket.send_str('42/agent,1["first",{}]')
    await socket.send_str('42/agent,2["second",{}]')
    await socket.close()
    rig.echo.gate.set()
    async with asyncio.timeout(5):
        await rig.echo.left.wait()

    assert rig.echo.done == ["first", "second", "disconnect"]


async def test_more_waiting_commands_than_allowed_are_refused_at_once(rig: Rig) -> None:
    """Memory is bounded, and the client learns when to try again."""
    socket = await rig.enter()
    rig.echo.gate.clear()
    for call in range(COMMANDS_WAITING_MAX + 2):
        await socket.send_str(f'42/agent,{call}["do",{{}}]')
    answer = await socket.receive_str()
    rig.echo.gate.set()

    assert answer.startswith(f"43/agent,{COMMANDS_WAITING_MAX + 1}[")
    assert '"code":"rate_limited"' in answer
    assert '"details":{"retry_after_ms":1000}' in answer


async def test_a_full_waiting_room_is_emptied_in_order(rig: Rig) -> None:
    """Commands that need not wait are done one after the other, not one inside the other."""
    socket = await rig.enter()
    rig.echo.gate.clear()
    for call in range(COMMANDS_WAITING_MAX):
        await socket.send_str(f'42/agent,{call}["do",{{}}]')
    await socket.send_str("41/agent,")
    rig.echo.gate.set()
    async with asyncio.timeout(5):
        await rig.echo.left.wait()

    assert rig.echo.done == ["do"] * COMMANDS_WAITING_MAX + ["disconnect"]


async def test_large_commands_fill_the_waiting_room_sooner(rig: Rig) -> None:
    """Few of the largest that are read would hold more memory than many usual ones."""
    socket = await rig.enter()
    rig.echo.gate.clear()
    text = "x" * 250_000
    for call in range(6):
        await socket.send_str(f'42/agent,{call}["do","{text}"]')
    answer = await socket.receive_str()
    rig.echo.gate.set()

    assert answer.startswith("43/agent,5[")
    assert '"code":"rate_limited"' in answer


async def test_a_refusal_to_enter_is_found_in_the_data_of_the_error(rig: Rig) -> None:
    """Clients hand `data` of the packet to their error handlers."""
    socket = await rig.open()
    await socket.send_str('40/agent,{"token":"stranger"}')
    packet = await socket.receive_str()

    assert packet.startswith("44/agent,")
    assert json.loads(packet.removeprefix("44/agent,"))["data"] == {
        "code": "forbidden",
        "message": "not you",
        "retryable": False,
        "details": {"path": "token"},
    }


async def test_who_was_refused_may_ask_again_on_the_same_socket(rig: Rig) -> None:
    """A fresh token needs no fresh transport."""
    socket = await rig.open()
    await socket.send_str('40/agent,{"token":"stranger"}')
    await socket.receive_str()
    await rig.echo.left.wait()
    await socket.send_str("40/agent,{}")

    assert (await socket.receive_str()).startswith('40/agent,{"sid"')


async def refused(socket: ClientWebSocketResponse, times: int) -> None:
    """Be refused so often."""
    for _ in range(times):
        await socket.send_str('40/agent,{"token":"stranger"}')
        assert (await socket.receive_str()).startswith("44/agent,")


async def test_who_is_refused_over_and_over_is_sent_away_with_its_last_refusal(rig: Rig) -> None:
    """Each refusal gives it time for another try, so one socket could stay for ever."""
    socket = await rig.open()
    await refused(socket, REFUSALS)
    last = await socket.receive()

    assert last.type is WSMsgType.CLOSE
    assert last.data == 1008


async def test_who_is_in_a_namespace_stays_however_often_another_refuses_it(rig: Rig) -> None:
    """A page shows two things on one socket; one of them works."""
    rig.sockets.open("/customer", rig.echo)
    socket = await rig.open()
    await socket.send_str("40/customer,")
    await socket.receive_str()
    await refused(socket, REFUSALS + 1)
    await socket.send_str('42/customer,1["do",{}]')

    assert (await socket.receive_str()).startswith("43/customer,1[")


async def test_who_left_a_namespace_enters_again_behind_its_last_command(rig: Rig) -> None:
    """A page that reconnects on a shared socket does not wait for its commands to be answered."""
    socket = await rig.enter()
    rig.echo.gate.clear()
    frames = ['42/agent,["before",{}]', "41/agent,", "40/agent,", '42/agent,7["after",{}]']
    for frame in [*frames, "40/nowhere,"]:
        await socket.send_str(frame)
    assert (await socket.receive_str()).startswith("44/nowhere"), "all frames were read"
    rig.echo.gate.set()

    assert (await socket.receive_str()).startswith('40/agent,{"sid"')
    assert await socket.receive_str() == '42/agent,["seen",{"of":"after"}]'
    assert (await socket.receive_str()).startswith("43/agent,7")
    assert rig.echo.done == ["before", "disconnect", "after"]


async def test_entering_and_leaving_over_and_over_is_given_up_on(rig: Rig) -> None:
    """Whoever leaves before it was let in waits for nothing that is worth keeping in memory."""
    socket = await rig.enter()
    rig.echo.gate.clear()
    await socket.send_str('42/agent,["slow",{}]')
    for _ in range(5):
        await socket.send_str("41/agent,")
        await socket.send_str("40/agent,")

    assert await closed(socket)
    rig.echo.gate.set()


async def test_an_unknown_namespace_is_refused(rig: Rig) -> None:
    """The default namespace too: there is nothing in it."""
    socket = await rig.open()
    await socket.send_str("40")
    first = await socket.receive_str()
    await socket.send_str("40/admin,{}")
    second = await socket.receive_str()

    assert json.loads(first.removeprefix("44"))["data"]["code"] == "not_found"
    assert json.loads(second.removeprefix("44/admin,"))["data"]["code"] == "not_found"


@pytest.mark.parametrize("packet", ["451-/agent,[]", "461-/agent,1[]"])
async def test_binary_packets_are_refused(rig: Rig, packet: str) -> None:
    """Their attachments would be kept in memory until the last one came."""
    socket = await rig.enter()
    await socket.send_str(packet)

    assert await closed(socket)


async def test_binary_frames_are_refused(rig: Rig) -> None:
    """Nothing of the protocol is binary."""
    socket = await rig.enter()
    await socket.send_bytes(b"40/agent,")

    assert await closed(socket)


@pytest.mark.parametrize("frame", ["9", "x", "4", "4{}", "42/agent,{}", "42/agent,[1]", "4²"])
async def test_three_packets_that_nobody_can_read_end_the_socket(rig: Rig, frame: str) -> None:
    """One may be a mistake; a client that goes on is broken or hostile."""
    socket = await rig.enter()
    await socket.send_str(frame)
    await socket.send_str(frame)
    await socket.send_str('42/agent,1["do",{}]')
    seen = await socket.receive_str()
    await socket.receive_str()
    await socket.send_str(frame)

    assert "seen" in seen
    assert await closed(socket)


async def test_an_empty_frame_does_not_end_the_read_loop_unseen(rig: Rig) -> None:
    """The library's parser raises on it outside of its own care."""
    socket = await rig.enter()
    await socket.send_str("")
    await socket.send_str('42/agent,1["do",{}]')

    assert "seen" in await socket.receive_str()


async def test_a_message_larger_than_allowed_ends_the_socket(rig: Rig) -> None:
    """It is not read into memory first."""
    socket = await rig.enter()
    await socket.send_str("4" + "x" * 300_000)

    assert await closed(socket)


async def test_a_client_that_says_it_closes_is_not_kept_open(rig: Rig) -> None:
    """Whoever says goodbye and stays would hold a socket for nothing."""
    socket = await rig.enter()
    await socket.send_str("1")

    assert await closed(socket)
    await rig.echo.left.wait()


async def test_a_socket_that_enters_nothing_is_closed() -> None:
    """It would cost memory and do nothing."""
    async with served(Bounds(connect_timeout_ms=100)) as rig:
        socket = await rig.open()

        assert await closed(socket)


@pytest.mark.parametrize(
    ("bounds", "status"),
    [(Bounds(sockets_max=2), 503), (Bounds(sockets_per_address=1), 429)],
    ids=["process", "address"],
)
async def test_there_is_room_for_so_many_transports_whether_or_not_they_enter(
    bounds: Bounds, status: int
) -> None:
    """Limits on entering never see those who only open transports; each place is given back."""
    async with served(bounds) as rig:
        first, _second = await rig.enter(), await rig.open()
        async with rig.session.get(rig.server.make_url(URL)) as third:
            refused_with = third.status
        await first.close()
        await rig.echo.left.wait()
        await rig.enter()

        assert refused_with == status


@pytest.mark.parametrize(
    ("bounds", "what"),
    [(Bounds(sockets_max=2), "process"), (Bounds(sockets_per_address=1), "sockets")],
)
async def test_a_full_process_is_counted_apart_from_a_crowded_address(
    bounds: Bounds, what: str
) -> None:
    """The one needs another process, the other a proxy that is believed."""
    before = {each: refused_by(each) for each in ("process", "sockets")}
    async with served(bounds) as rig:
        _first, _second = await rig.open(), await rig.open()
        async with rig.session.get(rig.server.make_url(URL)):
            pass
    grown = {each: refused_by(each) - was for each, was in before.items()}

    assert grown == {"process": 0, "sockets": 0} | {what: 1}


def refused_by(what: str) -> float:
    """How many connections a limit has refused."""
    return REGISTRY.get_sample_value("frontdesk_rate_limited_total", {"what": what}) or 0.0


async def test_a_client_that_does_not_read_is_disconnected() -> None:
    """What waits for a slow reader is bounded in bytes."""
    async with served(Bounds(send_queue_bytes_max=100_000)) as rig:
        await rig.enter()
        for _ in range(200):  # far more than the network's own buffers hold
            rig.rooms.emit(Emission("/agent", ("all",), "e", Seen(of="x" * 90_000)))
            await asyncio.sleep(0)

        async with asyncio.timeout(5):
            await rig.echo.left.wait()


async def test_a_client_with_many_packets_waiting_is_disconnected() -> None:
    """What waits for a slow reader is bounded in number too."""
    async with served(Bounds(send_queue_packets_max=50, send_queue_bytes_max=10**9)) as rig:
        await rig.enter()
        for _ in range(200):  # far more than the network's own buffers hold
            rig.rooms.emit(Emission("/agent", ("all",), "e", Seen(of="x" * 90_000)))
            await asyncio.sleep(0)

        async with asyncio.timeout(5):
            await rig.echo.left.wait()


async def test_a_client_that_reads_gets_whatever_comes_in_one_turn() -> None:
    """Only who leaves things unread is slow: a storm of events is no fault of a client's."""
    async with served(Bounds(send_queue_packets_max=50)) as rig:
        socket = await rig.enter()
        for number in range(200):
            rig.rooms.emit(Emission("/agent", ("all",), "e", Seen(of=str(number))))
        got = [await socket.receive_str() for _ in range(200)]

        assert got[-1] == '42/agent,["e",{"of":"199"}]'


@pytest.mark.parametrize("end", ["goodbye", "half closed"])
async def test_who_goes_and_leaves_things_unread_is_forgotten(end: str) -> None:
    """What is written to it never ends, so its transport does not end by itself either."""
    bounds = Bounds(ping_interval_ms=300, ping_timeout_ms=300, send_queue_bytes_max=10**9)
    async with served(bounds) as rig, spoken(rig) as (reader, writer):
        writer.write(masked(b"40/agent,"))
        await reader.readuntil(b"}")
        for _ in range(200):  # far more than the network's own buffers hold
            rig.rooms.emit(Emission("/agent", ("all",), "e", Seen(of="x" * 90_000)))
        if end == "goodbye":
            writer.write(masked(b"", 0x88))
        else:
            writer.write_eof()

        async with asyncio.timeout(5):
            await rig.echo.left.wait()


async def test_who_reads_slowly_gets_only_what_it_needs() -> None:
    """Who types, and one's place in a line, are worth nothing late; messages are."""
    async with served(Bounds(send_queue_packets_soft=4, send_queue_bytes_max=10**9)) as rig:
        socket = await rig.enter()
        for number in range(200):  # far more than the network's own buffers hold
            rig.rooms.emit(
                Emission("/agent", ("all",), "typing", Seen(of=str(number))), is_needed=False
            )
            rig.rooms.emit(Emission("/agent", ("all",), "message", Seen(of="x" * 90_000)))
            await asyncio.sleep(0)
        rig.rooms.emit(Emission("/agent", ("all",), "last", Seen(of="")))
        got: list[str] = []
        while not got or "last" not in got[-1]:
            got.append((await socket.receive_str())[:30])

        assert sum("message" in each for each in got) == 200
        assert got[0] == '42/agent,["typing",{"of":"0"}]'
        assert 0 < sum("typing" in each for each in got) < 190


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A short frame of a client whose mask changes nothing."""
    return bytes((first, 0x80 | len(payload), 0, 0, 0, 0)) + payload


@asynccontextmanager
async def spoken(rig: Rig) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A WebSocket of bare bytes, whose handshakes are done."""
    where = rig.server.make_url("")
    reader, writer = await asyncio.open_connection(where.host, where.port)
    writer.write(
        f"GET {URL} HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ZnJvbnRkZXNrIHRlc3RzIQ==\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    await reader.readuntil(b"}")
    yield reader, writer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (masked(b"x", 0xC1), 1002),
        (masked(b"x", 0x83), 1002),
        (masked(b"x", 0x80), 1002),
        (masked(b"x", 0x01) + masked(b"x", 0x81), 1002),
        (b"\x81\x01x....", 1002),
        (masked(b"x", 0x82), 1003),
        (masked(b"4\xff"), 1007),
        (masked(b"4\xf0\x9f", 0x01) + masked(b"\x98", 0x80), 1007),
        (b"\x81\xff\x7f" + b"\xff" * 11, 1009),
        (masked(b"\x03\xe8bye", 0x88), 1000),
        (masked(b"", 0x88), 1000),
    ],
    ids=[
        "reserved",
        "opcode",
        "continues nothing",
        "interrupted",
        "unmasked",
        "binary",
        "not UTF-8",
        "half a character",
        "huge",
        "goodbye",
        "short goodbye",
    ],
)
async def test_a_socket_that_ends_is_told_why(rig: Rig, stream: bytes, code: int) -> None:
    """Whoever writes a client finds its mistake; nothing behind it is read."""
    async with spoken(rig) as (reader, writer):
        writer.write(stream + masked(b"40/agent,"))
        async with asyncio.timeout(5):
            rest = await reader.read()

    assert rest == b"\x88\x02" + code.to_bytes(2, "big")


async def test_a_packet_in_pieces_with_a_ping_between_is_one_packet(rig: Rig) -> None:
    """A proxy may cut messages as it likes, and a character with them; it may ping meanwhile."""
    async with spoken(rig) as (reader, writer):
        packet = '42/agent,1["dö",{}]'.encode()
        writer.write(masked(b"40/agent,"))
        await reader.readuntil(b"}")
        writer.write(masked(packet[:13], 0x01) + masked(b"there?", 0x89))
        writer.write(masked(b"", 0x00) + masked(packet[13:], 0x80))
        async with asyncio.timeout(5):
            got = await reader.readuntil(b"]")
            got += await reader.readuntil(b"}]")

    assert b"\x8a\x06there?" in got
    assert rig.echo.done == ["dö"]


@pytest.mark.parametrize("strikes", [2, 3])
async def test_unreadable_packets_end_a_socket_at_the_third(rig: Rig, strikes: int) -> None:
    """Not at the second: one mistake may have two causes."""
    async with spoken(rig) as (reader, writer):
        for _ in range(strikes):
            writer.write(masked(b"9"))
        writer.write(masked(b"?", 0x89))
        got = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(5):
                got = await reader.read(3)

    assert got == (b"\x8a\x01?" if strikes == 2 else b"")


@pytest.mark.parametrize("end", ["third strike", "goodbye"])
async def test_frames_behind_the_end_are_not_done(rig: Rig, end: str) -> None:
    """Many arrive in one piece, so the end may stand in the middle of them."""
    async with spoken(rig) as (reader, writer):
        writer.write(masked(b"40/agent,"))
        await reader.readuntil(b"}")
        last = masked(b"9") * 3 if end == "third strike" else masked(b"", 0x88)
        writer.write(masked(b'42/agent,["a"]') + last + masked(b'42/agent,["b"]') * 200)
        async with asyncio.timeout(5):
            await rig.echo.left.wait()

    assert rig.echo.done == ["a", "disconnect"]


async def test_a_socket_in_two_of_the_rooms_hears_an_event_once(rig: Rig) -> None:
    """Rooms overlap; clients must not have to sort out doubles."""
    socket = await rig.enter()
    await socket.send_str('42/agent,1["do",{}]')
    first, second = await socket.receive_str(), await socket.receive_str()

    assert first.startswith("42")
    assert second.startswith("43")


async def test_events_that_were_missed_break_every_transport(rig: Rig) -> None:
    """A client that comes back gets everything anew; one that stays would miss something."""
    socket = await rig.enter()
    rig.sockets.break_off()

    assert await closed(socket)


async def test_a_closed_room_is_told_to_stay_away(rig: Rig) -> None:
    """Whoever was removed must not reconnect by itself."""
    socket = await rig.enter()
    await socket.send_str('42/agent,1["do",{}]')
    await socket.receive_str()
    await socket.receive_str()
    rig.rooms.close("/agent", "all")

    assert await socket.receive_str() == "41/agent,"
    await rig.echo.left.wait()


async def test_stopping_closes_transports_after_the_last_event(rig: Rig) -> None:
    """A client that was not told to stay away reconnects elsewhere by itself."""
    socket = await rig.enter()
    (pipe,) = rig.sockets.turn_away()
    pipe.tell("server.draining", {})
    await rig.sockets.stop(within_s=1)
    told = await socket.receive_str()
    message = await socket.receive()

    assert told == '42/agent,["server.draining",{}]'
    assert message.type is WSMsgType.CLOSE
    assert message.data == 1001
    assert rig.echo.left.is_set()


async def test_nobody_is_let_in_any_more_and_nobody_is_told_to_stay_away(rig: Rig) -> None:
    """A refusal in a namespace would keep a client away; a broken transport brings it back."""
    late = await rig.open()
    await rig.enter()
    rig.sockets.turn_away()
    await late.send_str("40/agent,")
    first = await late.receive()
    answer = await rig.session.get(rig.server.make_url(URL))

    assert first.type is not WSMsgType.TEXT
    assert answer.status >= 400
    with pytest.raises(WSServerHandshakeError):
        await rig.session.ws_connect(rig.server.make_url(URL))

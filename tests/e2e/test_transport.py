"""Sockets that do not behave are answered or dropped, and nobody else notices."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from tests.e2e.floors import Floor
from tests.support.clients import PATIENCE_S


@asynccontextmanager
async def raw_socket(floor: Floor) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """Open a WebSocket and read the Engine.IO handshake; no namespace is connected yet."""
    url = f"{floor.server.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        handshake = json.loads((await socket.receive_str())[1:])

        assert handshake["upgrades"] == []
        yield socket


async def joined(floor: Floor, socket: aiohttp.ClientWebSocketResponse) -> None:
    """Connect as a customer by hand."""
    await socket.send_str("40/customer," + json.dumps({"entry_point": floor.id("shop")}))
    while "session" not in await socket.receive_str(timeout=PATIENCE_S):
        pass


async def answer(socket: aiohttp.ClientWebSocketResponse, packet: str) -> str:
    """Send a packet that wants acknowledgement 7 and give it, or say that the socket closed."""
    with suppress(ConnectionError):  # the other side may close before it has read everything
        await socket.send_str(packet)
    while True:
        message = await socket.receive(timeout=PATIENCE_S)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return "closed"
        if str(message.data).startswith("43/customer,7"):
            return str(message.data)


async def test_a_command_by_hand_is_answered(floor: Floor) -> None:
    """The wire is the public protocol of Socket.IO, version 5."""
    async with raw_socket(floor) as socket:
        await joined(floor, socket)
        said = await answer(socket, '42/customer,7["chat.start",{"text":"by hand"}]')

    assert '"ok":true' in said.replace(" ", "")


@pytest.mark.parametrize(
    "payload",
    [
        r'"chat.start",{"text":"a\ud800b"}',
        r'"chat.start",{"id":"\udc00"}',
        r'"chat.start",{"name":"a\ud83d"}',
        r'"chat.start",{"attributes":{"\ud800":"x"}}',
        r'"history",{"conversation":"\ud800"}',
        '"chat.start",{"attributes":{"size":NaN}}',
        '"chat.start",{"attributes":{"size":1e999}}',
        f'"chat.start",{{"attributes":{{"size":{"9" * 400}}}}}',
        '"chat.start",{},{}',
    ],
    ids=lambda payload: payload[:50],
)
async def test_what_json_can_write_and_text_cannot_hold_is_invalid(
    floor: Floor, payload: str
) -> None:
    """Half a character or a number without end must not get as far as the database."""
    async with raw_socket(floor) as socket:
        await joined(floor, socket)
        said = await answer(socket, f"42/customer,7[{payload}]")

    assert '"code":"invalid"' in said.replace(" ", "")


@pytest.mark.parametrize(
    "packet",
    [
        "42/customer,7[",
        "42/customer,7{}",
        "42/customer,7[7]",
        "42/customer,7[]",
        '42/customer,7["chat.start",{"text":"\\u0000"}]',
        '451-/customer,7["chat.start",{"_placeholder":true,"num":0}]',
        "49/customer,",
        "9",
        "x" * 1000,
        "[" * 100_000,
    ],
    ids=lambda packet: packet[:20],
)
async def test_malformed_packets_harm_only_their_sender(floor: Floor, packet: str) -> None:
    """Anybody on the internet can open a socket and write anything into it."""
    other = await floor.customer()
    async with raw_socket(floor) as socket:
        await joined(floor, socket)
        with suppress(ConnectionError):  # the server may close at the first
            for _ in range(5):
                await socket.send_str(packet)
    started = await other.do("chat.start", text="undisturbed")

    assert started["ok"] is True


async def test_a_huge_packet_is_not_taken(floor: Floor) -> None:
    """The longest text is a thousand characters; megabytes are an attack."""
    other = await floor.customer()
    async with raw_socket(floor) as socket:
        await joined(floor, socket)
        text = json.dumps(["chat.start", {"text": "x" * 5_000_000}])
        said = await answer(socket, f"42/customer,7{text}")
    started = await other.do("chat.start", text="undisturbed")

    assert said == "closed" or '"ok":false' in said.replace(" ", "")
    assert started["ok"] is True


async def test_the_nameless_namespace_offers_nothing(floor: Floor) -> None:
    """A client that forgot its namespace must learn it."""
    async with raw_socket(floor) as socket:
        await socket.send_str("40")
        refused = await socket.receive_str(timeout=PATIENCE_S)

    assert refused.startswith("44")


async def test_commands_before_connecting_are_not_obeyed(floor: Floor) -> None:
    """Only who was let in may speak."""
    async with raw_socket(floor) as socket:
        await socket.send_str('42/agent,7["directory.agents",{}]')
        await socket.send_str('42/customer,7["chat.start",{"text":"x"}]')
        await socket.send_str("40/customer," + json.dumps({"entry_point": floor.id("shop")}))
        packets: list[str] = []
        while not packets or "session" not in packets[-1]:
            message = await socket.receive(timeout=PATIENCE_S)
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            packets.append(str(message.data))

    assert not any(packet.startswith("43") for packet in packets)

"""Packets of Socket.IO: ours are the stock library's, and what it cannot read we do not either."""

# The library has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import json
from contextlib import suppress
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet as StockPacket

from router.hub.packets import Call, Kind, Packet, call_of, opened, packet_of, written

paths = st.sampled_from(["/", "/agent", "/customer", "/a-b/c"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3
        )
    ),
    max_leaves=6,
)
calls = st.none() | st.integers(0, 10**15 - 1)


@given(paths, calls, st.text(st.characters(exclude_categories=["Cs"]), max_size=10), values)
def test_a_stock_clients_event_is_read(
    path: str, call: int | None, name: str, value: object
) -> None:
    """Every platform has a client that writes packets as this library does."""
    stock = StockPacket(Kind.EVENT, data=[name, value], namespace=path, id=call)
    packet = packet_of(f"4{stock.encode()}")
    read = call_of(packet)

    assert (packet.kind, packet.path) == (Kind.EVENT, path)
    assert (read.name, read.id) == (name, call)
    assert read.payload is not None
    assert json.loads(read.payload) == value


@given(
    st.sampled_from([Kind.EVENT, Kind.ACK]), paths, calls, st.lists(values, min_size=1, max_size=3)
)
def test_what_we_write_a_stock_client_reads(
    kind: Kind, path: str, call: int | None, value: list[object]
) -> None:
    """The other way round: events and acks."""
    text = unframed(written(kind, path, value, call))
    stock = StockPacket(encoded_packet=text[1:])

    assert text[0] == "4"
    assert (stock.packet_type, stock.namespace or "/", stock.id) == (kind, path, call)
    assert stock.data == value


def unframed(data: bytes) -> str:
    """The text in a frame."""
    start = {126: 4, 127: 10}.get(data[1], 2)
    return data[start:].decode()


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        ("40", Packet(Kind.CONNECT, "/", None, "")),
        ("40/agent", Packet(Kind.CONNECT, "/agent", None, "")),
        ("40/agent,", Packet(Kind.CONNECT, "/agent", None, "")),
        ('40/agent?x=1,{"token":"t"}', Packet(Kind.CONNECT, "/agent", None, '{"token":"t"}')),
        ("41/agent,", Packet(Kind.DISCONNECT, "/agent", None, "")),
        ('42["e"]', Packet(Kind.EVENT, "/", None, '["e"]')),
        ('42/agent,12["e",{}]', Packet(Kind.EVENT, "/agent", 12, '["e",{}]')),
        ("43/agent,7[]", Packet(Kind.ACK, "/agent", 7, "[]")),
        ('451-/agent,["e"]', Packet(Kind.BINARY_EVENT, "/", 1, '-/agent,["e"]')),
    ],
)
def test_each_form_of_a_packet_is_read(text: str, packet: Packet) -> None:
    """As the protocol's page shows them; of a binary one only the kind matters."""
    assert packet_of(text) == packet


@pytest.mark.parametrize(
    "text", ["", "2", "5", "4", "47", "4x", "4²[]", "42/agent,1234567890123456[]", "hello"]
)
def test_what_is_no_packet_is_not_read(text: str) -> None:
    """Somebody who sends it is no Socket.IO client."""
    with pytest.raises(ValueError, match="packet"):
        packet_of(text)


@pytest.mark.parametrize("data", ["", "{}", "[]", "[1]", "[null,{}]", '["e"', "[[]]", "5"])
def test_what_is_no_event_is_not_read(data: str) -> None:
    """An event is a list that begins with its name."""
    with pytest.raises(ValueError, match=r".*"):
        call_of(Packet(Kind.EVENT, "/", 1, data))


DEEP: Final = '["e",' + "[" * 100_000


@pytest.mark.parametrize(
    ("data", "call"),
    [
        ('["e"]', Call("e", 1, b"{}")),
        ('["e",{"a":1}]', Call("e", 1, b'{"a":1}')),
        ('["e",{},{}]', Call("e", 1, None)),
        (DEEP, Call("", 1, None)),
    ],
    ids=["bare", "one", "two", "deep"],
)
def test_an_event_has_one_payload_or_one_that_is_refused(data: str, call: Call) -> None:
    """Whoever sends something else is told so, by the ack it waits for."""
    assert call_of(Packet(Kind.EVENT, "/", 1, data)) == call


NESTED: Final = "[" * 5_000
HALF: Final = r'"\ud800"'


@pytest.mark.parametrize(
    "data",
    [
        f'["do",{NESTED}{"]" * 5_001}',
        f'["do",{HALF},{NESTED}{"]" * 5_001}',
        f"[{HALF},{{}}]",
        f'["do",{{"size":{"9" * 5_000},"text":{HALF}}}]',
    ],
    ids=["deep", "deep beside half a character", "half a name", "long number"],
)
def test_what_no_command_could_take_is_still_an_event(data: str) -> None:
    """Whoever waits for an ack gets one, and nothing but the command fails."""
    assert call_of(Packet(Kind.EVENT, "/", 1, data)).id == 1


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_packet_or_refused(text: str) -> None:
    """One error is caught where frames are read; another would end up in the log."""
    for one in (text, f"42{text}", f'42/agent,1["do",{text}]'):
        with suppress(ValueError):
            call_of(packet_of(one))


def test_the_handshake_is_engine_ios() -> None:
    """A client takes its heartbeat from it."""
    told = unframed(opened("abc", interval_ms=5_000, timeout_ms=4_000, bytes_max=100))

    assert told[0] == "0"
    assert json.loads(told[1:]) == {
        "sid": "abc",
        "upgrades": [],
        "pingInterval": 5_000,
        "pingTimeout": 4_000,
        "maxPayload": 100,
    }

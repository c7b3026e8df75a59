"""Frames of RFC 6455: what is cut, joined, refused and bounded."""

import os
from typing import Final

import pytest
from aiohttp.http_websocket import WSMsgType
from hypothesis import given
from hypothesis import strategies as st

from router.hub.websocket import (
    CloseCode,
    FrameRefused,
    Opcode,
    Reader,
    accepted,
    close_frame,
    frame,
)

BYTES_MAX: Final = 70_000
ASKED: Final = {
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def client_frame(
    payload: bytes,
    opcode: int = Opcode.TEXT,
    *,
    is_last: bool = True,
    mask: bytes = b"\x01\x02\x03\x04",
    reserved: int = 0,
) -> bytes:
    """A frame as a client sends it."""
    size = len(payload)
    head = bytes([(0x80 if is_last else 0) | reserved | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([0x80 | 127]) + size.to_bytes(8, "big")
    keys = (mask * (size // 4 + 1))[:size]
    return head + mask + bytes(one ^ key for one, key in zip(payload, keys, strict=True))


def messages(reader: Reader) -> list[tuple[Opcode, bytes]]:
    """Everything that is whole."""
    return [got for got in iter(reader.next, None) if got[0] is not Opcode.CONTINUATION]


def test_the_handshake_is_answered_as_in_the_standard() -> None:
    """The key and its proof are the example of RFC 6455, 1.3."""
    answer = accepted(ASKED, ["keep-alive, Upgrade"])

    assert answer is not None
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert b"Extensions" not in answer


@pytest.mark.parametrize(
    "changed",
    [
        {"Upgrade": "h2c"},
        {"Sec-WebSocket-Key": "c2hvcnQ="},
        {"Sec-WebSocket-Key": "not base64 at all!!"},
        {"Sec-WebSocket-Version": "8"},
    ],
    ids=str,
)
def test_a_request_for_something_else_is_no_handshake(changed: dict[str, str]) -> None:
    """A connection is taken over only when the client knows that it will be."""
    assert accepted(ASKED | changed, ["Upgrade"]) is None


@pytest.mark.parametrize(
    ("lines", "is_upgrade"),
    [
        (["keep-alive", "upgrade"], True),
        (["keep-alive,UPGRADE"], True),
        (["keep-alive"], False),
        (["upgraded"], False),
        ([], False),
    ],
)
def test_an_upgrade_is_asked_for_by_a_token_of_any_line(
    lines: list[str],
    is_upgrade: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """RFC 9110, 5.3 and 7.6.1: a list over several lines is one list, in any case of letters."""
    assert (accepted(ASKED, lines) is not None) is is_upgrade


def test_each_piece_of_a_message_gives_the_reader_back() -> None:
    """A client that sends nothing but pieces must not keep everybody waiting for the last one."""
    reader = Reader(BYTES_MAX)
    reader.feed(client_frame(b"a", is_last=False))
    reader.feed(client_frame(b"", Opcode.CONTINUATION, is_last=False) * 1_000)

    assert reader.next() == (Opcode.CONTINUATION, b"")
    assert reader.next() == (Opcode.CONTINUATION, b"")


payloads = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([0, 1, 125, 126, 127, 65_535, 65_536, BYTES_MAX]).map(os.urandom),
)


@given(st.lists(payloads, max_size=6), st.data())
def test_messages_arrive_whole_however_the_network_cuts_them(
    sent: list[bytes], data: st.DataObject
) -> None:
    """TCP keeps bytes in order and nothing else."""
    stream = b"".join(
        client_frame(payload, mask=data.draw(st.binary(min_size=4, max_size=4))) for payload in sent
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader = Reader(BYTES_MAX)
    got: list[tuple[Opcode, bytes]] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        reader.feed(stream[start:end])
        got += messages(reader)

    assert got == [(Opcode.TEXT, payload) for payload in sent]


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=6), st.booleans())
def test_fragments_are_joined_and_control_frames_pass_between_them(
    parts: list[bytes],
    is_interrupted: bool,  # noqa: FBT001 - drawn
) -> None:
    """RFC 6455, 5.4: a ping may come in the middle of a message."""
    reader = Reader(BYTES_MAX)
    for at, part in enumerate(parts):
        opcode = Opcode.TEXT if at == 0 else Opcode.CONTINUATION
        reader.feed(client_frame(part, opcode, is_last=at == len(parts) - 1))
        if is_interrupted and at < len(parts) - 1:
            reader.feed(client_frame(b"?", Opcode.PING))
    got = messages(reader)

    assert got[-1] == (Opcode.TEXT, b"".join(parts))
    assert len(got) == (len(parts) if is_interrupted else 1)


def refusal(stream: bytes) -> CloseCode:
    """Why a stream of frames cannot be read."""
    reader = Reader(BYTES_MAX)
    reader.feed(stream)
    with pytest.raises(FrameRefused) as caught:
        messages(reader)
    return caught.value.code


UNMASKED: Final = frame(b"hello there")


@pytest.mark.parametrize(
    "stream",
    [
        UNMASKED,
        client_frame(b"x", reserved=0x40),
        client_frame(b"x", 3),
        client_frame(b"x", 15),
        client_frame(b"x", Opcode.CONTINUATION),
        client_frame(b"x", is_last=False) + client_frame(b"y"),
        client_frame(b"x", Opcode.PING, is_last=False),
        client_frame(b"x" * 126, Opcode.PING),
    ],
    ids=[
        "unmasked",
        "reserved bit",
        "unknown opcode",
        "unknown control",
        "continues nothing",
        "interrupted",
        "ping in pieces",
        "long ping",
    ],
)
def test_what_breaks_the_protocol_is_refused(stream: bytes) -> None:
    """After one such frame nobody knows where the next one begins."""
    assert refusal(stream) is CloseCode.PROTOCOL_ERROR


@pytest.mark.parametrize("excess", [0, 1])
def test_a_message_is_bounded_whole_and_in_pieces(excess: int) -> None:
    """A size that is only announced is refused before anything of it is kept."""
    announced = client_frame(b"x" * (BYTES_MAX + excess))[:14]
    half = BYTES_MAX // 2
    pieces = client_frame(b"x" * half, is_last=False) + client_frame(
        b"x" * (half + excess), Opcode.CONTINUATION
    )
    reader = Reader(BYTES_MAX)
    reader.feed(pieces)

    if excess:
        assert refusal(announced) is CloseCode.TOO_BIG
        assert refusal(pieces) is CloseCode.TOO_BIG
    else:
        assert messages(reader) == [(Opcode.TEXT, b"x" * BYTES_MAX)]


def test_nothing_of_a_message_stays_behind() -> None:
    """A socket that is idle holds no bytes of what it said."""
    reader = Reader(BYTES_MAX)
    reader.feed(client_frame(b"x" * 5_000) + client_frame(b"y"))

    assert [len(payload) for _, payload in messages(reader)] == [5_000, 1]
    assert messages(reader) == []


@given(payloads)
def test_a_frame_written_is_read_by_the_stock_reader(payload: bytes) -> None:
    """Clients' WebSockets are not ours: our frames must be everybody's."""
    size = len(payload)
    written = frame(payload, Opcode.BINARY)
    start = 2 if size < 126 else 4 if size < 1 << 16 else 10

    assert written[0] == 0x80 | WSMsgType.BINARY
    assert written[1] == (size if size < 126 else 126 if size < 1 << 16 else 127)
    assert int.from_bytes(written[2:start], "big") == (size if start > 2 else 0)
    assert written[start:] == payload


def test_closing_says_why() -> None:
    """A client that knows why comes back, or stays away."""
    assert close_frame(CloseCode.GOING_AWAY) == b"\x88\x02\x03\xe9"

"""Payloads: what is refused, and that a refusal says where without repeating what was sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hub import wire
from router.hub.wire import Payload, decoded
from router.kernel.errors import CommandRefused, Refusal, RefusalCode

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KINDS = [
    wire.StartChat,
    wire.SendToConversation,
    wire.ReadConversation,
    wire.TypeInConversation,
    wire.EndChat,
    wire.Identify,
    wire.History,
    wire.SetPresence,
    wire.NameOffer,
    wire.SendToContact,
    wire.ReadContact,
    wire.TypeInContact,
    wire.Transfer,
    wire.NameAgent,
    wire.LeaveContact,
    wire.FileWrapup,
    wire.Reveal,
    wire.Recent,
    wire.Search,
]


def refusal(kind: type[Payload], payload: bytes | None) -> Refusal:
    """Why a payload is refused."""
    with pytest.raises(CommandRefused) as caught:
        decoded(kind, payload)
    return caught.value.refusal


@pytest.mark.parametrize(
    ("kind", "payload", "path"),
    [
        (wire.StartChat, "[]", ""),
        (wire.StartChat, "null", ""),
        (wire.StartChat, '"text"', ""),
        (wire.StartChat, "{", ""),
        (wire.StartChat, '{"text":1}', "text"),
        (wire.StartChat, '{"text":null}', "text"),
        (wire.StartChat, '{"name":null}', "name"),
        (wire.StartChat, '{"secret":1}', ""),
        (wire.StartChat, '{"context":{"secret":1}}', "context"),
        (wire.StartChat, '{"context":{"page_url":1}}', "context.page_url"),
        (wire.StartChat, '{"attributes":{"secret":{}}}', "attributes"),
        (wire.StartChat, '{"attributes":{"secret":NaN}}', ""),
        (wire.StartChat, '{"id":""}', "id"),
        (wire.StartChat, '{"id":"' + "x" * 65 + '"}', "id"),
        (wire.SendToConversation, '{"text":"hi"}', "conversation"),
        (wire.SendToConversation, '{"conversation":"c"}', "text"),
        (
            wire.SendToConversation,
            '{"conversation":"c","text":"t","attachments":[1]}',
            "attachments",
        ),
        (wire.Transfer, '{"contact":"c","to":{"queue":1}}', "to.queue"),
        (wire.Transfer, '{"contact":"c","to":[]}', "to"),
        (wire.Transfer, '{"contact":"c","to":{},"wrapup":{}}', "wrapup.code"),
        (wire.Transfer, '{"contact":"c","to":{},"wrapup":null}', "wrapup"),
        (wire.SetPresence, '{"state":"rona"}', "state"),
        (wire.History, '{"conversation":"c","limit":0}', "limit"),
        (wire.History, '{"conversation":"c","limit":201}', "limit"),
        (wire.History, '{"conversation":"c","after":-1}', "after"),
        (wire.History, '{"conversation":"c","before":9007199254740993}', "before"),
        (wire.ReadContact, '{"contact":"c","seq":true}', "seq"),
        (wire.ReadContact, '{"contact":"c","seq":1.5}', "seq"),
        (wire.Reveal, '{"contact":"c","field":"name","reason":"r"}', "field"),
    ],
)
def test_what_is_wrong_is_said_in_the_clients_own_words(
    kind: type[Payload], payload: str, path: str
) -> None:
    """A developer finds the field; the path is the one they wrote."""
    found = refusal(kind, payload.encode())

    assert found.code is RefusalCode.INVALID
    assert found.details == {"path": path}


@pytest.mark.parametrize(
    "payload",
    [
        '{"4111111111111111":1}',
        '{"context":{"x` - at `$.text":1}}',
        '{"x - at `$.passwort`":1}',
        '{"attributes":{"geheim":[]}}',
    ],
)
def test_a_name_that_the_client_made_up_is_not_repeated(payload: str) -> None:
    """Errors travel further than data, and a key may be a card number."""
    found = refusal(wire.StartChat, payload.encode())

    assert found.details["path"] in {"", "context", "context.text", "attributes"}
    assert not any(word in str(found) for word in ("4111", "x`", "passwort", "geheim"))


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        (r'{"text":"\ud800"}', "text"),
        (r'{"text":"a\udfffb"}', "text"),
        (r'{"context":{"locale":"\ud83d"}}', "context.locale"),
        (r'{"attributes":{"a":"\udc00"}}', "attributes"),
        (r'{"\ud800":1}', ""),
    ],
)
def test_half_a_character_is_refused_where_it_stands(payload: str, path: str) -> None:
    """It is no text: it can be neither stored nor sent on."""
    assert refusal(wire.StartChat, payload.encode()).details == {"path": path}


def test_a_payload_that_is_not_one_object_is_refused() -> None:
    """An event with two arguments has no payload."""
    assert refusal(wire.Search, None).details == {"path": ""}


def test_what_is_nested_too_deep_is_refused() -> None:
    """How deep that is depends on where it is read, so no reader before this one can tell."""
    nested = b"[" * 20_000

    assert refusal(wire.StartChat, b'{"attributes":' + nested).code is RefusalCode.INVALID


def test_what_is_left_out_is_not_the_same_as_empty() -> None:
    """A chat without a first message is fine; one with an empty message is not."""
    read = decoded(wire.StartChat, b"{}")
    empty = decoded(wire.StartChat, b'{"text":""}')

    assert not isinstance(read.text, str)
    assert empty.text == ""


def test_an_empty_list_of_attachments_is_taken() -> None:
    """Clients that know attachments send it always."""
    read = decoded(wire.SendToContact, b'{"contact":"c","text":"t","attachments":[]}')

    assert read.attachments == ()
    assert read.audience == "everyone"


@given(kind=st.sampled_from(KINDS), value=JSON_VALUES)
def test_no_payload_does_anything_but_decode_or_be_refused(
    kind: type[Payload], value: object
) -> None:
    """Whatever a client sends, it is answered, and the path is made of the protocol's words."""
    try:
        decoded(kind, json.dumps(value).encode())
    except CommandRefused as caught:
        path = caught.refusal.details["path"]
        assert isinstance(path, str)
        assert path.replace(".", "").replace("_", "").isalpha() or not path


@given(kind=st.sampled_from(KINDS), payload=st.binary(max_size=64))
def test_no_bytes_do_anything_but_decode_or_be_refused(kind: type[Payload], payload: bytes) -> None:
    """Also what is no JSON at all; no command takes a bare number, so most are refused."""
    with pytest.raises(CommandRefused) as caught:
        decoded(kind, b"1" + payload)

    assert caught.value.refusal.code is RefusalCode.INVALID

"""Whatever is stored comes back the same, and what a newer version added is no obstacle."""

import types
from typing import Literal, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.kernel.ids import HubId
from router.kernel.messages import AnyCommand, AnyEvent, AnyResult, HubLost
from router.kernel.model import AnyRecord, Message
from router.shard.codec import (
    PACKED_FROM_BYTES,
    canonical,
    decode_entries,
    decode_entry,
    decode_envelope,
    decode_envelopes,
    decode_kept,
    decode_message,
    decode_record,
    encode,
    encode_entries,
    encode_envelopes,
)
from router.shard.engine import Entry, Envelope, Kept, Position

SIZE_MAX = 3
INTEGERS = st.integers(-(2**63), 2**63 - 1)
PLAIN: dict[object, st.SearchStrategy[object]] = {
    str: st.text(max_size=8),
    bytes: st.binary(max_size=8),
    int: INTEGERS,
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    types.NoneType: st.none(),
}


def values(kind: object) -> st.SearchStrategy[object]:
    """Values of an annotation, every optional field of a struct given."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, NewType):
        return values(kind.__supertype__)
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin is Literal:
            return st.sampled_from(arguments)
        case types.UnionType:
            return st.one_of(*map(values, arguments))
        case origin if origin is Union:
            return st.one_of(*map(values, arguments))
        case origin if origin is dict:
            key, value = map(values, arguments)
            return st.dictionaries(key, value, max_size=SIZE_MAX)
        case origin if origin is tuple:
            return tuples(arguments)
        case _:
            assert isinstance(kind, type), kind
            return structs(kind)


def tuples(arguments: tuple[object, ...]) -> st.SearchStrategy[object]:
    """Tuples of a length, or of any."""
    match arguments:
        case (item, last) if last is ...:
            return st.lists(values(item), max_size=SIZE_MAX).map(tuple)
        case _:
            return st.tuples(*map(values, arguments))


def structs(kind: type) -> st.SearchStrategy[object]:
    """Structs and named tuples, from all of their fields."""
    fields = {
        name: values(hint)
        for name, hint in get_type_hints(kind).items()
        if get_origin(hint) is not type and not name.startswith("__")
    }
    return st.fixed_dictionaries(fields).map(lambda given: kind(**given))


@settings(max_examples=25)
@given(st.data())
@pytest.mark.parametrize("kind", get_args(AnyRecord), ids=lambda kind: kind.__name__)
def test_every_record_comes_back_the_same(kind: type[AnyRecord], data: st.DataObject) -> None:
    """A restart must not change what was true before."""
    record = data.draw(structs(kind))
    assert isinstance(record, kind)

    assert decode_record(encode(record)) == record


@settings(max_examples=50)
@given(structs(Message))
def test_every_message_comes_back_the_same(message: object) -> None:
    """A transcript is what was said."""
    assert isinstance(message, Message)

    assert decode_message(encode(message)) == message


@settings(max_examples=25)
@given(st.data())
@pytest.mark.parametrize("kind", get_args(AnyCommand), ids=lambda kind: kind.__name__)
def test_every_command_comes_back_the_same(kind: type[AnyCommand], data: st.DataObject) -> None:
    """Between processes a command is bytes; the writer must read what the hub meant."""
    command = data.draw(structs(kind))
    assert isinstance(command, kind)
    envelope = Envelope(hub=HubId("hub"), n=1, command=command)

    assert decode_envelope(encode(envelope)) == envelope


@settings(max_examples=10)
@given(st.data())
@pytest.mark.parametrize("kind", get_args(AnyEvent), ids=lambda kind: kind.__name__)
def test_every_event_comes_back_the_same(kind: type[AnyEvent], data: st.DataObject) -> None:
    """Followers in other processes tell their clients what happened here."""
    event = data.draw(structs(kind))
    assert isinstance(event, kind)
    entry = Entry(position=Position(1), at_ms=1, events=(event,))

    assert decode_entry(encode(entry)) == entry


@settings(max_examples=20)
@given(st.data())
@pytest.mark.parametrize("kind", get_args(AnyResult), ids=lambda kind: kind.__name__)
def test_every_kept_answer_comes_back_the_same(kind: type[AnyResult], data: st.DataObject) -> None:
    """The second answer to a request is the first."""
    result = data.draw(structs(kind))
    kept = data.draw(structs(Kept))
    assert isinstance(result, kind)
    assert isinstance(kept, Kept)
    kept = msgspec.structs.replace(kept, result=result)

    assert decode_kept(encode(kept)) == kept


def test_a_field_of_a_newer_version_is_no_obstacle_to_reading() -> None:
    """After a roll-back the older version must still start."""
    stored = msgspec.msgpack.encode(
        {"kind": "external", "id": "x", "customer": "kim", "added_later": 1}
    )

    assert decode_record(stored).id == "x"


def test_a_command_with_an_unknown_field_is_refused() -> None:
    """Half of what was asked must not be done."""
    command = {"type": "hub_lost", "hub": "gone", "added_later": 1}
    sent = msgspec.msgpack.encode({"hub": "hub", "n": 1, "command": command})

    with pytest.raises(msgspec.ValidationError):
        decode_envelope(sent)


def test_equal_values_have_the_same_canonical_bytes() -> None:
    """The order in which somebody filled in a form is no difference."""
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert canonical(HubLost(hub=HubId("a"))) != canonical(HubLost(hub=HubId("b")))


@pytest.mark.parametrize("count", [0, 1, 1_000])
def test_what_travels_together_is_packed_where_it_is_much(count: int) -> None:
    """A store that all share has little to do with a large batch, and nobody sees a difference."""
    entries = tuple(Entry(position=Position(n), at_ms=n) for n in range(1, count + 1))
    envelopes = tuple(
        Envelope(hub=HubId("hub"), n=n, command=HubLost(hub=HubId("lost")))
        for n in range(1, count + 1)
    )

    assert decode_entries(encode_entries(entries)) == entries
    assert decode_envelopes(encode_envelopes(envelopes)) == envelopes
    assert len(encode_envelopes(envelopes)) < max(PACKED_FROM_BYTES, 10 * count)

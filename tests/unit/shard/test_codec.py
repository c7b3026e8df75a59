"""Whatever is stored comes back the same, and what a newer version added is no obstacle."""

import types
from collections.abc import Callable
from typing import Literal, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.kernel.ids import ConversationId, CustomerId, HubId
from router.kernel.messages import AnyCommand, AnyEvent, AnyResult, HubLost
from router.kernel.model import AnyRecord, ExternalRecord, Message
from router.shard import formats
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
    decode_signal,
    encode,
    encode_entries,
    encode_envelopes,
)
from router.shard.engine import Entry, Envelope, Kept, NewerFormat, Position, Typing
from router.shard.formats import format_of, life_of, process_of

Read = Callable[[bytes], object]

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


def written_by(version: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, Read]]:
    """What a version stores, and how it is read."""
    record = ExternalRecord(id="x", customer=CustomerId("kim"))
    entry = Entry(position=Position(1), at_ms=1, records=(record,))
    many = tuple(entry for _ in range(500))
    with monkeypatch.context() as patch:
        patch.setattr(formats, "FORMAT", version)
        return [
            (encode(record), decode_record),
            (encode(entry), decode_entry),
            (encode_entries((entry,)), decode_entries),
            (encode_entries(many), decode_entries),
        ]


def test_what_a_newer_version_wrote_is_known_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older process would misread it, or write it again without what it does not know."""
    for data, read in written_by(formats.FORMAT + 1, monkeypatch):
        with pytest.raises(NewerFormat):
            read(data)


def test_a_newer_version_reads_what_all_before_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark says by whom it was written, and nothing else differs."""
    own = written_by(formats.FORMAT, monkeypatch)
    newer = written_by(formats.FORMAT + 1, monkeypatch)
    monkeypatch.setattr(formats, "FORMAT", formats.FORMAT + 2)

    for (data, read), (marked, _) in zip(own, newer, strict=True):
        assert read(data) == read(marked)
        assert len(marked) == len(data) + 1


def test_a_kind_that_nobody_here_knows_is_of_a_newer_version() -> None:
    """Whether or not somebody thought of the mark: what is stored is no wreck."""
    with pytest.raises(NewerFormat):
        decode_record(msgspec.msgpack.encode({"kind": "added_later", "id": "x"}))


def test_a_signal_that_nobody_here_knows_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be lost anyway; one that is known is heard, whoever sent it."""
    typing = Typing(conversation=ConversationId("talk"), on=True)
    with monkeypatch.context() as patch:
        patch.setattr(formats, "FORMAT", formats.FORMAT + 1)
        sent = encode(typing)

    assert decode_signal(msgspec.msgpack.encode({"type": "added_later"})) is None
    assert decode_signal(sent) == typing


def test_a_hub_tells_the_format_of_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others read it in its name; a process that does not know of formats is of the first."""
    first = life_of("process", 2)
    monkeypatch.setattr(formats, "FORMAT", 7)
    later = life_of("process", 2)

    assert (format_of(first), format_of(later)) == (1, 7)
    assert {process_of(first), process_of(later)} == {"process"}


def test_a_command_with_an_unknown_field_is_refused() -> None:
    """Half of what was asked must not be done."""
    command = {"type": "hub_lost", "hub": "gone", "added_later": 1}
    sent = msgspec.msgpack.encode({"hub": "hub", "n": 1, "command": command})

    with pytest.raises(NewerFormat):
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

"""Turns records, messages and answers into bytes and back.

Whatever was stored decodes again. What a newer version wrote is known by its mark, or by a kind
that nobody knows, and left alone; its commands and signals are passed over one by one.
"""

import zlib
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from router.kernel.model import AnyRecord, Message
from router.shard import formats
from router.shard.engine import Entry, Envelope, Kept, NewerFormat, Signal

PACKED_FROM_BYTES = 4_096
"""Some ten commands. Fewer are not worth the time: there is little in them that is said twice."""

PACKED_BEGINS = b"\x78"
"""As RFC 1950 says; in MessagePack it would be the number 120, which is no list."""

_encoder = msgspec.msgpack.Encoder()
_deterministic_encoder = msgspec.msgpack.Encoder(order="deterministic")
_records: msgspec.msgpack.Decoder[AnyRecord] = msgspec.msgpack.Decoder(AnyRecord)
_messages = msgspec.msgpack.Decoder(Message)
_kept = msgspec.msgpack.Decoder(Kept)
_envelopes = msgspec.msgpack.Decoder(Envelope)
_entries = msgspec.msgpack.Decoder(Entry)
_steps = msgspec.msgpack.Decoder(tuple[Entry, ...])
_commands = msgspec.msgpack.Decoder(tuple[msgspec.Raw, ...])
_signals: msgspec.msgpack.Decoder[Signal] = msgspec.msgpack.Decoder(Signal)

ReadT = TypeVar("ReadT")


def encode(value: AnyRecord | Message | Kept | Envelope | Entry | Signal) -> bytes:
    """The bytes that the decoder of its kind reads back."""
    return formats.marked(_encoder.encode(value))


def encode_entries(entries: Sequence[Entry]) -> bytes:
    """The steps of one batch."""
    return formats.marked(_packed(_encoder.encode(entries)))


def encode_envelopes(envelopes: Sequence[Envelope]) -> bytes:
    """Commands that travel together."""
    return _packed(_encoder.encode(envelopes))


def _packed(data: bytes) -> bytes:
    """A sixth of it, for a fiftieth of what the commands in it take otherwise."""
    return data if len(data) < PACKED_FROM_BYTES else zlib.compress(data, 1)


def _unpacked(data: bytes) -> bytes:
    return zlib.decompress(data) if data.startswith(PACKED_BEGINS) else data


def canonical(value: object) -> bytes:
    """The same bytes for equal values, whatever order their mappings were filled in."""
    return _deterministic_encoder.encode(value)


def _read(decoder: msgspec.msgpack.Decoder[ReadT], data: bytes) -> ReadT:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:  # whose words may quote what is stored
        raise NewerFormat(formats.NEWER) from None


def decode_record(data: bytes) -> AnyRecord:
    """A stored record.

    Raises:
        NewerFormat: Only a newer version knows it.
        msgspec.DecodeError: The bytes are no record.
    """
    return _read(_records, formats.unmarked(data))


def decode_message(data: bytes) -> Message:
    """A line of a transcript; raises as `decode_record`."""
    return _read(_messages, formats.unmarked(data))


def decode_kept(data: bytes) -> Kept:
    """A kept answer; raises as `decode_record`."""
    return _read(_kept, formats.unmarked(data))


def decode_envelope(data: bytes) -> Envelope:
    """A command on its way; raises as `decode_record`, also for a field no command has."""
    return _read(_envelopes, formats.unmarked(data))


def decode_entry(data: bytes) -> Entry:
    """A step of the log; raises as `decode_record`."""
    return _read(_entries, formats.unmarked(data))


def decode_entries(data: bytes) -> tuple[Entry, ...]:
    """The steps of one batch; raises as `decode_record`."""
    return _read(_steps, _unpacked(formats.unmarked(data)))


def decode_envelopes(data: bytes) -> tuple[Envelope | None, ...]:
    """Commands that travel together; None is one that nobody here knows, of a newer version."""
    return tuple(_envelope_or_none(raw) for raw in _commands.decode(_unpacked(data)))


def _envelope_or_none(raw: msgspec.Raw) -> Envelope | None:
    try:
        return _envelopes.decode(raw)
    except msgspec.ValidationError:
        return None


def decode_signal(data: bytes) -> Signal | None:
    """A signal; None is one that only a newer version knows."""
    try:
        return _signals.decode(formats.bare(data))
    except msgspec.DecodeError:
        return None

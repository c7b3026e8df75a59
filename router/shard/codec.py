"""Turns records, messages and answers into bytes and back.

Whatever was stored decodes again, with fields of newer versions ignored; only commands refuse
fields they do not know.
"""

import zlib
from collections.abc import Sequence

import msgspec

from router.kernel.model import AnyRecord, Message
from router.shard.engine import Entry, Envelope, Kept, Signal

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


def encode(value: AnyRecord | Message | Kept | Envelope | Entry | Signal) -> bytes:
    """The bytes that the decoder of its kind reads back."""
    return _encoder.encode(value)


def encode_entries(entries: Sequence[Entry]) -> bytes:
    """The steps of one batch."""
    return _packed(_encoder.encode(entries))


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


def decode_record(data: bytes) -> AnyRecord:
    """A stored record.

    Raises:
        msgspec.DecodeError: The bytes are no record.
    """
    return _records.decode(data)


def decode_message(data: bytes) -> Message:
    """A line of a transcript; raises as `decode_record`."""
    return _messages.decode(data)


def decode_kept(data: bytes) -> Kept:
    """A kept answer; raises as `decode_record`."""
    return _kept.decode(data)


def decode_envelope(data: bytes) -> Envelope:
    """A command on its way; raises as `decode_record`, also for a field no command has."""
    return _envelopes.decode(data)


def decode_entry(data: bytes) -> Entry:
    """A step of the log; raises as `decode_record`."""
    return _entries.decode(data)


def decode_entries(data: bytes) -> tuple[Entry, ...]:
    """The steps of one batch; raises as `decode_record`."""
    return _steps.decode(_unpacked(data))


def decode_envelopes(data: bytes) -> tuple[Envelope | None, ...]:
    """Commands that travel together; None is one that nobody here knows, of a newer version."""
    return tuple(_envelope_or_none(raw) for raw in _commands.decode(_unpacked(data)))


def _envelope_or_none(raw: msgspec.Raw) -> Envelope | None:
    try:
        return _envelopes.decode(raw)
    except msgspec.ValidationError:
        return None


def decode_signal(data: bytes) -> Signal:
    """A signal; raises as `decode_record`."""
    return _signals.decode(data)

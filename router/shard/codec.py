"""Turns records, messages and answers into bytes and back.

Whatever was stored decodes again, with fields of newer versions ignored; only commands refuse
fields they do not know.
"""

import msgspec

from router.kernel.model import AnyRecord, Message
from router.shard.engine import Entry, Envelope, Kept

_encoder = msgspec.msgpack.Encoder()
_deterministic_encoder = msgspec.msgpack.Encoder(order="deterministic")
_records: msgspec.msgpack.Decoder[AnyRecord] = msgspec.msgpack.Decoder(AnyRecord)
_messages = msgspec.msgpack.Decoder(Message)
_kept = msgspec.msgpack.Decoder(Kept)
_envelopes = msgspec.msgpack.Decoder(Envelope)
_entries = msgspec.msgpack.Decoder(Entry)


def encode(value: AnyRecord | Message | Kept | Envelope | Entry) -> bytes:
    """The bytes that the decoder of its kind reads back."""
    return _encoder.encode(value)


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

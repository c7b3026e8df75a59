"""The types of text that may be stored and shown; this file imports nothing else of masking."""

from typing import Literal, NewType

import msgspec

MaskedText = NewType("MaskedText", str)
"""Text that went through masking. Only ``masking`` makes it; everyone else passes it on."""

SealedKind = Literal["email", "phone"]
"""What may be kept sealed, and nothing else: never a card, its details, an IBAN or an SSN."""


class SealedText(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A value that only who holds its key can read. Only ``masking`` makes it.

    Field names are stored: add, never rename.

    Attributes:
        key: The id of the key it was sealed with; tells nothing of the key.
        nonce: The 12 bytes of this sealing alone.
        ciphertext: AES-256-GCM, bound to tenant and kind.
        digest: Keyed hash of the value's normal form: the same for the same value under one key.
    """

    key: str
    nonce: bytes
    ciphertext: bytes
    digest: str


def own_text(text: str) -> MaskedText:
    """Text of the product or its administrators: nobody outside wrote it, so it is shown as is."""
    return MaskedText(text)

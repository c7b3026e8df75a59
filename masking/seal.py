"""Keeps a customer's e-mail address or phone number so that only who holds the key reads it.

What is sealed is exactly an address or a number by the detectors' word; everything else stays only
masked. Opening gives the value that was sealed under that key, kind and tenant, or nothing.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masking.mask import is_exactly
from masking.model import MaskKind
from masking.normalise import ZERO_WIDTH, normalise
from masking.text import SealedKind, SealedText

KEY_SIZE: Final = 32  # AES-256
NONCE_SIZE: Final = 12  # NIST SP 800-38D, 8.2.2: the size that GCM is made for
_DIGEST_SIZE: Final = 16  # two values of one tenant never meet by chance
_ID_SIZE: Final = 8  # tells the few keys of one tenant apart

_KINDS: Final[dict[SealedKind, MaskKind]] = {"email": MaskKind.EMAIL, "phone": MaskKind.PHONE}


class _Key(NamedTuple):
    """What is derived from one seal key: nothing of it leads back, and no part to another."""

    id: str
    cipher: AESGCM
    digesting: bytes


class Seal:
    """Seals and opens for one tenant.

    Attributes:
        opens: The ids of the keys it can open with, the present one first.
    """

    def __init__(self, key: bytes | None, *, tenant: str, former: Sequence[bytes] = ()) -> None:
        """Seal with ``key``, or nothing without one; those it replaced, ``former``, only open."""
        self._tenant = tenant
        self._seals = key is not None
        keys = [*(() if key is None else (key,)), *former]
        self._keys = {made.id: made for made in (_made(each, tenant) for each in keys)}
        self.opens = tuple(self._keys)

    def seal(self, kind: SealedKind, text: str, *, nonce: bytes) -> SealedText | None:
        """Seal all of ``text``, when it is one value of ``kind`` and there is a key to seal with.

        ``nonce`` is fresh and random at each call.
        """
        if not self._seals or not is_exactly(_KINDS[kind], text):
            return None
        key = next(iter(self._keys.values()))
        return SealedText(
            key=key.id,
            nonce=nonce,
            ciphertext=key.cipher.encrypt(nonce, text.encode(), self._bound_to(kind, key)),
            digest=_digest(key, kind, text),
        )

    def open(self, kind: SealedKind, sealed: SealedText) -> str | None:
        """Give the value; nothing when its key is not here, or it was never this tenant's kind."""
        key = self._keys.get(sealed.key)
        if key is None or len(sealed.nonce) != NONCE_SIZE:
            return None
        try:
            plain = key.cipher.decrypt(sealed.nonce, sealed.ciphertext, self._bound_to(kind, key))
        except InvalidTag:
            return None
        return plain.decode()

    def digests(self, kind: SealedKind, text: str) -> tuple[str, ...]:
        """Give by what a value is recognised: its digest under each key, the present one first."""
        return tuple(_digest(key, kind, text) for key in self._keys.values())

    def _bound_to(self, kind: SealedKind, key: _Key) -> bytes:
        """Give what the ciphertext is authenticated with: it opens nowhere else."""
        return f"{self._tenant}\0{kind}\0{key.id}".encode()


def normal_form(kind: SealedKind, text: str) -> str:
    """Spell ``text`` in the one way in which the same address or number is always the same.

    E-mail in lower case; phones as digits, after a `+` when they begin with one or with `00`.
    """
    plain = normalise(text).replace(ZERO_WIDTH, "").strip()
    if kind == "email":
        return plain.lower()
    digits = "".join(filter(str.isdecimal, plain))
    if plain.startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def _made(key: bytes, tenant: str) -> _Key:
    assert len(key) == KEY_SIZE, "a seal key has 32 bytes"
    return _Key(
        id=_derived(key, b"frontdesk-key-id", "", size=_ID_SIZE).hex(),
        cipher=AESGCM(_derived(key, b"frontdesk-cipher", tenant, size=KEY_SIZE)),
        digesting=_derived(key, b"frontdesk-digest", tenant, size=KEY_SIZE),
    )


def _derived(key: bytes, use: bytes, tenant: str, *, size: int) -> bytes:
    return blake2b(tenant.encode(), key=key, person=use, digest_size=size).digest()


def _digest(key: _Key, kind: SealedKind, text: str) -> str:
    named = f"{kind}\0{normal_form(kind, text)}".encode()
    return blake2b(named, key=key.digesting, digest_size=_DIGEST_SIZE).hexdigest()

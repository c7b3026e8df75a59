"""Reads a set of public keys (RFC 7517) and keeps those that signatures are checked with.

A key is for one algorithm, RS256 or ES256. One for another use, of another kind, too weak, too
large or not whole is left out: a set often has keys for other programs too.
"""

import base64
from typing import Literal, NamedTuple, TypeAlias

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

Algorithm = Literal["RS256", "ES256"]
Key: TypeAlias = RSAPublicKey | EllipticCurvePublicKey

KEYS_MAX = 100
"""Providers publish two or three; one that publishes a key for each client stays below."""

RSA_BITS_MIN = 2_048  # RFC 7518, 3.3
RSA_BITS_MAX = 8_192  # a larger one takes milliseconds to check, and nobody signs with it
EXPONENT_BITS_MAX = 32  # 65537 has 17; a long one is slow on purpose
COORDINATE_BYTES = 32  # of P-256: RFC 7518, 6.2.1.2


class PublicKey(NamedTuple):
    """A key that may check signatures of one algorithm.

    Attributes:
        id: Its `kid`; None when it has none.
    """

    algorithm: Algorithm
    id: str | None
    key: Key


class _Set(msgspec.Struct, frozen=True):
    keys: list[msgspec.Raw]


class _Jwk(msgspec.Struct, frozen=True, kw_only=True):
    kty: str
    kid: str | None = None
    use: str | None = None
    alg: str | None = None
    key_ops: list[str] | None = None
    n: str = ""
    e: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""
    d: str | None = None


def public_keys(document: bytes) -> tuple[PublicKey, ...]:
    """The usable keys of a set, in its order.

    Raises:
        ValueError: It is not a set of keys.
    """
    try:
        found = msgspec.json.decode(document, type=_Set)
    except (msgspec.DecodeError, RecursionError):
        raise ValueError("not a set of keys") from None
    if len(found.keys) > KEYS_MAX:
        raise ValueError("too many keys")
    return tuple(key for raw in found.keys if (key := _usable(raw)) is not None)


def the_one(
    keys: tuple[PublicKey, ...], algorithm: Algorithm, key_id: str | None
) -> PublicKey | None:
    """The key a token means: the one of that name, or the only one of its algorithm."""
    meant = [
        key for key in keys if key.algorithm == algorithm and (key_id is None or key.id == key_id)
    ]
    return meant[0] if len(meant) == 1 else None


def _usable(raw: msgspec.Raw) -> PublicKey | None:
    try:
        jwk = msgspec.json.decode(raw, type=_Jwk)
        if not _is_for_signatures(jwk):
            return None
        match jwk.kty:
            case "RSA" if jwk.alg in (None, "RS256"):
                return PublicKey("RS256", jwk.kid, _rsa(jwk))
            case "EC" if jwk.alg in (None, "ES256"):
                return PublicKey("ES256", jwk.kid, _elliptic(jwk))
            case _:
                return None
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _is_for_signatures(jwk: _Jwk) -> bool:
    """A key whose private half is published is anybody's."""
    if jwk.d is not None or jwk.use not in (None, "sig"):
        return False
    return jwk.key_ops is None or "verify" in jwk.key_ops


def _rsa(jwk: _Jwk) -> RSAPublicKey:
    modulus, exponent = (int.from_bytes(_octets(part)) for part in (jwk.n, jwk.e))
    if not RSA_BITS_MIN <= modulus.bit_length() <= RSA_BITS_MAX:
        raise ValueError("not of a size that is taken")
    if exponent.bit_length() > EXPONENT_BITS_MAX:
        raise ValueError("its exponent is too large")
    return RSAPublicNumbers(exponent, modulus).public_key()


def _elliptic(jwk: _Jwk) -> EllipticCurvePublicKey:
    x, y = _octets(jwk.x), _octets(jwk.y)
    if jwk.crv != "P-256" or len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
        raise ValueError("not a point of P-256")
    return EllipticCurvePublicNumbers(
        int.from_bytes(x), int.from_bytes(y), SECP256R1()
    ).public_key()


def _octets(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)

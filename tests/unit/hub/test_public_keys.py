"""Which keys of a published set signatures are checked with, and which are left out."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from router.hub.public_keys import KEYS_MAX, public_keys, the_one
from tests.support.identity_provider import elliptic_key, encoded, rsa_key

RSA = rsa_key("r")
ELLIPTIC = elliptic_key("e")
SMALL = rsa_key("small", 1_024)


def read(*keys: object) -> list[tuple[str, str | None]]:
    """The algorithms and names of the keys that are usable."""
    return [(key.algorithm, key.id) for key in public_keys(json.dumps({"keys": keys}).encode())]


def test_keys_for_both_algorithms_are_read_in_their_order() -> None:
    """A provider that moves from one algorithm to the other publishes both."""
    found = public_keys(json.dumps({"keys": [RSA.jwk(), ELLIPTIC.jwk()], "more": 1}).encode())

    assert [(key.algorithm, key.id) for key in found] == [("RS256", "r"), ("ES256", "e")]
    assert [key.key for key in found] == [RSA.private.public_key(), ELLIPTIC.private.public_key()]


@pytest.mark.parametrize("jwk", [RSA.jwk(use=None, alg=None), RSA.jwk(kid=None, x5c=["x"], z=1)])
def test_what_a_key_does_not_say_is_no_hindrance(jwk: dict[str, object]) -> None:
    """Only `kty` and the numbers must be there (RFC 7517)."""
    assert read(jwk) == [("RS256", jwk.get("kid"))]


@pytest.mark.parametrize(
    "jwk",
    [
        SMALL.jwk(),
        RSA.jwk(use="enc"),
        RSA.jwk(key_ops=["encrypt"]),
        RSA.jwk(alg="RS512"),
        RSA.jwk(alg="PS256"),
        RSA.jwk(alg="HS256"),
        RSA.jwk(alg="ES256"),
        RSA.jwk(alg="none"),
        RSA.jwk(kid=7),
        RSA.jwk(n=encoded(2**8_192 + 1)),
        RSA.jwk(e=encoded(2**33 + 1)),
        RSA.jwk(e="AQ"),
        RSA.jwk(n=""),
        RSA.jwk(n="not base64!"),
        RSA.jwk(d="AQAB"),
        ELLIPTIC.jwk(alg="RS256"),
        ELLIPTIC.jwk(crv="P-384"),
        ELLIPTIC.jwk(x="AQAB"),
        ELLIPTIC.jwk(x=ELLIPTIC.jwk()["y"]),
        ELLIPTIC.jwk(crv="secp256k1"),
        {"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "o"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AQAB"},
        {"kid": "no kind"},
        "no key",
        None,
        [],
    ],
)
def test_a_key_for_something_else_is_left_out_and_the_others_stay(jwk: object) -> None:
    """A weak or foreign key must not check tokens, nor keep the good ones from doing so."""
    assert read(jwk, ELLIPTIC.jwk(), jwk) == [("ES256", "e")]


def test_a_key_of_another_curve_is_not_taken_for_one_of_ours() -> None:
    """Its point lies on its own curve only."""
    point = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()

    assert read({"kty": "EC", "crv": "P-256", "x": encoded(point.x), "y": encoded(point.y)}) == []


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"[]", b"{}", b'{"keys":{}}', b"\xff", b'{"keys":' + b"[" * 100_000, b"null"],
)
def test_what_is_no_set_of_keys_is_not_taken_for_an_empty_one(document: bytes) -> None:
    """A page that says that something broke must not make every token bad."""
    with pytest.raises(ValueError, match="keys"):
        public_keys(document)


def test_a_set_is_bounded() -> None:
    """Each key takes time to check."""
    assert len(read(*[ELLIPTIC.jwk()] * KEYS_MAX)) == KEYS_MAX
    with pytest.raises(ValueError, match="too many"):
        read(*[ELLIPTIC.jwk()] * (KEYS_MAX + 1))


def test_a_token_without_a_name_means_the_only_key_of_its_algorithm() -> None:
    """With two there is no telling which, and trying all is a gift to whoever guesses."""
    one = public_keys(json.dumps({"keys": [RSA.jwk(), ELLIPTIC.jwk()]}).encode())
    two = public_keys(json.dumps({"keys": [RSA.jwk(), RSA.jwk(kid="s")]}).encode())

    assert the_one(one, "RS256", None) == one[0]
    assert the_one(one, "ES256", None) == one[1]
    assert the_one(two, "RS256", None) is None
    assert the_one(two, "RS256", "s") == two[1]
    assert the_one(two, "ES256", None) is None


def test_a_name_finds_no_key_of_another_algorithm_and_no_double() -> None:
    """Whoever publishes one name twice has made a mistake that is not ours to guess at."""
    one = public_keys(json.dumps({"keys": [RSA.jwk()]}).encode())
    double = public_keys(json.dumps({"keys": [RSA.jwk(), RSA.jwk()]}).encode())

    assert the_one(one, "ES256", "r") is None
    assert the_one(one, "RS256", "R") is None
    assert the_one(double, "RS256", "r") is None

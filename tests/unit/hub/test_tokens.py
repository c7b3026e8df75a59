"""Which tokens are good: a key checks the algorithm it is for, and nothing else gets in."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from router.hub.errors import KeysUnavailable
from router.hub.tokens import LEEWAY_MS, TOKEN_MAX, AgentClaims, Signers, claims_of, ends_at_ms
from tests.support.identity_provider import (
    Published,
    SigningKey,
    elliptic_key,
    rsa_key,
    signed,
)

SECRET = "0123456789abcdef0123456789abcdef"
NOW_MS = 1_800_000_000_000
EXP = NOW_MS // 1_000 + 60
URL = "https://login.example/keys"
RSA, ELLIPTIC = rsa_key("r"), elliptic_key("e")
OTHERS: Mapping[str, SigningKey] = {"RS256": rsa_key("r"), "ES256": elliptic_key("e")}
DEEP = b'{"alg":"HS256","x":' + b"[" * 8_000
CLAIMS: Mapping[str, object] = {"sub": "anna", "roles": ["agent"], "exp": EXP}


BOTH = Signers(SECRET, URL)


async def read(
    token: str, *, signers: Signers = BOTH, keys: Published | None = None, now_ms: int = NOW_MS
) -> AgentClaims | None:
    """What a token says to one who knows the secret and the published keys."""
    published = keys or Published(RSA, ELLIPTIC)
    return await claims_of(AgentClaims, token, signers=signers, keys=published, now_ms=now_ms)


def good(algorithm: str, **claims: object) -> str:
    """A token with a good signature of an algorithm."""
    said = {**CLAIMS, **claims}
    if algorithm == "HS256":
        return signed(said, SECRET, "HS256")
    return (RSA if algorithm == "RS256" else ELLIPTIC).sign(said)


def part(value: object) -> str:
    """One part of a token: any text, or a value as JSON."""
    plain = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def with_mac(head: Mapping[str, object], key: bytes, claims: object = CLAIMS) -> str:
    """A token under an HMAC with whatever key, whatever its head says."""
    front = f"{part(head)}.{part(claims)}"
    return f"{front}.{part(hmac.new(key, front.encode(), hashlib.sha256).digest())}"


def headed(token: str, **head: object) -> str:
    """A token with another head in front of the same signature."""
    _, _, rest = token.partition(".")
    return f"{part(head)}.{rest}"


def public_texts(key: SigningKey) -> list[bytes]:
    """The ways in which a public key is written and could be taken for a secret."""
    public = key.private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [pem, pem.strip(), der, json.dumps(key.jwk()).encode()]


ALGORITHMS = ["HS256", "RS256", "ES256"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_good_token_says_who(algorithm: str) -> None:
    """A secret beside an address of keys: both kinds of tokens are good."""
    claims = await read(good(algorithm))

    assert claims is not None
    assert (claims.sub, claims.roles) == ("anna", ("agent",))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": EXP - 3_600},
        {"exp": "soon"},
        {"exp": None},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": -1e308},
        {"exp": -(10**400)},
        {"nbf": EXP + 3_600},
        {"nbf": "x"},
        {"nbf": float("nan")},
        {"sub": None},
        {"sub": 7},
        {"sub": ["anna"]},
        {"roles": ["agent", "king"]},
        {"roles": "agent"},
        {"tenant": 1},
    ],
    ids=str,
)
async def test_a_signature_does_not_make_wrong_claims_good(
    algorithm: str, claims: dict[str, object]
) -> None:
    """Whoever signs may be mistaken: expired, early and malformed tokens are still refused."""
    assert await read(good(algorithm, **claims)) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_the_edges_of_the_time_are_the_same_for_every_algorithm(algorithm: str) -> None:
    """Clocks differ a little; the edge itself is too late."""
    token = good(algorithm, nbf=EXP - 30)
    ends = ends_at_ms(EXP)
    begins = (EXP - 30) * 1_000 - LEEWAY_MS

    assert ends == EXP * 1_000 + LEEWAY_MS
    assert await read(token, now_ms=ends - 1)
    assert await read(token, now_ms=ends) is None
    assert await read(token, now_ms=begins)
    assert await read(token, now_ms=begins - 1) is None


@pytest.mark.parametrize("exp", [EXP + 0.25, 1e18, 1e308, 10**300])
async def test_a_time_may_have_a_fraction_or_be_far_away(exp: float) -> None:
    """Such numbers are JSON, and must not break who counts with them."""
    claims = await read(good("HS256", exp=exp))

    assert claims is not None
    assert ends_at_ms(claims.exp) > NOW_MS


HOSTILE = {
    "nothing": "",
    "a word": "x",
    "three words": "a.b.c",
    "no text": "😀.b.c",
    "only dots": "...",
    "unsigned": f"{part({'alg': 'none'})}.{part(CLAIMS)}.",
    "unsigned, in capitals": f"{part({'alg': 'None'})}.{part(CLAIMS)}.",
    "unsigned, with the name of a key": f"{part({'alg': 'none', 'kid': 'r'})}.{part(CLAIMS)}.",
    "no algorithm": f"{part({'typ': 'JWT'})}.{part(CLAIMS)}.",
    "an algorithm that is no text": f"{part({'alg': ['RS256']})}.{part(CLAIMS)}.",
    "a head that is a list": f"{part([])}.{part(CLAIMS)}.",
    "a head too deep": f"{part(b'[' * 8_000)}.{part(CLAIMS)}.",
    "a head too deep inside": f"{part(DEEP)}.{part(CLAIMS)}.",
    "claims too deep": with_mac({"alg": "HS256"}, SECRET.encode(), claims=DEEP),
    "claims that are a list": with_mac({"alg": "HS256"}, SECRET.encode(), claims=[]),
    "claims that are no JSON": with_mac({"alg": "HS256"}, SECRET.encode(), claims=b"\xff{"),
    "HS512": signed(CLAIMS, SECRET, "HS512"),
    "another secret": signed(CLAIMS, SECRET[::-1], "HS256"),
    "an empty secret": with_mac({"alg": "HS256"}, b""),
    "HS256 by the name of a key": with_mac({"alg": "HS256", "kid": "r"}, b"r"),
    "a short signature": good("HS256")[:-4],
    "no signature": good("RS256").rpartition(".")[0] + ".",
    "RS512": signed(CLAIMS, RSA.private, "RS512", kid="r"),
    "PS256": signed(CLAIMS, RSA.private, "PS256", kid="r"),
    "an unknown name": RSA.sign(CLAIMS, kid="z"),
    "a name that is no text": headed(good("RS256"), alg="RS256", kid=7),
    "a name that is a path": RSA.sign(CLAIMS, kid="../../dev/null"),
    "the name of the other key": RSA.sign(CLAIMS, kid="e"),
    "RS256 called ES256": headed(good("RS256"), alg="ES256", kid="r"),
    "RS256 called ES256 by its name": headed(good("RS256"), alg="ES256", kid="e"),
    "ES256 called RS256": headed(good("ES256"), alg="RS256", kid="e"),
    "RS256 called HS256": headed(good("RS256"), alg="HS256", kid="r"),
    "HS256 called RS256": headed(good("HS256"), alg="RS256", kid="r"),
    "somebody's RS256": OTHERS["RS256"].sign(CLAIMS),
    "somebody's ES256": OTHERS["ES256"].sign(CLAIMS),
    "its own key in its head": OTHERS["RS256"].sign(CLAIMS, jwk=OTHERS["RS256"].jwk()),
    "its own address of keys": OTHERS["RS256"].sign(CLAIMS, jku="https://evil.example/keys"),
    "a demand nobody knows": RSA.sign(CLAIMS, crit=["x"], x=1),
    "other claims, old signature": ".".join(
        [good("RS256").split(".")[0], part({**CLAIMS, "sub": "bo"}), good("RS256").split(".")[2]]
    ),
    "too long": good("HS256", more="x" * TOKEN_MAX),
    **{
        f"{key.algorithm} as a secret, written {number}": with_mac({"alg": "HS256"}, text)
        for key in (RSA, ELLIPTIC)
        for number, text in enumerate(public_texts(key))
    },
    **{
        f"an HMAC called {key.algorithm}, written {number}": with_mac(
            {"alg": key.algorithm, "kid": key.id}, text
        )
        for key in (RSA, ELLIPTIC)
        for number, text in enumerate(public_texts(key))
    },
}


@pytest.mark.parametrize("token", HOSTILE.values(), ids=HOSTILE)
async def test_a_token_that_is_not_what_it_says_is_not_good(token: str) -> None:
    """Each of these got in somewhere once."""
    assert await read(token) is None


@pytest.mark.parametrize("key", [RSA, ELLIPTIC], ids=["RS256", "ES256"])
async def test_a_public_key_that_is_the_secret_lets_nobody_in(key: SigningKey) -> None:
    """Everybody can read a public key, so whoever made it the secret made a mistake."""
    pem = public_texts(key)[0]
    token = with_mac({"alg": "HS256"}, pem)

    assert await read(token, signers=Signers(pem.decode(), URL)) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_what_is_not_configured_checks_nothing(algorithm: str) -> None:
    """An empty secret is no secret, and an empty address is not asked."""
    keys = Published(RSA, ELLIPTIC)

    assert await read(good(algorithm), signers=Signers(), keys=keys) is None
    assert keys.asked == []


async def test_only_the_configured_kind_of_token_is_good() -> None:
    """Who gave up the secret wants no more tokens signed with it."""
    assert await read(good("HS256"), signers=Signers("", URL)) is None
    assert await read(good("RS256"), signers=Signers("", URL))
    assert await read(good("HS256"), signers=Signers(SECRET))
    assert await read(good("RS256"), signers=Signers(SECRET)) is None


@pytest.mark.parametrize("key", [RSA, ELLIPTIC], ids=["RS256", "ES256"])
async def test_a_token_without_a_name_is_tried_with_the_only_key_there_is(key: SigningKey) -> None:
    """Two keys of one algorithm are not tried one after the other."""
    token = key.sign(CLAIMS, kid=None)

    assert await read(token)
    assert await read(token, keys=Published(RSA, ELLIPTIC, OTHERS[key.algorithm])) is None


async def test_keys_that_cannot_be_had_are_no_reason_to_call_a_token_bad() -> None:
    """A client that hears `unauthenticated` forgets its token."""
    away = Published(is_there=False)

    with pytest.raises(KeysUnavailable):
        await read(good("RS256"), keys=away)
    assert await read(good("HS256"), keys=away)
    assert await read("x", keys=away) is None


async def test_a_public_key_costs_the_loop_next_to_nothing() -> None:
    """It is checked on the loop: a thread would cost more than the check (some 50 µs)."""
    token, keys = good("RS256"), Published(RSA)
    began = time.process_time()
    for _ in range(50):
        await read(token, keys=keys)

    assert time.process_time() - began < 50 * 0.005

"""What a signed token (RFC 7519) says, when its signature, form and times are good.

A token is checked with a key of the algorithm it names and never with another: HS256 with a secret,
RS256 and ES256 with a public key, nothing else. No secret and no token is kept, logged or echoed.
"""

import base64
import math
import warnings
from typing import Literal, NamedTuple, Protocol, TypeVar, assert_never, cast

import jwt
import msgspec
from jwt.warnings import InsecureKeyLengthWarning

from router.hub.public_keys import Algorithm, Key, PublicKey

LEEWAY_MS = 5_000
"""How far the clock that signed a token may differ from ours."""

TOKEN_MAX = 16_384
"""Longer than what fits into a header of HTTP, where such tokens are made to travel."""

NEVER_S = 2**43
"""Later than any clock, and its milliseconds still counted exactly by every client."""


class Signers(NamedTuple):
    """Whose signatures are good: of all who know a secret, of the keys at an address, or both.

    Attributes:
        secret: For HS256; empty is none.
        jwks_url: For RS256 and ES256; empty is none.
    """

    secret: str = ""
    jwks_url: str = ""


class Keys(Protocol):
    """Where public keys come from."""

    async def find(self, url: str, algorithm: Algorithm, key_id: str | None) -> PublicKey | None:
        """The key at an address that a token names.

        Raises:
            KeysUnavailable: It cannot be known now whether there is one.
        """
        ...


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What every token must say; times are seconds since the Unix epoch."""

    sub: str
    exp: float
    nbf: float = 0.0


class AgentClaims(Claims, frozen=True, kw_only=True):
    """What an agent's token says beside it."""

    roles: tuple[Literal["agent", "supervisor", "admin", "reveal"], ...] = ()
    tenant: str | None = None


class IdentityClaims(Claims, frozen=True, kw_only=True):
    """What a site signs of a customer."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    priority: int = 0
    skills: dict[str, int] = {}


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    alg: Literal["HS256", "RS256", "ES256"]
    kid: str | None = None


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str | None = None


ClaimsT = TypeVar("ClaimsT", bound=Claims)
PartT = TypeVar("PartT", bound=_Head | _Named)


async def claims_of(
    kind: type[ClaimsT], token: str, *, signers: Signers, keys: Keys, now_ms: int
) -> ClaimsT | None:
    """What a token says; None when it is not good.

    Raises:
        KeysUnavailable: It cannot be known now whether it is good.
    """
    head = _head(token)
    key = await _key(head, signers, keys) if head else None
    if head is None or key is None:
        return None
    claims = _read(kind, token, key, head.alg)
    if claims is None or not math.isfinite(claims.exp) or now_ms >= ends_at_ms(claims.exp):
        return None
    return claims if claims.nbf * 1_000 <= now_ms + LEEWAY_MS else None


def tenant_of(token: str) -> str | None:
    """The tenant a token says it is of; nothing is checked yet, so it says only whom to ask."""
    _, _, rest = token.partition(".")
    body = _decoded(rest.partition(".")[0], _Named) if len(token) <= TOKEN_MAX else None
    return body.tenant if body else None


def ends_at_ms(exp: float) -> int:
    """From when on a token is not good any more."""
    return math.ceil(min(max(exp, 0), NEVER_S) * 1_000) + LEEWAY_MS


def _head(token: str) -> _Head | None:
    first, dot, _ = token.partition(".")
    return _decoded(first, _Head) if dot and len(token) <= TOKEN_MAX else None


def _decoded(part: str, kind: type[PartT]) -> PartT | None:
    try:
        plain = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(plain, type=kind)
    except (ValueError, msgspec.DecodeError, RecursionError):
        return None


async def _key(head: _Head, signers: Signers, keys: Keys) -> str | Key | None:
    match head.alg:
        case "HS256":
            return signers.secret or None
        case "RS256" | "ES256":
            if not signers.jwks_url:
                return None
            found = await keys.find(signers.jwks_url, head.alg, head.kid)
            return found.key if found else None
        case _:
            assert_never(head.alg)


def _read(kind: type[ClaimsT], token: str, key: str | Key, algorithm: str) -> ClaimsT | None:
    try:
        with warnings.catch_warnings():
            # The configuration has its own least length, with its reason.
            warnings.simplefilter("ignore", InsecureKeyLengthWarning)
            return msgspec.convert(_verified(token, key, algorithm), kind)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError, ArithmeticError, RecursionError):
        return None


def _verified(token: str, key: str | Key, algorithm: str) -> object:
    """The claims under a good signature; times are checked against the clock we are given."""
    return cast(
        "object",
        jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
                "require": ["exp", "sub"],
            },
        ),
    )

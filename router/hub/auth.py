"""Who is on the wire: agents by tokens, customers by what they resume or what a site signed.

Tokens are signed with HS256 and nothing else. No secret and no token is kept, logged or echoed; of
a customer's resume token only a hash is stored.
"""

import math
import secrets
import warnings
from collections.abc import Mapping
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeVar, cast

import jwt
import msgspec
from jwt.warnings import InsecureKeyLengthWarning

from router.hub.errors import connection_refused
from router.hub.text import Texts
from router.kernel.configuration import EntryPoint
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import AgentId, TokenHash
from router.kernel.model import Identity

Role = Literal["customer", "agent", "supervisor", "admin", "reveal"]

LEEWAY_MS = 5_000
"""How far the clock that signed a token may differ from ours."""

ENTRY_POINT_MAX = 64  # as an id of the configuration
SUB_MAX = 200  # as long as a name
PRIORITY_MAX = 1_000_000  # as in the configuration
LEVEL_MAX = 1_000  # as in the configuration
SKILLS_MAX = 30  # as many as attributes

_TALKING = frozenset({"message.send", "message.read", "typing", "history"})
ALLOWED: Mapping[str, frozenset[str]] = {
    "customer": _TALKING | {"chat.start", "chat.end", "customer.identify"},
    "agent": _TALKING
    | {
        "/agent",
        "presence.set",
        "offer.accept",
        "offer.decline",
        "offer.cancel",
        "contact.transfer",
        "contact.conference",
        "contact.end",
        "contact.wrapup",
        "conference.leave",
        "conference.remove",
        "contacts.recent",
        "directory.queues",
        "directory.agents",
    },
    "reveal": frozenset({"contact.reveal"}),
}
"""What each role may do; what is not here nobody may. Contacts have rules of their own."""

CUSTOMER = frozenset[Role]({"customer"})


class Principal(NamedTuple):
    """An agent that showed a good token.

    Attributes:
        expires_at_ms: When the token stops being good.
    """

    agent: AgentId
    roles: frozenset[Role]
    expires_at_ms: int


class CustomerAuth(msgspec.Struct, frozen=True):
    """The `auth` object of `/customer`; what a client does not have it may send as null."""

    entry_point: str
    token: str | None = None
    identity: str | None = None


class AgentAuth(msgspec.Struct, frozen=True):
    """The `auth` object of `/agent`."""

    token: str | None = None


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What every token must say."""

    sub: str
    exp: float
    nbf: float = 0.0


class _AgentClaims(_Claims, frozen=True, kw_only=True):
    roles: tuple[Literal["agent", "supervisor", "admin", "reveal"], ...] = ()
    tenant: str | None = None


class _IdentityClaims(_Claims, frozen=True, kw_only=True):
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    priority: int = 0
    skills: dict[str, int] = {}


AuthT = TypeVar("AuthT", bound=CustomerAuth | AgentAuth)
ClaimsT = TypeVar("ClaimsT", _AgentClaims, _IdentityClaims)


def may(roles: frozenset[Role], action: str) -> bool:
    """True when one of the roles allows it; what is not listed is allowed to nobody."""
    return any(action in ALLOWED.get(role, ()) for role in roles)


def auth_of(kind: type[AuthT], text: str) -> AuthT:
    """Read an `auth` object.

    Raises:
        ConnectionRefused: `invalid`, it is not one; `unauthenticated`, there is none.
    """
    if not text:
        raise connection_refused(RefusalCode.UNAUTHENTICATED, "there is no auth object")
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeError):
        path = "entry_point" if kind is CustomerAuth else "token"
        raise connection_refused(
            RefusalCode.INVALID, "the auth object is not what this namespace takes", path=path
        ) from None


def agent_principal(token: str | None, *, secret: str, tenant: str, now_ms: int) -> Principal:
    """Who an agent's token says they are.

    Raises:
        ConnectionRefused: `unauthenticated`, the token is not good; `forbidden`, it does not open
            `/agent`.
    """
    if not token:
        raise connection_refused(RefusalCode.UNAUTHENTICATED, "there is no token")
    claims = _claims(_AgentClaims, token, secret=secret, now_ms=now_ms)
    if claims is None:
        raise connection_refused(RefusalCode.UNAUTHENTICATED, "the token is not good")
    roles = frozenset[Role](claims.roles)
    if (claims.tenant or tenant) != tenant or not may(roles, "/agent"):
        raise connection_refused(RefusalCode.FORBIDDEN, "the token does not open this namespace")
    return Principal(AgentId(claims.sub), roles, int(claims.exp * 1_000))


def identity_of(
    token: str, entry_point: EntryPoint, *, texts: Texts, hash_key: bytes, now_ms: int
) -> Identity:
    """What a site signed of a customer, every text of it masked.

    The `sub` is kept masked too: by its keyed hash it is recognised.

    Raises:
        CommandRefused: `unauthenticated`, the token is not good; `invalid` or `too_large`, what it
            says is not.
    """
    claims = _claims(_IdentityClaims, token, secret=entry_point.identity_secret, now_ms=now_ms)
    shown = texts.line(claims.sub, "identity", SUB_MAX) if claims else None
    if claims is None or shown is None:
        raise CommandRefused(
            RefusalCode.UNAUTHENTICATED, hint="the identity is not good", path="identity"
        )
    if abs(claims.priority) > PRIORITY_MAX or not _are_levels(claims.skills):
        raise CommandRefused(
            RefusalCode.INVALID, hint="priority or skills out of bounds", path="identity"
        )
    return Identity(
        key=_digest(f"{entry_point.id}/{claims.sub}", b"sub", key=hash_key),
        external_id=shown,
        name=texts.name(claims.name or "", "identity"),
        email=texts.email(claims.email or "", "identity"),
        phone=texts.phone(claims.phone or "", "identity"),
        priority=claims.priority,
        skills=claims.skills,
        sealed_email=texts.sealed("email", claims.email or ""),
        sealed_phone=texts.sealed("phone", claims.phone or ""),
    )


def is_origin_allowed(origin: str | None, entry_point: EntryPoint) -> bool:
    """True for a page that may show this entry point; what is no browser has no origin."""
    allowed = {each.casefold() for each in entry_point.allowed_origins}
    return origin is None or "*" in allowed or origin.casefold() in allowed


def fresh_token() -> str:
    """A new resume token: 256 bits that nobody can guess."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> TokenHash:
    """What is stored of a resume token; a guess is as hard as the token, so no salt is needed."""
    return TokenHash(_digest(token, b"token"))


def _digest(text: str, use: bytes, *, key: bytes = b"") -> str:
    plain = text.encode(errors="surrogatepass")
    return blake2b(plain, digest_size=32, key=key, person=use).hexdigest()


def _are_levels(skills: Mapping[str, int]) -> bool:
    return len(skills) <= SKILLS_MAX and all(
        0 < len(skill) <= ENTRY_POINT_MAX and 1 <= level <= LEVEL_MAX
        for skill, level in skills.items()
    )


def _claims(kind: type[ClaimsT], token: str, *, secret: str, now_ms: int) -> ClaimsT | None:
    """What a token says, when its signature, form and times are good."""
    if not secret:
        return None
    try:
        with warnings.catch_warnings():
            # The configuration has its own least length, with its reason.
            warnings.simplefilter("ignore", InsecureKeyLengthWarning)
            claims = msgspec.convert(_verified(token, secret), kind)
    except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError):
        return None
    if not math.isfinite(claims.exp) or claims.exp * 1_000 + LEEWAY_MS <= now_ms:
        return None
    return claims if claims.nbf * 1_000 <= now_ms + LEEWAY_MS else None


def _verified(token: str, secret: str) -> object:
    """The claims under a good signature; times are checked against the clock we are given."""
    return cast(
        "object",
        jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
                "require": ["exp", "sub"],
            },
        ),
    )

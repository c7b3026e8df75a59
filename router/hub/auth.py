"""Who is on the wire: agents by tokens, customers by what they resume or what a site signed.

No secret and no token is kept, logged or echoed; of a customer's resume token only a hash is
stored.
"""

import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeVar

import msgspec

from router.hub.addresses import is_same_host
from router.hub.errors import KeysUnavailable, connection_refused
from router.hub.text import Texts
from router.hub.tokens import AgentClaims, IdentityClaims, Keys, Signers, claims_of, ends_at_ms
from router.kernel.configuration import EntryPoint
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import AgentId, TokenHash
from router.kernel.model import Identity

Role = Literal["customer", "agent", "supervisor", "admin", "reveal"]

ENTRY_POINT_MAX = 64  # as an id of the configuration
SUB_MAX = 255  # OpenID Connect Core 1.0, section 2
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

NO_KEYS = "the keys that tokens are checked with cannot be had now"


class Principal(NamedTuple):
    """An agent that showed a good token.

    Attributes:
        ends_at_ms: From when on the token is not good any more.
    """

    agent: AgentId
    roles: frozenset[Role]
    ends_at_ms: int


class CustomerAuth(msgspec.Struct, frozen=True):
    """The `auth` object of `/customer`; what a client does not have it may send as null."""

    entry_point: str
    token: str | None = None
    identity: str | None = None


class AgentAuth(msgspec.Struct, frozen=True):
    """The `auth` object of `/agent`."""

    token: str | None = None


AuthT = TypeVar("AuthT", bound=CustomerAuth | AgentAuth)


@lru_cache(maxsize=1_024)
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
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        path = "entry_point" if kind is CustomerAuth else "token"
        raise connection_refused(
            RefusalCode.INVALID, "the auth object is not what this namespace takes", path=path
        ) from None


async def agent_principal(
    token: str | None, *, signers: Signers, keys: Keys, tenant: str, now_ms: int
) -> Principal:
    """Who an agent's token says they are.

    Raises:
        ConnectionRefused: `unauthenticated`, the token is not good; `unavailable`, that cannot be
            known now; `forbidden`, it does not open `/agent`.
    """
    if not token:
        raise connection_refused(RefusalCode.UNAUTHENTICATED, "there is no token")
    try:
        claims = await claims_of(AgentClaims, token, signers=signers, keys=keys, now_ms=now_ms)
    except KeysUnavailable:
        raise connection_refused(RefusalCode.UNAVAILABLE, NO_KEYS) from None
    if claims is None:
        raise connection_refused(RefusalCode.UNAUTHENTICATED, "the token is not good")
    roles = frozenset[Role](claims.roles)
    if (claims.tenant or tenant) != tenant or not may(roles, "/agent"):
        raise connection_refused(RefusalCode.FORBIDDEN, "the token does not open this namespace")
    return Principal(AgentId(claims.sub), roles, ends_at_ms(claims.exp))


async def identity_of(
    token: str, entry_point: EntryPoint, *, texts: Texts, keys: Keys, hash_key: bytes, now_ms: int
) -> Identity:
    """What a site signed of a customer, every text of it masked.

    The `sub` is kept masked too: by its keyed hash it is recognised.

    Raises:
        CommandRefused: `unauthenticated`, the token is not good; `unavailable`, that cannot be
            known now; `invalid` or `too_large`, what it says is not.
    """
    signers = Signers(entry_point.identity_secret, entry_point.identity_jwks_url)
    try:
        claims = await claims_of(IdentityClaims, token, signers=signers, keys=keys, now_ms=now_ms)
    except KeysUnavailable:
        raise CommandRefused(RefusalCode.UNAVAILABLE, hint=NO_KEYS) from None
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


def is_origin_allowed(origin: str | None, allowed: Sequence[str]) -> bool:
    """True for a page that may show an entry point, or may be a desktop.

    What is no browser has no origin, and is let in where everybody is.
    """
    return "*" in allowed or (
        origin is not None and origin.casefold() in {each.casefold() for each in allowed}
    )


def may_be_widget(origin: str | None, host: str, allowed: Sequence[str]) -> bool:
    """True for sites that may show an entry point, and for this server's own frame.

    Which sites may hold that frame is told to browsers by the policy of its page.
    """
    is_own_frame = origin is not None and is_same_host(origin, host)
    return is_own_frame or is_origin_allowed(origin, allowed)


def may_be_desktop(origin: str | None, host: str, allowed: Sequence[str]) -> bool:
    """True for programs, for pages of this server itself, and for those that are listed.

    A page elsewhere that got hold of a token must not use it in its visitors' browsers.
    """
    return origin is None or is_same_host(origin, host) or is_origin_allowed(origin, allowed)


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

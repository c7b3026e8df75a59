"""Makes agents' tokens (RFC 7519) with the shared secret, for desktops, tests and integrations."""

import warnings

import jwt
from jwt.warnings import InsecureKeyLengthWarning

from router.app.config import Settings

ROLES = ("agent", "supervisor", "admin", "reveal")


def make_token(settings: Settings, *, agent: str, roles: tuple[str, ...], expires_at_s: int) -> str:
    """Return a token signed with HS256.

    Args:
        settings: The agent's tenant, and the secret that the server checks it with.
        agent: The `sub`.
        roles: What its bearer may do; of `ROLES`.
        expires_at_s: Seconds since the Unix epoch, as RFC 7519 counts.
    """
    claims = {
        "sub": agent,
        "tenant": settings.configuration.tenant,
        "roles": list(roles),
        "exp": expires_at_s,
    }
    with warnings.catch_warnings():
        # The configuration has its own least length, with its reason.
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        return jwt.encode(claims, settings.auth.secret, algorithm="HS256")

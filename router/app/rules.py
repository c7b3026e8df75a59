"""Which values a key of the configuration may have, each bound with its reason.

Every number and every string of the file has a rule here, found by its key.
"""

import base64
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from masking.flaws import flaw
from router.app.mistakes import Fault, listed
from router.hub.key_address import is_safe

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
AGENT_ID = re.compile(r"[A-Za-z0-9._@|:+=/~-]{1,255}")  # a `sub`: OpenID Connect Core 1.0, 2
SKILL_LENGTH = 64  # as an id
NAME_LENGTH = 200  # as every name on the wire
TEXT_LENGTH = 1_000  # as every message on the wire
PATTERN_LENGTH = 500  # longer ones nobody can check by reading

SECRET_LENGTH_MIN = 8  # below that, a stolen token gives the secret away within minutes
SEAL_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")
MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'

PLACEHOLDER = re.compile(r"<([a-z_]+\.[a-z_]+)>")
PLACEHOLDERS = ("agent.name", "customer.name")


class Bounds(NamedTuple):
    """The numbers a key may have.

    Attributes:
        least: The smallest, beside 0.
        most: The largest.
        zero: What 0 means; empty where 0 is a number like any other, or none at all.
    """

    least: int
    most: int
    zero: str = ""

    def fault(self, value: int) -> Fault | None:
        """Return what is wrong with the number, if anything."""
        if self.least <= value <= self.most or (value == 0 and self.zero):
            return None
        zero = f", or 0: {self.zero}" if self.zero else ""
        return Fault("out of bounds", f"from {self.least} to {self.most}{zero}")


DURATION = Bounds(100, DAY_MS)
DURATION_OR_NEVER = Bounds(100, DAY_MS, "never")
LIMIT = Bounds(1, 1_000_000, "no limit")
DAYS = Bounds(1, 36_500, "for ever")  # a hundred years

NUMBERS: dict[str, Bounds] = {
    "reconnect_grace_ms": DURATION,
    "customer_grace_ms": DURATION,
    "decline_pause_ms": DURATION,
    "connects_per_minute": LIMIT,
    "connects_per_second": LIMIT,
    "sockets_per_address": LIMIT,
    "customer_messages_per_second": LIMIT,
    "customer_messages_burst": LIMIT,
    "agent_messages_per_second": LIMIT,
    "commands_per_second": LIMIT,
    "port": Bounds(1, 65_535, "on the main port"),
    "transcripts_days": DAYS,
    "records_days": DAYS,
    # Each is a file that the system must allow, and there is no process without a bound.
    "sockets_max": Bounds(1, 1_000_000),
    # One answer may be a snapshot; fewer packets than this would cut off honest clients.
    "send_queue_packets_max": Bounds(16, 100_000),
    "send_queue_bytes_max": Bounds(64_000, 100_000_000),
    "ping_interval_ms": Bounds(1_000, 60_000),
    "ping_timeout_ms": Bounds(1_000, 60_000),
    "connect_timeout_ms": Bounds(1_000, 60_000),
    "trusted_hops": Bounds(0, 16),
    # Below, clients would all come at once; above, agents who are gone for good block their queue.
    "reconnect_within_ms": Bounds(1_000, 60_000),
    # The sum of three stays exact in every client, and nobody needs more ranks than this.
    "priority": Bounds(-1_000_000, 1_000_000),
    # 0 would say the same as leaving the skill out.
    "skills": Bounds(1, 1_000),
    # Above what anyone can answer, so that simulated agents of load tests fit too.
    "capacity": Bounds(1, 10_000),
    "offer_timeout_ms": DURATION,
    "service_level_ms": DURATION,
    "wrapup_timeout_ms": DURATION_OR_NEVER,
    # 0 could mean nobody or everybody, so it means neither.
    "max_waiting": Bounds(1, 1_000_000),
    "max_wait_ms": Bounds(100, DAY_MS, "no limit"),
    "customer_silence_warn_ms": DURATION_OR_NEVER,
    "customer_silence_end_ms": DURATION_OR_NEVER,
    "agent_silence_ms": DURATION_OR_NEVER,
    # The event loop stands still meanwhile.
    "timeout_ms": Bounds(1, 20),
}


def id_fault(value: str) -> Fault | None:
    """Ids stand in addresses, metrics and logs, and `/` parts a tenant from an entry point."""
    if ID.fullmatch(value):
        return None
    return Fault("not an id", "1 to 64 of the characters A-Z a-z 0-9 . _ -")


def agent_id_fault(value: str) -> Fault | None:
    """An agent's id is what an identity provider calls the agent: an address, `auth0|5f7c`."""
    if AGENT_ID.fullmatch(value):
        return None
    return Fault("not an agent's id", "1 to 255 of the characters A-Z a-z 0-9 . _ - @ | : + = / ~")


def text_fault(value: str, *, longest: int) -> Fault | None:
    """Text is held to what the wire allows in a message."""
    if not all(character.isprintable() or character in "\n\t" for character in value):
        return Fault("has a control character", "only line breaks and tabs may stand in a text")
    if not 1 <= len(value.strip()) <= longest:
        return Fault("too short or too long", f"1 to {longest} characters")
    return None


def name_fault(value: str) -> Fault | None:
    """A name stands on one line of a screen."""
    if not value.isprintable():
        return Fault("has a control character", "write the name on one line")
    return text_fault(value, longest=NAME_LENGTH)


def skill_fault(value: str) -> Fault | None:
    """A skill is compared as it is written, so it has no blanks around it."""
    if value.isprintable() and value == value.strip() and 1 <= len(value) <= SKILL_LENGTH:
        return None
    return Fault("not a skill", f"1 to {SKILL_LENGTH} characters without blanks at the ends")


def message_fault(value: str) -> Fault | None:
    """Return why the text could not be sent as a message, if it could not."""
    return text_fault(value, longest=TEXT_LENGTH)


def template_fault(value: str) -> Fault | None:
    """A placeholder nobody fills in would reach the customer as it is."""
    unknown = set(PLACEHOLDER.findall(value)) - set(PLACEHOLDERS)
    if unknown:
        known = ", ".join(f"<{name}>" for name in PLACEHOLDERS)
        return Fault(f"has unknown placeholders: {listed(sorted(unknown))}", f"known are {known}")
    return message_fault(value)


def secret_fault(value: str) -> Fault | None:
    """A blank at an end, often a line break from a file, is a secret other signers do not have."""
    if value != value.strip():
        return Fault("has a blank or line break at an end", "remove it; the value is not shown")
    if len(value) < SECRET_LENGTH_MIN:
        return Fault(f"shorter than {SECRET_LENGTH_MIN} characters", f"make one: {MAKE_A_KEY}")
    return None


def seal_key_fault(value: str) -> Fault | None:
    """Return why the text is not a key of 32 bytes, if it is not."""
    if seal_key_bytes(value) is not None:
        return None
    return Fault("not 32 bytes in URL-safe base64", f"make one: {MAKE_A_KEY}")


def seal_key_bytes(value: str) -> bytes | None:
    """Return the 32 bytes written in URL-safe base64 (RFC 4648), padded or not; else nothing."""
    if not SEAL_KEY.fullmatch(value):
        return None
    return base64.urlsafe_b64decode(value.rstrip("=") + "=")


def keys_fault(value: str) -> Fault | None:
    """Return why the text is not an address keys can be taken from, if it is not."""
    if _site(value) is None:
        return Fault("not an address", 'for example "https://login.example/keys.json"')
    if not is_safe(value):
        return Fault("not https", "whoever is on the way could give other keys: use https")
    return None


def origin_fault(value: str) -> Fault | None:
    """Browsers send an origin in one spelling (RFC 6454), and it is compared as it is."""
    if value in ("*", _site(value)):
        return None
    return Fault("not an origin", '"*" or scheme and host in lower case: "https://shop.example"')


def _site(value: str) -> str | None:
    """Return the origin of an http address, or nothing where it is none."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    if not value.isascii() or not value.isprintable() or " " in value:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")


def pattern_fault(value: str) -> Fault | None:
    """A regex is run on every message, so it is short and compiles."""
    if not 1 <= len(value) <= PATTERN_LENGTH:
        return Fault("too short or too long", f"1 to {PATTERN_LENGTH} characters")
    why = flaw(value)
    return Fault(why, "write it in single quotes, as in '\\bFD-\\d{8}\\b'") if why else None


def any_text(_value: str) -> Fault | None:
    """Accept what is checked elsewhere: references, and hours as a whole."""
    return None


TEXTS: dict[str, Callable[[str], Fault | None]] = {
    "id": id_fault,
    "agents.id": agent_id_fault,
    "name": name_fault,
    "secret": secret_fault,
    "jwks_url": keys_fault,
    "seal_key": seal_key_fault,
    "former_seal_keys": seal_key_fault,
    "allowed_origins": origin_fault,
    "agent_origins": origin_fault,
    "greeting": message_fault,
    "identity_secret": secret_fault,
    "identity_jwks_url": keys_fault,
    "text": template_fault,
    "masking.rules.name": id_fault,
    "queues.masking.rules.name": id_fault,
    "pattern": pattern_fault,
    "example": message_fault,
    "allow": pattern_fault,
    "queue": any_text,
    "queues": any_text,
    "default_wrapup_code": any_text,
    "days": any_text,
    "from": any_text,
    "to": any_text,
    "zone": any_text,
}

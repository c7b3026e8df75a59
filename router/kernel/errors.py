"""What can go wrong in the kernel: only refusals; anything else is a bug and asserts.

RoutingError
└── CommandRefused: the command broke a rule; nothing changed
"""

from enum import StrEnum

import msgspec


class RefusalCode(StrEnum):
    """Why a command was refused: the wire's error codes."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    OFFER_CLOSED = "offer_closed"
    NO_CAPACITY = "no_capacity"
    NO_STAFF = "no_staff"
    QUEUE_FULL = "queue_full"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


DetailValue = str | int | list[str]


class Refusal(msgspec.Struct, frozen=True, gc=False, tag="refusal"):
    """A refusal as a value: what the asker is told.

    Attributes:
        hint: For people; never holds chat text or what the asker sent.
        details: For machines: `path`, `state`, `contacts`, `retry_after_ms` and the like.
    """

    code: RefusalCode
    hint: str
    details: dict[str, DetailValue] = {}


class RoutingError(Exception):
    """The root of what the kernel raises."""


class CommandRefused(RoutingError):  # noqa: N818 - a refusal is an answer, not a fault
    """A command broke a rule of the conversation and changed nothing."""

    def __init__(self, code: RefusalCode, *, hint: str, **details: DetailValue) -> None:
        """Keep ``code`` for machines and ``hint`` for people."""
        super().__init__(f"{code}: {hint}")
        self.refusal = Refusal(code, hint, details)

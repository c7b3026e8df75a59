"""What the hub refuses, and how a refusal is told on the wire.

HubError
├── ConnectionRefused: the socket may not enter the namespace it asked for
├── KeysUnavailable: a token's signature cannot be checked now; the client tries again later
└── TaskCrashed: something that must never end has ended; the process must not go on

A refused command is the kernel's `CommandRefused`, wherever it was refused.
"""

from typing import Literal

from msgspec import UNSET, UnsetType

from router.hub.shapes import Shape
from router.kernel.errors import DetailValue, Refusal, RefusalCode

RETRYABLE = frozenset(
    {
        RefusalCode.NO_CAPACITY,
        RefusalCode.NO_STAFF,
        RefusalCode.QUEUE_FULL,
        RefusalCode.RATE_LIMITED,
        RefusalCode.UNAVAILABLE,
    }
)
"""The same request may succeed later, without a change of its own."""


class HubError(Exception):
    """The root of what the hub raises."""


class ConnectionRefused(HubError):  # noqa: N818 - a refusal is an answer, not a fault
    """A socket may not enter; the client is told why."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep what the client is told."""
        super().__init__(f"{refusal.code}: {refusal.hint}")
        self.refusal = refusal


class KeysUnavailable(HubError):  # noqa: N818 - named by what is so
    """The keys that a token is checked with cannot be had now: it is neither good nor bad."""


class TaskCrashed(HubError):  # noqa: N818 - named by what happened
    """A task that must run as long as the hub has ended; its name says which."""


class WireError(Shape, frozen=True, kw_only=True):
    """Why something was refused.

    Attributes:
        message: For people; never repeats what was sent.
        retryable: The same may succeed later.
        details: For machines: `path` of what is invalid, `state` of what is in conflict,
            `retry_after_ms` of what is too much at once.
    """

    code: RefusalCode
    message: str
    retryable: bool
    details: dict[str, DetailValue] | UnsetType = UNSET


class Refused(Shape, frozen=True, kw_only=True):
    """The ack of a command that was refused and changed nothing."""

    ok: Literal[False] = False
    error: WireError


def error_of(refusal: Refusal) -> WireError:
    """What the wire says of a refusal."""
    return WireError(
        code=refusal.code,
        message=refusal.hint,
        retryable=refusal.code in RETRYABLE,
        details=refusal.details or UNSET,
    )


def refused(refusal: Refusal) -> Refused:
    """The ack of a command that was refused."""
    return Refused(error=error_of(refusal))


def connection_refused(code: RefusalCode, hint: str, **details: DetailValue) -> ConnectionRefused:
    """A refusal to enter, ready to be raised."""
    return ConnectionRefused(Refusal(code, hint, details))

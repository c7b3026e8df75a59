"""What the hub refuses, and how a refusal is told on the wire.

HubError
├── ConnectionRefused: the socket may not enter the namespace it asked for
├── KeysUnavailable: a token's signature cannot be checked now; the client tries again later
└── TaskCrashed: something that must never end has ended; the process must not go on

A refused command is the kernel's `CommandRefused`, wherever it was refused.
"""

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


def error_of(refusal: Refusal) -> dict[str, object]:
    """The wire's error object: `{code, message, retryable, details?}`."""
    error: dict[str, object] = {
        "code": refusal.code.value,
        "message": refusal.hint,
        "retryable": refusal.code in RETRYABLE,
    }
    if refusal.details:
        error["details"] = dict(refusal.details)
    return error


def refused(refusal: Refusal) -> dict[str, object]:
    """The ack of a command that was refused."""
    return {"ok": False, "error": error_of(refusal)}


def connection_refused(code: RefusalCode, hint: str, **details: DetailValue) -> ConnectionRefused:
    """A refusal to enter, ready to be raised."""
    return ConnectionRefused(Refusal(code, hint, details))

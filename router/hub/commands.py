"""The commands of one namespace: each is read, allowed, done and answered, in this order."""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Generic, TypeVar

from prometheus_client import Histogram

from router.hub.auth import Role, may
from router.hub.errors import refused
from router.hub.metrics import COMMAND_SECONDS
from router.hub.objects import Payload
from router.hub.wire import Payload as Read
from router.hub.wire import decoded, invalid
from router.kernel.errors import CommandRefused, RefusalCode

UNKNOWN_SECONDS = COMMAND_SECONDS.labels(command="unknown")

SeatT = TypeVar("SeatT")
ReadT = TypeVar("ReadT", bound=Read)


class Commands(Generic[SeatT]):
    """What a socket of one namespace may ask.

    ``SeatT`` is what the namespace knows of the socket.
    """

    def __init__(self, limit: Callable[[SeatT], None]) -> None:
        """Begin with no command; ``limit`` refuses a socket that asks too often."""
        self._limit = limit
        self._commands: dict[str, Callable[[SeatT, bytes | None], Awaitable[Payload]]] = {}
        self._seconds: dict[str, Histogram] = {}

    def add(
        self,
        name: str,
        kind: type[ReadT],
        do: Callable[[SeatT, ReadT], Awaitable[Payload]],
        *,
        limit: Callable[[SeatT], None] | None = None,
    ) -> None:
        """Let clients ask for something, with a payload of a kind; it may have its own limit.

        Limits are asked once the form is right: refusing a wrong one costs no more than telling
        that there were too many, and says more.
        """
        counted = limit or self._limit

        def run(seat: SeatT, payload: bytes | None) -> Awaitable[Payload]:
            asked = decoded(kind, payload)
            counted(seat)
            return do(seat, asked)

        self._commands[name] = run
        self._seconds[name] = COMMAND_SECONDS.labels(command=name)

    async def run(
        self, seat: SeatT, roles: frozenset[Role], name: str, payload: bytes | None
    ) -> Mapping[str, object]:
        """Do what is asked and return the ack."""
        started_s = perf_counter()
        try:
            return {"ok": True, **await self._allowed(roles, name)(seat, payload)}
        except CommandRefused as refusal:
            return refused(refusal.refusal)
        finally:
            self._seconds.get(name, UNKNOWN_SECONDS).observe(perf_counter() - started_s)

    def _allowed(
        self, roles: frozenset[Role], name: str
    ) -> Callable[[SeatT, bytes | None], Awaitable[Payload]]:
        if name not in self._commands:
            raise invalid("", "there is no such command")
        if not may(roles, name):
            raise CommandRefused(RefusalCode.FORBIDDEN, hint="your role may not do this")
        return self._commands[name]

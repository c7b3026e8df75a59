"""The commands of one namespace: each is read, allowed, done and answered, in this order."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Generic, TypeVar

from prometheus_client import Histogram

from router.hub.answers import Answer
from router.hub.auth import Role, may
from router.hub.contract import Namespace
from router.hub.errors import Refused, refused
from router.hub.metrics import COMMAND_SECONDS, REFUSED
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

    def __init__(self, namespace: Namespace, limit: Callable[[SeatT], None]) -> None:
        """Begin with no command; ``limit`` refuses a socket that asks too often."""
        self._namespace = namespace
        self._limit = limit
        self._commands: dict[str, Callable[[SeatT, bytes | None], Awaitable[Answer]]] = {}
        self._seconds: dict[str, Histogram] = {}

    def add(
        self,
        name: str,
        kind: type[ReadT],
        do: Callable[[SeatT, ReadT], Awaitable[Answer]],
        *,
        limit: Callable[[SeatT], None] | None = None,
    ) -> None:
        """Let clients ask for something, with the payload of the contract and maybe its own limit.

        Limits are asked once the form is right: refusing a wrong one costs no more than telling
        that there were too many, and says more.
        """
        assert self._namespace.commands[name].payload is kind, "the contract says otherwise"
        counted = limit or self._limit

        def run(seat: SeatT, payload: bytes | None) -> Awaitable[Answer]:
            asked = decoded(kind, payload)
            counted(seat)
            return do(seat, asked)

        self._commands[name] = run
        self._seconds[name] = COMMAND_SECONDS.labels(command=name)

    async def run(
        self, seat: SeatT, roles: frozenset[Role], name: str, payload: bytes | None
    ) -> Answer | Refused:
        """Do what is asked and return the ack."""
        started_s = perf_counter()
        try:
            return await self._allowed(roles, name)(seat, payload)
        except CommandRefused as refusal:
            REFUSED.labels(what="command", code=refusal.refusal.code.value).inc()
            return refused(refusal.refusal)
        finally:
            self._seconds.get(name, UNKNOWN_SECONDS).observe(perf_counter() - started_s)

    def _allowed(
        self, roles: frozenset[Role], name: str
    ) -> Callable[[SeatT, bytes | None], Awaitable[Answer]]:
        if name not in self._commands:
            raise invalid("", "there is no such command")
        if not may(roles, name):
            raise CommandRefused(RefusalCode.FORBIDDEN, hint="your role may not do this")
        return self._commands[name]

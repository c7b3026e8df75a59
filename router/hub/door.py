"""The door of a namespace: addresses are counted before anything they show is read.

So it also holds those who are refused behind it, and being refused at it costs next to nothing.
Behind it are the tenants: each has a namespace of its own, to which its sockets are led.
"""

from collections.abc import Awaitable, Callable

from router.hub.limits import Limits
from router.hub.links import Handshake, Namespace
from router.kernel.ids import ConnectionId

Guide = Callable[[Handshake], Awaitable[Namespace]]
"""Finds whose socket it is; raises `ConnectionRefused` when it is nobody's."""


class Door:
    """A namespace of all tenants, whose sockets are limited by address."""

    def __init__(self, guide: Guide, limits: Limits) -> None:
        """Stand before every tenant's namespace; one `Limits` counts for all doors."""
        self._guide = guide
        self._limits = limits
        self._inside: dict[ConnectionId, Namespace] = {}

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Let a socket in that its address and its tenant allow.

        Raises:
            ConnectionRefused: It may not enter.
        """
        self._limits.enter(connection, handshake.address)
        namespace = self._inside[connection] = await self._guide(handshake)
        await namespace.connect(connection, handshake)

    async def welcome(self, connection: ConnectionId) -> None:
        """Send what a socket needs first."""
        await self._inside[connection].welcome(connection)

    def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> Awaitable[object]:
        """Do what a client asks and return its ack."""
        return self._inside[connection].command(connection, name, payload)

    async def disconnect(self, connection: ConnectionId) -> None:
        """Forget a socket, and give its place to another whatever becomes of it behind."""
        namespace = self._inside.pop(connection, None)
        try:
            if namespace is not None:
                await namespace.disconnect(connection)
        finally:
            self._limits.leave(connection)

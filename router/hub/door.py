"""The door of a namespace: addresses are counted before anything they show is read.

So it also holds those who are refused behind it, and being refused at it costs next to nothing.
"""

from collections.abc import Awaitable

from router.hub.limits import Limits
from router.hub.links import Handshake, Namespace
from router.kernel.ids import ConnectionId


class Door:
    """A namespace whose sockets are limited by address."""

    def __init__(self, namespace: Namespace, limits: Limits) -> None:
        """Stand before a namespace; one `Limits` counts for all of them."""
        self._namespace = namespace
        self._limits = limits

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Let a socket in that its address and the namespace allow.

        Raises:
            ConnectionRefused: It may not enter.
        """
        self._limits.enter(connection, handshake.address)
        await self._namespace.connect(connection, handshake)

    async def welcome(self, connection: ConnectionId) -> None:
        """Send what a socket needs first."""
        await self._namespace.welcome(connection)

    def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> Awaitable[object]:
        """Do what a client asks and return its ack."""
        return self._namespace.command(connection, name, payload)

    async def disconnect(self, connection: ConnectionId) -> None:
        """Forget a socket, and give its place to another whatever becomes of it behind."""
        try:
            await self._namespace.disconnect(connection)
        finally:
            self._limits.leave(connection)

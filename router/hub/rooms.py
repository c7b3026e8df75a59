"""The rooms of one tenant: who is in them, and what reaches them.

A frame is encoded once however many sockets it goes to.
"""

from collections.abc import Collection, Mapping

from router.hub.emission import Emission, alone_in
from router.hub.links import Link
from router.hub.packets import Kind, written
from router.kernel.ids import ConnectionId


class Rooms:
    """What `Delivery` promises, for the sockets that entered one of these rooms."""

    def __init__(self, links: Mapping[ConnectionId, Link]) -> None:
        """Begin empty; ``links`` are all that there are, and change."""
        self._links = links
        self._members: dict[tuple[str, str], set[Link]] = {}

    def emit(self, emission: Emission, *, is_needed: bool = True) -> None:
        """Send an event once to every socket that is in any of the rooms.

        Who reads slowly is spared what is not needed.
        """
        namespace, rooms, event, payload, skip = emission
        links = self._in(namespace, *rooms)
        if not links:
            return
        frame = written(Kind.EVENT, namespace, [event, payload])
        for link in links:
            if link.connection != skip and (is_needed or not link.outlet.is_slow):
                link.send(frame)

    def enter(self, connection: ConnectionId, *rooms: str) -> None:
        """Let a socket hear what is emitted to rooms; an unknown socket is ignored."""
        link = self._links.get(connection)
        if link is not None and not link.is_over:
            link.home = self
            link.rooms = (*link.rooms, *rooms)
            for room in rooms:
                self._members.setdefault((link.path, room), set()).add(link)

    def leave(self, link: Link) -> None:
        """Take a socket out of its rooms."""
        for room in link.rooms:
            members = self._members.get((link.path, room), set())
            members.discard(link)
            if not members:
                self._members.pop((link.path, room), None)
        link.rooms = ()

    def break_off(self) -> None:
        """Break the transports of all: events were missed, and they come back for a snapshot."""
        for link in {link for members in self._members.values() for link in members}:
            link.outlet.drop()

    def close(self, namespace: str, room: str) -> None:
        """Tell every socket in a room that it is not welcome any more."""
        for link in tuple(self._in(namespace, room)):
            link.send(written(Kind.DISCONNECT, namespace))
            link.end()

    def _in(self, namespace: str, *rooms: str) -> Collection[Link]:
        """Who is in any of the rooms, each once."""
        if len(rooms) != 1:
            return {link for room in rooms for link in self._in(namespace, room)}
        (room,) = rooms
        connection = alone_in(room)
        if connection is None:
            return self._members.get((namespace, room), ())
        link = self._links.get(connection)
        return (link,) if link is not None and link.path == namespace else ()

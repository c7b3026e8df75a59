"""One event on its way to the wire: what, and in which rooms."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from router.hub.shapes import Shape
from router.kernel.ids import AgentId, ConnectionId, CustomerId

ALONE = "connection:"


class Emission(NamedTuple):
    """An event for every socket that is in any of the rooms of one namespace.

    Attributes:
        rooms: `agent:ID` in `/agent`, `customer:ID` in `/customer`, `connection:ID` in either.
        skip: A socket that is told something else.
    """

    namespace: Literal["/customer", "/agent"]
    rooms: tuple[str, ...]
    event: str
    payload: Shape
    skip: ConnectionId | None = None


def agent_room(agent: AgentId) -> str:
    """Where all desktops of an agent are."""
    return f"agent:{agent}"


def customer_room(customer: CustomerId) -> str:
    """Where all tabs of a customer are."""
    return f"customer:{customer}"


def connection_room(connection: ConnectionId) -> str:
    """Where one socket is alone; it need not be entered."""
    return f"{ALONE}{connection}"


def alone_in(room: str) -> ConnectionId | None:
    """Whose the room of one socket is; None for any other room."""
    return ConnectionId(room[len(ALONE) :]) if room.startswith(ALONE) else None


def to_agents(agents: Iterable[AgentId], event: str, payload: Shape) -> list[Emission]:
    """One emission for all desktops of the agents; none for nobody."""
    rooms = tuple(agent_room(agent) for agent in agents)
    return [Emission("/agent", rooms, event, payload)] if rooms else []


def to_customer(customer: CustomerId, event: str, payload: Shape) -> list[Emission]:
    """One emission for all tabs of a customer."""
    return [Emission("/customer", (customer_room(customer),), event, payload)]

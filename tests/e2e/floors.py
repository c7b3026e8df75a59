"""Gives each test a floor of its own in the server its module shares: queues, agents, entry points.

Ids carry the floor's number, so that tests of one server never meet.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from tests.support.clients import Client, Customer, Desk
from tests.support.server import IDENTITY_SECRET, SECRET, Server, Toml, sign

Tables: TypeAlias = Mapping[str, Mapping[str, Toml]]
ClientT = TypeVar("ClientT", bound=Client)

ONE_QUEUE: Tables = {"support": {}}
TWO_AGENTS: Tables = {"anna": {}, "bo": {}}
ONE_ENTRY_POINT: Tables = {"shop": {}}
NO_CODES: Mapping[str, tuple[str, ...]] = {}


class Plan(NamedTuple):
    """What a test wants on its floor; the keys are ids without the floor's number."""

    queues: Tables = ONE_QUEUE
    agents: Tables = TWO_AGENTS
    entry_points: Tables = ONE_ENTRY_POINT
    codes: Mapping[str, tuple[str, ...]] = NO_CODES


class Chat(NamedTuple):
    """A conversation between a customer and an agent."""

    contact: str
    conversation: str


def configuration(plans: list[Plan], settings: Mapping[str, Mapping[str, Toml]]) -> dict[str, Toml]:
    """Write one configuration with a floor for each plan."""
    tables: dict[str, list[Toml]] = {
        "entry_points": [],
        "queues": [],
        "agents": [],
        "wrapup_codes": [
            {"id": "resolved", "name": "Resolved"},
            {"id": "followup", "name": "Follow up"},
        ],
    }
    for number, plan in enumerate(plans):
        _furnish(tables, number, plan)
    unlimited: dict[str, Toml] = {
        "connects_per_minute": 0,
        "connects_per_second": 0,
        "sockets_per_address": 0,
        "customer_messages_per_second": 0,
        "customer_messages_burst": 0,
        "agent_messages_per_second": 0,
        "commands_per_second": 0,
    }
    return {
        "tenant": {"id": "main"},
        "auth": {"secret": SECRET},
        "limits": unlimited,
        **settings,
        **tables,
        "idle_codes": [{"id": "lunch", "name": "Lunch"}],
        "templates": [{"id": "hello", "text": "Hello <customer.name>, this is <agent.name>."}],
    }


def _furnish(tables: dict[str, list[Toml]], number: int, plan: Plan) -> None:
    def here(ids: Toml) -> Toml:
        if isinstance(ids, str):
            return f"{ids}-{number}"
        assert isinstance(ids, list | tuple)
        return [f"{one}-{number}" for one in ids]

    first = next(iter(plan.queues))
    for name, table in plan.queues.items():
        tables["queues"].append({"name": name.capitalize(), **table, "id": here(name)})
    for name, table in plan.agents.items():
        served = here(table.get("queues", list(plan.queues)))
        tables["agents"].append(
            {"name": name.capitalize(), **table, "id": here(name), "queues": served}
        )
    for name, table in plan.entry_points.items():
        tables["entry_points"].append(
            {
                "identity_secret": f"{IDENTITY_SECRET} {number}",
                "name": name.capitalize(),
                **table,
                "id": here(name),
                "queue": here(table.get("queue", first)),
                "queues": here(table.get("queues", [])),
            }
        )
    for name, queues in plan.codes.items():
        tables["wrapup_codes"].append(
            {"id": here(name), "name": name.capitalize(), "queues": here(list(queues))}
        )


class Floor:
    """A test's part of the server; it closes every client that it opened."""

    def __init__(self, server: Server, number: int) -> None:
        """Keep the server and which floor of it this is."""
        self.server = server
        self._number = number
        self._clients: list[Client] = []

    def id(self, name: str) -> str:
        """Give the full id of what the plan names."""
        return f"{name}-{self._number}"

    async def customer(self, entry_point: str = "shop", **auth: object) -> Customer:
        """Open the widget: a new anonymous customer, unless ``token`` or ``identity`` is given."""
        return await self._enter({"entry_point": self.id(entry_point), **auth}, {})

    async def customer_at(self, address: str, **auth: object) -> Customer:
        """Open the widget from an address, which the server must believe a proxy."""
        whole = {"entry_point": self.id("shop"), **auth}
        return await self._enter(whole, {"X-Forwarded-For": address})

    async def _enter(self, auth: Mapping[str, object], headers: Mapping[str, str]) -> Customer:
        customer = Customer(self.server.url, auth, headers)
        self._clients.append(customer)
        return await customer.connect()

    async def customers(self, count: int) -> list[Customer]:
        """Open the widget of several customers, one after the other."""
        return [await self.customer() for _ in range(count)]

    async def desk(
        self,
        agent: str = "anna",
        *,
        state: str | None = "available",
        roles: Sequence[str] = ("agent",),
        secret: str = SECRET,
    ) -> Desk:
        """Open a desktop and set the state, unless it is None."""
        token = sign(secret, sub=self.id(agent), roles=roles)
        desk = Desk(self.server.url, {"token": token})
        self._clients.append(desk)
        await desk.connect()
        if state is not None:
            await desk.do("presence.set", state=state)
        return desk

    async def opened(self, client: ClientT) -> ClientT:
        """Connect a client that the test made, and close it with the others."""
        self._clients.append(client)
        await client.connect()
        return client

    def identity(self, *, valid_s: int = 3600, **claims: object) -> str:
        """Sign a customer's identity as the site of this floor."""
        return sign(f"{IDENTITY_SECRET} {self._number}", valid_s=valid_s, **claims)

    async def chat(self, customer: Customer, desk: Desk, **start: object) -> Chat:
        """Bring a customer and an agent together."""
        started = await customer.do("chat.start", **{"text": "Hello", **start})
        await desk.take(started["contact"])
        await customer.until("contact.assigned", contact=started["contact"])
        return Chat(started["contact"], started["conversation"])

    async def confer(self, chat: Chat, owner: Desk, guest: Desk) -> None:
        """Bring a further agent into a chat."""
        await owner.do("contact.conference", contact=chat.contact, agent=guest.agent)
        await guest.take(chat.contact, kind="conference")
        await owner.until("participant.joined", contact=chat.contact, agent=guest.agent)

    async def close(self) -> None:
        """Close every client; whatever any of them received must have been of the right form."""
        mistakes = [mistake for client in self._clients for mistake in client.mistakes]
        for client in self._clients:
            await client.leave()

        assert not mistakes, mistakes[:5]

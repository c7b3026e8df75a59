"""A process with many people at it dies: they are away for a moment, and nothing more."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest_asyncio

from router.kernel.model import CustomerRecord
from tests.e2e.floors import Floor, Plan, configuration
from tests.support.clients import Customer, Desk
from tests.support.cluster import Cluster, Shared, check_settled, running
from tests.support.endure import told
from tests.support.redis import RedisServer
from tests.support.server import Toml
from tests.support.traffic import Ledger

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
ROUNDS = 20 if IS_LONG else 3
AGENTS = 167 if IS_LONG else 20
"""For each there is one customer in a chat, and one whose chat rings."""

AT_ONCE = 20
OFFER_TIMEOUT_MS = 25_000 if IS_LONG else 9_000
"""Longer than everybody needs to come back."""

HASTY_TIMEOUT_MS = 1_000
"""Over before anybody can know that the process is dead."""

AWAY_S = 25.5
"""In long runs longer than an offer rings: it would be RONA for who is not known to be gone."""

NOTICED_WITHIN_S = 20.0

ResultT = TypeVar("ResultT")


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    """Run two processes on a Redis server of their own."""
    served = ["support"]
    agents: dict[str, dict[str, Toml]] = {
        f"agent{place}": {"capacity": 2, "queues": served} for place in range(AGENTS)
    }
    agents["hasty"] = {"queues": ["counter"]}
    plan = Plan(
        agents=agents,
        queues={
            "support": {"offer_timeout_ms": OFFER_TIMEOUT_MS},
            "counter": {"offer_timeout_ms": HASTY_TIMEOUT_MS},
        },
        entry_points={"shop": {}, "counter": {"queue": "counter"}},
    )
    settings = {"presence": {"reconnect_grace_ms": 60_000, "customer_grace_ms": 60_000}}
    with RedisServer(tmp_path) as redis:
        cluster = Cluster.of(
            tmp_path,
            configuration([plan], settings),
            engines=[redis.url] * 2,
            redis_port=redis.port,
        )
        async with running(cluster):
            yield cluster


class House:
    """Everybody at one process.

    Attributes:
        desks: Of all agents, who can take two chats each.
        customers: As many as the agents can take.
    """

    def __init__(self, floor: Floor) -> None:
        """Nobody is there."""
        self.desks: list[Desk] = []
        self.customers: list[Customer] = []
        self._floor = floor
        self._answered: set[str] = set()

    async def open(self, tokens: Sequence[str | None]) -> None:
        """Let agents and customers in; a token brings a customer back."""
        self.desks = await slowly(
            self._floor.desk(f"agent{place}", state=None) for place in range(AGENTS)
        )
        self.customers = await slowly(
            self._floor.customer(**({} if token is None else {"token": token})) for token in tokens
        )

    async def begin(self) -> None:
        """Half of the customers talk to somebody; then the others ring."""
        await slowly(desk.available() for desk in self.desks)
        half = len(self.customers) // 2
        await slowly(one.do("chat.start", text="Hello") for one in self.customers[:half])
        await self.answer(half)
        await slowly(one.do("chat.start", text="Hello") for one in self.customers[half:])
        await until(lambda: len(self._ringing()) == len(self.customers) - half)

    async def answer(self, count: int) -> None:
        """Take what rings, until so many were taken."""
        taken = 0
        while taken < count:
            await until(lambda: bool(self._ringing()))
            ringing = self._ringing()
            self._answered |= ringing.keys()
            answers = await slowly(
                desk.ask("offer.accept", {"offer": offer}) for offer, desk in ringing.items()
            )
            taken += sum(answer["ok"] for answer in answers)

    def _ringing(self) -> dict[str, Desk]:
        return {
            offer["id"]: desk
            for desk in self.desks
            for offer in (
                *desk.hello["offers"],
                *(event["offer"] for event in desk.named("offer.created")),
            )
            if offer["id"] not in self._answered
        }

    async def end(self) -> None:
        """End all chats, and file all codes."""
        await slowly(
            one.do("chat.end", conversation=conversation["id"])
            for one in self.customers
            for conversation in one.hello["conversations"]
            if conversation.get("contact")
        )
        await slowly(self._file(desk) for desk in self.desks)

    @staticmethod
    async def _file(desk: Desk) -> None:
        held = {contact["id"] for contact in desk.hello["contacts"]}
        held |= {event["contact"]["id"] for event in desk.named("contact.assigned")}
        for contact in held:
            await desk.do("contact.wrapup", contact=contact, code="resolved")

    async def lose(self) -> None:
        """Find that the process is gone."""
        for client in (*self.desks, *self.customers):
            await client.lose()


class Counter:
    """A customer whose chat rings at an agent for a second."""

    def __init__(self, floor: Floor) -> None:
        """Nobody is there."""
        self._floor = floor

    async def ring(self) -> None:
        """Let both in, and let it ring."""
        self.desk = await self._floor.desk("hasty")
        self.customer = await self._floor.customer("counter")
        await self.customer.do("chat.start", text="Hello")
        await until(lambda: bool(self.desk.named("offer.created")))

    async def end(self, elsewhere: Floor) -> None:
        """The customer comes back there, still waiting, and gives up."""
        await self.desk.lose()
        await self.customer.lose()
        back = await elsewhere.customer("counter", token=self.customer.token)
        (conversation,) = back.hello["conversations"]
        await back.do("chat.end", conversation=conversation["id"])
        await back.leave()


async def slowly(work: Iterable[Coroutine[object, object, ResultT]]) -> list[ResultT]:
    """Do things at the same time, but not more than so many."""
    space = asyncio.Semaphore(AT_ONCE)

    async def do(one: Coroutine[object, object, ResultT]) -> ResultT:
        async with space:
            return await one

    return await asyncio.gather(*(do(one) for one in work))


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what others bring about."""
    async with asyncio.timeout(NOTICED_WITHIN_S):
        while not is_true():  # noqa: ASYNC110 - many sockets bring it about
            await asyncio.sleep(0.02)


async def until_noticed(cluster: Cluster) -> Shared:
    """Wait until nobody counts as connected."""
    async with asyncio.timeout(NOTICED_WITHIN_S):
        while True:
            stored = await Shared.read(cluster.redis_port)
            if not stored.hubs_of_connections():
                return stored
            await asyncio.sleep(0.1)


async def test_people_at_a_process_that_dies_are_away_and_nothing_more(cluster: Cluster) -> None:
    """They enter their grace times once its lease ran out; no agent is blamed with RONA."""
    tokens: Sequence[str | None] = [None] * (2 * AGENTS)
    noticed_ms: list[float] = []
    for place in range(ROUNDS):
        dying, living = cluster.members[place % 2], cluster.members[1 - place % 2]
        before, after = House(Floor(dying, 0)), House(Floor(living, 0))
        await before.open(tokens)
        tokens = [customer.token for customer in before.customers]
        counter = Counter(Floor(dying, 0))
        await before.begin()
        await counter.ring()
        killed_s = time.monotonic()
        dying.kill()
        stored = await until_noticed(cluster)
        noticed_ms.append((time.monotonic() - killed_s) * 1_000)
        presences = [agent.presence for agent in stored.agents.values()]
        customers = [one for one in stored.hot if isinstance(one, CustomerRecord) and one.contact]

        assert {each.state for each in presences} == {"available"}
        assert all(each.gone_at_ms for each in presences), "agents are in their grace time"
        assert all(each.gone_at_ms for each in customers), "customers are, too"
        assert len(customers) == len(tokens) + 1, "no chat was ended"
        if IS_LONG:
            await asyncio.sleep(killed_s + AWAY_S - time.monotonic())
        await before.lose()
        await counter.end(Floor(living, 0))
        await after.open(tokens)
        await after.answer(AGENTS)
        await after.end()
        await check_settled(cluster, Ledger())
        await asyncio.gather(*(each.leave() for each in (*after.desks, *after.customers)))
        mistakes = [line for each in (*after.desks, *before.desks) for line in each.mistakes]

        assert not mistakes, mistakes[:3]
        await asyncio.to_thread(dying.start)
    told(f"{3 * AGENTS} sockets of a dead process were counted as lost", noticed_ms)

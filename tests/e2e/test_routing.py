"""Who is next and who gets it: strategies, skills, priorities and the order of lines."""

import asyncio
import itertools
from functools import partial

import pytest

from tests.e2e.floors import Floor
from tests.support.clients import Customer, Desk
from tests.support.clients_shapes import Payload

SETTINGS = {"presence": {"decline_pause_ms": 300}}


async def start(floor: Floor, entry_point: str = "shop", **auth: object) -> tuple[Customer, str]:
    """Start a chat of a new customer and give it with its contact."""
    customer = await floor.customer(entry_point, **auth)
    answer = await customer.do("chat.start", text="Hello")
    return customer, str(answer["contact"])


async def takes(floor: Floor, desk: Desk, entry_point: str = "shop") -> str:
    """Start a chat that this desk must be offered, and accept it."""
    _, contact = await start(floor, entry_point)
    await desk.take(contact)
    return contact


async def test_the_longest_available_agent_comes_first(floor: Floor) -> None:
    """Whoever has rested longest is next; work counts as no rest."""
    anna = await floor.desk()
    bo = await floor.desk("bo")

    await takes(floor, anna)
    await takes(floor, bo)
    await takes(floor, anna)
    await takes(floor, bo)


async def test_becoming_available_again_goes_to_the_back(floor: Floor) -> None:
    """A pause ends the rest that counts."""
    anna = await floor.desk()
    bo = await floor.desk("bo")
    await anna.do("presence.set", state="idle")
    await anna.available()

    await takes(floor, bo)
    await takes(floor, anna)


@pytest.mark.floor(queues={"support": {"strategy": "least_loaded"}})
async def test_the_least_loaded_agent_comes_first(floor: Floor) -> None:
    """Chats spread evenly, whoever was available first."""
    anna = await floor.desk()
    await takes(floor, anna)
    await takes(floor, anna)
    bo = await floor.desk("bo")

    await takes(floor, bo)
    await takes(floor, bo)


@pytest.mark.floor(queues={"support": {"strategy": "round_robin"}})
async def test_round_robin_takes_turns(floor: Floor) -> None:
    """The one offered least recently is next, also when a chat is already done."""
    anna = await floor.desk()
    bo = await floor.desk("bo")
    first = await takes(floor, anna)
    await takes(floor, bo)
    await takes(floor, anna)
    await anna.do("contact.end", contact=first, wrapup={"code": "resolved"})

    await takes(floor, bo)
    await takes(floor, anna)


@pytest.mark.floor(
    queues={"support": {"strategy": "best_skilled", "skills": {"swedish": 1, "boats": 2}}},
    agents={
        "anna": {"skills": {"swedish": 5, "boats": 1}},
        "bo": {"skills": {"swedish": 1, "boats": 2, "golf": 9}, "capacity": 1},
        "cleo": {"skills": {"swedish": 1, "boats": 3}, "capacity": 1},
    },
)
async def test_the_best_skilled_agent_comes_first_and_the_unskilled_never(floor: Floor) -> None:
    """Only the skills asked for count, each at its least level."""
    anna = await floor.desk("anna")
    bo = await floor.desk("bo")
    cleo = await floor.desk("cleo")
    await takes(floor, cleo)
    await takes(floor, bo)
    customer, _ = await start(floor)
    await anna.do("directory.queues")

    assert anna.named("offer.created") == []
    assert customer.named("contact.assigned") == []


@pytest.mark.floor(
    entry_points={"shop": {}, "svensk": {"skills": {"swedish": 2}}},
    agents={"anna": {}, "bo": {"skills": {"swedish": 2}}},
)
async def test_an_entry_point_asks_for_skills_of_its_own(floor: Floor) -> None:
    """The Swedish page needs a Swede, though both pages share a queue."""
    anna = await floor.desk()
    _, contact = await start(floor, "svensk")
    _, plain = await start(floor)
    await anna.offered(plain)
    bo = await floor.desk("bo")
    offer = await bo.offered(contact)

    assert [event["offer"]["contact"]["id"] for event in anna.named("offer.created")] == [plain]
    assert offer["why"]


@pytest.mark.floor(agents={"anna": {}, "bo": {"skills": {"swedish": 2}}})
async def test_a_signed_identity_may_ask_for_skills_and_priority(floor: Floor) -> None:
    """The site knows its customers; what it signs, the router honours."""
    anna = await floor.desk()
    identity = floor.identity(sub="kim", skills={"swedish": 2}, priority=7)
    _, contact = await start(floor, identity=identity)
    bo = await floor.desk("bo")
    offer = await bo.offered(contact)

    assert anna.named("offer.created") == []
    assert offer["contact"]["priority"] == 7


@pytest.mark.floor(
    queues={"support": {"priority": 1}},
    agents={"anna": {"capacity": 1}},
    entry_points={"shop": {}, "club": {"priority": 4}},
)
async def test_higher_priority_comes_first_then_the_longest_waiting(floor: Floor) -> None:
    """Priority is the entry point's plus the queue's; among equals waiting decides."""
    _, first = await start(floor)
    _, second = await start(floor)
    _, club = await start(floor, "club")
    anna = await floor.desk()
    offers: list[Payload] = []
    since = 0
    for _ in range(3):
        offer = (await anna.until("offer.created", since=since))["offer"]
        since = anna.mark
        offers.append(offer["contact"])
        await anna.do("offer.accept", offer=offer["id"])
        await anna.do("contact.end", contact=offer["contact"]["id"], wrapup={"code": "resolved"})

    assert [contact["id"] for contact in offers] == [club, first, second]
    assert [contact["priority"] for contact in offers] == [5, 1, 1]


@pytest.mark.floor(
    queues={"support": {}, "sales": {}, "rescue": {"priority": 3}},
    agents={"anna": {"capacity": 4}},
    entry_points={"shop": {}, "buy": {"queue": "sales"}, "help": {"queue": "rescue"}},
)
async def test_the_same_order_holds_across_the_queues_of_an_agent(floor: Floor) -> None:
    """A line is not better for being in another queue: priority, then waiting."""
    _, support = await start(floor)
    _, sales = await start(floor, "buy")
    _, late = await start(floor)
    _, rescue = await start(floor, "help")
    anna = await floor.desk()
    await anna.offered(late)
    order = [event["offer"]["contact"]["id"] for event in anna.named("offer.created")]

    assert order == [rescue, support, sales, late]


@pytest.mark.floor(agents={"anna": {"capacity": 1}, "bo": {"capacity": 1}})
async def test_returned_contacts_come_before_new_ones(floor: Floor) -> None:
    """Who was already promised help must not stand at the end of the line again."""
    anna = await floor.desk()
    bo = await floor.desk("bo", state="idle")
    returning = await floor.customer()
    chat = await floor.chat(returning, anna)
    _, waiting = await start(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"queue": floor.id("support")})
    await bo.available()
    offer = await bo.offered(chat.contact)
    await bo.do("offer.accept", offer=offer["id"])
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    await anna.offered(waiting)

    assert [event["offer"]["contact"]["id"] for event in bo.named("offer.created")] == [
        chat.contact
    ]


@pytest.mark.floor(
    queues={"support": {}, "sales": {}}, agents={"anna": {"queues": ["sales"]}, "bo": {}}
)
async def test_agents_get_only_what_their_queues_hold(floor: Floor) -> None:
    """An agent serves the queues it was given and no other."""
    anna = await floor.desk()
    _, contact = await start(floor)
    bo = await floor.desk("bo")
    await bo.offered(contact)
    await anna.do("directory.queues")

    assert anna.named("offer.created") == []


@pytest.mark.floor(agents={"anna": {"capacity": 2}, "bo": {"capacity": 2}, "cleo": {"capacity": 2}})
async def test_everybody_who_can_be_served_is_served_at_once(floor: Floor) -> None:
    """With six slots and eight customers, six are offered and two wait at 7 and 8."""
    desks = [await floor.desk(name) for name in ("anna", "bo", "cleo")]
    customers = await floor.customers(8)
    started = [await customer.do("chat.start", text="Hello") for customer in customers]
    for desk in desks:
        await desk.do("directory.queues")

    assert [len(desk.named("offer.created")) for desk in desks] == [2, 2, 2]
    assert [answer["state"] for answer in started] == ["offered"] * 6 + ["queued"] * 2
    assert [answer["position"] for answer in started[6:]] == [7, 8]


class Worker:
    """An agent who takes whatever rings, says a word and ends it, and counts what it holds."""

    def __init__(self, desk: Desk, capacity: int) -> None:
        """Keep the desk; nothing is taken yet."""
        self.served: list[str] = []
        self._desk = desk
        self._capacity = capacity

    async def serve(self) -> None:
        """Work until cancelled."""
        for turn in itertools.count():
            await self._desk.until("offer.created", partial(self._rings_after, turn))
            created = self._desk.named("offer.created")[turn]
            assert self._rung() - turn <= self._capacity, "offered beyond capacity"
            contact = created["offer"]["contact"]["id"]
            await self._desk.do("offer.accept", offer=created["offer"]["id"])
            await self._desk.do("message.send", contact=contact, text="Hello and goodbye")
            self.served.append(contact)
            await self._desk.do("contact.end", contact=contact, wrapup={"code": "resolved"})

    def _rings_after(self, turn: int, _: Payload) -> bool:
        return self._rung() > turn

    def _rung(self) -> int:
        return len(self._desk.named("offer.created"))


@pytest.mark.floor(agents={name: {"capacity": 2} for name in ("anna", "bo", "cleo")})
async def test_a_crowd_is_served_each_by_one_agent(floor: Floor) -> None:
    """However fast people come, nobody is given to two agents and nobody is forgotten."""
    workers = [Worker(await floor.desk(name), 2) for name in ("anna", "bo", "cleo")]
    working = [asyncio.create_task(worker.serve()) for worker in workers]
    customers = await asyncio.gather(*(floor.customer() for _ in range(30)))
    started = await asyncio.gather(
        *(customer.do("chat.start", text="Hello") for customer in customers)
    )
    for customer in customers:
        await customer.until("contact.ended", ended_by="agent")
    done = [task for task in working if task.done()]
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    served = [contact for worker in workers for contact in worker.served]

    assert done == []
    assert sorted(served) == sorted(answer["contact"] for answer in started)
    assert all(len(customer.named("contact.assigned")) == 1 for customer in customers)


@pytest.mark.floor(agents={"anna": {"capacity": 1}, "bo": {"capacity": 1}})
async def test_the_last_agent_is_preferred_when_the_customer_writes_again(floor: Floor) -> None:
    """Whoever helped before knows the story, and is asked first when free."""
    bo = await floor.desk("bo")
    customer = await floor.customer()
    chat = await floor.chat(customer, bo)
    anna = await floor.desk()
    await bo.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    await bo.do("presence.set", state="idle")
    await bo.available()
    since = bo.mark
    await customer.do("message.send", conversation=chat.conversation, text="One more thing")
    created = await bo.until("offer.created", since=since)

    assert created["offer"]["contact"]["conversation"] == chat.conversation
    assert created["offer"]["contact"]["id"] != chat.contact
    assert anna.named("offer.created") == []

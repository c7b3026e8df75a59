"""Customers and agents of a running Frontdesk, who keep what they read and come back."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.wire import ANSWER_S_MAX, Payload, Socket
from tests.support.server import SECRET, sign

TOKEN_VALID_S = 3_600


class House(NamedTuple):
    """Whose customers and agents people are.

    Attributes:
        tenant: Empty where there is only one.
        capacity: Chats that each agent takes.
    """

    tenant: str = ""
    secret: str = SECRET
    capacity: int = 1


ALONE = House()


class Log:
    """What one person has read of a conversation."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self.texts: list[str] = []
        self._ahead: dict[int, str] = {}

    @property
    def last(self) -> int:
        """The highest number before which none is missing."""
        return len(self.texts)

    @property
    def is_gapless(self) -> bool:
        """True when nothing was read beyond a missing number."""
        return not self._ahead

    def put(self, message: Payload) -> None:
        """Keep a message; one that was read before changes nothing."""
        if message["seq"] > self.last:
            self._ahead[message["seq"]] = message["text"]
        while (text := self._ahead.pop(self.last + 1, None)) is not None:
            self.texts.append(text)


class Person(ABC):
    """Somebody with one socket at a time; `logs` is by conversation and outlives the sockets."""

    path: str
    greeting: str

    def __init__(self) -> None:
        """Be nowhere yet."""
        self.logs: dict[str, Log] = {}
        self.socket = Socket(self.path, self._told)
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def auth(self) -> Mapping[str, object]:
        """What this person shows at the door."""

    @abstractmethod
    def recall(self, hello: Payload) -> None:
        """Take what the greeting says of the past.

        Raises:
            AssertionError: A conversation is missing.
        """

    @abstractmethod
    def notice(self, name: str, payload: Payload) -> None:
        """Take any event that is neither the greeting nor a message."""

    async def arrive(self, url: str) -> None:
        """Connect, and read everything that was missed.

        Raises:
            OSError: Nobody is there, or not for long enough.
            Refused: Not now.
        """
        self._greeted = asyncio.get_running_loop().create_future()
        self.socket = Socket(self.path, self._told)
        await self.socket.connect(url, self.auth())
        async with asyncio.timeout(ANSWER_S_MAX):
            await self._greeted
        for conversation, log in self.logs.items():
            await self._catch_up(conversation, log)

    async def _catch_up(self, conversation: str, log: Log) -> None:
        is_more = True
        while is_more:
            asked = {"conversation": conversation, "after": log.last}
            answer = await self.socket.ask("history", asked)
            for message in answer["messages"]:
                log.put(message)
            is_more = answer["more"]

    def _told(self, name: str, payload: Payload) -> None:
        if name == "message":
            self.logs.setdefault(payload["conversation"], Log()).put(payload)
        elif name == self.greeting:
            self._greet(payload)
        else:
            self.notice(name, payload)

    def _greet(self, hello: Payload) -> None:
        """Compare at once: the next event may be in the same breath."""
        try:
            self.recall(hello)
        except AssertionError as mistake:
            self._greeted.set_exception(mistake)
        else:
            self._greeted.set_result(None)


class Customer(Person):
    """A customer with at most one chat."""

    path = "/customer"
    greeting = "session"

    def __init__(self, house: House = ALONE) -> None:
        """Be anonymous."""
        super().__init__()
        self._entry_point = f"{house.tenant}/shop" if house.tenant else "shop"
        self.conversation = ""
        self.contact = ""
        self._token = ""
        self._assigned: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def auth(self) -> Mapping[str, object]:
        """The token, once there is one."""
        return {"entry_point": self._entry_point, **({"token": self._token} if self._token else {})}

    def recall(self, hello: Payload) -> None:
        """Keep the token; the conversation must be there with all that was read."""
        self._token = hello["token"]
        seqs = {one["id"]: one["last_seq"] for one in hello["conversations"]}
        assert seqs.keys() == self.logs.keys(), "not the same conversations"
        assert all(log.last <= seqs[name] for name, log in self.logs.items()), "something is lost"

    def notice(self, name: str, payload: Payload) -> None:  # noqa: ARG002 - its name says enough
        """Wait for an agent only."""
        if name == "contact.assigned" and not self._assigned.done():
            self._assigned.set_result(None)

    async def start(self) -> None:
        """Start a chat, and wait until an agent has taken it."""
        answer = await self.socket.ask("chat.start", {"text": "Hello, I have a question."})
        self.conversation = answer["conversation"]
        self.contact = answer["contact"]
        async with asyncio.timeout(ANSWER_S_MAX):
            await self._assigned


class Agent(Person):
    """An agent who takes whatever is offered; `chats` is conversations by contact."""

    path = "/agent"
    greeting = "snapshot"

    def __init__(self, name: str, house: House = ALONE) -> None:
        """Have a token that holds for the whole run."""
        super().__init__()
        self.chats: dict[str, str] = {}
        of = {"tenant": house.tenant} if house.tenant else {}
        self._token = sign(house.secret, valid_s=TOKEN_VALID_S, sub=name, roles=["agent"], **of)
        self._taking: set[asyncio.Task[None]] = set()

    def auth(self) -> Mapping[str, object]:
        """The token."""
        return {"token": self._token}

    def recall(self, hello: Payload) -> None:
        """Read what the snapshot shows; every chat in hand must be there."""
        shown = {one["id"]: one["conversation"] for one in hello["contacts"]}
        assert shown == self.chats, "not the same chats"
        for contact in hello["contacts"]:
            assert self.logs[contact["conversation"]].last <= contact["last_seq"], "a loss"

    def notice(self, name: str, payload: Payload) -> None:
        """Take an offer."""
        if name == "offer.created":
            task = asyncio.get_running_loop().create_task(self._take(payload["offer"]["id"]))
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)

    async def taken(self) -> None:
        """Wait until every offer that came was answered."""
        await asyncio.gather(*self._taking)

    async def _take(self, offer: str) -> None:
        answer = await self.socket.ask("offer.accept", {"offer": offer})
        contact = answer["contact"]
        self.chats[contact["id"]] = contact["conversation"]
        log = self.logs.setdefault(contact["conversation"], Log())
        for message in answer["messages"]:
            log.put(message)


async def arrive_all(people: Sequence[Person], url: str, *, at_once: int = 50) -> None:
    """Let people arrive, a few at a time."""
    for start in range(0, len(people), at_once):
        group = people[start : start + at_once]
        await asyncio.gather(*(person.arrive(url) for person in group))


async def bring_together(url: str, customers: Sequence[Customer], agents: Sequence[Agent]) -> None:
    """Give every customer a chat by the router: started, offered, accepted, read by both."""
    await arrive_all(agents, url)
    available = {"state": "available"}
    await asyncio.gather(*(agent.socket.ask("presence.set", available) for agent in agents))
    await arrive_all(customers, url)
    await asyncio.gather(*(customer.start() for customer in customers))
    await asyncio.gather(*(agent.taken() for agent in agents))
    taken = {name: log.last for agent in agents for name, log in agent.logs.items()}
    async with asyncio.timeout(ANSWER_S_MAX):
        for customer in customers:
            log = customer.logs[customer.conversation]
            while log.last < taken[customer.conversation]:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0.01)

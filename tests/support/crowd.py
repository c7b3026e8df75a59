"""People who chat through any of several processes, and come back by themselves when a line breaks.

Each checks what it hears: numbers of messages go on without a gap, whatever broke in between.
"""

import asyncio
import importlib
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any, cast

import aiohttp

from tests.support.clients import Client, ConnectRefusedError, Customer, Desk
from tests.support.clients_shapes import Payload
from tests.support.server import SECRET, sign
from tests.support.traffic import Caller, Clerk, Ledger

AGAIN_S = 0.05
"""Between two tries: a browser takes longer, but a test looks at what the server needs."""

CONNECTED_WITHIN_S = 2.0
"""A process that stands still takes connections and greets nobody."""

RESUMED_WITHIN_S = 25.0
END_S_MAX = 40.0

# The package is untyped, see `clients`.
_failed = cast("type[Exception]", importlib.import_module("socketio").exceptions.SocketIOError)

BROKEN = (_failed, OSError, aiohttp.ClientError, ConnectRefusedError, TimeoutError)
"""What a broken line, or a process that takes nobody now, raises."""

Urls = Callable[[], Iterable[str]]
"""Where processes listen now."""


class Pulse:
    """When commands were answered.

    Attributes:
        acks_s: Each time, in order, on the monotonic clock.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self.acks_s: list[float] = []

    def beat(self) -> None:
        """Note that a command was answered."""
        self.acks_s.append(time.monotonic())

    def silence_ms(self, since_s: float) -> float:
        """The longest time between two answers from some time on."""
        before = [at_s for at_s in self.acks_s if at_s <= since_s]
        times = [*before[-1:], *self.acks_s[len(before) :]]
        return max((later - first for first, later in pairwise(times)), default=0.0) * 1_000


class Patient(Client):
    """A client that asks again when nobody could answer.

    Attributes:
        answered: Is told of each answer.
    """

    answered: Callable[[], None] | None = None

    async def ask(self, command: str, payload: object) -> Payload:
        """As `Client.ask`; what is `unavailable` is asked until it is not."""
        while True:
            answer = await super().ask(command, payload)
            if answer["ok"] or answer["error"]["code"] != "unavailable":
                if self.answered is not None:
                    self.answered()
                return answer
            await asyncio.sleep(AGAIN_S)

    def _note_refusal(self, *arguments: Any) -> None:  # noqa: ANN401 - what the wire brought
        if isinstance(arguments[0], dict):  # else it says that there was nobody to refuse
            super()._note_refusal(*arguments)


class PatientCustomer(Patient, Customer):
    """A tab whose customer does not give up."""


class PatientDesk(Patient, Desk):
    """A desktop whose agent does not give up."""


class Person:
    """Somebody who sits at one socket after the other.

    Attributes:
        name: Whom a failure is about.
        answers: How many commands of theirs were answered.
    """

    def __init__(self, place: int, work: Caller | Clerk, ledger: Ledger, pulse: Pulse) -> None:
        """Know nothing yet."""
        self.name = f"{type(work).__name__} {place}"
        self.work = work
        self.answers = 0
        self._place = place
        self._ledger = ledger
        self._pulse = pulse
        self._heard: dict[str, int] = {}

    async def live(self, urls: Urls) -> None:
        """Work, on one connection after the other, until the work is done."""
        chosen = random.Random(self._place)  # spread over all processes, as a balancer would
        while True:
            known = list(urls())
            if known and await self._sit_down(chosen.choice(known)):
                return
            await asyncio.sleep(AGAIN_S)

    async def _sit_down(self, url: str) -> bool:
        """Work on one connection until it breaks; true when there is no more to do."""
        client = self._client(url)
        working: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(CONNECTED_WITHIN_S):
                await client.connect()
            working = asyncio.create_task(self._run(client))
            ended = asyncio.create_task(client.until("disconnect", within_s=3_600))
            await asyncio.wait((working, ended), return_when="FIRST_COMPLETED")
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)
            if working.done():
                working.result()
                return True
        except BROKEN:
            pass
        finally:
            if working is not None:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            await client.lose()
            self._check(client)
        return False

    def _answered(self) -> None:
        self.answers += 1
        self._pulse.beat()

    def _client(self, url: str) -> Patient:
        if isinstance(self.work, Clerk):
            token = sign(SECRET, sub=f"{self.work.name}-0", roles=["agent"])
            return PatientDesk(url, {"token": token})
        auth: dict[str, object] = {"entry_point": "shop-0"}
        if self.work.token is not None:
            auth["token"] = self.work.token
        return PatientCustomer(url, auth)

    async def _run(self, client: Patient) -> None:
        await self._catch_up(client)
        client.answered = self._answered
        match self.work, client:
            case Clerk() as clerk, PatientDesk():
                await clerk.run(client)
            case Caller() as caller, PatientCustomer():
                await caller.run(client)
            case _:
                raise AssertionError("a desk is a clerk's, a tab a caller's")

    async def _catch_up(self, client: Patient) -> None:
        """Read what was written while there was no connection."""
        if not isinstance(client, Customer):
            return
        for conversation in client.hello["conversations"]:
            name = conversation["id"]
            more = True
            while more:
                known = self._heard.get(name, 0)
                page = await client.ask("history", {"conversation": name, "after": known})
                for message in page["messages"]:
                    self._hear(name, message)
                more = page["more"]

    def _check(self, client: Patient) -> None:
        """Hold what came over one connection against what came before it."""
        assert not client.mistakes, client.mistakes[:3]
        numbers: dict[str, int] = {}
        for message in client.named("message"):
            name, seq = message["conversation"], int(message["seq"])
            before = numbers.get(name)
            assert before is None or seq == before + 1, f"{self.name}: {seq} came after {before}"
            numbers[name] = seq
            if isinstance(client, Customer):
                self._hear(name, message)

    def _hear(self, conversation: str, message: dict[str, Any]) -> None:
        seq, text = int(message["seq"]), str(message["text"])
        known = self._heard.get(conversation, 0)
        assert seq <= known + 1, f"{self.name}: {seq} came after {known}"
        self._heard[conversation] = max(seq, known)
        self._ledger.wrote(conversation, seq, text)


class Crowd:
    """Everybody of a test, and what they were promised.

    Attributes:
        ledger: What was acknowledged.
        pulse: When anything was.
    """

    def __init__(self, *, callers: int, clerks: int) -> None:
        """Nobody has come yet."""
        self.ledger = Ledger()
        self.pulse = Pulse()
        work: list[Caller | Clerk] = [Caller(self.ledger) for _ in range(callers)]
        work += [Clerk(self.ledger, f"agent{place}") for place in range(clerks)]
        self.people = [
            Person(place, each, self.ledger, self.pulse) for place, each in enumerate(work)
        ]

    @asynccontextmanager
    async def at(self, urls: Urls) -> AsyncGenerator[None]:
        """Let everybody chat; whatever went wrong for anybody is raised."""
        living = [asyncio.create_task(person.live(urls)) for person in self.people]
        self._living = living
        try:
            yield
        finally:
            for task in living:
                task.cancel()
            ended = await asyncio.gather(*living, return_exceptions=True)
        failed = [one for one in ended if isinstance(one, Exception)]

        assert not failed, failed[:3]

    async def until_all_resumed(self) -> None:
        """Wait until everybody was answered from now on."""
        before = {person: person.answers for person in self.people}
        with suppress(TimeoutError):
            async with asyncio.timeout(RESUMED_WITHIN_S):
                while any(person.answers == answers for person, answers in before.items()):
                    self._raise_failures()
                    await asyncio.sleep(0.02)
        waiting = [person.name for person, answers in before.items() if person.answers == answers]

        assert not waiting, waiting

    async def finish(self) -> None:
        """Let the callers end their chats, and wait until they did."""
        for person in self.people:
            if isinstance(person.work, Caller):
                person.work.is_done = True
        callers = [
            task
            for person, task in zip(self.people, self._living, strict=True)
            if isinstance(person.work, Caller)
        ]
        async with asyncio.timeout(END_S_MAX):
            await asyncio.gather(*callers)

    def _raise_failures(self) -> None:
        for task in self._living:
            if task.done() and not task.cancelled():
                task.result()

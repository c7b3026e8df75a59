"""The scripted customers: some live a story in `returns`, one visits the shop."""

import asyncio
from typing import assert_never

from router.app.demo_clerks import Clerk
from router.app.demo_floor import ENTRY_POINT, SEATS, SHOP, SHOP_QUEUE, Deck, Floor, Parting
from router.app.demo_stories import NAMES, OPENING, STORIES, UNSURE, Story, reply
from router.app.heard import Agent, ContactEnded, Message, Queued, customer_event
from router.app.sockets import SocketFailed

PATIENCE_S = 60.0
PATIENCE_S_MIN = 4.0  # however fast the demo runs, the machine needs its time
SHOP_PATIENCE_S = 600.0
LOOK_S = 1.0
IDLE_S = 9.0  # with the looks between, a newcomer waits for ten seconds
AT_ONCE_MAX = 5  # more than the agents can take: some wait now and then


class Ended(Exception):  # noqa: N818 - the ordinary end of a conversation
    """The contact has ended; the text, where there is one, says how."""


class Customer:
    """A customer with a socket, from the first message to the last."""

    def __init__(self, floor: Floor, name: str, entry_point: str) -> None:
        """Be nowhere yet."""
        self._floor = floor
        self._name = name
        self._entry_point = entry_point
        self._conversation = ""
        self._socket = floor.widget(entry_point)

    async def live_through(self, story: Story, parting: Parting) -> None:
        """Play a story to its end; whatever comes between ends it early."""
        try:
            async with self._socket:
                await self._start(story.turns[0].asks, story.subject)
                await self._play(story, parting)
        except Ended as ended:
            if ended.args:
                self._note(str(ended))
        except SocketFailed as failed:
            self._note(f"({failed})")

    async def visit(self, subject: str) -> None:
        """Chat with whoever answers, until somebody says goodbye."""
        try:
            async with self._socket:
                await self._start(OPENING, subject)
                await self._answer_freely()
        except Ended as ended:
            if ended.args:
                self._note(str(ended))
        except SocketFailed as failed:
            self._note(f"({failed})")

    async def _play(self, story: Story, parting: Parting) -> None:
        if parting == "impatient":
            await self._floor.pause(0.5, 1.5)
            self._note("closes the page again")
            return
        for number, turn in enumerate(story.turns):
            if number:
                await self._floor.pause(3, 7)
                await self._say(turn.asks)
            if not await self._heard(turn.answer):
                self._note("has no more time")
                await self._end()
        await self._floor.pause(1, 3)
        match parting:
            case "customer":
                await self._end()
            case "leaves":
                self._note("closes the page without a word")
            case "agent":
                await self._heard(None)
            case _:
                assert_never(parting)

    async def _answer_freely(self) -> None:
        unsure = 0
        while (text := await self._listen(SHOP_PATIENCE_S)) is not None:
            answer = reply(text)
            if answer is None:
                answer = UNSURE[unsure % len(UNSURE)]
                unsure += 1
            await self._floor.pause(2, 6)
            await self._say(answer.replace("{name}", self._name) or "Goodbye!")
            if not answer:
                break
        await self._end()

    async def _start(self, text: str, subject: str) -> None:
        payload = {"text": self._floor.values.filled(text), "name": self._name, "subject": subject}
        answer = await self._socket.ask("chat.start", payload)
        self._conversation = str(answer["conversation"])
        self._note(f"comes to {self._entry_point}: {subject}")

    async def _say(self, text: str) -> None:
        filled = self._floor.values.filled(text)
        await self._socket.ask("message.send", {"conversation": self._conversation, "text": filled})

    async def _end(self) -> None:
        """End the chat.

        Raises:
            Ended: Always, in the end.
        """
        await self._socket.ask("chat.end", {"conversation": self._conversation})
        raise Ended("ends the chat")

    async def _heard(self, expected: str | None) -> bool:
        """Wait for an answer as long as a customer would.

        Raises:
            Ended: The chat is over.
        """
        patience_s = max(PATIENCE_S * self._floor.pace, PATIENCE_S_MIN)
        try:
            async with asyncio.timeout(patience_s):
                while await self._agent_text() != expected:
                    pass
        except TimeoutError:
            return False
        return True

    async def _listen(self, patience_s: float) -> str | None:
        """Wait for the next message of an agent; None when there is none in time.

        Raises:
            Ended: The chat is over.
        """
        try:
            async with asyncio.timeout(patience_s):
                return await self._agent_text()
        except TimeoutError:
            return None

    async def _agent_text(self) -> str:
        while True:
            match customer_event(await self._socket.next()):
                case Message(author=author, text=text):
                    if author.role == "customer":
                        self._note(f"» {text}")
                    if author.role == "agent":
                        return text
                case Queued(position=int(position)) if position > 1:
                    self._note(f"waits as number {position}")
                case ContactEnded(ended_by="customer"):
                    pass  # it is this one, and known
                case ContactEnded(ended_by="agent"):
                    raise Ended  # the agent tells
                case ContactEnded(reason=reason):
                    raise Ended(f"is told that the chat is over ({reason})")
                case _:
                    pass

    def _note(self, what: str) -> None:
        self._floor.journal.note(self._name, what)


class Arrivals:
    """Lets customers come, a few every minute."""

    def __init__(self, floor: Floor, tasks: asyncio.TaskGroup) -> None:
        """Start customers as tasks of a group."""
        self._floor = floor
        self._tasks = tasks
        self._room = asyncio.Semaphore(AT_ONCE_MAX)
        self._names = Deck(NAMES, floor.chance)
        self._stories = Deck(STORIES, floor.chance)

    async def returns(self) -> None:
        """Bring one customer after the other into `returns`, never too many at once."""
        while True:
            await self._room.acquire()
            customer = Customer(self._floor, self._names.draw(), ENTRY_POINT)
            story, parting = self._stories.draw(), self._floor.partings.draw()
            task = self._tasks.create_task(customer.live_through(story, parting))
            task.add_done_callback(lambda _task: self._room.release())
            await self._floor.pause(6, 16)

    async def shop(self, clerk: Clerk) -> None:
        """Visit the shop whenever somebody has waited there for a customer for a while."""
        idle_since_s: float | None = None
        while True:
            await asyncio.sleep(LOOK_S)
            people = await _looked_up(clerk)
            now_s = asyncio.get_running_loop().time()
            if not any(
                one.can_take(SHOP_QUEUE) and one.load == 0 for one in people if one.id in SEATS
            ):
                idle_since_s = None
            elif idle_since_s is None:
                idle_since_s = now_s
            elif now_s - idle_since_s >= IDLE_S:
                idle_since_s = None
                name = self._names.draw()
                await Customer(self._floor, name, SHOP).visit("Coffee grinder")


async def _looked_up(clerk: Clerk) -> tuple[Agent, ...]:
    """Look around through a clerk's desk, which may be cut off just now."""
    try:
        return await clerk.directory("")
    except SocketFailed:
        return ()

"""The scripted agents: each answers offers, chats by the story, hands over and wraps up."""

import asyncio
from typing import Literal, assert_never

import msgspec

from router.app.demo_floor import QUEUE, Floor, Twist
from router.app.demo_stories import (
    ADVICE,
    CALL_IN,
    FAREWELL,
    GREETING,
    HAND_OVER_TO_AGENT,
    HAND_OVER_TO_QUEUE,
    NOTE,
    STORIES,
    TAKE_OVER,
    Story,
    counsel,
    story_of,
)
from router.app.heard import (
    Agent,
    AgentEvent,
    ColleagueLeft,
    Contact,
    ContactEnded,
    ContactUpdated,
    Message,
    Offer,
    OfferClosed,
    OfferCreated,
    PresenceChanged,
    Snapshot,
    Taken,
    WrapupStarted,
    agent_event,
)
from router.app.sockets import SocketFailed

CODE = "resolved"
"""How chats are wrapped up that no story is about."""

SILENCE_S = 60.0
"""After that a clerk does not wait for the customer any more."""

SILENCE_OF_PEOPLE_S = 600.0
"""The same where a person may be the customer, who has two windows to look at."""


class Chat:
    """One contact in a clerk's hands.

    Attributes:
        story: What is talked about; None where a person may be the customer.
        asked: How many messages the customer has written in it.
        heard: The last of them.
        answered: How many of them are answered.
        request: The offer to a colleague to take over or to join, until that is settled.
        is_gone: The customer has closed the page.
        is_over: Nobody talks here any more, or this clerk does not.
        news: Set when any of this changed.
    """

    def __init__(self, contact: Contact, twist: Twist, *, said: list[str], answered: int) -> None:
        """Begin with a contact that was just taken."""
        self.contact = contact
        self.story: Story | None = story_of(contact.subject)
        self.twist: Twist = twist if self.story else "none"
        self.asked = len(said)
        self.heard = said[-1] if said else ""
        self.answered = answered
        self.request = ""
        self.is_gone = False
        self.is_over = False
        self.news = asyncio.Event()
        self.news.set()

    @property
    def customer(self) -> str:
        """What the clerk calls the customer."""
        return self.contact.customer.name or "a customer"

    @property
    def silence_s(self) -> float:
        """How long a clerk waits for the customer."""
        return SILENCE_S if self.story else SILENCE_OF_PEOPLE_S

    @property
    def is_waiting(self) -> bool:
        """Whether the customer waits for an answer of the owner."""
        return self.answered < self.asked and not self.request and not self.is_over


class Clerk:
    """An agent."""

    def __init__(self, floor: Floor, agent: str, name: str) -> None:
        """Be nowhere yet."""
        self._floor = floor
        self._agent = agent
        self._name = name
        self._chats: dict[str, Chat] = {}
        self._offers: dict[str, Offer] = {}
        self._codes: dict[str, str] = {}
        self._socket = floor.desk(agent)
        self._tasks = asyncio.TaskGroup()

    async def work(self) -> None:
        """Sit at the desk; a lost connection is taken up again."""
        while True:
            try:
                await self._sit()
            except* SocketFailed:
                pass
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # A cancellation and a loss at once come out of a task group as the loss alone.
                raise asyncio.CancelledError
            self._note("is cut off and tries again")
            await self._floor.pause(2, 4)

    async def directory(self, search: str) -> tuple[Agent, ...]:
        """Look colleagues up; those who can take an offer come first."""
        answer = await self._ask("directory.agents", search=search)
        return msgspec.convert(answer["agents"], tuple[Agent, ...]) if answer else ()

    async def _sit(self) -> None:
        self._chats.clear()
        self._offers.clear()
        self._tasks = asyncio.TaskGroup()
        async with self._floor.desk(self._agent) as self._socket, self._tasks:
            await self._ask("presence.set", state="available")
            self._note("sits down and is available")
            async for event in self._socket:
                known = agent_event(event)
                if known is not None:
                    self._hear(known)

    def _hear(self, event: AgentEvent) -> None:
        match event:
            case Snapshot(offers=offers, contacts=contacts):
                self._resume(offers, contacts)
            case PresenceChanged(cause="rona"):
                self._tasks.create_task(self._come_back())
            case OfferCreated(offer=offer):
                self._offered(offer)
            case Taken(contact=contact, messages=messages):
                self._take(msgspec.structs.replace(contact, messages=messages))
            case WrapupStarted(contact=contact):
                self._settle(contact)
                self._tasks.create_task(self._wrap_up(contact))
            case OfferClosed():
                self._offer_closed(event)
            case _:
                self._hear_of_chat(event)

    def _hear_of_chat(self, event: AgentEvent) -> None:
        """Let the chat that an event is about know of it."""
        match event:
            case Message(contact=contact):
                if contact in self._chats:
                    self._read(self._chats[contact], event)
            case ContactUpdated(contact=contact):
                if contact.id in self._chats:
                    self._chats[contact.id].contact = contact
            case ContactEnded(contact=contact):
                self._settle(contact)
            case ColleagueLeft(contact=contact) if contact in self._chats:
                self._chats[contact].request = ""
            case _:
                return
        for chat in self._chats.values():
            chat.news.set()

    def _resume(self, offers: tuple[Offer, ...], contacts: tuple[Contact, ...]) -> None:
        for contact in contacts:
            if contact.leg_state(self._agent) == "active":
                self._take(contact)
            else:
                self._tasks.create_task(self._wrap_up(contact.id))
        for offer in offers:
            self._offered(offer)

    def _settle(self, contact: str) -> None:
        chat = self._chats.pop(contact, None)
        if chat is not None:
            chat.is_over = True
            chat.news.set()

    # -- offers --------------------------------------------------------------------------------

    def _offered(self, offer: Offer) -> None:
        if offer.id not in self._offers:
            self._offers[offer.id] = offer
            self._tasks.create_task(self._consider(offer))

    async def _consider(self, offer: Offer) -> None:
        whose = offer.contact.customer.name or "a customer"
        # Whoever was asked by a colleague has been looked up as free, and answers.
        answer = self._floor.answers.draw() if offer.kind == "contact" else "accept"
        match answer:
            case "miss":
                self._note(f"does not notice that {whose} is offered")
            case "decline":
                await self._floor.pause(1, 3)
                if await self._ask("offer.decline", offer=offer.id) is not None:
                    self._note(f"declines {whose}")
            case "accept":
                await self._floor.pause(1, 4)
                if offer.id in self._offers and await self._ask("offer.accept", offer=offer.id):
                    self._note(f"accepts {whose} ({_kind(offer)})")
            case _:
                assert_never(answer)

    def _offer_closed(self, event: OfferClosed) -> None:
        offer = self._offers.pop(event.offer, None)
        if offer is not None and event.outcome == "rescinded":
            self._note(f"loses the offer of {offer.contact.customer.name} ({event.reason})")
        chat = self._chats.get(event.contact)
        if chat is not None and event.offer == chat.request and event.outcome != "accepted":
            chat.request = ""
            chat.news.set()
            self._note(f"keeps {chat.customer}: the colleague did not come ({event.outcome})")

    async def _come_back(self) -> None:
        self._note("missed an offer (RONA): no more offers")
        await self._floor.pause(6, 12)
        if await self._ask("presence.set", state="available"):
            self._note("is back and available")

    # -- chats ---------------------------------------------------------------------------------

    def _take(self, contact: Contact) -> None:
        """Begin as the owner or as a member; what predecessors said counts as answered."""
        here = [message for message in contact.messages if message.contact == contact.id]
        said = [message.text for message in here if message.author.role == "customer"]
        is_fresh = all(message.author.role != "agent" for message in here)
        is_owner = contact.owner == self._agent
        # Nobody is passed around twice.
        twist: Twist = self._floor.twists.draw() if is_owner and is_fresh else "none"
        chat = Chat(contact, twist, said=said, answered=0 if is_fresh else max(len(said) - 1, 0))
        self._chats[contact.id] = chat
        self._codes[contact.id] = chat.story.code if chat.story else CODE
        self._tasks.create_task(self._own(chat) if is_owner else self._advise(chat))

    def _read(self, chat: Chat, message: Message) -> None:
        if message.author.role == "customer":
            chat.asked += 1
            chat.heard = message.text
        elif message.author.id == self._agent and message.author.role == "agent":
            how = "notes" if message.audience == "internal" else "to"
            self._note(f"{how} {chat.customer}: {message.text}")
        chat.is_gone = {"customer.left": True, "customer.returned": False}.get(
            message.event, chat.is_gone
        )

    async def _own(self, chat: Chat) -> None:
        """Answer until it is over or in other hands."""
        if chat.answered:
            await self._floor.pause(1, 3)
            await self._say(chat, TAKE_OVER.format(name=self._name))
        elif not chat.asked:
            await self._say(chat, GREETING)
        while not chat.is_over:
            if chat.is_gone or not await self._news(chat):
                await self._floor.pause(2, 4)
                await self._say(chat, FAREWELL)
                await self._end(chat)
                return
            if chat.is_waiting:
                await self._ask("typing", contact=chat.contact.id, on=True)
                await self._floor.pause(3, 7)
                await self._answer(chat)

    async def _news(self, chat: Chat) -> bool:
        """Wait until something happens in a chat; not for ever."""
        try:
            async with asyncio.timeout(chat.silence_s * max(self._floor.pace, 0.05)):
                await chat.news.wait()
        except TimeoutError:
            return False
        if not chat.is_waiting:
            chat.news.clear()
        return True

    async def _answer(self, chat: Chat) -> None:
        if not chat.is_waiting or chat.contact.owner != self._agent:
            return
        turn = chat.asked - 1
        if turn >= 1 and chat.twist != "none":
            twist, chat.twist = chat.twist, "none"
            if await self._do_twist(chat, twist):
                return
        chat.answered = chat.asked
        if chat.story is None:
            answer, is_last = counsel(chat.heard)
        else:
            turns = chat.story.turns
            answer, is_last = turns[min(turn, len(turns) - 1)].answer, turn >= len(turns) - 1
        await self._say(chat, answer)
        if is_last:
            await self._floor.pause(4, 8)
            await self._end(chat)

    async def _do_twist(self, chat: Chat, twist: Literal["agent", "queue", "conference"]) -> bool:
        """Bring somebody else in; False when there is nobody."""
        free = [
            colleague
            for colleague in await self.directory("")
            if colleague.can_take(QUEUE) and colleague.id != self._agent
        ]
        if not free:
            return False
        colleague = free[0]
        match twist:
            case "agent":
                return await self._transfer(chat, colleague)
            case "queue":
                return await self._requeue(chat)
            case "conference":
                return await self._confer(chat, colleague)
            case _:
                assert_never(twist)

    async def _transfer(self, chat: Chat, colleague: Agent) -> bool:
        await self._say(chat, HAND_OVER_TO_AGENT.format(name=colleague.name))
        await self._ask("message.send", contact=chat.contact.id, text=NOTE, audience="internal")
        return await self._hand_over(chat, colleague)

    async def _hand_over(self, chat: Chat, colleague: Agent) -> bool:
        self._note(f"asks {colleague.name} to take over {chat.customer}")
        return await self._request(
            chat, "contact.transfer", contact=chat.contact.id, to={"agent": colleague.id}
        )

    async def _confer(self, chat: Chat, colleague: Agent) -> bool:
        await self._say(chat, CALL_IN.format(name=colleague.name))
        self._note(f"asks {colleague.name} into the chat with {chat.customer}")
        return await self._request(
            chat, "contact.conference", contact=chat.contact.id, agent=colleague.id
        )

    async def _request(self, chat: Chat, command: str, **payload: object) -> bool:
        answer = await self._ask(command, **payload)
        if answer is not None:
            chat.request = str(answer.get("offer", ""))
        return answer is not None

    async def _requeue(self, chat: Chat) -> bool:
        await self._say(chat, HAND_OVER_TO_QUEUE)
        answer = await self._ask("contact.transfer", contact=chat.contact.id, to={"queue": QUEUE})
        if answer is not None:
            self._note(f"transfers {chat.customer} back to the queue")
        return answer is not None

    async def _advise(self, chat: Chat) -> None:
        """Take part for a moment, then leave; or stay, when the chat has become one's own."""
        await self._floor.pause(2, 4)
        await self._say(chat, ADVICE.format(name=self._name))
        await self._floor.pause(3, 6)
        if chat.is_over:
            return
        if chat.contact.owner == self._agent:
            await self._own(chat)
        elif await self._ask("conference.leave", contact=chat.contact.id) is not None:
            self._note(f"leaves the chat with {chat.customer}")

    async def _say(self, chat: Chat, text: str) -> None:
        if not chat.is_over:
            await self._ask("message.send", contact=chat.contact.id, text=text)

    async def _end(self, chat: Chat) -> None:
        if not chat.is_over and await self._ask("contact.end", contact=chat.contact.id) is not None:
            self._note(f"ends the chat with {chat.customer}")

    async def _wrap_up(self, contact: str) -> None:
        code = self._codes.pop(contact, STORIES[0].code)
        await self._floor.pause(2, 5)
        if await self._ask("contact.wrapup", contact=contact, code=code) is not None:
            self._note(f"wraps up: {code}")

    # -- the desk ------------------------------------------------------------------------------

    async def _ask(self, command: str, **payload: object) -> dict[str, object] | None:
        answer = await self._floor.ask(self._socket, self._name, command, payload)
        return None if answer is None else dict(answer)

    def _note(self, what: str) -> None:
        self._floor.journal.note(self._name, what)


def _kind(offer: Offer) -> str:
    if offer.asker is None:
        return "from the queue"
    return f"{offer.kind}, asked by {offer.asker.name}"

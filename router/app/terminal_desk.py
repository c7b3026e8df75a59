"""The agent's terminal: offers, chats by number, and commands beside plain text."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, assert_never

from router.app.heard import (
    AgentEvent,
    Code,
    ColleagueJoined,
    ColleagueLeft,
    Contact,
    ContactEnded,
    ContactUpdated,
    Draining,
    Interrupted,
    Message,
    Offer,
    OfferClosed,
    OfferCreated,
    PlainMessage,
    PresenceChanged,
    Redacted,
    SignedOut,
    Snapshot,
    Taken,
    WrapupCompleted,
    WrapupStarted,
    agent_event,
)
from router.app.sockets import Event, Socket
from router.app.terminal_chats import Chat, Chats, OpenOffer, OpenOffers
from router.app.terminal_screen import Mistyped, OwnTexts, Screen

OUTCOMES = {
    "accepted": "accepted",
    "declined": "declined",
    "rona": "not answered in time",
    "rescinded": "withdrawn",
    "canceled": "canceled",
}


class Command(NamedTuple):
    """A word that is one with so many words behind it, and a message with any other number."""

    least: int
    most: int
    usage: str


MANY = 1_000  # as many words as a message may have
COMMANDS = {
    "available": Command(0, 0, "available           get offers"),
    "idle": Command(0, 1, "idle [CODE]         get no offers"),
    "offline": Command(0, 0, "offline             sign out"),
    "accept": Command(0, 1, "accept [N]          take the offer (number N)"),
    "decline": Command(0, 1, "decline [N]         leave it to others"),
    "say": Command(1, MANY, "say TEXT            write to the customer; plain text does too"),
    "note": Command(1, MANY, "note TEXT           write to colleagues only"),
    "chats": Command(0, 0, "chats               list offers and chats"),
    "switch": Command(1, 1, "switch N            write in chat N from now on"),
    "transfer": Command(1, 1, "transfer AGENT      hand over; queue:ID gives it back to a queue"),
    "conference": Command(1, 1, "conference AGENT    ask a colleague to join"),
    "leave": Command(0, 0, "leave               leave the chat to the others in it"),
    "end": Command(0, 1, "end [CODE]          end the chat for everyone"),
    "wrapup": Command(1, 1, "wrapup CODE         say what it was about"),
    "help": Command(0, 0, "help                show this"),
    "quit": Command(0, 0, "quit                close this desk"),
}


class DeskTerminal:
    """An agent."""

    namespace = "/agent"

    def __init__(self, screen: Screen, token: str) -> None:
        """Sit nowhere yet."""
        self.greeted = asyncio.Event()
        self._screen = screen
        self._token = token
        self._agent = ""
        self._codes: tuple[Code, ...] = ()
        self._chats = Chats()
        self._offers = OpenOffers(self._remind)
        self._own = OwnTexts()
        self._acts: dict[str, Callable[[Socket, str], Awaitable[None]]] = {
            "available": self._set_presence("available"),
            "idle": self._set_presence("idle"),
            "offline": self._set_presence("offline"),
            "accept": self._accept,
            "decline": self._decline,
            "say": self._say,
            "note": self._note,
            "chats": self._list,
            "switch": self._switch,
            "transfer": self._transfer,
            "conference": self._confer,
            "leave": self._leave,
            "end": self._end,
            "wrapup": self._wrap_up,
            "help": self._help,
        }

    def auth(self) -> Mapping[str, str]:
        """Return the token."""
        return {"token": self._token}

    def hear(self, event: Event) -> None:
        """Show what an agent needs to know."""
        known = agent_event(event)
        match known:
            case None:
                pass
            case Snapshot():
                self._greet(known)
            case PresenceChanged():
                self._show_presence(known)
            case OfferCreated(offer=offer):
                self._show_offer(offer)
            case OfferClosed():
                self._offer_closed(known)
            case Taken(contact=contact, messages=messages):
                self._show_taken(self._chats.keep(contact), messages)
            case ContactUpdated(contact=contact):
                self._update(contact)
            case SignedOut(message=message):
                self._screen.show(f"Signed out: {message}.")
            case Draining():
                self._screen.show("The server is about to restart.")
            case _:
                self._hear_of_chat(known)

    async def typed(self, line: str, socket: Socket) -> bool:
        """Do a command, or write to the current chat's customer.

        Raises:
            Mistyped: It cannot be done.
            Refused: The server said no.
            Lost: The server did not answer.
        """
        if not line:
            return True
        command, rest = parsed(line)
        if command == "quit":
            return False
        await self._acts[command](socket, rest)
        return True

    # -- what is heard ---------------------------------------------------------------------------

    def _greet(self, snapshot: Snapshot) -> None:
        self._agent = snapshot.agent.id
        self._codes = snapshot.wrapup_codes
        self._chats.keep_only(snapshot.contacts)
        self._offers.clear()
        queues = {queue.id: queue.name for queue in snapshot.queues}
        served = ", ".join(queues.get(queue, queue) for queue in snapshot.agent.queues)
        again = "again " if self.greeted.is_set() else ""
        self._screen.show(
            f"You are {again}at the desk of {snapshot.agent.name} ({served})."
            f" You are {snapshot.agent.state}. Type help to see what you can do."
        )
        for offer in snapshot.offers:
            self._show_offer(offer)
        for chat in self._chats.all():
            self._show_taken(chat, chat.contact.messages)
            if chat.contact.leg_state(self._agent) == "wrapup":
                self._ask_code(chat)
        self.greeted.set()

    def _show_presence(self, event: PresenceChanged) -> None:
        if event.cause == "rona":
            self._screen.show("You missed an offer. No more come until you type: available")
        elif event.cause in ("agent", "supervisor"):
            self._screen.show(f"You are {event.agent.state}.")

    def _show_offer(self, offer: Offer) -> None:
        opened, is_new = self._offers.keep(offer)
        if not is_new:
            return
        who = offer.contact.customer.name or "a customer"
        asked = f", {offer.kind} asked by {offer.asker.name}" if offer.asker else ""
        subject = f": {offer.contact.subject}" if offer.contact.subject else ""
        self._screen.show(
            f"OFFER {opened.number}: {who}{subject} ({offer.queue.name}{asked}),"
            f" {opened.left_s} s left. Type accept or decline."
        )
        for message in offer.preview:
            self._screen.show(f"    {_written(message)}")

    def _remind(self, opened: OpenOffer) -> None:
        self._screen.show(f"OFFER {opened.number}: {opened.left_s} s left.")

    def _offer_closed(self, event: OfferClosed) -> None:
        mine = self._offers.drop(event.offer)
        if mine is None:
            if event.outcome != "accepted":
                self._screen.show(f"Your request is over: {OUTCOMES[event.outcome]}.")
            return
        if event.outcome != "accepted":
            self._screen.show(f"OFFER {mine.number} is over: {OUTCOMES[event.outcome]}.")

    def _show_taken(self, chat: Chat, messages: tuple[PlainMessage, ...]) -> None:
        current = "" if self._chats.is_current(chat.contact.id) else f" (switch {chat.number})"
        self._screen.show(f"[{chat.number}] You are talking with {chat.customer}{current}.")
        for message in messages:
            if message.author.role != "system":
                self._screen.show(f"    {_written(message)}")

    def _update(self, contact: Contact) -> None:
        if self._chats.find(contact.id) is None:
            return
        if contact.leg_state(self._agent) == "done":
            self._chats.drop(contact.id)
        else:
            self._chats.keep(contact)

    def _hear_of_chat(self, event: AgentEvent) -> None:
        match event:
            case Message(contact=contact):
                if self._is_news(event):
                    self._tell(contact, _written(event))
            case Redacted():
                self._screen.show(f"An earlier message now reads: {event.text}")
            case WrapupStarted(contact=contact):
                chat = self._chats.find(contact)
                if chat is not None:
                    self._ask_code(chat)
            case WrapupCompleted(contact=contact, code=code):
                self._tell(contact, f"Wrapped up: {code}.")
                self._chats.drop(contact)
            case ColleagueJoined() | ColleagueLeft() | ContactEnded() | Interrupted():
                self._tell(event.contact, _told(event, self._agent))
            case _:
                raise AssertionError("other events are of no chat")

    def _is_news(self, message: Message) -> bool:
        """Own messages are on the screen as typed; of notices only some tell something more."""
        if message.author.role == "system":
            return message.event in ("customer.left", "customer.returned", "customer.silent")
        return not (message.author.id == self._agent and self._own.has(message.text))

    def _tell(self, contact: str, text: str) -> None:
        chat = self._chats.find(contact)
        self._screen.show(f"[{chat.number}] {text}" if chat else text)

    def _ask_code(self, chat: Chat) -> None:
        queue = chat.contact.queue
        codes = [code.id for code in self._codes if not code.queues or queue in code.queues]
        self._tell(chat.contact.id, f"Now type wrapup and one of: {', '.join(codes)}")

    # -- what is typed ---------------------------------------------------------------------------

    def _set_presence(self, state: str) -> Callable[[Socket, str], Awaitable[None]]:
        async def set_presence(socket: Socket, code: str) -> None:
            payload = {"state": state, "idle_code": code} if code else {"state": state}
            await socket.ask("presence.set", payload)

        return set_presence

    async def _accept(self, socket: Socket, word: str) -> None:
        await socket.ask("offer.accept", {"offer": self._offers.chosen(word).offer.id})

    async def _decline(self, socket: Socket, word: str) -> None:
        await socket.ask("offer.decline", {"offer": self._offers.chosen(word).offer.id})

    async def _say(self, socket: Socket, text: str) -> None:
        await self._write(socket, text, "everyone")

    async def _note(self, socket: Socket, text: str) -> None:
        await self._write(socket, text, "internal")

    async def _write(self, socket: Socket, text: str, audience: str) -> None:
        contact = self._chats.current().contact.id
        self._own.sent(text)
        try:
            await socket.ask(
                "message.send", {"contact": contact, "text": text, "audience": audience}
            )
        finally:
            self._own.answered(text)

    async def _list(self, _socket: Socket, _rest: str) -> None:
        for opened in self._offers.all():
            who = opened.offer.contact.customer.name or "a customer"
            self._screen.show(f"OFFER {opened.number}: {who}, {opened.left_s} s left")
        for chat in self._chats.all():
            mark = "  <- you write here" if self._chats.is_current(chat.contact.id) else ""
            self._screen.show(f"[{chat.number}] {chat.customer}, {chat.contact.state}{mark}")
        if not (self._offers.all() or self._chats.all()):
            self._screen.show("No offers and no chats.")

    async def _switch(self, _socket: Socket, word: str) -> None:
        chat = self._chats.switch(word)
        self._screen.show(f"[{chat.number}] You write to {chat.customer}.")

    async def _transfer(self, socket: Socket, word: str) -> None:
        kind, found, queue = word.partition(":")
        to = {"queue": queue} if found and kind == "queue" else {"agent": word}
        payload = {"contact": self._chats.current().contact.id, "to": to}
        await socket.ask("contact.transfer", payload)
        if "agent" in to:
            self._screen.show("Asked. The chat stays yours until it is accepted.")

    async def _confer(self, socket: Socket, agent: str) -> None:
        payload = {"contact": self._chats.current().contact.id, "agent": agent}
        await socket.ask("contact.conference", payload)
        self._screen.show("Asked.")

    async def _leave(self, socket: Socket, _rest: str) -> None:
        await socket.ask("conference.leave", {"contact": self._chats.current().contact.id})

    async def _end(self, socket: Socket, code: str) -> None:
        contact = self._chats.current().contact.id
        payload: dict[str, object] = {"contact": contact}
        if code:
            payload["wrapup"] = {"code": code}
        await socket.ask("contact.end", payload)

    async def _wrap_up(self, socket: Socket, code: str) -> None:
        """Wrap up the current chat, or else the first one that is over."""
        owing = [
            chat.contact.id
            for chat in self._chats.all()
            if chat.contact.leg_state(self._agent) == "wrapup"
        ]
        owing.sort(key=lambda contact: not self._chats.is_current(contact))
        if not owing:
            raise Mistyped("no chat is over yet; type end, or end and a code")
        await socket.ask("contact.wrapup", {"contact": owing[0], "code": code})

    async def _help(self, _socket: Socket, _rest: str) -> None:
        self._screen.show("\n".join(command.usage for command in COMMANDS.values()))


def parsed(line: str) -> tuple[str, str]:
    """Tell a command from plain text: "leave" is one, "leave it with me" is not, "/leave" is.

    Raises:
        Mistyped: It begins as a command only, and is none.
    """
    word, _, rest = line.removeprefix("/").partition(" ")
    rest = rest.strip()
    command = COMMANDS.get(word)
    if command is not None and command.least <= len(rest.split()) <= command.most:
        return word, rest
    if not line.startswith("/"):
        return "say", line
    raise Mistyped(f"usage: {command.usage}" if command else "there is no such command; type help")


def _written(message: PlainMessage) -> str:
    if message.author.role == "system":
        return message.text
    note = " (note)" if message.audience == "internal" else ""
    default = "Customer" if message.author.role == "customer" else "Agent"
    return f"{message.author.name or default}{note}: {message.text}"


def _told(event: ColleagueJoined | ColleagueLeft | ContactEnded | Interrupted, agent: str) -> str:
    match event:
        case ColleagueJoined(name=name):
            return f"{name} has joined."
        case ColleagueLeft(name=name):
            return "You have left." if event.agent == agent else f"{name} has left."
        case ContactEnded(ended_by=ended_by):
            return f"The chat has ended (by the {ended_by})."
        case Interrupted():
            return "This chat was interrupted; only end is left."
        case _:
            assert_never(event)

"""The customer's terminal; its resume token is kept in memory only."""

import asyncio
from collections.abc import Mapping

from router.app.heard import (
    Assigned,
    ContactEnded,
    CustomerEvent,
    Draining,
    Interrupted,
    Joined,
    Left,
    Message,
    Queued,
    Redacted,
    Session,
    customer_event,
)
from router.app.sockets import Event, Socket
from router.app.terminal_screen import Mistyped, OwnTexts, Screen

WELCOME = "Write a message and press Enter. /end ends the chat, /quit leaves."


class ChatTerminal:
    """A customer: every line that is not a command is a message."""

    namespace = "/customer"

    def __init__(self, screen: Screen, entry_point: str) -> None:
        """Be anonymous, and nowhere yet."""
        self.greeted = asyncio.Event()
        self._screen = screen
        self._entry_point = entry_point
        self._token = ""
        self._conversation = ""
        self._own = OwnTexts()
        self._place = ""

    def auth(self) -> Mapping[str, str]:
        """Resume whoever this was before the connection was lost."""
        auth = {"entry_point": self._entry_point}
        return {**auth, "token": self._token} if self._token else auth

    def hear(self, event: Event) -> None:
        """Show what a customer needs to know."""
        known = customer_event(event)
        match known:
            case None:
                pass
            case Session():
                self._greet(known)
            case Queued(position=position, estimated_wait_ms=wait_ms):
                self._show_place(position, wait_ms)
            case Message():
                self._show_message(known)
            case _:
                self._screen.show(_told(known))

    async def typed(self, line: str, socket: Socket) -> bool:
        """Send a message, or do a command.

        Raises:
            Mistyped: There is no such command.
            Refused: The server said no.
            Lost: The server did not answer.
        """
        match line:
            case "":
                pass
            case "/quit":
                return False
            case "/end":
                await self._end(socket)
            case _ if line.startswith("/"):
                raise Mistyped("there are /end and /quit; any other line is a message")
            case _:
                await self._send(line, socket)
        return True

    async def _send(self, text: str, socket: Socket) -> None:
        self._own.sent(text)
        try:
            if self._conversation:
                payload = {"conversation": self._conversation, "text": text}
                await socket.ask("message.send", payload)
            else:
                await self._start(text, socket)
        finally:
            self._own.answered(text)

    async def _start(self, text: str, socket: Socket) -> None:
        answer = await socket.ask("chat.start", {"text": text})
        self._conversation = str(answer["conversation"])
        if not isinstance(answer.get("position"), int):
            self._screen.show("An agent is being asked …")

    async def _end(self, socket: Socket) -> None:
        if not self._conversation:
            raise Mistyped("there is no chat to end yet")
        await socket.ask("chat.end", {"conversation": self._conversation})

    def _greet(self, session: Session) -> None:
        if self.greeted.is_set():
            self._screen.show("Connected again.")
        else:
            entry_point = session.entry_point
            opened = "" if entry_point.open else " (closed now)"
            self._screen.show(f"{entry_point.name or self._entry_point}{opened}")
            if entry_point.greeting:
                self._screen.show(entry_point.greeting)
            self._screen.show(WELCOME)
        self._token = session.token
        self.greeted.set()

    def _show_place(self, position: int | None, wait_ms: int | None) -> None:
        if position is None:
            return
        wait = "" if wait_ms is None else f", about {_duration(wait_ms)} to wait"
        place = f"You are number {position} in line{wait}."
        if place != self._place:
            self._place = place
            self._screen.show(place)

    def _show_message(self, message: Message) -> None:
        match message.author.role:
            case "customer":
                if not self._own.has(message.text):
                    self._screen.show(f"You: {message.text}")
            case "system":
                # Other notices come as events of their own.
                if message.event == "customer.silent":
                    self._screen.show(message.text)
            case _:
                self._screen.show(f"{message.author.name or 'Agent'}: {message.text}")


def _told(event: CustomerEvent) -> str:
    """Return the sentence for an event that needs no more than one."""
    match event:
        case Assigned(agent=agent):
            return f"You are talking with {agent.name}."
        case Joined(name=name):
            return f"{name} has joined."
        case Left(name=name):
            return f"{name} has left."
        case Redacted(text=text):
            return f"An earlier message now reads: {text}"
        case ContactEnded(ended_by="customer"):
            return "You have ended the chat. Write again, or /quit."
        case ContactEnded():
            return "The chat has ended. Write again, or /quit."
        case Interrupted():
            return "This chat was interrupted: no more messages can be sent in it."
        case Draining():
            return "The server is about to restart."
        case _:
            raise AssertionError("other events are shown by themselves")


def _duration(duration_ms: int) -> str:
    seconds = -(-duration_ms // 1_000)
    return f"{seconds} s" if seconds < 100 else f"{-(-seconds // 60)} min"

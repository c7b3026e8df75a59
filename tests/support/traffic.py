"""People who chat as fast as they are answered, and write down what they were promised.

When the line breaks they forget the process and come back; what was asked without an answer is
asked again under the same id, as a real client does.
"""

import asyncio
from collections.abc import Mapping
from itertools import count

from tests.support.clients import Customer, Desk
from tests.support.clients_shapes import Payload

MESSAGES_PER_CHAT = 6
"""Enough that most kills fall into a talk, few enough that many chats end and start."""


class Ledger:
    """What the server acknowledged, and so may never lose.

    Attributes:
        written: Text by number, by conversation.
        started: The conversation of every contact.
        ended: Contacts whose end was acknowledged.
        offered: Offers that arrived at a desk.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.written: dict[str, dict[int, str]] = {}
        self.started: dict[str, str] = {}
        self.ended: set[str] = set()
        self.offered: set[str] = set()
        self._numbers = count(1)

    def text(self) -> str:
        """Give words that nobody has written before."""
        return f"words {next(self._numbers)} end"

    def wrote(self, conversation: str, seq: int, text: str) -> None:
        """Note a message that was acknowledged."""
        before = self.written.setdefault(conversation, {}).setdefault(seq, text)

        assert before == text, f"{seq} was given to two messages"


class Caller:
    """A customer who chats, ends and starts again."""

    def __init__(self, ledger: Ledger) -> None:
        """Know nothing of any chat yet."""
        self.token: str | None = None
        self.is_done = False
        self._ledger = ledger
        self._numbers = count(1)
        self._asked: tuple[str, dict[str, object]] | None = None

    async def run(self, customer: Customer) -> None:
        """Chat on this connection until it breaks, or until the chat at hand ended when done."""
        self.token = customer.token
        if self._asked is not None:
            await self._ask(customer, *self._asked)
        while True:
            if self.is_done and self._live(customer) is None:
                return
            await self._step(customer)

    @staticmethod
    def _live(customer: Customer) -> str | None:
        live: str | None = None
        for conversation in customer.hello["conversations"]:
            if conversation.get("contact"):
                live = conversation["id"]
        for event in customer.events:
            if event.name == "ack chat.start" and event.payload["ok"]:
                live = event.payload["conversation"]
            elif event.name == "contact.ended":
                live = None
        return live

    async def _step(self, customer: Customer) -> None:
        live = self._live(customer)
        number = next(self._numbers)
        if live is None:
            text = self._ledger.text()
            await self._ask(customer, "chat.start", {"id": f"{number}", "text": text})
        elif self.is_done or number % MESSAGES_PER_CHAT == 0:
            await self._ask(customer, "chat.end", {"id": f"{number}", "conversation": live})
        else:
            words = {"conversation": live, "text": self._ledger.text()}
            await self._ask(customer, "message.send", {"id": f"{number}", **words})
        await asyncio.sleep(0.01)  # others' events arrive meanwhile

    async def _ask(self, customer: Customer, command: str, payload: dict[str, object]) -> None:
        self._asked = (command, payload)
        answer = await customer.ask(command, payload)
        self._asked = None
        if not answer["ok"]:
            assert answer["error"]["code"] in {"conflict", "not_found"}, (command, answer)
            return
        if command == "chat.start":
            self._ledger.started[answer["contact"]] = answer["conversation"]
        elif command == "message.send":
            conversation, text = payload["conversation"], payload["text"]
            assert isinstance(conversation, str)
            assert isinstance(text, str)
            self._ledger.wrote(conversation, int(answer["seq"]), text)


class Clerk:
    """An agent who takes what rings, answers, and files a code for what has ended."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        """Sit down; nothing is in hand yet."""
        self.name = name
        self._ledger = ledger
        self._numbers = count(1)
        self._asked: tuple[str, dict[str, object]] | None = None
        self._contacts: dict[str, str] = {}

    async def run(self, desk: Desk) -> None:
        """Work on this connection until it breaks."""
        if self._asked is not None:
            await self._ask(desk, *self._asked)
        await desk.do("presence.set", state="available")
        self._contacts = {}
        for contact in desk.hello["contacts"]:
            await self._found(desk, contact)
        for offer in desk.hello["offers"]:
            await self._ring(desk, offer)
        seen = 0
        while True:
            while seen < len(desk.events):
                seen += 1
                await self._heard(desk, *desk.events[seen - 1])
            for contact in tuple(self._contacts):
                await self._write(desk, contact)
            await asyncio.sleep(0.02)

    async def _found(self, desk: Desk, contact: Payload) -> None:
        states = [leg["state"] for leg in contact["legs"] if leg["agent"] == desk.agent]
        if "active" in states:
            self._contacts[contact["id"]] = contact["conversation"]
        else:
            await self._file(desk, contact["id"])

    async def _heard(self, desk: Desk, name: str, event: Payload) -> None:
        match name:
            case "offer.created":
                await self._ring(desk, event["offer"])
            case "contact.assigned":
                contact = event["contact"]
                self._contacts[contact["id"]] = contact["conversation"]
            case "wrapup.started":
                await self._file(desk, event["contact"])
            case "message":
                self._ledger.wrote(event["conversation"], event["seq"], event["text"])
            case _:
                pass

    async def _ring(self, desk: Desk, offer: Payload) -> None:
        self._ledger.offered.add(offer["id"])
        await self._ask(desk, "offer.accept", {"offer": offer["id"]})

    async def _write(self, desk: Desk, contact: str) -> None:
        words = {"contact": contact, "text": self._ledger.text()}
        await self._ask(desk, "message.send", words)

    async def _file(self, desk: Desk, contact: str) -> None:
        self._contacts.pop(contact, None)
        await self._ask(desk, "contact.wrapup", {"contact": contact, "code": "resolved"})

    async def _ask(self, desk: Desk, command: str, asked: Mapping[str, object]) -> None:
        payload = {"id": f"{self.name} {next(self._numbers)}", **asked}
        self._asked = (command, payload)
        answer = await desk.ask(command, payload)
        self._asked = None
        if not answer["ok"]:
            allowed = {"conflict", "offer_closed", "not_found"}
            assert answer["error"]["code"] in allowed, (command, answer)
            return
        if command == "message.send":
            self._ledger.wrote(answer["conversation"], int(answer["seq"]), str(payload["text"]))
        elif command == "contact.wrapup":
            self._ledger.ended.add(str(payload["contact"]))

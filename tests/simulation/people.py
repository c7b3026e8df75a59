"""What customers and agents have in common: sockets, commands with ids, and repeats of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from tests.simulation.ledger import CARD, Asked, Ledger
from tests.simulation.shapes import JSON, Ack
from tests.simulation.wire import SimulatedHub, Socket

ItemT = TypeVar("ItemT")

ACKS = msgspec.json.Decoder(Ack)


class Around(Protocol):
    """What people know of the world.

    Attributes:
        hubs: Where they may connect.
        ledger: What everybody asked and was told.
    """

    hubs: list[SimulatedHub]
    ledger: Ledger

    def note(self, who: str, what: str) -> None:
        """Write a line into the history."""
        ...

    def failed(self, error: BaseException) -> None:
        """Somebody saw what may not be."""
        ...

    def later(self, delay_ms: int, do: Callable[[], None]) -> None:
        """Do something after a time."""
        ...

    def now_ms(self) -> int:
        """The time of the wall clock."""
        ...


class Person(ABC):
    """Somebody with any number of sockets; implements `Listener` up to what they hear."""

    def __init__(self, world: Around, name: str) -> None:
        """Begin without a socket."""
        self.world = world
        self.name = name
        self.sockets: list[Socket] = []
        self._asked: dict[int, Asked] = {}
        self._named: list[Asked] = []

    # -- choosing --------------------------------------------------------------------------------

    @staticmethod
    def pick(items: list[ItemT], pick: int) -> ItemT | None:
        """One of the items; none of none."""
        return items[pick % len(items)] if items else None

    def welcome(self) -> list[Socket]:
        """Sockets at which something may be asked."""
        return [socket for socket in self.sockets if socket.is_welcome]

    @abstractmethod
    def author(self, socket: Socket, /) -> str:
        """Under whom ids are remembered."""

    @abstractmethod
    def open(self, pick: int) -> None:
        """Open one more socket at some hub."""

    # -- asking ----------------------------------------------------------------------------------

    def ask(
        self,
        socket: Socket,
        name: str,
        payload: Mapping[str, JSON],
        *,
        word: str | None = None,
        is_hostile: bool = False,
    ) -> None:
        """Send a command."""
        asked = self.world.ledger.ask(
            self.author(socket), name, payload, word=word, is_hostile=is_hostile
        )
        self._asked[asked.call] = asked
        if asked.id is not None and not is_hostile:
            self._named.append(asked)
        self.world.note(self.name, f"{name} {_shown(payload)}")
        socket.ask(asked.call, name, msgspec.json.encode(payload))

    def named(self, fields: Mapping[str, JSON]) -> dict[str, JSON]:
        """The payload of a command that can be repeated."""
        return {"id": f"{self.name}-{len(self._named)}", **fields}

    def text(self, pick: int, *words: str) -> tuple[str, str]:
        """A new text and the word it is found by; some hold a card number."""
        word = self.world.ledger.word()
        parts = [word, *words, *([CARD] if pick % 4 == 0 else [])]
        return " ".join(parts), word

    def repeat(self, pick: int) -> None:
        """Ask the same again under the same id, as after a lost answer."""
        socket = self.pick(self.welcome(), pick)
        if socket is None:
            return
        own = [asked for asked in self._named[-4:] if asked.author == self.author(socket)]
        asked = self.pick(own, pick >> 4)
        if asked is not None:
            self.ask(socket, asked.name, asked.payload, word=asked.word)

    def reuse(self, pick: int) -> None:
        """Send something else under an id that was used."""
        socket = self.pick(self.welcome(), pick)
        own = [asked for asked in self._named if "text" in asked.payload]
        asked = self.pick(own, pick >> 4)
        if socket is not None and asked is not None:
            text, word = self.text(pick, *str(asked.payload["text"]).split()[1:2])
            self.ask(socket, asked.name, {**asked.payload, "text": text}, word=word)

    # -- being told ------------------------------------------------------------------------------

    def heard(self, socket: Socket, event: str, data: bytes) -> None:
        """See `Listener.heard`."""
        try:
            self.hear(socket, event, data)
        except AssertionError as error:
            self.world.failed(error)

    def answered(self, socket: Socket, call: int, data: bytes) -> None:
        """See `Listener.answered`."""
        asked = self._asked.pop(call)
        ack = ACKS.decode(data)
        told = "ok" if ack.ok else f"refused: {ack.error.code if ack.error else ''}"
        self.world.note(self.name, f"{asked.name} {told}")
        try:
            self.world.ledger.answer(asked, ack)
            if ack.ok:
                self.believe(socket, asked, ack)
        except AssertionError as error:
            self.world.failed(error)

    def closed(self, socket: Socket, code: str) -> None:
        """See `Listener.closed`."""
        self.world.note(self.name, f"socket closed {code}".rstrip())
        if socket in self.sockets:
            self.sockets.remove(socket)

    @abstractmethod
    def hear(self, socket: Socket, event: str, data: bytes) -> None:
        """Take note of an event, or object to it."""

    @abstractmethod
    def believe(self, socket: Socket, asked: Asked, ack: Ack) -> None:
        """Take note of a good answer, or object to it: what it says was told in events before."""


def _shown(payload: Mapping[str, JSON]) -> str:
    return " ".join(f"{key}={_short(value)}" for key, value in payload.items())


def _short(value: JSON) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:8] if len(text) == 26 and " " not in text else text

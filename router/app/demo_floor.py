"""What the demo's people share: the server's address, the pace, the dice and the journal."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from random import Random  # noqa: TID251 - nothing is decided here, only played
from typing import Generic, Literal, TypeAlias, TypeVar

from router.app.config import Settings
from router.app.demo_journal import Journal
from router.app.demo_pages import TOKEN_S
from router.app.demo_values import Values
from router.app.sockets import Refused, Socket
from router.app.tokens import make_token

CardT = TypeVar("CardT")

QUEUE = "returns"
ENTRY_POINT = "returns"
SHOP = "shop"
SHOP_QUEUE = "support"
DRILL = "drill"
SEATS = ("anna", "bo")
"""The agents whom only people play."""

Answer: TypeAlias = Literal["accept", "decline", "miss"]
Twist: TypeAlias = Literal["none", "agent", "queue", "conference"]
Parting: TypeAlias = Literal["agent", "customer", "leaves", "impatient"]

ANSWERS: tuple[Answer, ...] = ("accept",) * 6 + ("decline", "miss")
TWISTS: tuple[Twist, ...] = ("none", "none", "none", "agent", "queue", "conference")
PARTINGS: tuple[Parting, ...] = ("agent",) * 4 + ("customer", "customer", "leaves", "impatient")


class Deck(Generic[CardT]):
    """Draws every card once before any comes again, so that nothing is waited for too long."""

    def __init__(self, cards: Sequence[CardT], chance: Random) -> None:
        """Shuffle with the given generator."""
        self._cards = cards
        self._chance = chance
        self._left: list[CardT] = []

    def draw(self) -> CardT:
        """Take the next card."""
        if not self._left:
            self._left = self._chance.sample(self._cards, len(self._cards))
        return self._left.pop()


class Floor:
    """The place where the people of the demo meet.

    Attributes:
        pace: 1 for people who read along; less is faster.
    """

    def __init__(
        self, settings: Settings, *, url: str, journal: Journal, chance: Random, pace: float
    ) -> None:
        """Nobody is there yet."""
        self.url = url
        self.journal = journal
        self.chance = chance
        self.pace = pace
        self.values = Values(chance)
        self.answers = Deck(ANSWERS, chance)
        self.twists = Deck(TWISTS, chance)
        self.partings = Deck(PARTINGS, chance)
        self._settings = settings

    def token(self, agent: str) -> str:
        """Make a token for an agent's desk."""
        expires_at_s = int(time.time()) + TOKEN_S  # noqa: TID251 - the command line has a clock
        return make_token(self._settings, agent=agent, roles=("agent",), expires_at_s=expires_at_s)

    def desk(self, agent: str) -> Socket:
        """Give a desk's socket, not connected yet."""
        return Socket(self.url, "/agent", {"token": self.token(agent)})

    def widget(self, entry_point: str) -> Socket:
        """Give a new customer's socket, not connected yet."""
        return Socket(self.url, "/customer", {"entry_point": entry_point})

    async def pause(self, least_s: float, most_s: float) -> None:
        """Take as long as a person would."""
        await asyncio.sleep(self.chance.uniform(least_s, most_s) * self.pace)

    async def ask(
        self, socket: Socket, who: str, command: str, payload: Mapping[str, object]
    ) -> Mapping[str, object] | None:
        """Send a command; what the server refuses is told and changes nothing.

        Raises:
            Lost: The connection ended.
        """
        try:
            return await socket.ask(command, payload)
        except Refused as refused:
            self.journal.note(who, f"({command}: {refused})")
            return None

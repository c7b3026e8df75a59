"""What an agent's terminal remembers: its chats and offers, each with a number to type."""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from router.app.heard import Contact, Offer
from router.app.terminal_screen import Mistyped

REMINDER_S = 10.0


class Chat(NamedTuple):
    """A contact in hand."""

    number: int
    contact: Contact

    @property
    def customer(self) -> str:
        """What to call the customer."""
        return self.contact.customer.name or "a customer"


class Chats:
    """The contacts in hand, and the current one, which plain text goes to."""

    def __init__(self) -> None:
        """Begin without any."""
        self._chats: dict[str, Chat] = {}
        self._current = ""

    def keep(self, contact: Contact) -> Chat:
        """Take a contact in, or what is new of it."""
        known = self._chats.get(contact.id)
        number = known.number if known else _lowest(chat.number for chat in self._chats.values())
        chat = self._chats[contact.id] = Chat(number, contact)
        self._current = self._current or contact.id
        return chat

    def drop(self, contact: str) -> None:
        """Let a contact go; another becomes the current one."""
        self._chats.pop(contact, None)
        if self._current == contact:
            self._current = next(iter(self._chats), "")

    def keep_only(self, contacts: tuple[Contact, ...]) -> None:
        """Have these, and no others."""
        for gone in set(self._chats) - {contact.id for contact in contacts}:
            self.drop(gone)
        for contact in contacts:
            self.keep(contact)

    def find(self, contact: str) -> Chat | None:
        """Return a chat by its contact."""
        return self._chats.get(contact)

    def all(self) -> list[Chat]:
        """Return every chat by its number."""
        return sorted(self._chats.values(), key=lambda chat: chat.number)

    def is_current(self, contact: str) -> bool:
        """Whether plain text goes there."""
        return contact == self._current

    def current(self) -> Chat:
        """Return the current chat.

        Raises:
            Mistyped: There is none.
        """
        chat = self._chats.get(self._current)
        if chat is None:
            raise Mistyped("you have no chat; type help to see what you can do")
        return chat

    def switch(self, word: str) -> Chat:
        """Make another chat the current one.

        Raises:
            Mistyped: There is no chat of that number.
        """
        for chat in self._chats.values():
            if str(chat.number) == word:
                self._current = chat.contact.id
                return chat
        raise Mistyped("there is no chat of that number; type chats to see them")


class OpenOffer(NamedTuple):
    """An offer that waits for an answer, until the loop's time reaches `until_s`."""

    number: int
    offer: Offer
    until_s: float
    reminder: asyncio.TimerHandle

    @property
    def left_s(self) -> int:
        """Whole seconds left to answer."""
        return max(0, int(self.until_s - asyncio.get_running_loop().time()))


class OpenOffers:
    """The offers that wait for an answer."""

    def __init__(self, remind: Callable[[OpenOffer], None]) -> None:
        """Call `remind` when an offer has little time left."""
        self._offers: dict[str, OpenOffer] = {}
        self._remind = remind

    def keep(self, offer: Offer) -> tuple[OpenOffer, bool]:
        """Take an offer in, or its new deadline; and whether it is new here."""
        known = self._offers.pop(offer.id, None)
        if known is not None:
            known.reminder.cancel()
        loop = asyncio.get_running_loop()
        left_s = (offer.expires_at - offer.server_now) / 1_000
        until_s = loop.time() + left_s
        reminder = loop.call_at(until_s - REMINDER_S, self._little_left, offer.id)
        if left_s <= REMINDER_S:
            reminder.cancel()
        number = known.number if known else _lowest(each.number for each in self._offers.values())
        kept = self._offers[offer.id] = OpenOffer(number, offer, until_s, reminder)
        return kept, known is None

    def drop(self, offer: str) -> OpenOffer | None:
        """Let an offer go and return it, if it was here."""
        known = self._offers.pop(offer, None)
        if known is not None:
            known.reminder.cancel()
        return known

    def clear(self) -> None:
        """Let every offer go."""
        for offer in tuple(self._offers):
            self.drop(offer)

    def all(self) -> list[OpenOffer]:
        """Return every offer by its number."""
        return sorted(self._offers.values(), key=lambda each: each.number)

    def chosen(self, word: str) -> OpenOffer:
        """Return the offer of a number, or the one with the least time left.

        Raises:
            Mistyped: There is none.
        """
        if not self._offers:
            raise Mistyped("there is no offer now")
        if not word:
            return min(self._offers.values(), key=lambda each: each.until_s)
        for each in self._offers.values():
            if str(each.number) == word:
                return each
        raise Mistyped("there is no offer of that number; type chats to see them")

    def _little_left(self, offer: str) -> None:
        self._remind(self._offers[offer])


def _lowest(taken: Iterable[int]) -> int:
    """Return the lowest number from 1 that is not taken."""
    used = set(taken)
    return next(number for number in range(1, len(used) + 2) if number not in used)

"""The shop's scripted agent: takes who comes while nobody sits at a desk, and passes them on."""

import asyncio
from contextlib import suppress

from router.app.demo_clerks import Chat, Clerk
from router.app.demo_floor import SEATS, SHOP_QUEUE, Floor
from router.app.demo_stories import TAKEN_OVER
from router.app.heard import Agent, Offer
from router.app.sockets import SocketFailed

LOOK_S = 1.0


class Standby(Clerk):
    """An agent who answers every visitor of the shop whom no person answers.

    People who are available are offered chats first, by their skill. This one misses nothing, and
    asks a person who sits down later to take over.
    """

    def __init__(self, floor: Floor, agent: str, name: str) -> None:
        """Be nowhere yet."""
        super().__init__(floor, agent, name)
        self._asked: set[tuple[str, str]] = set()

    async def watch(self) -> None:
        """Pass chats on to people, as soon as there are some who can take them."""
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(SocketFailed):  # cut off just now; `work` sees to it
                await self._pass_on()

    async def _pass_on(self) -> None:
        chats = [
            chat
            for chat in self._chats.values()
            if chat.contact.owner == self._agent and not chat.request and not chat.is_over
        ]
        if not chats:
            return
        for person in await self.directory(""):
            if person.id in SEATS and person.can_take(SHOP_QUEUE):
                await self._pass_one_on(chats, person)
                return

    async def _pass_one_on(self, chats: list[Chat], person: Agent) -> None:
        """Ask a person to take the first chat that they have not refused."""
        for chat in chats:
            asked = (chat.contact.id, person.id)
            if asked not in self._asked:
                self._asked.add(asked)
                await self._say(chat, TAKEN_OVER.format(name=person.name))
                await self._hand_over(chat, person)
                return

    async def _consider(self, offer: Offer) -> None:
        await self._floor.pause(1, 2)
        if offer.id in self._offers and await self._ask("offer.accept", offer=offer.id):
            self._note(f"accepts {offer.contact.customer.name or 'a visitor'} of the shop")

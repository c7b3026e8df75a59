"""Customers and agents without a page: what they do is quick, and so beside the point of a test."""

import asyncio
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from tests.support.clients import PATIENCE_S, Client, Customer, Desk
from tests.support.clients_shapes import Payload
from tests.support.server import Server, sign

ResultT = TypeVar("ResultT")


class Callers:
    """Sockets of people who are not looked at, on a loop of their own."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        """Nobody is there yet."""
        self._server = server
        self._loop = loop
        self._clients: list[Client] = []

    def customer(self, text: str, **more: object) -> "Caller":
        """Start a chat in the shop."""
        caller = Caller(self, Customer(self._server.url, {"entry_point": "shop"}))
        self.wait(caller.client.connect())
        self._clients.append(caller.client)
        started = caller.do("chat.start", text=text, **more)
        caller.conversation = cast("str", started["conversation"])
        caller.contact = cast("str", started["contact"])
        return caller

    def agent(self, agent: str, *, state: str = "available", **more: object) -> "Caller":
        """Sit down as somebody, in a state."""
        caller = Caller(self, Desk(self._server.url, {"token": sign(sub=agent, roles=["agent"])}))
        self.wait(caller.client.connect())
        self._clients.append(caller.client)
        caller.do("presence.set", state=state, **more)
        return caller

    def wait(self, doing: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Wait for what is done on the loop."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(2 * PATIENCE_S)

    async def leave(self) -> None:
        """Send everybody home."""
        for client in self._clients:
            await client.leave()


class Caller:
    """One of them.

    Attributes:
        conversation: A customer's.
        contact: A customer's.
    """

    def __init__(self, callers: Callers, client: Client) -> None:
        """Speak through a client."""
        self.client = client
        self.conversation = ""
        self.contact = ""
        self._callers = callers

    def do(self, command: str, /, **payload: object) -> Payload:
        """Give a command that must be done."""
        return self._callers.wait(self.client.do(command, **payload))

    def say(self, text: str) -> None:
        """Write in the chat that was started."""
        self.do("message.send", conversation=self.conversation, text=text)

    def end(self) -> None:
        """End the chat that was started."""
        self.do("chat.end", conversation=self.conversation)

    def answer(self, command: str = "offer.accept") -> None:
        """Answer the latest request."""
        self._callers.wait(self.client.until("offer.created"))
        offer = self.client.named("offer.created")[-1]["offer"]
        self.do(command, offer=offer["id"])


@contextmanager
def calling(server: Server) -> Generator[Callers]:
    """Have people without pages until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    callers = Callers(server, loop)
    try:
        yield callers
        callers.wait(callers.leave())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

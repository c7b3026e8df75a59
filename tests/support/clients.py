"""Customers and agents of a running Frontdesk, on the Socket.IO client that people use.

A client keeps every event and answer in the order in which it arrived, checks each against the
field lists of the protocol and against the structs that the schemas are made from, and waits for
conditions instead of sleeping.
"""

import asyncio
import importlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple, Protocol, Self, cast

import aiohttp

from tests.support import clients_shapes, contract
from tests.support.clients_shapes import Payload

# A condition that takes longer than this on a busy two-core machine does not come true.
PATIENCE_S = 8.0


class SocketIO(Protocol):
    """What is used of the client of python-socketio, which is untyped: the seam around it."""

    def on(self, event: str, handler: Callable[..., None], namespace: str) -> object:
        """Call ``handler`` for an event; ``*`` means all."""
        ...

    async def connect(
        self,
        url: str,
        headers: Mapping[str, str],
        auth: object,
        transports: list[str],
        namespaces: list[str],
        *,
        wait_timeout: float,
    ) -> None:
        """Connect, or raise when it is refused."""
        ...

    async def emit(
        self, event: str, data: object, namespace: str, callback: Callable[..., None] | None
    ) -> None:
        """Send an event; ``callback`` asks for an acknowledgement."""
        ...

    async def disconnect(self) -> None:
        """Say goodbye and close."""
        ...


# importlib gives the untyped package as what it is: something only SocketIO describes.
_package = importlib.import_module("socketio")


def _socket(session: aiohttp.ClientSession) -> SocketIO:
    return cast("SocketIO", _package.AsyncClient(reconnection=False, http_session=session))


class Event(NamedTuple):
    """Something that arrived: an event, or the answer to a command, named ``ack COMMAND``."""

    name: str
    payload: Payload


class ConnectRefusedError(Exception):
    """The server refused the connection; ``data`` is what it said."""

    def __init__(self, data: Payload) -> None:
        """Keep the ``data`` of ``connect_error``."""
        super().__init__(str(data))
        self.data = data


class Client:
    """One socket in one namespace; use a new one to connect again."""

    namespace: ClassVar[str]
    greeting: ClassVar[str]

    def __init__(
        self, url: str, auth: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep where and as whom to connect."""
        self.events: list[Event] = []
        self.mistakes: list[str] = []
        self.is_connected = False
        self._url = url
        self._auth = dict(auth)
        self._headers = dict(headers or {})
        self._session: aiohttp.ClientSession | None = None
        self._socket: SocketIO | None = None
        self._refusal: Payload | None = None
        self._news = asyncio.Event()

    async def connect(self) -> Self:
        """Connect over WebSocket and wait for the event that greets.

        Raises:
            ConnectRefusedError: The server said no.
        """
        self._session = aiohttp.ClientSession()
        socket = _socket(self._session)
        socket.on("*", self._note, self.namespace)
        socket.on("connect_error", self._note_refusal, self.namespace)
        socket.on("disconnect", self._note_end, self.namespace)
        self._socket = socket
        try:
            await socket.connect(
                self._url,
                self._headers,
                self._auth,
                ["websocket"],
                [self.namespace],
                wait_timeout=PATIENCE_S,
            )
        except Exception as error:
            await self._session.close()
            if self._refusal is None:
                raise
            raise ConnectRefusedError(self._refusal) from error
        self.is_connected = True
        await self.until(self.greeting)
        return self

    def _note(self, name: str, *arguments: Any) -> None:  # noqa: ANN401 - what the wire brought
        payload: object = arguments[0] if arguments else None
        self.mistakes += clients_shapes.event_mistakes(
            self.namespace, name, payload, len(arguments)
        )
        self._hold(name, contract.event_mistakes(self.namespace, name, payload))
        self._record(name, payload)

    def _note_refusal(self, *arguments: Any) -> None:  # noqa: ANN401 - what the wire brought
        data: object = arguments[0] if arguments else None
        assert isinstance(data, dict), f"connect_error without an object: {data!r}"
        said = cast("Payload", data)
        # The Socket.IO packet is {message, data}; the JavaScript client shows `data` as err.data.
        self._refusal = cast("Payload", said.get("data", {}))
        self._hold("connect_error", contract.refusal_mistakes(self._refusal))

    def _note_end(self, *_reason: object) -> None:
        self.is_connected = False
        self._record("disconnect", {})

    def _hold(self, name: str, mistakes: list[str]) -> None:
        self.mistakes += [f"{self.namespace} {name}: {mistake}" for mistake in mistakes]

    def _record(self, name: str, payload: object) -> None:
        self.events.append(Event(name, cast("Payload", payload)))
        self._news.set()
        self._news = asyncio.Event()

    @property
    def hello(self) -> Payload:
        """The greeting: ``session`` of a customer, ``snapshot`` of an agent."""
        return self.named(self.greeting)[0]

    @property
    def mark(self) -> int:
        """How many events have arrived, to look only at what comes later."""
        return len(self.events)

    def named(self, name: str, *, since: int = 0) -> list[Payload]:
        """Give every event of a name that has arrived, in order."""
        return [event.payload for event in self.events[since:] if event.name == name]

    def index(self, name: str, predicate: Callable[[Payload], bool] = lambda _: True) -> int:
        """Say at which place an event arrived; it must have."""
        return next(
            place
            for place, event in enumerate(self.events)
            if event.name == name and predicate(event.payload)
        )

    async def until(
        self,
        name: str,
        predicate: Callable[[Payload], bool] = lambda _: True,
        /,
        *,
        since: int = 0,
        within_s: float = PATIENCE_S,
        **fields: object,
    ) -> Payload:
        """Wait for the first event of a name that has these fields and meets the predicate.

        Raises:
            AssertionError: It did not arrive in time.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    news = self._news
                    for payload in self.named(name, since=since):
                        if _has(payload, fields) and predicate(payload):
                            return payload
                    await news.wait()
        raise AssertionError(f"no {name} {fields or ''} among {self._told(since)}")

    def _told(self, since: int) -> str:
        return "\n".join(f"{event.name} {event.payload}" for event in self.events[since:])

    async def ask(self, command: str, payload: object) -> Payload:
        """Send a command with whatever payload and give its whole answer."""
        answered: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()

        def note(*arguments: Any) -> None:  # noqa: ANN401 - what the wire brought
            answer = cast("Payload", arguments[0])
            assert len(arguments) == 1, arguments
            self.mistakes += clients_shapes.answer_mistakes(self.namespace, command, answer)
            self._hold(command, contract.answer_mistakes(self.namespace, command, answer))
            self._record(f"ack {command}", answer)
            if not answered.done():
                answered.set_result(answer)

        assert self._socket is not None
        await self._socket.emit(command, payload, self.namespace, note)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answered
        except TimeoutError:
            raise AssertionError(f"{command} was not answered") from None

    async def do(self, command: str, /, **payload: object) -> Payload:
        """Send a command that must be answered with ok."""
        answer = await self.ask(command, payload)

        assert answer["ok"] is True, f"{command}: {answer}"
        return answer

    async def refused(self, command: str, /, **payload: object) -> Payload:
        """Send a command that must be refused and give the error."""
        answer = await self.ask(command, payload)

        assert answer["ok"] is False, f"{command} was allowed: {answer}"
        return cast("Payload", answer["error"])

    async def tell(self, command: str, payload: object) -> None:
        """Send a command without asking for an answer."""
        assert self._socket is not None
        await self._socket.emit(command, payload, self.namespace, None)

    async def leave(self) -> None:
        """Disconnect politely, as a closed page does."""
        if self._socket is not None and self.is_connected:
            self.is_connected = False
            await self._socket.disconnect()
        await self._close_session()

    async def lose(self) -> None:
        """Cut the wire without a word, as a dead network does."""
        self.is_connected = False
        await self._close_session()

    async def _close_session(self) -> None:
        if self._session is not None:
            await self._session.close()


def _has(payload: Payload, fields: Mapping[str, object]) -> bool:
    return all(payload.get(name) == value for name, value in fields.items())


class Customer(Client):
    """A tab of a customer."""

    namespace = "/customer"
    greeting = "session"

    @property
    def token(self) -> str:
        """What resumes this customer."""
        return cast("str", self.hello["token"])

    async def history(self, conversation: str) -> list[Payload]:
        """Give the first messages of a conversation, by number."""
        answer = await self.do("history", conversation=conversation, limit=200)
        messages = cast("list[Payload]", answer["messages"])
        return sorted(messages, key=lambda message: int(message["seq"]))


class Desk(Client):
    """A desktop of an agent."""

    namespace = "/agent"
    greeting = "snapshot"

    @property
    def agent(self) -> str:
        """Who sits here."""
        return cast("str", self.hello["agent"]["id"])

    async def offered(self, contact: str, *, since: int = 0, kind: str = "contact") -> Payload:
        """Wait until this contact is offered here and give the offer."""
        created = await self.until(
            "offer.created",
            lambda event: (
                event["offer"]["contact"]["id"] == contact and event["offer"]["kind"] == kind
            ),
            since=since,
        )
        return cast("Payload", created["offer"])

    async def take(self, contact: str, *, since: int = 0, kind: str = "contact") -> Payload:
        """Wait for the offer of a contact and accept it."""
        offer = await self.offered(contact, since=since, kind=kind)
        return await self.do("offer.accept", offer=offer["id"])

    async def available(self) -> Payload:
        """Ask for work."""
        return await self.do("presence.set", state="available")

    async def updated(
        self, contact: str, predicate: Callable[[Payload], bool], *, since: int = 0
    ) -> Payload:
        """Wait until a contact is announced as the predicate wants it."""
        event = await self.until(
            "contact.updated",
            lambda event: event["contact"]["id"] == contact and predicate(event["contact"]),
            since=since,
        )
        return cast("Payload", event["contact"])

    async def noted(self, contact: str, text: str, **more: object) -> Payload:
        """Write an internal note."""
        return await self.do(
            "message.send", contact=contact, text=text, audience="internal", **more
        )

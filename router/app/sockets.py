"""The one seam around python-socketio's client: a socket in one namespace, as terminals use it.

Whoever needs another connection after a loss opens another socket.
"""

# The library has no types; this module is the only one that sees it from the client's side.
# pyright: reportMissingTypeStubs=false

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

import aiohttp
import socketio
from socketio import exceptions

ANSWER_S_MAX = 10.0
"""Longer than a server waits for its own commit before it answers `unavailable`."""

CONNECT_S_MAX = 5.0


class SocketFailed(Exception):  # noqa: N818 - the two kinds below say what happened
    """The server could not be asked, or said no."""


class Refused(SocketFailed):
    """The server said no; the text is its message."""

    def __init__(self, error: Mapping[str, object]) -> None:
        """Keep the `code` and the `message` of the error."""
        super().__init__(str(error.get("message", "refused")))
        self.code = str(error.get("code", ""))


class Lost(SocketFailed):
    """There is no connection, or not any more."""


class Event(NamedTuple):
    """Something the server said by itself."""

    name: str
    payload: Mapping[str, object]


class Socket:
    """A connection from `async with` to its end; iterating gives its events in order."""

    def __init__(self, url: str, namespace: str, auth: Mapping[str, str]) -> None:
        """Connect nowhere yet."""
        self._url = url
        self._namespace = namespace
        self._auth = dict(auth)
        self._arrived: asyncio.Queue[Event | None] = asyncio.Queue()
        self._asked: set[asyncio.Future[Mapping[str, object]]] = set()
        self._refusal: Refused | None = None
        self._session: aiohttp.ClientSession | None = None
        self._client: Any = None

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            Refused: The server does not let this one in.
            Lost: There is no server at the address.
        """
        self._session = aiohttp.ClientSession()
        self._client = socketio.AsyncClient(
            reconnection=False, http_session=self._session, handle_sigint=False
        )
        self._client.on("*", self._noted, namespace=self._namespace)
        self._client.on("connect_error", self._turned_away, namespace=self._namespace)
        self._client.on("disconnect", self._ended, namespace=self._namespace)
        try:
            await self._client.connect(
                self._url,
                auth=self._auth,
                transports=["websocket"],
                namespaces=[self._namespace],
                wait_timeout=CONNECT_S_MAX,
            )
        except (exceptions.ConnectionError, ValueError) as error:
            await self.close()
            raise self._refusal or Lost(f"nobody answers at {self._url}") from error
        except asyncio.CancelledError:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """Close politely."""
        await self.close()

    async def close(self) -> None:
        """Say goodbye, as a closed page does; twice is once."""
        try:
            await self._client.disconnect()
        finally:
            if self._session is not None:
                await self._session.close()

    async def next(self) -> Event:
        """Wait for an event.

        Raises:
            Lost: The connection ended.
        """
        event = await self._arrived.get()
        if event is None:
            self._arrived.put_nowait(None)
            raise Lost("the connection ended")
        return event

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Give every event until the connection ends, which is `Lost`."""
        while True:
            yield await self.next()

    async def ask(self, command: str, payload: Mapping[str, object]) -> Mapping[str, object]:
        """Send a command and give its answer.

        Raises:
            Refused: The server said no.
            Lost: It did not answer.
        """
        if self._client is None:
            raise Lost("not connected")
        answered: asyncio.Future[Mapping[str, object]] = asyncio.get_running_loop().create_future()

        def note(answer: Mapping[str, object]) -> None:
            if not answered.done():
                answered.set_result(answer)

        self._asked.add(answered)
        try:
            await self._client.emit(
                command, dict(payload), namespace=self._namespace, callback=note
            )
            async with asyncio.timeout(ANSWER_S_MAX):
                answer = await answered
        except (exceptions.SocketIOError, TimeoutError) as error:
            raise Lost("the server does not answer") from error
        finally:
            self._asked.discard(answered)
        if answer.get("ok") is not True:
            raise Refused(_mapping(answer.get("error")))
        return answer

    def _noted(self, name: str, payload: object = None) -> None:
        self._arrived.put_nowait(Event(name, _mapping(payload)))

    def _turned_away(self, said: object = None) -> None:
        # Without a server the library says only a sentence of its own.
        if isinstance(said, dict):
            self._refusal = Refused(_mapping(_mapping(cast("object", said)).get("data")))

    def _ended(self, _reason: object = None) -> None:
        self._arrived.put_nowait(None)
        for answered in self._asked:
            if not answered.done():
                answered.set_exception(Lost("the connection ended"))


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}

"""One connection to Redis, and what errors of redis-py mean to an engine.

Nothing is sent twice by itself: a command whose reply was lost may have been done.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias, TypeGuard, cast

from redis import exceptions
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import MasterNotFoundError

from router.shard.engine import EngineError, EngineUnavailable, OutcomeUnknown

Word: TypeAlias = str | bytes | int
Reply: TypeAlias = "int | bytes | list[Reply] | None"
Answer: TypeAlias = "Reply | exceptions.RedisError"

REFUSING = (
    exceptions.AuthenticationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
    exceptions.BusyLoadingError,
    exceptions.ClusterDownError,
    exceptions.ExecAbortError,
    exceptions.MasterDownError,
    exceptions.NoPermissionError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
)
"""A server that answers so has not begun."""

REFUSING_WORDS = ("BUSY", "MISCONF", "NOREPLICAS", "OOM", "READONLY", "LOADING", "DENIED")
"""The same, for what redis-py has no class for."""


QUIET_S = 2.0
"""Whoever is listened to and says nothing for longer is asked whether it is there at all."""


class ScriptMissing(EngineUnavailable):
    """The server does not know the script; nothing was done."""


class Watched(NamedTuple):
    """Replies, and the number of the connection at which they came."""

    connection: int
    replies: list[Reply]


class Transacted(NamedTuple):
    """Whether all was done, and the replies to what was asked after it; None for what failed."""

    is_done: bool
    then: Sequence[Reply]


class Moves:
    """How often a server was found that may not write: another one is the master now.

    Attributes:
        count: From 0.
    """

    count = 0


class Link:
    """One connection: commands are answered in the order they were asked.

    It is made anew after a fault. Only for tasks: redis-py keeps time with `asyncio.timeout`.

    Attributes:
        connections: How many were made so far.
        asking: How many ask now, or wait for their turn.
    """

    def __init__(
        self,
        make: Callable[[], AbstractConnection],
        *,
        is_reading: bool,
        patience_s: float,
        moves: Moves,
        unfit: Callable[[bytes], str] | None = None,
    ) -> None:
        """Connect when first asked.

        Args:
            make: Gives a connection that is not connected yet.
            is_reading: Nothing that is asked here writes, so a lost reply leaves no doubt.
            patience_s: How long somebody waits for their turn, and then for all their answers.
            moves: Shared by all links to one server: after a move each connects anew, readers
                too, which would go on with a replica without noticing.
            unfit: Why a server may not be used that answers INFO so, empty when it may; asked of
                each new connection, since another server may be there.
        """
        self._make = make
        self._patience_s = patience_s
        self._moves = moves
        self._unfit = unfit
        self._moved = 0
        self.asking = 0
        self._is_reading = is_reading
        self._lost = EngineUnavailable if is_reading else OutcomeUnknown
        self._connection: AbstractConnection | None = None
        self._lock = asyncio.Lock()
        self._is_closed = False
        self.connections = 0

    async def call(self, *words: Word) -> Reply:
        """Ask one thing; raises as `calls`."""
        (reply,) = await self.calls(words)
        return reply

    async def calls(self, *commands: Iterable[Word]) -> list[Reply]:
        """Ask several things in one go.

        Raises:
            EngineUnavailable: The server is not there, or refused.
            OutcomeUnknown: It may have done it.
        """
        return (await self.watched(*commands)).replies

    async def watched(self, *commands: Iterable[Word]) -> "Watched":
        """The same, and at which connection: `WATCH` holds for that one alone."""
        connection, answers = await self._in_turn(commands, at=None)
        for answer in answers:
            if isinstance(answer, exceptions.RedisError):
                raise self._meaning(answer) from answer
        return Watched(connection, cast("list[Reply]", answers))

    async def transact(
        self, commands: Iterable[Iterable[Word]], *then: Iterable[Word], at: int
    ) -> "Transacted":
        """Do several things, all or none: none when what was watched at a connection has changed.

        Args:
            commands: What is done.
            then: What is asked after it, in the same go.
            at: The connection; nothing is done at another one, which watches nothing.

        Raises:
            EngineUnavailable: Nothing was done: the server is not there, or refused.
            OutcomeUnknown: It may have been done.
        """
        asked = (("MULTI",), *commands, ("EXEC",))
        _, answers = await self._in_turn((*asked, *then), at=at)
        if not answers:
            return Transacted(is_done=False, then=())
        done, after = answers[len(asked) - 1], answers[len(asked) :]
        if isinstance(done, exceptions.ExecAbortError):
            why = next(each for each in answers if _is_refusal(each))
            raise EngineUnavailable(_why(why)) from why
        if isinstance(done, exceptions.RedisError):
            raise self._meaning(done) from done
        if any(isinstance(each, exceptions.RedisError) for each in several(done)):
            raise self._lost("the Redis server failed on the way")
        found = [None if isinstance(each, exceptions.RedisError) else each for each in after]
        return Transacted(is_done=done is not None, then=found)

    async def _in_turn(
        self, commands: tuple[Iterable[Word], ...], *, at: int | None
    ) -> "tuple[int, list[Answer]]":
        """Ask when nobody else does; nothing when it is to be at a connection that is no more."""
        self.asking += 1
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._patience_s
        try:
            async with self._lock:
                if loop.time() > until_s:
                    raise EngineUnavailable("the Redis server does not answer")
                connection = await self._connected()
                if at not in (None, self.connections):
                    return self.connections, []
                return self.connections, await self._said(connection, commands)
        finally:
            self.asking -= 1

    async def _said(
        self, connection: AbstractConnection, commands: tuple[Iterable[Word], ...]
    ) -> "list[Answer]":
        try:
            async with asyncio.timeout(self._patience_s):
                answers = await self._exchanged(connection, commands)
        except (exceptions.RedisError, OSError) as error:
            await self._drop()
            if isinstance(error.__context__, exceptions.ReadOnlyError):  # redis-py, with Sentinels
                self._moves.count += 1
                raise EngineUnavailable(_why(error.__context__)) from error
            raise self._lost("the reply of the Redis server was lost") from error
        except BaseException:  # the reply would be taken for the next one's
            await self._drop()
            raise
        if any(_is_refusal(answer) for answer in answers):
            # Another server may be the master now; and what a server without memory has kept of
            # the command is given back.
            await self._drop()
        if any(isinstance(answer, exceptions.ReadOnlyError) for answer in answers):
            self._moves.count += 1
        return answers

    async def _exchanged(
        self, connection: AbstractConnection, commands: tuple[Iterable[Word], ...]
    ) -> "list[Answer]":
        try:
            return await _exchange(connection, commands)
        except exceptions.ConnectionError:
            if not self._is_reading:
                raise
            await self._drop()  # nothing was to be changed, so it may be asked once more
            return await _exchange(await self._connected(), commands)

    def _meaning(self, fault: exceptions.RedisError) -> EngineError:
        """What an error means that the server answered with."""
        if isinstance(fault, exceptions.NoScriptError):
            return ScriptMissing("the Redis server does not know the script")
        if _is_refusal(fault):
            return EngineUnavailable(_why(fault))
        return self._lost("the Redis server failed on the way")

    async def send(self, *words: Word) -> None:
        """Ask something whose answers are read by `receive`; raises as that."""
        connection = self._connection
        if connection is None:
            raise self._lost("the Redis server is gone")
        try:
            await _send(connection, (words,))
        except (exceptions.RedisError, OSError) as error:
            await self._drop()
            raise self._lost("the Redis server is gone") from error

    async def receive(self) -> Reply:
        """What the server says next, however long it takes; raises as `calls`.

        A connection that is over is not made anew: the server would not know what to say there.
        One may be over without a word, so a server that is silent is asked whether it is there.
        """
        connection = self._connection
        if connection is None:
            raise self._lost("the Redis server is gone")
        try:
            said = cast("Reply", await connection.read_response(timeout=QUIET_S))
            if said is None:
                async with asyncio.timeout(self._patience_s):
                    await _send(connection, (("PING",),))
                    said = cast("Reply", await connection.read_response())
        except (exceptions.RedisError, OSError) as error:
            await self._drop()
            raise self._lost("the Redis server is gone") from error
        return said

    @property
    def is_connected(self) -> bool:
        """There is a connection, as far as is known."""
        return self._connection is not None

    async def close(self) -> None:
        """Give the connection up, for good."""
        self._is_closed = True
        await self._drop()

    async def connect(self) -> None:
        """Connect now, if it is not yet; raises as `calls`."""
        await self._connected()

    async def _connected(self) -> AbstractConnection:
        if self._is_closed:
            raise EngineUnavailable("the store is closed")
        is_elsewhere = self._moved != self._moves.count
        if self._connection is not None and (is_elsewhere or _is_over(self._connection)):
            await self._drop()
        if self._connection is None:
            self._moved = self._moves.count
            self._connection = await self._made()
            self.connections += 1
        return self._connection

    async def _made(self) -> AbstractConnection:
        connection = self._make()
        try:
            await connection.connect()
            await self._judge(connection)
            connection.socket_timeout = None  # for each reply it would take as long as reading it
        except (exceptions.RedisError, OSError, RuntimeError) as error:  # as in `_send`
            await connection.disconnect(nowait=True)
            raise _unreachable(error) from error
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection

    async def _judge(self, connection: AbstractConnection) -> None:
        if self._unfit is None:
            return
        (answer,) = await _exchange(connection, (("INFO",),))
        if isinstance(answer, exceptions.RedisError):
            raise answer
        if why := self._unfit(text(answer)):
            raise EngineUnavailable(why)

    async def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.disconnect(nowait=True)


class Links:
    """Connections for reading, so that what takes long does not hold up everything else."""

    def __init__(self, links: Sequence[Link]) -> None:
        """Each connects when it is first needed."""
        self._links = links

    def free(self) -> Link:
        """The one at which the fewest wait, the first of these."""
        return min(self._links, key=lambda link: link.asking)

    async def close(self) -> None:
        """Give the connections up, for good."""
        for link in self._links:
            await link.close()


async def _exchange(
    connection: AbstractConnection, commands: Iterable[Iterable[Word]]
) -> "list[Answer]":
    """Send commands and read all their answers."""
    commands = tuple(tuple(words) for words in commands)
    await _send(connection, commands)
    answers: list[Answer] = []
    for _ in commands:
        try:
            answer = cast("Reply", await connection.read_response(disconnect_on_error=True))
            answers.append(answer)
        except (exceptions.ResponseError, *REFUSING) as error:
            answers.append(error)
    return answers


def _is_refusal(answer: "Answer") -> TypeGuard[exceptions.RedisError]:
    """The server has not begun."""
    return isinstance(answer, exceptions.RedisError) and (
        isinstance(answer, REFUSING) or str(answer).startswith(REFUSING_WORDS)
    )


async def _send(connection: AbstractConnection, commands: Iterable[Iterable[Word]]) -> None:
    packed = connection.pack_commands(commands)
    try:
        await connection.send_packed_command(packed, check_health=False)
    except RuntimeError as error:  # what uvloop says of a transport that was closed meanwhile
        raise exceptions.ConnectionError("the connection is over") from error


def _is_over(connection: AbstractConnection) -> bool:
    """The server closed it while nothing was asked: what is asked next must not be lost in it."""
    # redis-py tells it only to who waits for it, which takes as long as asking.
    reader = connection._reader  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return reader is None or reader.at_eof()


def _unreachable(error: Exception) -> EngineError:
    if isinstance(error, REFUSING):
        return EngineUnavailable(_why(error))
    if isinstance(error, MasterNotFoundError):
        return EngineUnavailable(
            "no Sentinel says where the Redis server is:"
            " do they run, do they know the service, do they let us in?"
        )
    return EngineUnavailable(
        "the Redis server cannot be reached: does it run, is the address right?"
    )


def _why(error: Exception) -> str:
    """A reason without anything that the server was sent."""
    match error:
        case exceptions.OutOfMemoryError():
            return "the Redis server has no memory left: raise its maxmemory"
        case exceptions.ReadOnlyError():
            return "the Redis server is a replica, or became one"
        case exceptions.BusyLoadingError():
            return "the Redis server is still loading"
        case exceptions.AuthenticationError() | exceptions.NoPermissionError():
            return "the Redis server does not let us in: are user and password right?"
        case _:
            return "the Redis server refused"


# -- replies -------------------------------------------------------------------------------------


def number(reply: Reply) -> int:
    """A reply that is a number, as such or in words; nothing is 0."""
    match reply:
        case None:
            return 0
        case int() | bytes():
            return int(reply)
        case list():
            raise AssertionError("a list is no number")


def text(reply: Reply) -> bytes:
    """A reply that is bytes; nothing is empty."""
    assert reply is None or isinstance(reply, bytes), "the reply is bytes"
    return reply or b""


def several(reply: Reply) -> "list[Reply]":
    """A reply of several; nothing is empty."""
    assert reply is None or isinstance(reply, list), "the reply is a list"
    return reply or []

"""How a hub asks a shard: submit a command, and wait for the entry that answers it."""

import asyncio
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from msgspec.structs import asdict

from masking.text import SealedText
from router.kernel.configuration import Agent, Configuration
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import HubId
from router.kernel.messages import AnyCommand, AnyResult
from router.kernel.model import Identity
from router.shard.codec import canonical
from router.shard.engine import Answer, Engine, EngineUnavailable, Envelope, Request

BEHIND_COMMANDS = 5_000
"""In the inbox: half of what it holds, so that accepting, ending and wrapping up still pass."""

CROWDED_COMMANDS = 8_000
"""In the inbox: the rest is for accepting, ending and wrapping up."""

RETRY_MS = 1_000
"""When to try again what was not answered in time: a takeover takes not much longer."""

BEHIND_MS = 2_000
"""For an answer: people notice a second, and begin to try again after some."""

HASH_SIZE = 16
"""128 bits: two ids of one author never meet by chance."""

WHERE_FROM = {"connection", "entry_point"}
"""Fields that differ when the same is asked again after a reconnect."""


class Answered(NamedTuple):
    """What became of a command.

    Attributes:
        at_ms: When it was decided, or first decided; 0 when it was not.
        is_repeat: The same request was answered before; nothing changed this time.
    """

    result: AnyResult | Refusal
    at_ms: int
    is_repeat: bool


def digest_of(configuration: Configuration, agents: tuple[Agent, ...]) -> str:
    """Names a configuration: the same one, read in any order of keys, has the same digest."""
    return blake2b(canonical((configuration, agents)), digest_size=HASH_SIZE).hexdigest()


def request_of(command: AnyCommand, *, author: str, request_id: str, hash_key: bytes) -> Request:
    """Hash who asked and under which id, and what was asked; nothing can be read from it."""
    named = f"{author}\0{request_id}".encode()
    asked = {
        name: _comparable(value)
        for name, value in asdict(command).items()
        if name not in WHERE_FROM
    }
    body = canonical((type(command).__struct_config__.tag, asked))
    return Request(
        key=blake2b(named, key=hash_key, digest_size=HASH_SIZE).digest(),
        body=blake2b(body, key=hash_key, digest_size=HASH_SIZE).digest(),
    )


def _comparable(value: object) -> object:
    """What is the same when the same is asked again: each sealing of a value is another."""
    match value:
        case SealedText():
            return value.digest
        case Identity():
            return {name: _comparable(each) for name, each in asdict(value).items()}
        case _:
            return value


class _Pending(NamedTuple):
    """Who waits for an answer, until when, and as whom it was asked."""

    future: asyncio.Future[Answered]
    until_s: float
    hub: HubId


class ShardClient:
    """One hub's way to one shard; belongs to one event loop.

    Attributes:
        hash_key: The shard's key for client ids; set before the first client may name a command.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        hub: HubId,
        hash_key: bytes | None = None,
        timeout_ms: int,
        pending_max: int,
    ) -> None:
        """Count commands from 1.

        Args:
            engine: Where the shard reads its commands.
            hub: This life of this hub; another life counts anew.
            hash_key: The shard's key for client ids, at most 64 bytes.
            timeout_ms: How long an answer is waited for.
            pending_max: Commands that wait at the same time; more are refused.
        """
        self._engine = engine
        self._hub = hub
        self.hash_key = hash_key
        self._timeout_ms = timeout_ms
        self._pending_max = pending_max
        self._n = 0
        self._pending: dict[int, _Pending] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin_anew(self, hub: HubId) -> None:
        """Ask as another hub incarnation; what waits for an answer to the former waits on."""
        self._hub = hub

    @property
    def is_idle(self) -> bool:
        """Nobody waits for an answer."""
        return not self._pending

    @property
    def is_crowded(self) -> bool:
        """True while messages should come later too, so that answers and ends still pass."""
        return self._engine.depth > CROWDED_COMMANDS

    @property
    def is_behind(self) -> bool:
        """True while whoever begins something new should come later, so that the rest goes on."""
        if self._engine.depth > BEHIND_COMMANDS:
            return True
        first = next(iter(self._pending.values()), None)
        now_s = asyncio.get_running_loop().time()
        return first is not None and first.until_s - now_s < (self._timeout_ms - BEHIND_MS) / 1000

    async def submit(
        self,
        command: AnyCommand,
        *,
        author: str | None = None,
        request_id: str | None = None,
        formerly: Iterable[tuple[str, AnyCommand]] = (),
    ) -> Answered:
        """Ask, and wait until the hub's follower has told what came of it.

        Without an answer in time it is `unavailable`; the command may still take effect, and
        asking again under the same ``request_id`` finds out.

        Args:
            command: What is asked.
            author: Who asks.
            request_id: Under which id, if the client gave one.
            formerly: Who the author was before, and the command as it was then.
        """
        if len(self._pending) >= self._pending_max:
            return _unavailable("too many commands wait; try again")
        requests: tuple[Request, ...] = ()
        if author is not None and request_id is not None:
            assert self.hash_key is not None, "a client named a command before there was a key"
            requests = tuple(
                request_of(asked, author=who, request_id=request_id, hash_key=self.hash_key)
                for who, asked in ((author, command), *formerly)
            )
        self._n += 1
        n = self._n
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answered] = loop.create_future()
        self._pending[n] = _Pending(future, loop.time() + self._timeout_ms / 1000, self._hub)
        if self._timer is None:
            self._timer = loop.call_later(self._timeout_ms / 1000, self._time_out)
        envelope = Envelope(
            hub=self._hub,
            n=n,
            command=command,
            request=requests[0] if requests else None,
            formerly=requests[1:],
        )
        try:
            await self._engine.submit(envelope)
            return await future
        except EngineUnavailable:
            return _unavailable("too many commands wait; try again")
        finally:
            del self._pending[n]

    def _time_out(self) -> None:
        """Give up on who waited too long, and look again when the next one has.

        All wait equally long, so they are in order, and one timer serves them all.
        """
        loop = asyncio.get_running_loop()
        self._timer = None
        for future, until_s, _ in self._pending.values():
            if until_s > loop.time():
                self._timer = loop.call_at(until_s, self._time_out)
                break
            if not future.done():
                future.set_result(_unavailable("no answer in time; try again"))

    def resolve(self, answers: Iterable[Answer]) -> None:
        """Hand over answers, after the events they follow were told; others' are ignored."""
        for answer in answers:
            waiting = self._pending.get(answer.n)
            if waiting is not None and waiting.hub == answer.hub and not waiting.future.done():
                waiting.future.set_result(Answered(answer.result, answer.at_ms, answer.is_repeat))


def _unavailable(hint: str) -> Answered:
    refusal = Refusal(RefusalCode.UNAVAILABLE, hint, {"retry_after_ms": RETRY_MS})
    return Answered(refusal, at_ms=0, is_repeat=False)

"""One tenure of the lease: the records in memory, and what is decided on them turn by turn.

A turn is decided in memory, committed, and only then known to anybody. When anything fails on the
way, the tenure is over: the next one starts from what was committed.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Literal, TypeVar

import msgspec

from router.kernel.deadlines import Deadline
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import HubId
from router.kernel.kernel import Kernel, Step
from router.kernel.messages import AnyCommand, HubLost, TakeOver
from router.kernel.model import AnyRecord, Key, ShardRecord
from router.kernel.moment import Moment
from router.log import log
from router.shard.doubts import Doubts
from router.shard.engine import Cursor, Engine, Envelope, FencedOut, Kept, Lease, Loaded, Request
from router.shard.metrics import COMMANDS_SET_ASIDE, DEADLINES_SET_ASIDE, MASKED
from router.shard.redactor import Redactor
from router.shard.seen import Seen
from router.shard.turn import Turn

_log = log(__name__)

LEND_ROUNDS_MAX = 5
"""A record may name another that is needed too; no command leads further than this."""

Place = Cursor | Deadline | Literal["start"]
"""Where the kernel broke: at a command, a deadline, or before the first of them."""

ResultT = TypeVar("ResultT")

Clock = Callable[[], int]
Nonce = Callable[[], bytes]


class ShardLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of a shard's loop.

    Attributes:
        commands_max: Commands in one turn: where one fsync for all stops being the larger part.
        commands_at_once: Commands decided before others get their turn in the event loop.
        decide_ms: And for how long, where commands take long: other tenants' people wait too.
        steps_max: Commands and deadlines in one turn, so that no storm of deadlines holds up the
            event loop for more than some tens of ms.
        tick_ms: Deadlines are looked at this often when nobody asks anything.
        ttl_ms: How long a lease lives that nobody renews: so long nobody writes after a crash
            that nobody noticed otherwise. It is renewed three times as often, with a sign of life.
        takeover_ms: How long a lease lives that was just taken: until all that is stored was read,
            nobody renews it. Then it lives as long as any other.
        stagger_ms: How long each hub waits for the one that comes before it at a shard.
        settle_ms: How long a shard is kept that was just taken: longer than a dead hub counts as
            alive.
        yield_ms: How long a shard is kept that somebody else should have taken and did not.
        retry_ms_min: The first pause after the engine failed; doubled up to the last.
        retry_ms_max: Longer would leave customers waiting after the engine is back.
        turns_left_max: Turns after a stop was asked: enough for a full inbox that would be lost
            with the process. Where the next writer finds it, none: others go on filling it.
        places_ms: How often the places in a queue are told.
        places_max: How many places are told exactly.
    """

    commands_max: int = 256
    commands_at_once: int = 64
    decide_ms: int = 2
    steps_max: int = 512
    tick_ms: int = 250
    ttl_ms: int = 1_500
    takeover_ms: int = 30_000
    stagger_ms: int = 50
    settle_ms: int = 5_000
    yield_ms: int = 30_000
    retry_ms_min: int = 100
    retry_ms_max: int = 2_000
    turns_left_max: int = 160
    places_ms: int = 1_000
    places_max: int = 200

    @property
    def renew_ms(self) -> int:
        """How often the lease is renewed; a crash moves deadlines by this much at most."""
        return self.ttl_ms // 3

    @property
    def fence_ms(self) -> int:
        """How long after the last renewal nothing is committed any more without another one.

        It leaves time for what is on its way before the lease runs out.
        """
        return self.ttl_ms * 7 // 10


class KernelBroke(Exception):  # noqa: N818 - named by what happened, as the engine's faults
    """A bug: the kernel raised, so its memory cannot be trusted any more."""

    def __init__(self, place: Place, what: str) -> None:
        """Keep where it broke, and the name of the command or deadline."""
        super().__init__(what)
        self.place: Place = place
        self.what = what


class Mishaps:
    """What broke the kernel twice is not tried a third time."""

    def __init__(self) -> None:
        """Start without any."""
        self._counts: dict[Place, int] = {}

    def note(self, place: Place) -> None:
        """Count that the kernel broke here."""
        self._counts[place] = self._counts.get(place, 0) + 1

    def is_set_aside(self, place: Place) -> bool:
        """It broke here before, twice."""
        return self._counts.get(place, 0) >= 2

    def passed(self, place: Place) -> None:
        """It is behind us."""
        self._counts.pop(place, None)


class Writer:
    """The kernel and where it stands in inbox and log."""

    def __init__(
        self,
        engine: Engine,
        lease: Lease,
        loaded: Loaded,
        *,
        name: str,
        clock: Clock,
        nonce: Nonce,
        limits: ShardLimits,
        seen: Seen,
        mishaps: Mishaps,
        doubts: Doubts,
    ) -> None:
        """Go on from what was committed; ``seen`` and ``mishaps`` outlive the tenure."""
        self._engine = engine
        self.lease = lease
        self._clock = clock
        self._nonce = nonce
        self._limits = limits
        self._seen = seen
        self._mishaps = mishaps
        self.doubts = doubts
        self._name = name
        self._redactor = Redactor(engine, tenant=name)
        self.kernel = self._guarded("start", "load", lambda: Kernel(loaded.records))
        self.cursor = loaded.cursor
        self.position = loaded.position
        self.at_ms = next(
            (record.at_ms for record in loaded.records if isinstance(record, ShardRecord)), 0
        )

    def now_ms(self) -> int:
        """The shard's time: the clock's, but never back."""
        self.at_ms = max(self.at_ms, self._clock())
        return self.at_ms

    def wait_ms(self) -> int:
        """How long nothing happens by itself, at most a tick."""
        tick_ms = self._limits.tick_ms
        if self.doubts.hubs:
            tick_ms = min(tick_ms, self.doubts.pause_ms)
        first = self.kernel.first_deadline()
        return tick_ms if first is None else max(0, min(tick_ms, first[0] - self.now_ms()))

    # -- deciding ----------------------------------------------------------------------------

    async def begin(self, command: AnyCommand) -> Turn:
        """Decide the writer's own command before anything else."""
        turn = Turn(self.cursor, self.position)
        at_ms = self.now_ms()
        turn.lost.extend(self._lost(command))
        await self._lend(turn, "start", command)
        turn.add(self._handled("start", command, at_ms), at_ms)
        return turn

    async def decide(self, envelopes: Sequence[Envelope]) -> Turn:
        """Decide commands in order, each after the deadlines that are due before it.

        What does not fit into the turn stays in the inbox for the next.
        """
        turn = Turn(self.cursor, self.position)
        await self._prepare(turn, envelopes)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._limits.decide_ms / 1000
        for taken, envelope in enumerate(envelopes, start=1):
            if not self._fire_due(turn):
                return turn
            await self._take(turn, envelope)
            if taken % self._limits.commands_at_once == 0 or loop.time() >= until_s:
                await asyncio.sleep(0)  # sockets are read and written meanwhile
                until_s = loop.time() + self._limits.decide_ms / 1000
        self._fire_due(turn)
        return turn

    async def _prepare(self, turn: Turn, envelopes: Sequence[Envelope]) -> None:
        """Fetch at once what most of the commands will need."""
        requests = {request.key for envelope in envelopes for request in _requests(envelope)}
        if requests:
            turn.answered.update(await self._engine.answers(requests))
        for place, envelope in enumerate(envelopes, start=turn.cursor):
            if not self._mishaps.is_set_aside(Cursor(place)):
                keys = self._needed(Cursor(place), envelope.command)
                if keys:
                    turn.found.update(dict.fromkeys(keys))
                else:
                    turn.ready.add(Cursor(place))
        if turn.found:
            turn.found.update(await self._fetch(turn.found.keys()))
        commands = (envelope.command for envelope in envelopes)
        await self._redactor.prepare(commands, self.kernel.state)

    def _fire_due(self, turn: Turn) -> bool:
        """Fire the deadlines that are due, but for what is in doubt.

        False when the turn is full before the last.
        """
        at_ms = self.now_ms()
        while (first := self.kernel.first_deadline()) is not None and first[0] <= at_ms:
            deadline = first[1]
            if self._mishaps.is_set_aside(deadline):
                DEADLINES_SET_ASIDE.inc()
                _log.warning("deadline.set_aside", tenant=self._name, deadline=deadline.kind)
                self.kernel.skip(deadline)
                continue
            if turn.steps >= self._limits.steps_max:
                return False
            if self.doubts.holds(self.kernel, *first):
                continue
            moment = Moment(at_ms, self._nonce())
            step = self._guarded(deadline, deadline.kind, partial(self.kernel.fire, moment))
            self._redactor.note(step.events)
            turn.add(step, at_ms)
        return True

    async def _take(self, turn: Turn, envelope: Envelope) -> None:
        place = turn.cursor
        turn.cursor = Cursor(turn.cursor + 1)
        hub, n = envelope.hub, envelope.n
        if n <= turn.seen.get(hub, self._seen.last(hub)):
            return  # delivered twice; the first one is answered
        turn.seen[hub] = n
        at_ms = self.now_ms()
        kept = self._kept(turn, envelope, at_ms)
        if kept is not None:
            self._repeat(turn, envelope, kept, at_ms)
        elif self._mishaps.is_set_aside(place):
            COMMANDS_SET_ASIDE.inc()
            command = _name(envelope.command)
            _log.warning("command.set_aside", tenant=self._name, command=command)
            turn.answer(envelope, _refused(RefusalCode.UNAVAILABLE, "it failed twice"), at_ms)
        else:
            if place not in turn.ready:
                await self._lend(turn, place, envelope.command)
            turn.lost.extend(self._lost(envelope.command))
            reading = await self._redactor.hear(envelope.command, self.kernel.state)
            step = self._handled(place, reading.command, at_ms)
            if not isinstance(step.result, Refusal):
                step = step._replace(events=(*reading.redacted, *step.events))
                for kind in reading.kinds:
                    MASKED.labels(self._name, kind).inc()
            self._redactor.note(step.events)
            turn.answer(envelope, step, at_ms)
            if envelope.request is not None and not isinstance(step.result, Refusal):
                turn.keep(envelope.request, step.result, at_ms)

    def _lost(self, command: AnyCommand) -> tuple[HubId, ...]:
        match command:
            case HubLost():
                return (command.hub,)
            case TakeOver():
                return tuple(self._seen.missing(command.hubs))
            case _:
                return ()

    @staticmethod
    def _kept(turn: Turn, envelope: Envelope, at_ms: int) -> Kept | None:
        for request in _requests(envelope):
            kept = turn.answered.get(request.key)
            if kept is not None and at_ms < kept.expires_at_ms:
                return kept
        return None

    @staticmethod
    def _repeat(turn: Turn, envelope: Envelope, kept: Kept, at_ms: int) -> None:
        if kept.request in _requests(envelope):
            turn.answer(envelope, Step((), kept.result, ()), kept.at_ms, is_repeat=True)
        else:
            hint = "the id was used before for something else"
            turn.answer(envelope, _refused(RefusalCode.CONFLICT, hint), at_ms)

    async def _lend(self, turn: Turn, place: Place, command: AnyCommand) -> None:
        for _ in range(LEND_ROUNDS_MAX):
            keys = self._needed(place, command)
            if not keys:
                return
            missing = keys - turn.found.keys()
            if missing:
                fetched = await self._fetch(missing)
                turn.found.update({key: fetched.get(key) for key in missing})
            self.kernel.lend({key: turn.found[key] for key in keys})
        raise KernelBroke(place, _name(command))

    async def _fetch(self, keys: Collection[Key]) -> Mapping[Key, AnyRecord]:
        """Records as they are after the last turn.

        Raises:
            FencedOut: Somebody else wrote since: what is in memory is older than what was found.
        """
        fetched = await self._engine.fetch(keys)
        if fetched.position != self.position:
            raise FencedOut("somebody else wrote")
        return fetched.records

    def _needed(self, place: Place, command: AnyCommand) -> frozenset[tuple[str, str]]:
        try:
            return self.kernel.needed(command)
        except Exception as error:
            raise KernelBroke(place, _name(command)) from error

    def _handled(self, place: Place, command: AnyCommand, at_ms: int) -> Step:
        try:
            return self.kernel.handle(command, Moment(at_ms, self._nonce()))
        except Exception as error:
            raise KernelBroke(place, _name(command)) from error

    @staticmethod
    def _guarded(place: Place, what: str, work: Callable[[], ResultT]) -> ResultT:
        try:
            return work()
        except Exception as error:
            raise KernelBroke(place, what) from error

    # -- committing --------------------------------------------------------------------------

    async def commit(self, turn: Turn) -> None:
        """Make a turn true; nothing of it was known to anybody before."""
        if turn.is_empty:
            return
        await self._engine.commit(turn.batch(self.at_ms), lease=self.lease)
        for place in range(turn.previous, turn.cursor):
            self._mishaps.passed(Cursor(place))
        self.cursor = turn.cursor
        self.position = turn.position
        self._seen.take(turn.seen)
        self._seen.lose(turn.lost, self.at_ms)


def _requests(envelope: Envelope) -> tuple[Request, ...]:
    return (envelope.request, *envelope.formerly) if envelope.request else ()


def _refused(code: RefusalCode, hint: str) -> Step:
    return Step((), Refusal(code, hint), ())


def _name(command: AnyCommand) -> str:
    return type(command).__name__

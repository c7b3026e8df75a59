"""One history: a tenant, its people, its writer and its hubs, and what befalls them."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import count
from random import Random
from typing import NamedTuple

from router.hub.emission import Emission
from router.kernel.ids import HubId
from router.kernel.messages import Configure
from router.shard.client import ShardClient
from router.shard.engine import Position
from router.shard.memory import Fault
from tests.simulation.agents import Agent
from tests.simulation.customers import Customer
from tests.simulation.floor import CUSTOMERS, NAMES, draw_configurations
from tests.simulation.ledger import NOTE, RAW, Ledger
from tests.simulation.loop import VirtualLoop
from tests.simulation.oracles import Observer, check_end, check_settled, check_welcome
from tests.simulation.people import Person
from tests.simulation.script import Op, draw_script
from tests.simulation.wire import HASH_KEY, SimulatedHub
from tests.simulation.writer import LIMITS, Lives, WatchedEngine, WatchedShard
from tests.support.hubs import Living

START_MS = 1_800_000_000_000
DRAIN_MS = 2_000
"""When faults stop, everything is in order by then (I16)."""

RESTART_S = 0.05
MEMBERS = HubId("members")
"""Who changes the configuration."""

SEEN = frozenset({"HubsSeen", "TokenIssued"})  # of no interest to who reads a history
CARDS = re.compile(b"|".join(map(re.escape, RAW)))
NOTES = re.compile(NOTE.encode())
AGENT_IDS = re.compile("|".join(f'"{name}"' for name in NAMES).encode())


class Line(NamedTuple):
    """One line of a history."""

    at_ms: int
    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.at_ms:7d} ms  {self.who:8s} {self.what}"


class World:
    """Everything of one history, in one loop; implements `Around`.

    Attributes:
        failure: The first thing that was wrong.
    """

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        """Draw the tenant."""
        self.failure: BaseException | None = None
        self.history: list[Line] = []
        self.ledger = Ledger()
        self.hubs: list[SimulatedHub] = []
        self.engine = WatchedEngine()
        self.lives = Lives(self.now_ms)
        self.observer = Observer(self.lives)
        self.configurations = draw_configurations(Random(f"floor {seed}"))
        self.shard: WatchedShard | None = None
        self._loop = loop
        self._reload_every = Random(f"reload {seed}").choice((3, 5, 9))
        self._hub_numbers = count(1)
        self._nonces = count(1)
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._writing: asyncio.Task[None] | None = None
        self._recovery: dict[str, Callable[[], None]] = {}
        self._living = Living(MEMBERS)
        self.agents: list[Agent] = []
        self.agents += [Agent(self, name, self.agents) for name in NAMES]
        self.customers: list[Customer] = []
        self.customers += [Customer(self, name, self.customers) for name in CUSTOMERS]
        people: Sequence[Person] = (*self.agents, *self.customers)
        self.people = {person.name: person for person in people}
        self.membership = ShardClient(
            self.engine, hub=MEMBERS, hash_key=HASH_KEY, timeout_ms=700, pending_max=100
        )

    # -- what people know ------------------------------------------------------------------------

    def now_ms(self) -> int:
        """See `Around.now_ms`."""
        return START_MS + self._loop.now_ms()

    def note(self, who: str, what: str) -> None:
        """See `Around.note`."""
        self.history.append(Line(self._loop.now_ms(), who, what))

    def failed(self, error: BaseException) -> None:
        """See `Around.failed`."""
        if self.failure is None:
            self.failure = error
            self.note("ORACLE", f"{type(error).__name__}: {error}")

    def later(self, delay_ms: int, do: Callable[[], None]) -> None:
        """See `Around.later`."""
        self._loop.call_later(delay_ms / 1000, do)

    # -- running ---------------------------------------------------------------------------------

    async def play(self, ops: Sequence[Op]) -> None:
        """Let it all happen, put it in order, and close the shop."""
        self._start_shard()
        self._start(self._observe())
        self._start(self._configure(self.configurations[0]))
        await self._open_hub()
        await self._open_hub()
        for op in ops:
            wait_ms = op.at_ms - self._loop.now_ms()
            if wait_ms > 0:
                await asyncio.sleep(wait_ms / 1000)
            await self._do(op)
            if self._is_broken():
                return
        await self._settle()
        if not self._is_broken():
            await self._close()

    def _is_broken(self) -> bool:
        for hub in self.hubs:
            if hub.tasks.failure.done():
                self.failed(hub.tasks.failure.exception() or AssertionError("a hub ended"))
        return self.failure is not None

    async def _do(self, op: Op) -> None:
        if op.who == "world":
            self.note("world", op.verb)
            await self._befall(op)
        else:
            getattr(self.people[op.who], op.verb)(op.pick)

    def _start(self, work: Coroutine[object, object, None]) -> None:
        _ = self._begin(work)

    def _begin(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed(error)

    async def stop(self) -> None:
        """End every task, so that nothing is left of this history."""
        for hub in self.hubs:
            await hub.crash()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- writer and hubs -------------------------------------------------------------------------

    def _start_shard(self) -> None:
        shard = WatchedShard(
            self.engine,
            name="simulated",
            holder="simulated",
            hub=HubId("simulated"),
            clock=self.now_ms,
            nonce=lambda: next(self._nonces).to_bytes(16, "big"),
            hubs=self._living,
            limits=LIMITS,
        )
        shard.engine, shard.lives, shard.failed = self.engine, self.lives, self.failed
        shard.reload_every = self._reload_every
        self.shard = shard
        self._writing = self._begin(shard.run())

    async def _crash_shard(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
            self._writing = None

    async def _open_hub(self) -> None:
        name = HubId(f"hub{next(self._hub_numbers)}")
        while self.engine.faults.is_down:  # noqa: ASYNC110 - as whoever starts a process again
            await asyncio.sleep(RESTART_S)
        await self._living.announce(name, ttl_ms=LIMITS.ttl_ms)
        hub = await SimulatedHub.begin(name, self.engine, now_ms=self.now_ms, inspect=self._inspect)
        self.hubs.append(hub)

    async def _crash_hub(self, hub: SimulatedHub, *, missed_ms: int) -> None:
        """It is dead, and missed a while later."""
        self.engine.faults.slow = None
        self.hubs.remove(hub)
        name = hub.wire.hub
        self.lives.deaths[name] = self.now_ms()
        self._living.silent.add(name)
        await hub.crash()
        await self._open_hub()
        self._recover_later(f"miss {name}", missed_ms, lambda: self._living.bury(name))

    async def _observe(self) -> None:
        async for entry in self.engine.follow(Position(0)):
            names = [type(event).__name__ for event in entry.events]
            shown = [name for name in names if name not in SEEN]
            if shown:
                self.note("shard", ", ".join(shown))
            try:
                self.observer.saw(entry)
            except AssertionError as error:
                self.failed(error)
            self.membership.resolve(entry.answers)

    def _inspect(self, emission: Emission, data: bytes) -> None:
        """No card number leaves, and no note and no agent's id goes to a customer (I11)."""
        try:
            assert not CARDS.search(data), "a card number was sent (I11)"
            if emission.namespace == "/customer":
                assert not NOTES.search(data), "a customer was sent a note"
                assert not AGENT_IDS.search(data), "a customer was sent an id"
        except AssertionError as error:
            self.failed(error)

    # -- what goes wrong -------------------------------------------------------------------------

    async def _befall(self, op: Op) -> None:  # noqa: C901, PLR0912 - a flat table
        faults = self.engine.faults
        lasts_ms = (30, 100, 300, 700, 1_200)[op.pick % 5]
        match op.verb:
            case "lose_reply_before":
                self._break_commit("lost_before")
            case "lose_reply_after":
                self._break_commit("lost_after")
            case "refuse_commit":
                self._break_commit("unavailable")
            case "usurp":
                self._break_commit("fenced")
            case "crash_writer":
                await self._crash_shard()
                self._recover_later("writer", lasts_ms, self._start_shard_again)
            case "pause_writer":
                if faults.gate is None:
                    faults.gate = asyncio.Event()
                    self.lives.pauses += 1
                    self._recover_later("gate", lasts_ms, self._open_gate)
            case "take_down":
                faults.is_down = True
                self._recover_later("down", lasts_ms, self._bring_up)
            case "duplicate":
                faults.duplicates = 1 + op.pick % 3
            case "echo":
                faults.echoes = 1 + op.pick % 3
            case "slow_down":
                faults.slow = self.hubs[op.pick % len(self.hubs)].wire.hub
                self._recover_later("slow", min(lasts_ms, 300), self._speed_up)
            case "slow_reads":
                self.engine.read_s = (0.002, 0.01, 0.03)[op.pick % 3]
                self._recover_later("reads", lasts_ms, self._speed_up_reads)
            case "lag_hub":
                hub = self.hubs[op.pick % len(self.hubs)]
                hub.lag_s = (0.001, 0.005, 0.02)[op.pick % 3]
                self._recover_later(f"lag {hub.wire.hub}", lasts_ms, lambda: _end_lag(hub))
            case "crash_hub":
                hub = self.hubs[op.pick % len(self.hubs)]
                await self._crash_hub(hub, missed_ms=lasts_ms)
            case "crash_all":
                await self._crash_shard()
                for hub in list(self.hubs):
                    await self._crash_hub(hub, missed_ms=lasts_ms)
                self._recover_later("writer", lasts_ms, self._start_shard_again)
            case "configure":
                command = self.configurations[op.pick % len(self.configurations)]
                self._start(self._configure(command))
            case _:
                raise AssertionError(op.verb)

    def _break_commit(self, fault: Fault) -> None:
        self.engine.faults.commits.append(fault)

    def _recover_later(self, name: str, delay_ms: int, recover: Callable[[], None]) -> None:
        self._recovery[name] = recover
        self.later(delay_ms, lambda: self._recover(name))

    def _recover(self, name: str) -> None:
        recover = self._recovery.pop(name, None)
        if recover is not None:
            recover()

    def _start_shard_again(self) -> None:
        if self._writing is None:
            self.note("world", "a writer starts")
            self._start_shard()

    def _open_gate(self) -> None:
        if self.engine.faults.gate is not None:
            self.engine.faults.gate.set()
            self.engine.faults.gate = None
            self.lives.pauses -= 1
            self.lives.disturb()

    def _bring_up(self) -> None:
        self.engine.faults.is_down = False

    def _speed_up(self) -> None:
        self.engine.faults.slow = None

    def _speed_up_reads(self) -> None:
        self.engine.read_s = 0.0

    async def _configure(self, command: Configure) -> None:
        await self.membership.submit(command)

    # -- the end ---------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Faults stop; soon everything is in order, and who comes now sees what others know."""
        self.note("world", "faults stop")
        for name in list(self._recovery):
            self._recover(name)
        faults = self.engine.faults
        faults.commits.clear()
        faults.duplicates = faults.echoes = 0
        self._start(self._configure(self.configurations[0]))
        await asyncio.sleep(DRAIN_MS / 1000)
        if self._is_broken():
            return
        self._try(lambda: check_settled(self))
        self._open_beside()
        await asyncio.sleep(0.1)
        self._try(lambda: check_welcome(self))

    def _open_beside(self) -> None:
        for person in self.people.values():
            for index, hub in enumerate(self.hubs):
                if any(socket.wire is hub.wire for socket in person.sockets):
                    person.open(index)
        for agent in self.agents:
            if not agent.sockets:
                agent.open(0)

    def _try(self, check: Callable[[], None]) -> None:
        try:
            check()
        except AssertionError as error:
            self.failed(error)

    async def _close(self) -> None:
        """The shop closes: everybody finishes, everybody leaves, and nothing is left over."""
        self.note("world", "the shop closes")
        for _ in range(3):
            for customer in self.customers:
                customer.finish()
            await asyncio.sleep(0.02)
            for agent in self.agents:
                agent.finish()
            await asyncio.sleep(0.35)
        for person in self.people.values():
            for socket in list(person.sockets):
                socket.end()
        await asyncio.sleep(3)
        if not self._is_broken():
            self._try(lambda: check_end(self))
            if self.shard is not None and self.shard.writer is not None:
                self.shard.check(self.shard.writer)


def _end_lag(hub: SimulatedHub) -> None:
    hub.lag_s = 0.0


def quiet() -> None:
    """Faults are the point here, so nobody is told of them."""
    logging.getLogger("router").setLevel(logging.CRITICAL + 1)


class Outcome(NamedTuple):
    """What became of a history."""

    failure: BaseException | None
    history: tuple[Line, ...]


def run(seed: int, ops: Sequence[Op] | None = None) -> Outcome:
    """Play the history of a seed, or some of its operations."""
    if ops is None:
        ops = draw_script(Random(f"script {seed}"))
    loop = VirtualLoop(Random(f"order {seed}"))
    loop.set_exception_handler(lambda _loop, _context: None)
    world = World(seed, loop)
    try:
        try:
            loop.run_until_complete(world.play(ops))
        except Exception as error:  # noqa: BLE001 - whatever was raised, it is a finding
            world.failed(error)
        loop.run_until_complete(world.stop())
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
    return Outcome(world.failure, tuple(world.history))

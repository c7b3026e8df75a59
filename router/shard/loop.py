"""The single-writer loop: takes the lease, decides in turns, commits, and starts over on a fault.

Nothing is told to anybody before it is committed. A fault of the engine or a bug of the kernel
drops the memory; the next tenure loads what was committed and goes on from the cursor.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial

from router.kernel.ids import HubId
from router.kernel.messages import HubLost, TakeOver
from router.log import log
from router.shard.doubts import Doubts
from router.shard.engine import (
    MANY_RECORDS,
    Engine,
    EngineError,
    EngineUnavailable,
    FencedOut,
    Hubs,
    Lease,
    LeaseTaken,
    NewerFormat,
    OutcomeUnknown,
)
from router.shard.metrics import (
    COMMIT_SECONDS,
    EPOCH,
    INTERRUPTIONS,
    LEASE_HELD,
    TAKEOVER_GAP_SECONDS,
    Observer,
)
from router.shard.reconciler import Reconciler
from router.shard.seen import Seen
from router.shard.shares import may_take_over_from, place_of
from router.shard.standings import Places
from router.shard.turn import Turn
from router.shard.writer import Clock, KernelBroke, Mishaps, Nonce, ShardLimits, Writer

_log = log(__name__)

WAIT_MS_MIN = 100
"""An engine may look at the clock ten times a second only, so it waits too long for less."""


class Shard:
    """One tenant's writer.

    Attributes:
        hub: The hub incarnation of this process; it changes when it was counted as lost.
        is_waiting: Another process did so when last asked.
        fault: Why the engine did not work when last tried; empty while it writes.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        name: str,
        holder: str,
        hub: HubId,
        clock: Clock,
        nonce: Nonce,
        hubs: Hubs,
        limits: ShardLimits | None = None,
    ) -> None:
        """Prepare to write.

        Args:
            engine: Where commands come from and what was decided goes to.
            name: What all processes call this shard.
            holder: Names this process to whoever looks at the lease.
            hub: Its hub incarnation.
            clock: The wall clock in ms.
            nonce: 16 fresh random bytes at each call.
            hubs: Those that live; connections at others are lost.
            limits: Bounds; the defaults serve well.
        """
        self._engine = engine
        self._name = name
        self._holder = holder
        self.hub = hub
        self._clock = clock
        self._nonce = nonce
        self._hubs = hubs
        self._limits = limits or ShardLimits()
        self._observer = Observer(clock, tenant=name)
        self._mishaps = Mishaps()
        self._reconciler = Reconciler(name)
        self._seen = Seen()
        self._doubt: Turn | None = None
        self._faults = 0
        self._now_s: Callable[[], float] = float
        self._renewed_s = self._looked_s = 0.0
        self._places = Places(every_s=0, places_max=0)
        self._may_yield_s = 0.0
        self._is_yielding = False
        self._is_stopping = False
        self._has_lease = False
        self.is_waiting = False
        self.fault = ""

    @property
    def is_writing(self) -> bool:
        """It holds the lease and may commit, as far as it knows.

        One that hears nothing of its engine says no before anybody else may say yes.
        """
        return self._has_lease and self._now_s() < self._renewed_s + self._limits.fence_ms / 1000

    def stop(self) -> None:
        """Ask `run` to handle what is in the inbox, release the lease and return."""
        self._is_stopping = True

    async def run(self) -> None:
        """Write until told to stop; what a living store cannot heal is raised.

        Raises:
            StoreCorrupt: The store cannot be read any more, by no version.
        """
        self._now_s = asyncio.get_running_loop().time
        LEASE_HELD.labels(self._name).set_function(lambda: float(self.is_writing))
        while not self._is_stopping:
            try:
                await self._tenure()
            except KernelBroke as broke:
                INTERRUPTIONS.labels(self._name, type(broke).__name__).inc()
                self._mishaps.note(broke.place)
                _log.error("kernel.broke", tenant=self._name, command=broke.what)
                await self._pause(is_short=broke.place != "start")
            except LeaseTaken as taken:
                self.is_waiting = True
                self.fault = ""
                # That of a takeover is long, and short as any other as soon as it is through.
                await self._engine.lease_freed(min(taken.remaining_ms, self._limits.ttl_ms))
            except NewerFormat as newer:
                await self._stand_back(str(newer))
            except (FencedOut, OutcomeUnknown, EngineUnavailable) as fault:
                INTERRUPTIONS.labels(self._name, type(fault).__name__).inc()
                self.is_waiting = False
                self.fault = str(fault)
                _log.warning(
                    "shard.interrupted",
                    tenant=self._name,
                    fault=type(fault).__name__,
                    why=self.fault,
                )
                await self._pause(is_short=False)

    async def _stand_back(self, why: str) -> None:
        """Leave the shard to a newer process, and be as one that cannot write."""
        self.is_waiting = False
        if self.fault != why:
            self.fault = why
            _log.warning("shard.left_to_newer", tenant=self._name)
        await asyncio.sleep(self._limits.ttl_ms / 1000)

    async def _pause(self, *, is_short: bool) -> None:
        """Give the engine time, longer each time it fails again."""
        doubled = self._limits.retry_ms_min << min(self._faults, 10)
        self._faults += 1
        pause_ms = 0 if is_short else min(doubled, self._limits.retry_ms_max)
        await asyncio.sleep(pause_ms / 1000)

    # -- a tenure ----------------------------------------------------------------------------

    async def _tenure(self) -> None:
        place = place_of(self.hub, await self._hubs.alive(), shard=self._name)
        await asyncio.sleep(place * self._limits.stagger_ms / 1000)
        lease = await self._engine.acquire(self._holder, ttl_ms=self._limits.takeover_ms)
        try:
            writer = await self._take_over(lease)
        except Exception:
            with suppress(EngineError):  # whoever can is not to wait for the lease
                await self._engine.release(lease)
            raise
        try:
            self._has_lease = True
            self.is_waiting = self._is_yielding = False
            self._keep_for(self._limits.settle_ms)
            self.fault = ""
            while not (self._is_stopping or self._is_yielding):
                await self._turn(writer)
            await self._leave(writer)
        finally:
            self._has_lease = False
            self._observer.clear()

    async def _take_over(self, lease: Lease) -> Writer:
        loaded = await self._engine.load()
        if self._doubt is not None and loaded.cursor == self._doubt.cursor:
            self._seen.take(self._doubt.seen)  # it was written after all
        self._doubt = None
        self._seen.take(loaded.seen)
        make = partial(
            Writer,
            self._engine,
            lease,
            loaded,
            name=self._name,
            clock=self._clock,
            nonce=self._nonce,
            limits=self._limits,
            seen=self._seen,
            mishaps=self._mishaps,
            doubts=Doubts(self._hubs, is_own=lambda hub: hub == self.hub),
        )
        # Other tenants' leases are renewed in the same loop, which must not stand still meanwhile.
        is_large = len(loaded.records) > MANY_RECORDS
        writer = await asyncio.to_thread(make) if is_large else make()
        self._observer.reset(loaded.records)
        self._places = Places(
            every_s=self._limits.places_ms / 1000, places_max=self._limits.places_max
        )
        for contact in writer.kernel.state.contacts.values():
            self._places.place(contact)
        now_ms = writer.now_ms()
        alive_at_ms = now_ms if lease.alive_at_ms is None else lease.alive_at_ms
        gap_ms = max(0, now_ms - alive_at_ms)
        hubs = await self._hubs.alive()
        await self._commit(writer, await writer.begin(TakeOver(gap_ms=gap_ms, hubs=hubs)))
        EPOCH.labels(self._name).set(lease.epoch)
        TAKEOVER_GAP_SECONDS.observe(gap_ms / 1000)
        # A crash between these two moves deadlines twice: rather late than answered for an agent.
        await self._renew(writer)
        _log.info("lease.taken", tenant=self._name, epoch=lease.epoch, gap_ms=gap_ms)
        return writer

    async def _turn(self, writer: Writer, *, is_last: bool = False) -> bool:
        """Decide and commit what there is, waiting for it first; false when nothing was."""
        if await self._renew_after(self._limits.renew_ms, writer):
            await self._look_around(writer)
        elif writer.doubts.hubs and self._now_s() >= self._looked_s + writer.doubts.pause_ms / 1000:
            await self._look(writer)
        wait_ms = 0 if is_last else writer.wait_ms()
        pause_ms = wait_ms if writer.doubts.hubs and wait_ms < WAIT_MS_MIN else 0
        envelopes = await self._engine.read(
            writer.cursor, limit=self._limits.commands_max, wait_ms=wait_ms - pause_ms
        )
        if not envelopes:
            await asyncio.sleep(pause_ms / 1000)
        turn = await writer.decide(envelopes)
        await self._renew_after(self._limits.fence_ms, writer)
        await self._commit(writer, turn)
        self._faults = 0
        await self._tell_places(writer)
        await asyncio.sleep(0)  # an engine that never waits must not keep the loop to itself
        return not turn.is_empty

    async def _commit(self, writer: Writer, turn: Turn) -> None:
        started_s = asyncio.get_running_loop().time()
        self._doubt = turn
        await writer.commit(turn)
        self._doubt = None
        if not turn.is_empty:
            COMMIT_SECONDS.observe(asyncio.get_running_loop().time() - started_s)
        for entry in turn.entries:
            self._observer.observe(entry)
        self._places.observe(turn.entries)

    async def _renew_after(self, age_ms: int, writer: Writer) -> bool:
        """Renew a lease that is so old; without it nothing may be done. True when it was.

        Raises:
            FencedOut: It is lost.
        """
        if asyncio.get_running_loop().time() < self._renewed_s + age_ms / 1000:
            return False
        await self._renew(writer)
        return True

    async def _look_around(self, writer: Writer) -> None:
        """Look which hubs live, and make room for the one that comes first here.

        Whoever did not take the shard when it was left is not waited for again for a while; nor is
        whoever was just taken over from, who counts as alive until its time runs out.
        """
        hubs = may_take_over_from(self.hub, await self._look(writer))
        is_time = asyncio.get_running_loop().time() >= self._may_yield_s
        if is_time and place_of(self.hub, hubs, shard=self._name) > 0:
            self._keep_for(self._limits.yield_ms)
            self._is_yielding = True

    async def _look(self, writer: Writer) -> Collection[HubId]:
        """Note which hubs are gone, and what was in doubt until now; those that live."""
        self._looked_s = self._now_s()
        alive = await writer.doubts.look(writer.kernel, writer.now_ms())
        connected = writer.kernel.state.connected
        lost = [HubId(name) for name in connected if name not in alive]
        for hub in dict.fromkeys((*lost, *self._seen.missing(alive))):
            await self._commit(writer, await writer.begin(HubLost(hub=hub)))
        for hub in lost:
            _log.warning("hub.lost", tenant=self._name, hub=hub)
        self._seen.forget(writer.at_ms)
        return alive

    def _keep_for(self, time_ms: int) -> None:
        """Leave the shard to nobody for a while, unless for longer already."""
        until_s = asyncio.get_running_loop().time() + time_ms / 1000
        self._may_yield_s = max(self._may_yield_s, until_s)

    async def _renew(self, writer: Writer) -> None:
        asked_s = asyncio.get_running_loop().time()
        await self._engine.renew(
            writer.lease, alive_at_ms=writer.now_ms(), ttl_ms=self._limits.ttl_ms
        )
        self._renewed_s = asked_s
        pair = writer.kernel.state.floor.next_pair(writer.kernel.state.shard.at_ms)
        unmatched = None if pair is None else writer.kernel.state.contacts[pair.contact].queue
        self._observer.unmatched(unmatched)
        self._reconciler.look(writer.kernel.state)

    async def _tell_places(self, writer: Writer) -> None:
        now_s = asyncio.get_running_loop().time()
        changed = self._places.due(now_s, writer.kernel.stands)
        if changed is not None:
            await self._engine.signal(changed)

    async def _leave(self, writer: Writer) -> None:
        """Answer what was asked before the stop, and let the next writer in at once."""
        for _ in range(self._limits.turns_left_max):
            if not await self._turn(writer, is_last=True):
                break
        with suppress(EngineError):  # the next writer would count the time since the last one
            await self._renew(writer)
        with suppress(EngineError):  # the next writer takes the lease from a dead one as well
            await self._engine.release(writer.lease)
        _log.info("lease.released", tenant=self._name, epoch=writer.lease.epoch)

"""A shard at work on a memory engine: a clock that the test moves, a client, and a kernel to break.

Crashing is canceling the loop: nothing is said good-bye to, the engine keeps what was committed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import TypeVar

from presence import Connection
from router.kernel.errors import Refusal
from router.kernel.ids import AgentId, ContactId, CustomerId, HubId, TokenHash
from router.kernel.messages import (
    AnyCommand,
    AnyResult,
    AttachAgent,
    AttachCustomer,
    ChatStarted,
    Configure,
    CustomerSeen,
    SetPresence,
    StartChat,
)
from router.kernel.model import OfferRecord
from router.shard.client import Answered, ShardClient, digest_of
from router.shard.engine import Batch, Entry, Lease, Position
from router.shard.loop import Shard
from router.shard.memory import MemoryEngine
from router.shard.writer import ShardLimits
from tests.support.hubs import Living
from tests.support.kernel import (
    DESKS,
    SHOP,
    START_MS,
    TABS,
    a_body,
    a_configuration,
    an_agent,
    desktop,
)

EventT = TypeVar("EventT")

QUICK = ShardLimits(
    tick_ms=2, ttl_ms=30, settle_ms=60_000, retry_ms_min=1, retry_ms_max=2, places_ms=1
)
"""Pauses of a few ms, on a clock that nobody waits for; nothing is left to another hub."""

HUB = HubId("hub")


class Running:
    """One engine, and one shard after another on it.

    Attributes:
        now_ms: The clock; a test moves it.
        entries: Every entry of the log.
    """

    def __init__(self, *agents: AgentId, limits: ShardLimits = QUICK) -> None:
        """Prepare a tenant whose agents serve support."""
        self.engine = MemoryEngine()
        self.now_ms = START_MS
        self.entries: list[Entry] = []
        self.limits = limits
        profiles = tuple(an_agent(agent) for agent in agents)
        configuration = a_configuration()
        self.configure = Configure(
            configuration=configuration,
            agents=profiles,
            digest=digest_of(configuration, profiles),
        )
        self.client = ShardClient(
            self.engine, hub=HUB, hash_key=b"key", timeout_ms=5_000, pending_max=100
        )
        self.hubs = Living(HUB, DESKS, TABS)
        self.shard = self.make_shard()
        self._nonces = count(1)
        self._is_configured = False
        self._task: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None

    def make_shard(self) -> Shard:
        """A shard that has written nothing yet."""
        return Shard(
            self.engine,
            name="main",
            holder="test",
            hub=HUB,
            clock=lambda: self.now_ms,
            nonce=lambda: next(self._nonces).to_bytes(16, "big"),
            hubs=self.hubs,
            limits=self.limits,
        )

    async def start(self) -> None:
        """Let a new shard write, and wait until it does."""
        if self._following is None:
            self._following = asyncio.create_task(self._follow())
        self.shard = self.make_shard()
        self._task = asyncio.create_task(self.shard.run())
        await self.until(lambda: self.shard.is_writing)
        if not self._is_configured:
            self._is_configured = True
            await self.client.submit(self.configure)

    async def crash(self) -> None:
        """End the loop where it stands."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def stop(self) -> None:
        """End the loop in good order."""
        assert self._task is not None, "it was started"
        self.shard.stop()
        async with asyncio.timeout(5):
            await self._task
        self._task = None

    async def close(self) -> None:
        """End everything."""
        await self.crash()
        if self._following is not None:
            self._following.cancel()

    async def _follow(self) -> None:
        async for entry in self.engine.follow(Position(0)):
            self.entries.append(entry)
            self.client.resolve(entry.answers)

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Wait for a condition that the loop makes true."""
        async with asyncio.timeout(5):
            while not is_true():  # noqa: ASYNC110 - the product has no event for each condition
                await asyncio.sleep(0.001)

    # -- asking ------------------------------------------------------------------------------

    async def ask(self, command: AnyCommand, request_id: str | None = None) -> Answered:
        """Submit as one author."""
        return await self.client.submit(command, author="agent:anna", request_id=request_id)

    async def accepted(self, command: AnyCommand) -> AnyResult:
        """Submit what must not be refused."""
        answered = await self.ask(command)
        assert not isinstance(answered.result, Refusal), answered.result
        return answered.result

    async def sign_in(self, agent: AgentId) -> None:
        """An agent connects and becomes available."""
        await self.accepted(AttachAgent(agent=agent, connection=desktop(agent)))
        await self.accepted(SetPresence(agent=agent, state="available"))

    async def visit(self, name: str = "kim") -> CustomerId:
        """A customer opens the site."""
        result = await self.accepted(
            AttachCustomer(
                connection=Connection(TABS, name),
                entry_point=SHOP,
                fresh_token=TokenHash(name),
            )
        )
        assert isinstance(result, CustomerSeen)
        return result.customer

    async def chat(self, name: str = "kim") -> ContactId:
        """A customer comes and starts a chat."""
        result = await self.accepted(start_chat(await self.visit(name)))
        assert isinstance(result, ChatStarted)
        return result.contact

    # -- looking -----------------------------------------------------------------------------

    def events(self, kind: type[EventT]) -> list[EventT]:
        """Everything of one kind that was published."""
        events = (event for entry in self.entries for event in entry.events)
        return [event for event in events if isinstance(event, kind)]

    def batches_of_commits(self) -> list[Batch]:
        """Every batch that is committed from now on; grows as they are."""
        batches: list[Batch] = []
        commit = self.engine.commit

        async def noting(batch: Batch, *, lease: Lease) -> None:
            batches.append(batch)
            await commit(batch, lease=lease)

        setattr(self.engine, "commit", noting)  # noqa: B010 - one of the contract's calls
        return batches

    def leases(self) -> list[str]:
        """Who takes the lease from now on; grows as it is taken."""
        holders: list[str] = []
        acquire = self.engine.acquire

        async def noting(holder: str, *, ttl_ms: int) -> Lease:
            holders.append(holder)
            return await acquire(holder, ttl_ms=ttl_ms)

        setattr(self.engine, "acquire", noting)  # noqa: B010 - one of the contract's calls
        return holders

    def sizes_of_commits(self) -> list[int]:
        """How many entries each commit from now on has; grows as they are made."""
        sizes: list[int] = []
        commit = self.engine.commit

        async def counting(batch: Batch, *, lease: Lease) -> None:
            sizes.append(len(batch.entries))
            await commit(batch, lease=lease)

        setattr(self.engine, "commit", counting)  # noqa: B010 - one of the contract's calls
        return sizes

    def offers(self) -> list[OfferRecord]:
        """Each offer as last published."""
        found = {
            record.id: record
            for entry in self.entries
            for record in entry.records
            if isinstance(record, OfferRecord)
        }
        return list(found.values())


def start_chat(customer: CustomerId) -> StartChat:
    """A customer's first word."""
    return StartChat(customer=customer, entry_point=SHOP, body=a_body())


@asynccontextmanager
async def running(*agents: AgentId, limits: ShardLimits = QUICK) -> AsyncGenerator[Running]:
    """A shard at work, and nothing left over afterwards."""
    it = Running(*agents, limits=limits)
    await it.start()
    try:
        yield it
    finally:
        await it.close()

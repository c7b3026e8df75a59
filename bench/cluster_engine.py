"""What Redis and a takeover cost, with a shard's own loop on a real server and no sockets.

The processor time is that of Redis as it says itself, and of this process.
"""

import asyncio
import gc
import itertools
import secrets
from pathlib import Path
from time import perf_counter, process_time, time
from typing import NamedTuple

from bench.cluster_replay import Recorder, Replay, Replayed, main_thread_s
from bench.load import TEXTS
from masking.text import own_text
from presence import Connection
from router.hub.tasks import Tasks
from router.kernel.configuration import Agent, Configuration, EntryPoint, Queue, WrapupCode
from router.kernel.errors import Refusal
from router.kernel.ids import (
    AgentId,
    CodeId,
    ConversationId,
    CustomerId,
    EntryPointId,
    HubId,
    QueueId,
    TokenHash,
)
from router.kernel.kernel import Kernel
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AnyResult,
    AttachAgent,
    AttachCustomer,
    ChatStarted,
    Configure,
    CustomerSeen,
    OfferMade,
    SendCustomerMessage,
    SetPresence,
    StartChat,
)
from router.kernel.model import Body, ContactRecord
from router.shard.client import ShardClient, digest_of
from router.shard.engine import Position
from router.shard.loop import Shard
from router.shard.redis_server import Server
from router.shard.redis_store import RedisHubs, RedisStore
from tests.support.redis import RedisServer

AT_ONCE = 64
"""Commands that are asked together, so that they are one entry of the inbox and one commit."""

BATCHES = 10
"""In one turn; more would make the conversations longer than people's are."""

CHATS_EACH = 10
"""Of one agent."""

HUB = HubId("bench")
ENTRY = EntryPointId("shop")
QUEUE = QueueId("support")
HELLO = Body(own_text("Hello, where is my order?"))
EVERYSEC = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")


class Talk(NamedTuple):
    """A chat that was accepted."""

    customer: CustomerId
    conversation: ConversationId


class Usage(NamedTuple):
    """Processor time so far, in seconds: of Redis's main thread, and of this process."""

    redis_s: float
    own_s: float


class OneShard:
    """One tenant with chats under way, its writer and one follower."""

    def __init__(self, store: RedisStore, engine: Recorder, tasks: Tasks) -> None:
        """Nothing happens until `begin`."""
        self.engine = engine
        self.talks: list[Talk] = []
        self.store = store
        self.tasks = tasks
        self._client = ShardClient(
            engine, hub=HUB, hash_key=b"key", timeout_ms=30_000, pending_max=10_000
        )
        self._shard = Shard(
            engine,
            name="bench",
            holder="bench",
            hub=HUB,
            clock=lambda: int(time() * 1_000),
            nonce=lambda: secrets.token_bytes(16),
            hubs=RedisHubs(store),
        )
        self._offers: asyncio.Queue[OfferMade] = asyncio.Queue()
        self._texts = itertools.cycle(TEXTS)
        self._asked = itertools.count()

    @classmethod
    async def open(cls, url: str, tasks: Tasks) -> "OneShard":
        """Open a tenant of its own on a server."""
        store = await RedisStore.open(Server(url), start=tasks.start)
        engine = Recorder(store, "bench")
        await engine.begin()
        return cls(store, engine, tasks)

    async def begin(self, agents_max: int) -> None:
        """Write and follow, and let agents come."""
        await RedisHubs(self.store).announce(HUB, ttl_ms=600_000)
        self.tasks.keep("write", self._shard.run())
        self.tasks.keep("follow", self._follow())
        agents = tuple(
            Agent(id=AgentId(f"agent{n}"), queues=(QUEUE,), capacity=CHATS_EACH)
            for n in range(agents_max)
        )
        configuration = Configuration(
            entry_points=(EntryPoint(id=ENTRY, queue=QUEUE),),
            queues=(Queue(id=QUEUE, offer_timeout_ms=86_400_000),),
            wrapup_codes=(WrapupCode(id=CodeId("done")),),
        )
        digest = digest_of(configuration, agents)
        await self._ask(Configure(configuration=configuration, agents=agents, digest=digest))
        for agent in agents:
            await self._ask(AttachAgent(agent=agent.id, connection=Connection(HUB, agent.id)))
            await self._ask(SetPresence(agent=agent.id, state="available"))

    async def talk(self, chats: int) -> None:
        """Let customers come, so that there are that many whose chats were accepted."""
        for start in range(len(self.talks), chats, AT_ONCE):
            names = range(start, min(start + AT_ONCE, chats))
            self.talks += await asyncio.gather(*(self._talk(f"tab{n}") for n in names))

    async def _talk(self, name: str) -> Talk:
        seen = await self._ask(
            AttachCustomer(
                connection=Connection(HUB, name), entry_point=ENTRY, fresh_token=TokenHash(name)
            )
        )
        assert isinstance(seen, CustomerSeen)
        started = await self._ask(StartChat(customer=seen.customer, entry_point=ENTRY, body=HELLO))
        assert isinstance(started, ChatStarted)
        offer = (await self._offers.get()).offer
        desktop = Connection(HUB, offer.agent)
        await self._ask(AcceptOffer(agent=offer.agent, offer=offer.id, connection=desktop))
        return Talk(seen.customer, started.conversation)

    async def _follow(self) -> None:
        async for entry in self.engine.follow(Position(0)):
            for event in entry.events:
                if isinstance(event, OfferMade):
                    self._offers.put_nowait(event)
            self._client.resolve(entry.answers)

    async def _ask(self, command: AnyCommand, *, author: str | None = None) -> AnyResult:
        request = None if author is None else f"{next(self._asked)}"
        answered = await self._client.submit(command, author=author, request_id=request)
        assert not isinstance(answered.result, Refusal), answered.result
        return answered.result

    async def write_at_once(self, first: int, *, has_ids: bool) -> None:
        """Let customers write a message each, all in one moment, and wait for all answers."""
        talks = itertools.islice(itertools.cycle(self.talks), first, first + AT_ONCE)
        await asyncio.gather(
            *(
                self._ask(
                    SendCustomerMessage(
                        customer=talk.customer,
                        entry_point=ENTRY,
                        conversation=talk.conversation,
                        body=Body(own_text(next(self._texts).decode())),
                    ),
                    author=str(talk.customer) if has_ids else None,
                )
                for talk in talks
            )
        )

    async def usage(self) -> Usage:
        """What was used so far."""
        return Usage(await main_thread_s(self.store.link), process_time())

    async def end(self) -> None:
        """Close everything."""
        self._shard.stop()
        await self.tasks.ended("write", within_s=5)
        await self.tasks.stop()
        await self.engine.close()
        await self.store.close()


class Cost(NamedTuple):
    """Microseconds of processor time for one command."""

    redis_us: float
    own_us: float


async def commands(shard: OneShard, *, rounds: int, has_ids: bool) -> Cost:
    """The cost of a message when 64 are asked in one moment."""
    began = await shard.usage()
    for number in range(rounds):
        await shard.write_at_once(number * AT_ONCE % len(shard.talks), has_ids=has_ids)
    ended = await shard.usage()
    each = 1e6 / (rounds * AT_ONCE)
    return Cost((ended.redis_s - began.redis_s) * each, (ended.own_s - began.own_s) * each)


class Reload(NamedTuple):
    """What a takeover reads, and how long that took this process: its own time, and on a clock."""

    contacts: int
    own_ms: float
    took_ms: float


async def reload(shard: OneShard) -> Reload:
    """Load the hot records and make a kernel of them, as whoever takes over does."""
    gc.collect()
    began_s, own_s = perf_counter(), process_time()
    loaded = await shard.engine.load()
    kernel = Kernel(loaded.records)
    took_ms, own_ms = (perf_counter() - began_s) * 1e3, (process_time() - own_s) * 1e3
    kernel.check()
    live = [
        one for one in loaded.records if isinstance(one, ContactRecord) and one.state != "closed"
    ]
    assert len(live) == len(shard.talks), "every chat is live"
    return Reload(len(live), own_ms, took_ms)


class Found(NamedTuple):
    """The best of several turns."""

    replayed: Replayed
    bare: Cost
    with_ids: Cost
    reload: Reload


async def engine_costs(folder: Path, *, rounds: int, contacts: int) -> Found:
    """Measure commands on 200 chats, then reloads of that many live contacts."""
    with RedisServer(folder, *EVERYSEC) as redis:
        shard = await OneShard.open(redis.url, Tasks())
        await shard.begin(-(-contacts // CHATS_EACH))
        await shard.talk(200)
        costs: dict[bool, list[Cost]] = {False: [], True: []}
        turns: list[range] = []
        for _ in range(rounds):
            first = len(shard.engine.batches)
            costs[False].append(await commands(shard, rounds=BATCHES, has_ids=False))
            turns.append(range(first, len(shard.engine.batches)))
            costs[True].append(await commands(shard, rounds=BATCHES, has_ids=True))
        await shard.talk(contacts)
        reloads = [await reload(shard) for _ in range(rounds)]
        await shard.end()
        replay = Replay(redis.port, shard.engine)
        replayed = replay.run(turns)
        replay.close()
    return Found(
        min(replayed), min(costs[False]), min(costs[True]), min(reloads, key=lambda one: one.own_ms)
    )

"""A shard on a real store: a restart and a full disk, seen from a hub."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from presence import Connection
from router.kernel.errors import Refusal
from router.kernel.ids import HubId, TokenHash
from router.kernel.messages import AttachCustomer, ChatStarted, Configure, CustomerSeen, StartChat
from router.shard.client import Answered, ShardClient
from router.shard.loop import Shard
from router.shard.sqlite import SqliteEngine
from router.shard.writer import ShardLimits
from tests.support.hubs import Living
from tests.support.kernel import SHOP, START_MS, TABS, a_body, a_configuration

HUB = HubId("hub")
LIMITS = ShardLimits(tick_ms=5, retry_ms_min=1, retry_ms_max=5)


@asynccontextmanager
async def a_hub(path: Path) -> AsyncGenerator[tuple[SqliteEngine, ShardClient]]:
    """A store, its writer, and a client whose answers are delivered; closed in good order."""
    engine = await SqliteEngine.open(path)
    nonces = count(1)
    configure = Configure(configuration=a_configuration(), agents=(), digest="1")
    shard = Shard(
        engine,
        name="main",
        holder="test",
        hub=HUB,
        clock=lambda: START_MS,
        nonce=lambda: next(nonces).to_bytes(16, "big"),
        hubs=Living(HUB, TABS),
        limits=LIMITS,
    )
    client = ShardClient(engine, hub=HUB, hash_key=b"key", timeout_ms=5_000, pending_max=10)
    position = (await engine.load()).position

    async def follow() -> None:
        async for entry in engine.follow(position):
            client.resolve(entry.answers)

    writing = asyncio.create_task(shard.run())
    following = asyncio.create_task(follow())
    await client.submit(configure)
    try:
        yield engine, client
    finally:
        shard.stop()
        await writing
        following.cancel()
        await engine.close()


async def start_chat(client: ShardClient) -> Answered:
    """Come back with the same token, and ask for a chat under the same id each time."""
    attached = await client.submit(
        AttachCustomer(
            connection=Connection(TABS, "kim"),
            entry_point=SHOP,
            token=TokenHash("kim"),
            fresh_token=TokenHash("kim"),
        )
    )
    assert isinstance(attached.result, CustomerSeen)
    return await client.submit(
        StartChat(customer=attached.result.customer, entry_point=SHOP, body=a_body()),
        author=f"customer:{attached.result.customer}",
        request_id="one",
    )


async def test_a_chat_and_its_answer_are_there_after_a_restart(tmp_path: Path) -> None:
    """The customer's second try finds the chat that the first one started."""
    path = tmp_path / "store.db"
    async with a_hub(path) as (_, client):
        first = await start_chat(client)
    async with a_hub(path) as (engine, client):
        again = await start_chat(client)
        assert isinstance(first.result, ChatStarted)
        page = await engine.transcript(first.result.conversation)

    assert again == first._replace(is_repeat=True)
    assert [message.seq for message in page.messages] == [1]


async def test_a_command_waits_out_a_full_disk(tmp_path: Path) -> None:
    """Nothing is half done meanwhile, and nobody has to restart anything."""
    async with a_hub(tmp_path / "store.db") as (engine, client):
        await start_chat(client)
        await engine.limit(1)
        many = [
            asyncio.create_task(
                client.submit(
                    AttachCustomer(
                        connection=Connection(TABS, f"tab-{n}"),
                        entry_point=SHOP,
                        fresh_token=TokenHash(f"{n}-" + "x" * 20_000),
                    )
                )
            )
            for n in range(3)
        ]
        _, waiting = await asyncio.wait(many, timeout=0.1)
        await engine.limit(1_000_000)
        answered = await asyncio.gather(*many)

    assert len(waiting) == 3
    assert not any(isinstance(one.result, Refusal) for one in answered)

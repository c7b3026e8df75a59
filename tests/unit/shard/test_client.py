"""How a hub asks: hashes, bounds, time limits, and whose answers it takes."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from presence import Connection
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import (
    ConversationId,
    CustomerId,
    EntryPointId,
    HubId,
    OfferId,
    TokenHash,
)
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AttachCustomer,
    Done,
    SendCustomerMessage,
    SetPresence,
    StartChat,
)
from router.shard.client import (
    BEHIND_COMMANDS,
    CROWDED_COMMANDS,
    RETRY_MS,
    Answered,
    ShardClient,
    digest_of,
    request_of,
)
from router.shard.engine import Answer, Cursor, Envelope, Request
from router.shard.memory import MemoryEngine
from tests.support.kernel import (
    ANNA,
    BO,
    a_body,
    a_configuration,
    a_sealed,
    an_agent,
    an_identity,
)
from tests.support.virtual_loop import VirtualLoop

HUB = HubId("hub")
AVAILABLE = SetPresence(agent=ANNA, state="available")


def client(engine: MemoryEngine, *, timeout_ms: int = 5_000, pending_max: int = 10) -> ShardClient:
    """A client of one hub."""
    return ShardClient(
        engine, hub=HUB, hash_key=b"key", timeout_ms=timeout_ms, pending_max=pending_max
    )


def requested(
    command: AnyCommand, *, author: str = "agent:anna", request_id: str = "1", key: bytes = b"key"
) -> Request:
    """What is kept of a request."""
    return request_of(command, author=author, request_id=request_id, hash_key=key)


async def test_a_command_is_answered_by_its_number() -> None:
    """Answers of other hubs and to other commands are somebody else's."""
    engine = MemoryEngine()
    asking = client(engine)
    first = asyncio.create_task(asking.submit(AVAILABLE))
    second = asyncio.create_task(asking.submit(AVAILABLE))
    await asyncio.sleep(0)
    asking.resolve(
        [
            Answer(hub=HubId("other"), n=1, result=Done(), at_ms=1),
            Answer(hub=HUB, n=2, result=Done(), at_ms=2, is_repeat=True),
            Answer(hub=HUB, n=3, result=Done(), at_ms=3),
        ]
    )

    assert await second == Answered(Done(), at_ms=2, is_repeat=True)
    assert not first.done()
    first.cancel()


async def test_commands_reach_the_inbox_in_the_order_of_the_calls() -> None:
    """One client's commands take effect in the order it sent them."""
    engine = MemoryEngine()
    asking = client(engine)
    tasks = [asyncio.create_task(asking.submit(AVAILABLE)) for _ in range(5)]
    await asyncio.sleep(0)
    read = await engine.read(Cursor(0), limit=10, wait_ms=0)
    for task in tasks:
        task.cancel()

    assert [envelope.n for envelope in read] == [1, 2, 3, 4, 5]


async def test_without_an_answer_in_time_it_is_unavailable() -> None:
    """A client is told to try again rather than left waiting; a late answer is dropped."""
    asking = client(MemoryEngine(), timeout_ms=1)
    answered = await asking.submit(AVAILABLE)
    asking.resolve([Answer(hub=HUB, n=1, result=Done(), at_ms=1)])

    assert isinstance(answered.result, Refusal)
    assert answered.result.code == RefusalCode.UNAVAILABLE
    assert answered.result.details == {"retry_after_ms": RETRY_MS}


async def test_a_full_inbox_and_too_many_waiting_are_unavailable() -> None:
    """Nothing grows without bound."""
    full = client(MemoryEngine(inbox_max=0))
    busy = client(MemoryEngine(), pending_max=0)
    answers = [await full.submit(AVAILABLE), await busy.submit(AVAILABLE)]

    assert all(
        isinstance(answered.result, Refusal) and answered.result.code == RefusalCode.UNAVAILABLE
        for answered in answers
    )


async def test_a_client_is_behind_when_much_waits() -> None:
    """New chats are refused then, later messages too, so that what goes on still passes."""
    engine = MemoryEngine()
    asking = client(engine)
    seen: list[tuple[bool, bool]] = []
    n = 0
    for edge in (0, BEHIND_COMMANDS, BEHIND_COMMANDS + 1, CROWDED_COMMANDS, CROWDED_COMMANDS + 1):
        while n < edge:
            n += 1
            await engine.submit(Envelope(hub=HubId("other"), n=n, command=AVAILABLE))
        seen.append((asking.is_behind, asking.is_crowded))

    assert seen == [(False, False), (False, False), (True, False), (True, False), (True, True)]


def test_a_client_is_behind_when_somebody_waits_for_long() -> None:
    """A store that does not answer has no depth to tell; one that is given up on is no sign."""
    behind: dict[float, bool] = {}

    async def wait() -> None:
        loop = asyncio.get_running_loop()
        asking = client(MemoryEngine(), timeout_ms=5_000)
        asked = asyncio.create_task(asking.submit(AVAILABLE))
        for at_s in (1.9, 2.1, 4.9, 5.1):
            await asyncio.sleep(at_s - loop.time())
            behind[at_s] = asking.is_behind
        await asked

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(wait())

    assert behind == {1.9: False, 2.1: True, 4.9: True, 5.1: False}


async def test_who_begins_anew_still_hears_what_was_asked_before() -> None:
    """What took effect is acked, also when the hub was counted as lost meanwhile."""
    engine = MemoryEngine()
    asker = client(engine)
    before = asyncio.create_task(asker.submit(AVAILABLE))
    await asyncio.sleep(0)
    asker.begin_anew(HubId("anew"))
    after = asyncio.create_task(asker.submit(AVAILABLE))
    await asyncio.sleep(0)
    first, second = await engine.read(Cursor(0), limit=2, wait_ms=0)
    asker.resolve(
        [Answer(hub=each.hub, n=each.n, result=Done(), at_ms=1) for each in (first, second)]
    )

    assert (first.hub, second.hub) == (HUB, "anew")
    assert (await before).result == (await after).result == Done()


def test_a_request_is_named_by_author_and_id() -> None:
    """Two customers may choose the same id; one may not reach the other's answer."""
    keys = {
        requested(AVAILABLE).key,
        requested(AVAILABLE, author="customer:anna").key,
        requested(AVAILABLE, request_id="2").key,
        requested(AVAILABLE, key=b"another tenant").key,
        requested(AVAILABLE, author="agent:", request_id="anna1").key,
    }

    assert len(keys) == 5


def test_the_same_command_from_elsewhere_has_the_same_body() -> None:
    """A reconnect changes the socket and perhaps the entry point, not what is asked."""
    accept = AcceptOffer(agent=ANNA, offer=OfferId("o"), connection=Connection("hub", "1"))
    send = SendCustomerMessage(
        customer=CustomerId("kim"),
        entry_point=EntryPointId("shop"),
        conversation=ConversationId("talk"),
        body=a_body(),
    )
    moved_accept = replace(accept, connection=Connection("hub-2", "2"))
    moved_send = replace(send, entry_point=EntryPointId("shop-2"))

    assert requested(moved_accept) == requested(accept)
    assert requested(moved_send) == requested(send)


def a_form(*, nonce: bytes, email: str = "kim@private") -> StartChat:
    """A chat with an address, sealed just now."""
    return StartChat(
        customer=CustomerId("kim"),
        entry_point=EntryPointId("shop"),
        sealed_email=a_sealed(email, nonce=nonce),
    )


def an_attachment(*, nonce: bytes, email: str = "kim@private") -> AttachCustomer:
    """A customer with a signed address, sealed just now."""
    return AttachCustomer(
        connection=Connection("hub", "1"),
        entry_point=EntryPointId("shop"),
        fresh_token=TokenHash("fresh"),
        identity=replace(an_identity(), sealed_email=a_sealed(email, nonce=nonce)),
    )


@pytest.mark.parametrize("make", [a_form, an_attachment])
def test_the_same_address_sealed_again_is_the_same_request(
    make: Callable[..., AnyCommand],
) -> None:
    """Each sealing is another; a client that asks again must not hear of a conflict."""
    first = requested(make(nonce=b"1"))

    assert requested(make(nonce=b"2")) == first
    assert requested(make(nonce=b"1", email="other@private")).body != first.body


def test_another_command_has_another_body() -> None:
    """Otherwise the second would be answered as if it were the first."""
    bodies = {
        requested(AVAILABLE).body,
        requested(replace(AVAILABLE, state="idle")).body,
        requested(replace(AVAILABLE, agent=BO)).body,
    }

    assert len(bodies) == 3


def test_a_digest_names_a_configuration() -> None:
    """The same file read again is no change."""
    agents = (an_agent(ANNA, skills={"swedish": 1, "billing": 2}),)
    same = (an_agent(ANNA, skills={"billing": 2, "swedish": 1}),)

    assert digest_of(a_configuration(), agents) == digest_of(a_configuration(), same)
    assert digest_of(a_configuration(), agents) != digest_of(a_configuration(), ())

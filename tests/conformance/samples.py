"""Small records, messages and batches that say only what a test is about."""

import asyncio
from collections.abc import AsyncIterator

from masking.text import MaskedText, SealedText
from queues import Rank
from router.kernel.ids import (
    AgentId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    HubId,
    MessageId,
    QueueId,
    RevealId,
)
from router.kernel.messages import AnyEvent, AnyResult, Done, HubLost
from router.kernel.model import (
    AddressRecord,
    AnyRecord,
    Body,
    ContactRecord,
    ContactState,
    CustomerRecord,
    ExternalRecord,
    Message,
    Person,
    RevealRecord,
    ShardRecord,
)
from router.shard.engine import (
    Batch,
    Closing,
    Cursor,
    Engine,
    Entry,
    Envelope,
    Kept,
    Lease,
    Position,
    Request,
    Row,
    Signal,
)

HUB = HubId("hub-1")
ANNA = AgentId("anna")
TALK = ConversationId("talk")

START = Cursor(0)

TTL_MS = 60_000
"""Longer than any test: a lease ends when a test says so."""


def contact(
    name: str, *, state: ContactState = "queued", ended_at_ms: int | None = None
) -> ContactRecord:
    """A contact of which only the name and the state matter."""
    return ContactRecord(
        id=ContactId(name),
        conversation=TALK,
        entry_point=EntryPointId("shop"),
        queue=QueueId("support"),
        state=state,
        customer=Person(id=CustomerId("customer")),
        rank=Rank(0, 1, 0, 1),
        created_at_ms=0,
        queued_at_ms=0,
        first_seq=1,
        ended_at_ms=ended_at_ms,
    )


def external(name: str, customer: str = "customer") -> ExternalRecord:
    """A record that is never hot."""
    return ExternalRecord(id=name, customer=CustomerId(customer))


def sealed_records() -> tuple[CustomerRecord, AddressRecord, RevealRecord, ShardRecord]:
    """A customer with sealed bytes of every value, who is found by them, and who saw them."""
    kim = CustomerId("kim")
    sealed = SealedText(key="k", nonce=bytes(12), ciphertext=bytes(range(256)), digest="d")
    return (
        CustomerRecord(
            id=kim, person=Person(id=kim), entry_point=EntryPointId("shop"), sealed_phone=sealed
        ),
        AddressRecord(id="phone:d", customers=(kim, CustomerId("kit"))),
        RevealRecord(
            id=RevealId("reveal"),
            agent=ANNA,
            contact=ContactId("contact"),
            customer=kim,
            field="phone",
            reason=MaskedText("to call back"),
            at_ms=1,
        ),
        ShardRecord(serial=1, at_ms=1, hash_key="0f" * 32),
    )


def hot(record: AnyRecord) -> Row:
    """A row that is loaded at start."""
    return Row(record=record, is_hot=True)


def cold(record: AnyRecord, *, expires_at_ms: int | None = None) -> Row:
    """A row that is fetched when it is named."""
    return Row(record=record, is_hot=False, expires_at_ms=expires_at_ms)


def message(seq: int, text: str = "hello", *, conversation: ConversationId = TALK) -> Message:
    """A line of a transcript."""
    return Message(
        conversation=conversation,
        contact=ContactId("contact"),
        seq=seq,
        id=MessageId(f"message-{seq}"),
        at_ms=seq,
        role="customer",
        body=Body(MaskedText(text)),
    )


def closing(name: str, ended_at_ms: int, agent: AgentId = ANNA) -> Closing:
    """A contact in an agent's list."""
    return Closing(agent=agent, contact=ContactId(name), ended_at_ms=ended_at_ms)


def kept(key: bytes, *, expires_at_ms: int = 1_000, result: AnyResult | None = None) -> Kept:
    """A kept answer."""
    return Kept(
        request=Request(key, b"body"),
        result=result or Done(),
        at_ms=1,
        expires_at_ms=expires_at_ms,
    )


def envelope(n: int, *, hub: HubId = HUB) -> Envelope:
    """A command of a hub; which one does not matter to an engine."""
    return Envelope(hub=hub, n=n, command=HubLost(hub=HubId(f"lost-{n}")))


def entry(position: int, *records: AnyRecord) -> Entry:
    """A step of the log."""
    return Entry(position=Position(position), at_ms=position, records=records)


def telling(position: int, *events: AnyEvent) -> Entry:
    """A step in which things happened, mostly one."""
    return Entry(position=Position(position), at_ms=position, events=events)


def batch(
    *rows: Row,
    previous: int = 0,
    cursor: int | None = None,
    at_ms: int = 1,
    entries: tuple[Entry, ...] = (),
    messages: tuple[Message, ...] = (),
    answers: tuple[Kept, ...] = (),
    closings: tuple[Closing, ...] = (),
    seen: dict[HubId, int] | None = None,
    lost: tuple[HubId, ...] = (),
) -> Batch:
    """A batch that takes nothing from the inbox unless told."""
    return Batch(
        previous=Cursor(previous),
        cursor=Cursor(previous if cursor is None else cursor),
        at_ms=at_ms,
        entries=entries,
        rows=rows,
        messages=messages,
        kept=answers,
        closings=closings,
        seen=seen or {},
        lost=lost,
    )


async def written(engine: Engine, *batches: Batch) -> Lease:
    """Acquire the lease and commit batches, in order."""
    lease = await engine.acquire("writer", ttl_ms=TTL_MS)
    for one in batches:
        await engine.commit(one, lease=lease)
    return lease


async def first_entries(followed: AsyncIterator[Entry], count: int) -> list[Entry]:
    """The next entries; a test that waits for too many fails by the time limit."""
    async with asyncio.timeout(5):
        return [await anext(followed) for _ in range(count)]


async def first_signals(followed: AsyncIterator[Signal], count: int) -> list[Signal]:
    """The next signals, as `first_entries`."""
    async with asyncio.timeout(5):
        return [await anext(followed) for _ in range(count)]

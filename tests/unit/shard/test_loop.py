"""The loop: what happens at takeover, to commands, to deadlines, and after faults and bugs."""

import asyncio
from collections.abc import Sequence
from typing import get_args

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY

from presence import Connection
from router.kernel.deadlines import Deadline
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import ConversationId, CustomerId, HubId
from router.kernel.kernel import Kernel, Step
from router.kernel.messages import (
    AcceptOffer,
    AgentAttached,
    AgentDetached,
    AnyCommand,
    AttachAgent,
    ChatStarted,
    Configured,
    ContactEnded,
    ContactOpened,
    DetachAgent,
    DetachCustomer,
    EndChat,
    HubLost,
    MessageWritten,
    OfferClosed,
    ReadAsCustomer,
    SendCustomerMessage,
    SetPresence,
)
from router.kernel.moment import Moment
from router.shard.doubts import Doubts
from router.shard.engine import (
    Batch,
    Cursor,
    Entry,
    Envelope,
    FencedOut,
    Lease,
    LeaseTaken,
    Loaded,
    NewerFormat,
    OutcomeUnknown,
    Position,
    Stand,
    Standings,
)
from router.shard.hubs import OneHub
from router.shard.memory import Fault, MemoryEngine
from router.shard.seen import SEEN_KEPT_MS, Seen
from router.shard.shares import place_of
from router.shard.writer import Mishaps, Writer
from tests.support.kernel import (
    ANNA,
    BO,
    DESKS,
    OFFER_MS,
    POLICY,
    SALES,
    SHOP,
    START_MS,
    TABS,
    a_body,
    desktop,
)
from tests.unit.shard.running import HUB, QUICK, Running, running, start_chat


def set_idle() -> SetPresence:
    """A command that is accepted from a connected agent."""
    return SetPresence(agent=ANNA, state="idle")


# -- start and stop --------------------------------------------------------------------------


async def test_the_first_start_puts_the_configuration_in_force_once() -> None:
    """A later start with the same file changes nothing, so it tells nobody anything."""
    async with running(ANNA) as it:
        await it.crash()
        await it.start()

        assert len(it.events(Configured)) == 1


async def test_time_without_a_writer_moves_every_deadline() -> None:
    """A crash must never look like an agent who did not answer."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.chat()
        before = it.offers()[0]
        await it.crash()
        it.now_ms += 60_000
        await it.start()
        await it.until(lambda: it.offers()[0].expires_at_ms > before.expires_at_ms)

        assert it.offers()[0].outcome is None
        assert it.offers()[0].expires_at_ms >= it.now_ms + OFFER_MS - QUICK.renew_ms - 1_000


async def test_a_restart_forgets_nothing_that_was_acked() -> None:
    """The next writer goes on from the cursor, at the next position, with the same records."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        contact = await it.chat()
        await it.crash()
        await it.start()
        offer = it.offers()[0]
        await it.accepted(AcceptOffer(agent=ANNA, offer=offer.id, connection=desktop(ANNA)))

        assert offer.contact == contact
        positions = [entry.position for entry in it.entries]
        assert positions == list(range(1, len(positions) + 1))


async def test_stopping_answers_what_was_asked_and_releases_the_lease() -> None:
    """Who asked before the stop is not left alone, and the next writer comes in at once."""
    async with running(ANNA) as it:
        asked = asyncio.create_task(it.ask(AttachAgent(agent=ANNA, connection=desktop(ANNA))))
        await asyncio.sleep(0)
        await it.stop()

        assert not isinstance((await asked).result, Refusal)
        assert it.engine.holder is None
        assert not it.shard.is_writing


async def test_a_writer_is_counted_once_it_can_write() -> None:
    """One that only loads, or cannot, must not keep an alert quiet."""
    async with running(ANNA, limits=replace(QUICK, ttl_ms=60_000)) as it:
        await it.crash()
        load = it.engine.load
        held: list[float | None] = []

        async def loading() -> Loaded:
            held.append(lease_held())
            return await load()

        setattr(it.engine, "load", loading)  # noqa: B010 - one of the contract's calls
        await it.start()
        held.append(lease_held())
        await it.stop()

        assert [*held, lease_held()] == [0, 1, 0]


def lease_held() -> float | None:
    """Whether somebody writes, as it would be scraped."""
    return REGISTRY.get_sample_value("frontdesk_lease_held", {"tenant": "main"})


# -- commands --------------------------------------------------------------------------------


async def test_nothing_is_published_before_it_is_committed() -> None:
    """An event that a crash takes back would be a lie."""
    async with running(ANNA) as it:
        it.engine.faults.gate = asyncio.Event()
        seen = len(it.entries)
        asked = asyncio.create_task(it.ask(AttachAgent(agent=ANNA, connection=desktop(ANNA))))
        await asyncio.sleep(0.02)
        held_back = len(it.entries) == seen and not asked.done()
        it.engine.faults.gate.set()
        await asked

        assert held_back
        assert len(it.events(AgentAttached)) == 1


async def test_the_same_request_gets_the_first_answer_and_changes_nothing() -> None:
    """A client that lost the answer asks again without fear."""
    async with running() as it:
        customer = await it.visit()
        first = await it.ask(start_chat(customer), "one")
        it.now_ms += 1_000
        again = await it.ask(start_chat(customer), "one")

        assert again == first._replace(is_repeat=True)
        assert len(it.events(ContactOpened)) == 1


async def test_a_request_is_remembered_across_restarts() -> None:
    """The answer may have been lost with the process that gave it."""
    async with running() as it:
        customer = await it.visit()
        first = await it.ask(start_chat(customer), "one")
        await it.crash()
        await it.start()
        again = await it.ask(start_chat(customer), "one")

        assert again == first._replace(is_repeat=True)


async def test_two_of_one_request_in_one_turn_are_one() -> None:
    """An impatient client's second try may be read together with the first."""
    async with running() as it:
        customer = await it.visit()
        answered = await asyncio.gather(*(it.ask(start_chat(customer), "one") for _ in range(3)))

        assert [one.is_repeat for one in answered] == [False, True, True]
        assert len(it.events(ContactOpened)) == 1


async def test_the_same_id_for_something_else_is_a_conflict() -> None:
    """Answering it with the first answer would hide that it was never done."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.ask(set_idle(), "one")
        other = await it.ask(SetPresence(agent=ANNA, state="available"), "one")

        assert isinstance(other.result, Refusal)
        assert other.result.code == RefusalCode.CONFLICT


async def test_the_same_command_after_a_reconnect_is_the_same_request() -> None:
    """The desktop that answers is another one, the answer is not."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.chat()
        accept = AcceptOffer(agent=ANNA, offer=it.offers()[0].id, connection=desktop(ANNA))
        first = await it.ask(accept, "one")
        again = await it.ask(replace(accept, connection=desktop(ANNA, 2)), "one")

        assert again == first._replace(is_repeat=True)


async def test_an_answer_to_whom_the_author_was_before_is_the_first_answer() -> None:
    """Somebody who signs in between two tries is still who asked; something else is a conflict."""
    async with running() as it:
        customer = await it.visit()
        asked = start_chat(customer)
        first = await it.ask(asked, "one")
        again, other = [
            await it.client.submit(
                start_chat(CustomerId("known")),
                author="customer:known",
                request_id="one",
                formerly=[("customer:nobody", asked), (f"agent:{ANNA}", before)],
            )
            for before in (asked, replace(asked, queue=SALES))
        ]
        await it.crash()
        await it.start()
        later = await it.client.submit(
            start_chat(CustomerId("known")),
            author="customer:known",
            request_id="one",
            formerly=[(f"agent:{ANNA}", asked)],
        )

        assert again == later == first._replace(is_repeat=True)
        assert isinstance(other.result, Refusal)
        assert other.result.code == RefusalCode.CONFLICT
        assert len(it.events(ContactOpened)) == 1


async def test_a_refusal_is_not_remembered() -> None:
    """What was impossible then may be possible now."""
    async with running(ANNA) as it:
        refused = await it.ask(SetPresence(agent=BO, state="idle"), "one")
        await it.sign_in(ANNA)
        accepted = await it.ask(set_idle(), "one")

        assert isinstance(refused.result, Refusal)
        assert not isinstance(accepted.result, Refusal)


async def test_a_kept_answer_expires() -> None:
    """Everything is bounded; an id may be used again long after."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.ask(set_idle(), "one")
        it.now_ms += 3_600_000
        again = await it.ask(SetPresence(agent=ANNA, state="available"), "one")

        assert not isinstance(again.result, Refusal) or again.result.code != RefusalCode.CONFLICT
        assert not again.is_repeat


async def test_an_envelope_delivered_twice_is_taken_once() -> None:
    """A message must not appear twice because a network tried twice."""
    async with running() as it:
        customer = await it.visit()
        it.engine.faults.duplicates = 1
        await it.accepted(start_chat(customer))
        await it.visit("lee")

        assert len(it.events(ContactOpened)) == 1
        answers = [answer.n for entry in it.entries for answer in entry.answers]
        assert answers == sorted(set(answers))


async def test_a_cold_record_is_fetched_for_who_names_it() -> None:
    """A returning customer's conversation is not in memory."""
    async with running() as it:
        customer = await it.visit()
        answered = await it.ask(
            ReadAsCustomer(customer=customer, conversation=ConversationId("none"), seq=1)
        )

        assert isinstance(answered.result, Refusal)
        assert answered.result.code == RefusalCode.NOT_FOUND


async def test_who_reads_what_another_writer_wrote_is_no_writer_any_more() -> None:
    """Deciding on records of two different moments could break the kernel, which is no bug then."""
    engine = MemoryEngine()
    writer = Writer(
        engine,
        await engine.acquire("first", ttl_ms=1_500),
        await engine.load(),
        name="main",
        clock=lambda: START_MS,
        nonce=lambda: bytes(16),
        limits=QUICK,
        seen=Seen(),
        mishaps=Mishaps(),
        doubts=Doubts(OneHub(), is_own=lambda _: True),
    )
    other = await engine.acquire("other", ttl_ms=1_500)
    entry = Entry(position=Position(1), at_ms=START_MS)
    batch = Batch(previous=Cursor(0), cursor=Cursor(0), at_ms=START_MS, entries=(entry,))
    await engine.commit(batch, lease=other)

    with pytest.raises(FencedOut):
        await writer.begin(start_chat(CustomerId("kim")))


async def test_a_record_that_turns_cold_in_a_turn_is_not_read_from_before_it() -> None:
    """The store is a turn behind: an older conversation would give a number out twice."""
    async with running() as it:
        customer = await it.visit()
        chat = await it.accepted(start_chat(customer))
        assert isinstance(chat, ChatStarted)
        send = SendCustomerMessage(
            customer=customer, entry_point=SHOP, conversation=chat.conversation, body=a_body()
        )
        sizes = it.sizes_of_commits()
        await asyncio.gather(
            it.ask(send),
            it.ask(EndChat(customer=customer, conversation=chat.conversation)),
            it.ask(ReadAsCustomer(customer=customer, conversation=chat.conversation, seq=2)),
        )
        await it.accepted(send)

        numbers = [event.message.seq for event in it.events(MessageWritten)]
        assert sizes[0] == 3
        assert numbers == list(range(1, len(numbers) + 1))


# -- the lease -------------------------------------------------------------------------------


async def test_a_turn_that_took_too_long_renews_the_lease_before_it_commits() -> None:
    """Whoever stood still may have been replaced: it asks before it writes."""
    async with running(ANNA, limits=replace(QUICK, ttl_ms=60)) as it:
        asked: list[str] = []
        read, renew, commit = it.engine.read, it.engine.renew, it.engine.commit

        async def slow_read(after: Cursor, *, limit: int, wait_ms: int) -> Sequence[Envelope]:
            envelopes = await read(after, limit=limit, wait_ms=wait_ms)
            await asyncio.sleep(0.05 if envelopes else 0)  # more than 0.7 of 60 ms
            asked.append("slow" if envelopes else "read")
            return envelopes

        async def noted_renewal(lease: Lease, *, alive_at_ms: int, ttl_ms: int) -> None:
            asked.append("renew")
            await renew(lease, alive_at_ms=alive_at_ms, ttl_ms=ttl_ms)

        async def noted_commit(batch: Batch, *, lease: Lease) -> None:
            asked.append("commit")
            await commit(batch, lease=lease)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(it.engine, "read", slow_read)
            patch.setattr(it.engine, "renew", noted_renewal)
            patch.setattr(it.engine, "commit", noted_commit)
            await it.sign_in(ANNA)

        place = asked.index("slow")
        assert asked[place : place + 3] == ["slow", "renew", "commit"]


@pytest.mark.parametrize(("remaining_ms", "waited_ms"), [(7, 7), (30_000, 1_500)])
async def test_a_lease_that_another_process_holds_is_waited_for(
    remaining_ms: int, waited_ms: int
) -> None:
    """A process that stands by is not broken, and writes as soon as it may.

    The lease of a takeover is long, but only until it is through; then its holder may be dead soon.
    """
    it = Running(ANNA, limits=replace(QUICK, ttl_ms=1_500))
    waited: list[int] = []
    acquire = it.engine.acquire

    async def taken(holder: str, *, ttl_ms: int) -> Lease:
        if not waited:
            raise LeaseTaken(remaining_ms)
        return await acquire(holder, ttl_ms=ttl_ms)

    async def freed(timeout_ms: int) -> None:
        waited.append(timeout_ms)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(it.engine, "acquire", taken)
        patch.setattr(it.engine, "lease_freed", freed)
        await it.start()
        await it.close()

    assert waited == [waited_ms]
    assert it.shard.fault == ""


async def test_a_writer_knows_what_another_one_took_of_each_hub() -> None:
    """A command that comes again after a takeover is not done again."""
    async with running(ANNA) as it:
        await it.visit()
        again = Envelope(hub=HUB, n=1, command=HubLost(hub=HubId("none")))
        batches = it.batches_of_commits()
        await it.crash()
        await it.start()  # a shard of its own, as of another process
        await it.engine.submit(again)
        await it.until(lambda: it.engine.depth == 0)

        assert all(not batch.entries for batch in batches if batch.cursor != batch.previous)


async def test_a_hub_that_is_gone_is_named_in_the_batch() -> None:
    """What was seen of it need not be kept for ever."""
    async with running(ANNA) as it:
        await it.visit()
        batches = it.batches_of_commits()
        await it.accepted(HubLost(hub=DESKS))

        assert [batch.lost for batch in batches if batch.lost] == [(DESKS,)]
        assert batches[0].seen == {HUB: 3}


# -- other processes -------------------------------------------------------------------------


LEAVING = replace(QUICK, settle_ms=0)
"""A shard that was just taken may be left at once."""


def first_at(shard: str) -> HubId:
    """A hub that comes before this one at a shard."""
    names = (HubId(f"other-{n}") for n in range(100))
    return next(each for each in names if place_of(HUB, (HUB, each), shard=shard) == 1)


async def test_connections_of_a_hub_that_is_gone_are_lost() -> None:
    """Nobody else can say so: the process that knew of them is dead."""
    async with running(ANNA) as it:
        gone = HubId("gone")
        await it.hubs.announce(gone, ttl_ms=1_000)
        attach = AttachAgent(agent=ANNA, connection=Connection(gone, "desk"))
        await it.engine.submit(Envelope(hub=gone, n=1, command=attach))
        await it.until(lambda: bool(it.events(AgentAttached)))
        before = it.events(AgentDetached)
        await it.hubs.withdraw(gone)
        await it.until(lambda: bool(it.events(AgentDetached)))
        batches = it.batches_of_commits()
        await it.visit()
        await asyncio.sleep(0.02)

        assert before == []
        assert not [batch.lost for batch in batches if batch.lost]


async def test_a_hub_that_left_in_good_order_is_forgotten_too() -> None:
    """It took its connections along; what was seen of it would be kept for ever."""
    async with running(ANNA) as it:
        gone = HubId("gone")
        await it.hubs.announce(gone, ttl_ms=1_000)
        await it.engine.submit(Envelope(hub=gone, n=1, command=HubLost(hub=HubId("none"))))
        await it.until(lambda: it.engine.depth == 0)
        batches = it.batches_of_commits()
        await it.hubs.withdraw(gone)
        await it.until(lambda: any(batch.lost for batch in batches))
        await asyncio.sleep(0.02)

        assert [batch.lost for batch in batches if batch.lost] == [(gone,)]


def test_what_was_seen_of_a_lost_hub_is_forgotten_after_an_hour() -> None:
    """Each life of a process is a hub: a writer that lives for months would remember them all."""
    one, other = HubId("one"), HubId("other")
    seen = Seen()
    seen.take({one: 3, other: 4})
    missing = seen.missing([one])
    seen.lose([other, HubId("never heard of")], 100)
    seen.lose([other], 200)
    seen.forget(100 + SEEN_KEPT_MS - 1)
    kept = seen.last(other)
    again = seen.missing([one])
    seen.forget(100 + SEEN_KEPT_MS)

    assert missing == [other]
    assert (kept, again) == (4, [])
    assert (seen.last(one), seen.last(other)) == (3, 0)


def test_a_lost_hub_that_asks_something_is_remembered() -> None:
    """It had only stood still."""
    hub, seen = HubId("hub"), Seen()
    seen.take({hub: 1})
    seen.lose([hub], 100)
    seen.take({hub: 2})
    seen.forget(100 + SEEN_KEPT_MS)

    assert seen.last(hub) == 2


async def test_what_a_lost_hub_sends_again_is_not_done_again() -> None:
    """It may only have stood still, with the answer to what it sent on its way."""
    async with running(ANNA) as it:
        gone = HubId("gone")
        await it.hubs.announce(gone, ttl_ms=1_000)
        attach = AttachAgent(agent=ANNA, connection=Connection(gone, "desk"))
        await it.engine.submit(Envelope(hub=gone, n=1, command=attach))
        await it.until(lambda: bool(it.events(AgentAttached)))
        await it.hubs.withdraw(gone)
        await it.until(lambda: bool(it.events(AgentDetached)))
        await it.engine.submit(Envelope(hub=gone, n=1, command=attach))
        await it.until(lambda: it.engine.depth == 0)

        assert len(it.events(AgentAttached)) == 1


async def test_a_writer_that_others_follow_leaves_the_inbox_to_the_next() -> None:
    """They go on filling it, and would keep this one from ever leaving."""
    async with running(ANNA, limits=replace(QUICK, commands_max=1, turns_left_max=0)) as it:
        for n in range(1, 4):
            lost = HubLost(hub=HubId("none"))
            await it.engine.submit(Envelope(hub=HubId("other"), n=n, command=lost))
        await it.stop()

        assert it.engine.depth > 0
        assert it.engine.holder is None


async def test_a_shard_that_was_just_taken_is_kept_for_a_while() -> None:
    """The dead process it was taken from still counts as alive, and would be waited for."""
    async with running(ANNA) as it:
        await it.hubs.announce(first_at("main"), ttl_ms=1_000)
        taken = it.leases()
        await it.crash()
        await it.start()
        await asyncio.sleep(1)

        assert len(taken) == 1
        assert it.shard.is_writing


async def test_a_shard_is_left_to_the_hub_that_comes_first_at_it() -> None:
    """A process that joins takes its share, and who is there goes on with the rest."""
    async with running(ANNA, limits=LEAVING) as it:
        first = first_at("main")
        await it.hubs.announce(first, ttl_ms=1_000)
        await it.until(lambda: it.engine.holder is None)
        lease = await it.engine.acquire(first, ttl_ms=1_000)
        takers: list[str] = []

        async def taken(holder: str, *, ttl_ms: int) -> Lease:
            takers.append(holder)
            raise LeaseTaken(ttl_ms)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(it.engine, "acquire", taken)
            await it.until(lambda: bool(takers))

            assert it.shard.is_waiting
            assert not it.shard.is_writing
        await it.engine.release(lease)
        await it.until(lambda: it.shard.is_writing)


async def test_a_shard_that_nobody_took_is_not_left_again_at_once() -> None:
    """The one that comes first may live and be unable to write."""
    async with running(ANNA, limits=replace(LEAVING, stagger_ms=1)) as it:
        await it.hubs.announce(first_at("main"), ttl_ms=1_000)
        taken = it.leases()
        await it.until(lambda: bool(taken))
        await asyncio.sleep(1)

        assert len(taken) == 1
        await it.until(lambda: it.shard.is_writing)


@pytest.mark.parametrize("call", ["load", "renew"])
async def test_a_takeover_that_fails_leaves_the_shard_to_others(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process that cannot read what others can must not keep everybody's customers waiting."""
    async with running(ANNA) as it:
        await it.crash()

        async def failing(*_: object, **__: object) -> None:
            raise OutcomeUnknown("not this one")

        monkeypatch.setattr(it.engine, call, failing)
        taken = it.leases()
        running_on = asyncio.create_task(it.make_shard().run())
        await it.until(lambda: bool(taken) and it.engine.holder is None)
        monkeypatch.undo()
        await it.until(lambda: it.engine.holder == "test")
        running_on.cancel()


async def test_a_stop_whose_last_renewal_fails_lets_the_next_one_in_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody is to wait for the lease of a process that ended in good order."""
    async with running(ANNA) as it:

        async def failing(*_: object, **__: object) -> None:
            raise OutcomeUnknown("the reply was lost")

        await it.until(lambda: it.shard.is_writing)
        it.shard.stop()
        monkeypatch.setattr(it.engine, "renew", failing)
        await it.until(lambda: it.engine.holder is None)


async def test_what_only_a_newer_version_can_read_is_left_to_it() -> None:
    """Nothing ends here: whoever can read it takes the lease, and it is read again in the end."""
    async with running(ANNA) as it:
        load, told = it.engine.load, it.leases()

        async def newer() -> Loaded:
            raise NewerFormat("a newer version wrote it")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(it.engine, "load", newer)
            it.engine.faults.commits.append("unavailable")
            await it.ask(set_idle())
            await it.until(lambda: len(told) > 2)
            free = it.engine.holder is None

            assert free
            assert not it.shard.is_writing
            assert not it.shard.is_waiting
            assert it.shard.fault == "a newer version wrote it"
            patch.setattr(it.engine, "load", load)
        await it.until(lambda: it.shard.is_writing)


# -- deadlines -------------------------------------------------------------------------------


async def test_a_due_deadline_comes_before_the_next_command() -> None:
    """What came too late must not undo what time has decided: here, a RONA by going idle."""
    slow = replace(QUICK, tick_ms=60_000, ttl_ms=60_000)
    async with running(ANNA, limits=slow) as it:
        await it.accepted(AttachAgent(agent=ANNA, connection=Connection(HUB, "anna")))
        await it.accepted(SetPresence(agent=ANNA, state="available"))
        await it.chat()
        it.now_ms = it.offers()[0].expires_at_ms
        await it.ask(set_idle())

        assert it.offers()[0].outcome == "rona"


async def test_a_deadline_fires_when_nobody_asks_anything() -> None:
    """The customer's chat goes to the next agent by itself."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.chat()
        it.now_ms = it.offers()[0].expires_at_ms - 1
        await asyncio.sleep(0.02)
        early = it.events(OfferClosed)
        it.now_ms += 1
        await it.until(lambda: bool(it.events(OfferClosed)))

        assert early == []
        assert it.offers()[0].outcome == "rona"


async def test_many_deadlines_at_once_are_spread_over_turns_and_none_is_lost() -> None:
    """A storm of deadlines must not hold up the event loop."""
    async with running(limits=replace(QUICK, steps_max=2)) as it:
        for n in range(5):
            customer = await it.visit(f"customer-{n}")
            await it.accepted(start_chat(customer))
            tab = Connection(TABS, f"customer-{n}")
            await it.accepted(DetachCustomer(customer=customer, connection=tab))
        sizes = it.sizes_of_commits()
        it.now_ms += POLICY.customer_grace_ms
        await it.until(lambda: len(it.events(ContactEnded)) == 5)

        assert sizes == [2, 2, 1]


# -- faults of the engine --------------------------------------------------------------------


@pytest.mark.parametrize("fault", get_args(Fault))
async def test_a_command_takes_effect_once_whatever_becomes_of_the_commit(fault: Fault) -> None:
    """The cursor moves with the effects, so reading again from it is always right."""
    async with running() as it:
        customer = await it.visit()
        it.engine.faults.commits.append(fault)
        answered = await it.ask(start_chat(customer))

        assert not isinstance(answered.result, Refusal)
        assert len(it.events(ContactOpened)) == 1
        numbers = [event.message.seq for event in it.events(MessageWritten)]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_a_duplicate_of_a_command_whose_commit_was_in_doubt_is_known() -> None:
    """The batch was written after all, and with it the number of its command."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        it.engine.faults.commits.append("lost_after")
        await it.accepted(set_idle())
        answers = [answer for entry in it.entries for answer in entry.answers]
        last = max(answer.n for answer in answers)
        await it.engine.submit(Envelope(hub=HUB, n=last, command=set_idle()))
        await it.accepted(SetPresence(agent=ANNA, state="available"))

        numbers = [answer.n for entry in it.entries for answer in entry.answers]
        assert numbers == list(range(1, last + 2))


async def test_a_shard_without_its_engine_says_so_and_comes_back() -> None:
    """A full disk is waited out, and readiness tells it meanwhile."""
    async with running(ANNA) as it:
        it.engine.faults.is_down = True
        await it.until(lambda: bool(it.shard.fault) and not it.shard.is_writing)
        it.engine.faults.is_down = False
        await it.until(lambda: it.shard.is_writing and not it.shard.fault)

        assert not isinstance(
            (await it.ask(AttachAgent(agent=ANNA, connection=desktop(ANNA)))).result, Refusal
        )


# -- bugs of the kernel ----------------------------------------------------------------------


async def test_a_command_that_breaks_the_kernel_twice_is_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One command must not stop everybody's chats, and its author is told."""
    tried: list[AnyCommand] = []
    handle = Kernel.handle

    def breaking(kernel: Kernel, command: AnyCommand, moment: Moment) -> Step:
        if isinstance(command, DetachAgent):
            tried.append(command)
            raise ZeroDivisionError
        return handle(kernel, command, moment)

    monkeypatch.setattr(Kernel, "handle", breaking)
    async with running(ANNA) as it:
        broken, fine = await asyncio.gather(
            it.ask(DetachAgent(agent=ANNA, connection=desktop(ANNA))),
            it.ask(AttachAgent(agent=ANNA, connection=desktop(ANNA))),
        )

        assert isinstance(broken.result, Refusal)
        assert broken.result.code == RefusalCode.UNAVAILABLE
        assert not isinstance(fine.result, Refusal)
        assert len(tried) == 2


async def test_a_command_that_breaks_the_kernel_once_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The memory may have been at fault, not the command."""
    handle = Kernel.handle
    broken: list[AnyCommand] = []

    def breaking(kernel: Kernel, command: AnyCommand, moment: Moment) -> Step:
        if isinstance(command, AttachAgent) and not broken:
            broken.append(command)
            raise ZeroDivisionError
        return handle(kernel, command, moment)

    monkeypatch.setattr(Kernel, "handle", breaking)
    async with running(ANNA) as it:
        answered = await it.ask(AttachAgent(agent=ANNA, connection=desktop(ANNA)))

        assert not isinstance(answered.result, Refusal)
        assert len(it.events(AgentAttached)) == 1


async def test_a_deadline_that_breaks_the_kernel_does_not_stop_commands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Late redirects are bad; a silent router is worse."""

    def breaking(_: Kernel, __: Moment) -> Step:
        raise ZeroDivisionError

    monkeypatch.setattr(Kernel, "fire", breaking)
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.chat()
        it.now_ms += OFFER_MS
        answered = await it.ask(set_idle())

        assert not isinstance(answered.result, Refusal)


async def test_a_deadline_that_breaks_the_kernel_twice_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The chats behind it are redirected on time."""
    fire = Kernel.fire
    tried: list[Deadline] = []

    def breaking(kernel: Kernel, moment: Moment) -> Step:
        first = kernel.first_deadline()
        assert first is not None
        if first[1].kind == "agent":
            tried.append(first[1])
            raise ZeroDivisionError
        return fire(kernel, moment)

    monkeypatch.setattr(Kernel, "fire", breaking)
    async with running(ANNA, BO) as it:
        await it.sign_in(ANNA)
        await it.sign_in(BO)
        await it.accepted(DetachAgent(agent=BO, connection=desktop(BO)))
        await it.chat()
        for _ in range(3):  # each failure is a takeover, which moves every deadline
            it.now_ms += OFFER_MS
            await it.ask(DetachAgent(agent=BO, connection=desktop(BO)))

        await it.until(lambda: bool(it.events(OfferClosed)))

        assert [event.outcome for event in it.events(OfferClosed)] == ["rona"]
        assert len(tried) == 2


# -- places ----------------------------------------------------------------------------------


async def test_those_behind_are_told_when_the_line_moves() -> None:
    """A number that only grows smaller is what makes waiting bearable."""
    async with running() as it:
        customer = await it.visit()
        first = await it.accepted(start_chat(customer))
        second = await it.chat("second")
        assert isinstance(first, ChatStarted)
        signals = it.engine.signals()
        await it.accepted(EndChat(customer=customer, conversation=first.conversation))
        async with asyncio.timeout(5):
            signal = await anext(signals)

        assert signal == Standings(stands=(Stand(second, 1, None),))

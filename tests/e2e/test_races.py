"""Two people do something at the same moment, and exactly one thing happens."""

import asyncio

import pytest

from tests.e2e.floors import Floor

TURNS = range(5)


async def test_two_desktops_accept_once(floor: Floor) -> None:
    """One of them gets the chat, the other a clear no."""
    first = await floor.desk()
    second = await floor.desk(state=None)
    for _ in TURNS:
        customer = await floor.customer()
        started = await customer.do("chat.start", text="Hello")
        offer = await first.offered(started["contact"])
        answers = await asyncio.gather(
            first.ask("offer.accept", {"offer": offer["id"]}),
            second.ask("offer.accept", {"offer": offer["id"]}),
        )
        await first.do("contact.end", contact=started["contact"], wrapup={"code": "resolved"})
        [refused] = [answer for answer in answers if not answer["ok"]]

        assert refused["error"]["code"] == "offer_closed"
        assert len(customer.named("contact.assigned")) == 1


async def test_accepting_and_declining_at_once_is_one_answer(floor: Floor) -> None:
    """Whichever arrives first counts on both sides."""
    first = await floor.desk()
    second = await floor.desk(state=None)
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await first.offered(started["contact"])
    accepted, declined = await asyncio.gather(
        first.ask("offer.accept", {"offer": offer["id"]}),
        second.ask("offer.decline", {"offer": offer["id"]}),
    )

    assert accepted["ok"] is not declined["ok"]


async def test_the_same_id_in_flight_twice_writes_once(floor: Floor) -> None:
    """An impatient client repeats before the answer is there."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    send = {"conversation": started["conversation"], "text": "once"}
    for turn in TURNS:
        payload = send | {"id": f"turn {turn}"}
        answers = await asyncio.gather(*(customer.do("message.send", **payload) for _ in TURNS))

        assert all(answer == answers[0] for answer in answers)
    texts = [message["text"] for message in await customer.history(started["conversation"])]
    assert texts == ["Hello"] + ["once"] * len(TURNS)


async def test_two_tabs_start_one_chat(floor: Floor) -> None:
    """A customer who clicks in both tabs waits once."""
    first = await floor.customer()
    second = await floor.customer(token=first.token)
    for _ in TURNS:
        answers = await asyncio.gather(
            first.ask("chat.start", {"text": "one"}), second.ask("chat.start", {"text": "other"})
        )
        [started] = [answer for answer in answers if answer["ok"]]
        [refused] = [answer for answer in answers if not answer["ok"]]
        await first.do("chat.end", conversation=started["conversation"])

        assert refused["error"]["code"] == "conflict"
        assert refused["error"]["details"]["contact"] == started["contact"]


async def test_both_sides_end_once(floor: Floor) -> None:
    """Every started chat ends exactly once, by one of them."""
    anna = await floor.desk()
    for _ in TURNS:
        customer = await floor.customer()
        chat = await floor.chat(customer, anna)
        await asyncio.gather(
            customer.ask("chat.end", {"conversation": chat.conversation}),
            anna.ask("contact.end", {"contact": chat.contact}),
        )
        await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
        [there] = customer.named("contact.ended")
        [here] = [e for e in anna.named("contact.ended") if e["contact"] == chat.contact]

        assert there["ended_by"] == here["ended_by"]


async def test_accepting_what_the_customer_ends_leads_nowhere_or_to_wrapup(floor: Floor) -> None:
    """Either the offer is gone, or there was a chat that is now over; never a ghost."""
    anna = await floor.desk()
    for _ in TURNS:
        customer = await floor.customer()
        started = await customer.do("chat.start", text="Hello")
        offer = await anna.offered(started["contact"])
        accepted, ended = await asyncio.gather(
            anna.ask("offer.accept", {"offer": offer["id"]}),
            customer.ask("chat.end", {"conversation": started["conversation"]}),
        )
        if accepted["ok"]:
            await anna.do("contact.wrapup", contact=started["contact"], code="resolved")
        else:
            assert accepted["error"]["code"] == "offer_closed"
        mirror = await floor.desk(state=None)

        assert ended["ok"] is True
        assert (mirror.hello["contacts"], mirror.hello["agent"]["load"]) == ([], 0)


@pytest.mark.floor(agents={"anna": {}, "bo": {}, "cleo": {"capacity": 1}})
async def test_the_last_slot_is_given_once(floor: Floor) -> None:
    """Two owners ask the same colleague; one of them must ask another."""
    anna = await floor.desk()
    bo = await floor.desk("bo", state="idle")
    first = await floor.chat(await floor.customer(), anna)
    await anna.do("presence.set", state="idle")
    await bo.available()
    second = await floor.chat(await floor.customer(), bo)
    cleo = await floor.desk("cleo")
    to = {"agent": cleo.agent}
    answers = await asyncio.gather(
        anna.ask("contact.transfer", {"contact": first.contact, "to": to}),
        bo.ask("contact.transfer", {"contact": second.contact, "to": to}),
    )
    mirror = await floor.desk("cleo", state=None)
    [refused] = [answer for answer in answers if not answer["ok"]]

    assert refused["error"]["code"] == "no_capacity"
    assert mirror.hello["agent"]["load"] == 1

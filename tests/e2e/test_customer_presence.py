"""A customer who goes away is waited for, but not for ever, and is never lost while talking."""

import time

import pytest

from tests.e2e.floors import Floor

GRACE_MS = 900
SETTINGS = {"presence": {"customer_grace_ms": GRACE_MS, "decline_pause_ms": 300}}


async def test_a_waiting_customer_who_leaves_gives_up_its_place_after_the_grace(
    floor: Floor,
) -> None:
    """A line of people who have gone would keep those waiting who have not."""
    first, second = await floor.customers(2)
    one = await first.do("chat.start", text="one")
    await second.do("chat.start", text="two")
    await first.lose()
    await second.until("chat.queued", position=1)
    back = await floor.customer(token=first.token)
    [conversation] = back.hello["conversations"]
    again = await back.do("chat.start", text="again")

    assert conversation["id"] == one["conversation"]
    assert "contact" not in conversation
    assert again["contact"] != one["contact"]


async def test_a_waiting_customer_who_comes_back_in_time_keeps_its_place(floor: Floor) -> None:
    """A reload of the page is no reason to stand at the end of the line."""
    first, second = await floor.customers(2)
    one = await first.do("chat.start", text="one")
    two = await second.do("chat.start", text="two")
    for _ in range(3):
        await first.lose()
        first = await floor.customer(token=first.token)
        await first.until("chat.queued", position=1)
        await first.do("message.send", conversation=one["conversation"], text="still here")
    anna = await floor.desk()
    await anna.offered(two["contact"])
    order = [event["offer"]["contact"]["id"] for event in anna.named("offer.created")]

    assert first.hello["conversations"][0]["contact"]["state"] == "queued"
    assert order == [one["contact"], two["contact"]]


async def test_one_open_tab_is_enough(floor: Floor) -> None:
    """Closing one of two tabs is not leaving."""
    anna = await floor.desk()
    first = await floor.customer()
    second = await floor.customer(token=first.token)
    chat = await floor.chat(first, anna)
    since = anna.mark
    await first.lose()
    other = await floor.customer()
    await other.do("chat.start", text="a bystander")
    await other.lose()
    rescinded = await anna.until("offer.closed", outcome="rescinded")
    await second.do("message.send", conversation=chat.conversation, text="here")
    updates = [
        event["contact"]["customer"]["connected"]
        for event in anna.named("contact.updated", since=since)
        if event["contact"]["id"] == chat.contact
    ]

    assert rescinded["reason"] == "customer_left"
    assert False not in updates


async def test_abandoned_contacts_end_when_the_customer_was_lost(floor: Floor) -> None:
    """The grace time is the server's patience, not the customer's: reports must not count it."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do(
        "contact.transfer",
        contact=chat.contact,
        to={"queue": floor.id("support")},
        wrapup={"code": "resolved"},
        force=True,
    )
    await anna.do("presence.set", state="idle")
    before_ms = int(time.time() * 1000)
    await customer.lose()
    after_ms = int(time.time() * 1000)
    other = await floor.customer()
    waiting = await other.do("chat.start", text="behind")
    if waiting["position"] != 1:
        await other.until("chat.queued", position=1)
    recent = await anna.do("contacts.recent")
    [contact] = recent["contacts"]

    assert waiting["position"] == 2
    assert contact["id"] == chat.contact
    assert (contact["end_reason"], contact["ended_by"]) == ("abandoned", "customer")
    assert before_ms - 50 <= contact["ended_at"] <= after_ms + GRACE_MS // 2


async def test_a_talking_customer_who_leaves_keeps_its_chat(floor: Floor) -> None:
    """The agent sees at once that the wire is dead, and after the grace it is written down."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    since = anna.mark
    await customer.lose()
    lost = await anna.updated(
        chat.contact, lambda contact: contact["customer"]["connected"] is False, since=since
    )
    left = await anna.until("message", lambda message: message.get("event") == "customer.left")
    said = await anna.do("message.send", contact=chat.contact, text="I am here when you are")
    back = await floor.customer(token=customer.token)
    await anna.until("message", lambda message: message.get("event") == "customer.returned")
    found = await anna.updated(
        chat.contact,
        lambda contact: contact["customer"]["connected"] is True,
        since=anna.index("message", lambda message: message.get("event") == "customer.left"),
    )
    texts = [message["text"] for message in await back.history(chat.conversation)]

    assert lost["state"] == found["state"] == "connected"
    assert left["author"]["role"] == "system"
    assert said["text"] in texts
    assert back.hello["conversations"][0]["contact"] == {"id": chat.contact, "state": "connected"}


async def test_a_quick_return_writes_nothing(floor: Floor) -> None:
    """A transcript full of reloads would hide what was said."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await customer.lose()
    await anna.updated(chat.contact, lambda contact: contact["customer"]["connected"] is False)
    back = await floor.customer(token=customer.token)
    await anna.updated(
        chat.contact,
        lambda contact: contact["customer"]["connected"] is True,
        since=anna.mark - 1,
    )
    events = [m.get("event") for m in await back.history(chat.conversation) if "event" in m]

    assert events == ["contact.assigned"]


@pytest.mark.floor(agents={"anna": {}})
async def test_the_grace_starts_when_an_absent_customer_is_queued_again(floor: Floor) -> None:
    """Otherwise a transfer would end at once what the agent wanted to keep."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await customer.lose()
    await anna.until("message", lambda message: message.get("event") == "customer.left")
    await anna.do(
        "contact.transfer",
        contact=chat.contact,
        to={"queue": floor.id("support")},
        wrapup={"code": "resolved"},
        force=True,
    )
    back = await floor.customer(token=customer.token)

    assert back.hello["conversations"][0]["contact"]["state"] in {"queued", "offered"}

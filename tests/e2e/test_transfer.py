"""A chat changes hands without the customer ever being in nobody's."""

import pytest

from tests.e2e.floors import Chat, Floor
from tests.support.clients import Customer, Desk

SETTINGS = {"presence": {"decline_pause_ms": 300}}


async def talking(floor: Floor) -> tuple[Customer, Desk, Desk, Chat]:
    """Let anna own a chat while bo, available, has nothing to do."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    return customer, anna, await floor.desk("bo"), chat


async def test_a_transfer_changes_the_owner_on_acceptance(floor: Floor) -> None:
    """The customer is told who comes, the former owner only has its code to file."""
    customer, anna, bo, chat = await talking(floor)
    asked = await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    pending = await anna.updated(chat.contact, lambda contact: bool(contact["pending_offers"]))
    still = await anna.do("message.send", contact=chat.contact, text="One moment")
    accepted = await bo.do("offer.accept", offer=offer["id"])
    closed = await anna.until("offer.closed", offer=offer["id"])
    owed = await anna.until("wrapup.started", contact=chat.contact)
    await customer.until("message", lambda message: message.get("event") == "contact.transferred")
    said = await bo.do("message.send", contact=chat.contact, text="Hi, Bo here")
    heard = await customer.until("message", seq=said["seq"])
    silent = await anna.refused("message.send", contact=chat.contact, text="me too")
    await anna.do("contact.wrapup", contact=chat.contact, code="followup")
    await anna.until("wrapup.completed", contact=chat.contact, code="followup")

    assert asked["offer"] == offer["id"]
    assert offer["from"] == {"agent": anna.agent, "name": "Anna"}
    assert pending["owner"] == anna.agent
    assert [one["id"] for one in pending["pending_offers"]] == [offer["id"]]
    assert still["ok"] is True
    assert accepted["contact"]["owner"] == bo.agent
    assert accepted["contact"]["state"] == "connected"
    assert [p["agent"] for p in accepted["contact"]["participants"]] == [bo.agent]
    assert closed["outcome"] == "accepted"
    assert owed["deadline_at"] is None
    assert heard["author"]["name"] == "Bo"
    assert silent["code"] in {"conflict", "forbidden"}


async def test_a_code_given_with_the_transfer_is_filed_on_acceptance(floor: Floor) -> None:
    """An agent who knows the code when handing over owes nothing afterwards."""
    _, anna, bo, chat = await talking(floor)
    await anna.do(
        "contact.transfer",
        contact=chat.contact,
        to={"agent": bo.agent},
        wrapup={"code": "resolved", "note": "handed over"},
    )
    await bo.take(chat.contact, kind="transfer")
    filed = await anna.until("wrapup.completed", contact=chat.contact)
    await anna.updated(
        chat.contact,
        lambda contact: any(
            leg["agent"] == anna.agent and leg["state"] == "done" for leg in contact["legs"]
        ),
    )
    mirror = await floor.desk(state=None)

    assert filed["code"] == "resolved"
    assert anna.named("wrapup.started") == []
    assert (mirror.hello["contacts"], mirror.hello["agent"]["load"]) == ([], 0)


async def test_a_declined_transfer_leaves_the_chat_where_it_was(floor: Floor) -> None:
    """The request goes, the owner still owns the chat and may ask another."""
    _, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    await bo.do("offer.decline", offer=offer["id"])
    closed = await anna.until("offer.closed", offer=offer["id"])
    since = anna.index("offer.closed", lambda event: event["offer"] == offer["id"])
    await anna.do("message.send", contact=chat.contact, text="Still me")
    mirror = await floor.desk(state=None)
    [contact] = mirror.hello["contacts"]
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    await bo.take(chat.contact, kind="transfer", since=bo.index("ack offer.decline"))

    assert closed["outcome"] == "declined"
    assert since >= 0
    assert (contact["owner"], contact["pending_offers"]) == (anna.agent, [])


@pytest.mark.floor(queues={"support": {"offer_timeout_ms": 700}})
async def test_an_unanswered_transfer_leaves_the_chat_where_it_was(floor: Floor) -> None:
    """The target did not answer and is rona; the customer noticed nothing."""
    customer, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    closed = await anna.until("offer.closed", offer=offer["id"])
    await bo.until("presence.changed", cause="rona")
    mirror = await floor.desk(state=None)
    [contact] = mirror.hello["contacts"]
    said = await anna.do("message.send", contact=chat.contact, text="Still me")
    await customer.until("message", seq=said["seq"])
    late = await bo.refused("offer.accept", offer=offer["id"])

    assert closed["outcome"] == "rona"
    assert (contact["owner"], contact["pending_offers"]) == (anna.agent, [])
    assert mirror.hello["agent"]["state"] == "available"
    assert late["code"] == "offer_closed"


async def test_a_request_can_be_canceled_by_who_asked(floor: Floor) -> None:
    """The owner may change its mind while it rings; a stranger may not for it."""
    _, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    stranger = await bo.refused("offer.cancel", offer=offer["id"])
    await anna.do("offer.cancel", offer=offer["id"])
    there = await bo.until("offer.closed", offer=offer["id"])
    here = await anna.until("offer.closed", offer=offer["id"])
    late = await bo.refused("offer.accept", offer=offer["id"])
    again = await anna.refused("offer.cancel", offer=offer["id"])
    mirror = await floor.desk("bo", state=None)

    assert stranger["code"] in {"forbidden", "not_found"}
    assert there["outcome"] == here["outcome"] == "canceled"
    assert late["code"] == "offer_closed"
    assert again["code"] in {"offer_closed", "not_found"}
    assert mirror.hello["agent"]["state"] == "available"


@pytest.mark.floor(agents={"anna": {}, "bo": {"capacity": 1}})
async def test_a_target_that_cannot_take_an_offer_is_refused(floor: Floor) -> None:
    """A request that cannot be answered would only make the customer wait."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    to = {"agent": floor.id("bo")}
    away = await anna.refused("contact.transfer", contact=chat.contact, to=to)
    bo = await floor.desk("bo", state=None)
    idle = await anna.refused("contact.transfer", contact=chat.contact, to=to)
    await anna.do("presence.set", state="idle")
    await bo.available()
    await floor.chat(await floor.customer(), bo)
    full = await anna.refused("contact.transfer", contact=chat.contact, to=to)
    joined = await anna.refused("contact.conference", contact=chat.contact, agent=bo.agent)

    for error in (away, idle, full, joined):
        assert error["code"] == "no_capacity"
        assert error["retryable"] is True


async def test_impossible_targets_are_conflicts(floor: Floor) -> None:
    """Oneself, somebody already there, or a second request while one rings."""
    _, anna, bo, chat = await talking(floor)
    contact = chat.contact
    oneself = await anna.refused("contact.transfer", contact=contact, to={"agent": anna.agent})
    unknown = await anna.refused("contact.transfer", contact=contact, to={"agent": "nobody"})
    nowhere = await anna.refused("contact.transfer", contact=contact, to={"queue": "nowhere"})
    stranger = await bo.refused("contact.transfer", contact=contact, to={"agent": bo.agent})
    await anna.do("contact.transfer", contact=contact, to={"agent": bo.agent})
    second = await anna.refused("contact.transfer", contact=contact, to={"agent": bo.agent})
    conference = await anna.refused("contact.conference", contact=contact, agent=bo.agent)

    assert oneself["code"] == "conflict"
    assert unknown["code"] == nowhere["code"] == "not_found"
    assert stranger["code"] in {"not_found", "forbidden"}
    assert second["code"] == conference["code"] == "conflict"


async def test_a_transfer_with_a_wrong_code_changes_nothing(floor: Floor) -> None:
    """The mistake is told before anybody is rung, or the chat would be half gone."""
    _, anna, bo, chat = await talking(floor)
    wrong = {"code": "no such code"}
    queue = {"queue": floor.id("support")}
    errors = [
        await anna.refused(
            "contact.transfer", contact=chat.contact, to={"agent": bo.agent}, wrapup=wrong
        ),
        await anna.refused("contact.transfer", contact=chat.contact, to=queue, wrapup=wrong),
    ]
    await bo.do("directory.queues")
    await anna.do("message.send", contact=chat.contact, text="Still me")

    assert [error["code"] for error in errors] == ["invalid", "invalid"]
    assert bo.named("offer.created") == []


async def test_an_ended_chat_cannot_be_handed_over(floor: Floor) -> None:
    """Only wrap-up is left to do."""
    customer, anna, bo, chat = await talking(floor)
    await customer.do("chat.end", conversation=chat.conversation)
    contact = chat.contact
    errors = [
        await anna.refused("contact.transfer", contact=contact, to={"agent": bo.agent}),
        await anna.refused("contact.transfer", contact=contact, to={"queue": floor.id("support")}),
        await anna.refused("contact.conference", contact=contact, agent=bo.agent),
        await anna.refused("conference.leave", contact=contact),
    ]

    assert {error["code"] for error in errors} == {"conflict"}
    assert {error["details"]["state"] for error in errors} == {"wrapup"}


async def test_a_request_ends_with_the_chat(floor: Floor) -> None:
    """When the customer ends, nobody is rung any more and nobody is rona."""
    customer, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    await customer.do("chat.end", conversation=chat.conversation)
    there = await bo.until("offer.closed", offer=offer["id"])
    here = await anna.until("offer.closed", offer=offer["id"])

    assert there["outcome"] == here["outcome"] == "rescinded"
    assert there["reason"] in {"ended", "customer_left"}


async def test_giving_a_chat_to_a_queue_leaves_no_request_behind(floor: Floor) -> None:
    """Either it must be canceled first, or it ends with who asked; it never rings on."""
    _, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    queue = {"queue": floor.id("support")}
    answer = await anna.ask("contact.transfer", {"contact": chat.contact, "to": queue})
    if answer["ok"]:
        closed = await bo.until("offer.closed", offer=offer["id"])
        await bo.take(chat.contact)

        assert (closed["outcome"], closed["reason"]) == ("rescinded", "owner_changed")
    else:
        assert answer["error"]["code"] == "conflict"


async def test_a_target_that_goes_idle_gives_the_request_back(floor: Floor) -> None:
    """The owner learns at once that it must find another."""
    _, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    await bo.do("presence.set", state="idle")
    closed = await anna.until("offer.closed", offer=offer["id"])

    assert (closed["outcome"], closed["reason"]) == ("rescinded", "state_changed")


@pytest.mark.floor(
    queues={"support": {}, "sales": {"skills": {"golf": 3}}},
    agents={"anna": {"queues": ["support"]}, "bo": {"queues": ["sales"]}},
)
async def test_a_transfer_to_an_agent_asks_neither_queue_nor_skills(floor: Floor) -> None:
    """A colleague who is asked by name is asked for what it knows, not for its queue."""
    _, anna, bo, chat = await talking(floor)
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    accepted = await bo.take(chat.contact, kind="transfer")

    assert accepted["contact"]["owner"] == bo.agent


@pytest.mark.floor(
    queues={"support": {}, "sales": {}},
    agents={"anna": {}, "bo": {"queues": ["sales"]}},
)
async def test_a_transfer_to_a_queue_releases_the_owner_at_once(floor: Floor) -> None:
    """The customer waits in the new line, ahead of new ones, and its numbers go on."""
    customer, anna, bo, chat = await talking(floor)
    since = customer.mark
    answer = await anna.do(
        "contact.transfer", contact=chat.contact, to={"queue": floor.id("sales")}
    )
    owed = await anna.until("wrapup.started", contact=chat.contact)
    offer = await bo.offered(chat.contact)
    await bo.do("offer.accept", offer=offer["id"])
    await customer.until("contact.assigned", since=since)
    history = await customer.history(chat.conversation)

    assert "offer" not in answer
    assert owed["deadline_at"] is None
    assert offer["kind"] == "contact"
    assert offer["queue"]["id"] == floor.id("sales")
    assert "contact.transferred" in [message.get("event") for message in history]
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))


async def test_the_former_owner_counts_as_a_decliner(floor: Floor) -> None:
    """Who has just given a chat away must not be rung with it while another can help."""
    _, anna, bo, chat = await talking(floor)
    since = anna.mark
    await anna.do(
        "contact.transfer",
        contact=chat.contact,
        to={"queue": floor.id("support")},
        wrapup={"code": "resolved"},
    )
    await anna.until("wrapup.completed", contact=chat.contact)
    offer = await bo.offered(chat.contact)
    await anna.do("directory.queues")

    assert offer["agent"]["id"] == bo.agent
    assert anna.named("offer.created", since=since) == []
    assert anna.named("wrapup.started") == []


async def test_a_queue_without_staff_takes_a_transfer_only_by_force(floor: Floor) -> None:
    """The agent is warned that nobody is there; it may know that somebody will be."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    to = {"queue": floor.id("support")}
    error = await anna.refused("contact.transfer", contact=chat.contact, to=to)
    await anna.do("contact.transfer", contact=chat.contact, to=to, force=True)
    queued = await customer.until(
        "chat.queued", contact=chat.contact, since=customer.index("contact.assigned")
    )
    bo = await floor.desk("bo")
    await bo.take(chat.contact)

    assert error["code"] == "no_staff"
    assert queued["position"] in {1, None}

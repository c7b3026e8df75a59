"""Every chat ends once, and every agent accounts for its part."""

import pytest

from tests.e2e.floors import Floor, Tables

TIMED: Tables = {
    "support": {"wrapup_timeout_ms": 400, "default_wrapup_code": "followup"},
}


async def test_an_agent_ends_for_everyone(floor: Floor) -> None:
    """The customer is told by whom and why; nobody writes into what is over."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved", "note": "fine"})
    there = await customer.until("contact.ended", contact=chat.contact)
    here = await anna.until("contact.ended", contact=chat.contact)
    filed = await anna.until("wrapup.completed", contact=chat.contact)
    closed = await anna.updated(chat.contact, lambda contact: contact["state"] == "closed")
    again = await anna.refused("contact.end", contact=chat.contact)
    late = await anna.refused("message.send", contact=chat.contact, text="bye")
    [leg] = closed["legs"]

    assert there["ended_by"] == here["ended_by"] == closed["ended_by"] == "agent"
    assert there["reason"] == here["reason"] == closed["end_reason"]
    assert closed["ended_at"] >= closed["connected_at"] >= closed["created_at"]
    assert filed["code"] == "resolved"
    assert (leg["state"], leg["wrapup"]["code"]) == ("done", "resolved")
    assert leg["wrapup"]["note"] == "fine"
    assert again["code"] in {"conflict", "not_found"}
    assert late["code"] in {"conflict", "not_found"}


async def test_a_customer_may_end_at_any_time(floor: Floor) -> None:
    """The agent sees it, and only wrap-up is left to do."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await customer.do("chat.end", conversation=chat.conversation)
    ended = await anna.until("contact.ended", contact=chat.contact)
    await anna.until("wrapup.started", contact=chat.contact)
    said = await anna.refused("message.send", contact=chat.contact, text="wait")
    bare = await anna.refused("contact.end", contact=chat.contact)
    twice = await customer.refused("chat.end", conversation=chat.conversation)
    contact = await anna.updated(chat.contact, lambda contact: contact["state"] == "wrapup")
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    filed = await anna.until("wrapup.completed", contact=chat.contact)
    twice_filed = await anna.refused("contact.wrapup", contact=chat.contact, code="resolved")

    assert ended["ended_by"] == "customer"
    assert contact["end_reason"] == ended["reason"]
    assert said["code"] == bare["code"] == twice["code"] == "conflict"
    assert said["details"]["state"] == "wrapup"
    assert filed["code"] == "resolved"
    assert twice_filed["code"] == "conflict"


async def test_a_customer_may_end_while_waiting(floor: Floor) -> None:
    """Whoever gives up waiting is gone from the line at once."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    await customer.do("chat.end", conversation=started["conversation"])
    ended = await customer.until("contact.ended", contact=started["contact"])
    again = await customer.do("chat.start", text="Hello again")

    assert ended["ended_by"] == "customer"
    assert again["contact"] != started["contact"]


@pytest.mark.floor(agents={"anna": {"capacity": 1}})
async def test_a_code_that_is_owed_keeps_the_slot(floor: Floor) -> None:
    """Wrap-up is work; the next customer comes when it is done."""
    anna = await floor.desk()
    first, second = await floor.customers(2)
    chat = await floor.chat(first, anna)
    waiting = await second.do("chat.start", text="next")
    await anna.do("contact.end", contact=chat.contact)
    mirror = await floor.desk(state=None)
    await anna.do("directory.queues")
    early = [e for e in anna.named("offer.created") if e["offer"]["contact"]["id"] != chat.contact]
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    await anna.offered(waiting["contact"])

    assert early == []
    assert mirror.hello["agent"]["load"] == 1
    assert mirror.hello["contacts"][0]["state"] == "wrapup"


@pytest.mark.floor(queues=TIMED, agents={"anna": {"capacity": 1}})
async def test_the_timer_files_the_default_code(floor: Floor) -> None:
    """A forgotten code must not keep a slot for ever."""
    anna = await floor.desk()
    first, second = await floor.customers(2)
    chat = await floor.chat(first, anna)
    waiting = await second.do("chat.start", text="next")
    await anna.do("contact.end", contact=chat.contact)
    owed = await anna.until("wrapup.started", contact=chat.contact)
    filed = await anna.until("wrapup.completed", contact=chat.contact)
    await anna.offered(waiting["contact"])

    assert owed["deadline_at"] is not None
    assert filed["code"] == "followup"
    assert owed["deadline_at"] <= filed["at"] < owed["deadline_at"] + 1000


@pytest.mark.floor(
    queues={"support": {}, "sales": {}},
    codes={"refund": ("sales",), "broken": ("support",)},
)
async def test_a_code_must_exist_and_be_allowed_for_the_queue(floor: Floor) -> None:
    """Reports are only as good as the codes in them."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    foreign = {"code": floor.id("refund")}
    with_end = await anna.refused("contact.end", contact=chat.contact, wrapup=foreign)
    still = await anna.do("message.send", contact=chat.contact, text="still open")
    await anna.do("contact.end", contact=chat.contact)
    unknown = await anna.refused("contact.wrapup", contact=chat.contact, code="no such code")
    other = await anna.refused("contact.wrapup", contact=chat.contact, code=floor.id("refund"))
    await anna.do("contact.wrapup", contact=chat.contact, code=floor.id("broken"))
    [listed] = [c for c in anna.hello["wrapup_codes"] if c["id"] == floor.id("refund")]

    assert with_end["code"] == unknown["code"] == other["code"] == "invalid"
    assert still["ok"] is True
    assert listed["queues"] == [floor.id("sales")]


@pytest.mark.floor(queues={"support": {"wrapup": "optional"}}, agents={"anna": {"capacity": 1}})
async def test_an_optional_code_frees_the_slot_and_may_come_later(floor: Floor) -> None:
    """Where codes are a courtesy, nobody waits for them."""
    anna = await floor.desk()
    first, second = await floor.customers(2)
    chat = await floor.chat(first, anna)
    waiting = await second.do("chat.start", text="next")
    await anna.do("contact.end", contact=chat.contact)
    await anna.offered(waiting["contact"])
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    recent = await anna.do("contacts.recent")
    [contact] = recent["contacts"]

    assert anna.named("wrapup.started") == []
    assert contact["legs"][0]["wrapup"]["code"] == "resolved"


async def test_a_code_cannot_be_filed_before_the_end_or_by_a_stranger(floor: Floor) -> None:
    """A leg in force has no result yet, and nobody answers for another."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    early = await anna.refused("contact.wrapup", contact=chat.contact, code="resolved")
    strange = await bo.refused("contact.wrapup", contact=chat.contact, code="resolved")
    stop = await bo.refused("contact.end", contact=chat.contact)

    assert early["code"] == "conflict"
    assert strange["code"] in {"not_found", "forbidden"}
    assert stop["code"] in {"not_found", "forbidden"}


async def test_writing_into_an_ended_chat_starts_a_new_contact_in_it(floor: Floor) -> None:
    """A customer goes on where it left off; it knows nothing of contacts."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    await customer.until("contact.ended", contact=chat.contact)
    since = anna.mark
    sent = await customer.do("message.send", conversation=chat.conversation, text="And also")
    created = await anna.until("offer.created", since=since)
    contact = created["offer"]["contact"]
    accepted = await anna.do("offer.accept", offer=created["offer"]["id"])
    history = await customer.history(chat.conversation)

    assert contact["conversation"] == chat.conversation
    assert contact["id"] != chat.contact
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    assert next(m for m in history if m["seq"] == sent["seq"])["text"] == "And also"
    assert "And also" in [message["text"] for message in accepted["messages"]]


async def test_writing_again_does_not_wait_for_the_code(floor: Floor) -> None:
    """The customer is done with the agent's paperwork before the agent is."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact)
    await customer.until("contact.ended", contact=chat.contact)
    tab = await floor.customer(token=customer.token)
    since = anna.mark
    await customer.do("message.send", conversation=chat.conversation, text="And also")
    created = await anna.until("offer.created", since=since)
    await anna.do("offer.accept", offer=created["offer"]["id"])
    mirror = await floor.desk(state=None)

    assert "contact" not in tab.hello["conversations"][0]
    assert created["offer"]["contact"]["conversation"] == chat.conversation
    assert {contact["state"] for contact in mirror.hello["contacts"]} == {"wrapup", "connected"}
    assert mirror.hello["agent"]["load"] == 2


async def test_a_chat_can_be_started_again_in_its_conversation(floor: Floor) -> None:
    """The page may ask for it openly; the numbers go on."""
    customer = await floor.customer()
    first = await customer.do("chat.start", text="one")
    await customer.do("chat.end", conversation=first["conversation"])
    second = await customer.do("chat.start", text="two", conversation=first["conversation"])
    history = await customer.history(first["conversation"])

    assert second["conversation"] == first["conversation"]
    assert second["contact"] != first["contact"]
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    assert {m["text"]: m["contact"] for m in history if m["author"]["role"] == "customer"} == {
        "one": first["contact"],
        "two": second["contact"],
    }


async def test_recent_contacts_are_newest_first_and_paged(floor: Floor) -> None:
    """An agent finds what it did today, page by page, and only its own."""
    anna = await floor.desk()
    contacts: list[str] = []
    for customer in await floor.customers(3):
        chat = await floor.chat(customer, anna)
        await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
        contacts.insert(0, chat.contact)
    newest = await anna.do("contacts.recent", limit=2)
    rest = await anna.do("contacts.recent", before=newest["contacts"][-1]["ended_at"])
    bo = await floor.desk("bo")
    others = await bo.do("contacts.recent")

    assert [contact["id"] for contact in newest["contacts"]] == contacts[:2]
    assert [contact["id"] for contact in rest["contacts"]] == contacts[2:]
    assert all(contact["state"] == "closed" for contact in newest["contacts"])
    assert others["contacts"] == []

"""An agent whose line stays broken is gone: nobody it served is left alone, and nothing is lost."""

import asyncio

import pytest

from tests.e2e.floors import Floor
from tests.support.clients import PATIENCE_S, Desk

GRACE_MS = 700
SETTINGS = {"presence": {"reconnect_grace_ms": GRACE_MS, "decline_pause_ms": 300}}


async def test_past_the_grace_a_chat_goes_to_the_front_of_the_line(floor: Floor) -> None:
    """The customer was already being helped; nothing is owed for a leg that the network ended."""
    anna = await floor.desk()
    customer, waiting = await floor.customers(2)
    chat = await floor.chat(customer, anna)
    since = customer.mark
    bo = await floor.desk("bo", state="idle")
    await anna.do("presence.set", state="idle")
    behind = await waiting.do("chat.start", text="waiting")
    await anna.lose()
    await customer.until("chat.queued", contact=chat.contact, since=since)
    await bo.available()
    await bo.take(chat.contact)
    await bo.offered(behind["contact"])
    back = await floor.desk(state=None)
    order = [event["offer"]["contact"]["id"] for event in bo.named("offer.created")]

    assert order[0] == chat.contact
    assert back.hello["agent"]["state"] == "idle"
    assert (back.hello["contacts"], back.hello["agent"]["load"]) == ([], 0)


async def test_past_the_grace_the_first_member_becomes_owner(floor: Floor) -> None:
    """With a colleague in the chat the customer need not even notice."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    await floor.confer(chat, anna, bo)
    await anna.lose()
    contact = await bo.updated(chat.contact, lambda contact: contact["owner"] == bo.agent)
    back = await floor.desk(state=None)
    await bo.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})

    assert [p["agent"] for p in contact["participants"]] == [bo.agent]
    assert back.hello["contacts"] == []
    assert customer.named("chat.queued", since=customer.index("contact.assigned")) == []


async def test_past_the_grace_a_lost_member_has_left(floor: Floor) -> None:
    """The list of who listens must be true."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    await floor.confer(chat, anna, bo)
    await bo.lose()
    left = await customer.until("participant.left", conversation=chat.conversation)
    back = await floor.desk("bo", state=None)

    assert left["name"] == "Bo"
    assert back.hello["contacts"] == []
    assert back.hello["agent"]["load"] == 0


async def test_a_code_that_is_owed_stays_owed(floor: Floor) -> None:
    """Losing the line must not lose the report."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact)
    bo = await floor.desk("bo")
    await anna.lose()
    await offline(bo, anna.agent)
    back = await floor.desk(state=None)
    [contact] = back.hello["contacts"]
    await back.do("contact.wrapup", contact=chat.contact, code="resolved")

    assert back.hello["agent"]["state"] == "idle"
    assert (contact["id"], contact["state"]) == (chat.contact, "wrapup")


async def offline(desk: Desk, agent: str) -> None:
    """Ask until the directory says that an agent is offline; each turn is a round trip."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await desk.do("directory.agents")
            if {one["id"]: one["state"] for one in answer["agents"]}[agent] == "offline":
                return


async def test_a_second_desktop_keeps_the_agent_here(floor: Floor) -> None:
    """Only the last line that breaks is a loss."""
    anna = await floor.desk()
    second = await floor.desk(state=None)
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    other = await floor.chat(await floor.customer(), bo)
    await anna.lose()
    await bo.lose()
    bystander = await floor.desk("bo", state=None)
    await gone_past(bystander)
    await second.do("message.send", contact=chat.contact, text="Still here")
    third = await floor.desk(state=None)

    assert [contact["id"] for contact in bystander.hello["contacts"]] == [other.contact]
    assert third.hello["agent"]["state"] == "available"
    assert [contact["id"] for contact in third.hello["contacts"]] == [chat.contact]


async def gone_past(desk: Desk) -> None:
    """Wait until a grace time has passed on the server's clock, told by its events."""
    start = (await desk.do("presence.set", state="available"))["agent"]["since"]
    while True:
        await desk.do("presence.set", state="idle")
        now = (await desk.do("presence.set", state="available"))["agent"]["since"]
        if now - start > GRACE_MS + 300:
            return


@pytest.mark.floor(
    queues={"support": {"wrapup_timeout_ms": 1500, "default_wrapup_code": "followup"}}
)
async def test_the_wrapup_timer_runs_for_who_is_gone(floor: Floor) -> None:
    """A slot of somebody who went home must not stay taken."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact)
    owed = await anna.until("wrapup.started", contact=chat.contact)
    bo = await floor.desk("bo")
    await anna.lose()
    await offline(bo, anna.agent)
    back = await floor.desk(state=None)
    filed = await back.until("wrapup.completed", contact=chat.contact)
    recent = await back.do("contacts.recent")

    assert [contact["id"] for contact in back.hello["contacts"]] == [chat.contact]
    assert filed["code"] == "followup"
    assert owed["deadline_at"] <= filed["at"] < owed["deadline_at"] + 1000
    assert recent["contacts"][0]["legs"][0]["wrapup"]["code"] == "followup"


async def test_a_lost_agent_who_rang_is_offline_not_rona(floor: Floor) -> None:
    """A dead line is nobody's fault, and the customer is offered to the next."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    await anna.offered(started["contact"])
    bo = await floor.desk("bo", state="idle")
    await anna.lose()
    await offline(bo, anna.agent)
    await bo.available()
    await bo.take(started["contact"])
    back = await floor.desk(state=None)

    assert back.hello["agent"]["state"] == "idle"
    assert back.hello["offers"] == []


@pytest.mark.floor(agents={"anna": {}, "bo": {}, "cleo": {}})
async def test_only_a_connected_member_becomes_owner(floor: Floor) -> None:
    """Giving the chat to another dead line would help nobody."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    cleo = await floor.desk("cleo")
    await floor.confer(chat, anna, bo)
    await floor.confer(chat, anna, cleo)
    await anna.lose()
    await bo.lose()
    contact = await cleo.updated(chat.contact, lambda contact: contact["owner"] == cleo.agent)
    alone = await cleo.updated(chat.contact, lambda contact: len(contact["participants"]) == 1)
    owners = {
        event["contact"]["owner"]
        for event in cleo.named("contact.updated")
        if event["contact"]["id"] == chat.contact
    }

    assert contact["state"] == alone["state"] == "connected"
    assert bo.agent not in owners


async def test_a_chat_that_ends_while_its_agent_is_away_is_owed(floor: Floor) -> None:
    """Within the grace the agent is as good as there, so its leg ends like any other."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.lose()
    await customer.do("chat.end", conversation=chat.conversation)
    back = await floor.desk(state=None)
    [contact] = back.hello["contacts"]
    await back.do("contact.wrapup", contact=chat.contact, code="resolved")

    assert (contact["state"], contact["ended_by"]) == ("wrapup", "customer")
    assert contact["messages"][-1]["event"] == "contact.ended"


async def test_a_waiting_chat_requeued_twice_keeps_its_messages(floor: Floor) -> None:
    """Through two lost agents the customer writes on, and the third reads it all."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    await anna.lose()
    await bo.take(chat.contact)
    await customer.do("message.send", conversation=chat.conversation, text="Hello?")
    since = customer.mark
    await bo.lose()
    await customer.until("chat.queued", contact=chat.contact, since=since)
    await customer.do("message.send", conversation=chat.conversation, text="Anybody?")
    back = await floor.desk()
    accepted = await back.take(chat.contact)
    texts = [m["text"] for m in accepted["messages"] if m["author"]["role"] == "customer"]
    history = await customer.history(chat.conversation)

    assert texts == ["Hello", "Hello?", "Anybody?"]
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))

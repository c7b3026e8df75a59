"""Several agents talk to one customer, and one of them is always responsible."""

import pytest

from tests.e2e.floors import Chat, Floor, Tables
from tests.support.clients import Customer, Desk

THREE: Tables = {"anna": {}, "bo": {}, "cleo": {}}
SEVEN: Tables = {name: {} for name in ("anna", "bo", "cleo", "dan", "eva", "fia", "gus")}


async def conference(floor: Floor, *guests: str) -> tuple[Customer, Chat, list[Desk]]:
    """Let anna own a chat that the guests have joined, in their order."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    desks = [anna]
    for guest in guests:
        desks.append(await floor.desk(guest))
        await floor.confer(chat, anna, desks[-1])
    return customer, chat, desks


async def test_an_invited_agent_joins_in_sight_of_everyone(floor: Floor) -> None:
    """The customer sees who listens; the guest sees what was said."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna, text="It is complicated")
    bo = await floor.desk("bo")
    await anna.do("contact.conference", contact=chat.contact, agent=bo.agent)
    offer = await bo.offered(chat.contact, kind="conference")
    accepted = await bo.do("offer.accept", offer=offer["id"])
    there = await customer.until("participant.joined", conversation=chat.conversation)
    here = await anna.until("participant.joined", contact=chat.contact)
    said = await bo.do("message.send", contact=chat.contact, text="I know this one")
    await anna.until("message", seq=said["seq"], conversation=chat.conversation)
    await customer.until("message", seq=said["seq"])
    asked = await customer.do("message.send", conversation=chat.conversation, text="Do you?")
    for desk in (anna, bo):
        await desk.until("message", seq=asked["seq"], conversation=chat.conversation)
    roles = {p["agent"]: p["role"] for p in accepted["contact"]["participants"]}

    assert offer["from"]["agent"] == anna.agent
    assert there["name"] == "Bo"
    assert (here["agent"], here["name"]) == (bo.agent, "Bo")
    assert roles == {anna.agent: "owner", bo.agent: "member"}
    assert "It is complicated" in [message["text"] for message in accepted["messages"]]


@pytest.mark.floor(queues={"support": {"offer_timeout_ms": 700}})
async def test_an_unanswered_invitation_is_rona_for_the_guest_alone(floor: Floor) -> None:
    """The owner keeps its chat and may invite another."""
    _, chat, [anna] = await conference(floor)
    bo = await floor.desk("bo")
    await anna.do("contact.conference", contact=chat.contact, agent=bo.agent)
    offer = await bo.offered(chat.contact, kind="conference")
    closed = await anna.until("offer.closed", offer=offer["id"])
    await bo.until("presence.changed", cause="rona")
    again = await anna.refused("contact.conference", contact=chat.contact, agent=bo.agent)
    mirror = await floor.desk(state=None)
    [contact] = mirror.hello["contacts"]

    assert closed["outcome"] == "rona"
    assert again["code"] == "no_capacity"
    assert (contact["owner"], contact["pending_offers"]) == (anna.agent, [])


async def test_an_invitation_can_be_taken_back(floor: Floor) -> None:
    """The question answered itself before the colleague came."""
    _, chat, [anna] = await conference(floor)
    bo = await floor.desk("bo")
    asked = await anna.do("contact.conference", contact=chat.contact, agent=bo.agent)
    oneself = await anna.refused("contact.conference", contact=chat.contact, agent=anna.agent)
    await anna.do("offer.cancel", offer=asked["offer"])
    closed = await bo.until("offer.closed", offer=asked["offer"])
    stranger = await bo.refused("conference.leave", contact=chat.contact)

    assert closed["outcome"] == "canceled"
    assert oneself["code"] == "conflict"
    assert stranger["code"] in {"not_found", "forbidden"}


async def test_the_transcript_tells_who_was_there(floor: Floor) -> None:
    """Whoever reads it later must know who could hear what."""
    customer, chat, [anna, bo] = await conference(floor, "bo")
    await bo.do("conference.leave", contact=chat.contact, wrapup={"code": "resolved"})
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    await bo.take(chat.contact, kind="transfer")
    await bo.do("contact.end", contact=chat.contact)
    await customer.until("contact.ended")
    notices = [m["event"] for m in await customer.history(chat.conversation) if "event" in m]

    assert notices[:3] == ["contact.assigned", "participant.joined", "participant.left"]
    assert "contact.transferred" in notices[3:]
    assert notices[-1] == "contact.ended"


async def test_a_declined_invitation_changes_nothing(floor: Floor) -> None:
    """The customer never learns that somebody was asked."""
    customer, chat, [anna] = await conference(floor)
    bo = await floor.desk("bo")
    await anna.do("contact.conference", contact=chat.contact, agent=bo.agent)
    offer = await bo.offered(chat.contact, kind="conference")
    await bo.do("offer.decline", offer=offer["id"])
    closed = await anna.until("offer.closed", offer=offer["id"])
    await customer.history(chat.conversation)

    assert closed["outcome"] == "declined"
    assert customer.named("participant.joined") == []


@pytest.mark.floor(agents=THREE)
async def test_the_first_who_joined_becomes_owner_when_the_owner_leaves(floor: Floor) -> None:
    """Somebody is always responsible, and everybody can know beforehand who."""
    customer, chat, [anna, bo, cleo] = await conference(floor, "bo", "cleo")
    since = customer.mark
    await anna.do("conference.leave", contact=chat.contact)
    left = await customer.until("participant.left", since=since)
    contact = await cleo.updated(chat.contact, lambda contact: contact["owner"] == bo.agent)
    owed = await anna.until("wrapup.started", contact=chat.contact)
    gone = await bo.until("participant.left", contact=chat.contact)
    await bo.do("contact.end", contact=chat.contact)

    assert left["name"] == "Anna"
    assert [p["agent"] for p in contact["participants"]] == [bo.agent, cleo.agent]
    assert owed["deadline_at"] is None
    assert gone["agent"] == anna.agent


async def test_a_member_leaves_and_owes_its_code(floor: Floor) -> None:
    """Every leg owes a code; one given with the leave pays at once."""
    customer, chat, [anna, bo] = await conference(floor, "bo")
    await bo.do("conference.leave", contact=chat.contact, wrapup={"code": "resolved"})
    filed = await bo.until("wrapup.completed", contact=chat.contact)
    await customer.until("participant.left", conversation=chat.conversation)
    silent = await bo.refused("message.send", contact=chat.contact, text="and")
    await anna.do("message.send", contact=chat.contact, text="Just us now")

    assert filed["code"] == "resolved"
    assert silent["code"] in {"not_found", "forbidden", "conflict"}


@pytest.mark.floor(agents=THREE)
async def test_only_the_owner_removes_members(floor: Floor) -> None:
    """A removed member is told, owes its code, and the chat goes on."""
    customer, chat, [anna, bo, cleo] = await conference(floor, "bo", "cleo")
    contact = chat.contact
    member = await bo.refused("conference.remove", contact=contact, agent=cleo.agent)
    oneself = await anna.refused("conference.remove", contact=contact, agent=anna.agent)
    stranger = await anna.refused("conference.remove", contact=contact, agent="nobody")
    await anna.do("conference.remove", contact=contact, agent=bo.agent)
    left = await cleo.until("participant.left", contact=contact)
    await bo.until("wrapup.started", contact=contact)
    await customer.until("participant.left", name="Bo")
    gone = await anna.refused("conference.remove", contact=contact, agent=bo.agent)

    assert member["code"] == "forbidden"
    assert oneself["code"] == "conflict"
    assert stranger["code"] == gone["code"] == "not_found"
    assert left["agent"] == bo.agent


@pytest.mark.floor(agents=SEVEN)
async def test_six_agents_are_enough(floor: Floor) -> None:
    """A crowd helps nobody; the seventh is refused before it is rung."""
    _, chat, [anna, *_] = await conference(floor, "bo", "cleo", "dan", "eva", "fia")
    gus = await floor.desk("gus")
    error = await anna.refused("contact.conference", contact=chat.contact, agent=gus.agent)

    assert error["code"] == "conflict"
    assert gus.named("offer.created") == []


async def test_the_last_agent_cannot_leave_a_customer(floor: Floor) -> None:
    """It ends the chat or hands it over; it does not slip away."""
    _, chat, [anna] = await conference(floor)
    error = await anna.refused("conference.leave", contact=chat.contact)

    assert error["code"] == "conflict"


async def test_a_member_cannot_do_what_the_owner_does(floor: Floor) -> None:
    """Ending, handing over and removing are the owner's."""
    customer, chat, [anna, bo] = await conference(floor, "bo")
    to = {"queue": floor.id("support")}
    end = await bo.refused("contact.end", contact=chat.contact)
    transfer = await bo.refused("contact.transfer", contact=chat.contact, to=to)
    participant = await anna.refused("contact.conference", contact=chat.contact, agent=bo.agent)
    crowded = await anna.refused("contact.transfer", contact=chat.contact, to=to)
    present = await anna.refused("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    await anna.do("contact.end", contact=chat.contact)
    await customer.until("contact.ended", contact=chat.contact)
    for desk in (anna, bo):
        await desk.until("contact.ended", contact=chat.contact)
        await desk.until("wrapup.started", contact=chat.contact)

    assert end["code"] == "forbidden"
    assert transfer["code"] in {"forbidden", "conflict"}
    assert participant["code"] == crowded["code"] == present["code"] == "conflict"


@pytest.mark.floor(agents=THREE)
async def test_a_transfer_in_a_conference_keeps_the_members(floor: Floor) -> None:
    """Only the responsibility moves; who was helping goes on helping."""
    _, chat, [anna, bo] = await conference(floor, "bo")
    cleo = await floor.desk("cleo")
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": cleo.agent})
    accepted = await cleo.take(chat.contact, kind="transfer")
    roles = {p["agent"]: p["role"] for p in accepted["contact"]["participants"]}
    await bo.updated(chat.contact, lambda contact: contact["owner"] == cleo.agent)
    await bo.do("message.send", contact=chat.contact, text="I stay")

    assert roles == {cleo.agent: "owner", bo.agent: "member"}


@pytest.mark.floor(agents=THREE)
async def test_a_request_ends_when_who_asked_stops_being_owner(floor: Floor) -> None:
    """An invitation by somebody who has left is nobody's invitation."""
    _, chat, [anna, bo] = await conference(floor, "bo")
    cleo = await floor.desk("cleo")
    await anna.do("contact.conference", contact=chat.contact, agent=cleo.agent)
    offer = await cleo.offered(chat.contact, kind="conference")
    await anna.do("conference.leave", contact=chat.contact)
    closed = await cleo.until("offer.closed", offer=offer["id"])
    await bo.updated(chat.contact, lambda contact: contact["owner"] == bo.agent)

    assert (closed["outcome"], closed["reason"]) == ("rescinded", "owner_changed")


async def test_a_wrapup_of_one_does_not_close_what_another_still_owes(floor: Floor) -> None:
    """The contact is in wrap-up until the last code is filed."""
    customer, chat, [anna, bo] = await conference(floor, "bo")
    await customer.do("chat.end", conversation=chat.conversation)
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    mirror = await floor.desk("bo", state=None)
    [contact] = mirror.hello["contacts"]
    await bo.do("contact.wrapup", contact=chat.contact, code="followup")
    closed = await bo.updated(chat.contact, lambda contact: contact["state"] == "closed")

    assert contact["state"] == "wrapup"
    assert {leg["agent"]: leg["wrapup"]["code"] for leg in closed["legs"]} == {
        anna.agent: "resolved",
        bo.agent: "followup",
    }

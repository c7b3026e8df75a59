"""Every command that may carry an id, sent again in every way a client may come to do that."""

import asyncio
from typing import NamedTuple

import pytest

from tests.e2e.floors import Floor, Tables
from tests.support.clients import Client, Customer, Desk
from tests.support.clients_shapes import Payload

WITH_OBJECTS = {"offer.accept", "presence.set"}
"""Answers that show objects as they are now."""

THREE: Tables = {"anna": {}, "bo": {}, "cleo": {}}


class Sent(NamedTuple):
    """A command that was answered with ok."""

    who: str
    command: str
    payload: dict[str, object]
    answer: Payload


class Story:
    """A day on which every command with an id is sent once, by two agents and a customer."""

    def __init__(self, floor: Floor) -> None:
        """Nothing happened yet."""
        self.floor = floor
        self.sent: list[Sent] = []
        self.clients: dict[str, Client] = {}
        self.token = ""
        self.conversation = ""

    async def send(self, who: str, command: str, **payload: object) -> Payload:
        """Send something for the first time, under an id of its own."""
        named = {"id": f"{len(self.sent)} {command}", **payload}
        answer = await self.clients[who].do(command, **named)
        self.sent.append(Sent(who, command, named, answer))
        return answer

    async def happen(self) -> None:
        """From the first word to the last code."""
        anna, bo = await self.floor.desk(state=None), await self.floor.desk("bo", state=None)
        kim = await self.floor.customer()
        self.clients = {"anna": anna, "bo": bo, "kim": kim}
        self.token = kim.token
        for who in ("anna", "bo"):
            await self.send(who, "presence.set", state="idle", idle_code="lunch")
        await self.send("anna", "presence.set", state="available")
        started = await self.send("kim", "chat.start", text="Hello", attributes={"plan": "pro"})
        await self._talk(anna, started)
        await self._ask_others(bo, str(started["contact"]))
        await self._end(bo, str(started["contact"]))

    async def _talk(self, anna: Desk, started: Payload) -> None:
        contact, self.conversation = str(started["contact"]), str(started["conversation"])
        offer = await anna.offered(contact)
        await self.send("anna", "offer.accept", offer=offer["id"])
        there = {"conversation": self.conversation}
        await self.send("kim", "message.send", text="my card is 4111111111111111", **there)
        await self.send("kim", "message.read", seq=1, **there)
        await self.send("anna", "message.send", contact=contact, text="Hi")
        note = {"text": "a note", "audience": "internal"}
        await self.send("anna", "message.send", contact=contact, **note)
        await self.send("anna", "message.read", contact=contact, seq=2)

    async def _ask_others(self, bo: Desk, contact: str) -> None:
        await self.send("bo", "presence.set", state="available")
        to_bo = {"contact": contact, "to": {"agent": bo.agent}}
        asked = await self.send("anna", "contact.transfer", **to_bo)
        await self.send("anna", "offer.cancel", offer=asked["offer"])
        guest = {"contact": contact, "agent": bo.agent}
        asked = await self.send("anna", "contact.conference", **guest)
        await self.send("bo", "offer.decline", offer=asked["offer"])
        for command in ("conference.remove", "conference.leave"):
            asked = await self.send("anna", "contact.conference", **guest)
            await self.send("bo", "offer.accept", offer=asked["offer"])
            if command == "conference.remove":
                await self.send("anna", command, **guest)
            else:
                await self.send("bo", command, contact=contact)
            await self.send("bo", "contact.wrapup", contact=contact, code="resolved", note="done")

    async def _end(self, bo: Desk, contact: str) -> None:
        to_queue = {"queue": self.floor.id("support")}
        await self.send("anna", "contact.transfer", contact=contact, to=to_queue)
        offer = await bo.offered(contact)
        await self.send("bo", "offer.accept", offer=offer["id"])
        wrapup = {"code": "followup"}
        await self.send("anna", "contact.wrapup", contact=contact, code="resolved")
        await self.send("bo", "contact.end", contact=contact, wrapup=wrapup)
        start = {"text": "once more", "conversation": self.conversation}
        await self.send("kim", "chat.start", **start)
        await self.send("kim", "chat.end", conversation=self.conversation)
        await self.send("anna", "presence.set", state="offline")

    async def again(self) -> None:
        """Send everything again, in another order; each answer must be the first one."""
        for who, command, payload, first in reversed(self.sent):
            answer = await self.clients[who].do(command, **payload)
            if command not in WITH_OBJECTS:
                assert answer == first, command
                continue
            assert answer.keys() == first.keys(), command
            for name in answer.keys() & {"contact", "agent"}:
                assert answer[name]["id"] == first[name]["id"], command

    async def state(self) -> object:
        """What can be seen of everything that may change."""
        kim, anna = self.clients["kim"], self.clients["anna"]
        assert isinstance(kim, Customer)
        agents = await anna.do("directory.agents")
        return (
            await kim.history(self.conversation),
            [await self.clients[who].do("contacts.recent") for who in ("anna", "bo")],
            [(agent["id"], agent["state"], agent["load"]) for agent in agents["agents"]],
        )

    async def come_back(self) -> None:
        """Everybody connects anew."""
        self.clients = {
            "kim": await self.floor.customer(token=self.token),
            "anna": await self.floor.desk(state=None),
            "bo": await self.floor.desk("bo", state=None),
        }
        anna = self.clients["anna"]
        await anna.do("presence.set", state="offline")  # coming back made it idle


@pytest.mark.floor(agents=THREE)
async def test_every_command_sent_again_gets_the_first_answer_and_changes_nothing(
    floor: Floor,
) -> None:
    """On the same socket, after a reconnect, from another tab, after kill -9 and after a drain."""
    story = Story(floor)
    await story.happen()
    before = await story.state()
    await story.again()
    same_socket = await story.state()
    first_tabs = list(story.clients.values())
    await story.come_back()
    await story.again()
    other_tab = await story.state()
    for client in (*first_tabs, *story.clients.values()):
        await client.lose()
    await story.come_back()
    await story.again()
    reconnected = await story.state()
    floor.server.kill()
    floor.server.start()
    await story.come_back()
    await story.again()
    killed = await story.state()
    floor.server.stop()
    floor.server.start()
    await story.come_back()
    await story.again()

    assert {sent.command for sent in story.sent} == {
        *("presence.set", "offer.accept", "offer.decline", "offer.cancel", "message.send"),
        *("message.read", "contact.transfer", "contact.conference", "conference.leave"),
        *("conference.remove", "contact.end", "contact.wrapup", "chat.start", "chat.end"),
    }
    assert same_socket == other_tab == reconnected == killed == before
    assert await story.state() == before


@pytest.mark.floor(agents=THREE)
async def test_an_id_used_for_another_command_or_body_is_a_conflict_for_each(floor: Floor) -> None:
    """Whatever it was first used for: the answer to that would be a lie."""
    story = Story(floor)
    await story.happen()
    before = await story.state()
    for who, command, payload, _ in story.sent:
        named = {"id": payload["id"]}
        client = story.clients[who]
        if who == "kim":
            other = await client.refused(
                "message.send", **named, conversation=story.conversation, text="another"
            )
        elif command == "presence.set" and payload["state"] == "available":
            other = await client.refused("presence.set", **named, state="idle")
        else:
            other = await client.refused("presence.set", **named, state="available")

        assert other["code"] == "conflict", command
    assert await story.state() == before


async def test_two_tabs_that_send_one_command_at_once_send_it_once(floor: Floor) -> None:
    """A page and its copy wake up together, and both send what was left unsent."""
    anna = await floor.desk()
    second = await floor.desk(state=None)
    customer = await floor.customer()
    tab = await floor.customer(token=customer.token)
    start = {"id": "start", "text": "Hello"}
    one, two = await asyncio.gather(
        customer.do("chat.start", **start), tab.do("chat.start", **start)
    )
    offer = await anna.offered(one["contact"])
    take = {"id": "take", "offer": offer["id"]}
    taken = await asyncio.gather(anna.do("offer.accept", **take), second.do("offer.accept", **take))
    send = {"id": "send", "conversation": one["conversation"], "text": "once"}
    sent = await asyncio.gather(
        *(client.do("message.send", **send) for client in (customer, tab) for _ in range(3))
    )
    texts = [message["text"] for message in await customer.history(one["conversation"])]

    assert (one["contact"], one["conversation"]) == (two["contact"], two["conversation"])
    assert [answer["contact"]["id"] for answer in taken] == [one["contact"]] * 2
    assert sent == [sent[0]] * 6
    assert texts.count("once") == 1


@pytest.mark.floor(agents={"anna": {"capacity": 1}, "bo": {"capacity": 1}})
async def test_agents_choose_ids_independently(floor: Floor) -> None:
    """Two desktops count from one; they must not get each other's answers."""
    anna, bo = await floor.desk(), await floor.desk("bo")
    customers = await floor.customers(2)
    contacts = [(await each.do("chat.start", text="Hello"))["contact"] for each in customers]
    taken: dict[str, str] = {}
    for desk in (anna, bo):
        [created] = desk.named("offer.created")
        answer = await desk.do("offer.accept", id="1", offer=created["offer"]["id"])
        taken[desk.agent] = answer["contact"]["id"]

    assert sorted(taken.values()) == sorted(contacts)


@pytest.mark.parametrize("name", ["", "x" * 65, 7, None, ["x"], "a\x00b", "\x7f", "\ud800"])
async def test_an_id_that_is_none_is_invalid(floor: Floor, name: object) -> None:
    """It would not name the command; `details.path` says so."""
    customer = await floor.customer()
    refused = await customer.refused("chat.start", id=name, text="Hello")

    assert refused["code"] == "invalid"
    assert refused["details"] == {"path": "id"}


@pytest.mark.parametrize(
    "name", ["x", "x" * 64, "😀" * 64, " ", "a\n\tb", "<b>", "4111111111111111"]
)
async def test_any_other_text_is_an_id_as_it_is_written(floor: Floor, name: str) -> None:
    """Clients make them as they like, and nothing of them is kept."""
    customer = await floor.customer()
    first = await customer.do("chat.start", id=name, text="Hello")

    assert await customer.do("chat.start", id=name, text="Hello") == first
    assert floor.server.find("4111111111111111") == []


async def test_commands_that_change_nothing_take_no_id(floor: Floor) -> None:
    """An unknown field is a mistake of the client; so is naming what is not remembered."""
    anna, customer = await floor.desk(), await floor.customer()
    chat = await floor.chat(customer, anna)
    there, where = {"conversation": chat.conversation}, {"contact": chat.contact}
    identity = {"identity": floor.identity(sub="kim")}
    asked: list[tuple[Client, str, dict[str, object]]] = [
        (customer, "typing", {**there, "on": True}),
        (customer, "history", {**there}),
        (customer, "customer.identify", {**identity}),
        (anna, "typing", {**where, "on": True}),
        (anna, "history", {**there}),
        (anna, "contacts.recent", {}),
        (anna, "directory.queues", {}),
        (anna, "directory.agents", {}),
    ]
    for client, command, payload in asked:
        refused = await client.refused(command, id="1", **payload)

        assert (refused["code"], refused["details"]) == ("invalid", {"path": ""}), command


async def test_objects_in_a_repeated_answer_are_as_they_are_now(floor: Floor) -> None:
    """A desktop that heard yesterday's state again would show it."""
    anna = await floor.desk(state=None)
    customer = await floor.customer()
    ready = {"id": "ready", "state": "available"}
    await anna.do("presence.set", **ready)
    chat = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(chat["contact"])
    take = {"id": "take", "offer": offer["id"]}
    await anna.do("offer.accept", **take)
    await anna.do("contact.end", contact=chat["contact"], wrapup={"code": "resolved"})
    await anna.do("presence.set", state="idle", idle_code="lunch")
    again = await anna.do("presence.set", **ready)
    taken = await anna.do("offer.accept", **take)

    assert (again["agent"]["state"], again["agent"]["idle_code"]) == ("idle", "lunch")
    assert taken["contact"]["state"] == "closed"
    assert taken["messages"][0]["text"] == "Hello"


@pytest.mark.parametrize("way", ["in the middle", "on connecting"])
async def test_signing_in_between_two_tries_changes_nothing(floor: Floor, way: str) -> None:
    """Who asked is still who asks: a message sent once must not appear twice under two names."""
    known = await floor.customer(identity=floor.identity(sub="kim"))
    customer = await floor.customer()
    started = await customer.do("chat.start", id="start", text="Hello")
    there = {"conversation": started["conversation"]}
    send = {"id": "send", **there, "text": "my card is 4111 1111 1111 1111"}
    sent = await customer.do("message.send", **send)
    if way == "in the middle":
        await customer.do("customer.identify", identity=floor.identity(sub="kim"))
        back = customer
    else:
        await customer.lose()
        identity = floor.identity(sub="kim")
        back = await floor.customer(token=customer.token, identity=identity)
        assert back.hello["customer"] == known.hello["customer"] != customer.hello["customer"]
    resent = await back.do("message.send", **send)
    restarted = await back.do("chat.start", id="start", text="Hello")
    other = await back.refused("message.send", **{**send, "text": "another"})
    elsewhere = await known.do("message.send", **send)
    floor.server.kill()
    floor.server.start()
    later = await floor.customer(identity=floor.identity(sub="kim"))
    latest = await later.do("message.send", **send)
    history = await later.history(started["conversation"])

    assert resent == elsewhere == latest == sent
    assert restarted == started
    assert other["code"] == "conflict"
    assert [message["seq"] for message in history] == [1, 2]

"""Who may read what, how much of it is new to whom, and what never leaves the desk."""

import pytest

from tests.e2e.floors import Chat, Floor
from tests.support.clients import Client, Customer, Desk
from tests.support.clients_shapes import Payload

SETTINGS = {"presence": {"reconnect_grace_ms": 30_000}}


async def pages(client: Client, conversation: str, limit: int, *, backwards: bool) -> list[int]:
    """Read a conversation page by page, from either end, and give the numbers in order."""
    numbers: list[int] = []
    edge: Payload = {"before": 1_000_000} if backwards else {"after": 0}
    while True:
        answer = await client.do("history", conversation=conversation, limit=limit, **edge)
        page = sorted(message["seq"] for message in answer["messages"])
        numbers = page + numbers if backwards else numbers + page

        assert len(page) == limit or not answer["more"]
        if not answer["more"]:
            return numbers
        edge = {"before": page[0]} if backwards else {"after": page[-1]}


async def talking(floor: Floor) -> tuple[Customer, Desk, Chat]:
    """Bring one customer and one agent together."""
    anna = await floor.desk()
    customer = await floor.customer()
    return customer, anna, await floor.chat(customer, anna)


async def test_history_is_read_in_pages_from_either_end(floor: Floor) -> None:
    """A long conversation is shown as far as the reader scrolls, without holes or doubles."""
    customer, anna, chat = await talking(floor)
    for number in range(11):
        await customer.do("message.send", conversation=chat.conversation, text=f"{number}")
    await customer.history(chat.conversation)
    last = customer.named("message")[-1]["seq"]
    whole = list(range(1, last + 1))

    for client in (customer, anna):
        assert await pages(client, chat.conversation, 5, backwards=False) == whole
        assert await pages(client, chat.conversation, 5, backwards=True) == whole
        assert await pages(client, chat.conversation, last, backwards=False) == whole
    middle = await customer.do("history", conversation=chat.conversation, after=3, before=6)
    assert sorted(message["seq"] for message in middle["messages"]) == [4, 5]


async def test_a_page_has_at_most_two_hundred_messages(floor: Floor) -> None:
    """One request must not be able to ask for everything."""
    customer, anna, chat = await talking(floor)
    errors = [
        await customer.refused("history", conversation=chat.conversation, limit=201),
        await anna.refused("history", conversation=chat.conversation, limit=201),
        await customer.refused("history", conversation=chat.conversation, limit=0),
        await customer.refused("history", conversation=chat.conversation, limit=-1),
    ]

    assert {error["code"] for error in errors} == {"invalid"}
    assert {error["details"]["path"] for error in errors} == {"limit"}


async def test_a_page_has_fifty_messages_unless_asked_otherwise(floor: Floor) -> None:
    """Fifty is a screen or two."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="0")
    for number in range(1, 60):
        await customer.tell(
            "message.send", {"conversation": started["conversation"], "text": f"{number}"}
        )
    await customer.until("message", seq=60)
    answer = await customer.do("history", conversation=started["conversation"])
    anna = await floor.desk()
    await anna.take(started["contact"])
    back = await floor.desk(state=None)
    [contact] = back.hello["contacts"]

    assert len(answer["messages"]) == 50
    assert answer["more"] is True
    assert len(contact["messages"]) <= 50
    assert contact["messages"][-1]["seq"] == contact["last_seq"]


async def test_agents_read_only_what_they_had_a_part_in(floor: Floor) -> None:
    """A curious colleague is a stranger to a conversation it never served."""
    customer, anna, chat = await talking(floor)
    bo = await floor.desk("bo")
    stranger = await bo.refused("history", conversation=chat.conversation)
    writes = await bo.refused("message.send", contact=chat.contact, text="psst")
    reads = await bo.refused("message.read", contact=chat.contact, seq=1)
    await customer.do("chat.end", conversation=chat.conversation)
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    after = await anna.do("history", conversation=chat.conversation)

    assert stranger["code"] == "not_found"
    assert writes["code"] in {"not_found", "forbidden"}
    assert reads["code"] in {"not_found", "forbidden"}
    assert "Hello" in [message["text"] for message in after["messages"]]


async def test_an_agent_reads_earlier_conversations_of_its_customer(floor: Floor) -> None:
    """What was said last week helps today, but only while there is a today."""
    customer, anna, chat = await talking(floor)
    await customer.do("chat.end", conversation=chat.conversation)
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    await anna.do("presence.set", state="idle")
    bo = await floor.desk("bo")
    before = await bo.refused("history", conversation=chat.conversation)
    again = await customer.do("chat.start", text="A new question")
    await bo.take(again["contact"])
    earlier = await bo.do("history", conversation=chat.conversation)

    assert before["code"] == "not_found"
    assert again["conversation"] != chat.conversation
    assert "Hello" in [message["text"] for message in earlier["messages"]]


async def test_unread_counts_what_others_wrote(floor: Floor) -> None:
    """A badge that counts one's own words, or notices, teaches people to ignore it."""
    customer, anna, chat = await talking(floor)
    await customer.do("message.send", conversation=chat.conversation, text="one")
    await customer.do("message.send", conversation=chat.conversation, text="two")
    said = await anna.do("message.send", contact=chat.contact, text="answer")
    await anna.noted(chat.contact, "a note")
    tab = await floor.customer(token=customer.token)
    mirror = await floor.desk(state=None)
    await customer.do("message.read", conversation=chat.conversation, seq=said["seq"])
    await anna.do("message.read", contact=chat.contact, seq=said["seq"])
    tab_after = await floor.customer(token=customer.token)
    mirror_after = await floor.desk(state=None)

    assert tab.hello["conversations"][0]["unread"] == 1
    assert mirror.hello["contacts"][0]["unread"] == 3
    assert tab_after.hello["conversations"][0]["unread"] == 0
    assert mirror_after.hello["contacts"][0]["unread"] == 0


async def test_reading_is_told_to_the_other_side(floor: Floor) -> None:
    """Seen is an answer too; events to agents name contact and conversation."""
    customer, anna, chat = await talking(floor)
    mirror = await floor.desk(state=None)
    await anna.do("message.read", contact=chat.contact, seq=1)
    seen = await customer.until("message.read", role="agent")
    said = await anna.do("message.send", contact=chat.contact, text="answer")
    await customer.do("message.read", conversation=chat.conversation, seq=said["seq"])
    for desk in (anna, mirror):
        event = await desk.until("message.read", role="customer")

        assert (event["contact"], event["conversation"]) == (chat.contact, chat.conversation)
        assert event["seq"] == said["seq"]
    assert (seen["conversation"], seen["seq"]) == (chat.conversation, 1)


async def test_messages_alone_do_not_announce_the_contact_again(floor: Floor) -> None:
    """A desktop counts by the messages; a whole contact for each would be noise."""
    customer, anna, chat = await talking(floor)
    since = anna.mark
    for turn in range(3):
        await customer.do("message.send", conversation=chat.conversation, text=f"{turn}")
        said = await anna.do("message.send", contact=chat.contact, text=f"answer {turn}")
        await customer.do("message.read", conversation=chat.conversation, seq=said["seq"])
        await anna.do("message.read", contact=chat.contact, seq=said["seq"])

    assert anna.named("contact.updated", since=since) == []


async def test_reading_never_goes_back(floor: Floor) -> None:
    """What was seen stays seen, in whatever order two tabs report it."""
    customer, anna, chat = await talking(floor)
    said = [await anna.do("message.send", contact=chat.contact, text=f"{n}") for n in range(3)]
    await customer.do("message.read", conversation=chat.conversation, seq=said[2]["seq"])
    await customer.do("message.read", conversation=chat.conversation, seq=said[0]["seq"])
    tab = await floor.customer(token=customer.token)

    assert tab.hello["conversations"][0]["unread"] == 0


async def test_typing_is_shown_to_the_others(floor: Floor) -> None:
    """The dots that keep people from leaving; they are never stored."""
    customer, anna, chat = await talking(floor)
    last = anna.named("contact.assigned")[0]["contact"]["last_seq"]
    await customer.do("typing", conversation=chat.conversation, on=True)
    there = await anna.until("typing", contact=chat.contact)
    await anna.do("typing", contact=chat.contact, on=True)
    here = await customer.until("typing", name="Anna")
    await anna.do("typing", contact=chat.contact, on=False)
    off = await customer.until("typing", on=False)
    mirror = await floor.desk(state=None)

    assert (there["conversation"], there["on"]) == (chat.conversation, True)
    assert (here["conversation"], here["on"]) == (chat.conversation, True)
    assert off["name"] == "Anna"
    assert mirror.hello["contacts"][0]["last_seq"] == last


async def test_a_waiting_customer_may_write(floor: Floor) -> None:
    """What is typed while waiting is the first thing the agent reads."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    await customer.do("message.send", conversation=started["conversation"], text="anyone?")
    anna = await floor.desk()
    offer = await anna.offered(started["contact"])
    accepted = await anna.do("offer.accept", offer=offer["id"])
    texts = [m["text"] for m in accepted["messages"] if m["author"]["role"] == "customer"]

    assert [message["text"] for message in offer["preview"]] == ["Hello", "anyone?"]
    assert texts == ["Hello", "anyone?"]


@pytest.mark.floor(agents={"anna": {}, "bo": {}, "cleo": {}})
async def test_internal_notes_never_reach_the_customer(floor: Floor) -> None:
    """Agents must be able to speak freely: no event, number, count or history may tell."""
    customer, anna, chat = await talking(floor)
    bo = await floor.desk("bo")
    await floor.confer(chat, anna, bo)
    before = await customer.do("message.send", conversation=chat.conversation, text="before")
    note = await anna.noted(chat.contact, "he is difficult")
    heard = await bo.until("message", text="he is difficult")
    mirrored = await anna.until("message", text="he is difficult")
    after = await customer.do("message.send", conversation=chat.conversation, text="after")
    tab = await floor.customer(token=customer.token)
    history = await tab.history(chat.conversation)
    hidden = await customer.refused("history", conversation=note["conversation"])
    stranger = await (await floor.desk("cleo")).refused(
        "history", conversation=note["conversation"]
    )
    notes = await bo.do("history", conversation=note["conversation"])
    mirror = await floor.desk(state=None)
    [contact] = mirror.hello["contacts"]

    assert note["conversation"] != chat.conversation
    assert (note["seq"], heard["seq"], heard["audience"]) == (1, 1, "internal")
    assert mirrored["conversation"] == heard["conversation"] == note["conversation"]
    assert after["seq"] == before["seq"] + 1
    assert "difficult" not in str(customer.events)
    assert "difficult" not in str(tab.events)
    assert note["conversation"] not in str(customer.events) + str(tab.events)
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    assert hidden["code"] == stranger["code"] == "not_found"
    assert [message["text"] for message in notes["messages"]] == ["he is difficult"]
    assert contact["internal"] == note["conversation"]
    assert "he is difficult" in [message["text"] for message in contact["messages"]]
    assert contact["last_seq"] == after["seq"]


async def test_a_note_does_not_move_the_customers_last_time(floor: Floor) -> None:
    """Even the time of the last message would tell that something was written."""
    customer, anna, chat = await talking(floor)
    sent = await customer.do("message.send", conversation=chat.conversation, text="last words")
    await anna.noted(chat.contact, "a note")
    tab = await floor.customer(token=customer.token)
    [conversation] = tab.hello["conversations"]

    assert conversation["last_at"] == sent["at"]
    assert conversation["last_seq"] == sent["seq"]


async def test_a_guest_reads_the_notes_too(floor: Floor) -> None:
    """Notes are for the colleague who comes next."""
    _, anna, chat = await talking(floor)
    await anna.noted(chat.contact, "be kind")
    bo = await floor.desk("bo")
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    accepted = await bo.take(chat.contact, kind="transfer")

    assert "be kind" in [message["text"] for message in accepted["messages"]]


async def test_a_snapshot_and_the_events_after_it_are_the_whole_truth(floor: Floor) -> None:
    """A desktop that reconnects must show what one that never lost its line shows."""
    customer, anna, chat = await talking(floor)
    bo = await floor.desk("bo")
    for number in range(3):
        await customer.do("message.send", conversation=chat.conversation, text=f"q{number}")
        await anna.noted(chat.contact, f"n{number}")
    await floor.confer(chat, anna, bo)
    ending = await floor.chat(await floor.customer(), anna)
    await anna.do("contact.end", contact=ending.contact)
    ringing = await (await floor.customer()).do("chat.start", text="ring")
    await anna.do("presence.set", state="idle")
    await anna.available()
    await bo.do("presence.set", state="idle")
    mirror = await floor.desk(state=None)
    snapshot = mirror.hello
    contacts = {contact["id"]: contact for contact in snapshot["contacts"]}
    seen: dict[str, Payload] = {}
    for event in anna.events:
        if event.name in {"contact.updated", "contact.assigned"}:
            seen[event.payload["contact"]["id"]] = event.payload["contact"]
    told = {(m["conversation"], m["seq"]): m["text"] for m in anna.named("message")}
    volatile = {"unread", "last_seq", "messages"}

    assert set(contacts) == {chat.contact, ending.contact}
    for contact_id, contact in contacts.items():
        assert {k: v for k, v in contact.items() if k not in volatile} == {
            k: v for k, v in seen[contact_id].items() if k not in volatile
        }
    shown = {
        (message["conversation"], message["seq"]): message["text"]
        for contact in contacts.values()
        for message in contact["messages"]
    }
    assert told.items() <= shown.items()
    times = [message["at"] for message in contacts[chat.contact]["messages"]]
    assert times == sorted(times)
    pending = {offer["id"] for offer in snapshot["offers"]}
    created = {e["offer"]["id"] for e in anna.named("offer.created")}
    closed = {event["offer"] for event in anna.named("offer.closed")}
    assert pending == created - closed
    assert all(offer["contact"]["id"] == ringing["contact"] for offer in snapshot["offers"])
    last = anna.named("presence.changed")[-1]["agent"]
    assert (snapshot["agent"]["state"], snapshot["agent"]["since"]) == (
        last["state"],
        last["since"],
    )


@pytest.mark.floor(queues={"support": {}, "boats": {"name": "Boats and oars"}})
async def test_the_directory_tells_how_queues_stand(floor: Floor) -> None:
    """An agent chooses where to transfer by who is there and how long it takes."""
    anna = await floor.desk("anna", state="idle")
    for customer in await floor.customers(2):
        await customer.do("chat.start", text="Hello")
    everything = await anna.do("directory.queues")
    found = await anna.do("directory.queues", search="boats and")
    nothing = await anna.do("directory.queues", search="no such words")
    standing = {queue["id"]: queue for queue in everything["queues"]}

    assert standing[floor.id("support")]["waiting"] == 2
    assert standing[floor.id("boats")]["waiting"] == 0
    assert standing[floor.id("support")]["available_agents"] == 0
    assert "estimated_wait_ms" in standing[floor.id("support")]
    assert [queue["id"] for queue in found["queues"]] == [floor.id("boats")]
    assert nothing["queues"] == []


@pytest.mark.floor(agents={"zoe": {}, "adam": {}, "mia": {}})
async def test_the_directory_lists_who_can_help_now_first(floor: Floor) -> None:
    """The first name in the list is the one to ask."""
    zoe = await floor.desk("zoe")
    await floor.desk("mia", state="idle")
    answer = await zoe.do("directory.agents")
    names = [agent["id"] for agent in answer["agents"]]
    found = await zoe.do("directory.agents", search="adam")
    states = {agent["id"]: agent["state"] for agent in answer["agents"]}

    assert names.index(zoe.agent) < names.index(floor.id("mia"))
    assert names.index(zoe.agent) < names.index(floor.id("adam"))
    assert states[floor.id("mia")] == "idle"
    assert states[floor.id("adam")] == "offline"
    assert floor.id("adam") in [agent["id"] for agent in found["agents"]]
    assert zoe.agent not in [agent["id"] for agent in found["agents"]]

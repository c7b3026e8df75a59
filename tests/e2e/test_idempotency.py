"""A command sent twice under one id, as after a lost connection, takes effect once."""

import pytest

from tests.e2e.floors import Floor


async def test_the_same_id_gives_the_first_answer_and_does_nothing_more(floor: Floor) -> None:
    """A client that did not hear the answer must be able to ask again without harm."""
    customer = await floor.customer()
    start = {"id": "start-1", "text": "Hello"}
    first = await customer.do("chat.start", **start)
    again = await customer.do("chat.start", **start)
    send = {"id": "send-1", "conversation": first["conversation"], "text": "once"}
    sent = await customer.do("message.send", **send)
    resent = await customer.do("message.send", **send)
    texts = [message["text"] for message in await customer.history(first["conversation"])]

    assert (again["contact"], again["conversation"]) == (first["contact"], first["conversation"])
    assert resent == sent
    assert texts == ["Hello", "once"]


async def test_the_same_id_for_something_else_is_a_conflict(floor: Floor) -> None:
    """Answering the first command to a second one would tell the client a lie."""
    customer = await floor.customer()
    started = await customer.do("chat.start", id="one", text="Hello")
    conversation = started["conversation"]
    await customer.do("message.send", id="two", conversation=conversation, text="a")
    other_body = await customer.refused(
        "message.send", id="two", conversation=conversation, text="b"
    )
    other_command = await customer.refused("chat.end", id="two", conversation=conversation)

    assert other_body["code"] == "conflict"
    assert other_command["code"] == "conflict"


async def test_bodies_are_compared_after_masking(floor: Floor) -> None:
    """The original is not kept, so only what is kept can be compared."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    conversation = started["conversation"]
    card, spaced = "my card 4111111111111111", "my card 4111 1111 1111 1111"
    first = await customer.do("message.send", id="card", conversation=conversation, text=card)
    again = await customer.do("message.send", id="card", conversation=conversation, text=spaced)

    assert again == first
    assert again["text"] == "my card ************1111"


async def test_ids_belong_to_who_chose_them(floor: Floor) -> None:
    """Two widgets count from one; they must not get each other's answers."""
    kim, robin = await floor.customers(2)
    one = await kim.do("chat.start", id="1", text="Kim")
    other = await robin.do("chat.start", id="1", text="Robin")

    assert one["contact"] != other["contact"]


async def test_refusals_are_not_remembered(floor: Floor) -> None:
    """What was refused may be allowed later, and the client tries under the same id."""
    anna = await floor.desk(state=None)
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    send = {"id": "m", "contact": started["contact"], "text": "Hi"}
    early = await anna.refused("message.send", **send)
    await anna.available()
    await anna.take(started["contact"])
    late = await anna.do("message.send", **send)

    assert early["code"] in {"not_found", "forbidden"}
    assert late["text"] == "Hi"


async def test_ids_outlive_a_connection(floor: Floor) -> None:
    """The moment to repeat a command is right after reconnecting."""
    customer = await floor.customer()
    started = await customer.do("chat.start", id="s", text="Hello")
    send = {"id": "m", "conversation": started["conversation"], "text": "lost?"}
    first = await customer.do("message.send", **send)
    await customer.lose()
    back = await floor.customer(token=customer.token)
    again = await back.do("message.send", **send)
    restarted = await back.do("chat.start", id="s", text="Hello")

    assert again == first
    assert restarted["contact"] == started["contact"]


async def test_every_changing_command_of_an_agent_can_be_repeated(floor: Floor) -> None:
    """An agent on a bad line must not accept, transfer or end twice, nor see a false refusal."""
    anna = await floor.desk()
    await floor.desk("bo", state="idle")
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    contact = started["contact"]
    offer = await anna.offered(contact)

    for command, payload in (
        ("offer.accept", {"offer": offer["id"]}),
        ("message.send", {"contact": contact, "text": "Hi"}),
        ("contact.end", {"contact": contact}),
        ("contact.wrapup", {"contact": contact, "code": "resolved"}),
        ("presence.set", {"state": "idle"}),
    ):
        first = await anna.do(command, id=f"id of {command}", **payload)
        again = await anna.do(command, id=f"id of {command}", **payload)

        assert first.keys() == again.keys()
    history = await customer.history(started["conversation"])
    assert [message["text"] for message in history].count("Hi") == 1
    assert len(anna.named("contact.ended")) == 1
    assert len(anna.named("wrapup.completed")) == 1


async def test_requests_between_agents_can_be_repeated(floor: Floor) -> None:
    """An invitation sent twice rings once."""
    anna = await floor.desk()
    bo = await floor.desk("bo", state="idle")
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await bo.available()
    contact = chat.contact

    async def twice(command: str, **payload: object) -> None:
        first = await anna.do(command, **payload)
        assert await anna.do(command, **payload) == first

    await twice("contact.transfer", id="1", contact=contact, to={"agent": bo.agent})
    transfer = await bo.offered(contact, kind="transfer")
    await twice("offer.cancel", id="2", offer=transfer["id"])
    await twice("contact.conference", id="3", contact=contact, agent=bo.agent)
    offer = await bo.offered(contact, kind="conference")
    await bo.do("offer.decline", id="no", offer=offer["id"])
    await bo.do("offer.decline", id="no", offer=offer["id"])

    assert len(bo.named("offer.created")) == 2
    assert len(bo.named("offer.closed")) == 2


async def test_an_acceptance_repeated_still_gives_the_contact(floor: Floor) -> None:
    """The answer carries the chat; without it the desktop would be empty."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    first = await anna.do("offer.accept", id="a", offer=offer["id"])
    again = await anna.do("offer.accept", id="a", offer=offer["id"])

    assert again["contact"]["id"] == first["contact"]["id"] == started["contact"]
    assert "Hello" in [message["text"] for message in again["messages"]]


async def test_an_id_survives_a_killed_server(floor: Floor) -> None:
    """A crash is the most likely reason for a repeated command."""
    customer = await floor.customer()
    started = await customer.do("chat.start", id="s", text="Hello")
    send = {"id": "m", "conversation": started["conversation"], "text": "before the crash"}
    first = await customer.do("message.send", **send)
    floor.server.kill()
    floor.server.start()
    back = await floor.customer(token=customer.token)
    again = await back.do("message.send", **send)
    restarted = await back.do("chat.start", id="s", text="Hello")
    other = await back.refused("message.send", **{**send, "text": "another"})
    texts = [message["text"] for message in await back.history(started["conversation"])]

    assert again == first
    assert restarted["contact"] == started["contact"]
    assert other["code"] == "conflict"
    assert texts == ["Hello", "before the crash"]


@pytest.mark.floor(queues={"support": {}}, agents={"anna": {"capacity": 1}})
async def test_repeating_a_start_after_the_chat_ended_starts_nothing(floor: Floor) -> None:
    """A page that wakes up late repeats what it last sent; no agent may be bothered by it."""
    customer = await floor.customer()
    started = await customer.do("chat.start", id="s", text="Hello")
    await customer.do("chat.end", conversation=started["conversation"])
    again = await customer.do("chat.start", id="s", text="Hello")
    anna = await floor.desk()
    await anna.do("directory.queues")

    assert again["contact"] == started["contact"]
    assert anna.named("offer.created") == []

"""A customer is served from the first word to the last, and every door that must be shut is."""

import time
from contextlib import suppress

import pytest

from tests.e2e.floors import Floor
from tests.support.clients import ConnectRefusedError, Customer, Desk
from tests.support.clients_shapes import Payload
from tests.support.server import leave_unsigned, sign


async def test_a_customer_is_served_from_greeting_to_wrapup(floor: Floor) -> None:
    """This is what the product is for; every other test is a detail of it."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Where is my parcel?", name="Kim")
    contact, conversation = started["contact"], started["conversation"]
    offer = await anna.offered(contact)
    accepted = await anna.do("offer.accept", offer=offer["id"])
    assigned = await customer.until("contact.assigned", contact=contact)
    said = await anna.do("message.send", contact=contact, text="Let me look.")
    heard = await customer.until("message", seq=said["seq"])
    answered = await customer.do("message.send", conversation=conversation, text="Thanks!")
    seen = await anna.until("message", seq=answered["seq"], conversation=conversation)
    await anna.do("contact.end", contact=contact)
    ended = await customer.until("contact.ended", contact=contact)
    owed = await anna.until("wrapup.started", contact=contact)
    await anna.do("contact.wrapup", contact=contact, code="resolved", note="All well")
    filed = await anna.until("wrapup.completed", contact=contact)

    assert offer["kind"] == "contact"
    assert offer["contact"]["customer"]["name"] == "Kim"
    assert [message["text"] for message in offer["preview"]] == ["Where is my parcel?"]
    assert accepted["contact"]["owner"] == anna.agent
    assert accepted["contact"]["state"] == "connected"
    assert "Where is my parcel?" in [message["text"] for message in accepted["messages"]]
    assert assigned["conversation"] == conversation
    assert assigned["agent"]["name"] == "Anna"
    assert (heard["text"], heard["author"]["role"]) == ("Let me look.", "agent")
    assert (seen["text"], seen["author"]["role"]) == ("Thanks!", "customer")
    assert ended["ended_by"] == "agent"
    assert owed["deadline_at"] is None
    assert filed["code"] == "resolved"


async def test_every_reader_sees_the_same_gapless_numbers(floor: Floor) -> None:
    """Clients find what they miss by the numbers, so none may be skipped or differ."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    for turn in range(5):
        await customer.do("message.send", conversation=chat.conversation, text=f"question {turn}")
        await anna.do("message.send", contact=chat.contact, text=f"answer {turn}")
    await customer.do("chat.end", conversation=chat.conversation)
    theirs = await customer.history(chat.conversation)
    answer = await anna.do("history", conversation=chat.conversation, limit=200)
    numbers = [message["seq"] for message in theirs]

    assert numbers == list(range(1, len(numbers) + 1))
    assert sorted(message["seq"] for message in answer["messages"]) == numbers
    assert {m["seq"]: m["text"] for m in answer["messages"]} == {
        m["seq"]: m["text"] for m in theirs
    }
    assert [message["seq"] for message in customer.named("message")] == numbers


async def test_notices_say_who_came_and_how_it_ended(floor: Floor) -> None:
    """The transcript alone must tell the story to whoever reads it later."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact)
    await customer.until("contact.ended")
    notices = [m for m in await customer.history(chat.conversation) if "event" in m]

    assert [notice["event"] for notice in notices] == ["contact.assigned", "contact.ended"]
    assert all(notice["author"]["role"] == "system" for notice in notices)


async def test_the_answer_follows_the_events_its_command_caused(floor: Floor) -> None:
    """A client may act on the answer only because it has seen everything before it."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    await anna.do("offer.accept", offer=offer["id"])
    sent = await customer.do("message.send", conversation=started["conversation"], text="Hi")
    await anna.do("contact.end", contact=started["contact"])

    def own(message: Payload) -> bool:
        return bool(message["seq"] == sent["seq"])

    assert customer.index("message", own) < customer.index("ack message.send")
    assert anna.index("offer.closed") < anna.index("ack offer.accept")
    assert anna.index("presence.changed") < anna.index("ack presence.set")
    assert anna.index("contact.ended") < anna.index("ack contact.end")
    assert anna.index("wrapup.started") < anna.index("ack contact.end")


async def test_commands_sent_without_waiting_take_effect_in_order(floor: Floor) -> None:
    """A fast typist must not see sentences change places, nor lose the last one to the end."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    texts = [f"word {number}" for number in range(30)]
    for text in texts:
        await customer.tell("message.send", {"conversation": chat.conversation, "text": text})
    await customer.do("chat.end", conversation=chat.conversation)
    messages = await customer.history(chat.conversation)

    assert [m["text"] for m in messages if m["text"].startswith("word")] == texts
    assert messages[-1]["event"] == "contact.ended"


async def test_the_session_tells_a_widget_all_it_needs(floor: Floor) -> None:
    """A widget draws its first screen from this one event."""
    before_ms = int(time.time() * 1000)
    customer = await floor.customer()
    session = customer.hello

    assert session["entry_point"]["id"] == floor.id("shop")
    assert session["entry_point"]["open"] is True
    assert session["entry_point"]["pre_chat"] == []
    assert session["limits"]["text"] == 1000
    assert session["conversations"] == []
    assert before_ms - 1000 <= session["server_now"] <= before_ms + 10_000


@pytest.mark.floor(
    entry_points={"shop": {"greeting": "Welcome!", "pre_chat": ["name", "email"], "name": "Boats"}}
)
async def test_the_session_carries_what_the_entry_point_says(floor: Floor) -> None:
    """The shop's words and questions are configuration, not code in the page."""
    customer = await floor.customer()
    entry_point = customer.hello["entry_point"]

    assert entry_point["greeting"] == "Welcome!"
    assert entry_point["pre_chat"] == ["name", "email"]
    assert entry_point["name"] == "Boats"


async def test_the_snapshot_tells_a_desktop_all_it_needs(floor: Floor) -> None:
    """A desktop draws its first screen from this one event."""
    anna = await floor.desk(state=None)
    snapshot = anna.hello
    codes = {code["id"]: code["name"] for code in snapshot["wrapup_codes"]}

    assert snapshot["agent"]["id"] == floor.id("anna")
    assert snapshot["agent"]["name"] == "Anna"
    assert snapshot["agent"]["capacity"] == 3
    assert snapshot["agent"]["load"] == 0
    assert snapshot["agent"]["connected"] is True
    assert (snapshot["offers"], snapshot["contacts"]) == ([], [])
    assert {"id": floor.id("support"), "name": "Support"} in snapshot["queues"]
    assert codes["resolved"] == "Resolved"
    assert snapshot["idle_codes"] == [{"id": "lunch", "name": "Lunch"}]
    assert snapshot["templates"] == [
        {"id": "hello", "text": "Hello <customer.name>, this is <agent.name>."}
    ]


async def refusal(floor: Floor, namespace: type[Customer | Desk], **auth: object) -> str:
    """Connect in vain and give the code of the refusal, whose form is checked here."""
    with pytest.raises(ConnectRefusedError) as caught:
        await namespace(floor.server.url, auth).connect()
    data = caught.value.data

    assert isinstance(data["message"], str)
    assert isinstance(data["retryable"], bool)
    return str(data["code"])


async def test_a_customer_needs_a_known_entry_point(floor: Floor) -> None:
    """A page with a wrong id must learn that at once, in words a program can read."""
    missing = await refusal(floor, Customer)
    unknown = await refusal(floor, Customer, entry_point="nowhere")
    wrong = await refusal(floor, Customer, entry_point=7)

    assert missing == "invalid"
    assert unknown == "not_found"
    assert wrong == "invalid"


async def test_a_token_that_was_not_given_out_opens_nothing_of_others(floor: Floor) -> None:
    """Whether a guess is refused or ignored, it must not lead into a conversation."""
    kim = await floor.customer()
    await kim.do("chat.start", text="mine")
    for guess in ("guessed", kim.token[:-1], kim.token.swapcase(), kim.hello["customer"]):
        customer: Customer | None = None
        with suppress(ConnectRefusedError):
            customer = await floor.customer(token=guess)

        if customer is not None:
            assert customer.hello["customer"] != kim.hello["customer"]
            assert customer.hello["conversations"] == []


async def test_an_agent_needs_a_signed_token_in_force(floor: Floor) -> None:
    """The desk sees customers' words, so every way round the signature must be shut."""
    anna = floor.id("anna")
    expired = sign(sub=anna, roles=["agent"], valid_s=-60)
    foreign = sign("another secret, which is long enough", sub=anna, roles=["agent"])
    endless = sign(sub=anna, roles=["agent"], valid_s=None)
    unsigned = leave_unsigned(sub=anna, roles=["agent"])

    for token in ("", "a.b.c", expired, foreign, endless, unsigned):
        assert await refusal(floor, Desk, token=token) in {"unauthenticated", "invalid"}
    assert await refusal(floor, Desk) in {"unauthenticated", "invalid"}


async def test_an_agent_needs_the_role_and_a_desk(floor: Floor) -> None:
    """A supervisor or a stranger with a good signature is still nobody's agent."""
    supervisor = sign(sub=floor.id("anna"), roles=["supervisor"])
    stranger = sign(sub="nobody", roles=["agent"])

    assert await refusal(floor, Desk, token=supervisor) == "forbidden"
    assert await refusal(floor, Desk, token=stranger) in {
        "forbidden",
        "not_found",
        "unauthenticated",
    }


@pytest.mark.floor(entry_points={"shop": {"allowed_origins": ["https://shop.example"]}})
async def test_a_page_of_another_site_is_kept_out(floor: Floor) -> None:
    """Only the pages that the owner named may put the widget on themselves."""
    auth = {"entry_point": floor.id("shop")}
    url = floor.server.url
    good = await Customer(url, auth, {"Origin": "https://shop.example"}).connect()
    await good.leave()
    with pytest.raises(ConnectRefusedError) as caught:
        await Customer(url, auth, {"Origin": "https://evil.example"}).connect()

    assert caught.value.data["code"] == "forbidden"


async def test_a_signed_customer_is_known_by_name(floor: Floor) -> None:
    """What the site vouches for is shown to the agent as verified."""
    anna = await floor.desk()
    token = floor.identity(sub="user-7", name="Kim Svensson", email="kim.svensson@mail.example")
    customer = await floor.customer(identity=token)
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    seen = offer["contact"]["customer"]

    assert seen["verified"] is True
    assert seen["name"] == "Kim Svensson"
    assert seen["email"] == "k***********@mail.example"


async def test_a_signed_identity_must_be_signed_by_this_site(floor: Floor) -> None:
    """Whoever can write an identity can read that customer's conversations."""
    forged = sign("not the secret of this site, but as long", sub="user-7")
    expired = floor.identity(sub="user-7", valid_s=-60)
    shop = floor.id("shop")

    assert await refusal(floor, Customer, entry_point=shop, identity=forged) == "unauthenticated"
    assert await refusal(floor, Customer, entry_point=shop, identity=expired) == "unauthenticated"


async def test_one_customers_token_beside_anothers_identity_is_forbidden(floor: Floor) -> None:
    """Two people at one computer must not get each other's conversations."""
    kim = await floor.customer(identity=floor.identity(sub="kim"))
    code = await refusal(
        floor,
        Customer,
        entry_point=floor.id("shop"),
        token=kim.token,
        identity=floor.identity(sub="robin"),
    )

    assert code == "forbidden"


async def test_an_anonymous_customer_who_signs_in_keeps_its_conversation(floor: Floor) -> None:
    """People ask first and log in later; afterwards the old token is theirs too."""
    anna = await floor.desk()
    guest = await floor.customer()
    chat = await floor.chat(guest, anna)
    await guest.leave()
    kim = await floor.customer(token=guest.token, identity=floor.identity(sub="kim", name="Kim"))
    later = await floor.customer(token=guest.token)
    mirror = await floor.desk(state=None)
    [contact] = mirror.hello["contacts"]

    assert [one["id"] for one in kim.hello["conversations"]] == [chat.conversation]
    assert later.hello["customer"] == kim.hello["customer"]
    assert contact["customer"]["id"] == kim.hello["customer"]
    assert (contact["customer"]["name"], contact["customer"]["verified"]) == ("Kim", True)


async def test_several_tabs_of_a_customer_show_the_same(floor: Floor) -> None:
    """People keep a shop open in several tabs; each must be the whole conversation."""
    anna = await floor.desk()
    first = await floor.customer()
    second = await floor.customer(token=first.token)
    chat = await floor.chat(first, anna)
    await second.do("message.send", conversation=chat.conversation, text="from the second tab")
    await anna.do("message.send", contact=chat.contact, text="to both")
    for tab in (first, second):
        await tab.until("message", text="from the second tab")
        await tab.until("message", text="to both")
    await first.do("chat.end", conversation=chat.conversation)
    await second.until("contact.ended", contact=chat.contact)

    assert second.hello["customer"] == first.hello["customer"]
    assert first.named("message") == second.named("message")


async def test_several_desktops_of_an_agent_mirror_each_other(floor: Floor) -> None:
    """Whatever is done on one desktop is seen, and not offered any more, on the other."""
    first = await floor.desk()
    second = await floor.desk(state=None)
    customer = await floor.customer()
    chat = await floor.chat(customer, first)
    this = await first.until("offer.closed", contact=chat.contact)
    other = await second.until("offer.closed", contact=chat.contact)
    await second.until("contact.assigned", lambda event: event["contact"]["id"] == chat.contact)
    await second.do("message.send", contact=chat.contact, text="from the second desktop")
    await first.until("message", text="from the second desktop")
    await second.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    await first.until("wrapup.completed", contact=chat.contact)

    assert second.hello["agent"]["state"] == "available"
    assert (this["outcome"], this["desktop"]) == ("accepted", "this")
    assert (other["outcome"], other["desktop"]) == ("accepted", "other")


async def test_a_resumed_customer_finds_its_conversation(floor: Floor) -> None:
    """A reload of the page must not lose the chat, and an older token keeps working."""
    anna = await floor.desk()
    first = await floor.customer()
    chat = await floor.chat(first, anna)
    await first.lose()
    said = await anna.do("message.send", contact=chat.contact, text="Are you there?")
    second = await floor.customer(token=first.token)
    third = await floor.customer(token=second.token)
    fourth = await floor.customer(token=first.token)
    [conversation] = second.hello["conversations"]
    missed = await second.do("history", conversation=chat.conversation, after=said["seq"] - 1)

    assert {c.hello["customer"] for c in (first, second, third, fourth)} == {
        first.hello["customer"]
    }
    assert conversation["id"] == chat.conversation
    assert conversation["contact"] == {"id": chat.contact, "state": "connected"}
    assert conversation["unread"] == 1
    assert [message["text"] for message in missed["messages"]][:1] == ["Are you there?"]

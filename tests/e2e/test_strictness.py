"""What a client may send is narrow, and it is told where it went wrong."""

import pytest

from tests.e2e.floors import Floor
from tests.support.clients import Client, Customer
from tests.support.clients_shapes import Payload


async def path_of(client: Client, command: str, payload: object) -> str:
    """Send what must be invalid and give where it is wrong."""
    answer = await client.ask(command, payload)

    assert answer["ok"] is False, answer
    assert answer["error"]["code"] == "invalid", answer
    return str(answer["error"]["details"]["path"])


async def test_unknown_commands_are_answered_as_invalid(floor: Floor) -> None:
    """A client that is ahead of the server must learn it, not wait for ever."""
    customer = await floor.customer()
    anna = await floor.desk()

    for client in (customer, anna):
        assert await path_of(client, "chat.sing", {}) == ""
        assert await path_of(client, "connect.me", {"text": "x"}) == ""
    assert await path_of(customer, "offer.accept", {"offer": "x"}) == ""
    assert await path_of(anna, "chat.start", {}) == ""


@pytest.mark.parametrize("payload", ["text", 7, True, [1, 2], [], (None,), ("a", "b")], ids=repr)
async def test_a_payload_that_is_no_object_is_invalid(floor: Floor, payload: object) -> None:
    """A command has named fields; anything else is a mistake of the client."""
    customer = await floor.customer()
    anna = await floor.desk()

    assert await path_of(customer, "chat.start", payload) == ""
    assert await path_of(anna, "directory.queues", payload) == ""


async def test_unknown_fields_are_invalid(floor: Floor) -> None:
    """A misspelt field that is ignored is a feature that silently does not work."""
    customer = await floor.customer()
    anna = await floor.desk()

    assert await path_of(customer, "chat.start", {"colour": "red"}) in {"colour", ""}
    assert await path_of(customer, "chat.start", {"context": {"page": "https://shop.example"}}) in {
        "context.page",
        "context",
    }
    assert await path_of(anna, "presence.set", {"state": "idle", "x": 1}) in {"x", ""}


async def test_wrong_types_are_named_by_their_path(floor: Floor) -> None:
    """The developer of a client finds the mistake by its path."""
    customer = await floor.customer()
    anna = await floor.desk()
    to_number = {"contact": "x", "to": {"queue": 7}}

    assert await path_of(customer, "chat.start", {"text": 7}) == "text"
    assert await path_of(customer, "chat.start", {"context": []}) == "context"
    assert await path_of(customer, "chat.start", {"context": {"locale": 7}}) == "context.locale"
    assert await path_of(customer, "typing", {"conversation": "x", "on": "yes"}) == "on"
    assert await path_of(customer, "message.read", {"conversation": "x", "seq": "1"}) == "seq"
    assert await path_of(customer, "history", {"conversation": 1}) == "conversation"
    assert await path_of(anna, "contact.transfer", to_number) == "to.queue"
    assert await path_of(anna, "presence.set", {"state": "asleep"}) == "state"
    assert await path_of(anna, "offer.accept", {"offer": None}) == "offer"
    assert (
        await path_of(anna, "message.send", {"contact": "x", "text": "x", "audience": "all"})
        == "audience"
    )


async def test_missing_fields_are_invalid(floor: Floor) -> None:
    """A command without its object cannot mean anything."""
    customer = await floor.customer()
    anna = await floor.desk()

    for command in ("message.send", "message.read", "typing", "chat.end", "history"):
        await path_of(customer, command, {})
    for command in (
        "presence.set",
        "offer.accept",
        "offer.decline",
        "message.send",
        "contact.transfer",
        "contact.conference",
        "offer.cancel",
        "conference.leave",
        "conference.remove",
        "contact.end",
        "contact.wrapup",
        "history",
    ):
        await path_of(anna, command, {})


async def test_a_transfer_goes_to_exactly_one_place(floor: Floor) -> None:
    """Nobody could say where a chat with two targets, or none, should go."""
    anna = await floor.desk()
    chat = await floor.chat(await floor.customer(), anna)
    both = {"queue": floor.id("support"), "agent": floor.id("bo")}

    for to in (both, {}, {"moon": "x"}):
        path = await path_of(anna, "contact.transfer", {"contact": chat.contact, "to": to})
        assert path.startswith("to")


@pytest.mark.parametrize("control", ["\0", "\x07", "\x1b", "\r", "\x7f"], ids=repr)
async def test_control_characters_are_invalid_everywhere(floor: Floor, control: str) -> None:
    """They have no place in a chat, and terminals and databases trip over them."""
    customer = await floor.customer()
    bad = f"a{control}b"

    for field in ("text", "name", "subject"):
        assert await path_of(customer, "chat.start", {field: bad}) == field
    path = await path_of(customer, "chat.start", {"attributes": {"size": bad}})
    assert path.startswith("attributes")
    assert await path_of(customer, "chat.start", {"id": bad}) == "id"


async def test_line_breaks_and_tabs_are_text(floor: Floor) -> None:
    """People write addresses over several lines and paste tables."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="one\ntwo\tthree")
    [message] = await customer.history(started["conversation"])

    assert message["text"] == "one\ntwo\tthree"


async def test_angle_brackets_arrive_unchanged(floor: Floor) -> None:
    """Escaping belongs to whoever shows text; a customer may ask about <b> or 1 < 2."""
    anna = await floor.desk()
    customer = await floor.customer()
    text = "<script>alert(1)</script> &amp; 1 < 2 > 0 \N{GRINNING FACE} 'q\" \\n"
    chat = await floor.chat(customer, anna, text=text, name="<b>Kim</b>", subject="<i>")
    await anna.until("offer.created")
    contact = anna.named("offer.created")[0]["offer"]["contact"]
    history = await customer.history(chat.conversation)

    assert history[0]["text"] == text
    assert contact["customer"]["name"] == "<b>Kim</b>"
    assert contact["subject"] == "<i>"


async def test_text_is_trimmed_and_its_length_counted_after_that(floor: Floor) -> None:
    """Blank ends are typing accidents; an emoji is one character to who types it."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="  \n hello \t ")
    conversation = started["conversation"]
    longest = "\N{GRINNING FACE}" * 1000
    sent = await customer.do("message.send", conversation=conversation, text=f"  {longest}\n")
    history = await customer.history(conversation)

    assert history[0]["text"] == "hello"
    assert sent["text"] == longest
    assert history[1]["text"] == longest


async def test_blank_text_is_invalid(floor: Floor) -> None:
    """An empty bubble says nothing."""
    customer = await floor.customer()
    started = await customer.do("chat.start")
    conversation = started["conversation"]

    for text in ("", "   ", "\n\t"):
        payload = {"conversation": conversation, "text": text}
        assert await path_of(customer, "message.send", payload) == "text"


LONG: dict[str, Payload] = {
    "text": {"text": "x" * 1001},
    "name": {"name": "x" * 201},
    "subject": {"subject": "x" * 201},
    "email": {"email": "x" * 243 + "@" + "mail.example"[1:]},
    "phone": {"phone": "+" + "1" * 40},
    "attribute": {"attributes": {"size": "x" * 257}},
    "attribute key": {"attributes": {"x" * 65: "large"}},
    "attributes": {"attributes": {f"key {number}": number for number in range(31)}},
}


@pytest.mark.parametrize("field", LONG)
async def test_what_is_longer_than_its_limit_is_too_large(floor: Floor, field: str) -> None:
    """Limits are promises about storage; one character more must be refused, not cut."""
    customer = await floor.customer()
    error = await customer.refused("chat.start", **LONG[field])

    assert error["code"] == "too_large"
    assert error["retryable"] is False


async def test_what_is_as_long_as_its_limit_is_kept(floor: Floor) -> None:
    """The limit itself is allowed."""
    anna = await floor.desk()
    customer = await floor.customer()
    keys: Payload = {f"{number:02}".ljust(64, "k"): "v" * 256 for number in range(27)}
    keys |= {"count": 3, "is gift": True, "discount": 0.5}
    started = await customer.do(
        "chat.start", text="t" * 1000, name="n" * 200, subject="s" * 200, attributes=keys
    )
    offer = await anna.offered(started["contact"])

    assert offer["contact"]["attributes"] == keys
    assert offer["contact"]["customer"]["name"] == "n" * 200
    assert offer["contact"]["subject"] == "s" * 200


async def test_a_wrapup_note_is_bounded(floor: Floor) -> None:
    """A note is a remark, and the limit is told before the chat is touched."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    error = await anna.refused(
        "contact.end", contact=chat.contact, wrapup={"code": "resolved", "note": "n" * 1001}
    )
    await anna.do(
        "contact.end", contact=chat.contact, wrapup={"code": "resolved", "note": "n" * 1000}
    )

    assert error["code"] == "too_large"


@pytest.mark.parametrize("value", [[1], {"a": 1}], ids=repr)
async def test_attributes_are_scalars(floor: Floor, value: object) -> None:
    """Attributes are shown in a row each; a nested one has no row."""
    customer = await floor.customer()
    path = await path_of(customer, "chat.start", {"attributes": {"size": value}})

    assert path.startswith("attributes")


@pytest.mark.parametrize("request_id", ["", "x" * 65, 7], ids=["empty", "long", "number"])
async def test_a_request_id_has_one_to_sixty_four_characters(
    floor: Floor, request_id: object
) -> None:
    """Ids are kept for a while, so they must be short and must be there."""
    customer = await floor.customer()
    error = await customer.refused("chat.start", id=request_id)

    assert error["code"] in {"invalid", "too_large"}


async def test_version_one_takes_no_attachments(floor: Floor) -> None:
    """A file that is silently dropped is worse than one that is refused."""
    customer = await floor.customer()
    started = await customer.do("chat.start")
    payload = {"conversation": started["conversation"], "text": "x", "attachments": ["file"]}

    assert await path_of(customer, "message.send", payload) in {"attachments", ""}


async def test_a_command_without_an_answer_wanted_still_works(floor: Floor) -> None:
    """An acknowledgement is the client's choice."""
    customer = await floor.customer()
    started = await customer.do("chat.start")
    await customer.tell(
        "message.send", {"conversation": started["conversation"], "text": "no answer needed"}
    )
    message = await customer.until("message", text="no answer needed")

    assert message["seq"] == 1


async def test_what_is_not_ones_own_is_not_found(floor: Floor) -> None:
    """Existence itself is private: a stranger's conversation looks like none."""
    kim = await floor.customer()
    robin = await floor.customer()
    started = await kim.do("chat.start", text="mine")
    theirs = started["conversation"]
    attempts: list[tuple[Customer, str, Payload]] = [
        (robin, "message.send", {"conversation": theirs, "text": "hi"}),
        (robin, "history", {"conversation": theirs}),
        (robin, "chat.end", {"conversation": theirs}),
        (robin, "message.read", {"conversation": theirs, "seq": 1}),
        (robin, "typing", {"conversation": theirs, "on": True}),
        (robin, "chat.start", {"conversation": theirs}),
        (kim, "history", {"conversation": "no such"}),
        (kim, "chat.end", {"conversation": "no such"}),
        (kim, "chat.start", {"queue": "no such"}),
    ]

    for client, command, payload in attempts:
        answer = await client.ask(command, payload)
        codes = {"not_found", "conflict"} if "queue" not in payload else {"not_found", "forbidden"}
        if command == "chat.start" and client is kim:
            codes.add("conflict")
        assert answer["error"]["code"] in codes, (command, answer)


async def test_errors_do_not_repeat_what_the_client_wrote(floor: Floor) -> None:
    """Errors end up in other people's logs, and what customers type is private."""
    customer = await floor.customer()
    secret = "kim-secret-value"
    answers = [
        await customer.ask("chat.start", {"text": "x", "attributes": {secret: [1]}}),
        await customer.ask("chat.start", {"queue": secret}),
        await customer.ask("history", {"conversation": secret}),
        await customer.ask("message.send", {"conversation": secret, "text": secret}),
        await customer.ask("chat.start", {"text": secret * 100}),
        await customer.ask("chat.start", {"id": secret * 10, "text": secret}),
    ]

    for answer in answers:
        assert answer["ok"] is False
        assert secret not in str(answer)


@pytest.mark.floor(
    queues={"support": {}, "sales": {}, "vault": {}},
    entry_points={"shop": {"queue": "support", "queues": ["sales"]}},
)
async def test_a_customer_chooses_only_among_the_queues_of_the_entry_point(floor: Floor) -> None:
    """The page cannot be trusted to keep a customer out of a queue."""
    customer = await floor.customer()
    other = await floor.customer()
    anna = await floor.desk()
    error = await customer.refused("chat.start", text="x", queue=floor.id("vault"))
    started = await other.do("chat.start", text="x", queue=floor.id("sales"))
    offer = await anna.offered(started["contact"])

    assert error["code"] in {"forbidden", "not_found"}
    assert offer["queue"]["id"] == floor.id("sales")


@pytest.mark.floor(queues={"support": {"max_waiting": 2}})
async def test_a_full_queue_says_so(floor: Floor) -> None:
    """A line without end helps nobody; the page may then show a telephone number."""
    first, second, third = await floor.customers(3)
    await first.do("chat.start", text="one")
    await second.do("chat.start", text="two")
    full = await third.refused("chat.start", text="three")
    await first.do("chat.end", conversation=first.named("chat.queued")[0]["conversation"])
    await third.do("chat.start", text="three again")

    assert full["code"] == "queue_full"
    assert full["retryable"] is True

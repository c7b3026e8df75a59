"""What people should not have typed is masked before it is kept or shown, wherever they type it."""

import aiohttp
import pytest

from tests.e2e.floors import Floor
from tests.support.clients_shapes import Payload

# Valid by their own check digits, and nobody's.
CARD, CARD_MASKED = "4111 1111 1111 1111", "************1111"
IBAN, IBAN_MASKED = "SE45 5000 0000 0583 9825 7466", "*" * 20 + "7466"
SSN, SSN_MASKED = "536-90-4399", "***********"
EMAIL, EMAIL_MASKED = "kim.larsson@private.example", "k**********@private.example"
PHONE, PHONE_MASKED = "+46 70 174 06 58", "********0658"
FORMS = {
    "pan": (CARD, CARD_MASKED),
    "iban": (IBAN, IBAN_MASKED),
    "ssn": (SSN, SSN_MASKED),
    "email": (EMAIL, EMAIL_MASKED),
    "phone": (PHONE, PHONE_MASKED),
}
EVERYTHING = f"{CARD} and {IBAN} and {SSN} and {EMAIL} and {PHONE}"
EVERYTHING_MASKED = (
    f"{CARD_MASKED} and {IBAN_MASKED} and {SSN_MASKED} and {EMAIL_MASKED} and {PHONE_MASKED}"
)
# Each value as written, and without its spaces; a part that is long enough to tell.
SECRETS = (
    *(form for value, _ in FORMS.values() for form in (value, value.replace(" ", ""))),
    *("kim.larsson", "11111111111", "500000000583", "0174 06", "536904399"),
)


@pytest.mark.parametrize("kind", FORMS)
async def test_each_kind_is_masked_in_its_own_form(floor: Floor, kind: str) -> None:
    """Agents recognise a card by its last digits and an address by its domain, and see no more."""
    anna = await floor.desk()
    customer = await floor.customer()
    raw, masked = FORMS[kind]
    chat = await floor.chat(customer, anna, text=f"first {raw}!")
    sent = await customer.do(
        "message.send", conversation=chat.conversation, text=f"it is {raw}, thanks"
    )
    seen = await anna.until("message", seq=sent["seq"], conversation=chat.conversation)
    answer = await anna.do("message.send", contact=chat.contact, text=f"so {raw}?")
    heard = await customer.until("message", seq=answer["seq"])
    history = await customer.history(chat.conversation)

    assert sent["text"] == seen["text"] == f"it is {masked}, thanks"
    assert sent["masked"] == seen["masked"] == [kind]
    assert seen["masked_spans"] == [[kind, 6, 6 + len(masked)]]
    assert answer["text"] == heard["text"] == f"so {masked}?"
    assert history[0]["text"] == f"first {masked}!"


async def test_spans_count_code_points(floor: Floor) -> None:
    """A client marks what was masked also behind an emoji."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    text = f"\N{GRINNING FACE}\N{GRINNING FACE} {CARD}"
    sent = await customer.do("message.send", conversation=chat.conversation, text=text)
    seen = await anna.until("message", seq=sent["seq"], conversation=chat.conversation)

    assert seen["masked_spans"] == [["pan", 3, 3 + len(CARD_MASKED)]]


async def test_security_code_and_expiry_beside_a_card_are_starred_whole(floor: Floor) -> None:
    """With a card, or by their own names, they are money; without, they are a number and a date."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="see you 12/29, room 123")
    together = await customer.do(
        "message.send",
        conversation=started["conversation"],
        text=f"card {CARD} exp 12/29 cvv 123",
    )
    history = await customer.history(started["conversation"])

    assert history[0]["text"] == "see you 12/29, room 123"
    assert together["text"] == f"card {CARD_MASKED} exp ***** cvv ***"
    assert set(together["masked"]) == {"pan", "expiry", "cvv"}


async def test_ordinary_numbers_stay(floor: Floor) -> None:
    """An order number that is starred cannot be looked up."""
    customer = await floor.customer()
    text = "order 1234567812345678, 2 of 4, 19.99 on 2026-11-21 at 14:30, room 4411"
    started = await customer.do("chat.start", text=text)
    [message] = await customer.history(started["conversation"])

    assert message["text"] == text
    assert message["masked"] == []


async def test_every_personal_field_is_masked(floor: Floor) -> None:
    """A page may put anything into a field; the agent sees it in the same masked forms."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do(
        "chat.start",
        text=EVERYTHING,
        name=PHONE,
        email=EMAIL,
        phone=PHONE,
        subject=f"about {IBAN}",
        attributes={"card": CARD, "number": 4111111111111111, "note": EVERYTHING},
        context={"page_url": f"https://shop.example/?who={EMAIL}", "referrer": f"about {CARD}"},
    )
    offer = await anna.offered(started["contact"])
    contact: Payload = offer["contact"]

    assert contact["customer"]["name"] == PHONE_MASKED
    assert contact["customer"]["email"] == EMAIL_MASKED
    assert contact["customer"]["phone"] == PHONE_MASKED
    assert contact["subject"] == f"about {IBAN_MASKED}"
    assert contact["attributes"]["card"] == CARD_MASKED
    assert contact["attributes"]["note"] == EVERYTHING_MASKED
    assert str(contact["attributes"]["number"]) == CARD_MASKED
    assert contact["context"]["referrer"] == f"about {CARD_MASKED}"
    assert EMAIL not in contact["context"]["page_url"]
    assert offer["preview"][0]["text"] == EVERYTHING_MASKED


async def test_an_email_or_phone_field_is_masked_whatever_it_holds(floor: Floor) -> None:
    """The field says what it is, even when the detectors would not know it."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello", phone="070-174 06 58")
    offer = await anna.offered(started["contact"])
    phone = offer["contact"]["customer"]["phone"]

    assert phone.endswith(("0658", "6 58"))
    assert "174" not in phone


async def test_nothing_unmasked_is_kept_or_printed(floor: Floor) -> None:
    """Disks are copied, logs are shipped, metrics are scraped: none may hold what was masked."""
    anna = await floor.desk()
    bo = await floor.desk("bo")
    customer = await floor.customer(
        identity=floor.identity(sub="kim", name=PHONE, email=EMAIL, phone=PHONE)
    )
    started = await customer.do(
        "chat.start",
        id=CARD,
        text=EVERYTHING,
        name=EVERYTHING,
        email=EMAIL,
        phone=PHONE,
        subject=EVERYTHING,
        attributes={"note": EVERYTHING, "number": 4111111111111111, CARD: "key"},
        context={"page_url": f"https://shop.example/?{EVERYTHING}", "referrer": EVERYTHING},
    )
    contact, conversation = started["contact"], started["conversation"]
    await anna.take(contact)
    await customer.do("message.send", id=EMAIL, conversation=conversation, text=EVERYTHING)
    await anna.do("message.send", contact=contact, text=EVERYTHING)
    await anna.noted(contact, EVERYTHING)
    for command, payload in (
        ("directory.queues", {"search": EMAIL}),
        ("directory.agents", {"search": CARD}),
        ("history", {"conversation": EVERYTHING}),
        ("offer.accept", {"offer": CARD}),
        ("message.send", {"contact": EMAIL, "text": EVERYTHING, CARD: EVERYTHING}),
        (EMAIL, {EMAIL: CARD}),
    ):
        await anna.ask(command, payload)
    to = {"agent": bo.agent}
    wrapup = {"code": "resolved", "note": EVERYTHING}
    await anna.do("contact.transfer", contact=contact, to=to, wrapup=wrapup)
    await bo.take(contact, kind="transfer")
    await bo.do("contact.end", contact=contact, wrapup=wrapup)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{floor.server.url}/metrics") as response,
    ):
        page = await response.text()
    received = str([event.payload for client in (anna, bo) for event in client.events])

    assert [secret for secret in SECRETS if secret in page] == []
    assert [secret for secret in SECRETS if secret in received] == []
    assert floor.server.find(*SECRETS) == []


async def test_what_was_masked_is_still_found_as_masked_in_the_files(floor: Floor) -> None:
    """The search above is worth something only if it looks where texts are kept."""
    customer = await floor.customer()
    await customer.do("chat.start", text="a word that is kept: rhododendron")

    assert floor.server.find("rhododendron") != []


async def test_a_restart_keeps_the_masks(floor: Floor) -> None:
    """Only the masked form was stored, so only it can come back."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text=EVERYTHING)
    floor.server.kill()
    floor.server.start()
    back = await floor.customer(token=customer.token)
    [message] = await back.history(started["conversation"])

    assert message["text"] == EVERYTHING_MASKED
    assert set(message["masked"]) == set(FORMS)
    assert floor.server.find(*SECRETS) == []

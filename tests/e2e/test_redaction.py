"""A card in two messages, over real sockets: everybody's screen, the history, and the file."""

import asyncio

from tests.e2e.floors import Floor
from tests.support.clients_shapes import Payload


async def test_a_card_in_two_messages_is_taken_out_of_both(floor: Floor) -> None:
    """The half that everybody saw is gone from every screen before the sender hears of the rest."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="4111 1111")
    offer = await anna.offered(started["contact"])
    await anna.do("offer.accept", offer=offer["id"])
    rest: Payload = {"conversation": started["conversation"], "text": "1111 1111", "id": "rest"}
    sent = await customer.do("message.send", **rest)
    again = await customer.do("message.send", **rest)
    told = await customer.until("message.redacted")
    heard = await anna.until("message.redacted")
    history = await customer.history(started["conversation"])
    late = await floor.desk()
    (contact,) = late.hello["contacts"]

    assert (sent["text"], sent["masked"]) == ("****1111", ["pan"])
    assert again == sent
    assert [told[key] for key in ("seq", "text", "masked")] == [1, "********", ["pan"]]
    assert told["masked_spans"] == [["pan", 0, 8]]
    assert heard["contact"] == started["contact"]
    assert customer.index("message.redacted") < customer.index("ack message.send")
    for messages in (history, contact["messages"]):
        texts = [message["text"] for message in messages if "event" not in message]
        assert texts == ["********", "****1111"]


async def test_what_was_redacted_is_soon_in_no_file(floor: Floor) -> None:
    """Backups are made of files, whatever a program shows."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="It begins 4111 1111")
    await customer.do("message.send", conversation=started["conversation"], text="1111 1111")
    async with asyncio.timeout(10):
        while floor.server.find("4111 1111"):  # noqa: ASYNC110 - files ring no bell
            await asyncio.sleep(0.05)
    last = await customer.history(started["conversation"])

    assert [message["text"] for message in last] == ["It begins ********", "****1111"]

"""The conversation stage at work in a shard: what is stored, told and answered."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from masking import mask
from router.kernel.errors import Refusal
from router.kernel.ids import AgentId, ConversationId, CustomerId
from router.kernel.messages import (
    AcceptOffer,
    ChatStarted,
    EndChat,
    MessageRedacted,
    MessageSent,
    MessageWritten,
    SendAgentMessage,
    SendCustomerMessage,
    StartChat,
)
from router.kernel.model import Body
from router.shard.client import Answered
from router.shard.redactor import body_of
from tests.support.kernel import ANNA, SHOP, desktop
from tests.unit.shard.running import Running, running

HALVES = ("4111 1111", "1111 1111")


def body(text: str) -> Body:
    """A text as the hub hands it on."""
    return body_of(mask(text))


class Chat:
    """One customer's chat."""

    def __init__(self, it: Running, customer: CustomerId, started: ChatStarted) -> None:
        """Go on from its start."""
        self.it = it
        self.customer = customer
        self.contact = started.contact
        self.conversation: ConversationId = started.conversation

    async def say(self, text: str, request_id: str | None = None) -> Answered:
        """The customer writes."""
        command = SendCustomerMessage(
            customer=self.customer,
            entry_point=SHOP,
            conversation=self.conversation,
            body=body(text),
        )
        return await self.it.ask(command, request_id)

    async def stored(self) -> list[str]:
        """What people wrote, as the store has it."""
        page = await self.it.engine.transcript(self.conversation, limit=200)
        return [message.body.text for message in page.messages if message.role != "system"]


async def chat(it: Running, text: str = "hello", name: str = "kim") -> Chat:
    """A customer comes and starts a chat."""
    customer = await it.visit(name)
    command = StartChat(customer=customer, entry_point=SHOP, body=body(text))
    started = await it.accepted(command)
    assert isinstance(started, ChatStarted)
    return Chat(it, customer, started)


async def test_a_card_in_two_messages_is_masked_in_both() -> None:
    """Neither message holds a card, so nobody but the shard can know."""
    async with running() as it:
        kim = await chat(it)
        await kim.say(HALVES[0])
        await kim.say(HALVES[1])
        redacted = [event.message for event in it.events(MessageRedacted)]
        written = [event.message for event in it.events(MessageWritten)]

        assert await kim.stored() == ["hello", "********", "****1111"]
        assert [(message.seq, message.body.text) for message in redacted] == [(2, "********")]
        assert redacted[0].body.spans == (("pan", 0, 8),)
        assert written[-1].body.masked == ("pan",)


async def test_the_redaction_is_in_the_entry_of_the_message_that_led_to_it() -> None:
    """Nobody is shown the second part beside the first."""
    async with running() as it:
        kim = await chat(it, HALVES[0])
        await kim.say(HALVES[1])
        (entry,) = (
            entry
            for entry in it.entries
            if any(isinstance(event, MessageRedacted) for event in entry.events)
        )

        assert [type(event) for event in entry.events[:2]] == [MessageRedacted, MessageWritten]
        assert entry.answers[0].result == MessageSent(conversation=kim.conversation, seq=2)


async def test_parts_that_come_in_one_turn_are_masked_before_anything_is_stored() -> None:
    """A quick typist's messages are decided together, and the first part never reaches a disk."""
    async with running() as it:
        kim = await chat(it)
        batches = it.batches_of_commits()
        await asyncio.gather(*(kim.say(half) for half in HALVES))
        texts = [message.body.text for batch in batches for message in batch.messages]

        assert texts == ["********", "****1111"]


async def test_what_a_turn_wrote_stays_at_hand_in_however_many_conversations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not in the store yet, so a tail that was read there again would lack it."""
    monkeypatch.setattr("router.shard.redactor.TAILS_MAX", 1)
    async with running() as it:
        kim, lee = await chat(it), await chat(it, name="lee")
        await asyncio.gather(*(each.say(half) for half in HALVES for each in (kim, lee)))

        assert await kim.stored() == await lee.stored() == ["hello", "********", "****1111"]


async def test_a_part_that_another_writer_stored_is_found() -> None:
    """A crash between two messages must not make a card readable."""
    async with running() as it:
        kim = await chat(it, "it is 4111 1111")
        await it.crash()
        await it.start()
        await kim.say(HALVES[1])

        assert await kim.stored() == ["it is ********", "****1111"]


async def test_a_part_in_a_chat_that_was_over_is_found() -> None:
    """The conversation goes on, and so does what was said in it."""
    async with running() as it:
        kim = await chat(it, HALVES[0])
        await it.accepted(EndChat(customer=kim.customer, conversation=kim.conversation))
        await kim.say(HALVES[1])

        assert (await kim.stored())[:1] == ["********"]


async def test_a_refused_message_changes_nothing() -> None:
    """What nobody will ever read completes nothing."""
    async with running() as it:
        kim = await chat(it, HALVES[0])
        lee = await chat(it, name="lee")
        other = SendCustomerMessage(
            customer=lee.customer,
            entry_point=SHOP,
            conversation=kim.conversation,
            body=body(HALVES[1]),
        )
        labels = {"tenant": "main", "kind": "pan"}
        before = REGISTRY.get_sample_value("frontdesk_masked_total", labels)
        answered = await it.ask(other)

        assert isinstance(answered.result, Refusal)
        assert REGISTRY.get_sample_value("frontdesk_masked_total", labels) == before
        assert await kim.stored() == [HALVES[0]]
        assert it.events(MessageRedacted) == []


async def test_the_same_sent_again_is_a_repeat_and_no_second_part() -> None:
    """A lost answer is asked for again; bodies are compared as they came."""
    async with running() as it:
        kim = await chat(it)
        await kim.say(HALVES[0], "one")
        first = await kim.say(HALVES[1], "two")
        again = await kim.say(HALVES[1], "two")

        assert again.is_repeat
        assert again.result == first.result
        assert await kim.stored() == ["hello", "********", "****1111"]


async def test_an_agents_parts_and_a_customers_do_not_make_a_value() -> None:
    """Two people's numbers are two numbers."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        kim = await chat(it, HALVES[0])
        await accept(it, ANNA)
        say = SendAgentMessage(agent=ANNA, contact=kim.contact, body=body(HALVES[1]))
        await it.accepted(say)

        assert await kim.stored() == list(HALVES)


async def test_a_note_is_read_with_the_notes_before_it() -> None:
    """An agent who copies a card into notes does it in parts too."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        kim = await chat(it)
        await accept(it, ANNA)
        for half in HALVES:
            await it.accepted(
                SendAgentMessage(
                    agent=ANNA, contact=kim.contact, body=body(half), audience="internal"
                )
            )
        redacted = [event.message for event in it.events(MessageRedacted)]

        assert [(message.body.text, message.audience) for message in redacted] == [
            ("********", "internal")
        ]


async def accept(it: Running, agent: AgentId) -> None:
    """An agent takes the last offer."""
    offer = it.offers()[-1]
    await it.accepted(AcceptOffer(agent=agent, offer=offer.id, connection=desktop(agent)))

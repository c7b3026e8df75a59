"""Which messages a desktop is shown together with a contact or an offer."""

from collections.abc import Callable, Iterator, Sequence

from router.hub.objects import PREVIEW_LENGTH
from router.hub.replica import Replica, talking_agents
from router.hub.tails import TAIL_LENGTH, TranscriptReader
from router.kernel.ids import AgentId
from router.kernel.model import ContactRecord, ConversationRecord, Message


async def prepare(contact: ContactRecord, replica: Replica, reader: TranscriptReader) -> None:
    """Read what the other functions show of a contact, unless it is in hand."""
    for conversation in _conversations(contact, replica):
        await replica.tails.fill(conversation, reader)


def preview(contact: ContactRecord, replica: Replica) -> Sequence[Message]:
    """What an offer shows: the contact's last messages that everyone may see."""
    conversation = replica.find(ConversationRecord, contact.conversation)
    messages = replica.tails.last(conversation) if conversation else ()
    shown = [
        message
        for message in messages
        if message.audience == "everyone" and message.seq >= contact.first_seq
    ]
    return shown[-PREVIEW_LENGTH:]


def messages_for(
    contact: ContactRecord,
    replica: Replica,
    agent: AgentId,
    is_told: Callable[[Message], bool] = lambda _: True,
) -> Sequence[Message]:
    """The last messages of a contact's conversation, internal notes among them by time.

    They are those the agent was sent as events, or would have been: nothing that was written after
    it stopped talking, and of an entry that is being told only what ``is_told``.
    """
    until_ms = _left_at_ms(contact, agent)
    found = [
        message
        for conversation in _conversations(contact, replica)
        for message in replica.tails.last(conversation)
        if (until_ms is None or message.at_ms <= until_ms) and is_told(message)
    ]
    return sorted(found, key=lambda message: message.at_ms)[-TAIL_LENGTH:]


def _conversations(contact: ContactRecord, replica: Replica) -> Iterator[ConversationRecord]:
    for name in (contact.conversation, contact.internal):
        conversation = replica.find(ConversationRecord, name) if name else None
        if conversation is not None:
            yield conversation


def _left_at_ms(contact: ContactRecord, agent: AgentId) -> int | None:
    if agent in talking_agents(contact):
        return None
    left = [leg.left_at_ms for leg in contact.legs if leg.agent == agent]
    return max((at_ms for at_ms in left if at_ms is not None), default=None)

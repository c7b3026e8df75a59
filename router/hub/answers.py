"""The ack of every command that was done; one that was refused is `router.hub.errors.Refused`."""

from typing import Literal

from msgspec import UNSET, UnsetType

from masking.text import MaskedText
from router.hub.shapes import Agent, Contact, Message, QueueStanding, Shape
from router.kernel.ids import ContactId, ConversationId, CustomerId, OfferId
from router.kernel.model import ContactState


class Answer(Shape, frozen=True, kw_only=True):
    """The command was done."""

    ok: Literal[True] = True


DONE = Answer()
"""There is nothing more to say."""


class HistoryRead(Answer, frozen=True, kw_only=True):
    """Messages of a conversation, in order of `seq`.

    Attributes:
        more: There are further ones in the direction asked.
    """

    messages: tuple[Message, ...]
    more: bool


# -- /customer -----------------------------------------------------------------------------------


class ChatStarted(Answer, frozen=True, kw_only=True):
    """A contact was started.

    Attributes:
        position: From 1; null once it is offered.
        estimated_wait_ms: Null while there is too little to go by.
    """

    conversation: ConversationId
    contact: ContactId
    state: ContactState
    position: int | None
    estimated_wait_ms: int | None


class MessageSent(Answer, frozen=True, kw_only=True):
    """The message as it now stands."""

    seq: int
    at: int
    text: MaskedText
    masked: tuple[str, ...]


class Identified(Answer, frozen=True, kw_only=True):
    """Who the customer turned out to be.

    Attributes:
        token: To be kept, in place of an older one.
    """

    customer: CustomerId
    token: str


# -- /agent --------------------------------------------------------------------------------------


class AgentMessageSent(MessageSent, frozen=True, kw_only=True):
    """The message as it now stands; a note is in a conversation of its own."""

    conversation: ConversationId


class PresenceSet(Answer, frozen=True, kw_only=True):
    """The agent as it is now."""

    agent: Agent


class OfferAccepted(Answer, frozen=True, kw_only=True):
    """The contact is the agent's now.

    Attributes:
        messages: The last 50, notes among them by time.
    """

    contact: Contact
    messages: tuple[Message, ...]


class OfferAsked(Answer, frozen=True, kw_only=True):
    """Another agent is asked."""

    offer: OfferId


class Transferred(Answer, frozen=True, kw_only=True):
    """The contact waits in another queue, or another agent is asked.

    Attributes:
        offer: What the agent is asked by.
    """

    offer: OfferId | UnsetType = UNSET


class Revealed(Answer, frozen=True, kw_only=True):
    """What was masked, as the customer gave it."""

    value: str


class ContactsListed(Answer, frozen=True, kw_only=True):
    """This agent's closed contacts, the latest end first."""

    contacts: tuple[Contact, ...]


class QueuesListed(Answer, frozen=True, kw_only=True):
    """Where a contact may be transferred."""

    queues: tuple[QueueStanding, ...]


class AgentsListed(Answer, frozen=True, kw_only=True):
    """To whom; those who can take an offer now first, then by name."""

    agents: tuple[Agent, ...]

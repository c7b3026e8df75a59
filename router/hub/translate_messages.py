"""How messages, read marks and typing reach those who talk, and nobody else."""

from collections.abc import Iterator
from typing import Literal

from msgspec import UNSET

from router.hub import events
from router.hub.emission import Emission, to_agents, to_customer
from router.hub.objects import customer_message_object, message_object
from router.hub.replica import Replica
from router.hub.scene import Scene
from router.kernel.ids import AgentId
from router.kernel.messages import MessageRead, MessageRedacted, MessageWritten
from router.kernel.model import ContactRecord, ConversationRecord, Leg, OfferRecord
from router.shard.engine import Typing


def written(event: MessageWritten, scene: Scene) -> Iterator[Emission]:
    """A message reaches the agents who talk, its author and, when it is for everyone, the customer.

    An internal conversation is never a customer's, whatever a message in it says.
    """
    message = event.message
    contact = scene.found(ContactRecord, message.contact)
    scene.tell(message)
    agents = dict(scene.present(contact.id))
    if message.role == "agent" and message.author is not None:
        agents[AgentId(message.author)] = None
    payload = message_object(message)
    yield from to_agents(agents, "message", payload)
    if message.audience == "everyone" and message.conversation != contact.internal:
        if message.role != "customer":
            payload = customer_message_object(message)
        yield from to_customer(contact.customer.id, "message", payload)


def redacted(event: MessageRedacted, scene: Scene) -> Iterator[Emission]:
    """What a message says now is told to all who may have seen what it said before.

    They are the customer, the agents who have or had a part in the conversation, and those it is
    offered to, who are shown its last messages. The message may be of an earlier contact.
    """
    message = event.message
    replica = scene.replica
    conversation = scene.found(ConversationRecord, message.conversation)
    contacts = (replica.find(ContactRecord, message.contact), _latest(conversation, replica))
    agents = dict.fromkeys(conversation.followers)
    for contact in contacts:
        if contact is not None:
            agents |= dict.fromkeys(leg.agent for leg in contact.legs)
            offers = (replica.find(OfferRecord, offer) for offer in contact.offers)
            agents |= dict.fromkeys(offer.agent for offer in offers if offer is not None)
    body = message.body
    for_agents = events.MessageRedacted(
        at=scene.at_ms,
        conversation=message.conversation,
        contact=message.contact,
        seq=message.seq,
        text=body.text,
        masked=body.masked,
        masked_spans=body.spans or UNSET,
    )
    yield from to_agents(agents, "message.redacted", for_agents)
    if message.audience == "everyone" and conversation.type == "customer":
        for_customers = events.CustomerMessageRedacted(
            at=scene.at_ms,
            conversation=message.conversation,
            seq=message.seq,
            text=body.text,
            masked=body.masked,
            masked_spans=body.spans or UNSET,
        )
        for customer in conversation.customers:
            yield from to_customer(customer, "message.redacted", for_customers)


def _latest(conversation: ConversationRecord, replica: Replica) -> ContactRecord | None:
    return replica.find(ContactRecord, conversation.contact)


def read(event: MessageRead, scene: Scene) -> Iterator[Emission]:
    """What somebody read is told to all who talk, the reader's own desktops and tabs too.

    Agents are told which agent read: its other desktops clear their counts by it.
    """
    conversation = scene.found(ConversationRecord, event.conversation)
    kind, _, reader = event.reader.partition(":")
    role: Literal["customer", "agent"] = "agent" if kind == "agent" else "customer"
    contact = scene.replica.find(ContactRecord, conversation.contact)
    if contact is not None:
        holding = [leg.agent for leg in contact.legs if _hears_of(leg, reader)]
        for_agents = events.MessageRead(
            at=scene.at_ms,
            conversation=conversation.id,
            role=role,
            seq=event.seq,
            contact=contact.id,
            agent=AgentId(reader) if role == "agent" else UNSET,
        )
        yield from to_agents(dict.fromkeys(holding), "message.read", for_agents)
    if conversation.type == "customer":
        for_customers = events.CustomerMessageRead(
            at=scene.at_ms, conversation=conversation.id, role=role, seq=event.seq
        )
        for customer in conversation.customers:
            yield from to_customer(customer, "message.read", for_customers)


def _hears_of(leg: Leg, reader: str) -> bool:
    return leg.state == "active" or (leg.agent == reader and leg.state == "wrapup")


def typing(signal: Typing, replica: Replica, at_ms: int) -> Iterator[Emission]:
    """Typing is shown to the others who talk; who left, or never came, shows nothing."""
    conversation = replica.find(ConversationRecord, signal.conversation)
    contact = replica.find(ContactRecord, conversation.contact) if conversation else None
    if contact is None or contact.conversation != signal.conversation:
        return
    talking = {leg.agent: leg.name for leg in contact.legs if leg.state == "active"}
    name = contact.customer.name or ""
    if signal.agent is not None:
        if signal.agent not in talking:
            return
        name = talking.pop(signal.agent)
        for_customer = events.CustomerTyping(
            at=at_ms, conversation=contact.conversation, name=name, on=signal.on
        )
        yield from to_customer(contact.customer.id, "typing", for_customer)
    elif signal.customer != contact.customer.id:
        return
    for_agents = events.Typing(
        at=at_ms,
        conversation=contact.conversation,
        contact=contact.id,
        agent=UNSET if signal.agent is None else signal.agent,
        name=name,
        on=signal.on,
    )
    yield from to_agents(talking, "typing", for_agents)

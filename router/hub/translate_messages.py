"""How messages, read marks and typing reach those who talk, and nobody else."""

from collections.abc import Iterator

from router.hub.emission import Emission, to_agents, to_customer
from router.hub.objects import (
    Payload,
    customer_message_object,
    message_object,
)
from router.hub.replica import Replica, talking_agents
from router.hub.scene import Scene
from router.kernel.ids import AgentId
from router.kernel.messages import MessageRead, MessageWritten
from router.kernel.model import ContactRecord, ConversationRecord, Leg
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


def read(event: MessageRead, scene: Scene) -> Iterator[Emission]:
    """What somebody read is told to all who talk, the reader's own desktops and tabs too.

    Agents are told which agent read: its other desktops clear their counts by it.
    """
    conversation = scene.found(ConversationRecord, event.conversation)
    role, _, reader = event.reader.partition(":")
    fields = scene.stamped({"conversation": conversation.id, "role": role, "seq": event.seq})
    contact = scene.replica.find(ContactRecord, conversation.contact)
    shown: Payload = {**fields, "contact": conversation.contact}
    if role == "agent":
        shown["agent"] = reader
    if contact is not None:
        holding = [leg.agent for leg in contact.legs if _hears_of(leg, reader)]
        yield from to_agents(dict.fromkeys(holding), "message.read", shown)
    if conversation.type == "customer":
        for customer in conversation.customers:
            yield from to_customer(customer, "message.read", fields)


def _hears_of(leg: Leg, reader: str) -> bool:
    return leg.state == "active" or (leg.agent == reader and leg.state == "wrapup")


def typing(signal: Typing, replica: Replica, at_ms: int) -> Iterator[Emission]:
    """Typing is shown to the others who talk; who left, or never came, shows nothing."""
    conversation = replica.find(ConversationRecord, signal.conversation)
    contact = replica.find(ContactRecord, conversation.contact) if conversation else None
    if contact is None or contact.conversation != signal.conversation:
        return
    fields: Payload = {"at": at_ms, "conversation": contact.conversation, "on": signal.on}
    if signal.agent is not None:
        yield from _agent_types(signal.agent, contact, fields)
    elif signal.customer == contact.customer.id:
        yield from _customer_types(contact, fields)


def _agent_types(agent: AgentId, contact: ContactRecord, fields: Payload) -> Iterator[Emission]:
    talking = {leg.agent: leg.name for leg in contact.legs if leg.state == "active"}
    if agent not in talking:
        return
    shown: Payload = {**fields, "name": talking[agent]}
    yield from to_customer(contact.customer.id, "typing", shown)
    others = [other for other in talking if other != agent]
    yield from to_agents(others, "typing", {**shown, "contact": contact.id, "agent": agent})


def _customer_types(contact: ContactRecord, fields: Payload) -> Iterator[Emission]:
    shown: Payload = {**fields, "contact": contact.id, "name": contact.customer.name or ""}
    yield from to_agents(talking_agents(contact), "typing", shown)

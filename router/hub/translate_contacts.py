"""How agents and customers hear who joined, who left, what ended and what is owed."""

from collections.abc import Iterator

from router.hub import events
from router.hub.emission import Emission, to_agents, to_customer
from router.hub.objects import agent_reader, contact_object, message_objects
from router.hub.replica import engaged_agents, talking_agents
from router.hub.scene import Scene
from router.hub.shown import messages_for
from router.kernel.ids import AgentId
from router.kernel.messages import (
    AgentJoined,
    AgentLeft,
    ContactEnded,
    OwnerPromoted,
    PositionTold,
    WrapupFiled,
)
from router.kernel.model import ContactRecord, Leg


def queued(event: PositionTold, scene: Scene) -> Iterator[Emission]:
    """The customer hears its place."""
    contact = scene.found(ContactRecord, event.contact)
    payload = events.ChatQueued(
        at=scene.at_ms,
        conversation=contact.conversation,
        contact=contact.id,
        position=event.position,
        estimated_wait_ms=event.estimated_wait_ms,
    )
    yield from to_customer(contact.customer.id, "chat.queued", payload)


def joined(event: AgentJoined, scene: Scene) -> Iterator[Emission]:
    """Who joined is handed the contact; the customer and the others hear who came."""
    contact = scene.found(ContactRecord, event.contact)
    yield from to_agents([event.agent], "contact.assigned", _assignment(contact, event, scene))
    scene.hand_over(contact.id, event.agent)
    name = _leg(contact, event.serial).name
    others = [agent for agent in _staying(contact, scene) if agent != event.agent]
    payload = events.ParticipantChanged(
        at=scene.at_ms, contact=contact.id, agent=event.agent, name=name
    )
    if event.role == "owner":
        yield from _owned(contact, name, scene)
        yield from to_agents(others, "participant.joined", payload)
        return
    yield from _told_customer(contact, "participant.joined", name, scene)
    yield from to_agents([*others, event.agent], "participant.joined", payload)


def promoted(event: OwnerPromoted, scene: Scene) -> Iterator[Emission]:
    """The customer hears whose chat it is now; agents see it in `contact.updated`."""
    contact = scene.found(ContactRecord, event.contact)
    name = next(leg.name for leg in reversed(contact.legs) if leg.agent == event.agent)
    yield from _owned(contact, name, scene)


def left(event: AgentLeft, scene: Scene) -> Iterator[Emission]:
    """Everyone hears who went, unless all went because the contact ended; codes become due."""
    contact = scene.found(ContactRecord, event.contact)
    leg = _leg(contact, event.leg)
    if contact.ended_at_ms is None:
        told = dict.fromkeys([*_staying(contact, scene), event.agent])
        payload = events.ParticipantChanged(
            at=scene.at_ms, contact=contact.id, agent=event.agent, name=leg.name
        )
        yield from _told_customer(contact, "participant.left", leg.name, scene)
        yield from to_agents(told, "participant.left", payload)
    if leg.state == "wrapup":  # otherwise nothing is owed, or the code came with the command
        due = events.WrapupStarted(
            at=scene.at_ms, contact=contact.id, deadline_at=event.deadline_at_ms
        )
        yield from to_agents([event.agent], "wrapup.started", due)


def filed(event: WrapupFiled, scene: Scene) -> Iterator[Emission]:
    """The agent hears that its part is wrapped up."""
    payload = events.WrapupCompleted(at=scene.at_ms, contact=event.contact, code=event.wrapup.code)
    yield from to_agents([event.agent], "wrapup.completed", payload)


def ended(event: ContactEnded, scene: Scene) -> Iterator[Emission]:
    """The customer and every agent with something left to do hear who ended it and why."""
    contact = scene.found(ContactRecord, event.contact)
    old = scene.before.find(ContactRecord, contact.id)
    agents = (engaged_agents(old) if old else {}) | engaged_agents(contact)
    for_agents = events.ContactEnded(
        at=scene.at_ms, contact=contact.id, ended_by=event.ended_by, reason=event.reason
    )
    for_customer = events.CustomerContactEnded(
        at=scene.at_ms,
        conversation=contact.conversation,
        contact=contact.id,
        ended_by=event.ended_by,
        reason=event.reason,
    )
    yield from to_agents(agents, "contact.ended", for_agents)
    yield from to_customer(contact.customer.id, "contact.ended", for_customer)


def _assignment(contact: ContactRecord, event: AgentJoined, scene: Scene) -> events.ContactAssigned:
    messages = messages_for(contact, scene.replica, event.agent, scene.is_told)
    return events.ContactAssigned(
        at=scene.at_ms,
        contact=contact_object(contact, scene.replica, agent_reader(event.agent)),
        messages=message_objects(messages),
    )


def _owned(contact: ContactRecord, name: str, scene: Scene) -> Iterator[Emission]:
    payload = events.CustomerContactAssigned(
        at=scene.at_ms,
        conversation=contact.conversation,
        contact=contact.id,
        agent=events.AgentName(name=name),
    )
    yield from to_customer(contact.customer.id, "contact.assigned", payload)


def _told_customer(
    contact: ContactRecord, event: str, name: str, scene: Scene
) -> Iterator[Emission]:
    payload = events.CustomerParticipant(
        at=scene.at_ms, conversation=contact.conversation, name=name
    )
    yield from to_customer(contact.customer.id, event, payload)


def _staying(contact: ContactRecord, scene: Scene) -> list[AgentId]:
    """Those who follow the contact so far and talk in it after the entry."""
    talking = talking_agents(contact)
    return [agent for agent in scene.present(contact.id) if agent in talking]


def _leg(contact: ContactRecord, serial: int) -> Leg:
    return next(leg for leg in contact.legs if leg.serial == serial)

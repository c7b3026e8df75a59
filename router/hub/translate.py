"""Turns what the kernel decided into what goes over the wire, to whom, and in which order.

The events of an entry are told in the kernel's order, then `contact.updated` once for each contact
that looks different. What is sent to a customer names no agent by id and no internal conversation.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from router.hub import events, translate_contacts, translate_messages, translate_offers
from router.hub.emission import Emission, to_agents, to_customer
from router.hub.objects import (
    agent_object,
    agent_reader,
    contact_counts,
    contact_without_counts,
    counted,
)
from router.hub.replica import Change, Replica, engaged_agents
from router.hub.scene import Scene
from router.hub.shown import prepare
from router.hub.tails import TranscriptReader
from router.kernel.ids import ContactId
from router.kernel.messages import (
    AgentAttached,
    AgentConfigured,
    AgentDetached,
    AgentJoined,
    AgentLeft,
    AgentLost,
    AgentRemoved,
    AnyEvent,
    Configured,
    ContactEnded,
    ContactOpened,
    ContactRequeued,
    ContactRevealed,
    ContactTransferred,
    ConversationOpened,
    CustomerAttached,
    CustomerCreated,
    CustomerDescribed,
    CustomerDetached,
    CustomerMissed,
    CustomerPassed,
    ExternalLinked,
    HashKeyMade,
    HubsSeen,
    InternalOpened,
    MessageRead,
    MessageRedacted,
    MessageWritten,
    OfferClosed,
    OfferMade,
    OfferMoved,
    OwnerPromoted,
    PositionTold,
    PresenceChanged,
    TimeShifted,
    TokenIssued,
    WrapupFiled,
    WrapupWaived,
)
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ContactRecord,
    CustomerRecord,
    OfferRecord,
)
from router.shard.engine import Signal, Stand, Standings

__all__ = ["Emission", "translate", "translate_signal"]

SHOWING = frozenset({OfferMade, OfferMoved, AgentJoined})
"""Events that show a contact with its last messages."""

TOUCHING = frozenset({ContactRecord, OfferRecord, CustomerRecord})
"""Records that a contact is shown from; most entries are messages and change none."""


async def translate(
    change: Change, replica: Replica, transcript: TranscriptReader
) -> list[Emission]:
    """All that an entry causes on the wire, in order; ``replica`` is right behind it.

    The transcript is read only for an offer or an assignment whose messages are not in hand.
    """
    scene = Scene(change, replica)
    shown = [event for event in scene.entry.events if type(event) in SHOWING]
    for contact in _contacts_to_show(shown, scene):
        await prepare(scene.found(ContactRecord, contact), replica, transcript)
    told = [emission for event in change.entry.events for emission in _tell(event, scene)]
    told.extend(_updates(scene))
    return told


def translate_signal(signal: Signal, replica: Replica, *, at_ms: int) -> list[Emission]:
    """All that a signal causes on the wire; what it names may be gone by now."""
    if isinstance(signal, Standings):
        return [
            emission
            for stand in signal.stands
            for emission in _standing(stand, replica, at_ms=at_ms)
        ]
    return list(translate_messages.typing(signal, replica, at_ms))


def _contacts_to_show(shown: Iterable[AnyEvent], scene: Scene) -> Iterator[ContactId]:
    for event in shown:
        match event:
            case OfferMade():
                yield event.offer.contact
            case OfferMoved():
                yield scene.found(OfferRecord, event.offer).contact
            case AgentJoined():
                yield event.contact
            case _:
                pass


def _tell(event: AnyEvent, scene: Scene) -> Iterator[Emission]:  # noqa: C901, PLR0912 - a flat table
    match event:
        case MessageWritten():
            return translate_messages.written(event, scene)
        case MessageRedacted():
            return translate_messages.redacted(event, scene)
        case MessageRead():
            return translate_messages.read(event, scene)
        case OfferMade():
            return translate_offers.made(event.offer, scene)
        case OfferMoved():
            return translate_offers.moved(event, scene)
        case OfferClosed():
            return translate_offers.closed(event, scene)
        case AgentJoined():
            return translate_contacts.joined(event, scene)
        case OwnerPromoted():
            return translate_contacts.promoted(event, scene)
        case AgentLeft():
            return translate_contacts.left(event, scene)
        case ContactEnded():
            return translate_contacts.ended(event, scene)
        case WrapupFiled():
            return translate_contacts.filed(event, scene)
        case PositionTold():
            return translate_contacts.queued(event, scene)
        case PresenceChanged():
            return _presence(event, scene)
        case (
            Configured()
            | AgentConfigured()
            | AgentRemoved()
            | HubsSeen()
            | TimeShifted()
            | AgentAttached()
            | AgentDetached()
            | AgentLost()
            | CustomerCreated()
            | CustomerAttached()
            | CustomerDetached()
            | CustomerMissed()
            | CustomerDescribed()
            | CustomerPassed()
            | TokenIssued()
            | ExternalLinked()
            | ConversationOpened()
            | ContactOpened()
            | ContactRequeued()
            | ContactTransferred()
            | WrapupWaived()
            | InternalOpened()
            | HashKeyMade()
            | ContactRevealed()
        ):
            return iter(())  # what of it anybody sees is in `contact.updated` and in notices
        case _:
            assert_never(event)


def _presence(event: PresenceChanged, scene: Scene) -> Iterator[Emission]:
    agent = agent_object(scene.found(AgentRecord, event.agent))
    payload = events.PresenceChanged(at=scene.at_ms, agent=agent, cause=event.cause)
    yield from to_agents([event.agent], "presence.changed", payload)


def _standing(stand: Stand, replica: Replica, *, at_ms: int) -> Iterator[Emission]:
    contact = replica.find(ContactRecord, stand.contact)
    if contact is not None and contact.state == "queued":
        yield from to_customer(
            contact.customer.id,
            "chat.queued",
            events.ChatQueued(
                at=at_ms,
                conversation=contact.conversation,
                contact=contact.id,
                position=stand.position,
                estimated_wait_ms=stand.estimated_wait_ms,
            ),
        )


def _updates(scene: Scene) -> Iterator[Emission]:
    """`contact.updated` to who had or has something to do in a contact that looks different."""
    touching = [record for record in scene.entry.records if type(record) in TOUCHING]
    for name in dict.fromkeys(_contacts_touched(touching, scene)):
        contact = scene.replica.find(ContactRecord, name)
        if contact is None:
            continue
        old = scene.before.find(ContactRecord, name)
        engaged = (engaged_agents(old) if old else {}) | engaged_agents(contact)
        agents = [agent for agent in engaged if (name, agent) not in scene.assigned]
        if not agents:
            continue
        shown = contact_without_counts(contact, scene.replica)
        if old is not None and shown == contact_without_counts(old, scene.before):
            continue
        for agent in agents:
            counts = contact_counts(contact, scene.replica, agent_reader(agent))
            payload = events.ContactUpdated(at=scene.at_ms, contact=counted(shown, counts))
            yield from to_agents([agent], "contact.updated", payload)


def _contacts_touched(records: Iterable[AnyRecord], scene: Scene) -> Iterator[ContactId]:
    for record in records:
        match record:
            case ContactRecord():
                yield record.id
            case OfferRecord():
                yield record.contact
            case CustomerRecord():
                yield from (contact.id for contact in scene.replica.contacts_by(record.id))
            case _:
                pass

"""What each namespace takes, answers and sends: the table that the schemas are made from.

Commands are registered against it, and every event and answer of the tests is held against it. Who
may give a command is in `router.hub.auth`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from router.hub import answers, events, shapes, wire
from router.hub.auth import AgentAuth, CustomerAuth


class Command(NamedTuple):
    """What a client may ask: the payload it sends, and the ack when it was done."""

    payload: type[wire.Payload]
    answer: type[answers.Answer]


class Namespace(NamedTuple):
    """One side of the wire.

    Attributes:
        name: Its path without the slash.
        auth: The `auth` object that opens it.
        greeting: The event that comes first.
    """

    name: str
    summary: str
    auth: type[msgspec.Struct]
    greeting: str
    commands: Mapping[str, Command]
    events: Mapping[str, type[shapes.Shape]]

    @property
    def path(self) -> str:
        """What a client connects to."""
        return f"/{self.name}"


CUSTOMER: Final = Namespace(
    name="customer",
    summary="Those who come to a site and write, anonymous or known.",
    auth=CustomerAuth,
    greeting="session",
    commands=MappingProxyType(
        {
            "chat.start": Command(wire.StartChat, answers.ChatStarted),
            "message.send": Command(wire.SendToConversation, answers.MessageSent),
            "message.read": Command(wire.ReadConversation, answers.Answer),
            "typing": Command(wire.TypeInConversation, answers.Answer),
            "chat.end": Command(wire.EndChat, answers.Answer),
            "customer.identify": Command(wire.Identify, answers.Identified),
            "history": Command(wire.History, answers.HistoryRead),
        }
    ),
    events=MappingProxyType(
        {
            "session": events.Session,
            "chat.queued": events.ChatQueued,
            "contact.assigned": events.CustomerContactAssigned,
            "participant.joined": events.CustomerParticipant,
            "participant.left": events.CustomerParticipant,
            "message": shapes.Message,
            "message.redacted": events.CustomerMessageRedacted,
            "message.read": events.CustomerMessageRead,
            "typing": events.CustomerTyping,
            "contact.ended": events.CustomerContactEnded,
            "server.draining": events.ServerDraining,
        }
    ),
)

AGENT: Final = Namespace(
    name="agent",
    summary="The desktops of those who talk to customers.",
    auth=AgentAuth,
    greeting="snapshot",
    commands=MappingProxyType(
        {
            "presence.set": Command(wire.SetPresence, answers.PresenceSet),
            "offer.accept": Command(wire.NameOffer, answers.OfferAccepted),
            "offer.decline": Command(wire.NameOffer, answers.Answer),
            "offer.cancel": Command(wire.NameOffer, answers.Answer),
            "message.send": Command(wire.SendToContact, answers.AgentMessageSent),
            "message.read": Command(wire.ReadContact, answers.Answer),
            "typing": Command(wire.TypeInContact, answers.Answer),
            "contact.transfer": Command(wire.Transfer, answers.Transferred),
            "contact.conference": Command(wire.NameAgent, answers.OfferAsked),
            "conference.leave": Command(wire.LeaveContact, answers.Answer),
            "conference.remove": Command(wire.NameAgent, answers.Answer),
            "contact.end": Command(wire.LeaveContact, answers.Answer),
            "contact.wrapup": Command(wire.FileWrapup, answers.Answer),
            "contact.reveal": Command(wire.Reveal, answers.Revealed),
            "contacts.recent": Command(wire.Recent, answers.ContactsListed),
            "directory.queues": Command(wire.Search, answers.QueuesListed),
            "directory.agents": Command(wire.Search, answers.AgentsListed),
            "history": Command(wire.History, answers.HistoryRead),
        }
    ),
    events=MappingProxyType(
        {
            "snapshot": events.Snapshot,
            "presence.changed": events.PresenceChanged,
            "offer.created": events.OfferCreated,
            "offer.closed": events.OfferClosed,
            "contact.assigned": events.ContactAssigned,
            "contact.updated": events.ContactUpdated,
            "participant.joined": events.ParticipantChanged,
            "participant.left": events.ParticipantChanged,
            "message": shapes.Message,
            "message.redacted": events.MessageRedacted,
            "message.read": events.MessageRead,
            "typing": events.Typing,
            "wrapup.started": events.WrapupStarted,
            "wrapup.completed": events.WrapupCompleted,
            "contact.ended": events.ContactEnded,
            "connection.closed": events.ConnectionClosed,
            "server.draining": events.ServerDraining,
        }
    ),
)

NAMESPACES: Final = (CUSTOMER, AGENT)

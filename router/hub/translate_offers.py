"""How agents hear what they are offered, and what became of it."""

from collections.abc import Iterator

from router.hub.emission import Emission, agent_room, connection_room, to_agents
from router.hub.objects import Payload, offer_object
from router.hub.scene import Scene
from router.hub.shown import preview
from router.kernel.ids import ConnectionId
from router.kernel.messages import OfferClosed, OfferMoved
from router.kernel.model import ContactRecord, OfferRecord


def made(offer: OfferRecord, scene: Scene) -> Iterator[Emission]:
    """The offered agent sees the contact and its last messages."""
    contact = scene.found(ContactRecord, offer.contact)
    shown = offer_object(
        offer,
        scene.replica,
        preview(contact, scene.replica),
        server_now_ms=scene.entry.at_ms,
    )
    yield from to_agents([offer.agent], "offer.created", scene.stamped({"offer": shown}))


def moved(event: OfferMoved, scene: Scene) -> Iterator[Emission]:
    """The same offer is announced again with its new deadline."""
    yield from made(scene.found(OfferRecord, event.offer), scene)


def closed(event: OfferClosed, scene: Scene) -> Iterator[Emission]:
    """The offered agent and who asked hear the outcome; desktops hear which of them answered."""
    fields: Payload = {"offer": event.offer, "contact": event.contact, "outcome": event.outcome}
    if event.reason is not None:
        fields["reason"] = event.reason
    payload = scene.stamped(fields)
    asked_by = scene.found(OfferRecord, event.offer).asked_by
    askers = [] if asked_by is None else [asked_by]
    if event.connection is None:
        yield from to_agents([event.agent, *askers], "offer.closed", payload)
        return
    answered = ConnectionId(event.connection.id)
    yield Emission(
        "/agent", (connection_room(answered),), "offer.closed", {**payload, "desktop": "this"}
    )
    yield Emission(
        "/agent",
        (agent_room(event.agent),),
        "offer.closed",
        {**payload, "desktop": "other"},
        skip=answered,
    )
    yield from to_agents(askers, "offer.closed", payload)

"""How agents hear what they are offered, and what became of it."""

from collections.abc import Iterator

from msgspec import UNSET
from msgspec.structs import replace

from router.hub import events
from router.hub.emission import Emission, agent_room, connection_room, to_agents
from router.hub.objects import offer_object
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
        server_now_ms=scene.at_ms,
    )
    payload = events.OfferCreated(at=scene.at_ms, offer=shown)
    yield from to_agents([offer.agent], "offer.created", payload)


def moved(event: OfferMoved, scene: Scene) -> Iterator[Emission]:
    """The same offer is announced again with its new deadline."""
    yield from made(scene.found(OfferRecord, event.offer), scene)


def closed(event: OfferClosed, scene: Scene) -> Iterator[Emission]:
    """The offered agent and who asked hear the outcome; desktops hear which of them answered."""
    payload = events.OfferClosed(
        at=scene.at_ms,
        offer=event.offer,
        contact=event.contact,
        outcome=event.outcome,
        reason=UNSET if event.reason is None else event.reason,
    )
    asked_by = scene.found(OfferRecord, event.offer).asked_by
    askers = [] if asked_by is None else [asked_by]
    if event.connection is None:
        yield from to_agents([event.agent, *askers], "offer.closed", payload)
        return
    answered = ConnectionId(event.connection.id)
    yield Emission(
        "/agent",
        (connection_room(answered),),
        "offer.closed",
        replace(payload, desktop="this"),
    )
    yield Emission(
        "/agent",
        (agent_room(event.agent),),
        "offer.closed",
        replace(payload, desktop="other"),
        skip=answered,
    )
    yield from to_agents(askers, "offer.closed", payload)

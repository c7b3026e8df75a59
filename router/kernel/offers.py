"""Offers: taken, declined, canceled, missed; and what an agent's change does to its own."""

from router.kernel.draft import Draft, active_legs
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import AgentId, OfferId
from router.kernel.messages import (
    AcceptOffer,
    AgentJoined,
    AnyResult,
    CancelOffer,
    ContactTaken,
    ContactTransferred,
    DeclineOffer,
    Done,
    OfferClosed,
    PresenceChanged,
)
from router.kernel.model import CloseReason, ContactRecord, OfferRecord


def accept(draft: Draft, command: AcceptOffer) -> AnyResult:
    """The agent takes the contact; the first answer in time wins.

    Raises:
        CommandRefused: The offer is gone, too late, or somebody else's.
    """
    offer = _open_offer(draft, command.offer, command.agent)
    draft.add(
        OfferClosed(
            offer=offer.id,
            contact=offer.contact,
            agent=offer.agent,
            outcome="accepted",
            connection=command.connection,
        )
    )
    contact = draft.state.contacts[offer.contact]
    name = draft.state.agents[offer.agent].profile.name
    match offer.type:
        case "contact":
            _join(draft, offer, contact)
            draft.notice(contact, "contact.assigned", name)
        case "transfer":
            _hand_over(draft, offer, contact)
            draft.notice(contact, "contact.transferred")
            draft.notice(contact, "contact.assigned", name)
        case "conference":
            draft.add(
                AgentJoined(
                    contact=contact.id,
                    agent=offer.agent,
                    role="member",
                    serial=draft.new_serial(),
                )
            )
            draft.notice(contact, "participant.joined", name)
    return ContactTaken(contact=contact.id)


def _join(draft: Draft, offer: OfferRecord, contact: ContactRecord) -> None:
    draft.add(
        AgentJoined(contact=contact.id, agent=offer.agent, role="owner", serial=draft.new_serial())
    )


def _hand_over(draft: Draft, offer: OfferRecord, contact: ContactRecord) -> None:
    assert contact.owner == offer.asked_by, "a request outlived its owner"
    former = next(leg for leg in active_legs(contact) if leg.agent == contact.owner)
    draft.add(ContactTransferred(contact=contact.id, agent=former.agent, to="agent"))
    draft.leave(contact, former, wrapup=offer.wrapup)
    _join(draft, offer, contact)


def decline(draft: Draft, command: DeclineOffer) -> AnyResult:
    """The agent does not take the contact now; it stays available.

    Raises:
        CommandRefused: The offer is gone, too late, or somebody else's.
    """
    offer = _open_offer(draft, command.offer, command.agent)
    pause_ms = draft.state.configuration.configuration.presence.decline_pause_ms
    draft.add(
        OfferClosed(
            offer=offer.id,
            contact=offer.contact,
            agent=offer.agent,
            outcome="declined",
            connection=command.connection,
            paused_until_ms=draft.at_ms + pause_ms,
        )
    )
    return Done()


def cancel(draft: Draft, command: CancelOffer) -> AnyResult:
    """Who asked takes the request back.

    Raises:
        CommandRefused: It is gone, or somebody else's.
    """
    offer = draft.state.offers.get(command.offer)
    if offer is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such offer")
    if offer.asked_by != command.agent:
        raise CommandRefused(RefusalCode.FORBIDDEN, hint="only who asked can cancel a request")
    _check_open(draft, offer)
    draft.close_offer(offer, "canceled")
    return Done()


def _open_offer(draft: Draft, name: OfferId, agent: AgentId) -> OfferRecord:
    offer = draft.state.offers.get(name)
    if offer is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such offer")
    if offer.agent != agent:
        raise CommandRefused(RefusalCode.FORBIDDEN, hint="offered to another agent")
    _check_open(draft, offer)
    return offer


def _check_open(draft: Draft, offer: OfferRecord) -> None:
    if offer.outcome is not None or draft.at_ms >= offer.expires_at_ms:
        raise CommandRefused(RefusalCode.OFFER_CLOSED, hint="the offer is no longer open")


def miss(draft: Draft, offer: OfferRecord) -> None:
    """Nobody answered in time: redirect on no answer; an agent without a desktop could not."""
    if not draft.state.agents[offer.agent].presence.connections:
        draft.close_offer(offer, "rescinded", "connection_lost")
        return
    draft.close_offer(offer, "rona")
    rescind_all(draft, offer.agent, "state_changed", but=offer.id)
    draft.add(PresenceChanged(agent=offer.agent, state="rona", cause="rona"))


def rescind_all(
    draft: Draft, agent: AgentId, reason: CloseReason, *, but: OfferId | None = None
) -> None:
    """Take back what is offered to an agent that can no longer take it."""
    for offer in draft.state.pending_offers_of(agent):
        if offer.id != but:
            draft.close_offer(offer, "rescinded", reason)


def rescind_overdue(draft: Draft, agent: AgentId) -> None:
    """Take back what ran out at an agent of whom nobody knows whether it could answer."""
    for offer in draft.state.pending_offers_of(agent):
        if offer.expires_at_ms <= draft.at_ms:
            draft.close_offer(offer, "rescinded", "connection_lost")


def rescind_requests(draft: Draft, contact: ContactRecord, gone: tuple[AgentId, ...]) -> None:
    """Take back what an owner asked others for who stops being one."""
    for name in contact.offers:
        offer = draft.state.offers[name]
        if offer.asked_by in gone and offer.agent not in gone:
            draft.close_offer(offer, "rescinded", "owner_changed")

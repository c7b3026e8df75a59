"""Contacts in agents' hands: transfer, conference, leaving, ending and wrap-up."""

from presence import can_take_offer, is_connected
from router.kernel.draft import (
    Draft,
    active_leg,
    active_legs,
    check_wrapup,
    contact_of_agent,
    leg_of_owner,
    leg_to_talk,
    refused_by_state,
)
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import AgentId, QueueId
from router.kernel.messages import (
    AnyResult,
    Conference,
    ContactEnded,
    ContactRequeued,
    ContactTransferred,
    Done,
    EndContact,
    FileWrapup,
    LeaveConference,
    OfferAsked,
    OwnerPromoted,
    RemoveFromConference,
    TransferToAgent,
    TransferToQueue,
)
from router.kernel.model import AgentRecord, CloseReason, ContactRecord, EndedBy, Leg, Wrapup
from router.kernel.offers import rescind_all, rescind_requests

PARTICIPANTS_MAX = 6
"""Agents in one conversation at once: more is a meeting, not a conference."""


# -- transfer ------------------------------------------------------------------------------------


def transfer_to_queue(draft: Draft, command: TransferToQueue) -> AnyResult:
    """The owner is released at once; the contact waits ahead of new ones.

    Raises:
        CommandRefused: Not the owner's to give, members are present, or nobody is signed in.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    leg = leg_of_owner(contact, command.agent)
    queue = draft.state.queues.get(command.queue)
    if queue is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such queue")
    if len(active_legs(contact)) > 1:
        raise refused_by_state(contact, "members are present: leave the conference or end it")
    check_wrapup(draft.state, contact.queue, command.wrapup)
    if not command.force and not _others_signed_in(draft, command.agent, queue.id):
        raise CommandRefused(
            RefusalCode.NO_STAFF, hint="nobody else who serves the queue is signed in"
        )
    draft.rescind_offers(contact, "owner_changed")
    draft.add(ContactTransferred(contact=contact.id, agent=leg.agent, to="queue"))
    draft.leave(contact, leg, wrapup=command.wrapup)
    requeue(draft, contact, queue.id, released=leg.agent)
    draft.notice(contact, "contact.transferred")
    return Done()


def _others_signed_in(draft: Draft, agent: AgentId, queue: QueueId) -> bool:
    is_one = queue in draft.state.agents[agent].profile.queues  # an owner is signed in
    return draft.state.signed_in.get(queue, 0) > int(is_one)


def requeue(
    draft: Draft, contact: ContactRecord, queue: QueueId, *, released: AgentId | None = None
) -> None:
    """The contact waits again, ahead of new ones."""
    pause_ms = draft.state.configuration.configuration.presence.decline_pause_ms
    draft.queued.append(contact.id)
    draft.add(
        ContactRequeued(
            contact=contact.id,
            queue=queue,
            serial=draft.new_serial(),
            released=released,
            paused_until_ms=draft.at_ms + pause_ms if released else 0,
        )
    )


def transfer_to_agent(draft: Draft, command: TransferToAgent) -> AnyResult:
    """Ask another agent to become owner; the owner keeps the chat until then.

    Raises:
        CommandRefused: Not the owner's to give, or the target cannot take it now.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    leg_of_owner(contact, command.agent)
    check_wrapup(draft.state, contact.queue, command.wrapup)
    target = _target(draft, contact, command.target)
    offer = draft.offer(
        contact,
        target,
        "transfer",
        why=(("requested", "transfer"),),
        asked_by=command.agent,
        wrapup=command.wrapup,
    )
    return OfferAsked(offer=offer)


def conference(draft: Draft, command: Conference) -> AnyResult:
    """Ask another agent to join.

    Raises:
        CommandRefused: Not the owner, too many participants, or the target cannot join now.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    leg_of_owner(contact, command.agent)
    if len(active_legs(contact)) >= PARTICIPANTS_MAX:
        raise refused_by_state(contact, f"at most {PARTICIPANTS_MAX} participants")
    target = _target(draft, contact, command.target)
    offer = draft.offer(
        contact,
        target,
        "conference",
        why=(("requested", "conference"),),
        asked_by=command.agent,
    )
    return OfferAsked(offer=offer)


def _target(draft: Draft, contact: ContactRecord, name: AgentId) -> AgentRecord:
    """The agent a request goes to: another one, present and with a free slot."""
    target = draft.state.agents.get(name)
    if target is None or target.removed:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such agent")
    if active_leg(contact, name) is not None:
        raise refused_by_state(contact, "already takes part in this contact")
    if contact.offers:
        raise refused_by_state(contact, "another request is pending: cancel it first")
    if not can_take_offer(target.presence):
        raise CommandRefused(RefusalCode.NO_CAPACITY, hint="this agent cannot take a contact now")
    return target


# -- leaving -------------------------------------------------------------------------------------


def leave_conference(draft: Draft, command: LeaveConference) -> AnyResult:
    """An agent leaves others to go on; when the owner does, the first to join becomes owner.

    Raises:
        CommandRefused: No part in the contact, or nobody else would be left.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    leg = leg_to_talk(contact, command.agent)
    others = [other for other in active_legs(contact) if other.serial != leg.serial]
    if not others:
        raise refused_by_state(contact, "the last agent ends or transfers")
    check_wrapup(draft.state, contact.queue, command.wrapup)
    rescind_requests(draft, contact, (leg.agent,))
    draft.leave(contact, leg, wrapup=command.wrapup)
    if contact.owner == leg.agent:
        draft.add(OwnerPromoted(contact=contact.id, agent=others[0].agent))
    draft.notice(contact, "participant.left", leg.name)
    return Done()


def remove_from_conference(draft: Draft, command: RemoveFromConference) -> AnyResult:
    """The owner takes a member out; the member's code is owed.

    Raises:
        CommandRefused: Not the owner, oneself, or no participant.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    leg_of_owner(contact, command.agent)
    if command.target == command.agent:
        raise refused_by_state(contact, "leave the conference instead")
    leg = active_leg(contact, command.target)
    if leg is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such participant")
    draft.leave(contact, leg)
    draft.notice(contact, "participant.left", leg.name)
    return Done()


def sign_out(draft: Draft, gone: tuple[AgentId, ...], reason: CloseReason) -> None:
    """Agents are gone for good: chats go on without them, and nothing is owed for those."""
    for agent in gone:
        rescind_all(draft, agent, reason)
    held = (contact for agent in gone for contact in draft.state.contacts_with(agent))
    for contact in {contact.id: contact for contact in held}.values():
        _drop(draft, contact, gone)


def _drop(draft: Draft, contact: ContactRecord, gone: tuple[AgentId, ...]) -> None:
    """Whoever is gone leaves together, so that none of them is left in charge."""
    active = active_legs(contact)
    leaving = [leg for leg in active if leg.agent in gone]
    others = [leg for leg in active if leg.agent not in gone]
    rescind_requests(draft, contact, gone)
    for leg in leaving:
        draft.leave(contact, leg, owes=False)
        draft.notice(contact, "participant.left", leg.name)
    if leaving and not others:
        requeue(draft, contact, contact.queue)
    elif contact.owner in gone:
        draft.add(OwnerPromoted(contact=contact.id, agent=_heir(draft, others).agent))


def _heir(draft: Draft, others: list[Leg]) -> Leg:
    """Who joined first among the connected ones, or among all when none is connected."""
    agents = draft.state.agents
    return next((leg for leg in others if is_connected(agents[leg.agent].presence)), others[0])


# -- end and wrap-up -----------------------------------------------------------------------------


def end_contact(draft: Draft, command: EndContact) -> AnyResult:
    """The owner ends the contact for everyone; after the customer did, only a code is taken.

    Raises:
        CommandRefused: A member asks, or the contact is over.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    if contact.ended_at_ms is not None and command.wrapup is not None:
        wrapup = FileWrapup(agent=command.agent, contact=contact.id, wrapup=command.wrapup)
        return file_wrapup(draft, wrapup, path="wrapup.code")
    leg = leg_of_owner(contact, command.agent)
    check_wrapup(draft.state, contact.queue, command.wrapup)
    end(draft, contact, "agent", "ended", wrapup=(leg, command.wrapup))
    return Done()


def end(
    draft: Draft,
    contact: ContactRecord,
    by: EndedBy,
    reason: str,
    *,
    wrapup: tuple[Leg, Wrapup | None] | None = None,
    ended_at_ms: int | None = None,
) -> None:
    """Whoever ends it: offers are taken back, everyone leaves, codes are owed."""
    draft.rescind_offers(contact, "customer_left" if by == "customer" else "ended")
    draft.add(
        ContactEnded(
            contact=contact.id,
            ended_by=by,
            reason=reason,
            ended_at_ms=draft.at_ms if ended_at_ms is None else ended_at_ms,
        )
    )
    draft.notice(contact, "contact.ended")
    for leg in active_legs(contact):
        given = wrapup[1] if wrapup and wrapup[0].serial == leg.serial else None
        draft.leave(contact, leg, wrapup=given)


def file_wrapup(draft: Draft, command: FileWrapup, *, path: str = "code") -> AnyResult:
    """A leg gets its code: the oldest that owes one, else one that still may get one.

    Raises:
        CommandRefused: No leg of this agent takes a code now, or the code is not allowed.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    legs = [leg for leg in contact.legs if leg.agent == command.agent]
    leg = next((leg for leg in legs if leg.state == "wrapup"), None) or next(
        (
            leg
            for leg in legs
            if leg.fileable_until_ms is not None and draft.at_ms < leg.fileable_until_ms
        ),
        None,
    )
    if leg is None:
        raise refused_by_state(contact, "no wrap-up code is owed")
    check_wrapup(draft.state, leg.queue or contact.queue, command.wrapup, path=path, owing=leg)
    draft.file(contact, leg, command.wrapup)
    return Done()

"""What a decision writes on: the events of one step, with their ids, serials and numbers."""

from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import (
    AgentId,
    ContactId,
    ConversationId,
    HubId,
    MessageId,
    OfferId,
    QueueId,
)
from router.kernel.messages import (
    AgentLeft,
    AnyEvent,
    HubsSeen,
    MessageWritten,
    OfferClosed,
    OfferMade,
    WrapupFiled,
)
from router.kernel.model import (
    AgentRecord,
    Audience,
    Body,
    CloseReason,
    ContactRecord,
    Leg,
    Message,
    OfferKind,
    OfferOutcome,
    OfferRecord,
    RetiredCode,
    Role,
    Wrapup,
)
from router.kernel.moment import Ids, Moment
from router.kernel.notices import NOTICES, Notice
from router.kernel.state import State

FILEABLE_MS = 600_000
"""An optional code may be filed for ten minutes after the leg is done."""


class Draft:
    """Events in the making; reads the state as it was before them.

    Attributes:
        add: Takes one more event.
        new_id: Makes an id nobody has.
        new_key: Makes a key nobody can guess.
        new_serial: Makes the next place in the order of everything.
        queued: Contacts that stand in a line after these events, and did not before.
    """

    __slots__ = (
        "_ids",
        "_seqs",
        "add",
        "at_ms",
        "events",
        "new_id",
        "new_key",
        "new_serial",
        "queued",
        "state",
    )

    def __init__(self, state: State, moment: Moment) -> None:
        """Start with no events."""
        self.state = state
        self.at_ms = moment.at_ms
        self.events: list[AnyEvent] = []
        self.queued: list[ContactId] = []
        self.add = self.events.append
        self._ids = Ids(moment.nonce, state.shard.serial)
        self.new_id = self._ids.make
        self.new_key = self._ids.key
        self.new_serial = self._ids.serial
        self._seqs: dict[ConversationId, int] = {}

    @property
    def serial(self) -> int:
        """The last serial given out."""
        return self._ids.last

    # -- messages ------------------------------------------------------------------------------

    def write(
        self,
        *,
        conversation: ConversationId,
        contact: ContactId,
        role: Role,
        body: Body,
        author: str | None = None,
        name: str | None = None,
        audience: Audience = "everyone",
        event: str | None = None,
    ) -> int:
        """Add a line to a transcript; gives its `seq`."""
        last = self._seqs.get(conversation)
        if last is None:
            known = self.state.conversations.get(conversation)
            last = known.last_seq if known else 0
        self._seqs[conversation] = last + 1
        self.add(
            MessageWritten(
                message=Message(
                    conversation=conversation,
                    contact=contact,
                    seq=last + 1,
                    id=MessageId(self.new_id()),
                    at_ms=self.at_ms,
                    role=role,
                    body=body,
                    author=author,
                    name=name,
                    audience=audience,
                    event=event,
                )
            )
        )
        return last + 1

    def notice(self, contact: ContactRecord, notice: Notice, name: str = "") -> None:
        """Tell everyone in a conversation what happened; ``name`` is whom it is about, if any."""
        self.write(
            conversation=contact.conversation,
            contact=contact.id,
            role="system",
            body=NOTICES[notice](name),
            name=name or None,
            event=notice,
        )

    # -- offers ----------------------------------------------------------------------------------

    def offer(
        self,
        contact: ContactRecord,
        agent: AgentRecord,
        kind: OfferKind,
        *,
        why: tuple[tuple[str, str | int | None], ...],
        asked_by: AgentId | None = None,
        wrapup: Wrapup | None = None,
    ) -> OfferId:
        """Offer a contact to an agent until the queue's time-out."""
        queue = self.state.queue(contact.queue)
        offer = OfferId(self.new_id())
        self.add(
            OfferMade(
                offer=OfferRecord(
                    id=offer,
                    type=kind,
                    contact=contact.id,
                    queue=contact.queue,
                    agent=agent.id,
                    offered_at_ms=self.at_ms,
                    expires_at_ms=self.at_ms + queue.offer_timeout_ms,
                    serial=self.new_serial(),
                    why=why,
                    asked_by=asked_by,
                    wrapup=wrapup,
                )
            )
        )
        return offer

    def close_offer(
        self, offer: OfferRecord, outcome: OfferOutcome, reason: CloseReason | None = None
    ) -> None:
        """An offer ends without its agent's answer."""
        self.add(
            OfferClosed(
                offer=offer.id,
                contact=offer.contact,
                agent=offer.agent,
                outcome=outcome,
                reason=reason,
            )
        )

    def rescind_offers(self, contact: ContactRecord, reason: CloseReason) -> None:
        """Take back whatever is pending for a contact."""
        for offer in contact.offers:
            self.close_offer(self.state.offers[offer], "rescinded", reason)

    # -- legs ------------------------------------------------------------------------------------

    def leave(
        self, contact: ContactRecord, leg: Leg, *, wrapup: Wrapup | None = None, owes: bool = True
    ) -> None:
        """End an agent's part; a code is owed as the queue says, unless nothing is."""
        queue = self.state.queue(contact.queue)
        is_required = owes and queue.wrapup == "required"
        is_timed = is_required and queue.wrapup_timeout_ms > 0
        is_fileable = owes and not is_required
        self.add(
            AgentLeft(
                contact=contact.id,
                agent=leg.agent,
                leg=leg.serial,
                owes=is_required,
                deadline_at_ms=self.at_ms + queue.wrapup_timeout_ms if is_timed else None,
                default_code=queue.default_wrapup_code if is_timed else None,
                fileable_until_ms=self.at_ms + FILEABLE_MS if is_fileable else None,
            )
        )
        if wrapup is not None:
            self.file(contact, leg, wrapup)

    def file(
        self, contact: ContactRecord, leg: Leg, wrapup: Wrapup, *, by_timer: bool = False
    ) -> None:
        """Give a leg its code."""
        self.add(
            WrapupFiled(
                contact=contact.id,
                agent=leg.agent,
                leg=leg.serial,
                wrapup=wrapup,
                by_timer=by_timer,
            )
        )

    def see_hub(self, hub: str) -> None:
        """Remember that a hub holds connections."""
        hubs = self.state.shard.hubs
        if hub not in hubs:
            self.add(HubsSeen(hubs=(*hubs, HubId(hub))))


# -- reading what decisions need --------------------------------------------------------------


def active_legs(contact: ContactRecord) -> list[Leg]:
    """The parts of those who talk to the customer now, in the order they joined."""
    return [leg for leg in contact.legs if leg.state == "active"]


def active_leg(contact: ContactRecord, agent: AgentId) -> Leg | None:
    """An agent's present part in a contact."""
    return next((leg for leg in active_legs(contact) if leg.agent == agent), None)


def refused_by_state(contact: ContactRecord, hint: str) -> CommandRefused:
    """A refusal that names the state the contact is in."""
    return CommandRefused(RefusalCode.CONFLICT, hint=hint, state=contact.state)


def refused_by_live(live: ContactRecord, hint: str) -> CommandRefused:
    """A refusal that names the chat in the way."""
    return CommandRefused(
        RefusalCode.CONFLICT,
        hint=hint,
        state=live.state,
        conversation=live.conversation,
        contact=live.id,
    )


def contact_of_agent(state: State, agent: AgentId, contact: ContactId) -> ContactRecord:
    """A contact the agent has or had a leg in; to anybody else it does not exist.

    Raises:
        CommandRefused: There is none.
    """
    found = state.contacts.get(contact)
    if found is None or all(leg.agent != agent for leg in found.legs):
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such contact among yours")
    return found


def leg_to_talk(contact: ContactRecord, agent: AgentId) -> Leg:
    """The agent's active leg in a contact that goes on.

    Raises:
        CommandRefused: The agent's part, or the contact, is over.
    """
    leg = active_leg(contact, agent)
    if leg is None:
        raise refused_by_state(contact, "your part in this contact is over")
    return leg


def leg_of_owner(contact: ContactRecord, agent: AgentId) -> Leg:
    """The owner's active leg.

    Raises:
        CommandRefused: The agent is a member, or no longer talks to the customer.
    """
    leg = leg_to_talk(contact, agent)
    if contact.owner != agent:
        raise CommandRefused(RefusalCode.FORBIDDEN, hint="only the owner may do this")
    return leg


def check_wrapup(
    state: State,
    queue: QueueId,
    wrapup: Wrapup | None,
    *,
    path: str = "wrapup.code",
    owing: Leg | None = None,
) -> None:
    """A code must exist and be allowed for the queue; ``owing`` may have one removed since it left.

    Raises:
        CommandRefused: It is not.
    """
    if wrapup is None:
        return
    queues = state.wrapup_codes.get(wrapup.code)
    retired = state.retired_codes.get(wrapup.code)
    if retired is not None and owing is not None and _was_removed_later(retired, owing):
        queues = retired.code.queues
    if queues is None or (queues and queue not in queues):
        raise CommandRefused(
            RefusalCode.INVALID, hint="no such wrap-up code for this queue", path=path
        )


def _was_removed_later(retired: RetiredCode, leg: Leg) -> bool:
    return (
        leg.state == "wrapup"
        and leg.left_at_ms is not None
        and leg.left_at_ms <= retired.removed_at_ms
    )

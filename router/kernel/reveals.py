"""Showing an agent what a customer keeps sealed: who may ask, and what is recorded of it."""

from router.kernel.draft import Draft, contact_of_agent
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import RevealId
from router.kernel.messages import AnyResult, ContactRevealed, RevealContact, SealedFound
from router.kernel.model import RevealRecord


def reveal_contact(draft: Draft, command: RevealContact) -> AnyResult:
    """Record that an agent with a part in a contact is shown what its customer gave last.

    Raises:
        CommandRefused: `not_found`: no such contact among the agent's, or nothing is sealed;
            `unavailable`: who asks has no key, or not the one it was sealed with.
    """
    contact = contact_of_agent(draft.state, command.agent, command.contact)
    if not command.keys:
        raise CommandRefused(RefusalCode.UNAVAILABLE, hint="no seal key")
    customer = draft.state.customer(contact.customer.id)
    if customer is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such customer any more")
    sealed = customer.sealed_email if command.field == "email" else customer.sealed_phone
    if sealed is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="nothing is sealed", path="field")
    if sealed.key not in command.keys:
        raise CommandRefused(RefusalCode.UNAVAILABLE, hint="its seal key is not configured")
    draft.add(
        ContactRevealed(
            reveal=RevealRecord(
                id=RevealId(draft.new_id()),
                agent=command.agent,
                contact=contact.id,
                customer=customer.id,
                field=command.field,
                reason=command.reason,
                at_ms=draft.at_ms,
            )
        )
    )
    return SealedFound(sealed=sealed)

"""Which records stay in memory, how long closed ones are stored, and whose list they join."""

from router.kernel.ids import AgentId
from router.kernel.model import (
    AddressRecord,
    AnyRecord,
    ContactRecord,
    ConversationRecord,
    CustomerRecord,
    ExternalRecord,
    OfferRecord,
    RevealRecord,
    ShardRecord,
    TokenRecord,
)

OFFER_KEPT_MS = 86_400_000
"""A closed offer is known for a day, so that a late answer hears `offer_closed`."""


def is_hot(record: AnyRecord) -> bool:
    """True for what a writer holds in memory; the rest is fetched when a command names it."""
    match record:
        case ConversationRecord():
            return bool(record.open_contacts)
        case ShardRecord():
            return True
        case ContactRecord():
            return record.state != "closed"
        case OfferRecord():
            return record.outcome is None
        case CustomerRecord():
            return record.contact is not None or record.is_connected
        case TokenRecord() | ExternalRecord() | AddressRecord() | RevealRecord():
            return False
        case _:
            return True


def expires_at_ms(record: AnyRecord) -> int | None:
    """When a stored record may be dropped; None keeps it."""
    match record:
        case OfferRecord(closed_at_ms=int(closed_at_ms)):
            return closed_at_ms + OFFER_KEPT_MS
        case TokenRecord():
            return record.expires_at_ms
        case _:
            return None


def closings(record: AnyRecord) -> tuple[tuple[AgentId, int], ...]:
    """(agent, ended at) for each agent who handled a contact that is now closed."""
    if not isinstance(record, ContactRecord) or record.state != "closed":
        return ()
    assert record.ended_at_ms is not None, "a closed contact has ended"
    return tuple(
        (agent, record.ended_at_ms) for agent in dict.fromkeys(leg.agent for leg in record.legs)
    )

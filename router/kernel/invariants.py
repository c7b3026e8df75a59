"""What is always true between steps; checked after every step in tests and simulation."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from presence import is_away
from router.kernel.keeping import is_hot
from router.kernel.model import AgentRecord, ContactRecord, OfferRecord, addresses_of
from router.kernel.state import State
from router.kernel.tail import TAIL_LENGTH

NameT = TypeVar("NameT")
ValueT = TypeVar("ValueT")


def check(state: State) -> None:
    """Assert every invariant of a state but `check_reload`; walks all records."""
    for contact in state.contacts.values():
        check_contact(state, contact)
    for agent in state.agents.values():
        check_agent(state, agent, state.contacts.values())
    for offer in state.offers.values():
        check_offer(state, offer)
    _check_customers(state)
    _check_conversations(state)
    _check_memory(state)
    check_lines(state)


def check_lines(state: State) -> None:
    """Assert that nobody waits whom a free agent could be offered."""
    pair = state.floor.next_pair(state.shard.at_ms)
    assert pair is None, "somebody waits while an agent is free (I16)"


def check_contact(state: State, contact: ContactRecord) -> None:
    """Assert what is true of one contact in memory."""
    active = [leg for leg in contact.legs if leg.state == "active"]
    owners = [leg for leg in active if leg.role == "owner"]
    kinds = [state.offers[name].type for name in contact.offers]
    assert len({leg.agent for leg in active}) == len(active), "an agent takes part twice"
    assert len(kinds) <= 1, "two offers of one contact are open (I1)"
    assert len(owners) == (1 if active else 0), "a contact has one owner while talked in (I1)"
    assert contact.owner == (owners[0].agent if owners else None), "the owner is no participant"
    match contact.state:
        case "queued":
            assert not active, "a queued contact is talked in"
            assert not kinds, "a queued contact is offered"
        case "offered":
            assert not active, "an offered contact is talked in"
            assert kinds == ["contact"], "an offered contact has no offer"
        case "connected":
            assert active, "nobody talks in a connected contact"
            assert "contact" not in kinds, "a connected contact is offered as if it waited"
        case "wrapup":
            assert not active, "an ended contact is talked in"
            assert any(leg.state == "wrapup" for leg in contact.legs), "no code is owed"
        case "closed":
            raise AssertionError("a closed contact stays in memory")
    is_over = contact.state == "wrapup"
    assert (contact.ended_at_ms is not None) == is_over, "ended and not, at once (I3)"
    assert (contact.end_reason is not None) == is_over, "ended without a reason"
    assert not (is_over and kinds), "an ended contact is offered"


def check_agent(state: State, agent: AgentRecord, contacts: Iterable[ContactRecord]) -> None:
    """Assert what is true of one agent, who has legs in no other than these contacts."""
    presence = agent.presence
    legs = sum(
        1
        for contact in contacts
        for leg in contact.legs
        if leg.agent == agent.id and leg.state != "done"
    )
    pending = state.pending_offers_of(agent.id)
    assert presence.load == legs + len(pending), "load is not what is held (I13)"
    if pending:
        assert presence.state == "available", "offered to somebody not available (I6)"
        assert not presence.is_lost, "offered to somebody lost (I6)"
        assert not agent.removed, "offered to somebody removed (I6)"
    assert not (presence.connections and is_away(presence)), "connected and gone at once"
    assert presence.kept_until_ms is None or presence.gone_at_ms is None, "awaited and gone at once"


def check_offer(state: State, offer: OfferRecord) -> None:
    """Assert what is true of one open offer."""
    contact = state.contacts[offer.contact]
    assert offer.id in contact.offers, "an open offer is not its contact's"
    assert offer.queue == contact.queue, "offered in another queue (I4)"
    if offer.asked_by is not None:
        assert contact.owner == offer.asked_by, "a request outlived its owner"


def _check_customers(state: State) -> None:
    for customer in state.customers.values():
        live = [
            contact.id
            for contact in state.contacts.values()
            if contact.customer.id == customer.id and contact.ended_at_ms is None
        ]
        assert not (customer.connections and customer.is_away), "connected and gone at once"
        assert live == ([customer.contact] if customer.contact else []), "a customer chats twice"
        person = customer.person
        assert customer.sealed_email is None or person.email, "sealed, and not shown masked"
        assert customer.sealed_phone is None or person.phone, "sealed, and not shown masked"
        assert customer.passed_to is None or not addresses_of(customer), "sealed with two"


def _check_conversations(state: State) -> None:
    for contact in state.contacts.values():
        for name in (contact.conversation, contact.internal):
            if name is not None:
                conversation = state.conversations[name]
                assert contact.id in conversation.open_contacts, "a contact lost its conversation"
                assert contact.internal != contact.conversation, "notes stand beside replies"
    for conversation in state.conversations.values():
        authors = conversation.recent.each()  # each mark has an author
        assert len(authors) <= min(conversation.last_seq, TAIL_LENGTH), "more authors than messages"
        for reader, read in conversation.reads.items():
            assert 0 <= read.seq <= conversation.last_seq, "read what was not written"
            assert read.unread >= 0, "less than nothing is unread"
            assert conversation.type == "customer" or not reader.startswith("customer:"), (
                "a customer reads notes"
            )


def _check_memory(state: State) -> None:
    for records in (state.contacts, state.offers, state.conversations, state.customers):
        assert all(is_hot(record) for record in records.values()), "a cold record stays in memory"
    assert not state.tokens, "a cold record stays in memory"
    assert not state.externals, "a cold record stays in memory"
    assert not state.addresses, "a cold record stays in memory"
    assert not state.changed, "a change was not handed on"


def check_reload(state: State) -> None:
    """The stored records alone give the same deadlines, lines and lists (I14)."""
    again = State(
        [
            *state.agents.values(),
            *state.contacts.values(),
            *state.offers.values(),
            *state.conversations.values(),
            *state.customers.values(),
            *state.queue_records.values(),
            state.configuration,
            state.shard,
        ]
    )
    now_ms = state.shard.at_ms
    assert _ahead(again, now_ms) == _ahead(state, now_ms), "a reload moves deadlines (I14)"
    assert _without_empty(again.offers_of) == _without_empty(state.offers_of), "offers (I14)"
    assert _without_empty(again.contacts_of) == _without_empty(state.contacts_of), "legs (I14)"
    assert _without_empty(again.connected) == _without_empty(state.connected), "tabs (I14)"
    assert _without_empty(again.signed_in) == _without_empty(state.signed_in), "staff (I14)"
    assert _without_empty(again.slots) == _without_empty(state.slots), "slots (I14)"
    for queue in {*state.queues, *state.retired}:
        before = list(state.floor.standing(queue, 1_000_000))
        assert list(again.floor.standing(queue, 1_000_000)) == before, "a line moved (I14)"
        waiting = state.floor.waiting(queue)
        assert again.floor.waiting(queue) == waiting, "a line is longer or shorter (I14)"
    assert again.floor.next_pair(now_ms) is None, "a reload finds a pair (I14)"


def _ahead(state: State, now_ms: int) -> dict[tuple[str, str, int], int]:
    return {
        (deadline.kind, deadline.id, deadline.part): at_ms
        for deadline, at_ms in state.deadlines.all().items()
        if deadline.kind != "pause" or at_ms > now_ms
    }


def _without_empty(index: Mapping[NameT, ValueT]) -> dict[NameT, ValueT]:
    return {name: value for name, value in index.items() if value}

"""The kernel's memory: records by id, and the indexes that follow from them.

Only `evolve` puts records. Every index is a function of the records put, so loading the same
records gives the same state, every order included.
"""

from collections.abc import Container, Iterable, Mapping
from typing import assert_never

from presence import Connection, Presence, can_take_offer, expires_at_ms, is_away, lost_at_ms
from queues import Demand, Floor, Readiness, Supply, estimate_ms, sorted_skills
from router.kernel.configuration import Agent, EntryPoint, Queue
from router.kernel.deadlines import Deadline, Deadlines
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    OfferId,
    QueueId,
    TokenHash,
)
from router.kernel.keeping import is_hot
from router.kernel.model import (
    AddressRecord,
    AgentRecord,
    AnyRecord,
    ConfigurationRecord,
    ContactRecord,
    ConversationRecord,
    CustomerRecord,
    ExternalRecord,
    Key,
    Leg,
    OfferRecord,
    QueueRecord,
    RetiredCode,
    RevealRecord,
    ShardRecord,
    TokenRecord,
    key_of,
)


class State:
    """Records and indexes; read by `decide`, changed only through `put`."""

    def __init__(self, records: Iterable[AnyRecord] = ()) -> None:
        """Build every index from ``records``, in whatever order they come."""
        self.agents: dict[AgentId, AgentRecord] = {}
        self.contacts: dict[ContactId, ContactRecord] = {}
        self.offers: dict[OfferId, OfferRecord] = {}
        self.conversations: dict[ConversationId, ConversationRecord] = {}
        self.customers: dict[CustomerId, CustomerRecord] = {}
        self.tokens: dict[TokenHash, TokenRecord] = {}
        self.externals: dict[str, ExternalRecord] = {}
        self.addresses: dict[str, AddressRecord] = {}
        self.queue_records: dict[QueueId, QueueRecord] = {}
        self.configuration = ConfigurationRecord()
        self.shard = ShardRecord()

        self.entry_points: dict[EntryPointId, EntryPoint] = {}
        self.queues: dict[QueueId, Queue] = {}
        self.retired: dict[QueueId, Queue] = {}
        self.wrapup_codes: dict[CodeId, tuple[QueueId, ...]] = {}
        self.retired_codes: dict[CodeId, RetiredCode] = {}
        self.idle_codes: frozenset[CodeId] = frozenset()

        self.floor: Floor[ContactId, AgentId] = Floor()
        self.deadlines = Deadlines()
        self.offers_of: dict[AgentId, set[OfferId]] = {}
        self.contacts_of: dict[AgentId, set[ContactId]] = {}
        self.connected: dict[str, set[Key]] = {}
        self.signed_in: dict[QueueId, int] = {}
        self.slots: dict[QueueId, int] = {}
        self._supplies: dict[AgentId, Supply] = {}
        self._base_demands: dict[QueueId, Demand] = {}

        self.changed: dict[Key, AnyRecord] = {}
        self.lent: dict[Key, AnyRecord] = {}
        self._cold: list[AnyRecord] = []
        self.absent: set[Key] = set()
        self._tables: dict[str, Container[str]] = {
            "contact": self.contacts,
            "offer": self.offers,
            "conversation": self.conversations,
            "customer": self.customers,
            "token": self.tokens,
            "external": self.externals,
            "address": self.addresses,
        }

        self._load(records)

    def _load(self, records: Iterable[AnyRecord]) -> None:
        held = sorted(records, key=_load_order)
        for record in held:
            self.put(record)
        self.changed.clear()

    # -- reading -----------------------------------------------------------------------------

    def queue(self, queue: QueueId) -> Queue:
        """The settings of a queue, also of one that was removed while contacts are in it."""
        return self.queues.get(queue) or self.retired[queue]

    def customer(self, name: CustomerId) -> CustomerRecord | None:
        """A customer in memory; whoever turned out to be another one is that one."""
        customer = self.customers.get(name)
        if customer is None or customer.passed_to is None:
            return customer
        return self.customers.get(customer.passed_to)

    def pending_offers_of(self, agent: AgentId) -> list[OfferRecord]:
        """An agent's open offers, oldest first."""
        return sorted(
            (self.offers[offer] for offer in self.offers_of.get(agent, ())),
            key=lambda offer: offer.serial,
        )

    def contacts_with(self, agent: AgentId) -> list[ContactRecord]:
        """The contacts in which an agent has a leg that is not done, oldest first."""
        return sorted(
            (self.contacts[contact] for contact in self.contacts_of.get(agent, ())),
            key=lambda contact: (contact.created_at_ms, contact.id),
        )

    def demand(self, contact: ContactRecord) -> Demand:
        """What a contact asks of an agent: the queue's levels and its own, the higher of each."""
        base = self._base_demands.get(contact.queue)
        if base is None:
            queue = self.queue(contact.queue)
            base = Demand(queue.id, sorted_skills(queue.skills))
            self._base_demands[contact.queue] = base
        if not contact.skills:
            return base
        levels = higher_of(dict(base.skills), contact.skills)
        return Demand(contact.queue, sorted_skills(levels))

    def position(self, contact: ContactRecord) -> tuple[int, int | None]:
        """A waiting contact's place from 1, and the estimate of its wait in ms."""
        position = self.floor.position(contact.id)
        return position, self.estimated_wait_ms(contact.queue, position)

    def estimated_wait_ms(self, queue: QueueId, position: int) -> int | None:
        """The wait at a place in a queue; None when it cannot be known."""
        record = self.queue_records.get(queue)
        if record is None:
            return None
        return estimate_ms(record.pace, position, self.slots.get(queue, 0))

    # -- writing -----------------------------------------------------------------------------

    def put(self, record: AnyRecord) -> None:  # noqa: C901, PLR0912 - a flat table
        """Replace a record and bring every index up to date."""
        match record:
            case ContactRecord():
                self.put_contact(record)
            case AgentRecord():
                self.put_agent(record)
            case OfferRecord():
                self.put_offer(record)
            case ConversationRecord():
                self.put_conversation(record)
            case CustomerRecord():
                self.put_customer(record)
            case TokenRecord():
                self.tokens[record.id] = record
                self._cold.append(record)
                self.changed["token", record.id] = record
            case ExternalRecord():
                self.externals[record.id] = record
                self._cold.append(record)
                self.changed["external", record.id] = record
            case AddressRecord():
                self.addresses[record.id] = record
                self._cold.append(record)
                self.changed["address", record.id] = record
            case RevealRecord():
                self.changed["reveal", record.id] = record  # for the store alone
            case QueueRecord():
                self.queue_records[record.id] = record
                self.changed["queue", record.id] = record
            case ConfigurationRecord():
                self._put_configuration(record)
            case ShardRecord():
                self.shard = record
                self.changed["shard", "shard"] = record
            case _:
                assert_never(record)

    def put_agent(self, agent: AgentRecord) -> None:
        """Replace an agent; whether it may be offered work follows."""
        old = self.agents.get(agent.id)
        self.agents[agent.id] = agent
        self.changed["agent", agent.id] = agent
        presence = agent.presence
        is_known = old is not None and old.profile is agent.profile
        if not is_known:
            skills = sorted_skills(agent.profile.skills)
            self._supplies[agent.id] = Supply(frozenset(agent.profile.queues), skills)
        if can_take_offer(presence) and not agent.removed:
            self.floor.ready(
                agent.id,
                self._supplies[agent.id],
                Readiness(presence.load, presence.free_since_ms),
                agent.offered,
            )
        elif agent.removed:
            self.floor.forget(agent.id)
        else:
            self.floor.not_ready(agent.id)
        was = old.presence if old is not None else Presence(capacity=0)
        if not is_known or was.state != presence.state or (old and old.removed != agent.removed):
            self._count_staff(old, agent)
        if was.connections is not presence.connections:
            self._index_connections(("agent", agent.id), was.connections, presence.connections)
        if is_away(presence) or is_away(was):
            self._watch_agent(agent)

    def _count_staff(self, old: AgentRecord | None, new: AgentRecord) -> None:
        for record, sign in ((old, -1), (new, 1)):
            if record is None or record.removed or record.presence.state == "offline":
                continue
            for queue in record.profile.queues:
                self.signed_in[queue] = self.signed_in.get(queue, 0) + sign
                if record.presence.state == "available":
                    slots = self.slots.get(queue, 0) + sign * record.presence.capacity
                    self.slots[queue] = slots

    def _index_connections(
        self, key: Key, old: tuple[Connection, ...], new: tuple[Connection, ...]
    ) -> None:
        for connection in old:
            keys = self.connected.get(connection.hub, set())
            keys.discard(key)
            if not keys:
                self.connected.pop(connection.hub, None)
        for connection in new:
            self.connected.setdefault(connection.hub, set()).add(key)

    def _watch_agent(self, agent: AgentRecord) -> None:
        grace_ms = self.configuration.configuration.presence.reconnect_grace_ms
        ahead = (
            agent.presence.kept_until_ms,
            lost_at_ms(agent.presence),
            expires_at_ms(agent.presence, grace_ms),
        )
        self.deadlines.set(
            Deadline("agent", agent.id), min((at for at in ahead if at is not None), default=None)
        )

    def put_contact(self, contact: ContactRecord) -> None:
        """Replace a contact; its place in line, deadlines and its agents' lists follow."""
        old = self.contacts.get(contact.id)
        self.contacts[contact.id] = contact
        self.changed["contact", contact.id] = contact
        if contact.state == "closed":
            self._cold.append(contact)
        if old is None or not _waits_alike(old, contact):
            self._index_waiting(old, contact)
        if old is None or old.legs is not contact.legs:
            self._index_legs(old.legs if old else (), contact)
        if old is None or old.state != contact.state or old.queued_at_ms != contact.queued_at_ms:
            customer = self.customers.get(contact.customer.id)
            if customer is not None and customer.gone_at_ms is not None:
                self._watch_customer(customer)

    def _index_waiting(self, old: ContactRecord | None, contact: ContactRecord) -> None:
        is_waiting = contact.state == "queued"
        was_standing = old is not None and old.state in {"queued", "offered"}
        is_moved = old is None or old.rank != contact.rank or old.queue != contact.queue
        if is_waiting or contact.state == "offered":
            if is_moved or not was_standing:
                self.floor.stand(contact.id, contact.queue, contact.rank)
        elif was_standing:
            self.floor.unstand(contact.id)
        if is_waiting:
            self.floor.wait(contact.id, self.demand(contact), contact.rank, contact.declined)
        elif old is not None and old.state == "queued":
            self.floor.stop_waiting(contact.id)
        if contact.declined or (old is not None and old.declined):
            self._watch_pauses(old, contact)

    def _watch_pauses(self, old: ContactRecord | None, contact: ContactRecord) -> None:
        before = old.declined if old is not None and old.state == "queued" else ()
        now = contact.declined if contact.state == "queued" else ()
        if before != now:
            for _, until_ms in before:
                self.deadlines.set(Deadline("pause", contact.id, until_ms), None)
        for _, until_ms in now:
            self.deadlines.set(Deadline("pause", contact.id, until_ms), until_ms)

    def _index_legs(self, old: tuple[Leg, ...], contact: ContactRecord) -> None:
        before = {leg.agent for leg in old if leg.state != "done"}
        now = {leg.agent for leg in contact.legs if leg.state != "done"}
        for agent in before - now:
            self.contacts_of[agent].discard(contact.id)
        for agent in now - before:
            self.contacts_of.setdefault(agent, set()).add(contact.id)
        for leg in (*old, *contact.legs):
            at_ms = leg.deadline_at_ms if leg.state == "wrapup" else None
            self.deadlines.set(Deadline("wrapup", contact.id, leg.serial), at_ms)

    def put_conversation(self, conversation: ConversationRecord) -> None:
        """Replace a conversation; nothing else follows from it."""
        self.conversations[conversation.id] = conversation
        self.changed["conversation", conversation.id] = conversation
        if not conversation.open_contacts:
            self._cold.append(conversation)

    def put_offer(self, offer: OfferRecord) -> None:
        """Replace an offer; its deadline and its agent's list follow."""
        self.offers[offer.id] = offer
        self.changed["offer", offer.id] = offer
        if offer.outcome is None:
            held = self.offers_of.get(offer.agent)
            if held is None:
                held = self.offers_of[offer.agent] = set()
            held.add(offer.id)
            self.deadlines.set(Deadline("offer", offer.id), offer.expires_at_ms)
        else:
            self._cold.append(offer)
            self.offers_of.get(offer.agent, set()).discard(offer.id)
            self.deadlines.set(Deadline("offer", offer.id), None)

    def put_customer(self, customer: CustomerRecord) -> None:
        """Replace a customer; how long it may stay away follows."""
        old = self.customers.get(customer.id)
        self.customers[customer.id] = customer
        self.changed["customer", customer.id] = customer
        if customer.contact is None and not customer.is_connected:
            self._cold.append(customer)
        before = old.connections if old else ()
        if before != customer.connections:
            self._index_connections(("customer", customer.id), before, customer.connections)
        if customer.is_away or (old and old.is_away):
            self._watch_customer(customer)

    def _watch_customer(self, customer: CustomerRecord) -> None:
        self.deadlines.set(Deadline("customer", customer.id), self._missed_at_ms(customer))

    def _missed_at_ms(self, customer: CustomerRecord) -> int | None:
        if customer.kept_until_ms is not None:
            return customer.kept_until_ms
        contact = self.contacts.get(customer.contact) if customer.contact else None
        if contact is None or customer.gone_at_ms is None:
            return None
        grace_ms = self.configuration.configuration.presence.customer_grace_ms
        if contact.state in {"queued", "offered"}:
            return max(customer.gone_at_ms, contact.queued_at_ms) + grace_ms
        return None if customer.was_told else customer.gone_at_ms + grace_ms

    def _put_configuration(self, record: ConfigurationRecord) -> None:
        known = {*self.queues, *self.retired}
        self.configuration = record
        self.changed["configuration", "configuration"] = record
        configuration = record.configuration
        self.entry_points = {entry.id: entry for entry in configuration.entry_points}
        self.queues = {queue.id: queue for queue in configuration.queues}
        self.retired = {queue.id: queue for queue in record.retired}
        self.wrapup_codes = {code.id: code.queues for code in configuration.wrapup_codes}
        self.retired_codes = {retired.code.id: retired for retired in record.retired_codes}
        self.idle_codes = frozenset(code.id for code in configuration.idle_codes)
        for name in known - {*self.queues, *self.retired}:
            self.floor.drop_queue(name)
        self._base_demands.clear()
        for queue in (*record.retired, *configuration.queues):
            self.floor.set_queue(queue.id, queue.strategy)
        for contact in self.contacts.values():
            self._index_waiting(contact, contact)
        for agent in self.agents.values():
            self._watch_agent(agent)
        for customer in self.customers.values():
            self._watch_customer(customer)

    # -- cold records --------------------------------------------------------------------------

    def holds(self, key: Key) -> bool:
        """The record is in memory, or known not to exist."""
        return key[1] in self._tables[key[0]] or key in self.absent

    def lend(self, found: Mapping[Key, AnyRecord | None]) -> None:
        """Hold records for one step; None says that there is none of that name."""
        for key, record in found.items():
            if record is None:
                self.absent.add(key)
            elif not self.holds(key):
                self.lent[key] = record
                self.put(record)
                del self.changed[key]

    def take_changed(self) -> tuple[AnyRecord, ...]:
        """The records this step changed; whatever is cold is forgotten."""
        changed = self.changed
        for record in self._cold:
            self._forget_if_cold(changed.get(key_of(record), record))
        self._cold.clear()
        self.changed = {}
        if self.lent or self.absent:
            self.lent = {}
            self.absent.clear()
        return tuple(changed.values())

    def _forget_if_cold(self, record: AnyRecord) -> None:
        if is_hot(record):
            return
        match record:
            case ContactRecord():
                self.contacts.pop(record.id, None)
            case OfferRecord():
                self.offers.pop(record.id, None)
            case ConversationRecord():
                self.conversations.pop(record.id, None)
            case CustomerRecord():
                self.customers.pop(record.id, None)
            case TokenRecord():
                self.tokens.pop(record.id, None)
            case ExternalRecord():
                self.externals.pop(record.id, None)
            case AddressRecord():
                self.addresses.pop(record.id, None)
            case _:
                pass


def higher_of(some: dict[str, int], others: dict[str, int]) -> dict[str, int]:
    """Levels that meet both: the higher one where both ask."""
    if not others:
        return some
    return some | {skill: max(level, some.get(skill, level)) for skill, level in others.items()}


def serves(profile: Agent, queue: QueueId, levels: Iterable[tuple[str, int]]) -> bool:
    """The agent is of the queue and has at least these levels; a skill it lacks is level 0."""
    return queue in profile.queues and all(
        profile.skills.get(skill, 0) >= level for skill, level in levels
    )


def _waits_alike(old: ContactRecord, new: ContactRecord) -> bool:
    """Nothing that its place in line is made of has changed."""
    return (
        old.state == new.state
        and old.rank is new.rank
        and old.declined is new.declined
        and old.queue == new.queue
    )


def _load_order(record: AnyRecord) -> tuple[int, str]:
    """Configuration first, contacts last: each kind after those it reads."""
    match record:
        case ConfigurationRecord():
            return (0, record.id)
        case ContactRecord():
            return (2, record.id)
        case _:
            return (1, record.id)

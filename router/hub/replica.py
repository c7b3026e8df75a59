"""A read-only copy of one shard's records at one position, and what the hub looks up in it.

Everything the hub shows is read here and never from the writer's memory. Records are replaced as
a whole by log entries; cold ones are let go of when the next entry comes, so that the entry that
made them cold can still be translated.
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from sortedcontainers import SortedDict

from presence import can_take_offer
from queues import estimate_ms
from router.hub import shapes
from router.hub.objects import RecordT, View, agent_object
from router.hub.tails import Tails
from router.kernel.configuration import Configuration, EntryPoint, Queue, Template, WrapupCode
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    CustomerId,
    EntryPointId,
    OfferId,
    QueueId,
    TemplateId,
)
from router.kernel.keeping import is_hot
from router.kernel.messages import MessageRedacted, MessageWritten
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ConfigurationRecord,
    ContactRecord,
    ConversationRecord,
    CustomerRecord,
    OfferRecord,
    QueueRecord,
    Record,
)
from router.shard.engine import Entry, Loaded, Position
from router.shard.policies import Policies

GONE_MAX = 1_000
"""Records let go of that are remembered: more than leave while the store is read."""

OwnerT = TypeVar("OwnerT")
MemberT = TypeVar("MemberT")

RecordName = tuple[type[Record], str]


def name_of(record: AnyRecord) -> RecordName:
    """What a record is found by: its kind and its id."""
    return (type(record), record.id)


INDEXED = frozenset({ContactRecord, OfferRecord, AgentRecord, ConfigurationRecord})
"""Records that something is looked up by; most entries change none of them."""


class Overlay:
    """A view in which some records are other versions, or missing, than in the view below."""

    def __init__(self, below: View, records: Mapping[RecordName, AnyRecord | None]) -> None:
        """Show ``records`` instead of those of the same name in ``below``; None is missing."""
        self._below = below
        self._records = records

    def find(self, kind: type[RecordT], name: str, /) -> RecordT | None:
        """The record of that kind and id, if this view holds it."""
        if (kind, name) not in self._records:
            return self._below.find(kind, name)
        record = self._records[kind, name]
        return record if isinstance(record, kind) else None

    def queue_name(self, queue: QueueId, /) -> str:
        """What people call a queue; its id when it is not known."""
        return self._below.queue_name(queue)


class Change(NamedTuple):
    """An entry that was applied.

    Attributes:
        former: The version before the entry of each record it changed; None where the replica
            held none. The versions after it are in the replica until the next entry.
    """

    entry: Entry
    former: Mapping[RecordName, AnyRecord | None]


class Replica:
    """The records of one shard at one position, and indexes that follow from them."""

    def __init__(self, loaded: Loaded) -> None:
        """Hold what was loaded."""
        self.position: Position = loaded.position
        self.tails = Tails()
        self.configuration = Configuration()
        self.policies = Policies(ConfigurationRecord())
        self.entry_points: dict[EntryPointId, EntryPoint] = {}
        self.queues: dict[QueueId, Queue] = {}
        self.retired: dict[QueueId, Queue] = {}
        self.wrapup_codes: dict[CodeId, WrapupCode] = {}
        self.templates: dict[TemplateId, Template] = {}
        self._records: dict[RecordName, AnyRecord] = {}
        self._cooling: list[RecordName] = []
        self._gone: OrderedDict[RecordName, Position] = OrderedDict()
        self._forgotten = loaded.position
        self._contacts_of: _Groups[AgentId, ContactId] = _Groups()
        self._contacts_by: _Groups[CustomerId, ContactId] = _Groups()
        self._offers_of: _Groups[AgentId, OfferId] = _Groups()
        self._waiting: Counter[QueueId] = Counter()
        self._held: Counter[QueueId] = Counter()
        self._available: Counter[QueueId] = Counter()
        self._slots: Counter[QueueId] = Counter()
        self._directory: SortedDict[tuple[str, AgentId], AgentRecord] = SortedDict()
        for record in loaded.records:
            self._put(name_of(record), record)

    # -- following the log -----------------------------------------------------------------------

    def apply(self, entry: Entry) -> Change:
        """Let go of what the last entry made cold, and go on to the next entry."""
        assert entry.position > self.position, "an entry came twice"
        for name in self._cooling:
            self._let_go(name)
        former: dict[RecordName, AnyRecord | None] = {}
        for record in entry.records:
            name = name_of(record)
            former[name] = self._put(name, record)
        for event in entry.events:
            if isinstance(event, MessageWritten):
                self.tails.write(event.message)
            elif isinstance(event, MessageRedacted):
                self.tails.redact(event.message)
        self._cooling = [name_of(record) for record in entry.records if not is_hot(record)]
        self.position = entry.position
        return Change(entry, former)

    # -- records ---------------------------------------------------------------------------------

    def find(self, kind: type[RecordT], name: str, /) -> RecordT | None:
        """The record of that kind and id, if this view holds it."""
        record = self._records.get((kind, name))
        return record if isinstance(record, kind) else None

    def holds(self, name: RecordName) -> bool:
        """The record is in hand."""
        return name in self._records

    def may_have_changed(self, name: RecordName, since: Position) -> bool:
        """False when no entry after ``since`` changed a record that is not in hand.

        What was changed was in hand until the next entry, so only what left is remembered.
        """
        return since < self._forgotten or self._gone.get(name, since) > since

    def queue_name(self, queue: QueueId, /) -> str:
        """What people call a queue; its id when it is not known."""
        known = self.queues.get(queue) or self.retired.get(queue)
        return (known.name if known else "") or queue

    def contacts_of(self, agent: AgentId) -> list[ContactRecord]:
        """The contacts in which an agent has a leg that is not done, oldest first."""
        found = self._contacts(self._contacts_of[agent])
        return sorted(found, key=lambda contact: (contact.created_at_ms, contact.id))

    def contacts_by(self, customer: CustomerId) -> list[ContactRecord]:
        """A customer's contacts in hand: the live one, and those still being wrapped up."""
        return self._contacts(self._contacts_by[customer])

    def offers_of(self, agent: AgentId) -> list[OfferRecord]:
        """An agent's pending offers, oldest first."""
        found = (self.find(OfferRecord, offer) for offer in self._offers_of[agent])
        return sorted((offer for offer in found if offer), key=lambda offer: offer.serial)

    def live_contact(self, customer: CustomerId) -> ContactRecord | None:
        """A customer's contact that is queued, offered or connected."""
        record = self.find(CustomerRecord, customer)
        if record is None or record.contact is None:
            return None
        return self.find(ContactRecord, record.contact)

    # -- directories -----------------------------------------------------------------------------

    def directory_queues(self, search: str = "") -> tuple[shapes.QueueStanding, ...]:
        """The queues whose name or id holds ``search``, and how long one would wait in each.

        A removed queue stays while contacts are in it. The estimate is for somebody who joins now.
        """
        return tuple(
            self._directory_queue(queue)
            for queue in (*self.queues.values(), *self.retired.values())
            if (queue.id in self.queues or self._held[queue.id])
            and _is_found(search, queue.name, queue.id)
        )

    def _directory_queue(self, queue: Queue) -> shapes.QueueStanding:
        waiting = self._waiting[queue.id]
        record = self.find(QueueRecord, queue.id)
        slots = self._slots[queue.id]
        return shapes.QueueStanding(
            id=queue.id,
            name=queue.name or queue.id,
            waiting=waiting,
            available_agents=self._available[queue.id],
            estimated_wait_ms=estimate_ms(record.pace, waiting + 1, slots) if record else None,
        )

    def directory_agents(self, search: str = "") -> tuple[shapes.Agent, ...]:
        """The agents whose name or id holds ``search``, those first who can take an offer now."""
        ready: list[shapes.Agent] = []
        others: list[shapes.Agent] = []
        for agent in self._directory.values():
            if _is_found(search, agent.profile.name, agent.id):
                (ready if can_take_offer(agent.presence) else others).append(agent_object(agent))
        return (*ready, *others)

    # -- keeping records and indexes -------------------------------------------------------------

    def _put(self, name: RecordName, record: AnyRecord) -> AnyRecord | None:
        """Take a record in, and give its former version."""
        old = self._records.get(name)
        if type(record) in INDEXED:
            self._index(old, record)
        self._records[name] = record
        return old

    def _let_go(self, name: RecordName) -> None:
        record = self._records[name]
        if isinstance(record, ConversationRecord):
            self.tails.forget(record.id)
        del self._records[name]
        self._gone[name] = self.position
        self._gone.move_to_end(name)
        if len(self._gone) > GONE_MAX:
            _, self._forgotten = self._gone.popitem(last=False)

    def _index(self, old: AnyRecord | None, new: AnyRecord) -> None:
        match new:
            case ContactRecord():
                assert old is None or isinstance(old, ContactRecord), "found by its kind"
                self._index_contact(old, new)
            case OfferRecord():
                self._offers_of.keep(new.agent, new.id, wanted=new.outcome is None)
            case AgentRecord():
                assert old is None or isinstance(old, AgentRecord), "found by its kind"
                self._index_agent(old, new)
            case ConfigurationRecord():
                self._index_configuration(new)
            case _:
                pass

    def _index_contact(self, old: ContactRecord | None, new: ContactRecord) -> None:
        if old is not None:
            self._waiting[old.queue] -= _is_waiting(old)
            self._held[old.queue] -= old.state != "closed"
            self._contacts_by.keep(old.customer.id, old.id, wanted=False)
        self._waiting[new.queue] += _is_waiting(new)
        is_held = new.state != "closed"
        self._held[new.queue] += is_held
        self._contacts_by.keep(new.customer.id, new.id, wanted=is_held)
        engaged = engaged_agents(new)
        for agent in (engaged_agents(old) if old else {}) | engaged:
            self._contacts_of.keep(agent, new.id, wanted=agent in engaged)

    def _index_agent(self, old: AgentRecord | None, new: AgentRecord) -> None:
        for agent, sign in ((old, -1), (new, 1)):
            if agent is None or agent.removed:
                continue
            if agent.presence.state == "available":
                self._count(agent, sign)
        if old is not None:
            self._directory.pop(_directory_place(old), None)
        if not new.removed:
            self._directory[_directory_place(new)] = new

    def _count(self, agent: AgentRecord, sign: int) -> None:
        for queue in agent.profile.queues:
            self._slots[queue] += sign * agent.presence.capacity
            self._available[queue] += sign * bool(agent.presence.connections)

    def _index_configuration(self, record: ConfigurationRecord) -> None:
        configuration = record.configuration
        self.configuration = configuration
        self.policies = Policies(record)
        self.entry_points = {entry.id: entry for entry in configuration.entry_points}
        self.queues = {queue.id: queue for queue in configuration.queues}
        self.retired = {queue.id: queue for queue in record.retired}
        self.wrapup_codes = {code.id: code for code in configuration.wrapup_codes}
        self.templates = {template.id: template for template in configuration.templates}

    def _contacts(self, names: Iterable[ContactId]) -> list[ContactRecord]:
        found = (self.find(ContactRecord, name) for name in names)
        return [contact for contact in found if contact is not None]


class _Groups(Generic[OwnerT, MemberT]):
    """Members by owner, in the order they came; an owner without members costs nothing."""

    def __init__(self) -> None:
        self._groups: dict[OwnerT, dict[MemberT, None]] = {}

    def __getitem__(self, owner: OwnerT) -> Collection[MemberT]:
        return self._groups.get(owner, {})

    def keep(self, owner: OwnerT, member: MemberT, *, wanted: bool) -> None:
        """Make ``member`` one of the owner's, or not."""
        if wanted:
            self._groups.setdefault(owner, {})[member] = None
            return
        members = self._groups.get(owner, {})
        members.pop(member, None)
        if not members:
            self._groups.pop(owner, None)


def engaged_agents(contact: ContactRecord) -> dict[AgentId, None]:
    """The agents with a leg that is not done, in the order they joined."""
    return {leg.agent: None for leg in contact.legs if leg.state != "done"}


def talking_agents(contact: ContactRecord) -> dict[AgentId, None]:
    """The agents who talk to the customer, in the order they joined."""
    return {leg.agent: None for leg in contact.legs if leg.state == "active"}


def _is_waiting(contact: ContactRecord) -> bool:
    return contact.state in {"queued", "offered"}


def _directory_place(agent: AgentRecord) -> tuple[str, AgentId]:
    return (agent.profile.name.casefold(), agent.id)


def _is_found(search: str, name: str, identity: str) -> bool:
    wanted = search.casefold()
    return wanted in name.casefold() or wanted in identity.casefold()

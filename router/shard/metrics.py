"""The shard's metrics, declared once; those of contacts follow from committed entries.

Labels are queues and closed sets, never people. Several shards of one process add up.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import get_args
from weakref import WeakSet

from prometheus_client import Counter, Gauge, Histogram

from router.kernel.ids import AgentId, ContactId, QueueId
from router.kernel.messages import (
    AnyEvent,
    ContactRevealed,
    ContactTransferred,
    MessageRedacted,
    MessageWritten,
    OfferClosed,
    WrapupFiled,
)
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ConfigurationRecord,
    ContactRecord,
    OfferRecord,
    Role,
)
from router.shard.engine import Entry

# From an answer at once to a quarter of an hour; dense around the default service level of 20 s.
WAIT_BUCKETS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 900)
# Chats last minutes; beyond an hour it is a forgotten window.
HANDLE_BUCKETS = (15, 30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 3600)

CONTACTS_WAITING = Gauge(
    "frontdesk_contacts_waiting", "Contacts without an agent, offered ones too.", ["queue"]
)
OLDEST_WAIT_SECONDS = Gauge(
    "frontdesk_oldest_wait_seconds",
    "How long the contact has waited that waits longest.",
    ["queue"],
)
WAIT_SECONDS = Histogram(
    "frontdesk_wait_seconds",
    "From queued to talking to an agent, or to giving up.",
    ["queue", "outcome"],  # answered | abandoned
    buckets=WAIT_BUCKETS,
)
OFFERS = Counter("frontdesk_offers", "Offers closed.", ["queue", "kind", "outcome"])
OFFER_ANSWER_SECONDS = Histogram(
    "frontdesk_offer_answer_seconds",
    "From offered to accepted, declined or timed out.",
    ["outcome"],  # accepted | declined | rona
    # The default offer times out after 20 s; the buckets are dense on both sides of it.
    buckets=(0.5, 1, 2, 5, 10, 15, 18, 20, 25, 40, 60),
)
AGENTS = Gauge("frontdesk_agents", "Configured agents by state.", ["state"])
CONTACTS_ACTIVE = Gauge(
    "frontdesk_contacts_active", "Contacts in which an agent talks to the customer.", ["queue"]
)
CONTACTS_ENDED = Counter("frontdesk_contacts_ended", "Contacts ended.", ["queue", "ended_by"])
HANDLE_SECONDS = Histogram(
    "frontdesk_handle_seconds",
    "From the first agent's joining to the contact's end.",
    ["queue"],
    buckets=HANDLE_BUCKETS,
)
WRAPUP_SECONDS = Histogram(
    "frontdesk_wrapup_seconds",
    "From an agent's leaving to its filed code.",
    ["queue"],
    buckets=WAIT_BUCKETS,
)
TRANSFERS = Counter("frontdesk_transfers", "Contacts handed on.", ["to"])  # queue | agent
CONFERENCES = Counter("frontdesk_conferences", "Agents who joined a talk on invitation.")
REVEALS = Counter("frontdesk_reveals", "Sealed values shown to agents.", ["field"])  # email | phone
MESSAGES = Counter("frontdesk_messages", "Lines written to transcripts.", ["role"])
MASKED = Counter(
    "frontdesk_masked",
    "Values masked in texts that clients sent.",
    labelnames=("kind",),  # the kinds that masking knows | the names of the configuration's rules
)
MASKING_FAILURES = Counter(
    "frontdesk_masking_failures",
    "Texts starred as a whole because masking them failed.",
)
REDACTED = Counter(
    "frontdesk_redacted",
    "Messages rewritten because they held a part of a value that others completed.",
)
UNMATCHED_SECONDS = Gauge(
    "frontdesk_unmatched_seconds",
    "For how long somebody waits while a free agent may be offered: stays 0.",
    ["queue"],
)
COMMIT_SECONDS = Histogram(
    "frontdesk_commit_seconds",
    "From asking for a commit to knowing that it is durable.",
    # An fsync takes 0.1 ms on a good disk and 50 ms on a slow one.
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
INBOX_DEPTH = Gauge("frontdesk_inbox_depth", "Commands that wait for the writer.")
LEASE_HELD = Gauge("frontdesk_lease_held", "Shards for which this process is the writer.")
COMMANDS_SET_ASIDE = Counter(
    "frontdesk_commands_set_aside", "Commands answered `unavailable` because they failed twice."
)
DEADLINES_SET_ASIDE = Counter(
    "frontdesk_deadlines_set_aside", "Deadlines passed over because they failed twice."
)


OBSERVED = frozenset({ContactRecord, AgentRecord, ConfigurationRecord})


class Observer:
    """What the gauges of one shard stand on: the last version of contacts and agents."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Watch nothing yet; ``clock`` is the wall clock in ms."""
        self._clock = clock
        self._contacts: dict[ContactId, ContactRecord] = {}
        self._agents: dict[AgentId, AgentRecord] = {}
        self._waiting: dict[QueueId, dict[ContactId, int]] = {}
        self._unmatched: tuple[QueueId, int] | None = None
        _observers.add(self)

    def reset(self, records: Iterable[AnyRecord]) -> None:
        """Start over from loaded records."""
        self.clear()
        for record in records:
            self._observe_record(record)

    def clear(self) -> None:
        """Take everything of this shard out of the gauges: another process has it now."""
        for contact in tuple(self._contacts.values()):
            self._replace_contact(contact, None)
        for agent in tuple(self._agents.values()):
            self._replace_agent(agent, None)
        self.unmatched(None)

    def observe(self, entry: Entry) -> None:
        """Count what a committed step did."""
        for record in entry.records:
            if type(record) in OBSERVED:  # most entries are messages, and change none of these
                if isinstance(record, ContactRecord):
                    _count_changes(self._contacts.get(record.id), record, entry.at_ms)
                self._observe_record(record)
        for event in entry.events:
            _count_event(event, entry)

    def unmatched(self, queue: QueueId | None) -> None:
        """Note that a contact of this queue and a free agent fit now, or that none do."""
        if self._unmatched is not None and self._unmatched[0] != queue:
            UNMATCHED_SECONDS.labels(self._unmatched[0]).set(0)
            self._unmatched = None
        if queue is not None:
            now_ms = self._clock()
            self._unmatched = self._unmatched or (queue, now_ms)
            UNMATCHED_SECONDS.labels(queue).set((now_ms - self._unmatched[1]) / 1000)

    def oldest_wait_s(self, queue: QueueId) -> float:
        """How long the contact of a queue has waited that waits longest; 0 when none does."""
        # A copy, because a scrape may come from another thread.
        since_ms = min(tuple(self._waiting.get(queue, {}).values()), default=None)
        return 0.0 if since_ms is None else max(0, self._clock() - since_ms) / 1000

    def _observe_record(self, record: AnyRecord) -> None:
        match record:
            case ContactRecord():
                self._replace_contact(self._contacts.get(record.id), record)
            case AgentRecord():
                self._replace_agent(self._agents.get(record.id), record)
            case ConfigurationRecord():
                for queue in record.configuration.queues:
                    _start_series(queue.id)
            case _:
                pass

    def _replace_contact(self, before: ContactRecord | None, after: ContactRecord | None) -> None:
        if before is not None:
            del self._contacts[before.id]
            self._waiting.get(before.queue, {}).pop(before.id, None)
            _count_contact(before, -1)
        if after is not None and after.state != "closed":
            self._contacts[after.id] = after
            if _is_waiting(after):
                self._waiting.setdefault(after.queue, {})[after.id] = after.queued_at_ms
            _count_contact(after, 1)

    def _replace_agent(self, before: AgentRecord | None, after: AgentRecord | None) -> None:
        if before is not None:
            del self._agents[before.id]
            AGENTS.labels(before.presence.state).dec()
        if after is not None and not after.removed:
            self._agents[after.id] = after
            AGENTS.labels(after.presence.state).inc()


_observers: WeakSet[Observer] = WeakSet()
_MESSAGES_BY = {role: MESSAGES.labels(role) for role in get_args(Role)}


def _oldest_wait_s(queue: QueueId) -> float:
    return max((observer.oldest_wait_s(queue) for observer in _observers), default=0.0)


def _start_series(queue: QueueId) -> None:
    """Let a queue's gauges be 0 rather than absent before anything happens in it."""
    CONTACTS_WAITING.labels(queue)
    CONTACTS_ACTIVE.labels(queue)
    UNMATCHED_SECONDS.labels(queue)
    OLDEST_WAIT_SECONDS.labels(queue).set_function(partial(_oldest_wait_s, queue))


def _is_waiting(contact: ContactRecord) -> bool:
    return contact.state in {"queued", "offered"}


def _count_contact(contact: ContactRecord, sign: int) -> None:
    if _is_waiting(contact):
        CONTACTS_WAITING.labels(contact.queue).inc(sign)
    elif contact.state == "connected":
        CONTACTS_ACTIVE.labels(contact.queue).inc(sign)


def _count_changes(before: ContactRecord | None, after: ContactRecord, at_ms: int) -> None:
    """Count a contact's answer and its end."""
    if before is None or before.ended_at_ms is not None:
        return
    if _is_waiting(before) and after.state == "connected":
        waited_ms = at_ms - before.queued_at_ms
        WAIT_SECONDS.labels(before.queue, "answered").observe(waited_ms / 1000)
    if after.ended_at_ms is None or after.ended_by is None:
        return
    CONTACTS_ENDED.labels(after.queue, after.ended_by).inc()
    if _is_waiting(before) and after.ended_by == "customer":
        waited_ms = after.ended_at_ms - before.queued_at_ms
        WAIT_SECONDS.labels(before.queue, "abandoned").observe(max(0, waited_ms) / 1000)
    if after.connected_at_ms is not None:
        handled_ms = after.ended_at_ms - after.connected_at_ms
        HANDLE_SECONDS.labels(after.queue).observe(handled_ms / 1000)


def _count_event(event: AnyEvent, entry: Entry) -> None:
    match event:
        case MessageWritten():
            _MESSAGES_BY[event.message.role].inc()
        case MessageRedacted():
            REDACTED.inc()
        case ContactRevealed():
            REVEALS.labels(event.reveal.field).inc()
        case ContactTransferred():
            TRANSFERS.labels(event.to).inc()
        case OfferClosed():
            _count_offer(event, entry)
        case WrapupFiled():
            for record in entry.records:
                if isinstance(record, ContactRecord) and record.id == event.contact:
                    _count_wrapup(record, event, entry.at_ms)
        case _:
            pass


def _count_offer(event: OfferClosed, entry: Entry) -> None:
    for record in entry.records:
        if isinstance(record, OfferRecord) and record.id == event.offer:
            _count_closed(record, event, entry.at_ms)


def _count_closed(offer: OfferRecord, event: OfferClosed, at_ms: int) -> None:
    OFFERS.labels(offer.queue, offer.type, event.outcome).inc()
    if event.outcome in {"accepted", "declined", "rona"}:
        OFFER_ANSWER_SECONDS.labels(event.outcome).observe((at_ms - offer.offered_at_ms) / 1000)
    if offer.type == "conference" and event.outcome == "accepted":
        CONFERENCES.inc()


def _count_wrapup(contact: ContactRecord, event: WrapupFiled, at_ms: int) -> None:
    for leg in contact.legs:
        if leg.serial == event.leg and leg.left_at_ms is not None:
            WRAPUP_SECONDS.labels(contact.queue).observe((at_ms - leg.left_at_ms) / 1000)

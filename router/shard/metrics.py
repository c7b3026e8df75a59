"""The shard's metrics, declared once; those of contacts follow from committed entries.

Labels are tenants, queues and closed sets, never people.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from typing import Literal, get_args
from weakref import WeakSet

from prometheus_client import Counter, Gauge, Histogram

from masking import MaskKind
from masking.text import SealedKind
from presence import Presence, State
from router.kernel.configuration import Queue
from router.kernel.ids import AgentId, ContactId, QueueId
from router.kernel.messages import (
    AnyEvent,
    ContactOpened,
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
    EndedBy,
    OfferKind,
    OfferOutcome,
    OfferRecord,
    Role,
)
from router.shard.engine import Entry

# From an answer at once to a quarter of an hour; dense around the default service level of 20 s.
WAIT_BUCKETS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 900)
# Chats last minutes; beyond an hour it is a forgotten window.
HANDLE_BUCKETS = (15, 30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 3600)

CONTACTS_WAITING = Gauge(
    "frontdesk_contacts_waiting",
    "Contacts without an agent, offered ones too.",
    ["tenant", "queue"],
)
OLDEST_WAIT_SECONDS = Gauge(
    "frontdesk_oldest_wait_seconds",
    "How long the contact has waited that waits longest; 0 when none does.",
    ["tenant", "queue"],
)
WAIT_SECONDS = Histogram(
    "frontdesk_wait_seconds",
    "From queued to talking to an agent (`answered`), or to giving up (`abandoned`).",
    ["tenant", "queue", "outcome"],  # answered | abandoned
    buckets=WAIT_BUCKETS,
)
OFFERS = Counter(
    "frontdesk_offers",
    "Offers closed. `kind`: `contact`, `transfer`, `conference`; `outcome`: `accepted`, `declined`,"
    " `rona` (not answered), `rescinded`, `canceled`.",
    ["tenant", "queue", "kind", "outcome"],
)
OFFER_ANSWER_SECONDS = Histogram(
    "frontdesk_offer_answer_seconds",
    "From offered to `accepted`, `declined` or timed out (`rona`).",
    ["tenant", "outcome"],  # accepted | declined | rona
    # The default offer times out after 20 s; the buckets are dense on both sides of it.
    buckets=(0.5, 1, 2, 5, 10, 15, 18, 20, 25, 40, 60),
)
AGENTS = Gauge(
    "frontdesk_agents",
    "Configured agents that are `available`, `idle`, `rona` or `offline`.",
    ["tenant", "state"],
)
CONTACTS_ACTIVE = Gauge(
    "frontdesk_contacts_active",
    "Contacts in which an agent talks to the customer.",
    ["tenant", "queue"],
)
CONTACTS_OPENED = Counter("frontdesk_contacts_opened", "Contacts that began.", ["tenant", "queue"])
SERVICE_LEVEL = Counter(
    "frontdesk_service_level",
    "Waits that ended, by whether that was within the queue's `service_level_ms`:"
    " `answered_in_time`, `answered_late`, `abandoned_in_time` or `abandoned_late`.",
    ["tenant", "queue", "outcome"],
)
SLOTS = Gauge(
    "frontdesk_slots",
    "What agents take at once: contacts, offers and owed codes that are `held`, and how many more"
    " available agents could take (`free`).",
    ["tenant", "state"],
)
CONTACTS_ENDED = Counter(
    "frontdesk_contacts_ended",
    "Contacts ended, by `customer`, `agent` or `system`.",
    ["tenant", "queue", "ended_by"],
)
HANDLE_SECONDS = Histogram(
    "frontdesk_handle_seconds",
    "From the first agent's joining to the contact's end.",
    ["tenant", "queue"],
    buckets=HANDLE_BUCKETS,
)
WRAPUP_SECONDS = Histogram(
    "frontdesk_wrapup_seconds",
    "From an agent's leaving to its filed code; one for each leg.",
    ["tenant", "queue"],
    buckets=WAIT_BUCKETS,
)
TRANSFERS = Counter(
    "frontdesk_transfers", "Contacts handed on, to a `queue` or an `agent`.", ["tenant", "to"]
)
CONFERENCES = Counter(
    "frontdesk_conferences", "Agents who joined a chat on invitation.", ["tenant"]
)
REVEALS = Counter(
    "frontdesk_reveals",
    "Sealed values shown to agents: `email` or `phone`. Who asked and why is in the store.",
    ["tenant", "field"],
)
MESSAGES = Counter(
    "frontdesk_messages",
    "Lines written to transcripts by `customer`, `agent`, `bot` or `system`.",
    ["tenant", "role"],
)
MASKED = Counter(
    "frontdesk_masked",
    "Values masked in what clients sent, again when it is sent again; those over several messages"
    " once. The kinds of values, and the names of the configuration's rules.",
    # the kinds that masking knows | the names of the configuration's rules
    labelnames=("tenant", "kind"),
)
MASKING_FAILURES = Counter(
    "frontdesk_masking_failures",
    "Texts starred as a whole because masking them failed: a bug, or a rule of the configuration"
    " that took too long.",
    ["tenant"],
)
REDACTED = Counter(
    "frontdesk_redacted",
    "Messages rewritten because they held a part of a value that later ones completed.",
    ["tenant"],
)
UNMATCHED_SECONDS = Gauge(
    "frontdesk_unmatched_seconds",
    "For how long somebody has waited whom a free agent could be offered: stays 0.",
    ["tenant", "queue"],
)
COMMIT_SECONDS = Histogram(
    "frontdesk_commit_seconds",
    "From asking for a commit to knowing that it is durable.",
    # An fsync takes 0.1 ms on a good disk and 50 ms on a slow one.
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
INBOX_DEPTH = Gauge(
    "frontdesk_inbox_depth",
    "Commands that wait for a writer of this process, whichever process they came by.",
)
EPOCH = Gauge(
    "frontdesk_epoch",
    "The number of the last lease this process held: it grows by one whenever a writer takes over.",
    ["tenant"],
)
TAKEOVER_GAP_SECONDS = Histogram(
    "frontdesk_takeover_gap_seconds",
    "How long nobody wrote before this process took over.",
    # A hand-over takes milliseconds, a crash some seconds; minutes are a shop that was closed.
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300),
)
FAULTS = ("FencedOut", "OutcomeUnknown", "EngineUnavailable", "KernelBroke")
INTERRUPTIONS = Counter(
    "frontdesk_interruptions",
    "Times this process had to stop writing and start over from the store: another one writes"
    " (`FencedOut`), a commit's outcome is not known (`OutcomeUnknown`), the store does not answer"
    " (`EngineUnavailable`), or a bug (`KernelBroke`).",
    ["tenant", "fault"],
)
RECONCILED_KINDS = ("contact", "agent", "offer", "line")
RECONCILED = Counter(
    "frontdesk_reconciled",
    "Records in memory that were held against what must always be true: each `contact`, `agent` and"
    " `offer` in turn, and that nobody waits in a `line` beside somebody free.",
    ["kind"],
)
RECONCILER_FOUND = Counter(
    "frontdesk_reconciler_found",
    "Records in memory that broke what must always be true: stays 0, anything else is a bug.",
    ["kind"],
)
LEASE_HELD = Gauge("frontdesk_lease_held", "1 while this process is the writer.", ["tenant"])
COMMANDS_SET_ASIDE = Counter(
    "frontdesk_commands_set_aside",
    "Commands answered `unavailable` because they failed twice: a bug.",
)
DEADLINES_SET_ASIDE = Counter(
    "frontdesk_deadlines_set_aside",
    "Deadlines passed over because they failed twice: a bug.",
)


OBSERVED = frozenset({ContactRecord, AgentRecord, ConfigurationRecord})


class Observer:
    """What the metrics of one shard stand on: the last version of contacts and agents.

    Attributes:
        tenant: Whose shard it is.
    """

    def __init__(self, clock: Callable[[], int], *, tenant: str) -> None:
        """Watch nothing yet; ``clock`` is the wall clock in ms."""
        self._clock = clock
        self.tenant = tenant
        self._messages = {role: MESSAGES.labels(tenant, role) for role in get_args(Role)}
        self._start_tenant()
        self._contacts: dict[ContactId, ContactRecord] = {}
        self._agents: dict[AgentId, AgentRecord] = {}
        self._waiting: dict[QueueId, dict[ContactId, int]] = {}
        self._service_level_ms: dict[QueueId, int] = {}
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
                    self._count_changes(self._contacts.get(record.id), record, entry.at_ms)
                self._observe_record(record)
        for event in entry.events:
            self._count_event(event, entry)

    def unmatched(self, queue: QueueId | None) -> None:
        """Note that a contact of this queue and a free agent fit now, or that none do."""
        if self._unmatched is not None and self._unmatched[0] != queue:
            UNMATCHED_SECONDS.labels(self.tenant, self._unmatched[0]).set(0)
            self._unmatched = None
        if queue is not None:
            now_ms = self._clock()
            self._unmatched = self._unmatched or (queue, now_ms)
            UNMATCHED_SECONDS.labels(self.tenant, queue).set((now_ms - self._unmatched[1]) / 1000)

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
                for queue in (*record.retired, *record.configuration.queues):
                    self._service_level_ms[queue.id] = queue.service_level_ms
                    self._start_series(queue.id)
            case _:
                pass

    def _replace_contact(self, before: ContactRecord | None, after: ContactRecord | None) -> None:
        if before is not None:
            del self._contacts[before.id]
            self._waiting.get(before.queue, {}).pop(before.id, None)
            self._count_contact(before, -1)
        if after is not None and after.state != "closed":
            self._contacts[after.id] = after
            if _is_waiting(after):
                self._waiting.setdefault(after.queue, {})[after.id] = after.queued_at_ms
            self._count_contact(after, 1)

    def _replace_agent(self, before: AgentRecord | None, after: AgentRecord | None) -> None:
        if before is not None:
            del self._agents[before.id]
            AGENTS.labels(self.tenant, before.presence.state).dec()
            self._count_slots(before.presence, -1)
        if after is not None and not after.removed:
            self._agents[after.id] = after
            AGENTS.labels(self.tenant, after.presence.state).inc()
            self._count_slots(after.presence, 1)

    def _count_changes(
        self, before: ContactRecord | None, after: ContactRecord, at_ms: int
    ) -> None:
        """Count a contact's answer and its end."""
        if before is None or before.ended_at_ms is not None:
            return
        if _is_waiting(before) and after.state == "connected":
            self._count_wait(before, "answered", at_ms)
        if after.ended_at_ms is None or after.ended_by is None:
            return
        CONTACTS_ENDED.labels(self.tenant, after.queue, after.ended_by).inc()
        if _is_waiting(before) and after.ended_by == "customer":
            self._count_wait(before, "abandoned", after.ended_at_ms)
        if after.connected_at_ms is not None:
            handled_ms = after.ended_at_ms - after.connected_at_ms
            HANDLE_SECONDS.labels(self.tenant, after.queue).observe(handled_ms / 1000)

    def _within_ms(self, queue: QueueId) -> int:
        return self._service_level_ms.get(queue, Queue(id=queue).service_level_ms)

    def _count_wait(
        self, contact: ContactRecord, outcome: Literal["answered", "abandoned"], at_ms: int
    ) -> None:
        waited_ms = max(0, at_ms - contact.queued_at_ms)
        WAIT_SECONDS.labels(self.tenant, contact.queue, outcome).observe(waited_ms / 1000)
        when = "in_time" if waited_ms <= self._within_ms(contact.queue) else "late"
        SERVICE_LEVEL.labels(self.tenant, contact.queue, f"{outcome}_{when}").inc()

    def _start_tenant(self) -> None:
        """Let a tenant's numbers be 0 rather than absent before anything happens."""
        metrics: tuple[tuple[Counter | Gauge | Histogram, tuple[str, ...]], ...] = (
            (AGENTS, get_args(State)),
            (SLOTS, ("held", "free")),
            (TRANSFERS, ("queue", "agent")),
            (OFFER_ANSWER_SECONDS, ("accepted", "declined", "rona")),
            (REVEALS, get_args(SealedKind)),
            (MASKED, tuple(kind.value for kind in MaskKind)),
            (INTERRUPTIONS, FAULTS),
        )
        for metric, values in metrics:
            for value in values:
                metric.labels(self.tenant, value)
        for alone in (CONFERENCES, REDACTED, MASKING_FAILURES, LEASE_HELD):
            alone.labels(self.tenant)

    def _start_series(self, queue: QueueId) -> None:
        """Let a queue's numbers be 0 rather than absent before anything happens in it.

        What is absent cannot grow: the first of everything would be missing in every rate.
        """
        CONTACTS_WAITING.labels(self.tenant, queue)
        CONTACTS_ACTIVE.labels(self.tenant, queue)
        UNMATCHED_SECONDS.labels(self.tenant, queue)
        OLDEST_WAIT_SECONDS.labels(self.tenant, queue).set_function(
            partial(_oldest_wait_s, self.tenant, queue)
        )
        for metric in (CONTACTS_OPENED, HANDLE_SECONDS, WRAPUP_SECONDS):
            metric.labels(self.tenant, queue)
        for ended_by in get_args(EndedBy):
            CONTACTS_ENDED.labels(self.tenant, queue, ended_by)
        for kind, closed in product(get_args(OfferKind), get_args(OfferOutcome)):
            OFFERS.labels(self.tenant, queue, kind, closed)
        for outcome in ("answered", "abandoned"):
            WAIT_SECONDS.labels(self.tenant, queue, outcome)
            for when in ("in_time", "late"):
                SERVICE_LEVEL.labels(self.tenant, queue, f"{outcome}_{when}")

    def _count_contact(self, contact: ContactRecord, sign: int) -> None:
        if _is_waiting(contact):
            CONTACTS_WAITING.labels(self.tenant, contact.queue).inc(sign)
        elif contact.state == "connected":
            CONTACTS_ACTIVE.labels(self.tenant, contact.queue).inc(sign)

    def _count_slots(self, presence: Presence, sign: int) -> None:
        SLOTS.labels(self.tenant, "held").inc(sign * presence.load)
        if presence.state == "available":
            SLOTS.labels(self.tenant, "free").inc(sign * max(0, presence.capacity - presence.load))

    def _count_event(self, event: AnyEvent, entry: Entry) -> None:
        match event:
            case MessageWritten():
                self._messages[event.message.role].inc()
            case MessageRedacted():
                REDACTED.labels(self.tenant).inc()
            case ContactOpened():
                CONTACTS_OPENED.labels(self.tenant, event.contact.queue).inc()
            case ContactRevealed():
                REVEALS.labels(self.tenant, event.reveal.field).inc()
            case ContactTransferred():
                TRANSFERS.labels(self.tenant, event.to).inc()
            case OfferClosed():
                self._count_offer(event, entry)
            case WrapupFiled():
                for record in entry.records:
                    if isinstance(record, ContactRecord) and record.id == event.contact:
                        self._count_wrapup(record, event, entry.at_ms)
            case _:
                pass

    def _count_offer(self, event: OfferClosed, entry: Entry) -> None:
        for record in entry.records:
            if isinstance(record, OfferRecord) and record.id == event.offer:
                self._count_closed(record, event, entry.at_ms)

    def _count_closed(self, offer: OfferRecord, event: OfferClosed, at_ms: int) -> None:
        OFFERS.labels(self.tenant, offer.queue, offer.type, event.outcome).inc()
        if event.outcome in {"accepted", "declined", "rona"}:
            OFFER_ANSWER_SECONDS.labels(self.tenant, event.outcome).observe(
                (at_ms - offer.offered_at_ms) / 1000
            )
        if offer.type == "conference" and event.outcome == "accepted":
            CONFERENCES.labels(self.tenant).inc()

    def _count_wrapup(self, contact: ContactRecord, event: WrapupFiled, at_ms: int) -> None:
        for leg in contact.legs:
            if leg.serial == event.leg and leg.left_at_ms is not None:
                WRAPUP_SECONDS.labels(self.tenant, contact.queue).observe(
                    (at_ms - leg.left_at_ms) / 1000
                )


_observers: WeakSet[Observer] = WeakSet()
for _metric, _values in (
    (RECONCILED, RECONCILED_KINDS),
    (RECONCILER_FOUND, RECONCILED_KINDS),
):
    for _value in _values:
        _metric.labels(_value)


def _oldest_wait_s(tenant: str, queue: QueueId) -> float:
    return max(
        (each.oldest_wait_s(queue) for each in _observers if each.tenant == tenant), default=0.0
    )


def _is_waiting(contact: ContactRecord) -> bool:
    return contact.state in {"queued", "offered"}

"""The hub's metrics, declared once; every label has a closed set of values."""

from itertools import product

from prometheus_client import Counter, Gauge, Histogram

from masking import MaskKind
from router.kernel.errors import RefusalCode

SOCKETS = Gauge(
    "frontdesk_sockets",
    "Sockets connected to `customer` or `agent`.",
    labelnames=("namespace",),
)

SOCKETS_MAX = Gauge(
    "frontdesk_sockets_max",
    "How many sockets this process takes: `server.sockets_max`.",
)

SLOW_SOCKETS = Gauge(
    "frontdesk_slow_sockets",
    "Sockets whose client is 64 KiB behind with reading.",
)

SOCKETS_DROPPED = Counter(
    "frontdesk_sockets_dropped",
    "Sockets this process gave up on: too much waited for the client (`slow`), it did not answer"
    " (`silent`), sent three packets nobody can read (`unreadable`) or entered nothing (`idle`).",
    labelnames=("why",),
)

COMMAND_SECONDS = Histogram(
    "frontdesk_command_seconds",
    "From a command's turn to its answer; the names of the protocol, others are `unknown`.",
    labelnames=("command",),
    # A commit takes from one to some tens of milliseconds; seconds mean that nobody writes.
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

RATE_LIMITED = Counter(
    "frontdesk_rate_limited",
    "Refused by a limit: connections by `connects` or `sockets` of an address, by a `storm` of all"
    " or by `server.sockets_max` of the `process`; `customer_messages`, `agent_messages`, other"
    " `commands`.",
    labelnames=("what",),
)

REFUSED = Counter(
    "frontdesk_refused",
    "What was refused, a `command` or a `connection`, and why: the error codes of the protocol.",
    labelnames=("what", "code"),
)

FOLLOWER_LAG_SECONDS = Histogram(
    "frontdesk_follower_lag_seconds",
    "From deciding something to everybody at this process having been told.",
    # A commit and a hop are milliseconds; a second is what people notice.
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

FOLLOWER_RESETS = Counter(
    "frontdesk_follower_resets",
    "Times this process missed so much of the log that all its clients started over.",
)

LOOP_LAG_SECONDS = Histogram(
    "frontdesk_loop_lag_seconds",
    "How late the event loop was for an appointment it has four times a second.",
    # Below 10 ms nobody notices; a quarter of a second delays every answer.
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)

MASKING_SHADOW = Counter(
    "frontdesk_masking_shadow",
    "Values that a policy only counts: they were not masked. Kinds as in `frontdesk_masked_total`.",
    labelnames=("tenant", "kind"),
)

BUILD_INFO = Gauge(
    "frontdesk_build_info",
    "1, with the version that runs.",
    labelnames=("version",),
)

GC_PAUSE_SECONDS = Histogram(
    "frontdesk_gc_pause_seconds",
    "How long a garbage collection stopped everything.",
    labelnames=("generation",),  # 0 | 1 | 2
    # A young collection takes a millisecond; more than 20 ms is felt by everybody.
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5),
)

GC_PAUSE_SECONDS_MAX = Gauge(
    "frontdesk_gc_pause_seconds_max",
    "The longest since the start; generation 2 above 0.02 is felt.",
    labelnames=("generation",),  # 0 | 1 | 2
)

for _why in ("slow", "silent", "unreadable", "idle"):
    SOCKETS_DROPPED.labels(why=_why)
for _what, _code in product(("command", "connection"), RefusalCode):
    REFUSED.labels(what=_what, code=_code.value)
for _limit in ("connects", "sockets", "storm", "process"):
    RATE_LIMITED.labels(what=_limit)
for _limit in ("customer_messages", "agent_messages", "commands"):
    RATE_LIMITED.labels(what=_limit)


def start_tenant(tenant: str) -> None:
    """Let a tenant's numbers be 0 rather than absent before anything happens."""
    for kind in MaskKind:
        MASKING_SHADOW.labels(tenant, kind.value)

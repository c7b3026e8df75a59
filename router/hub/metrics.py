"""The hub's metrics, declared once; every label has a closed set of values."""

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge(
    "frontdesk_sockets",
    "Sockets connected to a namespace of this process.",
    labelnames=("namespace",),  # customer | agent | supervisor
)

COMMAND_SECONDS = Histogram(
    "frontdesk_command_seconds",
    "From a command's arrival at its turn to its answer.",
    labelnames=("command",),  # the commands of the protocol | unknown
    # A commit takes from one to some tens of milliseconds; seconds mean that nobody writes.
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

RATE_LIMITED = Counter(
    "frontdesk_rate_limited",
    "Connections and commands refused because there were too many.",
    labelnames=("what",),
    # connects | sockets | storm | customer_messages | agent_messages | commands
)

MASKING_SHADOW = Counter(
    "frontdesk_masking_shadow",
    "Values that a policy only counts: they were not masked.",
    labelnames=("kind",),  # the kinds that masking knows | the names of the configuration's rules
)

BUILD_INFO = Gauge(
    "frontdesk_build_info",
    "1, labelled with the version that runs.",
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
    "The longest garbage collection since the start.",
    labelnames=("generation",),  # 0 | 1 | 2
)

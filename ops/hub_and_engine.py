"""What operators look at: clients, the writer and the process."""

from ops.board import Dashboard
from ops.panels import Panel, Row
from ops.queries import ask, growth, quantile, rate

CLIENTS = (
    Panel(
        "Sockets",
        "short",
        # On Kubernetes `namespace` is the cluster's, and ours becomes `exported_namespace`.
        (
            ask(
                "sum by (exported_namespace, namespace) (frontdesk_sockets)",
                "{{exported_namespace}} {{namespace}}",
            ),
        ),
        "Open sockets of customers and agents.",
        is_stacked=True,
    ),
    Panel(
        "Room for sockets",
        "percentunit",
        (
            ask(
                "sum by (instance) (frontdesk_sockets) / sum by (instance) (frontdesk_sockets_max)",
                "{{instance}}",
            ),
        ),
        "Open sockets, of server.sockets_max.",
        bad_from=0.85,
    ),
    Panel(
        "Sockets in trouble",
        "short",
        (
            ask("sum(frontdesk_slow_sockets)", "slow now"),
            ask(
                growth("frontdesk_sockets_dropped_total", "why"),
                "dropped: {{why}}",
            ),
        ),
        "Silent ones lost their network; slow ones are cut off when too much waits for them.",
    ),
    Panel(
        "Commands",
        "reqps",
        (ask(rate("frontdesk_command_seconds_count", "command"), "{{command}}"),),
        "What clients ask.",
        is_stacked=True,
    ),
    Panel(
        "Time to answer a command",
        "s",
        (
            ask(quantile("frontdesk_command_seconds_bucket", 0.5), "median"),
            ask(quantile("frontdesk_command_seconds_bucket", 0.95), "95 %"),
            ask(quantile("frontdesk_command_seconds_bucket", 0.99), "99 %"),
        ),
        "From a command's turn to its answer; what was changed is stored by then.",
        bad_from=1,
    ),
    Panel(
        "Refused",
        "reqps",
        (
            ask(f"topk(8, {rate('frontdesk_refused_total', 'what, code')})", "{{what}} {{code}}"),
            ask(rate("frontdesk_rate_limited_total", "what"), "limit: {{what}}"),
        ),
        "By the error codes of the protocol, and by the limits behind rate_limited.",
    ),
    Panel(
        "From deciding to having told",
        "s",
        (
            ask(quantile("frontdesk_follower_lag_seconds_bucket", 0.5), "median"),
            ask(quantile("frontdesk_follower_lag_seconds_bucket", 0.99), "99 %"),
        ),
        "How far a process is behind the log.",
        bad_from=1,
    ),
    Panel(
        "Started over",
        "short",
        (ask(growth("frontdesk_follower_resets_total"), "resets"),),
        "A process missed a part of the log, and all its clients came back for a snapshot.",
        bad_from=1,
    ),
)

WRITER = (
    Panel(
        "Writers",
        "short",
        (ask("sum(frontdesk_lease_held{@tenant})", "writers"),),
        "One for each tenant; 0 means that commands are answered unavailable.",
    ),
    Panel(
        "Epoch",
        "short",
        (ask("max by (tenant) (frontdesk_epoch{@tenant})", "epoch {{tenant}}"),),
        "Each step is another writer: a start, a hand-over or a failover.",
    ),
    Panel(
        "Failovers",
        "short",
        (ask(growth("frontdesk_takeover_gap_seconds_count", "instance"), "by {{instance}}"),),
        "How often a process took over as a writer: starts and hand-overs count, too.",
    ),
    Panel(
        "Time without a writer",
        "s",
        (ask(growth("frontdesk_takeover_gap_seconds_sum"), "gap"),),
        "Deadlines wait as long, so that nobody is taken for not answering.",
    ),
    Panel(
        "Time to commit",
        "s",
        (
            ask(quantile("frontdesk_commit_seconds_bucket", 0.5), "median"),
            ask(quantile("frontdesk_commit_seconds_bucket", 0.99), "99 %"),
        ),
        "A slow disk or store is felt by everybody.",
        bad_from=0.25,
    ),
    Panel(
        "Commits",
        "ops",
        (ask(rate("frontdesk_commit_seconds_count"), "commits"),),
        "Each is the commands of one turn.",
    ),
    Panel(
        "Commands that wait for the writer",
        "short",
        (ask("sum by (instance) (frontdesk_inbox_depth)", "{{instance}}"),),
        "Of all tenants of a process; thousands mean that it is overloaded.",
        bad_from=5000,
    ),
    Panel(
        "Interruptions",
        "short",
        (
            ask(
                growth("frontdesk_interruptions_total{@tenant}", "fault"),
                "{{fault}}",
            ),
        ),
        "Why a writer had to start over from the store.",
    ),
    Panel(
        "Bugs",
        "short",
        (
            ask(
                "max(frontdesk_unmatched_seconds{@tenant})",
                "unmatched seconds",
            ),
            ask("sum(frontdesk_reconciler_found_total)", "broken rules"),
            ask("sum(frontdesk_commands_set_aside_total)", "commands set aside"),
            ask("sum(frontdesk_deadlines_set_aside_total)", "deadlines set aside"),
        ),
        "All of it stays 0.",
        bad_from=1,
    ),
    Panel(
        "Records looked over",
        "ops",
        (ask(rate("frontdesk_reconciled_total", "kind"), "{{kind}}"),),
        "What the reconciler holds against the rules, while it serves.",
    ),
)

PROCESS = (
    Panel(
        "Event loop lag",
        "s",
        (ask(quantile("frontdesk_loop_lag_seconds_bucket", 0.99, "instance"), "{{instance}}"),),
        "The slowest of a hundred looks: everybody at the process waits as long.",
        bad_from=0.25,
    ),
    Panel(
        "Garbage collection",
        "s",
        (
            ask(
                "max by (instance, generation) (frontdesk_gc_pause_seconds_max)",
                "longest of generation {{generation}}, {{instance}}",
            ),
        ),
        "The longest pauses so far, in which nothing happens.",
    ),
    Panel(
        "Time spent collecting garbage",
        "percentunit",
        (ask(rate("frontdesk_gc_pause_seconds_sum", "instance"), "{{instance}}"),),
        "Of all time, what went into such pauses.",
        bad_from=0.1,
    ),
    Panel(
        "CPU",
        "percentunit",
        (
            ask(
                "rate(process_cpu_seconds_total[$__rate_interval])"
                " and on (namespace, job, instance) frontdesk_build_info",
                "{{instance}}",
            ),
        ),
        "One process uses one core, and some of a second for writing.",
        bad_from=0.9,
    ),
    Panel(
        "Memory",
        "bytes",
        (
            ask(
                "process_resident_memory_bytes"
                " and on (namespace, job, instance) frontdesk_build_info",
                "{{instance}}",
            ),
        ),
        "It grows with sockets and live contacts, and does not fall at once when they go.",
    ),
    Panel(
        "Files open",
        "percentunit",
        (
            ask(
                "process_open_fds / process_max_fds"
                " and on (namespace, job, instance) frontdesk_build_info",
                "{{instance}}",
            ),
        ),
        "Each socket is a file; at 100 % nobody gets in.",
        bad_from=0.85,
    ),
    Panel(
        "Version",
        "short",
        (ask("sum by (version) (frontdesk_build_info)", "{{version}}"),),
        "How many processes run which version.",
        is_stacked=True,
    ),
)

HUB_AND_ENGINE = Dashboard(
    uid="frontdesk-hub-and-engine",
    title="Frontdesk: hub and engine",
    rows=(
        Row("Clients", CLIENTS),
        Row("The writer", WRITER),
        Row("The process", PROCESS),
    ),
)

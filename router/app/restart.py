"""Which settings hold from the start of a process to its end, whatever a reload says."""

from collections.abc import Iterator

from router.app.config import Settings
from router.app.mistakes import ConfigurationInvalid, Mistake

TABLES = ("auth", "limits", "metrics", "retention", "masking", "server")
"""What the kernel is not told: everything else is its configuration and in force at once."""


def needs_restart(running: Settings, wanted: Settings) -> Iterator[str]:
    """The paths of what differs between what the process started with and what a file says now."""
    for table in TABLES:
        before, now = getattr(running, table), getattr(wanted, table)
        for key in now.__struct_fields__:
            if getattr(before, key) != getattr(now, key):
                yield f"{table}.{key}"


def check_tenant(running: Settings, wanted: Settings) -> None:
    """See that a file is still about the tenant whose contacts are served.

    Raises:
        ConfigurationInvalid: Tokens and sealed addresses are bound to another one.
    """
    if wanted.configuration.tenant != running.configuration.tenant:
        raise ConfigurationInvalid(
            [Mistake("tenant.id", "another than at the start", "an id of a tenant stays for good")]
        )

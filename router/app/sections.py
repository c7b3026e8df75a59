"""The tables of the configuration file that are not the kernel's, and the file as a whole."""

from typing import Literal

import msgspec

from router.kernel.configuration import (
    Agent,
    EntryPoint,
    IdleCode,
    PresencePolicy,
    Queue,
    Table,
    Template,
    TenantMasking,
    WrapupCode,
)
from router.kernel.ids import TenantId

Durability = Literal["local", "replicated"]


class Tenant(Table, frozen=True, kw_only=True):
    """Whose contacts these are."""

    id: TenantId


class Auth(Table, frozen=True, kw_only=True):
    """How agents' tokens are checked: by a shared secret, by the keys at an address, or either."""

    secret: str = ""
    jwks_url: str = ""

    def __repr__(self) -> str:
        return f"Auth(secret={_hidden(self.secret)}, jwks_url={self.jwks_url!r})"


class Limits(Table, frozen=True, kw_only=True):
    """How much one address, socket, customer or agent may ask for; 0 is no limit.

    Attributes:
        connects_per_minute: For each client address, as `sockets_per_address`.
        connects_per_second: For all clients of the process together.
        commands_per_second: For each socket: all but what customers and agents write.
        customer_messages_burst: Messages a customer may send at once before the rate counts.
    """

    connects_per_minute: int = 600
    connects_per_second: int = 500
    sockets_per_address: int = 500
    customer_messages_per_second: int = 5
    customer_messages_burst: int = 60
    agent_messages_per_second: int = 100
    commands_per_second: int = 100


class Metrics(Table, frozen=True, kw_only=True):
    """Where metrics are read; port 0 is the main port."""

    port: int = 0


class Retention(Table, frozen=True, kw_only=True):
    """How long transcripts and records are kept; 0 is for ever."""

    transcripts_days: int = 0
    records_days: int = 0


class Server(Table, frozen=True, kw_only=True):
    """How much one socket may hold, and how long it may be silent.

    Attributes:
        sockets_max: Transports of the process; `limits.sockets_per_address` is for each address.
        send_queue_packets_max: Packets waiting for a slow client before it is disconnected.
        send_queue_bytes_max: The same in bytes.
        ping_timeout_ms: A dead connection is noticed after this and `ping_interval_ms` together.
        connect_timeout_ms: From an open connection to its whole request, and from an open socket
            to its first CONNECT.
        trusted_hops: Proxies in front whose word about a client's address is believed.
        reconnect_within_ms: How long clients may take to come back after a drain.
        agent_origins: Pages that may be agent desktops, beside the server's own.
        durability: `replicated`: nothing is acked before a replica of the Redis server has it.
    """

    sockets_max: int = 20_000
    send_queue_packets_max: int = 1_000
    send_queue_bytes_max: int = 1_000_000
    ping_interval_ms: int = 5_000
    ping_timeout_ms: int = 4_000
    connect_timeout_ms: int = 5_000
    trusted_hops: int = 0
    reconnect_within_ms: int = 5_000
    agent_origins: tuple[str, ...] = ()
    durability: Durability = "local"


class MaskingSection(TenantMasking, frozen=True, kw_only=True):
    """The masking table as it is written: the kernel's, and keys that nobody else is told."""

    seal_key: str = ""
    former_seal_keys: tuple[str, ...] = ()


class Document(Table, frozen=True, kw_only=True):
    """The whole file as it is written; the order of its keys is the order mistakes are told in."""

    tenant: Tenant
    auth: Auth = Auth()
    presence: PresencePolicy = PresencePolicy()
    limits: Limits = Limits()
    metrics: Metrics = Metrics()
    retention: Retention = Retention()
    masking: MaskingSection = MaskingSection()
    server: Server = Server()
    entry_points: tuple[EntryPoint, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    wrapup_codes: tuple[WrapupCode, ...] = ()
    idle_codes: tuple[IdleCode, ...] = ()
    templates: tuple[Template, ...] = ()


class Masking(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed; without a key, e-mail addresses and phone numbers are not kept.

    Attributes:
        former_seal_keys: They open what was sealed with them, and seal nothing.
    """

    seal_key: bytes | None = None
    former_seal_keys: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"Masking(seal_key={_hidden(self.seal_key)}, former={len(self.former_seal_keys)})"


def _hidden(secret: str | bytes | None) -> str:
    """Return only whether there is a secret."""
    return "…" if secret else "none"

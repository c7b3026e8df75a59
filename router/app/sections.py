"""The tables of the configuration file that are not the kernel's, and the file as a whole.

What a docstring says of a key is what `docs/configuration.md` says of it: `./dev docs` writes it.
"""

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
    """Whose contacts these are.

    Attributes:
        id: Whose contacts these are; stands in tokens and records, so it stays for good.
    """

    id: TenantId


class Auth(Table, frozen=True, kw_only=True):
    """How agents' tokens are checked: by a shared secret, by the keys at an address, or either.

    Attributes:
        secret: Agents' tokens are signed with it (HS256).
        jwks_url: Agents' tokens are signed by an identity provider with the keys found there
            (RS256, ES256). Everybody it gives `roles` to is let in as that agent, whatever program
            the token was meant for.
    """

    secret: str = ""
    jwks_url: str = ""

    def __repr__(self) -> str:
        return f"Auth(secret={_hidden(self.secret)}, jwks_url={self.jwks_url!r})"


class Limits(Table, frozen=True, kw_only=True):
    """How much one address, socket, customer or agent may ask for; 0 is no limit.

    Attributes:
        connects_per_minute: Connections a client address may open in a minute; an office shares one
            address.
        connects_per_second: Connections all clients together may open in a second, for two seconds
            at once: everybody comes back after a restart. Those refused are given turns over up to
            30 s.
        sockets_per_address: Connections a client address may have at one time. Twice as many
            WebSockets may be open, the rest without having signed in; further ones are refused with
            HTTP status 429.
        customer_messages_per_second: Messages and chats a customer may send and start in the long
            run, over all tabs.
        customer_messages_burst: The same at once: what was written while offline.
        agent_messages_per_second: Messages an agent may send, over all desktops; integrations write
            faster than people.
        commands_per_second: Other commands of one connection, and five seconds of them at once: a
            desktop that comes back asks about each of its chats.
    """

    connects_per_minute: int = 600
    connects_per_second: int = 500
    sockets_per_address: int = 500
    customer_messages_per_second: int = 5
    customer_messages_burst: int = 60
    agent_messages_per_second: int = 100
    commands_per_second: int = 100


class Metrics(Table, frozen=True, kw_only=True):
    """Where metrics are read.

    Attributes:
        port: Where `/metrics` is read; a port of its own keeps it off the internet.
            `--metrics-port` wins.
    """

    port: int = 0


class Retention(Table, frozen=True, kw_only=True):
    """How long transcripts and records are kept; 0 is for ever.

    Attributes:
        transcripts_days: Days until messages are deleted.
        records_days: Days until the records of closed contacts are deleted.
    """

    transcripts_days: int = 0
    records_days: int = 0


class Server(Table, frozen=True, kw_only=True):
    """How much one socket may hold, and how long it may be silent.

    Attributes:
        sockets_max: WebSockets the process may have open; further ones are refused with HTTP status
            503. The system must allow it as many open files.
        send_queue_packets_max: Packets that may wait for a slow client before it is disconnected
            and resumes; memory is bounded by it.
        send_queue_bytes_max: The same in bytes; a snapshot must fit.
        ping_interval_ms: From one ping to the next. Together with `ping_timeout_ms` the time until
            a dead connection is noticed.
        ping_timeout_ms: From a ping to giving up on its answer; slow mobile networks need seconds.
        connect_timeout_ms: From an open connection to its whole HTTP request, from one request to
            the next, and from an open socket to its sign-in; others are closed.
        trusted_hops: Reverse proxies in front whose word about a client's address is believed. Too
            many lets clients choose their address.
        reconnect_within_ms: How long clients may take to come back after a drain: told to them, and
            two seconds longer they count as connected.
        agent_origins: Sites whose pages may be agent desktops, beside pages of the host that serves
            Frontdesk. Programs that are no browser need not be listed.
        durability: With `--engine redis://…` alone: `replicated` acks nothing before a replica of
            the server has it, and refuses to write without one
            ([what is promised](reliability.md)).
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
    """The masking table as it is written: the kernel's, and keys that nobody else is told.

    Attributes:
        seal_key: Keeps customers' e-mail addresses and phone numbers encrypted; without it they are
            not kept at all.
        former_seal_keys: Keys that `seal_key` replaced: they open what was sealed with them and
            seal nothing.
    """

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

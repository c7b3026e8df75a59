"""What administrators decide: entry points, queues, agents, codes and templates.

The field names and defaults are the keys and defaults of the configuration file's tables, so the
same structs are read from TOML and kept in records.
"""

from typing import Literal

import msgspec

from queues import Strategy
from router.kernel.ids import AgentId, CodeId, EntryPointId, QueueId, TemplateId, TenantId

PreChatField = Literal["name", "email", "phone", "subject"]
MaskingAction = Literal["", "mask", "drop", "shadow", "off"]
MaskingDirection = Literal["", "both", "customer", "agent"]


class Table(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """One table of the configuration: unknown keys are mistakes."""


class PresencePolicy(Table, frozen=True, kw_only=True):
    """How long somebody may be gone, and how long a decline is respected.

    Attributes:
        reconnect_grace_ms: From an agent's lost connection to `offline`.
        customer_grace_ms: From a waiting customer's lost connection to `abandoned`.
        decline_pause_ms: How long a declined contact is kept from who declined it.
    """

    reconnect_grace_ms: int = 15_000
    customer_grace_ms: int = 30_000
    decline_pause_ms: int = 5_000


class EntryPoint(Table, frozen=True, kw_only=True):
    """A place on a site where chats start, and the queue they go to.

    Attributes:
        queue: Where a chat goes when the customer chose nothing.
        queues: Others a customer may choose.
        priority: Added to the queue's.
        skills: Least levels an agent needs, beside the queue's.
    """

    id: EntryPointId
    queue: QueueId
    name: str = ""
    queues: tuple[QueueId, ...] = ()
    allowed_origins: tuple[str, ...] = ("*",)
    greeting: str = ""
    pre_chat: tuple[PreChatField, ...] = ()
    identity_secret: str = ""
    identity_jwks_url: str = ""
    priority: int = 0
    skills: dict[str, int] = {}


class MaskingKind(Table, frozen=True, kw_only=True):
    """What is done with one kind of value; empty is as the table it stands in says."""

    action: MaskingAction = ""
    direction: MaskingDirection = ""


class MaskingRule(Table, frozen=True, kw_only=True):
    """An operator's own kind of value.

    Attributes:
        name: The kind on the wire and in metrics.
        example: What the pattern must match, so that a slip is noticed before a leak.
        timeout_ms: How long the pattern may take for one text before all of it is starred.
    """

    name: str
    pattern: str
    example: str
    timeout_ms: int = 5


class MaskingTable(Table, frozen=True, kw_only=True):
    """What is done with values in texts; empty is as the tenant's table says.

    Attributes:
        direction: Whose texts are masked.
        kinds: By built-in kind or by the name of a rule.
        allow: Patterns; a value inside a match is left, unless it is a card's.
    """

    action: MaskingAction = ""
    direction: MaskingDirection = ""
    kinds: dict[str, MaskingKind] = {}
    allow: tuple[str, ...] = ()
    rules: tuple[MaskingRule, ...] = ()


class TenantMasking(MaskingTable, frozen=True, kw_only=True):
    """What is done with values in texts where a queue says nothing; nothing at all if disabled."""

    enabled: bool = True
    action: MaskingAction = "mask"
    direction: MaskingDirection = "both"


class Hours(Table, frozen=True, kw_only=True):
    """One weekly opening time, in a named time zone."""

    days: str
    zone: str
    opens: str = msgspec.field(name="from")
    closes: str = msgspec.field(name="to")


class Queue(Table, frozen=True, kw_only=True):
    """A waiting line and how its contacts are offered, handled and wrapped up.

    Attributes:
        skills: Least level an agent needs, by skill.
        offer_timeout_ms: From offer to RONA.
        wrapup_timeout_ms: From leaving a contact to the default code being filed; 0 is never.
        max_wait_ms: Longest wait before the contact is closed; 0 is no limit.
        customer_silence_warn_ms: 0 is never, as in the other two silences.
    """

    id: QueueId
    name: str = ""
    strategy: Strategy = "longest_available"
    priority: int = 0
    skills: dict[str, int] = {}
    offer_timeout_ms: int = 20_000
    service_level_ms: int = 20_000
    wrapup: Literal["required", "optional"] = "required"
    wrapup_timeout_ms: int = 0
    default_wrapup_code: CodeId = CodeId("")
    max_waiting: int = 10_000
    max_wait_ms: int = 0
    hours: tuple[Hours, ...] = ()
    when_closed: Literal["refuse", "queue"] = "refuse"
    customer_silence_warn_ms: int = 0
    customer_silence_end_ms: int = 0
    agent_silence_ms: int = 0
    masking: MaskingTable = MaskingTable()


class Agent(Table, frozen=True, kw_only=True):
    """Somebody who takes contacts: from which queues, how well, how many at once."""

    id: AgentId
    queues: tuple[QueueId, ...]
    name: str = ""
    skills: dict[str, int] = {}
    capacity: int = 3


class WrapupCode(Table, frozen=True, kw_only=True):
    """What a contact was about, chosen by who handled it; no queues means every queue."""

    id: CodeId
    name: str = ""
    queues: tuple[QueueId, ...] = ()


class IdleCode(Table, frozen=True, kw_only=True):
    """Why an agent takes no contacts for a while."""

    id: CodeId
    name: str = ""


class Template(Table, frozen=True, kw_only=True):
    """A text agents send often."""

    id: TemplateId
    text: str


class Configuration(Table, frozen=True, kw_only=True):
    """Everything the kernel is told by administrators; agents are kept in their own records."""

    tenant: TenantId = TenantId("main")
    presence: PresencePolicy = PresencePolicy()
    masking: TenantMasking = TenantMasking()
    entry_points: tuple[EntryPoint, ...] = ()
    queues: tuple[Queue, ...] = ()
    wrapup_codes: tuple[WrapupCode, ...] = ()
    idle_codes: tuple[IdleCode, ...] = ()
    templates: tuple[Template, ...] = ()

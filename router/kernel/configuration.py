"""What administrators decide: entry points, queues, agents, codes and templates.

The field names and defaults are the keys and defaults of the configuration file's tables, so the
same structs are read from TOML and kept in records. What a docstring says of a key is what
`docs/configuration.md` says of it: `./dev docs` writes it there.
"""

from typing import Literal

import msgspec

from queues import Strategy
from router.kernel.ids import AgentId, CodeId, EntryPointId, QueueId, TemplateId, TenantId

PreChatField = Literal["name", "email", "phone", "subject"]
MaskingAction = Literal["", "mask", "drop", "shadow", "off"]
MaskingDirection = Literal["", "both", "customer", "agent"]


class Table(
    msgspec.Struct,
    frozen=True,
    gc=False,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """One table of the configuration: unknown keys are mistakes."""


class PresencePolicy(Table, frozen=True, kw_only=True):
    """How long somebody may be gone, and how long a decline is respected.

    Attributes:
        reconnect_grace_ms: From an agent's lost connection to `offline`: a reload of the page and a
            change of network fit in.
        customer_grace_ms: From a waiting customer's lost connection to `abandoned`: phones sleep
            longer than desktops.
        decline_pause_ms: How long a declined contact is kept from who declined it, so that others
            get their chance.
    """

    reconnect_grace_ms: int = 15_000
    customer_grace_ms: int = 30_000
    decline_pause_ms: int = 5_000


class EntryPoint(Table, frozen=True, kw_only=True):
    """A place on a site where chats start, and the queue they go to.

    Attributes:
        id: What a site names in `data-entry-point`.
        queue: Where a chat goes when the customer chose nothing.
        name: What customers see.
        queues: Others a customer may choose.
        allowed_origins: Sites that may open a chat: scheme and host as a browser sends them,
            `https://shop.example`. Empty is a mistake: nobody could. Without `"*"`, programs that
            send no origin are kept out too.
        greeting: What a customer reads first.
        pre_chat: What is asked before a chat starts.
        identity_secret: Signs the site's customers in (HS256); never the secret of agents' tokens.
        identity_jwks_url: The same by keys found there (RS256, ES256); may stand beside
            `identity_secret`. Where it is the address of agents' keys too, its owner must see to it
            that no customer can choose `roles`.
        priority: Added to the queue's; higher is served first.
        skills: The least levels an agent needs, beside the queue's.
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
    """What is done with one kind of value.

    Attributes:
        action: What is done with values of the kind; empty is as for all.
        direction: Whose values of the kind are masked; empty is as for all.
    """

    action: MaskingAction = ""
    direction: MaskingDirection = ""


class MaskingRule(Table, frozen=True, kw_only=True):
    """An operator's own kind of value.

    Attributes:
        name: The kind in `masked`, in metrics and in `kinds`; no built-in kind has it.
        pattern: What it matches is starred, all of it. It is read by Python's `regex` package;
            write it in single quotes.
        example: Something made up that the pattern must find, so that a slip is noticed before a
            leak.
        timeout_ms: How long the pattern may take for one message, before all of the message is
            starred.
    """

    name: str
    pattern: str
    example: str
    timeout_ms: int = 5


class MaskingTable(Table, frozen=True, kw_only=True):
    """What is done with values in texts; empty is as the tenant's table says.

    Attributes:
        action: What is done with a value whose kind says nothing else: it is masked; it drops the
            message it stands in; it is only counted; nothing. Cards are masked in any case.
        direction: Whose texts are masked; cards are in everybody's.
        kinds: The same for one kind, by its name or by that of a rule.
        allow: A value that stands inside a match is left as it is, the shop's own number for
            example; never a card number or a security code. At most 20.
        rules: Kinds of your own, at most 20.
    """

    action: MaskingAction = ""
    direction: MaskingDirection = ""
    kinds: dict[str, MaskingKind] = {}
    allow: tuple[str, ...] = ()
    rules: tuple[MaskingRule, ...] = ()


class TenantMasking(MaskingTable, frozen=True, kw_only=True):
    """What is done with values in texts where a queue says nothing; nothing at all if disabled.

    Attributes:
        enabled: Whether card numbers and personal data are masked; off only where nobody is harmed,
            as in tests.
    """

    enabled: bool = True
    action: MaskingAction = "mask"
    direction: MaskingDirection = "both"


class Hours(Table, frozen=True, kw_only=True):
    """One weekly opening time, in a named time zone.

    Attributes:
        days: A day, a range or a list of both, `"mon-wed,sat"`; a range may wrap, `"fri-mon"`.
        zone: From the time zone database that the machine has.
        opens: The minute it opens, local time in the zone.
        closes: The minute it closes, after `from`. A night is two entries: one to `"24:00"`, and
            one from `"00:00"` on the next day.
    """

    days: str
    zone: str
    opens: str = msgspec.field(name="from")
    closes: str = msgspec.field(name="to")


class Queue(Table, frozen=True, kw_only=True):
    """A waiting line and how its contacts are offered, handled and wrapped up.

    Attributes:
        id: What others refer to; stands in metrics.
        name: What agents see.
        strategy: Who of several free agents is asked.
        priority: Higher is served first.
        skills: The least level an agent needs, `{ swedish = 3 }`; leave a skill out where none is
            needed.
        offer_timeout_ms: From an offer to RONA.
        service_level_ms: What counts as answered in time, for `frontdesk_service_level_total`.
        wrapup: Whether an agent owes a code after each contact.
        wrapup_timeout_ms: From leaving a contact to the default code being filed.
        default_wrapup_code: What is filed then: required with `wrapup_timeout_ms`, and allowed for
            this queue.
        max_waiting: Contacts that may wait; one more is refused. 0 could mean nobody or everybody,
            so it is a mistake.
        max_wait_ms: The longest wait before a contact is closed.
        hours: When the queue is open; empty is always.
        when_closed: What happens to a chat started outside the hours.
        customer_silence_warn_ms: From a customer's last message to a notice.
        customer_silence_end_ms: From a customer's last message to the end; after the notice.
        agent_silence_ms: From a customer's unanswered message to `answer_due`.
        masking: What is masked otherwise than in other queues.
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
    """Somebody who takes contacts: from which queues, how well, how many at once.

    Attributes:
        id: The `sub` of the agent's token, as the identity provider writes it: `anna`,
            `anna@shop.example`, `auth0|5f7c`.
        queues: Where its contacts come from; empty for somebody who only takes transfers.
        name: What customers and other agents see: give one where the id is an e-mail address.
        skills: How well the agent does what queues and entry points ask for.
        capacity: Contacts at one time; three is what people manage in chat.
    """

    id: AgentId
    queues: tuple[QueueId, ...]
    name: str = ""
    skills: dict[str, int] = {}
    capacity: int = 3


class WrapupCode(Table, frozen=True, kw_only=True):
    """What a contact was about, chosen by who handled it.

    Attributes:
        id: What is filed.
        name: What agents see.
        queues: Where it may be filed; empty is every queue.
    """

    id: CodeId
    name: str = ""
    queues: tuple[QueueId, ...] = ()


class IdleCode(Table, frozen=True, kw_only=True):
    """Why an agent takes no contacts for a while.

    Attributes:
        id: The reason, as programs know it.
        name: What agents see.
    """

    id: CodeId
    name: str = ""


class Template(Table, frozen=True, kw_only=True):
    """A text agents send often.

    Attributes:
        id: What is typed after `/`.
        text: What is sent. `<customer.name>` and `<agent.name>` are filled in; another
            `<word.word>` is a mistake, because customers would see it as it is.
    """

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

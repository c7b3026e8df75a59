"""Which masking policy holds for what somebody writes, from the configuration that is kept.

The hub and the shard both look it up here, so that a text is read by one policy on its whole way.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from masking import DEFAULT_POLICY, PASSING, MaskKind, OwnRule, Policy
from masking.policy import ALWAYS
from router.kernel.configuration import MaskingKind, MaskingTable
from router.kernel.ids import QueueId
from router.kernel.model import ConfigurationRecord

Sender: TypeAlias = Literal["customer", "agent"]
"""Whose texts a policy is for."""

NOTHING_SAID: Final = MaskingKind()


class Treatment(NamedTuple):
    """What is done with one sender's texts in one queue.

    Attributes:
        message: For what is sent as a message.
        field: For names, subjects, notes, attributes, addresses of pages: there is no message to
            drop, so a value is masked instead.
    """

    message: Policy = DEFAULT_POLICY
    field: Policy = DEFAULT_POLICY


DEFAULT_TREATMENT: Final = Treatment()
PASSED_TREATMENT: Final = Treatment(PASSING, PASSING)


class Policies:
    """The policies of one configuration, each made when it is first needed."""

    def __init__(self, record: ConfigurationRecord) -> None:
        """Know what is said for the tenant and for its queues, removed ones in use too."""
        self._tenant = record.configuration.masking
        queues = (*record.retired, *record.configuration.queues)
        self._queues = {queue.id: queue.masking for queue in queues}
        self._made: dict[tuple[Sender, QueueId | None], Treatment] = {}

    def of(self, sender: Sender, queue: QueueId | None) -> Treatment:
        """What is done with a sender's texts in a queue; the tenant's where it is not known."""
        known = queue if queue in self._queues else None
        made = self._made.get((sender, known))
        if made is None:
            made = self._made[sender, known] = self._treatment(sender, known)
        return made

    def _treatment(self, sender: Sender, queue: QueueId | None) -> Treatment:
        if not self._tenant.enabled:
            return PASSED_TREATMENT
        own = self._queues[queue] if queue is not None else MaskingTable()
        made = Treatment(
            _policy((own, self._tenant), sender, is_message=True),
            _policy((own, self._tenant), sender, is_message=False),
        )
        # The same object, so that masking need not ask what a policy says that says nothing.
        return DEFAULT_TREATMENT if made == DEFAULT_TREATMENT else made


def _policy(tables: tuple[MaskingTable, ...], sender: Sender, *, is_message: bool) -> Policy:
    """Merge what is said, the nearest table first: of a kind, else of all kinds in it."""
    rules = [rule for table in tables for rule in table.rules]
    kinds = [*map(str, MaskKind), *(rule.name for rule in rules)]
    actions = {kind: _action(tables, kind, sender) for kind in kinds}
    return Policy(
        off=_those(actions, "off"),
        shadow=_those(actions, "shadow"),
        drop=_those(actions, "drop") if is_message else frozenset(),
        allow=tuple(pattern for table in tables for pattern in table.allow),
        rules=tuple(OwnRule(rule.name, rule.pattern, rule.timeout_ms) for rule in rules),
    )


def _those(actions: dict[str, str], action: str) -> frozenset[str]:
    return frozenset(kind for kind, chosen in actions.items() if chosen == action)


def _action(tables: tuple[MaskingTable, ...], kind: str, sender: Sender) -> str:
    """What is done with a kind in one sender's texts; cards are hidden whatever is said."""
    action = next(_said(tables, kind, "action"), "mask")
    direction = next(_said(tables, kind, "direction"), "both")
    if kind in ALWAYS:
        return "drop" if action == "drop" else "mask"
    return action if direction in ("both", sender) else "off"


def _said(
    tables: tuple[MaskingTable, ...], kind: str, key: Literal["action", "direction"]
) -> Iterator[str]:
    for table in tables:
        for said in (table.kinds.get(kind, NOTHING_SAID), table):
            if word := cast("str", getattr(said, key)):
                yield word

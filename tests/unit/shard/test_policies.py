"""Which policy holds: a queue's word before the tenant's, a kind's before that of all kinds."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking import DEFAULT_POLICY, PASSING, MaskKind, OwnRule
from masking.policy import ALWAYS
from router.kernel.configuration import (
    Configuration,
    MaskingAction,
    MaskingDirection,
    MaskingKind,
    MaskingRule,
    MaskingTable,
    Queue,
    TenantMasking,
)
from router.kernel.ids import QueueId
from router.kernel.model import ConfigurationRecord
from router.shard.policies import DEFAULT_TREATMENT, Policies, Sender

SUPPORT = QueueId("support")
ORDER = MaskingRule(name="order", pattern="FD", example="FD", timeout_ms=7)
CASE = MaskingRule(name="case", pattern="C", example="C")

ACTIONS = st.sampled_from(get_args(MaskingAction))
DIRECTIONS = st.sampled_from(get_args(MaskingDirection))
KINDS = st.builds(MaskingKind, action=ACTIONS, direction=DIRECTIONS)
BY_KIND = st.dictionaries(st.sampled_from([*map(str, MaskKind), "order"]), KINDS, max_size=4)
TENANTS = st.builds(
    TenantMasking,
    action=ACTIONS,
    direction=DIRECTIONS,
    kinds=BY_KIND,
    rules=st.sampled_from([(), (ORDER,)]),
)
TABLES = st.builds(MaskingTable, action=ACTIONS, direction=DIRECTIONS, kinds=BY_KIND)
SENDERS = st.sampled_from(get_args(Sender))


def policies(tenant: TenantMasking, queue: MaskingTable | None = None) -> Policies:
    """What a configuration with one queue says."""
    queues = (Queue(id=SUPPORT, masking=queue or MaskingTable()),)
    return Policies(ConfigurationRecord(configuration=Configuration(masking=tenant, queues=queues)))


def of_kind(
    kind: str, action: MaskingAction = "", direction: MaskingDirection = ""
) -> MaskingTable:
    """A table that speaks of one kind."""
    return MaskingTable(kinds={kind: MaskingKind(action=action, direction=direction)})


@given(TENANTS, TABLES, SENDERS)
def test_cards_are_hidden_whatever_is_said(
    tenant: TenantMasking, queue: MaskingTable, sender: Sender
) -> None:
    """Also where a configuration got past its checks, as a stored one of an older version."""
    for name in (SUPPORT, None, QueueId("gone")):
        for policy in policies(tenant, queue).of(sender, name):
            assert all(policy.hides(kind) for kind in ALWAYS)


@given(TENANTS, TABLES, SENDERS)
def test_a_field_hides_what_a_message_hides_and_drops_nothing(
    tenant: TenantMasking, queue: MaskingTable, sender: Sender
) -> None:
    """A name that is dropped would be nobody's."""
    treatment = policies(tenant, queue).of(sender, SUPPORT)

    assert (treatment.field.off, treatment.field.shadow) == (
        treatment.message.off,
        treatment.message.shadow,
    )
    assert not treatment.field.drop


def test_what_says_nothing_is_the_default_itself() -> None:
    """Masking compares objects: a policy that says nothing costs nothing."""
    said = policies(TenantMasking())

    assert said.of("customer", SUPPORT) is DEFAULT_TREATMENT
    assert said.of("agent", None).message is DEFAULT_POLICY


def test_a_policy_is_made_once() -> None:
    """It is looked up for every message."""
    said = policies(TenantMasking(action="drop"))

    assert said.of("customer", SUPPORT) is said.of("customer", SUPPORT)


def test_a_queue_nobody_knows_has_the_tenants_policy_and_leaves_nothing_behind() -> None:
    """Customers may ask for any queue; what they ask for must not fill the memory."""
    said = policies(TenantMasking(action="shadow"), MaskingTable(action="off"))
    unknown = {id(said.of("customer", QueueId(f"queue-{n}"))) for n in range(100)}

    assert unknown == {id(said.of("customer", None))}
    assert MaskKind.PHONE in said.of("customer", QueueId("queue-1")).message.shadow


def test_a_removed_queue_with_contacts_in_it_keeps_its_policy() -> None:
    """It is served until it is empty, as it was."""
    retired = (Queue(id=SUPPORT, masking=MaskingTable(action="off")),)
    said = Policies(ConfigurationRecord(retired=retired))

    assert MaskKind.PHONE in said.of("customer", SUPPORT).message.off


def test_where_masking_is_off_everything_passes() -> None:
    """Whatever else the tables say."""
    said = policies(TenantMasking(enabled=False, action="drop"), MaskingTable(action="drop"))

    assert said.of("customer", SUPPORT) == (PASSING, PASSING)


@pytest.mark.parametrize(
    ("tenant", "queue", "action"),
    [
        (TenantMasking(), MaskingTable(), "mask"),
        (TenantMasking(action="drop"), MaskingTable(), "drop"),
        (TenantMasking(action="drop"), MaskingTable(action="off"), "off"),
        (TenantMasking(action="drop"), of_kind("phone", "shadow"), "shadow"),
        (TenantMasking(action="drop"), of_kind("email", "shadow"), "drop"),
        (
            TenantMasking(kinds={"phone": MaskingKind(action="off")}),
            MaskingTable(action="mask"),
            "mask",
        ),
        (
            TenantMasking(kinds={"phone": MaskingKind(action="off")}),
            of_kind("phone", direction="both"),
            "off",
        ),
        (TenantMasking(direction="agent"), MaskingTable(), "off"),
        (TenantMasking(direction="agent"), of_kind("phone", direction="customer"), "mask"),
        (TenantMasking(), MaskingTable(action="drop", direction="agent"), "off"),
    ],
)
def test_the_nearest_word_about_a_kind_holds(
    tenant: TenantMasking, queue: MaskingTable, action: str
) -> None:
    """Of a customer's phone number in the queue: the queue's word first, then the tenant's."""
    policy = policies(tenant, queue).of("customer", SUPPORT).message
    said = {"off": policy.off, "shadow": policy.shadow, "drop": policy.drop}

    assert [name for name, kinds in said.items() if "phone" in kinds] == (
        [] if action == "mask" else [action]
    )


def test_rules_and_allowed_values_of_a_queue_come_on_top() -> None:
    """What is secret in the whole shop is secret in each queue."""
    tenant = TenantMasking(rules=(ORDER,), allow=("a",))
    queue = MaskingTable(
        rules=(CASE,), allow=("b",), kinds={"order": MaskingKind(action="drop", direction="agent")}
    )
    said = policies(tenant, queue)

    assert set(said.of("agent", SUPPORT).message.rules) == {
        OwnRule("order", "FD", 7),
        OwnRule("case", "C", 5),
    }
    assert set(said.of("agent", SUPPORT).message.allow) == {"a", "b"}
    assert said.of("agent", SUPPORT).message.drop == {"order"}
    assert said.of("customer", SUPPORT).message.off == {"order"}
    assert [rule.name for rule in said.of("agent", None).message.rules] == ["order"]

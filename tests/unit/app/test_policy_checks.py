"""What a configuration may not say of masking, each mistake with its place."""

import pytest

from router.app.config import parse
from router.app.policy_checks import RULES_MAX
from tests.unit.app.configurations import ENVIRON, HEAD, is_fine, mistakes_in, places, queue

ORDER = r"""
[[masking.rules]]
name = "order"
pattern = '\bFD-\d{8}\b'
example = "FD-12345678"
"""


def masking(keys: str) -> str:
    """A configuration that says this of masking."""
    return f"{HEAD}[masking]\n{keys}\n"


def rule(name: str, pattern: str = "x", example: str = "x", timeout_ms: int = 1) -> str:
    """One rule of a list."""
    return (
        f"{{ name = '{name}', pattern = '{pattern}', example = '{example}', "
        f"timeout_ms = {timeout_ms} }}"
    )


def rules(*each: str) -> str:
    """The tenant's rules."""
    return masking(f"rules = [{', '.join(each)}]")


def test_a_policy_reaches_the_kernel_as_it_is_written() -> None:
    """It is kept in a record, so that hub and shard have the same."""
    text = masking("action = 'shadow'\nkinds = { order = { action = 'drop' } }") + ORDER
    text += "[[queues]]\nid = 'support'\nmasking = { direction = 'agent', allow = ['a'] }"
    read = parse(text, ENVIRON).configuration

    assert read.masking.action == "shadow"
    assert read.masking.kinds["order"].action == "drop"
    assert read.masking.rules[0].timeout_ms == 5
    assert read.queues[0].masking.direction == "agent"
    assert read.queues[0].masking.allow == ("a",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (masking("action = 'hide'"), "masking.action"),
        (masking("direction = 'in'"), "masking.direction"),
        (masking("kinds = { emial = { action = 'off' } }"), "masking.kinds.emial"),
        (masking("kinds = { email = 'off' }"), "masking.kinds.email"),
        (masking("kinds = { email = { action = 'of' } }"), "masking.kinds.email.action"),
        (masking("kinds = { pan = { action = 'off' } }"), "masking.kinds.pan.action"),
        (masking("kinds = { cvv = { action = 'shadow' } }"), "masking.kinds.cvv.action"),
        (masking("kinds = { cvv = { direction = 'agent' } }"), "masking.kinds.cvv.direction"),
        (queue("masking.kinds.pan.action = 'off'"), "queues[0].masking.kinds.pan.action"),
        (queue("masking.kinds.order.action = 'off'"), "queues[0].masking.kinds.order"),
        (masking("allow = ['(']"), "masking.allow[0]"),
        (masking("allow = ['(a|aa)+$']"), "masking.allow[0]"),
        (masking(f"allow = {[str(n) for n in range(21)]}"), "masking.allow"),
        (rules(rule("order", "(")), "masking.rules[0].pattern"),
        (rules(rule("order", "")), "masking.rules[0].pattern"),
        (rules(rule("order", "x" * 501)), "masking.rules[0].pattern"),
        (rules(rule("order", "(x+x+)+y", "xxy")), "masking.rules[0].pattern"),
        (rules(rule("order", "y")), "masking.rules[0].example"),
        (rules(rule("order", "x*", "y")), "masking.rules[0].example"),
        (rules(rule("an order")), "masking.rules[0].name"),
        (rules(rule("unreadable")), "masking.rules[0].name"),
        (rules(rule("email")), "masking.rules[0].name"),
        (rules(rule("a"), rule("a")), "masking.rules[1].name"),
        (rules(rule("a", timeout_ms=21)), "masking.rules[0].timeout_ms"),
        (rules(rule("a", timeout_ms=0)), "masking.rules[0].timeout_ms"),
        (rules(*(rule(f"r{n}") for n in range(RULES_MAX + 1))), "masking.rules"),
        (rules(*(rule(f"r{n}", timeout_ms=20) for n in range(6))), "masking.rules"),
        (
            ORDER + queue(f"masking.rules = [{rule('order')}]").removeprefix(HEAD) + HEAD,
            "queues[0].masking.rules[0].name",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, place: str) -> None:
    """A rule that does nothing is noticed by whoever writes it, not after a leak."""
    (mistake,) = mistakes_in(text)

    assert mistake.path == place
    assert mistake.hint


def test_a_word_where_a_table_is_due_says_how_to_write_it() -> None:
    """The short form is what everybody tries first."""
    (mistake,) = mistakes_in(masking("kinds = { email = 'off' }"))

    assert mistake.hint == "give a table: { action = … }"


@pytest.mark.parametrize(
    "text",
    [
        masking("kinds = { pan = { action = 'drop', direction = 'both' } }"),
        masking("action = 'off'"),
        rules(*(rule(f"r{n}", timeout_ms=5) for n in range(RULES_MAX))),
        masking(f"allow = {[str(n) for n in range(20)]}"),
        HEAD + ORDER + "[[queues]]\nid = 'a'\nmasking.kinds.order.action = 'off'",
        rules(rule("case", "(?:case|ticket) *#? *[0-9]{5,9}", "my case #12345")),
        rules(rule("plate", "[A-ZÅÄÖ]{3} ?[0-9]{2}[0-9A-Z]", "ÅBC 12D")),
    ],
)
def test_what_is_right_is_fine(text: str) -> None:
    """The bounds themselves are allowed, and ordinary patterns are not taken for slow ones."""
    assert is_fine(text)


def test_a_queue_counts_together_with_the_tenant() -> None:
    """One message is read by the rules of both."""
    three = ", ".join(rule(f"r{n}", timeout_ms=20) for n in range(3))
    four = f"{three}, {rule('r3', timeout_ms=20)}"
    text = rules(rule("a", timeout_ms=20), rule("b", timeout_ms=20)) + "[[queues]]\nid = 'q'\n"

    assert places(f"{text}masking.rules = [{four}]") == ["queues[0].masking.rules"]
    assert is_fine(f"{text}masking.rules = [{three}]")

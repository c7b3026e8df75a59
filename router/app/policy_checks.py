"""What the masking tables of a configuration must agree on: kinds, rules, and their time."""

from collections.abc import Iterator, Sequence
from typing import Final

from masking import MaskKind
from masking.flaws import finds, is_slow
from masking.model import UNREADABLE
from masking.policy import ALLOW_TIMEOUT_MS, ALWAYS
from router.app.decode import did_you_mean
from router.app.mistakes import Mistake, inside, quoted
from router.app.rules import pattern_fault
from router.kernel.configuration import MaskingRule, MaskingTable, Queue

RULES_MAX: Final = 20
"""Rules that one message is read by, and as many regexes that allow something."""

TIMEOUTS_MS_MAX: Final = 100
"""What the rules for one message may take together: the event loop stands still meanwhile."""

BUILT_IN: Final = frozenset(map(str, MaskKind))
NOTHING_SAID: Final = MaskingTable()


def policy_mistakes(tenant: MaskingTable, queues: Sequence[Queue]) -> Iterator[Mistake]:
    """Return what is wrong with the tenant's table, and with each queue's together with it."""
    yield from _table("masking", tenant, NOTHING_SAID)
    for index, queue in enumerate(queues):
        yield from _table(f"queues[{index}].masking", queue.masking, tenant)


def _table(path: str, table: MaskingTable, above: MaskingTable) -> Iterator[Mistake]:
    if table == NOTHING_SAID:
        return
    yield from _kinds(f"{path}.kinds", table, above)
    yield from _names(f"{path}.rules", table.rules, {rule.name for rule in above.rules})
    for index, rule in enumerate(table.rules):
        yield from _rule(f"{path}.rules[{index}]", rule)
    for index, pattern in enumerate(table.allow):
        if not pattern_fault(pattern) and is_slow(pattern):
            yield _slow(f"{path}.allow[{index}]")
    yield from _together(path, table, above)


def _kinds(path: str, table: MaskingTable, above: MaskingTable) -> Iterator[Mistake]:
    known = BUILT_IN | {rule.name for rule in (*above.rules, *table.rules)}
    for kind, said in table.kinds.items():
        at = inside(path, kind)
        if kind not in known:
            yield Mistake(at, "there is no such kind", did_you_mean(kind, known))
        if kind in ALWAYS and said.action in ("shadow", "off"):
            hint = "leave it out; masking.enabled = false, for tests, is the only way to store them"
            yield Mistake(f"{at}.action", "card data is always masked", hint)
        if kind in ALWAYS and said.direction in ("customer", "agent"):
            hint = "leave it out: whoever writes a card number, it is not stored"
            yield Mistake(f"{at}.direction", "card data is always masked", hint)


def _names(path: str, rules: Sequence[MaskingRule], above: set[str]) -> Iterator[Mistake]:
    taken = set(above)
    for index, rule in enumerate(rules):
        at = f"{path}[{index}].name"
        if rule.name in BUILT_IN or rule.name == UNREADABLE:
            yield Mistake(at, f"{quoted(rule.name)} is a built-in kind", "give another name")
        if rule.name in taken:
            yield Mistake(
                at, f"{quoted(rule.name)} is the name of another rule", "give each its own name"
            )
        taken.add(rule.name)


def _rule(path: str, rule: MaskingRule) -> Iterator[Mistake]:
    if pattern_fault(rule.pattern):  # noted when it was read
        return
    if is_slow(rule.pattern, rule.example):
        yield _slow(f"{path}.pattern")
    elif rule.example and not finds(rule.pattern, rule.example):
        yield Mistake(
            f"{path}.example",
            "the pattern finds nothing in it",
            "give a made-up value the pattern is for; frontdesk mask --explain shows what is found",
        )


def _slow(path: str) -> Mistake:
    return Mistake(
        path,
        "takes too long for some messages",
        "say each thing in one way only: not (a|ab)+ or (a+)+, and bounds instead of + and *",
    )


def _together(path: str, table: MaskingTable, above: MaskingTable) -> Iterator[Mistake]:
    rules = (*above.rules, *table.rules)
    if table.rules and len(rules) > RULES_MAX:
        yield Mistake(
            f"{path}.rules", f"more than {RULES_MAX} rules for one message", "join some with |"
        )
    taken_ms = sum(rule.timeout_ms for rule in rules)
    if table.rules and taken_ms > TIMEOUTS_MS_MAX:
        yield Mistake(
            f"{path}.rules",
            f"together they may take {taken_ms} ms for one message",
            f"lower their timeout_ms to {TIMEOUTS_MS_MAX} together",
        )
    if table.allow and len((*above.allow, *table.allow)) > RULES_MAX:
        at_most = f"they take up to {ALLOW_TIMEOUT_MS} ms each: join some with |"
        yield Mistake(f"{path}.allow", f"more than {RULES_MAX} patterns for one message", at_most)

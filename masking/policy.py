"""What is done with the values in a text: masked, the message dropped, only counted, or nothing.

A policy is a value that holds for the texts of one sender. Card numbers and security codes are
always masked or dropped: no policy, and no rule that allows something, lets one through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import regex

from masking.model import MaskKind, Outcome, Rule, Span
from masking.normalise import normalise

ALWAYS: Final = frozenset[str]({MaskKind.PAN, MaskKind.CVV})
"""Kinds that nothing lets through (PCI DSS 4.0.1, 3.3.1 and 3.4.1)."""

ALLOW_TIMEOUT_MS: Final = 5
"""For each regex that allows something; a good one needs microseconds."""

PATTERNS_KEPT: Final = 1_024
"""Compiled patterns: those of the present configuration, and of the one before."""

OWN: Final = Rule("own.pattern")
"""By what the values of operators' own rules are found."""

ALLOWING: Final = "allow"
"""What regexes that allow something are called together, where one of them fails."""

_HIDDEN: Final = frozenset[Outcome]({"masked", "dropped"})


class RuleFailedError(Exception):
    """A regex of an operator took longer than it may, or is none; its cause says which.

    Attributes:
        rule: Which: a rule's name, or ``allow``.
    """

    def __init__(self, rule: str) -> None:
        """Say nothing of the text, and nothing of the regex."""
        super().__init__(rule)
        self.rule = rule


class OwnRule(NamedTuple):
    """An operator's own kind of value: all that a regex matches is starred.

    Attributes:
        name: The kind on the wire and in metrics.
        timeout_ms: How long the regex may take for one text before all of it is starred.
    """

    name: str
    pattern: str
    timeout_ms: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is done with each kind of value; kinds that are not named are masked.

    Attributes:
        is_on: False lets everything through, cards too: for tests, where nobody is harmed.
        off: Kinds that are left as they are.
        shadow: Kinds that are left as they are and counted.
        drop: Kinds of which one value drops the whole message.
        allow: Regexes; a value inside a match is left as it is, unless it is of ``ALWAYS``.
        rules: Operators' own kinds.
    """

    is_on: bool = True
    off: frozenset[str] = frozenset()
    shadow: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    allow: tuple[str, ...] = ()
    rules: tuple[OwnRule, ...] = ()

    def __post_init__(self) -> None:
        """Refuse to let cards through.

        Raises:
            ValueError: A kind of ``ALWAYS`` is off or only counted.
        """
        if self.is_on and ALWAYS & (self.off | self.shadow):
            raise ValueError("card numbers and security codes are always masked")

    def hides(self, kind: str) -> bool:
        """Tell whether values of ``kind`` are masked, where no rule allows them."""
        return kind not in self.off and kind not in self.shadow

    def own_spans(self, text: str) -> list[Span]:
        """Answer what operators' own rules find in ``text``, as typed and in plain spelling.

        Raises:
            RuleFailedError: A rule took longer than it may.
        """
        readings = tuple(dict.fromkeys((text, normalise(text))))
        rules = (rule for rule in self.rules if rule.name not in self.off)
        return [span for rule in rules for span in _spans_of(rule, readings)]

    def outcomes(self, text: str, spans: Sequence[Span]) -> list[Outcome]:
        """Answer what comes of each of ``spans``, which do not overlap.

        Raises:
            RuleFailedError: A regex that allows something took longer than it may.
        """
        may_be_allowed = any(span.kind not in ALWAYS and self.hides(span.kind) for span in spans)
        allowed = self._allowed(text) if may_be_allowed else []
        return [self._outcome(span, allowed) for span in spans]

    def split(self, text: str, spans: list[Span]) -> tuple[list[Span], tuple[str, ...]]:
        """Answer which of ``spans`` are hidden, and the kind of each that is only counted.

        Raises:
            RuleFailedError: As `outcomes`.
        """
        if self is DEFAULT_POLICY or not spans:
            return spans, ()
        told = list(zip(spans, self.outcomes(text, spans), strict=True))
        hidden = [span for span, outcome in told if outcome in _HIDDEN]
        return hidden, tuple(span.kind for span, outcome in told if outcome == "shadow")

    def _allowed(self, text: str) -> list[tuple[int, int]]:
        try:
            return [
                match.span()
                for pattern in self.allow
                for match in compiled(pattern).finditer(text, timeout=ALLOW_TIMEOUT_MS / 1_000)
            ]
        except (TimeoutError, regex.error) as error:
            raise RuleFailedError(ALLOWING) from error

    def _outcome(self, span: Span, allowed: list[tuple[int, int]]) -> Outcome:
        if span.kind in self.off:
            return "off"
        if span.kind in self.shadow:
            return "shadow"
        if span.kind not in ALWAYS and any(s <= span.start and span.end <= e for s, e in allowed):
            return "allowed"
        return "dropped" if span.kind in self.drop else "masked"


def _spans_of(rule: OwnRule, readings: tuple[str, ...]) -> list[Span]:
    part_s = 1 / len(readings) / 1_000  # of each millisecond: all readings share a rule's time
    try:
        return [
            Span(rule.name, *match.span(), "starred", OWN)
            for reading in readings
            for match in compiled(rule.pattern).finditer(reading, timeout=rule.timeout_ms * part_s)
            if match[0].strip("* \n\t")  # what is stars already, or nothing at all, is no value
        ]
    except (TimeoutError, regex.error) as error:
        raise RuleFailedError(rule.name) from error


DEFAULT_POLICY: Final = Policy()
"""Every built-in kind is masked."""

PASSING: Final = Policy(is_on=False)
"""Everything passes as it is: for installations that switched masking off."""


@lru_cache(maxsize=PATTERNS_KEPT)
def compiled(pattern: str) -> regex.Pattern[str]:
    """Compile an operator's regex once.

    Raises:
        regex.error: It is none.
    """
    return regex.compile(pattern)

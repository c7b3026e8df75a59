"""What masking finds and what it answers."""

from enum import StrEnum
from typing import Final, Literal, NamedTuple

from masking.text import MaskedText


class MaskKind(StrEnum):
    """The built-in kinds of values that are masked, under their names on the wire.

    The order is the order of precedence and of ``Masked.kinds``, except that card details come
    last when values overlap (see ``PRECEDENCE``).
    """

    PAN = "pan"
    CVV = "cvv"
    EXPIRY = "expiry"
    IBAN = "iban"
    SSN = "ssn"
    NATIONAL_ID = "national_id"
    EMAIL = "email"
    PHONE = "phone"


PRECEDENCE: Final = (
    MaskKind.PAN,
    MaskKind.IBAN,
    MaskKind.SSN,
    MaskKind.NATIONAL_ID,
    MaskKind.EMAIL,
    MaskKind.PHONE,
    MaskKind.EXPIRY,
    MaskKind.CVV,
)
"""Overlapping values become one value of the kind that comes first here, before operators' own."""

Form = Literal["shaped", "initial", "starred", "kept"]
"""``shaped`` has the masked form of its kind, ``initial`` shows the first letter, ``starred``
nothing, ``kept`` was masked."""


class Rule(NamedTuple):
    """By what a value was found, in short stable words, for who tunes what is masked.

    Attributes:
        name: What its form or its surroundings fitted, such as ``card.issuer``.
        validator: What was checked of the value itself, such as ``Luhn``; empty for nothing.
    """

    name: str
    validator: str = ""


UNNAMED: Final = Rule("")
"""The rule of a span that no detector made."""


class Span(NamedTuple):
    """A value in the text that is being read: ``start`` to ``end`` (exclusive), in code points.

    ``kind`` is a ``MaskKind`` or the name of an operator's own rule.
    """

    kind: str
    start: int
    end: int
    form: Form = "shaped"
    rule: Rule = UNNAMED


class Found(NamedTuple):
    """A masked value in the text that came out: ``start`` to ``end`` (exclusive), code points."""

    kind: str
    start: int
    end: int


UNREADABLE: Final = "unreadable"
"""The kind of all of a text that was starred because masking it failed: it tells nothing else."""

Outcome = Literal["masked", "dropped", "shadow", "off", "allowed", "failed"]
"""What comes of a value: hidden, with its message or alone; only counted; left as it is."""


class Explained(NamedTuple):
    """A value in the text that was read, and what comes of it; never the value itself.

    Attributes:
        kind: As in ``Span``; empty where the text could not be read and is starred whole.
    """

    kind: str
    start: int
    end: int
    rule: Rule
    outcome: Outcome


class Failure(NamedTuple):
    """Why a text could not be masked, for a log: nothing of the text is in it.

    Attributes:
        rule: Whose regex failed: an operator's rule by its name, or ``allow``. Empty: a mistake of
            ours.
        fault: The kind of the exception.
        place: The module and the line that raised it.
    """

    rule: str
    fault: str
    place: str


class Masked(NamedTuple):
    """A text with its sensitive values masked.

    Attributes:
        text: The text that may be stored and shown.
        found: The masked values in ``text``, in order, never overlapping.
        failed: Masking broke or ran out of time, and ``text`` is nothing but stars and spaces:
            all of it is one value of the kind ``UNREADABLE``.
        failure: By what it broke; nothing where it was not tried.
        shadowed: The kind of each value that a policy only counts; it still stands in ``text``.
    """

    text: MaskedText
    found: tuple[Found, ...] = ()
    failed: bool = False
    shadowed: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def kinds(self) -> list[str]:
        """Every kind in ``found`` once: those of ``MaskKind`` in its order, then others sorted."""
        if not self.found:
            return []
        seen = {found.kind for found in self.found}
        builtin = [kind.value for kind in MaskKind if kind in seen]
        return builtin + sorted(seen.difference(builtin))

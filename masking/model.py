"""What masking finds and what it answers."""

from enum import StrEnum
from typing import Literal, NamedTuple

from masking.text import MaskedText


class MaskKind(StrEnum):
    """The kinds of values that are masked, under their names on the wire.

    The order is the order of precedence and of ``Masked.kinds``, except that card details come
    last when values overlap (see ``PRECEDENCE``).
    """

    PAN = "pan"
    CVV = "cvv"
    EXPIRY = "expiry"
    IBAN = "iban"
    SSN = "ssn"
    EMAIL = "email"
    PHONE = "phone"


PRECEDENCE = (
    MaskKind.PAN,
    MaskKind.IBAN,
    MaskKind.SSN,
    MaskKind.EMAIL,
    MaskKind.PHONE,
    MaskKind.EXPIRY,
    MaskKind.CVV,
)
"""Overlapping values become one value of the kind that comes first here."""

Form = Literal["shaped", "starred", "kept"]
"""``shaped`` has the masked form of its kind, ``starred`` shows nothing, ``kept`` was masked."""


class Span(NamedTuple):
    """A value in the text that is being read: ``start`` to ``end`` (exclusive), in code points."""

    kind: MaskKind
    start: int
    end: int
    form: Form = "shaped"


class Found(NamedTuple):
    """A masked value in the text that came out: ``start`` to ``end`` (exclusive), code points."""

    kind: MaskKind
    start: int
    end: int


class Masked(NamedTuple):
    """A text with its sensitive values masked.

    Attributes:
        text: The text that may be stored and shown.
        found: The masked values in ``text``, in order, never overlapping.
        failed: Masking broke or ran out of time, and ``text`` is nothing but stars and spaces.
    """

    text: MaskedText
    found: tuple[Found, ...] = ()
    failed: bool = False

    @property
    def kinds(self) -> list[str]:
        """Every kind in ``found`` once, in the order in which ``MaskKind`` declares them."""
        if not self.found:
            return []
        seen = {found.kind for found in self.found}
        return [kind.value for kind in MaskKind if kind in seen]

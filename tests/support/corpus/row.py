"""What the corpus consists of: rows that say where in which message what must not be readable.

A row is one message, or a conversation of several. It holds nothing about detectors, so that it can
judge any of them.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeVar

T = TypeVar("T")

Kind = Literal["pan", "cvv", "expiry", "iban", "ssn", "email", "phone", "national_id"]
KINDS: Final[tuple[Kind, ...]] = (
    "pan",
    "cvv",
    "expiry",
    "iban",
    "ssn",
    "email",
    "phone",
    "national_id",
)

Group = Literal["plain", "glued", "adversarial", "conversation", "easy", "hard", "benign"]
POSITIVES: Final[tuple[Group, ...]] = ("plain", "glued", "adversarial", "conversation")
NEGATIVES: Final[tuple[Group, ...]] = ("easy", "hard", "benign")

LANGUAGES: Final = ("en", "sv", "da", "pt", "de", "fr", "es", "ja", "ar")


class Said(NamedTuple):
    """One message and who wrote it."""

    sender: str
    text: str


class Place(NamedTuple):
    """Where a value, or a part of it, stands: ``start`` to ``end`` (exclusive) of one message."""

    message: int
    start: int
    end: int


class Secret(NamedTuple):
    """A value that must not be readable.

    Attributes:
        kind: What it is; the detector may call it something else.
        value: Its plain spelling without separators: what is compared.
        places: Everywhere it stands; one part after the other where it is split.
    """

    kind: Kind
    value: str
    places: tuple[Place, ...]


class Row(NamedTuple):
    """One case.

    Attributes:
        id: Group, kind and number: the same for the same seed.
        kind: What it is about; of a negative what it resembles.
        group: How difficult, and in which way.
        language: Of the words around the value.
        said: One message, or a conversation.
        secrets: What must not survive; empty in a negative, which must come out as it went in.
        others: Values beside them that other rows are about, and that may be masked too.
    """

    id: str
    kind: str
    group: Group
    language: str
    said: tuple[Said, ...]
    secrets: tuple[Secret, ...] = ()
    others: tuple[Secret, ...] = ()

    @property
    def text(self) -> str:
        """All that was said, a line for each message."""
        return "\n".join(said.text for said in self.said)


class Written(NamedTuple):
    """A value as somebody writes it: ``text`` in the message, ``value`` without separators."""

    kind: Kind
    text: str
    value: str


def filled(
    template: str, values: Mapping[str, Written], message: int = 0
) -> tuple[str, list[Secret]]:
    """Put each value into its ``{name}`` and answer the text with the places of the values.

    The text around the values is taken as it is: braces that name no value stay.
    """
    secrets: list[Secret] = []
    text = ""
    while True:
        found = [(at, name) for name in values if (at := template.find(f"{{{name}}}")) >= 0]
        if not found:
            return text + template, secrets
        at, name = min(found)
        text += template[:at]
        written = values[name]
        place = Place(message, len(text), len(text) + len(written.text))
        secrets.append(Secret(written.kind, written.value, (place,)))
        text += written.text
        template = template[at + len(name) + 2 :]


def pick(chance: random.Random, options: Sequence[T]) -> T:
    """Draw one of ``options``."""
    return options[chance.randrange(len(options))]


def drawn(chance: random.Random, pattern: str) -> str:
    """Replace each ``#`` of ``pattern`` by a digit and each ``N`` by one from 2 to 9."""
    digits = {"#": "0123456789", "N": "23456789"}
    return "".join(pick(chance, digits.get(sign, sign)) for sign in pattern)

"""Conversations in which a value comes in pieces, or its parts in messages of their own.

The customer's pieces stand between what others say, small talk, and pieces that were sent twice.
What counts is what can be read in the end.
"""

import random
from collections.abc import Iterator
from typing import Final

from tests.support.corpus import contacts, numbers
from tests.support.corpus.evasions import IN_SCRIPTS, in_words, seldom_unseen
from tests.support.corpus.numbers import figures
from tests.support.corpus.row import LANGUAGES, Kind, Place, Row, Said, Secret, Written, pick
from tests.support.corpus.talk import AGAIN, ASK, CHATTER, GO_ON, HELLO, LEAD, REST

SPLIT: Final[tuple[Kind, ...]] = ("pan", "iban", "ssn", "email", "phone")
DETAILS: Final[tuple[Kind, ...]] = ("cvv", "expiry")
ROWS: Final = 144
"""For each kind; sixteen for each language."""


class Chat:
    """A conversation as it is written down."""

    def __init__(self, chance: random.Random, language: str) -> None:
        """Start with nothing said."""
        self.chance = chance
        self.language = language
        self.said: list[Said] = []
        self.places: list[Place] = []

    def agent(self, phrases: dict[str, tuple[str, ...]]) -> None:
        """The agent says one of ``phrases``."""
        self.said.append(Said("agent", pick(self.chance, phrases[self.language])))

    def customer(self, template: str, piece: str = "") -> None:
        """The customer says ``template`` with a piece of the value in place of ``{v}``."""
        start = template.find("{v}")
        if start >= 0:
            self.places.append(Place(len(self.said), start, start + len(piece)))
        self.said.append(Said("customer", template.replace("{v}", piece)))

    def small_talk(self) -> None:
        """The customer says something of no importance."""
        self.customer(pick(self.chance, CHATTER[self.language]))

    def others(self, sender: str, number: str) -> None:
        """Somebody else says something with a number in it."""
        phrase = pick(self.chance, GO_ON[self.language])
        self.said.append(Said(sender, f"{phrase} ({number})"))

    def row(self, kind: Kind, value: str, number: int) -> Row:
        """All that was said, with the places of ``value``."""
        return Row(
            id=f"conversation-{kind}-{number:04}",
            kind=kind,
            group="conversation",
            language=self.language,
            said=tuple(self.said),
            secrets=(Secret(kind, value, tuple(self.places)),),
        )


def cut(chance: random.Random, text: str, pieces: int) -> list[str]:
    """``text`` in ``pieces``, between its groups where it has enough of them."""
    groups = text.replace("-", " ").split()
    if len(groups) >= pieces and chance.random() < 0.75:
        ends = sorted(chance.sample(range(1, len(groups)), pieces - 1))
        return [
            " ".join(groups[start:end])
            for start, end in zip([0, *ends], [*ends, None], strict=True)
        ]
    size = -(-len(text) // pieces)
    return [text[at : at + size].strip(" -") for at in range(0, len(text), size)]


def cut_address(chance: random.Random, written: Written) -> list[str]:
    """An address in two or three."""
    local, domain = written.text.split("@")
    name, dot, top = domain.rpartition(".")
    return pick(
        chance,
        (
            [f"{local}@", domain],
            [local, f"@{domain}"],
            [f"{local}@{name}", f"{dot}{top}"],
            [local, f"@{name}", f"{dot}{top}"],
        ),
    )


def value_and_pieces(chance: random.Random, kind: Kind, language: str) -> tuple[str, list[str]]:
    """A value of ``kind`` and what is sent of it, one after the other."""
    pieces = pick(chance, (2, 2, 3, 4))
    match kind:
        case "email":
            written = contacts.email(chance)
            return written.value, cut_address(chance, written)
        case "iban":
            written = numbers.iban(chance)
        case "ssn":
            written = numbers.ssn(chance)
            pieces = pick(chance, (2, 3))
        case "phone":
            written = contacts.phone(chance, language)
            pieces = 2
        case _:
            number = numbers.card_number(chance)
            text = numbers.in_groups(number, pick(chance, ("", " ", " ", "-")))
            written = Written("pan", text, number)
    return written.value, cut(chance, written.text, pieces)


def in_pieces(chance: random.Random, kind: Kind, language: str, number: int) -> Row:
    """A chat with a value in two to four pieces."""
    value, pieces = value_and_pieces(chance, kind, language)
    if number % 8 == 7 and kind != "email":
        disguises = (*IN_SCRIPTS[:3], seldom_unseen)
        disguise = pick(chance, (*disguises, in_words) if kind == "pan" else disguises)
        pieces = [disguise(chance, piece, language) for piece in pieces]
    chat = Chat(chance, language)
    chat.agent(HELLO)
    # A card or an account is known by its digits; the others need the question.
    if kind in {"ssn", "phone", "email"} or chance.random() < 0.5:
        chat.agent(ASK[kind])
    lead = LEAD["pan"][language] if kind == "pan" else ("{v}",)
    style = number % 7
    chat.customer(pick(chance, lead), pieces[0])
    if style == 3:
        chat.agent(AGAIN)
        chat.customer("{v}", pieces[0])
    for piece in pieces[1:]:
        if style in {1, 2}:
            chat.agent(GO_ON)
        if style in {2, 4}:
            chat.small_talk()
        if style == 5:
            chat.others("agent", "48213")
        if style == 6:
            chat.others("guest", figures(chance, 5))
        chat.customer("{v}" if kind == "email" else pick(chance, REST[language]), piece)
    chat.agent(GO_ON)
    return chat.row(kind, value, number)


def detail_after_card(chance: random.Random, kind: Kind, language: str, number: int) -> Row:
    """A chat with a code or an expiry in a message of its own: after the card, or asked for."""
    written = numbers.card_code(chance) if kind == "cvv" else numbers.expiry(chance)
    chat = Chat(chance, language)
    chat.agent(HELLO)
    style = number % 5
    if style != 3:  # else the card was given elsewhere, and the agent asks for the rest
        lead = pick(chance, LEAD["pan"][language][:3])
        chat.said.append(Said("customer", lead.replace("{v}", numbers.card(chance).text)))
    if style == 1 and kind == "cvv":
        chat.said.append(Said("customer", numbers.expiry(chance).text))
    if style in {2, 3, 4}:
        chat.agent(ASK[kind])
    if style == 4:
        chat.small_talk()
    chat.customer("{v}", written.text)
    chat.agent(GO_ON)
    return chat.row(kind, written.value, number)


def conversations(chance: random.Random) -> Iterator[Row]:
    """Every kind that may come in pieces, in every language."""
    for kind in SPLIT:
        for number in range(ROWS):
            yield in_pieces(chance, kind, LANGUAGES[number % len(LANGUAGES)], number)
    for kind in DETAILS:
        for number in range(ROWS):
            yield detail_after_card(chance, kind, LANGUAGES[number % len(LANGUAGES)], number)

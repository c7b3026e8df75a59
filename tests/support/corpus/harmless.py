"""Rows that hold nothing secret but look as if they did; each must come out as it went in.

Numbers that would pass for a card by their length and check digit are drawn again, because then
nobody could tell.
"""

import random
from collections.abc import Callable, Iterator
from typing import Final

from tests.support.corpus.lookalikes import EASY, HARD, INNOCENT_TALK
from tests.support.corpus.numbers import figures, luhn_sum, with_luhn
from tests.support.corpus.row import LANGUAGES, Row, Said, drawn, pick

AFTER_A_CARD: Final = (
    "I live at number 123",
    "it happened at 12:30",
    "I have 250 left on it",
    "3 orders so far",
    "since 2019",
    "I am 34 years old",
    "in 2 days?",
)
"""What may be read although a card was sent just before; the card is masked already."""

ROWS_EASY: Final = 400
ROWS_HARD: Final = 1_000
ROWS_TALK: Final = 260


def passes_for_a_card(text: str) -> bool:
    """Whether a run of the digits of ``text`` has the length and the check digit of a card."""
    runs = "".join(sign if sign.isdigit() else "" if sign in " -." else "\n" for sign in text)
    return any(12 <= len(run) <= 19 and luhn_sum(run) % 10 == 0 for run in runs.split())


def failing_card(chance: random.Random) -> str:
    """Sixteen digits like a card's, with a wrong check digit."""
    number = with_luhn(pick(chance, ("4", "51", "55", "6011", "35")) + figures(chance, 13))[:15]
    right = int(with_luhn(number)[-1])
    number += str((right + chance.randint(1, 9)) % 10)
    separator = pick(chance, ("", " ", "-"))
    return separator.join(number[at : at + 4] for at in range(0, 16, 4))


def imei(chance: random.Random) -> str:
    """The number of a mobile device: fifteen digits with a check digit as on cards."""
    return with_luhn(pick(chance, ("35", "86", "01")) + figures(chance, 12))


NUMBERED: Final[tuple[tuple[str, Callable[[random.Random], str]], ...]] = (
    ("order {}", failing_card),
    ("reference {} please", failing_card),
    ("{}", failing_card),
    ("beställning {}", failing_card),
    ("注文 {} はまだですか", failing_card),
    ("IMEI {}", imei),
    ("the phone's IMEI is {}", imei),
)


def innocent(chance: random.Random, patterns: tuple[str, ...]) -> str:
    """One of ``patterns`` drawn so that nothing in it passes for a card."""
    while passes_for_a_card(text := drawn_digits(chance, pick(chance, patterns))):
        pass
    return text


def drawn_digits(chance: random.Random, pattern: str) -> str:
    """``pattern`` with digits; an N only where digits follow it, so that words stay words."""
    text = ""
    for at, sign in enumerate(pattern):
        is_slot = sign == "#" or (sign == "N" and pattern[at + 1 : at + 2] in {"#", "9"})
        text += drawn(chance, sign) if is_slot else sign
    return text


def negative(group: str, number: int, language: str, said: tuple[Said, ...]) -> Row:
    """A row in which nothing is secret."""
    kind = "none" if len(said) == 1 else "talk"
    return Row(
        id=f"{group}-{kind}-{number:04}",
        kind=kind,
        group="easy" if group == "easy" else "hard",
        language=language,
        said=said,
    )


def hard_text(chance: random.Random) -> str:
    """One text that looks as if it held something."""
    if chance.random() < 0.12:
        template, make = pick(chance, NUMBERED)
        return template.format(make(chance))
    return innocent(chance, HARD)


def hard_talk(chance: random.Random, number: int) -> tuple[Said, ...]:
    """A chat in which innocent numbers follow each other, now and then after a masked card."""
    if number % 5 == 0:
        return (
            Said("customer", "my card is ************4242"),
            Said("agent", "ok"),
            Said("customer", pick(chance, AFTER_A_CARD)),
        )
    question, *answers = pick(chance, INNOCENT_TALK)
    while True:
        texts = [drawn_digits(chance, answer) for answer in answers]
        if not passes_for_a_card("".join(filter(str.isdigit, "".join(texts)))):
            break
    said = [Said("agent", question)]
    for text in texts:
        said.append(Said("customer", text))
        if chance.random() < 0.3:
            said.append(Said("agent", "ok"))
    return tuple(said)


def harmless(chance: random.Random) -> Iterator[Row]:
    """Negatives, easy and hard, and conversations of innocent numbers."""
    for number in range(ROWS_EASY):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield negative("easy", number, language, (Said("customer", innocent(chance, EASY)),))
    for number in range(ROWS_HARD):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield negative("hard", number, language, (Said("customer", hard_text(chance)),))
    for number in range(ROWS_TALK):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield negative("hard", number, language, hard_talk(chance, number))

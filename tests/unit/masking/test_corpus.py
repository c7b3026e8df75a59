"""What masking must reach on the generated corpus, and that the judge of it can tell.

Other corpora are drawn by ``python -m bench.masking --seed``.
"""

from functools import cache

import pytest

from masking import mask, mask_conversation
from tests.support.corpus import corpus
from tests.support.corpus.formats import FORMATS
from tests.support.corpus.judge import is_leaking
from tests.support.corpus.row import KINDS, NEGATIVES, POSITIVES, Group, Place, Row
from tests.support.corpus.tally import Tally, tally

PLAIN: tuple[Group, ...] = ("plain", "glued")
PIECES = (
    ("pan", 1),
    ("iban", 1),
    ("ssn", 1),
    ("email", 1),
    ("phone", 1),
    ("cvv", 1),
    ("expiry", 1),
)
ALONE = ("pan", "iban", "ssn", "email", "phone", "national_id")


@cache
def rows() -> list[Row]:
    """All rows of the corpus, drawn once."""
    return corpus()


def shown(row: Row) -> list[str]:
    """What can be read in the end."""
    texts = [said.text for said in row.said]
    if len(texts) == 1:
        return [mask(texts[0]).text]
    return mask_conversation(texts, [said.sender for said in row.said])


@cache
def result() -> Tally:
    """All rows, masked and judged once."""
    return tally(rows(), shown)


def wrong(which: str) -> str:
    """A few rows of a kind or group that are wrong, for who reads a failure."""
    found = [item for item in result().wrong if which in {item[0].kind, item[0].group}]
    return "\n".join(f"{row.id}: {row.text!r} -> {left}" for row, left in found[:9])


def starred(row: Row) -> list[str]:
    """``row`` with its values starred by somebody who knows where they stand."""
    texts = [said.text for said in row.said]
    for place in sorted((p for s in row.secrets for p in s.places), reverse=True):
        texts[place.message] = _starred_at(texts[place.message], place)
    return texts


def _starred_at(text: str, place: Place) -> str:
    return text[: place.start] + "*" * (place.end - place.start) + text[place.end :]


@pytest.mark.parametrize("kind", ALONE)
def test_values_in_plain_sight_are_masked(kind: str) -> None:
    """A customer who just writes down a number, stuck to whatever, must never show it."""
    rate = result().percent(PLAIN, [kind])

    assert rate <= 0.2, wrong(kind)


@pytest.mark.parametrize("kind", ["cvv", "expiry"])
def test_what_stands_beside_a_card_is_masked(kind: str) -> None:
    """A security code must not be stored at all (PCI DSS 3.3.1), an expiry is half of a card."""
    rate = result().percent(PLAIN, [kind])

    assert rate <= 1, wrong(kind)


def test_values_in_disguise_are_masked() -> None:
    """Who wants to get a number past a pattern writes it so that people can read it."""
    rate = result().percent(["adversarial"], KINDS)
    rate_of_cards = result().percent(["adversarial"], ["pan"])

    assert rate <= 3, wrong("adversarial")
    assert rate_of_cards <= 2, wrong("adversarial")


@pytest.mark.parametrize(("kind", "most"), PIECES)
def test_values_in_pieces_are_masked_in_the_end(kind: str, most: float) -> None:
    """People send a card in four messages; what stays in the transcript must show none of it."""
    rate = result().percent(["conversation"], [kind])

    assert rate <= most, wrong(kind)


def test_innocent_messages_stay_as_they_are() -> None:
    """An agent who cannot read an order number cannot help."""
    rates = {group: result().percent([group], ["none", "talk"]) for group in NEGATIVES}
    rate_of_all = result().percent(NEGATIVES, ["none", "talk"])

    assert rates["benign"] == 0, wrong("benign")
    assert rates["hard"] <= 0.5, wrong("hard")
    assert rate_of_all <= 0.3, wrong("easy")


@pytest.mark.parametrize(("text", "expected"), FORMATS)
def test_a_value_has_exactly_its_masked_form(text: str, expected: str) -> None:
    """The forms are promised, and the text around a value is nobody's to change."""
    assert mask(text).text == expected


def test_every_positive_leaks_when_it_is_left_alone() -> None:
    """A judge that misses a value in plain sight would praise any detector."""
    positives = [row for row in rows() if row.group in POSITIVES]

    blind = [row.id for row in positives if not is_leaking(row, [said.text for said in row.said])]

    assert positives
    assert blind == []


def test_nothing_leaks_when_every_value_is_starred() -> None:
    """A judge that counts digits elsewhere would blame the innocent."""
    assert [row.id for row in rows() if is_leaking(row, starred(row))] == []


def test_a_corpus_is_the_same_for_its_seed_and_another_for_another() -> None:
    """What fails must fail again, and what is tuned to one seed must be found out."""
    assert corpus(1) == corpus(1)
    assert corpus(1) != corpus(2)

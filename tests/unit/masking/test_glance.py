"""What the bytes of a text tell at a glance."""

import pytest

from masking.glance import BEGINNINGS, DIGIT, FOLD, SIGN, WIDE, in_any_case, words_of


@pytest.mark.parametrize(
    "word", ["två", "åtta", "fünf", "três", "säkerhetskod", "sécurité", "أمان"]
)
def test_a_word_is_known_in_small_letters_and_in_capitals(word: str) -> None:
    """A text in capitals is not spelled small before it is known to be worth a look."""
    known = in_any_case([word.encode()])
    spelled = {word, word.upper(), word.capitalize(), word.replace("å", "\u212b")}

    assert all(each.encode().translate(FOLD) in known for each in spelled)
    assert all(words_of(each) == [word.encode()] for each in spelled)


def test_digits_and_signs_are_told_apart_from_words() -> None:
    """One table spells a text as words, and what is between them tells what else there is."""
    folded = "Room 12, Äpple@x (ok)\n".encode().translate(FOLD)

    assert folded.split() == [b"room", "Äpple".encode(), b"x", b"ok"]
    assert (folded.count(DIGIT), folded.count(SIGN)) == (2, 2)


@pytest.mark.parametrize(
    ("text", "tells"),
    [("på två", []), ("1\u00a0000", [SIGN]), ("注文", [WIDE]), ("a%40", [SIGN])],
)
def test_other_scripts_and_what_is_spelled_otherwise_are_told(text: str, tells: list[int]) -> None:
    """Only a text without them is nothing but words and digits."""
    told = text.encode().translate(BEGINNINGS)

    assert [each for each in (SIGN, WIDE) if each in told] == tells

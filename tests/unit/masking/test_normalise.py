"""Normalising: many spellings become one, and no code point moves."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.normalise import ZERO_WIDTH, is_unusual, normalise


@given(st.text(st.characters(codec=None)))
def test_the_length_never_changes(text: str) -> None:
    """Spans found in the normalised text are cut from the original."""
    assert len(normalise(text)) == len(text)


@given(st.text(st.characters(codec=None)))
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A spelling that needs two rounds would be read only half in one."""
    once = normalise(text)

    assert normalise(once) == once


def test_every_decimal_digit_becomes_ascii() -> None:
    """Whatever script a number is typed in, the detectors know ten digits."""
    digits = [chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Nd"]

    assert [d for d in digits if normalise(d) != str(unicodedata.decimal(d))] == []
    assert all(digit.isascii() or is_unusual(digit) for digit in digits)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("４１１１", "4111"),
        ("٤١١١", "4111"),
        ("①②⁷₈", "1278"),
        ("＠．＋（）", "@.+()"),
        ("\u2010\u2011\u2013\u2014\u2212\uff0d", "------"),
        ("\u00a0\u2007\u2009\u202f\u3000", "     "),
        ("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u20e3", ZERO_WIDTH * 8),
        ("4\ufe0f\u20e31\ufe0f\u20e3", f"4{ZERO_WIDTH * 2}1{ZERO_WIDTH * 2}"),
        ("Ａｂ", "Ab"),
        ("åäö漢字", "åäö漢字"),
    ],
)
def test_unusual_spellings_have_a_plain_one(typed: str, plain: str) -> None:
    """These are what keyboards, copied web pages and people who hide numbers produce."""
    assert normalise(typed) == plain


@pytest.mark.parametrize("text", ["", "hello there", "hej då", "漢字!", "½ of it", "‘a’ – b"])
def test_ordinary_letters_and_signs_are_not_unusual(text: str) -> None:
    """The short way out that keeps plain chat cheap."""
    assert not is_unusual(text)


@pytest.mark.parametrize("text", ["＠", "٤", "x²", "hej\u00a01", "ｆｏｕｒ", "сvv", "fo\u00adur"])
def test_what_disguises_digits_and_letters_is_unusual(text: str) -> None:
    """The short way out must not let through what the detectors would have read."""
    assert is_unusual(text)

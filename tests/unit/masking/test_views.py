"""Views: what is read in other characters is found where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.escapes import unescaped
from masking.spelled import with_digits
from masking.views import View


def test_a_text_that_is_read_as_it_stands_has_its_own_places() -> None:
    """Nearly every text is: there must be nothing to look up."""
    view = View("abc")

    assert view.is_original
    assert view.original(1, 3) == (1, 3)
    assert view.respelled([]) is view


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        (0, 1, (0, 1)),
        (1, 2, (1, 6)),
        (2, 3, (8, 9)),
        (1, 3, (1, 9)),
        (0, 3, (0, 9)),
        (3, 4, (9, 12)),
    ],
)
def test_a_place_covers_all_that_is_read_as_its_characters(
    start: int, end: int, place: tuple[int, int]
) -> None:
    """What stands for a character is masked as a whole; what was left out between two is not."""
    view = View("a&#52;--bxyz").respelled([(1, 6, "4"), (6, 8, ""), (9, 12, "c")])

    assert view.text == "a4bc"
    assert view.original(start, end) == place


def test_views_of_views_lead_back_to_the_original() -> None:
    """An escape of an escape, or a word among escapes, is still one stretch of the original."""
    view = with_digits(unescaped(View("x &#102;our one %74wo 3")))

    assert view.text == "x 4123"
    assert view.original(2, 6) == (2, 23)
    assert view.original(4, 5) == (16, 21)


def test_what_is_left_out_is_no_other_spelling() -> None:
    """A card with a soft hyphen in it keeps its last four digits; one in entities has none."""
    view = View("1\u00ad2&#51;").respelled([(1, 2, ""), (3, 8, "3")])

    assert not view.is_respelled(0, 2)
    assert view.is_respelled(0, 3)
    assert view.is_respelled(2, 3)


@given(
    st.lists(
        st.tuples(st.text("ab", max_size=3), st.text("xy", max_size=3), st.text("12", max_size=3)),
        max_size=5,
    )
)
def test_characters_that_are_not_respelled_keep_their_places(
    parts: list[tuple[str, str, str]],
) -> None:
    """Letters of the view are the letters of the original at the place it answers."""
    text = ""
    spellings: list[tuple[int, int, str]] = []
    for clear, typed, read in parts:
        text += clear
        if typed:
            spellings.append((len(text), len(text) + len(typed), read))
        text += typed

    view = View(text).respelled(spellings)

    for place, character in enumerate(view.text):
        start, end = view.original(place, place + 1)
        assert 0 <= start < end <= len(text)
        if character in "ab":
            assert text[start:end] == character

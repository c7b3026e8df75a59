"""What masking promises for any text: closed, exact, and the same the second time."""

import sys
from collections.abc import Iterator

import pytest
import regex
from hypothesis import assume, example, given
from hypothesis import strategies as st

from masking import Found, Masked, MaskedText, MaskKind, detect, mask, mask_as, passthrough

VALUES = [
    "4111 1111 1111 1111",
    "4000000000000002",
    "378282246310005",
    "12/27",
    "123",
    "1234",
    "cvv",
    "DE89 3704 0044 0532 0130 00",
    "gb82west12345698765432",
    "123-45-6789",
    "ssn",
    "melissa@gmail.com",
    "m@x.se",
    "+447966197542",
    "070-123 45 67",
    "555 1234",
    "2026-11-21",
    "order 12345678",
    "********1111",
    "phone",
]
GLUE = ["", " ", "\n", "-", ".", ",", "@", "+", "*", "****", "\u200b", "\u00a0", "(", ")", "/", "x"]
WILD = st.text("0123456789 -.+@*()/aDE\u200b\u00a0٤", max_size=60)
TEXTS = st.one_of(
    st.lists(st.sampled_from([*VALUES, *GLUE]), max_size=12).map("".join),
    st.lists(st.one_of(st.sampled_from(VALUES), WILD), max_size=4).map(" ".join),
    WILD,
    st.text(max_size=40),
)


@given(TEXTS)
@example("4111111111111111 555 1234")
@example("5500000000000004 4242 4242 4242")
def test_masking_twice_changes_nothing(text: str) -> None:
    """A masked text is sent, stored and masked again; and nothing to be found may be left."""
    once = mask(text)

    again = mask(once.text)

    assert again.text == once.text
    assert again.found == ()


@given(st.lists(st.sampled_from(VALUES), max_size=8).map(" ".join))
def test_values_side_by_side_never_make_masking_fail(text: str) -> None:
    """Failing closed is safe and useless; it is for what nobody types."""
    assert not mask(text).failed


@given(TEXTS)
def test_the_text_around_the_values_is_unchanged(text: str) -> None:
    """Walking both texts side by side, what is outside the spans must be the original's."""
    answer = mask(text)

    clear = [regex.escape(part) for part in outside(answer.text, answer.found)]
    assume(not answer.failed)

    assert regex.fullmatch("(?s:.+)".join(clear), text)


@given(TEXTS)
def test_spans_are_in_order_apart_and_hide_something(text: str) -> None:
    """Clients draw them; a span without a star would claim a masking that did not happen."""
    answer = mask(text)

    end = 0
    for found in answer.found:
        assert end <= found.start < found.end <= len(answer.text)
        assert "*" in answer.text[found.start : found.end]
        end = found.end
    assert set(answer.kinds) == {found.kind for found in answer.found}


@given(TEXTS)
def test_a_card_is_never_readable_whatever_stands_around_it(around: str) -> None:
    """The promise that matters most: no text next to a card may make it pass.

    What stands around it may make it a part of something longer, which is starred as a whole.
    """
    answer = mask(f"{around} 5555 5555 5555 4444 {around}")
    assume(not answer.failed)

    assert "5555 5555" not in answer.text
    assert {"pan", "iban"} & set(answer.kinds)


def outside(text: str, found: tuple[Found, ...]) -> Iterator[str]:
    """Yield what is left of ``text`` before, between and after the spans."""
    end = 0
    for _, start, stop in found:
        yield text[end:start]
        end = stop
    yield text[end:]


def test_spans_are_of_the_text_that_came_out() -> None:
    """The value shrank by its spaces; what follows moved with it."""
    answer = mask("a 4111 1111 1111 1111 b anna@example.com")

    assert [answer.text[start:end] for _, start, end in answer.found] == [
        "************1111",
        "a***@example.com",
    ]


def test_kinds_are_named_once_in_the_order_of_their_declaration() -> None:
    """The wire's ``masked`` list is compared by clients; its order must not depend on the text."""
    answer = mask("anna@example.com bob@example.com 4111111111111111")

    assert answer.kinds == ["pan", "email"]


def test_what_holds_nothing_is_answered_whole() -> None:
    """It is made by a shorter way than others, and has everything that they have."""
    answer = mask("hello")

    assert answer == Masked(MaskedText("hello"))
    assert len(answer) == len(Masked._fields)


def test_a_detector_that_breaks_stars_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, the raw text must not be delivered."""

    def broken(view: str) -> list[object]:
        raise ValueError(view)

    monkeypatch.setattr(detect, "find_phones", broken)
    answer = mask("my card is\n4111 1111")

    assert answer.text == "** **** **\n**** ****"
    assert answer.failed
    assert answer.failure is not None
    assert answer.failure[:2] == ("", "ValueError")
    assert answer.failure.place.startswith("tests.unit.masking.test_mask:")
    assert answer.kinds == ["unreadable"]


def test_values_that_never_settle_star_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A detector that finds its own stars again must not turn in a circle."""
    monkeypatch.setattr(sys.modules["masking.mask"], "_PASSES", 0)

    assert mask("4111111111111111").text == "*" * 16


def test_passing_through_keeps_the_text() -> None:
    """With masking switched off nothing is looked for."""
    answer = passthrough("4111111111111111")

    assert answer.text == "4111111111111111"
    assert answer.found == ()
    assert not answer.failed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("melissa@gmail.com", "m******@gmail.com"),
        (" melissa@gmail.com ", "m******@gmail.com"),
        ("melissa", "m******"),
        ("melissa@", "m*******"),
        ("@gmail.com", "@*********"),
        ("melissa@localhost", "m****************"),
        ("m@gmail.com", "*@gmail.com"),
        ("melissa@gmail.com or 4111111111111111", "*" * 35),
        ("anna@example.com, call 070-123 45 67", "*" * 32),
        ("first@second@example.com", "f***********@example.com"),
        ("m******@gmail.com", "m******@gmail.com"),
        ("x", "*"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_field_for_an_address_shows_at_most_the_masked_form(text: str, masked: str) -> None:
    """Nobody checks what is typed into a form; what has no domain keeps one letter."""
    answer = mask_as(MaskKind.EMAIL, text)

    assert answer.text == masked
    assert answer.kinds == (["email"] if masked else [])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("070-123 45 67", "*******4567"),
        ("12345678", "****5678"),
        ("1234567", "***4567"),
        ("123456", "******"),
        ("ask melissa@gmail.com", "*" * 20),
        ("123-45-6789", "***********"),
        ("4111111111111111", "*" * 16),
        ("378282246310005", "*" * 15),
        ("*********7542", "*********7542"),
        ("٠٧٠١٢٣٤٥٦٧", "******٤٥٦٧"),
        ("070-1234567 work", "*" * 15),
        ("", ""),
    ],
)
def test_a_field_for_a_phone_shows_at_most_four_digits_of_a_phone(text: str, masked: str) -> None:
    """What cannot be a phone may be anything, so nothing of it is shown."""
    answer = mask_as(MaskKind.PHONE, text)

    assert answer.text == masked
    assert answer.kinds == (["phone"] if masked else [])


@given(TEXTS, st.sampled_from([MaskKind.EMAIL, MaskKind.PHONE]))
def test_a_masked_field_holds_nothing_to_be_found(text: str, kind: MaskKind) -> None:
    """The field is shown beside the conversation and must be as closed."""
    assert kind is MaskKind.EMAIL or kind is MaskKind.PHONE
    answer = mask_as(kind, text)

    assert mask(answer.text).text == answer.text


def test_a_field_is_starred_whole_when_a_detector_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields fail as closed as messages."""

    def broken(view: str) -> list[object]:
        raise ValueError(view)

    monkeypatch.setattr(detect, "find_emails", broken)
    answer = mask_as(MaskKind.EMAIL, "melissa@gmail.com")

    assert answer.text == "*" * 17
    assert answer.failed

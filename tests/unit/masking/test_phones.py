"""Which digits are a phone number: what is found, exactly, and what is left alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masking import mask
from masking.detectors.phones import find_phones
from masking.dialling import plan_of
from masking.normalise import normalise
from tests.unit.masking.phone_rows import FOUND, LEFT_ALONE


@pytest.mark.parametrize("row", FOUND)
def test_a_number_is_found_from_its_first_to_its_last_digit(row: str) -> None:
    """What stands around it, in nine languages, says that it is a phone's; or its form does."""
    wanted = [part.split("⟧")[0] for part in row.split("⟦")[1:]]
    text = row.replace("⟦", "").replace("⟧", "")

    found = [text[span.start : span.end] for span in find_phones(normalise(text))]

    assert found == wanted


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_numbered_otherwise_is_left_alone(text: str) -> None:
    """Orders, parcels, dates, sums and addresses of machines are what a chat is about."""
    assert mask(text).text == text


@given(st.integers(0, 10**6), st.sampled_from([" ", "-", ".", "", "/", "\u200b", "\u00a0", "\n"]))
@settings(max_examples=60)
def test_a_number_of_any_country_is_found_however_it_is_grouped(seed: int, between: str) -> None:
    """A country code in use and digits enough: four digits at most stay readable."""
    chance = random.Random(seed)
    code = chance.choice(["1", "7", "20", "33", "44", "46", "49", "55", "81", "86", "351", "966"])
    plan = plan_of(code)
    assert plan is not None
    digits = code + "".join(chance.choice("123456789") for _ in range(plan.most))
    groups: list[str] = []
    while digits:
        size = chance.choice([2, 3, 4])
        groups.append(digits[:size])
        digits = digits[size:]

    shown = mask(f"hej +{between.join(groups)} tack").text

    assert sum(character.isdecimal() for character in shown) <= 4
    assert shown.startswith("hej ")
    assert shown.endswith(" tack")


@pytest.mark.parametrize("code", ["210", "999", "0", "384", "851"])
def test_a_code_that_no_country_has_makes_no_number(code: str) -> None:
    """ITU-T gives country codes out; the rest are sums with a plus sign."""
    assert plan_of(f"{code}123456") is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+ 1 (123) 456 7890", "**********7890"),
        ("+447966197542", "*********7542"),
        ("Call  me on 0044 7966 197542 !", "Call  me on **********7542 !"),
        ("ring (08) 123 456 78 nu", "ring ********5678 nu"),
        ("+1 415 555 2671 x123", "************x123"),
        ("(070-123 45 67)", "(*******4567)"),
    ],
)
def test_the_last_four_characters_of_a_number_stay(text: str, masked: str) -> None:
    """Enough to recognise one's own number; an extension is part of it."""
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "call 070-123 45 67 or 12345678, order 87654321",
        "call 070-123 45 67 FD-12345678",
        "tel +46701234567 +46709876543 and 12 34 56 78",
        "ring 4111111111111111 12345678",
    ],
)
def test_what_is_left_beside_a_masked_number_is_not_found_later(text: str) -> None:
    """A masked text is masked again where it is sent on, and must not lose more each time."""
    once = mask(text).text

    assert mask(once).text == once

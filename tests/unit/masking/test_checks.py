"""The published check rules, against published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.checks import IBAN_LENGTHS, LuhnSums, iban_holds, luhn_holds, ssn_holds
from masking.detectors.cards import card_lengths

IBANS = [
    "GB82WEST12345698765432",
    "DE89370400440532013000",
    "SE4550000000058398257466",
    "DK5000400440116243",
    "PT50000201231234567890154",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
]


def by_hand(digits: str) -> bool:
    """Follow the wording of ISO/IEC 7812-1 annex B, digit by digit from the right."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0


@given(st.text("0123456789", min_size=1, max_size=40), st.data())
def test_running_sums_agree_with_the_formula_by_hand(digits: str, data: st.DataObject) -> None:
    """The sums are an optimisation; every stretch must get the answer of the standard."""
    start = data.draw(st.integers(0, len(digits) - 1))
    end = data.draw(st.integers(start + 1, len(digits)))

    assert LuhnSums(digits).holds(start, end) == by_hand(digits[start:end])
    assert luhn_holds(digits[start:end]) == by_hand(digits[start:end])


@given(st.text("0123456789", min_size=11, max_size=18))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    """A formula that let two digits pass would find cards in every tenth order number twice."""
    fitting = [
        check for check in "0123456789" if LuhnSums(digits + check).holds(0, len(digits) + 1)
    ]

    assert len(fitting) == 1


@pytest.mark.parametrize(
    ("start", "lengths"),
    [
        ("411111", (13, 16, 19)),
        ("222099", ()),
        ("222100", (16,)),
        ("272099", (16,)),
        ("272100", ()),
        ("340000", (15,)),
        ("350000", ()),
        ("352799", ()),
        ("352800", (16, 17, 18, 19)),
        ("358999", (16, 17, 18, 19)),
        ("359000", ()),
        ("000000", ()),
        ("999999", ()),
    ],
)
def test_an_issuer_range_includes_both_its_ends(start: str, lengths: tuple[int, ...]) -> None:
    """A bound that is off by one loses a whole issuer's cards."""
    assert card_lengths(start) == lengths


@pytest.mark.parametrize("iban", IBANS)
def test_a_published_iban_holds_in_any_case(iban: str) -> None:
    """These are the registry's examples; people type them in small letters too."""
    assert iban_holds(iban)
    assert iban_holds(iban.lower())


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_with_a_wrong_digit_or_length_does_not_hold(iban: str) -> None:
    """MOD 97-10 catches every single wrong digit; a wrong length is no IBAN of that country."""
    place = next(i for i, c in enumerate(iban) if i > 3 and c.isdigit())
    wrong = iban[:place] + str((int(iban[place]) + 1) % 10) + iban[place + 1 :]

    assert not iban_holds(wrong)
    assert not iban_holds(iban[:-1])


def test_every_country_has_a_length_within_the_standard() -> None:
    """ISO 13616 allows 34 characters; Norway's 15 are the fewest in use."""
    assert min(IBAN_LENGTHS.values()) == 15
    assert max(IBAN_LENGTHS.values()) <= 34
    assert all(len(country) == 2 and country.isupper() for country in IBAN_LENGTHS)


@pytest.mark.parametrize(
    ("digits", "holds"),
    [
        ("001010001", True),
        ("665999999", True),
        ("667010001", True),
        ("899999999", True),
        ("000123456", False),
        ("666123456", False),
        ("900123456", False),
        ("999123456", False),
        ("123004567", False),
        ("123450000", False),
        ("12345678", False),
    ],
)
def test_numbers_never_given_out_are_not_social_security_numbers(
    digits: str, *, holds: bool
) -> None:
    """The rules' edges on both sides: what was never given out identifies nobody."""
    assert ssn_holds(digits) is holds

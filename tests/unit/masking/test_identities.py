"""Social Security numbers and national identity numbers: found by rule, word and form."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masking import mask
from masking.checks import LuhnSums, cpf_holds, cpr_holds, personnummer_holds, ssn_holds
from masking.detectors.nationals import find_nationals
from masking.detectors.ssns import find_ssns
from masking.normalise import normalise

SSNS = [
    "⟦536-90-4399⟧",
    "My SSN is ⟦536-90-4399⟧.",
    "⟦536 90 4399⟧",
    "⟦536.90.4399⟧",
    "⟦536/90/4399⟧",
    "⟦536_90_4399⟧",
    "⟦536 - 90 - 4399⟧",
    "⟦5 3 6 - 9 0 - 4 3 9 9⟧",
    "ssn536-90-4399".replace("536", "⟦536").replace("4399", "4399⟧"),
    "SSN: ⟦536904399⟧",
    "ssn=⟦536904399⟧&x=1",
    '{"ssn":"⟦536904399⟧"}',
    "ssn ⟦5 3 6 9 0 4 3 9 9⟧",
    "ssn ⟦5-3-6-9-0-4-3-9-9⟧",
    "ssn {⟦536}{90}{4399⟧}",
    "My social is ⟦536904399⟧",
    "⟦536904399⟧ is my social security number",
    "meu seguro social é ⟦536904399⟧",
    "mi número de seguro social es ⟦536904399⟧",
    "número de la seguridad social ⟦536904399⟧",
    "mon numéro de sécurité sociale américain : ⟦536904399⟧",
    "meine US-Sozialversicherungsnummer: ⟦536904399⟧",
    "mitt amerikanska socialförsäkringsnummer ⟦536904399⟧",
    "社会保障番号は⟦536904399⟧です",
    "رقم الضمان الاجتماعي ⟦536904399⟧",
    "Patient ⟦536-90-4399⟧, needs new card",
    "key: ⟦536-90-4399⟧",
    "my card⟦536-90-4399⟧exp",
    "カード⟦536-90-4399⟧です",
    "بطاقتي⟦536-90-4399⟧من",
    "<card>⟦536-90-4399⟧</card>",
    "?id=⟦536-90-4399⟧",
    "ssn ⟦536\\90\\4399⟧",
    "order 4711, SSN ⟦536-90-4399⟧",
]
NO_SSNS = [
    "536904399",
    "ssn 000904399",
    "ssn 666904399",
    "ssn 900904399",
    "ssn 536004399",
    "ssn 536900000",
    "ssn 078-05-1120",
    "order 536-90-4399",
    "ticket 536-90-4399",
    "gift card 536-90-4399",
    "order id 536-90-4399",
    "SKU 536-90-4399",
    "v536.90.4399",
    "+46 536 90 4399",
    "1536-90-4399",
    "536-90-43990",
    "social media 536904399",
]
NATIONALS = [
    "⟦811218-9876⟧",
    "⟦811218+9876⟧",
    "⟦19811218-9876⟧",
    "⟦8112189876⟧",
    "⟦198112189876⟧",
    "⟦19811218 9876⟧",
    "⟦811278-9873⟧",
    "Jag heter Anna, ⟦811218-9876⟧, och vill byta adress",
    "personnummer:⟦811218-9876⟧",
    "pers.nr ⟦811218 9876⟧",
    "mitt personnummer är ⟦8 1 1 2 1 8 9 8 7 6⟧",
    "personnummer <⟦19811218><9876⟧>",
    "my Swedish personal number is ⟦81.12.18.98.76⟧",
    '{"personnummer":"⟦198112189876⟧"}',
    "id number ⟦19811218-9876⟧ please",
    "schwedische Personennummer ⟦811218-9876⟧",
    "個人番号 ⟦811218-9876⟧",
    "رقمي الشخصي السويدي ⟦040629-7010⟧",
    "personnr ⟦19811218\\9876⟧",
    "cpr ⟦010203-1234⟧",
    "Mit CPR-nummer er ⟦0102031234⟧",
    "personnummer ⟦311299 1234⟧",
    "CPF ⟦529.982.247-25⟧",
    "⟦529.982.247-25⟧",
    "⟦529982247-25⟧",
    "⟦529 982 247 25⟧",
    "cpf=⟦52998224725⟧",
    "meu CPF é ⟦5 2 9 9 8 2 2 4 7 2 5⟧",
]
NO_NATIONALS = [
    "811218-9875",
    "811318-9876",
    "810229-9876",
    "org.nr 556703-7485",
    "order 811218-9876",
    "ärende 8112189876",
    "X811218-9876",
    "#811218-9876",
    "1811218-9876",
    "811218-98761",
    "202611220838",
    "20261122-0838",
    "010203-1235",
    "0102031234 är mitt telefonnummer",
    "cpr 320203-1234",
    "cpr 011303-1234",
    "529.982.247-26",
    "111.111.111-11",
    "52998224725",
    "order 529.982.247-25",
    "1732252800",
]


def marked(row: str) -> tuple[str, list[str]]:
    """Answer the text of ``row`` and the values marked in it."""
    wanted = [part.split("⟧")[0] for part in row.split("⟦")[1:]]
    return row.replace("⟦", "").replace("⟧", ""), wanted


@pytest.mark.parametrize("row", SSNS)
def test_a_social_security_number_is_found_in_any_spelling(row: str) -> None:
    """Three, two and four digits are enough; nine in a row need the words, in any language."""
    text, wanted = marked(row)

    assert [text[span.start : span.end] for span in find_ssns(normalise(text))] == wanted


@pytest.mark.parametrize("text", NO_SSNS)
def test_what_was_never_given_out_or_is_named_otherwise_is_no_ssn(text: str) -> None:
    """The Social Security Administration's rules, and the words beside the digits."""
    assert find_ssns(text) == []


@pytest.mark.parametrize("row", NATIONALS)
def test_a_national_id_is_found_and_starred_whole(row: str) -> None:
    """Its last digits alone are used as a proof of identity."""
    text, wanted = marked(row)

    assert [text[span.start : span.end] for span in find_nationals(normalise(text))] == wanted
    assert mask(text).kinds == ["national_id"]
    assert not any(character.isdecimal() for character in mask(text).text)


@pytest.mark.parametrize("text", NO_NATIONALS)
def test_digits_without_date_check_or_word_are_no_national_id(text: str) -> None:
    """Orders and time stamps have ten, eleven and twelve digits too."""
    assert find_nationals(text) == []


BETWEEN = st.sampled_from(["", " ", "-", ".", " - ", "\u200b", "\u2013", "/", "_"])


@given(st.integers(0, 10**6), BETWEEN)
@settings(max_examples=60)
def test_every_valid_number_is_found_beside_its_word(seed: int, between: str) -> None:
    """Made by the rules of the authorities, not by those of the detector."""
    chance = random.Random(seed)
    day = chance.choice([0, 60]) + chance.randint(1, 28)
    born = f"{chance.randint(0, 99):02}{chance.randint(1, 12):02}{day:02}"
    nine = f"{born}{chance.randint(0, 999):03}"
    swedish = next(
        f"{nine}{check}" for check in range(10) if LuhnSums(f"{nine}{check}").holds(0, 10)
    )
    first = [chance.randint(0, 9) for _ in range(8)] + [chance.choice([1, 2])]
    brazilian = "".join(map(str, with_check_digit(with_check_digit(first))))
    rows = [("personnummer", swedish, 6), ("cpf", brazilian, 9)]

    for word, digits, size in rows:
        shown = mask(f"{word} {digits[:size]}{between}{digits[size:]} tack").text

        assert not any(character.isdecimal() for character in shown)
        assert shown.startswith(word)
        assert shown.endswith("tack")


def with_check_digit(digits: list[int]) -> list[int]:
    """Follow the wording of the Receita Federal: weights from 2, from the right; 10 counts as 0."""
    total = sum(digit * weight for weight, digit in enumerate(reversed(digits), 2))
    rest = total % 11
    return [*digits, 0 if rest < 2 else 11 - rest]


@pytest.mark.parametrize(
    ("digits", "holds"),
    [
        ("8112189876", True),
        ("198112189876", True),
        ("8112789873", True),
        ("8112189875", False),
        ("178112189876", False),
        ("811218987", False),
        ("0002290005", True),
        ("190002290005", False),
    ],
)
def test_a_personnummer_has_a_date_and_a_check_digit(digits: str, *, holds: bool) -> None:
    """Both sides of each rule; 1900 had no leap day, 2000 had one."""
    assert personnummer_holds(digits) is holds


@pytest.mark.parametrize(
    ("digits", "holds"),
    [("0102031234", True), ("3112991234", True), ("3202031234", False), ("0113031234", False)],
)
def test_a_cpr_number_begins_with_a_date(digits: str, *, holds: bool) -> None:
    """It has no check digit since 2007."""
    assert cpr_holds(digits) is holds


@pytest.mark.parametrize(
    ("digits", "holds"),
    [
        ("52998224725", True),
        ("52998224735", False),
        ("52998224724", False),
        ("00000000000", False),
        ("5299822472", False),
    ],
)
def test_a_cpf_number_has_two_check_digits(digits: str, *, holds: bool) -> None:
    """One wrong digit is enough; eleven equal ones are nobody's."""
    assert cpf_holds(digits) is holds


@pytest.mark.parametrize("digits", ["078051120", "219099999"])
def test_numbers_that_advertisements_printed_are_not_given_out(digits: str) -> None:
    """The Social Security Administration cancelled both."""
    assert not ssn_holds(digits)

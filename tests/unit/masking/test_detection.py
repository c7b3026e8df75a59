"""What is found and what is left alone, by example."""

import re

import pytest

from masking import Rule, mask
from masking.detectors.cards import find_cards
from masking.detectors.details import find_details
from masking.detectors.emails import find_emails
from masking.detectors.ibans import find_ibans
from masking.detectors.phones import find_phones
from masking.detectors.ssns import find_ssns
from masking.readings import readings
from masking.scan import by_first_letter

CARDS = [
    ("4111 1111 1111 1111", "************1111"),
    ("4111-1111-1111-1111", "***************1111"),
    ("4111.1111.1111.1111", "***************1111"),
    ("4111 - 1111 - 1111 - 1111", "***************1111"),
    ("4111\u00a01111\u20091111\u202f1111", "************1111"),
    ("4\u200b1\u200b1\u200b1111111111111", "************1111"),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "************1111"),
    ("4111 1111\n1111 1111", "************1111"),
    ("４１１１１１１１１１１１１１１１", "************１１１１"),
    ("٤١١١١١١١١١١١١١١١", "************١١١١"),
    ("4️⃣111111111111111", "************1111"),
    ("*4111111111111111*", "*************1111*"),
    ("***4111111111111111***", "***************1111***"),
    ("card4111111111111111thanks", "card************1111thanks"),
    ("5555555555554444", "************4444"),
    ("2223003122003222", "************3222"),
    ("378282246310005", "***********0005"),
    ("3782 822463 10005", "***********0005"),
    ("30569309025904", "**********5904"),
    ("3530111333300000", "************0000"),
    ("6011111111111117", "************1117"),
    ("6200000000000005", "************0005"),
    ("6759649826438453", "************8453"),
    ("5019717010103742", "************3742"),
    ("4222222222222", "*********2222"),
    ("12345 4111 1111 1111 1111", "12345 ************1111"),
    ("order 998877 4111111111111111", "order 998877 ************1111"),
    ("9682014565073175", "************3175"),
    ("visa 5397476020807147 utg", "visa ************7147 utg"),
    ("nº2719_7113_0320_6825", "nº***************6825"),
    ("**4111** 1111 1111 1111", "****************1111"),
    ("order 12345: 3869 666065 1804", "order 12345: **********1804"),
    ("4999:3731:8040:9103:759", "*******************:759"),
    ("二重に請求されました 6761923582374", "二重に請求されました *********2374"),
    ("99887744111111111111111", "9988774************1111"),
    (
        "4111 1111 1111 1111 5555 5555 5555 4444",
        "************1111 ************4444",
    ),
    ("4111111111111111" * 3, "************1111" * 3),
    ("4111111111111111,5555555555554444", "************1111,************4444"),
]


@pytest.mark.parametrize(("text", "masked"), CARDS)
def test_a_card_is_found_however_it_is_written(text: str, masked: str) -> None:
    """Card data may not be stored (PCI DSS 3.5): every way of typing it counts."""
    answer = mask(text)

    assert answer.text == masked
    assert set(answer.kinds) == {"pan"}


DETAILS = [
    ("4111111111111111 12/27 123", "************1111 ***** ***", ["pan", "cvv", "expiry"]),
    ("4111111111111111 1227 123", "************1111 **** ***", ["pan", "cvv", "expiry"]),
    ("4111111111111111|12|2027|123", "************1111|*******|***", ["pan", "cvv", "expiry"]),
    ("4111111111111111\n12/27\n123", "************1111\n*****\n***", ["pan", "cvv", "expiry"]),
    ("4111111111111111 cvv: 123", "************1111 cvv: ***", ["pan", "cvv"]),
    ("4111111111111111123", "************1111***", ["pan", "cvv"]),
    ("cvc is 1234 for 378282246310005", "cvc is **** for ***********0005", ["pan", "cvv"]),
    ("123 is the security code, 4111111111111111", None, ["pan", "cvv"]),
    ("säkerhetskod 123 4111111111111111", None, ["pan", "cvv"]),
    ("exp 04-2027, 4111111111111111", "exp *******, ************1111", ["pan", "expiry"]),
    ("2027/04 4111111111111111", "******* ************1111", ["pan", "expiry"]),
    ("expires 0427; 4111111111111111", "expires ****; ************1111", ["pan", "expiry"]),
]


@pytest.mark.parametrize(("text", "masked", "kinds"), DETAILS)
def test_what_is_written_beside_a_card_is_starred_whole(
    text: str, masked: str | None, kinds: list[str]
) -> None:
    """A security code may never be kept after a payment (PCI DSS 3.3)."""
    answer = mask(text)

    assert masked is None or answer.text == masked
    assert answer.kinds == kinds
    assert "123" not in answer.text


def test_a_date_and_a_code_that_look_like_a_phone_show_no_four_digits() -> None:
    """The four characters that a phone keeps would be the card's code."""
    answer = mask("378282246310005 valid to 04/2027, code 04/27 1234")

    assert "1234" not in answer.text


@pytest.mark.parametrize("text", ["at 12/27", "code 1234", "kod 123", "the offer expires 04/27"])
def test_what_may_be_anything_is_left_alone_without_a_card(text: str) -> None:
    """Fractions, dates and door codes are ordinary words of a conversation."""
    assert mask(text).text == text


IBANS = [
    ("DE89 3704 0044 0532 0130 00 thanks", "******************3000 thanks"),
    ("gb82west12345698765432", "******************5432"),
    ("my iban:SE45 5000 0000 0583 9825 7466.", "my iban:********************7466."),
    ("IBANDK5000400440116243", "IBAN**************6243"),
    ("NO93-8601-1117-947", "**************-947"),
    ("RO04FUYMH9HUQA1UKTSSTQBQ", "********************TQBQ"),
    ("番号はQA35FJHQUBR9S2W5D8ZQFDBVGZUGYです", "番号は*************************ZUGYです"),
    ("ＧＢ82 WEST 1234 5698 7654 32", "******************5432"),
]


@pytest.mark.parametrize(("text", "masked"), IBANS)
def test_an_iban_is_found_however_it_is_written(text: str, masked: str) -> None:
    """Spaces, small letters and a word stuck to it do not make it unreadable to others."""
    answer = mask(text)

    assert answer.text == masked
    assert answer.kinds == ["iban"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("123-45-6789", "***********"),
        ("123 45 6789", "***********"),
        ("123\u201345\u20136789", "***********"),
        ("my ssn is 123456789", "my ssn is *********"),
        ("social security number: 123456789", "social security number: *********"),
        ("123456789 is my SSN", "********* is my SSN"),
        ("ssn 1 2 3 4 5 6 7 8 9", "ssn *****************"),
    ],
)
def test_a_social_security_number_is_starred_whole(text: str, masked: str) -> None:
    """Its last four digits alone are used as a proof of identity."""
    answer = mask(text)

    assert answer.text == masked
    assert answer.kinds == ["ssn"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("melissa@gmail.com", "m******@gmail.com"),
        ("Write to anna.b+shop@mail.example.co.uk.", "Write to a**********@mail.example.co.uk."),
        ("**melissa@gmail.com**", "**m******@gmail.com**"),
        ("melissa＠gmail．com", "m******＠gmail．com"),
        ("mailto:o'brien@example.ie", "mailto:o******@example.ie"),
        ("<anna@example.com>", "<a***@example.com>"),
        ("'anna@example.com'", "'a***@example.com'"),
        ("josé@exämple.se", "j***@exämple.se"),
        ("用户@例子.公司", "用*@例子.公司"),
        ("a@example.com", "*@example.com"),
        ('"anna b"@example.com', '"******@example.com'),
        ("0701234567@example.com", "0*********@example.com"),
        ("me\u200blissa@gmail.com", "m******@gmail.com"),
        ("anna@example.com,bob@example.org", "a***@example.com,b**@example.org"),
    ],
)
def test_an_address_keeps_its_first_letter_and_domain(text: str, masked: str) -> None:
    """Enough to recognise one's own address, not enough to write to it."""
    answer = mask(text)

    assert answer.text == masked
    assert answer.kinds == ["email"]


PHONES = [
    ("+ 1 (123) 456 7890", "**********7890"),
    ("+447966197542", "*********7542"),
    ("+46 (0)70-123 45 67", "************4567"),
    ("＋46 70 123 45 67", "********4567"),
    ("0046 70 123 45 67", "*********4567"),
    ("004512345678", "********5678"),
    ("070-123 45 67", "*******4567"),
    ("0701-23 45 67", "*******4567"),
    ("08-123 456 78", "*******5678"),
    ("031/12 34 56", "******3456"),
    ("(08) 123 456 78", "********5678"),
    ("0701234567", "******4567"),
    ("020 7946 0958", "*******0958"),
    ("07966 197542", "*******7542"),
    ("07.12.34.56.78", "**********6.78"),
    ("12 34 56 78", "****5678"),
    ("912 345 678", "*****5678"),
    ("21 234 5678", "*****5678"),
    ("+351 912 345 678", "*********5678"),
    ("(555) 123-4567", "*********4567"),
    ("555-123-4567", "********4567"),
    ("555.123.4567", "********4567"),
    ("1-800-555-1234", "**********1234"),
    ("call me on 12345678", "call me on ****5678"),
    ("Tel: 7946 0958", "Tel: ****0958"),
    ("ring 070-123 45 67 nu", "ring *******4567 nu"),
    ("order 12345678 070-123 45 67", "order 12345678 *******4567"),
    ("on 2026-11-21 070-123 45 67", "on 2026-11-21 *******4567"),
    ("**070-123 45 67**", "*********4567**"),
]


@pytest.mark.parametrize(("text", "masked"), PHONES)
def test_a_phone_is_found_however_it_is_written(text: str, masked: str) -> None:
    """International numbers and the national forms of the countries served."""
    answer = mask(text)

    assert answer.text == masked
    assert answer.kinds == ["phone"]


@pytest.mark.parametrize(
    "text",
    [
        "order 12345678",
        "order 1234567890",
        "order 0012345678",
        "invoice 2026-000123",
        "1,299.00",
        "EUR 1.299.000,00",
        "1 299 000 kr",
        "12 345 678 901",
        "2026-11-21",
        "2026-11-21 08:30:00",
        "2026-11-21T08:30:00Z",
        "21.11.2026 12:30",
        "11/21/2026",
        "01-02-2026",
        "09/2026 - 12/2026",
        "open 08.00-17.00",
        "12:30-14:45",
        "2024 2025 2026",
        "192.168.100.200",
        "10.0.19045.3803",
        "v1.22.333",
        "59.3293 18.0686",
        "978-3-16-148410-0",
        "550e8400-e29b-41d4-a716-446655440000",
        "00340434161094022115",
        "4111 1111 1111 1112",
        "1234 5678 9012 3456",
        "GB82WEST12345698765431",
        "666-12-3456",
        "900-12-3456",
        "123-00-4567",
        "123456789",
        "@anna are you there at 5",
        "meet @ 12",
        "3 + 4 = 7",
        "x@y",
    ],
)
def test_ordinary_numbers_are_left_alone(text: str) -> None:
    """A conversation whose order numbers, prices and dates are starred cannot be worked with."""
    answer = mask(text)

    assert answer.text == text
    assert answer.found == ()


@pytest.mark.parametrize("number", ["5093 1138 2898 0855", "5027-5769-0066-0958"])
def test_a_number_grouped_as_a_card_with_another_check_digit_stays(number: str) -> None:
    """All but its last digit passes as a card of a length that few have: that is chance."""
    assert mask(f"id {number}").text == f"id {number}"


def test_a_card_in_an_address_leaves_nothing_of_either() -> None:
    """Two readings of the same characters make one value that shows nothing."""
    answer = mask("john.4111111111111111@gmail.com ok")

    assert answer.text == "*" * 31 + " ok"
    assert answer.kinds == ["pan"]


def test_different_values_in_one_text_are_all_found() -> None:
    """One value must not hide the next."""
    answer = mask("4111111111111111, anna@example.com, 070-123 45 67, 123-45-6789")

    assert answer.text == "************1111, a***@example.com, *******4567, ***********"
    assert answer.kinds == ["pan", "ssn", "email", "phone"]


def test_every_value_says_by_which_rule_it_was_found() -> None:
    """Who tunes what is masked must see why something was; the words are stable."""
    text = (
        "4111111111111111 12/27 123 cvv 123 gb82west12345698765432 123-45-6789 a@b.se +4670123456"
    )

    spans = [*find_cards(text), *find_ibans(text), *find_ssns(text), *find_emails(text)]

    assert {span.rule for span in spans} == {
        Rule("card.issuer", "Luhn"),
        Rule("iban.country", "mod 97"),
        Rule("ssn.written", "SSA areas"),
        Rule("email.address"),
    }
    assert all(span.rule.name for span in find_phones(text) + find_details(text))


@pytest.mark.parametrize(
    "text",
    [
        "Could you deliver between 18:30 and 9.00? We are at work. Thanks!",
        "I ordered 685 chairs on 2026-01-05 and only 10 came.",
        "Der Betrag war 84,66 €, das sind 20 % mehr & zu viel.",
        "アプリにエラー134と出ます。いいえ、青い方です",
        "المصباح يومض منذ 18-03-26.",
    ],
)
def test_ordinary_chat_is_not_even_read(text: str) -> None:
    """Nearly every message is like these: what they cost is what masking costs."""
    assert readings(text) == ()


def test_alternatives_by_first_letter_are_the_same_alternatives() -> None:
    """Spelled for speed, a pattern finds what it found; of one letter, the first one first."""
    words = ("code", "cod", "back", "cvv2?", "and")
    text = "cvv2 back cod, code and a back"

    plain = [match.span() for match in re.finditer("|".join(words), text)]

    assert [match.span() for match in re.finditer(by_first_letter(*words), text)] == plain

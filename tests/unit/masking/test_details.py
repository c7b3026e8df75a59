"""Security codes and expiry dates: named, beside a card, and what is neither."""

import pytest

from masking import mask

NAMED = [
    ("cvv 123", "cvv ***"),
    ("CVV2: 1234", "CVV2: ****"),
    ("my cvc is 123, thanks", "my cvc is ***, thanks"),
    ("cvv:1 2 3", "cvv:*****"),
    ("cvv one two three", "cvv *************"),
    ("CVV (3 digits on the back): 123", "CVV (3 digits on the back): ***"),
    ("the security code on my card is 123", "the security code on my card is ***"),
    ("cvv 1\n2\n3", "cvv *****"),
    ("cvv 3o4", "cvv ***"),
    ("123 is my cvv", "*** is my cvv"),
    ("the three digits on the back are 123", "the three digits on the back are ***"),
    ('{"cvv":"123","exp":"12/27"}', '{"cvv":"***","exp":"*****"}'),
    ("kortets säkerhetskod är 123", "kortets säkerhetskod är ***"),
    ("sikkerhedskoden er 123", "sikkerhedskoden er ***"),
    ("kontrolcifrene: 123", "kontrolcifrene: ***"),
    ("o código de segurança é 123", "o código de segurança é ***"),
    ("Die Kartenprüfnummer lautet 123", "Die Kartenprüfnummer lautet ***"),
    ("Prüfziffer: 123", "Prüfziffer: ***"),
    ("le cryptogramme visuel est 123", "le cryptogramme visuel est ***"),
    ("el código de seguridad es 123", "el código de seguridad es ***"),
    ("セキュリティコードは１２３です", "セキュリティコードは***です"),
    ("رمز الأمان هو ١٢٣", "رمز الأمان هو ***"),
    ("الأرقام الثلاثة خلف البطاقة 123", "الأرقام الثلاثة خلف البطاقة ***"),
    ("الرمز السري خلف البطاقة 123", "الرمز السري خلف البطاقة ***"),
    ("exp 12/27", "exp *****"),
    ("exp 12\n27", "exp *****"),
    ("expires 12_27", "expires *****"),
    ("Expiry date: 2027-12", "Expiry date: *******"),
    ("valid thru 12 / 2027", "valid thru *********"),
    ("expires Dec 2027", "expires ********"),
    ("exp one two slash two seven", "exp ***********************"),
    ("giltigt till 12/27", "giltigt till *****"),
    ("utgångsdatum 12-27", "utgångsdatum *****"),
    ("udløber 12.27", "udløber *****"),
    ("validade 12/2027", "validade *******"),
    ("gültig bis 12/27", "gültig bis *****"),
    ("expire en décembre 2027", "expire en *************"),
    ("fecha de vencimiento 12/27", "fecha de vencimiento *****"),
    ("有効期限は2027年12月です", "有効期限は********です"),
    ("تاريخ الانتهاء ١٢/٢٧", "تاريخ الانتهاء *****"),
]


@pytest.mark.parametrize(("text", "masked"), NAMED)
def test_what_is_named_a_cards_is_starred_without_the_card(text: str, masked: str) -> None:
    """People send the number, the date and the code in messages of their own."""
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "code 1234",
        "the door code is 1234",
        "security code for the building door: 1234",
        "kod 123 till porten",
        "Your verification code is 483920",
        "cvv 12345",
        "cvv? order 1234",
        "the coupon expires 12/27",
        "passport valid until 12/2030",
        "expires 12/05/2027",
        "your offer expires 2027-12-24",
        "valid for 3 days",
        "MFG 01/26 EXP 01/28 LOT A123",
        "see you in dec 2027",
        "we met on 12/27",
        "page 12/27",
        "\ue000" * 16 + " 12/27 123",
        "der Gutschein ist gültig bis 12/27",
    ],
)
def test_codes_and_dates_of_other_things_are_left_alone(text: str) -> None:
    """A shop talks of doors, coupons and deliveries more often than of cards."""
    assert mask(text).text is text


BESIDE = [
    ("12/27 123", "***** ***"),
    ("1227 123", "**** ***"),
    ("12/27", "*****"),
    ("Dec 2027", "********"),
    ("code 123", "code ***"),
    ("kod: 123", "kod: ***"),
    ("«12/27» «123»", "«*****» «***»"),
    ("02/33 0 0 5", "***** *****"),
    ("exp ll/29", "exp *****"),
    ("expira em novembro 34", "expira em ***********"),
    ("有効期限 27年2月", "有効期限 *****"),
    ("03-2029 790", "******* ***"),
    ("ccv 123", "ccv ***"),
    ("tallene på bagsiden 123", "tallene på bagsiden ***"),
    ("die drei Zahlen hinten 123", "die drei Zahlen hinten ***"),
    ("código de verificación 123", "código de verificación ***"),
    ("裏の数字は123", "裏の数字は***"),
    ("ثلاثة أرقام خلف البطاقة 123", "ثلاثة أرقام خلف البطاقة ***"),
    ("vto. 0427", "vto. ****"),
    ("läuft 04 27 ab", "läuft ***** ab"),
    ("失効 0427", "失効 ****"),
    ("les 3 chiffres du dos : cinq deux 9", "les 3 chiffres du dos : ***********"),
    ("sec code 123 👍", "sec code *** 👍"),
    ("valide jusqu'à 12 27", "valide jusqu'à *****"),
    ("utg 12 27", "utg *****"),
    ("utg. 12 27", "utg. *****"),
    ("gült. bis 12 27", "gült. bis *****"),
    ("kortet gäller till 12 27", "kortet gäller till *****"),
    ("Venc: 1227", "Venc: ****"),
    (", e: 12 27, c: 429", ", e: *****, c: ***"),
    ("e: 12/27, c: 429", "e: *****, c: ***"),
    ("exp12/27cvv123", "exp*****cvv***"),
]


@pytest.mark.parametrize(("written", "masked"), BESIDE)
def test_beside_a_card_any_code_and_month_is_its_own(written: str, masked: str) -> None:
    """A security code may never be kept after a payment (PCI DSS 3.3.1)."""
    assert mask(f"4111111111111111 {written}").text == f"************1111 {masked}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my cvv is l2O", "my cvv is ***"),
        ("security code O1l", "security code ***"),
        ("cvc Q12", "cvc ***"),
    ],
)
def test_letters_make_up_for_digits_beside_the_words(text: str, masked: str) -> None:
    """A text is not given up because it has fewer digits than a code."""
    assert mask(text).text == masked

"""Which digits are a phone number: what is found, exactly, and what is left alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masking import mask
from masking.detectors.phones import find_phones
from masking.dialling import plan_of
from masking.normalise import normalise

FOUND = [
    # Each value between ⟦ and ⟧.
    "Call me on ⟦+46 70 123 45 67⟧",
    "⟦+46 (0)70-123 45 67⟧",
    "⟦(+46) 70 123 45 67⟧",
    "⟦+(46) 70 123 45 67⟧",
    "wa.me/⟦46701234567⟧",
    "https://wa.me/⟦46701234567⟧?text=hi",
    "tel:⟦+46701234567⟧",
    "tel:⟦0701234567⟧",
    "call ⟦011 46 70 123 45 67⟧",
    "⟦+1 415 555 2671 x123⟧",
    "⟦+1 (415) 555-2671 ext. 42⟧",
    "⟦+4670123456 7⟧",
    "⟦+46.701234567⟧",
    "phone: ⟦415.555.2671⟧",
    "my number is ⟦4155552671⟧",
    "you can text me at ⟦4155552671⟧",
    "⟦4155552671⟧ is my number",
    "⟦12345678⟧ är mitt telefonnummer",
    "⟦12345678⟧, call me there",
    "ring ⟦12 34 56 78⟧ eller ⟦23456789⟧",
    '{"phone":"⟦12345678⟧"}',
    '{"phoneNumber": ⟦12345678⟧, "orderId": 87654321}',
    '{"orderId": 87654321, "customerPhone": "⟦12345678⟧"}',
    "phone_number=⟦12345678⟧&x=1",
    "meu número é ⟦912345678⟧",
    "ligue para ⟦11 91234-5678⟧",
    "o meu telemóvel: ⟦912 345 678⟧",
    "meine Rufnummer lautet ⟦1234 567890⟧",
    "ruf mich an: ⟦0151 12345678⟧",
    "Handy ⟦01511234567⟧",
    "mon portable est le ⟦06 12 34 56 78⟧",
    "vous pouvez m'appeler au ⟦0612345678⟧",
    "mon numéro : ⟦06.12.34.56.78⟧",
    "llámame al ⟦612 34 56 78⟧",
    "mi móvil es ⟦612345678⟧",
    "電話番号は⟦09012345678⟧です",
    "携帯は⟦090-1234-5678⟧",
    "番号は⟦12345678⟧です",
    "رقم هاتفي ⟦0501234567⟧",
    "جوالي ⟦501234567⟧",
    "اتصل على ⟦050 123 4567⟧",
    "رقمي ⟦501234567⟧",
    "hej⟦070-123 45 67⟧tack",
    "call⟦4155552671⟧now",
    "電話:⟦+81-90-1234-5678⟧まで",
    "[⟦+46701234567⟧](tel:⟦+46701234567⟧)",
    '"⟦0701234567⟧"',
    "'⟦070-123 45 67⟧'",
    "<⟦070-123 45 67⟧>",
    "<tel:⟦0701234567⟧>",
    "My order hasn't arrived, call me on ⟦070-123 45 67⟧",
    "Thanks for the order. ⟦070-123 45 67⟧ is my number",
    "order 4711, phone ⟦12345678⟧",
    "order 12345678, phone ⟦070-123 45 67⟧",
    "Order 12345678. Tel ⟦87654321⟧",
    "ref 99887766 - mobile ⟦0701234567⟧",
    "call me, 5 pm, on ⟦070-123 45 67⟧",
    "call me at 17:30 on ⟦12345678⟧",
    "call me on 2026-11-21 at ⟦12345678⟧",
    "tel ⟦12.34.56.78⟧",
    "tel ⟦12/34/56/78⟧",
    "tel ⟦12_34_56_78⟧",
    "phone ⟦0-7-0-1-2-3-4-5-6-7⟧",
    "phone: ⟦0 7 0 1 2 3 4 5 6 7⟧",
    "⟦+ 4 6 7 0 1 2 3 4 5 6 7⟧",
    "⟦+46\n70\n123\n45\n67⟧",
    "phone ⟦070,123,45,67⟧",
    "⟦+46|70|123|45|67⟧",
    "⟦%2B46701234567⟧",
    "⟦00 46 70 123 45 67⟧",
    "⟦0046701234567⟧",
    "⟦+358 40 1234567⟧",
    "⟦+49 151 12345678⟧",
    "⟦+49 (0)30 1234 5678⟧",
    "⟦+39 06 1234 5678⟧",
    "⟦+52 1 55 1234 5678⟧",
    "⟦+54 9 11 1234-5678⟧",
    "⟦+86 138 1234 5678⟧",
    "⟦+229 01 97 12 34 56⟧",
    "⟦+7 (912) 345-67-89⟧",
    "⟦(555) 123-4567⟧",
    "⟦(08) 123 456 78⟧",
    "⟦(11) 91234-5678⟧",
    "fax ⟦08-123 456 78⟧",
    "my mobil nr ⟦12345678⟧",
    "tel.nr ⟦12345678⟧",
    "contact: ⟦12345678⟧",
    "numéro de téléphone ⟦612345678⟧",
    "número de contacto ⟦612345678⟧",
    "the order desk called me on ⟦12345678⟧",
    "⟦+46 70 123 45 67⟧ 2 times",
    "⟦070-123 45 67⟧ 5 st",
    "call ⟦+4570123456⟧, ⟦87654321⟧",
    "WhatsApp: ⟦46701234567⟧",
    "Ring mig ⟦12345678⟧ så fixar vi order 99887766",
    "⟦+46-70-123-45-67⟧.",
    "ph: ⟦0701234567⟧",
    "my personal number is ⟦070-123 45 67⟧",
    "my uk number is ⟦07966 197542⟧",
    "the number is ⟦12345678⟧",
    "mitt nr är ⟦12345678⟧",
    "直通番号 ⟦12345678⟧",
    "私の番号は⟦12345678⟧",
    "please phone or text ⟦07966197542⟧",
    "⟦+46701234567⟧, ⟦+46709876543⟧",
    "⟦0701234567⟧, ⟦0709876543⟧",
]


@pytest.mark.parametrize("row", FOUND)
def test_a_number_is_found_from_its_first_to_its_last_digit(row: str) -> None:
    """What stands around it, in nine languages, says that it is a phone's; or its form does."""
    wanted = [part.split("⟧")[0] for part in row.split("⟦")[1:]]
    text = row.replace("⟦", "").replace("⟧", "")

    found = [text[span.start : span.end] for span in find_phones(normalise(text))]

    assert found == wanted


LEFT_ALONE = [
    "1 2 3 4 5 6 7 8 9 10 11 12 13",
    "10 11 12 13",
    "order 12345678",
    "order 070-123456",
    "order: 0701234567",
    "order number 0701234567",
    "my order number is 0701234567, where is it?",
    "Beställning 070-123 45 67",
    "ordernummer 0701234567",
    "kundnummer 070-123456",
    "faktura 0701234567",
    "sagsnummer 12345678",
    "ordre nr. 12 34 56 78",
    "pedido 0701234567",
    "o número do pedido é 912345678",
    "número de seguimiento 612345678",
    "Bestellnummer 0151 12345678",
    "Rechnung Nr. 030 12345678",
    "commande 06 12 34 56 78",
    "numéro de commande : 0612345678",
    "注文番号は09012345678です",
    "追跡番号 123-4567-8901",
    "رقم الطلب 0501234567",
    "رقم الشحنة: 501234567",
    "call me about order 12345678",
    "I called about invoice 12345678",
    "ring mig om ärende 12345678",
    "tracking number 9400 1118 9956 0000 0000 00",
    "UPS 1Z999AA10123456784",
    "fedex 123456789012",
    "fedex 1234 5678 9012",
    "DHL JD014600003828393920",
    "ticket #12345678",
    "case 070-123456 is open",
    "12345678 is my order number",
    "070-123456 is the tracking number",
    "12,345,678",
    "+12,345,678 views",
    "1.299.000,00",
    "912 345 678 kr",
    "EUR 912 345 678",
    "€912 345 678",
    "1 299 000 kr",
    "2026-11-21 08:30:00",
    "2026-11-21T08:30:00.123456Z",
    "1732176000",
    "1732176000123",
    "timestamp 1732176000",
    "192.168.100.200",
    "10.20.30.40",
    "12.34.56.78",
    "1.2.3.4567",
    "v10.0.19045.3803",
    "550e8400-e29b-41d4-a716-446655440000",
    "deadbeef0701234567",
    "e83c5163316f89bfbde7d9ab23ca2e25604af290",
    "ISBN 978-3-16-148410-0",
    "ISBN 0306406152",
    "ISBN 0-306-40615-2",
    "EAN 4006381333931",
    "IMEI 356938035643809",
    "the phone's IMEI is 356938035643809",
    "59.329323, 18.068581",
    "+40.712776, -74.005974",
    "+59.3293+018.0686",
    "1920x1080",
    "1000000-2000000",
    "0830-1700",
    "08.30-17.00",
    "open 08:30-17:00",
    "08:30:00-17:00:00",
    "94103-1234",
    "02139-4307",
    "01310-100",
    "SKU 070-123-4567",
    "ABC-123-456-7890",
    "TKT-415-555-2671",
    "#070-123456",
    "INV_0701234567",
    "serial 070123456789",
    "A0701234567",
    "AB12 0701234567X",
    "https://shop.example/orders/0701234567",
    "https://x.com/p/415-555-2671",
    "12 34 56 78 90",
    "04 12 23 34 41",
    "3-1 2-2 4-0 1-1",
    "6-4 6-3 7-6",
    "flight SK1415 21-11-26 08:30",
    "21/11/2026 08:30",
    "11/21/2026 - 12/21/2026",
    "2024 2025 2026",
    "2024-2025-2026",
    "order 123-456-7890",
    "order 123-45-6789",
    "license 12345-67890-12345",
    "VK7JG-NPHTM-C97JM-9MPGT-3V66T",
    "XK7-1234-5678-9012",
    "+500 000 kr",
    "+1 299 000",
    "+0200",
    "2+2=4",
    "1234567+7654321",
    "5 + 46 = 51",
    "password 12345678",
    "iPhone 12345678",
    "ring 1177",
    "call 112",
    "account number 12345678",
    "konto 1234 5678",
    "member id 12345678",
    "bankgiro 5805-6201",
    "plusgiro 12 34 56-7",
    "org.nr 556703-7485",
    "CNPJ 12.345.678/0001-95",
    "VAT SE556703748501",
    "room 415 555 267",
    "version 1.415.555.2671",
    "error 0x80070005",
    "pid 12345678 exited",
    "the score was 12345678",
    "meet 12-13 and 14-15",
    "size 38-40-42-44",
    "12:34:56:78",
    "00:1B:44:11:3A:B7",
    "2001:db8:85a3::8a2e:370:7334",
    "phone case SKU 12345678",
    "article 404.123.456",
    "card number 4111 1111 1111 1112",
    "my card number is 1234 5678 9012 3456",
    "mitt kortnummer är 1234 5678 9012 3456",
    "رقم بطاقتي 1234 5678 9012 3456",
    "meter number 12345678",
    "seat number 1234567",
    "12345678 is my locker number",
    "Zähler Nr. 12345678",
    "Art.-Nr. 12345678",
    "Ticketnummer: 0151-2345678",
    "Mi pedido 612345678 no ha llegado, llámenme",
    "رقم التتبع 123456789012",
    "الرقم المرجعي 12345678",
    "識別番号 12345678",
    "お問い合わせ番号は12345678です",
    "N° de suivi 6A12345678901",
    "Ihre Auftragsnummer lautet 30123456",
    "votre numéro de dossier est le 12345678",
    "su número de caso es 98765432",
    "o protocolo é 202611221234",
    "mobile app version 2026.11.22.1234",
]


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

"""Rows that hold nothing secret but look as if they did; each must come out as it went in.

Slots: ``#`` a digit, ``N`` one from 2 to 9; numbers that would pass for a card by their length and
check digit are drawn again, because then nobody could tell.
"""

import random
from collections.abc import Callable, Iterator
from typing import Final

from tests.support.corpus.numbers import figures, luhn_sum, with_luhn
from tests.support.corpus.row import LANGUAGES, Row, Said, drawn, pick

EASY: Final = (
    "Order ####### is late",
    "invoice 2026-####",
    "ticket #####",
    "It costs 1 2N9,00 kr",
    "R$ 1.2##,50",
    "The total is $1,2##.99",
    "€ 1.2##.N##,00",
    "version 2.1#.#",
    "2026-11-22 14:0#",
    "22.11.2026 at 09:3#",
    "room 2##, floor #",
    "1920x1080",
    "192.168.1.##",
    "10.0.#.# is the gateway",
    "error 40#",
    "bus ## at 12.1#",
    "I bought ## of them for ### kr",
    "size 4#, colour ##",
    "100 % of ### users",
    "postal code 1## ##",
    "#### pieces",
    "see page ### of ####",
    "on 3/4 and 5/6",
    "since 19##",
    "between ## and ## degrees",
)

HARD: Final = (
    # a cue elsewhere in the sentence
    "My phone is broken, order N######### has not arrived",
    "Call me about order N#########",
    "I called about invoice N####### but nobody answered the phone",
    "Order N######### was paid by card, please call the courier",
    "min telefon är trasig, order N########## har inte kommit",
    "min telefon er i stykker, ordre N######### er ikke kommet",
    "o meu telefone avariou, encomenda N######### não chegou",
    "mein Handy ist kaputt, Bestellung N######### fehlt",
    "mon téléphone est cassé, la commande N######### manque",
    "mi teléfono está roto, el pedido N######### no llega",
    "電話が壊れました。注文N#########がまだ届きません",
    "هاتفي مكسور والطلب N######### لم يصل",
    "email me when ticket N####-##### is closed",
    "call 112 in an emergency, or 116 117 at night",
    "ring 1177 om det är bråttom",
    # numbers of things
    "tracking 1Z999AA1##########",
    "tracking number RR#########SE",
    "DHL 003407########0000##",
    "parcel JD01##############",
    "USPS 9400 1118 9956 #### #### ##",
    "SKU ####-####-AB",
    "serial number C02X#####JG5H",
    "part no. 8##-####-00-A",
    "case #20261122-####",
    "customer number 10######",
    "booking ref. K7#####",
    "flight SK14## on 2026-12-##",
    "VAT SE556703748501",
    "org.nr 556703-7485",
    "CNPJ 12.345.678/0001-95",
    "bankgiro 5805-62##",
    "the zip is 94103-12##",
    "CEP 01310-1##",
    "ISBN 978-0-306-40615-7",
    "ISBN 0-306-40615-2",
    "EAN 73#########2#",
    "OCR 10####### ##",
    "plate ABC 1##",
    "article 40#.##8.##",
    # technology
    "logo@2x.png",
    "look at icon-##@3x.webp and logo@2x.png",
    "pkg@1.2.3",
    "npm i react@18.2.# @types/node@20.1#.#",
    "@angular/core@17.0.#",
    "lodash@^4.17.21",
    "ping @anna_19## or @lee",
    "lunch @ 12.30?",
    "3 @ 4.99 each",
    "Chrome/119.0.6045.1## on iOS 17.1.2",
    "10.0.19045.36##",
    "v2026.11.22.##",
    "2001:db8:85a3::8a2e:370:73##",
    "fe80::1ff:fe23:4567:890a",
    "00:1B:44:11:3A:B7",
    "127.0.0.1:80##",
    "10.12.0.0/16",
    "3f2504e0-4f89-41d3-9a0c-0305e82c33##",
    "commit e83c5163316f89bfbde7d9ab23ca2e25604af2##",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a##",
    "key VK7JG-NPHTM-C97JM-9MPGT-3V6##",
    "licence 12345-6789#-##345-67890",
    "epoch 17322524####1",
    "at 1732252###",
    "id 17322524####1-0",
    "2026-11-22T14:03:22.1##Z",
    "20261122140###",
    "20261122T140322Z",
    "0x7ffee4##c8d0",
    "pid ##### exited with 137 after 86400000 ms",
    "https://example.com/orders/N#########?page=2&size=100",
    "https://youtu.be/dQw4w9WgXcQ?t=1##",
    "file IMG_20261122_1403##.jpg",
    "base64 MTIzNDU2Nzg5MDEyMzQ1Ng==",
    "#ff00##",
    # places, sizes, sums
    "59.3293##5, 18.0685##8",
    "-23.5505##, -46.6333##",
    "40°26′46″N 79°58′56″W",
    "geo:37.7861##,-122.3996##",
    "3.14159265358979",
    "6.02214076e23",
    "1 234 567,89 kr",
    "12 345 678 €",
    "CHF 1'234'567.##",
    "₹12,34,56,7##",
    "¥12,345,6##",
    "R$ 1.234.567,##",
    "$1,234,567.##",
    "1000000000 rows",
    "W 120 x H 2040 x D 60 cm",
    "1200 x 800 x 144 mm, 25 kg",
    "2024-2025 and 2025-2026",
    "from 08:00-16:30 to 09:15-17:45",
    "01/12-15/12 2026",
    "12.11.2026 - 14.11.2026, 2 x 1 450,00",
    "3-0, 2-1, 1-1 and 4-2",
    "12 34 56 78 90 are my lucky numbers",
    "10 20 30 40 50 60 70 80",
    "1 2 3 4 5 6 7 8 9 10 11 12 13",
    "2019 2020 2021 2022 2023 2024",
    # card words without a card
    "my passport expires 09/28",
    "the coupon ends 12/26, code SAVE##",
    "your verification code is 48####",
    "the code is 123, third floor",
    "gate code 4###",
    "my card ending 4242 was charged 1 299 kr",
    "card **** **** **** 4242",
    "Visa ...1##1 expired",
    "gift card balance 250.00, 3 cards",
    "IBAN is missing, DE is the country",
    "SSN is not needed, form W-9 rev. 2018",
    "my social life in 2026",
    "000-12-34## is no number",
    "666-45-67##",
    "CPF 123.456.789-10",
    "123.456.789-10",
    "personnummer 640823-3233",
    "CPR is also a first aid course: 30:2, 100-120 per minute",
    "DE00 1234 5678 9012 3456 ##",
    "GB82 WEST 1234 5698 7654 33",
    "one two three, testing testing",
    "two of three, four to one, nine out of ten",
    "um dois três e já",
    "I am at home dot",
    "meet me at gate four at nine",
    "look at example dot",
    "noll koll, ett två tre fyra",
)

INNOCENT_TALK: Final = (
    # pairs: agent's question, then what the customer sends, one message each
    ("What is the order number?", "N####", "#####"),
    ("What is the order number?", "N########", "sorry, N########"),
    ("Your booking number?", "48#### 11", "and 22####"),
    ("Which sizes?", "38", "40", "42", "44"),
    ("How many?", "12", "or 24", "no, 120"),
    ("Which model?", "5012", "and 6011", "2 of each"),
    ("What is on the label?", "73 2500", "1234 56"),
    ("When?", "12/11", "or 14/11", "at 14:30"),
    ("What does it cost?", "1 299", "with shipping 1 398", "so 99 more"),
    ("Vad är ordernumret?", "N####", "#####"),
    ("Qual é o pedido?", "N####", "#####"),
    ("Welche Bestellung?", "N####", "#####"),
    ("Quelle commande ?", "N####", "#####"),
    ("¿Qué pedido?", "N####", "#####"),
    ("注文番号は？", "N####", "#####"),
    ("ما رقم الطلب؟", "N####", "#####"),
    ("Postcode?", "114", "55"),
    ("The meter?", "004512", "004587", "004601"),
    ("Scores?", "3-0", "2-1", "4-4"),
    ("Which years?", "2019", "2020", "2021", "2022"),
    ("What does it say?", "error 4003", "0x8007", "0005"),
    ("Version?", "17.1", "build 21B91", "on 2 phones"),
    ("Who told you?", "anna", "at the shop", "in Lund"),
    ("Serial number?", "C02X", "1234", "JG5H"),
)

AFTER_A_CARD: Final = (
    "I live at number 123",
    "it happened at 12:30",
    "I have 250 left on it",
    "3 orders so far",
    "since 2019",
    "I am 34 years old",
    "in 2 days?",
)
"""What may be read although a card was sent just before; the card is masked already."""

ROWS_EASY: Final = 400
ROWS_HARD: Final = 900
ROWS_TALK: Final = 260


def passes_for_a_card(text: str) -> bool:
    """Whether a run of the digits of ``text`` has the length and the check digit of a card."""
    runs = "".join(sign if sign.isdigit() else "" if sign in " -." else "\n" for sign in text)
    return any(12 <= len(run) <= 19 and luhn_sum(run) % 10 == 0 for run in runs.split())


def failing_card(chance: random.Random) -> str:
    """Sixteen digits like a card's, with a wrong check digit."""
    number = with_luhn(pick(chance, ("4", "51", "55", "6011", "35")) + figures(chance, 13))[:15]
    right = int(with_luhn(number)[-1])
    number += str((right + chance.randint(1, 9)) % 10)
    separator = pick(chance, ("", " ", "-"))
    return separator.join(number[at : at + 4] for at in range(0, 16, 4))


def imei(chance: random.Random) -> str:
    """The number of a mobile device: fifteen digits with a check digit as on cards."""
    return with_luhn(pick(chance, ("35", "86", "01")) + figures(chance, 12))


NUMBERED: Final[tuple[tuple[str, Callable[[random.Random], str]], ...]] = (
    ("order {}", failing_card),
    ("reference {} please", failing_card),
    ("{}", failing_card),
    ("beställning {}", failing_card),
    ("注文 {} はまだですか", failing_card),
    ("IMEI {}", imei),
    ("the phone's IMEI is {}", imei),
)


def innocent(chance: random.Random, patterns: tuple[str, ...]) -> str:
    """One of ``patterns`` drawn so that nothing in it passes for a card."""
    while passes_for_a_card(text := drawn_digits(chance, pick(chance, patterns))):
        pass
    return text


def drawn_digits(chance: random.Random, pattern: str) -> str:
    """``pattern`` with digits; an N only where digits follow it, so that words stay words."""
    text = ""
    for at, sign in enumerate(pattern):
        is_slot = sign == "#" or (sign == "N" and pattern[at + 1 : at + 2] in {"#", "9"})
        text += drawn(chance, sign) if is_slot else sign
    return text


def negative(group: str, number: int, language: str, said: tuple[Said, ...]) -> Row:
    """A row in which nothing is secret."""
    kind = "none" if len(said) == 1 else "talk"
    return Row(
        id=f"{group}-{kind}-{number:04}",
        kind=kind,
        group="easy" if group == "easy" else "hard",
        language=language,
        said=said,
    )


def hard_text(chance: random.Random) -> str:
    """One text that looks as if it held something."""
    if chance.random() < 0.12:
        template, make = pick(chance, NUMBERED)
        return template.format(make(chance))
    return innocent(chance, HARD)


def hard_talk(chance: random.Random, number: int) -> tuple[Said, ...]:
    """A chat in which innocent numbers follow each other, now and then after a masked card."""
    if number % 5 == 0:
        return (
            Said("customer", "my card is ************4242"),
            Said("agent", "ok"),
            Said("customer", pick(chance, AFTER_A_CARD)),
        )
    question, *answers = pick(chance, INNOCENT_TALK)
    while True:
        texts = [drawn_digits(chance, answer) for answer in answers]
        if not passes_for_a_card("".join(filter(str.isdigit, "".join(texts)))):
            break
    said = [Said("agent", question)]
    for text in texts:
        said.append(Said("customer", text))
        if chance.random() < 0.3:
            said.append(Said("agent", "ok"))
    return tuple(said)


def harmless(chance: random.Random) -> Iterator[Row]:
    """Negatives, easy and hard, and conversations of innocent numbers."""
    for number in range(ROWS_EASY):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield negative("easy", number, language, (Said("customer", innocent(chance, EASY)),))
    for number in range(ROWS_HARD):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield negative("hard", number, language, (Said("customer", hard_text(chance)),))
    for number in range(ROWS_TALK):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield negative("hard", number, language, hard_talk(chance, number))

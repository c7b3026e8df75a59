"""Values with check digits, as nobody was given them but everybody could be: cards, IBANs, ids.

Sources: ISO/IEC 7812-1 and the schemes' published ranges, the SWIFT IBAN registry (ISO 13616), the
SSA's rules since 2011, Skatteverket (personnummer), Receita Federal (CPF), CPR-kontoret (CPR).
"""

import random
from string import ascii_uppercase
from typing import Final

from tests.support.corpus.row import Written, pick

SCHEMES: Final = (
    # prefix, lengths; a scheme with more lines is drawn more often
    ("4", (16, 16, 16, 13, 19)),
    ("4", (16,)),
    ("51", (16,)),
    ("55", (16,)),
    ("2221", (16,)),
    ("2720", (16,)),
    ("34", (15,)),
    ("37", (15,)),
    ("300", (14,)),
    ("305", (14,)),
    ("36", (14,)),
    ("38", (14,)),
    ("6011", (16, 19)),
    ("644", (16,)),
    ("65", (16,)),
    ("3528", (16,)),
    ("3589", (16,)),
    ("62", (16, 17, 18, 19)),
    ("5018", (12, 13, 15, 16, 19)),
    ("5020", (16,)),
    ("5038", (16, 18)),
    ("6304", (16, 18, 19)),
    ("6759", (16, 18, 19)),
    ("6763", (12, 14, 16)),
    ("2200", (16,)),
    ("2204", (16,)),
    ("5019", (16,)),
    ("438935", (16,)),
    ("636368", (16,)),
    ("606282", (16,)),
    ("6521", (16,)),
    ("8171", (16,)),
    ("9792", (16,)),
    ("506099", (16, 18, 19)),
)

IBANS: Final = {
    # n digits, a capital letters, c either; the account part only
    "AD": "8n12c",
    "AE": "19n",
    "AL": "8n16c",
    "AT": "16n",
    "AZ": "4a20c",
    "BA": "16n",
    "BE": "12n",
    "BG": "4a6n8c",
    "BH": "4a14c",
    "BI": "23n",
    "BR": "23n1a1c",
    "BY": "4c4n16c",
    "CH": "5n12c",
    "CR": "18n",
    "CY": "8n16c",
    "CZ": "20n",
    "DE": "18n",
    "DJ": "23n",
    "DK": "14n",
    "DO": "4c20n",
    "EE": "16n",
    "EG": "25n",
    "ES": "20n",
    "FI": "14n",
    "FK": "2a12n",
    "FO": "14n",
    "FR": "10n11c2n",
    "GB": "4a14n",
    "GE": "2a16n",
    "GI": "4a15c",
    "GL": "14n",
    "GR": "7n16c",
    "GT": "24c",
    "HN": "4a20n",
    "HR": "17n",
    "HU": "24n",
    "IE": "4a14n",
    "IL": "19n",
    "IQ": "4a15n",
    "IS": "22n",
    "IT": "1a10n12c",
    "JO": "4a4n18c",
    "KW": "4a22c",
    "KZ": "3n13c",
    "LB": "4n20c",
    "LC": "4a24c",
    "LI": "5n12c",
    "LT": "16n",
    "LU": "3n13c",
    "LV": "4a13c",
    "LY": "21n",
    "MC": "10n11c2n",
    "MD": "20c",
    "ME": "18n",
    "MK": "3n10c2n",
    "MN": "16n",
    "MR": "23n",
    "MT": "4a5n18c",
    "MU": "4a19n3a",
    "NI": "4a20n",
    "NL": "4a10n",
    "NO": "11n",
    "OM": "3n16c",
    "PK": "4a16c",
    "PL": "24n",
    "PS": "4a21c",
    "PT": "21n",
    "QA": "4a21c",
    "RO": "4a16c",
    "RS": "18n",
    "RU": "14n15c",
    "SA": "2n18c",
    "SC": "4a20n3a",
    "SD": "14n",
    "SE": "20n",
    "SI": "15n",
    "SK": "20n",
    "SM": "1a10n12c",
    "SO": "19n",
    "ST": "21n",
    "SV": "4a20n",
    "TL": "19n",
    "TN": "20n",
    "TR": "6n16c",
    "UA": "6n19c",
    "VA": "18n",
    "VG": "4a16n",
    "XK": "16n",
    "YE": "4a4n18c",
}


def figures(chance: random.Random, count: int) -> str:
    """Draw ``count`` digits."""
    return "".join(pick(chance, "0123456789") for _ in range(count))


def luhn_sum(number: str) -> int:
    """The sum of ISO/IEC 7812-1 annex B; 0 modulo 10 for a number that passes."""
    doubled = (int(sign) * (1 + at % 2) for at, sign in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled)


def with_luhn(start: str) -> str:
    """``start`` and its check digit."""
    return start + str(-luhn_sum(start + "0") % 10)


def card_number(chance: random.Random) -> str:
    """A number of any scheme, 12 to 19 digits."""
    prefix, lengths = pick(chance, SCHEMES)
    return with_luhn(prefix + figures(chance, pick(chance, lengths) - len(prefix) - 1))


def in_groups(number: str, separator: str) -> str:
    """``number`` as it is printed: Amex 4-6-5, Diners 4-6-4, everybody else by fours."""
    if number[0] == "3" and len(number) in {14, 15}:
        return separator.join((number[:4], number[4:10], number[10:]))
    return separator.join(number[at : at + 4] for at in range(0, len(number), 4))


def card(chance: random.Random) -> Written:
    """A card number as it is typed."""
    number = card_number(chance)
    return Written("pan", in_groups(number, pick(chance, ("", "", " ", " ", " ", "-"))), number)


def card_code(chance: random.Random) -> Written:
    """A security code."""
    code = figures(chance, pick(chance, (3, 3, 3, 4)))
    return Written("cvv", code, code)


def expiry(chance: random.Random) -> Written:
    """The month and year to which a card is good."""
    month, year = f"{chance.randint(1, 12):02}", str(chance.randint(2026, 2033))
    form = pick(
        chance, ("{m}/{y}", "{m}/{y}", "{m}/{y}", "{m}/{yy}", "{m}-{y}", "{m}.{y}", "{m} / {y}")
    )
    text = form.format(m=month, y=year[2:], yy=year)
    return Written("expiry", text, "".join(filter(str.isdigit, text)))


def iban_number(chance: random.Random, country: str | None = None) -> str:
    """An IBAN of one country, or of any."""
    country = country or pick(chance, tuple(IBANS))
    account = ""
    pattern = IBANS[country]
    while pattern:
        kind = next(sign for sign in pattern if sign.isalpha())
        count, _, pattern = pattern.partition(kind)
        # Where letters may stand, mostly digits do.
        signs = {"n": "0123456789", "a": ascii_uppercase, "c": "0123456789" * 6 + ascii_uppercase}
        account += "".join(pick(chance, signs[kind]) for _ in range(int(count)))
    number = "".join(str(int(sign, 36)) for sign in account + country + "00")
    return f"{country}{98 - int(number) % 97:02}{account}"


def iban(chance: random.Random) -> Written:
    """An IBAN as it is typed."""
    number = iban_number(chance)
    text = number
    if chance.random() < 0.6:
        text = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    if chance.random() < 0.1:
        text = text.lower()
    return Written("iban", text, number)


def ssn_parts(chance: random.Random) -> tuple[str, str, str]:
    """Area, group and serial that can have been given out; never one of the well-known samples."""
    area = chance.choice([n for n in range(1, 900) if n not in {666, 78, 219, 123}])
    return f"{area:03}", f"{chance.randint(1, 99):02}", f"{chance.randint(1, 9999):04}"


def ssn(chance: random.Random) -> Written:
    """A Social Security number as it is typed."""
    parts = ssn_parts(chance)
    return Written("ssn", pick(chance, ("-", "-", "-", " ", "", ".")).join(parts), "".join(parts))


def birthday(chance: random.Random) -> tuple[str, str, str]:
    """Year, month and day of somebody living."""
    return (
        str(chance.randint(1940, 2007)),
        f"{chance.randint(1, 12):02}",
        f"{chance.randint(1, 28):02}",
    )


def personnummer(chance: random.Random) -> Written:
    """A Swedish personal identity number; some are coordination numbers, with 60 more days."""
    year, month, day = birthday(chance)
    if chance.random() < 0.1:
        day = str(int(day) + 60)
    ten = with_luhn(year[2:] + month + day + figures(chance, 3))
    form = pick(
        chance, ("{short}-{end}", "{short}-{end}", "{long}-{end}", "{long}{end}", "{short}{end}")
    )
    return Written(
        "national_id", form.format(short=ten[:6], long=year + ten[2:6], end=ten[6:]), ten
    )


def cpf_number(chance: random.Random) -> str:
    """Eleven digits, the last two by weights modulo 11."""
    number = figures(chance, 9)
    for weight in (10, 11):
        total = sum(int(sign) * (weight - at) for at, sign in enumerate(number))
        number += str(total * 10 % 11 % 10)
    return number


def cpf(chance: random.Random) -> Written:
    """A Brazilian taxpayer's number."""
    number = cpf_number(chance)
    form = pick(chance, ("{}.{}.{}-{}", "{}.{}.{}-{}", "{}{}{}-{}", "{}{}{}{}", "{} {} {} {}"))
    return Written(
        "national_id", form.format(number[:3], number[3:6], number[6:9], number[9:]), number
    )


def cpr(chance: random.Random) -> Written:
    """A Danish personal number: a birthday and four digits; no check digit since 2007."""
    year, month, day = birthday(chance)
    end = figures(chance, 4)
    number = day + month + year[2:] + end
    return Written("national_id", number[:6] + pick(chance, ("-", "-", " ", "")) + end, number)

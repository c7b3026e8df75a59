"""The published rules that tell a real number from one that only looks like it."""

from calendar import monthrange
from itertools import accumulate
from operator import mul
from typing import Final

_SINGLE: Final = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED: Final = bytes.maketrans(  # twice a digit, its digits added up
    bytes(range(10)), bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9))
)

IBAN_LENGTHS: Final = {
    # ISO 13616, the IBAN registry: characters of an IBAN by country.
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}

OF_DIGITS_ALONE: Final = frozenset(
    # The registry: countries whose account numbers have no letters.
    str.split(
        "AE AT BA BE BI CR CZ DE DJ DK EE EG ES FI FO GL HR HU IL IS LT LY ME MN MR NO"
        " PL PT RS SD SE SI SK SO ST TL TN VA XK"
    )
)
_LETTER_VALUES: Final = {
    letter: str(value) for value, letter in enumerate(map(chr, range(ord("A"), ord("Z") + 1)), 10)
}
_AS_DIGITS: Final = str.maketrans(_LETTER_VALUES)


class LuhnSums:
    """Check any stretch of a run of digits by the Luhn formula (ISO/IEC 7812-1 annex B).

    Running sums make each answer constant in time, however many stretches are asked about.
    """

    __slots__ = ("_sums",)

    def __init__(self, digits: str) -> None:
        """Add up ``digits`` twice: once with even places doubled, once with odd ones."""
        single = digits.encode().translate(_SINGLE)
        double = single.translate(_DOUBLED)
        even, odd = bytearray(single), bytearray(single)
        even[::2], odd[1::2] = double[::2], double[1::2]
        self._sums = tuple(list(accumulate(values, initial=0)) for values in (even, odd))

    def holds(self, start: int, end: int) -> bool:
        """Tell whether the digits from ``start`` to ``end`` (exclusive) end in their check digit.

        The digit before the last is doubled, so the places doubled are those as even as ``end``.
        """
        sums = self._sums[end % 2]
        return (sums[end] - sums[start]) % 10 == 0


def luhn_holds(digits: str) -> bool:
    """Tell whether ``digits`` end in their check digit: as ``LuhnSums``, for one stretch alone."""
    single = digits.encode().translate(_SINGLE)
    return (sum(single[::-2]) + sum(single[-2::-2].translate(_DOUBLED))) % 10 == 0


def iban_holds(iban: str) -> bool:
    """Tell whether ``iban`` (no spaces) has its country's length and check digits (ISO 13616).

    The check is ISO/IEC 7064 MOD 97-10: letters count from 10, the first four characters last.
    """
    country, account = iban[:2].upper(), iban[4:].upper()
    if IBAN_LENGTHS.get(country) != len(iban):
        return False
    if country in OF_DIGITS_ALONE and not account.isdigit():
        return False
    return int((account + country + iban[2:4]).translate(_AS_DIGITS)) % 97 == 1


def ssn_holds(digits: str) -> bool:
    """Tell whether nine digits can be a United States Social Security number.

    The Social Security Administration never gives out area 000, 666 or 900 to 999, group 00 or
    serial 0000 (POMS RM 10201.035), and cancelled two numbers that advertisements had printed.
    """
    if len(digits) != 9 or digits[0] == "9" or digits[3:5] == "00" or digits[5:] == "0000":
        return False
    return digits[:3] not in {"000", "666"} and digits not in {"078051120", "219099999"}


def personnummer_holds(digits: str) -> bool:
    """Tell whether 10 or 12 digits can be a Swedish personal identity number.

    Year, month and day of birth (a samordningsnummer has 60 added to its day), and a check digit
    by the Luhn formula over the last ten (Skatteverket, SKV 704; folkbokföringslagen 18 §).
    """
    ten = digits[-10:]
    if len(digits) == 12 and digits[:2] not in {"18", "19", "20"}:
        return False
    if ten[2:4] > "12" or len(digits) not in {10, 12}:
        return False
    day = int(ten[4:6])
    century = digits[:2] if len(digits) == 12 else "20"  # of which every fourth year is a leap year
    is_born = _is_date(int(century + ten[:2]), int(ten[2:4]), day - 60 if day > 60 else day)
    return is_born and luhn_holds(ten)


def cpr_holds(digits: str) -> bool:
    """Tell whether ten digits can be a Danish CPR number: day, month and year of birth first.

    Numbers given out since 2007 have no check digit (CPR-kontoret, "Personnummeret i CPR").
    """
    return len(digits) == 10 and _is_date(
        2000 + int(digits[4:6]), int(digits[2:4]), int(digits[:2])
    )


def cpf_holds(digits: str) -> bool:
    """Tell whether eleven digits can be a Brazilian CPF number.

    Both check digits are weighted sums modulo 11 (Receita Federal); eleven equal ones, which would
    hold, are not given out.
    """
    if len(digits) != 11 or digits == digits[0] * 11:
        return False
    values = digits.encode().translate(_SINGLE)
    first = sum(map(mul, values[:9], range(10, 1, -1))) * 10 % 11 % 10
    if first != values[9]:
        return False
    second = sum(map(mul, values[:10], range(11, 1, -1))) * 10 % 11 % 10
    return bool(second == values[10])


def _is_date(year: int, month: int, day: int) -> bool:
    """Tell whether the Gregorian calendar has this date."""
    return 1 <= month <= 12 and day >= 1 and (day <= 28 or day <= monthrange(year, month)[1])

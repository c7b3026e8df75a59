"""Makes the personal data that the demo's customers give away: all of it made up, the cards kept.

Card numbers pass every check a real one passes (ISO/IEC 7812), so they must be masked like one.
"""

from random import Random  # noqa: TID251 - nothing is decided here, only played

BRANDS = (("4", 16), ("51", 16), ("55", 16), ("37", 15))
SEPARATORS = ("", " ", "-")


class Values:
    """Draws values.

    Attributes:
        cards: The digits of every card number drawn so far.
    """

    def __init__(self, chance: Random) -> None:
        """Draw with the given generator."""
        self.cards: set[str] = set()
        self._chance = chance

    def filled(self, text: str) -> str:
        """Return the text with {card}, {email} and {phone} filled in."""
        if "{" not in text:
            return text
        return text.format(card=self._card(), email=self._email(), phone=self._phone())

    def _card(self) -> str:
        prefix, length = self._chance.choice(BRANDS)
        digits = prefix + self._digits(length - len(prefix) - 1)
        digits += str(-_weighted_sum(digits) % 10)
        self.cards.add(digits)
        groups = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
        return self._chance.choice(SEPARATORS).join(_grouped(digits, groups))

    def _email(self) -> str:
        return f"{self._chance.choice(('maja', 'erik.w', 'info'))}{self._digits(2)}@mail.example"

    def _phone(self) -> str:
        return f"+46 70 {self._digits(3)} {self._digits(2)} {self._digits(2)}"

    def _digits(self, count: int) -> str:
        return "".join(str(self._chance.randrange(10)) for _ in range(count))


def _weighted_sum(digits: str) -> int:
    """Add the digits as ISO/IEC 7812-1 does before the check digit is put behind them."""
    doubled = [2 * int(digit) for digit in digits[::-2]]
    single = [int(digit) for digit in digits[-2::-2]]
    return sum(number // 10 + number % 10 for number in doubled) + sum(single)


def _grouped(digits: str, lengths: tuple[int, ...]) -> list[str]:
    groups: list[str] = []
    start = 0
    for length in lengths:
        groups.append(digits[start : start + length])
        start += length
    return groups

"""What detectors share: what separates digits, and what covers a value that was found."""

import re
from typing import Final

SEPARATOR: Final = r"(?:(?![*@\ue000])[\W_])"
"""What people put between the digits of a card or an account number, as a pattern."""

DIGITS_TOGETHER: Final = re.compile(
    # None begins behind a digit, with or without something between: that one would begin it.
    r"[0-9](?<![0-9].)(?<![0-9][\W_].)(?:[\W_]{0,8}+[0-9]){6,}+"
)
"""Digits of a phone or more without a word between them; only an IBAN may have letters."""

COVER: Final = "*"
"""Stands for each character of a value that was found, for the detectors that read after it."""

CARD_COVER: Final = "\ue000"
"""As ``COVER``, of a card; a character for private use, which ``normalise`` lets nobody type."""


def by_first_letter(*alternatives: str) -> str:
    """Spell a pattern of ``alternatives``, each of which begins with a letter.

    It is searched for by these letters, much faster than by one alternative after the other.
    """
    rests: dict[str, list[str]] = {}
    for alternative in alternatives:
        rests.setdefault(alternative[0], []).append(alternative[1:])
    grouped = (f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())
    return f"(?:{'|'.join(grouped)})"

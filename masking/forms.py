"""How a value looks once it is masked."""

from typing import Final

from masking.model import MaskKind
from masking.normalise import normalise

TAIL: Final = 4
"""Characters left readable of a card, an IBAN or a phone number: enough to recognise one's own."""

_EMAIL: Final = MaskKind.EMAIL
_WITH_TAIL: Final = (MaskKind.PAN, MaskKind.IBAN, MaskKind.PHONE)


def shaped(kind: str, value: str) -> str:
    """Answer the masked form of ``value``, one star for each character it hides.

    Cards, IBANs and phones drop white space and what takes no room, and keep their last four
    characters. E-mail keeps its first letter and its domain; a local part of one letter shows
    nothing. Everything else is starred whole and keeps its length.
    """
    if kind in _WITH_TAIL:
        value = compact(value)
        return "*" * (len(value) - TAIL) + value[-TAIL:]
    if kind == _EMAIL:
        at = normalise(value).rindex("@")
        return first_letter(compact(value[:at])) + value[at:]
    return "*" * len(value)


def first_letter(value: str) -> str:
    """Keep the first letter of ``value``, unless that would be all of it."""
    return value[:1] + "*" * (len(value) - 1) if len(value) > 1 else "*" * len(value)


def compact(value: str) -> str:
    """Drop white space and everything that takes no room."""
    if value.isascii() and value.isprintable():
        return value.replace(" ", "")
    plainly = normalise(value)
    if plainly.isprintable() and " " not in plainly:
        return value
    return "".join(
        character
        for character, plain in zip(value, plainly, strict=True)
        if plain.isprintable() and not plain.isspace()
    )

"""How a value looks once it is masked."""

from typing import Final

from masking.model import MaskKind
from masking.normalise import normalise

TAIL: Final = 4
"""Characters left readable of a card, an IBAN or a phone number: enough to recognise one's own."""


def shaped(kind: str, value: str) -> str:
    """Answer the masked form of ``value``, one star for each character it hides.

    Cards, IBANs and phones drop white space and what takes no room, and keep their last four
    characters. E-mail keeps its first letter and its domain; a local part of one letter shows
    nothing. Everything else is starred whole and keeps its length.
    """
    match kind:
        case MaskKind.PAN | MaskKind.IBAN | MaskKind.PHONE:
            value = compact(value)
            return "*" * (len(value) - TAIL) + value[-TAIL:]
        case MaskKind.EMAIL:
            at = normalise(value).rindex("@")
            local = compact(value[:at])
            return first_letter(local) + value[at:]
        case _:
            return "*" * len(value)


def first_letter(value: str) -> str:
    """Keep the first letter of ``value``, unless that would be all of it."""
    return value[:1] + "*" * (len(value) - 1) if len(value) > 1 else "*" * len(value)


def compact(value: str) -> str:
    """Drop white space and everything that takes no room."""
    if value.isascii() and value.isprintable():
        return value.replace(" ", "")
    return "".join(
        character
        for character, plain in zip(value, normalise(value), strict=True)
        if plain.isprintable() and not plain.isspace()
    )

"""What a text says beside its numbers: the same before masking as after, and nothing secret."""

from typing import Final

from masking.normalise import ZERO_WIDTH, normalise
from masking.spelled import is_number_word

_AROUND: Final = ".,;:!?()[]{}\"'"
_LIKE_DIGITS: Final = frozenset("OoQlI|")


def wording(text: str) -> tuple[str, ...]:
    """Answer the words of ``text`` that are letters and no part of a number, in lower case.

    What has a digit, a star or any other sign in it is left out, and so are words for digits and
    letters that look like digits: whoever tries all security codes finds nothing that fits.
    """
    words = (word.strip(_AROUND) for word in normalise(text).replace(ZERO_WIDTH, "").split())
    return tuple(word.lower() for word in words if _is_plain(word))


def _is_plain(word: str) -> bool:
    return word.isalpha() and not _LIKE_DIGITS.issuperset(word) and not is_number_word(word.lower())

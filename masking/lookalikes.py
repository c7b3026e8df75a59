"""Reads letters that look like digits as digits, where they stand among digits."""

import re
from typing import Final

from masking.checks import luhn_holds
from masking.glance import count_of_digits
from masking.views import View

_DIGITS: Final = str.maketrans("OoQlI|", "000111")
_LETTERS: Final = "[OoQlI|]"
_ALSO: Final = "[0-9OoQlI|]"
_LATIN: Final = r"[A-Za-z\u00c0-\u024f]"
_GAP: Final = r"[\s\-./,_:]"
_WIDE_GAP: Final = r"[\s\-./,_:()]"
_AMONG_DIGITS: Final = re.compile(
    # Never the letters of a Latin word. What stands before the first letter is looked at after
    # it: a pattern that begins with a set of characters is searched for much faster.
    rf"{_LETTERS}(?:"
    rf"(?<=[0-9].){_LETTERS}*+(?:(?=[0-9])|(?<!\|)(?!{_LATIN}))"
    rf"|(?<!{_LATIN}.)(?<!\|)(?:{_LETTERS}*+(?=[/.\-]?[0-9])"
    rf"|(?<={_ALSO}{_GAP}.){_LETTERS}*+(?=(?:{_GAP}{{1,3}}+)?+{_ALSO}(?!{_LATIN}))"
    rf"|(?<=[0-9]{_GAP}.){_LETTERS}++(?!{_LATIN})))"
)


_ROW: Final = re.compile(
    # Groups of nothing but digits and such letters; a bar before them frames them.
    rf"[0-9OoQlI](?<![A-Za-z\u00c0-\u024f|].){_ALSO}*+(?!{_LATIN})"
    rf"(?:{_WIDE_GAP}{{1,5}}+{_ALSO}++(?!{_LATIN}))*+"
)
_BEFORE_DIGITS: Final = re.compile(rf"{_LETTERS}(?<!{_LATIN}.){_LETTERS}*+\W{{0,5}}+[0-9]")
_AFTER_DIGITS: Final = re.compile(rf"[0-9]\W{{0,5}}+{_LETTERS}++(?!{_LATIN})")
_APART: Final = re.compile(rf"{_LETTERS}(?<!{_LATIN}.){_LETTERS}*+(?!{_LATIN})")  # from words
_WORD: Final = re.compile(r"(?:[OoIl|]|[Ll]ol|lo|Il) (?=[^\W_]{2})")
_LEAST_TYPED: Final = 4
"""Digits in a row of letters and digits; with fewer of them it is made of words."""

_QUARTER: Final = re.compile(r"\bQ[1-4]\b")
_CARD: Final = re.compile(rf"{_ALSO}{{4}}(?:[ \-]{_ALSO}{{4}}){{3}}")

LEAST_WITH_LETTERS: Final = 7


def stand_beside_digits(text: str) -> bool:
    """Tell, cheaply, whether letters that look like digits stand beside some in ``text``."""
    if _APART.search(text) is None:
        return False
    return _AFTER_DIGITS.search(text) is not None or _BEFORE_DIGITS.search(text) is not None


def count_with_letters(text: str) -> int:
    """Answer how many digits the longest row of digits and letters for digits has, roughly."""
    return max((_count(row[0]) for row in _ROW.finditer(text)), default=0)


def with_digits_for_letters(view: View) -> View:
    """Read letters among digits as the digits they look like; every place stays the same."""
    text = _AMONG_DIGITS.sub(_letters, view.text)
    text = _ROW.sub(_row, text)
    return View(text, view) if text != view.text else view


def _letters(match: re.Match[str]) -> str:
    """Read ``match`` as digits, but for a quarter of a year."""
    letters, place = match[0], match.start()
    is_quarter = letters == "Q" and _QUARTER.match(match.string, place)
    return letters if is_quarter else letters.translate(_DIGITS)


def _count(row: str) -> int:
    """Count the digits in ``row`` with the letters for them, if there are enough that are none."""
    if len(row) < LEAST_WITH_LETTERS:
        return 0
    typed = count_of_digits(row)
    is_number = typed >= _LEAST_TYPED or (typed and _is_card(row))
    return sum(character.isalnum() for character in row) if is_number else 0


def _is_card(row: str) -> bool:
    """Tell whether ``row`` is four groups of four that end in their check digit."""
    if _CARD.fullmatch(row) is None:
        return False
    return luhn_holds(row.translate(_DIGITS).replace(" ", "").replace("-", ""))


def _row(match: re.Match[str]) -> str:
    """Read ``match`` as digits, but for a word before them ("o 912 345 678")."""
    row = match[0]
    if _count(row) < LEAST_WITH_LETTERS or _QUARTER.search(row):
        return row
    is_signed = match.string[match.start() - 1 : match.start()] == "+"
    word = None if is_signed else _WORD.match(row)
    kept = word.end() if word else 0
    end = len(row.rstrip("|"))
    return row[:kept] + row[kept:end].translate(_DIGITS) + row[end:]

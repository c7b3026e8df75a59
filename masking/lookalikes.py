"""Reads letters that look like digits as digits, where they stand among digits."""

import re
from typing import Final

from masking.views import View

_DIGITS: Final = str.maketrans("OoQlI|", "000111")
_LETTERS: Final = "[OoQlI|]"
_ALSO: Final = "[0-9OoQlI|]"
_LATIN: Final = r"[A-Za-z\u00c0-\u024f]"
_GAP: Final = r"[\s\-./,_:]"
_AMONG_DIGITS: Final = re.compile(
    # Never the letters of a Latin word. What stands before the first letter is looked at after
    # it: a pattern that begins with a set of characters is searched for much faster.
    rf"{_LETTERS}(?:"
    rf"(?<=[0-9].){_LETTERS}*+(?:(?=[0-9])|(?!{_LATIN}))"
    rf"|(?<!{_LATIN}.)(?:{_LETTERS}*+(?=[/.\-]?[0-9])"
    rf"|(?<={_ALSO}{_GAP}.){_LETTERS}*+(?=(?:{_GAP}{{1,3}}+)?+{_ALSO}(?!{_LATIN}))"
    rf"|(?<=[0-9]{_GAP}.){_LETTERS}++(?!{_LATIN})))"
)


def with_digits_for_letters(view: View) -> View:
    """Read letters among digits as the digits they look like; every place stays the same."""
    text, count = _AMONG_DIGITS.subn(lambda match: match[0].translate(_DIGITS), view.text)
    return View(text, view) if count else view

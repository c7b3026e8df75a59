"""Reads what machines write for a character: HTML entities, URL escapes, escapes of JSON."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final
from urllib.parse import unquote

from masking.normalise import ZERO_WIDTH, normalise
from masking.views import View

_ROUNDS: Final = 3
"""An escape may itself be escaped (`%2540`); deeper than this nobody's software goes."""

_ESCAPE: Final = re.compile(
    r"&(?:#[0-9]{1,7}+;?|#[xX][0-9A-Fa-f]{1,6}+;?|[A-Za-z][A-Za-z0-9]{1,30}+;)"
    r"|(?:%[0-9A-Fa-f]{2})++"
    r"|\\(?:u(?P<code>[0-9A-Fa-f]{4})|[nrt/](?![A-Za-z]))"
)
_BY_LETTER: Final = {"n": "\n", "r": "\n", "t": " ", "/": "/"}


def has_escapes(text: str) -> bool:
    """Tell whether there is an escape in ``text``."""
    has_sign = "&" in text or "%" in text or "\\" in text
    return has_sign and _ESCAPE.search(text) is not None


def unescaped(view: View) -> View:
    """Read every escape in ``view`` as the character it stands for."""
    for _ in range(_ROUNDS):
        if not has_escapes(view.text):
            return view
        inner = view.respelled(_read(view.text))
        if inner is view:
            return view
        view = inner
    return view


def _read(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ESCAPE.finditer(text):
        escape = match[0]
        if escape[0] == "&":
            plain = unescape(escape)
        elif escape[0] == "%":
            plain = unquote(escape, errors="replace")
        else:
            plain = _BY_LETTER.get(escape[1]) or chr(int(match["code"], 16))
        if plain != escape:
            yield *match.span(), normalise(plain).replace(ZERO_WIDTH, "")

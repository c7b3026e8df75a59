"""IBANs and e-mail addresses that are spread over lines of one sender."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Final, NamedTuple

from masking.checks import IBAN_LENGTHS, iban_holds
from masking.model import MaskKind
from masking.scan import SEPARATOR
from masking.split.chat import Chat, Split
from masking.split.line import Cover, Line

_LINES_MAX: Final = 10  # of the sender, back from the new one, in which an account may begin
_BETWEEN_MAX: Final = 5  # lines between its first part and its last
_WORDS_BEHIND_MAX: Final = 3  # "and", "and then"
_BANK_CODE: Final = 4  # letters
_LONGEST: Final = max(IBAN_LENGTHS.values())
_HEADS_MAX: Final = 4  # of one line; nobody begins more accounts in it
_PIECES_MAX: Final = 8  # of the new line: as many words as a short one has, and some numbers
_TAIL: Final = 4
_TOKEN: Final = re.compile(r"(?<![^\W_])[A-Za-z0-9*]+(?![^\W_])")
_GAP: Final = re.compile(rf"{SEPARATOR}{{0,3}}")
_ALL: Final = re.compile(r"[A-Za-z]{2}[0-9*]{2}[0-9A-Za-z*]+")
_HEAD: Final = re.compile(rf"[A-Za-z]{{2}}{SEPARATOR}?[0-9*]{SEPARATOR}?[0-9*]")
_LAST_HEAD: Final = re.compile(r"[A-Z]{2}[0-9]?\W*\Z")

_ADDRESS_LINES_MAX: Final = 8
_ADDRESS: Final = re.compile(
    r"(?P<local>[^\W_][\w.+\-%']{0,63})@(?:[\w\-]{1,63}\.){1,5}(?P<end>[^\W\d_]{2,24})"
)
_FILES: Final = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "css", "js", "ts"})
_AROUND: Final = "<>()[]{}\"'`,;:!?"


class _Piece(NamedTuple):
    """Characters of one line that may be a part of a value, and where they are."""

    line: Line
    text: str
    places: tuple[int, ...]


# -- accounts ------------------------------------------------------------------------------------


def find_split_iban(chat: Chat) -> Split | None:
    """Answer the account that the new line ends, if there is one."""
    lasts = list(islice(_next_pieces(chat.new), _PIECES_MAX))
    if not lasts:
        return None
    earlier = [said.line for said in chat.said[1:_LINES_MAX]]
    for at, line in enumerate(earlier):
        heads = list(islice(_heads(line), _HEADS_MAX))
        if not heads:
            continue
        between = [piece for each in earlier[:at] for piece in islice(_next_pieces(each), 1)]
        for head, chosen, last in product(heads, _choices(between[::-1]), lasts):
            split = _account((head, *chosen, last))
            if split is not None:
                return split
    return None


def _choices(between: Sequence[_Piece]) -> list[tuple[_Piece, ...]]:
    """All of the lines between, or all but one."""
    without_one = (
        (*between[:at], *between[at + 1 :]) for at in range(min(len(between), _BETWEEN_MAX))
    )
    return [tuple(between), *without_one]


def _heads(line: Line) -> Iterator[_Piece]:
    """What an account may begin with, to the end of a line: its country and, if it goes on, more.

    A country by itself is also a word of some language, so it is one only at the end of a line.
    """
    tokens = list(_TOKEN.finditer(line.view))
    for token in tokens[-_LONGEST - _WORDS_BEHIND_MAX :]:
        if token[0][:2].upper() in IBAN_LENGTHS:
            head = _HEAD.match(line.view, token.start()) or _LAST_HEAD.match(
                line.view, token.start()
            )
            rest = _rest(line, token.start(), is_head=True)
            if head and len(_TOKEN.findall(line.view, rest.places[-1] + 1)) <= _WORDS_BEHIND_MAX:
                yield rest


def _next_pieces(line: Line) -> Iterator[_Piece]:
    """What an account may go on with: from a token with a digit, or a bank's code, on."""
    if not line.is_short:
        return
    for token in _TOKEN.finditer(line.view):
        if _may_be_inside(token[0]):
            yield _rest(line, token.start())


def _may_be_inside(token: str) -> bool:
    """It has digits, or is a bank's code; it is no word."""
    return not token.isalpha() or token.isupper()


def _rest(line: Line, start: int, *, is_head: bool = False) -> _Piece:
    """The tokens from a place on that have little between them, up to a word or to enough."""
    places: list[int] = []
    at = start
    while len(places) < _LONGEST and (token := _TOKEN.match(line.view, at)):
        is_code = is_head and len(token[0]) == _BANK_CODE
        if at > start and not (is_code or _may_be_inside(token[0])):
            break
        places += range(*token.span())
        gap = _GAP.match(line.view, token.end())
        at = gap.end() if gap else token.end()
    return _Piece(line, "".join(line.view[place] for place in places), tuple(places))


def _account(pieces: tuple[_Piece, ...]) -> Split | None:
    *others, last = pieces
    before = "".join(piece.text for piece in others)
    size = IBAN_LENGTHS.get(before[:2].upper(), 0) - len(before)
    if not 0 < size <= len(last.text):
        return None
    end = last.places[size - 1] + 1
    account = before + last.text[:size]
    if last.line.view[end : end + 1].isalnum() or not _holds(account):
        return None
    if "*" in account and not _is_glued(others[0]):
        return None
    hidden = [
        (piece.line, Cover(piece.places[0], piece.places[-1] + 1, MaskKind.IBAN))
        for piece in others
    ]
    cover = Cover(last.places[0], end, MaskKind.IBAN, min(_TAIL, size))
    return Split((*hidden, (last.line, cover)), tuple(piece.text for piece in others))


def _is_glued(head: _Piece) -> bool:
    """Its country is no word of its own."""
    return len(head.places) > 2 and head.places[2] == head.places[1] + 1


def _holds(account: str) -> bool:
    """Its check digits fit; where some of it is hidden, its country, its length and its form."""
    return iban_holds(account) if "*" not in account else _ALL.fullmatch(account) is not None


# -- addresses -----------------------------------------------------------------------------------


def may_go_on(line: Line) -> bool:
    """An address may be begun in it that is not complete."""
    return "@" in line.view and not any(found.kind == MaskKind.EMAIL for found in line.found)


def find_split_email(chat: Chat) -> Split | None:
    """Answer the address that the new line ends, if there is one.

    Small talk may stand between its parts. What is a line by itself is rather a part than the last
    word of one that says more, and so is what is longer.
    """
    new = _edge(chat.new, 0)
    earlier = [_edge(said.line, -1) for said in chat.said[1:_ADDRESS_LINES_MAX]]
    found = [
        (_is_alone(earlier[first]), len(earlier[first].text), split)
        for first in range(len(earlier))
        for between in ((), *((piece,) for piece in earlier[:first] if _is_alone(piece)))
        if (split := _address((earlier[first], *between, new))) is not None
    ]
    return max(found, key=lambda each: each[:2])[2] if found else None


def _is_alone(piece: _Piece) -> bool:
    return piece.text == piece.line.view.strip()


def _edge(line: Line, at: int) -> _Piece:
    """The first or the last of what has no white space in it."""
    words = list(re.finditer(r"\S+", line.view))
    if not words:
        return _Piece(line, "", ())
    word = words[at]
    text = word[0].strip(_AROUND)
    if at == 0:
        text = text.rstrip(".")
    start = word.start() + word[0].find(text)
    return _Piece(line, text, tuple(range(start, start + len(text))))


def _address(pieces: Sequence[_Piece]) -> Split | None:
    joined = "".join(piece.text for piece in pieces)
    match = _ADDRESS.fullmatch(joined)
    if match is None or match["end"].lower() in _FILES or not all(piece.text for piece in pieces):
        return None
    covers: list[tuple[Line, Cover]] = []
    said: list[str] = []
    left = len(match["local"])
    for piece in pieces:
        if left <= 0:
            break
        places = piece.places[:left]
        covers.append((piece.line, Cover(places[0], places[-1] + 1, MaskKind.EMAIL)))
        said.append(piece.text[:left])
        left -= len(piece.text)
    return Split(tuple(covers), tuple(said))

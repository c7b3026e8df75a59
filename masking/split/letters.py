"""IBANs and e-mail addresses that are spread over lines of one sender."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from masking.checks import IBAN_LENGTHS, iban_holds
from masking.model import MaskKind
from masking.scan import SEPARATOR
from masking.split.chat import Chat, Split
from masking.split.line import Cover, Line

_LINES_MAX: Final = 10  # of the sender, back from the new one, in which an account may begin
_BETWEEN_MAX: Final = 5  # lines between its first part and its last
_TAIL: Final = 4
_TOKEN: Final = re.compile(r"[A-Za-z0-9*]+")
_GAP: Final = re.compile(rf"{SEPARATOR}{{0,3}}")
_ALL: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}[0-9*A-Z]+|[a-z]{2}[0-9]{2}[0-9*a-z]+")
_HEAD: Final = re.compile(r"[A-Za-z]{2}(?:[0-9]{1,2}[A-Za-z0-9]*)?")

_ADDRESS_LINES_MAX: Final = 4
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
    lasts = list(_next_pieces(chat.new))
    if not lasts:
        return None
    earlier = [said.line for said in chat.said[1:_LINES_MAX]]
    for at, line in enumerate(earlier):
        between = [piece for each in earlier[:at] for piece in list(_next_pieces(each))[:1]]
        between = between[:_BETWEEN_MAX][::-1]
        for head in _heads(line):
            for chosen in _choices(between):
                for last in lasts:
                    split = _account((head, *chosen, last))
                    if split is not None:
                        return split
    return None


def _choices(between: Sequence[_Piece]) -> Iterator[tuple[_Piece, ...]]:
    """All of the lines between, then fewer and fewer of them."""
    for count in range(len(between), -1, -1):
        yield from combinations(between, count)


def _heads(line: Line) -> Iterator[_Piece]:
    """What an account may begin with, to the end of a line."""
    for token in _TOKEN.finditer(line.view):
        head = _HEAD.match(token[0])
        if head is not None and token[0][:2].upper() in IBAN_LENGTHS:
            rest = _rest(line, token.start())
            if rest is not None:
                yield rest


def _next_pieces(line: Line) -> Iterator[_Piece]:
    """What an account may go on with: from a token with a digit, or a bank's code, on."""
    for count, token in enumerate(_TOKEN.finditer(line.view)):
        if count > _BETWEEN_MAX:
            return
        if any(one.isdigit() for one in token[0]) or (token[0].isupper() and len(token[0]) > 1):
            rest = _rest(line, token.start(), is_whole=False)
            if rest is not None:
                yield rest


def _rest(line: Line, start: int, *, is_whole: bool = True) -> _Piece | None:
    """The tokens from a place on that have little between them; all of them to the line's end."""
    places: list[int] = []
    at = start
    while token := _TOKEN.match(line.view, at):
        places += range(*token.span())
        gap = _GAP.match(line.view, token.end())
        at = gap.end() if gap else token.end()
    if is_whole and _TOKEN.search(line.view, at):
        return None
    return _Piece(line, "".join(line.view[place] for place in places), tuple(places))


def _account(pieces: tuple[_Piece, ...]) -> Split | None:
    before = "".join(piece.text for piece in pieces[:-1])
    length = IBAN_LENGTHS.get(before[:2].upper())
    if length is None or not 0 < length - len(before) <= len(pieces[-1].text):
        return None
    *others, last = pieces
    size = length - len(before)
    end = last.places[size - 1] + 1
    if last.line.view[end : end + 1].isalnum() or not _holds(before + last.text[:size]):
        return None
    hidden = [
        (piece.line, Cover(piece.places[0], piece.places[-1] + 1, MaskKind.IBAN))
        for piece in others
    ]
    cover = Cover(last.places[0], end, MaskKind.IBAN, min(_TAIL, size))
    return Split((*hidden, (last.line, cover)), tuple(piece.text for piece in others))


def _holds(account: str) -> bool:
    """Its check digits fit; where some of it is hidden, its country, its length and its form."""
    if "*" not in account:
        return iban_holds(account)
    return account[2:4].isdigit() and _ALL.fullmatch(account) is not None


# -- addresses -----------------------------------------------------------------------------------


def may_go_on(line: Line) -> bool:
    """An address may be begun in it that is not complete."""
    return "@" in line.view and not any(found.kind == MaskKind.EMAIL for found in line.found)


def find_split_email(chat: Chat) -> Split | None:
    """Answer the address that the new line ends, if there is one."""
    said = [each.line for each in chat.said[:_ADDRESS_LINES_MAX]]
    pieces = [_edge(said[0], 0)]
    for line in said[1:]:
        pieces.insert(0, _edge(line, -1))
        split = _address(pieces)
        if split is not None:
            return split
        if pieces[0].text != line.view.strip():
            return None  # it said more: what stood before does not go on here
    return None


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
    left = len(match["local"])
    for piece in pieces:
        if left <= 0:
            break
        places = piece.places[:left]
        covers.append((piece.line, Cover(places[0], places[-1] + 1, MaskKind.EMAIL)))
        left -= len(piece.text)
    return Split(tuple(covers))

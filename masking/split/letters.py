"""IBANs and e-mail addresses that are spread over lines of one sender."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple

from masking.addresses import AT_WORDS, DOT_WORDS, PROVIDERS
from masking.checks import IBAN_LENGTHS, OF_DIGITS_ALONE, iban_holds
from masking.model import MaskKind
from masking.scan import SEPARATOR
from masking.split.chat import Chat, Split
from masking.split.line import Cover, Line, Piece
from masking.split.words import Topic

_LINES_MAX: Final = 9  # of the sender, before the new one, in which an account may begin
_LONGEST: Final = max(IBAN_LENGTHS.values())
_HEADS_MAX: Final = 12  # pieces of one line; nobody begins more accounts in it
_PASSED_MAX: Final = 2  # lines with digits that are no part of it
_STEPS_MAX: Final = 400  # ways to join lines that are tried for one beginning
_WORDS_BEHIND_MAX: Final = 4  # "that is all"
_WORDS_MAX: Final = 5  # of a line without digits that may be a part: its words are codes
_TOKENS_MAX: Final = 14
_TAIL: Final = 4
_COUNTRY: Final = 2  # letters
_TOKEN: Final = re.compile(r"(?<![^\W_])[A-Za-z0-9*]+(?![^\W_])")
_GAP: Final = re.compile(rf"{SEPARATOR}{{0,3}}")
_ALL: Final = re.compile(r"[A-Za-z]{2}[0-9*]{2}[0-9A-Za-z*]+")
_HEAD: Final = re.compile(rf"[A-Za-z]{{2}}{SEPARATOR}?[0-9*]{SEPARATOR}?[0-9*]")
_LAST_HEAD: Final = re.compile(r"[A-Z]{2}[0-9]?\W*\Z")

_ADDRESS_LINES_MAX: Final = 7
ADDRESS_MAX: Final = 80
"""Characters of a line that ends an address whose sign was in another."""

_END_MIN: Final = 2  # letters behind the full stop
_PAIR: Final = 2
_ADDRESS: Final = re.compile(
    r"(?P<local>[^\W_][\w.+\-%']{0,63})@(?P<domain>[\w\-]{1,63})\.(?:[\w\-]{1,63}\.){0,4}"
    r"(?P<end>[^\W\d_]{2,24})"
)
_DOMAIN: Final = re.compile(r"(?:[\w\-]{1,63}\.){1,5}[^\W\d_]{2,24}")
_LOCAL: Final = re.compile(r"[^\W_][\w.+\-%']{0,63}(?:@[\w.\-]{0,63})?")
_WORD: Final = re.compile(r"\S+")
_SIGNS: Final = ("@", ".")
_FILES: Final = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "css", "js", "ts"})
_AROUND: Final = "<>()[]{}\"'`,;:!?"
_SMALL_TALK: Final = frozenset(
    # What people answer before they answer, in letters that an address may have.
    str.split(
        "ok okay yes yeah yep sure no nope hi hello hey wait one sec moment here there it its is"
        " thanks thank thx please and the my so well right fine great perfect hmm um oh sorry"
        " hej ja jo nej jag vent tack tak javisst oi sim claro pronto obrigado obrigada espera"
        " hallo nein gut danke bitte moment genau oui non merci voila bien attends si vale bueno"
        " gracias hola listo perdon done sent hai"
    )
)


class _Stretch(NamedTuple):
    """Tokens of one line in a row that may be a part of an account."""

    line: Line
    text: str
    tokens: Sequence[re.Match[str]]

    @property
    def span(self) -> tuple[int, int]:
        """Where it is in the line."""
        return self.tokens[0].start(), self.tokens[-1].end()


# -- accounts ------------------------------------------------------------------------------------


def find_split_iban(chat: Chat) -> Split | None:
    """Answer the account that the new line ends, if there is one."""
    lasts = [*_pieces(chat.new)]
    if not lasts:
        return None
    earlier = chat.earlier(_LINES_MAX)
    between: list[list[_Stretch]] = []  # of each line, once an account may begin before it
    for at, line in enumerate(earlier):
        for head in islice(_heads(line), _HEADS_MAX):
            between += [[*_pieces(each)] for each in earlier[len(between) : at]]
            split = _Accounts(head, between[::-1], lasts).find()
            if split is not None:
                return split
    return None


def begins_account(line: Line) -> bool:
    """An account may begin in it that is not complete."""
    return any(True for _ in _heads(line))


class _Accounts:
    """Tries the ways to join pieces of lines to what an account begins with."""

    def __init__(
        self, head: _Stretch, between: Sequence[Sequence[_Stretch]], lasts: Sequence[_Stretch]
    ) -> None:
        self._head = head
        self._lines = [*between, lasts]
        self._country = head.text[:_COUNTRY].upper()
        self._size = IBAN_LENGTHS[self._country]
        self._is_upper = head.text[:_COUNTRY].isupper()
        self._steps = _STEPS_MAX

    def find(self) -> Split | None:
        """Answer the first that has its country's length and check digits."""
        return self._joined((self._head,), len(self._head.text), 0, 0)

    def _joined(
        self, pieces: tuple[_Stretch, ...], size: int, place: int, passed: int
    ) -> Split | None:
        is_last = place == len(self._lines) - 1
        for piece in self._lines[place]:
            self._steps -= 1
            if self._steps < 0:
                return None
            longer = size + len(piece.text)
            if self._is_upper and piece.text != piece.text.upper():
                continue
            if not _may_be_of(self._country, piece.text):
                continue
            if is_last:
                if longer == self._size and (split := _account((*pieces, piece))) is not None:
                    return split
            elif longer < self._size:
                split = self._joined((*pieces, piece), longer, place + 1, passed)
                if split is not None:
                    return split
        if is_last:
            return None
        passed += any(not piece.text.isalpha() for piece in self._lines[place])
        return self._joined(pieces, size, place + 1, passed) if passed <= _PASSED_MAX else None


def _heads(line: Line) -> Iterator[_Stretch]:
    """What an account may begin with, to the end of a line: its country and, if it goes on, more.

    A country by itself is also a word of some language, so it is one only at the end of a line.
    """
    if not (_HEAD.search(line.view) or _LAST_HEAD.search(line.view)):
        return
    tokens = [*_TOKEN.finditer(line.view)][-_LONGEST - _WORDS_BEHIND_MAX :]
    for at, token in enumerate(tokens):
        if token[0][:2].upper() in IBAN_LENGTHS and (
            _HEAD.match(line.view, token.start()) or _LAST_HEAD.match(line.view, token.start())
        ):
            country = token[0][:_COUNTRY].upper()
            for stretch in _stretches(line, tokens, [at]):
                if _may_be_of(country, stretch.text[_COUNTRY:]):
                    yield stretch


def _may_be_of(country: str, text: str) -> bool:
    """A part of an account may belong to a country: most have no letters in theirs."""
    return country not in OF_DIGITS_ALONE or not text or text.replace("*", "0").isdigit()


def _pieces(line: Line) -> Iterator[_Stretch]:
    """What an account may go on with: tokens in a row, without words at the ends of a short line.

    The longest ones first.
    """
    if line.words > _WORDS_MAX and not line.runs:
        return
    tokens = [*_TOKEN.finditer(line.view)]
    if 0 < len(tokens) <= _TOKENS_MAX:
        firsts = next((at for at, token in enumerate(tokens) if not token[0].isalpha()), None)
        firsts = len(tokens) - 1 if firsts is None else firsts
        yield from _stretches(line, tokens, range(firsts + 1))


def _stretches(
    line: Line, tokens: Sequence[re.Match[str]], firsts: Sequence[int]
) -> Iterator[_Stretch]:
    """Tokens in a row from one of the first on, to the end of the line but for words."""
    apart = [
        at
        for at, (one, two) in enumerate(pairwise(tokens), start=1)
        if not _GAP.fullmatch(line.view, one.end(), two.start())
    ]
    ends = range(len(tokens), max(0, len(tokens) - _WORDS_BEHIND_MAX - 1), -1)
    least = next((end for end in ends if not tokens[end - 1][0].isalpha()), min(ends, default=0))
    for first in firsts:
        longest = next((at for at in apart if at > first), len(tokens))
        for end in range(longest, max(first, least - 1), -1):
            chosen = tokens[first:end]
            yield _Stretch(line, "".join([token[0] for token in chosen]), chosen)


def _account(pieces: tuple[_Stretch, ...]) -> Split | None:
    *others, last = pieces
    account = "".join(piece.text for piece in pieces)
    if not _holds(account) or ("*" in account and not _is_glued(others[0])):
        return None
    hidden = [(piece.line, Cover(*piece.span, MaskKind.IBAN)) for piece in others]
    cover = Cover(*last.span, MaskKind.IBAN, min(_TAIL, len(last.text)))
    return Split((*hidden, (last.line, cover)), tuple(piece.text for piece in others))


def _is_glued(head: _Stretch) -> bool:
    """Its country is no word of its own."""
    return len(head.tokens[0][0]) > _COUNTRY


def _holds(account: str) -> bool:
    """Its check digits fit; where some of it is hidden, its country, its length and its form."""
    return iban_holds(account) if "*" not in account else _ALL.fullmatch(account) is not None


# -- addresses -----------------------------------------------------------------------------------


def begins_address(line: Line) -> bool:
    """An address may be begun in it that is not complete."""
    return "@" in _last(line).text and not any(found.kind == MaskKind.EMAIL for found in line.found)


def may_end_address(text: str, words: Iterable[bytes]) -> bool:
    """Tell cheaply whether a text of these words may end an address, its sign in words perhaps."""
    at = text.find(".")
    if 0 <= at < len(text) - _END_MIN and text[at + 1].isalpha():
        return True
    return not DOT_WORDS.isdisjoint(words)


def may_hold_address(line: Line) -> bool:
    """An address may end in it."""
    text = line.text
    if "@" in line.view:
        return True
    return len(text) <= ADDRESS_MAX and may_end_address(text, text.lower().encode().split())


def find_split_email(chat: Chat) -> Split | None:
    """Answer the address that the new line ends, if there is one.

    Small talk may stand between its parts. What is a line by itself is rather a part than the last
    word of one that says more, and so is what is longer. Where an address was asked for, all
    lines that may be its beginning are hidden.
    """
    new = _edge(chat.new, 0)
    earlier = [_last(line) for line in chat.earlier(_ADDRESS_LINES_MAX)]
    if any(found.kind == MaskKind.EMAIL and found.start == 0 for found in chat.new.found):
        return _begun_before(chat, earlier)
    new = _end_of_new(chat, new, earlier)
    if not any("@" in piece.text for piece in (new, *earlier)) and not _is_sign_asked(chat):
        return None
    found = [
        (_is_alone(earlier[first]), len(earlier[first].text), split)
        for first in range(len(earlier))
        for between in ((), *((piece,) for piece in earlier[:first] if _is_alone(piece)))
        if (split := _address((earlier[first], *between, new), chat)) is not None
    ]
    if not found:
        return None
    found.sort(key=lambda each: each[:2], reverse=True)
    chosen = found if chat.is_about(Topic.EMAIL) else found[:1]
    alone = [split for is_alone, _, split in chosen if is_alone] or [found[0][2]]
    covers = dict.fromkeys(cover for split in alone for cover in split.covers)
    return Split(tuple(covers), alone[0].said)


def _end_of_new(chat: Chat, first: Piece, earlier: Sequence[Piece]) -> Piece:
    """What an address goes on with, at the end of a line that says so: "the rest: @shop.com"."""
    if _is_alone(first) or not chat.is_about(Topic.EMAIL):
        return first
    last = _last(chat.new)
    is_meant = last.text.startswith(_SIGNS) or (bool(earlier) and earlier[0].text.endswith(_SIGNS))
    return last if is_meant else first


def _begun_before(chat: Chat, earlier: Sequence[Piece]) -> Split | None:
    """What looks whole may have been begun in the line before, in answer to the question."""
    if not earlier or chat.said[0].asked is not chat.said[1].asked or not _is_local(earlier[0]):
        return None
    if not (_is_alone(earlier[0]) and chat.said[1].is_asked(Topic.EMAIL)):
        return None
    places = earlier[0].places
    cover = Cover(places[0], places[-1] + 1, MaskKind.EMAIL)
    return Split(((earlier[0].line, cover),))


def _is_local(piece: Piece) -> bool:
    return bool(_LOCAL.fullmatch(piece.text)) and piece.text.lower().strip("@") not in _SMALL_TALK


def _is_alone(piece: Piece) -> bool:
    return not piece.line.view[: piece.start].strip() and not piece.line.view[piece.end :].strip()


def _last(line: Line) -> Piece:
    """What an address may begin with."""
    if line.last is None:
        line.last = _edge(line, -1)
    return line.last


def _edge(line: Line, at: int) -> Piece:
    """The first or the last of what has no white space in it, but beside a sign in words."""
    chosen: list[Piece] = []
    for start, end in _words_back(line.view) if at else _words(line.view):
        word = _signed(line, start, end)
        if chosen and not (word.text in _SIGNS or chosen[-1].text in _SIGNS):
            break
        chosen.append(word)
    if not chosen:
        return Piece(line, "", (), 0, 0)
    if at:
        chosen.reverse()
    text = "".join([word.text for word in chosen])
    places = tuple([place for word in chosen for place in word.places])
    if at == 0 and text.endswith("."):
        text, places = text[:-1], places[:-1]
    return Piece(line, text, places, chosen[0].start, chosen[-1].end)


def _words(view: str) -> Iterator[tuple[int, int]]:
    """Where what has no white space in it begins and ends."""
    return (word.span() for word in _WORD.finditer(view))


def _words_back(view: str) -> Iterator[tuple[int, int]]:
    """The same from the end on."""
    while view := view.rstrip():
        start = len(view) - len(view.rsplit(None, 1)[-1])
        yield start, len(view)
        view = view[:start]


def _signed(line: Line, start: int, end: int) -> Piece:
    """A word without what stands around it; a sign in words as the sign."""
    word = line.view[start:end]
    text = word.strip(_AROUND)
    first = start + word.find(text)
    raw = text.lower().encode(errors="replace")
    sign = "@" if raw in AT_WORDS else "." if raw in DOT_WORDS else text
    places = range(first, first + len(text)) if sign == text else (first,)
    return Piece(line, sign, tuple(places), start, end)


def _address(pieces: Sequence[Piece], chat: Chat) -> Split | None:
    first, *others = pieces
    before, behind = "".join(piece.text for piece in pieces[:-1]), pieces[-1].text
    if "." in before.partition("@")[2] and not (before.endswith(".") or behind.startswith(".")):
        return None  # it is whole already
    joined = before + behind
    if "@" not in joined:
        if len(pieces) != _PAIR or not _is_sign_asked(chat):
            return None
        joined = f"{first.text}@{others[0].text}"
    match = _ADDRESS.fullmatch(joined)
    if match is None or not all(piece.text for piece in pieces) or not _is_local(first):
        return None
    if match["end"].lower() in _FILES or (match["domain"].isascii() and not first.text.isascii()):
        return None
    if not _is_meant(match, pieces, chat):
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


def _is_sign_asked(chat: Chat) -> bool:
    """Somebody asked how an address goes on."""
    return chat.is_asked(Topic.EMAIL) and _DOMAIN.fullmatch(_edge(chat.new, 0).text) is not None


def _is_meant(match: re.Match[str], pieces: Sequence[Piece], chat: Chat) -> bool:
    """The sign was typed; in words, it may be a place: "bought", "at shop.com"."""
    if any("@" in piece.line.view for piece in pieces) or chat.is_about(Topic.EMAIL):
        return True
    is_name = match["local"].isalpha()
    return _is_alone(pieces[0]) and (not is_name or match["domain"].lower() in PROVIDERS)

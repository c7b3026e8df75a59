"""Reads numbers that were written in words, digit by digit, in nine languages.

Only rows are read: three digits or more with nothing but separators between them, at least one of
them a word that is nothing else in another of the languages (`to` is two in Danish).
"""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

import msgspec

from masking.scan import by_first_letter
from masking.views import View

LEAST: Final = 3
"""A row of fewer digits is nothing that is masked: a security code has three."""

_WORDS: Final = """
0 zero null noll nul nought naught oh o cero zéro zerro صفر rei maru
1 one ett en et um uma eins ein une un uno una واحد واحدة واحده ichi
2 two två tva to dois duas zwei zwo deux dos اثنان اثنين إثنان إثنين اتنين اثنا اثنتان ni
3 three tre três tres drei trois ثلاثة ثلاث تلاتة ثلاثه تلاته san
4 four fyra fire quatro vier quatre cuatro أربعة اربعة أربع اربع أربعه اربعه yon
5 five fem cinco fünf fuenf funf cinq خمسة خمس خمسه go
6 six sex seks seis sechs ستة ست سته roku meia
7 seven sju syv sete sieben sept siete سبعة سبع سبعه nana shichi
8 eight åtta atta otte oito acht huit ocho ثمانية ثماني ثمان تمانية ثمانيه تمانيه hachi
9 nine nio nove neun neuf nueve تسعة تسع تسعه kyuu kyu
10 ten 11 eleven 12 twelve 13 thirteen 14 fourteen 15 fifteen
16 sixteen 17 seventeen 18 eighteen 19 nineteen
"""
_TENS: Final = dict(
    zip(str.split("twenty thirty forty fifty sixty seventy eighty ninety"), "23456789", strict=True)
)
_TIMES: Final = {
    word: times
    for times, words in {
        2: "double dubbel dobbelt duplo doppelt doppel doble",
        3: "triple treble trippel tredobbelt triplo dreifach",
    }.items()
    for word in words.split()
}
_TIMES_MAX: Final = max(_TIMES.values())
_BETWEEN: Final = {
    word: sign
    for sign, words in {
        "-": "dash hyphen minus bindestreck bindestreg hífen guión guion tiret",
        "/": "slash snedstreck skråstreg barra schrägstrich barre",
        ".": "dot point punkt punktum ponto punto",
        "+": "plus",
        " ": "space",
    }.items()
    for word in words.split()
}
_WEAK: Final = frozenset(str.split("o en et um uma ein une un una to dos ni san fire go meia nana"))
"""Common words of one language that are digits of another: alone they make no row."""

_ROMAJI: Final = frozenset(str.split("ichi san yon go roku nana shichi hachi kyuu kyu rei maru"))


_ONLY_ROMAJI: Final = frozenset(str.split("go san nana"))
"""Common words of other languages: they begin or end no row that has no other word of Japanese."""

_SPEAKERS: Final = {
    # Whose digit a common word is, by their other digits.
    word: frozenset(digits.split())
    for words, digits in {
        "to ni fire": "nul tre fem seks syv otte fire",
        "en": "nul noll två tre fyra fem sex seks sju syv åtta atta otte nio",
        "o": "one two three four five six seven eight nine double",
        "un": "zéro deux trois quatre cinq six sept huit neuf"
        " cero tres cuatro cinco seis siete ocho nueve",
        "una dos": "cero uno tres cuatro cinco seis siete ocho nueve",
    }.items()
    for word in words.split()
}

_SURE_ROMAJI: Final = _ROMAJI - _ONLY_ROMAJI

_STUCK: Final = re.compile(
    # A word that names a number, or ends what is said of it, with a digit's word glued to it.
    r"(?P<cue>cpf|cpr|pnr|ssn|iban|visa|mastercard|amex|kort|kortet|card|cart[ãa]o|tarjeta|carte|karte|phone"
    r"|mobil|mobile|tel|tlf|telefon|celular|handy|nr|nummer|n[uú]mero|num[ée]ro|number|is|er|är"
    r"|est|ist|es|no|num)(?P<first>\w+)|(?P<last>\w{2,}?)"
    r"(?:ok|okay|thanks|thank|thx|please|pls|tack|tak|danke|bitte|obrigad[oa]|merci|gracias)"
)


_ENDINGS: Final = frozenset(str.split("en et to un o"))
"""Digits' words that also end other words: `kortet`, `esto`."""


def _table() -> dict[str, str]:
    digits: dict[str, str] = {}
    number = ""
    for word in _WORDS.split():
        if word.isdecimal():
            number = word
        else:
            digits[word] = number
    return digits


_DIGITS: Final = _table()
_KNOWN: Final = {*_DIGITS, *_TENS, *_TIMES, *_BETWEEN}
DIGIT_WORDS: Final = frozenset(word.encode() for word in (*_DIGITS, *_TENS, *_TIMES))
"""What tells cheaply, as words in lower case, that a text may spell a number."""

WEAK_WORDS: Final = frozenset(word.encode() for word in _WEAK)
SURE_WORDS: Final = DIGIT_WORDS - WEAK_WORDS
"""Those that are no common words of another of the languages."""

_TOKEN: Final = re.compile(
    # Words end where another script begins: in Japanese there is nothing else between them.
    r"[a-z\u00df-\u024f]++|[\u0621-\u064a\u0670-\u06d3]++|[0-9]++|[^\W\d_]"
)
_FILLER: Final = 4
"""Letters at most of what stands among the digits of an account number and is no digit."""

LEAST_OF_AN_ACCOUNT: Final = 11  # digits of a row before other letters are taken for a part of it
_GAP: Final = 4  # separators between two digits of a row, as between the digits of a card

_KANA: Final = {
    **dict(zip("〇零○一二三四五六七八九壱弐参", "000123456789123", strict=True)),
    **{
        word: str(digit)
        for digit, words in enumerate(
            str.split(
                "ゼロ,れい,レイ,まる,マル いち,イチ に,ニ さん,サン よん,ヨン,し,シ ご,ゴ ろく,ロク"
                " なな,ナナ,しち,シチ はち,ハチ きゅう,キュウ,く,ク"
            )
        )
        for word in words.split(",")
    },
}
_KANA_TOKEN: Final = "|".join(sorted(_KANA, key=len, reverse=True))
_KANA_GAP: Final = r"(?:[\s\-,./・、の]|ハイフン)"
_KANA_ROW: Final = re.compile(
    rf"(?:{_KANA_TOKEN}|[0-9])(?:{_KANA_GAP}{{0,4}}+(?:{_KANA_TOKEN}|[0-9])){{2,}}+"
)
_SURE: Final = by_first_letter(*(word for word in _KANA if word not in "にしごく"))
_MAY_BE_KANA: Final = re.compile(_SURE)
_SURE_KANA: Final = re.compile(_SURE + f"|(?:[にしごく]{_KANA_GAP}{{0,4}}+){{3}}")
_KANA_PART: Final = re.compile(rf"(?:{_KANA_TOKEN})|[0-9]++|{_KANA_GAP}++")


_LAST: Final = 2  # letters of the shortest of these endings
_STUCK_ENDS: Final[dict[str, tuple[str, ...]]] = {}
"""How all words end that ``_STUCK`` takes apart, by their last letters."""

for _ending in (
    *(word for word in _DIGITS if word not in _ENDINGS),
    *str.split("ok okay thanks thank thx please pls tack tak danke bitte obrigado obrigada merci"),
    "gracias",
):
    _STUCK_ENDS[_ending[-_LAST:]] = (*_STUCK_ENDS.get(_ending[-_LAST:], ()), _ending)


class _Token(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    start: int
    end: int
    word: str


def with_digits(view: View, least: int = LEAST) -> View:
    """Read every row of spelled digits in ``view`` as digits, with nothing between them."""
    return _read_rows(view, filler=0, least=least)


def with_digits_of_accounts(view: View) -> View:
    """Read spelled digits in ``view`` that have other letters among them, as IBANs do."""
    return _read_rows(view, filler=_FILLER, least=LEAST_OF_AN_ACCOUNT)


def _read_rows(view: View, *, filler: int, least: int) -> View:
    text = view.text.lower()
    if least > 1 and not (_may_have_account(text, least) if filler else _may_have_row(text)):
        return view
    rows = map(_trimmed, _rows(text, filler))
    return view.respelled(
        spelling for row in rows if _is_number(row, least) for spelling in _spellings(row)
    )


def may_be_kana(text: str) -> bool:
    """Tell whether ``text`` has a row of Japanese digits."""
    if _MAY_BE_KANA.search(text) is None:
        return False
    return any(_is_kana(match[0]) for match in _KANA_ROW.finditer(text))


def with_kana(view: View) -> View:
    """Read every row of Japanese digits in ``view`` as digits."""
    return view.respelled(
        spelling
        for row in _KANA_ROW.finditer(view.text)
        if _is_kana(row[0])
        for part in _KANA_PART.finditer(view.text, *row.span())
        if (spelling := _kana_spelling(part)) is not None
    )


def _is_kana(row: str) -> bool:
    """Tell whether ``row`` has words that are surely digits: some single kana are particles."""
    return not row.isascii() and _SURE_KANA.search(row) is not None


def _kana_spelling(part: re.Match[str]) -> tuple[int, int, str] | None:
    text = part[0]
    if text[0].isdecimal() and text.isascii():
        return None
    digit = _KANA.get(text)
    if digit is None:
        digit = "-" if "の" in text or "ハ" in text else ""
    return (*part.span(), digit)


def _may_have_row(text: str) -> bool:
    """Tell, cheaply, whether a word in ``text`` and the one beside it may be of one row."""
    is_last = is_last_word = False
    for word in _TOKEN.findall(text):
        ends = _STUCK_ENDS.get(word[-_LAST:])
        is_word = word in _KNOWN or (ends is not None and word.endswith(ends))
        is_known = is_word or word.isdigit()
        if is_known and is_last and (is_word or is_last_word):
            return True
        is_last, is_last_word = is_known, is_word
    return False


def _may_have_account(text: str, least: int) -> bool:
    """Tell, cheaply, whether ``least`` digits in ``text``, some in words, may be of one row."""
    count = 0
    has_words = False
    for word in _TOKEN.findall(text):
        if word.isdigit():
            count += len(word)
        elif word in _KNOWN or (
            len(word) > _FILLER and word.endswith(_STUCK_ENDS.get(word[-_LAST:], ()))
        ):
            count += _TIMES_MAX
            has_words = True
        elif len(word) > _FILLER:
            count, has_words = 0, False
        if has_words and count >= least:
            return True
    return False


def _rows(text: str, filler: int) -> Iterator[list[_Token]]:
    """Yield the longest rows of digits, their words and others as short as ``filler``."""
    row: list[_Token] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        token = _Token(start=match.start(), end=match.end(), word=word)
        is_known = word in _KNOWN or word.isdigit()
        if not is_known:
            token = _unstuck(token)
            is_known = len(token.word) <= filler or token.word in _KNOWN
        if row and not (is_known and _are_near(text, row[-1].end, token.start)):
            yield row
            row = []
        if is_known:
            row.append(token)
    if row:
        yield row


def _are_near(text: str, end: int, start: int) -> bool:
    """Tell whether what stands from ``end`` to ``start`` may stand between digits of a row."""
    return start == end or (start - end <= _GAP and "*" not in text[end:start])


def _unstuck(token: _Token) -> _Token:
    """Take what is no digit's word off ``token``, where the word is glued to another."""
    word = token.word
    stuck = _STUCK.fullmatch(word) if len(word) > _FILLER else None
    if stuck is None:
        return token
    group = "first" if stuck["cue"] else "last"
    start, end = stuck.span(group)
    is_digit = stuck[group] in _DIGITS and stuck[group] not in _ENDINGS
    if not is_digit:
        return token
    return _Token(start=token.start + start, end=token.start + end, word=stuck[group])


def _trimmed(row: list[_Token]) -> list[_Token]:
    """Take words of another language off the ends of a row."""
    row = _without_foreign(row)
    first, last = 0, len(row)
    if not {row[0].word, row[-1].word} & _ONLY_ROMAJI:
        return row
    if any(token.word in _SURE_ROMAJI for token in row):
        return row
    while last - first > 1 and row[first].word in _ONLY_ROMAJI:
        first += 1
    while last - first > 1 and row[last - 1].word in _ONLY_ROMAJI:
        last -= 1
    return row[first:last]


def _without_foreign(row: list[_Token]) -> list[_Token]:
    """Take common words off the ends of a row that is in no language where they are digits."""
    said = {token.word for token in row} - _WEAK
    if len(row) > LEAST:
        while len(row) > 1 and _is_foreign(row[0].word, said):
            row = row[1:]
        while len(row) > 1 and _is_foreign(row[-1].word, said):
            row = row[:-1]
    return row


def _is_foreign(word: str, said: Collection[str]) -> bool:
    return (
        word in _SPEAKERS
        and any(each in _DIGITS for each in said)
        and _SPEAKERS[word].isdisjoint(said)
    )


def _is_number(row: list[_Token], least: int) -> bool:
    """Tell whether ``row`` has ``least`` digits, some in a word that is surely one."""
    words: list[str] = []
    count = 0
    for token in row:
        word = token.word
        if word in _DIGITS or word in _TENS:
            words.append(word)
            count += 1
        elif word in _TIMES:
            count += _TIMES[word] - 1
        elif word[0] in "0123456789":
            count += len(word)
    if not words:
        return False
    is_sure = any(word not in _WEAK for word in words) or len(words) > LEAST
    return count >= least and is_sure


def _spellings(row: list[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield what is read in the places of the words in ``row``, and nothing between the digits."""
    is_romaji = any(token.word in _ROMAJI for token in row)
    times = 1
    end = row[-1].end
    for token, following in pairwise([*row, _Token(start=end, end=end, word="")]):
        digits = _read(token.word, following.word, is_romaji=is_romaji)
        if token.word in _TIMES and following.word:
            times, digits = _TIMES[token.word], ""
        elif digits is not None or times > 1:
            digits = (digits or token.word) if times == 1 else (digits or token.word[:1]) * times
            digits += token.word[1:] if times > 1 and token.word[0] in "0123456789" else ""
            times = 1
        is_word = digits is not None
        if is_word:
            yield token.start, token.end, digits or ""
        is_group = len(token.word) > 1 and token.word.isdigit()
        if following.start > token.end and not is_group and (is_word or following.word in _KNOWN):
            yield token.end, following.start, ""


def _read(word: str, following: str, *, is_romaji: bool) -> str | None:
    """Answer what ``word`` stands for in a number before ``following``; nothing for digits."""
    if word in _TENS:
        is_compound = len(_DIGITS.get(following, "00")) == 1 and _DIGITS[following] != "0"
        return _TENS[word] if is_compound else f"{_TENS[word]}0"
    if word == "ni":
        return "2" if is_romaji else "9"
    return _DIGITS.get(word) or _BETWEEN.get(word)

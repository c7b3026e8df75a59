"""The ways to read a text in which it may hold a value; for nearly every text of a chat, none.

The first reads what was typed, in plain characters and without escapes. Where there are numbers in
words or spelled addresses, another reads those as what they stand for; where there are letters for
digits, one more reads them too, as they may be an account number's own letters.
"""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from masking.addresses import AT_WORDS, DOMAIN_DOT, DOT_WORDS, SET_APART, with_signs
from masking.detectors.cards import find_cards
from masking.detectors.cues import BACK_WORDS, CARD_PAIRS, CARD_WORDS, CARD_WORDS_WITHIN, CODE_WORDS
from masking.detectors.ibans import find_ibans, has_lettered_iban
from masking.detectors.joined import find_joined_cards
from masking.detectors.nationals import find_nationals
from masking.detectors.phones import is_benign, is_unspoken
from masking.detectors.ssns import find_ssns
from masking.escapes import has_escapes, unescaped
from masking.lookalikes import (
    count_with_letters,
    stand_beside_digits,
    with_digits_for_letters,
)
from masking.normalise import RESPELLED_BEGINNINGS, ZERO_WIDTH, is_plain, is_unusual, normalise
from masking.scan import DIGITS_TOGETHER
from masking.spelled import (
    DIGIT_WORDS,
    LEAST,
    LEAST_OF_AN_ACCOUNT,
    SURE_WORDS,
    WEAK_WORDS,
    may_be_kana,
    with_digits,
    with_digits_of_accounts,
    with_kana,
)
from masking.views import View

DIGITS_OF_A_CODE: Final = 3
DIGITS_OF_A_LETTERED_IBAN: Final = 4  # of which two are its check digits
DIGITS_OF_A_PHONE: Final = 7  # E.164 as used; nearly every IBAN has more
DIGITS_OF_AN_SSN: Final = 9
DIGITS_OF_A_CARD: Final = 12

_DIGITS: Final = b"0123456789"
_FOLD: Final = bytes(
    # Letters in lower case, and everything else that is ASCII as a space; what is not ASCII stays.
    byte if byte >= 0x80 or 97 <= byte <= 122 else byte + 32 if 65 <= byte <= 90 else 32
    for byte in range(256)
)
_HINTS: Final = (DIGIT_WORDS | AT_WORDS | DOT_WORDS | CARD_WORDS | BACK_WORDS | CODE_WORDS).union(
    *CARD_PAIRS
)
_TELLING: Final = SURE_WORDS | CARD_WORDS
"""Those that tell by themselves; others are words of any sentence, and tell only together."""

_ROWS: Final = frozenset((b"llll", b"iiii", b"oooo"))  # groups of a card without a digit in them
_PARTS_OF_NAMES: Final = BACK_WORDS.union(*CARD_PAIRS)
_WORTH_A_LOOK: Final = _TELLING | AT_WORDS | WEAK_WORDS | _PARTS_OF_NAMES | _ROWS
_NONE: Final = frozenset[bytes]()
_DIGITS_AMONG_LETTERS: Final = 4  # before letters are taken for digits
_DATE_MAX: Final = 10  # characters of the longest date in digits
_ALONE_MAX: Final = 10  # digits without anything between them; longer ones are mostly values
_ROW_MAX: Final = 17  # characters of a date and six digits, of which no number is made
_JAPANESE: Final = bytes(range(0xE3, 0xEA))  # what UTF-8 of kana and ideographs begins with
_SIGNS: Final = b"@(&%\\" + bytes(set(RESPELLED_BEGINNINGS) | set(_JAPANESE))
"""What an address, an escape or another script begins with: text without them is only words."""

_FOLD_ASCII: Final = bytes(byte if byte < 0x80 else 32 for byte in _FOLD)
_TAIL: Final = re.compile(rb"(?<=\*)[0-9]{1,4}(?![0-9])")
_ZERO_WIDTH: Final = re.compile(
    # Spaces between two such are what is left of signs that were typed apart.
    f"{ZERO_WIDTH}+(?:[ ]{ZERO_WIDTH}+)*"
)


class Reading(NamedTuple):
    """One way to read a text.

    Attributes:
        view: What is read.
        digits: How many digits there are in it.
        may_have_details: There is a word about a card's security code or expiry.
    """

    view: View
    digits: int
    may_have_details: bool


class _Survey(NamedTuple):
    """What a look over a text tells without searching it.

    Attributes:
        is_telling: There is more in it than a number in digits.
    """

    digits: int
    is_japanese: bool
    is_telling: bool = False
    hints: frozenset[bytes] = _NONE
    spelled: int = 0
    has_at: bool = False
    has_rows: bool = False
    may_have_details: bool = False


class _Look(NamedTuple):
    """A text that is worth a survey, its bytes in UTF-8, and its words in small letters."""

    text: str
    raw: bytes
    words: list[bytes]
    digits: int
    has_at: bool = False
    is_japanese: bool = False


def readings(text: str) -> tuple[Reading, ...]:
    """Answer how ``text`` may be read, the plain way first; nothing if it can hold no value."""
    raw = text.encode(errors="replace")
    length = len(raw)
    if len(raw.translate(None, _SIGNS)) != length and not _is_plain(text, raw):
        return _read(text)
    if not text.isascii():
        raw = text.lower().encode(errors="replace")
        length = len(raw)
    words = raw.translate(_FOLD).split()
    digits = length - len(raw.translate(None, _DIGITS))
    if _WORTH_A_LOOK.isdisjoint(words) or not (_has_rows(words, digits) or _tell(words, text)):
        if digits < _DIGITS_AMONG_LETTERS:  # nearly every text of a chat
            return ()
        if not stand_beside_digits(text):
            return _in_digits(text, digits)
    return _in_words(_Look(text, raw, words, digits))


def _in_digits(text: str, digits: int) -> tuple[Reading, ...]:
    """Answer how a plain ``text`` may be read, of which only the ``digits`` tell anything."""
    if not _may_be_number(text, digits):
        return ()
    return (Reading(View(text), digits, may_have_details=False),)


def _in_words(look: _Look) -> tuple[Reading, ...]:
    """Answer how a plain text may be read that has more than digits in it."""
    survey = _surveyed_words(look)
    if not _may_hold(look.text, survey):
        return ()
    read = _read_by(View(look.text), survey)
    is_spelled = len(read) > 1 or survey.may_have_details or "**" in look.text
    return read if is_spelled else _in_digits(look.text, survey.digits)


def _is_plain(text: str, raw: bytes) -> bool:
    """Tell that the signs in ``text`` begin nothing, though they might."""
    if "@" in text and "@" in text.replace("*@", ""):  # a star is part of no address
        return False
    if len(raw) != len(raw.translate(None, _JAPANESE)) or not is_plain(text):
        return False
    return not ("(a)" in text or "(A)" in text or has_escapes(text))


def _read(text: str) -> tuple[Reading, ...]:
    """Answer how ``text`` may be read, which may have more than plain words and digits."""
    is_ascii = text.isascii()
    normal = normalise(text) if not is_ascii and is_unusual(text) else ""
    plain = normal.replace(ZERO_WIDTH, "") or text
    is_escaped = has_escapes(plain)
    survey = _surveyed(plain)
    if not is_escaped and (survey is None or not _may_hold(plain, survey)):
        return ()
    view = View(text)
    if is_escaped or not is_ascii:
        view = unescaped(_without_gaps(View(normal or normalise(text))))
    if is_escaped or view.text != plain:
        survey = _surveyed(view.text)
        if survey is None or not _may_hold(view.text, survey):
            return ()
    assert survey is not None, "what may hold a value was looked over"
    if not survey.is_telling:
        return (Reading(view, survey.digits, may_have_details=False),)
    return _read_by(view, survey)


def _read_by(view: View, survey: _Survey) -> tuple[Reading, ...]:
    """Answer the readings of ``view``, by what its ``survey`` tells may be in it."""
    spelled = _spelled(view, survey)
    unfolded = _with_letters(spelled, survey)
    others = [spelled] if unfolded is spelled else [spelled, unfolded]
    return (
        Reading(view, survey.digits, survey.may_have_details),
        *(_reading(other, survey) for other in others if other is not view),
    )


def _reading(view: View, below: _Survey) -> Reading:
    """Answer the reading of ``view``, made of a text with the survey ``below``."""
    survey = _surveyed(view.text) or below
    return Reading(view, survey.digits, survey.may_have_details)


def count_of_digits(text: str) -> int:
    """Answer how many of the ten digits there are in ``text``."""
    raw = text.encode(errors="replace")
    return len(raw) - len(raw.translate(None, _DIGITS))


def _surveyed(text: str) -> _Survey | None:
    """Look over ``text``; for nearly every text of a chat, which can hold no value, nothing."""
    raw = text.lower().encode("utf-8", "replace")
    digits = len(raw) - len(raw.translate(None, _DIGITS))
    has_at = "@" in text and "@" in text.replace("*@", "")  # a star is part of no address
    is_japanese = not text.isascii() and len(raw) != len(raw.translate(None, _JAPANESE))
    words = raw.translate(_FOLD_ASCII if is_japanese else _FOLD).split()
    is_worth_it = not _WORTH_A_LOOK.isdisjoint(words)
    is_telling = has_at or (is_worth_it and _has_rows(words, digits))
    is_telling = is_telling or (is_japanese and _tells_in_japanese(text))
    if not is_telling and (is_worth_it or "(a)" in text or "(A)" in text):
        is_telling = _tell(words, text)
    if is_telling or (digits >= _DIGITS_AMONG_LETTERS and stand_beside_digits(text)):
        return _surveyed_words(_Look(text, raw, words, digits, has_at, is_japanese))
    return _Survey(digits, is_japanese) if _may_be_number(text, digits) else None


def _surveyed_words(look: _Look) -> _Survey:
    """Answer what the words of a text tell, which has more than digits in it."""
    text, raw, words, digits, has_at, is_japanese = look
    hints = _NONE if _HINTS.isdisjoint(words) else _HINTS.intersection(words)
    spelled = sum(map(DIGIT_WORDS.__contains__, words)) if hints else 0
    if spelled <= LEAST and SURE_WORDS.isdisjoint(hints):
        spelled = 0
    may_have_details = (bool(hints) and _may_name_details(hints)) or (
        is_japanese and any(word in text for word in CARD_WORDS_WITHIN)
    )
    if may_have_details and b"*" in raw:  # the last digits of what is masked are no details
        loose = digits - sum(map(len, _TAIL.findall(raw)))
        may_have_details = loose + spelled >= DIGITS_OF_A_CODE
    return _Survey(
        digits=digits,
        is_japanese=is_japanese,
        is_telling=True,
        hints=hints,
        spelled=spelled,
        has_at=has_at,
        has_rows=_has_rows(words, digits),
        may_have_details=may_have_details,
    )


def _has_rows(words: list[bytes], digits: int) -> bool:
    return digits > 0 and not _ROWS.isdisjoint(words)


def _tell(words: list[bytes], text: str) -> bool:
    """Tell whether there are ``words`` that are worth a closer look."""
    met = _WORTH_A_LOOK.intersection(words)
    if not _TELLING.isdisjoint(met):
        return True
    if (not AT_WORDS.isdisjoint(met) or "(" in text) and _has_sign_and_dot(words, text):
        return True
    if not _PARTS_OF_NAMES.isdisjoint(met) and _may_name_details(_HINTS.intersection(words)):
        return True
    return not WEAK_WORDS.isdisjoint(met) and sum(map(WEAK_WORDS.__contains__, words)) > LEAST


def _has_number(text: str, *, is_final: bool) -> bool:
    """Tell whether there are digits enough together for a value, and they are no date.

    Where ``text`` is final, what is not grouped much may also be told by the words beside it.
    """
    rows: list[re.Match[str]] = []
    for match in DIGITS_TOGETHER.finditer(text):
        start, end = match.span()
        is_alone = match[0].isdecimal()
        if not is_alone and end - start <= _DATE_MAX and is_benign(text, start, end):
            continue
        if not is_final or end - start > (_ALONE_MAX if is_alone else _ROW_MAX):
            return True
        rows.append(match)
    for match in rows:
        if not is_unspoken(match) or _may_be_another(text, count_of_digits(match[0])):
            return True
    return False


def _may_be_another(text: str, digits: int) -> bool:
    """Tell whether a row of so many ``digits`` may be no phone number and yet a value."""
    if digits >= DIGITS_OF_AN_SSN and (find_ssns(text) or find_nationals(text)):
        return True
    return digits >= DIGITS_OF_A_CARD and bool(find_cards(text))


def _tells_in_japanese(text: str) -> bool:
    return may_be_kana(text) or "アット" in text or any(word in text for word in CARD_WORDS_WITHIN)


def _has_sign_and_dot(words: Collection[bytes], text: str) -> bool:
    has_sign = not AT_WORDS.isdisjoint(words) or "(a)" in text or "(A)" in text
    if not has_sign:
        return False
    has_stop = "." in text and DOMAIN_DOT.search(text) is not None
    return has_stop or not DOT_WORDS.isdisjoint(words)


def _may_be_number(text: str, digits: int) -> bool:
    """Tell whether ``text``, which has no telling words, may be about a number in digits."""
    if digits < DIGITS_OF_A_PHONE:
        return digits >= DIGITS_OF_A_LETTERED_IBAN and has_lettered_iban(text)
    plain, is_final = text, True
    if not text.isascii():
        plain = normalise(text)
        is_final = ZERO_WIDTH not in plain and not has_escapes(plain)
        plain = plain.replace(ZERO_WIDTH, "")
    if "**" in text or _has_number(plain, is_final=is_final) or find_ibans(plain):
        return True
    return digits >= DIGITS_OF_A_CARD and bool(find_joined_cards(plain))


def _may_name_details(hints: Collection[bytes]) -> bool:
    return (
        not CARD_WORDS.isdisjoint(hints)
        or any(pair.issubset(hints) for pair in CARD_PAIRS)
        or not (BACK_WORDS.isdisjoint(hints) or CODE_WORDS.isdisjoint(hints))
    )


def _may_hold(text: str, survey: _Survey) -> bool:
    """Tell whether there are digits or words enough for any value, or the sign of an address."""
    count = survey.digits + survey.spelled
    if survey.has_at or count >= DIGITS_OF_A_PHONE:
        return True
    if survey.digits >= DIGITS_OF_A_LETTERED_IBAN and has_lettered_iban(text):
        return True
    if survey.is_japanese and may_be_kana(text):
        return True
    may_be_row = survey.has_rows or (count >= _DIGITS_AMONG_LETTERS and stand_beside_digits(text))
    if may_be_row and count_with_letters(normalise(text)) >= DIGITS_OF_A_PHONE:
        return True
    if count >= DIGITS_OF_A_CODE and (
        survey.may_have_details or (survey.is_japanese and stand_beside_digits(text))
    ):
        return True
    if count and survey.may_have_details and stand_beside_digits(text):
        return True
    return _may_spell_an_address(text, survey)


def _may_spell_an_address(text: str, survey: _Survey) -> bool:
    if survey.is_japanese and ("アット" in text or survey.has_at):
        return True
    has_dot = not DOT_WORDS.isdisjoint(survey.hints)
    if AT_WORDS.isdisjoint(survey.hints):
        is_apart = survey.has_at and (has_dot or SET_APART.search(text) is not None)
        return is_apart or "(a)" in text or "(A)" in text
    return has_dot or DOMAIN_DOT.search(text) is not None


def _without_gaps(view: View) -> View:
    """Read ``view`` without what takes no room."""
    if ZERO_WIDTH not in view.text:
        return view
    return view.respelled((*gap.span(), "") for gap in _ZERO_WIDTH.finditer(view.text))


def _spelled(view: View, survey: _Survey) -> View:
    """Read spelled addresses and numbers in words in ``view``."""
    if _may_spell_an_address(view.text, survey):
        view = with_signs(view)
    if survey.spelled and survey.digits + survey.spelled >= DIGITS_OF_A_CODE:
        view = with_digits(view)
        if survey.digits + survey.spelled >= LEAST_OF_AN_ACCOUNT:
            view = with_digits_of_accounts(view)
    if survey.is_japanese:
        view = with_kana(view)
    return view


def _with_letters(view: View, survey: _Survey) -> View:
    """Read letters for digits in ``view``, where there may be enough."""
    may_be_letters = survey.digits >= _DIGITS_AMONG_LETTERS or survey.may_have_details
    is_worth_it = may_be_letters or survey.spelled or survey.is_japanese
    if survey.has_rows or (is_worth_it and stand_beside_digits(view.text)):
        view = with_digits_for_letters(view)
    return view

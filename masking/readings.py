"""The ways to read a text in which it may hold a value; for nearly every text of a chat, none.

The first reads what was typed, in plain characters and without escapes. Where there are numbers in
words or spelled addresses, another reads those as what they stand for; where there are letters for
digits, one more reads them too, as they may be an account number's own letters.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from masking.addresses import AT_WORDS, DOMAIN_DOT, DOT_WORDS, SET_APART, with_signs
from masking.detectors.cards import find_cards
from masking.detectors.cues import BACK_WORDS, CARD_PAIRS, CARD_WORDS, CARD_WORDS_WITHIN, CODE_WORDS
from masking.detectors.ibans import find_ibans, has_lettered_iban
from masking.detectors.joined import find_joined_cards
from masking.detectors.nationals import find_nationals
from masking.detectors.phones import is_benign, is_unspoken
from masking.detectors.ssns import find_ssns
from masking.escapes import has_escapes, unescaped
from masking.glance import (
    BEGINNINGS,
    DIGIT,
    FOLD,
    FOLD_WIDE,
    SIGN,
    WIDE,
    count_of_digits,
    in_any_case,
    words_of,
)
from masking.lookalikes import (
    count_with_letters,
    stand_beside_digits,
    with_digits_for_letters,
)
from masking.normalise import ZERO_WIDTH, is_plain, is_unusual, normalise
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
DIGITS_OF_A_NATIONAL_ID: Final = 10
DIGITS_OF_A_CARD: Final = 12

_OF_PAIRS: Final = frozenset[bytes]().union(*CARD_PAIRS)
_HINTS: Final = (
    DIGIT_WORDS | AT_WORDS | DOT_WORDS | CARD_WORDS | BACK_WORDS | CODE_WORDS | _OF_PAIRS
)
_TELLING: Final = SURE_WORDS | CARD_WORDS
"""Those that tell by themselves; others are words of any sentence, and tell only together."""

_ROWS: Final = frozenset((b"llll", b"iiii", b"oooo"))  # groups of a card without a digit in them
_PARTS_OF_NAMES: Final = BACK_WORDS | _OF_PAIRS
_WORTH_A_LOOK: Final = _TELLING | AT_WORDS | WEAK_WORDS | _PARTS_OF_NAMES | _ROWS
_ONLY_WEAK: Final = WEAK_WORDS - _TELLING - AT_WORDS - _PARTS_OF_NAMES - _ROWS
_WITH_LETTERS: Final = AT_WORDS | CARD_WORDS | _PARTS_OF_NAMES
"""Those of values that may have fewer than three digits: letters stand for others, or no digit."""

_IN_ANY_CASE: Final = in_any_case(_WORTH_A_LOOK)
_TELLING_WITHIN: Final = re.compile("|".join(("アット", *CARD_WORDS_WITHIN)))
_NONE: Final = frozenset[bytes]()
_DIGITS_AMONG_LETTERS: Final = 4  # before letters are taken for digits
_DATE_MAX: Final = 10  # characters of the longest date in digits
_ALONE_MAX: Final = 10  # digits without anything between them; longer ones are mostly values
_ROW_MAX: Final = 17  # characters of a date and six digits, of which no number is made
_TAIL: Final = re.compile(r"(?<=\*)[0-9]{1,4}(?![0-9])")
_ZERO_WIDTH: Final = re.compile(
    # Spaces between two such are what is left of signs that were typed apart.
    f"{ZERO_WIDTH}+(?:[ ]{ZERO_WIDTH}+)*"
)


class Reading(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One way to read a text.

    Attributes:
        view: What is read.
        digits: How many digits there are in it.
        may_have_details: There is a word about a card's security code or expiry.
    """

    view: View
    digits: int
    may_have_details: bool


class _Survey(msgspec.Struct, frozen=True, gc=False, kw_only=True):
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


def readings(text: str) -> tuple[Reading, ...]:
    """Answer how ``text`` may be read, the plain way first; nothing if it can hold no value."""
    raw = text.encode("utf-8", "replace")
    folded = raw.translate(FOLD)
    signs = folded if text.isascii() else raw.translate(BEGINNINGS)
    if WIDE in signs or (SIGN in signs and not _is_plain(text)):
        return _read(text)
    words, digits = folded.split(), folded.count(DIGIT)
    if not _IN_ANY_CASE.isdisjoint(words) and _tells(words, text, digits):
        return _in_words(text, words_of(text), digits)
    if digits < _DIGITS_AMONG_LETTERS:  # nearly every text of a chat
        return ()
    if not stand_beside_digits(text):
        return _in_digits(text, digits)
    return _in_words(text, words_of(text), digits)


def _tells(words: list[bytes], text: str, digits: int) -> bool:
    """Tell whether a plain ``text`` has ``words`` that are worth a closer look."""
    met = _IN_ANY_CASE.intersection(words)
    if _ONLY_WEAK.issuperset(met):  # as many sentences have
        return sum(map(words.count, met)) > LEAST
    words = words_of(text)
    met = _WORTH_A_LOOK.intersection(words)
    if _has_rows(met, digits):
        return True
    if digits < DIGITS_OF_A_CODE and _WITH_LETTERS.isdisjoint(met):
        count = 0 if DIGIT_WORDS.isdisjoint(met) else sum(map(DIGIT_WORDS.__contains__, words))
        if digits + count < DIGITS_OF_A_CODE:  # too few for any value
            return False
    return _tell(met, words, text)


def _in_digits(text: str, digits: int) -> tuple[Reading, ...]:
    """Answer how a plain ``text`` may be read, of which only the ``digits`` tell anything."""
    if digits < DIGITS_OF_A_PHONE:
        is_number = digits >= DIGITS_OF_A_LETTERED_IBAN and has_lettered_iban(text)
    else:
        is_number = "**" in text or _may_be_number(text, digits)
    if is_number:
        return (Reading(view=View(text), digits=digits, may_have_details=False),)
    return ()


def _in_words(text: str, words: list[bytes], digits: int) -> tuple[Reading, ...]:
    """Answer how a plain ``text`` may be read that has more than digits in it."""
    survey = _surveyed_words(text, words, digits)
    if not _may_hold(text, survey):
        return ()
    read = _read_by(View(text), survey)
    is_spelled = len(read) > 1 or survey.may_have_details or "**" in text
    return read if is_spelled else _in_digits(text, digits)


def _is_plain(text: str) -> bool:
    """Tell that the signs in ``text`` begin nothing, though they might."""
    if "@" in text and "@" in text.replace("*@", ""):  # a star is part of no address
        return False
    if not is_plain(text):
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
        return (Reading(view=view, digits=survey.digits, may_have_details=False),)
    return _read_by(view, survey)


def _read_by(view: View, survey: _Survey) -> tuple[Reading, ...]:
    """Answer the readings of ``view``, by what its ``survey`` tells may be in it."""
    spelled = _spelled(view, survey)
    unfolded = _with_letters(spelled, survey)
    others = [spelled] if unfolded is spelled else [spelled, unfolded]
    return (
        _reading_of(view, survey),
        *(_reading(other, survey) for other in others if other is not view),
    )


def _reading(view: View, below: _Survey) -> Reading:
    """Answer the reading of ``view``, made of a text with the survey ``below``."""
    return _reading_of(view, _surveyed(view.text) or below)


def _reading_of(view: View, survey: _Survey) -> Reading:
    return Reading(view=view, digits=survey.digits, may_have_details=survey.may_have_details)


def _surveyed(text: str) -> _Survey | None:
    """Look over ``text``; for nearly every text of a chat, which can hold no value, nothing."""
    raw = text.lower().encode("utf-8", "replace")
    has_at = "@" in text and "@" in text.replace("*@", "")  # a star is part of no address
    is_japanese = not text.isascii() and WIDE in raw.translate(BEGINNINGS)
    folded = raw.translate(FOLD_WIDE if is_japanese else FOLD)
    words = folded.split()
    digits = folded.count(DIGIT)
    met = _WORTH_A_LOOK.intersection(words)
    is_telling = has_at or _has_rows(met, digits) or (is_japanese and _tells_in_japanese(text))
    if not is_telling and (met or "(a)" in text or "(A)" in text):
        is_telling = _tell(met, words, text)
    if is_telling or (digits >= _DIGITS_AMONG_LETTERS and stand_beside_digits(text)):
        return _surveyed_words(text, words, digits, has_at=has_at, is_japanese=is_japanese)
    if _may_be_in_digits(text, digits):
        return _Survey(digits=digits, is_japanese=is_japanese)
    return None


def _surveyed_words(
    text: str, words: list[bytes], digits: int, *, has_at: bool = False, is_japanese: bool = False
) -> _Survey:
    """Answer what the ``words`` of a ``text`` tell, which has more than digits in it."""
    hints = _NONE if _HINTS.isdisjoint(words) else _HINTS.intersection(words)
    spelled = sum(map(DIGIT_WORDS.__contains__, words)) if hints else 0
    if spelled <= LEAST and SURE_WORDS.isdisjoint(hints):
        spelled = 0
    may_have_details = (bool(hints) and _may_name_details(hints)) or (
        is_japanese and any(word in text for word in CARD_WORDS_WITHIN)
    )
    if may_have_details and "*" in text:  # the last digits of what is masked are no details
        loose = digits - sum(map(len, _TAIL.findall(text)))
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


def _has_rows(words: Iterable[bytes], digits: int) -> bool:
    return digits > 0 and not _ROWS.isdisjoint(words)


def _tell(met: frozenset[bytes], words: list[bytes], text: str) -> bool:
    """Tell whether ``words``, of which ``met`` are worth a look, are worth a closer one."""
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
    match = DIGITS_TOGETHER.search(text)
    while match is not None:
        start, end = match.span()
        is_alone = match[0].isdecimal()
        if is_alone or end - start > _DATE_MAX or not is_benign(text, start, end):
            if not is_final or end - start > (_ALONE_MAX if is_alone else _ROW_MAX):
                return True
            rows.append(match)
        match = DIGITS_TOGETHER.search(text, end)
    for match in rows:
        if not is_unspoken(match) or _may_be_another(text, count_of_digits(match[0])):
            return True
    return False


def _may_be_another(text: str, digits: int) -> bool:
    """Tell whether a row of so many ``digits`` may be no phone number and yet a value."""
    if digits >= DIGITS_OF_AN_SSN and find_ssns(text):
        return True
    if digits >= DIGITS_OF_A_NATIONAL_ID and find_nationals(text):
        return True
    return digits >= DIGITS_OF_A_CARD and bool(find_cards(text))


def _tells_in_japanese(text: str) -> bool:
    return may_be_kana(text) or _TELLING_WITHIN.search(text) is not None


def _has_sign_and_dot(words: Collection[bytes], text: str) -> bool:
    has_sign = not AT_WORDS.isdisjoint(words) or "(a)" in text or "(A)" in text
    if not has_sign:
        return False
    has_stop = "." in text and DOMAIN_DOT.search(text) is not None
    return has_stop or not DOT_WORDS.isdisjoint(words)


def _may_be_in_digits(text: str, digits: int) -> bool:
    """Tell whether ``text``, which has no telling words, may be about a number in digits."""
    if digits < DIGITS_OF_A_PHONE:
        return digits >= DIGITS_OF_A_LETTERED_IBAN and has_lettered_iban(text)
    if "**" in text:
        return True
    if text.isascii():
        return _may_be_number(text, digits)
    plain = normalise(text)
    is_final = ZERO_WIDTH not in plain and not has_escapes(plain)
    return _may_be_number(plain.replace(ZERO_WIDTH, ""), digits, is_final=is_final)


def _may_be_number(text: str, digits: int, *, is_final: bool = True) -> bool:
    """Tell whether ``text``, in plain characters, may be about a number in ``digits``."""
    if _has_number(text, is_final=is_final) or find_ibans(text):
        return True
    return digits >= DIGITS_OF_A_CARD and bool(find_joined_cards(text))


def _may_name_details(hints: Collection[bytes]) -> bool:
    if not CARD_WORDS.isdisjoint(hints):
        return True
    if not (BACK_WORDS.isdisjoint(hints) or CODE_WORDS.isdisjoint(hints)):
        return True
    return not _OF_PAIRS.isdisjoint(hints) and any(pair.issubset(hints) for pair in CARD_PAIRS)


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

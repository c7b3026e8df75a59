"""Ways to write a value so that people read it and patterns do not.

A disguise takes what somebody would have typed and answers what they typed instead. Some are
applied one after the other.
"""

import random
from collections.abc import Callable
from typing import Final

from tests.support.corpus.row import Kind, Written, pick
from tests.support.corpus.spoken import AT_WORDS, DIGIT_WORDS, DOT_WORDS

Disguise = Callable[[random.Random, str, str], str]
"""Draws, the text, the language of the words around it."""

ZEROS: Final = {
    "full_width": 0xFF10,
    "arabic_indic": 0x660,
    "persian": 0x6F0,
    "devanagari": 0x966,
    "bengali": 0x9E6,
    "thai": 0xE50,
    "bold": 0x1D7CE,
    "double_struck": 0x1D7D8,
    "sans": 0x1D7E2,
    "monospace": 0x1D7F6,
}

UNSEEN: Final = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u180e")
SPACES: Final = ("\u00a0", "\u2007", "\u2009", "\u202f", "\u3000", "\u2003", "\t", "  ")
SEPARATORS: Final = (".", "/", "-", "_", "\n", "–", "—", "‑", "−", " - ", " . ", " / ", "·", "\r\n")


def in_script(script: str) -> Disguise:
    """Digits of another script."""
    zero = ZEROS[script]
    table = {ord("0") + digit: chr(zero + digit) for digit in range(10)}
    return lambda _chance, text, _language: text.translate(table)


def mixed_scripts(chance: random.Random, text: str, _language: str) -> str:
    """Each digit of a script of its own."""
    zeros = (0x30, *ZEROS.values())
    return "".join(
        chr(pick(chance, zeros) + int(sign)) if sign in "0123456789" else sign for sign in text
    )


def unseen(chance: random.Random, text: str, _language: str) -> str:
    """Characters without width between all."""
    return pick(chance, UNSEEN).join(text)


def seldom_unseen(chance: random.Random, text: str, _language: str) -> str:
    """A character without width in the middle."""
    at = len(text) // 2
    return text[:at] + pick(chance, UNSEEN) + text[at:]


def separated(chance: random.Random, text: str, _language: str) -> str:
    """Groups of digits with something unusual between."""
    digits = "".join(filter(str.isalnum, text))
    size = pick(chance, (1, 2, 3, 4, 4))
    sign = pick(chance, SEPARATORS)
    return sign.join(digits[at : at + size] for at in range(0, len(digits), size))


def rejoined(chance: random.Random, text: str, _language: str) -> str:
    """The same groups with something unusual between."""
    sign = pick(chance, (*SEPARATORS, *SPACES))
    return sign.join(text.replace("-", " ").split())


def spaced_out(chance: random.Random, text: str, _language: str) -> str:
    """A space between all."""
    return pick(chance, (" ", " ", "\u00a0", "\u2009")).join(text.replace(" ", ""))


def other_spaces(chance: random.Random, text: str, _language: str) -> str:
    """White space that is not a space."""
    return text.replace(" ", pick(chance, SPACES))


def letters(_chance: random.Random, text: str, _language: str) -> str:
    """O for 0 and l for 1."""
    return text.translate({ord("0"): "O", ord("1"): "l"})


def small_letters(_chance: random.Random, text: str, _language: str) -> str:
    """A small o for 0 and a large I for 1."""
    return text.translate({ord("0"): "o", ord("1"): "I"})


def in_words(chance: random.Random, text: str, language: str) -> str:
    """Every digit in words."""
    words = DIGIT_WORDS[language]
    between = "" if language == "ja" else pick(chance, (" ", " ", "-", ", "))
    return between.join(words[int(sign)] for sign in text if sign in "0123456789")


def partly_in_words(chance: random.Random, text: str, language: str) -> str:
    """One digit of three in words."""
    words = DIGIT_WORDS[language]
    return "".join(
        f" {words[int(sign)]} " if sign in "0123456789" and chance.random() < 0.33 else sign
        for sign in text
    ).strip()


def keycaps(chance: random.Random, text: str, _language: str) -> str:
    """Digits on keys."""
    mark = pick(chance, ("\ufe0f\u20e3", "\u20e3"))
    return "".join(sign + mark if sign in "0123456789" else sign for sign in text)


def circled(_chance: random.Random, text: str, _language: str) -> str:
    """Digits in circles."""
    return text.translate({ord("0"): "⓪", **{ord("0") + n: chr(0x245F + n) for n in range(1, 10)}})


def entities(chance: random.Random, text: str, _language: str) -> str:
    """HTML entities, for all characters or for every third."""
    form = pick(chance, ("&#{};", "&#x{:x};", "&#x{:02X};", "&#0{};"))
    every = pick(chance, (1, 1, 3))
    return "".join(
        form.format(ord(sign)) if at % every == 0 and sign != " " else sign
        for at, sign in enumerate(text)
    )


def percent(chance: random.Random, text: str, _language: str) -> str:
    """As in an address of a page: %34 for 4."""
    every = pick(chance, (1, 2))
    return "".join(
        f"%{ord(sign):02X}" if at % every == 0 and ord(sign) < 128 else sign
        for at, sign in enumerate(text)
    )


def bracketed(chance: random.Random, text: str, _language: str) -> str:
    """Each group in brackets."""
    left, right = pick(chance, (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">")))
    return "".join(f"{left}{group}{right}" for group in text.replace("-", " ").split())


def combined(*disguises: Disguise) -> Disguise:
    """One after the other."""

    def all_of_them(chance: random.Random, text: str, language: str) -> str:
        for disguise in disguises:
            text = disguise(chance, text, language)
        return text

    return all_of_them


IN_SCRIPTS: Final = tuple(in_script(script) for script in ZEROS)

FOR_DIGITS: Final[tuple[Disguise, ...]] = (
    *IN_SCRIPTS[:3],
    *IN_SCRIPTS,
    mixed_scripts,
    unseen,
    unseen,
    seldom_unseen,
    separated,
    separated,
    separated,
    rejoined,
    rejoined,
    spaced_out,
    other_spaces,
    letters,
    small_letters,
    in_words,
    in_words,
    in_words,
    partly_in_words,
    keycaps,
    circled,
    entities,
    percent,
    bracketed,
    combined(IN_SCRIPTS[0], unseen),
    combined(separated, IN_SCRIPTS[1]),
    combined(letters, separated),
    combined(separated, seldom_unseen),
    combined(letters, other_spaces, unseen),
    combined(keycaps, spaced_out),
    combined(IN_SCRIPTS[0], entities),
)

FOR_DETAILS: Final[tuple[Disguise, ...]] = (
    *IN_SCRIPTS[:4],
    mixed_scripts,
    unseen,
    spaced_out,
    letters,
    in_words,
    keycaps,
    circled,
    entities,
    combined(IN_SCRIPTS[0], unseen),
)

FOR_IBANS: Final[tuple[Disguise, ...]] = (
    *IN_SCRIPTS[:4],
    mixed_scripts,
    unseen,
    seldom_unseen,
    rejoined,
    rejoined,
    spaced_out,
    other_spaces,
    letters,
    keycaps,
    entities,
    percent,
    partly_in_words,
    combined(IN_SCRIPTS[0], unseen),
    combined(rejoined, seldom_unseen),
    combined(other_spaces, IN_SCRIPTS[1]),
)


def at_and_dot(chance: random.Random, text: str, language: str) -> str:
    """``name at gmail dot com`` in the words of a language."""
    local, _, domain = text.partition("@")
    at, dot = pick(chance, AT_WORDS[language]), pick(chance, DOT_WORDS[language])
    return f"{local} {at} {domain.replace('.', f' {dot} ')}"


def marked_at(chance: random.Random, text: str, _language: str) -> str:
    """[at] and its kin, with dots as they are."""
    return text.replace(
        "@", pick(chance, ("[at]", "(at)", " [at] ", " (at) ", "{at}", "<at>", "[@]", "(@)"))
    )


def marked_both(chance: random.Random, text: str, _language: str) -> str:
    """[at] and [dot]."""
    left, right = pick(chance, (("[", "]"), ("(", ")"), ("{", "}")))
    space = pick(chance, ("", " "))
    return text.replace("@", f"{space}{left}at{right}{space}").replace(
        ".", f"{space}{left}dot{right}{space}"
    )


def loud(chance: random.Random, text: str, _language: str) -> str:
    """AT and DOT."""
    local, _, domain = text.partition("@")
    return f"{local} {pick(chance, ('AT', '-at-', '_at_'))} {domain.replace('.', ' DOT ')}"


def encoded_at(chance: random.Random, text: str, _language: str) -> str:
    """The @ as an entity, in percent, or from another script."""
    forms = ("%40", "&#64;", "&#x40;", "&commat;", "＠", "﹫", "%2540")
    return text.replace("@", pick(chance, forms[:6]))


def spaced_at(chance: random.Random, text: str, _language: str) -> str:
    """Spaces around the @, and the dots."""
    text = text.replace("@", pick(chance, (" @ ", "@ ", " @")))
    local, sign, domain = text.partition("@")
    return local + sign + domain.replace(".", pick(chance, (" . ", ".", " .")))


def wide(_chance: random.Random, text: str, _language: str) -> str:
    """Full-width letters and signs."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


FOR_EMAILS: Final[tuple[Disguise, ...]] = (
    at_and_dot,
    at_and_dot,
    at_and_dot,
    marked_at,
    marked_both,
    marked_both,
    loud,
    encoded_at,
    encoded_at,
    spaced_at,
    wide,
    unseen,
    seldom_unseen,
    entities,
    percent,
    combined(seldom_unseen, encoded_at),
    combined(marked_at, seldom_unseen),
)


def disguise_for(chance: random.Random, kind: Kind) -> Disguise:
    """One that makes sense for ``kind``."""
    match kind:
        case "email":
            return pick(chance, FOR_EMAILS)
        case "iban":
            return pick(chance, FOR_IBANS)
        case "cvv" | "expiry":
            return pick(chance, FOR_DETAILS)
        case _:
            return pick(chance, FOR_DIGITS)


def disguised(chance: random.Random, written: Written, language: str) -> Written:
    """The same value, written so that a pattern may not see it."""
    disguise = disguise_for(chance, written.kind)
    return written._replace(text=disguise(chance, written.text, language))

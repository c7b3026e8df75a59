"""Masking one text: find the values, and write their masked forms in their places.

Promises: the text outside the values is unchanged; what comes out holds nothing that would be found
again, so masking twice changes nothing; whatever goes wrong, nothing readable comes out.
"""

from traceback import walk_tb
from typing import Final, Literal

import regex

from masking.detect import detect, found_in, merged
from masking.forms import compact, first_letter, shaped
from masking.model import (
    UNNAMED,
    UNREADABLE,
    Explained,
    Failure,
    Found,
    Masked,
    MaskKind,
    Span,
)
from masking.normalise import normalise
from masking.policy import DEFAULT_POLICY, Policy, RuleFailedError
from masking.readings import Reading, readings
from masking.text import MaskedText

_PASSES: Final = 8
"""One pass masks; the next proves that nothing is left. Only values glued together need more."""

_DOMAIN: Final = regex.compile(r"(?:[\p{L}\p{N}\p{M}\-]+\.)+[\p{L}\p{M}][\p{L}\p{N}\p{M}\-]+")


class _NotSettledError(Exception):
    """Values kept appearing between masked ones; the text is starred whole."""


def mask(text: str, policy: Policy = DEFAULT_POLICY) -> Masked:
    """Mask every value in ``text`` that ``policy`` hides; a failure or a time-out stars it all."""
    if not policy.is_on:
        return passthrough(text)
    try:
        read = readings(text)
        if not read and not policy.rules:  # nearly every text of a chat: no time to be lost
            # A tuple's own way, which is typed for tuples of anything.
            return tuple.__new__(Masked, (text, (), False, (), None))  # pyright: ignore[reportUnknownMemberType]
        return _masked(text, policy, read)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the text must not pass
        return starred(text, failure_of(error))


def mask_as(
    kind: Literal[MaskKind.EMAIL, MaskKind.PHONE], text: str, policy: Policy = DEFAULT_POLICY
) -> Masked:
    """Mask all of ``text``, a field known to hold a ``kind``, whether it looks like one or not.

    What does not have the form keeps less: an e-mail without a domain its first letter, a phone
    without 7 to 15 digits nothing. So does a value that holds one of another kind. Where
    ``policy`` does not hide the kind, or allows the value, the field is a text like any other.
    """
    if not policy.is_on:
        return passthrough(text)
    try:
        if not policy.split(text, [Span(kind, 0, len(text))])[0]:
            return mask(text, policy)
        value = compact(text)
        shown = _email(value) if kind is MaskKind.EMAIL else _phone(value)
        others = {span.kind for span in detect(text)} - {kind}
        own = policy.split(shown, policy.own_spans(shown))[0] if policy.rules else []
        if others or own or detect(shown):
            shown = "*" * len(value)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the text must not pass
        return starred(text, failure_of(error))
    found = (Found(kind, 0, len(shown)),) if shown else ()
    return Masked(MaskedText(shown), found)


def is_exactly(kind: MaskKind, text: str) -> bool:
    """Tell whether all of ``text`` is one value of ``kind``; a failure or a time-out says no."""
    try:
        return [span[:3] for span in detect(text)] == [(kind, 0, len(text))]
    except Exception:  # noqa: BLE001 - what cannot be read is not known to be anything
        return False


def passthrough(text: str) -> Masked:
    """Let ``text`` pass as it is: for installations that switched masking off."""
    return Masked(MaskedText(text))


def explain(text: str, policy: Policy = DEFAULT_POLICY) -> list[Explained]:
    """Tell of each value in ``text`` where it is, by what it was found, and what comes of it.

    It shows more than ``mask`` does, so it is for administrators; it does not repeat the values.
    """
    if not policy.is_on:
        return []
    try:
        spans = _values(text, policy, readings(text))
        outcomes = policy.outcomes(text, spans)
    except Exception:  # noqa: BLE001 - as ``mask``, which stars the text
        return [Explained("", 0, len(text), UNNAMED, "failed")]
    return [
        Explained(span.kind, span.start, span.end, span.rule, outcome)
        for span, outcome in zip(spans, outcomes, strict=True)
    ]


def _masked(text: str, policy: Policy, read: tuple[Reading, ...]) -> Masked:
    """Mask until nothing is found; values found next to masked ones swallow them, all stars."""
    values = _values(text, policy, read)
    if not values:
        return Masked(MaskedText(text))
    spans, shadowed = policy.split(text, values)
    found: tuple[Found, ...] = ()
    for _ in range(_PASSES):
        if not spans:
            masked = Masked(MaskedText(text), found, shadowed=shadowed)
            return dropped(masked) if policy.drop and _drops(masked, policy) else masked
        if found:
            spans = merged([*(Span(*value, form="kept") for value in found), *spans])
        text, found = _spliced(text, spans)
        spans, _ = policy.split(text, detect(text, policy.hides))
    raise _NotSettledError


def _values(text: str, policy: Policy, read: tuple[Reading, ...]) -> list[Span]:
    """Answer the values in ``text``, those of operators' own rules too, none overlapping."""
    spans = found_in(read, policy.hides)
    return merged([*spans, *policy.own_spans(text)], policy.hides) if policy.rules else spans


def _drops(masked: Masked, policy: Policy) -> bool:
    """Tell whether a value was found that drops the message it stands in."""
    return any(found.kind in policy.drop for found in masked.found)


def dropped(masked: Masked) -> Masked:
    """Answer three stars for each kind found, in the place of the whole text."""
    found = tuple(Found(kind, 4 * n, 4 * n + 3) for n, kind in enumerate(masked.kinds))
    return masked._replace(text=MaskedText(" ".join("***" for _ in found)), found=found)


def _spliced(text: str, spans: list[Span]) -> tuple[str, tuple[Found, ...]]:
    """Write the masked forms of ``spans`` into ``text``, and answer where they now are."""
    parts: list[str] = []
    found: list[Found] = []
    read = length = 0
    for span in spans:
        clear = text[read : span.start]
        written = _written(span, text[span.start : span.end])
        start = length + len(clear)
        length = start + len(written)
        parts += (clear, written)
        found.append(Found(span.kind, start, length))
        read = span.end
    parts.append(text[read:])
    return "".join(parts), tuple(found)


def _written(span: Span, value: str) -> str:
    """Answer what stands in the place of ``value``."""
    match span.form:
        case "shaped":
            return shaped(span.kind, value)
        case "initial":
            return first_letter(value)
        case "starred":
            return "*" * len(value)
        case "kept":
            return value


def _email(value: str) -> str:
    """Keep the first letter, and the domain if it is nothing but a domain."""
    at = normalise(value).rfind("@")
    if at > 0 and _DOMAIN.fullmatch(normalise(value[at + 1 :])):
        return first_letter(value[:at]) + value[at:]
    return first_letter(value)


def _phone(value: str) -> str:
    """Keep the last four characters, if they are digits of a number that may be a phone."""
    digits = sum("0" <= character <= "9" or character == "*" for character in normalise(value))
    is_number = 7 <= digits <= 15 and normalise(value[-4:]).isdigit()
    return shaped(MaskKind.PHONE, value) if is_number else "*" * len(value)


def starred(text: str, failure: Failure | None = None) -> Masked:
    """Answer nothing but stars where ``text`` has anything but white space."""
    stars = "".join(character if character.isspace() else "*" for character in text)
    found = (Found(UNREADABLE, 0, len(stars)),) if stars else ()
    return Masked(MaskedText(stars), found, failed=True, failure=failure)


def failure_of(error: Exception) -> Failure:
    """Say what broke without a word of what it was about."""
    rule = error.rule if isinstance(error, RuleFailedError) else ""
    *_, (frame, line) = walk_tb(error.__traceback__)
    module: str = frame.f_globals["__name__"]
    return Failure(rule, type(error.__cause__ or error).__name__, f"{module}:{line}")

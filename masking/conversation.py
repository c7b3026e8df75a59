"""Masking a chat: values split over several messages of one sender, and what follows a card.

Each message was masked by itself before. Here its text, and what is still to be read of the
messages before it, are looked at together: a value that is found hides in the new message and in
the earlier ones. Only a bounded tail is looked at, so the work for one message is bounded. Whatever
goes wrong, the new message is starred whole.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from masking.mask import mask
from masking.model import Masked, MaskKind
from masking.normalise import may_hold_a_value
from masking.split.chat import Chat, Split
from masking.split.details import find_details
from masking.split.digits import find_split_digits
from masking.split.letters import find_split_email, find_split_iban, may_go_on
from masking.split.line import Cover, Line, covered
from masking.text import MaskedText

LINES_MAX: Final = 48
"""How many messages back a value may begin: each digit of a card by itself, with as many answers
and some small talk between."""

_DIGITS_TOLD: Final = 5
"""Digits said once more elsewhere are hidden there too from this many on: four may be shown."""


class Heard(NamedTuple):
    """What becomes of a new message and of those before it.

    Attributes:
        masked: The new message as it is to be shown.
        redacted: Earlier messages by number, as they are to be shown from now on.
    """

    masked: Masked
    redacted: tuple[tuple[int, Masked], ...] = ()


class Tail:
    """The last messages of one conversation as they are shown, at most `LINES_MAX`."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lines: deque[Line] = deque(maxlen=LINES_MAX)

    def add(self, line: Line) -> None:
        """Remember a message that is shown now; one of the same number is replaced."""
        for place, known in enumerate(self._lines):
            if known.seq == line.seq:
                self._lines[place] = line
                return
        self._lines.append(line)

    def hear(self, sender: str, masked: Masked) -> Heard | None:
        """Answer what becomes of a message that was masked by itself; None: it stays as it is."""
        text = masked.text
        if not may_hold_a_value(text) and not self._may_go_on(sender):
            return None
        try:
            return _heard(self._lines, Line(0, sender, text, masked.found))
        except Exception:  # noqa: BLE001 - whatever went wrong, the text must not pass
            return Heard(_starred(text))

    def _may_go_on(self, sender: str) -> bool:
        for line in reversed(self._lines):
            if line.sender == sender:
                return may_go_on(line)
        return False


def mask_conversation(messages: Sequence[str], senders: Sequence[str]) -> list[str]:
    """Mask the messages of one chat in their order, and answer what is to be read of each at the end.

    Args:
        messages: What was written.
        senders: Who wrote each of them; only equality matters.
    """
    tail = Tail()
    shown: list[MaskedText] = []
    for seq, (message, sender) in enumerate(zip(messages, senders, strict=True)):
        masked = mask(message)
        heard = tail.hear(sender, masked)
        if heard is not None:
            masked = heard.masked
            for earlier, redacted in heard.redacted:
                shown[earlier] = redacted.text
                tail.add(Line(earlier, senders[earlier], redacted.text, redacted.found))
        shown.append(masked.text)
        tail.add(Line(seq, sender, masked.text, masked.found))
    return list(shown)


def _heard(tail: Sequence[Line], new: Line) -> Heard | None:
    chat = Chat(tail, new)
    covers: dict[Line, list[Cover]] = {}
    number = find_split_iban(chat) or find_split_digits(chat) if new.runs else None
    for split in (number, find_split_email(chat)):
        if split is not None:
            for line, cover in (*split.covers, *_told_again(split, chat)):
                covers.setdefault(line, []).append(cover)
    if new.runs:
        for line, cover in find_details(chat, is_card_here=_is_card(number)):
            others = covers.setdefault(line, [])
            if not any(cover.start < other.end and other.start < cover.end for other in others):
                others.append(cover)
    if not covers:
        return None
    masked = {line: covered(line, each) for line, each in covers.items() if each}
    return Heard(
        masked.get(new, Masked(new.text, new.found)),
        tuple(
            (line.seq, after)
            for line, after in masked.items()
            if line is not new and (after.text, after.found) != (line.text, line.found)
        ),
    )


def _is_card(split: Split | None) -> bool:
    return split is not None and split.covers[0][1].kind == MaskKind.PAN


def _told_again(split: Split, chat: Chat) -> list[tuple[Line, Cover]]:
    """Where else the parts of a value can be read: somebody repeated them, or sent them twice."""
    told: list[tuple[Line, Cover]] = []
    for digits in set(split.digits):
        if len(digits) < _DIGITS_TOLD or "*" in digits:
            continue
        kind = split.covers[0][1].kind
        for line in chat.others():
            for run in line.runs:
                at = run.marks.find(digits)
                if at >= 0 and not any(line is each for each, _ in split.covers):
                    places = run.places[at : at + len(digits)]
                    told.append((line, Cover(places[0], places[-1] + 1, kind)))
    return told


def _starred(text: str) -> Masked:
    stars = "".join(one if one.isspace() else "*" for one in text)
    return Masked(MaskedText(stars), failed=True)

"""Masking a chat: values split over several messages of one sender, and what follows a card.

Each message was masked by itself before. Here its text, and what is still to be read of the
messages before it, are looked at together: a value that is found hides in the new message and in
the earlier ones. Only a bounded tail is looked at, so the work for one message is bounded. Whatever
goes wrong, the new message is starred whole.
"""

import re
import string
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from masking.mask import dropped, failure_of, mask, starred
from masking.model import Masked, MaskKind
from masking.normalise import normalise
from masking.policy import DEFAULT_POLICY, Policy
from masking.spelled import DIGIT_WORDS, may_be_kana
from masking.split.chat import Chat, Split
from masking.split.details import find_details
from masking.split.digits import find_split_digits
from masking.split.letters import (
    ADDRESS_MAX,
    begins_account,
    begins_address,
    find_split_email,
    find_split_iban,
    may_end_address,
    may_hold_address,
)
from masking.split.line import Cover, Line, covered
from masking.text import MaskedText

LINES_MAX: Final = 48
"""How many messages back a value may begin: each digit of a card by itself, with as many answers
and some small talk between."""

CHARACTERS_MAX: Final = 16_000
"""How much text is looked back over; what people type by hand in 48 messages is a tenth of it."""

_SAID_BY_OTHERS: Final = 5
"""What others repeat of a value is hidden too from this many characters on: four may be shown."""


_SAID_TWICE: Final = 2
"""What its sender sent twice, from this many characters on."""

_BEGUN_MAX: Final = 12
"""How many messages back an account or an address may have been begun, to go on in letters."""

_TO_WORDS: Final = bytes.maketrans(
    string.ascii_uppercase.encode() + b"-,", string.ascii_lowercase.encode() + b"  "
)
_KANA: Final = "\u3007"  # nothing before it is a digit in Japanese words
_HEAD: Final = re.compile(r"[A-Za-z]{2}\W{0,2}[0-9*]|[A-Z]{2}\W*\Z")
"""Tells cheaply that an account may begin."""


class Heard(NamedTuple):
    """What becomes of a new message and of those before it.

    Attributes:
        masked: The new message as it is to be shown.
        redacted: Earlier messages by number, as they are to be shown from now on.
        kinds: The kind of each value that was found.
    """

    masked: Masked
    redacted: tuple[tuple[int, Masked], ...] = ()
    kinds: tuple[str, ...] = ()


class Tail:
    """The last messages of one conversation as they are shown.

    There are at most `LINES_MAX` of them, with at most `CHARACTERS_MAX`.

    Attributes:
        size: How many characters they have.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._lines: deque[Line] = deque()
        self._count = 0
        self._accounts: dict[str, int] = {}  # of each sender, until when one may go on
        self._addresses: dict[str, int] = {}
        self._heard: Line | None = None
        self.size = 0

    def add(self, line: Line) -> None:
        """Remember a message that was written now; what was read of it when it was heard counts."""
        heard, self._heard = self._heard, None
        if heard is not None and heard.is_like(line):
            heard.seq = line.seq
            line = heard
        self._lines.append(line)
        self._count += 1
        if _HEAD.search(normalise(line.text)) is not None and begins_account(line):
            self._accounts[line.sender] = self._count + _BEGUN_MAX
        if "@" in line.text and begins_address(line):
            self._addresses[line.sender] = self._count + _BEGUN_MAX
        self.size += len(line.text)
        while len(self._lines) > LINES_MAX or self.size > CHARACTERS_MAX:
            self.size -= len(self._lines.popleft().text)

    def replace(self, line: Line) -> None:
        """Remember what is shown of a message from now on."""
        for place, known in enumerate(self._lines):
            if known.seq == line.seq:
                self._lines[place] = line
                self.size += len(line.text) - len(known.text)

    def hear(self, sender: str, masked: Masked, policy: Policy = DEFAULT_POLICY) -> Heard | None:
        """Answer what becomes of a message that was masked by itself; None: it stays as it is."""
        text = masked.text
        is_account = self._accounts.get(sender, 0) > self._count
        is_address = self._addresses.get(sender, 0) > self._count
        if not policy.is_on or not (is_account or is_address or _may_be_part(text)):
            return None
        try:
            line = self._heard = Line(0, sender, text, masked.found)
            is_address = is_address or may_hold_address(line)
            if not (is_account or is_address or line.runs):
                return None
            for known in self._lines if policy.drop else ():
                if _is_dropped(known, policy.drop):
                    known.drop()
            chat = Chat(self._lines, line)
            return _heard(chat, policy, is_account=is_account, is_address=is_address)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the text must not pass
            return Heard(starred(text, failure_of(error)))


def mask_conversation(
    messages: Sequence[str], senders: Sequence[str], policy: Policy = DEFAULT_POLICY
) -> list[str]:
    """Mask the messages of one chat in their order; answer what is to be read of each at the end.

    Args:
        messages: What was written.
        senders: Who wrote each of them; only equality matters.
        policy: What is done with each kind.
    """
    tail = Tail()
    shown: list[MaskedText] = []
    for seq, (message, sender) in enumerate(zip(messages, senders, strict=True)):
        masked = mask(message, policy)
        heard = tail.hear(sender, masked, policy)
        if heard is not None:
            masked = heard.masked
            for earlier, redacted in heard.redacted:
                shown[earlier] = redacted.text
                tail.replace(Line(earlier, senders[earlier], redacted.text, redacted.found))
        shown.append(masked.text)
        tail.add(Line(seq, sender, masked.text, masked.found))
    return list(shown)


def _heard(chat: Chat, policy: Policy, *, is_account: bool, is_address: bool) -> Heard | None:
    """What may go on in the new message, or may end in it, decides what is looked for."""
    number = find_split_iban(chat) if is_account else None
    number = number or (find_split_digits(chat) if chat.new.runs else None)
    address = find_split_email(chat) if is_address else None
    covers: dict[Line, list[Cover]] = {}
    for line, cover in _covers(chat, number, address):
        others = covers.setdefault(line, [])
        if policy.hides(cover.kind) and not any(_overlap(cover, other) for other in others):
            others.append(cover)
    # The stars of a card that was only begun are counted when the rest comes.
    drop = policy.drop - {MaskKind.PAN} if number and number.is_begun else policy.drop
    masked = {
        line: dropped(covered(line, each)) if _drops(each, drop) else covered(line, each)
        for line, each in covers.items()
        if each
    }
    if not masked:
        return None
    new = chat.new
    return Heard(
        masked.get(new, Masked(new.text, new.found)),
        tuple(
            (line.seq, after)
            for line, after in masked.items()
            if line is not new and (after.text, after.found) != (line.text, line.found)
        ),
        tuple(dict.fromkeys(cover.kind for each in covers.values() for cover in each)),
    )


def _covers(
    chat: Chat, number: Split | None, address: Split | None
) -> Iterator[tuple[Line, Cover]]:
    """What is to be hidden where; of those that overlap, the first counts."""
    for split in (number, address):
        if split is not None:
            yield from split.covers
            yield from _told_again(split, chat)
    if chat.new.runs:
        yield from find_details(chat, is_card_here=_is_card(number))


def _overlap(one: Cover, other: Cover) -> bool:
    return one.start < other.end and other.start < one.end


def _drops(covers: Sequence[Cover], drop: Collection[str]) -> bool:
    return bool(drop) and any(cover.kind in drop for cover in covers)


def _is_dropped(line: Line, drop: Collection[str]) -> bool:
    """Nothing but what is written in the place of a whole message is in it."""
    is_of_kind = any(found.kind in drop for found in line.found)
    return is_of_kind and line.text == " ".join("***" for _ in line.found)


def _may_be_part(text: str) -> bool:
    """There are digits in it, in words too, or the sign of an address: else nothing goes on."""
    plain = text if text.isascii() else normalise(text.lower())
    raw = plain.encode(errors="replace")
    letters = raw.translate(_TO_WORDS, b"0123456789@")
    if len(letters) != len(raw):
        return True
    words = letters.split()
    if not DIGIT_WORDS.isdisjoint(words) and sum(map(DIGIT_WORDS.__contains__, words)) > 1:
        return True
    if len(text) <= ADDRESS_MAX and may_end_address(text, words):
        return True
    return not text.isascii() and max(text) >= _KANA and may_be_kana(text)


def _is_card(split: Split | None) -> bool:
    return split is not None and split.covers[0][1].kind == MaskKind.PAN


def _told_again(split: Split, chat: Chat) -> Iterator[tuple[Line, Cover]]:
    """Where else the parts of a value can be read: somebody repeated them, or sent them twice."""
    kind = split.covers[0][1].kind
    own = {line.text: cover for line, cover in split.covers if line.sender == chat.new.sender}
    for line in chat.others():
        if line.text in own and line.sender == chat.new.sender:
            yield line, own[line.text]._replace(keep=0)
    for said in {each for each in split.said if "*" not in each}:
        for line in chat.others():
            is_own = line.sender == chat.new.sender
            if len(said) >= (_SAID_TWICE if is_own else _SAID_BY_OTHERS):
                for start, end in line.find(said):
                    yield line, Cover(start, end, kind)

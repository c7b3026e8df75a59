"""What clients asked for and were told, and what that promises about the transcripts.

Every text carries a word of its own, so that it can be found again wherever it went.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise

from router.kernel.model import Message
from tests.simulation.shapes import JSON, Ack, Held, Line

CARD = "4111 1111 1111 1111"
RAW = (b"4111 1111", b"41111111")
"""What of a card would be seen if it was not masked."""

HALVES = ("5555 5555 begins", "5555 4444 ends the card")
"""What somebody writes one after the other; `check_halves` says what may be left of it."""

HALF = re.compile(r"[45* ]+(?=begins|ends the card)")

NOTE = "confidential"
"""Stands in every internal note and in nothing else."""

UNSURE = "unavailable"
"""The refusal after which the command may still take effect."""

WORD = re.compile(r"word\d+\.")


@dataclass
class Asked:
    """A command on its way.

    Attributes:
        author: Under whom its id is remembered.
        word: The word that only this text has, when it sends one.
        is_hostile: Nothing but a refusal is right.
    """

    call: int
    author: str
    name: str
    payload: Mapping[str, JSON]
    word: str | None = None
    is_hostile: bool = False
    answers: int = 0

    @property
    def id(self) -> str | None:
        """The client's own id of the command."""
        given = self.payload.get("id")
        return given if isinstance(given, str) else None


@dataclass
class Fate:
    """What is known of one text.

    Attributes:
        place: (conversation, seq) where it was said to stand.
        is_taken: A command that carries it was said to have worked.
        doubtful: Calls that carry it of which nothing certain is known.
    """

    place: tuple[str, int] | None = None
    is_taken: bool = False
    doubtful: set[int] = field(default_factory=set[int])


class Ledger:
    """All of it.

    Attributes:
        lines: Each message as it was first seen on the wire, by conversation and number.
        notes: Those among them that no customer may see.
    """

    def __init__(self) -> None:
        """Begin before anybody asked."""
        self.lines: dict[tuple[str, int], Line] = {}
        self.notes: list[tuple[str, int]] = []
        self._fates: dict[str, Fate] = {}
        self._firsts: dict[tuple[str, str], tuple[str, tuple[object, ...]]] = {}
        self._words = count(1)
        self._calls = count(1)

    def word(self) -> str:
        """A word that no text had before."""
        return f"word{next(self._words)}."

    def ask(
        self,
        author: str,
        name: str,
        payload: Mapping[str, JSON],
        *,
        word: str | None = None,
        is_hostile: bool = False,
    ) -> Asked:
        """Note a command that is being sent."""
        asked = Asked(next(self._calls), author, name, payload, word, is_hostile)
        if word is not None:
            self._fates.setdefault(word, Fate()).doubtful.add(asked.call)
        return asked

    def answer(self, asked: Asked, ack: Ack) -> None:
        """Note an answer, or object to it."""
        asked.answers += 1
        assert asked.answers == 1, "a command was answered twice"
        assert not (asked.is_hostile and ack.ok), f"{asked.name} worked on what is another's"
        if ack.ok and asked.id is not None:
            self._check_repeat(asked, asked.id, ack)
        if asked.word is not None:
            self._settle(asked, self._fates[asked.word], ack)

    def _check_repeat(self, asked: Asked, request_id: str, ack: Ack) -> None:
        contact = ack.contact.id if isinstance(ack.contact, Held) else ack.contact
        answer = (ack.conversation, ack.seq, ack.offer, contact)
        body = repr((asked.name, sorted(asked.payload.items(), key=repr)))
        before = self._firsts.setdefault((asked.author, request_id), (body, answer))
        assert before[0] == body, "an id was taken for two different commands (I9)"
        assert before[1] == answer, "a repeat was answered differently (I9)"

    @staticmethod
    def _settle(asked: Asked, fate: Fate, ack: Ack) -> None:
        if not ack.ok:
            assert ack.error is not None, "a refusal without a reason"
            if ack.error.code != UNSURE:
                fate.doubtful.discard(asked.call)
            return
        fate.is_taken = True
        if ack.seq is not None:
            place = (ack.conversation or str(asked.payload["conversation"]), ack.seq)
            assert fate.place in {None, place}, "one text was acknowledged at two places (I9)"
            fate.place = place

    def saw(self, line: Line) -> None:
        """Note a message somebody was shown: it is the same for all who may read it (I10)."""
        place = (line.conversation, line.seq)
        if line.audience == "internal" and place not in self.lines:
            self.notes.append(place)
        first = self.lines.setdefault(place, line)
        same = (first.id, _redacted(first.text)) == (line.id, _redacted(line.text))
        assert same, "one number, two messages (I10)"

    @staticmethod
    def check_halves(messages: Sequence[Message]) -> None:
        """Of two halves of a card one after the other, no more than four digits are left."""
        texts = [message.body.text for message in messages if message.role == "customer"]
        for first, second in pairwise(texts):
            if "begins" in first and "ends the card" in second:
                assert "5555" not in first, "the first half of a card stayed (I11)"
                assert "5555 4444" not in second, "the second half of a card stayed (I11)"

    def check(self, transcripts: Mapping[str, Sequence[Message]]) -> None:
        """Compare with what is stored at the end."""
        found: Counter[str] = Counter()
        stored: dict[tuple[str, int], Message] = {}
        for name, messages in transcripts.items():
            self.check_halves(messages)
            for seq, message in enumerate(messages, start=1):
                assert message.seq == seq, "a number was left out (I10)"
                stored[name, seq] = message
                found.update(WORD.findall(message.body.text))
        for place, line in self.lines.items():
            message = stored[place]
            same = (message.id, _redacted(message.body.text)) == (line.id, _redacted(line.text))
            assert same, "another is stored"
        for word, fate in self._fates.items():
            if fate.is_taken:
                assert found[word] == 1, f"{word} was acknowledged and is there {found[word]} times"
            assert found[word] <= 1, f"{word} was written {found[word]} times (I9)"
            assert fate.is_taken or fate.doubtful or not found[word], f"{word} was refused (I9)"
            if fate.place is not None:
                assert word in stored[fate.place].body.text, f"{word} is not where it was said"


def _redacted(text: str) -> str:
    """A text without what it may show of a half of a card, now or a moment ago."""
    return HALF.sub("", text)

"""What is wrong with a configuration: where, why and what to do, never a secret's value."""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
QUOTED_LENGTH = 64  # as long as an id may be; longer text would hide the message around it


class Mistake(NamedTuple):
    """One thing to correct.

    Attributes:
        path: Where: `queues[0].offer_timeout_ms`, or empty for the file as a whole.
        message: What is wrong.
        hint: What would be right.
    """

    path: str
    message: str
    hint: str

    def within(self, file: str) -> "Mistake":
        """Say in which file of a folder it is."""
        return self._replace(path=f"{file}: {self.path}" if self.path else file)


class Fault(NamedTuple):
    """A mistake before its place is known: what a rule says of one value."""

    message: str
    hint: str

    def at(self, path: str) -> Mistake:
        """Say where the value stands."""
        return Mistake(path, self.message, self.hint)


class ConfigurationInvalid(Exception):  # noqa: N818 - an answer to the operator, not a failure
    """The configuration has mistakes, all of them listed; nothing of it may be used."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep every mistake: first of single values, then of what does not fit together."""
        self.mistakes = tuple(mistakes)
        super().__init__(
            "; ".join(f"{mistake.path}: {mistake.message}" for mistake in self.mistakes)
        )


def inside(path: str, key: str) -> str:
    """Return the path of a key in the table at `path`, quoted where TOML would quote it."""
    written = key if BARE_KEY.fullmatch(key) else quoted(key)
    return f"{path}.{written}" if path else written


def quoted(text: str) -> str:
    """Return an operator's own word for a message: in quotes, cut short, nothing unprintable."""
    return json.dumps(text if len(text) <= QUOTED_LENGTH else f"{text[:QUOTED_LENGTH]}…")


def listed(words: Iterable[str]) -> str:
    """Return words as a reader expects them: "a", "b", "c"."""
    return ", ".join(quoted(word) for word in words)

"""Holds what came out of masking against a corpus, and counts what is wrong by group and kind."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tests.support.corpus.judge import is_changed, is_leaking
from tests.support.corpus.row import NEGATIVES, Row

Shown = Sequence[str]
"""What can be read in the end of each message of one row."""


class Tally(NamedTuple):
    """How many rows there are, and which are wrong.

    Attributes:
        rows: How many, by group and kind.
        wrong: Leaking positives, and negatives that came out changed, with what was shown.
    """

    rows: Counter[tuple[str, str]]
    wrong: list[tuple[Row, Shown]]

    def percent(self, groups: Iterable[str], kinds: Iterable[str]) -> float:
        """How many of a hundred rows of these groups and kinds are wrong; 0 if there are none."""
        wanted = {(group, kind) for group in groups for kind in kinds}
        rows = sum(self.rows[key] for key in wanted)
        wrong = sum((row.group, row.kind) in wanted for row, _ in self.wrong)
        return 100 * wrong / rows if rows else 0.0


def tally(rows: Iterable[Row], shown: Callable[[Row], Shown]) -> Tally:
    """Judge what ``shown`` answers for each of ``rows``."""
    result = Tally(Counter(), [])
    for row in rows:
        result.rows[row.group, row.kind] += 1
        left = shown(row)
        is_wrong = is_changed(row, left) if row.group in NEGATIVES else is_leaking(row, left)
        if is_wrong:
            result.wrong.append((row, left))
    return result

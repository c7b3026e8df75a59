"""A batch as the words of the commit script, and what is read back as records."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from router.kernel.model import AnyRecord, Key, key_of
from router.shard.codec import decode_kept, decode_record, encode, encode_entries
from router.shard.engine import Batch, Entry, Kept, Lease, Position
from router.shard.redis_link import Reply, Word
from router.shard.turn import ANSWER_KEPT_MS

ANSWERS_MS = 1_800_000
"""Answers that expire within the same half hour are in one hash, which goes as a whole: a key for
each would cost as much as all the rest of a command."""

CLOCKS_APART_MS = 60_000
"""They go on Redis's clock if nobody writes any more: by this much later than on the shard's."""

SEEN_KEPT_MS = 3_600_000
"""A hub that was counted as lost may only have stood still, with a command on its way."""


class Place(NamedTuple):
    """How far the inbox was handled, in terms of its stream.

    Attributes:
        done: The last entry of which every command was taken.
        skip: How many commands of the next entry were taken as well.
    """

    done: str
    skip: int

    def first_kept(self) -> str:
        """The first id that an inbox which keeps nothing more may hold."""
        ms, _, serial = self.done.partition("-")
        return f"{ms}-{int(serial) + 1}"


START = Place("0-0", 0)


class Rewritten(NamedTuple):
    """An entry of the log that says no more what it said; its last position names it."""

    position: Position
    data: bytes


def field_of(key: Key) -> str:
    """Under what a record is kept."""
    kind, name = key
    return f"{kind}:{name}"


def answers_expired(at_ms: int, before_ms: int | None) -> str:
    """The hash of answers of which the last has expired since a time, or since nobody knows."""
    last = at_ms // ANSWERS_MS
    is_same = before_ms is not None and before_ms // ANSWERS_MS == last
    return "" if is_same else f"{last - 1}"


def answers_kept(at_ms: int) -> range:
    """The hashes in which an answer may be that has not expired at a time."""
    return range(at_ms // ANSWERS_MS, (at_ms + ANSWER_KEPT_MS) // ANSWERS_MS + 1)


def words_of(
    batch: Batch,
    *,
    lease: Lease,
    expired: str,
    entries: tuple[Entry, ...],
    rewritten: Collection[Rewritten],
    place: Place,
    log_max: int,
    is_parked: bool,
) -> list[Word]:
    """The arguments of the commit script, as `redis.lua` names them.

    Args:
        batch: What to write.
        lease: Whose right it is written by.
        expired: The hash of answers that nobody needs any more, if there is one.
        entries: The log as it may be told: nothing of it was redacted in the same batch.
        rewritten: Older entries of the log that are told otherwise now.
        place: The batch's cursor, in terms of the inbox's stream.
        log_max: How many entries a follower may lag.
        is_parked: The log is not to be seen before `publish`.
    """
    last = entries[-1].position if entries else 0
    words: list[Word] = [
        lease.token,
        batch.previous,
        batch.cursor,
        batch.at_ms,
        entries[0].position - 1 if entries else "",
        last,
        encode_entries(entries) if entries else "",
        max(last - log_max + 1, 0),
        int(is_parked),
        place.done,
        place.skip,
        "" if batch.cursor == batch.previous else place.first_kept(),
        expired,
    ]
    _add_rows(words, batch)
    words.append(2 * len(batch.messages))
    for message in batch.messages:
        words += (f"{message.conversation}:{message.seq}", encode(message))
    closed: dict[str, list[Word]] = {}
    for closing in batch.closings:
        closed.setdefault(closing.agent, []).extend((closing.ended_at_ms, closing.contact))
    _add_lists(words, closed)
    _add_answers(words, batch)
    words.append(len(rewritten))
    for one in rewritten:
        words += one
    return words


def _add_rows(words: list[Word], batch: Batch) -> None:
    hot: list[Word] = []
    cold: list[Word] = []
    staying: list[Word] = []
    expiring: list[Word] = []
    for row in batch.rows:
        field = field_of(key_of(row.record))
        (hot if row.is_hot else cold).extend((field, encode(row.record)))
        if row.expires_at_ms is not None:
            assert not row.is_hot, "nothing hot expires"
            expiring += (row.expires_at_ms, field)
        elif not row.is_hot:
            staying.append(field)
    seen: list[Word] = []
    for hub, n in batch.seen.items():
        seen += (f"@{hub}", n)
        staying.append(f"@{hub}")
    for hub in batch.lost:
        expiring += (batch.at_ms + SEEN_KEPT_MS, f"@{hub}")
    for section in (hot, cold, staying, expiring, seen):
        words.append(len(section))
        words += section


def _add_answers(words: list[Word], batch: Batch) -> None:
    kept: dict[int, list[Word]] = {}
    for each in batch.kept:
        assert each.expires_at_ms <= batch.at_ms + ANSWER_KEPT_MS, "it would not be found"
        together = each.expires_at_ms // ANSWERS_MS
        kept.setdefault(together, []).extend((each.request.key, encode(each)))
    words.append(len(kept))
    for together, answers in kept.items():
        lives_ms = (together + 1) * ANSWERS_MS - batch.at_ms + CLOCKS_APART_MS
        words += (together, lives_ms, len(answers), *answers)


def _add_lists(words: list[Word], lists: Mapping[str, list[Word]]) -> None:
    words.append(len(lists))
    for name, section in lists.items():
        words += (name, len(section), *section)


def records_of(bodies: Iterable[Reply]) -> list[AnyRecord]:
    """The records that were found."""
    return [decode_record(body) for body in bodies if isinstance(body, bytes)]


def answers_of(bodies: Iterable[Reply], at_ms: int) -> dict[bytes, Kept]:
    """The answers that were found and have not expired, by request key."""
    found = (decode_kept(body) for body in bodies if isinstance(body, bytes))
    return {kept.request.key: kept for kept in found if kept.expires_at_ms > at_ms}

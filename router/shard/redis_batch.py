"""A batch as the commands that write it, and what is read back as records."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from router.kernel.model import AnyRecord, Key, key_of
from router.shard.codec import decode_kept, decode_record, encode, encode_entries
from router.shard.engine import Batch, Cursor, Entry, Kept, Lease, Position
from router.shard.redis_link import Reply, Word
from router.shard.seen import SEEN_KEPT_MS
from router.shard.turn import ANSWER_KEPT_MS

ANSWERS_MS = 1_800_000
"""Answers that expire within the same half hour are in one hash, which goes as a whole: a key for
each would cost as much as all the rest of a command."""

CLOCKS_APART_MS = 60_000
"""They go on Redis's clock if nobody writes any more: by this much later than on the shard's."""


Command: TypeAlias = tuple[Word, ...]


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


class Checked(NamedTuple):
    """What a writer may build on, as the server was found.

    Attributes:
        cursor: Up to where commands were handled.
        position: Of the log's last entry.
        added: How many commands were ever put into the inbox.
        expired: Fields of records, and of hubs that were lost, whose time has run out.
        left: Positions of rewritten entries that the log keeps no more.
    """

    cursor: Cursor
    position: Position
    added: int
    expired: Sequence[Word]
    left: Sequence[Word]


class Writing(NamedTuple):
    """How a batch is to be written.

    Attributes:
        prefix: What the names of all keys begin with.
        lease: Whose right it is written by.
        place: The batch's cursor, in terms of the inbox's stream.
        entries: The log as it may be told: nothing of it was redacted in the same batch.
        rewritten: Older entries of the log that are told otherwise now.
        expired: The hash of answers that nobody needs any more, if there is one.
        log_max: How many entries a follower may lag.
        is_parked: The log is not to be seen before `publish`.
    """

    prefix: str
    lease: Lease
    place: Place
    entries: tuple[Entry, ...]
    rewritten: Collection[Rewritten]
    expired: str
    log_max: int
    is_parked: bool

    @property
    def kept_from(self) -> int:
        """The first position that the log keeps."""
        return max(self.entries[-1].position - self.log_max + 1, 0) if self.entries else 0


def commands_of(batch: Batch, writing: Writing, checked: Checked) -> list[Command]:
    """What writes a batch, all of it in one transaction: few commands, of many words each."""
    commands = _Commands(writing.prefix)
    commands.add("HSET", "shard", *_marks(batch, writing.place))
    commands.add("HINCRBY", "shard", "commits", 1)
    if batch.cursor != batch.previous:
        commands.add("XTRIM", "inbox", "MINID", writing.place.first_kept())
    commands.each("HDEL", ("cold", "seen"), checked.expired)
    commands.each("ZREM", ("expiry",), checked.expired)
    if writing.expired:  # its memory is given back beside the commands
        commands.add("UNLINK", f"answers:{writing.expired}")
    _add_rows(commands, batch)
    _add_seen(commands, batch)
    said: list[Word] = []
    for message in batch.messages:
        said += (f"{message.conversation}:{message.seq}", encode(message))
    commands.each("HSET", ("said",), said)
    for closing in batch.closings:
        commands.add("ZADD", f"closed:{closing.agent}", closing.ended_at_ms, closing.contact)
    _add_answers(commands, batch)
    for position, data in writing.rewritten:
        commands.add("XDEL", "log", f"{position}-0")
        commands.add("HSET", "rewritten", position, data)
        commands.add("ZADD", "rewritten_order", position, position)
    commands.each("HDEL", ("rewritten",), checked.left)
    commands.each("ZREM", ("rewritten_order",), checked.left)
    if writing.entries:
        _add_log(commands, writing, depth=max(checked.added - batch.cursor, 0))
    return commands.all


class _Commands:
    """Commands on the keys of one shard."""

    def __init__(self, prefix: str) -> None:
        self.all: list[Command] = []
        self._prefix = prefix

    def add(self, command: str, key: str, *words: Word) -> None:
        self.all.append((command, self._prefix + key, *words))

    def each(self, command: str, keys: Iterable[str], words: Sequence[Word]) -> None:
        """The same for several keys; nothing when there is nothing to say."""
        if words:
            for key in keys:
                self.add(command, key, *words)


def _marks(batch: Batch, place: Place) -> Iterator[Word]:
    yield from ("cursor", batch.cursor, "at", batch.at_ms, "done", place.done, "skip", place.skip)
    if batch.entries:
        yield from ("position", batch.entries[-1].position)


def _add_rows(commands: _Commands, batch: Batch) -> None:
    """Each record is in one of two hashes."""
    kept: dict[bool, list[Word]] = {True: [], False: []}
    staying: list[Word] = []
    expiring: list[Word] = []
    for row in batch.rows:
        field = field_of(key_of(row.record))
        kept[row.is_hot] += (field, encode(row.record))
        if row.expires_at_ms is not None:
            assert not row.is_hot, "nothing hot expires"
            expiring += (row.expires_at_ms, field)
        elif not row.is_hot:
            staying.append(field)
    for is_hot, key, other in ((True, "hot", "cold"), (False, "cold", "hot")):
        commands.each("HSET", (key,), kept[is_hot])
        commands.each("HDEL", (other,), kept[is_hot][::2])
    commands.each("ZREM", ("expiry",), staying)
    commands.each("ZADD", ("expiry",), expiring)


def _add_seen(commands: _Commands, batch: Batch) -> None:
    seen: list[Word] = []
    for hub, n in batch.seen.items():
        seen += (f"@{hub}", n)
    lost: list[Word] = []
    for hub in batch.lost:
        lost += (batch.at_ms + SEEN_KEPT_MS, f"@{hub}")
    commands.each("HSET", ("seen",), seen)
    commands.each("ZREM", ("expiry",), seen[::2])
    if lost:  # again, or not: it is gone since it was lost first
        commands.add("ZADD", "expiry", "NX", *lost)


def _add_answers(commands: _Commands, batch: Batch) -> None:
    kept: dict[int, list[Word]] = {}
    for each in batch.kept:
        assert each.expires_at_ms <= batch.at_ms + ANSWER_KEPT_MS, "it would not be found"
        together = each.expires_at_ms // ANSWERS_MS
        kept.setdefault(together, []).extend((each.request.key, encode(each)))
    for together, answers in kept.items():
        key = f"answers:{together}"
        commands.add("HSET", key, *answers)
        commands.add("PEXPIRE", key, (together + 1) * ANSWERS_MS - batch.at_ms + CLOCKS_APART_MS)


def _add_log(commands: _Commands, writing: Writing, *, depth: int) -> None:
    last, data = writing.entries[-1].position, encode_entries(writing.entries)
    kept_from = writing.kept_from
    if writing.is_parked:
        parked = ("parked", data, "parked_id", last, "parked_from", kept_from)
        commands.add("HSET", "shard", *parked, "parked_depth", depth)
    else:
        told = ("e", data, "t", writing.lease.token, "d", depth)
        commands.add("XADD", "log", "MINID", kept_from, f"{last}-0", *told)


def records_of(bodies: Iterable[Reply]) -> list[AnyRecord]:
    """The records that were found."""
    return [decode_record(body) for body in bodies if isinstance(body, bytes)]


def answers_of(bodies: Iterable[Reply], at_ms: int) -> dict[bytes, Kept]:
    """The answers that were found and have not expired, by request key."""
    found = (decode_kept(body) for body in bodies if isinstance(body, bytes))
    return {kept.request.key: kept for kept in found if kept.expires_at_ms > at_ms}

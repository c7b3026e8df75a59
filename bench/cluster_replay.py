"""What Redis does for a command when it has much to do: the engine's own words, said fast.

What an engine was asked is recorded, and said again to another tenant as fast as Redis answers,
without the Python between: a server that sleeps between two commands takes several times as long
for each. Beside it stands the smallest thing that Redis can be asked to keep.
"""

import socket
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple, cast

from hiredis import Reader

from router.shard.codec import encode_envelopes
from router.shard.engine import Batch, Envelope, Lease, Position
from router.shard.live import INBOX_MAX, LOG_MAX
from router.shard.redis_batch import START, Checked, Command, Place, Writing, commands_of
from router.shard.redis_commit import WATCHED
from router.shard.redis_engine import RedisEngine
from router.shard.redis_inbox import ENTRIES_MAX, stream_of
from router.shard.redis_link import Link, Reply, Word, text
from router.shard.redis_log import BATCHES_MAX
from router.shard.redis_scripts import SCRIPTS, asked
from router.shard.redis_store import RedisStore, prefix_of

LEASE_MS = 600_000

SETS = 100
"""In one pipeline: what a client library sends at once."""

PIPELINES = 50

VALUE = b"x" * 100

PREFIX = prefix_of("again")

UNKNOWN = Place("1111111111111-0", 0)
"""Stands where an id of the inbox will stand, which is known when it is said, and is as long."""


class Recorder(RedisEngine):
    """An engine that keeps what it was asked."""

    def __init__(self, store: RedisStore, tenant: str) -> None:
        """Have kept nothing."""
        super().__init__(store, tenant, inbox_max=INBOX_MAX, log_max=LOG_MAX)
        self.envelopes: list[Envelope] = []
        self.batches: list[Batch] = []

    async def submit(self, envelope: Envelope) -> None:
        """See `Engine.submit`."""
        self.envelopes.append(envelope)
        await super().submit(envelope)

    async def commit(self, batch: Batch, *, lease: Lease) -> None:
        """See `Engine.commit`."""
        await super().commit(batch, lease=lease)
        self.batches.append(batch)


class Replayed(NamedTuple):
    """Microseconds of Redis's main thread: for a command, and for one SET of 100 bytes."""

    command_us: float
    set_us: float


def seconds_of(info: bytes) -> float:
    """The processor time of what answers, as INFO says; syncing the file is another thread's."""
    lines = (line.partition(":") for line in info.decode().splitlines())
    fields = {name: value for name, _, value in lines}
    return sum(float(fields[f"used_cpu_{kind}_main_thread"]) for kind in ("user", "sys"))


async def main_thread_s(link: Link) -> float:
    """See `seconds_of`."""
    return seconds_of(text(await link.call("INFO", "cpu")))


class Said(NamedTuple):
    """What is said for a batch, ready to be sent; the id of its inbox entry is known later.

    Attributes:
        add: Puts its commands into the inbox.
        commit: Writes it, and looks for the next one.
        answers: How many answers that has.
        position: Of its last entry in the log; 0 for none.
    """

    add: bytes
    commit: bytes
    answers: int
    position: int

    def commit_at(self, place: Place) -> bytes:
        """The same with the place of its inbox entry."""
        found = self.commit
        for unknown, known in (
            (UNKNOWN.first_kept(), place.first_kept()),
            (UNKNOWN.done, place.done),
        ):
            assert len(unknown) == len(known), "its length was said before"
            found = found.replace(unknown.encode(), known.encode())
        return found


class Wire:
    """A connection that waits for nothing but the answer."""

    def __init__(self, port: int) -> None:
        """Connect to a server on loopback."""
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._reader = Reader()

    def answers(self, packed: bytes, *, count: int = 1) -> list[Reply]:
        """Send what was packed, and read so many answers."""
        self._socket.sendall(packed)
        found: list[Reply] = []
        while len(found) < count:
            answer = cast("Reply | Literal[False]", self._reader.gets())
            if answer is False:
                self._reader.feed(self._socket.recv(65_536))
            else:
                assert not isinstance(answer, Exception), answer
                found.append(answer)
        return found

    def close(self) -> None:
        """Give it up."""
        self._socket.close()


class Replay:
    """A tenant to which the same happens again; it has the server and this process to itself."""

    def __init__(self, port: int, recorded: Recorder) -> None:
        """Be connected as a writer, and as who follows it."""
        self._writer = Wire(port)
        self._follower = Wire(port)
        self._recorded = recorded
        self._nonce = "again"
        self._token = f"1:{self._nonce}"
        self._last = START.done
        self._position = 0
        for body, _ in SCRIPTS.values():
            self._ask("SCRIPT", "LOAD", body)
        self._ask(*asked("acquire", PREFIX, "bench", self._nonce, LEASE_MS, 1))

    def run(self, turns: Sequence[range]) -> list[Replayed]:
        """Say everything again, and measure these turns: places of batches, in order."""
        said = self._all_said()
        found: list[Replayed] = []
        done = 0
        for turn in turns:
            self._say(islice(said, turn.start - done))
            prepared = list(islice(said, len(turn)))
            began_s = self._cpu_s()
            self._say(prepared)
            took_s = self._cpu_s() - began_s
            done = turn.stop
            batches = self._recorded.batches[turn.start : turn.stop]
            commands = sum(batch.cursor - batch.previous for batch in batches)
            found.append(Replayed(took_s * 1e6 / commands, self._one_set_us()))
        return found

    def _all_said(self) -> Iterator[Said]:
        lease = Lease(token=self._token, epoch=1, alive_at_ms=None)
        position = Position(0)
        watch: Command = ("WATCH", *(PREFIX + key for key in WATCHED))
        for batch in self._recorded.batches:
            envelopes = self._recorded.envelopes[batch.previous : batch.cursor]
            writing = Writing(
                prefix=PREFIX,
                lease=lease,
                place=UNKNOWN if envelopes else START,
                entries=batch.entries,
                rewritten=(),
                expired="",
                log_max=LOG_MAX,
                is_parked=False,
            )
            checked = Checked(batch.previous, position, batch.cursor, (), ())
            look = asked("check", PREFIX, self._token, batch.at_ms, writing.kept_from)
            commit = (("MULTI",), *commands_of(batch, writing, checked), ("EXEC",), watch, look)
            position = batch.entries[-1].position if batch.entries else Position(0)
            add = asked("add", PREFIX, INBOX_MAX, len(envelopes), encode_envelopes(envelopes))
            yield Said(
                add=_packed(add) if envelopes else b"",
                commit=b"".join(_packed(command) for command in commit),
                answers=len(commit),
                position=position,
            )

    def _say(self, batches: Iterable[Said]) -> None:
        """What the hub, the writer and a follower ask of the server for each batch."""
        for said in batches:
            commit = said.commit
            if said.add:
                self._writer.answers(said.add)
                inbox = ("STREAMS", f"{PREFIX}inbox", self._last)
                self._last = stream_of(self._ask("XREAD", "COUNT", ENTRIES_MAX, *inbox))[-1][0]
                commit = said.commit_at(Place(self._last, 0))
            *_, done, _, look = self._writer.answers(commit, count=said.answers)
            assert done is not None, "nobody else writes"
            assert look != [-1], "the lease lives"
            if said.position:
                self._follow()
                self._position = said.position

    def _follow(self) -> None:
        log = ("STREAMS", f"{PREFIX}log", self._position)
        (reply,) = self._follower.answers(_packed(("XREAD", "COUNT", BATCHES_MAX, *log)))
        assert len(stream_of(reply)) == 1, "the batch is in the log"

    def _cpu_s(self) -> float:
        return seconds_of(text(self._ask("INFO", "cpu")))

    def _one_set_us(self) -> float:
        sets = b"".join(_packed(("SET", f"bench:{each}", VALUE)) for each in range(SETS))
        began_s = self._cpu_s()
        for _ in range(PIPELINES):
            self._writer.answers(sets, count=SETS)
        return (self._cpu_s() - began_s) * 1e6 / (PIPELINES * SETS)

    def _ask(self, *words: Word) -> Reply:
        return self._writer.answers(_packed(words))[0]

    def close(self) -> None:
        """Give up the connections."""
        for connection in (self._writer, self._follower):
            connection.close()


def _packed(words: Sequence[Word]) -> bytes:
    return b"*%d\r\n" % len(words) + _words(words)


def _words(words: Iterable[Word]) -> bytes:
    plain = (word if isinstance(word, bytes) else f"{word}".encode() for word in words)
    return b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in plain)

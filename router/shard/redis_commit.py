"""How a writer writes on Redis: looked at by a script, then all at once unless anybody changed it.

The words of a batch are too many for a script, which takes several times as long over them
(docs/decisions/0042). The look for the next batch travels behind the last one, so a commit is one
trip.
"""

from contextlib import suppress
from typing import NamedTuple

from router.shard import redis_scripts
from router.shard.engine import Batch, EngineUnavailable, FencedOut, Lease
from router.shard.redis_batch import Checked, Command, Writing, commands_of
from router.shard.redis_link import Link, Reply

WATCHED = ("lease", "shard")
"""Keys that whoever takes over changes, and every commit."""

ATTEMPTS_MAX = 8
"""Only a renewal, a takeover and a lost connection come between: one of them, as a rule once."""


class _Look(NamedTuple):
    """What was found, and what holds as long as nobody changes it and the connection lives."""

    lease: Lease
    connection: int
    checked: Checked


class Commits:
    """Writes the batches of one shard, one after the other."""

    def __init__(self, link: Link, prefix: str) -> None:
        """Have looked at nothing."""
        self._link = link
        self._watch: Command = ("WATCH", *(prefix + key for key in WATCHED))
        self._prefix = prefix
        self._look: _Look | None = None

    def forget(self) -> None:
        """Look again: this process has changed what is watched."""
        self._look = None

    async def write(self, batch: Batch, writing: Writing) -> int:
        """Write a batch, and return how many commands wait behind it.

        Raises:
            FencedOut: The lease, the cursor or the position is another one.
            EngineUnavailable: Nothing was written.
            OutcomeUnknown: It may have been written.
        """
        for _ in range(ATTEMPTS_MAX):
            look = await self._looked(batch, writing)
            self._look = None
            done = await self._link.transact(
                commands_of(batch, writing, look.checked),
                self._watch,
                self._question(batch, writing),
                at=look.connection,
            )
            if done.is_done:
                return self._looked_behind(batch, look, done.then[-1])
        raise EngineUnavailable("the Redis server has no quiet moment")

    async def _looked(self, batch: Batch, writing: Writing) -> _Look:
        look = self._look
        if look is None or look.lease != writing.lease or unlike(look.checked, batch):
            look = await self._look_now(batch, writing)
            why = unlike(look.checked, batch)
            if why:
                raise FencedOut(why)
        return look

    async def _look_now(self, batch: Batch, writing: Writing) -> _Look:
        question = self._question(batch, writing)
        # What this connection has changed itself since it watched would count as changed.
        asked = (("UNWATCH",), self._watch, question)
        found = await redis_scripts.told(self._link, "check", lambda: self._link.watched(*asked))
        checked = redis_scripts.checked(found.replies[-1])
        return _Look(writing.lease, found.connection, checked)

    def _question(self, batch: Batch, writing: Writing) -> Command:
        return redis_scripts.asked(
            "check", self._prefix, writing.lease.token, batch.at_ms, writing.kept_from
        )

    def _looked_behind(self, batch: Batch, look: _Look, reply: Reply) -> int:
        """Keep what was found behind a batch; nothing while its entries are parked."""
        added = look.checked.added
        with suppress(FencedOut):
            checked = redis_scripts.checked(reply)
            self._look = look._replace(checked=checked)
            added = checked.added
        return max(added - batch.cursor, 0)


def unlike(checked: Checked, batch: Batch) -> str:
    """Why a batch does not follow what was found; empty when it does."""
    if checked.cursor != batch.previous:
        return "the batch was decided at another cursor"
    if batch.entries and checked.position != batch.entries[0].position - 1:
        return "the batch was decided at another position"
    return ""

"""The log on Redis: how it is followed, and how what was redacted is taken out of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import chain

from router.kernel.model import Message
from router.shard.codec import decode_entries, encode_entries
from router.shard.engine import EngineUnavailable, Entry, FellBehind, Position
from router.shard.live import Place, redacted, redactions, written
from router.shard.redis_batch import Rewritten
from router.shard.redis_inbox import entries_of, stream_of
from router.shard.redis_link import Link, Reply, number, several, text

BATCHES_MAX = 64
"""Batches read at once: a follower that is behind catches up in some hundred kilobytes."""

BLOCK_MS = 2_000
"""How long a follower waits before it asks again; longer than that, a server is gone."""

TELL_S = 0.002
"""How long entries are told before others get their turn, as long as a shard decides at once."""

RETRY_MS_MIN = 20
RETRY_MS_MAX = 1_000
"""Pauses of a follower while the server is away: not so long that failing over is held up."""


class Follower:
    """One reader of the log, wherever it is."""

    def __init__(self, link: Link, prefix: str, *, after: Position) -> None:
        """Follow what comes after a position."""
        self._link = link
        self._log = f"{prefix}log"
        self._rewritten = f"{prefix}rewritten"
        self._shard = f"{prefix}shard"
        self._after = after
        self._last: tuple[str, bytes] | None = None
        self._checked = 0

    async def follow(self, told: Callable[[int], None]) -> AsyncIterator[Entry]:
        """See `Engine.follow`; ``told`` hears of the inbox's depth."""
        loop = asyncio.get_running_loop()
        pause_ms = RETRY_MS_MIN
        while True:
            try:
                batches = await self._next(told)
            except EngineUnavailable:
                await asyncio.sleep(pause_ms / 1000)
                pause_ms = min(pause_ms * 2, RETRY_MS_MAX)
                continue
            pause_ms = RETRY_MS_MIN
            until_s = loop.time() + TELL_S
            for entry in chain.from_iterable(batches):
                if entry.position > self._after:
                    self._after = entry.position
                    yield entry
                if loop.time() >= until_s:
                    await asyncio.sleep(0)  # one tenant's flood must not keep the loop to itself
                    until_s = loop.time() + TELL_S

    async def _next(self, told: Callable[[int], None]) -> list[tuple[Entry, ...]]:
        connected = self._link.connections
        if connected == 0 or connected != self._checked:
            await self._check()
            self._checked = max(connected, 1)
        reply = await self._link.call(
            "XREAD", "COUNT", BATCHES_MAX, "BLOCK", BLOCK_MS, "STREAMS", self._log, self._after
        )
        batches: list[tuple[Entry, ...]] = []
        if self._link.connections != self._checked:
            return batches  # it may be another server by now: look first what it has
        reached = self._after
        for name, fields in stream_of(reply):
            entries = decode_entries(fields[b"e"])
            if entries[0].position > reached + 1:
                batches += await self._gap(reached, entries[0].position)
            batches.append(entries)
            reached = entries[-1].position
            self._last = name, fields[b"t"]
            told(int(fields[b"d"]))
        return batches

    async def _gap(self, after: int, before: int) -> list[tuple[Entry, ...]]:
        """What stands between two positions: batches that were redacted, or nothing any more."""
        kept = _pairs(await self._link.call("HGETALL", self._rewritten))
        found: list[tuple[Entry, ...]] = []
        for position, data in sorted(kept.items()):
            if after < position < before:
                entries = decode_entries(data)
                if entries[0].position > after + 1:
                    break
                found.append(entries)
                after = position
        if after != before - 1:
            raise FellBehind("entries were dropped before they were read; load again")
        return found

    async def _check(self) -> None:
        """Notice a server that lost what was read from it, and went on otherwise.

        Raises:
            FellBehind: What comes next does not follow what was read.
        """
        if number(await self._link.call("HGET", self._shard, "position")) < self._after:
            raise FellBehind("the Redis server has lost entries; load again")
        if self._last is None:  # nothing was read here yet: what it follows was loaded
            name = f"{self._after}-0"
            loaded = entries_of(await self._link.call("XRANGE", self._log, name, name))
            self._last = (name, loaded[0][1][b"t"]) if loaded else None
        else:
            name, token = self._last
            found = entries_of(await self._link.call("XRANGE", self._log, name, name))
            is_same = found[0][1][b"t"] == token if found else await self._is_rewritten(name)
            if not is_same:
                raise FellBehind("the Redis server has other entries; load again")

    async def _is_rewritten(self, name: str) -> bool:
        position = name.partition("-")[0]
        return await self._link.call("HEXISTS", self._rewritten, position) == 1


def _pairs(reply: Reply) -> dict[int, bytes]:
    flat = [text(word) for word in several(reply)]
    return {int(name): data for name, data in zip(flat[::2], flat[1::2], strict=True)}


def shown(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """A batch's entries without what a later one of them redacts."""
    found = list(entries)
    for place, entry in enumerate(entries):
        replaced = redactions(entry)
        if replaced:
            found[:place] = [redacted(earlier, replaced) for earlier in found[:place]]
    return tuple(found)


async def rewrite(link: Link, prefix: str, entries: Sequence[Entry]) -> list[Rewritten]:
    """The older batches of the log that tell what these entries redact, as they are told now."""
    messages: dict[Place, Message] = {}
    missing: set[Place] = set()
    for entry in entries:
        messages |= redactions(entry)
    if not messages:
        return []
    missing = set(messages)
    for entry in entries:
        missing -= written(entry)
    found: list[Rewritten] = []
    async for data in _backwards(link, prefix):
        batch = decode_entries(data)
        told = [redacted(entry, messages) for entry in batch]
        if any(now is not before for now, before in zip(told, batch, strict=True)):
            found.append(Rewritten(batch[-1].position, encode_entries(told)))
            missing -= {place for entry in batch for place in written(entry)}
        if not missing:
            break
    return found


async def _backwards(link: Link, prefix: str) -> AsyncIterator[bytes]:
    """What the log keeps, what was redacted before in its place, the latest first."""
    rewritten = sorted(_pairs(await link.call("HGETALL", f"{prefix}rewritten")).items())
    last = "+"
    while True:
        reply = await link.call("XREVRANGE", f"{prefix}log", last, "-", "COUNT", BATCHES_MAX)
        batches = entries_of(reply)
        for name, fields in batches:
            while rewritten and rewritten[-1][0] > int(name.partition("-")[0]):
                yield rewritten.pop()[1]
            yield fields[b"e"]
            last = f"({name}"
        if len(batches) < BATCHES_MAX:
            break
    for _, data in reversed(rewritten):
        yield data

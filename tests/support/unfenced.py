"""The program with its fence taken down, for a test that shows what the fence is for.

It goes on writing when somebody else became the writer: what is checked before a write is cut out
of the scripts that this process sends, and out of what it fetches.
"""

import sys
from collections.abc import Collection, Mapping
from hashlib import sha1

from router.app.cli import main
from router.kernel.model import AnyRecord, Key
from router.shard import loop, redis_commit
from router.shard.engine import Batch, Engine
from router.shard.redis_batch import Checked, Command, Writing, commands_of
from router.shard.redis_scripts import SCRIPTS, Script
from router.shard.writer import Writer

OTHER_LEASE = (
    "if kept[1] ~= ARGV[1] or redis.call('GET', name .. 'lease') ~= ARGV[1] or kept[4] then\n"
    "    return {-1}\nend"
)
NOT_RENEWED = (
    "if redis.call('GET', lease) ~= ARGV[1] or redis.call('HGET', shard, 'token') ~= ARGV[1] then\n"
    "    return 0\nend"
)

CUTS = (("check", OTHER_LEASE, ""), ("renew", NOT_RENEWED, ""))

TELL = "return redis.pcall('XADD', KEYS[1], unpack(ARGV)) and 1"
"""A stream refuses what is older."""


def unwatched(batch: Batch, writing: Writing, checked: Checked) -> list[Command]:
    """What writes a batch whatever was found."""
    return [
        ("EVAL", TELL, 1, *words[1:]) if words[0] == "XADD" else words
        for words in commands_of(batch, writing, checked)
    ]


def follows(checked: Checked, batch: Batch) -> str:  # noqa: ARG001 - stands in for one that looks
    """A batch follows whatever was found."""
    return ""


class Unfenced(Writer):
    """A writer that does not mind who else wrote."""

    _engine: Engine

    async def _fetch(self, keys: Collection[Key]) -> Mapping[Key, AnyRecord]:
        return (await self._engine.fetch(keys)).records


def unfence() -> None:
    """Cut the checks out of this process."""
    for name, check, instead in CUTS:
        body = SCRIPTS[name].body.decode()
        assert body.count(check) == 1, f"{name} checks otherwise"
        cut = body.replace(check, instead).encode()
        SCRIPTS[name] = Script(cut, sha1(cut, usedforsecurity=False).hexdigest())
    redis_commit.__dict__.update(commands_of=unwatched, unlike=follows, WATCHED=("something else",))
    loop.__dict__["Writer"] = Unfenced


if __name__ == "__main__":
    unfence()
    sys.exit(main(sys.argv[1:]))

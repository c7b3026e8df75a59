"""The scripts of `redis.lua`: how they are asked, and what their answers are."""

from collections.abc import Awaitable, Callable
from hashlib import sha1
from importlib import resources
from typing import NamedTuple, TypeVar

from router.kernel.ids import AgentId, ConversationId, HubId
from router.shard import formats
from router.shard.engine import (
    Cursor,
    FencedOut,
    Lease,
    LeaseTaken,
    NewerFormat,
    Position,
)
from router.shard.redis_batch import Checked
from router.shard.redis_link import Link, Reply, ScriptMissing, Word, number, several, text

Asked = TypeVar("Asked")

HUBS = "fd:hubs"
"""The hubs that live, of every tenant's process, by when their time runs out."""


class Script(NamedTuple):
    """One part of the file.

    Attributes:
        name: The digest under which the server knows it.
    """

    body: bytes
    name: str


def _parts() -> dict[str, Script]:
    text = resources.files("router.shard").joinpath("redis.lua").read_text(encoding="utf-8")
    parts: dict[str, Script] = {}
    for part in text.split("\n--# ")[1:]:
        head, _, body = part.partition("\n")
        name, _, flags = head.partition(" ")
        whole = f"#!lua{' flags=' if flags else ''}{flags}\n{body}".encode()
        parts[name] = Script(whole, sha1(whole, usedforsecurity=False).hexdigest())
    return parts


SCRIPTS = _parts()


def asked(script: str, key: str, *arguments: Word) -> tuple[Word, ...]:
    """The command that runs a script."""
    return ("EVALSHA", SCRIPTS[script].name, 1, key, *arguments)


async def run(link: Link, script: str, key: str, *arguments: Word) -> Reply:
    """Run a script."""
    command = asked(script, key, *arguments)
    return await told(link, script, lambda: link.call(*command))


async def told(link: Link, script: str, ask: Callable[[], Awaitable[Asked]]) -> Asked:
    """Ask what runs a script; one that the server does not know yet is told to it first."""
    try:
        return await ask()
    except ScriptMissing:  # nothing was done, so it may be asked again
        await link.call("SCRIPT", "LOAD", SCRIPTS[script].body)
        return await ask()


class Acquired(NamedTuple):
    """A lease, and whether a dead writer left a log entry that nobody has seen."""

    lease: Lease
    is_parked: bool


async def acquire(link: Link, prefix: str, *, holder: str, nonce: str, ttl_ms: int) -> Acquired:
    """See `Engine.acquire`.

    Raises:
        LeaseTaken: Another holder's lease lives.
        NewerFormat: A newer version wrote the shard.
    """
    match await run(link, "acquire", prefix, holder, nonce, ttl_ms, formats.FORMAT):
        case [-1, int(remaining_ms)]:
            raise LeaseTaken(remaining_ms)
        case [-2]:
            raise NewerFormat(formats.NEWER)
        case [int(epoch), int(alive_at_ms), int(is_parked)]:
            alive = None if alive_at_ms < 0 else alive_at_ms
            lease = Lease(token=f"{epoch}:{nonce}", epoch=epoch, alive_at_ms=alive)
            return Acquired(lease, bool(is_parked))
        case _:
            raise AssertionError("the script answers otherwise")


async def renew(link: Link, prefix: str, *, lease: Lease, alive_at_ms: int, ttl_ms: int) -> None:
    """See `Engine.renew`."""
    if await run(link, "renew", prefix, lease.token, alive_at_ms, ttl_ms) == 0:
        raise FencedOut("somebody else became the writer")


async def release(link: Link, prefix: str, *, lease: Lease) -> None:
    """See `Engine.release`."""
    await run(link, "release", prefix, lease.token)


async def expel(link: Link, prefix: str, *, holder: str) -> bool:
    """Free a dead holder's lease; false when it held none."""
    return await run(link, "expel", prefix, holder) == 1


async def add(link: Link, prefix: str, *, inbox_max: int, count: int, data: bytes) -> int:
    """Put commands into the inbox: the depth after it, or -1 - depth when they do not fit."""
    return number(await run(link, "add", prefix, inbox_max, count, data))


def checked(reply: Reply) -> Checked:
    """What `check` found.

    Raises:
        FencedOut: The lease is another one.
    """
    match reply:
        case [int(cursor), int(position), int(added), list(expired), list(left)]:
            fields = [text(word) for word in expired]
            return Checked(
                Cursor(cursor), Position(position), added, fields, [text(word) for word in left]
            )
        case _:
            raise FencedOut("somebody else became the writer")


async def publish(link: Link, prefix: str, *, token: str) -> bool:
    """Let followers see what was parked; false when nothing is.

    Raises:
        FencedOut: The lease is another one.
    """
    done = number(await run(link, "publish", prefix, token))
    if done == -1:
        raise FencedOut("somebody else became the writer")
    return done == 1


async def page(
    link: Link,
    prefix: str,
    *,
    conversation: ConversationId,
    after: int | None,
    before: int | None,
    limit: int,
) -> tuple[list[Reply], bool]:
    """Messages, and whether there are more."""
    bounds = ("" if after is None else after, "" if before is None else before)
    more, messages = several(await run(link, "page", prefix, conversation, *bounds, limit))
    return several(messages), more == 1


async def recent(
    link: Link, prefix: str, *, agent: AgentId, before_ms: int | None, limit: int
) -> list[Reply]:
    """Closed contacts."""
    before = "+inf" if before_ms is None else f"({before_ms}"
    return several(await run(link, "recent", prefix, agent, before, limit))


async def announce(link: Link, *, hub: HubId, ttl_ms: int, is_known: bool) -> bool:
    """See `Hubs.announce`."""
    return await run(link, "announce", HUBS, hub, ttl_ms, int(is_known)) == 1


async def alive(link: Link) -> list[Reply]:
    """Each hub that lives, and after it when its time runs out."""
    return several(await run(link, "alive", HUBS))

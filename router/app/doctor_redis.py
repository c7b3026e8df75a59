"""What a Redis must not do to contacts: throw them away, forget them, or live in another time."""

from collections.abc import Callable, Mapping

from router.app.mistakes import Mistake
from router.app.stores import server_of
from router.shard.engine import EngineError
from router.shard.redis_link import Link, several, text
from router.shard.redis_store import unfit

SKEW_MS_MAX = 500
"""Deadlines and leases are a matter of seconds: a process whose clock differs by half of one would
answer for agents too early, or hear late of what happened."""

PLACE = "--engine"

FORGETFUL = Mistake(
    PLACE,
    "appendonly is off in the Redis server: when it ends, everything is lost that was written since"
    " its last snapshot, and all there is if it makes none",
    "set appendonly to yes, there and in its configuration file",
)


async def redis_problems(
    url: str, environ: Mapping[str, str], clock_ms: Callable[[], int]
) -> list[Mistake]:
    """Ask a Redis what it does when it is full and when it ends, and for its time."""
    try:
        server = server_of(url, environ)
        link = server.link(is_reading=True)
        try:
            return [*await _fitness(link), *await _skew(link, clock_ms)]
        finally:
            await link.close()
            await server.close()
    except EngineError as fault:  # its words are ours, without the address
        hint = "check the address, the login and the network; INFO and TIME must be allowed"
        return [Mistake(PLACE, str(fault), hint)]


async def _fitness(link: Link) -> list[Mistake]:
    info = text(await link.call("INFO"))
    why = unfit(info)
    problems = [Mistake(PLACE, why, "a start refuses it too")] if why else []
    return [*problems, FORGETFUL] if b"aof_enabled:0" in info.split() else problems


async def _skew(link: Link, clock_ms: Callable[[], int]) -> list[Mistake]:
    before_ms = clock_ms()
    seconds, microseconds = (int(text(part)) for part in several(await link.call("TIME")))
    after_ms = clock_ms()
    skew_ms = (before_ms + after_ms) // 2 - (seconds * 1_000 + microseconds // 1_000)
    if abs(skew_ms) <= SKEW_MS_MAX + (after_ms - before_ms) // 2:  # what the way took is unknown
        return []
    direction = "ahead of" if skew_ms > 0 else "behind"
    return [
        Mistake(
            PLACE,
            f"the clock of this machine is {abs(skew_ms)} ms {direction} that of Redis",
            "let NTP or chrony run on both",
        )
    ]

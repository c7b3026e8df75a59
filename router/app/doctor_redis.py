"""What a Redis must not do to contacts: throw them away, or live in another time."""

from collections.abc import Callable, Iterator

import redis

from router.app.mistakes import Mistake

TIMEOUT_S = 3.0
SKEW_MS_MAX = 500
"""Deadlines and leases are a matter of seconds: a process whose clock differs by half of one would
answer for agents too early, or hear late of what happened."""

PLACE = "--engine"


def redis_problems(url: str, clock_ms: Callable[[], int]) -> Iterator[Mistake]:
    """Ask a Redis what it does when it is full, and for its time."""
    try:
        # The library does not say what types its further options have; nor below.
        with redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - as said
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, decode_responses=True
        ) as client:
            yield from _policy(client)
            yield from _skew(client, clock_ms)
    except (redis.RedisError, ValueError) as fault:  # never its words: they may have a password
        yield Mistake(
            PLACE,
            f"Redis does not answer as asked: {type(fault).__name__}",
            "check the address, the password and the network; INFO and TIME must be allowed",
        )


def _policy(client: redis.Redis) -> Iterator[Mistake]:
    memory = client.info("memory")  # pyright: ignore[reportUnknownMemberType] - as above
    assert isinstance(memory, dict), "the client does not wait"
    policy = str(memory.get("maxmemory_policy"))
    if policy != "noeviction":
        yield Mistake(
            PLACE,
            f"Redis throws contacts away when its memory is full: maxmemory-policy {policy}",
            "set maxmemory-policy noeviction, in its configuration file too",
        )


def _skew(client: redis.Redis, clock_ms: Callable[[], int]) -> Iterator[Mistake]:
    before_ms = clock_ms()
    answer = client.time()  # pyright: ignore[reportUnknownMemberType] - as above
    after_ms = clock_ms()
    assert isinstance(answer, tuple), "the client does not wait"
    seconds, microseconds = answer
    skew_ms = (before_ms + after_ms) // 2 - (seconds * 1_000 + microseconds // 1_000)
    if abs(skew_ms) > SKEW_MS_MAX + (after_ms - before_ms) // 2:  # what the way took is not known
        direction = "ahead of" if skew_ms > 0 else "behind"
        yield Mistake(
            PLACE,
            f"the clock of this machine is {abs(skew_ms)} ms {direction} that of Redis",
            "let NTP or chrony run on both",
        )

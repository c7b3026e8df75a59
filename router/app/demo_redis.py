"""Reads everything that a tenant has in Redis, so that the demo's search sees it."""

import os
from collections.abc import Iterator, Mapping

from router.app.stores import server_of
from router.shard.engine import EngineError
from router.shard.redis_link import Link, Reply, several, text
from router.shard.redis_store import prefix_of

KEYS_AT_ONCE = 100

READ_ALL: Mapping[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = {
    b"hash": (("HGETALL",), ()),
    b"stream": (("XRANGE",), ("-", "+")),
    b"string": (("GET",), ()),
    b"zset": (("ZRANGE",), ("0", "-1")),
    b"set": (("SMEMBERS",), ()),
}
"""What gives all of a key, by its type: the words before the key, and those behind it."""


async def contents(url: str, tenant: str) -> dict[str, bytes]:
    """All that is kept of a tenant, as it is kept; nothing while the server does not answer."""
    server = server_of(url, os.environ)
    link = server.link(is_reading=True)
    try:
        return {"Redis": b"\n".join(await _parts(link, prefix_of(tenant)))}
    except EngineError:
        return {}
    finally:
        await link.close()
        await server.close()


async def _parts(link: Link, prefix: str) -> list[bytes]:
    parts: list[bytes] = []
    cursor = b"0"
    while True:
        found = await link.call("SCAN", cursor, "MATCH", f"{prefix}*", "COUNT", KEYS_AT_ONCE)
        cursor, keys = text(several(found)[0]), several(several(found)[1])
        for key in keys:
            parts += await _of_key(link, text(key))
        if cursor == b"0":
            return parts


async def _of_key(link: Link, key: bytes) -> list[bytes]:
    before, behind = READ_ALL.get(text(await link.call("TYPE", key)), ((), ()))
    return [key, *_words(await link.call(*before, key, *behind))] if before else []  # it went


def _words(reply: Reply) -> Iterator[bytes]:
    match reply:
        case bytes():
            yield reply
        case list():
            for each in reply:
                yield from _words(each)
        case _:
            pass  # numbers are of Redis itself

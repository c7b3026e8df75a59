"""What sockets leave behind: nothing, also when nobody collects garbage."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable

import pytest
import uvloop

from router.hub.links import Link
from router.hub.pipe import Bounds, Pipe
from router.hub.sio import Outlet
from router.hub.websocket import Reader
from tests.unit.hub.test_sio import Rig, masked, served, spoken

SOCKETS = 250
"""Of each way to end."""

ENTER = masked(b"40/agent,")
ENDS = {
    "goodbye": ENTER + masked(b"", 0x88),
    "left": ENTER + masked(b"41/agent,") + masked(b"1"),
    "refused": masked(b'40/agent,{"token":"stranger"}') + masked(b"1"),
    "broken": ENTER + masked(b'42/agent,1["do"]') + b"\xff\xff\xff\xff\xff\xff",
    "cut off": ENTER + masked(b'42/agent,["do"]') + b"\x81\x8a",
}


async def lived(rig: Rig, stream: bytes) -> None:
    """One socket that comes, says all it has to say, and goes."""
    async with spoken(rig) as (reader, writer):
        writer.write(stream)
        writer.write_eof()
        async with asyncio.timeout(10):
            await reader.read()


def ours() -> Counter[str]:
    """What is in memory of sockets, collected or not."""
    kinds = (Pipe, Link, Outlet, Reader)
    return Counter(type(each).__name__ for each in gc.get_objects() if type(each) in kinds)


@pytest.mark.parametrize(
    "loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_a_thousand_sockets_come_and_go_and_nothing_of_them_stays(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Garbage in cycles waits for a collection, which stops everybody; and entries are for ever."""

    async def live() -> Counter[str]:
        bounds = Bounds(ping_interval_ms=300, ping_timeout_ms=100)
        async with served(bounds) as rig:
            gc.collect()
            gc.disable()
            before = ours()
            try:
                for _ in range(SOCKETS // 10):
                    each = [lived(rig, stream) for stream in ENDS.values() for _ in range(10)]
                    await asyncio.gather(*each)
                async with asyncio.timeout(10):
                    while ours() - before:  # noqa: ASYNC110 - nothing tells: until the last heartbeat
                        await asyncio.sleep(0.05)
            except TimeoutError:
                pass
            finally:
                left = ours() - before
                gc.enable()
            tables = {
                "_pipes": rig.sockets,
                "_networks": rig.sockets,
                "_links": rig.sockets,
                "_members": rig.rooms,
                "_due": rig.sockets.heartbeat,
            }
            for table, holder in tables.items():
                left[table] = len(getattr(holder, table))
            return +left

    with asyncio.Runner(loop_factory=loop) as runner:
        left = runner.run(live())

    assert left == {}

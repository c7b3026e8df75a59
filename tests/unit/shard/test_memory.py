"""What the memory engine can be told to do wrong beyond what every engine does."""

from router.kernel.ids import HubId
from router.shard.engine import Cursor
from router.shard.memory import Faults, MemoryEngine
from tests.conformance.samples import HUB, batch, envelope, written

OTHER = HubId("hub-2")


async def names(engine: MemoryEngine) -> list[tuple[HubId, int]]:
    """What is in the inbox, by hub and number."""
    cursor = (await engine.load()).cursor
    return [(one.hub, one.n) for one in await engine.read(cursor, limit=20, wait_ms=0)]


async def test_a_slow_hub_is_overtaken_and_keeps_its_own_order() -> None:
    """Order is promised per hub and not between hubs, so both must be met in tests."""
    engine = MemoryEngine(faults=Faults(slow=HUB))
    await engine.submit(envelope(1))
    await engine.submit(envelope(1, hub=OTHER))
    await engine.submit(envelope(2))
    before = await names(engine)
    engine.faults.slow = None

    assert before == [(OTHER, 1)]
    assert await names(engine) == [(OTHER, 1), (HUB, 1), (HUB, 2)]


async def test_two_hubs_that_are_slow_in_turn_keep_their_orders() -> None:
    """What is held up of one hub is never overtaken by what the same hub says later."""
    engine = MemoryEngine(faults=Faults(slow=HUB))
    await engine.submit(envelope(1))
    engine.faults.slow = OTHER
    await engine.submit(envelope(1, hub=OTHER))
    engine.faults.slow = HUB
    await engine.submit(envelope(2))
    await engine.submit(envelope(2, hub=OTHER))
    engine.faults.slow = None
    read = await names(engine)

    assert [n for hub, n in read if hub == HUB] == [1, 2]
    assert [n for hub, n in read if hub == OTHER] == [1, 2]


async def test_an_echo_comes_after_the_next_commit() -> None:
    """A command may be delivered again when its first delivery was long done."""
    engine = MemoryEngine(faults=Faults(echoes=1))
    await engine.submit(envelope(1))
    await engine.submit(envelope(2))
    await written(engine, batch(cursor=2))
    again = await names(engine)

    assert again == [(HUB, 1)]
    assert (await engine.load()).cursor == Cursor(2)

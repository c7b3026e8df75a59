"""Who counts as alive."""

from router.kernel.ids import HubId
from router.shard.engine import Hubs
from tests.conformance.samples import HUB, TTL_MS

OTHER = HubId("hub-2")


async def test_who_is_announced_lives_until_it_is_withdrawn(hubs: Hubs) -> None:
    """The connections of a hub that stopped are lost at once, those of the others never."""
    told = [await hubs.announce(hub, ttl_ms=TTL_MS) for hub in (HUB, OTHER, HUB)]
    both = await hubs.alive()
    await hubs.withdraw(HUB)

    assert told == [True, True, True]
    assert set(both) == {HUB, OTHER}
    assert await hubs.alive() == (OTHER,)


async def test_who_was_withdrawn_may_be_announced_again(hubs: Hubs) -> None:
    """It said that it stopped; nobody counted it as lost."""
    await hubs.announce(HUB, ttl_ms=TTL_MS)
    await hubs.withdraw(HUB)

    assert await hubs.announce(HUB, ttl_ms=TTL_MS) is True
    assert await hubs.alive() == (HUB,)

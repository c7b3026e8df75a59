"""Who counts as alive."""

import asyncio

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


async def beating(hubs: Hubs, *asked: HubId) -> set[HubId]:
    """The hubs that are announced, of those asked, while somebody looks again and again."""
    before = await hubs.beats(asked)
    async with asyncio.timeout(5):
        while True:
            after = await hubs.beats(asked)
            grown = {hub for hub in after if after[hub] > before[hub]}
            if grown >= {HUB}:
                return grown
            await asyncio.sleep(0.001)


async def test_a_hub_that_is_asked_shows_that_it_lives(hubs: Hubs) -> None:
    """Between two announcements nobody could tell it from one that died right after the first."""
    await hubs.announce(HUB, ttl_ms=TTL_MS)
    await hubs.announce(OTHER, ttl_ms=TTL_MS)

    assert HUB in await beating(hubs, HUB)


async def test_a_hub_that_was_withdrawn_does_not_beat(hubs: Hubs) -> None:
    """It said that it stopped, so asking it must not let it live again."""
    await hubs.announce(HUB, ttl_ms=TTL_MS)
    await hubs.announce(OTHER, ttl_ms=TTL_MS)
    await hubs.withdraw(OTHER)
    await beating(hubs, HUB, OTHER)

    assert set(await hubs.beats((OTHER,))) == {HUB}

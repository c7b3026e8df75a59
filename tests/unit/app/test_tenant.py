"""One tenant in a process: its hub comes with the first who needs it, and goes with the last."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from router.app import tenant
from router.app.config import parse
from router.app.tenant import Tenant
from router.hub.lobby import Lobby, LobbySettings
from router.hub.tasks import Tasks
from router.kernel.ids import EntryPointId, HubId
from router.shard.engine import EngineUnavailable, Entry, Position
from router.shard.memory import MemoryEngine
from tests.support.hubs import Living
from tests.unit.app.configurations import ENVIRON, SHOP

HUB = HubId("hub")
SOON_S = 0.02


class House:
    """A lobby with one tenant."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.tasks = Tasks()
        self.engine = MemoryEngine()
        self.lobby = Lobby(LobbySettings(), now_ms=lambda: 1)
        self.tenant = Tenant(
            parse(SHOP, ENVIRON),
            self.engine,
            name="process",
            hub=HUB,
            hubs=Living(HUB),
            tasks=self.tasks,
            clock=lambda: 1,
            is_shared=True,
        )

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(5):
            while not is_true():  # noqa: ASYNC110 - the product has no event for each condition
                await asyncio.sleep(0.001)


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A tenant that is served, and rests soon."""
    monkeypatch.setattr(tenant, "REST_S", SOON_S)
    house = House()
    await house.tenant.start(house.lobby)
    await house.until(house.tenant.is_served)
    yield house
    await house.tenant.stop(within_s=5)
    await house.tasks.stop()


async def test_a_log_that_nobody_here_is_told_of_is_not_followed(house: House) -> None:
    """With many tenants and processes, all would read everything for nobody."""
    await house.until(lambda: house.tenant.present is None)

    assert house.tenant.is_served()


async def test_whoever_comes_wakes_the_hub_once(house: House) -> None:
    """Everybody of one moment comes to one hub."""
    await house.until(lambda: house.tenant.present is None)
    hubs = await asyncio.gather(*(house.tenant.hub() for _ in range(3)))
    sites = await house.lobby.sites_of("main/shop")

    assert len(set(map(id, hubs))) == 1
    assert house.tenant.present is hubs[0]
    assert sites == ("*",)


async def test_a_hub_with_somebody_in_it_stays(house: House) -> None:
    """Silence is not absence."""
    hub = await house.tenant.hub()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(hub), "is_idle", property(lambda _: False))
        await asyncio.sleep(3 * SOON_S)

        assert house.tenant.present is hub
    await house.until(lambda: house.tenant.present is None)


async def test_a_store_that_is_away_when_somebody_comes_is_asked_again_by_the_next(
    house: House,
) -> None:
    """A moment without a server must not close the door for good."""
    await house.until(lambda: house.tenant.present is None)
    house.engine.faults.is_down = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.engine, "load", house.engine.faults.check)
        with pytest.raises(Exception, match="down"):
            await house.tenant.hub()
    house.engine.faults.is_down = False

    assert await house.tenant.hub() is house.tenant.present


async def test_a_store_that_goes_away_while_something_is_told_ends_nothing(house: House) -> None:
    """What cannot be read now is read when it can be; clients come back to all of it."""
    follow, faults = house.engine.follow, [EngineUnavailable("away")]

    async def breaking(after: Position) -> AsyncIterator[Entry]:
        if faults:
            raise faults.pop()
        async for entry in follow(after):
            yield entry

    await house.until(lambda: house.tenant.present is None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.engine, "follow", breaking)
        hub = await house.tenant.hub()
        await house.until(lambda: not faults)
        await asyncio.sleep(SOON_S / 2)

    assert not house.tasks.failure.done()
    assert hub.sites_of(EntryPointId("shop")) == ("*",)


async def test_who_was_counted_as_lost_while_it_woke_is_another_then(house: House) -> None:
    """Connections under a name that nobody says is alive would never be noticed to be gone."""
    await house.until(lambda: house.tenant.present is None)
    waking = asyncio.create_task(house.tenant.hub())
    await asyncio.sleep(0)
    house.tenant.begin_anew(HubId("hub.2"))
    hub = await waking

    assert hub.id == "hub.2"

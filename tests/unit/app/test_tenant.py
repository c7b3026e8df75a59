"""One tenant in a process: its hub comes with the first who needs it, and goes with the last."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection

import pytest

from router.app import tenant
from router.app.config import parse
from router.app.tenant import Tenant
from router.hub import hub
from router.hub.lobby import Lobby, LobbySettings
from router.hub.tasks import Tasks
from router.kernel.ids import EntryPointId, HubId
from router.kernel.messages import AnyCommand, Configure, DrainHub
from router.kernel.model import Key
from router.shard.engine import (
    EngineUnavailable,
    Entry,
    Envelope,
    Fetched,
    Lease,
    LeaseTaken,
    NewerFormat,
    Position,
)
from router.shard.memory import MemoryEngine
from tests.support.hubs import Living
from tests.unit.app.configurations import ENVIRON, SHOP

HUB = HubId("hub")
SOON_S = 0.02


class House:
    """A lobby with one tenant."""

    def __init__(
        self, *, engine: MemoryEngine | None = None, settings: str = SHOP, name: str = "hub"
    ) -> None:
        """Nothing runs yet."""
        self.tasks = Tasks()
        self.engine = engine or MemoryEngine()
        self.lobby = Lobby(LobbySettings(), now_ms=lambda: 1)
        self.tenant = Tenant(
            parse(settings, ENVIRON),
            self.engine,
            name=name,
            hub=HubId(name),
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
    woken = await house.tenant.hub()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(woken), "is_idle", property(lambda _: False))
        await asyncio.sleep(3 * SOON_S)

        assert house.tenant.present is woken
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
        woken = await house.tenant.hub()
        await house.until(lambda: not faults)
        await asyncio.sleep(SOON_S / 2)

    assert not house.tasks.failure.done()
    assert woken.sites_of(EntryPointId("shop")) == ("*",)


async def test_who_was_counted_as_lost_while_it_woke_is_another_then(house: House) -> None:
    """Connections under a name that nobody says is alive would never be noticed to be gone."""
    await house.until(lambda: house.tenant.present is None)
    waking = asyncio.create_task(house.tenant.hub())
    await asyncio.sleep(0)
    house.tenant.begin_anew(HubId("hub.2"))
    woken = await waking

    assert woken.id == "hub.2"


# -- while a newer version is rolled out ---------------------------------------------------------


async def test_a_log_that_only_a_newer_version_can_read_ends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is let in until it can be read again; who was here is awaited elsewhere."""
    monkeypatch.setattr(hub, "NEWER_S", SOON_S / 4)
    await house.until(lambda: house.tenant.present is None)
    monkeypatch.setattr(hub.Hub, "is_idle", property(lambda _: False))
    follow, fetch, submit = house.engine.follow, house.engine.fetch, house.engine.submit
    faults = [NewerFormat("newer")]
    asked: list[AnyCommand] = []

    async def following(after: Position) -> AsyncIterator[Entry]:
        for fault in faults:
            raise fault
        async for entry in follow(after):
            yield entry

    async def fetching(keys: Collection[Key]) -> Fetched:
        for fault in faults:
            raise fault
        return await fetch(keys)

    async def noting(envelope: Envelope) -> None:
        asked.append(envelope.command)
        await submit(envelope)

    monkeypatch.setattr(house.engine, "follow", following)
    monkeypatch.setattr(house.engine, "submit", noting)
    woken = await house.tenant.hub()
    monkeypatch.setattr(house.engine, "fetch", fetching)
    await house.until(lambda: woken.is_outdated)
    await asyncio.sleep(SOON_S)
    was_served = house.tenant.is_served()
    faults.clear()
    await house.until(lambda: not woken.is_outdated)

    assert not was_served
    assert [type(command) for command in asked] == [DrainHub]
    assert house.tenant.is_served()
    assert not house.tasks.failure.done()


async def test_who_knows_more_than_the_writer_serves_by_what_is_in_force(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version must be ready before the older ones are stopped."""
    monkeypatch.setattr(tenant, "COMMAND_TIMEOUT_MS", 20)
    submit = house.engine.submit

    async def older(envelope: Envelope) -> None:
        if not isinstance(envelope.command, Configure):
            await submit(envelope)

    async def taken(holder: str, *, ttl_ms: int) -> Lease:
        raise LeaseTaken(min(ttl_ms, len(holder)))

    monkeypatch.setattr(house.engine, "submit", older)
    monkeypatch.setattr(house.engine, "acquire", taken)
    later = SHOP.replace("[[queues]]", 'allowed_origins = ["https://later.example"]\n[[queues]]')
    beside = House(engine=house.engine, settings=later, name="newer")
    await beside.tenant.start(beside.lobby)
    await beside.until(beside.tenant.is_served)
    before = await beside.lobby.sites_of("main/shop")
    monkeypatch.setattr(house.engine, "submit", submit)
    async with asyncio.timeout(5):
        while await beside.lobby.sites_of("main/shop") == before:  # noqa: ASYNC110 - as in `until`
            await asyncio.sleep(0.01)
    after = await beside.lobby.sites_of("main/shop")
    await beside.tenant.stop(within_s=5)
    await beside.tasks.stop()

    assert before == ("*",)
    assert after == ("https://later.example",)

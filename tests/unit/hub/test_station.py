"""A view is of one position, however the store and the log run ahead of each other."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence

import pytest
from msgspec.structs import replace

from router.hub.jwks import KeySets
from router.hub.limits import Limits, LimitSettings
from router.hub.replica import GONE_MAX, Overlay, Replica
from router.hub.rooms import Rooms
from router.hub.station import Station
from router.hub.tasks import Tasks
from router.hub.text import Texts
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import ConversationId, HubId
from router.kernel.model import AnyRecord, ConversationRecord, Key
from router.shard.client import ShardClient
from router.shard.engine import Batch, Cursor, Entry, Fetched, Lease, Position, Row
from router.shard.memory import MemoryEngine
from tests.support.builders import TALK, a_conversation
from tests.unit.hub.stage import AT_MS

WANTED = [(ConversationRecord, str(TALK))]


class Store(MemoryEngine):
    """A store in which things happen while an answer is on its way."""

    def __init__(self) -> None:
        """Nothing happens."""
        super().__init__()
        self.fetches = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def fetch(self, keys: Collection[Key]) -> Fetched:
        """See `Engine.fetch`."""
        self.fetches += 1
        fetched = await super().fetch(keys)
        if self.meanwhile is not None:
            await self.meanwhile()
        return fetched


class Place:
    """A station whose store and log a test moves one by one."""

    def __init__(self, engine: Store, lease: Lease, station: Station) -> None:
        """Made by `a_place`."""
        self.engine = engine
        self.station = station
        self._lease = lease
        self._ahead: list[Entry] = []
        self._position = station.replica.position

    async def commit(self, *records: AnyRecord) -> None:
        """An entry gets into store and log; the hub does not know of it yet."""
        self._position = Position(self._position + 1)
        entry = Entry(position=self._position, at_ms=AT_MS, records=records)
        rows = tuple(Row(record=record, is_hot=False) for record in records)
        batch = Batch(
            previous=Cursor(0), cursor=Cursor(0), at_ms=AT_MS, entries=(entry,), rows=rows
        )
        await self.engine.commit(batch, lease=self._lease)
        self._ahead.append(entry)

    def apply(self) -> Position:
        """The hub takes in the next entry, and has not told it yet."""
        entry = self._ahead.pop(0)
        self.station.replica.apply(entry)
        return entry.position

    async def follow(self) -> None:
        """The hub takes in and tells all there is."""
        while self._ahead:
            await self.station.progress.reached(self.apply())

    async def change(self, *records: AnyRecord) -> None:
        """Records change and are cold again, everywhere."""
        await self.commit(*records)
        await self.commit()
        await self.follow()

    def view(self) -> asyncio.Task[Overlay]:
        """Begin to look."""
        return asyncio.create_task(self.station.view(lambda: WANTED))


async def a_place(*records: AnyRecord) -> Place:
    """A station at a store with cold records."""
    engine, tasks, hub = Store(), Tasks(), HubId("hub")
    lease = await engine.acquire("test", ttl_ms=1_500)
    station = Station(
        hub=hub,
        engine=engine,
        client=ShardClient(engine, hub=hub, timeout_ms=1_000, pending_max=10),
        replica=Replica(await engine.load()),
        delivery=Rooms({}),
        tasks=tasks,
        texts=Texts(),
        limits=Limits(LimitSettings(), now_ms=lambda: AT_MS),
        keys=KeySets(tasks=tasks, clock_ms=lambda: AT_MS),
        now_ms=lambda: AT_MS,
    )
    place = Place(engine, lease, station)
    await place.change(*records)
    return place


def talk(last_seq: int) -> ConversationRecord:
    """The conversation after that many messages."""
    return replace(a_conversation(last_seq=last_seq), open_contacts=())


def others(count: int) -> Sequence[ConversationRecord]:
    """Conversations of which nobody wants to know."""
    names = (ConversationId(f"other-{number}") for number in range(count))
    return [replace(talk(1), id=name) for name in names]


async def rest() -> None:
    """Let everything happen that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_the_store_knows_first_waits_until_the_hub_has_told_it() -> None:
    """A tab that is shown a message before its event would be told of it twice."""
    place = await a_place(talk(1))
    await place.commit(talk(2))
    looking = place.view()
    await rest()
    was_done = looking.done()
    await place.follow()
    view = await looking

    assert not was_done
    assert view.find(ConversationRecord, TALK) == talk(2)
    assert place.station.progress.position == place.station.replica.position


async def test_an_entry_that_is_being_told_is_waited_for() -> None:
    """Its events go to who is in the room, and so would what it is shown."""
    place = await a_place(talk(1))
    await place.commit(*others(1))
    position = place.apply()
    looking = place.view()
    await rest()
    was_done = looking.done()
    await place.station.progress.reached(position)

    assert not was_done
    assert (await looking).find(ConversationRecord, TALK) == talk(1)


async def test_who_waited_goes_on_before_the_next_entry_is_told() -> None:
    """Else a busy hub would let nobody in, because there is always a next one."""
    place = await a_place(talk(1))
    await place.commit(*others(1))
    first = place.apply()
    looking = place.view()
    await rest()
    place.engine.meanwhile = rest  # a fetch goes on while the hub goes on
    await place.commit(*others(2))
    await place.station.progress.reached(first)
    fetches = place.engine.fetches
    await place.follow()

    assert fetches == 1
    assert (await looking).find(ConversationRecord, TALK) == talk(1)


async def test_what_changed_and_went_cold_again_meanwhile_is_read_anew() -> None:
    """Nothing later would ever put it right."""
    place = await a_place(talk(1))

    async def meanwhile() -> None:
        place.engine.meanwhile = None
        await place.change(talk(2))

    place.engine.meanwhile = meanwhile
    view = await place.view()

    assert view.find(ConversationRecord, TALK) == talk(2)
    assert place.engine.fetches == 2


async def test_what_others_did_meanwhile_costs_no_second_look() -> None:
    """On a busy day something happens during every look."""
    place = await a_place(talk(1))

    async def meanwhile() -> None:
        await place.change(*others(3))

    place.engine.meanwhile = meanwhile
    view = await place.view()

    assert view.find(ConversationRecord, TALK) == talk(1)
    assert place.engine.fetches == 1


async def test_what_changed_again_is_remembered_from_then_on() -> None:
    """What is forgotten first is what changed longest ago, not what was first known."""
    place = await a_place(talk(1))
    await place.change(*others(GONE_MAX - 1))

    async def meanwhile() -> None:
        place.engine.meanwhile = None
        await place.change(talk(2))
        await place.change(*(replace(talk(1), id=ConversationId(name)) for name in ("x", "y")))

    place.engine.meanwhile = meanwhile
    view = await place.view()

    assert view.find(ConversationRecord, TALK) == talk(2)


async def test_when_too_much_happened_to_remember_it_is_read_anew() -> None:
    """A bounded memory may forget, but never guess."""
    place = await a_place(talk(1))

    async def meanwhile() -> None:
        place.engine.meanwhile = None
        await place.change(talk(2))
        await place.change(*others(GONE_MAX))

    place.engine.meanwhile = meanwhile
    view = await place.view()

    assert view.find(ConversationRecord, TALK) == talk(2)


async def test_what_changes_all_the_time_is_refused() -> None:
    """Nobody waits for ever."""
    place = await a_place(talk(1))
    place.engine.meanwhile = lambda: place.change(talk(2))

    with pytest.raises(CommandRefused) as refused:
        await place.view()
    assert refused.value.refusal.code is RefusalCode.UNAVAILABLE


async def test_what_is_in_hand_is_not_read() -> None:
    """The store is for what is cold."""
    place = await a_place(talk(1))
    await place.commit(talk(2))
    await place.follow()  # cold, but in hand until the next entry
    view = await place.view()

    assert view.find(ConversationRecord, TALK) == talk(2)
    assert place.engine.fetches == 0


async def test_what_is_missing_is_missing() -> None:
    """Conversations are dropped for their age; nobody looks for them again and again."""
    place = await a_place()
    view = await place.view()

    assert view.find(ConversationRecord, TALK) is None
    assert place.engine.fetches == 1

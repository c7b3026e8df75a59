"""What must hold in every history, told from the log and from the store, never from the kernel."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from router.kernel.configuration import Queue
from router.kernel.ids import ContactId, HubId, OfferId
from router.kernel.messages import (
    ContactEnded,
    ContactOpened,
    OfferClosed,
    OfferMade,
    OfferMoved,
    PresenceChanged,
)
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ConfigurationRecord,
    ContactRecord,
    CustomerRecord,
    Message,
    OfferRecord,
)
from router.shard.engine import Entry
from tests.simulation.agents import Agent
from tests.simulation.customers import Customer
from tests.simulation.ledger import RAW, Ledger
from tests.simulation.wire import SimulatedHub
from tests.simulation.writer import LATE_MS, Lives, WatchedEngine
from tests.unit.kernel.witness import Witness


class Observer:
    """Follows the log with a memory of its own."""

    def __init__(self, lives: Lives) -> None:
        """Know nothing yet; ``lives`` tells when there was a writer."""
        self.witness = Witness()
        self.opened: set[ContactId] = set()
        self.ended: set[ContactId] = set()
        self._lives = lives
        self._offers: dict[OfferId, OfferRecord] = {}
        self._expires: dict[OfferId, int] = {}
        self._answered: set[tuple[HubId, int]] = set()
        self._at_ms = 0

    def saw(self, entry: Entry) -> None:
        """Take note of an entry, or object to it."""
        if entry.events:  # a repeat tells the time of the first answer
            assert entry.at_ms >= self._at_ms, "time went back"
            self._at_ms = entry.at_ms
        for answer in entry.answers:
            assert (answer.hub, answer.n) not in self._answered, "a command was done twice (I9)"
            self._answered.add((answer.hub, answer.n))
            assert not (answer.is_repeat and entry.events), "a repeat changed something (I9)"
        missing = {
            event.agent
            for event in entry.events
            if isinstance(event, PresenceChanged) and event.state == "rona"
        }
        for event in entry.events:
            self.witness.saw(event, entry.at_ms)
            match event:
                case ContactOpened():
                    self.opened.add(event.contact.id)
                case ContactEnded():
                    assert event.contact in self.opened, "it ended before it began (I3)"
                    self.ended.add(event.contact)
                case OfferMade():
                    self._offers[event.offer.id] = event.offer
                    self._expires[event.offer.id] = event.offer.expires_at_ms
                case OfferMoved():
                    self._expires[event.offer] = event.expires_at_ms
                case OfferClosed():
                    is_missed = event.outcome == "rona"
                    assert not is_missed or event.agent in missing, "RONA left somebody available"
                    self._closed(event, entry.at_ms)
                case _:
                    pass

    def _closed(self, event: OfferClosed, at_ms: int) -> None:
        offer = self._offers.pop(event.offer)
        expires_at_ms = self._expires.pop(event.offer)
        if event.outcome != "rona":
            return
        if self._lives.was_calm_since(expires_at_ms):
            assert at_ms <= expires_at_ms + LATE_MS, "RONA came late (I5)"
        deaths = self._lives.deaths
        hubs = {connection.hub for connection in self.witness.seats[event.agent].connections}
        could = any(deaths.get(hub, expires_at_ms) >= expires_at_ms for hub in hubs)
        assert could, "RONA for an agent who could not answer"
        lived_ms = self._lives.lived_ms(offer.offered_at_ms, at_ms)
        needed_ms = offer.expires_at_ms - offer.offered_at_ms
        assert lived_ms >= needed_ms, "RONA for the time without a writer"

    def check_waiting(self, now_ms: int) -> None:
        """No open offer is past its time while a writer lives (I5)."""
        for at_ms in self._expires.values():
            is_late = at_ms + LATE_MS < now_ms and self._lives.was_calm_since(at_ms)
            assert not is_late, "an offer stays open past its time (I5)"


class Scene(Protocol):
    """What is looked at when a history has come to rest."""

    hubs: list[SimulatedHub]
    engine: WatchedEngine
    observer: Observer
    ledger: Ledger
    agents: list[Agent]
    customers: list[Customer]

    def now_ms(self) -> int:
        """The time of the wall clock."""
        ...


def check_settled(scene: Scene) -> None:
    """Two seconds after the last fault nobody waits for somebody free, and nobody is a ghost."""
    scene.observer.check_waiting(scene.now_ms())
    records = scene.engine.peek()
    agents = [record for record in records if isinstance(record, AgentRecord)]
    queues = {
        queue.id: queue
        for record in records
        if isinstance(record, ConfigurationRecord)
        for queue in (*record.configuration.queues, *record.retired)
    }
    for record in records:
        if isinstance(record, ContactRecord) and record.state == "queued":
            free = [agent for agent in agents if _may_take(agent, record, queues[record.queue])]
            paused = dict(record.declined)
            now_ms = scene.now_ms() - LATE_MS
            waiting_for = [agent.id for agent in free if paused.get(agent.id, 0) <= now_ms]
            assert not waiting_for, "somebody waits while an agent is free (I16)"
    _check_connections(scene, records)


def _may_take(agent: AgentRecord, contact: ContactRecord, queue: Queue) -> bool:
    needed = (*queue.skills.items(), *contact.skills.items())
    return (
        not agent.removed
        and agent.presence.state == "available"
        and bool(agent.presence.connections)
        and agent.presence.load < agent.presence.capacity
        and queue.id in agent.profile.queues
        and all(agent.profile.skills.get(skill, 0) >= level for skill, level in needed)
    )


def _check_connections(scene: Scene, records: Sequence[AnyRecord]) -> None:
    """The shard knows exactly the sockets there are."""
    there = {
        (str(hub.wire.hub), str(socket.connection))
        for hub in scene.hubs
        for socket in hub.wire.sockets()
    }
    known = {
        (connection.hub, connection.id)
        for record in records
        if isinstance(record, AgentRecord | CustomerRecord)
        for connection in (
            record.presence.connections if isinstance(record, AgentRecord) else record.connections
        )
    }
    assert known == there, "the shard knows other connections than there are"


def check_welcome(scene: Scene) -> None:
    """Soon after the last fault everybody who came was shown where things stand."""
    there = [socket for hub in scene.hubs for socket in hub.wire.sockets()]
    assert there, "nobody is there"
    assert all(socket.is_welcome for socket in there), "somebody was never shown anything"


def check_end(scene: Scene) -> None:
    """Everybody left: every chat ended once, nobody holds a slot, and the store tells the truth."""
    assert scene.observer.opened == scene.observer.ended, "a chat never ended (I3)"
    for record in scene.engine.peek():
        assert not isinstance(record, ContactRecord | OfferRecord), "something was left over"
        if isinstance(record, AgentRecord):
            assert record.presence.load == 0, "a slot stays taken (I13)"
            assert record.presence.state == "offline", "somebody stays signed in without a desktop"
    transcripts: dict[str, list[Message]] = scene.engine.transcripts()
    scene.ledger.check(transcripts)
    stored = msgspec.msgpack.encode(list(transcripts.values()))
    kept = msgspec.msgpack.encode(scene.engine.everything())
    assert not any(raw in stored or raw in kept for raw in RAW), "a card number is stored (I11)"

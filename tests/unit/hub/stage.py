"""A replica that entries are told from, and a transcript that counts how often it is read."""

from collections.abc import Sequence
from typing import TypeAlias, cast

from router.hub.emission import Emission
from router.hub.replica import Change, Replica
from router.hub.translate import translate
from router.kernel.ids import ConversationId
from router.kernel.messages import AnyEvent, MessageWritten
from router.kernel.model import AnyRecord, Message
from router.shard.engine import Cursor, Entry, Loaded, Page, Position
from tests.support.contract import event_mistakes, plain

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Payload: TypeAlias = dict[str, JSON]

AT_MS = 5_000
"""When every entry of a stage happens."""


class Transcript:
    """Messages by conversation, kept in memory."""

    def __init__(self, *messages: Message) -> None:
        """Hold ``messages``."""
        self.reads = 0
        self._messages: dict[ConversationId, list[Message]] = {}
        for message in messages:
            self.add(message)

    def add(self, message: Message) -> None:
        """Hold one more."""
        self._messages.setdefault(message.conversation, []).append(message)

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """The last messages; only those are asked for."""
        assert after is None
        assert before is None
        self.reads += 1
        messages = self._messages.get(conversation, [])
        return Page(messages=tuple(messages[-limit:]), more=len(messages) > limit)


class Stage:
    """A replica of some records, and the entries that are played on it."""

    def __init__(self, *records: AnyRecord, messages: Sequence[Message] = ()) -> None:
        """Load ``records``; ``messages`` were written before."""
        self.replica = Replica(loaded(*records))
        self.transcript = Transcript(*messages)

    def apply(self, *events: AnyEvent, records: Sequence[AnyRecord] = ()) -> Change:
        """Bring the replica behind the next entry."""
        for event in events:
            if isinstance(event, MessageWritten):
                self.transcript.add(event.message)
        position = Position(self.replica.position + 1)
        return self.replica.apply(
            Entry(position=position, at_ms=AT_MS, events=events, records=tuple(records))
        )

    async def play(self, *events: AnyEvent, records: Sequence[AnyRecord] = ()) -> list[Emission]:
        """What the next entry causes on the wire."""
        change = self.apply(*events, records=records)
        return held(await translate(change, self.replica, self.transcript))


def held(emissions: Sequence[Emission]) -> list[Emission]:
    """The emissions, of which each is what the contract says of its event."""
    for emission in emissions:
        assert not event_mistakes(emission.namespace, emission.event, plain(emission.payload))
    return list(emissions)


def on_wire(value: object) -> Payload:
    """An object as a client reads it."""
    return cast("Payload", plain(value))


def loaded(*records: AnyRecord) -> Loaded:
    """Records as an engine loads them."""
    return Loaded(records=records, position=Position(0), cursor=Cursor(0))


def named(emissions: Sequence[Emission], event: str, room: str) -> list[Emission]:
    """The emissions of one event that reach a room."""
    return [
        emission for emission in emissions if emission.event == event and room in emission.rooms
    ]


def only(emissions: Sequence[Emission], event: str, room: str) -> Payload:
    """The payload of the only emission of an event that reaches a room."""
    found = named(emissions, event, room)
    assert len(found) == 1, f"{event} reached {room} {len(found)} times"
    return on_wire(found[0].payload)


def heard(emissions: Sequence[Emission], room: str) -> list[str]:
    """The names of the events that reach a room, in order."""
    return [emission.event for emission in emissions if room in emission.rooms]

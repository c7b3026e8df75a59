"""What a desktop believes: a snapshot, and the events after it."""

from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec.structs import replace

from tests.simulation.ledger import Ledger
from tests.simulation.shapes import (
    Assigned,
    Closed,
    Contact,
    Held,
    Line,
    Me,
    Offer,
    Offered,
    Presence,
    ReadMark,
    Redaction,
    Snapshot,
    Typing,
    Updated,
)

MESSAGES_MAX = 50
"""As many as a snapshot shows of one contact."""

SNAPSHOTS: Final = msgspec.json.Decoder(Snapshot)
LINES: Final = msgspec.json.Decoder(Line)
PRESENCES: Final = msgspec.json.Decoder(Presence)
OFFERS: Final = msgspec.json.Decoder(Offered)
CLOSINGS: Final = msgspec.json.Decoder(Closed)
ASSIGNED: Final = msgspec.json.Decoder(Assigned)
UPDATES: Final = msgspec.json.Decoder(Updated)
REDACTIONS: Final = msgspec.json.Decoder(Redaction)
MARKS: Final = msgspec.json.Decoder(ReadMark)
TYPINGS: Final = msgspec.json.Decoder(Typing)


@dataclass
class Part:
    """A contact in hand.

    Attributes:
        unread: Numbers of others' messages that the agent did not read.
        older: How many more, of which the numbers are not known.
    """

    contact: Held
    lines: dict[tuple[str, int], Line]
    last_seq: int
    unread: list[int]
    older: int

    @property
    def unread_count(self) -> int:
        """As the desktop shows it."""
        return self.older + len(self.unread)


@dataclass
class Desk:
    """One desktop of one agent."""

    agent: str
    me: Me
    offers: dict[str, Offer] = field(default_factory=dict[str, Offer])
    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    gone: set[str] = field(default_factory=set[str])

    def is_talking(self, contact: Contact) -> bool:
        """The agent talks in it; who only owes a code hears no messages."""
        return any(leg.agent == self.agent and leg.state == "active" for leg in contact.legs)

    # -- being shown -----------------------------------------------------------------------------

    @classmethod
    def shown(cls, snapshot: Snapshot) -> "Desk":
        """What a new desktop knows."""
        desk = cls(snapshot.agent.id, snapshot.agent)
        desk.offers = {offer.id: offer for offer in snapshot.offers}
        for contact in snapshot.contacts:
            desk.hold(contact, contact.messages)
        legs = [leg for contact in snapshot.contacts for leg in contact.legs]
        own = [leg for leg in legs if leg.agent == desk.agent and leg.state != "done"]
        held = len(desk.offers) + len(own)
        assert snapshot.agent.load == held, "load is not what is shown in hand (I13)"
        return desk

    def hold(self, contact: Held, messages: list[Line]) -> None:
        """Take a contact into hand."""
        counted = [line.seq for line in messages if self._counts(contact, line)]
        unread = counted[-contact.unread :] if contact.unread else []
        self.parts[contact.id] = Part(
            contact=contact,
            lines={(line.conversation, line.seq): line for line in messages},
            last_seq=contact.last_seq,
            unread=unread,
            older=contact.unread - len(unread),
        )

    def _counts(self, contact: Held, line: Line) -> bool:
        is_said = line.conversation == contact.conversation and line.author.role != "system"
        return is_said and line.author.id != self.agent

    # -- hearing ---------------------------------------------------------------------------------

    def hear(self, event: str, data: bytes, ledger: Ledger) -> None:  # noqa: C901 - a flat table
        """Apply an event."""
        match event:
            case "presence.changed":
                self.me = PRESENCES.decode(data).agent
            case "offer.created":
                offer = OFFERS.decode(data).offer
                assert offer.agent.id == self.agent, "another's offer was shown"
                self.offers[offer.id] = offer
            case "offer.closed":
                self.offers.pop(CLOSINGS.decode(data).offer, None)
            case "contact.assigned":
                assigned = ASSIGNED.decode(data)
                for line in assigned.messages:
                    ledger.saw(line)
                self.hold(assigned.contact, assigned.messages)
            case "contact.updated":
                self._update(UPDATES.decode(data).contact)
            case "message":
                line = LINES.decode(data)
                ledger.saw(line)
                self._write(line)
            case "message.redacted":
                self._redact(REDACTIONS.decode(data))
            case "message.read":
                mark = MARKS.decode(data)
                if mark.agent == self.agent:
                    self._mark(mark)
            case "typing":
                typing = TYPINGS.decode(data)
                part = self.parts.get(typing.contact)
                is_here = part is not None and self.is_talking(part.contact)
                assert is_here, "who does not talk sees who types"
                assert typing.agent != self.agent, "somebody sees itself type"
            case _:
                pass

    def _update(self, contact: Held) -> None:
        part = self.parts.get(contact.id)
        assert part is not None, "a contact that is not in hand was updated"
        part.contact = contact
        if all(leg.agent != self.agent or leg.state == "done" for leg in contact.legs):
            del self.parts[contact.id]
            self.gone.add(contact.id)
        elif self.is_talking(contact):
            assert contact.last_seq == part.last_seq, "an update counts other messages"
            assert contact.unread == part.unread_count, "an update counts other unread messages"

    def _write(self, line: Line) -> None:
        part = self.parts.get(line.contact)
        if part is None:
            return  # its own last word, told to who is gone
        place = (line.conversation, line.seq)
        assert place not in part.lines, "a message came twice (I10)"
        part.lines[place] = line
        if line.conversation == part.contact.conversation:
            said = (seq for name, seq in part.lines if name == line.conversation)
            assert line.seq == max(said), "a message came out of order (I10)"
            part.last_seq = max(part.last_seq, line.seq)
            if self._counts(part.contact, line):
                part.unread.append(line.seq)

    def _redact(self, redaction: Redaction) -> None:
        for part in self.parts.values():
            line = part.lines.get((redaction.conversation, redaction.seq))
            if line is not None:
                part.lines[line.conversation, line.seq] = replace(line, text=redaction.text)

    def _mark(self, mark: ReadMark) -> None:
        for part in self.parts.values():
            if part.contact.conversation == mark.conversation:
                part.unread = [seq for seq in part.unread if seq > mark.seq]
                part.older = 0

    # -- comparing -------------------------------------------------------------------------------

    def compare(self, fresh: "Desk") -> None:
        """Object to what a new desktop of the same agent is shown otherwise."""
        assert _presence(self.me) == _presence(fresh.me), "a desktop shows another presence"
        assert self.offers == fresh.offers, "a desktop shows other offers"
        assert self.parts.keys() == fresh.parts.keys(), "a desktop shows other contacts"
        for name, part in self.parts.items():
            self._compare_part(part, fresh.parts[name])

    def _compare_part(self, part: Part, fresh: Part) -> None:
        assert _looks(part.contact) == _looks(fresh.contact), "a desktop shows another contact"
        if not self.is_talking(part.contact):
            return
        assert part.last_seq == fresh.last_seq, "a desktop missed a message (I10)"
        assert part.unread_count == fresh.unread_count, "a desktop counts other unread messages"
        if len(part.lines) <= MESSAGES_MAX:
            assert part.lines == fresh.lines, "a desktop shows other messages (I10)"


def _presence(me: Me) -> tuple[object, ...]:
    return (me.state, me.idle_code, me.since, me.connected)


def _looks(contact: Contact) -> list[object]:
    return [getattr(contact, name) for name in Contact.__struct_fields__]

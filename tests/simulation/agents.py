"""A simulated agent: desktops, and whatever somebody at one may try."""

import jwt

from tests.simulation.desk import SNAPSHOTS, Desk, Part
from tests.simulation.floor import CODES, NAMES, QUEUES
from tests.simulation.ledger import NOTE, Asked
from tests.simulation.people import Around, Person
from tests.simulation.shapes import JSON, Ack, Held
from tests.simulation.wire import SECRET, Socket

DESKTOPS_MAX = 3
TALKING = (
    *("send", "send", "send", "send", "note", "note", "read", "read", "read", "type"),
    *("conference", "conference", "conference", "transfer", "transfer", "transfer_to_queue"),
    *("leave", "remove", "end", "history"),
)
"""What somebody does who talks, as often as it stands here."""

YEAR_3000_S = 32_503_680_000

TOKENS: dict[str, str] = {
    name: jwt.encode(
        {"sub": name, "roles": ["agent"], "exp": YEAR_3000_S}, SECRET, algorithm="HS256"
    )
    for name in NAMES
}


class Agent(Person):
    """One person at any number of desktops.

    Attributes:
        seen: Offers that were made to it, the newest last.
    """

    def __init__(self, world: Around, name: str, others: "list[Agent]") -> None:
        """Be configured; ``others`` are its colleagues."""
        super().__init__(world, name)
        self.seen: list[str] = []
        self.desks: dict[Socket, Desk] = {}
        self._others = others

    def author(self, _socket: Socket, /) -> str:
        """See `Person.author`."""
        return self.name

    # -- coming and going ------------------------------------------------------------------------

    def open(self, pick: int) -> None:
        """Sign in at one more desktop."""
        hub = self.pick(self.world.hubs, pick)
        if hub is not None and len(self.sockets) < DESKTOPS_MAX:
            self.world.note(self.name, f"opens a desktop at {hub.wire.hub}")
            self.sockets.append(hub.open("/agent", self, {"token": TOKENS[self.name]}))

    def close(self, pick: int) -> None:
        """Lose a desktop."""
        socket = self.pick(self.sockets, pick)
        if socket is not None:
            socket.end()

    # -- presence and offers ---------------------------------------------------------------------

    def work(self, pick: int) -> None:
        """Do what fits: come, answer what is offered, talk, hand on, wrap up."""
        socket = self.pick(self.welcome(), pick)
        if socket is None:
            self.open(pick)
            return
        desk = self.desks[socket]
        talking = [part for part in desk.parts.values() if desk.is_talking(part.contact)]
        if desk.me.state != "available" and pick % 8:
            self.available(pick)
        elif desk.offers and pick % 5:
            self.accept(pick)
        elif desk.offers and pick % 2:
            self.decline(pick)
        elif desk.offers:
            self.accept_on_time(pick)
        elif len(talking) < len(desk.parts) and (pick % 3 or not talking):
            self.wrap_up(pick)
        elif talking:
            verb = TALKING[(pick >> 5) % len(TALKING)]
            getattr(self, verb)(pick)

    def available(self, pick: int) -> None:
        """Take contacts."""
        self._change(pick, "presence.set", {"state": "available"})

    def idle(self, pick: int) -> None:
        """Take none for a while."""
        fields: dict[str, JSON] = {"state": "idle"}
        self._change(pick, "presence.set", {**fields, "idle_code": "lunch"} if pick & 8 else fields)

    def offline(self, pick: int) -> None:
        """Go home."""
        self._change(pick, "presence.set", {"state": "offline"})

    def accept(self, pick: int) -> None:
        """Take what is offered."""
        self._answer(pick, "offer.accept")

    def decline(self, pick: int) -> None:
        """Leave it to others."""
        self._answer(pick, "offer.decline")

    def _answer(self, pick: int, name: str) -> None:
        socket = self.pick(self.welcome(), pick)
        offers = list(self.desks[socket].offers) if socket else []
        offer = self.pick(offers, pick >> 4)
        if offer is not None:
            self._change(pick, name, {"offer": offer})

    def accept_late(self, pick: int) -> None:
        """Answer an offer of the past, or one that another desktop has answered."""
        offer = self.pick(self.seen, pick >> 4)
        if offer is not None:
            self._change(pick, "offer.accept", {"offer": offer})

    def accept_on_time(self, pick: int) -> None:
        """Answer in the last millisecond, in the first that is too late, or between."""
        socket = self.pick(self.welcome(), pick)
        offers = list(self.desks[socket].offers.values()) if socket else []
        offer = self.pick(offers, pick >> 4)
        if offer is not None:
            name = offer.id
            delay_ms = offer.expires_at - self.world.now_ms() - 1 + (pick >> 8) % 3
            if delay_ms > 0:
                self.world.later(
                    delay_ms, lambda: self._change(pick, "offer.accept", {"offer": name})
                )

    # -- contacts --------------------------------------------------------------------------------

    def send(self, pick: int) -> None:
        """Write to everyone."""
        self._write(pick)

    def note(self, pick: int) -> None:
        """Write a note that no customer may see."""
        self._write(pick, NOTE)

    def _write(self, pick: int, *words: str) -> None:
        part = self._part(pick)
        if part is not None:
            text, word = self.text(pick, *words)
            fields: dict[str, JSON] = {"contact": part.contact.id, "text": text}
            if words:
                fields["audience"] = "internal"
            self._change(pick, "message.send", fields, word=word)

    def read(self, pick: int) -> None:
        """Read up to some message."""
        part = self._part(pick)
        if part is not None and part.last_seq:
            seq = max(1, part.last_seq - (pick >> 10) % 3)
            self._about(pick, "message.read", part, {"seq": seq})

    def type(self, pick: int) -> None:
        """Type."""
        self._about(pick, "typing", self._part(pick), {"on": bool(pick & 64)}, is_named=False)

    def transfer(self, pick: int) -> None:
        """Ask a colleague to take over."""
        fields: dict[str, JSON] = {"to": {"agent": self._colleague(pick)}, **self._code(pick)}
        self._about(pick, "contact.transfer", self._part(pick), fields)

    def transfer_to_queue(self, pick: int) -> None:
        """Let it wait for somebody else."""
        to: dict[str, JSON] = {"queue": QUEUES[(pick >> 10) % 2]}
        fields: dict[str, JSON] = {"to": to, "force": bool(pick & 32), **self._code(pick)}
        self._about(pick, "contact.transfer", self._part(pick), fields)

    def conference(self, pick: int) -> None:
        """Ask a colleague to join."""
        fields: dict[str, JSON] = {"agent": self._colleague(pick)}
        self._about(pick, "contact.conference", self._part(pick), fields)

    def cancel(self, pick: int) -> None:
        """Take a request back."""
        part = self._part(pick)
        if part is not None and part.contact.pending_offers:
            self._change(pick, "offer.cancel", {"offer": part.contact.pending_offers[0].id})

    def leave(self, pick: int) -> None:
        """Leave a conference."""
        self._about(pick, "conference.leave", self._part(pick), self._code(pick))

    def remove(self, pick: int) -> None:
        """Ask somebody out of a conference."""
        fields: dict[str, JSON] = {"agent": self._colleague(pick)}
        self._about(pick, "conference.remove", self._part(pick), fields)

    def end(self, pick: int) -> None:
        """End the chat."""
        self._about(pick, "contact.end", self._part(pick), self._code(pick))

    def wrap_up(self, pick: int) -> None:
        """File a code, rather where one is owed."""
        socket = self.pick(self.welcome(), pick)
        if socket is None:
            return
        desk = self.desks[socket]
        parts = list(desk.parts.values())
        owed = [part for part in parts if not desk.is_talking(part.contact)] or parts
        self._about(pick, "contact.wrapup", self.pick(owed, pick >> 4), {"code": CODES[0]})

    def finish(self) -> None:
        """End what goes on, and file what is owed."""
        for socket in self.welcome()[:1]:
            desk = self.desks[socket]
            for name, part in desk.parts.items():
                fields: dict[str, JSON] = {"contact": name}
                if desk.is_talking(part.contact):
                    self.ask(socket, "contact.end", fields)
                else:
                    self.ask(socket, "contact.wrapup", {**fields, "code": CODES[0]})

    def look_up(self, pick: int) -> None:
        """Look at lists."""
        socket = self.pick(self.welcome(), pick)
        name = ("contacts.recent", "directory.queues", "directory.agents")[(pick >> 4) % 3]
        if socket is not None:
            self.ask(socket, name, {})

    def history(self, pick: int) -> None:
        """Read all that was said, notes or not."""
        part = self._part(pick)
        socket = self.pick(self.welcome(), pick)
        if part is not None and socket is not None:
            name = part.contact.internal if pick & 16 else part.contact.conversation
            self.ask(socket, "history", {"conversation": name or part.contact.conversation})

    def intrude(self, pick: int) -> None:
        """Answer another's offer, or write into a contact one never had a part in."""
        socket = self.pick(self.welcome(), pick)
        other = self.pick([agent for agent in self._others if agent is not self], pick >> 4)
        if socket is None or other is None:
            return
        offer = self.pick(other.seen[-1:], 0)
        if offer is not None:
            name = ("offer.accept", "offer.decline")[(pick >> 8) % 2]
            self.ask(socket, name, {"offer": offer}, is_hostile=True)

    # -- helpers of these ------------------------------------------------------------------------

    def _part(self, pick: int) -> Part | None:
        socket = self.pick(self.welcome(), pick)
        return self.pick(list(self.desks[socket].parts.values()), pick >> 6) if socket else None

    def _colleague(self, pick: int) -> str:
        others = [agent.name for agent in self._others if agent is not self]
        return self.name if (pick >> 12) % 16 == 0 else others[(pick >> 12) % len(others)]

    @staticmethod
    def _code(pick: int) -> dict[str, JSON]:
        return {"wrapup": {"code": CODES[(pick >> 14) % 2]}} if pick & 1024 else {}

    def _about(
        self,
        pick: int,
        name: str,
        part: Part | None,
        fields: dict[str, JSON],
        *,
        is_named: bool = True,
    ) -> None:
        if part is not None:
            payload: dict[str, JSON] = {"contact": part.contact.id, **fields}
            self._change(pick, name, payload, is_named=is_named)

    def _change(
        self,
        pick: int,
        name: str,
        fields: dict[str, JSON],
        *,
        word: str | None = None,
        is_named: bool = True,
    ) -> None:
        socket = self.pick(self.welcome(), pick)
        if socket is not None:
            is_named = is_named and (pick >> 16) % 4 != 0
            self.ask(socket, name, self.named(fields) if is_named else fields, word=word)

    # -- being told ------------------------------------------------------------------------------

    def hear(self, socket: Socket, event: str, data: bytes) -> None:
        """See `Person.hear`."""
        if event == "connection.closed":
            return  # it may come before a snapshot
        if event != "snapshot":
            desk = self.desks[socket]
            desk.hear(event, data, self.world.ledger)
            if event == "offer.created":
                offer = next(reversed(desk.offers))
                if offer not in self.seen:
                    self.seen.append(offer)
            return
        fresh = Desk.shown(SNAPSHOTS.decode(data))
        for sibling, desk in self.desks.items():
            if sibling in self.sockets and sibling.wire is socket.wire:
                desk.compare(fresh)
        self.desks[socket] = fresh
        socket.is_welcome = True

    def believe(self, socket: Socket, asked: Asked, ack: Ack) -> None:
        """See `Person.believe`."""
        desk = self.desks[socket]
        for line in ack.messages or ():
            self.world.ledger.saw(line)
        match asked.name:
            case "message.send":
                part = desk.parts.get(str(asked.payload["contact"]))
                if part is not None and desk.is_talking(part.contact):
                    place = (str(ack.conversation), ack.seq or 0)
                    is_told = place in part.lines or len(part.lines) >= 40
                    assert is_told, "an answer came before its message"
            case "offer.accept":
                assert asked.payload["offer"] not in desk.offers, "an accepted offer stays open"
                assert isinstance(ack.contact, Held), "an acceptance without its contact"
                is_known = ack.contact.id in desk.parts or ack.contact.id in desk.gone
                is_over = not any(
                    leg.agent == self.name and leg.state != "done" for leg in ack.contact.legs
                )
                assert is_known or is_over, "an answer came before the contact"
            case "offer.decline":
                assert asked.payload["offer"] not in desk.offers, "a declined offer stays open"
            case "presence.set":
                assert ack.agent is not None, "a presence without its agent"
                assert ack.agent.state == desk.me.state, "an answer came before its presence"
            case "contact.end":
                part = desk.parts.get(str(asked.payload["contact"]))
                is_over = part is None or not desk.is_talking(part.contact)
                assert is_over, "an answer came before the end"
            case _:
                pass

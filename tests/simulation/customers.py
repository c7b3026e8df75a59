"""A simulated customer: tabs, and what each of them believes of its conversations."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from tests.simulation.floor import ENTRY_POINTS, QUEUES
from tests.simulation.ledger import HALVES, Asked
from tests.simulation.people import Around, Person
from tests.simulation.shapes import JSON, Ack, Going, Line, ReadMark, Session
from tests.simulation.wire import Socket

TABS_MAX = 3
TALKING = (
    *("send", "send", "send", "send", "send", "send_unnamed", "send_in_halves"),
    *("read", "read", "type", "end", "start"),
)
"""What somebody does who waits or talks, as often as it stands here."""


SESSIONS: Final = msgspec.json.Decoder(Session)
LINES: Final = msgspec.json.Decoder(Line)
GOINGS: Final = msgspec.json.Decoder(Going)
MARKS: Final = msgspec.json.Decoder(ReadMark)


@dataclass
class Talk:
    """A conversation, kept by events.

    Attributes:
        unread: Numbers of what agents wrote and the customer did not read.
        older: How many more that were written up to ``shown_seq``; None when it is not known.
        live: The contact that was heard to wait or to be talked in.
        ended: Contacts that were heard to end.
    """

    last_seq: int = 0
    unread: list[int] = field(default_factory=list[int])
    older: int | None = 0
    shown_seq: int = 0
    live: str | None = None
    ended: set[str] = field(default_factory=set[str])

    def read(self, seq: int) -> None:
        """Everything up to a number is read."""
        self.unread = [unread for unread in self.unread if unread > seq]
        if self.older:
            self.older = 0 if seq >= self.shown_seq else None


@dataclass
class Tab:
    """What one socket was told."""

    customer: str
    talks: dict[str, Talk] = field(default_factory=dict[str, Talk])


class Customer(Person):
    """One person at a browser; without the token they are somebody new."""

    def __init__(self, world: Around, name: str, others: "list[Customer]") -> None:
        """Come for the first time; ``others`` are whom to intrude upon."""
        super().__init__(world, name)
        self.customer = ""
        self.conversations: list[str] = []
        self._token = ""
        self._is_chatting = False
        self._others = others
        self._tabs: dict[Socket, Tab] = {}
        self._ends: set[str] = set()
        self._tokens: dict[Socket, str] = {}

    def author(self, socket: Socket, /) -> str:
        """See `Person.author`."""
        return self._tabs[socket].customer

    # -- coming and going ------------------------------------------------------------------------

    def open(self, pick: int) -> None:
        """Open a tab, at any hub."""
        hub = self.pick(self.world.hubs, pick)
        if hub is None or len(self.sockets) >= TABS_MAX:
            return
        entry_point = ENTRY_POINTS[(pick >> 4) % 5 == 0]
        auth: dict[str, JSON] = {"entry_point": entry_point}
        if self._token:
            auth["token"] = self._token
        self.world.note(self.name, f"opens a tab at {hub.wire.hub}")
        socket = hub.open("/customer", self, auth)
        self._tokens[socket] = self._token
        self.sockets.append(socket)

    def close(self, pick: int) -> None:
        """Close a tab."""
        socket = self.pick(self.sockets, pick)
        if socket is not None:
            socket.end()

    def come_back_as_other(self, pick: int) -> None:
        """Lose the token and every tab."""
        for socket in list(self.sockets):
            socket.end()
        self._token = self.customer = ""
        self.conversations = []
        self.open(pick)

    # -- asking ----------------------------------------------------------------------------------

    def work(self, pick: int) -> None:
        """Do what fits: come, start a chat, talk, and sometimes end it."""
        socket = self.pick(self.welcome(), pick)
        if socket is None:
            self.open(pick)
        elif self._is_chatting:
            getattr(self, TALKING[(pick >> 5) % len(TALKING)])(pick)
        elif self.conversations and (pick >> 9) % 2:
            self.open_and_write(pick)
        else:
            self.start(pick)

    def start(self, pick: int) -> None:
        """Start a chat with a first message."""
        self._start(pick, silently=False)

    def start_silently(self, pick: int) -> None:
        """Start a chat without a word."""
        self._start(pick, silently=True)

    def start_again(self, pick: int) -> None:
        """Start a chat in an old conversation."""
        self._start(pick, silently=False, conversation=self.pick(self.conversations, pick))

    def _start(self, pick: int, *, silently: bool, conversation: str | None = None) -> None:
        socket = self.pick(self.welcome(), pick)
        if socket is None:
            return
        fields: dict[str, JSON] = {"name": self.name.title()}
        word = None
        if not silently:
            fields["text"], word = self.text(pick)
        if conversation is not None:
            fields["conversation"] = conversation
        elif (pick >> 6) % 4 == 0:
            fields["queue"] = QUEUES[(pick >> 8) % 2]
        self.ask(socket, "chat.start", self.named(fields), word=word)

    def send(self, pick: int) -> None:
        """Write into a conversation, rather the newest."""
        self._send(pick, is_named=True)

    def send_unnamed(self, pick: int) -> None:
        """Write without an id."""
        self._send(pick, is_named=False)

    def _send(self, pick: int, *, is_named: bool) -> None:
        socket = self.pick(self.welcome(), pick)
        conversation = self.pick(self.conversations[-1:] * 4 + self.conversations, pick >> 4)
        if socket is not None and conversation is not None:
            text, word = self.text(pick)
            fields: dict[str, JSON] = {"conversation": conversation, "text": text}
            self.ask(socket, "message.send", self.named(fields) if is_named else fields, word=word)

    def send_in_halves(self, pick: int) -> None:
        """Write a card's number in two messages, with nothing of one's own between them."""
        socket = self.pick(self.welcome(), pick)
        conversation = self.pick(self.conversations[-1:], pick)
        if socket is None or conversation is None:
            return
        for half in HALVES:
            word = self.world.ledger.word()
            fields: dict[str, JSON] = {"conversation": conversation, "text": f"{half} {word}"}
            self.ask(socket, "message.send", self.named(fields), word=word)

    def open_and_write(self, pick: int) -> None:
        """Open another tab and write, perhaps into a conversation that was over."""
        self.open(pick >> 3)
        self.send(pick)

    def read(self, pick: int) -> None:
        """Read up to some message, rather the last."""
        socket = self.pick(self.welcome(), pick)
        talks = list(self._tabs[socket].talks.items()) if socket else []
        found = self.pick(talks, pick >> 4)
        if socket is not None and found is not None and found[1].last_seq:
            seq = max(1, found[1].last_seq - (pick >> 8) % 3)
            self.ask(socket, "message.read", {"conversation": found[0], "seq": seq})

    def type(self, pick: int) -> None:
        """Type."""
        self._about(pick, "typing", {"on": bool(pick & 64)})

    def end(self, pick: int) -> None:
        """End the chat."""
        self._about(pick, "chat.end", self.named({}))

    def history(self, pick: int) -> None:
        """Read all that was said."""
        self._about(pick, "history", {"limit": 200})

    def _about(self, pick: int, name: str, fields: dict[str, JSON]) -> None:
        socket = self.pick(self.welcome(), pick)
        conversation = self.pick(self.conversations[-1:] * 4 + self.conversations, pick >> 4)
        if socket is not None and conversation is not None:
            self.ask(socket, name, {**fields, "conversation": conversation})

    def finish(self) -> None:
        """End what goes on."""
        for socket in self.welcome()[:1]:
            for name, talk in self._tabs[socket].talks.items():
                if talk.live is not None:
                    self.ask(socket, "chat.end", {"conversation": name})

    def intrude(self, pick: int) -> None:
        """Use a conversation of somebody else."""
        socket = self.pick(self.welcome(), pick)
        other = self.pick(self._others, pick >> 4)
        if socket is None or other is None or other is self or not other.conversations:
            return
        about: dict[str, JSON] = {"conversation": other.conversations[-1]}
        notes = [name for name, seq in self.world.ledger.notes if seq == 1]
        match (pick >> 8) % 5:
            case 0:
                text, word = self.text(pick)
                self.ask(
                    socket, "message.send", {**about, "text": text}, word=word, is_hostile=True
                )
            case 1:
                self.ask(socket, "history", about, is_hostile=True)
            case 2:
                self.ask(socket, "chat.end", about, is_hostile=True)
            case 3 if notes:
                self.ask(socket, "history", {"conversation": notes[-1]}, is_hostile=True)
            case _:
                self.ask(socket, "message.read", {**about, "seq": 1}, is_hostile=True)

    # -- being told ------------------------------------------------------------------------------

    def hear(self, socket: Socket, event: str, data: bytes) -> None:
        """See `Person.hear`."""
        if event == "session":
            self._enter(socket, SESSIONS.decode(data))
            return
        tab = self._tabs[socket]
        match event:
            case "message":
                self._read_line(tab, LINES.decode(data))
            case "message.read":
                mark = MARKS.decode(data)
                talk = tab.talks.get(mark.conversation)
                if mark.role == "customer" and talk is not None:
                    talk.read(mark.seq)
            case "chat.queued" | "contact.assigned":
                going = GOINGS.decode(data)
                talk = tab.talks.setdefault(going.conversation, Talk())
                assert going.contact not in talk.ended, "it goes on after its end (I3)"
                talk.live = going.contact
                self._know(tab, going.conversation)
            case "contact.ended":
                going = GOINGS.decode(data)
                talk = tab.talks.setdefault(going.conversation, Talk())
                assert going.contact not in talk.ended, "it ended twice (I3)"
                talk.ended.add(going.contact)
                talk.live = None
                self._is_chatting = False
            case _:
                pass

    def _know(self, tab: Tab, conversation: str) -> None:
        if tab.customer == self.customer and conversation not in self.conversations:
            self.conversations.append(conversation)

    def _read_line(self, tab: Tab, line: Line) -> None:
        assert line.audience == "everyone", "a customer was sent a note"
        self.world.ledger.saw(line)
        talk = tab.talks.setdefault(line.conversation, Talk())
        assert line.seq == talk.last_seq + 1, "a customer missed a message or got one twice (I10)"
        talk.last_seq = line.seq
        if line.author.role == "agent":
            talk.unread.append(line.seq)
        self._know(tab, line.conversation)

    def _enter(self, socket: Socket, session: Session) -> None:
        shown = self._tokens.pop(socket)
        if shown and shown == self._token:
            assert session.customer == self.customer, "a token resumed somebody else"
        for other in self._others:
            if other is not self:
                assert other.customer != session.customer, "two people became one customer"
        if not shown and self.customer and self._token:
            socket.end()  # two tabs came at once without a token: the first one is who they are
            return
        self._token, self.customer = session.token, session.customer
        tab = Tab(session.customer)
        for shown_talk in session.conversations:
            talk = Talk(shown_talk.last_seq, older=shown_talk.unread, shown_seq=shown_talk.last_seq)
            talk.live = shown_talk.contact.id if shown_talk.contact else None
            tab.talks[shown_talk.id] = talk
        for sibling, known in self._tabs.items():
            if sibling in self.sockets and sibling.wire is socket.wire:
                self._compare(known, session)
        self._tabs[socket] = tab
        for name in tab.talks:
            self._know(tab, name)
        socket.is_welcome = True

    @staticmethod
    def _compare(tab: Tab, session: Session) -> None:
        """What a tab learnt by events is what a new tab is shown."""
        if tab.customer != session.customer:
            return
        shown = {one.id: one for one in session.conversations}
        for name, talk in tab.talks.items():
            fresh = shown[name]
            assert fresh.last_seq == talk.last_seq, "a tab missed a message"
            if talk.older is not None:
                count = talk.older + len(talk.unread)
                assert fresh.unread == count, "a tab counts otherwise"
            live = fresh.contact.id if fresh.contact else None
            assert live not in talk.ended, "a tab heard of an end that did not come"
            if talk.live is not None:
                assert live == talk.live, "a tab shows a chat that is over"
        for fresh in session.conversations:
            assert fresh.id in tab.talks or not fresh.last_seq, "a tab missed a conversation"

    def believe(self, socket: Socket, asked: Asked, ack: Ack) -> None:
        """See `Person.believe`."""
        tab = self._tabs[socket]
        for line in ack.messages or ():
            assert line.audience == "everyone", "a customer read a note"
            self.world.ledger.saw(line)
        if asked.name == "chat.start" and ack.conversation is not None:
            tab.talks.setdefault(ack.conversation, Talk())
            self._is_chatting = True
            self._know(tab, ack.conversation)
        if asked.name == "message.send" and ack.seq is not None:
            talk = tab.talks[str(asked.payload["conversation"])]
            assert talk.last_seq >= ack.seq, "an answer came before its message"
        if asked.name == "chat.end" and str(asked.payload.get("id")) not in self._ends:
            self._ends.add(str(asked.payload.get("id")))  # asked again, it speaks of the former end
            talk = tab.talks[str(asked.payload["conversation"])]
            assert talk.ended or talk.live is None, "an answer came before the end it speaks of"

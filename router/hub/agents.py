"""`/agent`: the desktops of those who talk to customers.

A desktop hears its agent's room from the moment its `snapshot` is built, in one step with it, so
nothing is missing between the two and nothing comes twice.
"""

from collections.abc import Awaitable, Container, Sequence
from typing import Final, NamedTuple, TypeVar

from router.hub import answers, contract, events, wire
from router.hub.agent_queries import AgentQueries
from router.hub.auth import (
    AgentAuth,
    Principal,
    agent_principal,
    auth_of,
    may_be_desktop,
)
from router.hub.commands import Commands
from router.hub.emission import Emission, agent_room, connection_room
from router.hub.errors import (
    RETRYABLE,
    ConnectionRefused,
    Refused,
    connection_refused,
    refused,
)
from router.hub.expiry import Expiries
from router.hub.links import Handshake
from router.hub.objects import agent_object, agent_reader
from router.hub.station import (
    AGENT,
    Station,
    configured,
    entering_refused,
    given,
    made,
)
from router.hub.text import NOTE_MAX, Texts
from router.hub.tokens import Signers
from router.kernel.errors import CommandRefused, Refusal, RefusalCode
from router.kernel.ids import AgentId, CodeId, ConnectionId, ContactId, OfferId, QueueId
from router.kernel.messages import (
    AcceptOffer,
    AgentSeen,
    AnyCommand,
    AttachAgent,
    CancelOffer,
    Conference,
    ContactTaken,
    DeclineOffer,
    DetachAgent,
    Done,
    EndContact,
    FileWrapup,
    LeaveConference,
    MessageSent,
    OfferAsked,
    ReadAsAgent,
    RemoveFromConference,
    RevealContact,
    SealedFound,
    SendAgentMessage,
    SetPresence,
    TransferToAgent,
    TransferToQueue,
)
from router.kernel.model import AgentRecord, ContactRecord, Wrapup
from router.log import log

PATH: Final = "/agent"
NOTES = log(__name__)
ResultT = TypeVar("ResultT")
GONE = Refusal(RefusalCode.UNAVAILABLE, "the connection has ended")
EXPIRED = Refusal(RefusalCode.UNAUTHENTICATED, "the token has expired")
REMOVED = Refusal(RefusalCode.FORBIDDEN, "this agent is not configured")


class Seat(NamedTuple):
    """What is known of one desktop."""

    connection: ConnectionId
    principal: Principal

    @property
    def agent(self) -> AgentId:
        """Whose desktop it is."""
        return self.principal.agent

    @property
    def author(self) -> str:
        """Under which its requests are remembered; also the reader key."""
        return agent_reader(self.principal.agent)


class Agents:
    """The namespace."""

    def __init__(self, station: Station, *, signers: Signers, origins: Sequence[str] = ()) -> None:
        """Know every command, who signs agents' tokens, and which pages may be desktops."""
        self._station = station
        self._signers = signers
        self._origins = origins
        self._expiries = Expiries(now_ms=station.now_ms, ended=self._expired)
        self._queries = AgentQueries(station)
        self._seats: dict[ConnectionId, Seat] = {}
        self._commands: Commands[Seat] = Commands(contract.AGENT, self._may_ask)
        add = self._commands.add
        add("presence.set", wire.SetPresence, self._set_presence)
        add("offer.accept", wire.NameOffer, self._accept)
        add("offer.decline", wire.NameOffer, self._decline)
        add("offer.cancel", wire.NameOffer, self._cancel)
        add("message.send", wire.SendToContact, self._send, limit=self._may_write)
        add("message.read", wire.ReadContact, self._read)
        add("typing", wire.TypeInContact, self._type)
        add("contact.transfer", wire.Transfer, self._transfer)
        add("contact.conference", wire.NameAgent, self._conference)
        add("conference.leave", wire.LeaveContact, self._leave)
        add("conference.remove", wire.NameAgent, self._remove)
        add("contact.end", wire.LeaveContact, self._end)
        add("contact.wrapup", wire.FileWrapup, self._wrap_up)
        add("contact.reveal", wire.Reveal, self._reveal)
        add("contacts.recent", wire.Recent, self._recent)
        add("directory.queues", wire.Search, self._find_queues)
        add("directory.agents", wire.Search, self._find_agents)
        add("history", wire.History, self._history)

    # -- coming and going ------------------------------------------------------------------------

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Attach a desktop to the agent its token names.

        Raises:
            ConnectionRefused: It may not enter.
        """
        if not may_be_desktop(handshake.origin, handshake.host, self._origins):
            raise connection_refused(RefusalCode.FORBIDDEN, "this page may not be a desktop")
        principal = await agent_principal(
            auth_of(AgentAuth, handshake.auth).token,
            signers=self._signers,
            keys=self._station.keys,
            tenant=self._station.replica.configuration.tenant,
            now_ms=self._station.now_ms(),
        )
        if not self._is_configured(principal.agent):
            raise ConnectionRefused(REMOVED)
        seat = Seat(connection, principal)
        self._seats[connection] = seat
        attached = self._station.connection(connection)
        try:
            await self._station.submit(
                AttachAgent(agent=seat.agent, connection=attached), AgentSeen
            )
            self._station.check_alive(attached)
        except CommandRefused as refusal:
            raise entering_refused(refusal) from None

    async def welcome(self, connection: ConnectionId) -> None:
        """Send `snapshot`, and let live events follow it."""
        seat = self._seats[connection]
        await self._queries.prepare(seat.agent)
        alone = connection_room(connection)
        self._station.delivery.enter(connection, agent_room(seat.agent))
        if not self._is_configured(seat.agent):  # not any more: it was when the desktop came
            self._close(alone, REMOVED)
            return
        self._station.delivery.emit(
            Emission(PATH, (alone,), "snapshot", self._queries.snapshot(seat.agent))
        )
        self._expiries.add(connection, seat.principal.ends_at_ms)

    async def disconnect(self, connection: ConnectionId) -> None:
        """Detach a desktop, also one whose attachment was never answered: it may have come true."""
        self._expiries.discard(connection)
        seat = self._seats.pop(connection, None)
        if seat is not None:
            self._station.report(
                DetachAgent(agent=seat.agent, connection=self._station.connection(connection))
            )

    @property
    def is_occupied(self) -> bool:
        """Somebody is here."""
        return bool(self._seats)

    def removed(self, agent: AgentId) -> None:
        """Sign out the desktops of an agent who is not configured any more."""
        self._close(agent_room(agent), REMOVED)

    async def sign_out(self) -> None:
        """Sign desktops out when their tokens expire, for ever."""
        await self._expiries.run()

    def _expired(self, connection: ConnectionId) -> None:
        self._close(connection_room(connection), EXPIRED)

    def _close(self, room: str, why: Refusal) -> None:
        """Tell the desktops in a room why they may not stay, and sign them out."""
        payload = events.ConnectionClosed(
            at=self._station.now_ms(),
            code=why.code,
            message=why.hint,
            retryable=why.code in RETRYABLE,
        )
        self._station.delivery.emit(Emission(PATH, (room,), "connection.closed", payload))
        self._station.delivery.close(PATH, room)

    def _is_configured(self, agent: AgentId) -> bool:
        record = self._station.replica.find(AgentRecord, agent)
        return record is not None and not record.removed

    async def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> answers.Answer | Refused:
        """Do what an agent asks and return the ack."""
        seat = self._seats.get(connection)
        if seat is None:
            return refused(GONE)
        if self._station.now_ms() >= seat.principal.ends_at_ms:
            return refused(EXPIRED)
        return await self._commands.run(seat, seat.principal.roles, name, payload)

    def _may_ask(self, seat: Seat) -> None:
        self._station.limits.command(seat.connection)

    def _may_write(self, seat: Seat) -> None:
        self._station.limits.agent_message(seat.agent)

    # -- presence and offers ---------------------------------------------------------------------

    async def _set_presence(self, seat: Seat, asked: wire.SetPresence) -> answers.PresenceSet:
        code = given(asked.idle_code)
        seen = await self._submit(
            seat,
            SetPresence(
                agent=seat.agent,
                state=asked.state,
                idle_code=None if code is None else self._idle_code(code),
            ),
            asked,
            AgentSeen,
        )
        record = self._station.replica.find(AgentRecord, seen.agent)
        assert record is not None, "agents are always in hand"
        return answers.PresenceSet(agent=agent_object(record))

    async def _accept(self, seat: Seat, asked: wire.NameOffer) -> answers.OfferAccepted:
        taken = await self._submit(
            seat,
            AcceptOffer(
                agent=seat.agent,
                offer=_offer(asked),
                connection=self._station.connection(seat.connection),
            ),
            asked,
            ContactTaken,
        )
        return await self._queries.accepted(seat.agent, taken.contact)

    async def _decline(self, seat: Seat, asked: wire.NameOffer) -> answers.Answer:
        connection = self._station.connection(seat.connection)
        command = DeclineOffer(agent=seat.agent, offer=_offer(asked), connection=connection)
        return await self._done(seat, command, asked)

    async def _cancel(self, seat: Seat, asked: wire.NameOffer) -> answers.Answer:
        return await self._done(seat, CancelOffer(agent=seat.agent, offer=_offer(asked)), asked)

    # -- talking ---------------------------------------------------------------------------------

    async def _send(self, seat: Seat, asked: wire.SendToContact) -> answers.AgentMessageSent:
        sent = await self._submit(
            seat,
            SendAgentMessage(
                agent=seat.agent,
                body=self._texts(asked.contact).body(asked.text, "text"),
                contact=_contact(asked.contact),
                audience=asked.audience,
            ),
            asked,
            MessageSent,
        )
        message = await self._station.sent(sent)
        return answers.AgentMessageSent(
            conversation=message.conversation,
            seq=message.seq,
            at=message.at_ms,
            text=message.body.text,
            masked=message.body.masked,
        )

    async def _read(self, seat: Seat, asked: wire.ReadContact) -> answers.Answer:
        contact = _contact(asked.contact)
        command = ReadAsAgent(agent=seat.agent, contact=contact, seq=asked.seq)
        return await self._done(seat, command, asked)

    async def _type(self, seat: Seat, asked: wire.TypeInContact) -> answers.Answer:
        await self._queries.typing(seat.agent, _contact(asked.contact), on=asked.on)
        return answers.DONE

    # -- handing on and ending -------------------------------------------------------------------

    async def _transfer(self, seat: Seat, asked: wire.Transfer) -> answers.Transferred:
        queue, agent = given(asked.to.queue), given(asked.to.agent)
        if (queue is None) == (agent is None):
            raise wire.invalid("to", "give a queue or an agent, one of them")
        wrapup, contact = self._wrapup(asked), _contact(asked.contact)
        if queue is not None:
            to_queue = TransferToQueue(
                agent=seat.agent,
                contact=contact,
                queue=self._queue(queue),
                wrapup=wrapup,
                force=asked.force,
            )
            await self._submit(seat, to_queue, asked, Done)
            return answers.Transferred()
        assert agent is not None, "one of the two was given"
        target = self._agent(agent, "to.agent")
        to_agent = TransferToAgent(agent=seat.agent, contact=contact, target=target, wrapup=wrapup)
        offer = await self._submit(seat, to_agent, asked, OfferAsked)
        return answers.Transferred(offer=offer.offer)

    async def _conference(self, seat: Seat, asked: wire.NameAgent) -> answers.OfferAsked:
        target = self._agent(asked.agent, "agent")
        contact = _contact(asked.contact)
        command = Conference(agent=seat.agent, contact=contact, target=target)
        offer = await self._submit(seat, command, asked, OfferAsked)
        return answers.OfferAsked(offer=offer.offer)

    async def _leave(self, seat: Seat, asked: wire.LeaveContact) -> answers.Answer:
        command = LeaveConference(
            agent=seat.agent, wrapup=self._wrapup(asked), contact=_contact(asked.contact)
        )
        return await self._done(seat, command, asked)

    async def _remove(self, seat: Seat, asked: wire.NameAgent) -> answers.Answer:
        target = self._agent(asked.agent, "agent")
        contact = _contact(asked.contact)
        command = RemoveFromConference(agent=seat.agent, contact=contact, target=target)
        return await self._done(seat, command, asked)

    async def _end(self, seat: Seat, asked: wire.LeaveContact) -> answers.Answer:
        command = EndContact(
            agent=seat.agent, wrapup=self._wrapup(asked), contact=_contact(asked.contact)
        )
        return await self._done(seat, command, asked)

    async def _wrap_up(self, seat: Seat, asked: wire.FileWrapup) -> answers.Answer:
        command = FileWrapup(
            agent=seat.agent,
            wrapup=self._filed(asked.contact, asked.code, asked.note),
            contact=_contact(asked.contact),
        )
        return await self._done(seat, command, asked)

    # -- looking up ------------------------------------------------------------------------------

    async def _reveal(self, seat: Seat, asked: wire.Reveal) -> answers.Revealed:
        """Open what was sealed, once it is on record who wanted to see it and why."""
        reason = self._texts(asked.contact).line(asked.reason, "reason", NOTE_MAX)
        if reason is None:
            raise wire.invalid("reason", "there is no reason")
        seal, contact = self._station.texts.seal, _contact(asked.contact)
        command = RevealContact(
            agent=seat.agent, contact=contact, field=asked.field, reason=reason, keys=seal.opens
        )
        found = await self._station.submit(command, SealedFound)
        value = seal.open(asked.field, found.sealed)
        if value is None:
            raise CommandRefused(RefusalCode.UNAVAILABLE, hint="it cannot be opened")
        # Who it was is in the store: an agent's id may be an e-mail address.
        tenant = self._station.replica.configuration.tenant
        NOTES.info("contact.revealed", tenant=tenant, contact=contact, field=asked.field)
        return answers.Revealed(value=value)

    async def _recent(self, seat: Seat, asked: wire.Recent) -> answers.ContactsListed:
        return await self._queries.recent(seat.agent, given(asked.before), asked.limit)

    async def _find_queues(self, _seat: Seat, asked: wire.Search) -> answers.QueuesListed:
        return self._queries.queues(asked.search)

    async def _find_agents(self, _seat: Seat, asked: wire.Search) -> answers.AgentsListed:
        return self._queries.agents(asked.search)

    async def _history(self, seat: Seat, asked: wire.History) -> answers.HistoryRead:
        return await self._queries.history(seat.agent, asked)

    # -- what the commands share -----------------------------------------------------------------

    async def _done(self, seat: Seat, command: AnyCommand, asked: wire.Change) -> answers.Answer:
        await self._submit(seat, command, asked, Done)
        return answers.DONE

    def _submit(
        self, seat: Seat, command: AnyCommand, asked: wire.Change, kind: type[ResultT]
    ) -> Awaitable[ResultT]:
        return self._station.submit(command, kind, author=seat.author, request=asked)

    def _texts(self, contact: str) -> Texts:
        """What masks an agent's texts: as in the queue the contact is in."""
        record = self._station.replica.find(ContactRecord, contact)
        return self._station.texts_of("agent", record.queue if record else None)

    def _wrapup(self, asked: wire.Transfer | wire.LeaveContact) -> Wrapup | None:
        wrapup = given(asked.wrapup)
        if wrapup is None:
            return None
        return self._filed(asked.contact, wrapup.code, wrapup.note, inside="wrapup.")

    def _filed(self, contact: str, code: str, note: str, *, inside: str = "") -> Wrapup:
        known = self._station.replica.wrapup_codes
        return Wrapup(
            self._code(code, f"{inside}code", known),
            self._texts(contact).line(note, f"{inside}note", NOTE_MAX),
        )

    def _idle_code(self, value: str) -> CodeId:
        known = [code.id for code in self._station.replica.configuration.idle_codes]
        return self._code(value, "idle_code", known)

    def _code(self, value: str, path: str, known: Container[str]) -> CodeId:
        """The id of a code; one that cannot exist is `invalid`, as one that does not."""
        try:
            return CodeId(self._configured(value, path, known))
        except CommandRefused:
            raise wire.invalid(path, "there is no such code") from None

    def _queue(self, value: str) -> QueueId:
        return QueueId(self._configured(value, "to.queue", self._station.replica.queues))

    def _agent(self, value: str, path: str) -> AgentId:
        known = self._station.replica.find(AgentRecord, value)
        ids = (known.id,) if known else ()
        return AgentId(configured(value, path, ids, self._station.texts, form=AGENT))

    def _configured(self, value: str, path: str, known: Container[str]) -> str:
        return configured(value, path, known, self._station.texts)


def _offer(asked: wire.NameOffer) -> OfferId:
    return OfferId(made(asked.offer, "offer"))


def _contact(name: str) -> ContactId:
    return ContactId(made(name, "contact"))

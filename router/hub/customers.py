"""`/customer`: who comes to a site and writes, anonymous or known.

A socket hears its customer's room from the moment its `session` is built, in one step with it, so
nothing is missing between the two and nothing comes twice.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from router.hub import answers, contract, events, wire
from router.hub.auth import (
    CUSTOMER,
    CustomerAuth,
    auth_of,
    fresh_token,
    hash_of,
    identity_of,
    may_be_widget,
)
from router.hub.commands import Commands
from router.hub.emission import Emission, connection_room, customer_room
from router.hub.errors import Refused, connection_refused, refused
from router.hub.links import Handshake
from router.hub.objects import (
    View,
    conversation_object,
    customer_message_object,
    customer_reader,
    entry_point_object,
)
from router.hub.station import (
    Station,
    configured,
    entering_refused,
    given,
    made,
    not_found,
)
from router.hub.text import NAME_MAX, TEXT_MAX, Texts
from router.kernel.errors import CommandRefused, Refusal, RefusalCode
from router.kernel.ids import ConnectionId, ConversationId, CustomerId, EntryPointId, QueueId
from router.kernel.messages import (
    AnyCommand,
    AttachCustomer,
    ChatStarted,
    CustomerSeen,
    DetachCustomer,
    Done,
    EndChat,
    IdentifyCustomer,
    MessageSent,
    ReadAsCustomer,
    SendCustomerMessage,
    StartChat,
)
from router.kernel.model import (
    ContactRecord,
    ConversationRecord,
    CustomerRecord,
    Identity,
)
from router.shard.engine import Typing
from router.shard.turn import ANSWER_KEPT_MS

PATH: Final = "/customer"
Asked: TypeAlias = StartChat | SendCustomerMessage | ReadAsCustomer | EndChat
"""What a customer may send again under an id."""
ResultT = TypeVar("ResultT")
GONE = Refusal(RefusalCode.UNAVAILABLE, "the connection has ended")


@dataclass
class Seat:
    """What is known of one socket.

    Attributes:
        token: What the client is to keep, to come back as the same customer.
    """

    connection: ConnectionId
    customer: CustomerId
    entry_point: EntryPointId
    token: str

    @property
    def author(self) -> str:
        """Under which its requests are remembered; also the reader key."""
        return customer_reader(self.customer)


class Customers:
    """The namespace."""

    def __init__(self, station: Station) -> None:
        """Know every command."""
        self._station = station
        self._seats: dict[ConnectionId, Seat] = {}
        self._entering: set[ConnectionId] = set()
        self._commands: Commands[Seat] = Commands(contract.CUSTOMER, self._may_ask)
        self._commands.add("chat.start", wire.StartChat, self._start, limit=self._may_write)
        self._commands.add(
            "message.send", wire.SendToConversation, self._send, limit=self._may_write
        )
        self._commands.add("message.read", wire.ReadConversation, self._read)
        self._commands.add("typing", wire.TypeInConversation, self._type)
        self._commands.add("chat.end", wire.EndChat, self._end)
        self._commands.add("customer.identify", wire.Identify, self._identify)
        self._commands.add("history", wire.History, self._history)

    # -- coming and going ------------------------------------------------------------------------

    async def connect(self, connection: ConnectionId, handshake: Handshake) -> None:
        """Attach a tab to the customer it resumes or proves to be, or to a new one.

        Raises:
            ConnectionRefused: It may not enter.
        """
        auth = auth_of(CustomerAuth, handshake.auth)
        fresh = fresh_token()
        self._entering.add(connection)
        attached = self._station.connection(connection)
        try:
            entry_point = self._entry_point(auth, handshake)
            seen = await self._station.submit(
                AttachCustomer(
                    connection=attached,
                    entry_point=entry_point,
                    fresh_token=hash_of(fresh),
                    token=hash_of(auth.token) if auth.token else None,
                    identity=await self._identity_on_entering(auth.identity, entry_point),
                ),
                CustomerSeen,
            )
            self._station.check_alive(attached)
        except CommandRefused as refusal:
            raise entering_refused(refusal) from None
        token = auth.token if auth.token and seen.token_kept else fresh
        self._seats[connection] = Seat(connection, seen.customer, entry_point, token)

    async def welcome(self, connection: ConnectionId) -> None:
        """Send `session`, and let live events follow it."""
        seat = self._seats[connection]
        station = self._station
        view = await station.view(
            lambda: [(ConversationRecord, name) for name in self._names(seat)]
        )
        station.delivery.enter(connection, customer_room(seat.customer))
        station.delivery.emit(
            Emission(PATH, (connection_room(connection),), "session", self._session(seat, view))
        )

    async def disconnect(self, connection: ConnectionId) -> None:
        """Detach a tab."""
        self._entering.discard(connection)
        seat = self._seats.pop(connection, None)
        if seat is not None:
            self._detach(seat.customer, connection)

    @property
    def is_occupied(self) -> bool:
        """Somebody is here, or on the way in."""
        return bool(self._seats or self._entering)

    def attached(self, customer: CustomerId, connection: ConnectionId) -> None:
        """Detach a tab that gave up before the shard said that it was attached."""
        if connection not in self._entering and connection not in self._seats:
            self._detach(customer, connection)

    def passed(self, customer: CustomerId, to: CustomerId) -> None:
        """Seat the tabs of a customer who turned out to be another one."""
        for seat in self._seats.values():
            if seat.customer == customer:
                seat.customer = to
                self._station.delivery.enter(seat.connection, customer_room(to))

    async def command(
        self, connection: ConnectionId, name: str, payload: bytes | None
    ) -> answers.Answer | Refused:
        """Do what a customer asks and return the ack."""
        seat = self._seats.get(connection)
        if seat is None:
            return refused(GONE)
        return await self._commands.run(seat, CUSTOMER, name, payload)

    def _may_ask(self, seat: Seat) -> None:
        self._station.limits.command(seat.connection)

    def _may_write(self, seat: Seat) -> None:
        self._station.limits.customer_message(seat.customer)

    def _detach(self, customer: CustomerId, connection: ConnectionId) -> None:
        self._station.report(
            DetachCustomer(customer=customer, connection=self._station.connection(connection))
        )

    def _entry_point(self, auth: CustomerAuth, handshake: Handshake) -> EntryPointId:
        replica = self._station.replica
        known = replica.entry_points
        asked = auth.entry_point.removeprefix(f"{replica.configuration.tenant}/")
        name = configured(asked, "entry_point", known, self._station.texts)
        entry_point = known.get(EntryPointId(name))
        if entry_point is not None and not may_be_widget(
            handshake.origin, handshake.host, entry_point.allowed_origins
        ):
            raise connection_refused(
                RefusalCode.FORBIDDEN, "this site may not show the entry point"
            )
        return EntryPointId(name)

    async def _identity_on_entering(
        self, token: str | None, entry_point: EntryPointId
    ) -> Identity | None:
        """Who a site says it is; nobody can tell any more for an entry point that was removed.

        There the resume token alone decides, and only lets in who is in a chat.
        """
        is_known = entry_point in self._station.replica.entry_points
        return await self._identity(token, entry_point) if is_known else None

    async def _identity(self, token: str | None, entry_point: EntryPointId) -> Identity | None:
        if not token:
            return None
        known = self._station.replica.entry_points.get(entry_point)
        if known is None:
            raise not_found("entry_point")
        return await identity_of(
            token,
            known,
            texts=self._station.texts_of("customer", None),
            keys=self._station.keys,
            hash_key=self._station.hash_key,
            now_ms=self._station.now_ms(),
        )

    # -- session ---------------------------------------------------------------------------------

    def _names(self, seat: Seat) -> tuple[ConversationId, ...]:
        customer = self._station.replica.find(CustomerRecord, seat.customer)
        return customer.conversations if customer else ()

    def _session(self, seat: Seat, view: View) -> events.Session:
        """What a tab is shown first; conversations that were dropped for their age are left out."""
        now_ms = self._station.now_ms()
        replica = self._station.replica
        conversations = [
            record
            for name in self._names(seat)
            if (record := view.find(ConversationRecord, name)) is not None
        ]
        entry_point = replica.entry_points.get(seat.entry_point)
        return events.Session(
            at=now_ms,
            customer=seat.customer,
            token=seat.token,
            entry_point=entry_point_object(seat.entry_point, entry_point),
            limits=events.CustomerLimits(text=TEXT_MAX),
            conversations=tuple(
                conversation_object(
                    record, seat.author, replica.find(ContactRecord, record.contact)
                )
                for record in conversations
            ),
            server_now=now_ms,
        )

    # -- commands --------------------------------------------------------------------------------

    async def _start(self, seat: Seat, asked: wire.StartChat) -> answers.ChatStarted:
        self._station.check_pace(is_new=True)
        replica = self._station.replica
        text, queue, conversation = given(asked.text), given(asked.queue), given(asked.conversation)
        texts = self._texts(seat, queue)
        started = await self._submit(
            seat,
            StartChat(
                customer=seat.customer,
                entry_point=seat.entry_point,
                body=None if text is None else texts.body(text, "text"),
                name=texts.name(asked.name),
                email=texts.email(asked.email),
                phone=texts.phone(asked.phone),
                sealed_email=texts.sealed("email", asked.email),
                sealed_phone=texts.sealed("phone", asked.phone),
                subject=texts.line(asked.subject, "subject", NAME_MAX),
                attributes=texts.attributes(asked.attributes),
                context=texts.context(asked.context),
                queue=QueueId(configured(queue, "queue", replica.queues, texts)) if queue else None,
                conversation=_conversation(conversation) if conversation else None,
            ),
            asked,
            ChatStarted,
        )
        return answers.ChatStarted(
            conversation=started.conversation,
            contact=started.contact,
            state=started.state,
            position=started.position,
            estimated_wait_ms=started.estimated_wait_ms,
        )

    async def _send(self, seat: Seat, asked: wire.SendToConversation) -> answers.MessageSent:
        is_new = self._station.replica.live_contact(seat.customer) is None
        self._station.check_pace(is_new=is_new)
        sent = await self._submit(
            seat,
            SendCustomerMessage(
                customer=seat.customer,
                entry_point=seat.entry_point,
                body=self._texts(seat).body(asked.text, "text"),
                conversation=_conversation(asked.conversation),
            ),
            asked,
            MessageSent,
        )
        message = await self._station.sent(sent)
        return answers.MessageSent(
            seq=message.seq,
            at=message.at_ms,
            text=message.body.text,
            masked=message.body.masked,
        )

    def _texts(self, seat: Seat, queue: str | None = None) -> Texts:
        """What masks a customer's texts: as in the queue they are in, ask for, or would come to."""
        station = self._station
        if queue:
            return station.texts_of("customer", QueueId(queue))
        live = station.replica.live_contact(seat.customer)
        entry_point = station.replica.entry_points.get(seat.entry_point)
        place = live or entry_point
        return station.texts_of("customer", place.queue if place else None)

    async def _read(self, seat: Seat, asked: wire.ReadConversation) -> answers.Answer:
        await self._submit(
            seat,
            ReadAsCustomer(
                customer=seat.customer,
                conversation=_conversation(asked.conversation),
                seq=asked.seq,
            ),
            asked,
            Done,
        )
        return answers.DONE

    async def _type(self, seat: Seat, asked: wire.TypeInConversation) -> answers.Answer:
        """Tell agents that the customer types; who talks to nobody is only heard out."""
        record = await self._own(seat, asked.conversation)
        live = self._station.replica.live_contact(seat.customer)
        if live is not None and live.conversation == record.id:
            await self._station.engine.signal(
                Typing(conversation=record.id, on=asked.on, customer=seat.customer)
            )
        return answers.DONE

    async def _end(self, seat: Seat, asked: wire.EndChat) -> answers.Answer:
        await self._submit(
            seat,
            EndChat(customer=seat.customer, conversation=_conversation(asked.conversation)),
            asked,
            Done,
        )
        return answers.DONE

    async def _identify(self, seat: Seat, asked: wire.Identify) -> answers.Identified:
        identity = await self._identity(asked.identity, seat.entry_point)
        if identity is None:
            raise wire.invalid("identity", "there is no identity")
        fresh = fresh_token()
        seen = await self._station.submit(
            IdentifyCustomer(
                customer=seat.customer,
                connection=self._station.connection(seat.connection),
                entry_point=seat.entry_point,
                identity=identity,
                fresh_token=hash_of(fresh),
            ),
            CustomerSeen,
        )
        if not seen.token_kept:
            seat.token = fresh
        return answers.Identified(customer=seen.customer, token=seat.token)

    async def _history(self, seat: Seat, asked: wire.History) -> answers.HistoryRead:
        record = await self._own(seat, asked.conversation)
        page = await self._station.transcript(
            record.id, after=given(asked.after), before=given(asked.before), limit=asked.limit
        )
        shown = tuple(customer_message_object(message) for message in page.messages)
        return answers.HistoryRead(messages=shown, more=page.more)

    def _submit(
        self, seat: Seat, command: Asked, asked: wire.Change, kind: type[ResultT]
    ) -> Awaitable[ResultT]:
        return self._station.submit(
            command,
            kind,
            author=seat.author,
            request=asked,
            formerly=self._formerly(seat, command, asked),
        )

    def _formerly(
        self, seat: Seat, command: Asked, asked: wire.Change
    ) -> list[tuple[str, AnyCommand]]:
        """What the customer would have asked before their conversations passed to who they are.

        Somebody who signs in does not know what became of their last command; the answers given
        to whom they were are still theirs, for as long as answers are kept.
        """
        if asked.id is UNSET:
            return []
        record = self._station.replica.find(CustomerRecord, seat.customer)
        if record is None:
            return []
        kept_since_ms = self._station.now_ms() - ANSWER_KEPT_MS
        return [
            (customer_reader(name), replace(command, customer=name))
            for name, passed_at_ms in record.formerly
            if passed_at_ms > kept_since_ms
        ]

    async def _own(self, seat: Seat, name: str) -> ConversationRecord:
        """One of the customer's conversations.

        Raises:
            CommandRefused: `not_found`: there is none, or it is somebody else's or internal.
        """
        record = await self._station.find(ConversationRecord, _conversation(name))
        if record is None or record.type != "customer" or seat.customer not in record.customers:
            raise not_found("conversation")
        return record


def _conversation(name: str) -> ConversationId:
    return ConversationId(made(name, "conversation"))

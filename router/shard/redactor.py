"""The conversation stage: values spread over several messages are masked before it is decided.

What a command would write is read together with the last messages of its conversation, in the order
of the inbox. The command goes on with what may be shown; earlier messages that turned out to hold a
part of a value are rewritten in the same step.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from masking.conversation import LINES_MAX, Tail
from masking.model import Found, Masked
from masking.policy import Policy
from masking.split.chat import NOBODY
from masking.split.line import Line
from router.kernel.ids import ConversationId, QueueId
from router.kernel.messages import (
    AnyCommand,
    AnyEvent,
    MessageRedacted,
    MessageWritten,
    SendAgentMessage,
    SendCustomerMessage,
    StartChat,
)
from router.kernel.model import Body, ConfigurationRecord, Message
from router.kernel.state import State
from router.log import log
from router.shard.engine import Engine
from router.shard.metrics import MASKING_FAILURES
from router.shard.policies import Policies

_log = log(__name__)

TAILS_MAX: Final = 1_000
"""Conversations whose last messages are kept at hand between turns: those of a large floor. The
others are read from the store each time somebody writes in them."""

Writing = StartChat | SendCustomerMessage | SendAgentMessage


class Reading(NamedTuple):
    """What became of a command; it has an effect only if it is not refused.

    Attributes:
        command: As it may be decided.
        redacted: Earlier messages as they are shown from then on.
        kinds: The kind of each value that was found.
    """

    command: AnyCommand
    redacted: tuple[MessageRedacted, ...] = ()
    kinds: tuple[str, ...] = ()


class _Place(NamedTuple):
    """Where a command writes; no conversation yet when it opens one."""

    conversation: ConversationId | None
    sender: str


class _Kept:
    """The last messages of one conversation, and what of them masking reads."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.tail = Tail()
        self._messages: deque[Message] = deque(maxlen=LINES_MAX)
        for message in messages:
            self.add(message)

    def add(self, message: Message) -> None:
        self._messages.append(message)
        self.tail.add(_line(message))

    def replace(self, message: Message) -> None:
        for place, known in enumerate(self._messages):
            if known.seq == message.seq:
                self._messages[place] = message
        self.tail.replace(_line(message))

    def find(self, seq: int) -> Message:
        return next(message for message in self._messages if message.seq == seq)


def note_failure(masked: Masked, *, tenant: str) -> None:
    """Count a text that could not be masked, and tell by which rule, never what it was."""
    MASKING_FAILURES.labels(tenant).inc()
    failure = masked.failure
    if failure is not None:
        _log.warning(
            "masking.failed",
            tenant=tenant,
            rule=failure.rule,
            fault=failure.fault,
            place=failure.place,
        )


class Redactor:
    """The tails of the conversations in hand, for one tenure of the lease."""

    def __init__(self, engine: Engine, *, tenant: str) -> None:
        """Keep none yet."""
        self._engine = engine
        self._tenant = tenant
        self._configuration = ConfigurationRecord()
        self._policies = Policies(self._configuration)
        self._kept: OrderedDict[ConversationId, _Kept] = OrderedDict()

    async def prepare(self, commands: Iterable[AnyCommand], state: State) -> None:
        """Read at once the tails that most of the commands of a turn will need.

        Only here are tails let go: what a turn wrote is not in the store before its end.
        """
        while len(self._kept) > TAILS_MAX:
            self._kept.popitem(last=False)
        places = (_place(command, state) for command in commands if isinstance(command, Writing))
        await self._read({place.conversation for place in places if place}, state)

    async def hear(self, command: AnyCommand, state: State) -> Reading:
        """Answer the command as it may be decided, and what it changes of earlier messages."""
        if not isinstance(command, Writing) or command.body is None:
            return Reading(command)
        place = _place(command, state)
        if place is None:
            return Reading(command)  # it names what there is not, and will be refused
        await self._read({place.conversation}, state)
        kept = self._kept.get(place.conversation) if place.conversation else None
        policy = self._policy(command, state)
        heard = (kept or _Kept()).tail.hear(place.sender, _masked(command.body), policy)
        if heard is None:
            return Reading(command)
        if heard.masked.failed:
            note_failure(heard.masked, tenant=self._tenant)
        redacted = tuple(
            MessageRedacted(message=replace(kept.find(seq), body=body_of(masked)))
            for seq, masked in heard.redacted
            if kept is not None
        )
        return Reading(replace(command, body=body_of(heard.masked)), redacted, heard.kinds)

    def note(self, events: Iterable[AnyEvent]) -> None:
        """Go on with what a step wrote and rewrote; a conversation begins in hand."""
        for event in events:
            match event:
                case MessageWritten(message=message):
                    if message.seq == 1:
                        self._kept[message.conversation] = _Kept()
                    kept = self._kept.get(message.conversation)
                    if kept is not None:
                        kept.add(message)
                case MessageRedacted(message=message):
                    kept = self._kept.get(message.conversation)
                    if kept is not None:
                        kept.replace(message)
                case _:
                    pass

    def _policy(self, command: Writing, state: State) -> Policy:
        """What the configuration says of the sender and the queue."""
        if state.configuration is not self._configuration:
            self._configuration = state.configuration
            self._policies = Policies(self._configuration)
        match command:
            case SendAgentMessage():
                contact = state.contacts.get(command.contact)
                return self._policies.of("agent", contact.queue if contact else None).message
            case StartChat() | SendCustomerMessage():
                return self._policies.of("customer", _queue(command, state)).message

    async def _read(self, names: Collection[ConversationId | None], state: State) -> None:
        """Have the tails in hand of conversations that something was written in before."""
        cold = [name for name in names if name is not None and self._is_cold(name, state)]
        if not cold:
            return
        pages = await asyncio.gather(
            *(self._engine.transcript(name, limit=LINES_MAX) for name in cold)
        )
        for name, page in zip(cold, pages, strict=True):
            self._kept[name] = _Kept(page.messages)

    def _is_cold(self, name: ConversationId, state: State) -> bool:
        if name in self._kept:
            self._kept.move_to_end(name)
            return False
        record = state.conversations.get(name)
        return record is None or record.last_seq > 0


def _place(command: Writing, state: State) -> _Place | None:
    """Where a command writes, and as whom; None for a contact that is not in hand."""
    match command:
        case StartChat() | SendCustomerMessage():
            return _Place(command.conversation, "customer")
        case SendAgentMessage():
            contact = state.contacts.get(command.contact)
            if contact is None:
                return None
            is_note = command.audience == "internal"
            name = contact.internal if is_note else contact.conversation
            return _Place(name, f"agent:{command.agent}")


def _queue(command: StartChat | SendCustomerMessage, state: State) -> QueueId | None:
    """The queue of the customer's live contact, else the one that a new contact would be in."""
    customer = state.customer(command.customer)
    if customer is not None and customer.contact is not None:
        return state.contacts[customer.contact].queue
    if isinstance(command, StartChat) and command.queue is not None:
        return command.queue
    entry_point = state.entry_points.get(command.entry_point)
    return entry_point.queue if entry_point else None


def _line(message: Message) -> Line:
    """A message as masking reads it; a customer stays one sender whoever they turn out to be."""
    found = tuple(Found(*span) for span in message.body.spans)
    return Line(message.seq, _sender(message), message.body.text, found)


def _sender(message: Message) -> str:
    match message.role:
        case "customer":
            return "customer"
        case "agent":
            return f"agent:{message.author}"
        case "bot" | "system":
            return NOBODY


def _masked(body: Body) -> Masked:
    return Masked(body.text, tuple(Found(*span) for span in body.spans))


def body_of(masked: Masked) -> Body:
    """A message's text as it is written and stored."""
    spans = tuple((str(found.kind), found.start, found.end) for found in masked.found)
    return Body(masked.text, tuple(masked.kinds), spans)

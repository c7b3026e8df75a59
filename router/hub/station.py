"""What both namespaces stand on: the shard's client and replica, the way out, the clock.

Commands go in through `submit`, which raises what the shard refused; records come from the replica,
or from the store when they are cold.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import UNSET, UnsetType

from presence import Connection
from router.hub.errors import ConnectionRefused
from router.hub.limits import Limits
from router.hub.links import Delivery
from router.hub.objects import RecordT
from router.hub.progress import Progress
from router.hub.replica import Overlay, RecordName, Replica
from router.hub.tasks import Tasks
from router.hub.text import Texts, has_control_characters
from router.hub.tokens import Keys
from router.hub.wire import Change, invalid
from router.kernel.errors import CommandRefused, Refusal, RefusalCode
from router.kernel.ids import ConnectionId, ConversationId, HubId, QueueId
from router.kernel.messages import AnyCommand, AnyResult, AttachAgent, AttachCustomer, MessageSent
from router.kernel.model import (
    AnyRecord,
    ContactRecord,
    ConversationRecord,
    CustomerRecord,
    Key,
    Message,
    ShardRecord,
)
from router.kernel.model import Record as AnyKind
from router.log import log
from router.shard.client import ShardClient
from router.shard.engine import Engine, Page, Position
from router.shard.policies import Sender

VIEW_ROUNDS_MAX = 5
"""How often records are read that change meanwhile; already the second time is rare."""

NOWHERE = Position(0)

PACE_RETRY_MS = 2_000
"""As long as a writer lags when new chats are refused."""

RETRY_S = 1.0
"""Between two tries to tell the shard that somebody left: it is not answering, so not often."""

MADE = re.compile(r"[0-9a-f]{26}")  # the kernel's own ids
CONFIGURED = re.compile(r"[A-Za-z0-9._-]{1,64}")  # what an administrator may choose
AGENT = re.compile(r"[A-Za-z0-9._@|:+=/~-]{1,255}")  # what may stand as an agent's id

NOTES = log(__name__)

ResultT = TypeVar("ResultT")


@dataclass
class Station:
    """One hub's place at one shard.

    Attributes:
        keys: The public keys that tokens are checked with.
        replica: Replaced when the log went on without us.
        progress: How far the replica was told; right behind it, but for an entry being told.
        texts: Checks ids, and what nobody in particular sends; `texts_of` is for the rest.
        is_draining: Connections that end now are not reported, and none is attached: the shard
            awaits all of this hub's elsewhere.
    """

    hub: HubId
    engine: Engine
    client: ShardClient
    replica: Replica
    delivery: Delivery
    tasks: Tasks
    texts: Texts
    limits: Limits
    keys: Keys
    now_ms: Callable[[], int]
    is_draining: bool = False
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is being told yet."""
        self.progress = Progress(self.replica.position)

    def texts_of(self, sender: Sender, queue: QueueId | None) -> Texts:
        """What masks a sender's texts, as it is done in a queue; None is where none is known."""
        return self.texts.under(self.replica.policies.of(sender, queue))

    # -- commands --------------------------------------------------------------------------------

    def connection(self, name: ConnectionId) -> Connection:
        """The connection as the shard knows it."""
        return Connection(hub=self.hub, id=name)

    def check_alive(self, connection: Connection) -> None:
        """See that a connection was not lost while it was attached.

        Raises:
            CommandRefused: `unavailable`: this hub was counted as lost meanwhile.
        """
        if connection.hub != self.hub:
            raise CommandRefused(RefusalCode.UNAVAILABLE, hint="it was lost; connect again")

    async def submit(
        self,
        command: AnyCommand,
        kind: type[ResultT],
        *,
        author: str | None = None,
        request: Change | None = None,
        formerly: Iterable[tuple[str, AnyCommand]] = (),
    ) -> ResultT:
        """Have a command done and return its result; ``formerly`` as `ShardClient.submit`.

        Raises:
            CommandRefused: It was refused.
        """
        if self.is_draining and isinstance(command, AttachAgent | AttachCustomer):
            raise CommandRefused(RefusalCode.UNAVAILABLE, hint="going down; connect again")
        answered = await self.client.submit(
            command,
            author=author,
            request_id=request_id(request) if request else None,
            formerly=formerly,
        )
        result: AnyResult | Refusal = answered.result
        if isinstance(result, Refusal):
            raise CommandRefused(result.code, hint=result.hint, **result.details)
        assert isinstance(result, kind), "a command has one kind of result"
        return result

    def check_pace(self, *, is_new: bool) -> None:
        """Let nobody begin a chat that could not be answered soon, nor fill the inbox with words.

        Raises:
            CommandRefused: `unavailable`, with a time after which to try again.
        """
        if self.client.is_crowded or (is_new and self.client.is_behind):
            raise CommandRefused(
                RefusalCode.UNAVAILABLE, hint="too busy; try again", retry_after_ms=PACE_RETRY_MS
            )

    def report(self, command: AnyCommand) -> None:
        """Tell the shard what is a fact, however long it takes: that somebody left."""
        if not self.is_draining:
            self.tasks.start("report", self._report(command))

    async def _report(self, command: AnyCommand) -> None:
        tries = 0
        while isinstance(refusal := (await self.client.submit(command)).result, Refusal):
            tries += 1
            if tries == 1:
                NOTES.warning("report.refused", tenant=self.texts.tenant, code=refusal.code.value)
            await asyncio.sleep(RETRY_S)

    async def sent(self, result: MessageSent) -> Message:
        """A message that was sent, as it now stands."""
        message = self.replica.tails.find(result.conversation, result.seq)
        if message is None:
            page = await self.transcript(result.conversation, after=result.seq - 1, limit=1)
            (message,) = page.messages
        return message

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """Messages from the store; none shows what was redacted and told so meanwhile."""
        return await self.replica.tails.read(
            self.engine, conversation, after=after, before=before, limit=limit
        )

    @property
    def hash_key(self) -> bytes:
        """Keys the hashes of what clients and sites call things; known once somebody writes."""
        shard = self.replica.find(ShardRecord, "shard")
        assert shard is not None, "nobody enters before the first takeover"
        return bytes.fromhex(shard.hash_key)

    # -- records ---------------------------------------------------------------------------------

    async def find(self, kind: type[RecordT], name: str) -> RecordT | None:
        """A record, hot or cold."""
        hot = self.replica.find(kind, name)
        return hot or (await self.view(lambda: [(kind, name)])).find(kind, name)

    async def overlay(self, contacts: Collection[ContactRecord]) -> Overlay:
        """A view that also holds what contacts show of records that may be cold."""
        shown: list[RecordName] = []
        for contact in contacts:
            shown.append((ConversationRecord, contact.conversation))
            shown.append((CustomerRecord, contact.customer.id))
        return await self.view(lambda: shown)

    async def view(self, wanted: Callable[[], Iterable[RecordName]]) -> Overlay:
        """The replica, and what is ``wanted`` and cold as it is at the replica's position.

        It is true, and all of it was told, until the caller waits for something. The store may be
        ahead of the replica, or be left behind while the answer is on its way; so what is wanted is
        asked anew, and fetched again if an entry changed it meanwhile.

        Raises:
            CommandRefused: `unavailable`: it changed faster than it could be read.
        """
        fetched: dict[RecordName, tuple[AnyRecord | None, Position]] = {}
        position = NOWHERE
        for _ in range(VIEW_ROUNDS_MAX):
            await self.caught_up(position)
            replica = self.replica
            cold = [name for name in wanted() if not replica.holds(name)]
            keys = {
                key_for(*name): name
                for name in cold
                if name not in fetched or replica.may_have_changed(name, fetched[name][1])
            }
            if not keys:
                return Overlay(replica, {name: fetched[name][0] for name in cold})
            answer = await self.engine.fetch(keys)
            position = answer.position
            for key, name in keys.items():
                fetched[name] = answer.records.get(key), position
        raise CommandRefused(RefusalCode.UNAVAILABLE, hint="it changes too fast; try again")

    async def caught_up(self, position: Position = NOWHERE) -> None:
        """Wait until the replica reached a position and all that it holds was told."""
        while self.progress.position != self.replica.position or position > self.replica.position:
            await self.progress.next()


def key_for(kind: type[AnyKind], name: str) -> Key:
    """The name under which a record of that kind is stored."""
    tag = kind.__struct_config__.tag
    assert isinstance(tag, str), "every record has a tag"
    return (tag, name)


def request_id(command: Change) -> str | None:
    """The client's own id of a command, if it gave one."""
    if isinstance(command.id, UnsetType):
        return None
    if has_control_characters(command.id):
        raise invalid("id", "control characters are not taken")
    return command.id


def made(value: str, path: str) -> str:
    """An id of the kernel's making.

    Raises:
        CommandRefused: `not_found`: it cannot be one, and is not asked for.
    """
    if has_control_characters(value):
        raise invalid(path, "control characters are not taken")
    if not MADE.fullmatch(value):
        raise not_found(path)
    return value


def configured(
    value: str,
    path: str,
    known: Container[str],
    texts: Texts,
    *,
    form: re.Pattern[str] = CONFIGURED,
) -> str:
    """The id of something configured, now or before; text that may be a customer's is none.

    Raises:
        CommandRefused: `not_found`: it cannot be one, and is not asked for.
    """
    if has_control_characters(value):
        raise invalid(path, "control characters are not taken")
    if value in known or (form.fullmatch(value) and texts.is_plain(value)):
        return value
    raise not_found(path)


def not_found(path: str) -> CommandRefused:
    """The refusal of an id, which is not repeated."""
    return CommandRefused(RefusalCode.NOT_FOUND, hint="there is none of this id", path=path)


def entering_refused(refused: CommandRefused) -> ConnectionRefused:
    """A refused connection, where a command was refused."""
    return ConnectionRefused(refused.refusal)


def given(value: ResultT | UnsetType) -> ResultT | None:
    """The value, or None when it was left out."""
    return None if value is UNSET or isinstance(value, UnsetType) else value

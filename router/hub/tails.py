"""The last messages of the conversations in hand, so that showing them seldom reads the store."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from router.kernel.ids import ConversationId
from router.kernel.model import ConversationRecord, Message
from router.shard.engine import Page

TAIL_LENGTH = 50
"""As many messages as a snapshot shows of a contact."""


class TranscriptReader(Protocol):
    """Where the messages of a conversation are read: an engine."""

    async def transcript(
        self,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """Messages in order of `seq`; with neither bound, the last ones."""
        ...


class Tails:
    """For each conversation at most `TAIL_LENGTH` messages without a gap, or nothing.

    A tail is begun by a conversation's first message or by `fill`, goes on with every message
    written, and is dropped when one was missed: so it is never silently incomplete.

    Attributes:
        redactions: Counts messages rewritten so far: what was read from the store before one of
            them may show what nobody may see any more.
    """

    def __init__(self) -> None:
        """Begin with no conversation in hand."""
        self._tails: dict[ConversationId, deque[Message]] = {}
        self.redactions = 0

    def write(self, message: Message) -> None:
        """Add a message that was written now; one that is there already is replaced."""
        tail = self._tails.get(message.conversation)
        if tail is None:
            if message.seq == 1:
                self._tails[message.conversation] = deque([message], TAIL_LENGTH)
        elif message.seq == tail[-1].seq + 1:
            tail.append(message)
        elif message.seq > tail[-1].seq:
            del self._tails[message.conversation]
        elif message.seq >= tail[0].seq:
            tail[message.seq - tail[0].seq] = message

    def redact(self, message: Message) -> None:
        """Show a message otherwise from now on, if it is in hand."""
        self.redactions += 1
        tail = self._tails.get(message.conversation)
        if tail is not None and tail[0].seq <= message.seq <= tail[-1].seq:
            tail[message.seq - tail[0].seq] = message

    async def read(
        self,
        reader: TranscriptReader,
        conversation: ConversationId,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page from the store, read again if a message was redacted meanwhile."""
        while True:
            redactions = self.redactions
            page = await reader.transcript(conversation, after=after, before=before, limit=limit)
            if redactions == self.redactions:
                return page

    async def fill(self, conversation: ConversationRecord, reader: TranscriptReader) -> None:
        """Read the tail unless it is in hand up to the conversation's last message."""
        if self._reach(conversation.id) >= conversation.last_seq:
            return
        page = await self.read(reader, conversation.id, limit=TAIL_LENGTH)
        # Messages may have been written while the page was read.
        if page.messages and page.messages[-1].seq >= self._reach(conversation.id):
            self._tails[conversation.id] = deque(page.messages, TAIL_LENGTH)

    def last(self, conversation: ConversationRecord) -> Sequence[Message]:
        """The last messages in hand that belong to this version of the conversation."""
        tail = self._tails.get(conversation.id, ())
        return [message for message in tail if message.seq <= conversation.last_seq]

    def find(self, conversation: ConversationId, seq: int) -> Message | None:
        """A message in hand, by its number."""
        tail = self._tails.get(conversation)
        if tail is None or not tail[0].seq <= seq <= tail[-1].seq:
            return None
        return tail[seq - tail[0].seq]

    def forget(self, conversation: ConversationId) -> None:
        """Let go of a conversation's tail, if there is one."""
        self._tails.pop(conversation, None)

    def _reach(self, conversation: ConversationId) -> int:
        tail = self._tails.get(conversation)
        return tail[-1].seq if tail else 0

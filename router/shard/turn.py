"""What one commit will write, gathered step by step."""

from router.kernel.ids import ConversationId, HubId
from router.kernel.keeping import closings, expires_at_ms, is_hot
from router.kernel.kernel import Step
from router.kernel.messages import AnyResult, MessageRedacted, MessageWritten
from router.kernel.model import AnyRecord, ContactRecord, Key, Message, key_of
from router.shard.engine import (
    Answer,
    Batch,
    Closing,
    Cursor,
    Entry,
    Envelope,
    Kept,
    Position,
    Request,
    Row,
)

ANSWER_KEPT_MS = 3_600_000
"""Answers are promised for ten minutes; an hour covers a phone that was in a tunnel or asleep, and
at 100 commands a second is still less than 100 MB."""


class Turn:
    """The entries of a turn and what is stored with them.

    The last version of each record wins, and of each message: what one of the turn redacts is
    stored only as it is shown in the end.

    Attributes:
        steps: How many commands and deadlines were decided, with or without an entry.
        seen: The last number of each hub that was taken.
        lost: Hubs that are gone.
        found: Records fetched for this turn, as they are now; None: there is none.
        ready: Places of commands whose records are all in memory.
        answered: Kept answers by request key, from before and from this turn.
    """

    def __init__(self, cursor: Cursor, position: Position) -> None:
        """Start where the last commit ended."""
        self.previous = cursor
        self.cursor = cursor
        self.position = position
        self.steps = 0
        self.seen: dict[HubId, int] = {}
        self.lost: list[HubId] = []
        self.found: dict[Key, AnyRecord | None] = {}
        self.ready: set[Cursor] = set()
        self.answered: dict[bytes, Kept] = {}
        self.entries: list[Entry] = []
        self._records: dict[Key, AnyRecord] = {}
        self._messages: dict[tuple[ConversationId, int], Message] = {}
        self._kept: list[Kept] = []

    @property
    def is_empty(self) -> bool:
        """Nothing happened, nothing was taken from the inbox, and nobody is gone."""
        return not (self.entries or self.lost) and self.cursor == self.previous

    def add(self, step: Step, at_ms: int, *answers: Answer) -> None:
        """Take in a step; one that changed nothing and answers nobody leaves no entry."""
        self.steps += 1
        if not (step.events or step.records or answers):
            return
        self.position = Position(self.position + 1)
        self.entries.append(
            Entry(
                position=self.position,
                at_ms=at_ms,
                events=step.events,
                records=step.records,
                answers=answers,
            )
        )
        for record in step.records:
            key = key_of(record)
            self._records[key] = record
            self.found[key] = record  # newer than what was fetched
            if not is_hot(record):
                self.ready.clear()  # the kernel let go of it: somebody may need it lent
        for event in step.events:
            if isinstance(event, MessageWritten | MessageRedacted):
                message = event.message
                self._messages[message.conversation, message.seq] = message

    def answer(
        self, envelope: Envelope, step: Step, at_ms: int, *, is_repeat: bool = False
    ) -> None:
        """Take in a step that answers an envelope; a repeat tells the time of the first answer."""
        answer = Answer(
            hub=envelope.hub,
            n=envelope.n,
            result=step.result,
            at_ms=at_ms,
            is_repeat=is_repeat,
        )
        self.add(step, at_ms, answer)

    def keep(self, request: Request, result: AnyResult, at_ms: int) -> None:
        """Remember an answer for the next time the same is asked."""
        kept = Kept(
            request=request, result=result, at_ms=at_ms, expires_at_ms=at_ms + ANSWER_KEPT_MS
        )
        self.answered[request.key] = kept
        self._kept.append(kept)

    def batch(self, at_ms: int) -> Batch:
        """All of it, ready to commit."""
        records = self._records.values()
        return Batch(
            previous=self.previous,
            cursor=self.cursor,
            at_ms=at_ms,
            entries=tuple(self.entries),
            rows=tuple(
                Row(record=record, is_hot=is_hot(record), expires_at_ms=expires_at_ms(record))
                for record in records
            ),
            messages=tuple(self._messages.values()),
            seen=self.seen,
            lost=tuple(self.lost),
            kept=tuple(self._kept),
            closings=tuple(
                Closing(agent=agent, contact=record.id, ended_at_ms=ended_at_ms)
                for record in records
                if isinstance(record, ContactRecord)
                for agent, ended_at_ms in closings(record)
            ),
        )

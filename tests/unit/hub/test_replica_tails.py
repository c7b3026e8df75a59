"""Proves that the messages in hand are never silently incomplete, and seldom read."""

from router.hub.tails import TAIL_LENGTH, Tails
from router.kernel.ids import ConversationId
from router.kernel.messages import MessageWritten
from router.kernel.model import Message
from router.shard.engine import Page
from tests.support.builders import (
    TALK,
    a_contact,
    a_conversation,
    a_leg,
    a_message,
)
from tests.unit.hub.stage import Stage, Transcript


def written(*seqs: int) -> list[Message]:
    """Messages with these numbers."""
    return [a_message(seq, f"text {seq}") for seq in seqs]


async def seqs(tails: Tails, last_seq: int, transcript: Transcript) -> list[int]:
    """The numbers in hand after the tail was filled."""
    conversation = a_conversation(last_seq=last_seq)
    await tails.fill(conversation, transcript)
    return [message.seq for message in tails.last(conversation)]


async def test_a_conversation_followed_from_its_start_is_never_read() -> None:
    """The common chat begins, is offered and is taken without a read of the store."""
    tails, transcript = Tails(), Transcript()
    for message in written(1, 2, 3):
        tails.write(message)

    assert await seqs(tails, 3, transcript) == [1, 2, 3]
    assert transcript.reads == 0


async def test_a_conversation_without_messages_is_not_read() -> None:
    """There is nothing to find."""
    transcript = Transcript()

    assert await seqs(Tails(), 0, transcript) == []
    assert transcript.reads == 0


async def test_a_tail_is_read_once_and_goes_on_with_what_is_written() -> None:
    """After a restart each live conversation costs one read at most."""
    tails, transcript = Tails(), Transcript(*written(1, 2))
    first = await seqs(tails, 2, transcript)
    tails.write(a_message(3))

    assert first == [1, 2]
    assert await seqs(tails, 3, transcript) == [1, 2, 3]
    assert transcript.reads == 1


async def test_a_tail_that_missed_a_message_is_read_again() -> None:
    """A gap in front of an agent's eyes is worse than a read."""
    tails, transcript = Tails(), Transcript(*written(1, 2, 3))
    tails.write(a_message(1))
    tails.write(a_message(3))

    assert await seqs(tails, 3, transcript) == [1, 2, 3]
    assert transcript.reads == 1


async def test_a_tail_behind_its_conversation_is_read_again() -> None:
    """A message may have come while nobody kept the tail."""
    tails, transcript = Tails(), Transcript(*written(1, 2))
    tails.write(a_message(1))

    assert await seqs(tails, 2, transcript) == [1, 2]


async def test_a_page_older_than_what_is_in_hand_is_not_kept() -> None:
    """While a page was read, the conversation may have been followed from its start."""
    tails = Tails()

    class Slow(Transcript):
        """Three messages are written while the first page is read."""

        async def transcript(
            self,
            conversation: ConversationId,
            *,
            after: int | None = None,
            before: int | None = None,
            limit: int = 50,
        ) -> Page:
            page = await super().transcript(conversation, after=after, before=before, limit=limit)
            for message in written(1, 2, 3):
                tails.write(message)
            return page

    assert await seqs(tails, 3, Slow(*written(1, 2))) == [1, 2, 3]


async def test_a_message_written_again_replaces_the_first() -> None:
    """A value split over several messages is masked afterwards in the earlier ones."""
    tails = Tails()
    for message in written(1, 2, 3):
        tails.write(message)
    tails.write(a_message(2, "****"))
    conversation = a_conversation(last_seq=3)

    assert [message.body.text for message in tails.last(conversation)] == [
        "text 1",
        "****",
        "text 3",
    ]


async def test_messages_after_the_replicas_position_are_not_shown() -> None:
    """The store may be ahead; those messages will come as events."""
    transcript = Transcript(*written(1, 2, 3))

    assert await seqs(Tails(), 2, transcript) == [1, 2]


async def test_a_tail_is_bounded() -> None:
    """Memory must not grow with the length of a chat."""
    tails, transcript = Tails(), Transcript()
    total = TAIL_LENGTH + 7
    for message in written(*range(1, total + 1)):
        tails.write(message)
    shown = await seqs(tails, total, transcript)

    assert shown == list(range(8, total + 1))
    assert transcript.reads == 0


async def test_a_conversation_that_leaves_the_replica_takes_its_tail_along() -> None:
    """Closed conversations would fill the memory."""
    stage = Stage(a_contact(a_leg()))
    message = a_message(1)
    stage.apply(MessageWritten(message=message), records=[a_conversation(last_seq=1)])
    cold = a_conversation(last_seq=1)
    in_hand = stage.replica.tails.last(cold)
    stage.apply(records=[type(cold)(id=TALK, contact=cold.contact, last_seq=1)])
    stage.apply()

    assert in_hand == [message]
    assert stage.replica.tails.last(cold) == []


async def test_a_message_in_hand_is_found_by_its_number() -> None:
    """Its sender is answered with it, and nobody reads the store for that."""
    tails = Tails()
    for message in written(*range(1, TAIL_LENGTH + 3)):
        tails.write(message)

    found = [tails.find(TALK, seq) for seq in (3, TAIL_LENGTH + 2)]

    assert [message.seq for message in found if message] == [3, TAIL_LENGTH + 2]
    assert tails.find(TALK, 2) is None
    assert tails.find(TALK, TAIL_LENGTH + 3) is None
    assert tails.find(ConversationId("another"), 1) is None


async def test_what_was_redacted_while_it_was_read_is_read_again() -> None:
    """The page may be older than the redaction, and everybody else was told of it already."""
    tails, shown = Tails(), a_message(1, "********")

    class Slow(Transcript):
        """Hands over what it read after the first message was redacted."""

        async def transcript(
            self,
            conversation: ConversationId,
            *,
            after: int | None = None,
            before: int | None = None,
            limit: int = 50,
        ) -> Page:
            """The last messages, as they were a moment ago."""
            page = await super().transcript(conversation, after=after, before=before, limit=limit)
            if self.reads == 1:
                tails.redact(shown)
                return page
            return Page(messages=(shown, *page.messages[1:]), more=False)

    transcript = Slow(*written(1, 2))
    await tails.fill(a_conversation(last_seq=2), transcript)

    assert tails.find(TALK, 1) == shown
    assert transcript.reads == 2

"""One entry while it is told: the records before and after it, and what was told already."""

from collections.abc import Mapping

from router.hub.objects import RecordT
from router.hub.replica import Change, Overlay, Replica, talking_agents
from router.kernel.ids import AgentId, ContactId, ConversationId
from router.kernel.messages import MessageWritten
from router.kernel.model import ContactRecord, Message


class Scene:
    """An entry's records and audiences.

    Attributes:
        before: The records as they were before the entry.
        replica: The records as they are after it.
        at_ms: When it happened.
        assigned: Who was handed which contact, whole, in this entry.
    """

    def __init__(self, change: Change, replica: Replica) -> None:
        """Begin with nothing told."""
        self.entry = change.entry
        self.at_ms = change.entry.at_ms
        self.replica = replica
        self.before = Overlay(replica, change.former)
        self.assigned: set[tuple[ContactId, AgentId]] = set()
        self._present: dict[ContactId, dict[AgentId, None]] = {}
        self._untold: dict[ConversationId, int] = {}
        for event in change.entry.events:
            if isinstance(event, MessageWritten):
                self._untold.setdefault(event.message.conversation, event.message.seq)

    def found(self, kind: type[RecordT], name: str) -> RecordT:
        """A record that an event of the entry names, as it is after the entry."""
        record = self.replica.find(kind, name)
        assert record is not None, "an event names a record that is neither hot nor in its entry"
        return record

    def present(self, contact: ContactId) -> Mapping[AgentId, None]:
        """Who follows a contact so far: who talked before the entry, and who joined in it.

        Those who leave in the entry are still told all of it.
        """
        if contact not in self._present:
            old = self.before.find(ContactRecord, contact)
            self._present[contact] = talking_agents(old) if old else {}
        return self._present[contact]

    def hand_over(self, contact: ContactId, agent: AgentId) -> None:
        """From now on the agent follows the contact and knows all that was told of it."""
        self._present[contact] = {**self.present(contact), agent: None}
        self.assigned.add((contact, agent))

    def tell(self, message: Message) -> None:
        """From now on the message counts as told."""
        self._untold[message.conversation] = message.seq + 1

    def is_told(self, message: Message) -> bool:
        """False for what the entry writes and the telling has not come to."""
        untold = self._untold.get(message.conversation)
        return untold is None or message.seq < untold

"""What a store holds, read by other means than the program's, against what was promised."""

from collections import Counter
from collections.abc import Iterable, Sequence

from router.kernel.kernel import Kernel
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    ContactRecord,
    CustomerRecord,
    Message,
    OfferRecord,
)
from tests.support.traffic import Ledger


class Stored:
    """What a shard holds at one moment.

    Attributes:
        hot: What its writer has in memory.
        all: That and what is over.
        transcripts: Texts by number, in the order they were read, by conversation.
    """

    def __init__(
        self, hot: Sequence[AnyRecord], cold: Sequence[AnyRecord], messages: Iterable[Message]
    ) -> None:
        """Sort what was read."""
        self.hot = hot
        self.all = [*hot, *cold]
        self.transcripts: dict[str, dict[int, str]] = {}
        for message in messages:
            transcript = self.transcripts.setdefault(message.conversation, {})
            transcript[message.seq] = message.body.text

    @property
    def contacts(self) -> dict[str, ContactRecord]:
        """Every contact there ever was."""
        return {one.id: one for one in self.all if isinstance(one, ContactRecord)}

    @property
    def offers(self) -> dict[str, OfferRecord]:
        """Every offer there ever was."""
        return {one.id: one for one in self.all if isinstance(one, OfferRecord)}

    @property
    def agents(self) -> dict[str, AgentRecord]:
        """Every agent."""
        return {one.id: one for one in self.all if isinstance(one, AgentRecord)}

    def not_closed(self) -> list[str]:
        """Name the contacts that are stuck, or not yet through."""
        return [name for name, contact in self.contacts.items() if contact.state != "closed"]

    def hubs_of_connections(self) -> set[str]:
        """The hubs that connections are said to be at."""
        return {
            connection.hub
            for record in self.hot
            for connection in (
                record.presence.connections
                if isinstance(record, AgentRecord)
                else record.connections
                if isinstance(record, CustomerRecord)
                else ()
            )
        }


def check(stored: Stored, ledger: Ledger) -> None:
    """Hold what was promised against what is stored."""
    Kernel(stored.hot).check()

    for conversation, written in ledger.written.items():
        transcript = stored.transcripts.get(conversation, {})
        assert written.items() <= transcript.items(), "an acknowledged message is lost"
    for transcript in stored.transcripts.values():
        assert sorted(transcript) == list(range(1, len(transcript) + 1)), "a number is missing"
        texts = [text for text in transcript.values() if text.endswith(" end")]
        assert len(set(texts)) == len(texts), "a message is there twice"
    contacts = stored.contacts
    assert ledger.started.keys() <= contacts.keys(), "an acknowledged chat is lost"
    for conversation in ledger.started.values():
        begun = [one for one in contacts.values() if one.conversation == conversation]
        assert len(begun) == 1, "a chat was begun twice"
    assert all(contacts[name].ended_at_ms for name in ledger.ended), "an end was taken back"
    assert ledger.offered <= stored.offers.keys(), "an offer is lost"
    outcomes = Counter(offer.outcome for offer in stored.offers.values())
    assert outcomes["rona"] == 0, outcomes

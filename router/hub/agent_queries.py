"""What an agent looks up without changing anything, and what its desktops are shown first."""

from collections.abc import Collection

from msgspec.structs import asdict

from router.hub import answers, events, shapes, wire
from router.hub.objects import (
    agent_object,
    agent_reader,
    contact_object,
    message_objects,
    named,
    offer_object,
    wrapup_code_object,
)
from router.hub.replica import engaged_agents, talking_agents
from router.hub.shown import messages_for, prepare, preview
from router.hub.station import Station, given, made, not_found
from router.hub.text import NOTE_MAX, SEARCH_MAX, TEXT_MAX, trimmed
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import AgentId, ContactId
from router.kernel.model import AgentRecord, ContactRecord, ConversationRecord, OfferRecord
from router.shard.engine import Typing


class AgentQueries:
    """Answers from the replica, and from the store where records are cold."""

    def __init__(self, station: Station) -> None:
        """Look up at this place."""
        self._station = station

    # -- snapshot --------------------------------------------------------------------------------

    async def prepare(self, agent: AgentId) -> None:
        """Read the messages a snapshot shows.

        While they are read the log goes on; so again, until nothing happened meanwhile. What is in
        hand already is not read again, so the second round or the third waits for nothing.
        """
        station = self._station
        position = None
        while position != station.replica.position:
            await station.caught_up()
            position = station.replica.position
            for contact in self._to_show(agent):
                await prepare(contact, station.replica, station.engine)

    def _to_show(self, agent: AgentId) -> Collection[ContactRecord]:
        replica = self._station.replica
        offered = (replica.find(ContactRecord, offer.contact) for offer in replica.offers_of(agent))
        return [*replica.contacts_of(agent), *(contact for contact in offered if contact)]

    def snapshot(self, agent: AgentId) -> events.Snapshot:
        """Everything a desktop shows, as of this moment."""
        replica = self._station.replica
        now_ms = self._station.now_ms()
        record = replica.find(AgentRecord, agent)
        assert record is not None, "agents are always in hand"
        tenant = replica.configuration
        return events.Snapshot(
            at=now_ms,
            agent=agent_object(record),
            offers=tuple(self._offer(offer, now_ms) for offer in replica.offers_of(agent)),
            contacts=tuple(
                self._with_messages(contact, agent) for contact in replica.contacts_of(agent)
            ),
            queues=tuple(named(queue) for queue in tenant.queues),
            wrapup_codes=tuple(wrapup_code_object(code) for code in tenant.wrapup_codes),
            idle_codes=tuple(named(code) for code in tenant.idle_codes),
            templates=tuple(
                shapes.Template(id=template.id, text=template.text) for template in tenant.templates
            ),
            limits=events.AgentLimits(text=TEXT_MAX, note=NOTE_MAX),
            server_now=now_ms,
        )

    def _offer(self, offer: OfferRecord, now_ms: int) -> shapes.Offer:
        replica = self._station.replica
        contact = replica.find(ContactRecord, offer.contact)
        shown = preview(contact, replica) if contact else ()
        return offer_object(offer, replica, shown, server_now_ms=now_ms)

    def _with_messages(self, contact: ContactRecord, agent: AgentId) -> shapes.ContactWithMessages:
        replica = self._station.replica
        shown = contact_object(contact, replica, agent_reader(agent))
        messages = message_objects(messages_for(contact, replica, agent))
        return shapes.ContactWithMessages(**asdict(shown), messages=messages)

    # -- contacts --------------------------------------------------------------------------------

    async def accepted(self, agent: AgentId, name: ContactId) -> answers.OfferAccepted:
        """A contact the agent took, and its last messages."""
        station = self._station
        contact = await station.find(ContactRecord, name)
        if contact is None:
            raise not_found("contact")
        await prepare(contact, station.replica, station.engine)
        view = await station.overlay([contact])
        messages = messages_for(contact, station.replica, agent)
        if station.replica.find(ConversationRecord, contact.conversation) is None:
            messages = (await station.transcript(contact.conversation)).messages
        # The record may have been replaced while messages were read.
        contact = station.replica.find(ContactRecord, name) or contact
        return answers.OfferAccepted(
            contact=contact_object(contact, view, agent_reader(agent)),
            messages=message_objects(messages),
        )

    async def recent(
        self, agent: AgentId, before_ms: int | None, limit: int
    ) -> answers.ContactsListed:
        """The agent's closed contacts, newest first."""
        station = self._station
        found = await station.engine.recent(agent, before_ms=before_ms, limit=limit)
        view = await station.overlay(found)
        reader = agent_reader(agent)
        shown = tuple(contact_object(contact, view, reader) for contact in found)
        return answers.ContactsListed(contacts=shown)

    async def typing(self, agent: AgentId, name: ContactId, *, on: bool) -> None:
        """Tell the others in a contact that the agent types.

        Raises:
            CommandRefused: `not_found`: the agent has no part in it; `conflict`: not any more.
        """
        contact = self._station.replica.find(ContactRecord, name)
        if contact is None or agent not in engaged_agents(contact):
            raise not_found("contact")
        if agent not in talking_agents(contact):
            raise CommandRefused(
                RefusalCode.CONFLICT, hint="you do not talk any more", state=contact.state
            )
        await self._station.engine.signal(
            Typing(conversation=contact.conversation, on=on, agent=agent)
        )

    # -- history ---------------------------------------------------------------------------------

    async def history(self, agent: AgentId, asked: wire.History) -> answers.HistoryRead:
        """Messages of a conversation the agent may read.

        Raises:
            CommandRefused: `not_found`: there is none, or it is not the agent's to read.
        """
        station = self._station
        name = made(asked.conversation, "conversation")
        record = await station.find(ConversationRecord, name)
        if record is None or not await self._may_read(agent, record):
            raise not_found("conversation")
        page = await station.transcript(
            record.id, after=given(asked.after), before=given(asked.before), limit=asked.limit
        )
        return answers.HistoryRead(messages=message_objects(page.messages), more=page.more)

    async def _may_read(self, agent: AgentId, record: ConversationRecord) -> bool:
        """An agent with a part in it, or connected to its customer now; notes follow their chat."""
        if agent in record.followers:
            return True
        if record.type == "internal":
            contact = await self._station.find(ContactRecord, record.contact)
            if contact is None:
                return False
            said = await self._station.find(ConversationRecord, contact.conversation)
            return said is not None and await self._may_read(agent, said)
        return any(
            contact.customer.id in record.customers and agent in talking_agents(contact)
            for contact in self._station.replica.contacts_of(agent)
        )

    # -- directories -----------------------------------------------------------------------------

    def queues(self, search: str) -> answers.QueuesListed:
        """Where a contact may be transferred; what was searched for is kept nowhere."""
        wanted = trimmed(search, "search", SEARCH_MAX)
        return answers.QueuesListed(queues=self._station.replica.directory_queues(wanted))

    def agents(self, search: str) -> answers.AgentsListed:
        """To whom, those first who can take an offer now."""
        wanted = trimmed(search, "search", SEARCH_MAX)
        return answers.AgentsListed(agents=self._station.replica.directory_agents(wanted))

"""A kernel with a virtual clock and a store: the stand-in for the shard that drives it.

After every step all invariants are checked and what happened is kept, so a test only says what is
asked and what must have come of it.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeVar

from masking.text import SealedText, own_text
from presence import Connection
from router.kernel.configuration import (
    Agent,
    Configuration,
    EntryPoint,
    IdleCode,
    PresencePolicy,
    Queue,
    WrapupCode,
)
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    HubId,
    OfferId,
    QueueId,
    TokenHash,
)
from router.kernel.keeping import is_hot
from router.kernel.kernel import Kernel, Step
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AnyEvent,
    AnyResult,
    AttachAgent,
    AttachCustomer,
    ChatStarted,
    Conference,
    Configure,
    ContactTaken,
    CustomerSeen,
    DeclineOffer,
    DetachAgent,
    DetachCustomer,
    DrainHub,
    EndContact,
    OfferAsked,
    SendAgentMessage,
    SendCustomerMessage,
    SetPresence,
    StartChat,
    TakeOver,
    TransferToAgent,
    TransferToQueue,
)
from router.kernel.model import (
    AgentRecord,
    AnyRecord,
    Body,
    ContactRecord,
    ConversationRecord,
    Identity,
    Key,
    Leg,
    OfferRecord,
    Wrapup,
    key_of,
)
from router.kernel.moment import Moment

EventT = TypeVar("EventT")
RecordT = TypeVar("RecordT")

SHOP = EntryPointId("shop")
SUPPORT = QueueId("support")
SALES = QueueId("sales")
ANNA = AgentId("anna")
BO = AgentId("bo")
CIA = AgentId("cia")
DAN = AgentId("dan")
RESOLVED = CodeId("resolved")
SOLD = CodeId("sold")
LUNCH = CodeId("lunch")
DESKS = HubId("desks")
TABS = HubId("tabs")
POLICY = PresencePolicy()
OFFER_MS = 20_000
START_MS = 1_000_000

FILED = Wrapup(RESOLVED)


class Happened(NamedTuple):
    """One event and when it happened."""

    at_ms: int
    event: AnyEvent


class Asked(NamedTuple):
    """One step as it was taken: a command, the earliest deadline, or a reload."""

    command: AnyCommand | Literal["fire", "reload"]
    moment: Moment


def a_body(text: str = "hello") -> Body:
    """Something somebody writes."""
    return Body(own_text(text))


def a_sealed(value: str, *, nonce: bytes = b"1", key: str = "key") -> SealedText:
    """An address as if it were sealed: to the kernel only key and digest have a meaning."""
    ciphertext = value.encode() + nonce
    return SealedText(key=key, nonce=nonce, ciphertext=ciphertext, digest=f"{key}-{value}")


def an_identity(key: str = "site-1", *, priority: int = 0, **skills: int) -> Identity:
    """What a site signed of one of its customers."""
    return Identity(key=key, external_id=own_text(key), priority=priority, skills=skills)


def a_configuration(
    *queues: Queue,
    entry_points: Iterable[EntryPoint] = (),
    policy: PresencePolicy = POLICY,
) -> Configuration:
    """A tenant with one shop, a code for every queue, one for sales, and an idle code."""
    return Configuration(
        presence=policy,
        entry_points=tuple(entry_points) or (EntryPoint(id=SHOP, queue=SUPPORT, queues=(SALES,)),),
        queues=queues or (Queue(id=SUPPORT), Queue(id=SALES)),
        wrapup_codes=(WrapupCode(id=RESOLVED), WrapupCode(id=SOLD, queues=(SALES,))),
        idle_codes=(IdleCode(id=LUNCH),),
    )


def an_agent(
    agent: AgentId, *queues: QueueId, capacity: int = 3, skills: dict[str, int] | None = None
) -> Agent:
    """A configured agent; without queues it serves support."""
    return Agent(
        id=agent,
        name=agent.title(),
        queues=queues or (SUPPORT,),
        capacity=capacity,
        skills=skills or {},
    )


def desktop(agent: AgentId, number: int = 1, hub: str = DESKS) -> Connection:
    """One of an agent's desktops."""
    return Connection(hub, f"{agent}-{number}")


class World:
    """A shard without a store engine: kernel, clock, every record ever stored, every event.

    Attributes:
        now_ms: The shard's clock; a test moves it.
        stored: Every record as last written, cold ones too.
        history: Every event so far.
        asked: Every step so far, to be taken again elsewhere.
        written: What each step wrote, in order.
    """

    def __init__(
        self,
        *agents: Agent,
        configuration: Configuration | None = None,
    ) -> None:
        """Put a configuration in force at a time that is not zero."""
        self.kernel = Kernel()
        self.now_ms = START_MS
        self.stored: dict[Key, AnyRecord] = {}
        self.history: list[Happened] = []
        self.asked: list[Asked] = []
        self.written: list[tuple[AnyRecord, ...]] = []
        self._steps = 0
        self.configure(*agents, configuration=configuration or a_configuration())

    # -- steps -------------------------------------------------------------------------------

    def send(self, command: AnyCommand) -> AnyResult | Refusal:
        """Let what is due fall due, then take the command."""
        self.fire_due()
        return self.take(command).result

    def take(self, command: AnyCommand) -> Step:
        """Take a command without a look at what is due, as a late loop might."""
        for _ in range(5):
            missing = self.kernel.needed(command)
            if not missing:
                break
            self.kernel.lend({key: self.stored.get(key) for key in missing})
        assert not self.kernel.needed(command), "never enough was lent"
        moment = self._moment()
        return self._kept(command, moment, self.kernel.handle(command, moment))

    def fire_due(self) -> None:
        """Let every deadline up to now fall due, each as late as now."""
        while (first := self.kernel.first_deadline()) is not None and first[0] <= self.now_ms:
            moment = self._moment()
            self._kept("fire", moment, self.kernel.fire(moment))

    def go_to(self, at_ms: int) -> None:
        """Pass the time to ``at_ms``; each deadline on the way fires at its own time."""
        assert at_ms >= self.now_ms, "time does not go back"
        while (first := self.kernel.first_deadline()) is not None and first[0] <= at_ms:
            self.now_ms = max(self.now_ms, first[0])
            moment = self._moment()
            self._kept("fire", moment, self.kernel.fire(moment))
        self.now_ms = at_ms

    def wait(self, duration_ms: int) -> None:
        """Pass some time."""
        self.go_to(self.now_ms + duration_ms)

    def reload(self) -> None:
        """Go on with another kernel that knows only what was stored."""
        self.asked.append(Asked("reload", self._moment()))
        self.written.append(())
        self.kernel = Kernel(record for record in self.stored.values() if is_hot(record))

    def _moment(self) -> Moment:
        self._steps += 1
        return Moment(self.now_ms, self._steps.to_bytes(16, "big"))

    def _kept(self, command: AnyCommand | Literal["fire"], moment: Moment, step: Step) -> Step:
        self.asked.append(Asked(command, moment))
        self.written.append(step.records)
        for record in step.records:
            self.stored[key_of(record)] = record
        if isinstance(step.result, Refusal):
            assert not step.events, "a refusal changed something"
            assert not step.records, "a refusal wrote something"
        self.history.extend(Happened(moment.at_ms, event) for event in step.events)
        self.kernel.check()
        return step

    # -- asking ------------------------------------------------------------------------------

    def configure(self, *agents: Agent, configuration: Configuration) -> None:
        """Put another configuration in force."""
        command = Configure(
            configuration=configuration, agents=agents, digest=f"digest-{self._steps}"
        )
        self.accepted(command)

    def accepted(self, command: AnyCommand) -> AnyResult:
        """Send a command that must not be refused."""
        result = self.send(command)
        assert not isinstance(result, Refusal), result
        return result

    def refused(self, command: AnyCommand) -> RefusalCode:
        """Send a command that must be refused; gives the reason."""
        return self.refusal(command).code

    def refusal(self, command: AnyCommand) -> Refusal:
        """Send a command that must be refused; gives all of the refusal."""
        result = self.send(command)
        assert isinstance(result, Refusal), result
        return result

    def sign_in(self, *agents: AgentId) -> None:
        """Each connects a desktop and becomes available, one after the other."""
        for agent in agents:
            self.accepted(AttachAgent(agent=agent, connection=desktop(agent)))
            self.accepted(SetPresence(agent=agent, state="available"))
            self.wait(1)

    def leave_desk(self, agent: AgentId) -> None:
        """An agent's one desktop goes."""
        self.accepted(DetachAgent(agent=agent, connection=desktop(agent)))

    def come_back(self, agent: AgentId) -> None:
        """An agent's desktop connects again."""
        self.accepted(AttachAgent(agent=agent, connection=desktop(agent)))

    def visit(
        self,
        name: str = "kim",
        *,
        entry_point: EntryPointId = SHOP,
        token: str | None = None,
        identity: Identity | None = None,
    ) -> CustomerSeen:
        """Somebody opens the site in a tab of that name, which is its fresh token too."""
        command = AttachCustomer(
            connection=Connection(TABS, name),
            entry_point=entry_point,
            fresh_token=TokenHash(name),
            token=TokenHash(token) if token else None,
            identity=identity,
        )
        result = self.accepted(command)
        assert isinstance(result, CustomerSeen)
        return result

    def close_tab(self, customer: CustomerId, name: str = "kim") -> None:
        """A customer's tab goes."""
        self.accepted(DetachCustomer(customer=customer, connection=Connection(TABS, name)))

    def start(
        self,
        customer: CustomerId,
        queue: QueueId | None = None,
        *,
        conversation: ConversationId | None = None,
    ) -> ChatStarted:
        """A customer who is here starts a chat with a first word."""
        command = StartChat(
            customer=customer,
            entry_point=SHOP,
            queue=queue,
            body=a_body(),
            conversation=conversation,
        )
        result = self.accepted(command)
        assert isinstance(result, ChatStarted)
        return result

    def chat(
        self,
        name: str = "kim",
        queue: QueueId | None = None,
        *,
        entry_point: EntryPointId = SHOP,
        identity: Identity | None = None,
    ) -> ContactId:
        """Somebody new comes and starts a chat."""
        customer = self.visit(name, entry_point=entry_point, identity=identity).customer
        command = StartChat(customer=customer, entry_point=entry_point, queue=queue, body=a_body())
        result = self.accepted(command)
        assert isinstance(result, ChatStarted)
        return result.contact

    def accept(self, contact: ContactId) -> None:
        """Whoever the contact is offered to takes it."""
        offer = self.offer(contact)
        result = self.accepted(
            AcceptOffer(agent=offer.agent, offer=offer.id, connection=desktop(offer.agent))
        )
        assert result == ContactTaken(contact=contact)

    def decline(self, contact: ContactId) -> None:
        """Whoever the contact is offered to declines it."""
        offer = self.offer(contact)
        self.accepted(
            DeclineOffer(agent=offer.agent, offer=offer.id, connection=desktop(offer.agent))
        )

    def connect(self, name: str = "kim", queue: QueueId | None = None) -> ContactId:
        """Somebody new chats with whom the router finds."""
        contact = self.chat(name, queue)
        self.accept(contact)
        return contact

    def invite(self, owner: AgentId, contact: ContactId, *others: AgentId) -> None:
        """The owner brings others in, one after the other."""
        for agent in others:
            self.accepted(Conference(agent=owner, contact=contact, target=agent))
            self.accept(contact)

    def hand_over(
        self, owner: AgentId, contact: ContactId, target: AgentId, wrapup: Wrapup | None = None
    ) -> OfferId:
        """The owner asks another agent to take over."""
        result = self.accepted(
            TransferToAgent(agent=owner, contact=contact, target=target, wrapup=wrapup)
        )
        assert isinstance(result, OfferAsked)
        return result.offer

    def give_back(self, owner: AgentId, contact: ContactId, queue: QueueId = SUPPORT) -> None:
        """The owner gives the contact to a queue, whoever serves it."""
        self.accepted(TransferToQueue(agent=owner, contact=contact, queue=queue, force=True))

    def say(self, agent: AgentId, contact: ContactId) -> None:
        """An agent writes to everyone."""
        self.accepted(SendAgentMessage(agent=agent, contact=contact, body=a_body()))

    def ask(self, contact: ContactId) -> None:
        """The customer of a live contact writes."""
        record = self.contact(contact)
        self.accepted(
            SendCustomerMessage(
                customer=record.customer.id,
                entry_point=SHOP,
                conversation=record.conversation,
                body=a_body(),
            )
        )

    def end(self, owner: AgentId, contact: ContactId, wrapup: Wrapup | None = None) -> None:
        """The owner ends the contact."""
        self.accepted(EndContact(agent=owner, contact=contact, wrapup=wrapup))

    def drain(self, hub: HubId = DESKS, reconnect_within_ms: int = 5_000) -> None:
        """A hub sends its clients away."""
        self.accepted(DrainHub(hub=hub, reconnect_within_ms=reconnect_within_ms))

    def crash(self, gap_ms: int) -> None:
        """Nobody writes for a while; then another kernel takes over from the stored records."""
        self.now_ms += gap_ms
        self.reload()
        self.take(TakeOver(gap_ms=gap_ms, hubs=(DESKS, TABS)))

    # -- looking -----------------------------------------------------------------------------

    def _record(self, kind: type[RecordT], tag: str, name: str) -> RecordT:
        record = self.stored[tag, name]
        assert isinstance(record, kind)
        return record

    def contact(self, contact: ContactId) -> ContactRecord:
        """A contact as last stored."""
        return self._record(ContactRecord, "contact", contact)

    def agent(self, agent: AgentId) -> AgentRecord:
        """An agent as last stored."""
        return self._record(AgentRecord, "agent", agent)

    def conversation(self, conversation: ConversationId) -> ConversationRecord:
        """A conversation as last stored."""
        return self._record(ConversationRecord, "conversation", conversation)

    def offer(self, contact: ContactId) -> OfferRecord:
        """The one pending offer of a contact."""
        (name,) = self.contact(contact).offers
        return self.closed_offer(name)

    def closed_offer(self, offer: OfferId) -> OfferRecord:
        """An offer as last stored."""
        return self._record(OfferRecord, "offer", offer)

    def offered_to(self, contact: ContactId) -> AgentId | None:
        """To whom the contact is offered now."""
        offers = self.contact(contact).offers
        return self.closed_offer(offers[0]).agent if offers else None

    def leg(self, contact: ContactId, agent: AgentId) -> Leg:
        """An agent's latest part in a contact."""
        return [leg for leg in self.contact(contact).legs if leg.agent == agent][-1]

    def load(self, agent: AgentId) -> int:
        """An agent's slots that are taken."""
        return self.agent(agent).presence.load

    def events(self, kind: type[EventT]) -> list[EventT]:
        """Everything of one kind that happened, in order."""
        return [event for _, event in self.history if isinstance(event, kind)]

    def last(self, kind: type[EventT]) -> EventT:
        """The latest of one kind that happened."""
        return self.events(kind)[-1]

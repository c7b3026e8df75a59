"""Any history at all: every command with good and bad arguments, crashes and new configurations.

What must hold is said in `router.kernel.invariants` and, once more and from the events alone, in
`tests.unit.kernel.witness`.
"""

import os
from typing import Literal, TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from masking.text import SealedText, own_text
from presence import Connection
from router.kernel.configuration import Agent, Configuration, EntryPoint, PresencePolicy, Queue
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
from router.kernel.kernel import Kernel
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AttachAgent,
    AttachCustomer,
    CancelOffer,
    Conference,
    CustomerSeen,
    DeclineOffer,
    DetachAgent,
    DetachCustomer,
    DrainHub,
    EndChat,
    EndContact,
    FileWrapup,
    HubLost,
    IdentifyCustomer,
    LeaveConference,
    OfferAsked,
    ReadAsAgent,
    ReadAsCustomer,
    RemoveFromConference,
    RevealContact,
    SendAgentMessage,
    SendCustomerMessage,
    SetPresence,
    StartChat,
    TakeOver,
    TransferToAgent,
    TransferToQueue,
)
from router.kernel.model import (
    ADDRESS_CUSTOMERS_MAX,
    AddressRecord,
    AnyRecord,
    CustomerRecord,
    Identity,
    Key,
    Wrapup,
    addresses_of,
    key_of,
)
from tests.support.kernel import (
    ANNA,
    BO,
    CIA,
    DAN,
    DESKS,
    RESOLVED,
    SALES,
    SHOP,
    SOLD,
    SUPPORT,
    TABS,
    World,
    a_body,
    a_configuration,
    a_sealed,
    an_agent,
    an_identity,
    desktop,
)
from tests.unit.kernel.witness import Witness

ItemT = TypeVar("ItemT")

TECH, BULK = QueueId("tech"), QueueId("bulk")
VIP = EntryPointId("vip")
AGENTS = (ANNA, BO, CIA, DAN)
TAB_NAMES = tuple(f"tab-{number}" for number in range(6))
HUBS = (HubId(DESKS), HubId("desks-2"))

POLICY = PresencePolicy(reconnect_grace_ms=4_000, customer_grace_ms=6_000, decline_pause_ms=3_000)
QUEUES = (
    Queue(
        id=SUPPORT, offer_timeout_ms=5_000, wrapup_timeout_ms=7_000, default_wrapup_code=RESOLVED
    ),
    Queue(id=SALES, strategy="round_robin", priority=1, wrapup="optional", offer_timeout_ms=5_000),
    Queue(id=TECH, strategy="best_skilled", skills={"net": 2}, offer_timeout_ms=5_000),
    Queue(id=BULK, strategy="least_loaded", offer_timeout_ms=3_000, max_waiting=2),
)
ENTRY_POINTS = (
    EntryPoint(id=SHOP, queue=SUPPORT, queues=(SALES, TECH, BULK)),
    EntryPoint(id=VIP, queue=SUPPORT, queues=(SALES,), priority=3, skills={"net": 1}),
)
STAFF = (
    an_agent(ANNA, SUPPORT, SALES, capacity=1, skills={"net": 1}),
    an_agent(BO, SUPPORT, TECH, capacity=2, skills={"net": 3}),
    an_agent(CIA, SUPPORT, SALES, TECH, BULK, capacity=3, skills={"net": 2}),
    an_agent(DAN, SALES, BULK, capacity=2),
)


def settled(*queues: Queue) -> Configuration:
    """The tenant of these histories, with other queues."""
    return a_configuration(*queues, entry_points=ENTRY_POINTS, policy=POLICY)


CONFIGURATIONS: tuple[tuple[Configuration, tuple[Agent, ...]], ...] = (
    (settled(*QUEUES), STAFF),
    (
        settled(*QUEUES),
        (an_agent(ANNA, SUPPORT), an_agent(CIA, SALES, TECH, capacity=1), *STAFF[3:]),
    ),
    (settled(*QUEUES[:2]), tuple(an_agent(name, SUPPORT, SALES, capacity=1) for name in AGENTS)),
    (settled(Queue(id=SUPPORT, skills={"net": 3}), *QUEUES[1:]), STAFF[1:3]),
    (settled(*QUEUES[1:]), (an_agent(DAN, SALES, TECH, capacity=3, skills={"net": 5}),)),
)

STRANGE = 11
"""The one of twelve draws that picks what probably does not fit."""


def a_signed_address(key: str) -> Identity:
    """An identity with an e-mail address."""
    return replace(an_identity(key), email=own_text("s"), sealed_email=a_sealed("signed"))


indexes = st.integers(0, STRANGE)
agents = st.sampled_from((*AGENTS, *AGENTS, *AGENTS, AgentId("nobody")))
queues = st.sampled_from((SUPPORT, SALES, TECH, BULK, QueueId("none")))
wrapups = st.sampled_from(
    (None, None, Wrapup(RESOLVED), Wrapup(RESOLVED), Wrapup(SOLD), Wrapup(CodeId("none")))
)
identities = st.sampled_from(
    (None, None, an_identity(priority=2), an_identity("site-2", net=2), a_signed_address("site-3"))
)
addresses = st.sampled_from((None, a_sealed("one"), a_sealed("two"), a_sealed("two", key="key-2")))


def chosen(items: list[ItemT], index: int, otherwise: ItemT) -> ItemT:
    """One of the items, wherever there is one."""
    return items[index % len(items)] if items else otherwise


class Histories(RuleBasedStateMachine):
    """A tenant to whom anything may happen."""

    def __init__(self) -> None:
        """Everybody is at work."""
        super().__init__()
        self.world = World(*STAFF, configuration=settled(*QUEUES))
        self.world.sign_in(*AGENTS)
        self.witness = Witness()
        self.told = 0
        self.customers: dict[str, CustomerId] = {}
        self.tokens: dict[str, str] = {}
        for name in TAB_NAMES[:3]:
            contact = self.world.connect(name)
            self.customers[name] = self.world.contact(contact).customer.id
            self.tokens[name] = name

    # -- what there is ---------------------------------------------------------------------------

    def part(self, index: int) -> tuple[AgentId, ContactId]:
        """An agent and a contact it has a part in, or any two."""
        known = sorted(ContactId(name) for tag, name in self.world.stored if tag == "contact")
        if index == STRANGE:
            return AGENTS[len(known) % len(AGENTS)], known[-1]
        live = self.world.kernel.state.contacts_of
        parts = [(agent, name) for agent in AGENTS for name in sorted(live.get(agent, ()))]
        return chosen(parts, index, (ANNA, known[index % len(known)]))

    def owned(self, index: int) -> tuple[AgentId, ContactId]:
        """An owner and its contact, or any part."""
        contacts = self.world.kernel.state.contacts
        owned = [(c.owner, name) for name, c in sorted(contacts.items()) if c.owner is not None]
        return chosen(owned, index, (ANNA, ContactId("none"))) if index < 9 else self.part(index)

    def offer(self, index: int) -> tuple[OfferId, AgentId]:
        """An offer, rather an open one, and to whom it is."""
        state = self.world.kernel.state
        open_ones = sorted(state.offers)
        if open_ones and index != STRANGE:
            name = open_ones[index % len(open_ones)]
            return name, state.offers[name].agent
        known = sorted(OfferId(name) for tag, name in self.world.stored if tag == "offer")
        return chosen(known, index, OfferId("none")), AGENTS[index % len(AGENTS)]

    def customer(self, index: int) -> tuple[str, CustomerId]:
        """Somebody who came, and their tab."""
        return sorted(self.customers.items())[index % len(self.customers)]

    def conversation(self, index: int, customer: CustomerId) -> ConversationId:
        """A conversation of this customer, the one of a live chat first, or any."""
        record = self.world.stored["customer", customer]
        assert isinstance(record, CustomerRecord)
        if record.conversations and index != STRANGE:
            return record.conversations[index % 2 % len(record.conversations)]
        names = (name for tag, name in self.world.stored if tag == "conversation")
        return ConversationId(min(names))

    def send(self, command: AnyCommand) -> None:
        """Whatever comes of it."""
        self.world.send(command)

    # -- time ------------------------------------------------------------------------------------

    @rule(duration_ms=st.sampled_from((0, 1, 7, 500, 2_000, 2_999, 3_000, 9_000)))
    def wait(self, duration_ms: int) -> None:
        """Time passes, and what is due on the way happens in time."""
        self.world.wait(duration_ms)

    @rule(edge_ms=st.sampled_from((-1, 0, 1)))
    def wait_for_an_edge(self, edge_ms: int) -> None:
        """Time passes to just around the next deadline."""
        first = self.world.kernel.first_deadline()
        if first is not None:
            self.world.go_to(max(self.world.now_ms, first[0] + edge_ms))

    @rule(duration_ms=st.integers(0, 12_000))
    def lag(self, duration_ms: int) -> None:
        """The loop was busy: what was due happens late, all at once."""
        self.world.now_ms += duration_ms
        self.world.fire_due()

    @rule(
        kind=st.sampled_from(("crash", "reload", "hub", "drain", "configure", "configure")),
        gap_ms=st.sampled_from((0, 1, 2_000, 30_000)),
        hubs=st.sampled_from((HUBS, HUBS[:1], ())),
        index=st.integers(0, len(CONFIGURATIONS) - 1),
    )
    def disturb(self, kind: str, gap_ms: int, hubs: tuple[HubId, ...], index: int) -> None:
        """Another process takes over or reloads, a hub is lost or drains, or the rules change."""
        match kind:
            case "crash":
                self.world.now_ms += gap_ms
                self.world.reload()
                self.world.take(TakeOver(gap_ms=gap_ms, hubs=(*hubs, HubId(TABS))))
            case "reload":
                self.world.reload()
            case "hub":
                self.send(HubLost(hub=(*HUBS, HubId(TABS))[index % 3]))
            case "drain":
                hub = (*HUBS, HubId(TABS))[index % 3]
                self.send(DrainHub(hub=hub, reconnect_within_ms=1_000))
            case _:
                configuration, staff = CONFIGURATIONS[index]
                self.world.configure(*staff, configuration=configuration)

    # -- agents ----------------------------------------------------------------------------------

    @rule(
        agent=agents,
        number=st.integers(1, 2),
        hub=st.sampled_from(HUBS),
        kind=st.sampled_from(("come", "come", "come", "go", "set", "set")),
        state=st.sampled_from(("available", "available", "idle", "offline")),
        code=st.sampled_from((None, None, CodeId("lunch"), CodeId("none"))),
    )
    def move(
        self,
        agent: AgentId,
        number: int,
        hub: HubId,
        kind: str,
        state: Literal["available", "idle", "offline"],
        code: CodeId | None,
    ) -> None:
        """An agent's desktop comes, or goes, or the agent takes a break."""
        match kind:
            case "come":
                self.send(AttachAgent(agent=agent, connection=desktop(agent, number, hub)))
                self.send(SetPresence(agent=agent, state="available"))
            case "go":
                self.send(DetachAgent(agent=agent, connection=desktop(agent, number, hub)))
            case _:
                self.send(SetPresence(agent=agent, state=state, idle_code=code))

    @rule()
    def everybody_works(self) -> None:
        """A morning: whoever is configured is here and available."""
        for agent in AGENTS:
            self.send(AttachAgent(agent=agent, connection=desktop(agent)))
            self.send(SetPresence(agent=agent, state="available"))

    # -- offers ----------------------------------------------------------------------------------

    @rule(index=indexes)
    def accept(self, index: int) -> None:
        """Mostly by whom it was offered to."""
        offer, agent = self.offer(index)
        self.send(AcceptOffer(agent=agent, offer=offer, connection=desktop(agent)))

    @rule()
    def accept_all(self) -> None:
        """A quick team."""
        for name, record in sorted(self.world.kernel.state.offers.items()):
            agent = record.agent
            self.send(AcceptOffer(agent=agent, offer=name, connection=desktop(agent)))

    @rule(index=indexes)
    def decline(self, index: int) -> None:
        """Mostly by whom it was offered to."""
        offer, agent = self.offer(index)
        self.send(DeclineOffer(agent=agent, offer=offer, connection=desktop(agent)))

    @rule(index=indexes, agent=agents)
    def cancel(self, index: int, agent: AgentId) -> None:
        """Mostly by who asked."""
        offer, _ = self.offer(index)
        record = self.world.kernel.state.offers.get(offer)
        asked_by = record.asked_by if record else None
        self.send(CancelOffer(agent=asked_by or agent, offer=offer))

    # -- contacts --------------------------------------------------------------------------------

    @rule(index=indexes, audience=st.sampled_from(("everyone", "internal")), seq=st.integers(0, 8))
    def talk(self, index: int, audience: Literal["everyone", "internal"], seq: int) -> None:
        """An agent writes, and has read, perhaps what is not there."""
        agent, name = self.part(index)
        body = a_body()
        self.send(SendAgentMessage(agent=agent, contact=name, body=body, audience=audience))
        self.send(ReadAsAgent(agent=agent, contact=name, seq=seq))

    @rule(index=indexes, asked=agents, wrapup=wrapups)
    def transfer_to_agent(self, index: int, asked: AgentId, wrapup: Wrapup | None) -> None:
        """Mostly by the owner."""
        agent, name = self.owned(index)
        self.send(TransferToAgent(agent=agent, contact=name, target=asked, wrapup=wrapup))

    @rule(index=indexes, queue=queues, wrapup=wrapups, force=st.booleans())
    def transfer_to_queue(
        self, index: int, queue: QueueId, wrapup: Wrapup | None, *, force: bool
    ) -> None:
        """Mostly by the owner."""
        agent, name = self.owned(index)
        self.send(
            TransferToQueue(agent=agent, contact=name, queue=queue, wrapup=wrapup, force=force)
        )

    @rule(index=indexes, asked=agents)
    def conference(self, index: int, asked: AgentId) -> None:
        """Mostly by the owner."""
        agent, name = self.owned(index)
        self.send(Conference(agent=agent, contact=name, target=asked))

    @rule(index=indexes)
    def gather(self, index: int) -> None:
        """Everybody who can joins one contact."""
        for asked in AGENTS:
            agent, name = self.owned(index % 9)
            result = self.world.send(Conference(agent=agent, contact=name, target=asked))
            if isinstance(result, OfferAsked):
                self.send(AcceptOffer(agent=asked, offer=result.offer, connection=desktop(asked)))

    @rule(index=indexes, asked=agents, wrapup=wrapups)
    def leave(self, index: int, asked: AgentId, wrapup: Wrapup | None) -> None:
        """Somebody leaves, or the owner takes somebody out."""
        if index % 2:
            agent, name = self.part(index)
            self.send(LeaveConference(agent=agent, contact=name, wrapup=wrapup))
        else:
            agent, name = self.owned(index)
            self.send(RemoveFromConference(agent=agent, contact=name, target=asked))

    @rule(index=indexes, wrapup=wrapups)
    def end(self, index: int, wrapup: Wrapup | None) -> None:
        """By anybody who is in it, or not."""
        agent, name = self.part(index)
        self.send(EndContact(agent=agent, contact=name, wrapup=wrapup))

    @rule(index=indexes, wrapup=wrapups)
    def file(self, index: int, wrapup: Wrapup | None) -> None:
        """Wherever a code is owed, or not."""
        agent, name = self.part(index)
        self.send(FileWrapup(agent=agent, contact=name, wrapup=wrapup or Wrapup(RESOLVED)))

    @rule(index=indexes, field=st.sampled_from(("email", "phone")))
    def reveal(self, index: int, field: Literal["email", "phone"]) -> None:
        """Mostly where there is a part in it; an address is there, or not."""
        agent, name = self.part(index)
        reason = own_text("why")
        self.send(
            RevealContact(agent=agent, contact=name, field=field, reason=reason, keys=("key",))
        )

    @rule()
    def file_all(self) -> None:
        """A tidy team: whatever is owed is filed."""
        for name, record in sorted(self.world.kernel.state.contacts.items()):
            for leg in record.legs:
                if leg.state == "wrapup":
                    filed = FileWrapup(agent=leg.agent, contact=name, wrapup=Wrapup(RESOLVED))
                    self.send(filed)

    # -- customers -------------------------------------------------------------------------------

    @rule(
        index=indexes,
        entry=st.sampled_from((SHOP, SHOP, VIP, EntryPointId("none"))),
        token=st.sampled_from((True, True, False)),
        identity=identities,
        queue=st.one_of(st.none(), queues),
    )
    def visit(
        self,
        index: int,
        entry: EntryPointId,
        *,
        token: bool,
        identity: Identity | None,
        queue: QueueId | None,
    ) -> None:
        """Somebody comes, for the first time or again, and asks for a chat."""
        name = TAB_NAMES[index % len(TAB_NAMES)]
        result = self.world.send(
            AttachCustomer(
                connection=Connection(TABS, name),
                entry_point=entry,
                fresh_token=TokenHash(f"{name}-{len(self.world.asked)}"),
                token=TokenHash(self.tokens.get(name, "none")) if token else None,
                identity=identity,
            )
        )
        if isinstance(result, CustomerSeen):
            self.customers[name] = result.customer
            if not result.token_kept:
                self.tokens[name] = f"{name}-{len(self.world.asked) - 1}"
            self.send(
                StartChat(customer=result.customer, entry_point=entry, queue=queue, body=a_body())
            )

    @rule(
        index=indexes,
        queue=st.one_of(st.none(), queues),
        email=addresses,
        phone=addresses,
        again=st.booleans(),
    )
    def start(
        self,
        index: int,
        queue: QueueId | None,
        email: SealedText | None,
        phone: SealedText | None,
        *,
        again: bool,
    ) -> None:
        """A chat, where one may be live already."""
        _, customer = self.customer(index)
        conversation = self.conversation(index, customer) if again else None
        self.send(
            StartChat(
                customer=customer,
                entry_point=SHOP,
                queue=queue,
                name=own_text("Kim"),
                email=own_text("e") if email or again else None,
                phone=own_text("p") if phone else None,
                sealed_email=email,
                sealed_phone=phone,
                conversation=conversation,
            )
        )

    @rule(index=indexes, seq=st.integers(0, 8))
    def write(self, index: int, seq: int) -> None:
        """A customer writes, wherever, and has read, perhaps what is not there."""
        _, customer = self.customer(index)
        name = self.conversation(index, customer)
        self.send(
            SendCustomerMessage(
                customer=customer, entry_point=SHOP, conversation=name, body=a_body()
            )
        )
        self.send(ReadAsCustomer(customer=customer, conversation=name, seq=seq))

    @rule(index=indexes, ends=st.booleans())
    def go(self, index: int, *, ends: bool) -> None:
        """A customer ends a chat, or none; or a tab goes, or one that is gone."""
        name, customer = self.customer(index)
        if ends:
            conversation = self.conversation(index, customer)
            self.send(EndChat(customer=customer, conversation=conversation))
        else:
            self.send(DetachCustomer(customer=customer, connection=Connection(TABS, name)))

    @rule(index=indexes, identity=identities)
    def identify(self, index: int, identity: Identity | None) -> None:
        """A customer signs in on the site."""
        name, customer = self.customer(index)
        self.send(
            IdentifyCustomer(
                customer=customer,
                connection=Connection(TABS, name),
                entry_point=SHOP,
                identity=identity or an_identity(),
                fresh_token=TokenHash(f"{name}-{len(self.world.asked)}-signed"),
            )
        )

    # -- what must hold --------------------------------------------------------------------------

    @invariant()
    def nothing_happened_that_may_not(self) -> None:
        """After each step; `World` has checked the kernel's own invariants already."""
        news = self.world.history[self.told :]
        self.told = len(self.world.history)
        for at_ms, event in news:
            self.witness.saw(event, at_ms)
        self.witness.check(self.world.kernel.state.contacts)

    @invariant()
    def whoever_keeps_an_address_is_found_by_it(self) -> None:
        """Unless so many others gave it since that its record names only those."""
        for customer in self.world.stored.values():
            if isinstance(customer, CustomerRecord):
                for name in addresses_of(customer):
                    record = self.world.stored["address", name]
                    assert isinstance(record, AddressRecord)
                    assert len(set(record.customers)) == len(record.customers)
                    is_full = len(record.customers) == ADDRESS_CUSTOMERS_MAX
                    assert is_full or customer.id in record.customers

    def teardown(self) -> None:
        """The same steps, taken by another kernel, write the same bytes."""
        kernel = Kernel()
        stored: dict[Key, AnyRecord] = {}
        encode = msgspec.msgpack.encode
        for (command, moment), records in zip(self.world.asked, self.world.written, strict=True):
            if command == "reload":
                kernel = Kernel(record for record in stored.values() if is_hot(record))
                continue
            if command == "fire":
                step = kernel.fire(moment)
            else:
                while missing := kernel.needed(command):
                    kernel.lend({key: stored.get(key) for key in missing})
                step = kernel.handle(command, moment)
            stored.update({key_of(record): record for record in step.records})
            assert encode(step.records) == encode(records), "another kernel decided otherwise"


IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"

TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=2_000 if IS_LONG else 200, stateful_step_count=100 if IS_LONG else 50
)

"""Proves on the real kernel that events bring every screen to where a fresh one would begin."""

import json
from collections.abc import Callable, Coroutine
from typing import TypeVar, cast

from hypothesis import given
from hypothesis import strategies as st

from masking.text import own_text
from presence import Connection
from router.hub.emission import Emission
from router.hub.objects import contact_without_counts
from router.hub.replica import Replica, engaged_agents
from router.hub.shown import messages_for
from router.hub.translate import translate
from router.kernel.configuration import Agent, Configuration, EntryPoint, Queue, WrapupCode
from router.kernel.errors import Refusal
from router.kernel.ids import AgentId, CustomerId, OfferId, QueueId, TokenHash
from router.kernel.kernel import Kernel, Step
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AttachAgent,
    AttachCustomer,
    CancelOffer,
    Conference,
    Configure,
    CustomerSeen,
    DeclineOffer,
    DetachAgent,
    DetachCustomer,
    EndChat,
    EndContact,
    FileWrapup,
    LeaveConference,
    MessageWritten,
    ReadAsAgent,
    RemoveFromConference,
    SendAgentMessage,
    SendCustomerMessage,
    SetPresence,
    StartChat,
    TransferToAgent,
    TransferToQueue,
)
from router.kernel.model import AnyRecord, Body, ContactRecord, Key, Wrapup, key_of
from router.kernel.moment import Moment
from router.shard.engine import Entry, Position
from tests.support.builders import ANNA, BO, CARL, HUB, NAMES, RESOLVED, SHOP, SUPPORT
from tests.unit.hub.stage import Payload, Transcript, held, loaded, on_wire

AGENTS = (ANNA, BO, CARL)
OTHER = QueueId("other")
SECRET = "the secret of the house"
HELLO = Body(own_text("hello"))
NOTE = Body(own_text(SECRET))
CODE = Wrapup(RESOLVED)


ResultT = TypeVar("ResultT")


def at_once(work: Coroutine[object, None, ResultT]) -> ResultT:
    """What work gives that waits for nothing: a transcript in memory answers at once."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("ResultT", done.value)
    raise AssertionError("it waited")


class Desk:
    """What an agent's desktop knows from events alone."""

    def __init__(self, agent: AgentId) -> None:
        """Know nothing: nothing happened yet."""
        self.agent = agent
        self.contacts: dict[str, Payload] = {}
        self.messages: dict[str, list[Payload]] = {}
        self.offers: dict[str, Payload] = {}
        self.agents: list[Payload] = []

    def hear(self, event: str, payload: Payload) -> None:
        """Take in one event as the protocol describes it."""
        match event:
            case "contact.assigned":
                contact = cast("Payload", payload["contact"])
                self._hold(contact)
                self.messages[str(contact["id"])] = cast("list[Payload]", payload["messages"])
            case "contact.updated":
                contact = cast("Payload", payload["contact"])
                assert _uncounted(contact) != self.contacts.get(str(contact["id"])), "it is no news"
                self._hold(contact)
            case "message":
                self.messages[str(payload["contact"])].append(payload)
            case "offer.created":
                offer = cast("Payload", payload["offer"])
                self.offers[str(offer["id"])] = offer
            case "offer.closed":
                self.offers.pop(str(payload["offer"]), None)
            case "presence.changed":
                self.agents.append(cast("Payload", payload["agent"]))
            case _:
                assert str(payload["contact"]) in self.contacts, "an event of an unknown contact"

    def _hold(self, contact: Payload) -> None:
        name = str(contact["id"])
        legs = cast("list[Payload]", contact["legs"])
        if any(leg["agent"] == self.agent and leg["state"] != "done" for leg in legs):
            self.contacts[name] = _uncounted(contact)
        else:
            assert name in self.contacts, "a contact came only to be dropped"
            del self.contacts[name]


def _uncounted(contact: Payload) -> Payload:
    return {key: value for key, value in contact.items() if key not in {"unread", "last_seq"}}


class House:
    """A kernel whose steps are told to desktops and tabs."""

    def __init__(self) -> None:
        """Three agents are signed in, and two customers are on the page."""
        self.kernel = Kernel()
        self.replica = Replica(loaded())
        self.transcript = Transcript()
        self.desks = {agent: Desk(agent) for agent in AGENTS}
        self.heard: list[tuple[str, str, Payload]] = []
        self.at_ms = 1_000
        self._steps = 0
        self._stored: dict[Key, AnyRecord] = {}
        self.do(_configure())
        for agent in AGENTS:
            self.do(AttachAgent(agent=agent, connection=_desktop(agent)))
        self.customers = [self._arrive(token) for token in ("a", "b")]

    def _arrive(self, token: str) -> CustomerId:
        step = self.do(
            AttachCustomer(
                connection=Connection(HUB, token),
                entry_point=SHOP,
                fresh_token=TokenHash(token),
            )
        )
        assert isinstance(step.result, CustomerSeen)
        return step.result.customer

    def do(self, command: AnyCommand) -> Step:
        """Let the kernel do it, or refuse it, and tell what happened."""
        while needed := self.kernel.needed(command):
            self.kernel.lend({key: self._stored.get(key) for key in needed})
        step = self.kernel.handle(command, self._moment())
        if not isinstance(step.result, Refusal):
            self._tell(step)
        return step

    def pass_time(self, by_ms: int) -> None:
        """Let everything happen that falls due."""
        until_ms = self.at_ms + by_ms
        while (first := self.kernel.first_deadline()) is not None and first[0] <= until_ms:
            self.at_ms = max(self.at_ms, first[0])
            self._tell(self.kernel.fire(self._moment()))
        self.at_ms = until_ms

    def contacts_of(self, agent: AgentId) -> list[ContactRecord]:
        """What the agent could act on."""
        return self.replica.contacts_of(agent)

    def _moment(self) -> Moment:
        self._steps += 1
        self.at_ms += 1
        return Moment(self.at_ms, self._steps.to_bytes(16, "big"))

    def _tell(self, step: Step) -> None:
        self._stored.update((key_of(record), record) for record in step.records)
        for event in step.events:
            if isinstance(event, MessageWritten):
                self.transcript.add(event.message)
        change = self.replica.apply(
            Entry(
                position=Position(self.replica.position + 1),
                at_ms=self.at_ms,
                events=step.events,
                records=step.records,
            )
        )
        for emission in at_once(translate(change, self.replica, self.transcript)):
            self._deliver(emission)

    def _deliver(self, emission: Emission) -> None:
        held([emission])
        payload = on_wire(emission.payload)
        for room in emission.rooms:
            self.heard.append((room, emission.event, payload))
            kind, _, name = room.partition(":")
            if kind == "agent" and emission.namespace == "/agent":
                self.desks[AgentId(name)].hear(emission.event, payload)


def _configure() -> Configure:
    return Configure(
        configuration=Configuration(
            entry_points=(EntryPoint(id=SHOP, queue=SUPPORT),),
            queues=(
                Queue(id=SUPPORT, wrapup_timeout_ms=30_000, default_wrapup_code=RESOLVED),
                Queue(id=OTHER, wrapup="optional"),
            ),
            wrapup_codes=(WrapupCode(id=RESOLVED),),
        ),
        agents=tuple(
            Agent(id=agent, name=NAMES[agent], queues=(SUPPORT, OTHER), capacity=2)
            for agent in AGENTS
        ),
        digest="1",
    )


def _desktop(agent: AgentId) -> Connection:
    return Connection(HUB, f"{agent}-1")


# -- what may happen -------------------------------------------------------------------------------

Deed = Callable[[House, AgentId, int], object]


def on_offer(make: Callable[[AgentId, OfferId], AnyCommand]) -> Deed:
    """Something done to the agent's oldest offer."""

    def deed(house: House, agent: AgentId, _: int) -> None:
        for offer in house.replica.offers_of(agent)[:1]:
            house.do(make(agent, offer.id))

    return deed


def on_contact(make: Callable[[AgentId, ContactRecord, AgentId], AnyCommand]) -> Deed:
    """Something done in one of the agent's contacts, perhaps with another agent."""

    def deed(house: House, agent: AgentId, number: int) -> None:
        contacts = house.contacts_of(agent)
        if contacts:
            other = AGENTS[(AGENTS.index(agent) + 1 + number % 2) % 3]
            house.do(make(agent, contacts[number % len(contacts)], other))

    return deed


def customer_writes(house: House, _: AgentId, number: int) -> None:
    """A customer starts a chat, or goes on in the one there was."""
    customer = house.customers[number % 2]
    held = house.kernel.state.customers.get(customer)
    talks = held.conversations if held else ()
    if talks:
        house.do(
            SendCustomerMessage(
                customer=customer, entry_point=SHOP, conversation=talks[0], body=HELLO
            )
        )
    else:
        house.do(StartChat(customer=customer, entry_point=SHOP, body=HELLO))


def customer_ends(house: House, _: AgentId, number: int) -> None:
    """A customer ends the chat."""
    customer = house.customers[number % 2]
    contact = house.replica.live_contact(customer)
    if contact is not None:
        house.do(EndChat(customer=customer, conversation=contact.conversation))


def customer_goes(house: House, _: AgentId, number: int) -> None:
    """A tab is closed."""
    token = "ab"[number % 2]
    connection = Connection(HUB, token)
    house.do(DetachCustomer(customer=house.customers[number % 2], connection=connection))


def customer_comes(house: House, _: AgentId, number: int) -> None:
    """A tab is opened again."""
    token = "ab"[number % 2]
    house.do(
        AttachCustomer(
            connection=Connection(HUB, token),
            entry_point=SHOP,
            token=TokenHash(token),
            fresh_token=TokenHash(token + "fresh"),
        )
    )


def cancels(house: House, agent: AgentId, _: int) -> None:
    """An agent takes back what it asked for."""
    for contact in house.contacts_of(agent):
        for offer in contact.offers:
            house.do(CancelOffer(agent=agent, offer=offer))


def becomes(house: House, agent: AgentId, number: int) -> None:
    """An agent sets its state."""
    house.do(SetPresence(agent=agent, state="idle" if number == 0 else "available"))


def goes(house: House, agent: AgentId, _: int) -> None:
    """A desktop disconnects."""
    house.do(DetachAgent(agent=agent, connection=_desktop(agent)))


def comes(house: House, agent: AgentId, _: int) -> None:
    """A desktop connects."""
    house.do(AttachAgent(agent=agent, connection=_desktop(agent)))


def waits(house: House, _: AgentId, number: int) -> None:
    """Time passes."""
    house.pass_time((1_000, 3_000, 16_000, 31_000)[number % 4])


# Most chats must get far, so what begins and goes on is likelier than what ends.
LIKELY: list[Deed] = [
    customer_writes,
    customer_comes,
    becomes,
    on_offer(lambda a, offer: AcceptOffer(agent=a, offer=offer, connection=_desktop(a))),
    on_contact(lambda a, c, _: SendAgentMessage(agent=a, contact=c.id, body=HELLO)),
    on_contact(
        lambda a, c, _: SendAgentMessage(agent=a, contact=c.id, body=NOTE, audience="internal")
    ),
    on_contact(lambda a, c, other: Conference(agent=a, contact=c.id, target=other)),
]
DEEDS: list[Deed] = [
    *(4 * LIKELY),
    customer_ends,
    customer_goes,
    goes,
    comes,
    waits,
    cancels,
    on_offer(lambda a, offer: DeclineOffer(agent=a, offer=offer, connection=_desktop(a))),
    on_contact(lambda a, c, _: ReadAsAgent(agent=a, contact=c.id, seq=1)),
    on_contact(lambda a, c, other: TransferToAgent(agent=a, contact=c.id, target=other)),
    on_contact(
        lambda a, c, _: TransferToQueue(agent=a, contact=c.id, queue=OTHER, wrapup=CODE, force=True)
    ),
    on_contact(lambda a, c, _: TransferToQueue(agent=a, contact=c.id, queue=SUPPORT, force=True)),
    on_contact(lambda a, c, _: LeaveConference(agent=a, contact=c.id)),
    on_contact(lambda a, c, other: RemoveFromConference(agent=a, contact=c.id, target=other)),
    on_contact(lambda a, c, _: EndContact(agent=a, contact=c.id, wrapup=CODE)),
    on_contact(lambda a, c, _: EndContact(agent=a, contact=c.id)),
    on_contact(lambda a, c, _: FileWrapup(agent=a, contact=c.id, wrapup=CODE)),
]


def started() -> House:
    """Everybody is available and both customers have asked something."""
    house = House()
    for agent in AGENTS:
        becomes(house, agent, 1)
    for number in range(2):
        customer_writes(house, ANNA, number)
    return house


# Shorter ones would seldom reach a conference, let alone what comes after it.
histories = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.sampled_from(AGENTS), st.integers(0, 7)),
    min_size=40,
    max_size=80,
)


def lived(history: list[tuple[Deed, AgentId, int]]) -> House:
    """The house after a history."""
    house = started()
    for deed, agent, number in history:
        deed(house, agent, number)
    return house


@given(histories)
def test_a_desktop_that_heard_all_events_knows_what_a_fresh_one_is_shown(
    history: list[tuple[Deed, AgentId, int]],
) -> None:
    """A snapshot plus the events after it is the whole truth, and no message comes twice."""
    house = lived(history)

    for agent, desk in house.desks.items():
        contacts = house.contacts_of(agent)
        assert desk.contacts == {
            contact.id: _uncounted(on_wire(contact_without_counts(contact, house.replica)))
            for contact in contacts
        }
        assert all(agent in engaged_agents(contact) for contact in contacts)
        for contact in contacts:
            shown = messages_for(contact, house.replica, agent)
            known = [
                (message["conversation"], message["seq"]) for message in desk.messages[contact.id]
            ]
            assert len(known) == len(set(known))
            assert set(known[-50:]) >= {(message.conversation, message.seq) for message in shown}
            if len(known) <= 50:
                assert set(known) == {(message.conversation, message.seq) for message in shown}
        assert {name: offer["expires_at"] for name, offer in desk.offers.items()} == {
            offer.id: offer.expires_at_ms for offer in house.replica.offers_of(agent)
        }


@given(histories)
def test_a_customer_hears_every_message_once_and_nothing_internal(
    history: list[tuple[Deed, AgentId, int]],
) -> None:
    """Numbers without a gap, no note, no agent's id, no conversation of notes."""
    house = lived(history)
    notes = {contact.internal for contact in house.kernel.state.contacts.values()}
    hidden = {SECRET, *(name for name in notes if name), *(f'"{agent}"' for agent in AGENTS)}

    for customer in house.customers:
        mine = [(event, p) for room, event, p in house.heard if room == f"customer:{customer}"]
        text = json.dumps(mine)
        assert not [word for word in hidden if word in text]
        for conversation in {str(p["conversation"]) for event, p in mine if event == "message"}:
            seqs = [
                p["seq"]
                for event, p in mine
                if event == "message" and p["conversation"] == conversation
            ]
            assert seqs == list(range(1, len(seqs) + 1))

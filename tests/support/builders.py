"""Builds records of one small tenant: a queue, three agents, one customer and their chat."""

from collections.abc import Mapping, Sequence

from masking.text import own_text
from presence import Connection, Presence, State
from queues import Rank
from router.kernel.configuration import (
    Agent,
    Configuration,
    EntryPoint,
    IdleCode,
    Queue,
    Template,
    WrapupCode,
)
from router.kernel.ids import (
    AgentId,
    CodeId,
    ConnectionId,
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    MessageId,
    OfferId,
    QueueId,
    TemplateId,
)
from router.kernel.model import (
    AgentRecord,
    Audience,
    Body,
    ConfigurationRecord,
    ContactRecord,
    ContactState,
    ConversationRecord,
    CustomerRecord,
    Leg,
    LegRole,
    LegState,
    Message,
    OfferKind,
    OfferRecord,
    Person,
    Read,
    Reader,
    Role,
)

SUPPORT = QueueId("support")
SHOP = EntryPointId("shop")
RESOLVED = CodeId("resolved")
ANNA = AgentId("anna")
BO = AgentId("bo")
CARL = AgentId("carl")
KIM = CustomerId("kim")
CHAT = ContactId("chat")
TALK = ConversationId("talk")
NOTES = ConversationId("notes")
OFFER = OfferId("offer")
NAMES: Mapping[AgentId, str] = {ANNA: "Anna Ek", BO: "Bo Ask", CARL: "Carl Alm"}

HUB = "hub-1"
DESKTOP = ConnectionId("desktop-1")


def a_configuration(*queues: Queue) -> ConfigurationRecord:
    """A tenant with one entry point, one code of each kind and one template."""
    return ConfigurationRecord(
        configuration=Configuration(
            entry_points=(EntryPoint(id=SHOP, name="Shop", queue=SUPPORT),),
            queues=queues or (Queue(id=SUPPORT, name="Support"),),
            wrapup_codes=(WrapupCode(id=RESOLVED, name="Resolved"),),
            idle_codes=(IdleCode(id=CodeId("lunch"), name="Lunch"),),
            templates=(Template(id=TemplateId("hello"), text="Hello"),),
        )
    )


def an_agent(
    agent: AgentId = ANNA,
    *,
    state: State = "available",
    connected: bool = True,
    load: int = 0,
    capacity: int = 3,
    queues: Sequence[QueueId] = (SUPPORT,),
    removed: bool = False,
) -> AgentRecord:
    """A configured agent, at a desktop unless said otherwise."""
    return AgentRecord(
        id=agent,
        profile=Agent(
            id=agent, name=NAMES.get(agent, agent), queues=tuple(queues), capacity=capacity
        ),
        presence=Presence(
            capacity=capacity,
            state=state,
            load=load,
            connections=(Connection(HUB, f"{agent}-1"),) if connected else (),
        ),
        removed=removed,
    )


def a_customer(customer: CustomerId = KIM, *, connected: bool = True) -> CustomerRecord:
    """A customer with a live chat, at a tab unless said otherwise."""
    return CustomerRecord(
        id=customer,
        person=Person(id=customer),
        entry_point=SHOP,
        connections=(Connection(HUB, f"{customer}-1"),) if connected else (),
        contact=CHAT,
        conversations=(TALK,),
    )


def a_leg(
    agent: AgentId = ANNA,
    *,
    role: LegRole = "owner",
    state: LegState = "active",
    serial: int = 1,
    left_at_ms: int | None = None,
) -> Leg:
    """An agent's part in a contact."""
    return Leg(
        agent=agent,
        name=NAMES[agent],
        role=role,
        serial=serial,
        joined_at_ms=1_000,
        state=state,
        left_at_ms=left_at_ms,
    )


def a_contact(
    *legs: Leg,
    contact: ContactId = CHAT,
    state: ContactState = "connected",
    customer: CustomerId = KIM,
    offers: Sequence[OfferId] = (),
    internal: ConversationId | None = None,
    first_seq: int = 1,
) -> ContactRecord:
    """A contact with these legs; its owner is the active one who says so."""
    owners = [leg.agent for leg in legs if leg.role == "owner" and leg.state == "active"]
    return ContactRecord(
        id=contact,
        conversation=TALK,
        entry_point=SHOP,
        queue=SUPPORT,
        state=state,
        customer=Person(id=customer),
        rank=Rank(0, 1, 1_000, 1),
        created_at_ms=1_000,
        queued_at_ms=1_000,
        first_seq=first_seq,
        internal=internal,
        legs=legs,
        offers=tuple(offers),
        owner=owners[0] if owners else None,
    )


def an_offer(
    agent: AgentId = ANNA,
    *,
    offer: OfferId = OFFER,
    kind: OfferKind = "contact",
    asked_by: AgentId | None = None,
    expires_at_ms: int = 21_000,
) -> OfferRecord:
    """A pending offer of the chat."""
    return OfferRecord(
        id=offer,
        type=kind,
        contact=CHAT,
        queue=SUPPORT,
        agent=agent,
        offered_at_ms=1_000,
        expires_at_ms=expires_at_ms,
        serial=1,
        why=(("strategy", "longest_available"), ("returned", None)),
        asked_by=asked_by,
    )


def a_conversation(
    *,
    conversation: ConversationId = TALK,
    last_seq: int = 0,
    reads: Mapping[Reader, Read] | None = None,
) -> ConversationRecord:
    """The customer's conversation, or the one of a contact's notes."""
    is_internal = conversation == NOTES
    return ConversationRecord(
        id=conversation,
        type="internal" if is_internal else "customer",
        contact=CHAT,
        open_contacts=(CHAT,),
        customers=() if is_internal else (KIM,),
        followers=(ANNA,),
        last_seq=last_seq,
        reads=dict(reads or {}),
    )


def a_message(
    seq: int = 1,
    text: str = "hello",
    *,
    conversation: ConversationId = TALK,
    role: Role = "customer",
    author: str | None = KIM,
    name: str | None = None,
    audience: Audience | None = None,
    at_ms: int = 2_000,
    event: str | None = None,
) -> Message:
    """A message of the chat, internal when it is in the conversation of notes."""
    return Message(
        conversation=conversation,
        contact=CHAT,
        seq=seq,
        id=MessageId(f"{conversation}-{seq}"),
        at_ms=at_ms,
        role=role,
        body=Body(own_text(text)),
        author=author,
        name=name,
        audience=audience or ("internal" if conversation == NOTES else "everyone"),
        event=event,
    )

"""Who comes and goes: agents' desktops and states, customers' tabs and identities, hubs."""

from typing import TypeGuard

from presence import LOST_AFTER_MS, Connection, is_connected, state_on_return
from router.kernel.draft import Draft, refused_by_live
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.handing import sign_out
from router.kernel.ids import AgentId, CodeId, CustomerId, EntryPointId, TokenHash
from router.kernel.messages import (
    AgentAttached,
    AgentDetached,
    AgentLost,
    AgentSeen,
    AnyResult,
    AttachAgent,
    AttachCustomer,
    CustomerAttached,
    CustomerCreated,
    CustomerDescribed,
    CustomerDetached,
    CustomerPassed,
    CustomerSeen,
    DetachAgent,
    DetachCustomer,
    Done,
    DrainHub,
    ExternalLinked,
    HashKeyMade,
    HubLost,
    HubsSeen,
    IdentifyCustomer,
    OfferMoved,
    PresenceChanged,
    SetPresence,
    TakeOver,
    TimeShifted,
    TokenIssued,
)
from router.kernel.model import (
    AgentRecord,
    CustomerRecord,
    Identity,
    Key,
    Person,
    TokenRecord,
)
from router.kernel.offers import rescind_all, rescind_overdue
from router.kernel.state import State

TOKEN_MS = 30 * 86_400_000
"""A resume token is good for 30 days."""

CONNECTIONS_MAX = 20
"""Desktops of one agent, or tabs of one customer, at once."""

RETRY_AFTER_MS = 10_000
"""By then a connection that is dead by now has been noticed."""


# -- agents --------------------------------------------------------------------------------------


def attach_agent(draft: Draft, command: AttachAgent) -> AnyResult:
    """A desktop connects; the first one ends an absence, or the wait for it after a drain.

    Raises:
        CommandRefused: The agent is not configured, or has too many desktops.
    """
    agent = _agent(draft.state, command.agent)
    presence = agent.presence
    if len(presence.connections) >= CONNECTIONS_MAX:
        raise _too_many("too many desktops of this agent")
    draft.see_hub(command.connection.hub)
    draft.add(AgentAttached(agent=agent.id, connection=command.connection))
    if not is_connected(presence):
        _tell_presence(draft, agent, "connected")
    return AgentSeen(agent=agent.id)


def _too_many(hint: str) -> CommandRefused:
    return CommandRefused(RefusalCode.RATE_LIMITED, hint=hint, retry_after_ms=RETRY_AFTER_MS)


def _tell_presence(draft: Draft, agent: AgentRecord, cause: str) -> None:
    presence = agent.presence
    is_back = cause == "connected"
    state = state_on_return(presence) if is_back else presence.state
    is_same = state == presence.state
    draft.add(
        PresenceChanged(
            agent=agent.id,
            state=state,
            cause="connected" if is_back else "disconnected",
            idle_code=CodeId(presence.idle_code) if is_same and presence.idle_code else None,
        )
    )


def _agent(state: State, name: AgentId) -> AgentRecord:
    agent = state.agents.get(name)
    if agent is None or agent.removed:
        raise CommandRefused(RefusalCode.FORBIDDEN, hint="this agent is not configured")
    return agent


def detach_agent(draft: Draft, command: DetachAgent) -> AnyResult:
    """A desktop disconnects; with the last one the grace time starts."""
    agent = draft.state.agents.get(command.agent)
    if agent is not None and command.connection in agent.presence.connections:
        _detach_agent(draft, agent, (command.connection,))
    return Done()


def _detach_agent(
    draft: Draft,
    agent: AgentRecord,
    connections: tuple[Connection, ...],
    *,
    kept_until_ms: int | None = None,
) -> None:
    draft.add(AgentDetached(agent=agent.id, connections=connections, kept_until_ms=kept_until_ms))
    is_last = len(connections) == len(agent.presence.connections)
    if is_last and kept_until_ms is None:
        _tell_presence(draft, agent, "disconnected")


def set_presence(draft: Draft, command: SetPresence) -> AnyResult:
    """An agent sets its state, at once; chats in hand go on.

    Raises:
        CommandRefused: Going offline with legs not done, or no such idle code.
    """
    agent = _agent(draft.state, command.agent)
    if command.idle_code is not None:
        _check_idle_code(draft.state, command)
    if command.state == "offline":
        contacts = draft.state.contacts_with(agent.id)
        if contacts:
            raise CommandRefused(
                RefusalCode.CONFLICT,
                hint="finish the contacts in hand first",
                state=agent.presence.state,
                contacts=[str(contact.id) for contact in contacts],
            )
    if command.state != "available":
        rescind_all(draft, agent.id, "state_changed")
    if (agent.presence.state, agent.presence.idle_code) != (command.state, command.idle_code):
        draft.add(
            PresenceChanged(
                agent=agent.id, state=command.state, cause="agent", idle_code=command.idle_code
            )
        )
    return AgentSeen(agent=agent.id)


def _check_idle_code(state: State, command: SetPresence) -> None:
    if command.state != "idle":
        raise CommandRefused(RefusalCode.INVALID, hint="only idle takes a code", path="idle_code")
    if command.idle_code not in state.idle_codes:
        raise CommandRefused(RefusalCode.INVALID, hint="no such idle code", path="idle_code")


def miss_agent(draft: Draft, agent: AgentRecord) -> None:
    """An agent is without a desktop: its offers go first, then its chats.

    One who did not come back from a drain is without one from now on.
    """
    if agent.presence.kept_until_ms is not None:
        _detach_agent(draft, agent, ())
        return
    gone_at_ms = agent.presence.gone_at_ms
    assert gone_at_ms is not None, "nobody is missed who is here"
    grace_ms = draft.state.configuration.configuration.presence.reconnect_grace_ms
    if draft.at_ms >= gone_at_ms + grace_ms and agent.presence.state != "offline":
        sign_out(draft, (agent.id,), "connection_lost")
        draft.add(PresenceChanged(agent=agent.id, state="offline", cause="disconnected"))
    else:
        rescind_all(draft, agent.id, "connection_lost")
    if not agent.presence.is_lost:
        draft.add(AgentLost(agent=agent.id))


# -- customers -----------------------------------------------------------------------------------


def attach_customer(draft: Draft, command: AttachCustomer) -> AnyResult:
    """A tab connects as whom its identity or its token says, or as somebody new.

    Raises:
        CommandRefused: No such entry point, or a token of one customer beside the identity of
            another.
    """
    state = draft.state
    token = _token(draft, command)
    holder = state.customer(token.customer) if token else None
    customer = _whose(draft, holder, command.identity)
    _check_entry_point(state, customer, command.entry_point)
    name = customer.id if customer else _create(draft, command.entry_point, command.identity)
    if customer is not None and len(customer.connections) >= CONNECTIONS_MAX:
        raise _too_many("too many tabs of this customer")
    if customer is not None and command.identity is not None:
        _identify(draft, customer, command.identity)
    if customer is not None and _may_pass(holder, customer):
        _pass_on(draft, holder, customer)
    is_kept = token is not None and customer is not None and _is_young(draft, token, name)
    if not is_kept:
        _issue(draft, command.fresh_token, name)
        if token is not None and token.customer != name:
            draft.add(TokenIssued(token=token.id, customer=name, expires_at_ms=token.expires_at_ms))
    draft.see_hub(command.connection.hub)
    draft.add(
        CustomerAttached(
            customer=name, connection=command.connection, entry_point=command.entry_point
        )
    )
    for back in (customer, holder if holder is not customer else None):
        if back is not None and back.was_told and back.contact is not None:
            draft.notice(state.contacts[back.contact], "customer.returned")
    return CustomerSeen(customer=name, token_kept=is_kept)


def _check_entry_point(
    state: State, customer: CustomerRecord | None, entry_point: EntryPointId
) -> None:
    """A removed entry point lets in who is in a chat and came through it."""
    if entry_point in state.entry_points:
        return
    if customer is not None and customer.contact is not None:
        contact = state.contacts[customer.contact]
        if entry_point in {contact.entry_point, customer.entry_point}:
            return
    raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such entry point")


def _token(draft: Draft, command: AttachCustomer) -> TokenRecord | None:
    token = draft.state.tokens.get(command.token) if command.token else None
    return token if token is not None and draft.at_ms < token.expires_at_ms else None


def _is_young(draft: Draft, token: TokenRecord, name: CustomerId) -> bool:
    return token.customer == name and token.expires_at_ms - draft.at_ms > TOKEN_MS // 2


def _whose(
    draft: Draft, holder: CustomerRecord | None, identity: Identity | None
) -> CustomerRecord | None:
    """The known customer that token and identity name together; None for somebody new."""
    if identity is None:
        return holder
    known = _signed_before(draft, identity)
    if holder is not None and holder.person.verified and holder is not known:
        raise CommandRefused(
            RefusalCode.FORBIDDEN, hint="the token belongs to another customer", path="token"
        )
    return known or holder


def _create(draft: Draft, entry_point: EntryPointId, identity: Identity | None) -> CustomerId:
    name = CustomerId(draft.new_id())
    person = Person(id=name)
    customer = CustomerRecord(id=name, person=person, entry_point=entry_point)
    draft.add(CustomerCreated(customer=customer))
    if identity is not None:
        _identify(draft, customer, identity)
    return name


def _identify(draft: Draft, customer: CustomerRecord, identity: Identity) -> None:
    if identity.key not in draft.state.externals:
        draft.add(ExternalLinked(external=identity.key, customer=customer.id))
    draft.add(CustomerDescribed(customer=customer.id, identity=identity))


def _issue(draft: Draft, token: str, customer: CustomerId) -> None:
    draft.add(
        TokenIssued(token=TokenHash(token), customer=customer, expires_at_ms=draft.at_ms + TOKEN_MS)
    )


def identify_customer(draft: Draft, command: IdentifyCustomer) -> AnyResult:
    """A connected anonymous customer shows who they are.

    Raises:
        CommandRefused: They are somebody else already, or known by another conversation.
    """
    customer = draft.state.customer(command.customer)
    if customer is None:
        raise CommandRefused(RefusalCode.NOT_FOUND, hint="no such customer")
    known = _signed_before(draft, command.identity) or customer
    if customer.person.verified and (known is not customer or _is_new(draft, command.identity)):
        raise CommandRefused(
            RefusalCode.FORBIDDEN, hint="connect with this identity instead", path="identity"
        )
    _identify(draft, known, command.identity)
    if known is not customer:
        _check_one_live(draft, customer, known)
        _pass_on(draft, customer, known)
    _issue(draft, command.fresh_token, known.id)
    return CustomerSeen(customer=known.id, token_kept=False)


def _signed_before(draft: Draft, identity: Identity) -> CustomerRecord | None:
    link = draft.state.externals.get(identity.key)
    return draft.state.customers.get(link.customer) if link else None


def _is_new(draft: Draft, identity: Identity) -> bool:
    return identity.key not in draft.state.externals


def _may_pass(holder: CustomerRecord | None, known: CustomerRecord) -> TypeGuard[CustomerRecord]:
    """True when an anonymous customer is a known one, and not both are in a chat."""
    return (
        holder is not None
        and holder.id != known.id
        and (holder.contact is None or known.contact is None)
    )


def _check_one_live(draft: Draft, customer: CustomerRecord, known: CustomerRecord) -> None:
    if not _may_pass(customer, known):
        assert known.contact is not None, "both are in a chat"
        live = draft.state.contacts[known.contact]
        raise refused_by_live(live, "both are in a chat: end one of them")


def _pass_on(draft: Draft, customer: CustomerRecord, known: CustomerRecord) -> None:
    draft.add(CustomerPassed(customer=customer.id, to=known.id))


def detach_customer(draft: Draft, command: DetachCustomer) -> AnyResult:
    """A tab disconnects."""
    customer = draft.state.customer(command.customer)
    if customer is not None and command.connection in customer.connections:
        draft.add(CustomerDetached(customer=customer.id, connections=(command.connection,)))
    return Done()


# -- hubs and time -------------------------------------------------------------------------------


def lose_hub(draft: Draft, command: HubLost) -> AnyResult:
    """A hub's connections are gone, all at once; since when, nobody knows.

    So what ran out meanwhile and was not decided yet is nobody's fault.
    """
    for tag, name in sorted(draft.state.connected.get(command.hub, ())):
        if tag == "agent":
            rescind_overdue(draft, AgentId(name))
    _lose(draft, {str(command.hub)})
    return Done()


def drain_hub(draft: Draft, command: DrainHub) -> AnyResult:
    """A hub's connections go, and their return is awaited: until then nothing is lost."""
    until_ms = draft.at_ms + command.reconnect_within_ms + LOST_AFTER_MS
    _lose(draft, {str(command.hub)}, kept_until_ms=until_ms)
    return Done()


def _lose(draft: Draft, lost: set[str], *, kept_until_ms: int | None = None) -> None:
    """Detach whoever was connected through these hubs, in order of name."""
    state = draft.state
    everyone: set[Key] = set()
    for hub in lost:
        everyone |= state.connected.get(hub, set())
    for tag, name in sorted(everyone):
        if tag == "agent":
            agent = state.agents[AgentId(name)]
            gone = _through(agent.presence.connections, lost)
            _detach_agent(draft, agent, gone, kept_until_ms=kept_until_ms)
        else:
            customer = state.customers[CustomerId(name)]
            gone = _through(customer.connections, lost)
            draft.add(
                CustomerDetached(
                    customer=customer.id, connections=gone, kept_until_ms=kept_until_ms
                )
            )
    hubs = tuple(hub for hub in state.shard.hubs if hub not in lost)
    if hubs != state.shard.hubs:
        draft.add(HubsSeen(hubs=hubs))


def _through(connections: tuple[Connection, ...], hubs: set[str]) -> tuple[Connection, ...]:
    return tuple(connection for connection in connections if connection.hub in hubs)


def take_over(draft: Draft, command: TakeOver) -> AnyResult:
    """Nobody is punished for the time without a writer: every deadline moves by it."""
    state = draft.state
    if not state.shard.hash_key:
        draft.add(HashKeyMade(hash_key=draft.new_key()))
    if command.gap_ms > 0:
        draft.add(TimeShifted(gap_ms=command.gap_ms))
        open_offers = (offer for offer in state.offers.values() if offer.outcome is None)
        for offer in sorted(open_offers, key=lambda offer: offer.serial):
            at_ms = offer.expires_at_ms + command.gap_ms
            draft.add(OfferMoved(offer=offer.id, expires_at_ms=at_ms))
    known = {*state.shard.hubs, *(hub for hub, keys in state.connected.items() if keys)}
    _lose(draft, known - set(command.hubs))
    return Done()

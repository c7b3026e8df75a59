"""A configuration comes into force: what changed for queues and agents in it."""

from collections.abc import Mapping

from msgspec.structs import replace

from router.kernel.configuration import Agent, Queue
from router.kernel.draft import Draft
from router.kernel.handing import sign_out
from router.kernel.ids import AgentId, CodeId, QueueId
from router.kernel.messages import (
    AgentConfigured,
    AgentRemoved,
    AnyResult,
    Configure,
    Configured,
    Done,
    PresenceChanged,
    WrapupWaived,
)
from router.kernel.model import RetiredCode
from router.kernel.state import State, serves


def configure(draft: Draft, command: Configure) -> AnyResult:
    """Put a configuration in force; the one in force again changes nothing.

    A removed queue with contacts in it is served on by those who served it; a removed code may
    still be filed by legs that owe one by now; a removed agent is signed out.
    """
    state = draft.state
    if command.digest == state.configuration.digest:
        return Done()
    retired = _retired(state, {queue.id for queue in command.configuration.queues})
    draft.add(
        Configured(
            configuration=command.configuration,
            retired=retired,
            retired_codes=_retired_codes(
                draft, {code.id for code in command.configuration.wrapup_codes}
            ),
            digest=command.digest,
        )
    )
    names = {queue.id for queue in retired}
    queues = {queue.id: queue for queue in (*retired, *command.configuration.queues)}
    for agent in command.agents:
        old = state.agents.get(agent.id)
        served = tuple(q for q in old.profile.queues if q in names) if old else ()
        profile = replace(agent, queues=(*agent.queues, *served)) if served else agent
        if old is None or old.removed or old.profile != profile:
            draft.add(AgentConfigured(profile=profile))
        _rescind_unserved(draft, profile, queues)
    _remove_others(draft, command.agents)
    return Done()


def _retired(state: State, kept: set[str]) -> tuple[Queue, ...]:
    in_use = {contact.queue for contact in state.contacts.values()}
    known = {**state.retired, **state.queues}
    return tuple(
        queue for name, queue in sorted(known.items()) if name in in_use and name not in kept
    )


def _retired_codes(draft: Draft, kept: set[CodeId]) -> tuple[RetiredCode, ...]:
    state = draft.state
    owed_since_ms = [
        leg.left_at_ms
        for contact in state.contacts.values()
        for leg in contact.legs
        if leg.state == "wrapup" and leg.left_at_ms is not None
    ]
    removed = (
        RetiredCode(code=code, removed_at_ms=draft.at_ms)
        for code in state.configuration.configuration.wrapup_codes
    )
    return tuple(
        retired
        for retired in (*state.configuration.retired_codes, *removed)
        if retired.code.id not in kept
        and any(left_at_ms <= retired.removed_at_ms for left_at_ms in owed_since_ms)
    )


def _rescind_unserved(draft: Draft, profile: Agent, queues: Mapping[QueueId, Queue]) -> None:
    """Take back what the agent may no longer be offered; a request never asked for skills."""
    for offer in draft.state.pending_offers_of(profile.id):
        contact = draft.state.contacts[offer.contact]
        levels = (*queues[contact.queue].skills.items(), *contact.skills.items())
        if offer.type == "contact" and not serves(profile, contact.queue, levels):
            draft.close_offer(offer, "rescinded", "removed")


def _remove_others(draft: Draft, agents: tuple[Agent, ...]) -> None:
    kept: set[AgentId] = {agent.id for agent in agents}
    known = draft.state.agents
    gone = tuple(
        name for name, agent in sorted(known.items()) if name not in kept and not agent.removed
    )
    sign_out(draft, gone, "removed")
    for name in gone:
        for contact in draft.state.contacts_with(name):
            for leg in contact.legs:
                if leg.agent == name and leg.state == "wrapup":
                    draft.add(WrapupWaived(contact=contact.id, agent=name, leg=leg.serial))
        if known[name].presence.state != "offline":
            draft.add(PresenceChanged(agent=name, state="offline", cause="disconnected"))
        draft.add(AgentRemoved(agent=name))

"""What a command or a deadline leads to: reads the state, writes events on a draft.

It may refuse; it never changes anything itself.
"""

from typing import Final, assert_never

from router.kernel import chats, handing, offers, people, reveals, settings
from router.kernel.deadlines import Deadline
from router.kernel.draft import Draft
from router.kernel.ids import AgentId, ContactId, CustomerId, OfferId
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AnyResult,
    AttachAgent,
    AttachCustomer,
    CancelOffer,
    Conference,
    Configure,
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
from router.kernel.model import GivesAddresses, Identity, Key, Wrapup, addresses_of
from router.kernel.state import State

NOTHING: Final = frozenset[Key]()


def decide(draft: Draft, command: AnyCommand) -> AnyResult:  # noqa: C901, PLR0912 - a flat table
    """Write what a command leads to, and give its answer.

    Raises:
        CommandRefused: The command breaks a rule; the draft is to be thrown away.
    """
    match command:
        case SendCustomerMessage():
            return chats.send_customer_message(draft, command)
        case SendAgentMessage():
            return chats.send_agent_message(draft, command)
        case ReadAsCustomer():
            return chats.read_as_customer(draft, command)
        case ReadAsAgent():
            return chats.read_as_agent(draft, command)
        case StartChat():
            return chats.start_chat(draft, command)
        case EndChat():
            return chats.end_chat(draft, command)
        case AcceptOffer():
            return offers.accept(draft, command)
        case DeclineOffer():
            return offers.decline(draft, command)
        case CancelOffer():
            return offers.cancel(draft, command)
        case TransferToQueue():
            return handing.transfer_to_queue(draft, command)
        case TransferToAgent():
            return handing.transfer_to_agent(draft, command)
        case Conference():
            return handing.conference(draft, command)
        case LeaveConference():
            return handing.leave_conference(draft, command)
        case RemoveFromConference():
            return handing.remove_from_conference(draft, command)
        case EndContact():
            return handing.end_contact(draft, command)
        case FileWrapup():
            return handing.file_wrapup(draft, command)
        case RevealContact():
            return reveals.reveal_contact(draft, command)
        case SetPresence():
            return people.set_presence(draft, command)
        case AttachAgent():
            return people.attach_agent(draft, command)
        case DetachAgent():
            return people.detach_agent(draft, command)
        case AttachCustomer():
            return people.attach_customer(draft, command)
        case IdentifyCustomer():
            return people.identify_customer(draft, command)
        case DetachCustomer():
            return people.detach_customer(draft, command)
        case HubLost():
            return people.lose_hub(draft, command)
        case DrainHub():
            return people.drain_hub(draft, command)
        case TakeOver():
            return people.take_over(draft, command)
        case Configure():
            return settings.configure(draft, command)
        case _:
            assert_never(command)


def decide_due(draft: Draft, deadline: Deadline) -> None:
    """Write what happens when a deadline falls due."""
    state = draft.state
    match deadline.kind:
        case "offer":
            offers.miss(draft, state.offers[OfferId(deadline.id)])
        case "wrapup":
            contact = state.contacts[ContactId(deadline.id)]
            leg = next(leg for leg in contact.legs if leg.serial == deadline.part)
            assert leg.default_code is not None, "a timer without a code runs"
            draft.file(contact, leg, Wrapup(leg.default_code), by_timer=True)
        case "agent":
            people.miss_agent(draft, state.agents[AgentId(deadline.id)])
        case "customer":
            chats.miss_customer(draft, state.customers[CustomerId(deadline.id)])
        case "pause":
            pass  # nothing happened; the contact is only looked at again
        case _:
            assert_never(deadline.kind)


def needed(state: State, command: AnyCommand) -> frozenset[Key]:
    """The records a command names that are not in memory and not known to be missing."""
    missing = [key for key in _named(state, command) if not state.holds(key)]
    return frozenset(missing) if missing else NOTHING


def _named(state: State, command: AnyCommand) -> list[Key]:  # noqa: C901, PLR0912 - a flat table
    match command:
        case SendCustomerMessage() | ReadAsCustomer() | EndChat():
            return [
                *_customers(state, command.customer),
                ("conversation", command.conversation),
            ]
        case SendAgentMessage():
            return [("contact", command.contact)]
        case StartChat():
            keys: list[Key] = [*_customers(state, command.customer), *_addresses(command)]
            if command.conversation is not None:
                keys.append(("conversation", command.conversation))
            return keys
        case AcceptOffer() | DeclineOffer() | CancelOffer():
            return [("offer", command.offer)]
        case ReadAsAgent():
            contact = state.contacts.get(command.contact)
            keys = [("contact", command.contact)]
            if contact is not None:
                keys.append(("conversation", contact.conversation))
            return keys
        case (
            TransferToQueue()
            | TransferToAgent()
            | Conference()
            | LeaveConference()
            | RemoveFromConference()
            | EndContact()
            | FileWrapup()
        ):
            return [("contact", command.contact)]
        case RevealContact():
            contact = state.contacts.get(command.contact)
            known = _customers(state, contact.customer.id) if contact is not None else []
            return [("contact", command.contact), *known]
        case AttachCustomer():
            return _named_by_attach(state, command)
        case IdentifyCustomer():
            return _named_by_identity(state, command.customer, command.identity)
        case DetachCustomer():
            return _customers(state, command.customer)
        case (
            Configure()
            | TakeOver()
            | HubLost()
            | DrainHub()
            | AttachAgent()
            | DetachAgent()
            | SetPresence()
        ):
            return []
        case _:
            assert_never(command)


def _customers(state: State, name: CustomerId) -> list[Key]:
    """The customer of that name, and who they turned out to be."""
    customer = state.customers.get(name)
    passed_to = customer.passed_to if customer else None
    return [("customer", each) for each in (name, passed_to) if each is not None]


def _addresses(holder: GivesAddresses) -> list[Key]:
    return [("address", name) for name in addresses_of(holder)]


def _named_by_attach(state: State, command: AttachCustomer) -> list[Key]:
    token = state.tokens.get(command.token) if command.token else None
    holder = token.customer if token else None
    keys: list[Key] = [("token", command.token)] if command.token else []
    if command.identity is not None:
        return keys + _named_by_identity(state, holder, command.identity)
    return keys + (_customers(state, holder) if holder else [])


def _named_by_identity(state: State, holder: CustomerId | None, identity: Identity) -> list[Key]:
    """Both customers, what was given, and what may pass from one to the other."""
    keys: list[Key] = [("external", identity.key), *_addresses(identity)]
    link = state.externals.get(identity.key)
    if link is not None:
        keys.append(("customer", link.customer))
    if holder is not None:
        keys += _customers(state, holder)
        customer = state.customer(holder)
        if link is not None and customer is not None and not customer.person.verified:
            keys += [("conversation", name) for name in customer.conversations]
            keys += _addresses(customer)
    return keys

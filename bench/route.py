"""Measures routing: a contact's whole cycle through the kernel, at several sizes of the floor.

Everything goes through `Kernel.handle` with real commands: no sockets, no storage. Ratios compare
floors measured in turns within one run, so that a noisy machine disturbs both alike.
"""

import argparse
import gc
import itertools
import json
from collections.abc import Callable
from time import process_time_ns
from typing import Literal

from masking.text import own_text
from presence import Connection
from router.kernel.configuration import (
    Agent,
    Configuration,
    EntryPoint,
    Queue,
    WrapupCode,
)
from router.kernel.errors import Refusal
from router.kernel.ids import (
    AgentId,
    CodeId,
    ContactId,
    CustomerId,
    EntryPointId,
    QueueId,
    TokenHash,
)
from router.kernel.kernel import Kernel, Step
from router.kernel.messages import (
    AcceptOffer,
    AnyCommand,
    AttachAgent,
    AttachCustomer,
    ChatStarted,
    Configure,
    CustomerSeen,
    EndChat,
    EndContact,
    FileWrapup,
    OfferMade,
    SetPresence,
    StartChat,
)
from router.kernel.model import Body, Wrapup
from router.kernel.moment import Moment

Profiles = Literal["1", "200", "distinct"]
PROFILES: tuple[Profiles, ...] = ("1", "200", "distinct")
QUEUES = 10
ENTRY = EntryPointId("entry")
HELLO = Body(own_text("Hello, where is my order?"))
CODE = Wrapup(CodeId("done"))


def queue_name(number: int) -> QueueId:
    """The n-th queue's id."""
    return QueueId(f"q{number % QUEUES}")


def profile(number: int, profiles: Profiles) -> Agent:
    """The n-th agent: everyone alike, one of 200 kinds, or like nobody else."""
    name = AgentId(f"agent{number}")
    if profiles == "1":
        return Agent(id=name, queues=(queue_name(0),), capacity=3)
    kind = number % 200 if profiles == "200" else number
    queues = tuple(dict.fromkeys((queue_name(0), queue_name(kind), queue_name(kind // QUEUES))))
    return Agent(id=name, queues=queues, skills={"product": 1 + kind}, capacity=3)


class Floor:
    """A kernel with agents at work, and customers to start chats with."""

    def __init__(
        self,
        agents: int,
        profiles: Profiles,
        *,
        waiting: int = 0,
        customers: int = 200,
        backlog: int = 0,
    ) -> None:
        """Sign everybody in; those ``waiting`` ask for what no agent has.

        With a ``backlog`` of chats that they could take, the agents are idle.
        """
        self.kernel = Kernel()
        self._at_ms = 1_000
        self._nonces = itertools.count()
        self.agents = [profile(number, profiles) for number in range(agents)]
        self._configure()
        self._sign_in()
        self.customers = [self._customer() for _ in range(customers)]
        self._turn = itertools.cycle(range(len(self.customers)))
        for _ in range(waiting):
            self._wait()
        if backlog:
            for agent in self.agents:
                self.do(SetPresence(agent=agent.id, state="idle"))
            self.customers = [self._customer() for _ in range(backlog)]
            self._turn = itertools.cycle(range(backlog))
            for _ in range(backlog):
                self.start()

    def _configure(self) -> None:
        queues = tuple(
            Queue(id=queue_name(n), offer_timeout_ms=86_400_000, max_waiting=1_000_000)
            for n in range(QUEUES)
        )
        never = Queue(id=QueueId("never"), skills={"none": 1}, max_waiting=1_000_000)
        entry = EntryPoint(id=ENTRY, queue=queue_name(0), queues=tuple(q.id for q in queues))
        dead_end = EntryPoint(id=EntryPointId("never"), queue=never.id)
        configuration = Configuration(
            entry_points=(entry, dead_end),
            queues=(*queues, never),
            wrapup_codes=(WrapupCode(id=CODE.code),),
        )
        self.do(Configure(configuration=configuration, agents=tuple(self.agents), digest="bench"))

    def _sign_in(self) -> None:
        for agent in self.agents:
            connection = Connection("hub", agent.id)
            self.do(AttachAgent(agent=agent.id, connection=connection))
            self.do(SetPresence(agent=agent.id, state="available"))

    def _customer(self, entry: EntryPointId = ENTRY) -> CustomerId:
        name = f"tab{next(self._nonces)}"
        step = self.do(
            AttachCustomer(
                connection=Connection("hub", name),
                entry_point=entry,
                fresh_token=TokenHash(name),
            )
        )
        assert isinstance(step.result, CustomerSeen)
        return step.result.customer

    def _wait(self) -> None:
        entry = EntryPointId("never")
        self.do(StartChat(customer=self._customer(entry), entry_point=entry))

    def do(self, command: AnyCommand) -> Step:
        """Take one command through the kernel, a millisecond after the last."""
        self._at_ms += 1
        nonce = next(self._nonces).to_bytes(16, "big")
        step = self.kernel.handle(command, Moment(self._at_ms, nonce))
        assert not isinstance(step.result, Refusal), step.result
        return step

    def start(self) -> ContactId:
        """A customer starts a chat; with anybody free it is offered at once."""
        customer = self.customers[next(self._turn)]
        queue = queue_name(0)
        step = self.do(StartChat(customer=customer, entry_point=ENTRY, queue=queue, body=HELLO))
        assert isinstance(step.result, ChatStarted)
        return step.result.contact

    def cycle(self) -> None:
        """One contact: started, offered, accepted, ended, wrapped up."""
        contact = self.start()
        offer = self.kernel.state.offers[self.kernel.state.contacts[contact].offers[0]]
        desktop = Connection("hub", offer.agent)
        self.do(AcceptOffer(agent=offer.agent, offer=offer.id, connection=desktop))
        self.do(EndContact(agent=offer.agent, contact=contact))
        self.do(FileWrapup(agent=offer.agent, contact=contact, wrapup=CODE))


def cpu_us(act: Callable[[], object], times: int) -> float:
    """The mean processor time of one call, in microseconds."""
    began = process_time_ns()
    for _ in range(times):
        act()
    return (process_time_ns() - began) / times / 1_000


def decisions_per_s(floor: Floor) -> float:
    """Offers made per second of one core while agents come back to a backlog.

    Each agent's becoming available is one command that fills its free slots: for every offer the
    first in line and the best agent are found, and the offer is made. Going idle again, which
    takes the offers back, is not in the time.
    """
    made = 0
    began = process_time_ns()
    for agent in floor.agents:
        step = floor.do(SetPresence(agent=agent.id, state="available"))
        made += sum(isinstance(event, OfferMade) for event in step.events)
    seconds = (process_time_ns() - began) / 1e9
    for agent in floor.agents:
        floor.do(SetPresence(agent=agent.id, state="idle"))
    assert made == sum(agent.capacity for agent in floor.agents), "a slot stayed free"
    return made / seconds


def starts_per_s(floor: Floor, rounds: int) -> float:
    """Chats started and offered per second of one core while everybody is free.

    Customer, conversation, contact and first message are written too. The customers' leaving
    again is not in the time.
    """
    began = process_time_ns()
    contacts = [floor.start() for _ in range(rounds)]
    seconds = (process_time_ns() - began) / 1e9
    for name in contacts:
        contact = floor.kernel.state.contacts[name]
        assert contact.state == "offered", "a chat started and was not offered"
        floor.do(EndChat(customer=contact.customer.id, conversation=contact.conversation))
    return rounds / seconds


def best_of_turns(floors: dict[str, Floor], *, turns: int, rounds: int) -> dict[str, float]:
    """The least mean time of a cycle on each floor, all measured in turns."""
    best = dict.fromkeys(floors, float("inf"))
    for _ in range(turns):
        for name, floor in floors.items():
            best[name] = min(best[name], cpu_us(floor.cycle, rounds))
    return {name: round(us, 1) for name, us in best.items()}


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer turns, no 100 k floors")
    quick = parser.parse_args().quick
    sizes = {"1k": 1_000, "15k": 15_000} | ({} if quick else {"100k": 100_000})
    turns, rounds = (3, 300) if quick else (15, 500)
    gc.set_threshold(50_000, 20, 100)  # as the server sets them

    cycle_us: dict[str, dict[str, float]] = {}
    for profiles in PROFILES:
        floors = {name: Floor(size, profiles) for name, size in sizes.items()}
        floors["1k_10k_waiting"] = Floor(1_000, profiles, waiting=10_000)
        for floor in floors.values():
            cpu_us(floor.cycle, rounds)
        gc.collect()
        gc.freeze()
        cycle_us[profiles] = best_of_turns(floors, turns=turns, rounds=rounds)
        print(f"{profiles:>8} profiles, cycle in us: {cycle_us[profiles]}", flush=True)
        gc.unfreeze()

    floor = Floor(1_000, "1", customers=2_000)
    starts_per_s(floor, 2_000)
    starts = max(starts_per_s(floor, 2_000) for _ in range(turns))
    decisions: dict[str, int] = {}
    for name, agents, waiting in (("1k_waiting", 300, 1_000), ("10k_waiting", 1_000, 10_000)):
        backlog = Floor(agents, "1", backlog=waiting)
        gc.collect()
        gc.freeze()
        decisions[name] = round(max(decisions_per_s(backlog) for _ in range(10 * turns)))
        gc.unfreeze()
    print(f"decisions per second of one core: {decisions}; chats started: {starts:.0f}")
    result: dict[str, object] = {
        "decisions_per_s": decisions["1k_waiting"],
        "decisions_per_s_10k_waiting": decisions["10k_waiting"],
        "starts_per_s": round(starts),
        "cycle_us": cycle_us,
    }
    for size in list(sizes)[1:]:
        result[f"ratio_{size}_1k"] = {
            profiles: round(times[size] / times["1k"], 2) for profiles, times in cycle_us.items()
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

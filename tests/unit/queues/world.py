"""A small world told twice: to a Floor, and to lists that are searched from end to end."""

from dataclasses import dataclass, field
from typing import NewType

from queues import Demand, Floor, Rank, Readiness, Strategy, Supply

ContactId = NewType("ContactId", str)
AgentId = NewType("AgentId", str)


@dataclass(frozen=True)
class Waiter:
    """A contact that waits."""

    demand: Demand
    rank: Rank
    declined: tuple[tuple[AgentId, int], ...] = ()


@dataclass(frozen=True)
class Worker:
    """An agent that may be offered work."""

    supply: Supply
    readiness: Readiness
    offered: dict[str, int]


@dataclass
class World:
    """The facts, and the rules applied to them by looking at everything."""

    strategies: dict[str, Strategy] = field(default_factory=dict[str, Strategy])
    waiters: dict[ContactId, Waiter] = field(default_factory=dict[ContactId, Waiter])
    workers: dict[AgentId, Worker] = field(default_factory=dict[AgentId, Worker])

    def best(self, now_ms: int) -> tuple[ContactId, AgentId] | None:
        """The pair the rules ask for."""
        for contact in sorted(self.waiters, key=lambda contact: self.waiters[contact].rank):
            agents = self.takers(self.waiters[contact], now_ms)
            if agents:
                return contact, min(
                    agents, key=lambda agent: self.key(self.waiters[contact], agent)
                )
        return None

    def takers(self, waiter: Waiter, now_ms: int) -> list[AgentId]:
        """Who may be offered the contact: decliners only after their pause, and only alone."""
        matching = [agent for agent, worker in self.workers.items() if matches(waiter, worker)]
        declined = dict[AgentId, int]()
        for agent, until_ms in waiter.declined:
            declined[agent] = max(until_ms, declined.get(agent, 0))
        others = [agent for agent in matching if agent not in declined]
        return others or [agent for agent in matching if now_ms >= declined[agent]]

    def key(self, waiter: Waiter, agent: AgentId) -> tuple[tuple[int, ...], AgentId]:
        """Where the agent stands for this contact."""
        worker = self.workers[agent]
        queue, skills = waiter.demand
        load, since_ms = worker.readiness
        longest = (int(load > 0), since_ms)
        match self.strategies[queue]:
            case "longest_available":
                return longest, agent
            case "least_loaded":
                return (load, since_ms), agent
            case "round_robin":
                return (worker.offered.get(queue, 0), *longest), agent
            case "best_skilled":
                levels = dict(worker.supply.skills)
                return (-sum(levels.get(skill, 0) for skill, _ in skills), *longest), agent

    def tell(self, floor: Floor[ContactId, AgentId], order: list[int]) -> None:
        """Tell the floor every fact once, queues first, in the order the numbers draw."""
        for queue, strategy in self.strategies.items():
            floor.set_queue(queue, strategy)
        names: list[ContactId | AgentId] = [*self.waiters, *self.workers]
        ranked = sorted(range(len(names)), key=lambda at: (order[at % len(order)], at))
        for name in (names[at] for at in ranked):
            waiter = self.waiters.get(ContactId(name))
            if waiter is not None:
                floor.wait(ContactId(name), waiter.demand, waiter.rank, waiter.declined)
            else:
                worker = self.workers[AgentId(name)]
                floor.ready(AgentId(name), worker.supply, worker.readiness, worker.offered)


def matches(waiter: Waiter, worker: Worker) -> bool:
    """Whether the agent serves the queue and has every level."""
    levels = dict(worker.supply.skills)
    return waiter.demand.queue in worker.supply.queues and all(
        levels.get(skill, 0) >= level for skill, level in waiter.demand.skills
    )

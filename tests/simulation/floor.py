"""The small tenants that histories happen in: drawn from the seed, with short times."""

from random import Random

from router.kernel.configuration import (
    Agent,
    Configuration,
    EntryPoint,
    IdleCode,
    PresencePolicy,
    Queue,
    WrapupCode,
)
from router.kernel.ids import AgentId, CodeId, EntryPointId, QueueId
from router.kernel.messages import Configure
from router.shard.client import digest_of

NAMES = {"anna": "Anna Ek", "bo": "Bo Ask", "cia": "Cia Alm"}
CUSTOMERS = ("kim", "lee", "max", "noa")
QUEUES = ("support", "sales")
ENTRY_POINTS = ("shop", "vip")
CODES = ("resolved", "sold")


def draw_configurations(chance: Random) -> tuple[Configure, ...]:
    """What is in force at first, and what reloads bring."""
    agents = [_agent(chance, name) for name in NAMES]
    queues = [_queue(chance, name) for name in QUEUES]
    first = _configure(queues, agents)
    changed = [_agent(chance, name) for name in NAMES]
    return (
        first,
        _configure([_queue(chance, name) for name in QUEUES], changed),
        _configure(queues, changed[:2]),
        _configure(queues[:1], agents),
        first,
    )


def _configure(queues: list[Queue], agents: list[Agent]) -> Configure:
    known = {queue.id for queue in queues}
    configuration = Configuration(
        presence=PresencePolicy(
            reconnect_grace_ms=900, customer_grace_ms=700, decline_pause_ms=400
        ),
        entry_points=(
            EntryPoint(
                id=EntryPointId("shop"),
                queue=QueueId("support"),
                queues=tuple(sorted(known - {"support"})),
            ),
            EntryPoint(id=EntryPointId("vip"), queue=QueueId("support"), priority=2),
        ),
        queues=tuple(queues),
        wrapup_codes=tuple(WrapupCode(id=CodeId(code)) for code in CODES),
        idle_codes=(IdleCode(id=CodeId("lunch")),),
    )
    serving = tuple(
        Agent(
            id=agent.id,
            name=agent.name,
            queues=tuple(queue for queue in agent.queues if queue in known),
            skills=agent.skills,
            capacity=agent.capacity,
        )
        for agent in agents
    )
    return Configure(
        configuration=configuration, agents=serving, digest=digest_of(configuration, serving)
    )


def _agent(chance: Random, name: str) -> Agent:
    return Agent(
        id=AgentId(name),
        name=NAMES[name],
        queues=tuple(QueueId(queue) for queue in QUEUES if chance.random() < 0.85),
        skills={"net": chance.randint(1, 3)} if chance.random() < 0.7 else {},
        capacity=chance.choice((1, 1, 2, 3)),
    )


def _queue(chance: Random, name: str) -> Queue:
    timer_ms = chance.choice((0, 300, 600))
    return Queue(
        id=QueueId(name),
        strategy=chance.choice(
            ("longest_available", "least_loaded", "round_robin", "best_skilled")
        ),
        priority=chance.randint(0, 1),
        skills={"net": chance.randint(1, 2)} if chance.random() < 0.3 else {},
        offer_timeout_ms=chance.choice((300, 500, 900)),
        wrapup=chance.choice(("required", "required", "optional")),
        wrapup_timeout_ms=timer_ms,
        default_wrapup_code=CodeId("resolved" if timer_ms else ""),
        max_waiting=chance.choice((2, 10, 10)),
    )

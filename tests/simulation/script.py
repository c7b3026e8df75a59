"""What is tried in a history: a list of operations, drawn from the seed before anything happens.

Most of them are `work`: whatever fits in somebody's place. An operation names who does what and
carries one number for its choices, which are made when its time comes. So it still means something
after others were taken out of the list.
"""

from random import Random
from typing import NamedTuple

from tests.simulation.floor import CUSTOMERS, NAMES

PICK_MAX = 1 << 20

CUSTOMERS_DO = {
    "work": 70,
    "open": 5,
    "close": 3,
    "start_silently": 2,
    "start_again": 2,
    "open_and_write": 3,
    "end": 2,
    "history": 2,
    "repeat": 5,
    "reuse": 1,
    "intrude": 2,
    "come_back_as_other": 1,
}
AGENTS_DO = {
    "work": 110,
    "open": 4,
    "close": 3,
    "idle": 2,
    "offline": 1,
    "accept_late": 3,
    "accept_on_time": 3,
    "decline": 3,
    "cancel": 2,
    "leave": 2,
    "remove": 1,
    "look_up": 2,
    "history": 2,
    "repeat": 5,
    "reuse": 2,
    "intrude": 3,
}
WORLD_DOES = {
    "lose_reply_before": 3,
    "lose_reply_after": 4,
    "refuse_commit": 2,
    "usurp": 3,
    "crash_writer": 4,
    "pause_writer": 3,
    "take_down": 2,
    "duplicate": 6,
    "echo": 5,
    "slow_down": 4,
    "slow_reads": 4,
    "lag_hub": 5,
    "crash_hub": 5,
    "crash_all": 1,
    "configure": 4,
}
WAITS_MS = (0, 0, 0, 1, 2, 5, 10, 20, 20, 40, 60, 90, 150, 300, 450)
"""Between two operations: mostly less than a time-out, sometimes past one."""


class Op(NamedTuple):
    """One thing that somebody tries.

    Attributes:
        who: A customer, an agent, or `world` for what goes wrong.
        pick: Settles every choice left open.
    """

    at_ms: int
    who: str
    verb: str
    pick: int


def draw_script(chance: Random) -> tuple[Op, ...]:
    """People arrive, then anything may happen."""
    ops: list[Op] = []
    for name in (*NAMES, *CUSTOMERS):
        ops.append(Op(chance.randint(0, 30), name, "open", chance.randrange(PICK_MAX)))
        if name in NAMES:
            ops.append(Op(40, name, "available", chance.randrange(PICK_MAX)))
    at_ms = 50
    trouble = chance.choice((0.0, 0.06, 0.15))
    for _ in range(chance.randint(15, 40)):
        at_ms += chance.choice(WAITS_MS)
        who, does = _actor(chance, trouble)
        (verb,) = chance.choices(tuple(does), tuple(does.values()))
        ops.append(Op(at_ms, who, verb, chance.randrange(PICK_MAX)))
    return tuple(sorted(ops, key=lambda op: op.at_ms))


def _actor(chance: Random, trouble: float) -> tuple[str, dict[str, int]]:
    drawn = chance.random()
    if drawn < trouble:
        return "world", WORLD_DOES
    if drawn < trouble + 0.4:
        return chance.choice(CUSTOMERS), CUSTOMERS_DO
    return chance.choice(tuple(NAMES)), AGENTS_DO

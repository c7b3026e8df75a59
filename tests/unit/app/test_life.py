"""When a process says that it lives, on a clock that nobody waits for."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from router.app.life import AGAIN_S, PAUSE_S, stay_alive
from router.kernel.ids import HubId
from router.shard.engine import EngineUnavailable, OutcomeUnknown
from router.shard.formats import life_of
from router.shard.hubs import OneHub
from tests.support.virtual_loop import VirtualLoop

FIRST, SECOND, THIRD = (life_of("process", number) for number in (1, 2, 3))


class Register(OneHub):
    """Notes when somebody was announced, and answers as a test says.

    Attributes:
        told: Who, and when.
    """

    def __init__(self, answer: Callable[[HubId, float], bool]) -> None:
        """Answer by hub and time."""
        super().__init__()
        self.told: list[tuple[HubId, float]] = []
        self._answer = answer

    async def announce(self, hub: HubId, *, ttl_ms: int) -> bool:
        """See `Hubs.announce`."""
        now_s = asyncio.get_running_loop().time()
        self.told.append((hub, now_s))
        return self._answer(hub, now_s) and await super().announce(hub, ttl_ms=ttl_ms)


def lived(answer: Callable[[HubId, float], bool], *, for_s: float) -> tuple[Register, list[HubId]]:
    """What a process said to a register for a while, and the lives that it began."""
    register, begun = Register(answer), list[HubId]()

    async def live() -> None:
        async with asyncio.timeout(for_s):
            await stay_alive(register, "process", begun.append)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(TimeoutError):
        runner.run(live())
    return register, begun


def test_a_process_says_in_time_that_it_lives() -> None:
    """It is silent for a third of what it may."""
    register, begun = lived(lambda _hub, _now_s: True, for_s=3.5 * PAUSE_S)

    assert [hub for hub, _ in register.told] == [FIRST] * 3
    assert [at_s for _, at_s in register.told] == pytest.approx([PAUSE_S, 2 * PAUSE_S, 3 * PAUSE_S])
    assert begun == []


@pytest.mark.parametrize("fault", [EngineUnavailable, OutcomeUnknown])
def test_a_store_that_does_not_answer_is_told_again_soon(fault: type[Exception]) -> None:
    """It may be back just before the time has run out, and then nobody was away."""

    def answer(_hub: HubId, now_s: float) -> bool:
        if now_s < PAUSE_S + 1.5 * AGAIN_S:
            raise fault("the store does not answer")
        return True

    register, begun = lived(answer, for_s=2.9 * PAUSE_S)
    expected = [PAUSE_S, PAUSE_S + AGAIN_S, PAUSE_S + 2 * AGAIN_S, 2 * PAUSE_S + 2 * AGAIN_S]

    assert [at_s for _, at_s in register.told] == pytest.approx(expected)
    assert begun == []


def test_a_process_that_was_counted_as_lost_lives_on_as_another() -> None:
    """Its connections are said to be gone; it must not be taken for the one that had them."""

    def answer(gone: set[HubId], hub: HubId, now_s: float) -> bool:
        if hub == SECOND and now_s < 1.05 * PAUSE_S:
            raise EngineUnavailable("the store does not answer")
        return hub not in gone

    register, begun = lived(partial(answer, {FIRST, SECOND}), for_s=2.5 * PAUSE_S)

    assert begun == [THIRD], "each is told once, and none that never lived"
    assert [hub for hub, _ in register.told] == [FIRST, SECOND, SECOND, THIRD, THIRD]

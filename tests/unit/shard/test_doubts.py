"""Offers that run out at a hub that may be dead: nobody is blamed before it is known."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from presence import Connection
from router.kernel.messages import AttachAgent, OfferClosed, PresenceChanged
from router.kernel.model import OfferRecord
from tests.support.kernel import ANNA, DESKS, TABS, desktop
from tests.unit.shard.running import HUB, Running, running

LOOKED_S = 0.08
"""By then a shard has looked several times."""


@pytest_asyncio.fixture
async def it() -> AsyncIterator[Running]:
    """Let a chat ring at an agent whose hub dies."""
    async with running(ANNA) as it:
        await it.sign_in(ANNA)
        await it.chat()
        it.hubs.silent.add(DESKS)
        yield it


async def run_out(it: Running) -> OfferRecord:
    """Let the offer's time pass, and the shard look; what has become of it."""
    it.now_ms = it.offers()[0].expires_at_ms
    await asyncio.sleep(LOOKED_S)
    return it.offers()[0]


def blamed(it: Running) -> bool:
    """Say whether an agent was called one who does not answer."""
    return any(event.state == "rona" for event in it.events(PresenceChanged))


async def test_an_offer_that_ran_out_at_a_dead_hub_is_no_rona(it: Running) -> None:
    """It is taken back when the hub is missed, and goes to somebody else."""
    held = await run_out(it)
    await it.hubs.withdraw(DESKS)
    await it.until(lambda: it.offers()[0].outcome is not None)
    (closed,) = it.events(OfferClosed)

    assert held.outcome is None
    assert (closed.outcome, closed.reason) == ("rescinded", "connection_lost")
    assert not blamed(it)


async def test_an_offer_runs_out_when_its_hub_is_heard_of_again(it: Running) -> None:
    """The hub was late and nothing else: its agent could have answered."""
    held = await run_out(it)
    it.hubs.silent.clear()
    await it.until(lambda: it.offers()[0].outcome is not None)

    assert held.outcome is None
    assert it.offers()[0].outcome == "rona"


async def test_who_comes_back_elsewhere_after_the_time_is_asked_again(it: Running) -> None:
    """That desktop is at a hub that lives, but was not there when the offer ran out."""
    await run_out(it)
    here = Connection(HUB, "anna")
    await it.accepted(AttachAgent(agent=ANNA, connection=here))
    await asyncio.sleep(LOOKED_S)
    held = it.offers()[0]
    await it.hubs.withdraw(DESKS)
    await it.until(lambda: len(it.offers()) == 2)
    former, again = it.offers()

    assert held.outcome is None
    assert former.outcome == "rescinded"
    assert (again.agent, again.contact, again.outcome) == (ANNA, former.contact, None)
    assert not blamed(it)


async def test_a_desktop_at_a_living_hub_is_enough_to_be_asked(it: Running) -> None:
    """Who has two could have answered at the other one."""
    await it.accepted(AttachAgent(agent=ANNA, connection=desktop(ANNA, 2, TABS)))
    closed = await run_out(it)

    assert closed.outcome == "rona"


async def test_while_an_offer_is_held_the_chats_of_others_go_on(it: Running) -> None:
    """A hub may be in doubt for seconds."""
    await run_out(it)
    await it.chat("lea")
    await it.hubs.withdraw(DESKS)
    await it.until(lambda: it.offers()[0].outcome is not None)

    assert not blamed(it)

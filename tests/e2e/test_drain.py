"""A new version is rolled out under people at work: for them nothing is lost."""

import asyncio
import time

import pytest

from tests.e2e.floors import Floor

LONGER_THAN_A_LOSS_S = 2.5
EXIT_S_MAX = 10.0
"""From SIGTERM to the end: orchestrators kill what takes three times as long."""


async def restart(floor: Floor) -> float:
    """Stop the server as a roll-out does and start the next; gives how long the stop took."""
    started_s = time.monotonic()
    floor.server.ask_to_stop()
    code = await asyncio.to_thread(floor.server.wait)
    took_s = time.monotonic() - started_s
    await asyncio.to_thread(floor.server.start)

    assert code == 0
    return took_s


async def test_what_rings_during_a_drain_rings_on_after_it(floor: Floor) -> None:
    """Desktops come back within the time they were told: no RONA, nothing taken back."""
    anna = await floor.desk()
    talking, ringing, new = await floor.customers(3)
    chat = await floor.chat(talking, anna)
    started = await ringing.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    took_s = await restart(floor)
    told = [await client.until("server.draining") for client in (anna, talking, ringing)]
    later = await floor.customer(token=new.token)
    waiting = await later.do("chat.start", text="I am new")
    await asyncio.sleep(LONGER_THAN_A_LOSS_S)  # a lost desktop would have lost its offer by now
    desk = await floor.desk(state=None)
    back = await floor.customer(token=ringing.token)
    await desk.do("offer.accept", offer=offer["id"])
    await back.until("contact.assigned", contact=started["contact"])

    assert took_s < EXIT_S_MAX
    assert all(0 < event["reconnect_within_ms"] <= 5_000 for event in told)
    assert (waiting["state"], waiting["position"]) == ("queued", 2)
    assert desk.hello["offers"][0]["id"] == offer["id"]
    assert [one["contact"]["id"] for one in desk.hello["offers"][1:]] == [waiting["contact"]]
    assert desk.hello["agent"]["state"] == "available"
    assert desk.hello["contacts"][0]["id"] == chat.contact
    assert desk.named("offer.closed")[0]["outcome"] == "accepted"


@pytest.mark.floor(agents={"anna": {}, "bo": {}})
async def test_nobody_hears_of_a_drain_they_were_not_part_of(floor: Floor) -> None:
    """A colleague on the way back is connected: chats are not handed on, lists do not flicker."""
    anna, bo = await floor.desk(), await floor.desk("bo", state="idle")
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await restart(floor)
    first = await floor.desk("bo", state=None)
    seen = await first.do("directory.agents", search=anna.agent)
    await asyncio.sleep(LONGER_THAN_A_LOSS_S)
    desk = await floor.desk(state=None)
    await desk.do("message.send", contact=chat.contact, text="still here")

    assert [agent["connected"] for agent in seen["agents"]] == [True]
    assert first.hello["agent"]["state"] == "idle"
    assert desk.hello["contacts"][0]["owner"] == anna.agent
    assert desk.hello["contacts"][0]["customer"]["connected"] is True
    assert bo.named("presence.changed", since=bo.index("server.draining")) == []

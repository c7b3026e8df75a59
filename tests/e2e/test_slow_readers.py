"""A client that stops reading is cut off, and misses nothing when it comes back."""

import asyncio
import os

import pytest

from tests.e2e.floors import Floor
from tests.support.clients import Customer, Desk
from tests.support.hostile import Payload, Seat, Target
from tests.support.server import sign

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
WORDS = "and so on " * 90
AT_ONCE = 100
"""Messages on their way at one time."""

GIVE_UP = 10_000
"""Messages that no bound of ours would let wait."""


async def connected(watcher: Desk, agent: str) -> bool:
    """Whether an agent has a desktop, as colleagues see it."""
    found = await watcher.do("directory.agents", search=agent)
    return any(each["connected"] for each in found["agents"])


async def flood(writer: Customer, conversation: str) -> list[str]:
    """Write so many messages at once, each unlike the others."""
    mark = writer.mark
    texts = [f"{mark}.{number} {WORDS}".strip() for number in range(AT_ONCE)]
    for text in texts:
        await writer.tell("message.send", {"conversation": conversation, "text": text})
    await writer.until("message", text=texts[-1], since=mark)
    return texts


async def whole(seat: Seat, conversation: str, after: int) -> list[Payload]:
    """Every message of a conversation behind a number, page by page."""
    messages: list[Payload] = []
    while True:
        page = await seat.ask(
            "history", {"conversation": conversation, "after": after, "limit": 200}
        )
        messages += page["messages"]
        if not page["more"]:
            return messages
        after = messages[-1]["seq"]


async def test_a_desktop_that_stops_reading_is_cut_off_and_comes_back_to_everything(
    floor: Floor,
) -> None:
    """What waits for it is bounded, and yet no word of the customer's is lost or twice."""
    target = Target(floor.server.url, 0, [], [])
    auth = {"token": sign(sub=floor.id("anna"), roles=["agent"])}
    anna = await Seat.taken(target, "/agent", auth)
    await anna.ask("presence.set", {"state": "available"})
    bo, customer = await floor.desk("bo", state=None), await floor.customer()
    ringing = asyncio.create_task(anna.event("offer.created"))
    started = await customer.do("chat.start", text="Hello")
    await anna.ask("offer.accept", {"offer": (await ringing)["offer"]["id"]})
    anna.stop_reading()
    written: list[str] = []
    while await connected(bo, floor.id("anna")) and len(written) < GIVE_UP:
        written += await flood(customer, started["conversation"])
    written += await flood(customer, started["conversation"])
    anna.close()
    back = await Seat.taken(target, "/agent", auth)
    contacts = back.greeting["contacts"]
    history = await whole(back, started["conversation"], after=0)
    back.close()

    assert AT_ONCE * 2 < len(written) < GIVE_UP
    assert [contact["id"] for contact in contacts] == [started["contact"]]
    assert contacts[0]["messages"] == history[-50:]
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    said = [message["text"] for message in history if message["author"]["role"] == "customer"]
    assert said == ["Hello", *written]


@pytest.mark.skipif(not IS_LONG, reason="takes ten seconds; the rule is tested with shorter ones")
async def test_a_dead_desktop_is_noticed_within_ten_seconds(floor: Floor) -> None:
    """Offers must not ring at a desk that nobody sits at."""
    auth = {"token": sign(sub=floor.id("anna"), roles=["agent"])}
    anna = await Seat.taken(Target(floor.server.url, 0, [], []), "/agent", auth)
    loop = asyncio.get_running_loop()
    await asyncio.sleep(5.5)  # it answered one ping, and dies as late before the next as it can
    anna.is_deaf = True
    died_s = loop.time()
    async with asyncio.timeout(15):
        await anna.is_lost.wait()

    assert loop.time() - died_s < 10

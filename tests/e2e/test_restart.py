"""The process may be killed at any moment; what it acknowledged stays true."""

import asyncio

import pytest

from tests.e2e.floors import Chat, Floor, Tables
from tests.support.clients import Customer, Desk

SETTINGS = {"presence": {"decline_pause_ms": 300}}
FOUR: Tables = {name: {"capacity": 3} for name in ("anna", "bo", "cleo", "dan")}


class Talk:
    """One side of a chat that writes as fast as it is answered, until the line breaks."""

    def __init__(self, name: str, client: Customer | Desk, where: dict[str, str]) -> None:
        """Keep who writes where; nothing is written yet."""
        self.acknowledged: dict[str, int] = {}
        self.is_flowing = asyncio.Event()
        self._name = name
        self._client = client
        self._where = where

    async def run(self) -> None:
        """Write numbered messages and note the number each was acknowledged under."""
        turn = 0
        while self._client.is_connected:
            text = f"{self._name} {turn}"
            answer = await self._client.do("message.send", id=text, text=text, **self._where)
            self.acknowledged[text] = int(answer["seq"])
            turn += 1
            if turn == 5:
                self.is_flowing.set()


async def kill_in_the_middle(floor: Floor, talks: list[Talk]) -> None:
    """Let everybody write, kill the server while they do, and start it again."""
    writing = [asyncio.create_task(talk.run()) for talk in talks]
    await asyncio.gather(*(talk.is_flowing.wait() for talk in talks))
    floor.server.kill()
    for task in writing:
        task.cancel()
    await asyncio.gather(*writing, return_exceptions=True)
    floor.server.start()


@pytest.mark.floor(agents=FOUR)
async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(floor: Floor) -> None:
    """An answer is a promise, and numbers go on without a gap after the crash."""
    desks = [await floor.desk(name) for name in FOUR]
    customers = await floor.customers(8)
    chats: list[tuple[Customer, Desk, Chat]] = []
    talks: list[Talk] = []
    for customer in customers:
        started = await customer.do("chat.start", text="Hello")
        owner = await first_offered(desks, started["contact"])
        await owner.take(started["contact"])
        chats.append((customer, owner, Chat(started["contact"], started["conversation"])))
    for place, (customer, desk, chat) in enumerate(chats):
        talks.append(Talk(f"customer {place}", customer, {"conversation": chat.conversation}))
        talks.append(Talk(f"agent {place}", desk, {"contact": chat.contact}))
    await kill_in_the_middle(floor, talks)
    after = {
        desk.agent: await floor.desk(name, state=None)
        for name, desk in zip(FOUR, desks, strict=True)
    }

    for place, (customer, owner, chat) in enumerate(chats):
        back = await floor.customer(token=customer.token)
        desk = after[owner.agent]
        await desk.do("message.send", contact=chat.contact, text="after the crash")
        await back.until("message", text="after the crash")
        history = await whole(back, chat.conversation)
        kept = dict(history)
        acknowledged = talks[2 * place].acknowledged | talks[2 * place + 1].acknowledged

        assert back.hello["conversations"][0]["contact"] == {
            "id": chat.contact,
            "state": "connected",
        }
        assert {seq: kept.get(seq) for seq in acknowledged.values()} == {
            seq: text for text, seq in acknowledged.items()
        }
        assert [seq for seq, _ in history] == list(range(1, len(history) + 1))
        texts = [text for _, text in history]
        assert len(set(texts) - {""}) == len([text for text in texts if text])
    for desk in after.values():
        assert desk.hello["agent"]["state"] == "available"


async def first_offered(desks: list[Desk], contact: str) -> Desk:
    """Say on which desk a contact rings; the answer to its start came after the offer."""
    for desk in desks:
        await desk.do("directory.queues")
    [owner] = [
        desk
        for desk in desks
        if any(e["offer"]["contact"]["id"] == contact for e in desk.named("offer.created"))
    ]
    return owner


async def whole(customer: Customer, conversation: str) -> list[tuple[int, str]]:
    """Read a conversation to its end: number and text of each message, notices without text."""
    rows: list[tuple[int, str]] = []
    while True:
        after = rows[-1][0] if rows else 0
        answer = await customer.do("history", conversation=conversation, after=after, limit=200)
        page = sorted(answer["messages"], key=lambda message: int(message["seq"]))
        rows += [(m["seq"], "" if "event" in m else m["text"]) for m in page]
        if not answer["more"]:
            return rows


@pytest.mark.floor(queues={"support": {"offer_timeout_ms": 1500}})
async def test_a_crash_does_not_turn_pending_offers_into_rona(floor: Floor) -> None:
    """The agent could not answer a server that was not there: its time stood still."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    floor.server.kill()
    await asyncio.sleep(2.0)  # longer than the offer lasts: this is what the test is about
    floor.server.start()
    back, again = await asyncio.gather(floor.desk(state=None), floor.customer(token=customer.token))
    [pending] = back.hello["offers"]
    await back.do("offer.accept", offer=offer["id"])
    await again.until("contact.assigned", contact=started["contact"])

    assert back.hello["agent"]["state"] == "available"
    assert pending["id"] == offer["id"]
    assert pending["expires_at"] > pending["server_now"]


async def test_the_line_and_what_is_owed_survive_a_crash(floor: Floor) -> None:
    """Places, priorities and owed codes are facts, not something the process remembers."""
    anna = await floor.desk()
    ended = await floor.customer()
    chat = await floor.chat(ended, anna)
    await anna.noted(chat.contact, "a note")
    await anna.do("contact.end", contact=chat.contact)
    await anna.do("presence.set", state="idle", idle_code="lunch")
    waiting = await floor.customers(3)
    started = [await customer.do("chat.start", text="Hello") for customer in waiting]
    floor.server.kill()
    floor.server.start()
    for customer in waiting:
        back = await floor.customer(token=customer.token)
        assert back.hello["conversations"][0]["contact"]["state"] == "queued"
    desk = await floor.desk(state=None)
    [owed] = desk.hello["contacts"]
    await desk.do("contact.wrapup", contact=chat.contact, code="resolved")
    await desk.available()
    await desk.offered(started[2]["contact"])
    order = [event["offer"]["contact"]["id"] for event in desk.named("offer.created")]

    assert desk.hello["agent"]["state"] == "idle"
    assert desk.hello["agent"]["idle_code"] == "lunch"
    assert (owed["id"], owed["state"]) == (chat.contact, "wrapup")
    assert "a note" in [message["text"] for message in owed["messages"]]
    assert order == [answer["contact"] for answer in started]


async def test_a_pending_transfer_survives_a_crash(floor: Floor) -> None:
    """The request still rings, and the owner still owns the chat."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    offer = await bo.offered(chat.contact, kind="transfer")
    floor.server.kill()
    floor.server.start()
    first, second = await asyncio.gather(floor.desk(state=None), floor.desk("bo", state=None))
    accepted = await second.do("offer.accept", offer=offer["id"])
    await first.until("wrapup.started", contact=chat.contact)

    assert first.hello["contacts"][0]["owner"] == anna.agent
    assert [one["id"] for one in second.hello["offers"]] == [offer["id"]]
    assert accepted["contact"]["owner"] == bo.agent


async def test_an_orderly_stop_tells_the_clients_and_loses_nothing(floor: Floor) -> None:
    """A new version is rolled out under people who are talking."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    floor.server.ask_to_stop()
    for client in (customer, anna):
        draining = await client.until("server.draining")

        assert draining["reconnect_within_ms"] > 0
    code = await asyncio.to_thread(floor.server.wait)
    floor.server.start()
    back = await floor.customer(token=customer.token)
    desk = await floor.desk(state=None)
    await desk.do("message.send", contact=chat.contact, text="a new version")
    await back.until("message", text="a new version")

    assert code == 0
    assert desk.hello["agent"]["state"] == "available"

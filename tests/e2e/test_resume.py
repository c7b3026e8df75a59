"""Whoever comes back finds everything that was said meanwhile, once, and goes on from there."""

import asyncio

from tests.e2e.floors import Chat, Floor
from tests.support.clients import Client, Customer, Desk

MISSED = 130
"""More than a snapshot shows, and more than one page of a history."""


async def missed(client: Client, conversation: str, after: int) -> list[int]:
    """The numbers of what was said after one, page by page."""
    seqs: list[int] = []
    while True:
        last = seqs[-1] if seqs else after
        page = await client.do("history", conversation=conversation, after=last)
        seqs += sorted(message["seq"] for message in page["messages"])
        if not page["more"]:
            return seqs


def heard(client: Client, conversation: str) -> list[int]:
    """The numbers of the messages that came as events, in the order they came."""
    return [e["seq"] for e in client.named("message") if e["conversation"] == conversation]


async def talk(chat: Chat, customer: Customer, desk: Desk, count: int) -> int:
    """Both write at once; gives the last number."""
    mine = [
        customer.do("message.send", conversation=chat.conversation, text=f"c {turn}")
        for turn in range(count)
    ]
    theirs = [
        desk.do("message.send", contact=chat.contact, text=f"a {turn}") for turn in range(count)
    ]
    answers = await asyncio.gather(*mine, *theirs)
    return max(int(answer["seq"]) for answer in answers)


async def test_a_customer_who_comes_back_misses_nothing_and_hears_nothing_twice(
    floor: Floor,
) -> None:
    """History goes on from the last number they saw, events go on from the history."""
    anna = await floor.desk()
    customer = await floor.customer()
    tab = await floor.customer(token=customer.token)
    chat = await floor.chat(customer, anna)
    await talk(chat, tab, anna, 5)
    await customer.until("message", text="a 4")
    seen = heard(customer, chat.conversation)
    await customer.lose()
    last = await talk(chat, tab, anna, MISSED // 2)
    writing = asyncio.create_task(talk(chat, tab, anna, 20))
    back = await floor.customer(token=customer.token)
    after = await missed(back, chat.conversation, seen[-1])
    end = await writing
    await back.until("message", seq=end)
    live = heard(back, chat.conversation)

    assert seen == list(range(1, seen[-1] + 1))
    assert after == list(range(seen[-1] + 1, after[-1] + 1))
    assert after[-1] >= last
    assert live == list(range(live[0], end + 1))
    assert live[0] <= after[-1] + 1
    assert back.hello["conversations"][0]["last_seq"] == live[0] - 1


async def test_an_agent_who_comes_back_misses_nothing_and_hears_nothing_twice(
    floor: Floor,
) -> None:
    """The snapshot shows the end of it, events go on from there, history has what is between."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    second = await floor.desk(state=None)
    await talk(chat, customer, second, 5)
    await anna.until("message", text="c 4")
    seen = heard(anna, chat.conversation)
    await anna.lose()
    await talk(chat, customer, second, MISSED // 2)
    writing = asyncio.create_task(talk(chat, customer, second, 20))
    back = await floor.desk(state=None)
    shown = [message["seq"] for message in back.hello["contacts"][0]["messages"]]
    between = await missed(back, chat.conversation, seen[-1])
    end = await writing
    await back.until("message", seq=end)
    live = heard(back, chat.conversation)

    assert shown == list(range(shown[0], shown[-1] + 1))
    assert len(shown) == 50
    assert [*shown, *live] == list(range(shown[0], end + 1))
    assert between == list(range(seen[-1] + 1, between[-1] + 1))
    assert between[-1] >= shown[-1]


async def test_a_token_resumes_after_every_kind_of_restart(floor: Floor) -> None:
    """It is kept as a hash in the store, not in the process that gave it."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    floor.server.kill()
    floor.server.start()
    first = await floor.customer(token=customer.token)
    floor.server.stop()
    floor.server.start()
    second = await floor.customer(token=first.token)
    third = await floor.customer(token=customer.token)
    clients = (customer, first, second, third)

    assert len({client.hello["customer"] for client in clients}) == 1
    assert third.hello["conversations"][0]["contact"]["id"] == started["contact"]
    assert floor.server.find(customer.token) == []

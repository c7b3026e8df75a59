"""A queue's own masking policy on the wire: what is dropped, left, counted, or goes wrong."""

import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.server import Server, Toml

CARD = "4111 1111 1111 1111"
MAIL = "kim.larsson@private.example"
SHOP = "+46 8 123 456 78"
TRAP = "z" * 60 + f" {MAIL}"
SLOW = "a|(z|zz)+!"  # what keeps it busy is not in its example, so it passes for a good one

SUPPORT: Toml = {
    "kinds": {"email": {"action": "off"}, "pan": {"action": "drop"}, "iban": {"action": "shadow"}},
    "allow": [r"\+46 8 123 456 78"],
    "rules": [{"name": "order", "pattern": r"\bFD-\d{8}\b", "example": "FD-12345678"}],
}


def plan(support: Toml) -> Plan:
    """Two queues, one with a policy of its own."""
    return Plan(
        queues={"support": {"masking": support}, "sales": {}},
        agents={"anna": {"queues": ["support", "sales"]}},
        entry_points={"shop": {"queues": ["sales"]}},
    )


@pytest_asyncio.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """A server of its own, whose configuration a test changes."""
    server = Server(tmp_path, configuration([plan(SUPPORT)], {}))
    server.start()
    made = Floor(server, 0)
    try:
        yield made
        await made.close()
        server.stop()
    finally:
        server.kill()


def metric(floor: Floor, line: str) -> bool:
    """Tell whether the metrics say this."""
    with urllib.request.urlopen(f"{floor.server.url}/metrics", timeout=5) as page:  # noqa: S310 - the server's own
        return f"\n{line}\n" in page.read().decode()


async def test_a_queue_has_a_policy_of_its_own_until_a_reload(floor: Floor) -> None:
    """What is masked follows the queue the chat is in, and the file as it is by now."""
    anna = await floor.desk()
    kim = await floor.customer()
    chat = await floor.chat(kim, anna, text=f"I am {MAIL}", email=MAIL, attributes={"card": CARD})
    dropped = await kim.do("message.send", conversation=chat.conversation, text=f"pay {CARD} now")
    seen = await anna.until("message", seq=dropped["seq"])
    other = await kim.do(
        "message.send",
        conversation=chat.conversation,
        text=f"FD-12345678, call {SHOP}, not +46 70 123 45 67, DE89 3704 0044 0532 0130 00",
    )
    answer = await anna.do("message.send", contact=chat.contact, text=f"{CARD} from {MAIL}")
    bo = await floor.customer()
    sold = await bo.do("chat.start", text=f"I am {MAIL}", queue=floor.id("sales"))
    shown = await anna.take(sold["contact"])
    more = await bo.do("message.send", conversation=sold["conversation"], text=f"{MAIL}!")
    history = (await kim.do("history", conversation=chat.conversation))["messages"]

    assert dropped["text"] == seen["text"] == "***"
    assert dropped["masked"] == seen["masked"] == ["pan"]
    assert seen["masked_spans"] == [["pan", 0, 3]]
    assert other["text"] == (
        f"***********, call {SHOP}, not ********4567, DE89 3704 0044 0532 0130 00"
    )
    assert other["masked"] == ["phone", "order"]
    assert answer["text"] == "***"
    assert history[0]["text"] == f"I am {MAIL}"
    assert shown["messages"][0]["text"] == "I am k**********@private.example"
    assert more["text"] == "k**********@private.example!"
    assert metric(floor, 'frontdesk_masking_shadow_total{kind="iban"} 1.0')
    assert metric(floor, 'frontdesk_masked_total{kind="order"} 1.0')
    assert floor.server.find(CARD, "41111111") == []

    floor.server.reload(configuration([plan({})], {}))
    later = await kim.do("message.send", conversation=chat.conversation, text=f"{MAIL} FD-12345678")

    assert later["text"] == "k**********@private.example FD-12345678"
    assert "needs_restart" not in floor.server.output_text()


async def test_a_rule_that_never_ends_costs_one_message_and_no_more(floor: Floor) -> None:
    """Its text is starred, nothing of it is kept, and the others hardly notice."""
    rules: Toml = [{"name": "slow", "pattern": SLOW, "example": "a", "timeout_ms": 20}]
    floor.server.reload(configuration([plan({"rules": rules})], {}))
    anna = await floor.desk()
    kim = await floor.customer()
    chat = await floor.chat(kim, anna)
    began_s = time.monotonic()
    sent = [
        await kim.do("message.send", conversation=chat.conversation, text=TRAP) for _ in range(5)
    ]
    took_s = time.monotonic() - began_s
    fine = await anna.do("message.send", contact=chat.contact, text="Are you there?")

    assert {character for each in sent for character in each["text"]} == {"*", " "}
    assert took_s < 5.0
    assert fine["text"] == "Are you there?"
    assert metric(floor, "frontdesk_masking_failures_total 5.0")
    assert floor.server.find(MAIL, "kim.larsson") == []

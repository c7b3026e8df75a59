"""Whatever strangers send, the server answers on, remembers nothing of it and disturbs nobody."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from router.hub.auth import ALLOWED
from tests.support import hostile
from tests.support import hostile_values as values
from tests.support.clients import Customer, Desk
from tests.support.hostile import Attack, Target
from tests.support.server import IDENTITY_SECRET, SECRET, Server, Toml, sign

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
SEED = int(os.environ.get("FRONTDESK_SEED", time.time_ns() if IS_LONG else 1))
FLOOD = 100_000 if IS_LONG else 25_000
"""Of each family, twice: the first fills what is bounded by a size, such as the pages in memory."""

GROWTH_KIB_MAX = 10 * 1024
"""Of the second flood, when what nothing needs is given back; both may keep twice as much."""

LATE_S = 8.0
"""How long a person may wait for an answer while server and attackers share two busy cores."""

CANARY = "kestrel-40317"
FUZZ = [f"fuzz-{place}" for place in range(hostile.BATCHES_AT_ONCE)]
CONFIGURATION: dict[str, Toml] = {
    "tenant": {"id": "main"},
    "auth": {"secret": SECRET},
    "limits": {
        "connects_per_minute": 0,
        "sockets_per_address": 0,
        "customer_messages_per_second": 0,
        "customer_messages_burst": 0,
        "agent_messages_per_second": 0,
        "commands_per_second": 0,
        "connects_per_second": 0,
    },
    "presence": {"reconnect_grace_ms": 500, "customer_grace_ms": 500},
    "entry_points": [
        {"id": "calm", "queue": "calm"},
        *({"id": fuzz, "queue": fuzz, "identity_secret": IDENTITY_SECRET} for fuzz in FUZZ),
    ],
    "queues": [
        {"id": "calm"},
        *({"id": fuzz, "wrapup": "optional", "max_waiting": 20} for fuzz in FUZZ),
    ],
    "agents": [
        # One slot, which is taken: whatever others ask of her is refused.
        {"id": "anna", "name": "Anna", "queues": ["calm"], "capacity": 1},
        *({"id": fuzz, "queues": [fuzz], "capacity": 10_000} for fuzz in FUZZ),
    ],
    "wrapup_codes": [{"id": "resolved"}, {"id": "followup"}],
    "idle_codes": [{"id": "lunch"}],
}


class Bystander:
    """A customer and an agent who talk while the server is attacked.

    Attributes:
        written: What they wrote since, in order.
        is_over: They stop after the next words.
        worst_s: The longest that one of them waited for an answer.
    """

    def __init__(self, customer: Customer, desk: Desk, started: dict[str, str]) -> None:
        """Begin with a chat that was just taken."""
        self.customer = customer
        self.desk = desk
        self.contact = started["contact"]
        self.conversation = started["conversation"]
        self.written: list[str] = []
        self.worst_s = 0.0
        self.is_over = False
        self._marks = customer.mark, desk.mark

    @classmethod
    async def begin(cls, url: str) -> "Bystander":
        """Bring both together."""
        name = f"Bo {CANARY}"
        customer = await Customer(url, {"entry_point": "calm"}).connect()
        desk = await Desk(url, {"token": sign(sub="anna", roles=["agent"])}).connect()
        await desk.available()
        started = await customer.do("chat.start", name=name, text=f"hello {CANARY}")
        await desk.take(started["contact"])
        await customer.until("contact.assigned")
        await customer.until("message", lambda message: "event" in message)
        await desk.until("message", lambda message: "event" in message)
        return cls(customer, desk, started)

    async def talk(self) -> None:
        """Write to each other until it is over, at least once."""
        while not self.written or not self.is_over:
            for _ in range(2):
                await self._say()
            await asyncio.sleep(0.05)

    async def _say(self) -> None:
        text = f"{CANARY} {len(self.written)}"
        is_customer = len(self.written) % 2 == 0
        writer, reader = (self.customer, self.desk) if is_customer else (self.desk, self.customer)
        where = {"conversation": self.conversation} if is_customer else {"contact": self.contact}
        self.written.append(text)
        marks = [(each, each.mark) for each in (writer, reader)]
        began_s = time.monotonic()
        await writer.do("message.send", text=text, **where)
        await asyncio.gather(
            *(each.until("message", text=text, since=mark) for each, mark in marks)
        )
        self.worst_s = max(self.worst_s, time.monotonic() - began_s)

    def check(self) -> None:
        """Nothing is missing and nothing else happened."""
        for client, mark in zip((self.customer, self.desk), self._marks, strict=True):
            heard = [event for event in client.events[mark:] if event.name != "ack message.send"]

            assert {event.name for event in heard} <= {"message"}, {each.name for each in heard}
            assert [event.payload["text"] for event in heard] == self.written
            seqs = [event.payload["seq"] for event in heard]
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
            assert client.mistakes == []
            assert client.is_connected
        assert self.worst_s < LATE_S

    async def end(self) -> None:
        """Finish the chat, so that the agent is free for another."""
        wrapup = {"code": "resolved"}
        await self.desk.do("contact.end", contact=self.contact, wrapup=wrapup)

    async def leave(self) -> None:
        """Close both."""
        await self.customer.leave()
        await self.desk.leave()


@asynccontextmanager
async def talking(url: str) -> AsyncGenerator[Bystander]:
    """Two people who talk until the end, which they must reach undisturbed."""
    bystander = await Bystander.begin(url)
    task = asyncio.create_task(bystander.talk())
    try:
        yield bystander
        bystander.is_over = True
        await task
        bystander.check()
        await bystander.end()
    finally:
        task.cancel()
        await bystander.leave()


def test_every_command_is_attacked() -> None:
    """A command that is added and forgotten here would never be."""
    assert set(values.CUSTOMER) == set(ALLOWED["customer"])
    assert set(values.AGENT) == (ALLOWED["agent"] | ALLOWED["reveal"]) - {"/agent"}


async def flooded(server: Server, bystander: Bystander, seed: int) -> int:
    """Send so much of every family, and say how much memory the server then holds."""
    others = [bystander.contact, bystander.conversation, "calm", "anna"]
    secrets = [CANARY, bystander.customer.token]
    target = Target(server.url, seed, secrets, others)
    for family, one in hostile.FAMILIES.items():
        sent = await Attack(target, family, FLOOD).run(one)

        assert sent >= FLOOD
    return server.needed_kib()


async def test_strangers_break_nothing_and_disturb_nobody(tmp_path: Path) -> None:
    """The hub faces the internet: 50 000 attacks of each family, and a chat that goes on."""
    server = Server(tmp_path, CONFIGURATION)
    server.start()
    try:
        async with talking(server.url) as bystander:
            before_kib = await flooded(server, bystander, SEED)
            grown_kib = await flooded(server, bystander, SEED + 1) - before_kib
        async with talking(server.url):
            pass  # a fresh chat works
        server.stop()
    finally:
        server.kill()

    assert grown_kib <= GROWTH_KIB_MAX
    assert bugs(server.output_text()) == []


def bugs(output: str) -> list[str]:
    """The lines of a log that tell of a bug."""
    return [line for line in output.splitlines() if " error " in line]

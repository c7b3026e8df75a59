"""Measures how soon everybody is back after the server was killed, or stopped, and started again.

Customers with chats in hand and their agents come back by themselves with the pauses of the usual
client, while those who are back write to those who are not. Nobody may miss a message.
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Literal, NamedTuple

import uvloop

from bench.people import Agent, Customer, Person, bring_together
from bench.processes import Measured, free_port, frontdesk
from bench.wire import Refused

Ending = Literal["kill", "stop"]
ENDINGS: tuple[Ending, ...] = ("kill", "stop")
CHATS_EACH = 9
"""Of one agent: of ten sockets one is an agent's."""
IN_TRAFFIC_S = 0.1
"""From when everybody begins to write to the end: some of it is answered, some is on its way."""
OPENING = "This is letter "
PATIENCE_S = 60.0
"""Beyond what any measurement should show, so that it shows it."""
PAUSE_S, PAUSE_S_MAX = 1.0, 5.0
"""What the JavaScript client waits before it tries again: doubled each time, up to the second."""


class Letter(NamedTuple):
    """One message that must arrive once, however often it is sent."""

    conversation: str
    payload: dict[str, str]


class Outage(NamedTuple):
    """How long a server was away, and then how long until everybody had resumed."""

    away_s: float
    resumed_s: float


class Guest:
    """Somebody who always comes back, and sends what was written meanwhile."""

    def __init__(self, person: Person, places: dict[str, dict[str, str]], name: str) -> None:
        """Be there already.

        Args:
            person: Who.
            places: How this person names each conversation in a command.
            name: Unlike any other's.
        """
        self.person = person
        self.back_s = 0.0
        self.written: list[Letter] = []
        self._places = places
        self._name = name
        self._unsent: list[Letter] = []
        self._wake = asyncio.Event()
        self._random = random.Random(name)

    def letters(self) -> dict[str, Counter[str]]:
        """What was read of what guests write, by conversation."""
        return {
            conversation: Counter(text for text in log.texts if text.startswith(OPENING))
            for conversation, log in self.person.logs.items()
        }

    def has_read(self, written: dict[str, Counter[str]]) -> bool:
        """True when all of it was read and nothing of one's own waits for an ack."""
        read = self.letters()
        return not self._unsent and all(read[name] >= written[name] for name in self._places)

    def write(self) -> None:
        """Write into every conversation, now or when back."""
        for conversation, place in self._places.items():
            name = f"{self._name} {len(self.written)}"
            letter = Letter(conversation, {**place, "id": name, "text": f"{OPENING}{name}."})
            self.written.append(letter)
            self._unsent.append(letter)
        self._wake.set()

    async def stay(self, url: str, *, pause_s_max: float) -> None:
        """Send, and come back whenever the connection ended; until cancelled."""
        while True:
            lost = self.person.socket.wire.is_lost
            lost.add_done_callback(lambda _lost: self._wake.set())
            with suppress(OSError):  # what was not answered is sent again
                while not lost.done():
                    await self._send()
                    await self._wake.wait()
                    self._wake.clear()
            await self._come_back(url, pause_s_max)

    async def _come_back(self, url: str, pause_s_max: float) -> None:
        self.person.socket.wire.abort()
        pause_s = PAUSE_S
        while True:
            await asyncio.sleep(pause_s * self._random.uniform(0.5, 1.5))
            try:
                await self.person.arrive(url)
            except (OSError, Refused):
                pause_s = min(2 * pause_s, pause_s_max)
            else:
                break
        assert all(log.is_gapless for log in self.person.logs.values()), "a message is missing"
        self.back_s = perf_counter()

    async def _send(self) -> None:
        while self._unsent:
            try:
                await self.person.socket.ask("message.send", self._unsent[0].payload)
            except Refused as refused:
                if not refused.error["retryable"]:
                    raise
                await asyncio.sleep(PAUSE_S)
            else:
                del self._unsent[0]


class Storm:
    """A server and everybody who is connected to it."""

    def __init__(self, program: Measured, guests: list[Guest]) -> None:
        """Everybody has arrived."""
        self._program = program
        self._guests = guests

    @classmethod
    @asynccontextmanager
    async def gathered(
        cls, folder: Path, *, sockets: int, pause_s_max: float = PAUSE_S_MAX
    ) -> "AsyncGenerator[Storm]":
        """Start a server, and connect as many sockets, every customer in a chat.

        Args:
            folder: Where the server keeps what it has.
            sockets: One in ten is an agent's.
            pause_s_max: The longest that anybody waits before trying again, half as much more at
                times: less is a harder storm.

        Raises:
            ExceptionGroup: Somebody found something missing, or was refused for good.
        """
        count = sockets // (CHATS_EACH + 1)
        port = free_port()
        program = frontdesk(folder, agents=count, capacity=CHATS_EACH, port=port)
        program.start()
        try:
            agents = [Agent(f"agent{number}") for number in range(count)]
            customers = [Customer() for _ in range(count * CHATS_EACH)]
            await bring_together(program.url, customers, agents)
            guests = _guests(customers, agents)
            async with asyncio.TaskGroup() as group:
                staying = [
                    group.create_task(guest.stay(program.url, pause_s_max=pause_s_max))
                    for guest in guests
                ]
                yield cls(program, guests)
                for task in staying:
                    task.cancel()
        finally:
            program.kill()

    async def strike(self, ending: Ending) -> Outage:
        """End the server in full traffic, start it again, and wait until all have resumed.

        Raises:
            TimeoutError: Somebody did not come back.
        """
        for guest in self._guests:
            guest.write()
        await asyncio.sleep(IN_TRAFFIC_S)
        await asyncio.to_thread(self._program.kill if ending == "kill" else self._program.stop)
        began_s = perf_counter()
        for guest in self._guests:
            guest.write()
        await asyncio.to_thread(self._program.start)
        listens_s = perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            while any(guest.back_s < began_s for guest in self._guests):  # noqa: ASYNC110 - no event each
                await asyncio.sleep(0.02)
        resumed_s = max(guest.back_s for guest in self._guests)
        return Outage(listens_s - began_s, resumed_s - listens_s)

    async def settle(self) -> int:
        """Wait until all that was written has come to all, and count it.

        Raises:
            TimeoutError: Something has not come to everybody.
            AssertionError: Something came twice, or not to one of them.
        """
        written: dict[str, Counter[str]] = {}
        for letter in (letter for guest in self._guests for letter in guest.written):
            written.setdefault(letter.conversation, Counter())[letter.payload["text"]] += 1
        async with asyncio.timeout(PATIENCE_S):
            while not all(guest.has_read(written) for guest in self._guests):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)

        for guest in self._guests:
            for conversation, texts in guest.letters().items():
                assert texts == written[conversation], "a message came twice"
        return sum(texts.total() for texts in written.values())


def _guests(customers: list[Customer], agents: list[Agent]) -> list[Guest]:
    """Everybody, each with how they name their conversations."""
    asking = [
        Guest(one, {one.conversation: {"conversation": one.conversation}}, f"customer{number}")
        for number, one in enumerate(customers)
    ]
    answering = [
        Guest(
            one,
            {conversation: {"contact": contact} for contact, conversation in one.chats.items()},
            f"agent{number}",
        )
        for number, one in enumerate(agents)
    ]
    return asking + answering


async def measure(folder: Path, *, sockets: int) -> dict[str, float]:
    """Both endings, one after the other."""
    found: dict[str, float] = {"sockets": sockets}
    async with Storm.gathered(folder, sockets=sockets) as storm:
        for ending in ENDINGS:
            away_s, resumed_s = await storm.strike(ending)
            found["messages"] = await storm.settle()
            found[f"{ending}_away_s"] = round(away_s, 2)
            found[f"{ending}_resumed_s"] = round(resumed_s, 2)
            print(f"{ending}: away for {away_s:.1f} s, all back after {resumed_s:.1f} s more")
    return found


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1_000, help="one in ten is an agent's")
    parser.add_argument("--folder", help="where the store is (the system's temporary folder)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=options.folder, prefix="frontdesk-storm-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        print(json.dumps(runner.run(measure(Path(folder), sockets=options.sockets))))


if __name__ == "__main__":
    main()

"""Floods one tenant at a fixed rate until it is ended, as a process of its own that gives way.

Says where it floods once it does, as a server says where it listens, and then four times a second
how many messages were sent, taken and refused so far. SIGUSR1 lets it pause, SIGUSR2 go on.
"""

import argparse
import asyncio
import itertools
import os
import random
import signal
from collections.abc import Callable
from time import perf_counter

import uvloop

from bench.hub import frontdesk_dialect
from bench.load import TEXTS
from bench.people import Agent, Customer, House, bring_together
from tests.support.server import LISTENING

CHATS = 50

NICE = 15
"""Whoever is measured must not wait for who only writes."""

TICK_S = 0.02

LATE_S_MAX = 0.2
"""What could not be sent for longer is not made up for: the rate stays a rate."""

TELL_S = 0.25


class Flood:
    """Customers who write, each whenever they like: what the limits let through comes evenly.

    Were they to write in turns, all of them would have spent and regained their allowance together.

    Attributes:
        counts: How many messages were sent, taken and refused.
        is_paused: Nobody writes.
    """

    def __init__(self, customers: list[Customer]) -> None:
        """Have written nothing."""
        self.counts = [0, 0, 0]
        self.is_paused = False
        self._chance = random.Random(len(customers))
        self._writing = [
            (
                customer.socket.wire,
                frontdesk_dialect(b"/customer", {"conversation": customer.conversation}),
            )
            for customer in customers
        ]
        self._texts = itertools.cycle(TEXTS)
        for customer in customers:
            customer.socket.wire.hear = self._hears(customer)

    def pause(self) -> None:
        """Let nobody write."""
        self.is_paused = True

    def go_on(self) -> None:
        """Let everybody write again."""
        self.is_paused = False

    async def run(self, per_s: float) -> None:
        """Write, for ever."""
        due = 0.0
        last_s = perf_counter()
        while True:
            await asyncio.sleep(TICK_S)
            now_s = perf_counter()
            due += min(now_s - last_s, LATE_S_MAX) * per_s
            last_s = now_s
            if self.is_paused:
                due = 0.0
            while due >= 1:
                due -= 1
                self._write()

    def _write(self) -> None:
        wire, dialect = self._chance.choice(self._writing)
        if wire.is_lost.done():
            return
        self.counts[0] += 1
        words = {b"call": 1_000_000 + self.counts[0], b"number": 0, b"text": next(self._texts)}
        wire.send(dialect.command % words)

    def _hears(self, customer: Customer) -> Callable[[bytes], None]:
        send = customer.socket.wire.send

        def hear(packet: bytes) -> None:
            if packet.startswith(b"43"):
                self.counts[1 if b'"ok":true' in packet else 2] += 1
            elif packet == b"2":
                send(b"3")

        return hear


async def flood(url: str, house: House, per_s: float) -> None:
    """Bring people together, then write for ever."""
    customers = [Customer(house) for _ in range(CHATS)]
    await bring_together(url, customers, [Agent(f"agent{n}", house) for n in range(CHATS)])
    os.nice(NICE)
    made = Flood(customers)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(made.run(per_s))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, made.pause)
        loop.add_signal_handler(signal.SIGUSR2, made.go_on)
        print(f"{LISTENING}{url}", flush=True)
        while True:
            await asyncio.sleep(TELL_S)
            print(*made.counts, flush=True)


def main() -> None:
    """Flood whom the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("tenant")
    parser.add_argument("secret")
    parser.add_argument("--per-s", type=float, default=1_000.0, help="messages, over all customers")
    found = parser.parse_args()
    house = House(found.tenant, found.secret)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(flood(found.url, house, found.per_s))


if __name__ == "__main__":
    main()

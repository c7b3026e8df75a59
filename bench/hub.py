"""Measures the whole path through sockets, beside servers that only hand messages on.

Frontdesk runs as its user runs it, with authentication, masking, routing and durable commits. The
others do the same work on the wire and nothing behind it. All are measured in turns.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import aiohttp
import msgspec
import uvloop

from bench.load import Chat, Dialect, Load, Side
from bench.people import ALONE, Agent, Customer, House, arrive_all, bring_together
from bench.processes import file_system, frontdesk, peer
from bench.wire import Socket, Wire

SERVERS = ("frontdesk", "stock", "raw", "node")
PARTS = (*SERVERS, "latency", "memory", "pauses")
WARM_S = 0.4
RATE_PER_S = 500.0
SETTLE_S = 2.0
"""Until what a crowd of connects left behind is gone: timers, queues, one heartbeat."""
IDLE_SOCKETS = (1_000, 2_000)
PAUSE_CHATS = 500
"""Two sockets each: 1 000 connections."""
PAUSES = re.compile(
    r'^frontdesk_gc_pause_seconds_(count|max)\{generation="(.)"\} (\S+)$', re.MULTILINE
)

KEYS: tuple[str, ...] = (
    "vs_stock",
    "vs_raw",
    "vs_node",
    "cpu_us_per_message",
    "p50_ms",
    "p99_ms",
    "gen2_ms_max",
    "kib_per_socket",
)

SOCKET_IO = Dialect(
    event=b'42["message",',
    ack=b"43",
    after_call=b"[",
    command=b'42%(call)d["message",{"seq":%(number)d,"text":"%(text)b"}]',
)
RAW = Dialect(
    event=b'{"seq":',
    ack=b'{"call":',
    after_call=b",",
    command=b'{"call":%(call)d,"seq":%(number)d,"text":"%(text)b"}',
)


def frontdesk_dialect(path: bytes, chat: dict[str, str]) -> Dialect:
    """How a namespace's frames look; ``chat`` names where to write."""
    place = msgspec.json.encode(chat)[:-1]
    return Dialect(
        event=b'42%b,["message",' % path,
        ack=b"43%b," % path,
        after_call=b"[",
        command=b'42%b,%%(call)d["message.send",%b,"text":"%%(text)b"}]' % (path, place),
    )


class Options(NamedTuple):
    """What to measure; see `parsed`."""

    seconds: float
    chats: int
    window: int
    rounds: int
    only: frozenset[str]
    folder: str | None


class Turn(NamedTuple):
    """What one server did in one turn.

    Attributes:
        messages_per_s: By the clock on the wall.
        cpu_us: The server's processor time for each message.
        busy: The part of one core that the server had; below one it waited, or others had it.
        generator_busy: The same of this process: near one it was the bottleneck.
    """

    messages_per_s: float
    cpu_us: float
    busy: float
    generator_busy: float


async def frontdesk_chats(url: str, count: int, house: House = ALONE) -> list[Chat]:
    """Bring customers and agents together by the router: started, offered, accepted."""
    agents = [Agent(f"agent{number}", house) for number in range(count)]
    customers = [Customer(house) for _ in range(count)]
    await bring_together(url, customers, agents)
    owners = {contact: agent for agent in agents for contact in agent.chats}
    return [_frontdesk_chat(customer, owners[customer.contact]) for customer in customers]


def _frontdesk_chat(customer: Customer, agent: Agent) -> Chat:
    name = customer.conversation
    sides = [
        Side(
            frontdesk_dialect(person.path.encode(), place),
            person.socket.wire.send,
            read=person.logs[name].last,
        )
        for person, place in (
            (customer, {"conversation": name}),
            (agent, {"contact": customer.contact}),
        )
    ]
    customer.socket.wire.hear = sides[0].hear
    agent.socket.wire.hear = sides[1].hear
    return Chat((sides[0], sides[1]))


async def socket_io_chats(url: str, count: int) -> list[Chat]:
    """Rooms of two sockets, named as they connect."""

    async def side(room: int) -> Side:
        socket = Socket("/", lambda _name, _payload: None)
        await socket.connect(url, {"room": str(room)})
        made = Side(SOCKET_IO, socket.wire.send)
        socket.wire.hear = made.hear
        return made

    return [Chat((await side(room), await side(room))) for room in range(count)]


async def raw_chats(url: str, count: int) -> list[Chat]:
    """The same without Socket.IO."""

    async def side(room: int) -> Side:
        wire = await Wire.dial(url, lambda _text: None, f"/ws?room={room}")
        made = Side(RAW, wire.send)
        wire.hear = made.hear
        return made

    return [Chat((await side(room), await side(room))) for room in range(count)]


class Bench:
    """One server with its chats."""

    def __init__(self, name: str, folder: Path, *, chats: int) -> None:
        """Start the server."""
        self.name = name
        self.turns: list[Turn] = []
        self._chats = chats
        self.program = (
            frontdesk(folder / name, agents=chats, capacity=1)
            if name == "frontdesk"
            else peer(name, folder)
        )
        self.program.start()

    async def connect(self) -> Load:
        """Connect everybody."""
        match self.name:
            case "frontdesk":
                made = await frontdesk_chats(self.program.url, self._chats)
            case "raw":
                made = await raw_chats(self.program.url, self._chats)
            case _:
                made = await socket_io_chats(self.program.url, self._chats)
        self.load = Load(made, is_numbered=self.name == "frontdesk")
        return self.load

    async def turn(self, *, seconds: float, window: int) -> None:
        """Write as fast as the server answers, and keep what it did."""
        self.load.begin(window=window)
        await asyncio.sleep(WARM_S)
        began = self._read()
        await asyncio.sleep(seconds)
        took_s, own_s, cpu_s, acked = (b - a for a, b in zip(began, self._read(), strict=True))
        await self.load.end()
        rates = (acked / took_s, cpu_s / acked * 1e6, cpu_s / took_s, own_s / took_s)
        self.turns.append(Turn(*rates))

    def _read(self) -> tuple[float, float, float, float]:
        """Now, this process's and the server's processor time, and how much was acked."""
        return perf_counter(), process_time(), self.program.cpu_s(), self.load.acked

    @property
    def best(self) -> Turn:
        """The turn that was disturbed least."""
        return min(self.turns, key=lambda turn: turn.cpu_us)


async def latency(bench: Bench, *, seconds: float) -> dict[str, float]:
    """From when a message was due to its ack, at a rate that leaves the server time."""
    found_s = await bench.load.at_rate(RATE_PER_S, seconds=seconds)
    return {
        key: round(found_s[int(len(found_s) * part)] * 1e3, 2)
        for key, part in (("p50_ms", 0.5), ("p99_ms", 0.99))
    }


async def memory(folder: Path) -> float:
    """Memory for each customer who is connected and silent; the most of several crowds."""
    program = frontdesk(folder / "memory", agents=1, capacity=1)
    program.start()
    try:
        await arrive_all([Customer()], program.url)  # what the first one loads is no socket's
        await asyncio.sleep(SETTLE_S)
        began_kib = program.resident_kib()
        people: list[Customer] = []
        found: list[float] = []
        for crowd in IDLE_SOCKETS:
            more = [Customer() for _ in range(crowd - len(people))]
            await arrive_all(more, program.url)
            people += more
            await asyncio.sleep(SETTLE_S)
            found.append((program.resident_kib() - began_kib) / crowd)
            print(f"{crowd:>8} idle sockets: {found[-1]:.1f} KiB each", flush=True)
        for person in people:
            person.socket.wire.abort()
        return round(max(found), 1)
    finally:
        program.kill()


async def collections(url: str) -> dict[str, float]:
    """The longest pause of each generation in milliseconds, of those that were collected."""
    async with aiohttp.ClientSession() as session:
        page = await session.get(f"{url}/metrics")
        read = PAUSES.findall(await page.text())
    counts = {generation: float(value) for name, generation, value in read if name == "count"}
    longest = {
        generation: round(float(value) * 1e3, 2)
        for name, generation, value in read
        if name == "max" and counts[generation]
    }
    for generation, pause_ms in longest.items():
        times = f"{counts[generation]:.0f} times"
        print(f"generation {generation} collected {times}, at most {pause_ms} ms", flush=True)
    return longest


async def pauses(folder: Path, *, seconds: float) -> float | None:
    """The longest full garbage collection while 1 000 connections chat, asked for every second."""
    collecting = (sys.executable, "-m", "bench.collecting")
    program = frontdesk(folder / "pauses", agents=PAUSE_CHATS, capacity=1, program=collecting)
    program.start()
    try:
        load = Load(await frontdesk_chats(program.url, PAUSE_CHATS), is_numbered=True)
        load.begin(window=1)
        await asyncio.sleep(seconds)
        await load.end()
        return (await collections(program.url)).get("2")
    finally:
        program.kill()


async def throughput(folder: Path, options: Options) -> dict[str, float]:
    """All servers in turns: ratios of messages per second of processor time, and latencies."""
    benches: dict[str, Bench] = {}
    found: dict[str, float] = {}
    try:
        for name in SERVERS:
            if name in options.only:
                benches[name] = Bench(name, folder, chats=options.chats)
                await benches[name].connect()
        for _ in range(options.rounds):
            for bench in benches.values():
                await bench.turn(seconds=options.seconds, window=options.window)
        if "latency" in options.only:
            found |= await latency(benches["frontdesk"], seconds=options.seconds)
        if "frontdesk" in options.only:
            await collections(benches["frontdesk"].program.url)
    finally:
        for bench in benches.values():
            bench.program.kill()
    tell(list(benches.values()))
    if "frontdesk" in benches:
        ours = benches.pop("frontdesk").best.cpu_us
        found["cpu_us_per_message"] = round(ours, 1)
        for name, bench in benches.items():
            found[f"vs_{name}"] = round(bench.best.cpu_us / ours, 2)
    return found


def tell(benches: list[Bench]) -> None:
    """Print what each server did in its best turn."""
    names = ("server", "messages/s", "CPU us each", "core busy", "generator")
    print("".join(f"{name:>12}" for name in names))
    for bench in benches:
        best = bench.best
        speed = f"{best.messages_per_s:>12.0f}{best.cpu_us:>12.1f}"
        print(f"{bench.name:>12}{speed}{best.busy:>12.0%}{best.generator_busy:>12.0%}")


async def measure(options: Options) -> dict[str, float | None]:
    """Everything asked for; what was not is None."""
    found: dict[str, float | None] = dict.fromkeys(KEYS)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="frontdesk-bench-") as name:
        folder = Path(name)
        print(f"the store is on {file_system(folder)}", flush=True)
        if options.only & set(SERVERS):
            found |= await throughput(folder, options)
        if "memory" in options.only:
            found["kib_per_socket"] = await memory(folder)
        if "pauses" in options.only:
            found["gen2_ms_max"] = await pauses(folder, seconds=3 * options.seconds)
    return found


def parsed() -> Options:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="each turn of each server")
    parser.add_argument("--chats", type=int, default=200, help="two sockets each")
    parser.add_argument("--window", type=int, default=2, help="a chat's messages on their way")
    parser.add_argument("--rounds", type=int, default=0, help="turns of each (5; with --only 2)")
    parser.add_argument("--only", default="", help=f"a list with commas, of {', '.join(PARTS)}")
    parser.add_argument("--folder", help="where the stores are (the system's temporary folder)")
    found = parser.parse_args()
    found.rounds = found.rounds or (2 if found.only else 5)
    found.only = frozenset(found.only.split(",") if found.only else PARTS)
    if unknown := found.only - set(PARTS):
        parser.error(f"not measured: {', '.join(sorted(unknown))}")
    if "latency" in found.only:
        found.only |= {"frontdesk"}
    return Options(**vars(found))


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    options = parsed()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(options))))


if __name__ == "__main__":
    main()

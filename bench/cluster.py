"""Measures several processes on one Redis server: what they do, what it costs, how they take over.

Messages go through sockets of four tenants whose shards the processes share; Redis is a real server
that keeps an append-only file.
"""

import argparse
import asyncio
import json
import re
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import uvloop

from bench.cluster_engine import EVERYSEC, engine_costs
from bench.cluster_failover import FAULTS, failovers
from bench.cluster_flood import flooded
from bench.hub import frontdesk_chats
from bench.load import Load
from bench.people import House
from bench.processes import Cluster, cpu_s_of
from tests.support.redis import RedisServer

PARTS = ("throughput", "engine", "failover", "flood")
COUNTS = (1, 2, 4)
TENANTS = 4
CHATS = 25
"""Of each tenant."""
WINDOW = 4
WARM_S = 0.5

FLOODED_P99_RATIO_MAX = 2.0
REDIS_US_MAX = 4.0
RELOAD_MS_MAX = 50.0
LEASE_MS = 1_500
FAILOVER_MS_MAX = {"kill": LEASE_MS + 200, "supervised": 100, "graceful": 250}


class Options(NamedTuple):
    """What to measure; see `parsed`."""

    rounds: int
    seconds: float
    contacts: int
    only: frozenset[str]
    folder: str | None


class Turn(NamedTuple):
    """What one cluster did in one turn.

    Attributes:
        per_cpu_s: Messages for each second of processor time, of all processes and Redis.
        redis_share: What part of that time was Redis's.
        per_s: Messages by the clock on the wall.
    """

    per_cpu_s: float
    redis_share: float
    per_s: float


def house(name: str) -> House:
    """A tenant with a secret of its own."""
    return House(name, f"a secret of {name}, long enough for HS256")


async def throughput(folder: Path, processes: int, options: Options) -> Turn:
    """The best of several turns of one cluster."""
    houses = [house(f"tenant{number}") for number in range(TENANTS)]
    with RedisServer(folder, *EVERYSEC) as redis:
        cluster = Cluster(folder, redis.url, processes=processes, houses=houses, agents=CHATS)
        cluster.start()
        try:
            chats = [c for each in houses for c in await frontdesk_chats(cluster.url, CHATS, each)]
            load = Load(chats, is_numbered=True)
            return max([await _turn(load, cluster, redis, options) for _ in range(options.rounds)])
        finally:
            cluster.kill()


async def _turn(load: Load, cluster: Cluster, redis: RedisServer, options: Options) -> Turn:
    load.begin(window=WINDOW)
    await asyncio.sleep(WARM_S)
    began = perf_counter(), cluster.cpu_s(), cpu_s_of(redis.process.pid), load.acked
    await asyncio.sleep(options.seconds)
    ended = perf_counter(), cluster.cpu_s(), cpu_s_of(redis.process.pid), load.acked
    await load.end()
    took_s, ours_s, redis_s, acked = (b - a for a, b in zip(began, ended, strict=True))
    cpu_s = ours_s + redis_s
    return Turn(acked / cpu_s, redis_s / cpu_s, acked / took_s)


def row(what: str, value: float, limit: float | None = None) -> None:
    """Print one line of the table, and whether it is what was asked for."""
    judged = "" if limit is None else f"  (at most {limit:g}{'' if value <= limit else ': MISSED'})"
    print(f"{what:<44}{value:>10.2f}{judged}", flush=True)


def tell_speed() -> None:
    """Say how fast this machine is just now: what is known to take 0.6 us on a quiet one."""
    began_s = process_time()
    for _ in range(100_000):
        re.search("[0-9@]", "x" * 100)
    row("us to search 100 characters", (process_time() - began_s) * 10)


def p95(found: list[float]) -> float:
    """The 95th percentile; of few, the worst."""
    return sorted(found)[int(len(found) * 0.95)] if len(found) >= 20 else max(found)


async def measure(options: Options) -> dict[str, object]:
    """Everything asked for; what was not is None."""
    found: dict[str, object] = {
        "messages_per_cpu_s": None,
        "redis_cpu_us_per_command": None,
        "reload_ms_per_1000_contacts": None,
        "failover_ms": None,
    }
    tell_speed()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="frontdesk-bench-") as name:
        folder = Path(name)
        for part in PARTS:
            (folder / part).mkdir()
        if "engine" in options.only:
            found |= await measure_engine(folder / "engine", options)
        if "throughput" in options.only:
            found |= await measure_throughput(folder / "throughput", options)
        if "failover" in options.only:
            found |= await measure_failover(folder / "failover", options)
        if "flood" in options.only:
            await measure_flood(folder / "flood")
    return found


async def measure_engine(folder: Path, options: Options) -> dict[str, object]:
    """What Redis does for a command, and what a takeover takes."""
    cost = await engine_costs(folder, rounds=options.rounds, contacts=options.contacts)
    per_1000 = 1_000 / cost.reload.contacts
    row("Redis, us for a SET of 100 bytes", cost.replayed.set_us)
    row("Redis, us for a command, batches of 64", cost.replayed.command_us, REDIS_US_MAX)
    row("    in such SETs", cost.replayed.command_us / cost.replayed.set_us)
    row("Redis, us for a command, beside the kernel", cost.bare.redis_us)
    row("    and with ids of clients", cost.with_ids.redis_us)
    row("hub and writer, us for each command of 64", cost.bare.own_us)
    row("reload, CPU ms for 1000 live contacts", cost.reload.own_ms * per_1000, RELOAD_MS_MAX)
    row("reload, ms for 1000 by the clock", cost.reload.took_ms * per_1000)
    return {
        "redis_cpu_us_per_command": round(cost.replayed.command_us, 2),
        "reload_ms_per_1000_contacts": round(cost.reload.own_ms * per_1000, 1),
    }


async def measure_throughput(folder: Path, options: Options) -> dict[str, object]:
    """What so many processes do."""
    found: dict[str, float] = {}
    for count in COUNTS:
        (place := folder / f"{count}").mkdir()
        turn = await throughput(place, count, options)
        row(f"messages per CPU second, {count} processes", turn.per_cpu_s)
        row("    Redis's share, %", turn.redis_share * 100)
        row("    messages a second", turn.per_s)
        found[f"{count}"] = round(turn.per_cpu_s)
    return {"messages_per_cpu_s": found}


async def measure_failover(folder: Path, options: Options) -> dict[str, object]:
    """How long nothing is acked."""
    found = await failovers(folder, rounds=options.rounds)
    for fault in FAULTS:
        row(f"{fault}: ms without an answer, p95", p95(found[fault]), FAILOVER_MS_MAX[fault])
        row("    the least", min(found[fault]))
    return {"failover_ms": {fault: round(p95(found[fault])) for fault in FAULTS}}


async def measure_flood(folder: Path) -> None:
    """What a flood does to others."""
    found = await flooded(folder, house("quiet"), house("loud"))
    row("ms until assigned, alone, p50", found.alone.p50)
    row("ms until assigned, alone, p99", found.alone.p99)
    row("ms until assigned, beside a flood, p50", found.beside.p50)
    row("ms until assigned, beside a flood, p99", found.beside.p99)
    row("    % of the machine that its host gave to others", found.stolen * 100)
    row("    messages a second sent", found.sent)
    row("    taken", found.taken)
    row("    refused", found.refused)
    row("    cores of Frontdesk and Redis", found.busy)
    row("    cores of the flood", found.flooder)
    row("flooded_p99_ratio", found.beside.p99 / found.alone.p99, FLOODED_P99_RATIO_MAX)


def parsed() -> Options:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="turns of each part")
    parser.add_argument("--quick", action="store_true", help="two rounds, of a second")
    parser.add_argument("--seconds", type=float, default=3.0, help="each turn of each cluster")
    parser.add_argument("--contacts", type=int, default=2_000, help="live ones that are reloaded")
    parser.add_argument("--only", default=",".join(PARTS), help="a list with commas")
    parser.add_argument("--folder", help="where the servers keep things (the system's temporary)")
    found = parser.parse_args()
    only = frozenset(found.only.split(","))
    if unknown := only - set(PARTS):
        parser.error(f"not measured: {', '.join(sorted(unknown))}")
    rounds, seconds = (2, 1.0) if found.quick else (found.rounds, found.seconds)
    return Options(rounds, seconds, found.contacts, only, found.folder)


def main() -> None:
    """Measure and print; the last line is one JSON object."""
    options = parsed()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(options))))


if __name__ == "__main__":
    main()

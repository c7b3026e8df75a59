"""Several processes behind one port, and the one that looks after them, as an operator has them."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.e2e.floors import Plan, configuration
from tests.support.cluster import PREFIX, check_now, check_settled, metrics
from tests.support.crowd import Crowd
from tests.support.redis import RedisServer, ask, free_port, free_ports
from tests.support.server import Server, run_program, toml_text

PROCESSES = 2
CALLERS = 8
CLERKS = 2
HAPPENS_WITHIN_S = 20.0

LEASE_S = 1.5
"""How long a lease lives that nobody renews, and nobody gives up."""

CONFIGURATION = configuration(
    [Plan(agents={f"agent{place}": {"capacity": 4} for place in range(CLERKS)})], {}
)


class Team:
    """A crew on a Redis server of its own.

    Attributes:
        server: The process that looks after the others.
    """

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        """Nothing runs until its server is started."""
        self.redis_port = redis.port
        self.metrics_port = free_ports(PROCESSES)
        self.server = Server(
            folder,
            CONFIGURATION,
            *("--processes", str(PROCESSES), "--metrics-port", str(self.metrics_port)),
            engine=redis.url,
        )

    def urls(self) -> list[str]:
        """The one port."""
        return [self.server.url]

    def children(self) -> dict[int, int]:
        """The processes, by the port of their metrics."""
        pid = self.server.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        found: dict[int, int] = {}
        for child in children:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"--hub" in words:
                found[int(words[words.index(b"--metrics-port") + 1])] = int(child)
        return found

    async def numbers(self) -> dict[int, dict[str, float]]:
        """The metrics of each process, by their ports; none of one that is away."""
        ports = range(self.metrics_port, self.metrics_port + PROCESSES)
        return {port: await metrics(f"http://127.0.0.1:{port}") for port in ports}

    async def writer(self) -> int:
        """The process that writes."""
        async with asyncio.timeout(HAPPENS_WITHIN_S):
            while True:
                for port, read in (await self.numbers()).items():
                    if read.get("frontdesk_lease_held"):
                        return self.children()[port]
                await asyncio.sleep(0.02)

    async def epoch(self) -> int:
        """How often somebody became the writer."""
        return int(await ask(self.redis_port, "HGET", f"{PREFIX}shard", "epoch"))

    async def until_whole(self) -> None:
        """Wait until all processes listen."""
        async with asyncio.timeout(HAPPENS_WITHIN_S):
            while not all((await self.numbers()).values()):  # noqa: ASYNC110 - others start
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    """Run a crew for one test."""
    with RedisServer(tmp_path) as redis:
        team = Team(tmp_path, redis)
        try:
            await asyncio.to_thread(team.server.start)
            yield team
        finally:
            team.server.kill()


async def until_gone(pids: list[int]) -> None:
    """Wait until processes have ended."""
    async with asyncio.timeout(HAPPENS_WITHIN_S):
        while any(is_running(pid) for pid in pids):  # noqa: ASYNC110 - the system ends them
            await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    """True until a process has ended, whether or not somebody has asked how."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def test_a_crew_serves_one_port_and_replaces_whoever_dies(team: Team) -> None:
    """Nobody waits for the lease of a dead process, and an operator has one process to speak to."""
    crowd = Crowd(callers=CALLERS, clerks=CLERKS)
    async with crowd.at(team.urls):
        await crowd.until_all_resumed()
        sockets = [read["frontdesk_sockets"] for read in (await team.numbers()).values()]
        before, writer, epoch = team.children(), await team.writer(), await team.epoch()
        killed_s = time.monotonic()
        os.kill(writer, signal.SIGKILL)
        async with asyncio.timeout(HAPPENS_WITHIN_S):
            while await team.epoch() == epoch:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.002)
        freed_s = time.monotonic() - killed_s
        await crowd.until_all_resumed()
        await team.until_whole()
        after = team.children()
        team.server.reload({**CONFIGURATION, "idle_codes": [{"id": "tea", "name": "Tea"}]})
        async with asyncio.timeout(HAPPENS_WITHIN_S):
            while team.server.output_text().count("configuration.reloaded") < PROCESSES:  # noqa: ASYNC110 - others print it
                await asyncio.sleep(0.02)
        await crowd.until_all_resumed()
        await check_now(team, crowd.ledger)
        await crowd.finish()
        await check_settled(team, crowd.ledger)
        team.server.ask_to_stop()
        code = await asyncio.to_thread(team.server.wait)
    sys.stdout.write(f"\nthe lease of a dead child was free after {freed_s * 1_000:.0f} ms\n")

    assert min(sockets) > 0, "the system hands connections out to both"
    assert freed_s < LEASE_S / 2, (
        "nobody waited for it to run out: it was renewed at most a third ago"
    )
    assert len(after) == PROCESSES
    assert len(set(after.values()) - set(before.values())) == 1, "one was replaced"
    assert code == 0
    assert not any(is_running(pid) for pid in after.values())


async def test_the_death_of_who_looks_after_a_crew_ends_it(team: Team) -> None:
    """Processes that nobody looks after would go on behind an operator's back."""
    pids = list(team.children().values())
    team.server.kill()
    await until_gone(pids)

    assert len(pids) == PROCESSES
    assert await ask(team.redis_port, "EXISTS", f"{PREFIX}lease") == b"0", "they left in order"


def test_a_crew_that_cannot_start_ends_and_says_why(tmp_path: Path) -> None:
    """An operator sees it at once, instead of processes that start over and over."""
    file = tmp_path / "frontdesk.toml"
    file.write_text(toml_text(CONFIGURATION), "utf-8")
    nobody = f"redis://127.0.0.1:{free_port()}"
    ports = ("--port", "0", "--metrics-port", str(free_ports(2)))
    ended = run_program(
        *("serve", "--config", str(file), "--processes", "2", "--engine", nobody), *ports
    )

    assert ended.returncode == 1
    assert "cannot start: the Redis server cannot be reached" in ended.stderr
    assert "listening" not in ended.stdout


def test_a_crew_with_a_mistake_in_its_file_starts_nobody(tmp_path: Path) -> None:
    """The file is judged before there is any process."""
    file = tmp_path / "frontdesk.toml"
    file.write_text(toml_text({**CONFIGURATION, "ques": "x"}), "utf-8")
    ended = run_program(
        *("serve", "--config", str(file), "--processes", "2", "--engine", "redis://127.0.0.1:1"),
        *("--port", "0", "--metrics-port", str(free_ports(2))),
    )

    assert ended.returncode == 1
    assert "1 mistake" in ended.stderr
    assert "ques" in ended.stderr

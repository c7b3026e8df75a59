"""Runs the servers that are measured as processes of their own, and reads what they cost."""

import os
import random
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.people import ALONE, House
from tests.support.server import PROGRAM, ROOT, Program, Toml, toml_text

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Measured(Program):
    """One server, with what it costs; it may be started again after it ended."""

    def __init__(self, command: Sequence[str], output: Path) -> None:
        """Keep what to run and where its output goes."""
        super().__init__(output)
        self._command = command

    def start(self) -> None:
        """Start it and wait until it says where it listens.

        Raises:
            RuntimeError: It ended or said nothing in time.
        """
        self.launch(*self._command)

    def stop(self) -> None:
        """Let it end as a service manager does, and insist that it ends well."""
        self.ask_to_stop()
        code = self.wait()
        assert code == 0, f"it ended with {code}"

    def cpu_s(self) -> float:
        """Processor time so far, of all its threads, in user and system mode (proc(5))."""
        return cpu_s_of(self.pid)


def peer(name: str, folder: Path) -> Measured:
    """One of the servers that Frontdesk is measured beside."""
    command = (
        ("node", str(ROOT / "bench" / "peer.mjs"))
        if name == "node"
        else (sys.executable, "-m", "bench.peers", name)
    )
    return Measured(command, folder / f"{name}.txt")


def frontdesk(
    folder: Path, *, agents: int, capacity: int, port: int = 0, program: Sequence[str] = PROGRAM
) -> Measured:
    """Frontdesk as its user runs it, on a database in the folder.

    Only the limits are off, because all clients have one address.

    Args:
        folder: Keeps its configuration, its store and its output.
        agents: Named ``agent0`` and so on.
        capacity: Of each.
        port: 0 is any free one.
        program: What stands in for the usual way to start it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "frontdesk.toml"
    tables = configuration(ALONE._replace(capacity=capacity), agents=agents)
    file.write_text(toml_text(tables), "utf-8")
    store = f"sqlite:{folder / 'frontdesk.sqlite'}"
    arguments = ("serve", "--config", str(file), "--port", str(port), "--engine", store)
    return Measured((*program, *arguments), folder / "frontdesk.txt")


def configuration(house: House, *, agents: int, is_limited: bool = False) -> dict[str, Toml]:
    """A tenant with one queue, with no limits of what one address may do or those by default."""
    limits: Mapping[str, Toml] = {
        "connects_per_minute": 0,
        "connects_per_second": 0,
        "commands_per_second": 0,
        "sockets_per_address": 0,
        "customer_messages_per_second": 0,
        "customer_messages_burst": 0,
        "agent_messages_per_second": 0,
    }
    return {
        "tenant": {"id": house.tenant or "bench"},
        "auth": {"secret": house.secret},
        **({} if is_limited else {"limits": limits}),
        "entry_points": [{"id": "shop", "queue": "support"}],
        "queues": [{"id": "support"}],
        "agents": [
            {"id": f"agent{n}", "queues": ["support"], "capacity": house.capacity}
            for n in range(agents)
        ],
        "wrapup_codes": [{"id": "resolved"}],
    }


class Cluster(Measured):
    """Several processes of Frontdesk before one Redis server, looked after by another one."""

    def __init__(
        self,
        folder: Path,
        redis: str,
        *,
        processes: int,
        houses: Sequence[House],
        agents: int,
        is_limited: bool = False,
    ) -> None:
        """Write what each tenant is configured with; nothing runs until `start`."""
        tenants = folder / "tenants"
        tenants.mkdir(parents=True, exist_ok=True)
        for house in houses:
            tables = configuration(house, agents=agents, is_limited=is_limited)
            (tenants / f"{house.tenant}.toml").write_text(toml_text(tables), "utf-8")
        self.metrics_ports = range(start := free_ports(processes), start + processes)
        words = ("serve", "--config", str(tenants), "--port", "0", "--engine", redis)
        several = ("--processes", str(processes), "--metrics-port", str(start))
        super().__init__((*PROGRAM, *words, *several), folder / "cluster.txt")
        self._is_one = processes == 1

    def members(self) -> dict[int, int]:
        """The processes that serve, by the port of their metrics."""
        if self._is_one:
            return {self.metrics_ports[0]: self.pid}
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        found: dict[int, int] = {}
        for child in children:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"--metrics-port" in words:
                found[int(words[words.index(b"--metrics-port") + 1])] = int(child)
        return found

    def cpu_s(self) -> float:
        """See `Measured.cpu_s`; of all that serve."""
        return sum(cpu_s_of(pid) for pid in self.members().values())


def free_ports(count: int) -> int:
    """The first of several free ports in a row, of those that no connection is given by itself."""
    while True:
        first = random.randrange(20_000, 30_000)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first


def cpu_s_of(pid: int) -> float:
    """Processor time of a process so far, of all its threads, in user and system mode (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS_PER_S


def free_port() -> int:
    """Find a port that nobody listens on, for a server that comes back on the same."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def file_system(folder: Path) -> str:
    """The type of file system that a folder is on: a store in memory would be no store."""
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, kind, *_ = line.split()
        if folder.resolve().is_relative_to(mount):
            best = max(best, (mount, kind), key=lambda found: len(found[0]))
    return best[1]

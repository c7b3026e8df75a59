"""Runs the servers that are measured as processes of their own, and reads what they cost."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.server import PROGRAM, ROOT, SECRET, Program, Toml, toml_text

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
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / TICKS_PER_S


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
    limits: Mapping[str, Toml] = {
        "connects_per_minute": 0,
        "connects_per_second": 0,
        "commands_per_second": 0,
        "sockets_per_address": 0,
        "customer_messages_per_second": 0,
        "customer_messages_burst": 0,
        "agent_messages_per_second": 0,
    }
    tables: dict[str, Toml] = {
        "tenant": {"id": "bench"},
        "auth": {"secret": SECRET},
        "limits": limits,
        "entry_points": [{"id": "shop", "queue": "support"}],
        "queues": [{"id": "support"}],
        "agents": [
            {"id": f"agent{n}", "queues": ["support"], "capacity": capacity} for n in range(agents)
        ],
        "wrapup_codes": [{"id": "resolved"}],
    }
    file = folder / "frontdesk.toml"
    file.write_text(toml_text(tables), "utf-8")
    store = f"sqlite:{folder / 'frontdesk.sqlite'}"
    arguments = ("serve", "--config", str(file), "--port", str(port), "--engine", store)
    return Measured((*program, *arguments), folder / "frontdesk.txt")


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

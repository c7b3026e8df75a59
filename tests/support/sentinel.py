"""A Redis server, its replicas, and a Sentinel that promotes one of them; on loopback."""

import asyncio
from pathlib import Path

from router.shard.redis_link import several, text
from tests.support.redis import RedisServer, ask, link_to

SERVICE = "main"

DOWN_AFTER_MS = 400
"""As short as a busy machine allows; operators choose seconds."""

FAILOVER_TIMEOUT_MS = 2_000
"""Sentinel begins no second promotion within twice this time."""

PROMOTED_WITHIN_S = 30.0

PLAIN = ("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0")


class Watched:
    """A master with two replicas, watched by one Sentinel."""

    def __init__(self, folder: Path) -> None:
        """Start all of them."""
        self._folder = folder
        self._made = 0
        master = self._server()
        self.servers = [master]
        self.port = master.port
        for _ in range(2):
            self.add_replica()
        self._sentinel = self._watch()

    @property
    def url(self) -> str:
        """Where to ask for the master."""
        return f"redis+sentinel://127.0.0.1:{self._sentinel.port}/{SERVICE}"

    def _server(self, *arguments: str) -> RedisServer:
        self._made += 1
        folder = self._folder / f"redis {self._made}"
        folder.mkdir()
        return RedisServer(folder, *PLAIN, *arguments)

    def add_replica(self) -> None:
        """Start another replica of the master of now."""
        self.servers.append(self._server("--replicaof", f"127.0.0.1 {self.port}"))

    def _watch(self) -> RedisServer:
        folder = self._folder / "sentinel"
        folder.mkdir()
        file = folder / "sentinel.conf"
        lines = (
            f"monitor {SERVICE} 127.0.0.1 {self.port} 1",
            f"down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}",
            f"failover-timeout {SERVICE} {FAILOVER_TIMEOUT_MS}",
        )
        file.write_text("".join(f"sentinel {line}\n" for line in lines), "utf-8")
        return RedisServer(folder, str(file), "--sentinel")

"""A Redis server, its replicas, and a Sentinel that promotes one of them; on loopback."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from router.shard.redis_link import number, several, text
from tests.support.redis import RedisServer, ask, link_to

SERVICE = "main"

DOWN_AFTER_MS = 1_500
"""As short as a busy machine allows: a master that was only slow must not be replaced."""

REPLICAS = 4
"""Sentinel looks for new ones every ten seconds; until then these must do."""

FAILOVER_TIMEOUT_MS = 2_000
"""Sentinel begins no second promotion within twice this time."""

HAPPENS_WITHIN_S = 30.0

NOTHING_KEPT = ("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0")


class Sentinel(RedisServer):
    """The process that watches; it keeps what it knows in its configuration file."""

    def __init__(self, folder: Path, port: int) -> None:
        """Watch the master at a port."""
        file = folder / "sentinel.conf"
        lines = (
            f"monitor {SERVICE} 127.0.0.1 {port} 1",
            f"down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}",
            f"failover-timeout {SERVICE} {FAILOVER_TIMEOUT_MS}",
        )
        file.write_text("".join(f"sentinel {line}\n" for line in lines), "utf-8")
        super().__init__(folder, before=(str(file), "--sentinel"))


class Watched:
    """A master, its replicas, and a Sentinel.

    Attributes:
        port: Where the master is, as far as is known here.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing runs before it is entered."""
        self.port = 0
        self._folder = folder
        self._servers: dict[int, RedisServer] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start all of them."""
        self.port = self._start()
        for _ in range(REPLICAS):
            self.add_replica()
        self._sentinel = self._stack.enter_context(Sentinel(self._own("sentinel"), self.port))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """Where to ask for the master."""
        return f"redis+sentinel://127.0.0.1:{self._sentinel.port}/{SERVICE}"

    def _own(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    def _start(self, *arguments: str) -> int:
        folder = self._own(f"redis {len(self._servers)}")
        server = self._stack.enter_context(RedisServer(folder, *NOTHING_KEPT, *arguments))
        self._servers[server.port] = server
        return server.port

    def add_replica(self) -> None:
        """Start another replica of the master of now."""
        self._start("--replicaof", f"127.0.0.1 {self.port}")

    async def until_in_step(self) -> None:
        """Wait until two replicas follow, and Sentinel knows both."""
        async with asyncio.timeout(HAPPENS_WITHIN_S):
            while await self._followers() < 2 or await self._known() < 2:  # noqa: ASYNC110 - others
                await asyncio.sleep(0.05)

    async def _followers(self) -> int:
        told = (await ask(self.port, "INFO", "replication")).decode()
        return told.count("state=online")

    async def _known(self) -> int:
        """How many healthy replicas Sentinel could promote."""
        link = link_to(self._sentinel.port)
        try:
            found = several(await link.call("SENTINEL", "REPLICAS", SERVICE))
        finally:
            await link.close()
        told = [[text(word) for word in several(each) if word is not None] for each in found]
        flags = [dict(zip(each[::2], each[1::2], strict=False))[b"flags"] for each in told]
        return flags.count(b"slave")

    async def promote(self) -> None:
        """Kill the master, and wait until another is."""
        self._servers[self.port].kill()
        link = link_to(self._sentinel.port)
        try:
            async with asyncio.timeout(HAPPENS_WITHIN_S):
                while True:
                    _, port = several(
                        await link.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
                    )
                    if number(port) != self.port:
                        break
                    await asyncio.sleep(0.02)
        finally:
            await link.close()
        self.port = number(port)

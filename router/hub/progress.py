"""How far the log was told to clients, and who waits until it was told further."""

import asyncio

from router.shard.engine import Position


class Progress:
    """The last entry that is behind us; between two calls of `reached` one may be half told."""

    def __init__(self, position: Position) -> None:
        """Begin where the replica was loaded."""
        self.position = position
        self._waiting: list[asyncio.Future[None]] = []

    async def reached(self, position: Position) -> None:
        """Note that all of an entry was told, and let those who wait for it go on first."""
        self.position = position
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)
            await asyncio.sleep(0)

    async def next(self) -> None:
        """Wait until `reached` is called."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

"""Serves a site on an origin of its own, from a thread beside the test."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from queue import SimpleQueue

from aiohttp import web

START_S_MAX = 10.0


@contextmanager
def served(app: web.Application) -> Generator[str]:
    """Serve until the end of the block; gives the address."""
    started: SimpleQueue[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = SimpleQueue()

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ended = asyncio.Event()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.put((url, asyncio.get_running_loop(), ended))
        await ended.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    url, loop, ended = started.get(timeout=START_S_MAX)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()

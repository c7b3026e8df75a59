"""The client that browsers use understands the server too, on both sides of a chat."""

import asyncio

import pytest

from tests.e2e.floors import Floor
from tests.support.js_client import run_script
from tests.support.server import sign

SETTINGS = {"presence": {"customer_grace_ms": 5_000}}


async def run(floor: Floor, flow: str, **more: object) -> None:
    """Run a flow of the script on this floor."""
    tokens = {name: sign(sub=floor.id(name), roles=["agent"]) for name in ("anna", "bo")}
    await asyncio.to_thread(
        run_script,
        "flows.mjs",
        {
            "flow": flow,
            "url": floor.server.url,
            "entry_point": floor.id("shop"),
            "anna": floor.id("anna"),
            "bo": floor.id("bo"),
            "tokens": tokens,
            **more,
        },
    )


async def test_the_thin_chat_in_javascript(floor: Floor) -> None:
    """The widget and the desk are written on this client."""
    await run(floor, "thinChat")


@pytest.mark.floor(queues={"support": {"offer_timeout_ms": 900}})
async def test_rona_in_javascript(floor: Floor) -> None:
    """An unanswered offer moves on, as seen by a browser."""
    await run(floor, "rona")


async def test_resuming_with_a_token_in_javascript(floor: Floor) -> None:
    """The client reconnects by itself with the token it was given, and finds its chat."""
    await run(floor, "resume")


async def test_a_drain_in_javascript(floor: Floor) -> None:
    """A page reconnects by itself to the server that comes after; what rang there rings on."""
    port = int(floor.server.url.rpartition(":")[2])
    flow = asyncio.create_task(run(floor, "drained", pid=floor.server.pid))
    code = await asyncio.to_thread(floor.server.wait)
    await asyncio.to_thread(floor.server.start, port)
    await flow

    assert code == 0


async def test_a_refused_connection_in_javascript(floor: Floor) -> None:
    """A page reads why it was refused from ``error.data``."""
    await run(floor, "refused")

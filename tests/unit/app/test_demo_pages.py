"""What only a demo serves: seats for people, and masking to try that keeps nothing."""

import logging
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from router.app.demo import demo_settings
from router.app.demo_floor import SEATS
from router.app.demo_pages import TEXT_MAX, TRIES, DemoPages
from router.app.demo_run import CLERKS, STANDBY
from router.hub.pages import without_demo
from tests.support.server import read_token

NOW_MS = 1_800_000_000_000
SETTINGS = demo_settings({})
CARD = "4111 1111 1111 1111"

Client = TestClient[web.Request, web.Application]


async def opened(
    aiohttp_client: AiohttpClient, clock: Callable[[], int] = lambda: NOW_MS
) -> Client:
    """Serve the pages."""
    app = web.Application()
    DemoPages(SETTINGS, seats=SEATS, clock=clock).attach(app)
    return await aiohttp_client(app)


async def test_both_agents_of_the_shop_can_be_sat_down_as(aiohttp_client: AiohttpClient) -> None:
    """A transfer or a conference needs two, and no other agent is for people: scripts play them."""
    client = await opened(aiohttp_client)
    agents = (await (await client.get("/demo/agents")).json())["agents"]
    claims = [read_token(one["token"], SETTINGS.auth.secret) for one in agents]

    assert [(one["id"], one["name"]) for one in agents] == [("anna", "Anna"), ("bo", "Bo")]
    assert [(one["sub"], one["roles"]) for one in claims] == [
        ("anna", ["agent"]),
        ("bo", ["agent"]),
    ]
    assert not set(SEATS) & {*CLERKS, STANDBY[0]}


async def test_masking_says_what_it_hid_and_why(aiohttp_client: AiohttpClient) -> None:
    """A visitor who doubts it types a number and reads which rule found it."""
    client = await opened(aiohttp_client)
    answer = await client.post("/demo/mask", json={"text": f"My card is {CARD}"})
    said = await answer.json()

    assert said["text"] == "My card is ************1111"
    assert said["masked_spans"] == [["pan", 11, 27]]
    assert [(value["kind"], value["start"], value["end"]) for value in said["values"]] == [
        ("pan", 11, 30)
    ]
    assert all(value["rule"] and value["validator"] for value in said["values"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"text": "%s"}' % (b"x" * TEXT_MAX), 200),
        (b'{"text": "%s"}' % (b"x" * (TEXT_MAX + 1)), 413),
        (b"{", 400),
        (b'{"text": 1}', 400),
        (b'{"text": "a", "more": 1}', 400),
        (b'{"text": "\\ud800"}', 400),
        (b"\xff", 400),
    ],
)
async def test_what_is_no_message_is_refused(
    aiohttp_client: AiohttpClient, body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """It stands open to whoever finds a demo, and tells nobody what was tried."""
    caplog.set_level(logging.DEBUG, logger="router")
    client = await opened(aiohttp_client)
    answer = await client.post("/demo/mask", data=body)

    assert answer.status == status
    assert [record for record in caplog.records if record.name.startswith("router")] == []


async def test_nobody_may_try_faster_than_anybody_types(aiohttp_client: AiohttpClient) -> None:
    """Masking takes time that the chats need."""
    now_ms = NOW_MS
    client = await opened(aiohttp_client, lambda: now_ms)
    statuses = [
        (await client.post("/demo/mask", json={"text": "x"})).status for _ in range(TRIES.burst + 1)
    ]
    refused = await client.post("/demo/mask", json={"text": "x"})
    now_ms += TRIES.per_ms
    later = await client.post("/demo/mask", json={"text": "x"})

    assert statuses == [200] * TRIES.burst + [429]
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert later.status == 200


async def test_elsewhere_nobody_may_be_chosen(aiohttp_client: AiohttpClient) -> None:
    """Every desk asks; a page that is not there would be an error in each agent's console."""
    app = web.Application()
    without_demo(app)
    client = await aiohttp_client(app)
    answer = await client.get("/demo/agents")

    assert await answer.json() == {"agents": []}

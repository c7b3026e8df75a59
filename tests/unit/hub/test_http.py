"""HTTP: health, readiness, metrics, and problems that say nothing of the request."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from router.hub.http import SECURITY_HEADERS, expect_nothing, main_app, metrics_app
from router.hub.metrics import COMMAND_SECONDS

Client = TestClient[web.Request, web.Application]


class Readiness:
    """Says what it is told to say."""

    def __init__(self) -> None:
        """Begin ready."""
        self.is_ready = True

    def __call__(self) -> bool:
        """Whether traffic may come."""
        return self.is_ready


@pytest.fixture
def readiness() -> Readiness:
    """What `/readyz` asks."""
    return Readiness()


@pytest.fixture
async def client(readiness: Readiness) -> AsyncIterator[Client]:
    """A client of the main port, with metrics."""
    app = main_app(readiness, has_metrics=True)

    async def broken(_request: web.Request) -> web.Response:
        raise ValueError("a customer's text")

    app.router.add_get("/broken", broken)
    async with TestClient(TestServer(app)) as made:
        yield made


async def test_it_is_alive_even_when_it_is_not_ready(client: Client, readiness: Readiness) -> None:
    """A drain must not be taken for a crash and restarted."""
    readiness.is_ready = False
    async with client.get("/healthz") as alive, client.get("/readyz") as ready:
        assert alive.status == 200
        assert ready.status == 503
        assert ready.content_type == "application/problem+json"


async def test_it_is_ready_when_it_says_so(client: Client) -> None:
    """A load balancer needs nothing but the status."""
    async with client.get("/readyz") as got:
        assert got.status == 200


async def test_metrics_are_in_the_format_of_prometheus(client: Client) -> None:
    """And hold the hub's own."""
    async with client.get("/metrics") as got:
        text = await got.text()

        assert got.content_type == "text/plain"
        assert [f"# TYPE {each.name} histogram" in text for each in COMMAND_SECONDS.collect()] == [
            True
        ]


async def test_metrics_with_a_port_of_their_own_are_not_on_the_main_port(
    readiness: Readiness,
) -> None:
    """They are not for the world."""
    async with (
        TestClient(TestServer(main_app(readiness, has_metrics=False))) as main,
        TestClient(TestServer(metrics_app())) as own,
    ):
        statuses = [
            (await client.get(path)).status
            for client, path in ((main, "/metrics"), (own, "/metrics"), (own, "/healthz"))
        ]

    assert statuses == [404, 200, 404]


async def test_every_error_is_a_problem(client: Client) -> None:
    """RFC 9457, also for what the framework answers by itself."""
    async with client.get("/no-such") as missing, client.post("/healthz") as wrong:
        problem = await missing.json(content_type="application/problem+json")

        assert problem == {"type": "about:blank", "title": "Not Found", "status": 404}
        assert wrong.status == 405
        assert "GET" in wrong.headers["Allow"]


async def test_what_broke_is_not_told(client: Client) -> None:
    """An exception may hold a customer's text."""
    async with client.get("/broken") as got:
        text = await got.text()

        assert got.status == 500
        assert "customer" not in text


@pytest.mark.parametrize("path", ["/healthz", "/no-such", "/metrics"])
async def test_every_answer_has_the_security_headers(client: Client, path: str) -> None:
    """Nothing here is to be framed, sniffed or cached."""
    async with client.get(path) as got:
        assert SECURITY_HEADERS.items() <= dict(got.headers).items()


@pytest.mark.parametrize("expected", [b"100-continue", b"1\xb700-continue", b"a coffee"])
async def test_what_a_client_expects_is_not_looked_at(expected: bytes) -> None:
    """Nobody waits for a body; repeating the words broke the answer where they were none."""
    server = TestServer(main_app(Readiness(), has_metrics=True))
    await server.start_server()
    assert isinstance(server.runner, web.AppRunner)
    expect_nothing(server.runner)
    place = server.make_url("/")
    answers: list[bytes] = []
    for path in (b"/healthz", b"/no-such"):
        reader, writer = await asyncio.open_connection(place.host, place.port)
        head = b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: %b\r\n\r\n"
        writer.write(head % (path, expected))
        answers.append(await reader.readline())
        writer.close()
    await server.close()

    assert answers == [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 404 Not Found\r\n"]

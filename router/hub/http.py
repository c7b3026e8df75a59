"""The HTTP side: is it alive, may it get traffic, what does it measure; problems as RFC 9457."""

from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeAlias

import msgspec
from aiohttp import hdrs, web
from aiohttp.http import RawRequestMessage
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from router.hub.pages import NOT_BUILT
from router.log import log
from router.shard.live import look_at_inboxes

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing here is a page; what is one says what it needs.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

NOTES = log(__name__)

TENANT = "tenant"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
P = ParamSpec("P")
Factory: TypeAlias = Callable[Concatenate[RawRequestMessage, P], web.BaseRequest]


def main_app(is_ready: Callable[[], bool], *, has_metrics: bool) -> web.Application:
    """What is served on the main port, beside Socket.IO.

    Args:
        is_ready: False while draining or without the engine.
        has_metrics: False when they have a port of their own.
    """
    app = _app()

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_request: web.Request) -> web.Response:
        if is_ready():
            return web.json_response({"status": "ready"})
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "not ready: draining, or nobody writes")

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    if has_metrics:
        app.router.add_get("/metrics", _metrics)
    return app


def metrics_app() -> web.Application:
    """What is served on the port of the metrics."""
    app = _app()
    app.router.add_get("/metrics", _metrics)
    return app


def expect_nothing(runner: web.AppRunner) -> None:
    """Read no `Expect` of any request, as RFC 9110 (10.1.1) allows: nothing here takes a body.

    aiohttp repeats what it does not know in its answer, and breaks over characters that are none.
    """
    server = runner.server
    assert server is not None, "it is set up"
    server.request_factory = _without_expect(server.request_factory)


def _without_expect(make: Factory[P]) -> Factory[P]:
    def made(message: RawRequestMessage, /, *others: P.args, **named: P.kwargs) -> web.BaseRequest:
        if hdrs.EXPECT in message.headers:
            headers = message.headers.copy()
            headers.popall(hdrs.EXPECT)
            message = message._replace(headers=type(message.headers)(headers))
        return make(message, *others, **named)

    return made


class Series(Collector):
    """Every metric; without the tenant where there is one alone, who would be in each of them."""

    def collect(self) -> Iterator[Metric]:
        """Read them all now."""
        families = list(REGISTRY.collect())
        named = [sample for family in families for sample in family.samples]
        tenants = {sample.labels[TENANT] for sample in named if TENANT in sample.labels}
        if len(tenants) == 1:
            for sample in named:
                sample.labels.pop(TENANT, None)
        yield from families


def problem(status: HTTPStatus, detail: str = "") -> web.Response:
    """An error as a problem; nothing of the request is in it."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if detail:
        body["detail"] = detail
    return web.Response(
        status=status.value,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
    )


def _app() -> web.Application:
    app = web.Application(middlewares=[_problems])
    app.on_response_prepare.append(_secured)
    return app


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem; what broke is noted without the request."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = problem(HTTPStatus(error.status), NOT_BUILT if error.text == NOT_BUILT else "")
        if hdrs.ALLOW in error.headers:
            answer.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        return answer
    except Exception:  # noqa: BLE001 - the outermost frame of a request
        NOTES.error("request.failed")
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR)


async def _secured(_request: web.Request, response: web.StreamResponse) -> None:
    is_page = "Content-Security-Policy" in response.headers  # which says who may frame it
    for name, value in SECURITY_HEADERS.items():
        if not (is_page and name == "X-Frame-Options"):
            response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = (
        "frontdesk"  # which library of which version is nobody's concern
    )


async def _metrics(_request: web.Request) -> web.Response:
    await look_at_inboxes()
    return web.Response(
        body=generate_latest(Series()), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST}
    )

"""What the chat server of a demo serves beside the usual: seats to choose, and masking to try."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import msgspec
from aiohttp import hdrs, web

from masking import explain, mask
from router.app.config import Settings
from router.app.tokens import make_token
from router.hub.http import problem
from router.hub.limits import Buckets, Rate, network_of
from router.hub.pages import Pages, nowhere

TOKEN_S = 30 * 86_400  # a demo may be left running, and its tokens hold for one start anyway
SECOND_MS = 1_000
TEXT_MAX = 1_000
"""As long as a message may be."""

TRIES = Rate(tokens=8, per_ms=SECOND_MS, burst=40)
"""Faster than anybody types, for each address."""


class Tried(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody typed to see it masked."""

    text: str


class DemoPages:
    """Pages that would be holes anywhere but in a demo."""

    def __init__(
        self, settings: Settings, *, seats: Sequence[str], clock: Callable[[], int]
    ) -> None:
        """Serve nothing yet.

        Args:
            settings: The demo's.
            seats: The ids of the agents that people may choose to be.
            clock: Milliseconds since the Unix epoch.
        """
        self._settings = settings
        self._seats = [agent for agent in settings.agents if agent.id in seats]
        self._clock = clock
        self._tries: Buckets[str] = Buckets(TRIES)

    def attach(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/demo/agents", self._agents)
        Pages(nowhere).add(app, "/demo/mask", "mask/index.html")
        app.router.add_post("/demo/mask", self._mask)

    async def _agents(self, _request: web.Request) -> web.Response:
        expires_at_s = self._clock() // SECOND_MS + TOKEN_S
        agents = [
            {
                "id": agent.id,
                "name": agent.name,
                "token": make_token(
                    self._settings, agent=agent.id, roles=("agent",), expires_at_s=expires_at_s
                ),
            }
            for agent in self._seats
        ]
        return web.json_response({"agents": agents})

    async def _mask(self, request: web.Request) -> web.Response:
        """Mask a text and say why; nothing of it is kept or noted."""
        wait_ms = self._tries.take(network_of(request.remote or ""), self._clock())
        if wait_ms:
            answer = problem(HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers[hdrs.RETRY_AFTER] = str(-(-wait_ms // SECOND_MS))
            return answer
        try:
            text = msgspec.json.decode(await request.read(), type=Tried).text
        except (msgspec.DecodeError, UnicodeDecodeError):
            return problem(HTTPStatus.BAD_REQUEST)
        if len(text) > TEXT_MAX:
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return web.json_response(_explained(text))


def _explained(text: str) -> dict[str, object]:
    masked = mask(text)
    return {
        "text": masked.text,
        "masked": masked.kinds,
        "masked_spans": [(found.kind, found.start, found.end) for found in masked.found],
        "values": [
            {
                "kind": value.kind,
                "start": value.start,
                "end": value.end,
                "rule": value.rule.name,
                "validator": value.rule.validator,
            }
            for value in explain(text)
        ],
    }

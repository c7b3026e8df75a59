"""What the chat server of a demo serves beside the usual: who can be sat down as."""

from collections.abc import Callable, Sequence

from aiohttp import web

from router.app.config import Settings
from router.app.tokens import make_token

TOKEN_S = 30 * 86_400  # a demo may be left running, and its tokens hold for one start anyway
SECOND_MS = 1_000


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
        self._secret = settings.auth.secret
        self._seats = [agent for agent in settings.agents if agent.id in seats]
        self._clock = clock

    def attach(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/demo/agents", self._agents)

    async def _agents(self, _request: web.Request) -> web.Response:
        expires_at_s = self._clock() // SECOND_MS + TOKEN_S
        agents = [
            {
                "id": agent.id,
                "name": agent.name,
                "token": make_token(
                    self._secret, agent=agent.id, roles=("agent",), expires_at_s=expires_at_s
                ),
            }
            for agent in self._seats
        ]
        return web.json_response({"agents": agents})

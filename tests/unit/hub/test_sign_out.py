"""A desktop that may not stay is told why before it is disconnected, and does nothing more."""

from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from aiohttp import ClientSession

from router.app.config import load, parse
from router.app.serve import Server
from router.hub import expiry
from router.hub.agent_queries import AgentQueries
from router.hub.tokens import LEEWAY_MS
from router.kernel.ids import AgentId
from tests.unit.hub.test_sio_server import CONFIGURATION, SECRET, Desk, House

NOW_MS = 1_900_000_000_000
EXP = NOW_MS // 1_000 + 60
ENDS_MS = EXP * 1_000 + LEEWAY_MS
WITHOUT_ANNA = CONFIGURATION.replace('id = "anna"', 'id = "bo"')


class Clock:
    """The time of the whole server."""

    def __init__(self) -> None:
        """Stand still."""
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        """The time, as the server asks for it."""
        return self.now_ms


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock nobody looks at unless a desktop comes, so that a test can act before it is."""
    monkeypatch.setattr(expiry, "LOOK_S", 3_600.0)
    return Clock()


@pytest.fixture
async def house(clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    """A server on that clock, configured by a file that a test may change."""
    path = tmp_path / "frontdesk.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    server = Server([load(path, {})], host="127.0.0.1", port=0, engine="memory:", clock=clock)
    await server.start()
    async with ClientSession() as session:
        yield House(server, session)
    await server.stop()


async def come(house: House, *, exp: float = EXP) -> Desk:
    """Open a desktop of Anna's with a token that expires then."""
    claims = {"sub": "anna", "roles": ["agent"], "exp": exp}
    token = jwt.encode(claims, SECRET, "HS256")
    return await house.come("/agent", {"token": token}, origin=None)


async def test_an_expired_desktop_is_refused_told_and_disconnected(
    house: House, clock: Clock
) -> None:
    """To the millisecond, and only the one whose token it is."""
    first = await come(house)
    await first.event("snapshot")
    clock.now_ms = ENDS_MS - 1
    in_time = await first.ask("directory.queues", {})
    clock.now_ms = ENDS_MS
    too_late = await first.ask("presence.set", {"state": "available"})
    second = await come(house, exp=EXP + 600)  # the clock is looked at
    snapshot = await second.event("snapshot")
    closed = await first.event("connection.closed")
    goodbye = await first.socket.receive_str()

    assert in_time["ok"]
    assert (too_late["ok"], too_late["error"]["code"]) == (False, "unauthenticated")
    assert snapshot["agent"]["state"] == "idle"
    assert closed == {
        "at": ENDS_MS,
        "code": "unauthenticated",
        "message": "the token has expired",
        "retryable": False,
    }
    assert goodbye == "41/agent,"
    assert (await second.ask("directory.queues", {}))["ok"]


async def test_a_desktop_that_came_back_with_a_fresh_token_stays(
    house: House, clock: Clock
) -> None:
    """The time of the token it had before ends with the socket it had before."""
    before = await come(house)
    await before.event("snapshot")
    await before.socket.close()
    after = await come(house, exp=EXP + 600)
    await after.event("snapshot")
    clock.now_ms = ENDS_MS
    await (await come(house, exp=EXP + 600)).event("snapshot")  # the clock is looked at

    assert (await after.ask("directory.queues", {}))["ok"]
    assert [name for name, _ in after.events if name == "connection.closed"] == []


async def test_a_removed_agent_is_told_that_it_is_not_wanted_here(
    house: House, tmp_path: Path
) -> None:
    """Its desktop must not come back by itself again and again."""
    anna = await come(house)
    await anna.event("snapshot")
    (tmp_path / "frontdesk.toml").write_text(WITHOUT_ANNA, encoding="utf-8")
    await house.server.reload()
    closed = await anna.event("connection.closed")

    assert (closed["code"], closed["retryable"]) == ("forbidden", False)
    assert await anna.socket.receive_str() == "41/agent,"


async def test_an_agent_removed_while_its_desktop_enters_gets_no_snapshot(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between entering and the snapshot the desktop is in no room that could be closed."""
    prepare = AgentQueries.prepare

    async def removed_meanwhile(self: AgentQueries, agent: AgentId) -> None:
        (tmp_path / "frontdesk.toml").write_text(WITHOUT_ANNA, encoding="utf-8")
        await house.server.reload()
        await prepare(self, agent)

    monkeypatch.setattr(AgentQueries, "prepare", removed_meanwhile)
    anna = await come(house)
    closed = await anna.event("connection.closed")

    assert closed["code"] == "forbidden"
    assert "snapshot" not in [name for name, _ in anna.events]


async def test_a_customer_stays_when_its_identity_expires(house: House, clock: Clock) -> None:
    """Who the customer is was shown when they came; a chat is not cut off for it."""
    claims = {"sub": "kim", "exp": EXP}
    site_secret = parse(CONFIGURATION, {}).configuration.entry_points[0].identity_secret
    identity = jwt.encode(claims, site_secret, "HS256")
    kim = await house.come("/customer", {"entry_point": "shop", "identity": identity})
    await kim.event("session")
    clock.now_ms = ENDS_MS
    await (await come(house, exp=EXP + 600)).event("snapshot")  # the clock is looked at

    assert (await kim.ask("chat.start", {"text": "hello"}))["ok"]

"""A whole server behind real sockets: what a desktop sees, and what it is refused."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from router.app.config import parse
from router.app.serve import Server
from router.hub import contract

SECRET = "0123456789abcdef0123456789abcdef"
SITE = "https://shop.example"
SITE_SECRET = "fedcba9876543210fedcba9876543210"
CONFIGURATION = f"""
tenant.id = "main"
auth.secret = "{SECRET}"
[[entry_points]]
id = "shop"
queue = "support"
identity_secret = "{SITE_SECRET}"
allowed_origins = ["{SITE}"]
[[queues]]
id = "support"
[[agents]]
id = "anna"
queues = ["support"]
[[wrapup_codes]]
id = "resolved"
"""
SOON = 4_000_000_000

JSON = Any  # what a client reads is whatever the server says


class Desk:
    """A client that speaks frames: its events in order, and its acks."""

    def __init__(self, socket: ClientWebSocketResponse, path: str) -> None:
        """Belong to one socket in one namespace."""
        self.socket = socket
        self.events: list[tuple[str, JSON]] = []
        self._path = path
        self._calls = itertools.count()

    async def ask(self, name: str, payload: object) -> JSON:
        """Send a command and return its ack; events before it are kept."""
        call = next(self._calls)
        await self.socket.send_str(f"42{self._path},{call}{json.dumps([name, payload])}")
        return await self._read(f"43{self._path},{call}")

    async def event(self, name: str) -> JSON:
        """The next event of a name that was not looked at yet."""
        while True:
            for place, (found, payload) in enumerate(self.events):
                if found == name:
                    del self.events[place]
                    return payload
            await self._read(None)

    async def _read(self, until: str | None) -> JSON:
        """Take frames in until an ack, or just one."""
        async with asyncio.timeout(5):
            while True:
                frame = await self.socket.receive_str()
                body = frame[frame.find("[") :]
                if frame == "2":
                    await self.socket.send_str("3")
                elif until is not None and frame.startswith(f"{until}["):
                    return json.loads(body)[0]
                elif frame.startswith("42"):
                    name, payload = json.loads(body)
                    self.events.append((name, payload))
                    if until is None:
                        return None


class House:
    """A server and ways to come in."""

    def __init__(self, server: Server, session: ClientSession) -> None:
        """Keep both."""
        self.server = server
        self._session = session

    async def come(self, path: str, auth: object, *, origin: str | None = SITE) -> Desk:
        """A socket whose CONNECT was sent."""
        return await self.come_from(path, auth, () if origin is None else (origin,))

    async def come_from(self, path: str, auth: object, origins: Sequence[str]) -> Desk:
        """The same with a header for each origin."""
        url = f"{self.server.url}/socket.io/?EIO=4&transport=websocket"
        headers = [("Origin", origin) for origin in origins]
        socket = await self._session.ws_connect(url, headers=headers)
        await socket.receive_str()
        await socket.send_str(f"40{path},{json.dumps(auth)}")
        return Desk(socket, path)

    async def agent(self, origin: str | None = None) -> Desk:
        """A desktop of Anna's; a program, unless a page is named."""
        claims = {"sub": "anna", "roles": ["agent"], "exp": SOON}
        token = jwt.encode(claims, SECRET, "HS256")
        return await self.come("/agent", {"token": token}, origin=origin)

    async def customer(self) -> Desk:
        """Somebody new."""
        return await self.come("/customer", {"entry_point": "shop"})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A server that keeps everything in memory."""
    server = Server([parse(CONFIGURATION, {})], host="127.0.0.1", port=0, engine="memory:")
    await server.start()
    async with ClientSession() as session:
        yield House(server, session)
    await server.stop()


async def test_a_snapshot_and_the_events_after_it_are_the_whole_truth(house: House) -> None:
    """Messages go on while desktops come: none is missing between the two, none comes twice."""
    anna, bo = await house.agent(), await house.customer()
    await anna.ask("presence.set", {"state": "available"})
    started = await bo.ask("chat.start", {"text": "first"})
    offer = (await anna.event("offer.created"))["offer"]["id"]
    await anna.ask("offer.accept", {"offer": offer})
    message = {"conversation": started["conversation"], "text": "more"}
    desks: list[Desk] = []

    async def write() -> None:
        while len(desks) < 10:
            assert (await bo.ask("message.send", message))["ok"]

    async def come() -> None:
        for _ in range(10):
            desks.append(await house.agent())
            await desks[-1].ask("directory.queues", {})

    await asyncio.gather(write(), come())
    last = (await bo.ask("message.send", message))["seq"]
    for desk in desks:
        await desk.ask("directory.queues", {})  # its ack follows every event before it
        name, snapshot = desk.events[0]
        told = [payload["seq"] for event, payload in desk.events if event == "message"]
        shown = [each["seq"] for each in snapshot["contacts"][0]["messages"]]

        assert name == "snapshot"
        assert [*shown, *told] == list(range(shown[0], last + 1))


async def test_the_same_request_again_gets_the_first_answer(house: House) -> None:
    """A client that lost the answer may ask again and changes nothing."""
    bo = await house.customer()
    asked = {"id": "once", "text": "my card is 4111 1111 1111 1111"}
    first = await bo.ask("chat.start", asked)
    again = await bo.ask("chat.start", asked)
    other = await bo.ask("chat.start", {"id": "once", "text": "something else"})

    assert first["ok"]
    assert again == first
    assert other["error"]["code"] == "conflict"


async def test_reading_may_be_named_and_asked_again_as_every_change(house: House) -> None:
    """It changes what is unread, so a client may treat it like the others."""
    anna, bo = await house.agent(), await house.customer()
    await anna.ask("presence.set", {"state": "available"})
    started = await bo.ask("chat.start", {"text": "one"})
    await bo.ask("message.send", {"conversation": started["conversation"], "text": "two"})
    offer = (await anna.event("offer.created"))["offer"]["id"]
    await anna.ask("offer.accept", {"offer": offer})
    for client, name in ((anna, "contact"), (bo, "conversation")):
        read = {"id": "once", name: started[name]}

        assert await client.ask("message.read", {**read, "seq": 1}) == {"ok": True}
        assert await client.ask("message.read", {**read, "seq": 1}) == {"ok": True}

        other = await client.ask("message.read", {**read, "seq": 2})
        assert other["error"]["code"] == "conflict"


async def refusal(socket: Desk, path: str) -> JSON:
    """Why somebody was not let in."""
    return json.loads((await socket.socket.receive_str()).removeprefix(f"44{path},"))["data"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a_site_that_may_not_show_the_entry_point_is_refused(
    house: House, origin: str | None
) -> None:
    """Whoever copies the script tag to another site, or hides which it is, gets no chat there."""
    auth = {"entry_point": "shop"}
    good = await house.come("/customer", auth)
    bad = await house.come("/customer", auth, origin=origin)

    assert (await good.event("session"))["entry_point"]["id"] == "shop"
    assert (await refusal(bad, "/customer"))["code"] == "forbidden"


@pytest.mark.parametrize("origins", [(SITE, "https://evil.example"), (SITE, SITE)])
async def test_a_header_that_is_there_twice_is_nobodys_origin(
    house: House, origins: tuple[str, str]
) -> None:
    """No browser sends two; whoever is in between would choose which of them counts."""
    bad = await house.come_from("/customer", {"entry_point": "shop"}, origins)

    assert (await refusal(bad, "/customer"))["code"] == "forbidden"


async def test_a_page_elsewhere_is_no_desktop_whatever_its_token(house: House) -> None:
    """A token that was stolen must not work in the browsers of a page's visitors."""
    for own in (None, house.server.url):
        assert (await (await house.agent(own)).event("snapshot"))["agent"]["id"] == "anna"
    for other in ("https://evil.example", "null", house.server.url.replace("127.", "128.")):
        refused = await refusal(await house.agent(other), "/agent")

        assert refused["code"] == "forbidden"
        assert refused["message"] == "this page may not be a desktop"


async def bytes_until_closed(server: Server, pieces: list[bytes]) -> tuple[bytes, float]:
    """What a connection was sent, and after how many seconds it was closed."""
    loop = asyncio.get_running_loop()
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    began_s = loop.time()
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.1 if len(pieces) > 1 else 0)
    async with asyncio.timeout(5):
        got = await reader.read()
    writer.close()
    return got, loop.time() - began_s


async def test_a_request_that_never_completes_is_closed() -> None:
    """A thousand connections that say nothing, or a byte at a time, would be there for hours."""
    text = CONFIGURATION + "[server]\nconnect_timeout_ms = 1000\n"
    server = Server([parse(text, {})], host="127.0.0.1", port=0, engine="memory:")
    await server.start()
    head = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: here\r\n"
    whole = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    trickle = [bytes((each,)) for each in head[:8]]
    ways: list[list[bytes]] = [[], [head], trickle, [whole], [whole + head]]
    ended = await asyncio.gather(*(bytes_until_closed(server, way) for way in ways))
    await server.stop()

    assert [got[:12] for got, _ in ended] == [b"", b"", b"", b"HTTP/1.1 200", b"HTTP/1.1 200"]
    assert all(0.5 < after_s < 3 for _, after_s in ended)


async def test_another_customers_conversation_is_not_found(house: House) -> None:
    """Neither to read, nor to write, nor to type into."""
    bo, eve = await house.customer(), await house.customer()
    conversation = (await bo.ask("chat.start", {"text": "hello"}))["conversation"]
    commands: list[tuple[str, dict[str, object]]] = [
        ("history", {}),
        ("message.send", {"text": "hi"}),
        ("message.read", {"seq": 1}),
        ("typing", {"on": True}),
        ("chat.end", {}),
    ]
    codes = {
        (await eve.ask(name, {"conversation": conversation, **payload}))["error"]["code"]
        for name, payload in commands
    }

    assert codes == {"not_found"}


async def test_every_command_of_the_contract_is_served(house: House) -> None:
    """A command that is described and not there would be found missing by its first client."""
    anna, bo = await house.agent(), await house.customer()
    asked = [(bo, name) for name in contract.CUSTOMER.commands]
    asked += [(anna, name) for name in contract.AGENT.commands]
    unknown = (await bo.ask("no.such", {}))["error"]["message"]
    told = [(name, (await client.ask(name, {"": 0}))["error"]) for client, name in asked]

    assert [name for name, error in told if error["message"] == unknown] == []


async def test_a_payload_is_read_whole_before_what_it_names_is_looked_for(house: House) -> None:
    """Who sends what no command takes is told so, whether or not the contact exists."""
    anna, bo = await house.agent(), await house.customer()
    asked: list[tuple[Desk, str, dict[str, object], str]] = [
        (bo, "message.send", {"conversation": "nobody", "text": "\0"}, "text"),
        (bo, "chat.start", {"queue": "nowhere", "attributes": {"": 1}}, "attributes"),
        (anna, "message.send", {"contact": "nobody", "text": " "}, "text"),
        (anna, "contact.transfer", {"contact": "nobody", "to": {}}, "to"),
        (anna, "contact.end", {"contact": "nobody", "wrapup": {"code": "a b"}}, "wrapup.code"),
        (anna, "contact.wrapup", {"contact": "nobody", "code": "x", "note": "\0"}, "note"),
    ]
    for client, name, payload, path in asked:
        error = (await client.ask(name, payload))["error"]

        assert (error["code"], error["details"]) == ("invalid", {"path": path})


async def test_a_token_brings_the_same_customer_back(house: House) -> None:
    """With the conversations they had, and no fresh token while this one is young."""
    bo = await house.customer()
    session = await bo.event("session")
    conversation = (await bo.ask("chat.start", {"text": "hello"}))["conversation"]
    back = await house.come("/customer", {"entry_point": "shop", "token": session["token"]})
    again = await back.event("session")

    assert (again["customer"], again["token"]) == (session["customer"], session["token"])
    assert [each["id"] for each in again["conversations"]] == [conversation]


async def test_every_tab_of_who_signs_in_goes_on_as_the_customer_the_site_knows(
    house: House,
) -> None:
    """The chat that was begun before signing in is theirs in each tab, also in the open ones."""
    claims = {"sub": "kim", "exp": SOON}
    identity = jwt.encode(claims, SITE_SECRET, "HS256")
    auth = {"entry_point": "shop", "identity": identity}
    phone = await house.come("/customer", auth)
    kim = (await phone.event("session"))["customer"]
    tab = await house.customer()
    token = (await tab.event("session"))["token"]
    other = await house.come("/customer", {"entry_point": "shop", "token": token})
    conversation = (await tab.ask("chat.start", {"text": "hello"}))["conversation"]
    seen = await tab.ask("customer.identify", {"identity": identity})
    sent = await other.ask("message.send", {"conversation": conversation, "text": "more"})
    heard = [await each.event("message") for each in (phone, tab, tab)]
    again = await house.come("/customer", {"entry_point": "shop", "token": token})
    session = await again.event("session")
    history = await phone.ask("history", {"conversation": conversation})

    assert seen["customer"] == kim
    assert sent["ok"]
    assert [each["text"] for each in heard] == ["more", "hello", "more"]
    assert session["customer"] == kim
    assert [each["id"] for each in session["conversations"]] == [conversation]
    assert len(history["messages"]) == 2


async def test_a_drain_says_so_and_breaks_the_transport(house: House) -> None:
    """Clients come back elsewhere by themselves, and nobody new is sent here."""
    anna = await house.agent()
    await anna.event("snapshot")
    await house.server.stop()
    told = await anna.event("server.draining")

    assert told["reconnect_within_ms"] > 0
    assert not house.server.is_ready()

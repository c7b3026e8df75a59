"""Limits hold on real sockets: who asks too much is told until when, and nobody else notices."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import aiohttp

from router.hub.pipe import REFUSALS
from tests.e2e.floors import Floor, Plan, configuration
from tests.support.clients import PATIENCE_S, Client, ConnectRefusedError, Customer
from tests.support.clients_shapes import Payload
from tests.support.server import Server, Toml

CONNECTS = 60
SOCKETS = 4
BURST = 4
RATE = 2

SETTINGS: Mapping[str, Mapping[str, Toml]] = {
    "server": {"trusted_hops": 1},  # so that tests can be clients of different addresses
    "limits": {
        "connects_per_minute": CONNECTS,
        "connects_per_second": 0,
        "sockets_per_address": SOCKETS,
        "customer_messages_per_second": RATE,
        "customer_messages_burst": BURST,
        "agent_messages_per_second": RATE,
        "commands_per_second": RATE,
    },
}

SLACK = 3
"""Tokens that come back while a busy machine is still sending what is too much."""


def retry_after_ms(error: Payload, *, most: int) -> int:
    """Give when to come back, of a refusal that must be of the right form."""
    wait_ms = error["details"]["retry_after_ms"]

    assert error["code"] == "rate_limited"
    assert error["retryable"] is True
    assert isinstance(wait_ms, int)
    assert 0 < wait_ms <= most, error
    return wait_ms


async def pause(wait_ms: int) -> None:
    """Wait as long as the server asked for, and not longer."""
    await asyncio.sleep(wait_ms / 1_000)


async def asked_at_once(command: str, clients: Sequence[Client], payload: Payload) -> list[Payload]:
    """Let each of the clients, which may stand there more than once, ask the same at once."""
    return await asyncio.gather(*(client.ask(command, payload) for client in clients))


def errors_of(answers: list[Payload], *, allowed: int) -> list[Payload]:
    """Give the errors; about as many must have been allowed as the bucket holds."""
    errors = [cast("Payload", answer["error"]) for answer in answers if not answer["ok"]]

    assert allowed <= len(answers) - len(errors) <= allowed + SLACK
    return errors


@asynccontextmanager
async def raw_socket(url: str, address: str) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """Open a WebSocket from an address; no namespace is connected yet."""
    at, headers = f"{url}/socket.io/?EIO=4&transport=websocket", {"X-Forwarded-For": address}
    async with aiohttp.ClientSession() as session, session.ws_connect(at, headers=headers) as it:
        assert (await it.receive_str()).startswith("0{")
        yield it


async def refusal_of(socket: aiohttp.ClientWebSocketResponse, entry_point: str) -> Payload | None:
    """Try to enter and say why it was refused, if it was."""
    await socket.send_str("40/customer," + json.dumps({"entry_point": entry_point}))
    while True:
        packet = await socket.receive_str(timeout=PATIENCE_S)
        if packet.startswith("44/customer,"):
            return cast("Payload", json.loads(packet.removeprefix("44/customer,"))["data"])
        if packet.startswith("40/customer,"):
            return None


async def refused_entry(floor: Floor, address: str) -> Payload:
    """Open the widget where that must be refused, and say why."""
    try:
        await floor.customer_at(address)
    except ConnectRefusedError as refused:
        return refused.data
    raise AssertionError("it was let in")


# -- connecting ----------------------------------------------------------------------------------


async def test_an_address_that_keeps_connecting_is_told_to_wait(floor: Floor) -> None:
    """Also tries that lead nowhere are counted: they are what guessing is made of."""
    here, refusals = "198.51.100.1", list[Payload]()
    while not refusals or refusals[-1]["code"] == "not_found":
        async with raw_socket(floor.server.url, here) as socket:
            for _ in range(REFUSALS - 1):
                refusal = await refusal_of(socket, "nowhere")
                assert refusal is not None
                refusals.append(refusal)
                if refusal["code"] != "not_found":
                    break
    await floor.customer_at("198.51.100.2")
    await pause(retry_after_ms(refusals[-1], most=60_000 // CONNECTS))
    async with raw_socket(floor.server.url, here) as socket:
        entered = await refusal_of(socket, floor.id("shop"))

    assert CONNECTS <= len(refusals) - 1 <= CONNECTS + SLACK
    assert entered is None


async def test_an_address_has_so_many_sockets_and_not_one_more(floor: Floor) -> None:
    """A place is free again when a socket ends, with or without a word."""
    here = "2001:db8:0:1::1"
    async with raw_socket(floor.server.url, here) as socket:
        for _ in range(SOCKETS):  # who is refused for something else holds no place
            refusal = await refusal_of(socket, "nowhere")
            assert refusal is not None
            assert refusal["code"] == "not_found"
    inside = [await floor.customer_at(here) for _ in range(SOCKETS)]
    neighbour = await refused_entry(floor, "2001:db8:0:1:ffff::2")
    await floor.customer_at("2001:db8:0:2::1")
    await inside[0].lose()
    await entered_in_the_end(floor, here)
    await inside[1].leave()
    await entered_in_the_end(floor, here)
    full = await refused_entry(floor, here)

    assert retry_after_ms(neighbour, most=5_000)
    assert retry_after_ms(full, most=5_000)


async def entered_in_the_end(floor: Floor, address: str) -> Customer:
    """Open the widget as soon as there is a place."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(ConnectRefusedError):
                return await floor.customer_at(address)
            await asyncio.sleep(0.02)  # nothing tells when the server has noticed


async def test_a_storm_is_let_in_little_by_little(tmp_path: Path) -> None:
    """Whoever comes too early is given a turn of its own, so that not all come back at once."""
    per_second, spacing_ms, tries = 5, 200, 2 * (REFUSALS - 1)
    limits = {**SETTINGS["limits"], "connects_per_minute": 0, "connects_per_second": per_second}
    server = Server(
        tmp_path, configuration([Plan()], {**SETTINGS, "limits": limits}), engine="memory:"
    )
    server.start()
    try:
        refusals: list[Payload | None] = []
        while len(refusals) < tries:  # fewer on each socket than it is sent away for
            async with raw_socket(server.url, "198.51.100.3") as socket:
                refusals += [await refusal_of(socket, "nowhere") for _ in range(REFUSALS - 1)]
        storm = [one for one in refusals if one is not None and one["code"] != "not_found"]
        waits_ms = [retry_after_ms(one, most=tries * spacing_ms) for one in storm]
        await pause(waits_ms[0])
        async with raw_socket(server.url, "198.51.100.3") as socket:
            entered = await refusal_of(socket, "shop-0")
        async with aiohttp.ClientSession() as http, http.get(f"{server.url}/metrics") as page:
            metrics = await page.text()
        server.stop()
    finally:
        server.kill()

    assert 2 * per_second <= tries - len(storm) <= 2 * per_second + SLACK
    assert waits_ms[0] <= spacing_ms
    assert waits_ms[-1] >= (len(storm) - 1 - SLACK) * spacing_ms
    assert entered is None
    assert f'frontdesk_rate_limited_total{{what="storm"}} {len(storm)}.0' in metrics


# -- asking --------------------------------------------------------------------------------------


async def test_two_tabs_of_a_customer_share_what_it_may_write(floor: Floor) -> None:
    """Opening more tabs must not give more; what was refused left no trace and may be sent."""
    tab = await floor.customer_at("198.51.100.4")
    other_tab = await floor.customer_at("198.51.100.5", token=tab.token)
    stranger = await floor.customer_at("198.51.100.4")
    started = await tab.do("chat.start", text="Hello")
    message: Payload = {"conversation": started["conversation"], "text": "again"}
    answers = await asked_at_once("message.send", [tab, other_tab] * BURST, message)
    refused = errors_of(answers, allowed=BURST - 1)
    late = await tab.ask("message.send", {**message, "id": "m"})
    elsewhere = await stranger.do("chat.start", text="undisturbed")
    await pause(retry_after_ms(late["error"], most=1_000 // RATE))
    sent = await other_tab.do("message.send", **message, id="m")
    written = await tab.history(started["conversation"])

    assert all(retry_after_ms(error, most=1_000 // RATE) for error in refused)
    assert elsewhere["ok"] is True
    assert sent["seq"] == 2 + len(answers) - len(refused)
    assert len(written) == sent["seq"]


async def test_starting_chats_counts_as_writing(floor: Floor) -> None:
    """It carries a text, makes a contact and asks for an agent's attention: more than a message."""
    customer = await floor.customer_at("198.51.100.6")
    answers = await asked_at_once("chat.start", [customer] * (BURST * 2), {"text": "Hello"})
    codes = [answer["error"]["code"] for answer in answers if not answer["ok"]]

    assert codes.count("conflict") <= BURST - 1 + SLACK
    assert codes.count("rate_limited") >= BURST - SLACK


async def test_two_desktops_of_an_agent_share_what_it_may_write(floor: Floor) -> None:
    """An agent is one person, however many windows are open; a colleague is another."""
    anna, mirror, bo = await floor.desk(), await floor.desk(state=None), await floor.desk("bo")
    customer = await floor.customer_at("198.51.100.7")
    chat = await floor.chat(customer, anna)
    await floor.confer(chat, anna, bo)
    message: Payload = {"contact": chat.contact, "text": "Hi"}
    answers = await asked_at_once("message.send", [anna, mirror] * 4, message)
    refused = errors_of(answers, allowed=RATE)
    late = await mirror.refused("message.send", **message)
    colleague = await bo.do("message.send", **message)
    await anna.do("typing", contact=chat.contact, on=True)
    await pause(retry_after_ms(late, most=1_000 // RATE))

    assert all(retry_after_ms(error, most=1_000 // RATE) for error in refused)
    assert colleague["text"] == "Hi"
    assert (await mirror.do("message.send", **message))["text"] == "Hi"


async def test_a_socket_that_floods_waits_and_its_neighbours_do_not(floor: Floor) -> None:
    """Looking up, typing and the like are cheap one by one, and a flood of them is not."""
    tab = await floor.customer_at("198.51.100.8")
    other_tab = await floor.customer_at("198.51.100.8", token=tab.token)
    started = await tab.do("chat.start", text="Hello")
    look: Payload = {"conversation": started["conversation"]}
    answers = await asked_at_once("history", [tab] * (RATE * 5 * 2), look)
    refused = errors_of(answers, allowed=RATE * 5)
    late = await tab.refused("typing", **look, on=True)
    elsewhere = await other_tab.do("history", **look)
    written = await tab.do("message.send", **look, text="still heard")
    wrong = [await tab.refused("history"), await tab.refused("nothing.known")]
    await pause(retry_after_ms(late, most=1_000 // RATE))

    assert all(retry_after_ms(error, most=1_000 // RATE) for error in refused)
    assert elsewhere["ok"] is True
    assert written["ok"] is True
    assert [error["code"] for error in wrong] == ["invalid", "invalid"]
    assert (await tab.do("typing", **look, on=True))["ok"] is True

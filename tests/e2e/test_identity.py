"""Agents and customers whose tokens an identity provider signed, through the real server.

The provider is the test's own, on a port of this machine. Each test has a server to itself.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
import pytest_asyncio

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.clients import ConnectRefusedError, Customer, Desk
from tests.support.identity_provider import Provider, SigningKey, elliptic_key, rsa_key
from tests.support.server import SECRET, Server, Toml, sign

KEYS = {"RS256": rsa_key("rsa-1"), "ES256": elliptic_key("ec-1")}
ALGORITHMS = pytest.mark.parametrize("algorithm", KEYS)
LEEWAY_S = 5
ANNA, BO = "auth0|anna", "bo@desk.example"
Open: TypeAlias = Callable[..., AbstractAsyncContextManager[Floor]]


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[Provider]:
    """Publish one key for each algorithm."""
    provider = Provider(*KEYS.values())
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
def opened(tmp_path: Path, provider: Provider) -> Open:
    """Start a server whose agents and customers may come from the provider."""

    @asynccontextmanager
    async def opened(**auth: Toml) -> AsyncGenerator[Floor, None]:
        plan = Plan(
            agents={ANNA: {"name": "Anna"}, BO: {"name": "Bo"}},
            entry_points={"shop": {"identity_jwks_url": provider.url}},
        )
        settings = {"auth": auth or {"jwks_url": provider.url, "secret": SECRET}}
        server = Server(tmp_path, configuration([plan], settings))
        server.start()
        floor = Floor(server, 0)
        try:
            yield floor
            await floor.close()
            server.stop()
        finally:
            server.kill()

    return opened


def soon(valid_s: int) -> int:
    """The `exp` of a token that is good for so long."""
    return int(time.time()) + valid_s


def agents_token(
    floor: Floor, agent: str = ANNA, *, key: SigningKey = KEYS["RS256"], valid_s: int = 3_600
) -> str:
    """What the provider gives an agent who signs in."""
    return key.sign({"sub": floor.id(agent), "roles": ["agent"], "exp": soon(valid_s)})


def identity(key: SigningKey = KEYS["RS256"], *, valid_s: int = 3_600, **claims: object) -> str:
    """What the provider gives a customer who signs in."""
    return key.sign({"sub": "kim", "exp": soon(valid_s), **claims})


async def desk(floor: Floor, token: str) -> Desk:
    """Open a desktop with a token; the floor closes it."""
    return await floor.opened(Desk(floor.server.url, {"token": token}))


async def refusal(floor: Floor, token: str) -> tuple[str, bool]:
    """The code an agent's token is refused with, and whether to try again."""
    with pytest.raises(ConnectRefusedError) as refused:
        await desk(floor, token)
    return refused.value.data["code"], refused.value.data["retryable"]


@ALGORITHMS
async def test_agents_of_a_provider_work_under_the_names_it_gives_them(
    opened: Open, provider: Provider, algorithm: str
) -> None:
    """Found, asked and handed chats by ids with bars and at signs; no secret is needed."""
    async with opened(jwks_url=provider.url) as floor:
        key = KEYS[algorithm]
        anna = await desk(floor, agents_token(floor, key=key))
        bo = await desk(floor, agents_token(floor, BO, key=key))
        await anna.available()
        customer = await floor.customer()
        chat = await floor.chat(customer, anna)
        await bo.available()
        found = await anna.do("directory.agents", search="desk.example")
        await anna.do("contact.transfer", contact=chat.contact, to={"agent": floor.id(BO)})
        await bo.take(chat.contact, kind="transfer")
        await bo.do("message.send", contact=chat.contact, text="Hello from Bo")
        heard = await customer.until("message", text="Hello from Bo")
        unknown = await bo.refused(
            "contact.transfer", contact=chat.contact, to={"agent": "auth0|nobody"}
        )

        assert anna.agent == floor.id(ANNA)
        assert [agent["id"] for agent in found["agents"]] == [floor.id(BO)]
        assert heard["author"]["name"] == "Bo"
        assert "desk.example" not in str(customer.events)
        assert unknown["code"] == "not_found"
        assert "nobody" not in str(unknown)


@ALGORITHMS
async def test_customers_of_a_provider_are_who_it_says_on_every_device(
    opened: Open, algorithm: str
) -> None:
    """Recognised by their `sub`; what was said before signing in comes along."""
    async with opened() as floor:
        kim = identity(KEYS[algorithm], name="Kim Ek", priority=3)
        anna = await floor.desk(ANNA)
        phone = await floor.customer(identity=kim)
        laptop = await floor.customer()
        chat = await floor.chat(laptop, anna, text="Before I signed in")
        known = await laptop.do("customer.identify", identity=kim)
        updated = await anna.updated(
            chat.contact, lambda contact: bool(contact["customer"]["verified"])
        )
        back = await floor.customer(token=laptop.token)

        assert known["customer"] == phone.hello["customer"] == back.hello["customer"]
        assert updated["customer"]["name"] == "Kim Ek"
        assert [each["id"] for each in back.hello["conversations"]] == [chat.conversation]


async def test_a_token_of_one_customer_beside_the_identity_of_another_is_forbidden(
    opened: Open,
) -> None:
    """Whoever signs the tokens, conversations never pass between two who are known."""
    async with opened() as floor:
        kim = await floor.customer(identity=identity())
        others = identity(KEYS["ES256"], sub="lee")
        with pytest.raises(ConnectRefusedError) as refused:
            await floor.customer(token=kim.token, identity=others)
        again = await floor.customer(token=kim.token, identity=floor.identity(sub="kim"))

        assert refused.value.data["code"] == "forbidden"
        assert again.hello["customer"] == kim.hello["customer"]


async def test_tokens_of_the_secret_are_good_beside_those_of_the_provider(opened: Open) -> None:
    """An integration signs by itself where people come from a provider."""
    async with opened() as floor:
        by_secret = await floor.desk(ANNA)
        by_key = await desk(floor, agents_token(floor))

        assert by_secret.agent == by_key.agent


async def test_whoever_signs_with_anything_else_stays_outside(
    opened: Open, provider: Provider
) -> None:
    """A stranger's key under a known name, the public key as a secret, a token of no roles."""
    async with opened(jwks_url=provider.url) as floor:
        sub = floor.id(ANNA)
        public = KEYS["RS256"].jwk()
        forged = [
            agents_token(floor, key=rsa_key("rsa-1")),
            agents_token(floor, key=elliptic_key("ec-1")),
            agents_token(floor, key=rsa_key("unknown")),
            sign(SECRET, sub=sub, roles=["agent"]),
            sign(str(public["n"]), sub=sub, roles=["agent"]),
            agents_token(floor, valid_s=-LEEWAY_S - 1),
        ]
        codes = [await refusal(floor, token) for token in forged]
        customers = identity(sub=sub)

        assert codes == [("unauthenticated", False)] * len(forged)
        assert await refusal(floor, customers) == ("forbidden", False)


async def test_without_the_provider_clients_are_asked_to_come_again(
    opened: Open, provider: Provider
) -> None:
    """A token that cannot be checked is not a bad one, and those with a secret go on."""
    async with opened() as floor:
        await provider.stop()
        agent = await refusal(floor, agents_token(floor))
        customer = await floor.customer()
        asked = await customer.refused("customer.identify", identity=identity())
        await floor.desk(BO)
        await provider.start()
        async with asyncio.timeout(8):
            while not (await customer.ask("customer.identify", {"identity": identity()}))["ok"]:  # noqa: ASYNC110 - as a client that tries again
                await asyncio.sleep(0.1)

        assert agent == ("unavailable", True)
        assert (asked["code"], asked["retryable"]) == ("unavailable", True)
        assert (await desk(floor, agents_token(floor))).agent == floor.id(ANNA)


async def test_a_key_the_provider_changed_to_is_good_at_once(
    opened: Open, provider: Provider
) -> None:
    """Nobody has to restart anything, and who is connected stays."""
    async with opened() as floor:
        before = await desk(floor, agents_token(floor))
        new = elliptic_key("ec-2")
        provider.publish(new)
        after = await desk(floor, agents_token(floor, BO, key=new))

        assert after.agent == floor.id(BO)
        assert before.is_connected


async def test_a_desktop_hears_why_when_its_token_expires_and_nothing_is_lost(
    opened: Open,
) -> None:
    """It is told, disconnected, and refused; one with a fresh token keeps the chat."""
    async with opened() as floor:
        ending = await desk(floor, agents_token(floor, valid_s=3 - LEEWAY_S))
        await ending.available()
        customer = await floor.customer(identity=identity(valid_s=3 - LEEWAY_S))
        chat = await floor.chat(customer, ending)
        fresh = await desk(floor, agents_token(floor))
        closed = await ending.until("connection.closed")
        await ending.until("disconnect")
        await customer.do("message.send", conversation=chat.conversation, text="Still here?")
        await fresh.until("message", text="Still here?")
        await fresh.do("message.send", contact=chat.contact, text="Yes")

        names = [event.name for event in ending.events]
        assert (closed["code"], closed["retryable"]) == ("unauthenticated", False)
        assert names.index("connection.closed") < names.index("disconnect")
        assert fresh.is_connected
        assert not fresh.named("presence.changed", since=fresh.index("message"))
        assert customer.is_connected
        assert "connection.closed" not in [event.name for event in customer.events]


async def test_nobodys_token_is_in_the_output(opened: Open, provider: Provider) -> None:
    """Neither good ones nor bad ones, nor the names of keys that clients invent."""
    async with opened() as floor:
        good = agents_token(floor)
        bad = agents_token(floor, key=rsa_key("invented-name"))
        await desk(floor, good)
        await refusal(floor, bad)
        await provider.stop()
        await refusal(floor, bad)

        assert floor.server.find(good, good.rpartition(".")[2], bad, "invented-name") == []
        assert isinstance(await floor.customer(), Customer)

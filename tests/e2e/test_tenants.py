"""Several tenants of one process never meet, though everything in them is called the same."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.clients import ConnectRefusedError, Customer, Desk
from tests.support.server import SharedServer, Toml, read_token, run_program, sign

SECRETS = {
    "acme": "the secret of acme, long enough",
    "beta": "the secret of beta, long enough",
}


def tenant(name: str) -> dict[str, Toml]:
    """The same floor for everybody."""
    own = {"tenant": {"id": name}, "auth": {"secret": SECRETS[name]}}
    return configuration([Plan()], own)


class House(Floor):
    """One tenant's floor."""

    def __init__(self, server: SharedServer, name: str) -> None:
        """Clients of this tenant."""
        super().__init__(server, 0)
        self.name = name

    async def customer(self, entry_point: str = "shop", **auth: object) -> Customer:
        """Open the widget at the tenant's entry point."""
        name = f"{self.name}/{self.id(entry_point)}"
        return await self.opened(Customer(self.server.url, {"entry_point": name, **auth}))

    async def desk(
        self,
        agent: str = "anna",
        *,
        state: str | None = "available",
        roles: Sequence[str] = ("agent",),
        secret: str = "",
    ) -> Desk:
        """Open a desktop of the tenant's agent."""
        name = self.name
        token = sign(secret or SECRETS[name], sub=self.id(agent), roles=roles, tenant=name)
        desk = await self.opened(Desk(self.server.url, {"token": token}))
        if state is not None:
            await desk.do("presence.set", state=state)
        return desk


class Houses(NamedTuple):
    """Both tenants."""

    acme: House
    beta: House


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    """Two tenants behind one port."""
    folder = tmp_path_factory.mktemp("server")
    tenants = {name: tenant(name) for name in SECRETS}
    server = SharedServer(folder, tenants)
    server.start()
    try:
        yield server
        server.stop()
    finally:
        server.kill()


@pytest_asyncio.fixture
async def houses(server: SharedServer) -> AsyncIterator[Houses]:
    """Clients of both, closed afterwards."""
    houses = Houses(House(server, "acme"), House(server, "beta"))
    yield houses
    for house in houses:
        await house.close()


async def test_a_chat_of_one_tenant_is_nothing_to_another(houses: Houses) -> None:
    """Agents of the same name, at queues of the same name, are other people at other firms."""
    acme, beta = houses
    ours, theirs = await acme.desk(), await beta.desk()
    chat = await acme.chat(await acme.customer(), ours)
    other = await beta.chat(await beta.customer(), theirs, text="Of beta")
    said = await ours.do("message.send", contact=chat.contact, text="Of acme")
    heard = [event.payload for event in theirs.events]
    shown = await beta.desk(state=None)
    snapshot = await shown.until("snapshot")
    directory = await theirs.do("directory.queues")

    assert said["seq"]
    assert "Of acme" not in str(heard)
    assert chat.contact not in str(heard)
    assert [contact["id"] for contact in snapshot["contacts"]] == [other.contact]
    assert [queue["waiting"] for queue in directory["queues"]] == [0]
    for command, named in (
        ("history", {"conversation": chat.conversation}),
        ("contact.end", {"contact": chat.contact}),
    ):
        assert (await theirs.refused(command, **named))["code"] == "not_found"


async def test_a_customer_of_one_tenant_is_a_stranger_to_another(houses: Houses) -> None:
    """A token that was taken to another firm's site must open nothing there."""
    acme, beta = houses
    known = await acme.customer()
    token = (await known.until("session"))["token"]
    started = await known.do("chat.start", text="Of acme")
    stranger = await beta.customer(token=token)
    session = await stranger.until("session")
    again = await acme.customer(token=token)

    assert session["conversations"] == []
    assert session["token"] != token
    assert (await again.until("session"))["conversations"][0]["id"] == started["conversation"]
    refused = await stranger.refused("history", conversation=started["conversation"])
    assert refused["code"] == "not_found"


@pytest.mark.parametrize(
    ("named", "signed_by"),
    [("beta", "acme"), ("acme", "beta"), ("gamma", "acme"), (None, "acme")],
)
async def test_a_token_opens_only_its_own_tenant(
    houses: Houses, named: str | None, signed_by: str
) -> None:
    """Whoever runs one firm's identity provider is nobody at another."""
    house = houses.acme
    token = sign(SECRETS[signed_by], sub=house.id("anna"), roles=["agent"], tenant=named)
    with pytest.raises(ConnectRefusedError) as refused:
        await house.opened(Desk(house.server.url, {"token": token}))

    assert refused.value.data["code"] == "unauthenticated"


@pytest.mark.parametrize("name", ["shop-0", "gamma/shop-0", "acme/acme/shop-0", "/shop-0", ""])
async def test_an_entry_point_is_named_with_its_tenant(houses: Houses, name: str) -> None:
    """Of two shops nobody can tell which is meant."""
    house = houses.acme
    with pytest.raises(ConnectRefusedError) as refused:
        await house.opened(Customer(house.server.url, {"entry_point": name}))

    assert refused.value.data["code"] == "not_found"
    assert refused.value.data["details"] == {"path": "entry_point"}


def test_the_command_line_signs_for_the_tenant_that_is_named(server: SharedServer) -> None:
    """Of two Annas it must not guess."""
    folder = str(server.folder / "tenants")
    asked = ("token", "--config", folder, "--agent", "anna-0")
    named = run_program(*asked, "--tenant", "beta")
    unnamed = run_program(*asked)
    checked = run_program("config", "check", folder)

    assert read_token(named.stdout.strip(), SECRETS["beta"])["tenant"] == "beta"
    assert unnamed.returncode == 1
    assert "--tenant" in unnamed.stderr
    assert [line.partition(": fine: ")[2][:11] for line in checked.stdout.splitlines()] == [
        "tenant acme",
        "tenant beta",
    ]

"""A new configuration comes into force under people at work: nothing drops."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.clients import ConnectRefusedError
from tests.support.server import Server, Toml

Tables = dict[str, list[dict[str, Toml]]]

PLAN = Plan(
    queues={"support": {}, "sales": {}},
    agents={"anna": {"capacity": 2}, "bo": {}},
    entry_points={"shop": {"queues": ["sales"]}, "help": {}},
)


class Tenant:
    """A server of its own, whose file a test rewrites."""

    def __init__(self, folder: Path) -> None:
        """Begin with everybody and everything."""
        self.file = configuration([PLAN], {})
        self.server = Server(folder, self.file)
        self.server.start()
        self.floor = Floor(self.server, 0)

    def changed(self) -> tuple[dict[str, Toml], Tables]:
        """A copy of the file, and its lists of tables to change."""
        file = copy.deepcopy(self.file)
        return file, cast("Tables", file)

    def without(self, table: str, name: str) -> dict[str, Toml]:
        """The file without one table."""
        file, tables = self.changed()
        tables[table] = [each for each in tables[table] if each["id"] != self.floor.id(name)]
        return file


@pytest_asyncio.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[Tenant]:
    """A server, which must also stop well."""
    made = Tenant(tmp_path)
    try:
        yield made
        await made.floor.close()
        made.server.stop()
    finally:
        made.server.kill()


async def refused_code(tenant: Tenant, entry_point: str, **auth: object) -> str:
    """Why a customer may not enter."""
    with pytest.raises(ConnectRefusedError) as refused:
        await tenant.floor.customer(entry_point, **auth)
    return str(refused.value.data["code"])


async def test_a_reload_drops_nobody_and_holds_at_once(tenant: Tenant) -> None:
    """A new agent may come, a new greeting greets, and who talks talks on."""
    floor = tenant.floor
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    file, tables = tenant.changed()
    tables["agents"].append({"id": floor.id("cleo"), "queues": [floor.id("sales")]})
    tables["entry_points"][0] |= {"greeting": "Welcome!"}
    tenant.server.reload(file)
    cleo = await floor.desk("cleo")
    asked = await floor.customer()
    started = await asked.do("chat.start", text="Hello", queue=floor.id("sales"))
    await anna.do("message.send", contact=chat.contact, text="still here")
    await customer.until("message", text="still here")

    assert asked.hello["entry_point"]["greeting"] == "Welcome!"
    assert started["state"] == "offered"
    assert cleo.hello["agent"]["queues"] == [floor.id("sales")]
    assert "needs_restart" not in tenant.server.output_text()


async def test_a_file_with_mistakes_is_refused_with_all_of_them(tenant: Tenant) -> None:
    """One at a time would be one reload for each, and half a configuration is none."""
    floor = tenant.floor
    file, tables = tenant.changed()
    tables["agents"].append({"id": floor.id("cleo"), "queues": ["nowhere"]})
    tables["queues"][0] |= {"strategy": "by_feel", "colour": "red"}
    tenant.server.reload(file)
    log = tenant.server.output_text()
    with pytest.raises(ConnectRefusedError):
        await floor.desk("cleo")
    await floor.desk()

    assert "configuration.kept tenant=main mistakes=3" in log
    assert log.count("configuration.mistake ") == 3
    for path in ("queues[0].strategy", "queues[0].colour", "agents[2].queues[0]"):
        assert path in log


async def test_a_file_of_another_tenant_is_refused(tenant: Tenant) -> None:
    """Whose contacts these are does not change: sealed addresses could never be opened again."""
    floor = tenant.floor
    file, tables = tenant.changed()
    file["tenant"] = {"id": "other"}
    tables["entry_points"][0] |= {"greeting": "Welcome!"}
    tenant.server.reload(file)
    customer = await floor.customer()
    log = tenant.server.output_text()

    assert "configuration.mistake tenant=main path=tenant.id" in log
    assert "configuration.kept tenant=main mistakes=1" in log
    assert "greeting" not in customer.hello["entry_point"]


async def test_a_reload_names_what_is_not_served_yet(tenant: Tenant) -> None:
    """Who sets opening hours while it runs must learn, as at the start, that they do nothing."""
    file, tables = tenant.changed()
    tables["queues"][0] |= {"max_wait_ms": 60_000}
    tenant.server.reload(file)

    assert "configuration.not_served_yet tenant=main path=queues[0].max_wait_ms" in (
        tenant.server.output_text().replace('"', "")
    )


async def test_what_needs_a_restart_is_named_and_the_rest_holds(tenant: Tenant) -> None:
    """An operator who changed a secret must not believe that the old one is worth nothing now."""
    floor = tenant.floor
    file, tables = tenant.changed()
    file["auth"] = {"secret": "another secret, which is long enough"}
    file["server"] = {"ping_interval_ms": 9_000}
    tables["entry_points"][0] |= {"greeting": "Welcome!"}
    tenant.server.reload(file)
    await floor.desk()
    customer = await floor.customer()
    log = tenant.server.output_text()

    assert "configuration.needs_restart tenant=main path=auth.secret" in log
    assert "configuration.needs_restart tenant=main path=server.ping_interval_ms" in log
    assert log.count("needs_restart") == 2
    assert "another secret" not in log
    assert customer.hello["entry_point"]["greeting"] == "Welcome!"


async def test_a_removed_entry_point_lets_a_live_chat_come_back(tenant: Tenant) -> None:
    """A page reload in the middle of a chat must find it; nothing new starts there."""
    floor = tenant.floor
    anna = await floor.desk()
    identity = floor.identity(sub="kim")
    customer = await floor.customer("help", identity=identity)
    idle = await floor.customer("help")
    chat = await floor.chat(customer, anna)
    tenant.server.reload(tenant.without("entry_points", "help"))
    await customer.lose()
    back = await floor.customer("help", token=customer.token, identity=identity)
    await back.do("message.send", conversation=chat.conversation, text="here again")
    await anna.until("message", text="here again")
    start = await idle.refused("chat.start", text="Hello")

    assert back.hello["entry_point"]["open"] is False
    assert back.hello["conversations"][0]["contact"]["state"] == "connected"
    assert start["code"] == "not_found"
    assert await refused_code(tenant, "help") == "not_found"
    assert await refused_code(tenant, "help", token=idle.token) == "not_found"
    assert await refused_code(tenant, "help", identity=identity) == "not_found"

    await anna.do("contact.end", contact=chat.contact)
    again = await back.refused("message.send", conversation=chat.conversation, text="more")

    assert again["code"] == "not_found"


async def test_a_removed_queue_is_served_until_empty_and_leaves_the_directory(
    tenant: Tenant,
) -> None:
    """Who waits there is not forgotten, and nobody new comes."""
    floor = tenant.floor
    waiting, late = await floor.customers(2)
    started = await waiting.do("chat.start", text="Hello", queue=floor.id("sales"))
    file = tenant.without("queues", "sales")
    for tables in (file["agents"], file["entry_points"]):
        assert isinstance(tables, list)
        for table in tables:
            assert isinstance(table, dict)
            table["queues"] = [] if "queue" in table else [floor.id("support")]
    tenant.server.reload(file)
    start = await late.refused("chat.start", text="Hello", queue=floor.id("sales"))
    anna = await floor.desk()
    await anna.take(started["contact"])
    held = await anna.do("directory.queues", search="sales")
    await anna.do("contact.end", contact=started["contact"], wrapup={"code": "resolved"})
    empty = await anna.do("directory.queues", search="sales")
    every = await anna.do("directory.queues")

    assert start["code"] == "not_found"
    assert [queue["id"] for queue in held["queues"]] == [floor.id("sales")]
    assert empty["queues"] == []
    assert [queue["id"] for queue in every["queues"]] == [floor.id("support")]


async def test_a_removed_agent_is_signed_out_and_its_chat_goes_on(tenant: Tenant) -> None:
    """Who left the company is out at once, and its customer is not."""
    floor = tenant.floor
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    tenant.server.reload(tenant.without("agents", "anna"))
    await anna.until("disconnect")
    await bo.take(chat.contact)
    with pytest.raises(ConnectRefusedError) as refused:
        await floor.desk()

    assert refused.value.data["code"] == "forbidden"


async def test_a_removed_code_is_still_filed_where_it_was_owed(tenant: Tenant) -> None:
    """The agent chose from the list its desktop was shown."""
    floor = tenant.floor
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("contact.end", contact=chat.contact)
    file, tables = tenant.changed()
    tables["wrapup_codes"] = tables["wrapup_codes"][1:]
    tenant.server.reload(file)
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    later = await floor.chat(await floor.customer(), anna)
    refused = await anna.refused("contact.end", contact=later.contact, wrapup={"code": "resolved"})

    assert refused["code"] == "invalid"

"""A customer's address is kept sealed, and shown to who may see it, with a reason, on record."""

import base64
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import aiohttp
import msgspec
import pytest

from tests.e2e.floors import Chat, Floor, Plan, configuration
from tests.support.clients import Customer, Desk
from tests.support.clients_shapes import Payload
from tests.support.cluster import bodies_of
from tests.support.server import SECRET, Server, Toml

Settings: TypeAlias = Mapping[str, Mapping[str, Toml]]

EMAIL, EMAIL_MASKED = "Kim.Larsson@private.example", "K**********@private.example"
PHONE = "+46 70 174 06 58"
CARD = "4111 1111 1111 1111"
REASON = f"to call back about {CARD}"
SEVEN_DIGITS = "0174065"
RAW = (EMAIL, PHONE, PHONE.replace(" ", ""), "kim.larsson", SEVEN_DIGITS, "4111 1111", "41111111")
MAY_REVEAL = ("agent", "reveal")


def key(letter: str) -> str:
    """A seal key as it is written."""
    return base64.urlsafe_b64encode(letter.encode() * 32).decode()


SETTINGS: Settings = {"masking": {"seal_key": key("k")}}


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Servers a test starts itself, one after the other; none outlives it."""
    started: list[Server] = []
    yield started
    for server in started:
        server.kill()


def serving(servers: list[Server], folder: Path, settings: Settings) -> Floor:
    """Start a server with these settings on what the last one kept, in place of that one."""
    if servers:
        servers[-1].stop()
    engine = servers[-1].engine if servers else ""
    server = Server(folder, configuration([Plan()], settings), engine=engine)
    servers.append(server)
    server.start()
    return Floor(server, 0)


async def a_chat(floor: Floor, anna: Desk, **form: object) -> Chat:
    """A customer who filled in the form talks to Anna."""
    customer = await floor.customer()
    return await floor.chat(customer, anna, **{"email": EMAIL, "phone": PHONE, **form})


async def shown(desk: Desk, contact: str, field: str = "email") -> object:
    """What an agent is shown."""
    answer = await desk.do("contact.reveal", contact=contact, field=field, reason=REASON)
    return answer["value"]


async def not_shown(desk: Desk, contact: str, field: str = "email", reason: str = REASON) -> object:
    """Why an agent is shown nothing."""
    error = await desk.refused("contact.reveal", contact=contact, field=field, reason=reason)
    return error["code"]


async def records(server: Server, contact: str) -> list[Payload]:
    """What the store says of who saw what of a contact, in order."""
    is_file = server.engine.startswith("sqlite:")
    bodies = in_file(server) if is_file else await bodies_of(server.engine, "reveal")
    found: list[Payload] = [msgspec.msgpack.decode(body) for body in bodies]
    return sorted(
        (record for record in found if record["contact"] == contact),
        key=lambda record: int(record["at_ms"]),
    )


def in_file(server: Server) -> list[bytes]:
    """All of these records in a database."""
    with closing(
        sqlite3.connect(f"file:{server.folder}/frontdesk.sqlite?mode=ro", uri=True)
    ) as store:
        return [body for (body,) in store.execute("SELECT body FROM records WHERE kind = 'reveal'")]


async def metrics(server: Server) -> str:
    """The page of metrics."""
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/metrics") as page:
        return await page.text()


async def test_who_may_reveal_is_shown_the_value_as_it_was_given(floor: Floor) -> None:
    """Masked is what everybody sees; writing back needs the address itself."""
    anna = await floor.desk(roles=MAY_REVEAL)
    chat = await a_chat(floor, anna)
    contact = anna.named("contact.assigned")[0]["contact"]

    assert contact["customer"]["email"] == EMAIL_MASKED
    assert await shown(anna, chat.contact) == EMAIL
    assert await shown(anna, chat.contact, "phone") == PHONE


async def test_without_role_part_or_reason_nothing_is_shown(floor: Floor) -> None:
    """Seeing an address is for few, about their own contacts, and never for no reason."""
    anna = await floor.desk(roles=MAY_REVEAL)
    bo = await floor.desk("bo", state=None, roles=MAY_REVEAL)
    chat = await a_chat(floor, anna)
    plain = await floor.desk(state=None)

    assert await not_shown(plain, chat.contact) == "forbidden"
    assert await not_shown(bo, chat.contact) == "not_found"
    assert await not_shown(anna, "0" * 26) == "not_found"
    assert await not_shown(anna, chat.contact, reason=" ") == "invalid"
    assert await not_shown(anna, chat.contact, reason="x" * 1_001) == "too_large"
    assert await not_shown(anna, chat.contact, field="name") == "invalid"
    assert await records(floor.server, chat.contact) == []


async def test_each_look_is_on_record_with_who_and_why(floor: Floor) -> None:
    """Whoever answers for the data can say who saw it; the log tells it happened."""
    anna = await floor.desk(roles=MAY_REVEAL)
    chat = await a_chat(floor, anna)
    await shown(anna, chat.contact)
    await shown(anna, chat.contact)
    await shown(anna, chat.contact, "phone")
    kept = await records(floor.server, chat.contact)
    lines = [line for line in floor.server.output_text().splitlines() if chat.contact in line]

    assert [record["field"] for record in kept] == ["email", "email", "phone"]
    assert {record["agent"] for record in kept} == {anna.agent}
    assert {record["reason"] for record in kept} == {"to call back about ************1111"}
    assert [re.sub(r"^\S+ ", "", line) for line in lines] == [
        f"info contact.revealed tenant=main contact={chat.contact} field={field}"
        for field in ("email", "email", "phone")
    ]


async def test_what_a_site_signed_is_shown_too_and_counts_more(floor: Floor) -> None:
    """What the site knows of its customer is not replaced by what somebody typed."""
    anna = await floor.desk(roles=MAY_REVEAL)
    customer = await floor.customer(identity=floor.identity(sub="kim", email=EMAIL))
    chat = await floor.chat(customer, anna, email="typed@private.example", phone=PHONE)

    assert await shown(anna, chat.contact) == EMAIL
    assert await shown(anna, chat.contact, "phone") == PHONE


@pytest.mark.parametrize("given", [CARD, "536-90-4399", "SE45 5000 0000 0583 9825 7466", "5551234"])
async def test_what_is_no_phone_number_is_not_kept(floor: Floor, given: str) -> None:
    """A card in the wrong field must not be there for anybody to open."""
    anna = await floor.desk(roles=MAY_REVEAL)
    chat = await a_chat(floor, anna, phone=given)

    assert await not_shown(anna, chat.contact, "phone") == "not_found"
    assert await shown(anna, chat.contact) == EMAIL


async def test_a_form_sent_again_under_one_id_is_the_same_request(floor: Floor) -> None:
    """The address is sealed anew each time, and still nothing else was asked."""
    customer = await floor.customer()
    form = {"id": "start", "text": "Hello", "email": EMAIL, "phone": PHONE}
    first = await customer.do("chat.start", **form)
    again = await customer.do("chat.start", **form)
    # One that looks the same when it is masked is another all the same.
    other = await customer.refused("chat.start", **form | {"email": EMAIL.replace("Kim", "Kai")})

    assert again["contact"] == first["contact"]
    assert other["code"] == "conflict"


async def test_the_raw_address_is_found_nowhere(floor: Floor) -> None:
    """Disks are copied, logs are shipped, metrics are scraped: only the one answer has it."""
    anna = await floor.desk(roles=MAY_REVEAL)
    bo = await floor.desk("bo", state=None)
    customer = await floor.customer(identity=floor.identity(sub=EMAIL, email=EMAIL, phone=PHONE))
    chat = await floor.chat(customer, anna, id=EMAIL, email=EMAIL, phone=PHONE)
    reason = f"{EMAIL} {PHONE}"
    for field in ("email", "phone"):
        await anna.do("contact.reveal", contact=chat.contact, field=field, reason=reason)
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    page = await metrics(floor.server)
    events = [event for event in anna.events if event.name != "ack contact.reveal"]
    heard = str([*events, *bo.events, *customer.events]).lower()
    found = floor.server.find(*RAW)
    kept = [path.name for path in floor.server.folder.iterdir()]

    assert any(name.endswith(("-wal", ".rdb")) for name in kept)
    assert found == []
    # A time in a value may have any seven digits in a row; nothing else of it is left out.
    named = re.sub(r" \S+$", "", page, flags=re.MULTILINE)
    assert SEVEN_DIGITS not in named
    assert [raw for raw in RAW if raw != SEVEN_DIGITS and raw.lower() in page.lower()] == []
    assert [raw for raw in RAW if raw.lower() in heard] == []
    assert re.search(r'frontdesk_reveals_total\{field="phone"\} [1-9]', page)


async def test_a_restart_loses_neither_the_address_nor_the_record(floor: Floor) -> None:
    """Calling back is done later; the record was written before the value was shown."""
    anna = await floor.desk(roles=MAY_REVEAL)
    chat = await a_chat(floor, anna)
    await shown(anna, chat.contact)
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    floor.server.kill()
    floor.server.start()
    back = await floor.desk(state=None, roles=MAY_REVEAL)

    assert len(await records(floor.server, chat.contact)) == 1
    assert await shown(back, chat.contact) == EMAIL
    assert len(await records(floor.server, chat.contact)) == 2


async def test_without_a_seal_key_nothing_is_kept_or_shown(
    servers: list[Server], tmp_path: Path
) -> None:
    """An installation that writes to nobody keeps no addresses, not even sealed."""
    floor = serving(servers, tmp_path, {})
    anna = await floor.desk(roles=MAY_REVEAL)
    chat = await a_chat(floor, anna)
    first = await not_shown(anna, chat.contact)
    await floor.close()
    floor = serving(servers, tmp_path, SETTINGS)
    back = await floor.desk(state=None, roles=MAY_REVEAL)

    assert first == "unavailable"
    assert await not_shown(back, chat.contact) == "not_found"
    assert await records(floor.server, chat.contact) == []

    await floor.close()


async def test_a_key_is_replaced_without_losing_what_it_sealed(
    servers: list[Server], tmp_path: Path
) -> None:
    """The former key still opens; given again, an address needs it no more."""
    floor = serving(servers, tmp_path, SETTINGS)
    anna = await floor.desk(roles=MAY_REVEAL)
    kim = await floor.customer()
    chat = await floor.chat(kim, anna, email=EMAIL, phone=PHONE)
    await anna.do("contact.end", contact=chat.contact, wrapup={"code": "resolved"})
    await floor.close()

    both: Settings = {"masking": {"seal_key": key("n"), "former_seal_keys": [key("k")]}}
    floor = serving(servers, tmp_path, both)
    anna = await floor.desk(roles=MAY_REVEAL)

    assert await shown(anna, chat.contact) == EMAIL
    assert await shown(anna, chat.contact, "phone") == PHONE

    again = await floor.chat(await floor.customer(token=kim.token), anna, email=EMAIL)
    await anna.do("contact.end", contact=again.contact, wrapup={"code": "resolved"})
    await floor.close()

    floor = serving(servers, tmp_path, {"masking": {"seal_key": key("n")}})
    anna = await floor.desk(state=None, roles=MAY_REVEAL)

    assert await shown(anna, chat.contact) == EMAIL
    assert await not_shown(anna, chat.contact, "phone") == "unavailable"
    assert [record["field"] for record in await records(servers[-1], chat.contact)] == [
        "email",
        "phone",
        "email",
    ]

    await floor.close()


async def test_another_secret_for_agents_forgets_no_customer(
    servers: list[Server], tmp_path: Path
) -> None:
    """Tokens of agents are changed when one leaks; that has nothing to do with customers."""
    floor = serving(servers, tmp_path, {})
    start = {"id": "start", "text": "Hello"}
    kim: Customer = await floor.customer(identity=floor.identity(sub="kim"))
    first = await kim.do("chat.start", **start)
    await floor.close()
    secret = f"another {SECRET}"
    floor = serving(servers, tmp_path, {"auth": {"secret": secret}})
    again = await floor.customer(identity=floor.identity(sub="kim"))
    repeated = await again.do("chat.start", **start)
    await floor.desk(secret=secret)

    assert again.hello["customer"] == kim.hello["customer"]
    assert repeated["contact"] == first["contact"]

    await floor.close()

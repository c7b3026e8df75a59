"""The demo's search can find what it looks for, and its people can play what they are given."""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from masking import mask
from router.app.demo import TENANT, demo_settings, paced
from router.app.demo_clerks import CODE
from router.app.demo_floor import ANSWERS, PARTINGS, SEATS, TWISTS, Deck, Floor
from router.app.demo_journal import Journal
from router.app.demo_redis import contents
from router.app.demo_run import CLERKS, STANDBY, Audit, banner
from router.app.demo_search import CHUNK, Places, cards_in
from router.app.demo_stories import (
    COUNSEL,
    COUNSELS,
    OPENING,
    REPLIES,
    STORIES,
    counsel,
    reply,
    story_of,
)
from router.app.demo_values import Values
from router.kernel.configuration import Queue
from router.kernel.ids import HubId
from router.kernel.messages import HubLost
from router.shard.engine import Envelope
from tests.conformance.samples import HUB, batch, contact, entry, hot, message, written
from tests.support.redis import OwnEngine, RedisServer

CARD = "4111111111111111"
CARDS = frozenset({CARD})
SHOP = "http://127.0.0.1:8081"
METRICS = "http://127.0.0.1:9090/metrics"
ADDRESSES = ("http://127.0.0.1:8080/desk", SHOP, "http://127.0.0.1:8080/demo/mask", METRICS)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Open a journal that writes to the test's standard output."""
    with Journal(sys.stdout, tmp_path / "demo.log", lambda: None) as journal:
        yield journal


def floor_with(journal: Journal, *, url: str = "http://127.0.0.1:8080") -> Floor:
    """Make a floor without a server."""
    return Floor(demo_settings({}), url=url, journal=journal, chance=Random(1), pace=1.0)


def banner_of(floor: Floor, *, has_keys: bool = False) -> str:
    """Give what the demo says first."""
    return banner(floor, shop_url=SHOP, metrics_url=METRICS, has_keys=has_keys)


def test_the_people_of_the_demo_find_their_places() -> None:
    """A clerk, an entry point or a code that is not configured would fail in front of a guest."""
    settings = demo_settings({})
    queues: dict[str, Queue] = {queue.id: queue for queue in settings.configuration.queues}
    codes: dict[str, tuple[str, ...]] = {
        code.id: code.queues for code in settings.configuration.wrapup_codes
    }

    assert {agent.id for agent in settings.agents} == {*SEATS, STANDBY[0], *CLERKS}
    assert {point.id: point.queue for point in settings.configuration.entry_points} == {
        "shop": "support",
        "returns": "returns",
        "drill": "drill",
    }
    assert "support" in codes[CODE]
    assert queues["support"].offer_timeout_ms == 120_000
    assert all("returns" in codes[story.code] for story in STORIES)


def test_a_fast_demo_keeps_time_outs_that_the_server_accepts() -> None:
    """Tests run it fast, and a time-out below its bound would be no configuration."""
    queues = paced(demo_settings({}), 0.01).configuration.queues

    assert [queue.offer_timeout_ms for queue in queues] == [1_200, 1_000, 1_000]


@pytest.mark.parametrize(
    "written",
    [
        CARD,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "41 11.11 - 1111 1111 11",
        f"seq 7 {CARD}",
        f"1795000000000 {CARD} 12",
    ],
)
def test_a_card_is_found_however_it_is_written(written: str) -> None:
    """A search for one spelling only would prove nothing about the others."""
    content = b"\x00\xfftext: " + written.encode() + b"\x07\x00"

    assert cards_in(content, CARDS) == {CARD}


@pytest.mark.parametrize("written", ["************1111", "4111111111111112", "411111111111111", ""])
def test_what_is_masked_or_another_number_is_not_found(written: str) -> None:
    """A search that cries wolf would end every demo with exit code 1."""
    assert cards_in(written.encode(), CARDS) == set()


@pytest.mark.parametrize("before", [0, CHUNK - 8, CHUNK, 2 * CHUNK - 1])
def test_a_card_is_found_across_the_parts_a_file_is_read_in(tmp_path: Path, before: int) -> None:
    """Reading in parts must not open a gap between two of them."""
    file = tmp_path / "frontdesk.db-wal"
    file.write_bytes(b"x" * before + b"4111 1111 1111 1111" + b"x" * 9)
    places = Places([file])
    found = places.search(CARDS, {})

    assert found.hits == {("frontdesk.db-wal", CARD)}
    assert found.size >= before + 28


def test_files_are_searched_once_they_are_there_and_as_they_are_now(tmp_path: Path) -> None:
    """A write-ahead log appears with the first write and grows afterwards."""
    file = tmp_path / "log"
    places = Places([file])
    missing = places.search(CARDS, {})
    file.write_bytes(b"nothing yet")
    clean = places.search(CARDS, {})
    file.write_bytes(CARD.encode())
    leaked = places.search(CARDS, {"metrics": b"frontdesk_up 1"})

    assert (missing.hits, missing.size) == (frozenset(), 0)
    assert (clean.hits, clean.size) == (frozenset(), 11)
    assert leaked.hits == {("log", CARD)}


async def test_all_that_redis_keeps_of_the_demo_is_searched(tmp_path: Path) -> None:
    """Transcripts, records, the log and the inbox: a number may be in any of them."""
    with RedisServer(tmp_path) as redis:
        engine = await OwnEngine.connect(redis.url, demo_settings({}).configuration.tenant)
        other = await OwnEngine.connect(redis.url, "other")
        clean = await contents(redis.url, TENANT)
        sent = batch(
            hot(contact("contact 4111 1111 1111 1111")),
            entries=(entry(1, contact("contact 4222 2222 2222 2220")),),
            messages=(message(1, "4333-3333-3333-3339"),),
        )
        await written(engine, sent)
        await engine.submit(Envelope(hub=HUB, n=1, command=HubLost(hub=HubId("4444444444444448"))))
        await written(other, batch(messages=(message(1, "4555555555555551"),)))
        kept = await contents(redis.url, TENANT)
        for each in (engine, other):
            await each.close()
    cards = frozenset(f"4{digit * 14}{last}" for digit, last in zip("12345", "10981", strict=True))
    found = Places([]).search(cards, kept)

    assert Places([]).search(cards, clean).hits == frozenset()
    assert found.hits == {("Redis", card) for card in cards - {"4555555555555551"}}
    assert await contents(redis.url, TENANT) == {}


async def test_a_leak_is_told_loudly_and_without_the_number(
    journal: Journal, aiohttp_server: AiohttpServer, tmp_path: Path
) -> None:
    """The line is what an onlooker sees; repeating the number in it would leak it once more."""

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(text=f'frontdesk_bad{{card="{CARD}"}} 1\n')

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    server = await aiohttp_server(app)
    floor = floor_with(journal)
    floor.values.cards.add(CARD)
    places = Places([])
    page = str(server.make_url("/metrics"))
    audit = Audit(floor, places, what="metrics", metrics_url=page)
    await audit.search()
    told = (tmp_path / "demo.log").read_text(encoding="utf-8")

    assert audit.hits == {("metrics", CARD)}
    assert "!!!!! CARD NUMBERS LEAKED into metrics" in told
    assert "cards sent 1; found unmasked in metrics: 1" in told
    assert CARD not in told


def test_every_card_drawn_is_one_that_must_be_masked_and_is_kept() -> None:
    """Numbers that no check accepts would pass unmasked, and the search would find its own."""
    values = Values(Random(7))
    drawn = [values.filled("{card}") for _ in range(200)]

    assert {re.sub(r"[ -]", "", card) for card in drawn} == values.cards
    assert all([found.kind for found in mask(card).found] == ["pan"] for card in drawn)
    assert {len(card) for card in values.cards} == {15, 16}


def test_whatever_is_written_can_be_filled_in() -> None:
    """A placeholder that nobody fills in would be sent as it is, or break the customer."""
    values = Values(Random(7))
    texts = [turn.asks for story in STORIES for turn in story.turns]
    texts += [OPENING, *(answer.replace("{name}", "Maja") for _, answer in REPLIES)]

    assert not [text for text in texts if "{" in values.filled(text)]
    assert all(story_of(story.subject) is story for story in STORIES)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Hello, this is Anna. How can I help?", "I wonder where my coffee grinder is."),
        ("What is your order number?", "My order number is 50442."),
        ("Which E-MAIL do you use?", "You can write to {email}"),
        ("How did you pay?", "I paid by card: {card}"),
        ("One moment, I will check.", "Of course, take your time."),
        ("Anything else?", "No, that was all. Thank you for your help!"),
        ("Goodbye, bye!", ""),
        ("Mmmh.", None),
    ],
)
def test_the_visitor_of_the_shop_answers_what_was_asked(question: str, answer: str | None) -> None:
    """Whoever tries the desk for the first time should feel heard."""
    assert reply(question) == answer


@pytest.mark.parametrize(
    ("question", "row"),
    [("hi there", 6), ("Can I RETURN a mug?", 4), ("thanks!", 1), ("ok, bye", 0), ("whatever", -1)],
)
def test_a_script_answers_whoever_plays_the_customer(question: str, row: int) -> None:
    """Nobody at the desk must not mean no answer, and only a goodbye ends the chat."""
    answer, is_last = counsel(question)

    assert answer == ([text for _, text in COUNSELS] + [COUNSEL])[row]
    assert is_last == (row == 0)


@pytest.mark.parametrize("cards", [ANSWERS, TWISTS, PARTINGS])
def test_a_deck_holds_nothing_back(cards: tuple[str, ...]) -> None:
    """Pure chance could leave a guest without a transfer or a missed offer for a long time."""
    deck = Deck(cards, Random(3))
    drawn = [deck.draw() for _ in range(2 * len(cards))]

    assert sorted(drawn[: len(cards)]) == sorted(drawn[len(cards) :]) == sorted(cards)


def test_the_banner_has_the_commands_to_type(journal: Journal) -> None:
    """A newcomer copies them; the address is left out where it is the usual one."""
    usual = banner_of(floor_with(journal))
    other = banner_of(floor_with(journal, url="http://127.0.0.1:9999"))

    assert re.search(r"frontdesk desk --token \S+\n", usual)
    assert re.search(r"frontdesk chat\n", usual)
    assert re.search(r"frontdesk desk --url http://127.0.0.1:9999 --token \S+\n", other)
    assert all(address in usual for address in ADDRESSES)
    assert "http://127.0.0.1:9999/desk" in other


def test_the_key_is_named_only_where_it_can_be_pressed(journal: Journal) -> None:
    """In a pipe or a service nobody can, and a hint that does nothing is worse than none."""
    floor = floor_with(journal)

    assert "k kills the server" in banner_of(floor, has_keys=True)
    assert "k kills the server" not in banner_of(floor)


def test_nobody_reading_the_journal_is_noticed_once(tmp_path: Path) -> None:
    """`| head` must end the demo as Ctrl-C does, not with a traceback."""

    class Closed(io.StringIO):
        """A pipe whose reader has gone."""

        def flush(self) -> None:
            """Fail as such a pipe does."""
            raise BrokenPipeError

    told: list[str] = []
    with Journal(Closed(), tmp_path / "demo.log", lambda: told.append("unread")) as journal:
        journal.note("Cleo", "sits down")
        journal.note("Cleo", "gets up")

    assert told == ["unread"]
    assert journal.is_unread
    assert (tmp_path / "demo.log").read_text(encoding="utf-8").count("Cleo") == 2

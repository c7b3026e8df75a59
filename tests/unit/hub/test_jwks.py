"""Keys are fetched when they are needed, together, not too often, and kept through an outage."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from router.hub import jwks
from router.hub.errors import KeysUnavailable
from router.hub.jwks import (
    BYTES_MAX,
    FAILED_PAUSE_MS,
    FRESH_MS,
    KEPT_MS,
    UNKNOWN_PAUSE_MS,
    KeySets,
)
from router.hub.public_keys import PublicKey
from router.hub.tasks import Tasks
from tests.support.identity_provider import Answer, Provider, elliptic_key, rsa_key

OLD, NEW, ELLIPTIC = rsa_key("old"), rsa_key("new"), elliptic_key("e")


class Site:
    """A provider, and who fetches its keys on a clock that only the test moves."""

    def __init__(self, provider: Provider, tasks: Tasks) -> None:
        """Know no keys yet."""
        self.provider = provider
        self.tasks = tasks
        self.now_ms = 0
        self.sets = KeySets(tasks=tasks, clock_ms=lambda: self.now_ms)

    async def find(self, name: str | None = "old") -> PublicKey | None:
        """The RS256 key of a name."""
        return await self.sets.find(self.provider.url, "RS256", name)

    async def is_away(self, name: str | None = "old") -> bool:
        """True when it cannot be known whether there is such a key."""
        try:
            await self.find(name)
        except KeysUnavailable:
            return True
        return False

    async def settle(self) -> None:
        """Wait until no fetch runs in the background."""
        await self.tasks.ended("fetch keys", within_s=5)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    """A provider with one key for each algorithm."""
    tasks = Tasks()
    provider = Provider(OLD, ELLIPTIC)
    await provider.start()
    yield Site(provider, tasks)
    provider.gate.set()
    await tasks.stop()
    await provider.stop()


async def test_keys_are_fetched_once_and_used_from_then_on(site: Site) -> None:
    """A fetch for each connection would make the provider a part of every one."""
    found = await site.find()
    other = await site.sets.find(site.provider.url, "ES256", "e")
    site.now_ms = FRESH_MS - 1
    again = await site.find()

    assert found is not None
    assert found.key == OLD.private.public_key()
    assert other is not None
    assert again == found
    assert site.provider.asked == 1


async def test_all_who_wait_share_one_fetch_and_hold_up_nobody_else(site: Site) -> None:
    """After an outage all desktops come at once, and chats of other sites go on meanwhile."""
    other = Provider(NEW)
    await other.start()
    site.provider.gate.clear()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(site.find()) for _ in range(50)]
        beside = await site.sets.find(other.url, "RS256", "new")
        are_waiting = not any(task.done() for task in waiting)
        site.provider.gate.set()
    await other.stop()

    assert beside is not None
    assert are_waiting
    assert all(task.result() for task in waiting)
    assert site.provider.asked == 1


async def test_a_client_that_gives_up_does_not_end_the_fetch_of_others(site: Site) -> None:
    """A closed page must not sign anybody else out."""
    site.provider.gate.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(site.find())
        second = group.create_task(site.find())
        await site.provider.is_asked.wait()
        first.cancel()
        await asyncio.sleep(0)
        site.provider.gate.set()

    assert first.cancelled()
    assert second.result() is not None


async def test_a_new_key_is_found_when_a_token_first_names_it(site: Site) -> None:
    """A provider that changes its keys does not ask first."""
    await site.find()
    site.provider.publish(OLD, NEW)

    assert await site.find("new") is not None
    assert site.provider.asked == 2


async def test_invented_names_cause_one_fetch_in_half_a_minute(site: Site) -> None:
    """Whoever can reach the server could make it a weapon against the provider."""
    await site.find()
    for number in range(20):
        assert await site.find(f"invented {number}") is None
    asked = site.provider.asked
    site.now_ms = UNKNOWN_PAUSE_MS - 1
    await site.find("invented")
    asked_just_before = site.provider.asked
    site.now_ms = UNKNOWN_PAUSE_MS
    await site.find("invented")

    assert (asked, asked_just_before, site.provider.asked) == (2, 2, 3)


async def test_the_first_fetch_answers_for_a_name_nobody_has(site: Site) -> None:
    """Asking twice in a row would say the same twice."""
    assert await site.find("invented") is None
    assert site.provider.asked == 1


async def test_a_key_that_was_taken_back_is_good_no_longer_than_keys_are_fresh(site: Site) -> None:
    """Old keys are used while new ones come, so that nobody waits."""
    await site.find()
    site.provider.publish(NEW)
    site.now_ms = FRESH_MS
    still = await site.find()
    await site.settle()

    assert still is not None
    assert await site.find() is None
    assert await site.find("new") is not None
    assert site.provider.asked == 3  # the unknown name was asked for once


async def test_an_empty_set_takes_every_key_back(site: Site) -> None:
    """The provider has said so, and said it in the right form."""
    await site.find()
    site.provider.publish()
    site.now_ms = FRESH_MS
    await site.find()
    await site.settle()

    assert await site.find() is None


async def test_good_keys_outlive_an_outage_for_a_bounded_time(site: Site) -> None:
    """Agents go on working while the provider is down, but not for ever with keys it took back."""
    await site.find()
    await site.provider.stop()
    site.now_ms = FRESH_MS
    early = await site.find()
    await site.settle()
    site.now_ms = KEPT_MS - 1
    late = await site.find()
    await site.settle()
    site.now_ms = KEPT_MS

    assert early is not None
    assert late is not None
    assert await site.is_away()


async def test_during_an_outage_the_provider_is_tried_now_and_then(site: Site) -> None:
    """Not at each connection, and without making one wait."""
    await site.find()
    site.provider.answer = broken
    tried: list[int] = []
    for at_ms in (FRESH_MS, FRESH_MS + 1, FRESH_MS + UNKNOWN_PAUSE_MS - 1):
        site.now_ms = at_ms
        await site.find()
        await site.settle()
        tried.append(site.provider.asked)
    site.now_ms = FRESH_MS + UNKNOWN_PAUSE_MS
    await site.find()
    await site.settle()

    assert tried == [2, 2, 2]
    assert site.provider.asked == 3


async def test_an_unknown_name_in_an_outage_may_be_a_good_one(site: Site) -> None:
    """The provider may have changed its keys just before it went."""
    await site.find()
    await site.provider.stop()

    assert await site.is_away("new")
    assert await site.find("old") is not None

    await site.provider.start()
    site.provider.publish(OLD, NEW)
    site.now_ms = UNKNOWN_PAUSE_MS

    assert await site.find("new") is not None


async def test_without_keys_the_next_try_comes_soon_but_not_at_once(site: Site) -> None:
    """Everybody who is refused comes back at once."""
    await site.provider.stop()
    away = [await site.is_away() for _ in range(3)]
    await site.provider.start()
    site.now_ms = FAILED_PAUSE_MS - 1
    just_before = await site.is_away()
    site.now_ms = FAILED_PAUSE_MS

    assert away == [True, True, True]
    assert just_before
    assert await site.find() is not None
    assert site.provider.asked == 1


async def test_a_slow_provider_is_not_waited_for_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client waits meanwhile; a socket that trickles is as good as dead."""
    monkeypatch.setattr(jwks, "TIMEOUT_S", 0.05)
    site.provider.gate.clear()

    assert await site.is_away()


async def broken() -> web.StreamResponse:
    """An error, with a body that would be good."""
    body = b'{"keys":[]}'
    return web.Response(status=500, body=body)


async def garbage() -> web.StreamResponse:
    """A page for people."""
    return web.Response(text="<html>Sign in</html>", content_type="text/html")


async def huge() -> web.StreamResponse:
    """A good set with blanks behind it."""
    return web.Response(body=b'{"keys":[]}'.ljust(BYTES_MAX + 1))


async def compressed() -> web.StreamResponse:
    """What would be huge when it is unpacked."""
    body = gzip.compress(b'{"keys":[]}'.ljust(BYTES_MAX))
    return web.Response(body=body, headers={"Content-Encoding": "gzip"})


async def to_another_scheme() -> web.StreamResponse:
    """To where anybody on the way could answer, or to a file."""
    return web.Response(status=302, headers={"Location": "https://127.0.0.1:1/keys"})


async def to_a_file() -> web.StreamResponse:
    """To this machine's own secrets."""
    return web.Response(status=302, headers={"Location": "file:///etc/passwd"})


async def to_another_host() -> web.StreamResponse:
    """Unencrypted to somewhere else."""
    return web.Response(status=302, headers={"Location": "http://keys.example/"})


async def to_nowhere() -> web.StreamResponse:
    """A redirect that does not say where to."""
    return web.Response(status=302)


async def to_a_riddle() -> web.StreamResponse:
    """A redirect to what is no address."""
    return web.Response(status=302, headers={"Location": "http://[::1:x/"})


async def in_circles() -> web.StreamResponse:
    """To where it comes from."""
    return web.Response(status=307, headers={"Location": "/keys"})


async def list_of_keys() -> web.StreamResponse:
    """JSON, but not a set."""
    return web.json_response([OLD.jwk()])


ANSWERS: list[Answer] = [
    broken,
    garbage,
    huge,
    compressed,
    to_another_scheme,
    to_a_file,
    to_another_host,
    to_nowhere,
    to_a_riddle,
    in_circles,
    list_of_keys,
]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_answer_that_is_no_set_of_keys_changes_nothing(
    site: Site, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    """Keys in hand stay good; without any, it cannot be known whether a token is."""
    caplog.set_level(logging.WARNING)
    await site.find()
    site.provider.answer = answer
    site.now_ms = FRESH_MS
    await site.find()
    await site.settle()
    kept = await site.find()
    empty = KeySets(tasks=site.tasks, clock_ms=lambda: site.now_ms)
    with pytest.raises(KeysUnavailable):
        await empty.find(site.provider.url, "RS256", "old")

    assert kept is not None
    assert {record.getMessage() for record in caplog.records} == {"keys.not_fetched"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (to_another_scheme, "another scheme"),
        (to_a_file, "another scheme"),
        (to_another_host, "not an address"),
        (in_circles, "too often"),
    ],
)
async def test_a_redirect_is_looked_at_before_it_is_followed(
    site: Site, answer: Answer, why: str
) -> None:
    """Asking there would already say something to whoever listens."""
    site.provider.answer = answer
    with pytest.raises(jwks.NotKeys, match=why):
        await jwks.fetched(site.provider.url)


async def test_keys_may_have_moved_within_the_same_scheme(site: Site) -> None:
    """Well-known addresses often lead on."""
    answers: list[Answer] = [in_circles, site.provider.give_keys]

    async def lead_on() -> web.StreamResponse:
        return await answers.pop(0)()

    site.provider.answer = lead_on

    assert await site.find() is not None


async def test_an_outage_is_noted_once_and_names_no_token(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator needs to know; a line for each connection would bury it."""
    caplog.set_level(logging.INFO)
    await site.provider.stop()
    for number in range(3):
        site.now_ms = number * FAILED_PAUSE_MS
        await site.is_away("a secret name")
    await site.provider.start()
    site.now_ms = 3 * FAILED_PAUSE_MS
    await site.find()

    assert [record.getMessage() for record in caplog.records] == [
        "keys.not_fetched",
        "keys.fetched_again",
    ]
    assert "a secret name" not in str([vars(record) for record in caplog.records])


async def test_an_address_that_others_can_change_is_not_asked(site: Site) -> None:
    """The configuration refuses it; a record from before might still have it."""
    with pytest.raises(KeysUnavailable):
        await site.sets.find("http://keys.example/", "RS256", None)


async def test_addresses_that_were_given_up_are_forgotten(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that runs for years is configured many times."""
    monkeypatch.setattr(jwks, "ADDRESSES_MAX", 1)
    await site.find()
    await site.sets.find(f"{site.provider.url}/other", "RS256", "old")
    await site.find()

    assert site.provider.asked == 3

"""Keeps the public keys found at addresses (RFC 7517), and fetches them when they are needed.

At most one fetch of an address runs at a time, and all who need its keys wait for the same one.
Keys that were good stay good for a while when a later fetch fails. Nothing of a token is logged.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import aiohttp

from router.hub.errors import KeysUnavailable
from router.hub.key_address import is_safe
from router.hub.public_keys import Algorithm, PublicKey, public_keys, the_one
from router.hub.tasks import Tasks
from router.log import log

FRESH_MS = 300_000
"""As long as keys are used without asking again: a key that was taken back is good no longer."""

KEPT_MS = 6 * 3_600_000
"""As long as keys are used while they cannot be fetched: longer than most outages of a provider."""

UNKNOWN_PAUSE_MS = 30_000
"""From one fetch for a name of a key that is not known to the next: anybody can invent names."""

FAILED_PAUSE_MS = 1_000
"""From a failed fetch to the next while there are no keys: clients try again about that often."""

TIMEOUT_S = 3.0  # a client waits meanwhile, and gives up after 5 s
BYTES_MAX = 262_144  # a key with its certificates takes some KiB
REDIRECTS_MAX = 3  # from a well-known address to where it really is
ADDRESSES_MAX = 1_000  # more entry points with keys of their own than one tenant has

MOVED = frozenset({301, 302, 303, 307, 308})
OK = 200

NOTES = log(__name__)


class KeySets:
    """The keys of every address that was asked for."""

    def __init__(self, *, tasks: Tasks, clock_ms: Callable[[], int]) -> None:
        """Nothing is fetched yet; the clock need not be the time of day, but never goes back."""
        self._tasks = tasks
        self._clock_ms = clock_ms
        self._sets: dict[str, KeySet] = {}

    async def find(self, url: str, algorithm: Algorithm, key_id: str | None) -> PublicKey | None:
        """The key at an address that a token names; without a name, the only one there can be.

        Raises:
            KeysUnavailable: It cannot be known now whether there is one.
        """
        known = self._sets.get(url)
        if known is None:
            if len(self._sets) >= ADDRESSES_MAX:  # the configuration was changed very often
                del self._sets[next(iter(self._sets))]
            known = self._sets[url] = KeySet(url, tasks=self._tasks, clock_ms=self._clock_ms)
        return await known.find(algorithm, key_id)


class KeySet:
    """The keys of one address."""

    def __init__(self, url: str, *, tasks: Tasks, clock_ms: Callable[[], int]) -> None:
        """Nothing is fetched yet."""
        self._url = url
        self._tasks = tasks
        self._clock_ms = clock_ms
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched_at_ms: int | None = None
        self._tried_at_ms: int | None = None
        self._searched_at_ms: int | None = None
        self._tries = 0
        self._is_failing = False
        self._fetching: asyncio.Future[None] | None = None

    async def find(self, algorithm: Algorithm, key_id: str | None) -> PublicKey | None:
        """The key that a token names.

        Raises:
            KeysUnavailable: It cannot be known now whether there is one.
        """
        tries = self._tries
        await self._have()
        found = the_one(self._keys, algorithm, key_id)
        if found is None:
            await self._search(tries)
            found = the_one(self._keys, algorithm, key_id)
        if found is None and self._is_failing:
            raise KeysUnavailable
        return found

    async def _have(self) -> None:
        """Wait for keys if there are none; see to it that those in hand do not grow old."""
        if self._is_past(self._fetched_at_ms, KEPT_MS):
            if self._fetching or self._is_past(self._tried_at_ms, FAILED_PAUSE_MS):
                await self._fetch()
            if self._is_past(self._fetched_at_ms, KEPT_MS):
                raise KeysUnavailable
        elif self._fetching is None and self._is_stale():
            self._fetching = self._begin()

    def _is_stale(self) -> bool:
        """True for keys in hand that should be asked for again."""
        return self._is_past(self._fetched_at_ms, FRESH_MS) and self._is_past(
            self._tried_at_ms, UNKNOWN_PAUSE_MS
        )

    async def _search(self, tries: int) -> None:
        """Look again for a key that was not there, unless that was done just now."""
        if self._fetching is not None:
            await self._fetch()
        elif tries == self._tries and self._is_past(self._searched_at_ms, UNKNOWN_PAUSE_MS):
            self._searched_at_ms = self._clock_ms()
            await self._fetch()

    def _is_past(self, since_ms: int | None, duration_ms: int) -> bool:
        return since_ms is None or self._clock_ms() - since_ms >= duration_ms

    async def _fetch(self) -> None:
        """Wait for the fetch that runs, or for a new one; whoever gives up does not end it."""
        self._fetching = self._fetching or self._begin()
        await asyncio.shield(self._fetching)

    def _begin(self) -> asyncio.Future[None]:
        self._tries += 1
        self._tried_at_ms = self._clock_ms()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks.start("fetch keys", self._run(done))
        return done

    async def _run(self, done: asyncio.Future[None]) -> None:
        try:
            self._keys = public_keys(await fetched(self._url))
        except (ValueError, OSError, aiohttp.ClientError) as fault:  # OSError: also TimeoutError
            self._failed(fault)
        else:
            self._fetched_at_ms = self._clock_ms()
            if self._is_failing:
                NOTES.info("keys.fetched_again", host=self._host)
            self._is_failing = False
        finally:
            self._fetching = None
            done.set_result(None)

    def _failed(self, fault: Exception) -> None:
        """Note the first failure: while they go on, nothing new is known."""
        if not self._is_failing:
            NOTES.warning("keys.not_fetched", host=self._host, why=type(fault).__name__)
        self._is_failing = True

    @property
    def _host(self) -> str:
        """All that is said of the address: the rest may have a password in it."""
        return urlsplit(self._url).hostname or ""


class NotKeys(ValueError):  # noqa: N818 - named by what was found
    """What is at the address is not to be read."""


async def fetched(url: str) -> bytes:
    """What is at an address.

    Raises:
        NotKeys: It is not to be read: too much, elsewhere, an error.
        OSError: The address cannot be reached, or not in time.
        aiohttp.ClientError: What answers there does not speak HTTP.
    """
    # Compressed, a small answer could become a large one.
    plain = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with asyncio.timeout(TIMEOUT_S), aiohttp.ClientSession(headers=plain) as session:
        for _ in range(1 + REDIRECTS_MAX):
            if not is_safe(url):
                raise NotKeys("not an address to take keys from")
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in MOVED:
                    return await _body(response)
                url = _moved(url, response.headers.get("Location", ""))
    raise NotKeys("moved too often")


def _moved(url: str, location: str) -> str:
    """Where it is now; `https` does not lead to `http`, nor the other way."""
    there = urljoin(url, location)
    if urlsplit(there).scheme != urlsplit(url).scheme:
        raise NotKeys("moved to another scheme")
    return there


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.status != OK or "Content-Encoding" in response.headers:
        raise NotKeys("not answered as asked")
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > BYTES_MAX:
            raise NotKeys("too large")
    return bytes(body)

"""How often and how many: token buckets for addresses, customers, agents and sockets.

Pure: every question comes with its time, nothing runs in between, and numbers are exact integers.
Who is refused pays nothing and is told the first millisecond at which it would be let through.
"""

import ipaddress
import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from router.hub.errors import ConnectionRefused
from router.hub.metrics import RATE_LIMITED
from router.kernel.errors import CommandRefused, Refusal, RefusalCode
from router.kernel.ids import AgentId, ConnectionId, CustomerId

KEYS_MAX = 50_000
"""Buckets remembered in one table: more addresses than may connect in a minute (30 000)."""

COMMANDS_BURST_S = 5
"""A desktop that comes back asks about each of its chats at once; this is ten times fifty."""

STORM_BURST_S = 2
"""As many as wait in the listen queues of a hub that was away for a moment."""

SPREAD_MS = 30_000
"""Over which those are spread who came in a storm: longer and people think that it is broken."""

PLACE_RETRY_MS = 5_000
"""Nobody knows when one of an address's sockets ends; half the time in which a dead one does."""

WITH_PORT = re.compile(r"\[([^]]*)\](?::\d+)?|([\d.]+):\d+")
SECOND_MS = 1_000
MINUTE_MS = 60_000

KeyT = TypeVar("KeyT")


class Rate(NamedTuple):
    """How often something may be done: 0 for ``tokens`` or ``burst`` is no limit.

    Attributes:
        tokens: How often in ``per_ms``, in the long run.
        burst: How often at once, after a rest.
    """

    tokens: int
    per_ms: int
    burst: int


Level: TypeAlias = tuple[int, int]
"""What was in a bucket, and when: one token is as many parts as its rate's ``per_ms``.

A plain tuple, because one is made for each message and these the garbage collector need not visit.
"""


class Buckets(Generic[KeyT]):
    """One bucket of tokens for each key, all of one rate.

    A bucket nobody has used is full, so one that was not used until it is full is forgotten. With
    ``keys_max`` others in use the one not used for longest is forgotten too. A clock that is set
    back fills every bucket, because nobody may be kept waiting for the time it was set back by.
    """

    def __init__(self, rate: Rate, *, keys_max: int = KEYS_MAX) -> None:
        """Begin with every bucket full."""
        self._tokens, self._token, burst = rate
        self._full = burst * self._token
        self._is_off = self._tokens == 0 or burst == 0
        self._fill_ms = 0 if self._is_off else self._until(-self._full)
        self._keys_max = keys_max
        self._levels: OrderedDict[KeyT, Level] = OrderedDict()  # the one used last is at the end

    def __len__(self) -> int:
        return len(self._levels)

    def wait_ms(self, key: KeyT, now_ms: int) -> int:
        """How long until there is a token; 0 when there is one now, and always without a limit."""
        if self._is_off:
            return 0
        return max(0, self._until(self._parts(key, now_ms) - self._token))

    def take(self, key: KeyT, now_ms: int) -> int:
        """Take a token and return 0; or take nothing and return how long until there is one."""
        if self._is_off:
            return 0
        left = self._parts(key, now_ms) - self._token
        if left < 0:
            return self._until(left)
        self._levels[key] = (left, now_ms)
        self._levels.move_to_end(key)
        self._forget(now_ms)
        return 0

    def _until(self, left: int) -> int:
        """In how many whole milliseconds what is left of a bucket is nothing again."""
        return -(left // self._tokens)

    def _parts(self, key: KeyT, now_ms: int) -> int:
        level = self._levels.get(key)
        if level is None or now_ms < level[1]:
            return self._full
        parts = level[0] + (now_ms - level[1]) * self._tokens
        return min(parts, self._full)

    def _forget(self, now_ms: int) -> None:
        """Drop up to two, so that the table shrinks although each use may add one."""
        for _ in range(2):
            oldest = next(iter(self._levels))  # the one just used is there, and ends this
            is_due = not 0 <= now_ms - self._levels[oldest][1] < self._fill_ms
            if not is_due and len(self._levels) <= self._keys_max:
                return
            del self._levels[oldest]


class Storm:
    """One bucket for all, which tells those it refuses to come back one after the other.

    Were all told the first moment at which one of them may enter, all would be there at it.
    """

    def __init__(self, rate: Rate) -> None:
        """Begin with a full bucket and nobody told to come back."""
        self._rate = rate
        self._bucket: Buckets[None] = Buckets(rate)
        self._promised: Level = (0, 0)

    def take(self, now_ms: int) -> int:
        """Take a token and return 0; or return how long until it is this one's turn."""
        wait_ms = self._bucket.take(None, now_ms)
        if not wait_ms:
            return 0
        passed = max(0, now_ms - self._promised[1]) * self._rate.tokens
        ahead = max(0, self._promised[0] - passed)
        further = (ahead + self._rate.per_ms) % (SPREAD_MS * self._rate.tokens)
        self._promised = (further, now_ms)
        return wait_ms + ahead // self._rate.tokens


class LimitSettings(NamedTuple):
    """The `limits` table; 0 is no limit."""

    connects_per_minute: int = 0
    connects_per_second: int = 0
    sockets_per_address: int = 0
    customer_messages_per_second: int = 0
    customer_messages_burst: int = 0
    agent_messages_per_second: int = 0
    commands_per_second: int = 0


class Limits:
    """What one hub lets through, by the clock it is given."""

    def __init__(self, settings: LimitSettings, *, now_ms: Callable[[], int]) -> None:
        """Begin with nobody inside and every bucket full."""
        by_minute, by_second = settings.connects_per_minute, settings.connects_per_second
        agents, commands = settings.agent_messages_per_second, settings.commands_per_second
        self._now_ms = now_ms
        self._sockets_max = settings.sockets_per_address
        self._inside: dict[ConnectionId, str] = {}
        self._sockets: Counter[str] = Counter()
        self._storm = Storm(Rate(by_second, SECOND_MS, by_second * STORM_BURST_S))
        self._connects: Buckets[str] = Buckets(Rate(by_minute, MINUTE_MS, by_minute))
        self._customers: Buckets[CustomerId] = Buckets(
            Rate(settings.customer_messages_per_second, SECOND_MS, settings.customer_messages_burst)
        )
        self._agents: Buckets[AgentId] = Buckets(Rate(agents, SECOND_MS, agents))
        self._commands: Buckets[ConnectionId] = Buckets(
            Rate(commands, SECOND_MS, commands * COMMANDS_BURST_S)
        )

    def enter(self, connection: ConnectionId, address: str) -> None:
        """Count a socket as open from an address, until `leave`.

        Raises:
            ConnectionRefused: `rate_limited`: it is not counted, and took nothing.
        """
        network, now_ms = network_of(address), self._now_ms()
        if 0 < self._sockets_max <= self._sockets[network]:
            raise ConnectionRefused(_refusal("sockets", PLACE_RETRY_MS))
        if wait_ms := self._connects.wait_ms(network, now_ms):
            raise ConnectionRefused(_refusal("connects", wait_ms))
        if wait_ms := self._storm.take(now_ms):
            raise ConnectionRefused(_refusal("storm", wait_ms))
        self._connects.take(network, now_ms)
        self._inside[connection] = network
        self._sockets[network] += 1

    def leave(self, connection: ConnectionId) -> None:
        """Give a socket's place back; one that never entered, or has left, has none."""
        network = self._inside.pop(connection, None)
        if network is not None:
            self._sockets[network] -= 1
            if not self._sockets[network]:
                del self._sockets[network]

    def customer_message(self, customer: CustomerId) -> None:
        """Count what a customer writes, over all tabs.

        Raises:
            CommandRefused: `rate_limited`.
        """
        _pass("customer_messages", self._customers.take(customer, self._now_ms()))

    def agent_message(self, agent: AgentId) -> None:
        """Count a message of an agent, over all desktops.

        Raises:
            CommandRefused: `rate_limited`.
        """
        _pass("agent_messages", self._agents.take(agent, self._now_ms()))

    def command(self, connection: ConnectionId) -> None:
        """Count anything else a socket asks for.

        Raises:
            CommandRefused: `rate_limited`.
        """
        _pass("commands", self._commands.take(connection, self._now_ms()))


def network_of(address: str) -> str:
    """Whom an address stands for: an IPv4 address, or the /64 network that one IPv6 client has.

    An IPv4 address written as IPv6 is itself (RFC 4291, 2.5.5.2); a port, which some proxies add,
    is left away. What is no address is nobody in particular: all such clients count as one, so
    that making words up gains nothing.
    """
    with_port = WITH_PORT.fullmatch(address)
    try:
        parsed = ipaddress.ip_address(with_port[1] or with_port[2] if with_port else address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.packed[:8].hex()


def _pass(what: str, wait_ms: int) -> None:
    if wait_ms:
        refusal = _refusal(what, wait_ms)
        raise CommandRefused(refusal.code, hint=refusal.hint, **refusal.details)


def _refusal(what: str, wait_ms: int) -> Refusal:
    RATE_LIMITED.labels(what=what).inc()
    return Refusal(
        RefusalCode.RATE_LIMITED, "too much at once; try later", {"retry_after_ms": wait_ms}
    )

"""Where a Redis server is: an address, or what Sentinels say; and how connections to it behave."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    ConnectionPool,
    SSLConnection,
    parse_url,
)
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from router.shard.engine import EngineUnavailable
from router.shard.redis_link import Link, Links, Moves

CALL_TIMEOUT_S = 1.0
"""A server that does not answer for longer is as good as gone: a lease ends soon after."""

READ_TIMEOUT_S = 5.0
"""All records of a large tenant take some tenths of a second."""

CONNECT_TIMEOUT_S = 1.0

SENTINEL_PORT = 26_379
"""Where Sentinels listen unless they are told otherwise."""

SENTINEL_SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}

OPTIONS = {"host", "port", "path", "db", "username", "password", "connection_class", "client_name"}
"""What an address may say, besides how to encrypt."""

Options = dict[str, Any]
"""What redis-py makes a connection of; it has no type for it."""


class AddressInvalid(EngineUnavailable):
    """No server can be at such an address."""


class Login(NamedTuple):
    """As whom to log in; without a user as the one that everybody is, without a password not."""

    username: str | None = None
    password: str | None = None


NOBODY = Login()


class Server:
    """Where a Redis server is, itself or told by Sentinels, and how to log in.

    Attributes:
        is_private: What is sent stays on this machine, or is encrypted.
        sentinels: Whom to ask where the server is; nobody when the address says so.
    """

    def __init__(
        self,
        url: str,
        *,
        login: Login = NOBODY,
        at_sentinels: Login = NOBODY,
    ) -> None:
        """Understand an address; nothing is connected.

        Args:
            url: `redis://` or `rediss://[user[:password]@]host[:port][/number]`, `unix://path`, or
                `redis+sentinel://` or `rediss+sentinel://host[:port],…/service[/number]`; an IPv6
                address in brackets.
            login: Its user and its password, unless the address has them.
            at_sentinels: The login there, which is never that of the server: a Sentinel that has
                none refuses one.

        Raises:
            AddressInvalid: It is none of these.
        """
        service, self.sentinels, options = _understood(url)
        if any(not name.startswith("ssl_") and name not in OPTIONS for name in options):
            raise AddressInvalid("behind the `?` of a Redis address there are only `ssl_` options")
        for name, value in login._asdict().items():
            if value is not None:
                options.setdefault(name, value)
        kind = options.pop("connection_class", Connection)
        is_encrypted = kind is SSLConnection
        self.is_private = is_encrypted or "path" in options or _is_here(options.get("host"))
        options |= {
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "socket_timeout": CALL_TIMEOUT_S,
            "protocol": 2,
            "driver_info": None,
            "retry": Retry(NoBackoff(), 0),  # redis-py would send some commands a second time
        }
        self._moves = Moves()
        self._sentinel: Sentinel | None = None
        if service:
            self._sentinel = _sentinel(
                self.sentinels, options, login=at_sentinels, is_encrypted=is_encrypted
            )
            self._pool: ConnectionPool = SentinelConnectionPool(
                service, self._sentinel, ssl=is_encrypted, **options
            )
        else:
            self._pool = ConnectionPool(kind, **options)

    def connection(self, *, timeout_s: float) -> AbstractConnection:
        """A connection that is made when it is first used."""
        connection: AbstractConnection = self._pool.make_connection()
        connection.socket_timeout = timeout_s
        return connection

    def link(
        self,
        *,
        is_reading: bool = False,
        timeout_s: float | None = None,
        unfit: Callable[[bytes], str] | None = None,
    ) -> "Link":
        """A connection of one's own; see `Link`."""
        limit_s = timeout_s or (READ_TIMEOUT_S if is_reading else CALL_TIMEOUT_S)
        return Link(
            lambda: self.connection(timeout_s=limit_s),
            is_reading=is_reading,
            patience_s=limit_s,
            moves=self._moves,
            unfit=unfit,
        )

    def links(self, count: int, *, timeout_s: float) -> Links:
        """Several for reading; see `Links`."""
        return Links([self.link(is_reading=True, timeout_s=timeout_s) for _ in range(count)])

    async def close(self) -> None:
        """Give up the connections to Sentinels; those of links are theirs."""
        for sentinel in self._sentinel.sentinels if self._sentinel else ():
            await sentinel.aclose()


def _understood(url: str) -> tuple[str, list[tuple[str, int]], Options]:
    """A service, the Sentinels to ask for it, and what redis-py makes a connection of."""
    scheme, _, rest = url.partition("://")
    try:
        if scheme not in SENTINEL_SCHEMES:
            return "", [], {**parse_url(url)}
        place, _, query = rest.partition("?")
        login, at, place = place.rpartition("@")
        hosts, _, path = place.partition("/")
        service, _, number = path.partition("/")
        server = f"{SENTINEL_SCHEMES[scheme]}://{login}{at}sentinels/{number}?{query}"
        options: Options = {**parse_url(server)}
        sentinels = [_address(host) for host in hosts.split(",")]
    except ValueError as error:
        raise AddressInvalid("the address of the Redis server cannot be read") from error
    if not service:
        raise AddressInvalid("a Sentinel address ends in the name of the service")
    return service, sentinels, options


def _address(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")  # which knows that an IPv6 address stands in brackets
    if not parts.hostname:
        raise ValueError("no host")
    return parts.hostname, SENTINEL_PORT if parts.port is None else parts.port


def _is_here(host: object) -> bool:
    return host in {None, "localhost", "::1"} or str(host).startswith("127.")


def _sentinel(
    addresses: list[tuple[str, int]], options: Options, *, login: Login, is_encrypted: bool
) -> Sentinel:
    shared: Options = {
        name: value
        for name, value in options.items()
        if name.startswith(("socket_", "ssl_")) or name == "retry"
    }
    shared |= login._asdict()
    if is_encrypted:
        shared["ssl"] = True
    del options["host"]  # it is asked for
    return Sentinel(addresses, sentinel_kwargs=shared)

"""The engine on Redis when the server refuses, dies, stands still, is replaced or loses replies."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from redis.asyncio.connection import Connection

from router.app.stores import PASSWORDS, server_of
from router.hub.tasks import Tasks
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.messages import HubLost
from router.shard import redis_server
from router.shard.client import ShardClient
from router.shard.engine import (
    EngineError,
    EngineUnavailable,
    FellBehind,
    Lease,
    OutcomeUnknown,
    Position,
)
from router.shard.redis_link import Link, Reply, Word, text
from router.shard.redis_server import NOBODY, AddressInvalid, Login, Server
from router.shard.redis_store import RedisStore
from tests.conformance.samples import (
    HUB,
    START,
    TTL_MS,
    batch,
    cold,
    contact,
    entry,
    envelope,
    external,
    first_entries,
    hot,
    message,
    written,
)
from tests.support.redis import Between, OwnEngine, RedisServer, Refusing, ask, free_port, link_to

TENANT = "shop"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may break, and copy at once."""
    hasty = ("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0")
    with RedisServer(tmp_path, *hasty) as server:
        yield server


@pytest.fixture
async def engine(server: RedisServer) -> AsyncIterator[OwnEngine]:
    """An engine on it."""
    engine = await OwnEngine.connect(server.url, TENANT)
    yield engine
    await engine.close()


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what a server does in its own time."""
    async with asyncio.timeout(5):
        while not is_true():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.005)


async def acquired(engine: OwnEngine) -> Lease:
    """The lease, as soon as the server is there again."""
    async with asyncio.timeout(5):
        while True:
            with suppress(EngineError):
                return await engine.acquire("writer", ttl_ms=TTL_MS)
            await asyncio.sleep(0.01)


# -- starting --------------------------------------------------------------------------------


async def test_a_server_that_throws_data_away_is_refused_with_the_remedy(
    server: RedisServer,
) -> None:
    """A contact that was evicted is a customer who waits for ever."""
    await ask(server.port, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")

    with pytest.raises(EngineUnavailable, match="maxmemory-policy to noeviction"):
        await OwnEngine.connect(server.url, TENANT)


async def test_a_server_that_throws_data_away_is_not_written_to_once_it_is_the_master(
    server: RedisServer, engine: OwnEngine
) -> None:
    """A replica that is promoted has settings of its own; it is looked at when it is connected to.

    Nobody restarts anything once they are right.
    """
    policy = ("CONFIG", "SET", "maxmemory-policy")
    lease = await written(engine, batch(entries=(entry(1),)))
    await ask(server.port, *policy, "allkeys-lru")
    await engine.renew(lease, alive_at_ms=START, ttl_ms=TTL_MS)
    await ask(server.port, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await asyncio.sleep(0.05)  # the end arrives while nobody asks
    for _ in range(2):  # as often as it is tried
        with pytest.raises(EngineUnavailable, match="maxmemory-policy to noeviction"):
            await engine.renew(lease, alive_at_ms=START, ttl_ms=TTL_MS)
    await ask(server.port, *policy, "noeviction")
    await engine.commit(batch(entries=(entry(2),)), lease=lease)

    assert (await engine.load()).position == 2


async def test_a_server_that_is_not_there_is_told_so() -> None:
    """An operator sees at the start what is wrong."""
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await OwnEngine.connect("redis://127.0.0.1:1", TENANT)


async def test_a_login_is_taken_from_the_address_or_beside_it(server: RedisServer) -> None:
    """Secrets do not have to stand in a command line."""
    await ask(
        server.port, "ACL", "SETUSER", "frontdesk", "on", ">secret", "~fd:*", "&fd:*", "+@all"
    )
    await ask(server.port, "CONFIG", "SET", "requirepass", "other")
    address = server.url.removeprefix("redis://")
    with pytest.raises(EngineUnavailable, match="user and password"):
        await OwnEngine.connect(server.url, TENANT)
    named = await OwnEngine.connect(f"redis://frontdesk:secret@{address}", TENANT)
    await written(named, batch(entries=(entry(1),)))
    await named.close()
    tasks = Tasks()
    beside = await RedisStore.open(
        Server(server.url, login=Login("frontdesk", "secret")), start=tasks.start
    )
    await beside.close()
    await tasks.stop()


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "redis+sentinel://a:1,b:2",
        "redis+sentinel://a:x/main",
        "redis://a:x",
        "redis://a?foo=1",
        "redis://a?decode_responses=true",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """Before anything is connected."""
    with pytest.raises(AddressInvalid):
        Server(url)


@pytest.mark.parametrize(
    ("url", "is_private"),
    [
        ("redis://localhost", True),
        ("redis://127.0.0.1:7000", True),
        ("redis://[::1]:7000", True),
        ("redis://redis.internal", False),
        ("rediss://redis.internal", True),
        ("unix:///run/redis.sock", True),
        ("redis+sentinel://a:1,b:2/main", False),
        ("rediss+sentinel://a:1,b:2/main", True),
    ],
)
def test_what_travels_readable_is_known(url: str, *, is_private: bool) -> None:
    """An operator is warned when what customers say can be read on the way."""
    assert Server(url).is_private is is_private


async def test_a_server_is_reached_through_tls_and_its_certificate_is_judged(
    tmp_path: Path,
) -> None:
    """What customers say does not travel readable, and not to whoever answers there."""
    certificate, words = secured(tmp_path)
    port = free_port()
    with RedisServer(tmp_path, "--save", "", "--tls-port", str(port), *words):
        url = f"rediss://127.0.0.1:{port}"
        engine = await OwnEngine.connect(f"{url}?ssl_ca_certs={certificate}", TENANT)
        await written(engine, batch(entries=(entry(1),)))
        position = (await engine.load()).position
        await engine.close()
        with pytest.raises(EngineUnavailable):
            await OwnEngine.connect(url, TENANT)

    assert position == 1


def secured(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """A certificate that nobody else has signed, and what a server is told that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis")])
    here = x509.IPAddress(IPv4Address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(certificate.public_bytes(Encoding.PEM))
    kept.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    words = ("--tls-cert-file", str(shown), "--tls-key-file", str(kept))
    return shown, (*words, "--tls-auth-clients", "no", "--tls-ca-cert-file", str(shown))


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        "LOADING Redis is loading the dataset in memory",
        "READONLY You can't write against a read only replica.",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "BUSY Redis is busy running a script.",
        "MISCONF Redis is configured to save RDB snapshots, but it cannot",
        "NOREPLICAS Not enough good replicas to write.",
        "MASTERDOWN Link with MASTER is down",
        "NOPERM User default has no permissions to run the 'evalsha' command",
        "WRONGPASS invalid username-password pair",
    ],
)
async def test_a_server_that_refuses_has_written_nothing(error: str) -> None:
    """The writer may try the same again, and nobody is in doubt."""
    async with Refusing(error) as refusing:
        link = Server(refusing.url).link()
        with pytest.raises(EngineUnavailable):
            await link.call("EVALSHA", "x", 0)
        await link.close()


async def test_a_server_that_fails_on_the_way_may_have_written() -> None:
    """An error that nobody knows leaves a doubt, which a reload resolves."""
    async with Refusing("ERR something new") as refusing:
        link = Server(refusing.url).link()
        reading = Server(refusing.url).link(is_reading=True)
        judged = Server(refusing.url).link(unfit=lambda _: "")
        with pytest.raises(OutcomeUnknown):
            await link.call("EVALSHA", "x", 0)
        with pytest.raises(EngineUnavailable):
            await judged.call("EVALSHA", "x", 0)
        with pytest.raises(EngineUnavailable):
            await reading.call("HGET", "x", "y")
        for each in (link, judged, reading):
            await each.close()


async def test_scripts_that_the_server_forgot_are_told_again(
    server: RedisServer, engine: OwnEngine
) -> None:
    """A server that was restarted or replaced knows no scripts."""
    lease = await written(engine, batch(entries=(entry(1),)))
    await ask(server.port, "SCRIPT", "FLUSH")
    await engine.commit(batch(entries=(entry(2),)), lease=lease)

    assert (await engine.load()).position == 2


async def test_a_full_server_takes_commits_again_when_there_is_room(
    server: RedisServer, engine: OwnEngine
) -> None:
    """Nothing is half-written, and reading goes on meanwhile."""
    lease = await written(engine, batch(entries=(entry(1),), messages=(message(1),)))
    await ask(server.port, "CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(EngineUnavailable, match="memory"):
        await engine.commit(batch(entries=(entry(2),)), lease=lease)
    with pytest.raises(EngineUnavailable):
        await engine.submit(envelope(1))
    position = (await engine.load()).position
    page = await engine.transcript(message(1).conversation)
    await ask(server.port, "CONFIG", "SET", "maxmemory", 0)
    await engine.commit(batch(entries=(entry(2),)), lease=lease)

    assert position == 1
    assert page.messages == (message(1),)


# -- lost replies ----------------------------------------------------------------------------


async def test_a_commit_whose_reply_is_lost_is_not_sent_again(server: RedisServer) -> None:
    """redis-py would retry by itself; what happened is found out by loading instead."""
    async with Between(server.port) as between:
        engine = await OwnEngine.connect(between.url, TENANT)
        lease = await written(engine, batch(entries=(entry(1),)))
        between.is_losing = True
        with pytest.raises(OutcomeUnknown):
            await engine.commit(batch(hot(contact("c")), entries=(entry(2),)), lease=lease)
        asked = between.asked
        between.is_losing = False
        loaded = await engine.load()
        await engine.commit(batch(entries=(entry(3),)), lease=lease)
        await engine.close()

    assert asked == 1
    assert (loaded.position, loaded.records) == (2, (contact("c"),))


async def test_commands_whose_arrival_is_in_doubt_come_again_with_their_numbers(
    server: RedisServer,
) -> None:
    """The writer notices what is in the inbox twice; nothing is missing or out of order."""
    async with Between(server.port) as between:
        engine = await OwnEngine.connect(between.url, TENANT)
        await engine.submit(envelope(1))
        between.is_losing = True
        asking = [asyncio.create_task(engine.submit(envelope(n))) for n in (2, 3)]
        await until(lambda: between.asked > 0)
        between.is_losing = False
        await asyncio.gather(*asking)
        await engine.submit(envelope(4))
        read = await engine.read(START, limit=100, wait_ms=0)
        await engine.close()

    numbers = [one.n for one in read if one.hub == HUB]
    assert list(dict.fromkeys(numbers)) == [1, 2, 3, 4]
    assert len(numbers) > 4


async def test_a_server_that_stands_still_is_given_up_on(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer must know that it is none before its lease has run out."""
    monkeypatch.setattr(redis_server, "CALL_TIMEOUT_S", 0.1)
    hasty = await OwnEngine.connect(server.url, TENANT)
    lease = await written(hasty, batch(entries=(entry(1),)))
    server.pause()
    with pytest.raises(OutcomeUnknown):
        await hasty.commit(batch(entries=(entry(2),)), lease=lease)
    server.resume()
    await acquired(hasty)
    position = (await hasty.load()).position
    await hasty.close()

    assert position in {1, 2}


# -- servers that go and come back -----------------------------------------------------------


async def test_a_connection_that_ends_while_it_is_written_to_is_a_fault_like_any_other(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uvloop has an error of its own for that; it must not end the process."""
    link = link_to(server.port)
    reading = Server(server.url).link(is_reading=True)
    await link.call("PING")

    async def end(*_: object, **__: object) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>")

    with monkeypatch.context() as during:
        during.setattr(Connection, "send_packed_command", end)
        with pytest.raises(OutcomeUnknown):
            await link.call("SET", "a", "b")
        with pytest.raises(EngineUnavailable):
            await reading.call("GET", "a")
        await link.connect()
        with pytest.raises(OutcomeUnknown):
            await link.send("SUBSCRIBE", "news")
    again = await link.call("PING")
    await link.close()
    await reading.close()

    assert again == b"PONG"


async def test_who_listens_is_told_that_the_connection_is_over(server: RedisServer) -> None:
    """On a new one nobody has subscribed: it would wait there for ever."""
    link = Server(server.url).link(is_reading=True)
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(link.receive(), 2.0)
    with pytest.raises(EngineUnavailable):
        await link.send("SUBSCRIBE", "news")
    await link.connect()
    await link.send("SUBSCRIBE", "news")
    await link.receive()
    await ask(server.port, "CLIENT", "KILL", "TYPE", "pubsub")
    await asyncio.sleep(0.05)  # the end arrives while nobody reads
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(link.receive(), 2.0)
    await link.close()


async def test_followers_go_on_when_their_connections_are_cut(
    server: RedisServer, engine: OwnEngine
) -> None:
    """A hub drops its sockets only when entries are really gone."""
    lease = await written(engine, batch(entries=(entry(1),)))
    following = engine.follow(Position(0))
    told = await first_entries(following, 1)
    await ask(server.port, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    with suppress(OutcomeUnknown):
        await engine.commit(batch(entries=(entry(2),)), lease=lease)
    again = await acquired(engine)
    position = (await engine.load()).position
    await engine.commit(batch(entries=(entry(position + 1),)), lease=again)
    told += await first_entries(following, position)

    assert [one.position for one in told] == list(range(1, position + 2))


@pytest.mark.parametrize("synced", ["always", "everysec"])
async def test_what_was_committed_survives_a_killed_server(tmp_path: Path, synced: str) -> None:
    """What was answered is in the system's hands by then."""
    arguments = ("--save", "", "--appendonly", "yes", "--appendfsync", synced)
    with RedisServer(tmp_path, *arguments) as server:
        engine = await OwnEngine.connect(server.url, TENANT)
        await written(engine, batch(cold(external("a")), entries=(entry(1),)))
        following = engine.follow(Position(0))
        told = await first_entries(following, 1)
        server.kill()
        server.start()
        lease = await acquired(engine)
        found = (await engine.fetch([("external", "a")])).records
        await engine.commit(batch(entries=(entry(2),)), lease=lease)
        told += await first_entries(following, 1)
        await engine.close()

    assert set(found) == {("external", "a")}
    assert [one.position for one in told] == [1, 2]


async def test_a_follower_of_a_server_that_forgot_loads_again(
    server: RedisServer, engine: OwnEngine
) -> None:
    """What it holds did not happen there; going on would mix two histories."""
    await written(engine, batch(entries=(entry(1),)), batch(entries=(entry(2),)))
    following = engine.follow(Position(0))
    await first_entries(following, 2)
    server.kill()
    server.start()
    lease = await acquired(engine)
    for position in (1, 2, 3):
        await engine.commit(batch(entries=(entry(position),)), lease=lease)

    with pytest.raises(FellBehind):
        await first_entries(following, 1)


async def test_a_follower_that_has_read_nothing_notices_another_history(
    server: RedisServer, engine: OwnEngine
) -> None:
    """What it follows was loaded; a server that lost it may have gone on past it since."""
    await written(engine, batch(entries=(entry(1), entry(2))))
    following = asyncio.create_task(first_entries(engine.follow(Position(2)), 1))
    async with asyncio.timeout(5):
        while b"blocked_clients:1" not in await ask(server.port, "INFO", "clients"):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    server.kill()
    server.start()
    lease = await acquired(engine)
    await engine.commit(batch(entries=(entry(1), entry(2), entry(3))), lease=lease)

    with pytest.raises(FellBehind):
        await following


async def test_a_command_hears_in_time_that_the_server_stands_still(
    server: RedisServer, engine: OwnEngine
) -> None:
    """People are told to try again, as after any other fault, and the command may still come."""
    asking = ShardClient(engine, hub=HUB, timeout_ms=1_500, pending_max=10)
    await engine.submit(envelope(1))
    server.pause()
    began_s = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(asking.submit(HubLost(hub=HUB)) for _ in range(3)))
    took_s = asyncio.get_running_loop().time() - began_s
    server.resume()

    for answered in answers:
        assert isinstance(answered.result, Refusal)
        assert answered.result.code == RefusalCode.UNAVAILABLE
        assert "retry_after_ms" in answered.result.details
    assert took_s < 2.5


async def test_readers_leave_a_server_that_became_a_replica_too(
    server: RedisServer, engine: OwnEngine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """They would go on reading what it had, and nothing says that it is old."""
    lease = await written(engine, batch(entries=(entry(1),)))
    reading = engine.store.server.link(is_reading=True)
    await reading.call("PING")
    with RedisServer(tmp_path_factory.mktemp("other")) as other:
        await ask(server.port, "REPLICAOF", "127.0.0.1", other.port)
        with pytest.raises(EngineUnavailable, match="replica"):
            await engine.commit(batch(entries=(entry(2),)), lease=lease)
        await ask(server.port, "REPLICAOF", "NO", "ONE")
    await reading.call("PING")
    await reading.close()

    assert reading.connections == 2


async def test_what_is_loaded_is_as_of_one_moment(
    engine: OwnEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records from before a commit and a position from after it would be another history."""
    await written(engine, batch(hot(contact("c")), entries=(entry(1),)))
    calls = Link.calls
    torn: Reply = [b"0", b"7", b"7"]
    moments = 0

    async def tearing(link: Link, *commands: Iterable[Word]) -> list[Reply]:
        nonlocal moments
        moments += 1
        first, *found, last = await calls(link, *commands)
        return [first, *([] for _ in found), torn] if moments < 3 else [first, *found, last]

    monkeypatch.setattr(Link, "calls", tearing)
    loaded = await engine.load()

    assert moments == 3
    assert [len(loaded.records), loaded.position] == [1, 1]


# -- replicas --------------------------------------------------------------------------------


@pytest.fixture
def replica(tmp_path_factory: pytest.TempPathFactory, server: RedisServer) -> Iterator[RedisServer]:
    """A second server, which copies the first."""
    folder = tmp_path_factory.mktemp("replica")
    copying = ("--save", "", "--replicaof", "127.0.0.1", str(server.port))
    with RedisServer(folder, *copying) as replica:
        yield replica


async def in_step(server: RedisServer, replica: RedisServer) -> None:
    """Wait until the replica follows, and the server knows it."""
    async with asyncio.timeout(10):
        while True:
            copied = await ask(replica.port, "INFO", "replication")
            known = await ask(server.port, "INFO", "replication")
            if b"master_link_status:up" in copied and b"state=online" in known:
                return
            await asyncio.sleep(0.02)


async def test_without_a_replica_nobody_writes_where_it_must_be_replicated(
    server: RedisServer,
) -> None:
    """An ack would promise what one machine cannot keep."""
    engine = await OwnEngine.connect(server.url, TENANT, is_replicated=True)
    with pytest.raises(EngineUnavailable, match="replica"):
        await engine.acquire("writer", ttl_ms=TTL_MS)
    held = await ask(server.port, "EXISTS", f"fd:{{{TENANT}}}:lease")
    await engine.close()

    assert held == b"0", "who tries next must not wait for it"


async def test_what_no_replica_has_is_told_to_nobody(
    server: RedisServer, replica: RedisServer
) -> None:
    """Who hears of a commit may rely on it, also after the server is gone."""
    await in_step(server, replica)
    engine = await OwnEngine.connect(server.url, TENANT, is_replicated=True)
    lease = await acquired(engine)
    await engine.commit(batch(entries=(entry(1),)), lease=lease)
    copied = await ask(replica.port, "HGET", f"fd:{{{TENANT}}}:shard", "position")
    following = engine.follow(Position(0))
    told = await first_entries(following, 1)
    replica.pause()
    with pytest.raises(OutcomeUnknown):
        await engine.commit(batch(hot(contact("c")), entries=(entry(2),)), lease=lease)
    with pytest.raises(EngineUnavailable):
        await engine.acquire("writer", ttl_ms=TTL_MS)
    in_log = await ask(server.port, "XLEN", f"fd:{{{TENANT}}}:log")
    replica.resume()
    again = await acquired(engine)
    told += await first_entries(following, 1)
    await engine.commit(batch(entries=(entry(3),)), lease=again)
    told += await first_entries(following, 1)
    await engine.close()

    assert copied == b"1"
    assert in_log == b"1"
    assert [one.position for one in told] == [1, 2, 3]


async def test_a_replica_is_no_place_to_write(server: RedisServer, replica: RedisServer) -> None:
    """A server that became one has written nothing, and the next attempt looks for the master."""
    await in_step(server, replica)
    link = link_to(replica.port)
    with pytest.raises(EngineUnavailable, match="replica"):
        await link.call("SET", "a", "b")
    await link.close()


async def test_a_server_that_became_a_replica_is_noticed_where_sentinels_say_which_it_is(
    server: RedisServer, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing was written, and readers leave it too: redis-py tells of it in words of its own."""
    settings = tmp_path / "sentinel.conf"
    settings.write_text(f"sentinel monitor main 127.0.0.1 {server.port} 1\n", encoding="utf-8")
    with (
        RedisServer(tmp_path, before=(str(settings), "--sentinel")) as sentinel,
        RedisServer(tmp_path_factory.mktemp("other")) as other,
    ):
        place = server_of(f"redis+sentinel://127.0.0.1:{sentinel.port}/main", {})
        writing, reading = place.link(), place.link(is_reading=True)
        await reading.call("PING")
        await writing.call("SET", "a", "b")
        await ask(server.port, "REPLICAOF", "127.0.0.1", other.port)
        with pytest.raises(EngineUnavailable, match="replica"):
            await writing.call("SET", "a", "c")
        await ask(server.port, "REPLICAOF", "NO", "ONE")
        await reading.call("PING")
        for link in (writing, reading):
            await link.close()
        await place.close()

    assert reading.connections == 2


SENTINEL = """
sentinel monitor main 127.0.0.1 {port} 1
sentinel auth-user main frontdesk
sentinel auth-pass main secret
user default on >other ~* &* +@all
user finder on >found resetchannels -@all +sentinel|masters
"""
"""With logins of its own, one of which may do nothing but what is needed."""


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_the_master_is_found_through_sentinels(tmp_path: Path, *, is_encrypted: bool) -> None:
    """Whichever server is the master, its address is asked of them for every connection.

    What travels to both is encrypted or not, and either asks whoever comes for another login.
    """
    certificate, words = secured(tmp_path)
    ports = (free_port(), free_port()) if is_encrypted else (0, 0)
    shown = ("--tls-port", str(ports[0]), *words) if is_encrypted else ()
    with RedisServer(tmp_path, "--save", "", *shown) as server:
        await ask(server.port, "ACL", "SETUSER", "frontdesk", "on", ">secret", "~*", "&*", "+@all")
        await ask(server.port, "CONFIG", "SET", "requirepass", "another")
        settings = tmp_path / "sentinel.conf"
        settings.write_text(SENTINEL.format(port=ports[0] or server.port), encoding="utf-8")
        shown = ("--tls-port", str(ports[1]), "--tls-replication", "yes", *words)
        before = (str(settings), "--sentinel")
        with RedisServer(tmp_path, *(shown if is_encrypted else ()), before=before) as sentinel:
            hosts = f"127.0.0.1:1,127.0.0.1:{ports[1] or sentinel.port}"
            url = f"redis+sentinel://frontdesk:secret@{hosts}/main"
            if is_encrypted:
                url = f"{url.replace('redis', 'rediss', 1)}?ssl_ca_certs={certificate}"
            given = {"FRONTDESK_REDIS_SENTINEL_USERNAME": "finder", PASSWORDS[1]: "found"}
            greeted = await greeted_by(server_of(url, given))
            for wrong in (NOBODY, Login("finder", "secret"), Login("frontdesk", "secret")):
                with pytest.raises(EngineUnavailable, match="Sentinel"):
                    await greeted_by(Server(url, at_sentinels=wrong))

    assert greeted == b"PONG"


async def greeted_by(server: Server) -> bytes:
    """What a server says to whoever comes."""
    link = server.link()
    try:
        return text(await link.call("PING"))
    finally:
        await link.close()
        await server.close()

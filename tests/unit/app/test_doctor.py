"""`frontdesk doctor` finds what a right configuration can still be wrong about, with a remedy."""

import json
import resource
import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from router.app.cli import main
from router.app.doctor import examine
from router.app.doctor_redis import redis_problems
from router.app.serve import wall_clock_ms
from router.app.stores import PASSWORDS
from tests.support.identity_provider import elliptic_key
from tests.support.redis import RedisServer

EXAMPLE = Path(__file__).parents[3] / "docs" / "example.toml"
SECRET = secrets.token_urlsafe(32)
SEAL_KEY = secrets.token_urlsafe(32)
ENVIRON = {"FRONTDESK_SECRET": SECRET, "FRONTDESK_SEAL_KEY": SEAL_KEY}
SHOP = """
[tenant]
id = "shop"

[server]
sockets_max = 100

[[queues]]
id = "support"
wrapup_timeout_ms = 60000
default_wrapup_code = "resolved"

[[wrapup_codes]]
id = "resolved"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Give a configuration nothing is wrong with, and a folder for a store."""
    file = tmp_path / "shop.toml"
    file.write_text(SHOP, encoding="utf-8")
    file.chmod(0o644)  # as it is usual: it holds no secret
    return file


def found(
    file: Path, environ: dict[str, str] | None = None, engine: str | None = None
) -> dict[str, str]:
    """What is wrong, by where."""
    store = engine or f"sqlite:{file.parent / 'frontdesk.db'}"
    given = ENVIRON if environ is None else environ
    problems = examine(file, store, given, wall_clock_ms)
    assert all(problem.hint for problem in problems)
    assert SECRET not in str(problems)
    assert SEAL_KEY not in str(problems)
    return {problem.path: problem.message for problem in problems}


def changed(shop: Path, old: str, new: str) -> Path:
    """Change the file."""
    text = shop.read_text(encoding="utf-8")
    assert old in text
    shop.write_text(text.replace(old, new), encoding="utf-8")
    return shop


def test_a_house_in_order_is_said_to_be_fine(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that always finds something is one nobody listens to."""
    for variable, value in ENVIRON.items():
        monkeypatch.setenv(variable, value)
    code = main(
        ["doctor", "--config", str(shop), "--engine", f"sqlite:{shop.parent / 'frontdesk.db'}"]
    )

    assert (code, found(shop)) == (0, {})
    assert "fine" in capsys.readouterr().out


def test_problems_are_listed_with_what_to_do(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is run in pipelines: the verdict is the exit code."""
    monkeypatch.setenv("FRONTDESK_SECRET", SECRET)
    monkeypatch.delenv("FRONTDESK_SEAL_KEY", raising=False)
    code = main(
        ["doctor", "--config", str(shop), "--engine", f"sqlite:{shop.parent / 'frontdesk.db'}"]
    )
    told = capsys.readouterr().out

    assert code == 1
    assert "1 problem\n  masking.seal_key: missing" in told
    assert "hint: give FRONTDESK_SEAL_KEY" in told


def test_the_example_is_not_for_production() -> None:
    """Its secret is on the internet."""
    problems = found(EXAMPLE, environ={"FRONTDESK_SEAL_KEY": SEAL_KEY})

    assert problems["auth.secret"] == "is one of an example"
    assert problems["entry_points[0].identity_secret"] == "is one of an example"


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("", "missing: nobody could sign in"),
        ("short", "shorter than 8 characters"),
        ("k7Gq2mXv9TbR4wZs", "shorter than 32 bytes"),
        ("abababababababababababababababababab", "easy to guess"),
        ("CHANGE_ME-k7Gq2mXv9TbR4wZsPd3LfHn8Yc", "is one of an example"),
    ],
)
def test_a_bad_secret_is_found(shop: Path, secret: str, message: str) -> None:
    """Whoever finds the secret is any agent they like."""
    assert found(shop, {**ENVIRON, "FRONTDESK_SECRET": secret}) == {"auth.secret": message}


@pytest.mark.parametrize("key", ["", "A" * 43])
def test_a_seal_key_that_is_missing_or_guessable_is_found(shop: Path, key: str) -> None:
    """Without one nobody can be written to; with a bad one everybody can be read."""
    assert list(found(shop, {**ENVIRON, "FRONTDESK_SEAL_KEY": key})) == ["masking.seal_key"]


def test_a_wrapup_that_nothing_ends_is_found(shop: Path) -> None:
    """An agent who forgets the code is offered one contact fewer, until the shift ends."""
    changed(shop, "wrapup_timeout_ms = 60000\n", "")

    assert list(found(shop)) == ["queues[0].default_wrapup_code"]
    changed(shop, 'default_wrapup_code = "resolved"\n', "")
    changed(
        shop,
        'id = "resolved"\n',
        'id = "resolved"\nqueues = ["other"]\n[[queues]]\nid = "other"\nwrapup = "optional"\n',
    )
    assert list(found(shop)) == ["queues[0].wrapup"]
    changed(shop, 'id = "support"\n', 'id = "support"\nwrapup = "optional"\n')
    assert found(shop) == {}


def test_too_few_open_files_are_found(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration promises sockets that the system refuses; a low start is raised."""
    allowed = 299

    def limits(_resource: int) -> tuple[int, int]:
        return 64, allowed

    monkeypatch.setattr(resource, "getrlimit", limits)
    few = found(shop)
    allowed = 300

    assert list(few) == ["server.sockets_max"]
    assert found(shop) == {}


def test_what_everybody_can_read_is_found(shop: Path) -> None:
    """A secret in a file is as secret as the file; transcripts are as private as the database."""
    database = shop.parent / "frontdesk.db"
    for name in ("frontdesk.db", "frontdesk.db-wal"):
        (shop.parent / name).touch(mode=0o600)
    in_order = found(shop)
    changed(shop, "[server]", f'[auth]\nsecret = "{SECRET}"\n[server]')
    database.chmod(0o644)
    open_to_all = found(shop)
    shop.chmod(0o600)
    database.chmod(0o640)

    assert in_order == {}
    assert set(open_to_all) == {str(shop), str(database)}
    assert found(shop) == {}


@pytest.mark.parametrize(
    "table",
    [
        '[auth]\nsecret = """\nSECRET"""\n',
        "[auth]\nsecret = '''\nSECRET'''\n",
        "[masking]\nformer_seal_keys = [ # since spring\n  'SECRET',\n]\n",
        "[auth]\n\"sec\\u0072et\" = 'SECRET'\n",
        "# secret = 'SECRET'\n",
    ],
)
def test_a_secret_is_found_however_it_is_written(shop: Path, table: str) -> None:
    """TOML has many ways to write a string, and everybody on the machine can read each of them."""
    changed(shop, "[server]", f"{table.replace('SECRET', SEAL_KEY)}[server]")

    assert str(shop) in found(shop)


def test_a_folder_of_tenants_is_looked_at_file_by_file(shop: Path) -> None:
    """One tenant's weak secret is not hidden behind the others."""
    folder = shop.parent / "tenants"
    folder.mkdir()
    (folder / "shop.toml").write_text(SHOP, encoding="utf-8")
    environ = {"FRONTDESK_SECRET_SHOP": "k7Gq2mXv9TbR4wZs", "FRONTDESK_SEAL_KEY_SHOP": SEAL_KEY}

    assert list(found(folder, environ)) == ["shop.toml: auth.secret"]


def test_a_file_with_mistakes_is_looked_at_as_far_as_it_goes(shop: Path) -> None:
    """Its mistakes are told, and what else is wrong with the machine."""
    changed(shop, "[server]", "[sevrer]")
    (shop.parent / "frontdesk.db").touch(mode=0o644)

    assert "sevrer" in found(shop)
    assert str(shop.parent / "frontdesk.db") in found(shop)


# -- keys of an identity provider ------------------------------------------------------------------


class Provider(BaseHTTPRequestHandler):
    """Answers with one key, or with none."""

    keys: tuple[dict[str, object], ...] = ()

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": self.keys}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    """Yield the address of a provider of keys."""
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys.json"
        server.shutdown()
        thread.join()


def test_keys_that_cannot_be_had_are_found(
    shop: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the first agent signs in, it is too late to find out."""
    changed(shop, "[server]", f'[auth]\njwks_url = "{provider}"\n[server]')
    without_keys = found(shop)
    monkeypatch.setattr(Provider, "keys", (elliptic_key("one").jwk(),))
    with_keys = found(shop)
    changed(shop, provider, "http://127.0.0.1:1/keys.json")

    assert without_keys == {"auth.jwks_url": "there is no key of RS256 or ES256"}
    assert with_keys == {}
    assert found(shop) == {"auth.jwks_url": "no keys come from there: ClientConnectorError"}


# -- Redis -----------------------------------------------------------------------------------------


PASSWORD = "s3cr3t-of-redis"
WITH_PASSWORD = {**ENVIRON, "FRONTDESK_REDIS_PASSWORD": PASSWORD}


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield a Redis with a password, as it is installed."""
    words = ("--appendonly", "yes", "--requirepass", PASSWORD)
    with RedisServer(tmp_path, *words) as server:
        yield server


def test_a_redis_that_throws_contacts_away_is_found(shop: Path, redis_server: RedisServer) -> None:
    """A full memory must refuse what is new, and never forget what is there."""
    in_order = found(shop, WITH_PASSWORD, redis_server.url)
    words = ("--appendonly", "yes", "--maxmemory-policy", "allkeys-lru")
    with RedisServer(shop.parent, *words) as forgetful:
        problems = found(shop, engine=forgetful.url)

    assert in_order == {}
    assert list(problems) == ["--engine"]
    assert "allkeys-lru" in problems["--engine"]


def test_a_redis_that_forgets_everything_when_it_ends_is_found(
    shop: Path, redis_server: RedisServer
) -> None:
    """Nothing else tells before the day on which it is started again."""
    folder = shop.parent / "forgetful"
    folder.mkdir()
    with RedisServer(folder, "--save", "", "--appendonly", "no") as forgetful:
        problems = found(shop, engine=forgetful.url)

    assert list(problems) == ["--engine"]
    assert problems["--engine"].startswith("appendonly is off")
    assert found(shop, WITH_PASSWORD, redis_server.url) == {}


@pytest.mark.parametrize(("off_ms", "words"), [(400, ""), (3_000, "ahead of"), (-3_000, "behind")])
async def test_another_time_than_that_of_redis_is_found(
    redis_server: RedisServer, off_ms: int, words: str
) -> None:
    """Deadlines are in one process's time and told in another's."""

    def clock_ms() -> int:
        return wall_clock_ms() + off_ms

    told = await redis_problems(redis_server.url, WITH_PASSWORD, clock_ms)

    assert bool(told) == bool(words)
    assert all(words in problem.message for problem in told)


@pytest.mark.parametrize("password", ["", "wrong-password-of-redis"])
def test_a_redis_that_lets_nobody_in_is_found(
    shop: Path, redis_server: RedisServer, password: str
) -> None:
    """Its password is not told to whoever reads the answer."""
    problems = examine(
        shop, redis_server.url, {**ENVIRON, "FRONTDESK_REDIS_PASSWORD": password}, wall_clock_ms
    )

    assert [problem.path for problem in problems] == ["--engine"]
    assert "wrong-password" not in str(problems)


@pytest.mark.parametrize("name", PASSWORDS)
@pytest.mark.parametrize(("mode", "is_found"), [(0o644, True), (0o600, False)])
def test_a_password_file_that_everybody_can_read_is_found(
    shop: Path, redis_server: RedisServer, name: str, mode: int, *, is_found: bool
) -> None:
    """It is as secret as what it opens."""
    file = shop.parent / "password"
    file.write_text(PASSWORD)
    file.chmod(mode)
    environ = {**WITH_PASSWORD, f"{name}_FILE": str(file)}
    problems = examine(shop, redis_server.url, environ, wall_clock_ms)

    assert [problem.path for problem in problems] == [str(file)] * is_found


def test_a_redis_that_is_not_there_is_found(shop: Path) -> None:
    """The first start would find it too, with people waiting."""
    assert list(found(shop, engine="redis://127.0.0.1:1/0")) == ["--engine"]

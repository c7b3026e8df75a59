"""The command line answers on the right stream with the right exit code, and shows no secret."""

import tomllib
from pathlib import Path

import jwt
import pytest

from router.app.arguments import Chat, Desk, Serve, parse_arguments
from router.app.cli import main
from router.app.demo import DEMO, demo_settings
from router.app.version import version

SECRET = "a-secret-of-the-tests-of-32-bytes"
EXAMPLE = Path(__file__).parents[3] / "docs" / "example.toml"

SHOP = f"""
[tenant]
id = "main"

[auth]
secret = "{SECRET}"

[[queues]]
id = "support"

[[agents]]
id = "anna"
queues = ["support"]
"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own secrets must not decide a test."""
    monkeypatch.delenv("FRONTDESK_SECRET", raising=False)
    monkeypatch.delenv("FRONTDESK_SEAL_KEY", raising=False)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """Return the path of a configuration with one queue and one agent."""
    path = tmp_path / "shop.toml"
    path.write_text(SHOP, encoding="utf-8")
    return str(path)


def claims(token: str) -> dict[str, object]:
    """Return what a token says, if it is signed with the secret."""
    # pyright reads the types of a package that is left out on purpose (docs/decisions/0002).
    return jwt.decode(token.strip(), SECRET, algorithms=["HS256"])


def test_a_configuration_without_mistakes_is_summed_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line says what was read, so that a wrong file is noticed too."""
    code = main(["config", "check", str(EXAMPLE)])
    told = capsys.readouterr()

    assert code == 0
    assert "tenant main, 2 entry points, 2 queues, 2 agents, 2 wrap-up codes" in told.out


def test_settings_without_effect_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody should rely on a limit or a time that this version does not act on."""
    file = tmp_path / "shop.toml"
    file.write_text(
        SHOP + "[retention]\nrecords_days = 7\n"
        '[[queues]]\nid = "late"\nmax_wait_ms = 60000\nagent_silence_ms = 9000\n',
        encoding="utf-8",
    )
    code = main(["config", "check", str(file)])
    named = [line.strip() for line in capsys.readouterr().out.splitlines()[1:]]

    assert code == 0
    assert named == [
        f"{path}: not served by this version yet"
        for path in (
            "retention",
            "queues[1].max_wait_ms",
            "queues[1].agent_silence_ms",
        )
    ]


def test_every_mistake_is_printed_with_path_and_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check is run in pipelines: its answer is on standard output, its verdict the code."""
    path = tmp_path / "shop.toml"
    path.write_text(SHOP.replace("queues = [", "capacty = 2\nqueues = [3, "), encoding="utf-8")
    code = main(["config", "check", str(path)])
    told = capsys.readouterr()

    assert code == 1
    assert told.out.splitlines() == [
        f"{path}: 2 mistakes",
        "  agents[0].capacty: unknown key",
        '      hint: did you mean "capacity"?',
        "  agents[0].queues[0]: must be a string, not a whole number",
        "      hint: give a string",
    ]


def test_mistakes_of_a_file_to_be_used_go_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever captures a token must not capture a list of mistakes instead."""
    code = main(["token", "--config", str(tmp_path / "none.toml"), "--agent", "anna"])
    told = capsys.readouterr()

    assert code == 1
    assert told.out == ""
    assert "cannot be read" in told.err


def test_a_key_cannot_write_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file from elsewhere must not clear the screen of whoever checks it."""
    path = tmp_path / "shop.toml"
    path.write_text(SHOP + r'"\u001b[2J" = 1', encoding="utf-8")
    code = main(["config", "check", str(path)])

    assert code == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_token_is_for_the_agent_and_expires(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token without an end would outlive the agent's employment."""
    code = main(["token", "--config", shop, "--agent", "anna", "--ttl", "60"])
    found = claims(capsys.readouterr().out)

    assert code == 0
    assert found["sub"] == "anna"
    assert found["roles"] == ["agent"]
    assert isinstance(found["exp"], int)


def test_a_supervisor_need_not_be_a_configured_agent(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Supervisors and administrators take no contacts, so no file names them."""
    words = ["token", "--config", shop, "--agent", "sue", "--role", "supervisor"]
    code = main([*words, "--role", "admin", "--role", "admin"])

    assert code == 0
    assert claims(capsys.readouterr().out)["roles"] == ["supervisor", "admin"]


@pytest.mark.parametrize(
    ("agent", "role", "hint"),
    [("ana", "agent", 'did you mean "anna"?'), ("anna", "supervisr", 'did you mean "supervisor"?')],
)
def test_an_unknown_agent_or_role_gets_no_token(
    shop: str, capsys: pytest.CaptureFixture[str], agent: str, role: str, hint: str
) -> None:
    """A token that opens nothing is found out at the desk, far from the mistake."""
    code = main(["token", "--config", shop, "--agent", agent, "--role", role])
    told = capsys.readouterr()

    assert code == 1
    assert told.out == ""
    assert hint in told.err
    assert SECRET not in told.err


def test_tokens_of_an_identity_provider_are_not_ours_to_make(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys at an address, only their owner can sign."""
    path = tmp_path / "shop.toml"
    text = SHOP.replace(f'secret = "{SECRET}"', 'jwks_url = "https://login.example/keys"')
    path.write_text(text, encoding="utf-8")
    code = main(["token", "--config", str(path), "--agent", "anna"])

    assert code == 1
    assert "jwks_url" in capsys.readouterr().err


def test_a_short_secret_warns_nobody_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The configuration has accepted it; scripts read what the command prints."""
    path = tmp_path / "shop.toml"
    path.write_text(SHOP.replace(SECRET, SECRET[:16]), encoding="utf-8")
    code = main(["token", "--config", str(path), "--agent", "anna"])

    assert code == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["serve"],
        ["serve", "--demo", "--config", "a.toml"],
        ["serve", "--demo", "--port", "65536"],
        ["serve", "--demo", "--port", "x"],
        ["serve", "--demo", "--engine", "sqlite:"],
        ["serve", "--demo", "--engine", "memory:x"],
        ["serve", "--demo", "--engine", "postgres:x"],
        ["token", "--agent", "anna"],
        ["token", "--config", "a.toml", "--agent", "anna", "--ttl", "0"],
        ["config"],
        ["config", "check"],
        ["desk"],
        ["desk", "--config", "a.toml"],
        ["desk", "--token", "a", "--agent", "anna"],
    ],
)
def test_wrong_usage_exits_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A script can tell a mistake in the file from one in the script itself."""
    with pytest.raises(SystemExit) as caught:
        parse_arguments(words)

    assert caught.value.code == 2
    assert "usage: frontdesk" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        ["--engine", "sqlite:shop.db"],
        [],
        ["--engine", "memory:"],
    ],
)
def test_several_processes_need_a_store_they_can_share(
    more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each would have contacts of its own, and none of the others'."""
    with pytest.raises(SystemExit):
        parse_arguments(["serve", "--config", "a.toml", "--processes", "2", *more])

    assert "--engine redis://" in capsys.readouterr().err


def test_each_process_has_metrics_of_its_own(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On the shared port nobody could tell whose they are."""
    words = ["serve", "--config", shop, "--engine", "redis://localhost", "--processes", "2"]

    assert main(words) == 1
    assert "--metrics-port" in capsys.readouterr().err


def test_what_is_left_out_of_a_command_has_its_default() -> None:
    """The shortest command is the one people type."""
    assert parse_arguments(["serve", "--config", "a.toml"]) == Serve(
        config=Path("a.toml"),
        demo=False,
        host="127.0.0.1",
        port=8080,
        metrics_port=None,
        engine=None,
    )
    assert parse_arguments(["chat"]) == Chat(url="http://127.0.0.1:8080", entry_point="shop")
    assert parse_arguments(["desk", "--token", "t"]) == Desk(
        url="http://127.0.0.1:8080", token="t", config=None, tenant=None, agent=None
    )


def test_metrics_are_not_served_on_a_port_that_is_taken(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both ports would be opened, and the second fail with less to say."""
    words = ["serve", "--config", shop, "--engine", "memory:", "--port", "9000"]
    code = main([*words, "--metrics-port", "9000"])

    assert code == 1
    assert "port of their own" in capsys.readouterr().err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reports a fault is asked for it first."""
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out == f"frontdesk {version()}\n"


def test_the_demo_needs_no_file_and_no_secret() -> None:
    """A first look must not begin with writing a configuration."""
    settings = demo_settings({})

    assert settings.configuration.tenant == tomllib.loads(DEMO)["tenant"]["id"]
    assert len(settings.auth.secret) >= 32
    assert settings.auth.secret != demo_settings({}).auth.secret
    assert demo_settings({"FRONTDESK_SECRET": SECRET}).auth.secret == SECRET

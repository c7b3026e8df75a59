"""What operators type: start, check, sign, mask."""

from pathlib import Path

import pytest

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.clients import Desk
from tests.support.server import SECRET, Server, Toml, read_token, run_program, sqlite_in, toml_text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a configuration without mistakes."""
    path = tmp_path / "frontdesk.toml"
    path.write_text(toml_text(configuration([Plan()], {})), "utf-8")
    return path


def test_a_good_configuration_passes_the_check(file: Path) -> None:
    """A pipeline stops at the exit code."""
    checked = run_program("config", "check", str(file))

    assert checked.returncode == 0, checked.stdout + checked.stderr


MISTAKES: dict[str, tuple[dict[str, Toml], str]] = {
    "an unknown key": ({"presence": {"grace": 5}}, "presence.grace"),
    "an unknown table": ({"precense": {}}, "precense"),
    "a wrong type": ({"presence": {"decline_pause_ms": "long"}}, "presence.decline_pause_ms"),
    "too small": ({"presence": {"decline_pause_ms": 99}}, "presence.decline_pause_ms"),
    "too large": ({"presence": {"customer_grace_ms": 86_400_001}}, "presence.customer_grace_ms"),
    "a zero where none may be": ({"presence": {"reconnect_grace_ms": 0}}, "reconnect_grace_ms"),
    "no tenant": ({"tenant": {}}, "tenant"),
    "no secret": ({"auth": {"secret": ""}}, "auth"),
    "an unknown queue": ({"agents": [{"id": "a", "queues": ["nowhere"]}]}, "agents"),
    "an agent twice": (
        {"agents": [{"id": "a", "queues": ["support-0"]}, {"id": "a", "queues": ["support-0"]}]},
        "agents",
    ),
    "a timer without a code": (
        {"queues": [{"id": "support-0", "wrapup_timeout_ms": 5000}]},
        "queues",
    ),
    "an unknown strategy": ({"queues": [{"id": "support-0", "strategy": "luck"}]}, "strategy"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_by_its_path(tmp_path: Path, mistake: str) -> None:
    """Whoever wrote the file must find the line."""
    changes, path = MISTAKES[mistake]
    file = tmp_path / "frontdesk.toml"
    file.write_text(toml_text(configuration([Plan()], {}) | changes), "utf-8")
    checked = run_program("config", "check", str(file))
    said = checked.stdout + checked.stderr

    assert checked.returncode == 1, said
    assert path in said
    assert "Traceback" not in said


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Nobody wants to learn of ten mistakes in ten runs."""
    wrong: dict[str, Toml] = {
        "presence": {"grace": 5, "decline_pause_ms": 7},
        "masking": {"enabled": "yes"},
        "colour": {"x": 1},
    }
    file = tmp_path / "frontdesk.toml"
    file.write_text(toml_text(configuration([Plan()], {}) | wrong), "utf-8")
    checked = run_program("config", "check", str(file))
    said = checked.stdout + checked.stderr

    assert checked.returncode == 1
    for path in ("presence.grace", "presence.decline_pause_ms", "masking.enabled", "colour"):
        assert path in said


def test_broken_and_missing_files_are_told(tmp_path: Path) -> None:
    """A typing mistake is told as such, not as a crash."""
    broken = tmp_path / "broken.toml"
    broken.write_text("[tenant\nid = ", "utf-8")

    for path in (broken, tmp_path / "missing.toml"):
        checked = run_program("config", "check", str(path))
        assert checked.returncode == 1
        assert "Traceback" not in checked.stdout + checked.stderr


def test_a_server_does_not_start_with_mistakes(tmp_path: Path) -> None:
    """Half a configuration would route half the people."""
    file = tmp_path / "frontdesk.toml"
    changes: dict[str, Toml] = {"presence": {"grace": 5}}
    file.write_text(toml_text(configuration([Plan()], {}) | changes), "utf-8")
    started = run_program("serve", "--config", str(file), "--port", "0", "--engine", "memory:")

    assert started.returncode != 0
    assert "presence.grace" in started.stdout + started.stderr
    assert "listening on" not in started.stdout


async def test_a_printed_token_opens_the_desk(floor: Floor) -> None:
    """An operator tries the desk without a login server."""
    file = str(floor.server.folder / "frontdesk.toml")
    printed = run_program("token", "--config", file, "--agent", floor.id("anna"))
    token = printed.stdout.strip()
    desk = await Desk(floor.server.url, {"token": token}).connect()
    await desk.leave()
    claims = read_token(token)

    assert printed.returncode == 0
    assert claims["sub"] == desk.agent == floor.id("anna")
    assert claims["roles"] == ["agent"]
    assert "exp" in claims


def test_a_printed_token_carries_the_roles_asked_for(file: Path) -> None:
    """Supervisors and administrators are tried out the same way."""
    printed = run_program(
        "token", "--config", str(file), "--agent", "anna-0", "--role", "agent", "--role", "reveal"
    )
    claims = read_token(printed.stdout.strip())

    assert claims["roles"] == ["agent", "reveal"]


def test_the_secret_may_come_from_the_environment(tmp_path: Path) -> None:
    """Files are shared and committed; secrets are neither."""
    file = tmp_path / "frontdesk.toml"
    nothing: dict[str, Toml] = {"auth": {}}
    file.write_text(toml_text(configuration([Plan()], {}) | nothing), "utf-8")
    secret = "a secret of the environment, long enough"
    printed = run_program(
        "token", "--config", str(file), "--agent", "anna-0", FRONTDESK_SECRET=secret
    )
    checked = run_program("config", "check", str(file), FRONTDESK_SECRET=secret)

    assert read_token(printed.stdout.strip(), secret)["sub"] == "anna-0"
    assert checked.returncode == 0


def test_lines_are_masked(file: Path) -> None:
    """Old logs can be cleaned with the same rules."""
    text = "card 4111 1111 1111 1111\nnothing here\nmail kim.larsson@private.example\n"
    expected = "card ************1111\nnothing here\nmail k**********@private.example\n"
    plain = run_program("mask", text=text)
    configured = run_program("mask", "--config", str(file), text=text)

    assert plain.returncode == configured.returncode == 0
    assert plain.stdout == expected
    assert configured.stdout == expected


def test_one_database_has_one_server(tmp_path: Path) -> None:
    """Two writers would give one chat to two agents."""
    store = sqlite_in(tmp_path)
    server = Server(tmp_path, {"tenant": {"id": "one"}, "auth": {"secret": SECRET}}, engine=store)
    server.start()
    file = str(tmp_path / "frontdesk.toml")
    try:
        second = run_program("serve", "--config", file, "--port", "0", "--engine", store)
    finally:
        server.kill()

    assert second.returncode != 0
    assert "Traceback" not in second.stdout + second.stderr


def test_a_store_of_another_tenant_is_not_taken(tmp_path: Path) -> None:
    """Its seals would not open and its tokens not fit; nothing is written to it."""
    store = sqlite_in(tmp_path)
    server = Server(tmp_path, {"tenant": {"id": "one"}, "auth": {"secret": SECRET}}, engine=store)
    server.start()
    server.stop()
    file = tmp_path / "other.toml"
    file.write_text((tmp_path / "frontdesk.toml").read_text().replace('"one"', '"two"'))
    second = run_program("serve", "--config", str(file), "--port", "0", "--engine", store)

    assert second.returncode != 0
    assert "another tenant's" in second.stderr

"""The unit for one machine: systemd understands it, trusts it little, and starts what there is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from router.app.arguments import Serve, parse_arguments
from router.app.sections import Server
from tests.support.server import ROOT

UNIT = ROOT / "deploy" / "frontdesk.service"
TEXT = UNIT.read_text()
SETTINGS = [line.partition("=") for line in TEXT.splitlines() if "=" in line and line[0] != "#"]

EXPOSURE_MAX = 1.5
"""Of 10, by systemd's own measure; it calls 2 safe. A server must be on the network."""

STOP_S_MAX = 10
"""What docs/reliability.md promises of a stop."""

ANALYZE = shutil.which("systemd-analyze")

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="only where there is systemd")


def settings(key: str) -> list[str]:
    """Return what is said of a key, as often as it is."""
    return [value for name, _, value in SETTINGS if name == key]


def analyze(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let systemd judge a unit, with a program in it that this machine has."""
    unit = folder / UNIT.name
    unit.write_text(text.replace("/opt/frontdesk/bin/frontdesk", sys.executable))
    return subprocess.run(
        [str(ANALYZE), *arguments, "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@needs_systemd
def test_systemd_understands_all_of_it(tmp_path: Path) -> None:
    """It passes over what it does not know, with a line in a log that nobody reads."""
    ended = analyze(tmp_path, TEXT, "verify", "--man=no")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@needs_systemd
def test_a_key_that_systemd_does_not_know_is_noticed(tmp_path: Path) -> None:
    """A check that finds nothing proves something only if it can find what it looks for."""
    ended = analyze(tmp_path, TEXT.replace("PrivateTmp=", "PrivateTemp="), "verify", "--man=no")

    assert "PrivateTemp" in ended.stderr


@needs_systemd
@pytest.mark.parametrize(("without", "is_safe"), [("", True), ("SystemCallFilter=@", False)])
def test_the_service_may_do_little(tmp_path: Path, without: str, *, is_safe: bool) -> None:
    """Whoever takes the process over has taken as little as can be."""
    text = "\n".join(line for line in TEXT.splitlines() if not without or without not in line)
    threshold = f"--threshold={round(EXPOSURE_MAX * 10)}"
    ended = analyze(tmp_path, text, "security", "--offline=true", threshold)

    assert (ended.returncode == 0) is is_safe, ended.stdout


def test_what_it_starts_is_a_command_that_frontdesk_knows() -> None:
    """Its data is in the folder that systemd makes, and its metrics face nobody."""
    [command] = settings("ExecStart")
    asked = parse_arguments(command.split()[1:])

    assert isinstance(asked, Serve)
    assert asked.engine == f"sqlite:/var/lib/{settings('StateDirectory')[0]}/frontdesk.db"
    assert asked.config == Path("/etc", settings("ConfigurationDirectory")[0], "frontdesk.toml")
    assert asked.host == "127.0.0.1"  # a proxy in front has the certificate
    assert asked.metrics_port not in (None, 0, asked.port)


def test_its_limits_fit_the_configuration() -> None:
    """Sockets that are allowed and cannot be opened are found on the busiest day."""
    assert int(settings("LimitNOFILE")[0]) > Server().sockets_max * 1.5
    assert int(settings("TimeoutStopSec")[0]) >= 2 * STOP_S_MAX


def test_no_secret_is_in_it() -> None:
    """A unit may be read by everybody on the machine."""
    assert settings("Environment") == []
    assert settings("EnvironmentFile") == ["/etc/frontdesk/secrets"]

"""Every command of the page about one machine is typed, where its folders are our own.

The program, `install`, `test` and the shell are the real ones. What changes a machine (`useradd`,
`systemctl`, `systemd-run`, `podman`, the making of an environment) has a stand-in, which notes its
words and, where it is to run our program, runs it.
"""

import re
import secrets
import sys
from pathlib import Path

import pytest

from router.shard.sqlite_file import connect_writer
from tests.ops.shell import path_with, typed_in
from tests.ops.test_deploy_pages import ONE_MACHINE
from tests.support.server import ROOT, environment

FENCE = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OTHER = re.compile(r"^(?:chat\.shop\.example|cd frontdesk)")
"""The proxy's configuration, and the building of a wheel, which the image's steps do."""

OF_EXAMPLES = re.compile(r"^(?:identity_)?(?:secret|jwks_url) = .*$", re.MULTILINE)
"""What must not stay as it is in the example."""


NOTE = """\
#!/bin/sh
echo "${0##*/} $*" >>"$NOTED"
"""
PYTHON = f"""\
#!/bin/sh
case "$*" in
"-m venv "*) mkdir -p "$3/bin" && cp "$STANDINS/pip" "$3/bin/pip"
    ln -sf {Path(sys.executable).with_name("frontdesk")} "$3/bin/frontdesk" ;;
*) exec {sys.executable} "$@" ;;
esac
"""
# What a unit's properties do that matters here: where it runs, what it may write, and its secrets.
SYSTEMD_RUN = """\
#!/bin/sh
echo "systemd-run $*" >>"$NOTED"
while :; do
    case "$1" in
    --property=EnvironmentFile=*) set -a && . "${1#--property=EnvironmentFile=}" && set +a ;;
    --property=StateDirectory=*) mkdir -p "$STATE/${1#--property=StateDirectory=}" ;;
    --property=WorkingDirectory=*) cd "${1#--property=WorkingDirectory=}" || exit 1 ;;
    --property=UMask=*) umask "${1#--property=UMask=}" ;;
    --pipe | --wait | --quiet | --collect | --uid=* | --property=*) ;;
    *) exec "$@" ;;
    esac
    shift
done
"""
# A container of ours is the same folders without walls; `exec` and `run` with a command run it.
PODMAN = """\
#!/bin/sh
echo "podman $*" >>"$NOTED"
set -a && . "$SECRETS" && set +a
case "$1 $2" in
"exec frontdesk") shift 2 && exec "$@" ;;
"run --rm") while [ "$1" != --entrypoint ]; do shift; done
    program=$2 && shift 3 && exec "$program" "$@" ;;
esac
"""
STANDINS = {
    "pip": NOTE,
    "podman": PODMAN,
    "python3": PYTHON,
    "sudo": '#!/bin/sh\nexec "$@"\n',
    "systemctl": NOTE,
    "systemd-run": SYSTEMD_RUN,
    "useradd": NOTE,
}


class Machine:
    """A machine of one's own, below a folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing of the page is done yet; the checkout is there, and a store after a first run."""
        self.folder = folder
        self.noted = folder / "noted"
        standins = folder / "standins"
        standins.mkdir()
        for name, text in STANDINS.items():
            (standins / name).write_text(text, encoding="utf-8")
            (standins / name).chmod(0o755)
        for name in ("deploy", "docs"):
            (folder / name).symlink_to(ROOT / name)
        self._variables = environment() | {
            "NOTED": str(self.noted),
            "PATH": path_with(standins),
            "SECRETS": f"{folder}/etc/frontdesk/secrets",
            "STANDINS": str(standins),
            "STATE": f"{folder}/var/lib",
        }

    def typed(self, text: str) -> str:
        """What is typed, with this machine's folders and nobody's groups in it."""
        text = re.sub(r"(?<![\w.])/(?=(?:opt|etc|var|data)/)", f"{self.folder}/", text)
        return re.sub(r" --group=\w+", "", text)

    def run(self, text: str) -> tuple[int, str]:
        """Type it, and stop where something fails."""
        return typed_in(self.folder, self.typed(text), self._variables)

    def written(self) -> None:
        """Do what the page leaves to the reader: secrets, a configuration, and some use."""
        made = ("FRONTDESK_SECRET", "FRONTDESK_SEAL_KEY")
        lines = "".join(f"{name}={secrets.token_urlsafe(32)}\n" for name in made)
        (self.folder / "etc/frontdesk/secrets").write_text(lines, encoding="utf-8")
        configuration = self.folder / "etc/frontdesk/frontdesk.toml"
        text = configuration.read_text(encoding="utf-8")
        text = text.replace("[server]", "[server]\nsockets_max = 100")  # files are few here
        configuration.write_text(OF_EXAMPLES.sub("", text), encoding="utf-8")
        for place in ("var/lib/frontdesk", "data"):
            (self.folder / place).mkdir(mode=0o700, parents=True, exist_ok=True)
            connect_writer(self.folder / place / "frontdesk.db").close()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Have a machine."""
    return Machine(tmp_path)


def blocks(section: str) -> list[str]:
    """What a section tells to type, block by block."""
    _, _, after = ONE_MACHINE.partition(f"## {section}\n")
    found = FENCE.findall(after.partition("\n## ")[0])
    return [block for block in found if not OTHER.search(block)]


def test_every_command_for_a_service_does_what_it_says(machine: Machine) -> None:
    """Who follows the page has a configuration that can be used, and a store that is copied."""
    done = blocks("As a service")
    first, second, third, *rest = done
    began = [machine.run(text) for text in (first, second)]
    machine.written()
    ended = [machine.run(f"{third}\n{text}") for text in rest]
    noted = machine.noted.read_text(encoding="utf-8")

    assert [text for code, text in [*began, *ended] if code] == []
    assert third.startswith("frontdesk() {")
    assert "systemctl enable --now frontdesk" in noted
    assert "pip install --no-deps --require-hashes --requirement requirements.run.lock" in noted
    assert {"copy.db", "frontdesk.db", "frontdesk.db.replaced-1"} <= {
        path.name for path in (machine.folder / "var/lib/frontdesk").iterdir()
    }


def test_every_command_for_a_container_does_what_it_says(machine: Machine) -> None:
    """The same, by way of the runtime; the copy that was needed inside is gone there."""
    first, *rest = blocks("In a container")
    began = machine.run(first)
    machine.written()
    ended = [machine.run(text) for text in rest]
    kept = {path.name for path in (machine.folder / "data").iterdir()}

    assert [text for code, text in [began, *ended] if code] == []
    assert "--restart always" in machine.noted.read_text(encoding="utf-8")
    assert {"frontdesk.db", "frontdesk.db.replaced-1"} <= kept
    assert "copy.db" not in kept


def test_no_block_is_left_out() -> None:
    """One in a new section would pass by never being typed."""
    others = [block for block in FENCE.findall(ONE_MACHINE) if OTHER.search(block)]
    typed = [*blocks("As a service"), *blocks("In a container")]

    assert len(others) == 2
    assert len(typed) + len(others) == ONE_MACHINE.count("```") / 2
    assert len(set(typed)) == len(typed)


@pytest.mark.parametrize("section", ["As a service", "In a container"])
def test_doing_it_again_loses_nothing(machine: Machine, section: str) -> None:
    """An upgrade goes through the same lines, and must not empty the secrets."""
    first = blocks(section)[0]
    began = machine.run(first)
    machine.written()
    files = [machine.folder / "etc/frontdesk" / name for name in ("secrets", "frontdesk.toml")]
    before = [file.read_text(encoding="utf-8") for file in files]
    again = machine.run(first)

    assert [began[0], again[0]] == [0, 0], again[1]
    assert [file.read_text(encoding="utf-8") for file in files] == before


def test_a_command_that_does_not_work_is_noticed(machine: Machine) -> None:
    """Stand-ins that say yes to everything prove nothing."""
    machine.run(blocks("As a service")[0])
    machine.written()
    way = blocks("As a service")[2]

    assert machine.run(f"{way}\nfrontdesk config check /etc/frontdesk/none.toml")[0] == 1
    assert machine.run("sudo podman exec frontdesk frontdesk backup --to nowhere")[0] == 2

"""Runs the real program as a process of its own, on a free port and a database in a folder.

The configuration is written from plain Python values. Everything the process prints is kept in a
file, so that a test may search it; a process that ends other than as asked is a failure.
"""

import atexit
import base64
import hmac
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from tests.support.forked import COLLECTED, Copy
from tests.support.redis import RedisServer

Toml: TypeAlias = "str | int | bool | Sequence[Toml] | Mapping[str, Toml]"

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the tests, long enough for HS256"
IDENTITY_SECRET = "a secret of the site, long enough for HS256"
PROGRAM = (sys.executable, "-m", "router.app")
LISTENING = "listening on "

# Importing and opening the database on a busy two-core machine; a start usually takes one second.
START_S_MAX = 30
# A drain lets clients go elsewhere before it ends.
STOP_S_MAX = 30


def toml_value(value: Toml) -> str:
    """Write one value in TOML; JSON's strings, numbers and truth values are TOML's too."""
    match value:
        case str() | bool() | int():
            return json.dumps(value)
        case Mapping():
            pairs = (f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case _:
            return "[" + ", ".join(toml_value(item) for item in value) + "]"


def toml_text(configuration: Mapping[str, Toml]) -> str:
    """Write a configuration, one line for each top-level key."""
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in configuration.items())


def environment() -> dict[str, str]:
    """Give the environment without what would change the configuration under test."""
    return {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}


def run_program(
    *arguments: str, text: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end with ``text`` as its input and more in its environment."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment() | variables,
        timeout=START_S_MAX,
        check=False,
    )


def sign(secret: str = SECRET, *, valid_s: int | None = 3600, **claims: object) -> str:
    """Sign a JWT with HS256 that is valid for ``valid_s`` seconds from now, or for ever."""
    expiry = {} if valid_s is None else {"exp": int(time.time()) + valid_s}
    head = f"{_base64({'alg': 'HS256', 'typ': 'JWT'})}.{_base64(expiry | claims)}"
    return f"{head}.{_signature(head, secret)}"


def leave_unsigned(**claims: object) -> str:
    """Write a JWT that claims to need no signature."""
    claims["exp"] = int(time.time()) + 3600
    return f"{_base64({'alg': 'none', 'typ': 'JWT'})}.{_base64(claims)}."


def read_token(token: str, secret: str = SECRET) -> dict[str, object]:
    """Give the claims of a JWT, which must be signed with the secret (RFC 7515)."""
    head, _, signature = token.rpartition(".")
    payload = head.partition(".")[2]

    assert signature == _signature(head, secret), "signed with another secret"
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims


def _base64(part: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _signature(head: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), head.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _where(line: str) -> str:
    """Return the address that a line says, in words or as an object of JSON."""
    if line.startswith(LISTENING):
        return line.removeprefix(LISTENING).strip()
    found = re.fullmatch(r'\{.*"event": "server\.listening",.* "url": "([^"]+)"\}\s*', line)
    return found[1] if found else ""


class Program:
    """A server as a process of its own, which says where it listens; it may be started again.

    Attributes:
        url: Where it listens.
        output: Keeps everything it prints, over all its starts.
    """

    def __init__(self, output: Path) -> None:
        """Nothing runs until `launch`."""
        self.url = ""
        self.output = output
        self._process: subprocess.Popen[bytes] | Copy | None = None

    def launch(self, *command: str) -> None:
        """Start it and wait until it says where it listens.

        Raises:
            RuntimeError: It ended or said nothing in time.
        """
        assert self._process is None, "it runs already"
        said = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = self.begin(command, output)
        give_up_s = time.monotonic() + START_S_MAX
        while time.monotonic() < give_up_s and self._process.poll() is None:
            text = self.output.read_bytes()[said:].decode("utf-8", "replace")
            for line in text.splitlines(keepends=True):
                if line.endswith("\n") and (url := _where(line)):
                    self.url = url
                    return
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"it did not start:\n{self.output_text()[-4000:]}")

    def begin(self, command: Sequence[str], output: IO[bytes]) -> "subprocess.Popen[bytes] | Copy":
        """Start the process; what it prints goes to a file."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment() | {"PYTHONUNBUFFERED": "1"},
        )

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def output_text(self) -> str:
        """Give everything it printed, over all its starts."""
        return self.output.read_text("utf-8", "replace")

    def resident_kib(self) -> int:
        """Say how much memory the process holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1])

    @contextmanager
    def held(self) -> Generator[None]:
        """Let its process stand still meanwhile: it answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait until it has ended by itself and give its exit code."""
        assert self._process is not None
        code = self._process.wait(STOP_S_MAX)
        self._process = None
        return code

    def kill(self) -> None:
        """End it as a power cut would end the process (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


ENGINE = os.environ.get("FRONTDESK_TEST_ENGINE", "sqlite")
"""What servers keep their contacts in that are not told: `sqlite`, or a `redis` of their own."""


PLAIN = ("--save", "", "--appendonly", "no", "--rdbcompression", "no")
"""A dump in which every text stands as it is."""


def sqlite_in(folder: Path) -> str:
    """The engine whose file is in a folder."""
    return f"sqlite:{folder / 'frontdesk.sqlite'}"


class Server(Program):
    """A Frontdesk on its own port.

    Attributes:
        engine: What it keeps its contacts in.
        folder: Keeps its file, its database and its output.
    """

    def __init__(
        self,
        folder: Path,
        configuration: Mapping[str, Toml],
        *arguments: str,
        engine: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Write the configuration; nothing runs until ``start``.

        Without an ``engine`` it has one of its own, see `ENGINE`. There may be more in its
        environment.
        """
        super().__init__(folder / "output.txt")
        self._arguments = arguments
        self._variables = variables or {}
        self._redis: RedisServer | None = None
        if not engine and ENGINE == "redis":
            self._redis = RedisServer(folder, *PLAIN)
            atexit.register(self._redis.kill)  # it outlives the servers that are killed in a test
        self.engine = engine or (self._redis.url if self._redis else sqlite_in(folder))
        self.folder = folder
        self._configuration = folder / "frontdesk.toml"
        self._write(configuration)

    def _write(self, configuration: Mapping[str, Toml]) -> None:
        self._configuration.write_text(toml_text(configuration), "utf-8")

    def start(self, port: int = 0) -> None:
        """Start it on a port, or on any free one, and wait until it says where it listens.

        Raises:
            RuntimeError: It ended or said nothing in time.
        """
        arguments = ("--config", str(self._configuration), "--port", str(port), *self._arguments)
        self.launch("serve", *arguments, "--engine", self.engine)

    def begin(self, command: Sequence[str], output: IO[bytes]) -> "subprocess.Popen[bytes] | Copy":
        """Start a copy of the program: many tests start one, and each spares the imports."""
        del output
        return Copy(command, self.output, environment() | dict(self._variables), ROOT)

    def needed_kib(self) -> int:
        """Say how much memory it holds after it gave back what nothing needs."""
        assert isinstance(self._process, Copy)
        said = self.output_text().count(COLLECTED)
        self._process.collect()
        self._wait_for(lambda: self.output_text().count(COLLECTED) > said)
        return self.resident_kib()

    def limit_files(self, size: int | None) -> None:
        """Let it write no file beyond a size from now on, as on a full disk; None: any."""
        assert self._process is not None
        soft = resource.RLIM_INFINITY if size is None else size
        limits = (soft, resource.RLIM_INFINITY)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, limits)

    def reload(self, configuration: Mapping[str, Toml]) -> None:
        """Write another configuration, send SIGHUP, and wait until it says what came of it."""
        said = len(self._reloads())
        self._write(configuration)
        os.kill(self.pid, signal.SIGHUP)
        self._wait_for(lambda: len(self._reloads()) > said)

    def _wait_for(self, holds: Callable[[], bool]) -> None:
        give_up_s = time.monotonic() + START_S_MAX
        while not holds():
            assert time.monotonic() < give_up_s, self.output_text()[-4000:]
            time.sleep(0.02)

    def _reloads(self) -> list[str]:
        return re.findall(r"configuration\.(?:reloaded|kept|refused)", self.output_text())

    def stop(self) -> None:
        """Stop it as an operator would; it must end with 0 and must not have met a bug."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            code = self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

        assert code == 0, self.output_text()[-4000:]
        assert "Traceback" not in self.output_text(), self.output_text()[-4000:]

    def find(self, *needles: str) -> list[str]:
        """Name each file in the folder, and the needle, wherever one stands in its raw bytes.

        The configuration itself is left out. Case is ignored. A Redis server first writes all that
        it holds.
        """
        if self._redis is not None:
            self._redis.dump()
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [
            f"{needle} in {path.name}"
            for path in files
            if path != self._configuration
            for content in [path.read_bytes().lower()]
            for needle in needles
            if needle.lower().encode() in content
        ]


class SharedServer(Server):
    """A Frontdesk of several tenants: a folder with a file for each, by its name."""

    def _write(self, configuration: Mapping[str, Toml]) -> None:
        self._configuration = self.folder / "tenants"
        self._configuration.mkdir(exist_ok=True)
        for name, tenant in configuration.items():
            assert isinstance(tenant, Mapping)
            (self._configuration / f"{name}.toml").write_text(toml_text(tenant), "utf-8")

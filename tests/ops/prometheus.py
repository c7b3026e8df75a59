"""A real Prometheus, which scrapes what a test runs and is asked what panels and alerts ask."""

import json
import math
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from tests.ops.alerts import RULES, alerts
from tests.ops.test_queries import asked, filled
from tests.support.console import wait_for

PATIENCE_S = 60.0
"""The rarest of all, a conference, takes some seconds on a machine of its own."""

EVERY_S = 0.5


class Sample(msgspec.Struct, frozen=True):
    """One line of an answer."""

    metric: dict[str, str]
    value: tuple[float, str]


class Answer(msgspec.Struct, frozen=True):
    """What Prometheus says to a query."""

    result: tuple[Sample, ...]


class Reply(msgspec.Struct, frozen=True):
    """As `Answer`."""

    data: Answer


class Rule(msgspec.Struct, frozen=True):
    """How a rule is doing."""

    name: str
    health: str


class Group(msgspec.Struct, frozen=True):
    """As `Rule`."""

    rules: tuple[Rule, ...]


class Groups(msgspec.Struct, frozen=True):
    """As `Rule`."""

    groups: tuple[Group, ...]


class Rules(msgspec.Struct, frozen=True):
    """As `Rule`."""

    data: Groups


class Prometheus:
    """A Prometheus of its own, which scrapes one installation."""

    def __init__(self, folder: Path, *targets: str) -> None:
        """Begin to scrape; its data goes into the folder."""
        program = shutil.which("prometheus")
        assert program is not None, "prometheus is missing; ./dev doctor says how to install it"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._at = f"127.0.0.1:{free.getsockname()[1]}"
        scrape = {"job_name": "frontdesk", "static_configs": [{"targets": targets}]}
        settings = {
            "global": {"scrape_interval": "500ms", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [scrape],
        }
        file = folder / "prometheus.yaml"
        file.write_text(json.dumps(settings), encoding="utf-8")
        with (folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    program,
                    f"--config.file={file}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address={self._at}",
                ],
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        """Wait until it answers."""
        wait_for(self._is_ready)
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def _is_ready(self) -> bool:
        """It answers."""
        try:
            self._read("/-/ready")
        except OSError:
            return False
        return True

    def knows(self, expr: str) -> bool:
        """There is a number in the answer."""
        return bool(self.answer(expr))

    def answer(self, expr: str) -> dict[str, float]:
        """The numbers in the answer, by what labels say of each."""
        words = urllib.parse.urlencode({"query": expr})
        reply = msgspec.json.decode(self._read(f"/api/v1/query?{words}"), type=Reply)
        found = {
            " ".join(sample.metric.values()): float(sample.value[1]) for sample in reply.data.result
        }
        return {labels: value for labels, value in found.items() if not math.isnan(value)}

    def until(self, expr: str) -> dict[str, float]:
        """Wait until there is an answer, and give it."""
        wait_for(lambda: self.knows(expr))
        return self.answer(expr)

    def silent(self, queries: Mapping[str, str]) -> dict[str, str]:
        """Ask until everything has an answer; give what has none, for all the patience."""
        left = dict(queries)
        give_up_s = time.monotonic() + PATIENCE_S
        while left and time.monotonic() < give_up_s:
            left = {where: expr for where, expr in left.items() if not self.knows(expr)}
            time.sleep(EVERY_S)
        return left

    def health(self) -> dict[str, str]:
        """How each rule is doing."""
        reply = msgspec.json.decode(self._read("/api/v1/rules"), type=Rules)
        return {rule.name: rule.health for group in reply.data.groups for rule in group.rules}

    def _read(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://{self._at}{path}", timeout=10) as response:
            body: bytes = response.read()
            return body


def questions() -> dict[str, str]:
    """What every panel asks and every alert compares, over as much time as a test takes."""
    queries = {f"panel {where}": expr for where, expr in asked().items()}
    for name, alert in alerts().items():
        for number, part in enumerate(alert.measured):
            queries[f"alert {name} {number}"] = part
    return {where: short(expr) for where, expr in queries.items()}


def short(expr: str) -> str:
    """A query over as much time as there has been."""
    for span in ("5m", "15m", "30m"):
        expr = expr.replace(f"[{span}]", "[20s]").replace(f"offset {span}", "offset 2s")
    expr = expr.replace("[15m:30s]", "[20s:1s]")
    return filled(expr, interval="20s", span="20s")

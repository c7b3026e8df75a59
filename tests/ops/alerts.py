"""The rules of alerts as the chart has them, and what Prometheus' own tool says of them."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import yaml

from ops.reference import ROOT

RULES = ROOT / "helm" / "frontdesk" / "rules" / "frontdesk.yaml"
COMPARED = re.compile(r" [<>] [\d.]+(?: and on \([\w, ]+\)|$)")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One rule."""

    alert: str
    expr: str
    annotations: dict[str, str]
    labels: dict[str, str]
    hold: str = msgspec.field(default="", name="for")

    @property
    def measured(self) -> tuple[str, ...]:
        """What the rule compares, without the comparisons: it must always have a value."""
        expr = " ".join(self.expr.split())
        expr, _, _ = expr.partition(" unless ")
        return tuple(part.strip() for part in COMPARED.split(expr) if part.strip())


class Group(msgspec.Struct, frozen=True):
    """Rules that belong together."""

    name: str
    rules: tuple[Alert, ...]


class Document(msgspec.Struct, frozen=True):
    """The file."""

    groups: tuple[Group, ...]


class Verdict(NamedTuple):
    """What promtool said."""

    is_fine: bool
    words: str


@cache
def alerts() -> dict[str, Alert]:
    """Every alert by its name."""
    read = msgspec.convert(yaml.safe_load(RULES.read_text(encoding="utf-8")), Document)
    return {rule.alert: rule for group in read.groups for rule in group.rules}


def promtool(*words: str | Path) -> Verdict:
    """Ask promtool."""
    found = shutil.which("promtool")
    assert found is not None, "promtool is missing; ./dev doctor says how to install it"
    said = subprocess.run([found, *words], capture_output=True, text=True, check=False)
    return Verdict(said.returncode == 0, said.stdout + said.stderr)

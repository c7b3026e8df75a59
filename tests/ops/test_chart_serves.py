"""Runs what the chart runs: the command of its pod, the questions of its probes, and its test."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.addresses import free_port
from tests.ops.helm import of_kind
from tests.ops.pods import Container, server, templates
from tests.support.server import SECRET, Program

PROFILE = "default"
STOP_S_MAX = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is mounted: the files of the ConfigMap, and a folder for data."""
    folder = tmp_path_factory.mktemp("pod")
    [configuration] = of_kind(PROFILE, "ConfigMap")
    for name, text in configuration.data.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def addresses(folder: Path) -> Iterator[tuple[str, str, Program]]:
    """Start the command of the pod on this machine; where it and its metrics are."""
    metrics_port = free_port()
    here = {
        "/etc/frontdesk/": f"{folder}/",
        "/data/": f"{folder}/",
        "0.0.0.0": "127.0.0.1",  # noqa: S104 - what a pod listens on
        "8080": "0",
        "9090": metrics_port,
    }
    words = server(PROFILE).args
    for there, instead in here.items():
        words = [word.replace(there, instead) for word in words]
    program = Program(folder / "output")
    program.launch("env", f"FRONTDESK_SECRET={SECRET}", sys.executable, "-m", "router.app", *words)
    yield program.url, f"http://127.0.0.1:{metrics_port}", program
    program.kill()


def reaching() -> Container:
    """Return the container that `helm test` runs."""
    [pod] = [template.spec for name, template in templates(PROFILE) if name.startswith("Pod ")]
    [container] = pod.containers
    return container


def ask_as_helm_would(public: str, metrics: str) -> subprocess.CompletedProcess[str]:
    """Run the program of the test's container on these addresses."""
    container = reaching()

    assert container.command == ["python", "-c"]
    return subprocess.run(
        [sys.executable, "-c", container.args[0], public, metrics],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_probe_is_answered(addresses: tuple[str, str, Program]) -> None:
    """The pod becomes ready, and goes on living."""
    for probe in server(PROFILE).probes:
        address = f"{addresses[0]}{probe.http_get.path}"
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http, to ourselves
            assert answer.status == 200


def test_the_test_of_a_release_passes_on_a_healthy_one(
    addresses: tuple[str, str, Program],
) -> None:
    """Pages are there, and metrics on their own port alone."""
    ended = ask_as_helm_would(*addresses[:2])

    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_test_of_a_release_fails_when_metrics_are_public(
    addresses: tuple[str, str, Program],
) -> None:
    """A test that cannot fail says nothing: here both addresses are the one of the metrics."""
    metrics = addresses[1]
    ended = ask_as_helm_would(metrics, metrics.replace("127.0.0.1", "localhost"))

    assert ended.returncode == 1
    assert "/metrics: 200, expected 404" in ended.stdout


def test_the_test_of_a_release_asks_its_services() -> None:
    """By the names and ports that the Services have."""
    services = {each.metadata.name: each.spec for each in of_kind(PROFILE, "Service")}

    assert reaching().args[1:] == ["http://chat-frontdesk:80", "http://chat-frontdesk-metrics:9090"]
    assert set(services) == {"chat-frontdesk", "chat-frontdesk-metrics"}


def test_a_stop_is_clean_and_well_within_its_time(addresses: tuple[str, str, Program]) -> None:
    """SIGTERM is what a pod is sent; the chart counts on less than ten seconds."""
    program = addresses[2]
    began_s = time.monotonic()
    program.ask_to_stop()
    code = program.wait()

    assert code == 0
    assert time.monotonic() - began_s < STOP_S_MAX

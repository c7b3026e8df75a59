"""A real Prometheus scrapes a running demo, and whatever is asked of it has an answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.alerts import alerts
from tests.ops.prometheus import Prometheus, questions
from tests.support.console import Console
from tests.support.server import PROGRAM

PACE = "4"  # percent of what people take


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Prometheus]:
    """Yield a Prometheus that scrapes a floor where people do everything, fast."""
    words = ("serve", "--demo", "--port", "0", "--pace", PACE)
    with Console(tmp_path, "demo", *PROGRAM, *words) as demo:
        target = demo.until(r"Metrics +http://(\S+)/metrics")[1]
        with Prometheus(tmp_path, target) as prometheus:
            yield prometheus


def test_every_panel_and_alert_has_data(prometheus: Prometheus) -> None:
    """A panel that stays empty on a busy floor is one that says nothing when it matters.

    Of an alert, what it compares must have a value: then it fires when that is too much.
    """
    silent = prometheus.silent(questions())

    assert silent == {}
    assert set(alerts()) == set(prometheus.health())
    assert set(prometheus.health().values()) == {"ok"}

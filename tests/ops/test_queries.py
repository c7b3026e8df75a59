"""Dashboards and alerts ask for what the product really exports, in words Prometheus reads."""

import json
import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from ops.board import FOLDER, Dashboard
from ops.dashboards import DASHBOARDS
from ops.queries import JOB
from ops.reference import metrics
from tests.ops.alerts import alerts, promtool

NAME = re.compile(r"\b((?:frontdesk|process)_\w+)(\{[^}]*\})?")
MATCHER = re.compile(r'(\w+) ?(?:=~|!=|!~|=)"')
BY = re.compile(r"by \(([\w, ]+)\)")
OF_THE_CLIENT_LIBRARY = {
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
}
FROM_OUTSIDE = {"namespace", "job", "instance", "exported_namespace", "le"}
"""Labels that Prometheus adds or renames, and that buckets have."""


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """What a panel asks."""

    expr: str
    legend_format: str


class Place(msgspec.Struct, frozen=True):
    """Where a panel is."""

    x: int
    y: int
    w: int
    h: int


class Field(msgspec.Struct, frozen=True):
    """How a panel's numbers are shown."""

    unit: str


class Fields(msgspec.Struct, frozen=True):
    """As `Field`."""

    defaults: Field


class Panel(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of a panel; a row of panels has no targets."""

    id: int
    type: str
    title: str
    grid_pos: Place
    targets: tuple[Target, ...] = ()
    description: str = ""
    field_config: Fields | None = None
    datasource: dict[str, str] = {}


class Variable(msgspec.Struct, frozen=True):
    """What can be chosen."""

    name: str
    type: str


class Variables(msgspec.Struct, frozen=True):
    """As `Variable`."""

    list: tuple[Variable, ...]


class Board(msgspec.Struct, frozen=True):
    """What is read of a dashboard."""

    uid: str
    title: str
    templating: Variables
    panels: tuple[Panel, ...]


def boards() -> list[Board]:
    """Every dashboard of the chart."""
    files = sorted(FOLDER.glob("*.json"))
    return [msgspec.json.decode(file.read_bytes(), type=Board) for file in files]


@cache
def asked() -> dict[str, str]:
    """Every query of a panel, by where it stands."""
    return {
        f"{board.uid}/{panel.title}/{number}": target.expr
        for board in boards()
        for panel in board.panels
        for number, target in enumerate(panel.targets)
    }


def filled(expr: str, *, interval: str, span: str) -> str:
    """A query as Grafana sends it when everything is chosen."""
    expr = expr.replace("$__rate_interval", interval).replace("$__range", span)
    return re.sub(r"\$\w+", ".*", expr)


def unknown(expr: str) -> list[str]:
    """The metrics and labels in a query that nothing exports, each label looked up at its metric.

    What a query groups by must stand at the metric that follows.
    """
    found = {name: metric.labels for metric in metrics().values() for name in metric.series}
    found |= dict.fromkeys(OF_THE_CLIENT_LIBRARY, ())
    wrong: list[str] = []
    for name, matchers in NAME.findall(expr):
        allowed = FROM_OUTSIDE.union(found.get(name, ()))
        wrong += () if name in found else (name,)
        wrong += (label for label in MATCHER.findall(matchers) if label not in allowed)
    for group in BY.finditer(expr):
        of = NAME.search(expr, group.end())
        allowed = FROM_OUTSIDE.union(found.get(of[1], ()) if of else ())
        wrong += (label for label in group[1].split(", ") if label not in allowed)
    return wrong


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda board: board.uid)
def test_the_chart_has_the_dashboards_as_they_are_described(dashboard: Dashboard) -> None:
    """A change by hand would be lost the next time they are written."""
    assert dashboard.file.read_text(encoding="utf-8") == dashboard.written(), "./dev docs"


def test_the_chart_has_no_other_dashboards() -> None:
    """What nobody writes any more would stay for ever."""
    assert {file.name for file in FOLDER.iterdir()} == {each.file.name for each in DASHBOARDS}


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.uid)
def test_a_dashboard_can_be_imported_and_read_anywhere(board: Board) -> None:
    """Links name the uid; the data source and the tenant are another at every house."""
    panels = [panel for panel in board.panels if panel.type != "row"]
    places = [
        (x, y)
        for panel in board.panels
        for x in range(panel.grid_pos.x, panel.grid_pos.x + panel.grid_pos.w)
        for y in range(panel.grid_pos.y, panel.grid_pos.y + panel.grid_pos.h)
    ]

    assert board.uid.startswith("frontdesk-")
    assert [each.name for each in board.templating.list][:4] == [
        "datasource",
        "namespace",
        "job",
        "tenant",
    ]
    assert len({panel.id for panel in board.panels}) == len(board.panels)
    assert len(set(places)) == len(places), "panels overlap"
    assert max(x for x, _ in places) < 24
    assert all(panel.description and panel.targets for panel in panels)
    assert all(panel.field_config and panel.field_config.defaults.unit for panel in panels)
    assert all(panel.datasource["uid"] == "${datasource}" for panel in panels)


@pytest.mark.parametrize("where", list(asked()))
def test_every_panel_asks_for_the_releases_that_were_chosen(where: str) -> None:
    """Two in one Prometheus would be added up, and one hide the other."""
    assert [inside for _, inside in NAME.findall(asked()[where]) if JOB not in inside] == []


@pytest.mark.parametrize("where", list(asked()))
def test_every_panel_asks_for_what_is_exported(where: str) -> None:
    """A panel of a metric that was renamed stays empty, and nobody notices until it is needed."""
    expr = asked()[where]

    assert unknown(expr) == []
    assert all(span in {"$__rate_interval", "$__range"} for span in re.findall(r"\[(.*?)\]", expr))


@pytest.mark.parametrize("name", list(alerts()))
def test_every_alert_asks_for_what_is_exported(name: str) -> None:
    """An alert of a metric that was renamed never fires."""
    assert unknown(alerts()[name].expr) == []
    assert NAME.search(alerts()[name].expr)


@pytest.mark.parametrize(
    "expr",
    [
        "frontdesk_no_such_total",
        'frontdesk_agents{queue="support"}',
        "sum by (colour) (frontdesk_agents)",
        'sum(frontdesk_sockets{tenant="shop"})',
        "sum by (tenant) (frontdesk_agents) + sum by (tenant) (frontdesk_sockets)",
        "rate(frontdesk_wait_seconds[5m])",
    ],
)
def test_what_nobody_exports_is_noticed(expr: str) -> None:
    """A search that finds nothing proves something only if it can find what it looks for."""
    assert unknown(expr) != []


def test_prometheus_reads_every_panel(tmp_path: Path) -> None:
    """As rules, because that is what promtool checks."""
    rules = [
        {"record": f"panel:{number}", "expr": filled(expr, interval="5m", span="3h")}
        for number, expr in enumerate(asked().values())
    ]
    file = tmp_path / "panels.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    verdict = promtool("check", "rules", file)

    assert verdict.is_fine, verdict.words
    assert len(rules) > 60

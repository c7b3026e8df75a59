"""Panels of Grafana dashboards, from what is asked and in which unit."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

Json: TypeAlias = "str | float | bool | Sequence[Json] | dict[str, Json] | None"
Unit = Literal["short", "s", "percentunit", "reqps", "ops", "bytes"]  # ids of Grafana's units

WIDTH = 24
"""Columns of a dashboard."""

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}


class Query(NamedTuple):
    """What a panel asks, and what a line of its answer is called."""

    expr: str
    legend: str = ""


class Panel(NamedTuple):
    """One panel.

    Attributes:
        says: What it tells, and what to do about it.
        bad_from: From here on it is shown as bad; bad below where `is_less_worse`.
        is_stacked: Lines add up to something.
    """

    title: str
    unit: Unit
    queries: tuple[Query, ...]
    says: str
    type: Literal["stat", "timeseries"] = "timeseries"
    width: int = 8
    height: int = 8
    bad_from: float | None = None
    is_less_worse: bool = False
    is_stacked: bool = False


class Row(NamedTuple):
    """Panels that belong together, side by side."""

    title: str
    panels: tuple[Panel, ...]


def laid_out(rows: Sequence[Row]) -> list[Json]:
    """The panels of a dashboard, each at its place, with ids by order."""
    laid: list[Json] = []
    top = 0
    for row in rows:
        laid.append(_title(row.title, number=len(laid) + 1, top=top))
        top += 1
        left = tallest = 0
        for panel in row.panels:
            if left + panel.width > WIDTH:
                top, left, tallest = top + tallest, 0, 0
            place: Json = {"x": left, "y": top, "w": panel.width, "h": panel.height}
            laid.append(_panel(panel, number=len(laid) + 1, place=place))
            left += panel.width
            tallest = max(tallest, panel.height)
        top += tallest
    return laid


def _title(title: str, *, number: int, top: int) -> Json:
    return {
        "id": number,
        "type": "row",
        "title": title,
        "collapsed": False,
        "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1},
        "panels": [],
    }


def _panel(panel: Panel, *, number: int, place: Json) -> Json:
    return {
        "id": number,
        "type": panel.type,
        "title": panel.title,
        "description": panel.says,
        "datasource": DATASOURCE,
        "gridPos": place,
        "targets": [_target(query, index) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
        "options": _stat_options() if panel.type == "stat" else _line_options(),
    }


def _target(query: Query, index: int) -> Json:
    return {
        "refId": chr(ord("A") + index),
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "range": True,
    }


def _field(panel: Panel) -> Json:
    field: dict[str, Json] = {
        "unit": panel.unit,
        "min": 0,
        "color": {"mode": "thresholds" if panel.type == "stat" else "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": _steps(panel)},
    }
    if panel.type == "timeseries":
        field["custom"] = {
            "lineWidth": 1,
            "fillOpacity": 30 if panel.is_stacked else 8,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.is_stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "off" if panel.bad_from is None else "dashed"},
        }
    return field


def _steps(panel: Panel) -> Json:
    good, bad = ("red", "green") if panel.is_less_worse else ("green", "red")
    steps: list[Json] = [{"color": good, "value": None}]
    if panel.bad_from is not None:
        steps.append({"color": bad, "value": panel.bad_from})
    elif panel.type == "stat":
        steps = [{"color": "text", "value": None}]
    return steps


def _stat_options() -> Json:
    return {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area",
        "textMode": "auto",
    }


def _line_options() -> Json:
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }

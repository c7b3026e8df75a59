"""A dashboard as Grafana imports it: its rows of panels, and what can be chosen."""

import json
from pathlib import Path
from typing import NamedTuple

from ops.panels import DATASOURCE, Json, Row, laid_out
from ops.queries import JOB, NAMESPACE, TENANT

FOLDER = Path(__file__).parents[1] / "helm" / "frontdesk" / "dashboards"


class Dashboard(NamedTuple):
    """One dashboard.

    Attributes:
        uid: Links and bookmarks name it, so it stays for good.
        variables: What can be chosen beside the data source, the namespace, the job and the tenant.
    """

    uid: str
    title: str
    rows: tuple[Row, ...]
    variables: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """Where the chart takes it from."""
        return FOLDER / f"{self.uid.removeprefix('frontdesk-')}.json"

    def written(self) -> str:
        """What Grafana imports."""
        names = ("namespace", "job", "tenant", *self.variables)
        board: Json = {
            "uid": self.uid,
            "title": self.title,
            "tags": ["frontdesk"],
            "schemaVersion": 39,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-3h", "to": "now"},
            "timezone": "browser",
            "links": [_others()],
            "templating": {"list": [_datasource(), *(_variable(name) for name in names)]},
            "panels": laid_out(self.rows),
        }
        return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def _others() -> Json:
    return {
        "type": "dashboards",
        "title": "Frontdesk",
        "tags": ["frontdesk"],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
    }


def _datasource() -> Json:
    return {
        "name": "datasource",
        "type": "datasource",
        "label": "Data source",
        "query": "prometheus",
    }


def _variable(name: str) -> Json:
    chosen = {"namespace": "", "job": NAMESPACE, "tenant": JOB}.get(name, f"{JOB},{TENANT}")
    return {
        "name": name,
        "type": "query",
        "label": name.capitalize(),
        "datasource": DATASOURCE,
        "query": f"label_values(frontdesk_contacts_waiting{{{chosen}}}, {name})",
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }

"""Writes what pages say of metrics again from the code; `./dev docs` runs it.

A row stands where it was put by hand; what is in it comes from the declaration. New metrics come
last.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
METRICS_PAGE = ROOT / "docs" / "metrics.md"
TYPES = {"Counter": "counter", "Gauge": "gauge", "Histogram": "histogram"}
ROW = re.compile(r"^\| `(frontdesk_\w+)` \|.*\|$", re.MULTILINE)


class Metric(NamedTuple):
    """A metric as somebody who scrapes it knows it."""

    name: str
    type: str
    labels: tuple[str, ...]
    meaning: str

    @property
    def row(self) -> str:
        """Its row of the page."""
        labels = ", ".join(f"`{label}`" for label in self.labels)
        return f"| `{self.name}` | {self.type} | {labels} | {self.meaning} |".replace("|  |", "| |")

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which it is scraped."""
        if self.type != "histogram":
            return (self.name,)
        return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))


@cache
def metrics() -> dict[str, Metric]:
    """Every metric of the product, by reading its declarations."""
    found: dict[str, Metric] = {}
    for module in sorted((ROOT / "router").glob("*/metrics.py")):
        for metric in declared(module.read_text(encoding="utf-8")):
            assert metric.name not in found, f"{metric.name} is declared twice"
            found[metric.name] = metric
    return found


def declared(source: str) -> Iterator[Metric]:
    """Yield the metrics that a module declares."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id=kind),
                args=[ast.Constant(value=str(name)), ast.Constant(value=str(meaning)), *rest],
            ) if kind in TYPES:
                total = "_total" if kind == "Counter" else ""
                yield Metric(name + total, TYPES[kind], _labels(node, rest), meaning)
            case _:
                pass


def _labels(call: ast.Call, rest: list[ast.expr]) -> tuple[str, ...]:
    """The labels of a declaration: its third argument or the one of that name."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "labelnames"]
    labels = (*named, *rest)
    return tuple(ast.literal_eval(labels[0])) if labels else ()


def metrics_page(page: str) -> str:
    """The page as the code has it: rows of what is gone are left out, new ones come last."""
    known = metrics()
    placed = set(ROW.findall(page))
    lines: list[str] = []
    for line in page.splitlines():
        row = ROW.fullmatch(line)
        if row is None:
            lines.append(line)
        elif row[1] in known:
            lines.append(known[row[1]].row)
    last = max(index for index, line in enumerate(lines) if ROW.fullmatch(line))
    new = [metric.row for name, metric in known.items() if name not in placed]
    return "\n".join([*lines[: last + 1], *new, *lines[last + 1 :]]) + "\n"


def main() -> None:
    """Write the pages again."""
    METRICS_PAGE.write_text(metrics_page(METRICS_PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Writes the table of values in the README of the chart from `values.yaml`; `./dev docs` runs it.

A comment above a key describes it, and one that has keys below it, all of them at once.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import yaml

CHART = Path(__file__).parents[1] / "helm" / "frontdesk"
README = CHART / "README.md"
BEGIN, END = "<!-- values: made by ./dev docs -->\n", "<!-- end of values -->\n"


class Value(NamedTuple):
    """One row: a key of `values.yaml`, by all that lead to it."""

    path: str
    default: str
    about: str


def rows(text: str) -> Iterator[Value]:
    """Yield what `values.yaml` says, in its order."""
    root = yaml.compose(text, yaml.SafeLoader)

    assert isinstance(root, yaml.MappingNode)
    yield from _rows(root, _keys(yaml.safe_load(text)), text.splitlines(), prefix="")


def page(readme: str, values: str) -> str:
    """Return the README with the table as it should be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = ["| key | default | what it does |", "|---|---|---|"]
    table += [f"| `{row.path}` | {row.default} | {row.about} |" for row in rows(values)]
    return before + BEGIN + "\n" + "\n".join(table) + "\n\n" + END + after


def _rows(
    node: yaml.MappingNode, plain: dict[str, object], lines: list[str], *, prefix: str
) -> Iterator[Value]:
    for key, value in node.value:
        name, about = str(key.value), _comment(lines, key.start_mark.line)
        path = prefix + name
        if isinstance(value, yaml.MappingNode) and value.value and not about:
            yield from _rows(value, _keys(plain[name]), lines, prefix=f"{path}.")
        else:
            yield Value(path, _default(plain[name]), about)


def _keys(value: object) -> dict[str, object]:
    return msgspec.convert(value, dict[str, object])


def _comment(lines: list[str], line: int) -> str:
    words: list[str] = []
    while line > 0 and lines[line - 1].lstrip().startswith("# "):
        line -= 1
        words.insert(0, lines[line].lstrip().removeprefix("# "))
    return " ".join(words)


def _default(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "see `values.yaml`" if len(text) > 60 else f"`{text}`"


if __name__ == "__main__":
    README.write_text(page(README.read_text(), (CHART / "values.yaml").read_text()))
    sys.stdout.write(f"written: {README}\n")

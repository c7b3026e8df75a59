"""Makes the table of values in the README of the chart: `python -m tests.ops.values_page`."""

import json
import sys
from collections.abc import Iterator

import msgspec
import yaml

from tests.ops.helm import CHART, SaidTwice, documents, mapping

README = CHART / "README.md"
BEGIN, END = (
    "<!-- values: made by `python -m tests.ops.values_page` -->\n",
    "<!-- end of values -->\n",
)


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One row: a key of `values.yaml` that has no keys of ours below it."""

    path: str
    default: str
    about: str


def rows(text: str) -> Iterator[Value]:
    """Yield what `values.yaml` says; a comment above a key describes it."""
    root = yaml.compose(text, SaidTwice)
    [plain] = documents(text)

    assert isinstance(root, yaml.MappingNode)
    yield from _rows(root, mapping(plain), text.splitlines(), prefix="")


def page(readme: str, values: str) -> str:
    """Return the README with the table as it should be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = ["| key | default | what it does |", "|---|---|---|"]
    table += [f"| `{row.path}` | {row.default} | {row.about} |" for row in rows(values)]
    return before + BEGIN + "\n" + "\n".join(table) + "\n\n" + END + after


def paths(schema: object, prefix: str = "") -> Iterator[str]:
    """Yield the paths that `values.schema.json` lets be set, as far as it names them."""
    inside = mapping(schema)
    properties = mapping(inside.get("properties", {}))
    if not properties:
        yield prefix
    for key, each in properties.items():
        yield from paths(each, f"{prefix}.{key}" if prefix else key)


def _rows(
    node: yaml.MappingNode, plain: dict[str, object], lines: list[str], *, prefix: str
) -> Iterator[Value]:
    for key, value in node.value:
        name, about = str(key.value), _comment(lines, key.start_mark.line)
        path = prefix + name
        if isinstance(value, yaml.MappingNode) and value.value and not about:
            yield from _rows(value, mapping(plain[name]), lines, prefix=f"{path}.")
        else:
            yield Value(path=path, default=_default(plain[name]), about=about)


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

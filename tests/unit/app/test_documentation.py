"""The page about the configuration tells the truth about every key."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from router.app.rules import NUMBERS, TEXTS
from router.app.sections import Document
from router.kernel.configuration import Hours, MaskingKind, MaskingRule

PAGE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


def table_kind(field: inspect.Field) -> inspect.StructType:
    """Return what one table of a section holds."""
    kind = field.type.item_type if isinstance(field.type, inspect.VarTupleType) else field.type
    assert isinstance(kind, inspect.StructType)
    return kind


def kind_of(table: type[msgspec.Struct]) -> inspect.StructType:
    """Return the keys of a struct."""
    kind = inspect.type_info(table)
    assert isinstance(kind, inspect.StructType)
    return kind


SECTIONS = {field.encode_name: field for field in kind_of(Document).fields}


def rows(section: str) -> dict[str, tuple[str, str]]:
    """Return the default and the values the page gives for each key of a section."""
    field = SECTIONS[section]
    title = f"[[{section}]]" if isinstance(field.type, inspect.VarTupleType) else f"[{section}]"
    _, _, after = PAGE.partition(f"\n## `{title}`\n")
    return {
        key: (default, values)
        for key, default, values, _ in ROW.findall(after.split("\n## ")[0].split("\n### ")[0])
    }


NESTED: dict[str, type[msgspec.Struct]] = {"Kinds": MaskingKind, "Rules": MaskingRule}
"""Tables inside of tables, by their headings."""


@pytest.mark.parametrize("heading", NESTED)
def test_every_key_of_a_table_in_a_table_is_on_the_page(heading: str) -> None:
    """As for the tables themselves."""
    _, _, after = PAGE.partition(f"\n### {heading}\n")
    told = {
        key: (default, values) for key, default, values, _ in ROW.findall(after.split("\n#")[0])
    }

    assert {key: default for key, (default, _) in told.items()} == {
        field.encode_name: default_in_toml(field) for field in kind_of(NESTED[heading]).fields
    }
    for field in kind_of(NESTED[heading]).fields:
        if isinstance(field.type, inspect.IntType):
            bounds = NUMBERS[field.encode_name]

            assert told[field.encode_name][1] == f"{bounds.least}–{bounds.most}"


def default_in_toml(field: inspect.Field) -> str:
    """Return the default as the page writes it."""
    if field.required:
        return "required"
    if field.encode_name == "name":
        return "the id"
    if field.default_factory is not msgspec.NODEFAULT or isinstance(field.default, msgspec.Struct):
        return "`{}`"
    return f"`{json.dumps(field.default)}`"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_on_the_page_with_its_default(section: str) -> None:
    """A key nobody documents is a key nobody uses; a wrong default misleads everyone."""
    told = {key: default for key, (default, _) in rows(section).items()}

    assert told == {
        field.encode_name: default_in_toml(field) for field in table_kind(SECTIONS[section]).fields
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_is_on_the_page_with_its_bounds(section: str) -> None:
    """Bounds are read before a value is chosen, not after it was refused."""
    for field in table_kind(SECTIONS[section]).fields:
        if isinstance(field.type, inspect.IntType):
            bounds = NUMBERS[field.encode_name]
            zero = f", 0: {bounds.zero}" if bounds.zero else ""

            assert rows(section)[field.encode_name][1] == f"{bounds.least}–{bounds.most}{zero}"


def test_every_number_and_text_has_a_rule() -> None:
    """A key without one would be found missing by an operator's start-up."""
    kinds = [table_kind(field) for field in SECTIONS.values()] + [kind_of(Hours)]
    kinds += [kind_of(table) for table in NESTED.values()]
    for field in (field for kind in kinds for field in kind.fields):
        inner = field.type.item_type if isinstance(field.type, inspect.VarTupleType) else field.type

        assert not isinstance(inner, inspect.IntType) or field.encode_name in NUMBERS
        assert not isinstance(inner, inspect.StrType) or field.encode_name in TEXTS

"""The page about the configuration is what the structs of the file say."""

import re

import pytest
from msgspec import inspect

from ops.keys import PAGE, Place, default, keys, page, tables
from router.app.config import SECRETS
from router.app.rules import NUMBERS
from router.app.sections import Document
from router.hub.schema import fields_of

TEXT = PAGE.read_text(encoding="utf-8")
MARK = re.compile(r"<!-- keys of (\w+): ")
SECTIONS = {key.name: key.field.type for key in keys(Place(Document, ()))}


def test_the_page_is_what_the_structs_say() -> None:
    """A key nobody documents is a key nobody uses; a wrong default or bound misleads everyone."""
    assert page(TEXT) == TEXT, "write it again: ./dev docs"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("| `capacity` | `3` |", "| `capacity` | `4` |"),
        ("| 1–10000 | Contacts at one time;", "| 1–9999 | Contacts at one time;"),
        ("| `capacity` |", "| `capacities` |"),
        ("Higher is served first.", "Lower is served first."),
    ],
)
def test_a_page_that_is_behind_is_noticed(right: str, wrong: str) -> None:
    """A comparison that always holds proves nothing."""
    behind = TEXT.replace(right, wrong)

    assert behind != TEXT
    assert page(behind) == TEXT


def test_every_table_is_on_the_page_once_and_under_its_name() -> None:
    """A table without a place is written nowhere, and a section is looked up by its name."""
    assert sorted(MARK.findall(TEXT)) == sorted(tables())
    for name, section in SECTIONS.items():
        kind, heading = section, f"\n## `[{name}]`\n"
        if isinstance(section, inspect.VarTupleType):
            kind, heading = section.item_type, f"\n## `[[{name}]]`\n"
        _, _, after = TEXT.partition(heading)

        assert isinstance(kind, inspect.StructType)
        assert MARK.findall(after)[0] == kind.cls.__name__, name


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_key_says_what_it_does_in_a_sentence(name: str) -> None:
    """Beside its field it is read by who changes it; on the page by who sets it."""
    place = tables()[name]
    told = fields_of(place.kind)

    assert [key.name for key in keys(place) if not told.get(key.field.name, "").endswith(".")] == []


def test_what_the_tables_are_made_of_is_read_right() -> None:
    """Every default and every bound comes from two functions and a table of numbers."""
    found = {f"{name}.{key.name}": key for name, place in tables().items() for key in keys(place)}

    assert default(found["Queue.id"].field) == "required"
    assert default(found["Queue.name"].field) == "the id"
    assert default(found["Queue.skills"].field) == "`{}`"
    assert default(found["EntryPoint.allowed_origins"].field) == '`["*"]`'
    assert NUMBERS.keys() <= {key.name for key in found.values()}


def test_every_variable_with_a_secret_is_on_the_page() -> None:
    """Who keeps secrets out of files must find where else they may be."""
    for variable, section, key in SECRETS:
        assert f"| `{variable}` | `{section}.{key}` |" in TEXT

"""Writes the tables of keys in the page about the configuration; `./dev docs` runs it.

The structs say which keys there are, their types and defaults, and in their docstrings what each
does; `router.app.rules` says which values are allowed.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, get_args, get_type_hints

import msgspec
from msgspec import inspect

from router.app import rules
from router.app.mistakes import Fault
from router.app.sections import Document
from router.hub.schema import fields_of
from router.kernel.configuration import MaskingTable
from router.kernel.ids import CodeId, QueueId

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
TABLE = re.compile(r"(<!-- keys of (\w+): made by \./dev docs -->\n\n)(?:\|.*\n)*")
HEAD = ("| key | default | values | what it does |", "|---|---|---|---|")

WORDS: Mapping[Callable[[str], Fault | None], str] = {
    rules.id_fault: "an id",
    rules.agent_id_fault: "an agent's id",
    rules.name_fault: "a name",
    rules.secret_fault: f"{rules.SECRET_LENGTH_MIN} characters or more",
    rules.keys_fault: "an `https` address, or `http` to this machine",
    rules.seal_key_fault: "32 bytes in URL-safe base64",
    rules.message_fault: "a text",
    rules.template_fault: "a text",
    rules.pattern_fault: f"a regex, up to {rules.PATTERN_LENGTH} characters",
}
"""What a rule lets through, in the words of the page."""

SEVERAL: Mapping[Callable[[str], Fault | None], str] = {
    rules.origin_fault: 'origins, or `"*"` for any',
    rules.pattern_fault: f"regexes, each up to {rules.PATTERN_LENGTH} characters",
    rules.seal_key_fault: "each 32 bytes in URL-safe base64",
}
"""The same where a key takes a list."""

REFERENCES: Mapping[object, str] = {
    QueueId: "a queue's id",
    tuple[QueueId, ...]: "queues' ids",
    CodeId: "a wrap-up code's id",
}
"""What names something in another table, by the type of the field."""

CHECKED_AS_A_WHOLE = {
    "days": "days of the week",
    "from": '`"00:00"`–`"23:59"`',
    "to": '`"00:01"`–`"24:00"`',
    "zone": "a time zone's name",
}
"""Values whose rule is about several of them: opening hours."""

SAID_ELSEWHERE = {MaskingTable}
"""A table whose keys are those of another, about which the page has a sentence."""


class Place(NamedTuple):
    """A table of the file.

    Attributes:
        keys: Those of the tables it stands in, and its own.
    """

    kind: type[msgspec.Struct]
    keys: tuple[str, ...]


class Key(NamedTuple):
    """A key of a table.

    Attributes:
        hint: The type as it is written, with what ids are ids of.
    """

    field: inspect.Field
    place: Place
    hint: object

    @property
    def name(self) -> str:
        """What is written in the file."""
        return self.field.encode_name

    @property
    def rule(self) -> Callable[[str], Fault | None]:
        """What a text is held to: by all of its keys, or by the last."""
        return rules.TEXTS.get(".".join([*self.place.keys, self.name])) or rules.TEXTS[self.name]


def page(text: str) -> str:
    """The page with each table as the structs have it."""
    known = tables()
    return TABLE.sub(lambda found: found[1] + table(known[found[2]]), text)


def tables() -> dict[str, Place]:
    """Every table of the file with keys of its own, by the name of its struct."""
    found = list(_below(Place(Document, ())))
    return {place.kind.__name__: place for place in found if place.kind not in SAID_ELSEWHERE}


def keys(place: Place) -> list[Key]:
    """The keys of a table, in its order."""
    hints = get_type_hints(place.kind)
    return [Key(field, place, hints[field.name]) for field in _fields(place.kind)]


def table(place: Place) -> str:
    """The rows of a table."""
    told = fields_of(place.kind)
    rows = [_row(key, default(key.field), values(key), told[key.field.name]) for key in keys(place)]
    return "\n".join([*HEAD, *rows]) + "\n"


def default(field: inspect.Field) -> str:
    """A default as it would be written."""
    if field.required:
        return "required"
    if field.encode_name == "name":
        return "the id"
    if field.default_factory is not msgspec.NODEFAULT or isinstance(field.default, msgspec.Struct):
        return "`{}`"
    return f"`{json.dumps(field.default)}`"


def values(key: Key) -> str:
    """What a key may be."""
    match key.field.type:
        case inspect.IntType():
            return _bounds(rules.NUMBERS[key.name])
        case inspect.BoolType():
            return "`true`, `false`"
        case inspect.LiteralType():
            return _listed(get_args(key.hint))
        case inspect.VarTupleType(item_type=inspect.LiteralType()):
            return "of " + _listed(get_args(get_args(key.hint)[0]))
        case inspect.DictType(value_type=inspect.IntType()):
            return f"levels {_bounds(rules.NUMBERS[key.name])}"
        case inspect.StrType():
            return _said(key, WORDS)
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return _said(key, SEVERAL)
        case _:
            return "see below"


def _said(key: Key, words: Mapping[Callable[[str], Fault | None], str]) -> str:
    if key.rule is not rules.any_text:
        return words[key.rule]
    return CHECKED_AS_A_WHOLE.get(key.name) or REFERENCES[key.hint]


def _bounds(bounds: rules.Bounds) -> str:
    zero = f", 0: {bounds.zero}" if bounds.zero else ""
    return f"{bounds.least}–{bounds.most}{zero}"


def _listed(choices: tuple[str, ...]) -> str:
    return ", ".join(f"`{choice}`" for choice in choices if choice)


def _row(key: Key, *cells: str) -> str:
    others = (cell.replace("|", "\\|") for cell in cells)
    return "| " + " | ".join([f"`{key.name}`", *others]) + " |"


def _fields(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _below(place: Place) -> Iterator[Place]:
    """Every table that stands in another, as deep as they go."""
    for field in _fields(place.kind):
        match field.type:
            case (
                inspect.StructType(cls=kind)
                | inspect.VarTupleType(item_type=inspect.StructType(cls=kind))
                | inspect.DictType(value_type=inspect.StructType(cls=kind))
            ):
                found = Place(kind, (*place.keys, field.encode_name))
                yield found
                yield from _below(found)
            case _:
                pass


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")

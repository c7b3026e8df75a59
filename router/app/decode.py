"""Turns TOML tables into structs and notes every mistake on the way instead of the first.

The structs say which keys there are, their types and defaults; `router.app.rules` says which
values are allowed. A value that cannot be used is replaced by its default, or by an empty one where
it is required, so that what refers to other tables can still be checked in the same run; nothing
made beside a mistake may be kept.
"""

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, TypeVar, cast

import msgspec
from msgspec import inspect

from router.app.mistakes import Fault, Mistake, inside, listed, quoted
from router.app.rules import NUMBERS, TEXTS, skill_fault

INDEX = re.compile(r"\[[0-9]+\]")
WORDS_LISTED = 12  # as many as a line of a terminal shows

StructT = TypeVar("StructT", bound=msgspec.Struct)


def decode(table: type[StructT], value: dict[str, object]) -> tuple[StructT, list[Mistake]]:
    """Return the struct a TOML table makes, and what is wrong with the table."""
    reader = _Reader()
    kind = inspect.type_info(table)
    assert isinstance(kind, inspect.StructType), "only structs are tables"
    return cast("StructT", reader.table(kind, value, "")), reader.mistakes


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return a hint: the known word that looks like this one, or else the first few of all."""
    close = closest(word, known)
    if close is not None:
        return f"did you mean {quoted(close)}?"
    some = sorted(known)[:WORDS_LISTED]
    if not some:
        return "there is none yet"
    return f"one of {listed(some)}" + (", …" if len(known) > len(some) else "")


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like this one, if any does."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1)), None)


class _Place(NamedTuple):
    """Where a value stands, and the key whose rule it follows."""

    path: str
    key: str

    @property
    def in_file(self) -> str:
        """Its key after those of the tables it is in, for what has a rule of its own there."""
        return INDEX.sub("", self.path)

    def item(self, index: int) -> "_Place":
        """Return the place of one item; it follows the rule of its array."""
        return _Place(f"{self.path}[{index}]", self.key)


class _Reader:
    """One walk through one document."""

    def __init__(self) -> None:
        """Begin without mistakes."""
        self.mistakes: list[Mistake] = []

    def table(self, kind: inspect.StructType, value: dict[str, object], path: str) -> object:
        """Return the struct with every usable value of the table; a name left out is the id."""
        fields = {field.encode_name: field for field in kind.fields}
        for key in value:
            if key not in fields:
                self._note(Fault("unknown key", did_you_mean(key, fields)), inside(path, key))
        read = {
            field.name: self._field(field, value, path)
            for key, field in fields.items()
            if key in value or field.required
        }
        made = {name: value for name, value in read.items() if value is not msgspec.UNSET}
        if {"id", "name"} <= fields.keys() and not made.get("name"):
            made["name"] = made["id"]
        return kind.cls(**made)

    def _field(self, field: inspect.Field, table: dict[str, object], path: str) -> object:
        place = _Place(inside(path, field.encode_name), field.encode_name)
        if field.encode_name not in table:
            self._note(Fault("missing", f"required: {_wanted(field.type)}"), place.path)
            return _placeholder(field.type)
        value = table[field.encode_name]
        if not field.required and value == field.default and type(value) is type(field.default):
            return value
        if field.required:
            return self._usable(field.type, value, place)
        return self._value(field.type, value, place)

    def _usable(self, kind: inspect.Type, value: object, place: _Place) -> object:
        made = self._value(kind, value, place)
        return _placeholder(kind) if made is msgspec.UNSET else made

    def _value(self, kind: inspect.Type, value: object, place: _Place) -> object:
        """Return the value as its struct has it, or `UNSET` where the type is wrong."""
        match kind, value:
            case inspect.StructType(), dict():
                return self.table(kind, cast("dict[str, object]", value), place.path)
            case inspect.VarTupleType(), list():
                return self._items(kind.item_type, cast("list[object]", value), place)
            case inspect.DictType(value_type=inspect.StructType() as entry), dict():
                return self._tables(entry, cast("dict[str, object]", value), place.path)
            case inspect.DictType(), dict():
                return self._levels(cast("dict[str, object]", value), place.path)
            case inspect.LiteralType(), str():
                return self._choice(kind, value, place.path)
            case inspect.StrType(), str():
                rule = TEXTS.get(place.in_file) or TEXTS[place.key]
                return self._checked(value, rule(value), place.path)
            case inspect.BoolType(), bool():
                return value
            case inspect.IntType(), int() if not isinstance(value, bool):
                return self._checked(value, NUMBERS[place.key].fault(value), place.path)
            case _:
                self._note(_wrong_type(kind, value, place), place.path)
                return msgspec.UNSET

    def _items(self, kind: inspect.Type, values: list[object], place: _Place) -> tuple[object, ...]:
        for index, value in enumerate(values):
            if isinstance(value, str) and value in values[:index]:
                self._note(Fault("stands twice", "name it once"), place.item(index).path)
        return tuple(
            self._usable(kind, value, place.item(index)) for index, value in enumerate(values)
        )

    def _tables(
        self, kind: inspect.StructType, tables: dict[str, object], path: str
    ) -> dict[str, object]:
        return {
            key: self._usable(kind, table, _Place(inside(path, key), key))
            for key, table in tables.items()
        }

    def _levels(self, levels: dict[str, object], path: str) -> dict[str, int]:
        read: dict[str, int] = {}
        for skill, level in levels.items():
            place = _Place(inside(path, skill), "skills")
            self._checked(skill, skill_fault(skill), place.path)
            read[skill] = cast("int", self._usable(inspect.IntType(), level, place))
        return read

    def _choice(self, kind: inspect.LiteralType, value: str, path: str) -> object:
        choices = [str(choice) for choice in kind.values]
        if value in choices:
            return value
        self._note(Fault("not a known word", did_you_mean(value, choices)), path)
        return msgspec.UNSET

    def _checked(self, value: object, fault: Fault | None, path: str) -> object:
        if fault is not None:
            self._note(fault, path)
        return value

    def _note(self, fault: Fault, path: str) -> None:
        self.mistakes.append(fault.at(path))


def _placeholder(kind: inspect.Type) -> object:
    """Return a value of the right type for one that could not be read."""
    match kind:
        case inspect.StructType():
            return kind.cls(**dict(_required(kind)))
        case inspect.VarTupleType():
            return ()
        case inspect.DictType():
            return {}
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.BoolType():
            return False
        case inspect.IntType():
            return 0
        case _:
            return ""


def _required(kind: inspect.StructType) -> Iterator[tuple[str, object]]:
    return ((field.name, _placeholder(field.type)) for field in kind.fields if field.required)


def _wrong_type(kind: inspect.Type, value: object, place: _Place) -> Fault:
    given = _given(value)
    hint = f"give {_wanted(kind)}"
    match kind, value:
        case inspect.VarTupleType(item_type=inspect.StructType()), _ if place.path == place.key:
            hint = f"write [[{place.key}]], with two brackets on each side, before each one's keys"
        case inspect.StructType(), _ if place.path == place.key:
            hint = f"write [{place.key}], with one bracket on each side, before its keys"
        case inspect.StructType(fields=fields), _:
            hint = f"give a table: {{ {fields[0].encode_name} = … }}"
        case inspect.VarTupleType(), str():
            hint = "write it in brackets: an array"
        case ((inspect.IntType() | inspect.BoolType()), str()):
            hint = f"give {_wanted(kind)}, without quotes"
        case _:
            pass
    return Fault(f"must be {_wanted(kind)}, not {given}", hint)


def _wanted(kind: inspect.Type) -> str:
    match kind:
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.VarTupleType(item_type=inspect.StructType()):
            return "an array of tables"
        case inspect.VarTupleType():
            return "an array of strings"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number"
        case _:
            return "a string"


def _given(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a fraction"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "a table"
        case dt.date() | dt.time():
            return "a date or time"
        case _:
            raise AssertionError("TOML has no other types")

"""Holds what is sent against the contract: its structs, strictly, and the schemas made of them."""

from collections.abc import Mapping
from functools import cache
from typing import cast

import msgspec

from router.hub.contract import NAMESPACES, Namespace
from router.hub.errors import Refused, WireError
from router.hub.schema import Schema, schemas
from router.hub.shapes import Shape

BY_PATH: Mapping[str, Namespace] = {namespace.path: namespace for namespace in NAMESPACES}
KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}

published = cache(schemas)


def plain(value: object) -> object:
    """A value as a client reads it from the wire."""
    return msgspec.json.decode(msgspec.json.encode(value))


# -- what is told of the wire ----------------------------------------------------------------------


def event_mistakes(path: str, name: str, payload: object) -> list[str]:
    """Say what an event has that the contract does not, or lacks of it."""
    kind = BY_PATH[path].events.get(name)
    return ["no such event"] if kind is None else shape_mistakes(kind, payload)


def answer_mistakes(path: str, command: str, answer: Mapping[str, object]) -> list[str]:
    """Say what an ack has that the contract does not, or lacks of it; anybody may be refused."""
    if answer.get("ok") is not True:
        return shape_mistakes(Refused, answer)
    known = BY_PATH[path].commands.get(command)
    return ["no such command"] if known is None else shape_mistakes(known.answer, answer)


def refusal_mistakes(error: object) -> list[str]:
    """Say what the data of a refused connection has that the contract does not, or lacks of it."""
    return shape_mistakes(WireError, error)


def shape_mistakes(kind: type[Shape], payload: object) -> list[str]:
    """Say what a payload has that its struct does not describe, or lacks of it."""
    if not fits(published()[kind.__name__], payload):
        return [f"the schema {kind.__name__} does not fit"]
    try:
        read = msgspec.convert(payload, kind)
    except msgspec.ValidationError as error:
        return [f"not a {kind.__name__}: {error}"]
    if plain(read) != payload:
        return [f"not all of it is described by {kind.__name__}"]
    return []


# -- schemas ---------------------------------------------------------------------------------------


def fits(schema: Schema, value: object) -> bool:
    """Tell whether JSON is what a schema describes; unknown words are no part of ours."""
    if schema.ref:
        return fits(published()[schema.refers_to], value)
    if schema.enum:
        return any(type(value) is type(one) and value == one for one in schema.enum)
    if schema.all_of or schema.any_of:
        matches = [fits(each, value) for each in schema.all_of or schema.any_of]
        return all(matches) if schema.all_of else any(matches)
    if isinstance(value, bool) != (schema.type == "boolean"):
        return False
    if not isinstance(value, KINDS[schema.type]):
        return False
    match value:
        case dict():
            return _fits_object(schema, cast("dict[str, object]", value))
        case list():
            return _fits_array(schema, cast("list[object]", value))
        case str():
            return _is_between(len(value), schema.min_length, schema.max_length)
        case int() | float():
            return _is_between(value, schema.minimum, schema.maximum)
        case _:
            return True


def _fits_object(schema: Schema, value: Mapping[str, object]) -> bool:
    more = schema.additional_properties
    for name, member in value.items():
        field = schema.properties.get(name, more)
        if field is False or (isinstance(field, Schema) and not fits(field, member)):
            return False
    return set(schema.required) <= set(value)


def _fits_array(schema: Schema, value: list[object]) -> bool:
    if not _is_between(len(value), schema.min_items, schema.max_items):
        return False
    match schema.items:
        case Schema():
            return all(fits(schema.items, item) for item in value)
        case tuple():
            return all(map(fits, schema.items, value))
        case _:
            return schema.items is not False or not value


def _is_between(value: float, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)

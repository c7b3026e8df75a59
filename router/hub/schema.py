"""The JSON schemas of everything in the contract, made from the structs that read and write it.

They keep to what draft 7 and AsyncAPI both know. What a docstring says of a struct and of its
fields is their description.
"""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from router.hub import wire
from router.hub.contract import NAMESPACES
from router.hub.errors import Refused
from router.hub.shapes import Shape

PLACE = "#/components/schemas/"

_FIELD = re.compile(r"^    (\w+): ", re.MULTILINE)


class Schema(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename="camel",
    forbid_unknown_fields=True,
):
    """A JSON schema, with the words our structs need and no others."""

    ref: str = msgspec.field(name="$ref", default="")
    title: str = ""
    description: str = ""
    type: str = ""
    enum: tuple[str | bool, ...] = ()
    all_of: tuple["Schema", ...] = ()
    any_of: tuple["Schema", ...] = ()
    properties: dict[str, "Schema"] = {}
    required: tuple[str, ...] = ()
    additional_properties: "bool | Schema | None" = None
    items: "bool | Schema | tuple[Schema, ...] | None" = None
    prefix_items: tuple["Schema", ...] = ()
    additional_items: bool | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: object = UNSET

    @property
    def refers_to(self) -> str:
        """The name of the schema that stands elsewhere."""
        return self.ref.removeprefix(PLACE)


def schemas() -> dict[str, Schema]:
    """Every schema by the name of its struct, in the order of their names."""
    _, components = msgspec.json.schema_components(
        tuple(dict.fromkeys(_on_the_wire())), ref_template=PLACE + "{name}"
    )
    found = msgspec.convert(components, dict[str, Schema])
    roots: list[type[msgspec.Struct]] = [Shape, wire.Payload]
    roots += [namespace.auth for namespace in NAMESPACES]
    kinds = {kind.__name__: kind for root in roots for kind in _with_subclasses(root)}
    return {name: _finished(found[name], kinds.get(name)) for name in sorted(found)}


def head_of(kind: type[msgspec.Struct]) -> str:
    """What the docstring of a struct says of it as a whole."""
    return _read(kind.__doc__ or "")[0]


def fields_of(kind: type[msgspec.Struct]) -> Mapping[str, str]:
    """What docstrings say of fields, those of the structs it is made from included."""
    told: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        told.update(_read(each.__doc__ or "")[1])
    return told


def _on_the_wire() -> Iterator[type[msgspec.Struct]]:
    for namespace in NAMESPACES:
        yield namespace.auth
        yield from (command.payload for command in namespace.commands.values())
        yield from (command.answer for command in namespace.commands.values())
        yield from namespace.events.values()
    yield Refused


def _with_subclasses(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _with_subclasses(below)


def _finished(schema: Schema, kind: type[msgspec.Struct] | None) -> Schema:
    """A schema with its descriptions; of what the server sends, only `UNSET` is ever left out."""
    if kind is None:
        return schema
    told = fields_of(kind)
    properties = {
        name: _finished_field(field, told.get(name, ""))
        for name, field in schema.properties.items()
    }
    required = schema.required
    if issubclass(kind, Shape):
        optional = {
            field.encode_name for field in msgspec.structs.fields(kind) if field.default is UNSET
        }
        required = tuple(name for name in properties if name not in optional)
    return replace(schema, description=head_of(kind), properties=properties, required=required)


def _finished_field(schema: Schema, description: str) -> Schema:
    schema = _for_draft_7(schema)
    if schema.ref and (description or schema.default is not UNSET):  # beside `$ref` nothing counts
        alone = Schema(ref=schema.ref)
        return replace(schema, ref="", all_of=(alone,), description=description)
    return replace(schema, description=description)


def _for_draft_7(schema: Schema) -> Schema:
    """Say of a tuple what the newer word `prefixItems` says."""
    if schema.prefix_items:
        return replace(schema, prefix_items=(), items=schema.prefix_items, additional_items=False)
    if isinstance(schema.items, Schema):
        return replace(schema, items=_for_draft_7(schema.items))
    return schema


def _read(docstring: str) -> tuple[str, dict[str, str]]:
    """A docstring's head, and its attributes."""
    head, _, attributes = cleandoc(docstring).partition("\n\nAttributes:\n")
    _, *parts = _FIELD.split(attributes)
    told = zip(parts[::2], parts[1::2], strict=True)
    return _line(head), {name: _line(text) for name, text in told}


def _line(text: str) -> str:
    return " ".join(text.split())

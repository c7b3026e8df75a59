"""TypeScript types of everything in the contract, for `Socket` of socket.io-client.

One interface for each schema, then for each namespace what its socket hears and says.
"""

from collections.abc import Iterator

import msgspec

from router.hub.contract import NAMESPACES, Namespace
from router.hub.schema import Schema, schemas

PRIMITIVES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}

HEAD = """\
// What Frontdesk {version} speaks over Socket.IO; made by `frontdesk schema --format typescript`.
//
// A socket of a namespace is a `Socket<ServerEvents, ClientEvents>` of socket.io-client:
//
//     const socket: Socket<CustomerServerEvents, CustomerClientEvents> = io(url + "/customer")
"""

SOCKETS = """\
/** A command: what is sent, and the ack when it was done. */
export interface Command<Payload, Done> {
  payload: Payload;
  answer: Done;
}

/** The ack of a command: `ok` tells which of the two it is. */
export type Ack<Done> = Done | Refused;

/** What a socket hears, for a map of events to payloads. */
export type Heard<Events> = { [Name in keyof Events]: (payload: Events[Name]) => void };

/** What a socket says, for a map of commands. */
export type Said<Commands extends { [Name in keyof Commands]: Command<unknown, unknown> }> = {
  [Name in keyof Commands]: (
    payload: Commands[Name]["payload"],
    ack: (answer: Ack<Commands[Name]["answer"]>) => void,
  ) => void;
};
"""


def typescript(version: str) -> str:
    """A module of types alone; the same contract gives the same text."""
    parts = [HEAD.format(version=version)]
    parts += (_declaration(name, schema) for name, schema in schemas().items())
    parts.append(SOCKETS)
    parts += (_namespace(namespace) for namespace in NAMESPACES)
    return "\n".join(parts)


def _namespace(namespace: Namespace) -> str:
    title = namespace.name.title()
    commands = [
        f'  "{name}": Command<{command.payload.__name__}, {command.answer.__name__}>;'
        for name, command in namespace.commands.items()
    ]
    events = [f'  "{name}": {kind.__name__};' for name, kind in namespace.events.items()]
    lines = [
        f"/** The commands of {namespace.path}, which `{namespace.auth.__name__}` opens. */",
        f"export interface {title}Commands {{",
        *commands,
        "}",
        "",
        f"/** The events of {namespace.path}; `{namespace.greeting}` is the first. */",
        f"export interface {title}Events {{",
        *events,
        "}",
        "",
        f"export type {title}ServerEvents = Heard<{title}Events>;",
        f"export type {title}ClientEvents = Said<{title}Commands>;",
    ]
    return "\n".join(lines) + "\n"


def _declaration(name: str, schema: Schema) -> str:
    lines = [*_comment(schema.description, "")]
    if schema.type == "object":
        lines += [f"export interface {name} {{", *_fields(schema), "}"]
    else:
        lines.append(f"export type {name} = {_type(schema)};")
    return "\n".join(lines) + "\n"


def _fields(schema: Schema) -> Iterator[str]:
    for name, field in schema.properties.items():
        yield from _comment(field.description, "  ")
        mark = "" if name in schema.required else "?"
        yield f"  {name}{mark}: {_type(field)};"


def _comment(text: str, indent: str) -> Iterator[str]:
    if text:
        yield f"{indent}/** {text} */"


def _type(schema: Schema) -> str:
    if schema.ref:
        return schema.refers_to
    if schema.enum:
        return " | ".join(msgspec.json.encode(value).decode() for value in schema.enum)
    if schema.any_of or schema.all_of:
        return " | ".join(dict.fromkeys(_type(each) for each in schema.any_of or schema.all_of))
    if schema.type == "array":
        return _array(schema)
    if schema.type == "object":
        assert isinstance(schema.additional_properties, Schema), "an object without a name is a map"
        return f"Record<string, {_type(schema.additional_properties)}>"
    return PRIMITIVES[schema.type]


def _array(schema: Schema) -> str:
    match schema.items:
        case Schema():
            return f"Array<{_type(schema.items)}>"
        case tuple():
            return f"[{', '.join(_type(each) for each in schema.items)}]"
        case _:
            assert schema.max_items == 0, "an array says what is in it"
            return "[]"

"""Holds what is sent against the contract that the schemas are made from: strictly, both ways."""

from collections.abc import Mapping

import msgspec

from router.hub.contract import NAMESPACES, Namespace
from router.hub.errors import Error, Refused
from router.hub.shapes import Shape

BY_PATH: Mapping[str, Namespace] = {namespace.path: namespace for namespace in NAMESPACES}


def plain(value: object) -> object:
    """A value as a client reads it from the wire."""
    return msgspec.json.decode(msgspec.json.encode(value))


def shape_mistakes(kind: type[Shape], payload: object) -> list[str]:
    """Say what a payload has that its struct does not describe, or lacks of it."""
    try:
        read = msgspec.convert(payload, kind)
    except msgspec.ValidationError as error:
        return [f"not a {kind.__name__}: {error}"]
    if plain(read) != payload:
        return [f"not all of it is described by {kind.__name__}, or something is missing"]
    return []


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
    return shape_mistakes(Error, error)

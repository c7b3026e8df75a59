"""The AsyncAPI 3.1 document of what a hub serves, made from the contract.

A namespace is a channel. From the server's side: a command is received and replied to, an event is
sent. Entering a namespace is an operation too, with the `auth` object for a message.
"""

from collections.abc import Mapping

import msgspec

from router.hub.auth import ALLOWED
from router.hub.contract import NAMESPACES, Command, Namespace
from router.hub.errors import Refused, WireError
from router.hub.schema import PLACE, head_of, schemas

Node = dict[str, object]

VERSION = "3.1.0"
REFUSED = "refused"
ENTER = "connect"
NOT_ENTERED = "connect_error"

TRANSPORT = (
    "Socket.IO protocol 5 on Engine.IO 4, over WebSocket only. Each channel is a namespace. "
    "A command is an event with one object and an ack callback; an event has one object."
)


def asyncapi(version: str) -> bytes:
    """The document as JSON; the same contract gives the same bytes."""
    document: Node = {
        "asyncapi": VERSION,
        "info": {
            "title": "Frontdesk",
            "version": version,
            "description": TRANSPORT,
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/json",
        "servers": {"hub": _server()},
        "channels": {namespace.name: _channel(namespace) for namespace in NAMESPACES},
        "operations": {
            name: operation
            for namespace in NAMESPACES
            for name, operation in _operations(namespace).items()
        },
        "components": {
            "schemas": schemas(),
            "messages": {
                f"{namespace.name}.{name}": message
                for namespace in NAMESPACES
                for name, message in _messages(namespace).items()
            },
            "securitySchemes": {
                namespace.name: _credentials(namespace) for namespace in NAMESPACES
            },
        },
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _server() -> Node:
    return {
        "host": "{host}",
        "pathname": "/socket.io/",
        "protocol": "ws",
        "description": "One hub; behind a proxy with TLS its protocol is wss.",
        "variables": {"host": {"default": "127.0.0.1:8080", "description": "Where it listens."}},
    }


def _credentials(namespace: Namespace) -> Node:
    """AsyncAPI knows no credentials that are an object; who shows none is refused, or anonymous."""
    return {"type": "apiKey", "in": "user", "description": head_of(namespace.auth)}


def _channel(namespace: Namespace) -> Node:
    return {
        "address": namespace.path,
        "title": namespace.path,
        "description": namespace.summary,
        "messages": {
            name: {"$ref": f"#/components/messages/{namespace.name}.{name}"}
            for name in _messages(namespace)
        },
    }


# -- messages ------------------------------------------------------------------------------------


def _messages(namespace: Namespace) -> dict[str, Node]:
    """Every message of a channel, under names that are not taken twice."""
    messages = {
        ENTER: _message(ENTER, namespace.auth),
        NOT_ENTERED: _message(NOT_ENTERED, WireError),
        REFUSED: _message(REFUSED, Refused),
    }
    for name, command in namespace.commands.items():
        messages[_command(name)] = _message(name, command.payload)
        messages[_answer(name)] = _message(f"{name} done", command.answer)
    for name, kind in namespace.events.items():
        messages[_event(name)] = _message(name, kind)
    return messages


def _command(name: str) -> str:
    return f"{name}.command"


def _answer(name: str) -> str:
    return f"{name}.answer"


def _event(name: str) -> str:
    return f"{name}.event"


def _message(name: str, kind: type[msgspec.Struct]) -> Node:
    return {
        "name": name,
        "title": kind.__name__,
        "summary": head_of(kind),
        "payload": {"$ref": PLACE + kind.__name__},
    }


# -- operations ----------------------------------------------------------------------------------


def _operations(namespace: Namespace) -> Mapping[str, Node]:
    operations = {f"{namespace.name}.{ENTER}": _entering(namespace)}
    for name, command in namespace.commands.items():
        operations[f"{namespace.name}.{_command(name)}"] = _asking(namespace, name, command)
    for name, kind in namespace.events.items():
        operations[f"{namespace.name}.{_event(name)}"] = {
            "action": "send",
            "title": name,
            "summary": head_of(kind),
            **_in_channel(namespace, _event(name)),
        }
    return operations


def _entering(namespace: Namespace) -> Node:
    return {
        "action": "receive",
        "title": ENTER,
        "summary": f"A client enters {namespace.path}; `{namespace.greeting}` is its first event.",
        "security": [{"$ref": f"#/components/securitySchemes/{namespace.name}"}],
        **_in_channel(namespace, ENTER),
        "reply": _in_channel(namespace, _event(namespace.greeting), NOT_ENTERED),
    }


def _asking(namespace: Namespace, name: str, command: Command) -> Node:
    return {
        "action": "receive",
        "title": name,
        "summary": head_of(command.answer),
        "x-roles": sorted(role for role, allowed in ALLOWED.items() if name in allowed),
        **_in_channel(namespace, _command(name)),
        "reply": _in_channel(namespace, _answer(name), REFUSED),
    }


def _in_channel(namespace: Namespace, *messages: str) -> Node:
    channel = f"#/channels/{namespace.name}"
    return {
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{message}"} for message in messages],
    }

"""The payload of every command, and the one place where it is decoded.

Structs are strict: an unknown field, a wrong type or null where a value belongs is `invalid`, and
`details.path` says where in the client's own words; a name the client made up is never repeated.
Texts are checked and masked by `router.hub.text`; here they are only known to be strings.
"""

import json
import re
from typing import Annotated, Literal, TypeAlias, TypeVar, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.model import Audience

SAFE_INTEGER_MAX = 2**53
"""JSON numbers above it are not the same in every client."""

HISTORY_LIMIT_MAX = 200
LISTED_MAX = 200  # as much as history

RequestId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=SAFE_INTEGER_MAX)]
Seq: TypeAlias = Annotated[int, Meta(ge=1, le=SAFE_INTEGER_MAX)]
Attributes: TypeAlias = dict[str, str | int | float | bool | None]

PayloadT = TypeVar("PayloadT", bound="Payload")


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One JSON object of a client; "" stands for an optional string that was left out."""


class Change(Payload, frozen=True, kw_only=True):
    """A command that changes something: a client may name it and send it again."""

    id: RequestId | UnsetType = UNSET


# -- both namespaces -------------------------------------------------------------------------------


class History(Payload, frozen=True, kw_only=True):
    """Messages of a conversation."""

    conversation: str
    after: Count | UnsetType = UNSET
    before: Seq | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=HISTORY_LIMIT_MAX)] = 50


# -- /customer -------------------------------------------------------------------------------------


class Context(Payload, frozen=True, kw_only=True):
    """Where on the site a chat is started."""

    page_url: str = ""
    referrer: str = ""
    locale: str = ""


class StartChat(Change, frozen=True, kw_only=True):
    """`chat.start`."""

    text: str | UnsetType = UNSET
    name: str = ""
    email: str = ""
    phone: str = ""
    subject: str = ""
    queue: str | UnsetType = UNSET
    attributes: Attributes = {}
    context: Context = Context()
    conversation: str | UnsetType = UNSET


class SendToConversation(Change, frozen=True, kw_only=True):
    """`message.send` of a customer; version 1 takes no attachments."""

    conversation: str
    text: str
    attachments: tuple[()] = ()


class ReadConversation(Change, frozen=True, kw_only=True):
    """`message.read` of a customer."""

    conversation: str
    seq: Seq


class TypeInConversation(Payload, frozen=True, kw_only=True):
    """`typing` of a customer."""

    conversation: str
    on: bool


class EndChat(Change, frozen=True, kw_only=True):
    """`chat.end`."""

    conversation: str


class Identify(Payload, frozen=True, kw_only=True):
    """`customer.identify`."""

    identity: str


# -- /agent ----------------------------------------------------------------------------------------


class Wrapup(Payload, frozen=True, kw_only=True):
    """A code, given with the command that ends a leg."""

    code: str
    note: str = ""


class SetPresence(Change, frozen=True, kw_only=True):
    """`presence.set`."""

    state: Literal["available", "idle", "offline"]
    idle_code: str | UnsetType = UNSET


class NameOffer(Change, frozen=True, kw_only=True):
    """`offer.accept`, `offer.decline` and `offer.cancel`."""

    offer: str


class SendToContact(Change, frozen=True, kw_only=True):
    """`message.send` of an agent; version 1 takes no attachments."""

    contact: str
    text: str
    audience: Audience = "everyone"
    attachments: tuple[()] = ()


class ReadContact(Change, frozen=True, kw_only=True):
    """`message.read` of an agent."""

    contact: str
    seq: Seq


class TypeInContact(Payload, frozen=True, kw_only=True):
    """`typing` of an agent."""

    contact: str
    on: bool


class Destination(Payload, frozen=True, kw_only=True):
    """Where a contact is transferred: exactly one of the two."""

    queue: str | UnsetType = UNSET
    agent: str | UnsetType = UNSET


class Transfer(Change, frozen=True, kw_only=True):
    """`contact.transfer`."""

    contact: str
    to: Destination
    wrapup: Wrapup | UnsetType = UNSET
    force: bool = False


class NameAgent(Change, frozen=True, kw_only=True):
    """`contact.conference` and `conference.remove`."""

    contact: str
    agent: str


class LeaveContact(Change, frozen=True, kw_only=True):
    """`conference.leave` and `contact.end`."""

    contact: str
    wrapup: Wrapup | UnsetType = UNSET


class FileWrapup(Change, frozen=True, kw_only=True):
    """`contact.wrapup`."""

    contact: str
    code: str
    note: str = ""


class Reveal(Payload, frozen=True, kw_only=True):
    """`contact.reveal`."""

    contact: str
    field: Literal["email", "phone"]
    reason: str


class Recent(Payload, frozen=True, kw_only=True):
    """`contacts.recent`."""

    before: Count | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=LISTED_MAX)] = 50


class Search(Payload, frozen=True, kw_only=True):
    """`directory.queues` and `directory.agents`."""

    search: str = ""


# -- decoding --------------------------------------------------------------------------------------

_DECODERS: dict[type[Payload], msgspec.json.Decoder[Payload]] = {}
_PLACE = re.compile(r" - at `\$((?:\.[a-z_]+)*)[^`]*`$")
_MISSING = re.compile(r"^Object missing required field `([a-z_]+)`")
_HINTS = {
    "Object contains unknown field": "there is a field that this command does not have",
    "Object missing required field": "a field is missing",
}


def decoded(kind: type[PayloadT], payload: bytes | None) -> PayloadT:
    """Read one command's payload.

    Raises:
        CommandRefused: It is not what the command takes.
    """
    if payload is None:
        raise invalid("")
    try:
        read = _decoder(kind).decode(payload)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _unreadable(kind, payload) from None
    assert isinstance(read, kind), "decoded by its own decoder"
    return read


def invalid(path: str, hint: str = "not what this command takes") -> CommandRefused:
    """The refusal of a payload; ``path`` is made of the protocol's words only."""
    return CommandRefused(RefusalCode.INVALID, hint=hint, path=path)


def _decoder(kind: type[Payload]) -> msgspec.json.Decoder[Payload]:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    return decoder


def _unreadable(kind: type[Payload], payload: bytes) -> CommandRefused:
    """Say where in a payload half a character stands, which the fast decoder does not."""
    try:
        msgspec.convert(_halves_replaced(json.loads(payload)), kind)
    except msgspec.ValidationError as error:
        return _refusal(str(error))
    except (ValueError, RecursionError):
        pass
    return invalid("")


def _halves_replaced(value: object) -> object:
    """Put a value of no wanted type in the place of strings with half a surrogate pair."""
    match value:
        case str():
            return object() if any("\ud800" <= one <= "\udfff" for one in value) else value
        case list():
            return [_halves_replaced(item) for item in cast("list[object]", value)]
        case dict():
            members = cast("dict[str, object]", value).items()
            return {key: _halves_replaced(item) for key, item in members}
        case _:
            return value


def _refusal(message: str) -> CommandRefused:
    """Turn msgspec's words into a path; of its message only our own field names are kept."""
    place = _PLACE.search(message)
    names = place.group(1).split(".")[1:] if place else []
    missing = _MISSING.match(message)
    if missing:
        names.append(missing.group(1))
    path = ".".join(name for name in names if name in _FIELDS)
    hints = [hint for start, hint in _HINTS.items() if message.startswith(start)]
    return invalid(path, hints[0] if hints else "not of the type or range that stands here")


def _all_fields() -> frozenset[str]:
    kinds: list[type[Payload]] = [Payload]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return frozenset(name for kind in kinds for name in kind.__struct_fields__)


_FIELDS = _all_fields()

"""Holds what arrives on the wire against the field lists of the protocol.

A mistake is a sentence; a client collects them and its test fails on the first.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

# JSON as it came: tests assert its shape by reading it. The one loose type of these suites.
Payload: TypeAlias = dict[str, Any]
Check: TypeAlias = Callable[[object], bool]

ERROR_CODES = frozenset(
    {
        "invalid",
        "unauthenticated",
        "forbidden",
        "not_found",
        "conflict",
        "offer_closed",
        "no_capacity",
        "no_staff",
        "queue_full",
        "too_large",
        "rate_limited",
        "unavailable",
    }
)


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _any_text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _moment(value: object) -> bool:
    # Milliseconds of this century: seconds and microseconds are far outside.
    return _number(value) and 1_000_000_000_000 < cast("int", value) < 10_000_000_000_000


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _list(value: object) -> bool:
    return isinstance(value, list)


def _object(value: object) -> bool:
    return isinstance(value, dict)


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _one_of(*values: str) -> Check:
    return lambda value: value in values


def _fields(**checks: Check) -> Check:
    return lambda value: (
        isinstance(value, dict) and not field_mistakes(cast("Payload", value), checks)
    )


def _every(check: Check) -> Check:
    return lambda value: (
        isinstance(value, list) and all(check(item) for item in cast("list[object]", value))
    )


def field_mistakes(payload: Payload, checks: Mapping[str, Check]) -> list[str]:
    """Name the fields that are missing or of the wrong shape."""
    return [
        f"{name} is {payload[name]!r}" if name in payload else f"{name} is missing"
        for name, check in checks.items()
        if name not in payload or not check(payload[name])
    ]


ROLES = ("customer", "agent", "bot", "system")
NOTICES = (
    "contact.assigned",
    "participant.joined",
    "participant.left",
    "contact.transferred",
    "contact.ended",
    "contact.interrupted",
    "customer.silent",
    "customer.left",
    "customer.returned",
)
MESSAGE: dict[str, Check] = {
    "conversation": _text,
    "contact": _text,
    "seq": lambda value: _number(value) and cast("int", value) > 0,
    "id": _text,
    "at": _number,
    "author": _fields(role=_one_of(*ROLES)),
    "audience": _one_of("everyone", "internal"),
    "text": _any_text,
    "masked": _list,
    "attachments": lambda value: value == [],
}
CONTACT: dict[str, Check] = {
    "id": _text,
    "conversation": _text,
    "channel": _one_of("chat"),
    "origin": _one_of("customer", "proactive"),
    "entry_point": _text,
    "queue": _text,
    "state": _one_of("queued", "offered", "connected", "wrapup", "closed"),
    "customer": _fields(id=_text, verified=_flag, connected=_flag),
    "attributes": _object,
    "context": _object,
    "priority": _number,
    "owner": _or_null(_text),
    "participants": _every(
        _fields(agent=_text, name=_text, role=_one_of("owner", "member"), joined_at=_number)
    ),
    "pending_offers": _every(_fields(id=_text)),
    "created_at": _number,
    "queued_at": _number,
    "interrupted": _flag,
    "answer_due": _flag,
    "legs": _every(
        _fields(
            agent=_text, state=_one_of("active", "wrapup", "done"), deadline_at=_or_null(_number)
        )
    ),
    "unread": _number,
    "last_seq": _number,
}
AGENT: dict[str, Check] = {
    "id": _text,
    "name": _text,
    "state": _one_of("available", "idle", "rona", "offline"),
    "since": _number,
    "connected": _flag,
    "load": _number,
    "capacity": _number,
    "queues": _list,
    "skills": _object,
}
CONVERSATION: dict[str, Check] = {
    "id": _text,
    "kind": _one_of("customer", "internal"),
    "state": _one_of("open", "closed"),
    "customers": _list,
    "followers": _list,
    "last_seq": _number,
    "last_at": _number,
    "unread": _number,
}
OFFER: dict[str, Check] = {
    "id": _text,
    "kind": _one_of("contact", "transfer", "conference"),
    "contact": _object,
    "queue": _fields(id=_text, name=_text),
    "agent": _fields(id=_text, name=_text),
    "why": _every(_fields(code=_text)),
    "preview": lambda value: (
        _every(_fields(**MESSAGE))(value) and len(cast("list[object]", value)) <= 5
    ),
    "offered_at": _number,
    "expires_at": _number,
    "server_now": _number,
}


def is_contact(value: object) -> bool:
    """Say whether a contact has its fields and its state agrees with them."""
    if not _fields(**CONTACT)(value):
        return False
    contact = cast("Payload", value)
    owners = [one["agent"] for one in contact["participants"] if one["role"] == "owner"]
    is_talking = contact["state"] == "connected"
    is_over = contact["state"] in {"wrapup", "closed"}
    end = {"ended_at": _number, "ended_by": _text, "end_reason": _text}
    return (
        owners == ([contact["owner"]] if is_talking else [])
        and (contact["owner"] is not None) == is_talking
        and (not is_over or not field_mistakes(contact, end))
    )


def is_snapshot_contact(value: object) -> bool:
    """Say whether a contact of a snapshot is one and carries its messages."""
    return is_contact(value) and _fields(messages=_messages)(value)


def is_offer(value: object) -> bool:
    """Say whether an offer has its fields and its contact is one."""
    return _fields(**OFFER)(value) and is_contact(cast("Payload", value)["contact"])


_messages = _every(_fields(**MESSAGE))
_agent = _fields(**AGENT)
_named = _fields(id=_text, name=_text)
_reads: dict[str, Check] = {"conversation": _text, "role": _one_of(*ROLES), "seq": _number}
# A customer may have no name.
_types: dict[str, Check] = {"conversation": _text, "name": _any_text, "on": _flag}
_redacted: dict[str, Check] = {
    "conversation": _text,
    "seq": _number,
    "text": _any_text,
    "masked": _list,
}
_ended: dict[str, Check] = {
    "contact": _text,
    "ended_by": _one_of("customer", "agent", "system"),
    "reason": _text,
}
_participant: dict[str, Check] = {"contact": _text, "agent": _text, "name": _text}
_offer_outcomes = ("accepted", "declined", "rona", "rescinded", "canceled")

CUSTOMER_EVENTS: dict[str, dict[str, Check]] = {
    "session": {
        "customer": _text,
        "token": _text,
        "entry_point": _fields(id=_text, name=_text, open=_flag, pre_chat=_list),
        "limits": _fields(text=_number),
        "conversations": _every(_fields(**CONVERSATION)),
        "server_now": _number,
    },
    "chat.queued": {
        "conversation": _text,
        "contact": _text,
        "position": _or_null(_number),
        "estimated_wait_ms": _or_null(_number),
    },
    "contact.assigned": {"conversation": _text, "contact": _text, "agent": _fields(name=_text)},
    "participant.joined": {"conversation": _text, "name": _text},
    "participant.left": {"conversation": _text, "name": _text},
    "message": MESSAGE,
    "message.redacted": _redacted,
    "message.read": _reads,
    "typing": _types,
    "contact.ended": {"conversation": _text, **_ended},
    "contact.interrupted": {"conversation": _text, "contact": _text, "reason": _text},
    "server.draining": {"reconnect_within_ms": _number},
}
AGENT_EVENTS: dict[str, dict[str, Check]] = {
    "snapshot": {
        "agent": _agent,
        "offers": _every(is_offer),
        "contacts": _every(is_snapshot_contact),
        "queues": _every(_named),
        "wrapup_codes": _every(_named),
        "idle_codes": _every(_named),
        "templates": _every(_fields(id=_text, text=_text)),
        "limits": _object,
        "server_now": _number,
    },
    "presence.changed": {
        "agent": _agent,
        "cause": _one_of("agent", "rona", "supervisor", "connected", "disconnected"),
    },
    "offer.created": {"offer": is_offer},
    "offer.closed": {"offer": _text, "contact": _text, "outcome": _one_of(*_offer_outcomes)},
    "contact.assigned": {"contact": is_contact, "messages": _messages},
    "contact.updated": {"contact": is_contact},
    "participant.joined": _participant,
    "participant.left": _participant,
    "message": MESSAGE,
    "message.redacted": _redacted,
    "message.read": {"contact": _text, **_reads},
    "typing": {"contact": _text, **_types},
    "contact.ended": _ended,
    "contact.interrupted": {"contact": _text, "reason": _text},
    "wrapup.started": {"contact": _text, "deadline_at": _or_null(_number)},
    "wrapup.completed": {"contact": _text, "code": _text},
    "connection.closed": {"code": _text, "message": _text, "retryable": _flag},
    "server.draining": {"reconnect_within_ms": _number},
}
_history: dict[str, Check] = {"messages": _messages, "more": _flag}
_sent: dict[str, Check] = {"seq": _number, "at": _number, "text": _text, "masked": _list}
CUSTOMER_ANSWERS: dict[str, dict[str, Check]] = {
    "chat.start": {
        "conversation": _text,
        "contact": _text,
        "state": _one_of("queued", "offered", "connected", "wrapup", "closed"),
        "position": _or_null(_number),
        "estimated_wait_ms": _or_null(_number),
    },
    "message.send": _sent,
    "history": _history,
}
AGENT_ANSWERS: dict[str, dict[str, Check]] = {
    "presence.set": {"agent": _agent},
    "offer.accept": {"contact": is_contact, "messages": _messages},
    "message.send": {"conversation": _text, **_sent},
    "contact.conference": {"offer": _text},
    "contact.reveal": {"value": _text},
    "contacts.recent": {"contacts": _every(is_contact)},
    "directory.queues": {
        "queues": _every(
            _fields(
                id=_text,
                name=_text,
                waiting=_number,
                available_agents=_number,
                estimated_wait_ms=_or_null(_number),
            )
        )
    },
    "directory.agents": {"agents": _every(_agent)},
    "history": _history,
}
ANSWERS = {"/customer": CUSTOMER_ANSWERS, "/agent": AGENT_ANSWERS}
EVENTS = {"/customer": CUSTOMER_EVENTS, "/agent": AGENT_EVENTS}


def event_mistakes(namespace: str, name: str, payload: object, arguments: int) -> list[str]:
    """Say what an event has wrong: unknown, no single object, no ``at``, fields missing."""
    checks = EVENTS[namespace].get(name)
    if checks is None:
        return [f"{namespace} has no event {name}"]
    if arguments != 1 or not isinstance(payload, dict):
        return [f"{name} is not one object"]
    known = cast("Payload", payload)
    found = field_mistakes(known, {"at": _moment, **checks})
    if name == "message":
        found += message_mistakes(known)
    if namespace == "/customer":
        found += _customer_mistakes(name, known)
    return [f"{name}: {mistake}" for mistake in found]


SHOWN_MAX: Final = 4
"""Characters of a masked value that may be read."""


def message_mistakes(message: Payload) -> Iterable[str]:
    """Say what a message has wrong beyond its fields."""
    if message.get("author", {}).get("role") == "system" and message.get("event") not in NOTICES:
        yield f"a notice is {message.get('event')!r}"
    for kind, start, end in message.get("masked_spans", []):
        # The last part of a value that is spread over messages may be all that is left to read.
        is_shown = "*" not in message["text"][start:end] and end - start > SHOWN_MAX
        if kind not in message["masked"] or is_shown:
            yield f"masked span {kind} {start} {end} of {message['text']!r}"


def _customer_mistakes(name: str, payload: Payload) -> Iterable[str]:
    if payload.get("audience") == "internal":
        yield "an internal message reached a customer"
    if name == "session" and any(c.get("kind") == "internal" for c in payload["conversations"]):
        yield "an internal conversation reached a customer"


def answer_mistakes(namespace: str, command: str, answer: object) -> list[str]:
    """Say what an answer has wrong: it is ok with its fields, or an error of the known form."""
    if not isinstance(answer, dict):
        return [f"{command} is answered by {answer!r}"]
    known = cast("Payload", answer)
    if known.get("ok") is True:
        fields = ANSWERS[namespace].get(command, {})
        return [f"answer to {command}: {mistake}" for mistake in field_mistakes(known, fields)]
    error = known.get("error")
    if known.get("ok") is not False or not isinstance(error, dict):
        return [f"{command} is answered by {known!r}"]
    return [f"{command}: {m}" for m in error_mistakes(cast("Payload", error))]


def error_mistakes(error: Payload) -> list[str]:
    """Say what an error has wrong."""
    checks: dict[str, Check] = {
        "code": lambda value: value in ERROR_CODES,
        "message": _text,
        "retryable": _flag,
    }
    found = field_mistakes(error, checks)
    if error.get("code") == "invalid" and not isinstance(error.get("details", {}).get("path"), str):
        found.append(f"details.path of {error!r}")
    return found

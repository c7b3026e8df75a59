"""What the tables of a configuration must agree on: ids, references, secrets and opening hours."""

import re
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from router.app.decode import closest, did_you_mean
from router.app.mistakes import Mistake, inside, quoted
from router.app.policy_checks import policy_mistakes
from router.app.rules import seal_key_bytes
from router.app.sections import Document
from router.kernel.configuration import EntryPoint, Hours, Queue, WrapupCode

TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
DAYS = re.compile(f"{DAY}(?:-{DAY})?(?:, ?{DAY}(?:-{DAY})?)*")
END_OF_DAY = "24:00"


class Named(Protocol):
    """A table with an id."""

    @property
    def id(self) -> str:
        """The name others refer to it by."""
        ...


def checked(document: Document, *, secret_required: bool) -> list[Mistake]:
    """Return what does not fit together, in the order of the file's tables.

    Words that could not be read are empty here and were noted when they were read.
    """
    return [
        *_auth(document, secret_required=secret_required),
        *_seal_keys(document),
        *policy_mistakes(document.masking, document.queues),
        *_entry_points(document),
        *_queues(document),
        *_references("agents", document.agents, document),
        *_references("wrapup_codes", document.wrapup_codes, document),
        *_twice("idle_codes", document.idle_codes),
        *_twice("templates", document.templates),
    ]


def _auth(document: Document, *, secret_required: bool) -> Iterator[Mistake]:
    auth = document.auth
    if secret_required and not auth.secret and not auth.jwks_url:
        yield Mistake(
            "auth.secret",
            "missing: nobody could sign in",
            "give auth.secret, auth.jwks_url, or the environment variable FRONTDESK_SECRET (for a"
            " folder, with the tenant behind it: FRONTDESK_SECRET_TENANT)",
        )


def _seal_keys(document: Document) -> Iterator[Mistake]:
    present = seal_key_bytes(document.masking.seal_key)
    for path, key in _numbered("masking.former_seal_keys", document.masking.former_seal_keys):
        if present is not None and seal_key_bytes(key) == present:
            yield Mistake(path, "is the present seal_key", "name here only keys it replaced")


def _entry_points(document: Document) -> Iterator[Mistake]:
    yield from _twice("entry_points", document.entry_points)
    queues = _ids(document.queues)
    for index, entry_point in enumerate(document.entry_points):
        path = f"entry_points[{index}]"
        yield from _unknown([(f"{path}.queue", entry_point.queue)], queues, "queue")
        yield from _unknown(_numbered(f"{path}.queues", entry_point.queues), queues, "queue")
        yield from _identity(path, entry_point, document.auth.secret)


def _identity(path: str, entry_point: EntryPoint, agents_secret: str) -> Iterator[Mistake]:
    secret = entry_point.identity_secret
    if secret and secret == agents_secret:
        yield Mistake(
            f"{path}.identity_secret",
            "is the secret of agents' tokens",
            "give another: whoever signs customers in could sign in as an agent",
        )
    if not entry_point.allowed_origins:
        yield Mistake(
            f"{path}.allowed_origins", "empty: no site could open a chat", 'any site is ["*"]'
        )


def _queues(document: Document) -> Iterator[Mistake]:
    yield from _twice("queues", document.queues)
    for index, queue in enumerate(document.queues):
        path = f"queues[{index}]"
        yield from _default_code(f"{path}.default_wrapup_code", queue, document.wrapup_codes)
        yield from _silence(f"{path}.customer_silence_end_ms", queue)
        for number, hours in enumerate(queue.hours):
            yield from _hours(f"{path}.hours[{number}]", hours)


def _default_code(path: str, queue: Queue, codes: Sequence[WrapupCode]) -> Iterator[Mistake]:
    default = queue.default_wrapup_code
    if not default:
        if queue.wrapup_timeout_ms > 0:
            yield Mistake(
                path, "missing: wrapup_timeout_ms needs a code to file", "give a code's id"
            )
        return
    yield from _unknown([(path, default)], _ids(codes), "wrap-up code")
    if any(code.id == default and code.queues and queue.id not in code.queues for code in codes):
        yield Mistake(
            path,
            f"the wrap-up code {quoted(default)} is not allowed for this queue",
            "add the queue to the code's queues, or give another code",
        )


def _silence(path: str, queue: Queue) -> Iterator[Mistake]:
    if 0 < queue.customer_silence_end_ms <= queue.customer_silence_warn_ms:
        yield Mistake(
            path,
            "not after customer_silence_warn_ms: nobody would be warned",
            "give more than customer_silence_warn_ms, or 0 for either",
        )


def _hours(path: str, hours: Hours) -> Iterator[Mistake]:
    if hours.days and not DAYS.fullmatch(hours.days):
        yield Mistake(
            f"{path}.days", "not days of the week", 'a day, a range or a list: "mon-thu,sat"'
        )
    starts, ends = TIME.fullmatch(hours.opens), TIME.fullmatch(hours.closes)
    if hours.opens and not starts:
        yield Mistake(f"{path}.from", "not a time of day", '"00:00" to "23:59"')
    if hours.closes and not ends and hours.closes != END_OF_DAY:
        yield Mistake(f"{path}.to", "not a time of day", '"00:01" to "24:00"')
    elif starts and hours.closes and hours.closes <= hours.opens:
        yield Mistake(
            f"{path}.to",
            "not after from",
            'a night is two entries: to = "24:00", and from = "00:00" on the next day',
        )
    if hours.zone and not _is_zone(hours.zone):
        zone = closest(hours.zone, zoneinfo.available_timezones())
        hint = f"did you mean {quoted(zone)}?" if zone else 'for example "Europe/Stockholm"'
        yield Mistake(f"{path}.zone", "not a time zone this machine knows", hint)


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


class NamedWithQueues(Named, Protocol):
    """A table with an id that refers to queues."""

    @property
    def queues(self) -> Sequence[str]:
        """The ids of queues it refers to."""
        ...


def _references(
    table: str, entries: Sequence[NamedWithQueues], document: Document
) -> Iterator[Mistake]:
    yield from _twice(table, entries)
    queues = _ids(document.queues)
    for index, entry in enumerate(entries):
        path = f"{table}[{index}].queues"
        yield from _unknown(_numbered(path, entry.queues), queues, "queue")


def _ids(entries: Iterable[Named]) -> frozenset[str]:
    return frozenset(entry.id for entry in entries)


def _numbered(path: str, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"{path}[{index}]", word) for index, word in enumerate(words))


def _unknown(
    words: Iterable[tuple[str, str]], known: frozenset[str], what: str
) -> Iterator[Mistake]:
    """Yield a mistake for each word, given with its path, that nothing is called by."""
    for path, word in words:
        if word and word not in known:
            yield Mistake(path, f"there is no {what} {quoted(word)}", did_you_mean(word, known))


def _twice(table: str, entries: Iterable[Named]) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        if entry.id and first.setdefault(entry.id, index) != index:
            yield Mistake(
                inside(f"{table}[{index}]", "id"),
                f"{quoted(entry.id)} is already {table}[{first[entry.id]}]",
                "give each its own id",
            )

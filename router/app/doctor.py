"""`frontdesk doctor`: what would go wrong in production though the configuration is right.

It reads and asks; it changes nothing, and shows no secret.
"""

import asyncio
import os
import re
import resource
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import aiohttp

from router.app.arguments import DEFAULT_ENGINE, FOLDER_ENGINE
from router.app.config import Settings
from router.app.doctor_redis import redis_problems
from router.app.folder import load_all, shared_by
from router.app.mistakes import ConfigurationInvalid, Mistake
from router.app.rules import MAKE_A_KEY
from router.app.stores import PASSWORDS
from router.hub.jwks import fetched
from router.hub.public_keys import public_keys
from router.kernel.configuration import Configuration, Queue

SECRET_BYTES = 32  # of HS256: RFC 7518, 3.2
WELL_KNOWN = re.compile("change.?me|example|password|secret", re.IGNORECASE)
CHARACTERS_MIN = 10  # of 32 random ones at least 20 differ; of words written twice, fewer
FILES_BESIDE = 200  # what a process opens that is no socket, with room to spare

FORGETFUL = Mistake("--engine", "memory: forgets everything at the end", "give sqlite:PATH")

SECRET_LINE = re.compile(
    r"""\b(?:secret|seal_key|former_seal_keys|identity_secret)["']?\s*=\s*\[?\s*["'][^"']"""
)
"""A key that holds one, with a value; commented out it can be read as well."""

SECRET_KEYS = {"secret", "seal_key", "former_seal_keys", "identity_secret"}
"""The keys themselves, in a file that can be parsed: their values may be written in any way."""


def examine(
    config: Path, engine: str | None, environ: Mapping[str, str], clock_ms: Callable[[], int]
) -> list[Mistake]:
    """Everything that is found, with what to do about it; whatever can be looked at is."""
    problems: list[Mistake] = []
    try:
        tenants = load_all(config, environ)
    except ConfigurationInvalid as invalid:
        problems += invalid.mistakes
        tenants = ()
    for settings in tenants:
        told = _of_settings(settings)
        problems += told if settings.is_alone else (one.within(_name(settings)) for one in told)
    if tenants:
        problems += _files_allowed(shared_by(tenants).server.sockets_max)
    problems += _of_files(config)
    default = FOLDER_ENGINE if config.is_dir() else DEFAULT_ENGINE
    kind, _, place = (engine or default).partition(":")
    match kind:
        case "sqlite":
            problems += _of_database(Path(place))
        case "memory":
            problems.append(FORGETFUL)
        case _:
            problems += asyncio.run(redis_problems(str(engine), environ, clock_ms))
            problems += _of_passwords(environ)
    return problems


def _name(settings: Settings) -> str:
    return Path(settings.source).name


# -- what a configuration says ---------------------------------------------------------------------


def _of_settings(settings: Settings) -> list[Mistake]:
    configuration = settings.configuration
    return [
        *_secrets(settings),
        *_seal_key(settings.masking.seal_key),
        *(
            problem
            for index, queue in enumerate(configuration.queues)
            for problem in _wrapup(f"queues[{index}]", queue, configuration)
        ),
        *asyncio.run(_keys(settings)),
    ]


def _secrets(settings: Settings) -> Iterator[Mistake]:
    yield from _secret("auth.secret", settings.auth.secret)
    for index, entry_point in enumerate(settings.configuration.entry_points):
        yield from _secret(f"entry_points[{index}].identity_secret", entry_point.identity_secret)


def _secret(path: str, secret: str) -> Iterator[Mistake]:
    if not secret:
        return
    hint = f"whoever finds it can sign in as anybody: {MAKE_A_KEY}"
    if WELL_KNOWN.search(secret):
        yield Mistake(path, "is one of an example", hint)
    elif len(secret.encode()) < SECRET_BYTES:
        yield Mistake(path, f"shorter than {SECRET_BYTES} bytes", hint)
    elif len(set(secret)) < CHARACTERS_MIN:
        yield Mistake(path, "easy to guess", hint)


def _seal_key(key: bytes | None) -> Iterator[Mistake]:
    if key is None:
        yield Mistake(
            "masking.seal_key",
            "missing: e-mail addresses and phone numbers of customers are not kept",
            f"give FRONTDESK_SEAL_KEY: {MAKE_A_KEY}",
        )
    elif len(set(key)) < CHARACTERS_MIN:
        yield Mistake("masking.seal_key", "easy to guess", f"make another: {MAKE_A_KEY}")


def _wrapup(path: str, queue: Queue, configuration: Configuration) -> Iterator[Mistake]:
    if queue.wrapup != "required":
        return
    codes = configuration.wrapup_codes
    if not any(not code.queues or queue.id in code.queues for code in codes):
        yield Mistake(
            f"{path}.wrapup",
            "required, and there is no code for this queue: no agent gets free again",
            'give a code in wrapup_codes, or wrapup = "optional"',
        )
    elif not queue.default_wrapup_code or not queue.wrapup_timeout_ms:
        yield Mistake(
            f"{path}.default_wrapup_code",
            "missing, or without wrapup_timeout_ms: who forgets to file a code keeps the slot",
            'give both, or wrapup = "optional"',
        )


async def _keys(settings: Settings) -> list[Mistake]:
    places = [("auth.jwks_url", settings.auth.jwks_url)]
    places += (
        (f"entry_points[{index}].identity_jwks_url", entry_point.identity_jwks_url)
        for index, entry_point in enumerate(settings.configuration.entry_points)
    )
    return [problem for path, url in places if url for problem in await _reached(path, url)]


async def _reached(path: str, url: str) -> list[Mistake]:
    hint = "nobody could sign in: check the address, and the way out from this machine"
    try:
        keys = public_keys(await fetched(url))
    except (ValueError, OSError, aiohttp.ClientError) as fault:  # OSError: also TimeoutError
        return [Mistake(path, f"no keys come from there: {type(fault).__name__}", hint)]
    if keys:
        return []
    return [Mistake(path, "there is no key of RS256 or ES256", "ask the provider for another")]


# -- what the machine says -------------------------------------------------------------------------


def _files_allowed(sockets_max: int) -> Iterator[Mistake]:
    _, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)  # as far as `runtime.raise_files` goes
    needed = sockets_max + FILES_BESIDE
    if allowed != resource.RLIM_INFINITY and allowed < needed:
        yield Mistake(
            "server.sockets_max",
            f"needs {needed} open files, and this user may open {allowed}",
            f"LimitNOFILE={needed} in a systemd unit, `ulimit -Hn {needed}` in a shell, or a lower"
            " server.sockets_max",
        )


def _of_files(config: Path) -> Iterator[Mistake]:
    files = sorted(config.glob("*.toml")) if config.is_dir() else [config]
    for file in files:
        if _is_open(file) and _has_secret(file):
            yield Mistake(
                str(file),
                "holds a secret, and everybody on this machine can read it",
                f"chmod 600 {file}, or give secrets by the environment",
            )


def _has_secret(file: Path) -> bool:
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        is_inside = _has_secret_key(tomllib.loads(text))
    except tomllib.TOMLDecodeError:  # which is told as a mistake of the configuration
        is_inside = False
    return is_inside or bool(SECRET_LINE.search(text))


def _has_secret_key(value: object) -> bool:
    match value:
        case dict():
            inside = cast("dict[str, object]", value)
            return any(
                (bool(each) and key in SECRET_KEYS) or _has_secret_key(each)
                for key, each in inside.items()
            )
        case list():
            return any(map(_has_secret_key, cast("list[object]", value)))
        case _:
            return False


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))
    except OSError:
        return False


def _of_passwords(environ: Mapping[str, str]) -> Iterator[Mistake]:
    for name in PASSWORDS:
        file = environ.get(f"{name}_FILE")
        if file and _is_open(Path(file)):
            yield Mistake(file, "everybody on this machine can read it", f"chmod 600 {file}")


def _of_database(path: Path) -> Iterator[Mistake]:
    is_folder = path.is_dir()
    folder = path if is_folder else path.parent
    files = sorted(path.glob("*.db*")) if is_folder else sorted(folder.glob(f"{path.name}*"))
    for file in filter(_is_open, files):
        yield Mistake(str(file), "everybody on this machine can read it", f"chmod 600 {file}")
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        yield Mistake(
            str(folder),
            "this user may not write there",
            "run this as the user that serves, or give that user the folder",
        )

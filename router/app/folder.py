"""Reads the configuration of several tenants: a folder with one file for each.

What the files say of the process they share they must agree on, and no two may share a secret.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from router.app.config import SECRETS, Settings, load, settings_of, tables_of
from router.app.mistakes import ConfigurationInvalid, Mistake
from router.kernel.configuration import Configuration

DEFAULTS = Settings(configuration=Configuration())

OF_THE_PROCESS = (
    "limits.connects_per_minute",
    "limits.connects_per_second",
    "limits.sockets_per_address",
    "metrics.port",
    "server.sockets_max",
    "server.send_queue_packets_max",
    "server.send_queue_bytes_max",
    "server.ping_interval_ms",
    "server.ping_timeout_ms",
    "server.connect_timeout_ms",
    "server.trusted_hops",
    "server.reconnect_within_ms",
    "server.durability",
)
"""What is decided before it is known whose socket it is."""


class _File(NamedTuple):
    name: str
    settings: Settings

    def mistake(self, path: str, message: str, hint: str) -> Mistake:
        return Mistake(path, message, hint).within(self.name)


def load_all(path: Path, environ: Mapping[str, str]) -> tuple[Settings, ...]:
    """Read a file, or every `*.toml` file of a folder, in the order of their names.

    For a folder, the names of the environment's secrets end with the tenants they are of.

    Raises:
        ConfigurationInvalid: A file cannot be read, or has mistakes, or they do not fit together;
            all of them are listed. Or there is no file.
    """
    if not path.is_dir():
        return (load(path, environ),)
    names = sorted(path.glob("*.toml"))
    if not names:
        hint = "give each tenant a file NAME.toml in it"
        raise ConfigurationInvalid([Mistake("", "the folder has no configuration", hint)])
    mistakes: list[Mistake] = []
    files: list[_File] = []
    for name in names:
        try:
            files.append(_File(name.name, _load(name, environ)))
        except ConfigurationInvalid as invalid:
            mistakes += (mistake.within(name.name) for mistake in invalid.mistakes)
    mistakes += _together(files)
    if mistakes:
        raise ConfigurationInvalid(mistakes)
    return tuple(file.settings for file in files)


def load_again(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Read a tenant's file as it is now; raises as `load_all`."""
    file = Path(settings.source)
    return load(file, environ) if settings.is_alone else _load(file, environ)


def _load(file: Path, environ: Mapping[str, str]) -> Settings:
    tables = tables_of(file)
    settings = settings_of(tables, _of_tenant(environ, tables))
    return msgspec.structs.replace(settings, source=str(file), is_alone=False)


def shared_by(tenants: Sequence[Settings]) -> Settings:
    """What the tenants of one process say of it together: whoever says something says it for all.

    Of tables that each tenant has for itself, the first one's are in it.
    """
    agreed = tenants[0]
    for path in OF_THE_PROCESS:
        table, _, key = path.partition(".")
        value = _agreed(tenants, path)
        changed = msgspec.structs.replace(getattr(agreed, table), **{key: value})
        agreed = msgspec.structs.replace(agreed, **{table: changed})
    return agreed


def _agreed(tenants: Sequence[Settings], path: str) -> object:
    value_of = attrgetter(path)
    said = (value for each in tenants if (value := value_of(each)) != value_of(DEFAULTS))
    return next(said, value_of(DEFAULTS))


def _of_tenant(environ: Mapping[str, str], tables: Mapping[str, object]) -> dict[str, str]:
    """The secrets of one tenant: `FRONTDESK_SECRET_ACME_EU` is that of `acme-eu`."""
    match tables:
        case {"tenant": {"id": str(name)}}:
            end = "_" + re.sub("[^A-Z0-9]", "_", name.upper())
        case _:
            return {}  # a mistake, which is told of with the others
    return {
        variable: environ[variable + end] for variable, *_ in SECRETS if variable + end in environ
    }


def _together(files: Sequence[_File]) -> Iterator[Mistake]:
    """What does not fit together."""
    tenants: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for file in files:
        settings = file.settings
        if (other := tenants.setdefault(settings.configuration.tenant, file.name)) != file.name:
            yield file.mistake("tenant.id", f"is that of {other}", "give each tenant its own")
        secret = settings.auth.secret
        if secret and (other := secrets.setdefault(secret, file.name)) != file.name:
            hint = "give each its own: who signs tokens of one tenant could sign those of both"
            yield file.mistake("auth.secret", f"is that of {other}", hint)
    for path in OF_THE_PROCESS:
        agreed = _agreed([file.settings for file in files], path)
        for file in files:
            if attrgetter(path)(file.settings) not in (agreed, attrgetter(path)(DEFAULTS)):
                hint = "all tenants share it: give it in one file, or the same in each"
                yield file.mistake(path, "differs from what another file says", hint)

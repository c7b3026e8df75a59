"""Reads the configuration of a tenant: one frozen struct of everything, or every mistake at once.

Each key with its unit, default, bounds and reason is in `docs/configuration.md`, which is written
from the structs and rules. Secrets may come from the environment, which the
caller passes in; they are never printed.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from router.app.checks import checked
from router.app.decode import decode
from router.app.mistakes import ConfigurationInvalid, Mistake
from router.app.rules import seal_key_bytes
from router.app.sections import (
    Auth,
    Document,
    Limits,
    Masking,
    Metrics,
    Retention,
    Server,
)
from router.kernel.configuration import Agent, Configuration, TenantMasking

SECRETS = (
    ("FRONTDESK_SECRET", "auth", "secret"),
    ("FRONTDESK_SEAL_KEY", "masking", "seal_key"),
    ("FRONTDESK_FORMER_SEAL_KEYS", "masking", "former_seal_keys"),
)
"""What the environment may give, and the key it stands for; it wins over the file."""

LISTS = {"FRONTDESK_FORMER_SEAL_KEYS"}
"""Variables with several values, parted by commas."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A whole configuration without mistakes.

    Attributes:
        configuration: What the kernel is told.
        agents: Who takes contacts; the kernel keeps them in records of their own.
        source: The file it was read from, to read it again; empty for the demo.
        is_alone: It is the only one that is served, and not one of a folder.
    """

    configuration: Configuration
    agents: tuple[Agent, ...] = ()
    auth: Auth = Auth()
    limits: Limits = Limits()
    metrics: Metrics = Metrics()
    retention: Retention = Retention()
    masking: Masking = Masking()
    server: Server = Server()
    source: str = ""
    is_alone: bool = True


def load(path: Path, environ: Mapping[str, str], *, secret_required: bool = True) -> Settings:
    """Read one file.

    Args:
        path: The file.
        environ: Where secrets may be too.
        secret_required: False where no token is signed or checked: the demo, masking.

    Raises:
        ConfigurationInvalid: The file cannot be read or has mistakes; all are listed.
    """
    if path.is_dir():
        raise ConfigurationInvalid([Mistake("", "is a folder", "give one of the files in it")])
    settings = settings_of(tables_of(path), environ, secret_required=secret_required)
    return msgspec.structs.replace(settings, source=str(path))


def parse(text: str, environ: Mapping[str, str], *, secret_required: bool = True) -> Settings:
    """Read a configuration from TOML text; otherwise as `load`.

    Raises:
        ConfigurationInvalid: The text has mistakes; all are listed.
    """
    return settings_of(_tables(text), environ, secret_required=secret_required)


def tables_of(path: Path) -> dict[str, object]:
    """The tables of a file, as they are written; raises as `load`."""
    return _tables(_text(path))


def settings_of(
    tables: dict[str, object], environ: Mapping[str, str], *, secret_required: bool = True
) -> Settings:
    """What tables and the environment's secrets say; raises as `parse`."""
    document, mistakes = decode(Document, _with_secrets(tables, environ))
    mistakes += checked(document, secret_required=secret_required)
    if mistakes:
        raise ConfigurationInvalid(mistakes)
    return _settings(document)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        mistake = Mistake("", f"not UTF-8 at byte {error.start}", "save the file as UTF-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        mistake = Mistake("", f"cannot be read: {why or 'not a path'}", "check the path")
    raise ConfigurationInvalid([mistake])


def _tables(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistake = Mistake("", f"not TOML: {error}", "other mistakes show when this is right")
    except (ValueError, RecursionError):
        mistake = Mistake("", "not TOML: a value is too long or nested too deep", "make it shorter")
    raise ConfigurationInvalid([mistake])


def _with_secrets(tables: dict[str, object], environ: Mapping[str, str]) -> dict[str, object]:
    """Return the tables with the environment's secrets in their places."""
    merged = dict(tables)
    for variable, section, key in SECRETS:
        table = merged.get(section, {})
        if environ.get(variable) and isinstance(table, dict):
            given = environ[variable]
            value = [one.strip() for one in given.split(",")] if variable in LISTS else given
            merged[section] = {**table, key: value}
    return merged


def _settings(document: Document) -> Settings:
    masking = document.masking
    former = (seal_key_bytes(each) for each in masking.former_seal_keys)
    return Settings(
        configuration=Configuration(
            tenant=document.tenant.id,
            presence=document.presence,
            masking=TenantMasking(
                **{key: getattr(masking, key) for key in TenantMasking.__struct_fields__}
            ),
            entry_points=document.entry_points,
            queues=document.queues,
            wrapup_codes=document.wrapup_codes,
            idle_codes=document.idle_codes,
            templates=document.templates,
        ),
        agents=document.agents,
        auth=document.auth,
        limits=document.limits,
        metrics=document.metrics,
        retention=document.retention,
        masking=Masking(
            seal_key=seal_key_bytes(masking.seal_key) if masking.seal_key else None,
            former_seal_keys=tuple(key for key in former if key is not None),
        ),
        server=document.server,
    )

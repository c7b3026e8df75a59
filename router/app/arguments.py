"""What the command line says: one struct for each command, or usage and exit code 2."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from router.app.version import version

DEFAULT_ENGINE = "sqlite:frontdesk.db"
REDIS = ("redis://", "rediss://", "redis+sentinel://", "rediss+sentinel://", "unix://")
LISTENING = "listening on "
FOLDER_ENGINE = "sqlite:frontdesk-stores"
MEMORY_ENGINE = "memory:"
LogFormat = Literal["console", "json"]
URL = "http://127.0.0.1:8080"
TTL_S = 12 * 3_600  # a working day
TTL_S_MAX = 366 * 86_400


class Serve(msgspec.Struct, frozen=True, kw_only=True, tag="serve"):
    """Serve until told to stop.

    Attributes:
        processes: How many share the port.
        hub: What whoever started this one among several calls it.
        log_format: How lines of the log look.
        pace: How long the demo's people take for everything; 1 is a pace to read along.
    """

    config: Path | None
    demo: bool
    host: str
    port: int
    metrics_port: int | None
    engine: str | None
    log_format: LogFormat = "console"
    processes: int = 1
    hub: str | None = None
    pace: float = 1.0


class Token(msgspec.Struct, frozen=True, kw_only=True, tag="token"):
    """Print a token.

    Attributes:
        tenant: Whose agent it is, where ``config`` is a folder.
    """

    config: Path
    tenant: str | None
    agent: str
    role: list[str] | None
    ttl: int


class CheckConfig(msgspec.Struct, frozen=True, kw_only=True, tag="check_config"):
    """Tell whether a configuration has mistakes."""

    file: Path


class Doctor(msgspec.Struct, frozen=True, kw_only=True, tag="doctor"):
    """Tell what would go wrong in production."""

    config: Path
    engine: str | None


class Backup(msgspec.Struct, frozen=True, kw_only=True, tag="backup"):
    """Copy a store."""

    engine: str
    to: Path


class Restore(msgspec.Struct, frozen=True, kw_only=True, tag="restore"):
    """Put a copy in the place of a store.

    Attributes:
        force: A store that is there is put aside.
    """

    source: Path
    engine: str
    force: bool


class Mask(msgspec.Struct, frozen=True, kw_only=True, tag="mask"):
    """Mask lines.

    Attributes:
        sender: Whose messages the lines would be.
        explain: Also tell of each value where it is and by which rule it was found.
    """

    config: Path | None
    queue: str | None
    sender: Literal["customer", "agent"]
    explain: bool


class Chat(msgspec.Struct, frozen=True, kw_only=True, tag="chat"):
    """Chat as a customer, in the terminal."""

    url: str
    entry_point: str


class Desk(msgspec.Struct, frozen=True, kw_only=True, tag="desk"):
    """Answer chats as an agent, in the terminal."""

    url: str
    token: str | None
    config: Path | None
    tenant: str | None
    agent: str | None


class PrintSchema(msgspec.Struct, frozen=True, kw_only=True, tag="print_schema"):
    """Print what the protocol is made of, for programs."""

    format: Literal["asyncapi", "typescript"]


Arguments = (
    Serve | Token | CheckConfig | Doctor | Backup | Restore | Mask | Chat | Desk | PrintSchema
)


def parse_arguments(words: Sequence[str] | None) -> Arguments:
    """Return what the words ask for; none are the program's own.

    Raises:
        SystemExit: 2 with usage when they ask for nothing known; 0 after help or version.
    """
    parser = argparse.ArgumentParser(
        prog="frontdesk", description="A self-hosted, real-time contact-center router."
    )
    parser.add_argument("--version", action="version", version=f"frontdesk {version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_serve(commands.add_parser("serve", help="serve until SIGTERM"))
    _add_token(commands.add_parser("token", help="print a token for an agent"))
    config = commands.add_parser("config", help="work with configuration files")
    check = config.add_subparsers(metavar="ACTION", required=True).add_parser(
        "check", help="list every mistake of a file"
    )
    check.add_argument("file", metavar="FILE", type=Path)
    check.set_defaults(type="check_config")
    _add_doctor(commands.add_parser("doctor", help="tell what would go wrong in production"))
    _add_backup(commands.add_parser("backup", help="copy a store, also while it is open"))
    _add_restore(commands.add_parser("restore", help="make a store of a copy"))
    _add_mask(commands.add_parser("mask", help="read lines, write them masked"))
    _add_chat(commands.add_parser("chat", help="chat as a customer, here"))
    _add_desk(commands.add_parser("desk", help="answer chats as an agent, here"))
    _add_schema(commands.add_parser("schema", help="print the protocol for programs"))
    found = vars(parser.parse_args(words))
    _demand_companions(parser, found)
    arguments: Arguments = msgspec.convert(found, Arguments)
    return arguments


def _add_serve(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--config", metavar="FILE", type=Path, help="a file, or a folder with one for each tenant"
    )
    source.add_argument("--demo", action="store_true", help="a ready example, removed at the end")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=8080, help="0: any free port")
    parser.add_argument("--metrics-port", type=_port, metavar="N", help="0: on the main port")
    parser.add_argument(
        "--engine",
        type=_engine,
        help=f"sqlite:PATH, memory: or redis://… (default {DEFAULT_ENGINE}; a demo has its own)",
    )
    parser.add_argument(
        "--log-format",
        choices=("console", "json"),
        default="console",
        help="lines for people (default), or an object of JSON each",
    )
    parser.add_argument(
        "--processes",
        type=_processes,
        metavar="N",
        default=1,
        help="run N processes behind one port; with a Redis engine",
    )
    parser.add_argument("--hub", help=argparse.SUPPRESS)
    parser.add_argument(
        "--pace", metavar="PERCENT", type=_pace, default=1.0, help=argparse.SUPPRESS
    )
    parser.set_defaults(type="serve")


def _add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, required=True)
    parser.add_argument("--tenant", metavar="ID", help="whose agent, of a folder of tenants")
    parser.add_argument("--agent", metavar="ID", required=True)
    parser.add_argument("--role", action="append", help="may be repeated (default agent)")
    parser.add_argument(
        "--ttl", type=_seconds, metavar="SECONDS", default=TTL_S, help=f"default {TTL_S}"
    )
    parser.set_defaults(type="token")


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, required=True, help="or a folder")
    parser.add_argument("--engine", type=_engine, help=f"as in serve (default {DEFAULT_ENGINE})")
    parser.set_defaults(type="doctor")


def _add_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", type=_engine, required=True, help="sqlite:PATH, as in serve")
    parser.add_argument(
        "--to", metavar="FILE", type=Path, required=True, help="or a folder, where PATH is one"
    )
    parser.set_defaults(type="backup")


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="source", metavar="FILE", type=Path, required=True, help="what backup made"
    )
    parser.add_argument("--engine", type=_engine, required=True, help="sqlite:PATH, as in serve")
    parser.add_argument("--force", action="store_true", help="put a store that is there aside")
    parser.set_defaults(type="restore")


def _add_mask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, help="whose policy holds")
    parser.add_argument("--queue", metavar="ID", help="as in this queue of the file")
    parser.add_argument(
        "--from",
        dest="sender",
        choices=("customer", "agent"),
        default="customer",
        help="whose messages they are (default customer)",
    )
    parser.add_argument("--explain", action="store_true", help="tell why, below each line")
    parser.set_defaults(type="mask")


def _add_chat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default=URL)
    parser.add_argument("--entry-point", metavar="ID", default="shop")
    parser.set_defaults(type="chat")


def _add_desk(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default=URL)
    parser.add_argument("--token", help="made by frontdesk token")
    parser.add_argument("--config", metavar="FILE", type=Path, help="with --agent: make one here")
    parser.add_argument("--tenant", metavar="ID", help="whose agent, of a folder of tenants")
    parser.add_argument("--agent", metavar="ID")
    parser.set_defaults(type="desk")


def _add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("asyncapi", "typescript"),
        default="asyncapi",
        help="an AsyncAPI document in JSON (default), or TypeScript types",
    )
    parser.set_defaults(type="print_schema")


def _demand_companions(parser: argparse.ArgumentParser, found: dict[str, object]) -> None:
    """A desk has one token: given, or made from both a file and an agent; a queue has a file.

    Several processes have a file too, and a store that they can share.
    """
    if found["type"] == "mask" and found["queue"] is not None and found["config"] is None:
        parser.error("--queue needs --config FILE")
    if found["type"] == "serve" and found["processes"] != 1 and not _may_be_several(found):
        parser.error("--processes needs --config FILE and --engine redis://…")
    if found["type"] != "desk":
        return
    given = [found[key] is not None for key in ("token", "config", "agent")]
    if given not in ([True, False, False], [False, True, True]):
        parser.error("desk needs --token TOKEN, or --config FILE with --agent ID")


def _may_be_several(found: Mapping[str, object]) -> bool:
    return not found["demo"] and str(found["engine"]).startswith(REDIS)


def _port(word: str) -> int:
    return _number(word, 0, 65_535)


def _seconds(word: str) -> int:
    return _number(word, 1, TTL_S_MAX)


def _processes(word: str) -> int:
    return _number(word, 1, 64)


def _number(word: str, least: int, most: int) -> int:
    if word.isascii() and word.isdigit() and len(word) < 10 and least <= int(word) <= most:
        return int(word)
    raise argparse.ArgumentTypeError(f"not a whole number from {least} to {most}")


def _pace(word: str) -> float:
    """For tests of the demo, which cannot wait for people."""
    return _number(word, 1, 100) / 100


def _engine(word: str) -> str:
    kind, _, place = word.partition(":")
    if (kind == "sqlite" and place) or word == MEMORY_ENGINE or word.startswith(REDIS):
        return word
    raise argparse.ArgumentTypeError("not sqlite:PATH, memory: or redis://…")

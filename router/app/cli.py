"""The commands of `frontdesk`; exit code 0 is fine, 1 is a mistake, 2 is usage."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO, assert_never

from masking import Policy
from router.app.arguments import (
    DEFAULT_ENGINE,
    FOLDER_ENGINE,
    TTL_S,
    Arguments,
    Backup,
    Chat,
    CheckConfig,
    Desk,
    Doctor,
    Mask,
    PrintSchema,
    Restore,
    Serve,
    Token,
    parse_arguments,
)
from router.app.config import Settings, load
from router.app.decode import did_you_mean
from router.app.demo import demo_settings
from router.app.folder import load_all, shared_by
from router.app.logs import configure_logs, printable
from router.app.mistakes import ConfigurationInvalid, Mistake, listed, quoted
from router.app.tokens import ROLES, make_token
from router.app.unserved import unserved
from router.app.version import version
from router.kernel.configuration import Configuration
from router.kernel.ids import QueueId
from router.kernel.model import ConfigurationRecord
from router.log import log

FINE = 0
MISTAKE = 1
INTERRUPTED = 130  # what a shell expects of a program that SIGINT ended


NOTES = log(__name__)


class CommandFailed(Exception):  # noqa: N818 - an answer to the operator, not a failure
    """The command cannot be done as asked; the text says why and what to do."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words ask and return the exit code; without words, the program's own."""
    arguments = parse_arguments(words)
    try:
        return _run(arguments)
    except ConfigurationInvalid as invalid:
        _tell_mistakes(arguments, invalid)
    except CommandFailed as failed:
        _tell(f"frontdesk: {failed}", arguments)
    except SystemExit as ended:
        if not isinstance(ended.code, str):
            raise
        _tell(ended.code, arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has had enough; nothing may be written on the way out either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return MISTAKE


def _tell(words: str, arguments: Arguments) -> None:
    """Say why a command ended, as whoever reads it expects."""
    if _logs_json(arguments):
        NOTES.error("server.ended", why=words.removeprefix("frontdesk: "))
    else:
        print(words, file=sys.stderr)


def _tell_mistakes(arguments: Arguments, invalid: ConfigurationInvalid) -> None:
    if _logs_json(arguments):
        for path, message, hint in invalid.mistakes:
            NOTES.warning("configuration.mistake", path=path, message=message, hint=hint)
        NOTES.error("configuration.unusable", mistakes=len(invalid.mistakes))
    else:
        print(_report(_file(arguments), invalid), file=_answers(arguments))


def _logs_json(arguments: Arguments) -> bool:
    return isinstance(arguments, Serve) and arguments.log_format == "json"


def _run(arguments: Arguments) -> int:
    match arguments:
        case Serve():
            return _serve(arguments)
        case Token():
            settings = _chosen(arguments.config, arguments.tenant)
            print(_token(settings, arguments.agent, arguments.role, ttl_s=arguments.ttl))
            return FINE
        case CheckConfig():
            for settings in load_all(arguments.file, os.environ):
                print(_summary(settings))
            return FINE
        case Doctor():
            return _doctor(arguments)
        case Backup() | Restore():
            return _copy(arguments)
        case Mask():
            return _mask(arguments)
        case Chat() | Desk():
            return _terminal(arguments)
        case PrintSchema():
            print(_schema(arguments))
            return FINE
        case _:
            assert_never(arguments)


def _serve(arguments: Serve) -> int:
    configure_logs(sys.stderr, arguments.log_format)
    if arguments.config is None:
        tenants: tuple[Settings, ...] = (demo_settings(os.environ),)
    else:
        tenants = load_all(arguments.config, os.environ)
    metrics_port = arguments.metrics_port
    if metrics_port is None:
        metrics_port = shared_by(tenants).metrics.port
    if metrics_port == arguments.port != 0:
        raise CommandFailed("metrics need a port of their own: give --metrics-port another, or 0")
    from router.app.runtime import end_with_input, run  # noqa: PLC0415 - as below

    if arguments.demo:
        from router.app.demo_run import run_demo  # noqa: PLC0415 - as below

        demo = run_demo(
            tenants[0],
            host=arguments.host,
            port=arguments.port,
            metrics_port=metrics_port,
            engine=arguments.engine,
            pace=arguments.pace,
        )
        return run(demo)
    from router.app.serve import serve  # noqa: PLC0415 - other commands start without a server

    if arguments.processes > 1:
        return _work_together(arguments, metrics_port)
    if arguments.hub is not None:
        end_with_input()
    return run(
        serve(
            tenants,
            host=arguments.host,
            port=arguments.port,
            metrics_port=metrics_port,
            engine=arguments.engine or (DEFAULT_ENGINE if tenants[0].is_alone else FOLDER_ENGINE),
            hub=arguments.hub,
        )
    )


def _work_together(arguments: Serve, metrics_port: int) -> int:
    """Serve with several processes; each has metrics of its own."""
    from router.app.crew import Crew, free_port  # noqa: PLC0415 - most serve with one
    from router.app.stores import expel  # noqa: PLC0415 - as above

    if metrics_port == 0:
        raise CommandFailed("each process has metrics of its own: give --metrics-port the first's")
    engine, host, port = str(arguments.engine), arguments.host, arguments.port
    kept = None
    if port == 0:
        kept, port = free_port(host)
    words = (
        *("--config", str(arguments.config), "--host", host, "--port", str(port)),
        *("--log-format", arguments.log_format),
    )

    async def give_up(hub: str) -> None:
        await expel(engine, hub, environ=os.environ)

    async def work() -> int:
        crew = Crew((*words, "--engine", engine), expel=give_up)
        return await crew.work(arguments.processes, metrics_port=metrics_port)

    try:
        return asyncio.run(work())
    finally:
        if kept is not None:
            kept.close()


def _chosen(config: Path, tenant: str | None) -> Settings:
    """Return the configuration of the named tenant, or of the only one."""
    tenants = {str(each.configuration.tenant): each for each in load_all(config, os.environ)}
    if tenant is None and len(tenants) == 1:
        return next(iter(tenants.values()))
    if tenant is None:
        raise CommandFailed(f"whose agent? give --tenant: {listed(tenants)}")
    if tenant not in tenants:
        hint = did_you_mean(tenant, tenants)
        raise CommandFailed(f"there is no tenant {quoted(tenant)} here: {hint}")
    return tenants[tenant]


def _token(settings: Settings, agent: str, roles: list[str] | None, *, ttl_s: int) -> str:
    """Return a token; only the role `agent` needs a configured agent."""
    given = tuple(dict.fromkeys(roles or ["agent"]))
    for role in given:
        if role not in ROLES:
            raise CommandFailed(f"there is no role {quoted(role)}: {did_you_mean(role, ROLES)}")
    known = {str(each.id) for each in settings.agents}
    if "agent" in given and agent not in known:
        hint = did_you_mean(agent, known)
        raise CommandFailed(f"there is no agent {quoted(agent)} in the file: {hint}")
    if not settings.auth.secret:
        raise CommandFailed("the file has jwks_url, so only its owner makes tokens")
    return make_token(
        settings,
        agent=agent,
        roles=given,
        expires_at_s=int(time.time()) + ttl_s,  # noqa: TID251 - the command line has a clock
    )


def _doctor(arguments: Doctor) -> int:
    from router.app.doctor import examine  # noqa: PLC0415 - other commands start without it
    from router.app.serve import wall_clock_ms  # noqa: PLC0415 - as above

    problems = examine(arguments.config, arguments.engine, os.environ, wall_clock_ms)
    if not problems:
        print(f"{printable(str(arguments.config))}: fine: nothing found that would go wrong")
        return FINE
    print(_listed(arguments.config, problems, "problem"))
    return MISTAKE


def _copy(arguments: Backup | Restore) -> int:
    from router.app.backup import backup, restore  # noqa: PLC0415 - other commands start without it
    from router.shard.engine import EngineError  # noqa: PLC0415 - as above

    try:
        match arguments:
            case Backup(engine=engine, to=to):
                done = backup(engine, to)
            case Restore(source=source, engine=engine, force=is_forced):
                done = restore(source, engine, is_forced=is_forced)
            case _:
                assert_never(arguments)
    except EngineError as error:
        raise CommandFailed(str(error)) from error
    for line in done:
        print(printable(line))
    return FINE


def _mask(arguments: Mask) -> int:
    from router.app.lines import mask_lines  # noqa: PLC0415 - other commands start without it

    mask_lines(
        sys.stdin.buffer, sys.stdout.buffer, _policy(arguments), is_explained=arguments.explain
    )
    return FINE


def _policy(arguments: Mask) -> Policy:
    """Return the policy of messages in the named queue, or of all where none is named."""
    from router.shard.policies import Policies  # noqa: PLC0415 - as above

    configuration = Configuration()
    if arguments.config is not None:
        configuration = load(arguments.config, os.environ, secret_required=False).configuration
    known = {str(queue.id) for queue in configuration.queues}
    if arguments.queue is not None and arguments.queue not in known:
        hint = did_you_mean(arguments.queue, known)
        raise CommandFailed(f"there is no queue {quoted(arguments.queue)} in the file: {hint}")
    policies = Policies(ConfigurationRecord(configuration=configuration))
    queue = None if arguments.queue is None else QueueId(arguments.queue)
    return policies.of(arguments.sender, queue).message


def _schema(arguments: PrintSchema) -> str:
    from router.hub.asyncapi import asyncapi  # noqa: PLC0415 - other commands start without it
    from router.hub.typescript import typescript  # noqa: PLC0415 - as above

    match arguments.format:
        case "asyncapi":
            return asyncapi(version()).decode()
        case "typescript":
            return typescript(version()).removesuffix("\n")
        case _:
            assert_never(arguments.format)


def _terminal(arguments: Chat | Desk) -> int:
    from router.app import terminal  # noqa: PLC0415 - other commands start without a client
    from router.app.sockets import SocketFailed  # noqa: PLC0415 - as above

    match arguments:
        case Chat(url=url, entry_point=entry_point):
            conversation = terminal.chat(url, entry_point)
        case Desk(url=url, token=str(token)):
            conversation = terminal.desk(url, token)
        case Desk(url=url, config=Path() as config, agent=str(agent), tenant=tenant):
            token = _token(_chosen(config, tenant), agent, None, ttl_s=TTL_S)
            conversation = terminal.desk(url, token)
        case _:
            raise AssertionError("usage was checked: a desk has a token, or a file and an agent")
    try:
        asyncio.run(conversation)
    except SocketFailed as failed:
        raise CommandFailed(str(failed)) from failed
    return FINE


def _file(arguments: Arguments) -> Path | None:
    match arguments:
        case CheckConfig(file=file):
            return file
        case Backup() | Restore() | Chat() | PrintSchema():
            return None
        case _:
            return arguments.config


def _answers(arguments: Arguments) -> TextIO:
    """Mistakes are the answer of `config check`, and elsewhere the reason there is none."""
    return sys.stdout if isinstance(arguments, CheckConfig) else sys.stderr


def _report(file: Path | None, invalid: ConfigurationInvalid) -> str:
    return _listed(file, invalid.mistakes, "mistake")


def _listed(file: Path | None, mistakes: Sequence[Mistake], what: str) -> str:
    lines = [f"{printable(str(file or 'the environment'))}: {_count(len(mistakes), what)}"]
    for path, message, hint in mistakes:
        lines += [f"  {path}: {message}" if path else f"  {message}", f"      hint: {hint}"]
    return "\n".join(lines)


def _summary(settings: Settings) -> str:
    configuration = settings.configuration
    counts = (
        _count(len(configuration.entry_points), "entry point"),
        _count(len(configuration.queues), "queue"),
        _count(len(settings.agents), "agent"),
        _count(len(configuration.wrapup_codes), "wrap-up code"),
    )
    lines = [
        f"{printable(settings.source)}: fine: tenant {configuration.tenant}, {', '.join(counts)}"
    ]
    lines += [f"  {path}: not served by this version yet" for path in unserved(settings)]
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

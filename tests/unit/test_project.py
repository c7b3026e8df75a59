"""Holds the promises the whole project makes about its files, whatever room they are in."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("masking", "presence", "queues", "router")
ROOMS = ("app", "hub", "kernel", "shard")
PRODUCT = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
OURS = [
    *PRODUCT,
    *(path for folder in ("bench", "tests") for path in sorted((ROOT / folder).rglob("*.py"))),
]

REQUIREMENTS = ("requirements.lock", "requirements.run.lock", "requirements.build.lock")

ADDRESS = re.compile(r'://|"resolved":|\b[\w-]+\.(?:com|dev|net|org)\b')
EVENT_NAME = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
LOGGERS = {"getlogger", "log", "logger", "logging", "notes", "target"}
LOG_CALLS = {"critical", "debug", "error", "exception", "fatal", "info", "log", "warn", "warning"}
LOG_VALUES = {
    "agents": {"len(settings.agents)"},
    "code": {"answered.result.code.value", "code", "refusal.code.value"},
    "command": {"broke.what", "command"},
    "contact": {"contact"},
    "deadline": {"deadline.kind"},
    "epoch": {"lease.epoch", "writer.lease.epoch"},
    "exc_info": {"error"},
    "extra": {"{'fields': {'task': task.get_name()}}"},
    "fault": {"failure.fault", "type(fault).__name__"},
    "field": {"asked.field"},
    "gap_ms": {"gap_ms"},
    "hint": {"hint"},
    "host": {"self._host"},
    "hub": {"hub"},
    "kind": {"kind"},
    "mistakes": {"len(invalid.mistakes)"},
    "namespace": {"self.path"},
    "path": {"path"},
    "place": {"failure.place"},
    "position": {"position"},
    "restart_in_ms": {"int(pause_s * 1000)"},
    "rule": {"failure.rule"},
    "tenant": {
        "self._name",
        "self._tenant",
        "self.id",
        "self.texts.tenant",
        "station.texts.tenant",
        "tenant",
    },
    "url": {"url"},
    "why": {"type(fault).__name__"},
}
"""What lines of logs may tell, and in which words of the code, each looked at once: ids, numbers
and closed sets of words. Whatever is written there as it stands may be told, too."""
OF_ONE_MODULE = {
    "router/app/cli.py": {"why": {"words.removeprefix('frontdesk: ')"}},
    "router/app/crew.py": {"why": {"fault.strerror", "str(fault)"}},
    "router/shard/loop.py": {"why": {"self.fault"}},
}
"""What engines and the system say of themselves, and the command line of its own words."""
OF_ONE_EVENT = {"configuration.mistake": {"message"}}  # in our words, of the operator's own file


def calls(source: str) -> Iterator[ast.Call]:
    """Yield every call in the source, nested ones included."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def last_name(node: ast.expr) -> str:
    """Return ``c`` for both ``c`` and ``a.b.c``; for any other expression, nothing."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(name)):
            return name
        case _:
            return ""


def makers_of(kind: str, source: str) -> list[int]:
    """Return the lines that make a type of text, by calling it or by a cast."""
    return [
        call.lineno
        for call in calls(source)
        if last_name(call.func) == kind
        or (last_name(call.func) == "cast" and last_name(call.args[0]) == kind)
    ]


def is_log_call(call: ast.Call) -> bool:
    """Tell ``NOTES.info(...)``, ``self._log.info(...)`` and ``log(name).info(...)`` from others."""
    match call.func:
        case ast.Attribute(value=ast.Call(func=receiver) | receiver, attr=method):
            return method in LOG_CALLS and last_name(receiver).lstrip("_").lower() in LOGGERS
        case _:
            return False


def log_mistakes(source: str, module: str = "") -> list[int]:
    """Return the lines of log calls that could carry what a customer wrote."""
    return [
        call.lineno
        for call in calls(source)
        if is_log_call(call) and not (has_static_event(call) and has_safe_fields(call, module))
    ]


def has_static_event(call: ast.Call) -> bool:
    """Tell whether the call names its event by a literal and formats nothing."""
    match call.args:
        case [ast.Constant(value=str(event)), *_]:
            formatted = any(isinstance(node, ast.JoinedStr) for node in ast.walk(call))
            return EVENT_NAME.fullmatch(event) is not None and not formatted
        case _:
            return False


def has_safe_fields(call: ast.Call, module: str) -> bool:
    """Tell whether every field and its value are known to be safe, and there is nothing else."""
    own = OF_ONE_EVENT.get(last_name(call.args[0]), set[str]())
    return len(call.args) == 1 and all(
        is_safe_field(keyword, module) or keyword.arg in own for keyword in call.keywords
    )


def is_safe_field(keyword: ast.keyword, module: str) -> bool:
    """Tell whether a field is known, and its value one that was looked at."""
    field, value = keyword.arg or "", keyword.value
    known = LOG_VALUES.get(field, set[str]())
    more = OF_ONE_MODULE.get(module, {}).get(field, set[str]())
    is_literal = field in LOG_VALUES and isinstance(value, ast.Constant)
    return is_literal or ast.unparse(value) in known | more


def in_project(path: Path) -> str:
    """Return the path as a reader of a failure would type it."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("lock", [*REQUIREMENTS, "package-lock.json", ".npmrc"])
def test_a_lock_names_no_address(lock: str) -> None:
    """Hashes say what is installed; where it comes from is the machine's own setting."""
    found = ADDRESS.findall((ROOT / lock).read_text())

    assert found == []


def locked(lock: str) -> list[str]:
    """Return what a lock names, each with its hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("lock", REQUIREMENTS)
def test_every_locked_requirement_has_a_hash(lock: str) -> None:
    """A requirement without a hash could be replaced on its way here."""
    requirements = locked(lock)

    assert requirements
    assert [line for line in requirements if "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("lock", ["requirements.run.lock", "requirements.build.lock"])
def test_what_is_installed_is_what_was_tested(lock: str) -> None:
    """The whole lock is what every test ran with; `./dev lock` writes the others out of it."""
    whole = {line.split()[0] for line in locked("requirements.lock")}

    assert {line.split()[0] for line in locked(lock)} <= whole


def test_what_is_installed_has_all_that_the_program_asks_for() -> None:
    """An image is made from this lock and from nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {re.split(r"[\W_]*[>=<;\[ ]", each)[0].lower() for each in project["dependencies"]}
    named = {line.partition("==")[0] for line in locked("requirements.run.lock")}

    assert len(asked) >= 5
    assert asked <= named


def test_the_rooms_are_the_only_product_packages() -> None:
    """A package that no import contract names would escape all of them."""
    top = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "ops", "tests"}
    rooms = {path.parent.name for path in (ROOT / "router").glob("*/__init__.py")}

    assert top == set(PACKAGES)
    assert rooms == set(ROOMS)


def test_every_folder_of_tests_is_a_suite() -> None:
    """A folder that ``./dev test`` does not name would pass by never being run."""
    named = re.search(r"for folder in ([a-z0-9 ]+);", (ROOT / "dev").read_text())
    folders = {
        path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/**/test_*.py")
    }

    assert named is not None
    assert folders <= set(named[1].split())


@pytest.mark.parametrize("path", OURS, ids=in_project)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    """A reader decides by the first sentence whether a file concerns them."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""

    assert docstring.splitlines()[:1] != []


@pytest.mark.parametrize("kind", ["MaskedText", "SealedText"])
def test_masked_and_sealed_text_are_made_only_in_masking(kind: str) -> None:
    """Whoever holds one may rely on it: no other room can claim that text is masked or sealed."""
    outside = [path for path in PRODUCT if not path.is_relative_to(ROOT / "masking")]
    makers = {in_project(path): makers_of(kind, path.read_text()) for path in outside}

    assert {path: lines for path, lines in makers.items() if lines} == {}


def test_sealed_text_is_made_in_one_place() -> None:
    """One place decides what may be sealed, and none of the others in masking goes around it."""
    makers = [in_project(path) for path in PRODUCT if makers_of("SealedText", path.read_text())]

    assert makers == ["masking/seal.py"]


def test_logs_carry_static_events_and_no_customer_content() -> None:
    """Logs travel further than data, so nothing a customer wrote may reach them."""
    seam = ROOT / "router" / "log.py"  # hands on what others say
    modules = [path for path in PRODUCT if path != seam]
    mistakes = {
        name: log_mistakes(path.read_text(), name)
        for name, path in ((in_project(path), path) for path in modules)
    }
    calling = [
        path for path in modules if any(is_log_call(call) for call in calls(path.read_text()))
    ]

    assert {path: lines for path, lines in mistakes.items() if lines} == {}
    assert len(calling) >= 5  # the search finds what our modules really write


@pytest.mark.parametrize(
    "source",
    ["MaskedText('x')", "text.MaskedText('x')", "cast(MaskedText, x)", "cast('MaskedText', x)"],
)
def test_each_way_to_make_masked_text_is_noticed(source: str) -> None:
    """A search that finds nothing proves something only if it can find what it looks for."""
    assert makers_of("MaskedText", source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "log.info(f'lease.{state}')",
        "log.info(event)",
        "log.info('lease lost')",
        "log.info('lease.' + state)",
        "log.info('lease.lost', epoch=f'{text}')",
        "self._log.warning('message.refused', text=text)",
        "logging.error('message.refused', extra={'body': body})",
        "logger.info()",
        "NOTES.info('message.refused', text=text)",
        "NOTES.info('message.refused', why=asked.text)",
        "NOTES.info('message.refused', why=str(contact.customer.email))",
        "NOTES.info('message.refused', **fields)",
        "NOTES.info('message.refused', message=line)",
        "NOTES.info('message.refused', transcript=lines)",
        "NOTES.target.error('message.refused', extra={'fields': {'why': body}})",
        "log(__name__).info('message.refused', text=1)",
        "logging.getLogger('x').warning('message.refused', name='Bo')",
        "NOTES.warning('message.refused', why=str(error))",
        "NOTES.warning('message.refused', why=self.fault)",
        "NOTES.warning('message.refused', why=message.content)",
        "NOTES.warning('message.refused', tenant=message.content)",
        "NOTES.warning('message.refused', contact=words[0])",
        "NOTES.warning('message.refused', rule=repr(found))",
        "NOTES.warning('message.refused', kind=kind + line)",
        "NOTES.warning('message.refused %s', line)",
        "NOTES.warning('message.refused', line)",
    ],
)
def test_each_unsafe_log_call_is_noticed(source: str) -> None:
    """A search that finds nothing proves something only if it can find what it looks for."""
    assert log_mistakes(source) == [1]


@pytest.mark.parametrize(
    "source",
    ["log.info('lease.lost', epoch=1)", "math.log(2)", "x.info(f'{y}')", "parser.error('no file')"],
)
def test_a_safe_call_is_left_alone(source: str) -> None:
    """A search that cries wolf is soon switched off."""
    assert log_mistakes(source) == []

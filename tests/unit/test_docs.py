"""The pages say what is so: commands, links, metrics and the names of the wire."""

import ast
import errno
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.reference import METRICS_PAGE, metrics, metrics_page
from router.app.arguments import parse_arguments
from router.hub.auth import ALLOWED
from router.hub.contract import AGENT, CUSTOMER
from router.kernel.errors import RefusalCode

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "helm" / "frontdesk" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")

FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:frontdesk|\./dev)[^`]*)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SHELL = re.compile(r"(?:^|[|;&] |\$ )(?:frontdesk|\./dev)\b")
OPERATORS = {"|", ">", ">>", "<", "&", "&&", ";"}
TABLE_NAMES = re.compile(r"^\| ((?:`[\w.]+`(?:, )?)+) ?†? \|", re.MULTILINE)
EVENT = re.compile(r"[a-z]+\.[a-z]+|typing|message|session|snapshot")


def in_project(path: Path) -> str:
    """Return the path as a reader of a failure would type it."""
    return path.relative_to(ROOT).as_posix()


# -- commands ------------------------------------------------------------------------------------


def commands(line: str) -> Iterator[list[str]]:
    """Yield the commands of ours in one line of shell, as words without what is optional."""
    words = shlex.split(re.sub(r"[\[\]…]", "", line.removeprefix("$ ")), comments=True)
    command: list[str] = []
    for word in [*words, ";"]:
        if word not in OPERATORS:
            command.append(word)
            continue
        if command and command[0] in {"frontdesk", "./dev"}:
            yield command
        command = []


def told(page: str) -> Iterator[tuple[list[str], bool]]:
    """Yield every command of a page, and whether it is to be typed as it stands."""
    for block in FENCE.findall(page):
        for line in filter(SHELL.search, block.splitlines()):
            for command in commands(line):
                yield command, True
    for span in INLINE.findall(FENCE.sub("", page)):
        for command in commands(span):
            yield command, False


def exit_code(words: list[str]) -> int:
    """Return what the command line says of its words: 0 unless they are wrong."""
    try:
        parse_arguments(words)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def exists(command: list[str], *, is_whole: bool) -> bool:
    """Tell whether the command line, or the script of the checkout, takes these words."""
    program, *words = command
    if program == "./dev":
        return dev_exists(words)
    if not words:
        return not is_whole  # the name of the program in a sentence
    has_options = any(word.startswith("-") for word in words)
    return exit_code(words if is_whole or has_options else [*words, "--help"]) == 0


def dev_exists(words: list[str]) -> bool:
    """Tell whether ``./dev`` takes these words; options without a command go to the demo."""
    if not words or words[0].startswith("-"):
        return exit_code(["serve", "--demo", *words]) == 0
    usage = re.search(
        rf"^\./dev {re.escape(words[0])}\b(.*)$", (ROOT / "dev").read_text(), re.MULTILINE
    )
    return usage is not None and all(f"[{word}]" in usage[1] for word in words[1:])


@pytest.mark.parametrize("page", PAGES, ids=in_project)
def test_every_command_on_a_page_exists(page: Path) -> None:
    """Who copies a command from a page must not be told that it is wrong."""
    wrong = [
        command
        for command, is_whole in told(page.read_text(encoding="utf-8"))
        if not exists(command, is_whole=is_whole)
    ]

    assert wrong == []


def test_the_readme_shows_the_two_commands() -> None:
    """A search that finds nothing proves nothing: these two are there to be found."""
    found = [command for command, is_whole in told((ROOT / "README.md").read_text()) if is_whole]

    assert ["./dev"] in found
    assert ["./dev", "test"] in found


@pytest.mark.parametrize(
    "line",
    [
        "frontdesk sevre --demo",
        "frontdesk serve --demo --quick",
        "frontdesk",
        "./dev tset",
        "./dev test --short",
        "./dev --quick",
        "echo x | frontdesk musk",
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    """A search that finds nothing proves something only if it can find what it looks for."""
    assert [exists(command, is_whole=True) for command in commands(line)] == [False]


# -- links ---------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Return what a link may name inside a page: its headings as hosts of Markdown spell them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def leads_nowhere(page: Path, link: str) -> bool:
    """Tell whether a link inside the project names nothing; other links are not followed."""
    if "://" in link:
        return False
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=in_project)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    """A page that moved, or a heading that was renamed, takes its readers along."""
    links = LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))

    assert [link for link in links if leads_nowhere(page, link)] == []


@pytest.mark.parametrize("link", ["nowhere.md", "#nothing", "docs/glossary.md#nothing"])
def test_a_link_that_leads_nowhere_is_noticed(link: str) -> None:
    """A search that finds nothing proves something only if it can find what it looks for."""
    assert leads_nowhere(ROOT / "README.md", link)


def test_every_decision_is_in_the_list() -> None:
    """A decision that is not listed is not found before it is made again."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    decisions = [path.name for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]

    assert decisions
    assert [name for name in decisions if f"](decisions/{name})" not in page] == []


# -- what the program says -----------------------------------------------------------------------


def test_what_stops_a_start_is_said_in_the_words_of_the_page() -> None:
    """Somebody whose server does not start looks for the words on the screen."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text() for path in (ROOT / "router").rglob("*.py"))
    said = [words.strip(" …") for words in re.findall(r"\| `cannot start: ([^`]+)` \|", page)]

    assert len(said) > 5
    assert [words for words in said if words not in sources] == ["address already in use"]
    assert os.strerror(errno.EADDRINUSE).lower() == "address already in use"


# -- metrics -------------------------------------------------------------------------------------


def test_the_page_of_metrics_is_what_the_code_declares() -> None:
    """An alert is written from the page, and a metric nobody knows of is watched by nobody."""
    page = METRICS_PAGE.read_text(encoding="utf-8")

    assert len(metrics()) > 40
    assert page == metrics_page(page), "write it again: ./dev docs"


def test_a_row_that_is_wrong_missing_or_too_much_is_noticed() -> None:
    """A comparison that always holds proves nothing."""
    page = METRICS_PAGE.read_text(encoding="utf-8")
    row = metrics()["frontdesk_epoch"].row
    wrong = [
        page.replace("| `frontdesk_epoch` | gauge", "| `frontdesk_epoch` | counter"),
        page.replace(f"{row}\n", ""),
        page.replace(row, f"{row}\n| `frontdesk_x` | gauge | |"),
    ]

    assert [row in metrics_page(each) for each in wrong] == [True] * 3
    assert "frontdesk_x" not in metrics_page(wrong[2])


# -- the wire ------------------------------------------------------------------------------------


def table(title: str) -> set[str]:
    """Return the names in the first column of the table under a heading of the protocol."""
    _, _, after = PROTOCOL.partition(f"\n### {title}\n")
    rows = TABLE_NAMES.findall(re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0])
    return {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}


def test_every_command_of_the_wire_is_on_the_page_and_nothing_else() -> None:
    """A client is written from the page; what is not on it might as well not be served."""
    agent = {*ALLOWED["agent"], *ALLOWED["reveal"]} - {"/agent"}

    assert table("Commands of `/customer`") == ALLOWED["customer"] == set(CUSTOMER.commands)
    assert table("Commands of `/agent`") == agent == set(AGENT.commands)


def emitted() -> Iterator[str]:
    """Yield the names of events in the modules that make them, by their form and place."""
    for path in sorted((ROOT / "router" / "hub").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="to_agents" | "to_customer" | "Emission" | "_told_customer")
                    | ast.Attribute(attr="tell"),
                    args=arguments,
                ):
                    yield from (
                        argument.value
                        for argument in arguments
                        if isinstance(argument, ast.Constant)
                        and isinstance(argument.value, str)
                        and EVENT.fullmatch(argument.value)
                    )
                case _:
                    pass


def test_every_event_of_the_wire_is_on_the_page_and_nothing_else() -> None:
    """An event a client does not know of is an event it does not handle."""
    on_page = table("Events of `/customer`") | table("Events of `/agent`")

    assert table("Events of `/customer`") == set(CUSTOMER.events)
    assert table("Events of `/agent`") == set(AGENT.events)
    assert on_page == set(emitted())


def test_every_error_code_is_on_the_page_and_nothing_else() -> None:
    """Clients branch on codes: each must be there with its reason."""
    _, _, after = PROTOCOL.partition("\n## Errors\n")
    rows = TABLE_NAMES.findall(after.split("\n## ")[0])

    assert {row.strip("`") for row in rows} == set(RefusalCode)

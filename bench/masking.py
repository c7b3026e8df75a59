"""Measures masking beside its peers: what leaks, what is masked in vain, and how long it takes.

Peers are installed from PyPI into an environment of their own. The last line is one JSON object.
"""

import argparse
import json
import subprocess
import sys
import venv
from itertools import cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from bench.masking_subjects import PEERS, Outcome, Work, run
from tests.support.corpus import SEED, corpus
from tests.support.corpus.formats import FORMATS
from tests.support.corpus.row import KINDS, NEGATIVES, POSITIVES, Row
from tests.support.corpus.tally import Tally, tally

ROOT: Final = Path(__file__).parent.parent
HOME: Final = ROOT / ".venv" / "peers"
VERSIONS: Final = ROOT / "bench" / "masking-peers.txt"

REFERENCE_US: Final = 0.6
"""The calibration of the machine that times are scaled to."""

SLOW: Final = (
    "1",
    "0",
    "1 ",
    "1-",
    "1.",
    "1\n",
    "4111 ",
    "4111111111111111 ",
    "4111-1111-",
    "+1",
    "+",
    "(",
    "(1",
    "-",
    " ",
    "*",
    "*1",
    "**** ",
    "a",
    "a.",
    "a-",
    "a@",
    "@",
    "@a",
    "@a.",
    "a@a.",
    "a@a.a ",
    "a.a@a-",
    "a at ",
    "a at a dot ",
    "[at]",
    "(at) (dot) ",
    "%40",
    "%34",
    "%",
    "&#52;",
    "&#",
    "&",
    "&amp;",
    "DE89",
    "DE89 3704 ",
    "GB82WEST",
    "A1",
    "one ",
    "one",
    "noll ",
    "一",
    "O0l1",
    "Ol ",
    "1\u200b",
    "\u200b",
    "\u00ad",
    "1\u20e3",
    "\uff14",
    "٤",
    "12/27 ",
    "12/",
    "cvv ",
    "cvv 1 ",
    "4111111111111111 cvv 123 ",
    "tel ",
    "call 070 ",
    "ssn 1 ",
    "ssn ",
    "536-90-4399 ",
    "536-",
    "811218-9876 ",
    "123.456.",
    "cpr 010170",
    "カード番号1",
    "رقم 1",
    "\U0001f600",
    "e\u0301",
    "x" * 40 + "@",
    "1" * 19 + " ",
    "1" * 20 + "x",
    '{"a":"1"},',
    "2026-11-22 14:03:22 ",
    "1,234,567.89 ",
)
"""What is repeated to make an input that is meant to be slow."""


class Column(NamedTuple):
    """One masker's figures."""

    name: str
    outcome: Outcome
    tally: Tally
    formats: int


def repeated(text: str, length: int) -> str:
    """``text`` over and over, ``length`` characters of it."""
    return "".join(islice(cycle(text), length))


def work_for(rows: list[Row], *, is_ours: bool) -> Work:
    """What every masker is given: all rows, then the exact formats as messages of their own."""
    chats = [([said.text for said in row.said], [said.sender for said in row.said]) for row in rows]
    benign = [at for at, row in enumerate(row for row in rows for _ in row.said) if is_benign(row)]
    return Work(
        chats=[*chats, *(([text], ["customer"]) for text, _ in FORMATS)],
        benign=benign,
        slow=[(text, repeated(text, 1_000), repeated(text, 10_000)) for text in SLOW],
        rounds=3 if is_ours else 1,
    )


def is_benign(row: Row) -> bool:
    """Whether ``row`` is ordinary chat."""
    return row.group == "benign"


def peers_python() -> Path:
    """The interpreter of the peers' environment, which is made when there is none."""
    python = HOME / "bin" / "python"
    if not python.exists():
        venv.create(HOME, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(VERSIONS)]
        subprocess.run(install, check=True)
    return python


def outcome_of(name: str, rows: list[Row]) -> Outcome:
    """Run one masker, a peer in its own environment."""
    work = work_for(rows, is_ours=name == "frontdesk")
    if name == "frontdesk":
        return run(name, work)
    command = [str(peers_python()), "-m", "bench.masking_subjects", name]
    done = subprocess.run(
        command, input=json.dumps(work), capture_output=True, text=True, check=True, cwd=ROOT
    )
    return Outcome(*json.loads(done.stdout.splitlines()[-1]))


def column(name: str, rows: list[Row]) -> Column:
    """Measure one masker and judge what it answered."""
    outcome = outcome_of(name, rows)
    shown = dict(zip((row.id for row in rows), outcome.shown, strict=False))
    formats = zip(FORMATS, outcome.shown[len(rows) :], strict=True)
    exact = sum(expected == left[0] for (_, expected), left in formats)
    return Column(name, outcome, tally(rows, lambda row: shown[row.id]), exact)


def figures(column: Column) -> dict[str, float]:
    """Every figure of one masker by name: percentages, then counts and times."""
    found, outcome = column.tally, column.outcome
    leaks = {
        f"leaks {group} {kind} %": found.percent([group], [kind])
        for group in POSITIVES
        for kind in KINDS
        if found.rows[group, kind]
    }
    leaks |= {f"leaks {group} all %": found.percent([group], KINDS) for group in POSITIVES}
    over = {f"masked {group} %": found.percent([group], ("none", "talk")) for group in NEGATIVES}
    return {
        **leaks,
        **over,
        "masked all negatives %": found.percent(NEGATIVES, ("none", "talk")),
        f"exact formats of {len(FORMATS)}": column.formats,
        "µs a message": outcome.us_mean,
        "µs benign": outcome.us_benign,
        "µs to search 100 characters": outcome.us_calibration,
        "µs a message, scaled": outcome.us_mean * REFERENCE_US / outcome.us_calibration,
        "µs benign, scaled": outcome.us_benign * REFERENCE_US / outcome.us_calibration,
        "µs a message of a conversation": outcome.us_conversation,
        "worst of 1 000 characters, ms": outcome.worst_1k_ms,
        "worst of 10 000 characters, ms": outcome.worst_10k_ms,
    }


def print_misses(rows: list[Row], which: str) -> None:
    """Print every row of a kind, a group, or an id that begins so, which Frontdesk gets wrong."""
    for row, shown in column("frontdesk", rows).tally.wrong:
        if which in {row.kind, row.group} or row.id.startswith(which):
            print(row.id, row.language, [said.text for said in row.said], "->", list(shown))


def print_table(columns: list[Column]) -> None:
    """Print the figures, one column for each masker, and all of them as JSON."""
    everything = {each.name: figures(each) for each in columns}
    print(f"{'':34}" + "".join(f"{name:>11}" for name in everything))
    for key in figures(columns[0]):
        cells = (f"{numbers[key]:11.2f}" for numbers in everything.values())
        print(f"{key:34}" + "".join(cells))
    for each in columns:
        print(
            f"{each.name}'s worst input of 10 000 characters repeats {each.outcome.worst_input!r}"
        )
    rounded = {
        name: {key: round(value, 3) for key, value in numbers.items()}
        for name, numbers in everything.items()
    }
    print(json.dumps(rounded, ensure_ascii=False))


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.masking", description=__doc__)
    parser.add_argument("--only", default=",".join(("frontdesk", *PEERS)), help="names, by commas")
    parser.add_argument("--seed", type=int, default=SEED, help="another corpus")
    parser.add_argument("--misses", metavar="KIND", help="a kind, a group or the start of an id")
    options = parser.parse_args()
    rows = corpus(options.seed)
    if options.misses:
        print_misses(rows, options.misses)
        sys.exit()
    print_table([column(name, rows) for name in options.only.split(",")])


if __name__ == "__main__":
    main()

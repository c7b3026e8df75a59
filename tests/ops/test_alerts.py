"""Every alert fires when it should, keeps still when it should, and says what to do."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from ops.reference import ROOT
from tests.ops.alerts import RULES, alerts, promtool
from tests.ops.test_queries import unknown

HOUR = 60
ABSENT = "FrontdeskAbsent"
"""Of no release: there is none."""

Series = Mapping[str, str]
Labels = Mapping[str, str]

NONE: Labels = {}
WAITS = "frontdesk_wait_seconds_count"
SERVED = "frontdesk_service_level_total"
OFFERS = "frontdesk_offers_total"
SUPPORT: Labels = {"tenant": "shop", "queue": "support"}
SHOP: Labels = {"tenant": "shop"}
ONE: Labels = {"job": "frontdesk", "instance": "a"}


class Case(NamedTuple):
    """What is scraped each minute of an hour, in promtool's notation.

    Attributes:
        bad: It fires after this.
        good: It keeps still after this.
        labels: What it says beside its severity.
    """

    bad: Series
    good: Series
    labels: Labels = NONE


def named(name: str, labels: Labels) -> str:
    """A series as it is written."""
    pairs = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{pairs}}}"


def slow(name: str, *, bucket: str, labels: Labels) -> Case:
    """A histogram whose observations are all above a bucket, and one in which all are below it."""
    below = named(f"{name}_bucket", {**labels, "le": bucket})
    above = named(f"{name}_bucket", {**labels, "le": "5"})
    all_of_it = named(f"{name}_bucket", {**labels, "le": "+Inf"})
    grows = f"0+60x{HOUR}"
    return Case(
        bad={below: f"0x{HOUR}", above: grows, all_of_it: grows},
        good={below: grows, above: grows, all_of_it: grows},
        labels=labels,
    )


def counted(name: str, labels: Labels, *, told: Labels) -> Case:
    """A counter that must not grow."""
    series = named(name, labels)
    return Case(bad={series: f"0x{HOUR - 5} 4x10"}, good={series: f"4x{HOUR}"}, labels=told)


def levels(name: str, labels: Labels, *, bad: str, good: str) -> Case:
    """A gauge at two levels."""
    series = named(name, labels)
    return Case(bad={series: f"{bad}x{HOUR}"}, good={series: f"{good}x{HOUR}"}, labels=labels)


def shares(name: str, of: Mapping[str, tuple[int, int]]) -> Case:
    """Counters by outcome that grow so much a minute when it is bad, and when it is good."""
    series = {outcome: named(name, {**SUPPORT, "outcome": outcome}) for outcome in of}
    return Case(
        bad={series[outcome]: f"0+{bad}x{HOUR}" for outcome, (bad, _) in of.items()},
        good={series[outcome]: f"0+{good}x{HOUR}" for outcome, (_, good) in of.items()},
        labels=SUPPORT,
    )


ASKED = named("frontdesk_command_seconds_count", {"command": "message.send"})
UNAVAILABLE = named("frontdesk_refused_total", {"what": "command", "code": "unavailable"})
FILES, FILES_MAX = named("process_open_fds", ONE), named("process_max_fds", ONE)
OF_US = named("frontdesk_build_info", {**ONE, "version": "1"})
BY_US: Labels = {**SHOP, "job": "frontdesk"}
OF_OTHERS = named("frontdesk_lease_held", {**SHOP, "job": "another"})
UP = named("up", ONE)
UP_TOO = named("up", {**ONE, "instance": "b"})
OF_ANOTHER = named("frontdesk_build_info", {**ONE, "instance": "b", "version": "1"})
SOCKETS = named("frontdesk_sockets", {**ONE, "namespace": "customer"})
SOCKETS_MAX = named("frontdesk_sockets_max", ONE)
WAITING = named("frontdesk_contacts_waiting", SUPPORT)
AVAILABLE = named("frontdesk_agents", {**SHOP, "state": "available"})
FAULT: Labels = {**SHOP, "fault": "EngineUnavailable"}
KIND: Labels = {**ONE, "kind": "agent"}

CASES: dict[str, Case] = {
    ABSENT: Case(bad={}, good={OF_US: f"1x{HOUR}"}),
    "FrontdeskDown": Case(
        bad={UP: "0 0 0 1 " * HOUR, UP_TOO: f"1x{HOUR}", OF_ANOTHER: f"1x{HOUR}"},
        good={
            UP: f"1x{HOUR - 10} 0 1x10",
            OF_ANOTHER: f"1x{HOUR}",
            named("up", {**ONE, "instance": "c"}): f"0x{HOUR - 2} stale",  # taken out of the list
        },
        labels=ONE,
    ),
    "FrontdeskUnsteady": Case(
        bad={UP: "1 0 " * HOUR, OF_US: "1 stale " * HOUR},
        good={UP: f"1x{HOUR - 10} 0 1 0 1x8", OF_US: f"1x{HOUR}"},
        labels={"job": "frontdesk"},
    ),
    "FrontdeskNoWriter": Case(
        bad={named("frontdesk_lease_held", BY_US): f"0x{HOUR}", OF_OTHERS: f"1x{HOUR}"},
        good={named("frontdesk_lease_held", BY_US): f"1x{HOUR}", OF_OTHERS: f"1x{HOUR}"},
        labels=BY_US,
    ),
    "FrontdeskUnavailable": Case(
        bad={ASKED: f"0+100x{HOUR}", UNAVAILABLE: f"0+2x{HOUR}"},
        good={ASKED: f"0+1000x{HOUR}", UNAVAILABLE: f"0+2x{HOUR}"},
    ),
    "FrontdeskCommandsSlow": slow("frontdesk_command_seconds", bucket="1", labels={}),
    "FrontdeskRefusesConnections": Case(
        bad={named("frontdesk_rate_limited_total", {"what": "storm"}): f"0+120x{HOUR}"},
        good={named("frontdesk_rate_limited_total", {"what": "commands"}): f"0+120x{HOUR}"},
        labels={"what": "storm"},
    ),
    "FrontdeskFailovers": Case(
        bad={named("frontdesk_epoch", SHOP): f"1x{HOUR - 10} 5x10", OF_US: f"1x{HOUR}"},
        good={named("frontdesk_epoch", SHOP): f"1x{HOUR - 10} 2x10", OF_US: f"1x{HOUR}"},
        labels=SHOP,
    ),
    "FrontdeskInterrupted": counted("frontdesk_interruptions_total", FAULT, told=FAULT),
    "FrontdeskCommitsSlow": slow("frontdesk_commit_seconds", bucket="0.25", labels=ONE),
    "FrontdeskInboxFull": levels("frontdesk_inbox_depth", ONE, bad="6000", good="4000"),
    "FrontdeskUnmatched": levels("frontdesk_unmatched_seconds", SUPPORT, bad="6", good="0"),
    "FrontdeskRulesBroken": counted("frontdesk_reconciler_found_total", KIND, told=KIND),
    "FrontdeskSetAside": Case(
        bad={
            named("frontdesk_commands_set_aside_total", ONE): f"0x{HOUR - 5} 1x10",
            named("frontdesk_deadlines_set_aside_total", ONE): f"0x{HOUR}",
        },
        good={
            named("frontdesk_commands_set_aside_total", ONE): f"1x{HOUR}",
            named("frontdesk_deadlines_set_aside_total", ONE): f"1x{HOUR}",
        },
        labels=ONE,
    ),
    "FrontdeskFollowerLag": slow("frontdesk_follower_lag_seconds", bucket="1", labels=ONE),
    "FrontdeskFollowerResets": counted("frontdesk_follower_resets_total", ONE, told=ONE),
    "FrontdeskLoopLag": slow("frontdesk_loop_lag_seconds", bucket="0.25", labels=ONE),
    "FrontdeskSocketsNearlyFull": Case(
        bad={SOCKETS: f"18000x{HOUR}", SOCKETS_MAX: f"20000x{HOUR}"},
        good={SOCKETS: f"16000x{HOUR}", SOCKETS_MAX: f"20000x{HOUR}"},
        labels=ONE,
    ),
    "FrontdeskFilesNearlyOut": Case(
        bad={FILES: f"900x{HOUR}", FILES_MAX: f"1000x{HOUR}", OF_US: f"1x{HOUR}"},
        good={FILES: f"900x{HOUR}", FILES_MAX: f"1000x{HOUR}"},  # of another program
        labels=ONE,
    ),
    "FrontdeskMaskingFailures": counted("frontdesk_masking_failures_total", SHOP, told=SHOP),
    "FrontdeskLongWait": levels("frontdesk_oldest_wait_seconds", SUPPORT, bad="700", good="500"),
    "FrontdeskNobodyAvailable": Case(
        bad={WAITING: f"3x{HOUR}", AVAILABLE: f"0x{HOUR}"},
        good={WAITING: f"3x{HOUR}", AVAILABLE: f"1x{HOUR}"},
        labels=SHOP,
    ),
    "FrontdeskServiceLevelLow": shares(
        SERVED, {"answered_in_time": (7, 9), "answered_late": (2, 1), "abandoned_late": (1, 0)}
    ),
    "FrontdeskAbandonment": shares(WAITS, {"answered": (7, 9), "abandoned": (3, 1)}),
    "FrontdeskRona": shares(OFFERS, {"accepted": (7, 9), "rona": (3, 1), "rescinded": (0, 9)}),
}


def test_every_alert_is_tried() -> None:
    """One that was never seen to fire may be one that cannot."""
    assert set(CASES) == set(alerts())


@pytest.mark.parametrize("name", list(CASES))
def test_an_alert_is_tried_with_series_that_are_exported(name: str) -> None:
    """A label that no process writes would let an alert pass here and be silent in a house."""
    case = CASES[name]

    assert [unknown(series) for series in (*case.bad, *case.good) if unknown(series)] == []


@pytest.mark.parametrize("name", sorted(set(CASES) - {ABSENT}))
def test_an_alert_is_of_one_release(name: str) -> None:
    """One that adds up all that a Prometheus scrapes is kept quiet by whoever is well."""
    expr = alerts()[name].expr
    parted = re.findall(r"\b(?:sum|max|group|on)\b(?: by)? ?\(([^()]*)", expr)

    assert [labels for labels in parted if "job" not in labels.split(", ")] == []


def test_prometheus_reads_the_rules() -> None:
    """One mistake in the file, and none of the alerts is there."""
    verdict = promtool("check", "rules", RULES)

    assert verdict.is_fine, verdict.words
    assert f"{len(CASES)} rules found" in verdict.words


def of_release(series: str, job: str) -> str:
    """A series as one release exports it; what names another release is left alone."""
    if "job=" in series:
        return series.replace('job="frontdesk"', f'job="{job}"')
    return series.replace("{", f'{{job="{job}",')


def side_by_side(cases: Mapping[str, Series]) -> dict[str, str]:
    """The series of several cases, each of a release that is called like its alert."""
    return {
        of_release(one, name): values
        for name, series in cases.items()
        for one, values in series.items()
    }


def fired(name: str, job: str) -> dict[str, object]:
    """What an alert tells of a release."""
    rule = alerts()[name]
    of_job = {} if name == ABSENT else {"job": job}
    return {
        "exp_labels": {**CASES[name].labels, **of_job, **rule.labels},
        "exp_annotations": rule.annotations,
    }


def played(series: Series, fires: Mapping[str, list[dict[str, object]]]) -> dict[str, object]:
    """A test in promtool's form: what each alert says in the end."""
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": f"{HOUR}m", "alertname": alert, "exp_alerts": told}
            for alert, told in fires.items()
        ],
    }


def written(folder: Path, tests: list[dict[str, object]]) -> Path:
    """The file promtool reads; JSON is YAML too."""
    file = folder / "tests.yaml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "tests": tests}), encoding="utf-8")
    return file


def test_every_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    """A false alarm is soon not listened to, and a silent one is found out by customers.

    Each is played in a release of its own, all side by side, so none may tell of another's either.
    """
    others = [name for name in CASES if name != ABSENT]
    bad = side_by_side({name: CASES[name].bad for name in others})
    good = side_by_side({name: CASES[name].good for name in others})
    tests = [
        played(CASES[ABSENT].bad, {ABSENT: [fired(ABSENT, "")]}),
        played(CASES[ABSENT].good, {ABSENT: []}),
        played(bad, {name: [fired(name, name)] for name in others}),
        played(good, {name: [] for name in others}),
    ]
    verdict = promtool("test", "rules", written(tmp_path, tests))

    assert verdict.is_fine, verdict.words


def process(number: int, series: str, *, job: str = "frontdesk") -> str:
    """A series of one process of several."""
    version: Labels = {"version": "1"} if series == "frontdesk_build_info" else NONE
    tenant: Labels = SHOP if series == "frontdesk_epoch" else NONE
    return named(series, {"job": job, "instance": str(number), **version, **tenant})


def rolled(count: int) -> dict[str, str]:
    """An upgrade that takes the writer from every process to the next, each with a new address."""
    series: dict[str, str] = {}
    for number in range(2 * count):
        starts, ends = max(0, 40 + number - count), HOUR + 1 if number >= count else 41 + number
        seen = f"_x{starts} " * (starts > 0)
        stays = ends - starts - 1
        for name, value in {
            "up": 1,
            "frontdesk_build_info": 1,
            "frontdesk_epoch": number + 1,
        }.items():
            series[process(number, name)] = f"{seen}{value}x{stays} stale"
    return series


SCENES: dict[str, tuple[Series, dict[str, list[Labels]]]] = {
    "one release is gone, and another is well": (
        {
            process(1, "up", job="ours"): f"1x{HOUR - 5} 0x10",
            process(1, "frontdesk_build_info", job="ours"): f"1x{HOUR - 5} stale",
            process(1, "up", job="theirs"): f"1x{HOUR}",
            process(1, "frontdesk_build_info", job="theirs"): f"1x{HOUR}",
        },
        {ABSENT: [{"job": "ours"}], "FrontdeskUnsteady": []},
    ),
    "six processes are replaced": (
        rolled(6),
        {ABSENT: [], "FrontdeskUnsteady": [], "FrontdeskDown": [], "FrontdeskFailovers": []},
    ),
    "one of the same name in another namespace takes nobody's place": (
        {
            'frontdesk_build_info{namespace="a",job="chat",version="1"}': f"1x{HOUR - 5} stale",
            'frontdesk_build_info{namespace="b",job="chat",version="1"}': f"1x{HOUR}",
        },
        {ABSENT: [{"namespace": "a", "job": "chat"}]},
    ),
    "sockets of a cluster, where a namespace is one of Kubernetes": (
        {
            'frontdesk_sockets{exported_namespace="agent",namespace="a",job="b",instance="c"}': (
                f"10x{HOUR}"
            ),
            'frontdesk_sockets{exported_namespace="customer",namespace="a",job="b",instance="c"}': (
                f"80x{HOUR}"
            ),
            'frontdesk_sockets_max{namespace="a",job="b",instance="c"}': f"100x{HOUR}",
        },
        {"FrontdeskSocketsNearlyFull": [{"namespace": "a", "job": "b", "instance": "c"}]},
    ),
}
"""What is scraped, and whom which alert tells of in the end."""


@pytest.mark.parametrize("scene", SCENES)
def test_an_alert_tells_of_nothing_else(tmp_path: Path, scene: str) -> None:
    """Of several processes and releases, the alert must name the one that is in trouble."""
    series, told = SCENES[scene]
    fires: dict[str, list[dict[str, object]]] = {
        name: [
            {
                "exp_labels": {**labels, **alerts()[name].labels},
                "exp_annotations": alerts()[name].annotations,
            }
            for labels in of
        ]
        for name, of in told.items()
    }
    verdict = promtool("test", "rules", written(tmp_path, [played(series, fires)]))

    assert verdict.is_fine, verdict.words


@pytest.mark.parametrize(("name", "count"), [("FrontdeskLongWait", 0), ("FrontdeskRona", 1)])
def test_an_alert_that_does_otherwise_is_noticed(tmp_path: Path, name: str, count: int) -> None:
    """A tool that says yes to everything proves nothing."""
    told: list[dict[str, object]] = [{}] * count  # of other labels than it has
    wrong = written(tmp_path, [played(CASES[name].bad, {name: told})])

    assert not promtool("test", "rules", wrong).is_fine


def test_the_page_has_every_alert_and_no_other() -> None:
    """Somebody who plans who is called looks at this table."""
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    rows = [
        f"| [{name}](runbooks/{name}.md) | {rule.labels['severity']}"
        f" | {rule.annotations['summary']}. |"
        for name, rule in alerts().items()
    ]

    assert [line for line in page.splitlines() if "](runbooks/" in line] == rows


@pytest.mark.parametrize("name", list(CASES))
def test_every_alert_has_a_page_that_says_what_to_do(name: str) -> None:
    """Whoever is woken by it has not read the source."""
    rule = alerts()[name]
    page = (ROOT / rule.annotations["runbook_url"]).read_text(encoding="utf-8")

    assert rule.annotations["runbook_url"] == f"docs/runbooks/{name}.md"
    assert page.startswith(f"# {name}\n")
    assert [f"## {part}\n" in page for part in ("What it means", "Look", "Do")] == [True] * 3
    assert rule.labels["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"\d+m|", rule.hold)

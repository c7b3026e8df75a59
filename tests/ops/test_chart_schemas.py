"""Whether the chart can be installed: Helm's own judgement, and that of the types of Kubernetes."""

import pytest
import yaml

from tests.ops.helm import CHART, PROFILES, documents, objects, run, things, values_of
from tests.ops.schemas import mistakes

BROKEN = {
    "an unknown key": """\
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {ports: [{port: 80, targetprot: http}]}""",
    "a wrong type": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {replicas: "3", selector: {}, template: {metadata: {}, spec: {containers: [{name: a}]}}}""",
    "a required key": """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: a}
spec: {template: {metadata: {}, spec: {containers: [{name: a}]}}}""",
    "an unknown kind": """\
apiVersion: v1
kind: Servlce
metadata: {name: a}""",
    "an unknown key of a monitor": """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: a}
spec: {selector: {}, endpoints: [{port: metrics, every: 15s}]}""",
    "a rule without an expression": """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a}
spec: {groups: [{name: a, rules: [{alert: A}]}]}""",
    "a pattern of a monitor": """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: a}
spec: {selector: {}, endpoints: [{port: metrics, interval: often}]}""",
    "a word of a route": """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {rules: [{matches: [{path: {type: Prefix, value: /}}]}]}""",
    "a bound of a route": """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {rules: [{backendRefs: [{name: a, port: 65536}]}]}""",
}


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """What is wrong with every profile, and with each of the broken objects."""
    broken = {why: things(text) for why, text in BROKEN.items()}
    return mistakes({profile: objects(profile) for profile in PROFILES} | broken)


@pytest.mark.parametrize("profile", PROFILES)
def test_helm_finds_nothing_to_say(profile: str) -> None:
    """Who packs or installs the chart is shown what Helm thinks of it."""
    ended = run("lint", "--strict", "--quiet", str(CHART), *values_of(profile))

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_object_is_what_kubernetes_knows(profile: str, found: dict[str, list[str]]) -> None:
    """A key that nobody knows of is dropped without a word, and what it asked for is missing."""
    assert found[profile] == []


@pytest.mark.parametrize("why", BROKEN)
def test_what_is_broken_is_noticed(why: str, found: dict[str, list[str]]) -> None:
    """A check that finds nothing proves something only if it can find what it looks for."""
    assert len(found[why]) >= 1


@pytest.mark.parametrize("profile", PROFILES)
def test_no_object_is_there_twice(profile: str) -> None:
    """The second one would win, or Helm would refuse in the middle of an installation."""
    names = [(each.kind, each.metadata.namespace, each.metadata.name) for each in objects(profile)]

    assert len(names) >= 5
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: {b: 1, b: 1}", "- {a: 1}\n- {'b': 1, b: 2}"])
def test_a_key_that_is_there_twice_is_noticed(text: str) -> None:
    """YAML keeps the last of them silently."""
    with pytest.raises(yaml.YAMLError, match="there twice"):
        documents(text)

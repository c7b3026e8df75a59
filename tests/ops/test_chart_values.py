"""What may be set in the chart: what cannot work is refused, and everything else is described."""

import json
import tomllib
from collections.abc import Iterator

import msgspec
import pytest
import yaml

from ops.values_page import README, page, rows
from tests.ops.helm import CHART, documents, mapping, rendered, run
from tests.support.server import ROOT

REDIS = ("engine.kind=redis", "engine.redis.existingSecret=redis")
ADDRESS = "engine.redis.url=rediss://redis:6379"
FILE = r"frontdesk\.toml"
VALUES = (CHART / "values.yaml").read_text()

REFUSED = {
    "two pods with one file": (("replicas=2",), "/replicas"),
    "more pods with one file": (("autoscaling.enabled=true",), "/autoscaling/enabled"),
    "an engine that is not there": (("engine.kind=memory",), "/engine/kind"),
    "Redis nowhere": (REDIS, "/engine/redis/url"),
    "Redis without a secret": (("engine.kind=redis", ADDRESS), "/engine/redis/existingSecret"),
    "a password to be seen": (
        (*REDIS, "engine.redis.url=redis://a:b@redis:6379"),
        "/engine/redis/url",
    ),
    "a password behind the address": (
        (*REDIS, "engine.redis.url=rediss://redis:6379/0?password=seen"),
        "/engine/redis/url",
    ),
    "a password behind other words": (
        (*REDIS, "engine.redis.url=rediss://redis:6379/0?db=0&p%61ssword=seen"),
        "/engine/redis/url",
    ),
    "an address with a blank": (
        (*REDIS, "engine.redis.url=rediss://redis:6379 "),
        "/engine/redis/url",
    ),
    "a Secret that cannot be there": (("secrets.existingSecret=My Secret",), "/secrets"),
    "another that cannot be there": (("configuration.existingSecret=a_b",), "/configuration"),
    "objects that cannot be called so": (("fullnameOverride=My_Desk",), "/fullnameOverride"),
    "a Service that cannot be called so": (("fullnameOverride=1desk",), "/fullnameOverride"),
    "labels that cannot be so": (("nameOverride=desk.",), "/nameOverride"),
    "a tag with a blank": (("image.tag=1.0 beta",), "/image/tag"),
    "an image at an address": (("image.repository=https://images.shop.example/desk",), "/image"),
    "a scrape without a pause": (
        ("metrics.serviceMonitor.interval=0s",),
        "/metrics/serviceMonitor/interval",
    ),
    "a name that is an address": (
        ("ingress.enabled=true", "ingress.hosts={https://chat.shop.example}"),
        "/ingress/hosts",
    ),
    "a gateway's name that is an address": (
        ("gateway.hostnames={chat.shop.example/chat}",),
        "/gateway/hostnames",
    ),
    "no configuration": ((f"configuration.files.{FILE}=null",), "/configuration/files"),
    "a configuration without a word": ((f"configuration.files.{FILE}=",), "/configuration/files"),
    "a variable without a name": (("extraEnv[0].value=1",), "/extraEnv/0"),
    "a variable of the chart": (("extraEnv[0].name=TMPDIR",), "/extraEnv/0/name"),
    "a variable twice": (
        ("extraEnv[0].name=A", "extraEnv[1].name=A"),
        "extraEnv has A twice",
    ),
    "a volume of the chart": (("extraVolumes[0].name=scratch",), "/extraVolumes/0/name"),
    "a place of the chart": (
        ("extraVolumeMounts[0].name=a", "extraVolumeMounts[0].mountPath=/tmp"),
        "/extraVolumeMounts/0/mountPath",
    ),
    "a way in without a name": (("ingress.enabled=true",), "/ingress/hosts"),
    "a route of no gateway": (("gateway.enabled=true",), "/gateway/parentRefs"),
    "no limit of memory": (("resources.limits.memory=null",), "/resources/limits"),
    "no limits": (("resources.limits=null",), "/resources"),
    "a key that is not there": (("replica=1",), "replica"),
    "a key that is not there, inside": (("drain.seconds=5",), "/drain"),
    "metrics on the public port": (("metrics.port=8080",), "/metrics/port"),
    "a digest that is none": (("image.digest=latest",), "/image/digest"),
    "a file that is not there": (("configuration.file=other.toml",), "configuration.file"),
    "a file outside": (("configuration.file=../other.toml",), "/configuration/file"),
    "a secret in a ConfigMap": (
        (f"configuration.files.{FILE}=identity_secret = 'kept to ourselves'",),
        "frontdesk.toml holds a secret",
    ),
    "a secret in a table in a line": (
        (f"configuration.files.{FILE}=auth = {{ secret = 'kept to ourselves' }}",),
        "frontdesk.toml holds a secret",
    ),
    "a secret over several lines": (
        (f'configuration.files.{FILE}=[auth]\nsecret = """\nkept to ourselves"""',),
        "frontdesk.toml holds a secret",
    ),
    "a former key below a comment": (
        (f"configuration.files.{FILE}=[masking]\nformer_seal_keys = [ # old\n'kept'\\,\n]",),
        "frontdesk.toml holds a secret",
    ),
    "a secret in a list of tables": (
        (f"configuration.files.{FILE}=[[entry_points]]\n\"identity_\\\\u0073ecret\" = 'kept'",),
        "frontdesk.toml holds a secret",
    ),
    "a secret in a comment": (
        (f"configuration.files.{FILE}=# secret = 'kept to ourselves'",),
        "frontdesk.toml holds a secret",
    ),
    "a file that is no TOML": (
        (f"configuration.files.{FILE}=[tenant",),
        "frontdesk.toml is no TOML",
    ),
    "keys at an address that is not let through": (
        (f"configuration.files.{FILE}=identity_jwks_url = 'https://login.shop.example'",),
        "networkPolicy.egress",
    ),
    "alerts that lead nowhere": (
        ("metrics.prometheusRule.enabled=true",),
        "/metrics/prometheusRule/runbooks",
    ),
    "at least more than at most": (
        (*REDIS, ADDRESS, "autoscaling.enabled=true", "autoscaling.minReplicas=11"),
        "autoscaling.minReplicas",
    ),
    "nobody may go": (("podDisruptionBudget.maxUnavailable=0",), "/podDisruptionBudget"),
}


def paths(schema: object, prefix: str = "") -> Iterator[str]:
    """Yield the paths that `values.schema.json` lets be set, as far as it names them."""
    inside = mapping(schema)
    properties = mapping(inside.get("properties", {}))
    if not properties:
        yield prefix
    for key, each in properties.items():
        yield from paths(each, f"{prefix}.{key}" if prefix else key)


def is_part_of(path: str, described: set[str]) -> bool:
    """Tell whether a path is one of the rows, or inside of one."""
    return any(f"{path}.".startswith(f"{row}.") for row in described)


@pytest.mark.parametrize("why", REFUSED)
def test_values_that_cannot_work_are_refused(why: str) -> None:
    """Helm says which one it is, before anything is installed."""
    given, told = REFUSED[why]
    sets = [word for each in given for word in ("--set", each)]
    ended = run("template", "chat", str(CHART), *sets)

    assert ended.returncode != 0
    assert told in ended.stderr


def test_what_is_refused_without_redis_is_fine_with_it() -> None:
    """Each of the refusals is for its own reason."""
    sets = [word for each in (*REDIS, ADDRESS, "replicas=2") for word in ("--set", each)]

    assert "replicas: 2" in rendered("default", *sets)


def test_the_readme_has_every_value() -> None:
    """Whoever installs the chart reads the table; `./dev docs` makes it."""
    readme = README.read_text()

    assert page(readme, VALUES) == readme


def test_every_value_is_described() -> None:
    """A key without a word about it is set by trying."""
    assert [row.path for row in rows(VALUES) if not row.about] == []


def test_every_value_is_in_the_schema_and_nothing_else() -> None:
    """A key that only one of them knows cannot be set, or can be set to anything."""
    described = {row.path for row in rows(VALUES)}
    checked = set(paths(json.loads((CHART / "values.schema.json").read_text())))
    missing = {path for path in checked if not is_part_of(path, described)}

    assert len(described) >= 50
    assert missing == {"global"}  # of Helm, not of the chart
    assert {
        row for row in described if not any(is_part_of(path, {row}) for path in checked)
    } == set()


def test_the_chart_is_of_this_version() -> None:
    """The image that it asks for is the one that is built from here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [chart] = [mapping(each) for each in documents((CHART / "Chart.yaml").read_text())]

    assert chart["appVersion"] == chart["version"] == project["version"]
    assert chart["description"] == project["description"]


def test_annotations_for_the_catalogue_are_lists_where_lists_are_read() -> None:
    """Artifact Hub leaves out without a word what it cannot read."""
    [chart] = [mapping(each) for each in documents((CHART / "Chart.yaml").read_text())]
    annotations = msgspec.convert(chart["annotations"], dict[str, str])
    changes = yaml.safe_load(annotations["artifacthub.io/changes"])
    recommended = yaml.safe_load(annotations["artifacthub.io/recommendations"])

    assert {"kind", "description"} == set(changes[0])
    assert [set(each) for each in recommended] == [{"url"}, {"url"}]
    assert annotations["artifacthub.io/license"] == "Apache-2.0"

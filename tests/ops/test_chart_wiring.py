"""Whether the objects of a release find each other: by labels, by names and by ports."""

import tomllib
from collections.abc import Iterator

import msgspec
import pytest

from ops.reference import metrics
from tests.ops.helm import (
    CHART,
    PROFILES,
    Thing,
    documents,
    mapping,
    objects,
    of_kind,
    rendered,
    things,
    walk,
)
from tests.ops.pods import Part, server, templates, workload

LABELLED = "app.kubernetes.io/"

ADDED = {"container", "endpoint", "instance", "job", "namespace", "node", "pod", "service"}
"""What the Prometheus Operator says of everything that it scrapes."""


class ServicePort(Part, frozen=True, kw_only=True):
    """Where a Service listens, and which port of a container that is."""

    name: str
    port: int
    target_port: str


class Service(Part, frozen=True, kw_only=True):
    """Whom a Service leads to."""

    selector: dict[str, str]
    ports: list[ServicePort]


class Reference(Part, frozen=True, kw_only=True):
    """An object that another one names."""

    kind: str
    name: str


class Autoscaler(Part, frozen=True, kw_only=True):
    """What grows and shrinks."""

    scale_target_ref: Reference
    metrics: list[dict[str, object]]


class Endpoint(Part, frozen=True, kw_only=True):
    """What is scraped."""

    port: str


class Monitor(Part, frozen=True, kw_only=True):
    """Which Services are scraped."""

    selector: dict[str, dict[str, str]]
    endpoints: list[Endpoint]


def services(profile: str) -> dict[str, tuple[Thing, Service]]:
    """Return the Services by their names."""
    found = of_kind(profile, "Service")
    return {each.metadata.name: (each, msgspec.convert(each.spec, Service)) for each in found}


def selects(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Tell whether something with these labels is selected."""
    return bool(selector) and selector.items() <= labels.items()


def selectors(profile: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every choice of our own pods by labels, wherever one is made."""
    for each in objects(profile):
        for inside in walk(each.whole):
            match inside:
                case {"matchLabels": dict()}:
                    labels = msgspec.convert(inside["matchLabels"], dict[str, str])
                    if any(key.startswith(LABELLED) for key in labels):
                        yield str(each), labels
                case _:
                    pass


@pytest.mark.parametrize("profile", PROFILES)
def test_every_service_leads_to_a_port_of_the_server(profile: str) -> None:
    """A Service that selects nobody, or a port that has no name, answers nothing."""
    labels = workload(profile)[1].template.metadata.labels
    named = {port.name: port.container_port for port in server(profile).ports}
    led = services(profile)

    assert len(led) == 2
    for _, service in led.values():
        assert selects(service.selector, labels)
        assert {port.target_port for port in service.ports} <= set(named)


@pytest.mark.parametrize("profile", PROFILES)
def test_metrics_are_on_no_service_that_faces_the_world(profile: str) -> None:
    """They tell how a company works, to whoever may ask."""
    targets = {
        name: {port.target_port for port in service.ports}
        for name, (_, service) in services(profile).items()
    }
    facing = {
        str(name)
        for each in of_kind(profile, "Ingress", "HTTPRoute")
        for inside in walk(each.spec)
        if (name := inside.get("name")) in targets
    }

    assert sorted(targets.values(), key=str) == [{"http"}, {"metrics"}]
    assert {target for name in facing for target in targets[name]} <= {"http"}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_selector_selects_a_pod_or_a_service(profile: str) -> None:
    """One that selects nothing protects, spreads and watches nothing, and nobody is told."""
    there = [template.metadata.labels for _, template in templates(profile)]
    there += [each.metadata.labels for each in of_kind(profile, "Service")]
    found = list(selectors(profile))

    assert found
    assert [
        what for what, each in found if not any(selects(each, labels) for labels in there)
    ] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_labels_that_change_select_nothing(profile: str) -> None:
    """A selector may not change, so an upgrade with a version in it would be refused."""
    _, work = workload(profile)
    pods = dict(work.selector["matchLabels"])

    assert not set(pods) & {"app.kubernetes.io/version", "helm.sh/chart"}
    assert selects(pods, work.template.metadata.labels)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [("ingress", "Ingress"), ("gateway", "HTTPRoute"), ("everything", "Ingress")],
)
def test_the_way_in_leads_to_the_public_service(profile: str, kind: str) -> None:
    """Everybody who comes from outside comes through this one name."""
    [thing] = of_kind(profile, kind)
    public = {
        name: service.ports[0]
        for name, (_, service) in services(profile).items()
        if service.ports[0].target_port == "http"
    }
    [(name, port)] = public.items()
    led = [inside for inside in walk(thing.spec) if inside.get("name") == name]

    assert led
    for each in led:
        assert each["port"] in (port.port, {"name": port.name})


@pytest.mark.parametrize("profile", PROFILES)
def test_only_what_is_needed_comes_in(profile: str) -> None:
    """Whatever is not named is refused: the policy has both ways in it."""
    policies = of_kind(profile, "NetworkPolicy")
    if profile == "minimal":
        assert policies == []
        return
    [policy] = [mapping(each.spec) for each in policies]
    ports = {str(inside["port"]) for inside in walk(policy["ingress"]) if "port" in inside}

    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert ports == {port.name for port in server(profile).ports}


def test_the_way_out_is_to_names_and_to_redis() -> None:
    """A process that was taken over can send nothing anywhere else."""
    ways = {
        profile: [
            inside["port"]
            for each in of_kind(profile, "NetworkPolicy")
            for inside in walk(mapping(each.spec)["egress"])
            if "port" in inside
        ]
        for profile in ("default", "redis", "autoscaling", "everything")
    }

    assert ways == {
        "default": [53, 53],
        "redis": [53, 53, 6380],
        "autoscaling": [53, 53, 6379],
        "everything": [53, 53, 26380, 6379, 443],
    }


@pytest.mark.parametrize(
    ("url", "ports"),
    [
        ("rediss://redis.data.svc/0", [6379]),
        ("rediss://frontdesk@[fd00::1]:6380/0", [6380]),
        ("rediss://[fd00::1]/0", [6379]),
        ("rediss+sentinel://one,[fd00::2],two:26380/service/0", [26379, 26380, 6379]),
    ],
)
def test_the_way_out_is_to_where_the_address_leads(url: str, ports: list[int]) -> None:
    """A part of an address taken for a port opens another way and leaves this one shut."""
    sets = ("engine.kind=redis", "engine.redis.existingSecret=redis", f"engine.redis.url={url}")
    words = [word for each in sets for word in ("--set", each.replace(",", r"\,"))]
    [policy] = [
        each for each in things(rendered("default", *words)) if each.kind == "NetworkPolicy"
    ]
    ways = [inside["port"] for inside in walk(mapping(policy.spec)["egress"]) if "port" in inside]

    assert ways == [53, 53, *ports]


@pytest.mark.parametrize(("profile", "hops"), [("default", 0), ("redis", 0), ("ingress", 1)])
def test_an_address_is_believed_of_nobody_but_the_way_in(profile: str, hops: int) -> None:
    """Where none is in front, clients would choose their own, and whose limits they share."""
    [files] = [each.data for each in of_kind(profile, "ConfigMap") if "frontdesk.toml" in each.data]

    assert tomllib.loads(files["frontdesk.toml"])["server"]["trusted_hops"] == hops


def test_the_test_of_a_release_may_ask_what_it_asks() -> None:
    """Behind a policy that names who may come in, `helm test` would fail on a healthy release."""
    [policy] = of_kind("ingress", "NetworkPolicy")
    [test] = [template for name, template in templates("ingress") if name.startswith("Pod ")]
    let_in = [
        rule
        for rule in msgspec.convert(mapping(policy.spec)["ingress"], list[dict[str, object]])
        if any(
            selects(msgspec.convert(inside["matchLabels"], dict[str, str]), test.metadata.labels)
            for inside in walk(rule)
            if "matchLabels" in inside
        )
    ]

    assert len(let_in) == 2


def test_what_grows_is_the_deployment_and_its_number_is_nobody_elses() -> None:
    """A number in the Deployment would undo the autoscaler's at each upgrade."""
    [thing] = of_kind("autoscaling", "HorizontalPodAutoscaler")
    autoscaler = msgspec.convert(thing.spec, Autoscaler)
    deployment, work = workload("autoscaling")
    asked = {str(inside["name"]) for inside in walk({"": autoscaler.metrics}) if "name" in inside}

    assert autoscaler.scale_target_ref.name == deployment.metadata.name
    assert autoscaler.scale_target_ref.kind == deployment.kind
    assert work.replicas is None
    assert asked == {"frontdesk_sockets", "frontdesk_inbox_depth"}


def test_metrics_that_decide_are_metrics_that_there_are() -> None:
    """An autoscaler that waits for a metric nobody has never scales."""
    [thing] = of_kind("autoscaling", "HorizontalPodAutoscaler")
    asked = [
        str(inside["name"])
        for inside in walk(thing.spec)
        if str(inside.get("name", "")).startswith("frontdesk_")
    ]

    assert len(asked) == 2
    assert {metrics()[name].type for name in asked} == {"gauge"}


def test_only_one_metric_has_a_label_that_is_added_to_all_of_them() -> None:
    """Prometheus calls ours `exported_…` then; the one panel that shows it knows both names."""
    found = {name for name, metric in metrics().items() if ADDED & set(metric.labels)}
    panels = (CHART / "dashboards" / "hub-and-engine.json").read_text()

    assert found == {"frontdesk_sockets"}
    assert "by (exported_namespace, namespace) (frontdesk_sockets{" in panels


@pytest.mark.parametrize("profile", ["monitoring", "everything"])
def test_the_monitor_scrapes_the_service_of_metrics(profile: str) -> None:
    """And that one alone: the public port answers 404."""
    [thing] = of_kind(profile, "ServiceMonitor")
    monitor = msgspec.convert(thing.spec, Monitor)
    scraped = [
        service
        for made, service in services(profile).values()
        if selects(monitor.selector["matchLabels"], made.metadata.labels)
    ]

    assert [port.name for service in scraped for port in service.ports] == ["metrics"]
    assert [endpoint.port for endpoint in monitor.endpoints] == ["metrics"]


@pytest.mark.parametrize("profile", ["monitoring", "everything"])
def test_dashboards_and_rules_are_brought_as_they_are(profile: str) -> None:
    """Both are full of braces, which Helm would take for its own."""
    files = {path.name: path.read_text() for path in (CHART / "dashboards").glob("*.json")}
    brought = {
        name: text
        for each in of_kind(profile, "ConfigMap")
        for name, text in each.data.items()
        if name.endswith(".json")
    }
    [rules] = of_kind(profile, "PrometheusRule")
    place = {
        "monitoring": "https://git.shop.example/frontdesk/",
        "everything": "http://git.shop.example/",
    }
    [asked] = documents(
        (CHART / "rules" / "frontdesk.yaml")
        .read_text()
        .replace("runbook_url: ", f"runbook_url: {place[profile]}")
    )

    assert len(files) >= 3
    assert {name: text.strip() for name, text in brought.items()} == {
        name: text.strip() for name, text in files.items()
    }
    assert rules.spec == asked

"""What holds for every pod of the chart, whatever the values: safe, bounded, with time to stop."""

import base64
from pathlib import Path

import msgspec
import pytest

from router.app.arguments import REDIS, Serve, parse_arguments
from router.app.folder import load_all
from router.hub.http import main_app
from tests.ops.helm import PROFILES, of_kind
from tests.ops.pods import Container, Pod, Security, server, templates, workload

STOP_S_MAX = 10
"""What docs/reliability.md promises of a stop."""

READY_S_MAX = 30
"""How long a start may take before it gives up, as router/app/serve.py has it."""

SEAL_KEY = base64.urlsafe_b64encode(bytes(32)).decode()

SECRETS = {f"FRONTDESK_SEAL_KEY{whose}": SEAL_KEY for whose in ("", "_SHOP", "_BANK_EU")} | {
    f"FRONTDESK_SECRET{whose}": f"a secret{whose} of the tests"
    for whose in ("", "_SHOP", "_BANK_EU")
}

WITH_REDIS = ["redis", "autoscaling", "everything"]


def pods(profile: str) -> list[Pod]:
    """Return every pod there can be."""
    return [template.spec for _, template in templates(profile)]


def asked(container: Container) -> tuple[Serve, str]:
    """Return what a container's command asks for, and of which engine."""
    arguments = parse_arguments(container.args)

    assert isinstance(arguments, Serve)
    return arguments, str(arguments.engine)


def unsafe(pod: Pod, container: Container) -> list[str]:
    """Return what keeps a container from the level `restricted` of the pod security standards."""
    whole, own = pod.security_context, container.security_context
    found = {
        "host": pod.host_network or pod.host_pid or pod.host_ipc,
        "host path": any(volume.host_path is not None for volume in pod.volumes),
        "privileged": own.privileged or own.allow_privilege_escalation is not False,
        "root": whole.run_as_non_root is not True or not whole.run_as_user,
        "capabilities": own.capabilities.drop != ["ALL"] or own.capabilities.add != [],
        "seccomp": whole.seccomp_profile is None or whole.seccomp_profile.type != "RuntimeDefault",
        "root file system": own.read_only_root_filesystem is not True,
        "token": pod.automount_service_account_token,
    }
    return [what for what, is_so in found.items() if is_so]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_pod_is_restricted(profile: str) -> None:
    """A namespace that enforces the standard lets in nothing less, and neither do we."""
    found = [unsafe(pod, container) for pod in pods(profile) for container in pod.containers]

    assert len(found) == 2  # the one that serves, and the one that tests it
    assert found == [[], []]


@pytest.mark.parametrize(
    ("pod", "container"),
    [
        ({"host_network": True}, {}),
        ({"automount_service_account_token": True}, {}),
        ({"security_context": Security()}, {}),
        ({}, {"security_context": Security()}),
    ],
)
def test_an_unsafe_pod_is_noticed(pod: dict[str, object], container: dict[str, object]) -> None:
    """A check that finds nothing proves something only if it can find what it looks for."""
    [safe, _] = pods("default")
    [served] = safe.containers

    changed = msgspec.structs.replace(safe, **pod)

    assert unsafe(changed, msgspec.structs.replace(served, **container))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_container_has_limits(profile: str) -> None:
    """A container without limits can take its whole machine down with it."""
    containers = [each for pod in pods(profile) for each in (*pod.containers, *pod.init_containers)]

    assert containers
    for container in containers:
        assert set(container.resources.limits) == {"cpu", "memory"}
        assert set(container.resources.requests) == {"cpu", "memory"}


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_in_a_list_of_a_container_is_there_twice(profile: str) -> None:
    """The last of two variables, ports or mounts of one name would win without a word."""
    for pod in pods(profile):
        for each in pod.containers:
            for names in (
                [variable.name for variable in each.env],
                [port.name for port in each.ports],
                [port.container_port for port in each.ports],
                [mount.mount_path for mount in each.volume_mounts],
                [volume.name for volume in pod.volumes],
            ):
                assert len(names) == len(set(names))


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_mounted_is_there(profile: str) -> None:
    """A pod with a mount of nothing never starts."""
    for pod in pods(profile):
        there = {volume.name for volume in pod.volumes}
        mounted = {mount.name for each in pod.containers for mount in each.volume_mounts}

        assert mounted - there <= {"data"}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_command_is_one_that_frontdesk_knows(profile: str) -> None:
    """An option that was renamed would only be noticed in a cluster."""
    container = server(profile)
    serve, _ = asked(container)
    ports = {port.name: port.container_port for port in container.ports}

    assert serve.host == "0.0.0.0"  # noqa: S104 - a pod is reached by its address
    assert {"http": serve.port, "metrics": serve.metrics_port} == ports


@pytest.mark.parametrize(("profile", "form"), [("default", "json"), ("autoscaling", "console")])
def test_logs_have_the_form_that_was_asked_for(profile: str, form: str) -> None:
    """Whoever collects them in a cluster reads objects, unless people are to."""
    serve, _ = asked(server(profile))

    assert serve.log_format == form


@pytest.mark.parametrize("profile", PROFILES)
def test_the_configuration_has_no_mistake(profile: str, tmp_path: Path) -> None:
    """A pod that refuses its file starts again and again."""
    secrets = SECRETS if server(profile).env_from else {}
    for each in of_kind(profile, "ConfigMap"):
        for name, text in each.data.items():
            (tmp_path / name).write_text(text)
    serve, _ = asked(server(profile))

    assert serve.config is not None
    if any(tmp_path.glob("*.toml")):  # else they are in a Secret, which is not ours
        load_all(tmp_path / serve.config.relative_to("/etc/frontdesk"), secrets)


@pytest.mark.parametrize("profile", PROFILES)
def test_probes_ask_what_is_served(profile: str) -> None:
    """A probe of a path that is not there would kill a healthy pod."""
    served = {
        str(route.resource.canonical)
        for route in main_app(lambda: True, has_metrics=False).router.routes()
        if route.resource is not None
    }
    probes = server(profile).probes

    assert {probe.http_get.path for probe in probes} == {"/healthz", "/readyz"}
    assert {probe.http_get.path for probe in probes} <= served
    assert {probe.http_get.port for probe in probes} == {"http"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_pod_has_the_time_to_start(profile: str) -> None:
    """Whoever kills it before it gives up itself never learns why."""
    probe = server(profile).startup_probe

    assert probe is not None
    assert probe.period_seconds * probe.failure_threshold >= READY_S_MAX * 2


@pytest.mark.parametrize("profile", PROFILES)
def test_a_pod_has_the_time_to_stop(profile: str) -> None:
    """Who is killed while it drains leaves its clients to find out by themselves."""
    pod = workload(profile)[1].template.spec
    lifecycle = server(profile).lifecycle
    waited_s = lifecycle.pre_stop.sleep.seconds if lifecycle else 0

    assert pod.termination_grace_period_seconds >= waited_s + 2 * STOP_S_MAX


@pytest.mark.parametrize("profile", PROFILES)
def test_variables_of_services_are_not_handed_in(profile: str) -> None:
    """Kubernetes would set FRONTDESK_PORT and the like for a Service of that name."""
    assert [pod.enable_service_links for pod in pods(profile)] == [False, False]


@pytest.mark.parametrize("profile", PROFILES)
def test_one_file_has_one_pod_and_a_volume(profile: str) -> None:
    """SQLite is one writer's; what it keeps must outlive the pod. Redis needs neither."""
    thing, work = workload(profile)
    _, engine = asked(server(profile))
    is_file = engine == f"sqlite:/data/{'stores' if profile == 'tenants' else 'frontdesk.db'}"
    mounted = {mount.mount_path for mount in server(profile).volume_mounts}

    assert is_file or engine.startswith(REDIS)
    assert is_file == (profile not in WITH_REDIS)
    assert thing.kind == ("StatefulSet" if is_file else "Deployment")
    assert ("/data" in mounted) == is_file == bool(work.volume_claim_templates)
    assert work.replicas == 1 or not is_file
    assert (work.pod_management_policy == "Parallel") == is_file  # else a mended file waits


@pytest.mark.parametrize("profile", WITH_REDIS)
def test_pods_are_spread(profile: str) -> None:
    """Three pods on one machine are gone with it."""
    pod = workload(profile)[1].template.spec

    assert pod.topology_spread_constraints


def test_a_secret_is_only_named() -> None:
    """Whoever may read a pod may not read what it keeps to itself."""
    container = server("everything")
    secret = {
        variable.name
        for variable in container.env
        if variable.value_from is not None and variable.value_from.secret_key_ref is not None
    }

    assert [each.secret_ref.name for each in container.env_from] == ["shop"]
    assert secret == {"FRONTDESK_REDIS_PASSWORD"}
    assert {variable.name for variable in container.env} - secret == {"TMPDIR"}

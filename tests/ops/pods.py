"""The parts of a pod that what must hold is said about, read from rendered objects."""

from collections.abc import Iterator

import msgspec

from tests.ops.helm import Named, Thing, objects

WORKLOADS = {"Deployment", "StatefulSet"}


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Some part of an object; what is not named in it is left aside."""


class Key(Part, frozen=True, kw_only=True):
    """A key of a Secret."""

    name: str
    key: str


class Source(Part, frozen=True, kw_only=True):
    """Where a variable's value comes from."""

    secret_key_ref: Key | None = None


class Variable(Part, frozen=True, kw_only=True):
    """An environment variable."""

    name: str
    value: str = ""
    value_from: Source | None = None


class Variables(Part, frozen=True, kw_only=True):
    """All keys of a Secret as variables."""

    secret_ref: Named


class Port(Part, frozen=True, kw_only=True):
    """A port of a container."""

    name: str
    container_port: int


class Get(Part, frozen=True, kw_only=True):
    """A request."""

    path: str
    port: str


class Probe(Part, frozen=True, kw_only=True):
    """A question to a container."""

    http_get: Get
    period_seconds: int = 10
    failure_threshold: int = 3


class Sleep(Part, frozen=True, kw_only=True):
    """A wait."""

    seconds: int


class PreStop(Part, frozen=True, kw_only=True):
    """What goes before SIGTERM."""

    sleep: Sleep


class Lifecycle(Part, frozen=True, kw_only=True):
    """What goes before and after."""

    pre_stop: PreStop


class Capabilities(Part, frozen=True, kw_only=True):
    """What a process of root might do."""

    add: list[str] = []
    drop: list[str] = []


class Profile(Part, frozen=True, kw_only=True):
    """Which system calls may be made."""

    type: str


class Security(Part, frozen=True, kw_only=True):
    """What a pod or a container may do."""

    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    fs_group: int | None = None
    seccomp_profile: Profile | None = None
    privileged: bool = False
    allow_privilege_escalation: bool | None = None
    read_only_root_filesystem: bool | None = None
    capabilities: Capabilities = Capabilities()


class Resources(Part, frozen=True, kw_only=True):
    """How much of a machine a container asks for and gets at most."""

    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class Mount(Part, frozen=True, kw_only=True):
    """Where a volume is in a container."""

    name: str
    mount_path: str


class Container(Part, frozen=True, kw_only=True):
    """A container."""

    name: str
    image: str
    command: list[str] = []
    args: list[str] = []
    env: list[Variable] = []
    env_from: list[Variables] = []
    ports: list[Port] = []
    startup_probe: Probe | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    security_context: Security = Security()
    resources: Resources = Resources()
    volume_mounts: list[Mount] = []

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All that are asked."""
        asked = (self.startup_probe, self.liveness_probe, self.readiness_probe)
        return tuple(probe for probe in asked if probe is not None)


class Volume(Part, frozen=True, kw_only=True):
    """A volume: only by what kind of it is there."""

    name: str
    config_map: Named | None = None
    secret: dict[str, object] | None = None
    empty_dir: dict[str, str] | None = None
    host_path: dict[str, str] | None = None


class Pod(Part, frozen=True, kw_only=True):
    """What a pod is to be."""

    containers: list[Container]
    init_containers: list[Container] = []
    volumes: list[Volume] = []
    security_context: Security = Security()
    service_account_name: str = "default"
    automount_service_account_token: bool = True
    enable_service_links: bool = True
    termination_grace_period_seconds: int = 30
    topology_spread_constraints: list[dict[str, object]] = []
    host_network: bool = False
    host_pid: bool = False
    host_ipc: bool = False


class Template(Part, frozen=True, kw_only=True):
    """A pod with its labels."""

    metadata: Named
    spec: Pod


class Workload(Part, frozen=True, kw_only=True):
    """A Deployment or StatefulSet."""

    template: Template
    selector: dict[str, dict[str, str]]
    replicas: int | None = None
    volume_claim_templates: list[dict[str, object]] = []
    pod_management_policy: str = "OrderedReady"


def workload(profile: str) -> tuple[Thing, Workload]:
    """Return the one that serves."""
    [thing] = [each for each in objects(profile) if each.kind in WORKLOADS]
    return thing, msgspec.convert(thing.spec, Workload)


def server(profile: str) -> Container:
    """Return the container that serves."""
    [container] = workload(profile)[1].template.spec.containers
    return container


def templates(profile: str) -> Iterator[tuple[str, Template]]:
    """Yield every pod there can be, by the name of what makes it."""
    for thing in objects(profile):
        if thing.kind in WORKLOADS:
            yield str(thing), msgspec.convert(thing.spec, Workload).template
        elif thing.kind == "Pod":
            yield (
                str(thing),
                Template(metadata=thing.metadata, spec=msgspec.convert(thing.spec, Pod)),
            )

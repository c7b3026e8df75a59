"""Stands in for the API of a Kubernetes cluster, so that the real kubectl and Helm can be run.

It keeps what it is given and calls it ready at once; nothing runs but what is asked for by
`kubectl exec`, which runs here. What a cluster would check of objects is checked elsewhere,
against its schemas.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

import msgspec
import yaml

from tests.ops.execution import Container, execute, is_execution

Object: TypeAlias = dict[str, object]

EVERYTHING = ["create", "delete", "get", "list", "patch", "update", "watch"]
CLUSTER_WIDE = {"Namespace", "Node"}
KINDS: Mapping[str, tuple[str, ...]] = {
    "v1": (
        "ConfigMap",
        "Event",
        "Namespace",
        "Node",
        "PersistentVolumeClaim",
        "Pod",
        "Secret",
        "Service",
        "ServiceAccount",
    ),
    "apps/v1": ("ControllerRevision", "Deployment", "ReplicaSet", "StatefulSet"),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "networking.k8s.io/v1": ("Ingress", "NetworkPolicy"),
    "policy/v1": ("PodDisruptionBudget",),
}
POD = "/api/v1/namespaces/shop/pods/chat-frontdesk-0"
CONTAINER: Object = {"containers": [{"name": "frontdesk"}]}
PACKED = b"k8s\x00"
SHORT = {"PersistentVolumeClaim": ["pvc"]}
READY: Object = {
    "phase": "Succeeded",
    "observedGeneration": 1,
    "replicas": 1,
    "readyReplicas": 1,
    "availableReplicas": 1,
    "updatedReplicas": 1,
    "currentReplicas": 1,
    "currentRevision": "one",
    "updateRevision": "one",
    "conditions": [{"type": "Ready", "status": "True"}],
}
"""What each kind of object says when it is as it should be; none minds what is of another kind."""


class Asked(NamedTuple):
    """One request that changed something."""

    verb: str
    path: str


def plural(kind: str) -> str:
    """The name of a kind in paths."""
    small = kind.lower()
    if small.endswith("y"):
        return f"{small[:-1]}ies"
    return f"{small}es" if small.endswith("s") else f"{small}s"


def mapped(value: object) -> Object:
    """A part of an object that is a mapping, or an empty one."""
    return msgspec.convert(value or {}, Object)


class ApiServer:
    """What is kept, by its path.

    Attributes:
        asked: What was changed, in order.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.asked: list[Asked] = []
        self._objects: dict[str, Object] = {}
        self._lock = threading.Lock()
        self._versions = count(1)

    def put(self, path: str, given: Object) -> Object:
        """Keep an object, ready."""
        metadata = mapped(given.get("metadata"))
        metadata |= {
            "name": metadata.get("name") or path.rpartition("/")[2],
            "uid": path,
            "generation": 1,
            "resourceVersion": str(next(self._versions)),
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        parts = path.split("/")
        if "namespaces" in parts[:-2]:
            metadata["namespace"] = parts[parts.index("namespaces") + 1]
        is_hook = "helm.sh/hook" in mapped(metadata.get("annotations"))
        is_pod = given.get("kind") == "Pod"
        status = READY | {"phase": "Running"} if is_pod and not is_hook else READY
        kept = given | {"metadata": metadata, "status": status}
        if given.get("kind") == "StatefulSet":
            kept["spec"] = {"updateStrategy": {"type": "RollingUpdate"}} | mapped(given.get("spec"))
        self._objects[path] = kept
        return kept

    def at(self, path: str) -> Object:
        """What is kept there."""
        return self._objects[path]

    def paths(self) -> set[str]:
        """Where something is."""
        return set(self._objects)

    def answer(self, verb: str, address: str, body: bytes) -> tuple[HTTPStatus, Object]:
        """Do what is asked."""
        parts = urlsplit(address)
        with self._lock:
            if verb != "GET" and "dryRun" not in parts.query:
                self.asked.append(Asked(verb, parts.path))
            match verb:
                case "GET":
                    return self._get(parts.path, parse_qs(parts.query))
                case "POST":
                    return self._post(parts.path, read(body))
                case "PATCH" | "PUT":
                    return self._patch(parts.path, read(body))
                case _:
                    return self._delete(parts.path)

    def _get(self, path: str, query: Mapping[str, list[str]]) -> tuple[HTTPStatus, Object]:
        found = discovered(path) or self._objects.get(without_part(path))
        if found is not None:
            return HTTPStatus.OK, part_of(path, found)
        version, kind = listed(path)
        if not kind:
            return missing(path)
        [name] = query.get("fieldSelector", [""])
        [labels] = query.get("labelSelector", [""])
        items = [
            each
            for at, each in sorted(self._objects.items())
            if at.startswith(f"{path}/")
            and name in ("", f"metadata.name={at.rpartition('/')[2]}")
            and has_labels(each, labels)
        ]
        metadata = {"resourceVersion": str(next(self._versions))}
        told = {"apiVersion": version, "kind": f"{kind}List", "metadata": metadata}
        return HTTPStatus.OK, {**told, "items": items}

    def _post(self, path: str, given: Object) -> tuple[HTTPStatus, Object]:
        name = mapped(given.get("metadata")).get("name")
        at = f"{path}/{name}"
        if at in self._objects:
            return refused(HTTPStatus.CONFLICT, "AlreadyExists")
        return HTTPStatus.CREATED, self.put(at, given)

    def _patch(self, path: str, given: Object) -> tuple[HTTPStatus, Object]:
        asked, path = path, without_part(path)
        kept = self._objects.get(path)
        if kept is None and "kind" not in given:
            return missing(path)
        made = self.put(path, merged(kept or {}, given))
        if asked.endswith("statefulsets/chat-frontdesk/scale"):
            self._start_or_stop(mapped(made["spec"]).get("replicas"))
        return HTTPStatus.OK, part_of(asked, made)

    def _start_or_stop(self, replicas: object) -> None:
        """Do what the controller of StatefulSets does with the only pod of one."""
        if replicas:
            self.put(POD, {"apiVersion": "v1", "kind": "Pod", "spec": CONTAINER})
        else:
            self._objects.pop(POD, None)

    def _delete(self, path: str) -> tuple[HTTPStatus, Object]:
        if self._objects.pop(path, None) is None:
            return missing(path)
        return HTTPStatus.OK, {"apiVersion": "v1", "kind": "Status", "status": "Success"}


def read(body: bytes) -> Object:
    """What was sent: JSON, the YAML of an apply, or the packed form of what is in every cluster."""
    if not body.startswith(PACKED):
        return mapped(yaml.safe_load(body))
    [form], [content] = (_fields(body[len(PACKED) :])[number] for number in (1, 2))
    [version], [kind] = (_fields(form)[number] for number in (1, 2))
    fields = _fields(content)
    metadata = _fields(fields[1][0])
    return {
        "apiVersion": version.decode(),
        "kind": kind.decode(),
        "metadata": {
            "name": metadata[1][0].decode(),
            "labels": {key: value.decode() for key, value in _map(metadata, 11).items()},
        },
        "data": {key: b64encode(value).decode() for key, value in _data(kind, fields).items()},
    }


def _data(kind: bytes, fields: Mapping[int, list[bytes]]) -> dict[str, bytes]:
    """What a Secret keeps."""
    return _map(fields, 2) if kind == b"Secret" else {}


def _map(fields: Mapping[int, list[bytes]], number: int) -> dict[str, bytes]:
    entries = (_fields(entry) for entry in fields.get(number, []))
    return {entry[1][0].decode(): entry[2][0] for entry in entries}


def _fields(packed: bytes) -> dict[int, list[bytes]]:
    """The fields of a message of protocol buffers that are bytes, in order."""
    found: dict[int, list[bytes]] = {}
    at = 0
    while at < len(packed):
        tag, at = _number(packed, at)
        size, at = _number(packed, at)
        if tag & 7 == 2:  # bytes follow; else it was a number
            found.setdefault(tag >> 3, []).append(packed[at : at + size])
            at += size
    return found


def _number(packed: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = packed[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def merged(kept: Object, given: Object) -> Object:
    """One object written over another, key by key."""
    made = dict(kept)
    for key, value in given.items():
        inner = made.get(key)
        if isinstance(value, dict) and isinstance(inner, dict):
            made[key] = merged(mapped(inner), mapped(value))  # pyright: ignore[reportUnknownArgumentType]  # read as JSON
        else:
            made[key] = value
    return made


def has_labels(each: Object, asked: str) -> bool:
    """Tell whether an object has all labels of a selector of equalities."""
    labels = mapped(mapped(each.get("metadata")).get("labels"))
    pairs = (pair.partition("=") for pair in asked.split(",") if "=" in pair and "!" not in pair)
    return all(labels.get(key) == value.lstrip("=") for key, _, value in pairs)


def discovered(path: str) -> Object | None:
    """What tells which kinds there are, if the path asks for that."""
    groups = [version for version in KINDS if "/" in version]
    match path.strip("/").split("/"):
        case ["version"]:
            return {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        case ["apis"]:
            return {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [_group(version) for version in groups],
            }
        case ["openapi", "v3"]:
            ways = {
                _way(version): {"serverRelativeURL": f"/openapi/v3/{version}"} for version in KINDS
            }
            return {"paths": ways}
        case ["openapi", "v3", *version]:
            return _checks_by_itself("/".join(version))
        case ["api" | "apis", *version] if "/".join(version) in KINDS:
            return _resources("/".join(version))
        case _:
            return None


def _way(version: str) -> str:
    return f"apis/{version}" if "/" in version else f"api/{version}"


def _checks_by_itself(version: str) -> Object:
    """Say that this server finds what is wrong with an object, so that nobody does before."""
    group, _, number = version.rpartition("/")
    asked = [{"name": "fieldValidation", "in": "query"}]
    paths = {
        f"/{_way(version)}/{plural(kind)}/{{name}}": {
            "patch": {
                "parameters": asked,
                "x-kubernetes-group-version-kind": {
                    "group": group,
                    "version": number,
                    "kind": kind,
                },
            }
        }
        for kind in KINDS[version]
    }
    return {"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": paths}


def _group(version: str) -> Object:
    told = {"groupVersion": version, "version": version.partition("/")[2]}
    return {"name": version.partition("/")[0], "versions": [told], "preferredVersion": told}


def _resources(version: str) -> Object:
    told = [
        {
            "name": plural(kind),
            "singularName": kind.lower(),
            "namespaced": kind not in CLUSTER_WIDE,
            "kind": kind,
            "verbs": EVERYTHING,
            "shortNames": SHORT.get(kind, []),
        }
        for kind in KINDS[version]
    ]
    if version == "apps/v1":
        scale = {"group": "autoscaling", "version": "v1", "kind": "Scale", "namespaced": True}
        told += (
            {"name": f"{kind}/scale", "singularName": "", "verbs": EVERYTHING, **scale}
            for kind in ("deployments", "statefulsets")
        )
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": told,
    }


def without_part(path: str) -> str:
    """The object of which a part is asked for."""
    return path.removesuffix("/scale").removesuffix("/log")


def part_of(path: str, whole: Object) -> Object:
    """What is answered about a part of an object: how many there are to be, or the whole."""
    if not path.endswith("/scale"):
        return whole
    replicas = mapped(whole["spec"]).get("replicas")
    form: Object = {"apiVersion": "autoscaling/v1", "kind": "Scale"}
    return form | {"metadata": whole["metadata"], "spec": {"replicas": replicas}}


def listed(path: str) -> tuple[str, str]:
    """The version and the kind whose list the path is, if it is one."""
    last = path.rpartition("/")[2]
    of_kinds = ((version, kind) for version, kinds in KINDS.items() for kind in kinds)
    return next(((version, kind) for version, kind in of_kinds if plural(kind) == last), ("", ""))


def missing(path: str) -> tuple[HTTPStatus, Object]:
    """Nothing is there."""
    status, told = refused(HTTPStatus.NOT_FOUND, "NotFound")
    return status, told | {"message": f"{path} not found"}


def refused(status: HTTPStatus, reason: str) -> tuple[HTTPStatus, Object]:
    """An answer that says no."""
    return status, {
        "apiVersion": "v1",
        "kind": "Status",
        "status": "Failure",
        "reason": reason,
        "message": reason,
        "code": status.value,
    }


def watched(told: Object) -> Iterator[Object]:
    """A list as somebody hears it who watches: what there is, and that this was all."""
    for each in msgspec.convert(told.get("items", []), list[Object]):
        yield {"type": "ADDED", "object": each}
    end = {"resourceVersion": "1000000", "annotations": {"k8s.io/initial-events-end": "true"}}
    kind = str(told["kind"]).removesuffix("List")
    mark = {"apiVersion": told["apiVersion"], "kind": kind, "metadata": end}
    yield {"type": "BOOKMARK", "object": mark}


@contextmanager
def serving(server: ApiServer, container: Container) -> Generator[str]:
    """Answer on a port of loopback; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        """One request after the other."""

        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called there
            """Say nothing."""

        def do(self) -> None:
            """Answer, with all of an object at once; of a watch, what is there already."""
            if is_execution(self):
                execute(self, container)
                return
            length = int(self.headers.get("Content-Length") or 0)
            status, told = server.answer(self.command, self.path, self.rfile.read(length))
            if "watch=" in self.path:
                text = "\n".join(map(json.dumps, watched(told)))
            else:
                text = json.dumps(told)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do  # noqa: N815 - as they are called there

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=partial(httpd.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()

"""Every command of kubectl and Helm on the pages is run, by themselves, before a stand-in."""

import json
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from router.shard.sqlite_file import connect_writer
from tests.ops.apiserver import CONTAINER, POD, ApiServer, mapped, serving
from tests.ops.execution import Container
from tests.ops.helm import CHART, program
from tests.ops.shell import path_with, typed_in
from tests.ops.test_deploy_pages import BLOCKS, KUBERNETES, VALUES
from tests.support.server import ROOT, environment

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="kubectl is locked for Linux, where these pages are meant for"
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:kubectl|helm) [^`\n]+)`")
OF_CLUSTERS = re.compile(r"\b(?:kubectl|helm) ")

SHOP = "--namespace shop"
WHOLE = {
    "helm rollback": f"helm rollback chat 1 {SHOP}",
    "helm test": f"helm test chat {SHOP}",
    "helm uninstall": f"helm uninstall chat {SHOP}",
    "helm upgrade": f"helm upgrade chat helm/frontdesk {SHOP} --values my-values.yaml",
    "kubectl delete pvc": f"kubectl delete pvc data-chat-frontdesk-0 {SHOP}",
    "kubectl get pods": f"kubectl get pods {SHOP}",
    "kubectl logs --previous": f"kubectl logs chat-frontdesk-0 --previous {SHOP}",
    "kubectl rollout restart": f"kubectl rollout restart statefulset/chat-frontdesk {SHOP}",
}
"""What is only named in a sentence, as it is typed; others as they stand, in the namespace."""

LAST = (
    "kubectl delete pod chat-frontdesk-0 --force --grace-period=0",
    "helm rollback",
    "helm uninstall",
    "kubectl delete pvc",
)
"""What goes back and away comes when all else was done."""

CLAIM = "/api/v1/namespaces/shop/persistentvolumeclaims/data-chat-frontdesk-0"
STATEFUL = "/apis/apps/v1/namespaces/shop/statefulsets/chat-frontdesk"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/chat-frontdesk"


def blocks() -> list[str]:
    """What the page tells to type, block by block."""
    found = FENCE.findall(KUBERNETES)
    return [block for kind, block in found if not kind and OF_CLUSTERS.search(block)]


def sentences() -> list[str]:
    """What is only named, on any page, in the order in which it can be done."""
    pages = [ROOT / "helm/frontdesk/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = {
        command
        for page in pages
        if page.parent.name != "decisions"
        for command in INLINE.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    }
    return [*sorted(named - set(LAST)), *LAST]


def typed(command: str) -> str:
    """A command of a sentence as somebody types it."""
    return WHOLE.get(command, f"{command} {SHOP}")


class Desk:
    """Where somebody sits who runs a cluster: the checkout, values of their own, both programs."""

    def __init__(self, folder: Path, url: str) -> None:
        """Know the cluster by its address."""
        self._folder = folder
        programs = folder / "programs"
        programs.mkdir()
        for name in ("helm", "kubectl"):
            (programs / name).symlink_to(program(name))
        (folder / "helm").symlink_to(CHART.parent)
        (folder / "my-values.yaml").write_text(VALUES["values: embedded"], encoding="utf-8")
        (folder / "restore.yaml").write_text(BLOCKS["restore.yaml"], encoding="utf-8")
        config: dict[str, object] = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": {"server": url}}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": "it", "context": {"cluster": "here", "user": "me"}}],
            "current-context": "it",
        }
        (folder / "kubeconfig").write_text(json.dumps(config), encoding="utf-8")
        self._variables = environment() | {
            "HOME": str(folder),
            "KUBECONFIG": str(folder / "kubeconfig"),
            "PATH": path_with(programs),
        }

    def run(self, text: str) -> tuple[int, str]:
        """Type it, and stop where something fails."""
        return typed_in(self._folder, text, self._variables)


@pytest.fixture
def cluster() -> ApiServer:
    """Have what Kubernetes itself makes: a machine, and of the release a pod and its claim."""
    server = ApiServer()
    server.put("/api/v1/nodes/NODE", {"apiVersion": "v1", "kind": "Node"})
    server.put(POD, {"apiVersion": "v1", "kind": "Pod", "spec": CONTAINER})
    server.put(CLAIM, {"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
    return server


@pytest.fixture
def container(tmp_path: Path) -> Container:
    """Have in the pod what the page's values give it, and a store that somebody has made."""
    folder = tmp_path / "container"
    (folder / "etc").mkdir(parents=True)
    (folder / "data").mkdir(mode=0o700)
    configuration = re.search(r"    frontdesk\.toml: \|\n(.*?)\ningress:", KUBERNETES, re.DOTALL)

    assert configuration is not None
    text = dedent(configuration[1]).replace("[server]", "[server]\nsockets_max = 100")  # files here
    (folder / "etc" / "frontdesk.toml").write_text(text, encoding="utf-8")
    (folder / "etc" / "frontdesk.toml").chmod(0o440)
    connect_writer(folder / "data" / "frontdesk.db").close()
    made = ("FRONTDESK_SECRET", "FRONTDESK_SEAL_KEY")
    return Container(folder, {name: secrets.token_urlsafe(32) for name in made})


@pytest.fixture
def desk(cluster: ApiServer, container: Container, tmp_path: Path) -> Iterator[Desk]:
    """Sit before the cluster."""
    with serving(cluster, container) as url:
        yield Desk(tmp_path, url)


def test_every_command_on_the_page_is_taken(
    cluster: ApiServer, desk: Desk, container: Container
) -> None:
    """Words that kubectl or Helm do not know would be met in the middle of an installation.

    What they run in a pod is run: a copy of a store is fetched, and put in its place again.
    """
    failed = {text: words for text in blocks() for code, words in [desk.run(text)] if code}
    volume = json.dumps(cluster.at(STATEFUL).get("spec"))
    failed |= {
        text: words for text in map(typed, sentences()) for code, words in [desk.run(text)] if code
    }

    assert len(blocks()) > 4
    assert failed == {}, "\n".join(failed.values())
    assert '"50Gi"' in volume, "the upgrade after the volume grew"
    assert {"frontdesk.db", "frontdesk.db.replaced-1"} <= {
        path.name for path in (container.folder / "data").iterdir()
    }
    assert ("DELETE", POD) in cluster.asked
    assert [path for path in cluster.paths() if "chat-frontdesk" in path] == []


def test_another_version_replaces_pods_and_leaves_their_number_to_the_autoscaler(
    container: Container, tmp_path: Path
) -> None:
    """Whoever takes the Deployment away, or says how many pods there are, takes people's chats."""
    cluster = ApiServer()
    with serving(cluster, container) as url:
        desk = Desk(tmp_path, url)
        (tmp_path / "my-values.yaml").write_text(VALUES["values: autoscaling"], encoding="utf-8")
        made = desk.run(f"helm install chat helm/frontdesk {SHOP} --values my-values.yaml")
        deployment = cluster.at(DEPLOYMENT)
        deployment["spec"] = {**mapped(deployment["spec"]), "replicas": 3}  # by the autoscaler
        before = len(cluster.asked)
        done = desk.run(f"{WHOLE['helm upgrade']} --set image.tag=2.0.0")

    assert (made[0], done[0]) == (0, 0), made[1] + done[1]
    changed = [each for each in cluster.asked[before:] if "chat-frontdesk" in each.path]
    assert [each for each in changed if each.verb == "DELETE"] == []
    spec = mapped(cluster.at(DEPLOYMENT)["spec"])
    assert spec["replicas"] == 3
    assert ":2.0.0" in json.dumps(spec)


@pytest.mark.parametrize(
    "text",
    [
        "kubectl --namespace shop rollout state statefulset/chat-frontdesk",
        "kubectl --namespace shop delete statefulset no-such-thing",
        "helm upgrade chat helm/frontdesk --namespace shop --values none.yaml",
        "kubectl --namespace shop exec chat-frontdesk-0 -- frontdesk backup --to nowhere",
    ],
)
def test_a_command_that_is_not_taken_is_noticed(desk: Desk, text: str) -> None:
    """A stand-in that says yes to everything proves nothing."""
    code, words = desk.run(text)

    assert code != 0, words

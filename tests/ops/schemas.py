"""Holds objects against the types and schemas that Kubernetes and its extensions are made of.

The types refuse what nobody knows of, which the schemas do not; the schemas have the bounds and
patterns, which no type can say. Both come from the same packages (docs/decisions/0037).
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.ops.helm import Thing, scratch
from tests.support.server import ROOT

PACKAGES = {
    "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/monitoring.coreos.com",
    "gateway.networking.k8s.io": "@kubernetes-models/gateway-api/gateway.networking.k8s.io",
}
KUBERNETES = "kubernetes-models"

TSC = (str(ROOT / "node_modules" / ".bin" / "tsc"), "--strict", "--skipLibCheck")
MODULES = ("--target", "es2022", "--module", "nodenext")
RUN_ALL = """\
for (const name of process.argv.slice(1)) await import(`./${name}.mjs`)
    .catch((error) => console.log(`${name}.mts(all): error ${error.message}`));
"""

# What a checker of types cannot see is said as it would say it.
HEAD = """\
interface Kept { validate(): void }
const check = (where: string, Model: new (data: never) => Kept, object: unknown) => {
    try { new Model(object as never).validate(); }
    catch (error) { console.log(`${where}: error ${(error as Error).message}`); }
};
"""


def mistakes(groups: Mapping[str, Sequence[Thing]]) -> dict[str, list[str]]:
    """Tell of each group what is wrong with its objects; all are checked in one run."""
    with tempfile.TemporaryDirectory(dir=scratch()) as name:
        folder = Path(name)
        sources = [_written(folder / f"{name}.mts", things) for name, things in groups.items()]
        said = _said(folder, *TSC, *MODULES, *(source.name for source in sources))
        said += _said(folder, "node", "--input-type=module", "--eval", RUN_ALL, *groups)
    return {source.stem: _of(source, said) for source in sources}


def module_of(thing: Thing) -> str:
    """Return where the type of an object is: `apps/v1` and `Deployment` in one path."""
    group, _, number = thing.api_version.rpartition("/")
    place = PACKAGES.get(group) or "/".join(filter(None, (KUBERNETES, group)))
    return f"{place}/{number}/{thing.kind}"


def _written(source: Path, things: Sequence[Thing]) -> Path:
    lines = [HEAD]
    for number, thing in enumerate(things):
        kind = thing.kind
        where = json.dumps(f"{source.name}({thing})")
        lines += [
            f"import {{ {kind} as K{number}, type I{kind} as I{number} }}",
            f'    from "{module_of(thing)}";',
            f"const o{number}: I{number} = {json.dumps(thing.whole, indent=1)};",
            f"check({where}, K{number}, o{number});",
        ]
    source.write_text("\n".join(lines))
    return source


def _said(folder: Path, *command: str) -> str:
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )

    assert not ended.stderr, ended.stderr
    return ended.stdout


def _of(source: Path, said: str) -> list[str]:
    return re.findall(rf"\b{re.escape(source.name)}\((.*: error .+)$", said, re.MULTILINE)

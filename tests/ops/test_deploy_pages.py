"""The pages about putting it in place: files and names in what they give to copy are there.

Commands for root are read and not typed; those of clusters are in `test_cluster_commands.py`.
"""

import re
from pathlib import Path

import msgspec
import pytest

from tests.ops.helm import CHART, Thing, documents, mapping, run, things
from tests.ops.schemas import mistakes
from tests.support.server import ROOT

KUBERNETES = (ROOT / "docs" / "deploy-kubernetes.md").read_text()
ONE_MACHINE = (ROOT / "docs" / "deploy-one-machine.md").read_text()
BLOCKS = dict(
    re.findall(r"^```yaml\n# ([\w:. ]+)\n(.*?)^```$", KUBERNETES, re.DOTALL | re.MULTILINE)
)
VALUES = {name: text for name, text in BLOCKS.items() if name.startswith("values: ")}


def test_values_on_the_page_can_be_installed(tmp_path: Path) -> None:
    """They are the first that somebody tries, unchanged."""
    made: dict[str, list[Thing]] = {}
    for name, text in VALUES.items():
        file = tmp_path / "my-values.yaml"
        file.write_text(text)
        ended = run("template", "chat", str(CHART), "--values", str(file))
        made[name] = things(ended.stdout)

    restoring = {"restore": things(BLOCKS["restore.yaml"])}

    assert all(len(each) > 5 for each in made.values())
    assert mistakes(made | restoring) == {name: [] for name in [*made, *restoring]}


def test_the_page_has_every_block_under_a_name() -> None:
    """One without a name would be looked at by nobody."""
    assert len(VALUES) == KUBERNETES.count("```yaml") - 2
    assert {"adapter", "restore.yaml"} <= set(BLOCKS)


def test_the_adapter_is_told_of_what_the_autoscaler_asks_for() -> None:
    """A metric that the adapter does not make is one that the autoscaler waits for."""
    [adapter] = documents(BLOCKS["adapter"])
    [rule] = msgspec.convert(mapping(mapping(adapter)["rules"])["custom"], list[dict[str, object]])
    scaled = (CHART / "templates" / "hpa.yaml").read_text()
    asked = set(re.findall(r'"(frontdesk_\w+)"', scaled))

    assert asked == set(re.findall(r"frontdesk_\w+", str(rule["seriesQuery"])))
    assert len(asked) == 2


@pytest.mark.parametrize("page", [KUBERNETES, ONE_MACHINE], ids=["kubernetes", "one machine"])
def test_files_that_are_to_be_copied_are_there(page: str) -> None:
    """A name in a command is copied as it stands."""
    commands = "\n".join(re.findall(r"^```\w*\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    named = set(
        re.findall(r"(?<![\w/.])(?:(?:deploy|docs|helm)/|requirements)[\w./-]*\w", commands)
    )

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_image_is_of_this_version() -> None:
    """The tag on the pages is the one that the chart asks for."""
    [chart] = documents((CHART / "Chart.yaml").read_text())
    tags = set(re.findall(r"frontdesk:(\d[\w.]*)", KUBERNETES + ONE_MACHINE))

    assert tags == {mapping(chart)["appVersion"]}


def test_a_release_of_the_page_is_what_it_says(tmp_path: Path) -> None:
    """Names of objects in commands are those that Helm gives."""
    file = tmp_path / "my-values.yaml"
    file.write_text(VALUES["values: embedded"])
    words = ["template", "chat", str(CHART), "--namespace", "shop", "--values", str(file)]
    made = {f"{each.kind.lower()}/{each.metadata.name}" for each in things(run(*words).stdout)}
    named = set(re.findall(r"rollout status (\S+)", KUBERNETES))

    assert named
    assert named <= made


def test_the_doctor_is_asked_about_what_the_unit_starts() -> None:
    """About another store, or under other limits, it finds what is not there and misses what is."""
    unit = (ROOT / "deploy" / "frontdesk.service").read_text()
    [way] = re.findall(r"^    sudo systemd-run (.*?)^}$", ONE_MACHINE, re.DOTALL | re.MULTILINE)
    properties = re.findall(r"--property=(\w+=\S+)", way)
    [asked] = re.findall(r"^frontdesk doctor (.*)$", ONE_MACHINE, re.MULTILINE)
    said = dict(re.findall(r"(--config|--engine) (\S+)", asked))
    [started] = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)

    assert len(properties) == 6
    assert [each for each in properties if f"{each}\n" not in unit] == []
    assert set(said) == {"--config", "--engine"}
    assert [each for each in said.items() if " ".join(each) not in started] == []


def test_the_user_of_the_image_may_read_the_configuration() -> None:
    """A container that cannot read its file starts again and again."""
    _, _, container = ONE_MACHINE.partition("## In a container")
    [user] = re.findall(r"^USER (\d+):\d+$", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    installed = f"--mode=0640 --group={user} docs/example.toml /etc/frontdesk/frontdesk.toml"

    assert installed in container
    assert "--volume /etc/frontdesk:/etc/frontdesk:ro " in container

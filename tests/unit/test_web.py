"""Holds the sources of the pages against the contract they were made from."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from router.app.version import version
from router.hub.typescript import typescript

ROOT = Path(__file__).parents[2]


def test_the_types_of_the_pages_are_those_of_the_contract() -> None:
    """The compiler checks the pages against these, so they must not lag behind the structs.

    Made again by: frontdesk schema --format typescript > web/shared/contract.ts
    """
    kept = (ROOT / "web" / "shared" / "contract.ts").read_text()

    assert kept == typescript(version())


def test_what_tools_keep_beside_the_sources_makes_no_page_again(tmp_path: Path) -> None:
    """Pages that are built while servers read them are not there for a moment."""
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    hook = module_from_spec(spec)
    spec.loader.exec_module(hook)
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "web" / "desk").mkdir(parents=True)
    (tmp_path / "web" / "desk" / "main.ts").write_text("1")
    before = hook.digest_of(tmp_path)
    (tmp_path / "web" / "node_modules").mkdir()
    (tmp_path / "web" / "node_modules" / "results.json").write_text("{}")
    beside = hook.digest_of(tmp_path)
    (tmp_path / "web" / "desk" / "main.ts").write_text("2")

    assert beside == before
    assert hook.digest_of(tmp_path) != before

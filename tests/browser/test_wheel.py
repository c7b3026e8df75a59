"""What is installed: a wheel holds the built pages, which no commit does."""

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.support.server import ROOT

PAGES = ROOT / "router" / "pages"


def test_a_wheel_brings_the_pages(tmp_path: Path) -> None:
    """A build that leaves them out would be noticed only by who installs it."""
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as opened:
        brought = set(opened.namelist())
    built = {f"router/pages/{path.relative_to(PAGES)}" for path in PAGES.rglob("*.*")}

    assert "router/pages/desk/index.html" in built
    assert built <= brought

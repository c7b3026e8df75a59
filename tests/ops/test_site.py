"""The documentation site is built without a warning, and needs nothing from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops.reference import ROOT
from tests.ops.alerts import alerts

OUTSIDE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^\"]*\"")
PAGES = ["index", "concepts", "protocol", "configuration", "masking", "metrics", "reliability"]
PAGES_OF_OPERATORS = ["security", "capacity", "upgrading", "troubleshooting", "dashboards"]
PAGES_OF_DEPLOYMENT = ["deploy-one-machine", "deploy-kubernetes"]
PAGES_FROM_ELSEWHERE = ["changelog", "chart", "contributing", "measurements"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, where a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    words = ("-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder)
    built = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert built.returncode == 0, built.stderr
    assert built.stderr == ""
    return folder


def test_every_page_is_there(site: Path) -> None:
    """Somebody who was told of a page finds it."""
    names = [*PAGES, *PAGES_OF_OPERATORS, *PAGES_OF_DEPLOYMENT, *PAGES_FROM_ELSEWHERE]
    names += (f"runbooks/{name}" for name in alerts())

    assert [name for name in names if not (site / f"{name}.html").exists()] == []


def test_every_page_is_told_how_it_looks(site: Path) -> None:
    """Without it tables of ten words a line push a phone's page to the side."""
    pages = list(site.rglob("*.html"))

    assert (site / "site.css").exists()
    assert [page for page in pages if "site.css" not in page.read_text(encoding="utf-8")] == []


def test_the_site_needs_nothing_from_elsewhere(site: Path) -> None:
    """It is read where nothing else can be reached, and tells nobody who reads it."""
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]

    assert len(pages) > 60
    assert [found for page in pages for found in OUTSIDE.findall(page)] == []


def test_pages_from_elsewhere_are_led_to(site: Path) -> None:
    """A link that works beside the code works on the site too."""
    assert 'href="measurements.html"' in (site / "capacity.html").read_text(encoding="utf-8")
    assert 'href="testing.html#' in (site / "measurements.html").read_text(encoding="utf-8")
    assert 'href="docs/' not in (site / "contributing.html").read_text(encoding="utf-8")

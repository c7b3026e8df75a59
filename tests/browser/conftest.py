"""One browser for all tests, and for each a house: a server, a shop, and windows of their own.

A test says with ``@pytest.mark.house(...)`` which tables of the configuration it wants changed.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.browser.house import House, opened

HAS_FAILED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the mark that furnishes a house."""
    config.addinivalue_line("markers", "house(**tables): what this test's configuration has")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the house know how its test went."""
    report = yield
    if report.when == "call":
        item.stash[HAS_FAILED] = report.failed
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the browser once."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def house(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[House]:
    """Open a house for the test; no window in it may meet an error.

    When the test fails, `build/browser` has a picture of each window and what a reader is told.
    """
    assert isinstance(request.node, pytest.Item)
    mark = request.node.get_closest_marker("house")
    with opened(browser, tmp_path, mark.kwargs if mark else {}) as house:
        yield house
        if request.node.stash.get(HAS_FAILED, False):
            house.show(request.node.name)

"""One server for each module, with a floor in it for each of its tests.

A test says with ``@pytest.mark.floor(...)`` what its floor has (``floors.Plan``); a module says
with ``SETTINGS`` what its server has beside the usual. Both are optional.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.floors import Floor, Plan, configuration
from tests.support.server import Server

NUMBER = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the mark that furnishes a floor."""
    config.addinivalue_line("markers", "floor(**plan): what this test's floor has")


def _plans(session: pytest.Session, path: Path) -> list[Plan]:
    plans: list[Plan] = []
    for item in session.items:
        if item.path == path:
            mark = item.get_closest_marker("floor")
            item.stash[NUMBER] = len(plans)
            plans.append(Plan(**mark.kwargs) if mark else Plan())
    return plans


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run a server with a floor for each test of the module; it must also stop well."""
    assert isinstance(request.node, pytest.Module)
    settings = getattr(request.node.obj, "SETTINGS", {})
    plans = _plans(request.session, request.path)
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder, configuration(plans, settings))
    server.start()
    try:
        yield server
        server.stop()
    finally:
        server.kill()


@pytest_asyncio.fixture
async def floor(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Floor]:
    """Give the test its floor and close its clients afterwards."""
    assert isinstance(request.node, pytest.Item)
    floor = Floor(server, request.node.stash[NUMBER])
    yield floor
    await floor.close()

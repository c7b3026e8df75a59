"""What the tests of the shard share."""

from collections.abc import Mapping

from tests.support.virtual_loop import VirtualLoop


def pytest_asyncio_loop_factories() -> Mapping[str, type[VirtualLoop]]:
    """Nobody waits: a lease of a few ms lives as long as it says, however busy the machine is."""
    return {"virtual": VirtualLoop}

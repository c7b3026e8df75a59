"""Python's own pauses: they are measured, and do not grow with what a server holds."""

import asyncio
import gc
import resource
import time
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from router.app import runtime
from router.app.runtime import GcWatch


@pytest.fixture
def watched() -> Iterator[None]:
    """Watch collections; afterwards everything is looked at again."""
    watch = GcWatch()
    gc.callbacks.append(watch)
    yield
    gc.callbacks.remove(watch)
    gc.unfreeze()


def collections_seen() -> float:
    """How many full collections were measured."""
    value = REGISTRY.get_sample_value("frontdesk_gc_pause_seconds_count", {"generation": "2"})
    return value or 0.0


@pytest.mark.usefixtures("watched")
def test_what_survived_once_is_not_looked_at_again() -> None:
    """A pause for each thousand connections would be felt by all the others."""
    before = collections_seen()
    kept = [[number] for number in range(1_000)]
    gc.collect()

    assert collections_seen() == before + 1
    assert not any(each is one for each in gc.get_objects() for one in (kept, kept[0], kept[-1]))


@pytest.mark.usefixtures("watched")
def test_what_is_dropped_in_a_cycle_is_found() -> None:
    """Nothing is switched off: what nobody can reach is freed."""
    gc.collect()
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle

    assert gc.collect() >= 1


async def test_an_event_loop_that_is_held_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What blocks the loop delays everybody, and no command's own time shows it."""
    monkeypatch.setattr(runtime, "LOOK_EVERY_S", 0.001)
    before = REGISTRY.get_sample_value("frontdesk_loop_lag_seconds_count") or 0.0
    late = REGISTRY.get_sample_value("frontdesk_loop_lag_seconds_sum") or 0.0
    runtime.LoopWatch(asyncio.get_running_loop()).begin()
    time.sleep(0.02)  # noqa: ASYNC251 - the loop is to be held up
    await asyncio.sleep(0.01)
    after = REGISTRY.get_sample_value("frontdesk_loop_lag_seconds_count") or 0.0

    assert after > before
    assert (REGISTRY.get_sample_value("frontdesk_loop_lag_seconds_sum") or 0.0) - late > 0.015


def test_a_server_may_open_as_many_files_as_the_system_allows() -> None:
    """Containers begin with 1024, which would be full long before `server.sockets_max`."""
    before, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, allowed))
    try:
        seen = runtime.run(_files())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, allowed))

    assert seen == allowed


async def _files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]

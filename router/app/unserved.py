"""Settings that are accepted and checked, and that this version does not act on yet."""

from collections.abc import Iterator

from router.app.config import Settings
from router.app.sections import Retention
from router.kernel.configuration import Queue


def unserved(settings: Settings) -> tuple[str, ...]:
    """The paths of settings that differ from their defaults and have no effect."""
    return tuple(_unserved(settings))


def _unserved(settings: Settings) -> Iterator[str]:
    if settings.retention != Retention():
        yield "retention"
    for index, queue in enumerate(settings.configuration.queues):
        for key in _queue_keys(queue):
            yield f"queues[{index}].{key}"


def _queue_keys(queue: Queue) -> Iterator[str]:
    if queue.hours:
        yield "hours"
    if queue.max_wait_ms:
        yield "max_wait_ms"
    if queue.customer_silence_warn_ms:
        yield "customer_silence_warn_ms"
    if queue.customer_silence_end_ms:
        yield "customer_silence_end_ms"
    if queue.agent_silence_ms:
        yield "agent_silence_ms"

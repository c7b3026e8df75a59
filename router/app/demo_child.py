"""The demo's server: the real one in a process of its own, with the pages that only a demo has.

What to serve comes as one line of JSON on standard input, so that no secret is in an argument or a
file. When standard input ends, whoever started it is gone, and it drains and ends too.
"""

import sys

import msgspec

from router.app.config import Settings
from router.app.demo_pages import DemoPages
from router.app.logs import configure_logs
from router.app.runtime import end_with_input, run
from router.app.serve import serve, wall_clock_ms


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to serve, and where.

    Attributes:
        seats: The ids of the agents that people may choose to be.
    """

    settings: Settings
    host: str
    port: int
    metrics_port: int
    engine: str
    seats: tuple[str, ...]


def main() -> int:
    """Serve what standard input orders, until it ends or a signal comes."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    configure_logs(sys.stderr)
    end_with_input()
    pages = DemoPages(order.settings, seats=order.seats, clock=wall_clock_ms)
    server = serve(
        [order.settings],
        host=order.host,
        port=order.port,
        metrics_port=order.metrics_port,
        engine=order.engine,
        extra=pages.attach,
    )
    try:
        return run(server)
    except SystemExit as ended:
        if isinstance(ended.__cause__, OSError):
            raise SystemExit(f"{ended}; --port 0 takes any free port") from ended
        raise


if __name__ == "__main__":
    sys.exit(main())

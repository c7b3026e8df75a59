"""Asks the usual questions in PromQL, of the tenants and queues that were chosen.

`@tenant` and `@queue` in a query stand for the labels of what was chosen. A metric without a
tenant's label is shown for all of them.
"""

from ops.panels import Query

TENANT = 'tenant=~"$tenant"'
QUEUE = f'{TENANT},queue=~"$queue"'
R = "[$__rate_interval]"


def ask(expr: str, legend: str = "") -> Query:
    """Ask something; without a legend a line is called by its labels."""
    return Query(expr.replace("@queue", QUEUE).replace("@tenant", TENANT), legend)


def quantile(of: str, share: float, by: str = "") -> str:
    """The value below which a share of a histogram's observations is."""
    parts = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({parts}) (rate({of}{R})))"


def rate(of: str, by: str = "") -> str:
    """How much a counter grows in a second."""
    return f"sum by ({by}) (rate({of}{R}))" if by else f"sum(rate({of}{R}))"


def growth(of: str, by: str = "") -> str:
    """How much a counter grew."""
    return f"sum by ({by}) (increase({of}{R}))" if by else f"sum(increase({of}{R}))"


def share(part: str, whole: str, by: str = "") -> str:
    """A counter's growth as a share of another's."""
    return f"{rate(part, by)} / {rate(whole, by)}"

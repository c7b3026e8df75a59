"""Asks the usual questions in PromQL, of the namespaces, jobs, tenants and queues that were chosen.

`@tenant` and `@queue` in a query stand for the labels of what was chosen. A metric without a
tenant's label is shown for all of them.
"""

import re

from ops.panels import Query

NAMESPACE = 'namespace=~"$namespace"'
"""Of Kubernetes; elsewhere nothing has it, and all of them is what none has, too."""

JOB = f'{NAMESPACE},job=~"$job"'
TENANT = 'tenant=~"$tenant"'
QUEUE = f'{TENANT},queue=~"$queue"'
OURS = re.compile(r"\b((?:frontdesk|process)_\w+)(?:\{([^}]*)\})?")
R = "[$__rate_interval]"


def ask(expr: str, legend: str = "") -> Query:
    """Ask something of the chosen jobs; without a legend a line is called by its labels."""
    return Query(
        OURS.sub(_of_jobs, expr).replace("@queue", QUEUE).replace("@tenant", TENANT), legend
    )


def _of_jobs(metric: re.Match[str]) -> str:
    return f"{metric[1]}{{{','.join(filter(None, (JOB, metric[2])))}}}"


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

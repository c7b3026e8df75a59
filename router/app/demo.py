"""The configuration of `frontdesk serve --demo`: people serve the shop, scripts the returns."""

import secrets
from collections.abc import Mapping

import msgspec

from router.app.config import Settings, parse

TIMEOUT_MS_MIN = 1_000  # however fast the demo runs, the machine needs its time

TENANT = "demo"

DEMO = """
[tenant]
id = "demo"

[presence]
customer_grace_ms = 10000

[limits] # everybody here has the same address
connects_per_minute = 0
connects_per_second = 0
sockets_per_address = 0

[[entry_points]]
id = "shop"
name = "Shop"
queue = "support"
greeting = "Hello! How can we help?"

[[entry_points]]
id = "returns"
name = "Returns"
queue = "returns"

[[entry_points]]
id = "drill"
name = "Drill"
queue = "drill" # nobody serves it: here messages are counted when the server is killed

[[queues]]
id = "support"
name = "Support"
strategy = "best_skilled" # whoever sits at a desk comes before the script
skills = { person = 1 }
offer_timeout_ms = 120000 # time enough to read what an offer is

[[queues]]
id = "returns"
name = "Returns"
offer_timeout_ms = 8000

[[queues]]
id = "drill"
name = "Drill"

[[agents]]
id = "anna"
name = "Anna"
queues = ["support"]
skills = { person = 2 }

[[agents]]
id = "bo"
name = "Bo"
queues = ["support"]
skills = { person = 2 }

[[agents]]
id = "sam"
name = "Sam"
queues = ["support"]
skills = { person = 1 }
capacity = 10

[[agents]]
id = "cleo"
name = "Cleo"
queues = ["returns"]
capacity = 2

[[agents]]
id = "dan"
name = "Dan"
queues = ["returns"]
capacity = 2

[[agents]]
id = "eva"
name = "Eva"
queues = ["returns"]
capacity = 2

[[agents]]
id = "finn"
name = "Finn"
queues = ["returns"]
capacity = 1

[[wrapup_codes]]
id = "resolved"
name = "Resolved"
queues = ["support"]

[[wrapup_codes]]
id = "follow-up"
name = "Follow up"
queues = ["support"]

[[wrapup_codes]]
id = "exchange"
name = "Exchange"
queues = ["returns"]

[[wrapup_codes]]
id = "refund"
name = "Refund"
queues = ["returns"]

[[wrapup_codes]]
id = "label"
name = "Return label"
queues = ["returns"]

[[idle_codes]]
id = "lunch"
name = "Lunch"

[[templates]]
id = "hello"
text = "Hello <customer.name>, this is <agent.name>."
"""


def demo_settings(environ: Mapping[str, str]) -> Settings:
    """Return the demo's settings; without FRONTDESK_SECRET, tokens hold for this start only."""
    settings = parse(DEMO, environ, secret_required=False)
    if settings.auth.secret:
        return settings
    auth = msgspec.structs.replace(settings.auth, secret=secrets.token_urlsafe(32))
    return msgspec.structs.replace(settings, auth=auth)


def paced(settings: Settings, pace: float) -> Settings:
    """Return the settings with the time-outs of the scripted people at their pace."""
    configuration = settings.configuration
    grace_ms = _at_pace(configuration.presence.customer_grace_ms, pace)
    presence = msgspec.structs.replace(configuration.presence, customer_grace_ms=grace_ms)
    queues = tuple(
        msgspec.structs.replace(queue, offer_timeout_ms=_at_pace(queue.offer_timeout_ms, pace))
        for queue in configuration.queues
    )
    changed = msgspec.structs.replace(configuration, presence=presence, queues=queues)
    return msgspec.structs.replace(settings, configuration=changed)


def _at_pace(duration_ms: int, pace: float) -> int:
    return max(TIMEOUT_MS_MIN, int(duration_ms * pace))

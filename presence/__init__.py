"""May this agent be offered work now, and if not, why not?

Knows states, idle codes, slots, connections and grace; never contacts, queues or sockets.
"""

from presence.model import LOST_AFTER_MS, Connection, Presence, State
from presence.rules import (
    attached,
    can_take_offer,
    detached,
    drained,
    expires_at_ms,
    is_away,
    is_connected,
    lost,
    lost_at_ms,
    shifted,
    state_on_return,
    with_load,
    with_state,
)

__all__ = [
    "LOST_AFTER_MS",
    "Connection",
    "Presence",
    "State",
    "attached",
    "can_take_offer",
    "detached",
    "drained",
    "expires_at_ms",
    "is_away",
    "is_connected",
    "lost",
    "lost_at_ms",
    "shifted",
    "state_on_return",
    "with_load",
    "with_state",
]

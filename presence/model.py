"""What is known of one agent's readiness: a value that the rules replace, never change."""

from typing import Literal

import msgspec

State = Literal["available", "idle", "rona", "offline"]

LOST_AFTER_MS = 2_000
"""Without a desktop for this long, an agent's pending offers go to somebody else: long enough for
a page reload, short enough that a customer does not notice."""


class Connection(msgspec.Struct, frozen=True, gc=False):
    """One desktop or tab: the life of the hub that holds it, and its socket there."""

    hub: str
    id: str


class Presence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An agent's state, desktops and slots.

    Attributes:
        since_ms: When the state was last set.
        connections: Its desktops, oldest first.
        kept_until_ms: A drain took the last desktop: until then the agent counts as connected, but
            is offered nothing new.
        gone_at_ms: When the last desktop went; None while one is connected, or when it never was.
        is_lost: It was without a desktop for `LOST_AFTER_MS`.
        load: Slots taken: legs not done and pending offers.
        free_since_ms: When it became available or a slot last changed, whichever is later.
    """

    capacity: int
    state: State = "offline"
    idle_code: str | None = None
    since_ms: int = 0
    connections: tuple[Connection, ...] = ()
    kept_until_ms: int | None = None
    gone_at_ms: int | None = None
    is_lost: bool = False
    load: int = 0
    free_since_ms: int = 0

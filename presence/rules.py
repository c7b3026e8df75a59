"""May this agent be offered work now, and what changes that.

Every function is pure: it takes a `Presence` and gives another.
"""

from msgspec.structs import replace

from presence.model import LOST_AFTER_MS, Connection, Presence, State


def can_take_offer(presence: Presence) -> bool:
    """Available, connected, and with a free slot: the only ones who are offered work."""
    return (
        presence.state == "available"
        and bool(presence.connections)
        and presence.load < presence.capacity
    )


def is_connected(presence: Presence) -> bool:
    """A desktop is there, or its return from a drain is still awaited."""
    return bool(presence.connections) or presence.kept_until_ms is not None


def is_away(presence: Presence) -> bool:
    """It was connected and has no desktop now; when something follows from that is known."""
    return presence.gone_at_ms is not None or presence.kept_until_ms is not None


def attached(presence: Presence, connection: Connection) -> Presence:
    """A desktop came: its absence is over, its state is as it was."""
    connections = (*(c for c in presence.connections if c != connection), connection)
    return replace(
        presence, connections=connections, kept_until_ms=None, gone_at_ms=None, is_lost=False
    )


def state_on_return(presence: Presence) -> State:
    """The state when the first desktop connects: offline turns idle, any other stays."""
    return "idle" if presence.state == "offline" else presence.state


def detached(presence: Presence, connections: tuple[Connection, ...], *, at_ms: int) -> Presence:
    """Desktops went, or none came back in time; when none is left, the grace time starts."""
    left = tuple(c for c in presence.connections if c not in connections)
    if left or not is_connected(presence):
        return replace(presence, connections=left)
    return replace(presence, connections=(), kept_until_ms=None, gone_at_ms=at_ms, is_lost=False)


def drained(presence: Presence, connections: tuple[Connection, ...], *, until_ms: int) -> Presence:
    """A drain took desktops; when none is left, their return is awaited."""
    left = tuple(c for c in presence.connections if c not in connections)
    if left or not presence.connections:
        return replace(presence, connections=left)
    return replace(presence, connections=(), kept_until_ms=until_ms)


def with_state(
    presence: Presence, state: State, *, at_ms: int, idle_code: str | None = None
) -> Presence:
    """Another state, at once; becoming available starts the time without work."""
    if presence.state == state and presence.idle_code == idle_code:
        return presence
    is_back = state == "available" and presence.state != "available"
    return replace(
        presence,
        state=state,
        idle_code=idle_code,
        since_ms=at_ms,
        free_since_ms=at_ms if is_back else presence.free_since_ms,
    )


def with_load(presence: Presence, load: int, *, at_ms: int) -> Presence:
    """A slot was taken or freed."""
    assert load >= 0, "a slot was freed that nobody held"
    return replace(presence, load=load, free_since_ms=at_ms)


def lost(presence: Presence) -> Presence:
    """Nobody came back within `LOST_AFTER_MS`."""
    return replace(presence, is_lost=True)


def shifted(presence: Presence, gap_ms: int) -> Presence:
    """The same presence after a time in which nobody could have come back."""
    if presence.kept_until_ms is not None:
        return replace(presence, kept_until_ms=presence.kept_until_ms + gap_ms)
    if presence.gone_at_ms is not None:
        return replace(presence, gone_at_ms=presence.gone_at_ms + gap_ms)
    return presence


def lost_at_ms(presence: Presence) -> int | None:
    """When an absent agent's offers are taken back; None when that is not ahead."""
    if presence.gone_at_ms is None or presence.is_lost:
        return None
    return presence.gone_at_ms + LOST_AFTER_MS


def expires_at_ms(presence: Presence, grace_ms: int) -> int | None:
    """When an absent agent is signed out; None when that is not ahead."""
    if presence.gone_at_ms is None or presence.state == "offline":
        return None
    return presence.gone_at_ms + grace_ms

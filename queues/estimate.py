"""How long a contact will wait, when there is enough to say so honestly."""

import msgspec

SAMPLES_MAX = 20
"""Recent enough to follow the hour of the day, enough that one long chat does not rule."""

SAMPLES_MIN = 3
"""Fewer would state one agent's last chat as a fact about the queue."""


class Pace(msgspec.Struct, frozen=True, gc=False):
    """How long the last contacts of a queue held a slot each.

    Attributes:
        handled_ms: From accepted to slot freed, wrap-up and all, oldest first.
    """

    handled_ms: tuple[int, ...] = ()

    def with_handled(self, duration_ms: int) -> "Pace":
        """The pace after one more slot was freed."""
        return Pace(handled_ms=(*self.handled_ms, duration_ms)[-SAMPLES_MAX:])


def estimate_ms(pace: Pace, position: int, slots: int) -> int | None:
    """The wait of the contact at ``position`` with ``slots`` serving the queue, in whole seconds.

    ``slots`` slots, each freed every mean handling time, free one every ``mean / slots``, and the
    contact needs ``position`` of them. That is honest: it counts what really held slots lately,
    wrap-up included, it promises nothing about who leaves the line or who starts work, it is not
    shaded to please, and it is None rather than a guess with fewer than 3 samples or no slot.
    """
    samples = len(pace.handled_ms)
    if samples < SAMPLES_MIN or slots <= 0:
        return None
    # In integers, half a second rounding up: the same on every machine.
    total_ms = position * sum(pace.handled_ms)
    per_second = samples * slots * 1000
    return (2 * total_ms + per_second) // (2 * per_second) * 1000

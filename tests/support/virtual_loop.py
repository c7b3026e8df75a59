"""A loop whose clock is moved by waiting, so that no test waits for real."""

import asyncio
import selectors


class Waits(selectors.DefaultSelector):
    """Passes the time instead of waiting for it."""

    def __init__(self) -> None:
        """Begin at zero."""
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing comes from outside."""
        self.now_s += timeout or 0.0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on whose clock waiting takes no time."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._waits = Waits()
        super().__init__(self._waits)

    def time(self) -> float:
        """How long was waited."""
        return self._waits.now_s

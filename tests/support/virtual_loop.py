"""A loop whose clock is moved by waiting, so that no test waits for real."""

import asyncio
import selectors


class Waits(selectors.DefaultSelector):
    """Passes the time instead of waiting for it."""

    def __init__(self, real_s: float) -> None:
        """Begin at zero."""
        super().__init__()
        self.now_s = 0.0
        self._real_s = real_s

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What comes over sockets, or no time that anybody would notice."""
        come = super().select(self._real_s if timeout is None else min(timeout, self._real_s))
        if not come:
            self.now_s += timeout or 0.0
        return come


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on whose clock waiting takes no time."""

    def __init__(self, *, real_s: float = 0.0) -> None:
        """Begin at zero; where there are sockets, what was sent is there within ``real_s``."""
        self._waits = Waits(real_s)
        super().__init__(self._waits)

    def time(self) -> float:
        """How long was waited."""
        return self._waits.now_s

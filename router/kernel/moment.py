"""What a step may know of the world: one time, and names derived from one nonce."""

from hashlib import blake2b
from typing import NamedTuple


class Moment(NamedTuple):
    """The time of one step and the randomness its ids come from.

    Attributes:
        at_ms: The shard's time; never before that of an earlier step.
        nonce: 16 random bytes of this step alone.
    """

    at_ms: int
    nonce: bytes


class Ids:
    """The ids and serials one step gives out: the n-th follows from nonce and n."""

    __slots__ = ("_block", "_count", "_nonce", "_serial")

    def __init__(self, nonce: bytes, serial: int) -> None:
        """Count ids from 0 and serials from the one after ``serial``."""
        self._nonce = nonce
        self._serial = serial
        self._count = 0
        self._block = ""

    @property
    def last(self) -> int:
        """The last serial given out."""
        return self._serial

    def make(self) -> str:
        """A new id: 26 hexadecimal digits, four ids from each hash."""
        part = self._count % 4
        if part == 0:
            counter = self._count.to_bytes(4, "big")
            self._block = blake2b(self._nonce + counter, digest_size=52).hexdigest()
        self._count += 1
        return self._block[part * 26 : part * 26 + 26]

    def key(self) -> str:
        """A key nobody can guess, in 64 hexadecimal digits; no id leads to it."""
        return blake2b(self._nonce, digest_size=32, person=b"frontdesk-key").hexdigest()

    def serial(self) -> int:
        """The next serial: serials order what happened in a shard."""
        self._serial += 1
        return self._serial

"""Which process writes which shard: each shard has an order of its own in which hubs take it.

Rendezvous hashing (Thaler and Ravishankar, 1998): every process computes the same order without
asking the others, and one that comes or goes moves no shard but those it takes or leaves. While a
new version is rolled out, older processes come first: they could not read what newer ones write.
"""

from collections.abc import Collection
from hashlib import blake2b

from router.kernel.ids import HubId
from router.shard.formats import format_of


def place_of(hub: HubId, hubs: Collection[HubId], *, shard: str) -> int:
    """How many hubs come before this one, which need not be among them; 0 is the first."""
    own = _weight(shard, hub)
    return sum(_weight(shard, each) > own for each in hubs)


def may_take_over_from(hub: HubId, hubs: Collection[HubId]) -> list[HubId]:
    """The hubs that can read what this one has written."""
    return [each for each in hubs if format_of(each) >= format_of(hub)]


def _weight(shard: str, hub: HubId) -> tuple[int, bytes, str]:
    digest = blake2b(f"{shard}\0{hub}".encode(), digest_size=8).digest()
    return -format_of(hub), digest, hub

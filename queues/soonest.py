"""A heap that learns late of keys that grew: the smallest item, cheap to keep up with changes.

Nearly every change here makes an item less urgent (an agent took work, the head of a line left),
and such a change costs nothing until the item comes up. Every operation is O(log n), amortised.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=tuple[object, ...])
ItemT = TypeVar("ItemT")

GARBAGE_MIN = 64
"""Dead entries that are always allowed, so that small heaps are not rebuilt over and over."""


class Soonest(Generic[KeyT, ItemT]):
    """The item with the smallest key.

    The keys live with the owner, who must call ``lower`` whenever one becomes smaller or appears;
    a key that grew or went is noticed when its item reaches the top. Two items that share a key
    are told apart by comparing the items, so keys are unique or items have an order.
    """

    __slots__ = ("_bounds", "_heap", "_key_of")

    def __init__(self, key_of: Callable[[ItemT], KeyT | None]) -> None:
        """Start empty; ``key_of`` answers an item's key now, or None when it has left."""
        self._key_of = key_of
        # The one live entry of each item, never above its key; every other entry is garbage.
        self._bounds: dict[ItemT, tuple[KeyT, ItemT]] = {}
        self._heap: list[tuple[KeyT, ItemT]] = []

    def __len__(self) -> int:
        return len(self._bounds)

    def lower(self, item: ItemT, key: KeyT) -> None:
        """Make sure that the item stands at ``key`` or before it."""
        bound = self._bounds.get(item)
        if bound is None or key < bound[0]:
            entry = (key, item)
            self._bounds[item] = entry
            heappush(self._heap, entry)
            if bound is not None:
                self._shed_garbage()

    def drop(self, item: ItemT) -> None:
        """Forget the item; nothing happens when it is not here."""
        entry = self._bounds.pop(item, None)
        if entry is None:
            return
        if self._heap[0] is entry:
            heappop(self._heap)
        else:
            self._shed_garbage()

    def first(self) -> tuple[KeyT, ItemT] | None:
        """The smallest key and its item, both true now."""
        heap = self._heap
        bounds = self._bounds
        while heap:
            entry = heap[0]
            item = entry[1]
            if bounds.get(item) is not entry:
                heappop(heap)
                continue
            key = self._key_of(item)
            if key is entry[0] or key == entry[0]:
                return entry
            if key is None:
                heappop(heap)
                del bounds[item]
            else:
                bounds[item] = (key, item)
                heapreplace(heap, bounds[item])
        return None

    def _shed_garbage(self) -> None:
        """Rebuild once most entries are dead: O(1) for each change that left one behind."""
        if len(self._heap) > 2 * len(self._bounds) + GARBAGE_MIN:
            self._heap = list(self._bounds.values())
            heapify(self._heap)

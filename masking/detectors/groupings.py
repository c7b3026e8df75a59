"""Tell a national phone number by nothing but its groups of digits, where that is unmistakable.

It is a phone number's grouping when a country writes its numbers so and nobody writes sums, dates,
codes or sizes so. Whatever is part of an identifier or of an address of a page is left alone.
"""

import re
from itertools import pairwise, takewhile
from typing import Final, NamedTuple

_APART: Final = re.compile(r"[ \t\u200b]{1,2}|[ \t]?[\-./][ \t]?|[ \-]?\(|\)[ \-]{0,2}|\)/|-\(0\)")
_USUALLY_APART: Final = frozenset((" ", "-", ".", "/"))
_GLUED_BEFORE: Final = re.compile(
    r"(?:[0-9_#%]|[A-Z]|(?<![a-z])(?:[a-z]{1,2}|[a-f]+)|[A-Za-z0-9][\-._/])\Z", re.ASCII
)
_GLUED_AFTER: Final = re.compile(
    r"[A-Z0-9_]|[\-_./][A-Za-z0-9]|[a-z]{1,2}(?![a-z])|,[0-9]", re.ASCII
)
_ADDRESS: Final = re.compile(r"(?:://|www\.)\S*\Z")
_WORD_REACH: Final = 12  # of letters that stick to a number
_ADDRESS_REACH: Final = 80  # characters before a number in which an address of a page begins


_GROUPS_MAX: Final = 20
"""More groups than the seventeen digits of the longest number, dialled from abroad, can have."""


class Group(NamedTuple):
    """Digits without anything between them, and where they stand."""

    text: str
    start: int
    end: int


class Chain(NamedTuple):
    """Groups that may be one number.

    Attributes:
        view: The text they stand in.
        groups: At least one.
        sizes: How many digits each of them has.
        plus_at: Where the plus sign before them stands, or -1.
    """

    view: str
    groups: list[Group]
    sizes: list[int]
    plus_at: int = -1

    def next_sizes(self, place: int) -> list[int]:
        """Answer how many digits each group from ``place`` on has, as many as one number has."""
        is_all = place == 0 and len(self.sizes) <= _GROUPS_MAX
        return self.sizes if is_all else self.sizes[place : place + _GROUPS_MAX]

    def digits(self, place: int) -> str:
        """Answer the digits of these groups."""
        return "".join(group.text for group in self.groups[place : place + _GROUPS_MAX])

    def end(self, place: int) -> int:
        """Answer where the last of these groups ends."""
        return self.groups[place : place + _GROUPS_MAX][-1].end

    def gaps(self, place: int, count: int) -> list[str]:
        """Answer what stands between the ``count`` groups from ``place`` on."""
        groups = self.groups[place : place + count]
        return [self.view[left.end : right.start] for left, right in pairwise(groups)]

    def is_glued(self, place: int) -> bool:
        """Tell whether the group at ``place`` goes on from an identifier or an address."""
        start = self.groups[place].start
        before = self.view[max(0, start - _ADDRESS_REACH) : start]
        if not before or before[-1] == " ":  # as before nearly every number
            return False
        if _GLUED_BEFORE.search(self.view, max(0, start - _WORD_REACH), start):
            return True
        return _ADDRESS.search(before) is not None

    def is_part(self, place: int, count: int) -> bool:
        """Tell whether ``count`` groups from ``place`` on are part of an identifier."""
        if not count:
            return False
        after = self.groups[place + count - 1].end
        return self.is_glued(place) or _GLUED_AFTER.match(self.view, after) is not None


def grouped(chain: Chain, place: int) -> int:
    """Count the groups from ``place`` on that are a national number by its form; none is 0."""
    sizes = chain.next_sizes(place)
    return _trunk(chain, place, sizes) or _national(chain, place, sizes)


def _trunk(chain: Chain, place: int, sizes: list[int]) -> int:
    """Count the groups of a number with its leading 0: 8 to 12 digits, 10 or 11 when plain."""
    text = chain.groups[place].text
    if text[0] != "0" or text[1:2] == "0" or (len(text) == 1 and not _is_bracketed(chain, place)):
        return 0
    rest = list(takewhile(lambda size: size > 1, sizes[1:]))
    total = count = 0
    for size in [sizes[0], *rest]:
        if total + size > (11 if count > 1 else 12):
            break
        total += size
        count += 1
    if count <= 1:
        return count if 10 <= total <= 11 else 0
    return count if _is_trunk(chain, place, sizes[:count]) else 0


def _is_trunk(chain: Chain, place: int, sizes: list[int]) -> bool:
    """Tell the groups of a number with its leading 0 from postal codes, hours and rows of pairs."""
    gaps = chain.gaps(place, len(sizes))
    is_postal = len(sizes) == 2 and sizes[0] == 5 and sizes[1] <= 4 and gaps == ["-"]
    pairs = [group.text for group in chain.groups[place : place + len(sizes)]]
    is_row = len(sizes) > 4 and pairs == sorted(pairs) and pairs[-1] < "50"  # a lottery's
    least = 8 if sizes[0] <= 3 else 9
    is_like_an_ssn = sizes == [3, 2, 4]
    is_other = is_postal or is_row or is_like_an_ssn
    return sum(sizes) >= least and not is_other and _are_apart(gaps) and "/" not in gaps[1:]


def _national(chain: Chain, place: int, sizes: list[int]) -> int:
    """Count the groups of a national number without a leading 0, by the countries' groupings."""
    text = chain.groups[place].text
    if sizes[:3] == [3, 3, 4] and text[0] in "23456789":  # North America
        return 3 if _are_apart(chain.gaps(place, 3)) else 0
    if sizes[:4] == [1, 3, 3, 4] and text == "1":  # North America with its country code
        return 4 if _are_apart(chain.gaps(place, 4)) else 0
    if _is_bracketed(chain, place) and 2 <= sizes[0] <= 3:  # an area code
        return _area(chain, place, sizes)
    if sizes[:4] == [2, 2, 2, 2] and sizes[4:5] != [2]:
        return 4 if _is_danish(chain, place) else 0
    return _portuguese(chain, place, sizes)


def _is_danish(chain: Chain, place: int) -> bool:
    """Tell four pairs as Denmark writes them, and Norway its landlines, from a row of numbers."""
    pairs = [int(group.text) for group in chain.groups[place : place + 4]]
    is_row = all(right == left + 1 for left, right in pairwise(pairs))
    is_first = place == 0 or chain.sizes[place - 1] > 2
    return is_first and not is_row and set(chain.gaps(place, 4)) == {" "}


def _area(chain: Chain, place: int, sizes: list[int]) -> int:
    """Count the groups behind an area code in brackets: nine to twelve digits with it."""
    total = count = 0
    for size in sizes:
        if total + size > 12 or (count > 1 and size == 1):
            break
        total += size
        count += 1
    return count if count > 1 and total >= 9 and _are_apart(chain.gaps(place, count)) else 0


def _portuguese(chain: Chain, place: int, sizes: list[int]) -> int:
    """Count the groups of a Portuguese number: nine digits from 21, 22, 91, 92, 93 or 96."""
    text = chain.groups[place].text
    if not text.startswith(("21", "22", "91", "92", "93", "96")):
        return 0
    if sizes[:3] == [3, 3, 3] and sizes[3:4] != [3] and text[0] == "9":
        is_sum = chain.groups[place + 2].text == "000"
        return 3 if set(chain.gaps(place, 3)) <= {" ", "-"} and not is_sum else 0
    if text[0] != "2":
        return 0
    count = 3 if sizes[:3] == [2, 3, 4] else 4 if sizes[:4] == [2, 3, 2, 2] else 0
    return count if set(chain.gaps(place, count)) == {" "} else 0


def _is_bracketed(chain: Chain, place: int) -> bool:
    """Tell whether the group at ``place`` stands in brackets."""
    _, start, end = chain.groups[place]
    return chain.view[start - 1 : start] == "(" and chain.view[end : end + 1] == ")"


def _are_apart(gaps: list[str]) -> bool:
    """Tell whether there are nothing but spaces, hyphens, stops, slashes or brackets between."""
    return _USUALLY_APART.issuperset(gaps) or all(_APART.fullmatch(gap) for gap in gaps)

"""Who connects, as proxies in front tell it: nothing that a client writes is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hub.addresses import true_address

PEER = "10.0.0.1"


@pytest.mark.parametrize(
    ("lines", "trusted_hops", "address"),
    [
        ([], 0, PEER),
        (["203.0.113.7"], 0, PEER),
        (["203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7"], 1, "203.0.113.7"),
        (["203.0.113.7, 10.0.0.2"], 2, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7, 10.0.0.2"], 2, "203.0.113.7"),
        (["6.6.6.6", "203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6", "203.0.113.7", "10.0.0.2"], 2, "203.0.113.7"),
        (["6.6.6.6, 6.6.6.7", "203.0.113.7, 10.0.0.2"], 2, "203.0.113.7"),
        (["10.0.0.2"], 2, PEER),
        ([], 1, PEER),
        (["203.0.113.7, "], 1, PEER),
        (["unknown"], 1, PEER),
        (["203.0.113.7:5012"], 1, "203.0.113.7"),
        (['"[2001:DB8::7]:443"'], 1, "2001:db8::7"),
        (["[2001:db8::7]"], 1, "2001:db8::7"),
        (["2001:db8:0:0:0:0:0:7"], 1, "2001:db8::7"),
        (["::ffff:203.0.113.7"], 1, "203.0.113.7"),
        (["[2001:db8::7"], 1, "2001:db8::7"),
        (["shop.example"], 1, PEER),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
    lines: list[str], trusted_hops: int, address: str
) -> None:
    """Limits count by it: one spelling for one client, and nobody else's."""
    assert true_address(lines, peer=PEER, trusted_hops=trusted_hops) == address


def test_an_address_is_spelled_the_same_with_and_without_a_proxy() -> None:
    """A socket that listens on both versions of IP tells IPv4 addresses as IPv6."""
    assert true_address([], peer="::ffff:10.0.0.1", trusted_hops=0) == "10.0.0.1"


@given(st.lists(st.text(max_size=40), max_size=4), st.integers(1, 3))
def test_nothing_a_client_writes_changes_its_address(forged: list[str], hops: int) -> None:
    """Whoever chose another address would be free of every limit."""
    proxies = ["203.0.113.7", "10.0.0.2", "10.0.0.3"][:hops]
    in_one_line = [", ".join([*forged, *proxies])]
    in_lines_of_their_own = [*forged, *proxies]

    assert true_address(in_one_line, peer=PEER, trusted_hops=hops) == "203.0.113.7"
    assert true_address(in_lines_of_their_own, peer=PEER, trusted_hops=hops) == "203.0.113.7"

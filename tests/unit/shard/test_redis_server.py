"""The addresses of Redis servers and Sentinels, as people write them."""

import pytest

from router.shard.redis_server import AddressInvalid, Server


@pytest.mark.parametrize(
    ("hosts", "sentinels"),
    [
        ("one", [("one", 26379)]),
        ("one:26380,two", [("one", 26380), ("two", 26379)]),
        ("10.0.0.1:5000", [("10.0.0.1", 5000)]),
        ("[fd00::2]", [("fd00::2", 26379)]),
        ("one,[fd00::2]:5000,two:26380", [("one", 26379), ("fd00::2", 5000), ("two", 26380)]),
    ],
)
def test_sentinels_are_found_under_names_and_addresses_of_both_kinds(
    hosts: str, sentinels: list[tuple[str, int]]
) -> None:
    """The chart lets out to each of them, so the program must find each of them."""
    server = Server(f"rediss+sentinel://user@{hosts}/main/1")

    assert server.sentinels == sentinels


@pytest.mark.parametrize("hosts", ["", "one,", "fd00::2", "[fd00::2", "one:port", "one:70000"])
def test_what_is_no_address_of_a_sentinel_is_refused(hosts: str) -> None:
    """A part of an address that is taken for a port would ask somebody else."""
    with pytest.raises(AddressInvalid):
        Server(f"redis+sentinel://{hosts}/main")

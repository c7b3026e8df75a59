"""How processes share out the shards without asking each other."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from router.kernel.ids import HubId
from router.shard.shares import may_take_over_from, place_of

HUBS = st.lists(st.text(max_size=4).map(HubId), unique=True, min_size=1, max_size=6)
SHARDS = [f"tenant-{n}" for n in range(300)]


@given(HUBS, st.text(max_size=8))
def test_every_shard_has_an_order_of_all_hubs(hubs: list[HubId], shard: str) -> None:
    """Two that both came first would take it from each other for ever."""
    places = [place_of(hub, hubs, shard=shard) for hub in hubs]

    assert sorted(places) == list(range(len(hubs)))


@given(HUBS, st.text(max_size=8))
def test_a_hub_that_leaves_moves_nobody_but_those_behind_it(hubs: list[HubId], shard: str) -> None:
    """Each move is a pause for a tenant."""
    gone, *others = hubs
    before = sorted(others, key=lambda hub: place_of(hub, hubs, shard=shard))
    after = sorted(others, key=lambda hub: place_of(hub, others, shard=shard))

    assert gone not in others
    assert before == after


def test_shards_are_spread_evenly() -> None:
    """Three processes do a third of the work each, give or take a few."""
    hubs = [HubId("a"), HubId("b"), HubId("c")]
    firsts = Counter(
        hub for shard in SHARDS for hub in hubs if place_of(hub, hubs, shard=shard) == 0
    )

    assert all(70 <= firsts[hub] <= 130 for hub in hubs)


def test_the_order_is_the_same_in_every_version() -> None:
    """While processes are replaced one by one, two that disagree would both wait for the other."""
    hubs = [HubId(name) for name in ("a.1", "b.1", "c.2")]
    order = {
        shard: sorted(hubs, key=lambda hub: place_of(hub, hubs, shard=shard))
        for shard in ("main", "acme", "beta")
    }

    assert order == {
        "main": ["b.1", "a.1", "c.2"],
        "acme": ["a.1", "c.2", "b.1"],
        "beta": ["c.2", "a.1", "b.1"],
    }


def test_while_a_version_is_rolled_out_older_processes_write() -> None:
    """They could not read what newer ones write; these can read theirs."""
    old, new = HubId("old.1"), HubId("new.1.2")

    assert {place_of(old, (old, new), shard=shard) for shard in SHARDS} == {0}
    assert may_take_over_from(new, (old, new)) == [new]
    assert may_take_over_from(old, (old, new)) == [old, new]

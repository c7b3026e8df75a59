"""Positions of those who have no agent yet."""

from hypothesis import given
from hypothesis import strategies as st

from queues import Floor, Rank
from tests.unit.queues.world import AgentId, ContactId

names = st.sampled_from([ContactId(f"contact-{number}") for number in range(5)])
steps = st.lists(
    st.tuples(
        names,
        st.none() | st.tuples(st.sampled_from(["billing", "sales"]), st.integers(-1, 1)),
        st.booleans(),
    )
)


@given(steps)
def test_positions_are_those_of_the_sorted_ranks(
    steps: list[tuple[ContactId, tuple[str, int] | None, bool]],
) -> None:
    """However contacts come, move and go, and whenever it is asked."""
    floor = Floor[ContactId, AgentId]()
    told: dict[ContactId, tuple[str, Rank]] = {}
    for serial, (contact, place, asks) in enumerate(steps):
        if place is None:
            floor.unstand(contact)
            told.pop(contact, None)
        else:
            rank = Rank(place[1], 1, 100 - serial, serial)
            floor.stand(contact, place[0], rank)
            told[contact] = (place[0], rank)
        if asks:
            assert_places(floor, told)

    assert_places(floor, told)


def assert_places(
    floor: Floor[ContactId, AgentId], told: dict[ContactId, tuple[str, Rank]]
) -> None:
    """Every answer about both queues is the one that a sorted list gives."""
    for queue in ("billing", "sales"):
        order = sorted((rank, contact) for contact, (at, rank) in told.items() if at == queue)

        assert [floor.position(contact) for _, contact in order] == [*range(1, len(order) + 1)]
        assert list(floor.standing(queue, 2)) == [contact for _, contact in order[:2]]
        assert floor.waiting(queue) == len(order)
        assert floor.oldest_ms(queue) == min((rank.since_ms for rank, _ in order), default=None)


def test_the_same_place_taken_again_is_the_same_position() -> None:
    """A contact whose offer was not answered returns to its whole place."""
    floor = Floor[ContactId, AgentId]()
    ahead, behind = ContactId("ahead"), ContactId("behind")
    floor.stand(ahead, "sales", Rank(0, 1, 1, 1))
    floor.stand(behind, "sales", Rank(0, 1, 2, 2))
    assert floor.position(behind) == 2
    floor.unstand(ahead)
    floor.stand(ahead, "sales", Rank(0, 1, 1, 1))

    assert floor.position(ahead) == 1
    assert floor.position(behind) == 2

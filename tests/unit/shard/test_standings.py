"""Who is told their place again, and how often."""

from msgspec.structs import replace

from presence import Connection
from router.kernel.ids import ContactId, CustomerId, QueueId
from router.kernel.messages import CustomerAttached, PositionTold
from router.kernel.model import ContactRecord
from router.shard.engine import Entry, Position, Stand, Standings
from router.shard.standings import Places
from tests.support.builders import HUB, SHOP, SUPPORT, a_contact

Line = dict[QueueId, list[ContactId]]


class Waiting:
    """Lines that a test fills, and the places told of them."""

    def __init__(self, *names: str) -> None:
        """Let these wait in support; each was told its place on joining."""
        self.lines: Line = {}
        self.places = Places(every_s=1, places_max=200)
        for name in names:
            self.join(name, SUPPORT)

    def join(self, name: str, queue: QueueId) -> None:
        """Somebody joins the end of a line and is told the place."""
        contact = replace(waiting(name), queue=queue)
        line = self.lines.setdefault(queue, [])
        line.append(contact.id)
        told = PositionTold(contact=contact.id, position=len(line), estimated_wait_ms=None)
        self.places.observe(
            [Entry(position=Position(1), at_ms=1, records=(contact,), events=(told,))]
        )

    def leave(self, name: str, queue: QueueId = SUPPORT) -> None:
        """Somebody gets an agent."""
        self.lines[queue].remove(ContactId(name))
        contact = replace(waiting(name), state="connected", queue=queue)
        self.places.observe([Entry(position=Position(1), at_ms=1, records=(contact,))])

    def come_back(self, name: str) -> None:
        """Somebody connects with a tab."""
        attached = CustomerAttached(
            customer=CustomerId(name), connection=Connection(HUB, "tab"), entry_point=SHOP
        )
        self.places.observe([Entry(position=Position(1), at_ms=1, events=(attached,))])

    def told(self, now_s: float) -> Standings | None:
        """What is told at a time."""
        return self.places.due(now_s, self.stands)

    def stands(self, queue: QueueId, limit: int) -> list[tuple[ContactId, int, int | None]]:
        """The lines as the kernel would tell them."""
        line = self.lines.get(queue, [])[:limit]
        return [(contact, place, None) for place, contact in enumerate(line, start=1)]


def waiting(name: str) -> ContactRecord:
    """A contact in line."""
    return a_contact(contact=ContactId(name), state="queued", customer=CustomerId(name))


def test_who_was_told_the_place_on_joining_is_not_told_again() -> None:
    """The event of joining has said it; saying it twice looks like a fault."""
    assert Waiting("a", "b").told(0) is None


def test_only_those_whose_place_changed_are_told() -> None:
    """Whoever is ahead of the one who left stands where they stood."""
    line = Waiting("a", "b", "c")
    line.leave("b")

    assert line.told(0) == Standings(stands=(Stand(ContactId("c"), 2, None),))
    assert line.told(10) is None


def test_a_line_is_told_of_at_most_once_a_second() -> None:
    """A busy line moves many times a second; nobody can read that."""
    line = Waiting("a", "b", "c")
    line.leave("a")
    first = line.told(0)
    line.leave("b")
    soon = line.told(0.9)
    later = line.told(1)

    assert first is not None
    assert soon is None
    assert later == Standings(stands=(Stand(ContactId("c"), 1, None),))


def test_both_lines_are_told_when_somebody_changes_queue() -> None:
    """The old line moves up."""
    line = Waiting("a", "b")
    line.lines[SUPPORT].remove(ContactId("a"))
    line.join("a", QueueId("sales"))

    assert line.told(0) == Standings(stands=(Stand(ContactId("b"), 1, None),))


def test_who_comes_back_is_told_the_place_again() -> None:
    """The page that was reloaded has forgotten it, and the line may not move for minutes."""
    line = Waiting("a", "b")
    line.told(0)
    line.come_back("b")
    at_once = line.told(0.9)
    later = line.told(1)

    assert at_once is None
    assert later == Standings(stands=(Stand(ContactId("b"), 2, None),))
    assert line.told(2) is None


def test_who_comes_back_and_does_not_wait_is_told_nothing() -> None:
    """Somebody who talks to an agent has no place."""
    line = Waiting("a", "b")
    line.leave("b")
    line.told(0)
    line.come_back("b")

    assert line.told(1) is None

"""The tail of a conversation counts as a list of its authors would."""

from hypothesis import given
from hypothesis import strategies as st

from router.kernel.tail import TAIL_LENGTH, Tail

people = st.sampled_from([f"agent:{number}" for number in range(5)] + ["customer:kim"])
crowds = st.integers(0, 3 * TAIL_LENGTH).map(lambda number: f"agent:{number}")
histories = st.lists(st.none() | people | crowds, max_size=3 * TAIL_LENGTH)


def tail_of(history: list[str | None]) -> Tail:
    """The tail after these messages."""
    tail = Tail()
    for author in history:
        tail = tail.written(author)
    return tail


@given(histories, people, st.integers(0, 2 * TAIL_LENGTH))
def test_what_others_wrote_last_is_unread(
    history: list[str | None], reader: str, last: int
) -> None:
    """Notices and one's own messages do not count; further back nothing is known."""
    known = history[-min(last, TAIL_LENGTH) :] if last else []
    unread = sum(1 for author in known if author not in {None, reader})

    assert tail_of(history).unread(reader, last) == unread


@given(histories, people, people)
def test_who_turned_out_to_be_another_wrote_as_the_other(
    history: list[str | None], was: str, now: str
) -> None:
    """Somebody who signs in has read what they wrote before."""
    renamed = tail_of(history).renamed(was, now)

    assert renamed.each() == [
        now if author == was else author for author in tail_of(history).each()
    ]
    assert len(set(renamed.authors)) == len(renamed.authors)


@given(histories)
def test_a_tail_stays_small(history: list[str | None]) -> None:
    """It is stored with every message, however many people write."""
    tail = tail_of(history)

    assert tail.each() == history[-TAIL_LENGTH:]
    assert len(tail.authors) <= TAIL_LENGTH

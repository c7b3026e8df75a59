"""The count after a kill finds what is lost and what is twice, if anything is."""

import pytest

from router.app.demo_drill import Line, Report, compared

PROMISED = {2: "one", 3: "two"}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([(1, "none"), (2, "one"), (3, "two"), (4, "three")], (0, 0)),
        ([(2, "one")], (1, 0)),
        ([(2, "two"), (3, "one")], (2, 0)),
        ([(2, "one"), (3, "two"), (4, "two")], (0, 1)),
        ([(2, "one"), (3, "three"), (4, "three")], (1, 1)),
        ([], (2, 0)),
    ],
)
def test_what_is_lost_or_twice_is_counted(
    lines: list[tuple[int, str]], found: tuple[int, int]
) -> None:
    """A count that always says nothing would be the easiest promise to keep."""
    assert compared(PROMISED, [Line(*line) for line in lines]) == found


def test_a_report_says_what_was_counted() -> None:
    """The line is read by people, who compare the three numbers with what is claimed."""
    said = str(Report(recovered_ms=1_289, lost=0, twice=0, acknowledged=184, pending=4))

    assert said.startswith("recovered in 1289 ms, acked lost 0, twice 0 (")
    assert "184 acknowledged, 4 under way" in said

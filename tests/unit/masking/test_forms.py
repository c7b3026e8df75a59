"""The exact form of each kind."""

import pytest

from masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+ 1 (123) 456 7890", "**********7890"),
        ("+447966197542", "*********7542"),
        ("melissa@gmail.com", "m******@gmail.com"),
        ("m@gmail.com", "*@gmail.com"),
        ("5555 5555 5555 4444", "************4444"),
        ("5555-5555-5555-4444", "***************4444"),
        ("GB82 WEST 1234 5698 7654 32", "******************5432"),
        ("ssn 123-45-6789", "ssn ***********"),
        ("cvv 123", "cvv ***"),
        ("exp 12/27", "exp *****"),
        ("So:  5555\t5555 5555 4444 ,½", "So:  ************4444 ,½"),
        ("call +46 70 123 45 67 or anna@x.se", "call ********4567 or a***@x.se"),
    ],
)
def test_a_value_has_the_form_of_its_kind_and_the_rest_stays(text: str, masked: str) -> None:
    """Enough is left to recognise one's own, and nothing else of the text moves."""
    assert mask(text).text == masked

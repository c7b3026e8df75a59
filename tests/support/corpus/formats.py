"""What exactly comes out for twelve texts."""

from typing import Final

FORMATS: Final = (
    ("+ 1 (123) 456 7890", "**********7890"),
    ("+447966197542", "*********7542"),
    ("melissa@gmail.com", "m******@gmail.com"),
    ("q@x.org", "*@x.org"),
    ("4111 1111 1111 1111", "************1111"),
    ("3782-822463-10005", "*************0005"),
    ("DE89 3704 0044 0532 0130 00", "******************3000"),
    ("My SSN is 536-90-4399.", "My SSN is ***********."),
    ("Card 4111111111111111, exp 12/27, cvv 123", "Card ************1111, exp *****, cvv ***"),
    ("Call  me on 0044 7966 197542 !", "Call  me on **********7542 !"),
    ("personnummer 811218-9876", "personnummer ***********"),
    ("ＭＹ card:\t４１１１１１１１１１１１１１１１ ½", "ＭＹ card:\t************１１１１ ½"),
)
"""Input and output; the rest of a text stays as it is, down to its spaces."""

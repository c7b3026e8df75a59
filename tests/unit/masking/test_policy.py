"""What a policy changes: kinds, allowed values, dropped messages, own rules; and what it cannot."""

import re
from unittest.mock import Mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from masking import (
    PASSING,
    MaskKind,
    OwnRule,
    Policy,
    explain,
    mask,
    mask_as,
)
from masking.policy import ALWAYS

CARD = "4111 1111 1111 1111"
MAIL = "melissa@gmail.com"
SHOP = "+46 8 123 456 78"
ORDER = OwnRule("order", r"\bFD-\d{8}\b")
CATASTROPHIC = OwnRule("slow", "(a|aa)+$", timeout_ms=5)
TRAP = "a" * 60 + "!"

TUNABLE = sorted(set(MaskKind) - ALWAYS)
PIECES = [
    CARD,
    "cvv 123",
    "exp 12/27",
    "DE89 3704 0044 0532 0130 00",
    "123-45-6789",
    MAIL,
    "4111111111111111@x.se",
    SHOP,
    "call 070-123 45 67",
    "FD-12345678",
    "FD-41111111111111111111",
    "hello",
]
TEXTS = st.lists(st.sampled_from([*PIECES, "", "-", "/"]), max_size=6).map(" ".join) | st.lists(
    st.sampled_from(PIECES), max_size=4
).map("".join)
KINDS = st.frozensets(st.sampled_from(TUNABLE))
POLICIES = st.builds(
    Policy,
    off=KINDS,
    shadow=KINDS,
    drop=st.frozensets(st.sampled_from(sorted(MaskKind)), max_size=1),
    allow=st.sampled_from([(), (r"[\s\S]*",), (r"\+46[ \d]+",)]),
    rules=st.sampled_from([(), (ORDER,)]),
)


@given(TEXTS, POLICIES)
@example(f"{CARD} {MAIL}", Policy(allow=(r"[\s\S]*",)))
@example("4111111111111111@x.se", Policy(off=frozenset({MaskKind.EMAIL})))
def test_no_policy_lets_a_card_through(text: str, policy: Policy) -> None:
    """An operator tunes what is seen of people, never whether card data is stored."""
    seen = mask(mask(text, policy).text)

    assert ALWAYS.isdisjoint(seen.kinds)
    assert CARD not in seen.text


@given(TEXTS, POLICIES)
def test_what_a_policy_hides_is_hidden_the_first_time(text: str, policy: Policy) -> None:
    """A masked text is masked again where it is sent on; nothing may be left to find."""
    once = mask(text, policy)

    assert mask(once.text, policy).text == once.text


@pytest.mark.parametrize("kind", sorted(ALWAYS))
def test_cards_cannot_be_let_through_by_their_kind(kind: str) -> None:
    """Whoever writes such a policy in Python hears of it at once."""
    with pytest.raises(ValueError, match="always"):
        Policy(off=frozenset({kind}))
    with pytest.raises(ValueError, match="always"):
        Policy(shadow=frozenset({kind}))


@pytest.mark.parametrize("kind", TUNABLE)
def test_a_kind_that_is_off_is_left_as_it_is(kind: str) -> None:
    """A shop whose chats are about addresses must be able to read them."""
    text = " ".join(PIECES)
    policy = Policy(off=frozenset({kind}))

    assert kind not in mask(text, policy).kinds
    assert not mask(text, policy).shadowed


def test_a_text_that_a_policy_leaves_alone_is_the_same_object() -> None:
    """Most texts are; copying them would be the larger part of the cost."""
    text = f"write to {MAIL}"

    assert mask(text, Policy(off=frozenset({MaskKind.EMAIL}))).text is text
    assert mask(text, Policy(shadow=frozenset({MaskKind.EMAIL}))).text is text


def test_a_shadowed_kind_is_counted_and_still_readable() -> None:
    """An administrator sees what a kind would do before it does it."""
    masked = mask(f"{MAIL}, b@x.se and {CARD}", Policy(shadow=frozenset({MaskKind.EMAIL})))

    assert MAIL in masked.text
    assert masked.kinds == ["pan"]
    assert masked.shadowed == ("email", "email")


@pytest.mark.parametrize("text", [f"call {SHOP}", f"{SHOP}, or mail shop@x.se"])
def test_an_allowed_value_is_never_masked(text: str) -> None:
    """Customers repeat the shop's own number, and agents give it to them."""
    policy = Policy(allow=(r"\+46 8 123 456 78", r"shop@x\.se"))

    assert mask(text).text != text
    assert mask(text, policy).text == text


@pytest.mark.parametrize("text", ["call +46 8 123 456 78 90", "call +46 8 123 456 79"])
def test_what_is_not_all_allowed_is_masked(text: str) -> None:
    """Part of a number that is allowed is another number."""
    policy = Policy(allow=(r"\+46 8 123 456 78",))

    assert mask(text, policy) == mask(text)


@pytest.mark.parametrize("allow", [r"[\s\S]*", CARD, r"\d{4}", r"(?<=cvv )\d+"])
def test_nothing_allows_a_card_or_its_code(allow: str) -> None:
    """A regex that is too wide must not cost the shop its compliance."""
    text = f"{CARD} cvv 123 of {MAIL}"

    assert mask(text, Policy(allow=(allow,))).text.startswith("************1111 cvv *** of m")


def test_a_card_inside_an_allowed_value_is_masked_with_what_it_overlaps() -> None:
    """An address whose name is a card number is a card number."""
    masked = mask("4111111111111111@x.se", Policy(allow=(r"\S+@x\.se",)))

    assert masked.kinds == ["pan"]
    assert "1111" not in masked.text


def test_a_hidden_kind_wins_over_one_that_is_off_where_they_overlap() -> None:
    """What one reading would show may be what the other hides."""
    off = Policy(off=frozenset({MaskKind.EMAIL}), rules=(OwnRule("tail", "gmail"),))

    masked = mask(MAIL, off)

    assert masked.kinds == ["tail"]
    assert "gmail" not in masked.text


def test_a_dropped_message_shows_only_what_was_in_it() -> None:
    """Its place in the chat stays, so that everybody knows that something was written."""
    masked = mask(f"hello, {CARD} and {MAIL}", Policy(drop=frozenset({MaskKind.PAN})))

    assert masked.text == "*** ***"
    assert masked.kinds == ["pan", "email"]
    assert [masked.text[found.start : found.end] for found in masked.found] == ["***", "***"]


def test_a_message_without_a_value_that_drops_it_is_only_masked() -> None:
    """One kind may be worth more than a message, and others not."""
    masked = mask(f"hello {MAIL}", Policy(drop=frozenset({MaskKind.PAN})))

    assert masked.text == "hello m******@gmail.com"


def test_an_own_rule_makes_a_kind_of_its_own() -> None:
    """What is secret in one shop no library knows."""
    policy = Policy(rules=(ORDER,))
    masked = mask(f"order FD-12345678, {MAIL}", policy)

    assert masked.text == "order ***********, m******@gmail.com"
    assert masked.kinds == ["email", "order"]


@pytest.mark.parametrize("typed", ["FD-12345678", "FD-\uff11\uff12345678", "FD\u2010" + "1" * 8])
def test_an_own_rule_is_read_in_plain_spelling_too(typed: str) -> None:
    """Full-width digits and other hyphens do not get past an operator's regex either."""
    assert mask(f"x {typed} y", Policy(rules=(ORDER,))).text == "x *********** y"


def test_an_own_rule_does_not_count_what_is_stars_already() -> None:
    """A wide regex would find a masked text again, and an empty match is nothing at all."""
    policy = Policy(rules=(OwnRule("any", r"\S*"), OwnRule("star", r"\*+")))
    masked = mask("*** ******** * 5", policy)

    assert [found.kind for found in masked.found] == ["any"]
    assert masked.text == "*** ******** * *"


def test_an_own_rule_that_is_off_is_not_read() -> None:
    """A queue that has no use for a rule does not pay for it either."""
    assert mask(TRAP, Policy(rules=(CATASTROPHIC,), off=frozenset({"slow"}))).text == TRAP


def test_an_own_rule_may_match_letters_alone() -> None:
    """The quick look for digits is about the built-in kinds."""
    assert mask("codeword swordfish", Policy(rules=(OwnRule("word", "swordfish"),))).kinds == [
        "word"
    ]


@pytest.mark.parametrize(
    ("policy", "text", "told"),
    [
        (Policy(rules=(CATASTROPHIC,)), TRAP, (CATASTROPHIC.name, "TimeoutError")),
        (Policy(allow=("(a|aa)+$",)), f"{TRAP} {MAIL}", ("allow", "TimeoutError")),
        (Policy(rules=(OwnRule("broken", "("),)), "hello", ("broken", "error")),
    ],
    ids=["rule", "allow", "broken"],
)
def test_a_regex_that_fails_stars_the_text(
    policy: Policy, text: str, told: tuple[str, str]
) -> None:
    """A regex that never ends must neither stop the server nor let anything pass.

    Its owner is told which it was, and nothing of the text.
    """
    masked = mask(text, policy)

    assert masked.failed
    assert masked.failure is not None
    assert masked.failure[:2] == told
    assert masked.failure.place.startswith("masking.policy:")
    assert not masked.text.strip("* ")
    assert [each.outcome for each in explain(text, policy)] == ["failed"]


def test_what_stays_of_an_address_is_read_by_own_rules() -> None:
    """A partner whose name nobody may read stands in the addresses of its people."""
    rules = (OwnRule("partner", "acme"),)

    assert mask_as(MaskKind.EMAIL, "anna@acme.example", Policy(rules=rules)).text == "*" * 17
    assert mask_as(MaskKind.EMAIL, MAIL, Policy(rules=rules)).text == mask(MAIL).text


class Timed:
    """A pattern that finds nothing, and keeps how long it was given."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.given_s: list[float] = []

    def finditer(self, _: str, *, timeout: float) -> list[re.Match[str]]:
        """Find nothing."""
        self.given_s.append(timeout)
        return []


@pytest.mark.parametrize("text", ["FD-12345678", "FD\u201112345678"], ids=["plain", "respelled"])
def test_the_readings_of_a_text_share_the_time_of_a_rule(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a configuration promises of its rules together holds however a text is spelled."""
    timed = Timed()
    monkeypatch.setattr("masking.policy.compiled", Mock(return_value=timed))
    Policy(rules=(ORDER,)).own_spans(text)

    assert sum(timed.given_s) == pytest.approx(ORDER.timeout_ms / 1_000)


def test_where_masking_is_off_everything_passes() -> None:
    """Tests of others need to read what they wrote."""
    assert mask(CARD, PASSING).text == CARD
    assert mask_as(MaskKind.EMAIL, MAIL, PASSING).text == MAIL
    assert explain(CARD, PASSING) == []


@pytest.mark.parametrize(
    "policy",
    [
        Policy(off=frozenset({MaskKind.EMAIL})),
        Policy(shadow=frozenset({MaskKind.EMAIL})),
        Policy(allow=(r"melissa@gmail\.com",)),
    ],
)
def test_a_field_follows_the_policy_and_still_hides_cards(policy: Policy) -> None:
    """A field for an address is where one is read, and where somebody pastes a card."""
    assert mask_as(MaskKind.EMAIL, MAIL).text != MAIL
    assert mask_as(MaskKind.EMAIL, MAIL, policy).text == MAIL
    assert CARD not in mask_as(MaskKind.EMAIL, f"{CARD} x", policy).text


def test_explaining_tells_of_every_value_and_shows_none() -> None:
    """Whoever tunes a policy sees by which rule a value was found and what comes of it."""
    policy = Policy(
        off=frozenset({MaskKind.SSN}),
        shadow=frozenset({MaskKind.EMAIL}),
        drop=frozenset({MaskKind.PAN}),
        allow=(r"\+46 8 123 456 78",),
        rules=(ORDER,),
    )
    text = f"{CARD} | {MAIL} | 123-45-6789 | {SHOP} | FD-12345678"

    told = explain(text, policy)

    assert [(each.kind, each.outcome) for each in told] == [
        ("pan", "dropped"),
        ("email", "shadow"),
        ("ssn", "off"),
        ("phone", "allowed"),
        ("order", "masked"),
    ]
    assert [text[each.start : each.end] for each in told] == text.split(" | ")
    assert told[0].rule.validator == "Luhn"
    assert all(each.rule.name for each in told)
    assert CARD not in repr(told)


@given(TEXTS)
def test_the_default_policy_is_no_policy(text: str) -> None:
    """What is said of masking without a policy holds with the default one."""
    assert mask(text, Policy()) == mask(text)


def test_what_is_explained_is_what_is_masked() -> None:
    """An explanation of something else would mislead whoever tunes by it."""
    text = " ".join(PIECES)
    told = [each.kind for each in explain(text)]

    assert told
    assert told == [found.kind for found in mask(text).found]

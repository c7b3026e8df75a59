"""Texts of clients: trimmed, checked and masked before they enter a command."""

from itertools import count
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from masking import OwnRule, Policy
from masking.seal import KEY_SIZE, Seal
from router.hub import wire
from router.hub.text import TEXT_MAX, Texts, trimmed
from router.kernel.errors import CommandRefused, RefusalCode
from router.shard.policies import DEFAULT_TREATMENT, PASSED_TREATMENT, Treatment

CARD = "4111 1111 1111 1111"
TEXTS = Texts()
SEAL = Seal(bytes(range(KEY_SIZE)), tenant="main")


def code_of(refused: pytest.ExceptionInfo[CommandRefused]) -> tuple[RefusalCode, object]:
    """What a client would be told."""
    return refused.value.refusal.code, refused.value.refusal.details.get("path")


def test_the_trimmed_text_is_what_is_kept_and_counted() -> None:
    """Spaces around a text say nothing and cost nothing."""
    body = TEXTS.body("  \n" + "x" * TEXT_MAX + "\t \u2003\ufeff", "text")

    assert body.text == "x" * TEXT_MAX


def test_lengths_count_code_points() -> None:
    """An emoji is one character to whoever types it."""
    assert len(TEXTS.body("😀" * TEXT_MAX, "text").text) == TEXT_MAX

    with pytest.raises(CommandRefused) as refused:
        TEXTS.body("😀" * (TEXT_MAX + 1), "text")
    assert code_of(refused) == (RefusalCode.TOO_LARGE, "text")


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u2003", "\ufeff"])
def test_a_message_without_text_is_invalid(text: str) -> None:
    """There is nothing to send."""
    with pytest.raises(CommandRefused) as refused:
        TEXTS.body(text, "text")

    assert code_of(refused) == (RefusalCode.INVALID, "text")


@pytest.mark.parametrize(
    "bad", ["\0", "\x08", "\x0b", "\r", "\x1b", "\x1f", "\x7f", "\x85", "\ud800"]
)
@pytest.mark.parametrize("place", ["{}text", "te{}xt", "text{}"])
def test_control_characters_are_invalid_wherever_they_stand(bad: str, place: str) -> None:
    """They can move a cursor or end a line; trimming must not make them disappear."""
    with pytest.raises(CommandRefused) as refused:
        TEXTS.body(place.format(bad), "text")

    assert code_of(refused) == (RefusalCode.INVALID, "text")


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), max_size=50))
def test_ordinary_text_is_taken(text: str) -> None:
    """Every script, and `<` and `>`, arrive unchanged."""
    assert trimmed(f"<{text}>", "text", 100) == f"<{text}>"


def test_a_message_says_what_was_masked_in_it() -> None:
    """Clients show it; the text itself holds it no more."""
    body = TEXTS.body(f"my card is {CARD}", "text")

    assert CARD not in body.text
    assert body.masked == ("pan",)
    assert [kind for kind, _, _ in body.spans] == ["pan"]


def test_a_name_that_is_a_phone_number_is_masked_as_one() -> None:
    """Some people type it there, and a name is shown everywhere."""
    assert TEXTS.name("0701234567") == "******4567"
    assert TEXTS.name("Anna 7") == "Anna 7"


def test_email_and_phone_are_kept_only_in_masked_form() -> None:
    """Everybody sees this form; who may open the sealed one is asked why."""
    assert TEXTS.email("anna@example.com") == "a***@example.com"
    assert TEXTS.phone("+46 70 123 45 67") == "*********4567" or str(
        TEXTS.phone("+46 70 123 45 67")
    ).endswith("4567")
    assert "701" not in str(TEXTS.phone("+46 70 123 45 67"))


def test_email_and_phone_are_sealed_as_they_were_given() -> None:
    """Without the blanks around it, and apart from whether texts are masked."""
    for treatment in (DEFAULT_TREATMENT, PASSED_TREATMENT):
        texts = Texts(treatment, seal=SEAL)
        email = texts.sealed("email", "\u2003anna@example.com\n")
        phone = texts.sealed("phone", "+46 70 123 45 67")

        assert email is not None
        assert phone is not None
        assert SEAL.open("email", email) == "anna@example.com"
        assert SEAL.open("phone", phone) == "+46 70 123 45 67"


def test_no_two_sealings_share_a_nonce() -> None:
    """With one nonce for two values, who has the store could read both."""
    texts = Texts(seal=SEAL)
    made = [texts.sealed("email", "anna@example.com") for _ in range(100)]

    assert len({sealed.nonce for sealed in made if sealed}) == 100


def test_without_a_key_or_for_another_value_nothing_is_sealed() -> None:
    """A card in a field for a phone number is masked and gone."""
    assert TEXTS.sealed("email", "anna@example.com") is None
    assert Texts(seal=SEAL).sealed("phone", CARD) is None
    assert Texts(PASSED_TREATMENT, seal=SEAL).sealed("phone", CARD) is None
    assert Texts(seal=SEAL).sealed("email", "") is None


def test_empty_fields_are_none() -> None:
    """A form that was not filled in is no answer."""
    assert TEXTS.name(" ") is None
    assert TEXTS.email("") is None
    assert TEXTS.phone("") is None
    assert TEXTS.line("", "subject", 200) is None


def test_keys_and_values_of_attributes_are_masked() -> None:
    """Both are customers' text; a number may be a card."""
    kept = TEXTS.attributes(
        {CARD: "x", "card": CARD, "digits": 4111111111111111, "size": 42, "vip": True, "no": None}
    )

    assert "4111" not in "".join(map(str, (*kept, *kept.values()))).replace(" ", "")
    assert [kept[key] for key in kept if key in {"size", "vip", "no"}] == [42, True, None]


@pytest.mark.parametrize(
    ("given_attributes", "code"),
    [
        ({str(n): n for n in range(31)}, RefusalCode.TOO_LARGE),
        ({"k" * 65: 1}, RefusalCode.TOO_LARGE),
        ({"k": "v" * 257}, RefusalCode.TOO_LARGE),
        ({"": 1}, RefusalCode.INVALID),
        ({"k": 2**53 + 1}, RefusalCode.INVALID),
        ({"k\0": 1}, RefusalCode.INVALID),
    ],
)
def test_attributes_out_of_bounds_are_refused_without_their_keys(
    given_attributes: wire.Attributes, code: RefusalCode
) -> None:
    """Keys are customers' text too, so the path ends at the field."""
    with pytest.raises(CommandRefused) as refused:
        TEXTS.attributes(given_attributes)

    assert code_of(refused) == (code, "attributes")


def test_thirty_attributes_of_the_longest_kind_are_taken() -> None:
    """The bound itself is allowed."""
    kept = TEXTS.attributes({f"{n:064d}x"[1:]: "v" * 256 for n in range(30)})

    assert len(kept) == 30


def test_where_a_chat_started_is_masked() -> None:
    """Sites put e-mail addresses into the addresses of their pages."""
    context = TEXTS.context(wire.Context(page_url="https://shop.example/?m=anna@example.com"))

    assert context.page_url is not None
    assert "anna@" not in context.page_url
    assert context.locale is None


def test_without_masking_text_passes() -> None:
    """An administrator may switch it off."""
    assert Texts(PASSED_TREATMENT).body(CARD, "text").text == CARD


def counted(name: str, kind: str) -> float:
    """What a counter of the masking says by now."""
    return REGISTRY.get_sample_value(name, {"tenant": "", "kind": kind}) or 0.0


def test_a_message_and_a_field_each_have_their_policy() -> None:
    """A message may be dropped; a name, a note or an attribute is masked instead."""
    drop = Policy(drop=frozenset({"email", "pan"}))
    texts = TEXTS.under(Treatment(drop, Policy()))
    body = texts.body(f"mail anna@example.com, {CARD}", "text")

    assert body.text == "*** ***"
    assert body.masked == ("pan", "email")
    assert body.spans == (("pan", 0, 3), ("email", 4, 7))
    assert texts.line("mail anna@example.com", "subject", 200) == "mail a***@example.com"


def test_a_field_follows_the_policy_and_hides_cards_all_the_same() -> None:
    """A queue may read addresses wherever they are typed; a card nobody may."""
    off = Policy(off=frozenset({"email", "phone"}))
    texts = TEXTS.under(Treatment(off, off))

    assert texts.email("anna@example.com") == "anna@example.com"
    assert texts.phone("+46 70 123 45 67") == "+46 70 123 45 67"
    assert texts.name("0701234567") == "0701234567"
    assert texts.attributes({"number": 46701234567}) == {"number": 46701234567}
    assert "4111" not in str(texts.name(CARD))
    assert "4111" not in str(texts.attributes({"card": CARD, "number": 4111111111111111}))


def test_what_is_only_counted_is_told_to_administrators_alone() -> None:
    """The sender's text was not changed, so there is nothing to tell the sender."""
    shadow = Policy(shadow=frozenset({"email"}))
    names = "frontdesk_masked_total", "frontdesk_masking_shadow_total"
    before = [counted(name, "email") for name in names]
    body = TEXTS.under(Treatment(shadow, shadow)).body("a@x.se and b@x.se", "text")

    assert (body.text, body.masked, body.spans) == ("a@x.se and b@x.se", (), ())
    assert [counted(name, "email") for name in names] == [before[0], before[1] + 2]


def test_an_operators_rule_that_takes_too_long_stars_the_text_and_is_told_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing readable passes through a failure, and its sender and somebody else hear of it."""
    slow = Policy(rules=(OwnRule("slow", "(a|aa)+$", timeout_ms=1),))
    before = REGISTRY.get_sample_value("frontdesk_masking_failures_total", {"tenant": ""}) or 0.0
    body = TEXTS.under(Treatment(slow, slow)).body("a" * 60 + "! hello", "text")

    assert set(body.text) == {"*", " "}
    assert (body.masked, body.spans) == (("unreadable",), (("unreadable", 0, 67),))
    assert counted("frontdesk_masked_total", "unreadable") == 0.0
    assert (
        REGISTRY.get_sample_value("frontdesk_masking_failures_total", {"tenant": ""}) == before + 1
    )
    [line] = [record.__dict__["fields"] for record in caplog.records]
    assert line.pop("place").startswith("masking.policy:")
    assert line == {"tenant": "", "rule": "slow", "fault": "TimeoutError"}


def test_a_slow_rule_costs_a_command_one_time_limit_and_not_one_for_each_text() -> None:
    """Thirty attributes of twenty milliseconds each would stop the server for everybody."""
    slow = Policy(rules=(OwnRule("slow", "(a|aa)+$", timeout_ms=20),))
    texts = TEXTS.under(Treatment(slow, slow))
    trap = "a" * 60 + "!"
    began_s = thread_time()
    kept = texts.attributes({f"key {n}": trap for n in range(30)})
    took_s = thread_time() - began_s

    assert took_s < 0.2
    assert trap not in kept.values()
    assert texts.line("hello", "subject", 200) == "*****"
    assert TEXTS.under(Treatment(slow, slow)).line("hello", "subject", 200) == "hello"


def test_rules_that_are_nearly_too_slow_are_stopped_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each text is in time and all of them are not; what was not read is not shown."""
    clock = count(step=0.03)
    monkeypatch.setattr("router.hub.text.thread_time", lambda: next(clock))
    policy = Policy(rules=(OwnRule("order", "FD-[0-9]{8}"),))
    texts = TEXTS.under(Treatment(policy, policy))
    read = [texts.line("hello", "subject", 200) for _ in range(6)]

    assert read == ["hello"] * 4 + ["*****"] * 2

"""What is left of a value that comes in several messages, and what stays as it is."""

import random
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from masking import MaskKind, Policy, mask, mask_conversation
from masking.checks import LuhnSums
from masking.conversation import CHARACTERS_MAX, LINES_MAX, Tail
from masking.split.line import Line

CARD = "4111111111111111"
CARDS = ("4111111111111111", "5555555555554444", "378282246310005", "36227206271667")
SPELLINGS = ("{}", "{} {} {} {}", "{}-{}-{}-{}", "{}.{}.{}.{}", "{}\u00a0{}\u00a0{}\u00a0{}")
CUSTOMER, AGENT = "customer", "agent"
TALK = ("ok", "one moment", "sorry, just a second", "und der Rest?", "ちょっと待って", "حسنا")


def shown(*said: str) -> list[str]:
    """What is left of messages; those of the agent begin with a sign."""
    senders = [AGENT if text.startswith("> ") else CUSTOMER for text in said]
    return mask_conversation([text.removeprefix("> ") for text in said], senders)


def digits_of(texts: list[str]) -> str:
    """All digits that can be read, whatever their script."""
    return "".join(
        str(unicodedata.digit(one))
        for text in texts
        for one in text
        if unicodedata.digit(one, None) is not None
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (("my card is 4111 1111", "1111 1111"), ("my card is ********", "****1111")),
        (("4111 1111", "1111 1111 thanks"), ("********", "****1111 thanks")),
        (("4111", "1111", "1111", "1111"), ("****", "****", "****", "1111")),
        (
            ("it starts 4111 1111", "> ok", "wait", "the rest is 1111 1111"),
            ("it starts ********", "ok", "wait", "the rest is ****1111"),
        ),
        (("3782 822463", "10005"), ("**********", "*0005")),
        (("4111-11", "11-1111-1111 12/27 123"), ("******", "********1111 ***** ***")),
        (("٤١١١ ١١١١", "١١١١ ١١١١"), ("********", "****١١١١")),
        (("my card number is 4111 11",), ("my card number is ******",)),
        (("> Your card number, please?", "4111 11"), ("Your card number, please?", "******")),
        (("mitt kortnummer är", "4111 11"), ("mitt kortnummer är", "******")),
        (("my card number is 4111 11", "11 1111 1111"), ("my card number is ******", "******1111")),
        (("GB29 NWBK 6016", "1331 9268 19"), ("************", "******6819")),
        (("iban DE89 3704", "0044 0532 0130 00"), ("iban ********", "**********3000")),
        (("> Your SSN?", "123-45", "6789"), ("Your SSN?", "******", "****")),
        (("123-45", "-6789"), ("******", "-****")),
        (("melissa", "@gmail.com"), ("*******", "@gmail.com")),
        (("melissa@", "sorry, typo", "gmail.com"), ("*******@", "sorry, typo", "gmail.com")),
        (("melissa", "@gmail", ".com"), ("*******", "@gmail", ".com")),
        (("melissa", "at gmail dot com"), ("*******", "at gmail dot com")),
        (("melissa at", "gmail.com"), ("******* at", "gmail.com")),
        (
            ("> Your e-mail?", "info", "voilà", "@the-store.io"),
            ("Your e-mail?", "****", "*****", "@the-store.io"),
        ),
        (
            ("> Your e-mail?", "melissa", "> at?", "gmail.com"),
            ("Your e-mail?", "*******", "at?", "gmail.com"),
        ),
        (
            ("> IBAN?", "vg84 kin", "f 9975 5", "187 2312", "2895"),
            ("IBAN?", "*******", "******", "*******", "2895"),
        ),
        (
            ("SC44 VGGX 7930 7963 2383 6919 7512", "> ok", "og så CIO"),
            ("****************************", "ok", "og så CIO"),
        ),
        (
            ("NL24", "> again?", "NL24", "EYXF that is all", "3565", "5889 06"),
            ("****", "again?", "****", "**** that is all", "****", "**8906"),
        ),
        (
            ("la carte est 5038 0748 0708 1063", "> et la suite ? (48213)", "la suite est 82"),
            ("la carte est ****************", "et la suite ? (48213)", "la suite est **"),
        ),
        (
            ("6759 7326 6959 and", "> yes? (17922)", "8602 05 that is all"),
            ("************ and", "yes? (17922)", "****** that is all"),
        ),
        (
            ("my card is 6759-6689-4", "158-6904-76 that is all"),
            ("my card is *********", "*******4-76 that is all"),
        ),
        (
            ("> クレジットカードの番号は？", "三八〇六八七八 と", "六六六〇〇三八 以上です"),
            ("クレジットカードの番号は？", "******* と", "******* 以上です"),
        ),
        (
            (
                "huit-un-sept-un et",
                "sept un quatre trois zéro quatre quatre huit neuf quatre sept un",
            ),
            ("**** et", "************"),
        ),
        (("4111 1111 1111 1111", "04/33 1354"), ("************1111", "*********")),
        (
            ("> Kan jag få ditt kortnummer?", "37", "31", "714603210", "och resten: 84"),
            ("Kan jag få ditt kortnummer?", "**", "**", "*********", "och resten: 84"),
        ),
        (
            ("> Vad är din mejladress?", "melissa@stu", "och resten: .edu.sa"),
            ("Vad är din mejladress?", "*******@stu", "och resten: .edu.sa"),
        ),
        (
            ("> Kan jag få ditt kortnummer?", "426", "31", "06"),
            ("Kan jag få ditt kortnummer?", "***", "**", "**"),
        ),
        (
            (
                "> ¿Su tarjeta?",
                "cuatro cero siete dos",
                "siete dos cinco nueve",
                "cero cinco ocho dos",
                "cero dos cero dos",
            ),
            ("¿Su tarjeta?", "****", "****", "****", "****"),
        ),
        (("4305 2598", "4305 2598 4544 3429"), ("********", "************3429")),
        (
            ("> Dit IBAN?", "DE34", "5961 5616 1903 2109 44"),
            ("Dit IBAN?", "****", "**************0944"),
        ),
        (
            ("> Dit IBAN?", "RS54 6368 1140", "6003 6814 49"),
            ("Dit IBAN?", "************", "******1449"),
        ),
        (("> CPF?", "52998224725"), ("CPF?", "***********")),
        (("> Qual o seu CPF?", "529982", "24725"), ("Qual o seu CPF?", "******", "*****")),
        (("> Hvad er dit cpr?", "010203", "1234"), ("Hvad er dit cpr?", "******", "****")),
        (("> Skriv kortnumret tack", "411111"), ("Skriv kortnumret tack", "******")),
        (
            ("> Could you share a contact number", "20123456"),
            ("Could you share a contact number", "****3456"),
        ),
        (("3787 712185 02615", "08-2034 7068"), ("***********2615", "***********")),
        (
            ("> Jeg skal bruge dit social security number.", "123-45", "6789"),
            ("Jeg skal bruge dit social security number.", "******", "****"),
        ),
        (
            ("> I need your social security number.", "12345", "6789"),
            ("I need your social security number.", "*****", "****"),
        ),
        (
            ("> Your e-mail?", "the first part: melissa", "and the rest: @gmail.com"),
            ("Your e-mail?", "the first part: *******", "and the rest: @gmail.com"),
        ),
        (("> Your phone number?", "070 123", "45 67"), ("Your phone number?", "******", "4567")),
    ],
)
def test_a_value_in_several_messages_is_masked_in_all(
    said: tuple[str, ...], left: tuple[str, ...]
) -> None:
    """The last part keeps what the masked form of the whole value would."""
    out = shown(*said)

    assert len(digits_of(out)) <= 8
    assert tuple(out) == left


@pytest.mark.parametrize(
    "asked",
    [
        "And the security code?",
        "Vad är säkerhetskoden?",
        "Hvad er sikkerhedskoden?",
        "Qual é o código de segurança?",
        "Wie lautet die Prüfziffer?",
        "Quel est le cryptogramme ?",
        "¿Cuál es el código de seguridad?",
        "セキュリティコードは？",
        "¡Gracias! Ahora el código de seguridad",
        "裏面のセキュリティコードもお願いします。",
        "ما هو رمز الأمان؟",
        "cvc?",
    ],
)
def test_a_code_that_was_asked_for_is_masked(asked: str) -> None:
    """By itself it is three digits; what came before makes it a secret."""
    assert shown(f"> {asked}", "123")[-1] == "***"
    assert shown(f"> {asked}", "it is 1234")[-1] == "it is ****"


def test_what_follows_a_card_is_masked() -> None:
    """Cards are copied out line by line."""
    card = "my card is 4111 1111 1111 1111"

    assert shown(card, "12/27", "123")[1:] == ["*****", "***"]
    assert shown(card, "12/27 123")[1:] == ["***** ***"]
    assert shown("cvv is 123", card)[0] == "cvv is ***"
    assert shown(card, "> ¿código de seguridad?", "cuatro cuatro cuatro")[-1] == "*" * 20
    assert shown(card, "> and when does it expire?", "05/29")[-1] == "*****"


@pytest.mark.parametrize(
    "said",
    [
        ("order 4821", "12:30", "it costs 12.50", "on 2026-11-22"),
        ("> order number?", "45123456", "4305 2598 4544 3429"),
        ("could you phone me?", "> numéro de série 77239754-500"),
        ("セキュリティコードは必要ですか", "> 型番は何ですか？", "3310"),
        ("meine Karte ist 4057679775515930", "> Danke.", "> Wie viele brauchen Sie?", "79"),
        ("kan du ringe til mig?", "track & trace 819783816703", "> sn: 23162627-115"),
        ("> 何号室ですか？", "404", "> いくつ必要ですか？", "41", "> おいくらでしたか？", "1299"),
        ("> How many?", "404", "> How many then?", "41", "> And how much?", "1299"),
        ("> order number?", "52998224725"),
        ("my telephone broke", "> ticket INC6863858", "> 42"),
        ("> Please never send us your security code in here", "123"),
        ("my card 4111 1111 1111 1111", "> how many do you want?", "250"),
        ("my card 4111 1111 1111 1111", "> the last four digits?", "1111"),
        ("> What is the order number?", "48213377", "> And the tracking number?", "99881235"),
        ("I paid by card", "it was 45000 yen", "order 4821991"),
        ("4111 1111", "4111 1111"),
        ("2 chairs", "and 4 tables", "by 10:30", "room 12"),
        ("> 4111 1111", "1111 1111"),
        ("see logo@2x", ".png"),
        ("my loyalty card number is 55512", "1234"),
        tuple(str(number) for number in range(60)),
        tuple(str(number) for number in range(500, 1_500, 13)),
        tuple(f"words {number} end" for number in range(500, 700, 7)),
        ("my card 4111 1111 1111 1111", "call 12345678"),
        ("word1. 4111 1111 1111 1111", "word2."),
        ("so 4111 1111 1111 1111", "room12"),
        ("my card 4111 1111 1111 1111", "+46 70 123 45 67"),
        ("call me at 10", "or 11.30", "tomorrow"),
        ("Visa ending in 4242", "123"),
        ("ES is my size", "12 and 14", "28/11 is fine"),
        ("Call me about order 9792605042", "1000000000 rows"),
        ("> open 9-17, tel support 24/7", "SEK 12 345 678"),
        ("> Your e-mail?", "bought", "at home", "I prefer chat"),
        ("bought it", "at amazon.com"),
        ("DE89 XL", "4111 1111 1111 1111"),  # no German account has letters
        ("a @ b . c", "CEP 01310-100"),
        ("Article numbers?", "603.128.45", "47 066", "10281-1"),
        ("ring 1177 om det är bråttom", "postnr 114 55", "nine one one"),
    ],
)
def test_what_is_no_value_stays(said: tuple[str, ...]) -> None:
    """Whoever must guess what an order number was stops trusting the chat."""
    plain = [mask(text.removeprefix("> ")).text for text in said]

    assert shown(*said) == plain


def test_what_was_said_twice_is_masked_twice() -> None:
    """A part that was sent again, or repeated by an agent, must not give the card away."""
    assert shown("4111 1111", "4111 1111", "1111 1111") == ["********", "********", "****1111"]
    out = shown("4111 1111", "> 4111 1111, and then?", "1111 1111")

    assert out == ["********", "********, and then?", "****1111"]


@st.composite
def split_cards(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A card in some spelling, cut anywhere into two to five parts."""
    card = draw(st.sampled_from(CARDS))
    spelling = draw(st.sampled_from(SPELLINGS))
    groups = [card] if spelling == "{}" else [card[:4], card[4:8], card[8:12], card[12:]]
    text = spelling.format(*groups)
    places = st.integers(1, len(text) - 1)
    cuts = sorted(draw(st.sets(places, min_size=1, max_size=4)))
    parts = [text[a:b].strip() for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    parts = [part for part in parts if any(map(str.isdigit, part))]
    assume(len(parts) > 1)
    assume(len(parts) != 2 or digits_of(parts[:1]) != digits_of(parts[1:]))
    return card, parts


@given(
    split_cards(),
    st.lists(st.sampled_from(TALK), min_size=4, max_size=4),
    st.sampled_from(("", "> ")),
)
@example(("4111111111111111", list("4111111111111111")), list(TALK[:4]), "")
def test_no_cut_makes_a_card_readable(
    cut: tuple[str, list[str]],
    talk: list[str],
    sign: str,
) -> None:
    """People send what fits their thumbs; the final chat shows four digits at most."""
    _, parts = cut
    said = [parts[0]]
    for part, between in zip(parts[1:], [*talk, *talk, *talk, *talk], strict=False):
        said += [f"{sign}{between}", part]

    assert len(digits_of(shown(*said))) <= 4


@given(split_cards())
def test_masking_a_chat_twice_changes_nothing(cut: tuple[str, list[str]]) -> None:
    """What was masked is copied and sent again."""
    once = shown(*cut[1])

    assert shown(*once) == once


def innocent(chance: random.Random) -> Iterator[str]:
    """Messages of an ordinary chat, many with numbers."""
    for _ in range(12):
        yield chance.choice(
            [
                "hello",
                "I ordered {} chairs on 2026-04-2{} and only {} came",
                "can you deliver between 10:15 and 16.30?",
                "where is my order A-{}{}{}{}?",
                "the total was {}{} kr",
                "do you have it in size 4{}?",
                "it says error {}0{}",
                "thank you!",
            ]
        ).format(*(chance.randrange(1, 10) for _ in range(4)))


@pytest.mark.parametrize("seed", range(40))
def test_an_ordinary_chat_stays_as_it_is(seed: int) -> None:
    """Numbers are what chats of shops are made of."""
    chance = random.Random(seed)
    said = list(innocent(chance))
    senders = [chance.choice((CUSTOMER, AGENT)) for _ in said]

    assert mask_conversation(said, senders) == said


def test_a_message_that_cannot_be_part_of_anything_costs_nothing() -> None:
    """Nearly every message is one of these, and the shard has one thread."""
    tail = Tail()
    for seq in range(LINES_MAX):
        tail.add(Line(seq, CUSTOMER, mask(f"word {seq}").text))
    text = mask("when will my parcel arrive, please?")
    started = time.process_time()
    for _ in range(1_000):
        assert tail.hear(CUSTOMER, text) is None

    assert time.process_time() - started < 0.02


def test_the_work_for_one_message_is_bounded() -> None:
    """Whoever sends nothing but digits must not hold up the chats of others."""
    tail = Tail()
    for seq in range(200):
        tail.add(Line(seq, CUSTOMER, mask("1 23 4 my card " + "12 " * 300).text))
    for seq in range(200, 260):
        tail.add(Line(seq, CUSTOMER, mask(f"{seq % 10}{seq % 7}").text))
    started = time.process_time()
    tail.hear(CUSTOMER, mask("card 41 " + "1 " * 400))

    assert time.process_time() - started < 0.5


def test_the_tail_is_bounded_in_lines_and_characters() -> None:
    """Two thousand of them are kept at hand."""
    tail = Tail()
    for seq in range(100):
        tail.add(Line(seq, CUSTOMER, mask("x" * 1_000).text))

    assert tail.size <= CHARACTERS_MAX


def test_whatever_goes_wrong_nothing_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours must cost a message, never a secret."""

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("masking.conversation.find_split_digits", broken)
    heard = Tail().hear(CUSTOMER, mask("4111 11"))

    assert heard is not None
    assert heard.masked.failed
    assert heard.masked.failure is not None
    assert heard.masked.failure[:2] == ("", "ValueError")
    assert heard.masked.text == "**** **"
    assert heard.masked.kinds == ["unreadable"]


def test_a_policy_holds_for_parts_too() -> None:
    """What is off for whole values is off for halves; cards never are."""
    lenient = Policy(off=frozenset({MaskKind.EMAIL}))
    senders = [CUSTOMER, CUSTOMER]
    dropping = Policy(drop=frozenset({MaskKind.PAN}))
    halves = ["4111 1111", "so: 1111 1111"]

    assert mask_conversation(["melissa", "@gmail.com"], senders, lenient) == [
        "melissa",
        "@gmail.com",
    ]
    assert mask_conversation(halves, senders, lenient) == ["********", "so: ****1111"]
    assert mask_conversation(halves, senders, dropping) == ["***", "***"]


@pytest.mark.parametrize(
    "said",
    ["1111 1111", "1111 1111?", "and 1111 1111, right?", "4111 1111 it is"],
)
def test_a_card_begun_by_one_is_hidden_where_another_ends_or_repeats_it(said: str) -> None:
    """Half of it in each of two hands is all of it to whoever reads the chat."""
    asked = ["card number please", "4111 1111", said]
    shown = mask_conversation(asked, [AGENT, CUSTOMER, AGENT])

    assert shown[1] == "********"
    assert not any(one.isdigit() for one in shown[2])


@pytest.mark.parametrize("said", ["your order is 12345678", "call 112", "12345", "at 10:30"])
def test_other_numbers_of_another_stay_beside_a_card_that_was_begun(said: str) -> None:
    """An agent goes on helping while a customer looks for the rest of the card."""
    asked = ["card number please", "4111 1111", said]

    assert mask_conversation(asked, [AGENT, CUSTOMER, AGENT])[2] == said


DROPPING = Policy(drop=frozenset({MaskKind.PAN}))


def test_a_dropped_card_is_no_beginning_of_another() -> None:
    """Its three stars stand for a whole message; what is written after it must arrive."""
    said = [CARDS[0], "12345678901", "my phone is 0701234567"]
    shown = mask_conversation(said, [CUSTOMER] * 3, DROPPING)

    assert shown == ["***", "12345678901", "my phone is ******4567"]


def test_a_dropped_card_is_none_after_something_else_was_begun_either() -> None:
    """Lines are read when they are heard then, before it is known that they are dropped."""
    said = ["DE89", CARDS[0], "12345678901"]

    assert mask_conversation(said, [CUSTOMER] * 3, DROPPING) == ["DE89", "***", "12345678901"]


def test_a_card_that_was_only_begun_is_dropped_when_it_is_whole() -> None:
    """Until then its stars are counted, or the rest of it would stay."""
    begun = ["my card number is 4111 11", "11 1111"]
    shown = [
        mask_conversation(said, [CUSTOMER] * len(said), DROPPING)
        for said in (begun, [*begun, "1111"])
    ]

    assert shown == [["my card number is ******", "******"], ["***", "***", "***"]]


def test_a_code_after_a_dropped_card_is_hidden() -> None:
    """A card was there, whatever is left of it."""
    assert mask_conversation([CARDS[0], "737"], [CUSTOMER] * 2, DROPPING) == ["***", "***"]


def test_the_cards_of_these_tests_are_cards() -> None:
    """A wrong one would prove nothing."""
    assert all(LuhnSums(card).holds(0, len(card)) for card in CARDS)

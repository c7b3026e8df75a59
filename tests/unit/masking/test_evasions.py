"""Values that were written so that they are not recognised, and what only looks like that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking import mask

WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "sv": "noll ett två tre fyra fem sex sju åtta nio",
    "da": "nul en to tre fire fem seks syv otte ni",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "kanji": "〇 一 二 三 四 五 六 七 八 九",
    "kana": "ゼロ いち に さん よん ご ろく なな はち きゅう",
    "romaji": "zero ichi ni san yon go roku nana hachi kyuu",
    "ar": "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة",
}
SCRIPTS = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10, 0x1D7CE, 0x1D7EC, 0x1FBF0]
CARD = "4539578763621486"


def spelled(language: str, number: str, between: str = " ") -> str:
    """``number`` in words of ``language``."""
    words = WORDS[language].split()
    return between.join(words[int(digit)] for digit in number)


@pytest.mark.parametrize("between", [" ", "-", ", ", "\n", " - "])
@pytest.mark.parametrize("language", WORDS)
def test_a_card_in_words_is_starred_whole(language: str, between: str) -> None:
    """It is as good as digits for whoever reads it; its last words are no last four digits."""
    written = spelled(language, CARD, between)

    answer = mask(f"x: {written}.")

    assert answer.text == f"x: {'*' * len(written)}."
    assert answer.kinds == ["pan"]


@pytest.mark.parametrize("zero", SCRIPTS)
def test_a_card_in_digits_of_another_script_keeps_its_last_four(zero: int) -> None:
    """Every script's digits are the same ten."""
    written = "".join(chr(zero + int(digit)) for digit in CARD)

    answer = mask(f"> {written} <")

    assert answer.text == f"> {'*' * 12}{written[-4:]} <"


CARDS = [
    "4539 5787 six three 6 two 1 4 eight six",
    "four 5 three 9 5 seven 8 seven 6 three 6 two 1 four 8 six",
    "four five three nine five seven eight seven six three six two one four eight six",
    "4539 5787 6362 14 eight 6",
    "４５３９\u20095787\u00ad6362\u200b1486",
    "4\ufe0f\u20e35\ufe0f\u20e33\ufe0f\u20e39\ufe0f\u20e3 5787 6362 1486",
    "④⑤③⑨ ⑤⑦⑧⑦ ⑥③⑥② ①④⑧⑥",
    "⑷⑸⑶⑼⑸⑺⑻⑺⑹⑶⑹⑵⑴⑷⑻⑹",
    "4\u03365\u03363\u03369\u03365\u03367\u03368\u03367\u0336 6362 1486",
    "&#52;&#53;39 5787 6362 1486",
    "&#x34;&#x35;&#x33;&#x39;578763621486",
    "4539&nbsp;5787&nbsp;6362&nbsp;1486",
    "4539%205787%206362%201486",
    "%34%35%33%39%35%37%38%37%36%33%36%32%31%34%38%36",
    "%2534%2535395787%25206362%25201486",
    r"\u0034\u0035\u0033\u0039 5787 6362 1486",
    "4539_5787_6362_1486",
    "4539/5787/6362/1486",
    "4539\n5787\n6362\n1486",
    "4539+5787+6362+1486",
    "(4539)(5787)(6362)(1486)",
    "[4539] [5787] [6362] [1486]",
    "4-5-3-9 5-7-8-7 6-3-6-2 1-4-8-6",
    "453 957 876 362 148 6",
    "4539 5787 6362 l486",
    "4539 5787 6362 I486",
    "\u202e4539 5787 6362 1486\u202c",
    "4539*5787*6362*1486",
    "4539…5787…6362…1486",
    "4539 5787 <br> 6362 1486",
    "4539<br>5787<br/>6362</td><td>1486",
    "4539 and 5787 and 6362 and 1486",
    "4539, then 5787, 6362 and last 1486",
    "4539 och 5787 og 6362 und 1486",
    "4539 et 5787 e 6362 y 1486",
    "4539と5787と6362と1486",
    "4539 و 5787 و 6362 و 1486",
    "4539 57** **** 1486",
    "4539********1486",
    "453957******1486",
    "4539-57**-****-1486",
]


@pytest.mark.parametrize("written", CARDS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("karta ", " tack"), ("私の", "です")])
def test_a_card_in_disguise_is_found(written: str, before: str, after: str) -> None:
    """No more than four digits may survive in any script, and the words around it stay."""
    answer = mask(before + written + after)

    assert answer.kinds == ["pan"]
    assert answer.text.startswith(before)
    assert answer.text.endswith(after)
    assert sum(character.isdigit() for character in answer.text) <= 4


IN_OTHER_TEXT = [
    *(
        (f"{before} {spelled(language, CARD)}", f"{before} {'*' * len(spelled(language, CARD))}")
        for language, before in (("pt", "têm o"), ("en", "change it to"), ("es", "cobraron en"))
    ),
    ('{"pan":"4539578763621486"}', '{"pan":"************1486"}'),
    ("https://x.se/?card=4539578763621486&a=1", "https://x.se/?card=************1486&a=1"),
    ("2026 4539 5787 6362 1486", "2026 ************1486"),
    ("1 6763 1170 3166", "1 ********3166"),
    ("3782 82**** *0005", "***********0005"),
    ("2026 4539 and 5787 and 6362 and 1486", "2026 *********************1486"),
    ("4lll llll llll llll", "************llll"),
    ("my card 4III-IIII-IIII-IIII ok", "my card ***************IIII ok"),
    ("4539 5787 <br> 6362 1486 code 123", "****************1486 code ***"),
    ("a@b.com 4539 and 5787 and 6362 and 1486", "*@b.com *********************1486"),
    ("カード番号は4539578763621486です", "カード番号は************1486です"),
    ("بطاقتي4539578763621486شكرا", "بطاقتي************1486شكرا"),
    ("番号63O4 8579 775O 953lです", "番号*******************です"),
    ("«4539 5787 6362 1486»", "«************1486»"),
    ("6763-2160-1574/02.33/186", "**********1574/*****/***"),
    ("6759 6498 2643 8453, 378282246310005", "************8453, ***********0005"),
    ("SSN: lO5-85-l669", "SSN: ***********"),
    ("ssn Oll-56-l369", "ssn ***********"),
    ("mobil 2O 66 26 Ol", "mobil ****26Ol"),
    ("mobil: +I (493) 336-I268", "mobil: ***********I268"),
    ("celular é o 11 91234-5678", "celular é o ********5678"),
    ("Telefon: O3O\u20138OO\u2013648\u2013l5", "Telefon: **********8\u2013l5"),
    ("|97927I479o759327|", "|************9327|"),
    ("my ssn isfive one two four five six seven eight nineok", f"my ssn is{'*' * 43}ok"),
    ("DE00 1234 5678 9012 3456 00", "DE00 1234 5678 9012 3456 00"),
    ("s/n 09366182728", "s/n 09366182728"),
    ("銀行口座はMT89RPDB54l258llO6R77NlWK392Y89", f"銀行口座は{'*' * 27}2Y89"),
    ("6521 5007 9118 7236 clave 882", "************7236 clave ***"),
    ("4389359627129730 cód. seg. 451", "************9730 cód. seg. ***"),
    ("mob. 98166 47028", "mob. ******7028"),
    ("6521 5007 9118 7236 and +46 70 174 06 58", "************7236 and ********0658"),
    ("iban DE89 37O4 OO44 O532 O13O OO ok", "iban ******************3OOO ok"),
    ("&#68;E89 3704 0044 0532 0130 00", "*******************************"),
    ("DE89370400440532013000GB82WEST12345698765432", "*" * 18 + "3000" + "*" * 18 + "5432"),
    ("IBANDE89370400440532013000danke", "IBAN******************3000danke"),
]


@pytest.mark.parametrize(("text", "masked"), IN_OTHER_TEXT)
def test_a_value_inside_other_text_is_found(text: str, masked: str) -> None:
    """Copied out of a form, an address or a sentence without spaces, it is the same value."""
    assert mask(text).text == masked


ADDRESSES = [
    ("melissa at gmail dot com", "m****** at gmail dot com"),
    ("Melissa AT gmail DOT com", "M****** AT gmail DOT com"),
    ("melissa [at] gmail [dot] com", "m****** [at] gmail [dot] com"),
    ("melissa(at)gmail.com", "m******(at)gmail.com"),
    ("melissa{at}gmail{dot}com", "m******{at}gmail{dot}com"),
    ("melissa[@]gmail.com", "m******[@]gmail.com"),
    ("melissa _at_ gmail _dot_ com", "m****** _at_ gmail _dot_ com"),
    ("melissa%40gmail.com", "m******%40gmail.com"),
    ("melissa&commat;gmail.com", "m******&commat;gmail.com"),
    ("melissa&#64;gmail&#46;com", "m******&#64;gmail&#46;com"),
    ("melissa arroba gmail punto com", "m****** arroba gmail punto com"),
    ("melissa snabel-a gmail punkt com", "m****** snabel-a gmail punkt com"),
    ("melissa at firma punkt se", "m****** at firma punkt se"),
    ("melissa at north point com", "m****** at north point com"),
    ("melissa アット gmail ドット com", "m****** アット gmail ドット com"),
    ("anna dot berg at mail dot example dot org", "a************ at mail dot example dot org"),
    ("melissa@gmail,com", "m******@gmail,com"),
    ("a.b331@telefonica,es", "a*****@telefonica,es"),
    ("melissa@firma,com", "m******@firma,com"),
    ("melissa (a) gmail.com", "m****** (a) gmail.com"),
    ("Melissa(A)gmail.com", "M******(A)gmail.com"),
    ("melissa-at-gmail.com", "m******-at-gmail.com"),
    ("melissa_at_gmail_dot_com", "m******_at_gmail_dot_com"),
    ("melissa [at\u200b] gmail.com", "m****** [at\u200b] gmail.com"),
    ("melissa@ gmail.comです", "m******@ gmail.comです"),
    ("melissa [at] gmail.comです", "m****** [at] gmail.comです"),
    ("melissa at gmail dot comです", "m****** at gmail dot comです"),
    ("melissa at x dot ai", "m****** at x dot ai"),
    ("a n n a @ g m x . d e", "a***@ g m x . d e"),
    ("メールはanna at orange dot frです", "メールはa*** at orange dot frです"),
    ("melissaアットマークgmail.comです", "m******アットマークgmail.comです"),
]


@pytest.mark.parametrize(("written", "masked"), ADDRESSES)
def test_a_spelled_address_keeps_its_first_letter_and_domain(written: str, masked: str) -> None:
    """Only the part before the sign tells who it is."""
    answer = mask(f"write to {written} please")

    assert answer.text == f"write to {masked} please"
    assert answer.kinds == ["email"]


@pytest.mark.parametrize(
    "text",
    [
        "meet me at noon dot",
        "we open at nine dot thanks a lot!",
        "sum a b @ c d",
        "Could you call me back at some point tomorrow?",
        "we can talk at any point thereafter",
        "talk at one point during the day",
        "it broke at one-point-during checkout",
        "my mail failed at one point between Monday and Friday",
        "I study at north point college",
        "det gick fel at ett punkt under dagen",
        "we drove at six point seven miles",
        "I was looking at the dot com boom",
        "one of the two or three I saw at your shop. It was nice",
        "look at amazon.com for one",
        "look (a) amazon.com, (b) the shop. Or nowhere",
        "I am @ home,no worries. And you?",
        "hi @anna,com on",
        "meet_at_noon_dot",
        "I go to work at five, you at six",
        "two for you and four to go",
        "ett par skor, två par strumpor och tre mössor",
        "er det en eller to",
        "三月十二日に二つ、一番の店で",
        "9でに二重",
        "100% &amp; more, 50%20 off",
        r"C:\new\users\001",
        "so I wait for 3 of 5 or 10 I guess",
        "O1O2O3",
        "item l0l, size XL",
        "5lll llll llll llll",
        "4lll llll llll",
        "oooo 3 llll",
        "2,718281828459045",
        "3.14159265358979323846",
        "4539 and 5787 and 6362 and 1487",
        "4539 buckle 5787 my 6362 shoe 1486",
        "order 4539 and 5787 and 6362 and 1486",
        "************1486",
        "4539 **** **** ****",
        "1111 22** **** 3333",
        "40123456 og 40123457",
    ],
)
def test_ordinary_words_are_not_taken_for_digits_or_signs(text: str) -> None:
    """The same object comes out, so that nothing can have been changed."""
    answer = mask(text)

    assert answer.text is text


@given(
    st.sampled_from([*CARDS, *(written for written, _ in ADDRESSES), spelled("sv", CARD)]),
    st.text("0123456789 -.@aot*l\n\u200b", max_size=12),
    st.text("0123456789 -.@aot*l\n\u200b", max_size=12),
)
def test_masking_a_disguise_twice_changes_nothing(written: str, before: str, after: str) -> None:
    """What comes out holds nothing that would be found again, whatever stood around it."""
    once = mask(f"{before} {written} {after}")

    again = mask(once.text)

    assert again.text == once.text
    assert again.found == ()

"""Rows with one value in one message: in a sentence, or stuck to what surrounds it."""

import random
from collections.abc import Callable, Iterator
from typing import Final

from tests.support.corpus import contacts, numbers
from tests.support.corpus.row import KINDS, LANGUAGES, Group, Kind, Row, Said, Written, filled, pick
from tests.support.corpus.sentences import SENTENCES

ID_OF: Final = {
    "sv": numbers.personnummer,
    "en": numbers.personnummer,
    "da": numbers.cpr,
    "pt": numbers.cpf,
}

PLAIN_ROWS: Final = 162
"""For each kind; eighteen for each language."""

GLUE: Final = (
    # any value
    "({v})",
    "[{v}]",
    "«{v}»",
    "“{v}”",
    '"{v}"',
    "'{v}'",
    "`{v}`",
    "<{v}>",
    "<b>{v}</b>",
    "「{v}」",
    "【{v}】",
    "**{v}**",
    "_{v}_",
    "|{v}|",
    "{v}!",
    "{v}?",
    "{v}...",
    "¿{v}?",
    "={v};",
    "\t{v}\t",
    "\n{v}\n",
    "👉{v}👈",
    "Anna Berg,{v},Lund",
    '{"value":"{v}"}',
    '{"a": 1, "value": "{v}", "n": [2, 3]}',
    "https://pay.example.com/new?value={v}&lang=en",
    "https://example.com/u/{v}/edit",
    "- {v}\n- thanks",
    "ok:{v},ok",
)

LETTERS: Final = (
    # a value that starts and ends with a digit, stuck to a word it belongs to
    "カード番号{v}です",
    "我的卡号是{v}谢谢",
    "بطاقتي{v}شكرا",
    "kort{v}tack",
    "card{v}exp soon",
    "cartão{v}ok",
    "카드번호{v}입니다",
    "карта{v}спасибо",
    "2026 {v}",
    "since 2019 {v}",
    "1 {v}",
    "#{v}#",
    "No.{v}",
    "nr{v}",
)

PHONE_GLUE: Final = (
    "tel:{v}",
    "Tel.{v}",
    "phone={v}",
    "mobil:{v},tack",
    "(tlf. {v})",
    '{"phone":"{v}"}',
    '{"name":"Anna","mobile":"{v}","age":41}',
    "電話番号は{v}です",
    "携帯{v}",
    "电话{v}谢谢",
    "هاتفي{v}شكرا",
    "call:{v}.",
    "https://example.com/new?phone={v}&lang=sv",
    "<a href='tel:{v}'>",
    "[mobile:{v}]",
    "Handy({v})",
    "tél:{v};",
    "celular/{v}/",
    "whatsapp_{v}",
    "📞{v}",
)

EMAIL_GLUE: Final = (
    "mailto:{v}",
    "mailto:{v}?subject=hello",
    "<{v}>",
    "Anna Berg <{v}>;",
    "mail={v}&x=1",
    '{"email":"{v}"}',
    "メールは{v}です",
    "邮箱{v}谢谢",
    "email:{v},tack",
    "({v})",
    "[{v}](mailto)",
    "«{v}»",
    "{v}.",
    "{v}, och ring",
    "e-mail/{v}",
    "'{v}'",
    "https://example.com/?to={v}",
    "{v}/",
    "/{v}",
    "…{v}…",
    "{v}:",
    "-> {v} <-",
)

CARD_DETAIL_GLUE: Final = (
    "{c}/{x}/{v}",
    "{c},{x},{v}",
    "{c}|{x}|{v}",
    "{c};{x};{v}",
    "{c}\n{x}\n{v}",
    '{"card":"{c}","exp":"{x}","cvv":"{v}"}',
    '{"number": "{c}", "expiry": "{x}", "cvc": {v}}',
    "card={c}&exp={x}&cvv={v}",
    "https://pay.example.com/?pan={c}&exp={x}&cvc={v}",
    "カード{c}有効期限{x}CVV{v}です",
    "({c}) ({x}) ({v})",
    "{c}exp{x}cvv{v}",
    "card:{c},exp:{x},cvv:{v}.",
    "«{c}» «{x}» «{v}»",
    "[{c}][{x}][{v}]",
    "{c} - {x} - {v}",
)

SSN_GLUE: Final = (
    "ssn:{v}",
    "SSN={v}",
    '{"ssn":"{v}"}',
    "(SSN {v})",
    "ssn/{v}/",
    "my ssn is{v}ok",
    "[SSN:{v}]",
    "https://example.com/?ssn={v}&y=1",
    "社会保障番号{v}です",
    "SSN#{v}.",
    "«ssn {v}»",
    "social security:{v};",
    "2026 ssn {v}",
)

ID_GLUE: Final = {
    "sv": (
        "personnummer:{v}",
        '{"personnummer":"{v}"}',
        "(pnr {v})",
        "pnr={v}&x=1",
        "personnr.{v}.",
    ),
    "en": ("personnummer:{v}", '{"personnummer":"{v}"}', "personnummer={v};", "[personnummer {v}]"),
    "da": ("cpr:{v}", '{"cpr":"{v}"}', "(CPR {v})", "cpr={v}&x=1", "CPR-nr.{v}."),
    "pt": ("cpf:{v}", '{"cpf":"{v}"}', "(CPF {v})", "cpf={v}&x=1", "CPF{v}."),
}

TWO_IN_A_ROW: Final = (
    "{v} {w}",
    "{v},{w}",
    "{v}/{w}",
    "{v}\n{w}",
    "{v};{w}",
    "{v} - {w}",
    "{v}, {w}",
)

Maker = Callable[[random.Random, str], Written]

MAKERS: Final[dict[Kind, Maker]] = {
    "pan": lambda chance, _: numbers.card(chance),
    "cvv": lambda chance, _: numbers.card_code(chance),
    "expiry": lambda chance, _: numbers.expiry(chance),
    "iban": lambda chance, _: numbers.iban(chance),
    "ssn": lambda chance, _: numbers.ssn(chance),
    "email": lambda chance, _: contacts.email(chance),
    "phone": contacts.phone,
    "national_id": lambda chance, language: ID_OF[language](chance),
}


def row_of(
    chance: random.Random, template: str, *, values: dict[str, Written], at: tuple[str, ...]
) -> Row:
    """A message with ``values`` in ``template``; ``at`` is group, kind, language and number.

    What must not survive are the values of the row's kind; cards have rows of their own.
    """
    group, kind, language, number = at
    everything = {
        "c": numbers.card(chance),
        "x": numbers.expiry(chance),
        **values,
    }
    text, secrets = filled(template, everything)
    return Row(
        id=f"{group}-{kind}-{number}",
        kind=kind,
        group=as_group(group),
        language=language,
        said=(Said("customer", text),),
        secrets=tuple(secret for secret in secrets if secret.kind == kind),
        others=tuple(secret for secret in secrets if secret.kind != kind),
    )


def as_group(group: str) -> Group:
    """``group``, known to be one."""
    groups: dict[str, Group] = {
        "plain": "plain",
        "glued": "glued",
        "adversarial": "adversarial",
        "easy": "easy",
        "hard": "hard",
        "benign": "benign",
    }
    return groups[group]


def plain(chance: random.Random) -> Iterator[Row]:
    """Every kind in sentences of every language that has a word for it."""
    for kind in KINDS:
        languages = [language for language in LANGUAGES if language in SENTENCES[kind]]
        for number in range(PLAIN_ROWS):
            language = languages[number % len(languages)]
            template = pick(chance, SENTENCES[kind][language])
            value = MAKERS[kind](chance, language)
            at = ("plain", kind, language, f"{number:04}")
            yield row_of(chance, template, values={"v": value}, at=at)


def glued_template(chance: random.Random, kind: Kind, language: str) -> str:
    """What a value of ``kind`` is stuck to."""
    match kind:
        case "pan" | "iban":
            return pick(chance, (*GLUE, *LETTERS) if kind == "pan" else GLUE)
        case "cvv" | "expiry":
            return pick(chance, CARD_DETAIL_GLUE)
        case "email":
            return pick(chance, EMAIL_GLUE)
        case "phone":
            return pick(chance, PHONE_GLUE)
        case "ssn":
            return pick(chance, SSN_GLUE)
        case "national_id":
            return pick(chance, ID_GLUE[language])


def glued(chance: random.Random) -> Iterator[Row]:
    """Every kind stuck to what surrounds it, and two values in a row."""
    for kind in KINDS:
        languages = [language for language in LANGUAGES if language in SENTENCES[kind]]
        for number in range(PLAIN_ROWS):
            language = languages[number % len(languages)]
            value = MAKERS[kind](chance, language)
            at = ("glued", kind, language, f"{number:04}")
            values = {"v": value}
            template = glued_template(chance, kind, language)
            if kind in {"cvv", "expiry"}:
                values = {"v" if kind == "cvv" else "x": value}
                if kind == "expiry":
                    values["v"] = numbers.card_code(chance)
            elif number % 6 == 0 and kind in {"pan", "iban", "email"}:
                values["w"] = MAKERS[kind](chance, language)
                template = pick(chance, TWO_IN_A_ROW)
            yield row_of(chance, template, values=values, at=at)

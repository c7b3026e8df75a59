"""Reads the signs of an e-mail address that were written in words or set apart.

`name at gmail dot com` reads `name@gmail.com`; only where all of an address stands, so that people
can go on meeting at noon.
"""

import re
from typing import Final

from masking.views import View

_AT: Final = (
    "at|ät|arroba|snabel[ \\-]?a|alfakrøll|arobase|arobas|klammeraffe|アットマーク|アット|آت|ات|@"
)
_DOT: Final = r"dot|punkt|punktum|prik|ponto|punto|point|ドット|نقطة|دوت|\."
AT_WORDS: Final = frozenset(
    word.encode()
    for word in str.split("at ät arroba snabel snabela alfakrøll arobase arobas klammeraffe آت ات")
)
DOT_WORDS: Final = frozenset(
    word.encode() for word in str.split("dot punkt punktum prik ponto punto point نقطة دوت")
)
"""What tells cheaply, as words in lower case, that a text may spell an address."""

_OPEN: Final = r"[\[({<]\s?"
_CLOSE: Final = r"\s?[\])}>]"
_APART: Final = r"[\s_\-]{1,3}+"
_SPELLED_DOT: Final = (
    rf"(?:\s{{0,2}}+{_OPEN}(?:{_DOT}){_CLOSE}\s{{0,2}}+|{_APART}(?:{_DOT}){_APART}|ドット"
    r"|,(?=[a-z]))"
)
_SPELLED_AT: Final = re.compile(
    rf"\s{{0,2}}+{_OPEN}(?:{_AT}|(?P<letter>a)){_CLOSE}\s{{0,2}}+"
    rf"|[\s_\-]{{1,3}}+(?P<word>{_AT})[\s_\-]{{1,3}}+"
    r"|(?P<sign>\s{0,3}+(?:@|アットマーク|アット)\s{0,3}+)"
)
SET_APART: Final = re.compile(r"[\s\[({<]@|@[\s\])}>]|@[\w.\-]{1,63}+,[a-zA-Z]")
"""Tells cheaply that a sign of an address stands apart, or that a comma is in its domain."""

DOMAIN_DOT: Final = re.compile(r"\.(?:[^\W\d_]|[0-9][\w\-]{4}|\s?[\])}>]|(?<=[\s_\-].)[\s_\-])")
"""Tells cheaply that a stop may be in a domain: it neither ends a sentence nor is it a number's."""

_LETTER: Final = rf"(?:[^\W_]|[_\-](?!(?:{_DOT})[_\-]))"  # of a name: `a_dot_b` is two names
_DOMAIN: Final = re.compile(
    rf"[^\W_]{_LETTER}{{0,62}}+(?:(?:{_SPELLED_DOT}|\.)[^\W_]{_LETTER}{{0,62}}+){{1,4}}"
)
_LOCAL: Final = re.compile(
    rf"(?<![\w.+\-*])[\w+][\w.+\-]{{0,63}}+(?:{_SPELLED_DOT}[\w+\-]{{1,63}}+){{0,3}}$"
)
_REACH: Final = 100  # characters before the sign in which the local part stands
_TOP_LABEL: Final = re.compile(r"[a-z]{2,}+(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
_LABEL: Final = re.compile(rf"[^\W_]{_LETTER}*+")
_INNER_DOT: Final = re.compile(_SPELLED_DOT)

PROVIDERS: Final = frozenset(
    str.split(
        "gmail googlemail hotmail outlook live msn yahoo ymail icloud me mac aol gmx"
        " web proton protonmail pm mail email yandex zoho fastmail tuta tutanota telia"
        " bredband comhem spray tele2 passagen hotmail sapo uol bol terra ig orange"
        " wanadoo free laposte sfr freenet t-online posteo mailbox docomo ezweb softbank"
        " example test"
    )
)
_TOP: Final = frozenset(
    str.split(
        "com net org info biz edu gov io co app dev me tv eu uk us se no dk fi is de at"
        " ch fr es pt br it nl be lu ie pl cz sk hu ro gr jp cn kr tw hk in au nz ca mx"
        " ar cl pe co ru ua tr il sa ae eg ma qa kw jo lb iq dz tn test example invalid"
        " local online shop store cloud mail email name pro xyz site tech nu li ee lv lt"
        " si hr rs bg museum ai gg ly fm sg th vn ph pk bd ng ke gh za ec uy py bo ve gt cr pa hn"
        " cu mt cy kz uz"
    )
)
_OFTEN: Final = frozenset({"com", "net", "org"})
_NOT_A_DOMAIN: Final = frozenset(
    # What stands before a place or a time; "at some point" is no address either.
    str.split("the a an this that our your my his her their noon some any what which every")
)
_LONG: Final = 4  # letters; there are too many longer ones to list
_COUNTED: Final = frozenset(
    # What stands before a point that is one of a talk, a list or a day.
    str.split(
        "one two three four five six seven eight nine ten each every another any some first second"
        " last next no zero en et ett två tre um uma dois una uno dos un une deux ein einem einer"
        " eine bullet"
    )
)
_POINT: Final = re.compile(rf"{_APART}(?:point|punkt|punktum|prik|ponto|punto){_APART}")
"""Words for the sign that sentences also have."""

_NOT_A_PERSON: Final = frozenset(
    str.split(
        "look looking looked buy bought shop shopping order ordered find found see saw"
        " us me it them him her was is are am be available sold sells out item items not"
        " down up work works meet met talk talked speak call called stay stayed stop stopped"
    )
)
_CUE: Final = re.compile(r"mail|mejl|e-?post|correo|courriel|メール|アドレス|بريد|إيميل|ايميل")

_LETTER_BY_LETTER: Final = re.compile(
    r"(?<![A-Za-z0-9])[\w+](?: [\w.+\-]){1,63}+ @ \w(?: [\w.\-]){3,63}(?![A-Za-z0-9])"
)

_Spelling = tuple[int, int, str]


def with_signs(view: View) -> View:
    """Read spelled addresses in ``view`` as addresses."""
    if " @ " in view.text:
        view = view.respelled(
            (space, space + 1, "")
            for row in _LETTER_BY_LETTER.finditer(view.text)
            for space in range(*row.span())
            if view.text[space] == " "
        )
    text = view.text.lower()
    spellings: list[_Spelling] = []
    for sign in _SPELLED_AT.finditer(text):
        found = _spellings(text, sign)
        if found and (not spellings or found[0][0] >= spellings[-1][1]):
            spellings += found
    return view.respelled(spellings)


def _spellings(text: str, sign: re.Match[str]) -> list[_Spelling]:
    """Answer what is read for each sign of the address around ``sign``, if there is one."""
    start, end = sign.span()
    domain = _DOMAIN.match(text, end)
    near = text[max(0, start - _REACH) : start]
    local = _LOCAL.search(near) if domain else None
    if domain is None or local is None:
        return []
    dots = [(*dot.span(), ".") for dot in _INNER_DOT.finditer(text, end, _end(domain))]
    is_plain = sign[0].strip() == "@" and not dots  # the detector knows when it is meant
    if is_plain or not _is_address(local[0], sign, domain, is_spelled=bool(dots), near=near):
        return []
    before = start - len(near)
    locals_ = [
        (before + dot.start(), before + dot.end(), ".")
        for dot in _INNER_DOT.finditer(near, local.start())
    ]
    return [*locals_, (start, end, "@"), *dots]


def _end(domain: re.Match[str]) -> int:
    """Answer where ``domain`` ends: after the last name that there are addresses under."""
    labels = list(_LABEL.finditer(domain[0]))
    tops = [
        _TOP_LABEL.match(domain[0], label.start(), label.end()) or label for label in labels[1:]
    ]
    ends = [top.end() for top in tops if top[0] in _TOP or len(top[0]) > _LONG]
    return domain.start() + ends[-1] if ends else domain.start()


def _is_address(
    local: str, sign: re.Match[str], domain: re.Match[str], *, is_spelled: bool, near: str
) -> bool:
    """Tell whether the words make an address, and not the end of one sentence and the next."""
    labels = _LABEL.findall(domain[0])
    if _end(domain) == domain.start() or labels[0] in _NOT_A_DOMAIN:
        return False
    is_typed = sign[0] == "@" and (labels[-1] in _OFTEN or not local.isalpha())
    is_usual = labels[0] in PROVIDERS or is_typed
    if "," in domain[0] and not is_usual:  # the sentence's own
        return False
    if sign["word"] not in {"at", "ät", "ات", "آت"} and not sign["letter"]:
        return True
    is_name = local.isalpha()
    is_talk = is_name and _POINT.search(domain[0]) and not _is_host(labels[0], domain)
    is_time = labels[0] in _COUNTED and labels[-1] not in _TOP  # "at nine dot"
    if is_talk or is_time or local in _NOT_A_PERSON:
        return False
    return is_spelled or labels[0] in PROVIDERS or not is_name or _CUE.search(near) is not None


def _is_host(first: str, domain: re.Match[str]) -> bool:
    """Tell whether ``domain``, with points in words, is one under which there are addresses."""
    last = _LABEL.findall(domain[0][: _end(domain) - domain.start()])[-1]
    return first not in _COUNTED and last in _TOP

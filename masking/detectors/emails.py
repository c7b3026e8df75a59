"""Find e-mail addresses: RFC 5321 as people write it, with letters of any script (RFC 6531).

Read from each at sign outwards. Words of scripts without spaces that stick to an address written in
ASCII are not part of it; names of files, packages, versions and repositories are no addresses.
"""

import re
from typing import Final, NamedTuple

from masking.model import MaskKind, Rule, Span

_LOCAL_REACH: Final = 160  # RFC 5321 allows 64 characters; as many more may take no room
_DOMAIN_REACH: Final = 320  # RFC 5321 allows 255

_STICKY: Final = (
    # Scripts that are written without spaces, or whose particles stick to the next word.
    "\u0590-\u08ff\u0e00-\u0eff\u3005-\u30fa\u30fc-\u31ff\u3400-\ua4cf\uac00-\ud7ff"
    "\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc\uff66-\uffdc\U00020000-\U0003ffff"
)
_SIGNS: Final = r".+\-!#$%&'’^`{|}~\u200b"  # the star is left out: it is what masked ones are of
_LEADING: Final = "_.+-!#$%&'’^`{|}~\u200b"
_LOCAL: Final = re.compile(rf"[\w{_SIGNS}]+\Z")
_LOCAL_UNSTUCK: Final = re.compile(rf"(?:[^\W{_STICKY}]|[{_SIGNS}])+\Z")
_QUOTED: Final = re.compile(r'"[^"\n@]{1,64}"\Z')
_APART: Final = re.compile(r"(?<![\w.@/])[\w.+\-]{1,64}(?=[ \t\n\u200b]{1,3}\Z)")

_LABELS: Final = r"(?:[\w\-\u200b]++\.\u200b*+)+"
_DOMAIN: Final = re.compile(
    rf"(?:[A-Za-z0-9\-_\u200b]++\.\u200b*+)+(?:xn--[a-z0-9\-]+|[A-Za-z][A-Za-z\u200b]{{1,40}})"
    rf"(?:(?![^\W\d_])|(?=[{_STICKY}]))"
    rf"|{_LABELS}[^\W\d_][^\W\d_\u200b]+"
)
_DOMAIN_APART: Final = re.compile(
    r"(?:[\w\-]{1,63}(?: \. | ?\.))+"
    r"(?:[A-Za-z]{2}|(?i:com|net|org|info|edu|gov|online|museum|biz|xyz|app|dev|tech|site|store|shop|cloud|name|pro)|[^\W\da-zA-Z_]{2,8})"
    rf"(?:(?![\w\-])|(?=[{_STICKY}]))"
)
_LITERAL: Final = re.compile(r"\[[0-9A-Fa-f:.]{3,45}\]")
_SPACE: Final = " \t\n\u200b"
_SPACES: Final = re.compile(r"[ \t\n\u200b]{0,3}")

_VERSION: Final = re.compile(r"[v^~]?[0-9]+\.[0-9x]|[0-9](?:\.[0-9])?x[.~@_\-]")  # 1.2.3, 2x.png
_FILE_NAMES: Final = (
    "png jpg jpeg gif svg webp ico bmp tiff pdf doc docx xls xlsx ppt pptx css scss js jsx ts tsx"
    " mjs json xml html htm yaml yml txt csv log mp3 mp4 wav avi exe dll bin php java class jar"
    " whl gz tgz tar rar dmg iso apk lock toml ini cfg conf"
)
_FILES: Final = frozenset(_FILE_NAMES.split())
_REPOSITORY: Final = re.compile(r":(?!//)[\w.~\-]*/|:[\w.\-]+\.git\b|/[\w.\-]+/[\w.\-]+")
_SHELL: Final = re.compile(r"(?:git|hg|svn)\Z")
_FEDERATED: Final = re.compile(r"mastodon|mstdn|fosstodon|pixelfed|misskey|lemmy|\.social\Z")
_PROVIDERS: Final = re.compile(
    r"(?:g(?:oogle)?mail|hotmail|outlook|live|yahoo|ymail|icloud|me|mac|msn|aol|proton|protonmail|gmx"
    r"|web|telia|mail|orange|free|laposte|uol|bol|terra|sapo|qq|163|docomo|ezweb|softbank|example"
    r"|fastmail|zoho|yandex|hey|pm|tutanota|t-online|wanadoo|sfr|comcast|verizon|att)\b"
)
_COMMON_WORDS: Final = (
    # What stands before a place, a time or a handle.
    "me us we you i he she it they him her them here there live now today tonight tomorrow only"
    " shop store buy find found visit see look meet meeting lunch dinner party event follow"
    " followed by thanks thank tack merci danke gracias obrigado hi hello hey hej the a an at in"
    " on is are was be work working office home online sale new open up out from to and or with"
    " team support guys watch check read pris price each"
)
_COMMON: Final = frozenset(_COMMON_WORDS.split())

_RULE: Final = Rule("email.address")
_APART_RULE: Final = Rule("email.spaces")


class _Domain(NamedTuple):
    """What stands after an at sign, and where it ends."""

    name: str
    end: int


def find_emails(view: str) -> list[Span]:
    """Answer every e-mail address in ``view``, without the punctuation that leads up to it."""
    spans: list[Span] = []
    at = view.find("@")
    while at >= 0:
        span = _address(view, at, spans[-1].end if spans else 0)
        if span is not None:
            spans.append(span)
        at = view.find("@", at + 1 if span is None else span.end)
    return spans


def _address(view: str, at: int, floor: int) -> Span | None:
    """Answer the address around the sign at ``at`` that begins at ``floor`` or later."""
    after = at + 1
    if view[after : after + 1] == "@":  # typed twice
        after += 1
    domain = _domain(view, after)
    if domain is not None:
        start = _local(view, at, floor, domain.name)
        if start is not None:
            is_address = _is_address(view, start, at, domain)
            return Span(MaskKind.EMAIL, start, domain.end, rule=_RULE) if is_address else None
    return _apart(view, at, after, floor)


def _domain(view: str, start: int) -> _Domain | None:
    pattern = _LITERAL if view[start : start + 1] == "[" else _DOMAIN
    match = pattern.match(view, start, start + _DOMAIN_REACH)
    return _Domain(match[0].lower(), match.end()) if match else None


def _local(view: str, at: int, floor: int, domain: str) -> int | None:
    """Answer where the local part before ``at`` begins; None when there is none."""
    reach = max(floor, at - _LOCAL_REACH)
    if view[at - 1 : at] == '"' and (quoted := _QUOTED.search(view, reach, at)):
        return quoted.start()
    reach = max(reach, view.rfind(" ", reach, at) + 1, view.rfind("@", reach, at) + 1)
    match = _LOCAL_UNSTUCK.search(view, reach, at) if domain.isascii() else None
    match = match or _LOCAL.search(view, reach, at)
    if match is None:
        return None
    start = at - len(match[0].lstrip(_LEADING))
    return start if start < at else None


def _is_address(view: str, start: int, at: int, domain: _Domain) -> bool:
    """Tell an address from the names of files, packages, repositories and federated handles."""
    name = domain.name
    if _VERSION.match(name) or name.rpartition(".")[2] in _FILES:
        return False
    if _SHELL.fullmatch(view, start, at):
        is_scheme = view[max(0, start - 6) : start].endswith("ssh://")
        return not (is_scheme or _REPOSITORY.match(view, domain.end))
    is_handle = view[start - 1 : start] == "@" and not view[max(0, start - 2) : start - 1].isalnum()
    return not (is_handle and _FEDERATED.search(name))


def _apart(view: str, at: int, after: int, floor: int) -> Span | None:
    """Answer the address around ``at`` that is written with spaces between its parts."""
    spaces = _SPACES.match(view, after)
    domain = _DOMAIN_APART.match(view, spaces.end() if spaces else after)
    if domain is None or _VERSION.match(domain[0]):
        return None
    is_apart = view[at - 1 : at] in _SPACE
    local = _APART.search(view, max(floor, at - _LOCAL_REACH), at) if is_apart else None
    start = local.start() if local else _local(view, at, floor, domain[0])
    if start is None or not _is_meant(view[start:at].strip(), domain[0]):
        return None
    is_page = view[domain.end() : domain.end() + 1] == "/"
    return None if is_page else Span(MaskKind.EMAIL, start, domain.end(), rule=_APART_RULE)


def _is_meant(local: str, domain: str) -> bool:
    """Tell an address with spaces from a place or a handle after a word ("live @ cafe.se")."""
    if " . " in domain or _PROVIDERS.match(domain.lower()):
        return local.lower() not in _COMMON or " . " in domain
    return any(sign in local for sign in "0123456789._+") or local.lower() not in _COMMON

"""Find e-mail addresses: RFC 5321 as people use it, with letters of any script (RFC 6531)."""

from typing import Final

import regex

from masking.model import MaskKind, Rule, Span
from masking.scan import scan

# The star is allowed by the standard and left out: it is what a masked address is made of.
_ATEXT: Final = r"[\p{L}\p{N}\p{M}\u200b!#$%&'+/=?^_`{|}~.\-]"
_LABEL: Final = r"[\p{L}\p{N}\p{M}\u200b\-]++"
_TOP: Final = r"(?:xn--[a-z0-9\-]++|\p{L}[\p{L}\p{M}\u200b]++)"
_ADDRESS: Final = regex.compile(
    # What a card or an IBAN left readable, right after its stars, is not read again.
    rf"(?<!{_ATEXT})(?<!\*{{8}})"
    rf'(?:"[^"\n]{{1,64}}+"|{_ATEXT}++)@'
    rf"(?:(?:{_LABEL}\.)+{_TOP}|\[[0-9A-Fa-f:.]{{3,45}}+\])"
)
_RULE: Final = Rule("email.address")
_PUNCTUATION: Final = "!#$%&'+/=?^`{|}~.-\u200b"


def find_emails(view: str) -> list[Span]:
    """Answer every e-mail address in ``view``, without the punctuation that leads up to it."""
    if "@" not in view:
        return []
    return [
        Span(MaskKind.EMAIL, start, match.end(), rule=_RULE)
        for match in scan(_ADDRESS, view)
        if view[start := match.end() - len(match[0].lstrip(_PUNCTUATION))] != "@"
    ]

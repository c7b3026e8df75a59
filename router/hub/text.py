"""Every text a client sends passes here: trimmed, checked, masked, in this order.

E-mail addresses and phone numbers are sealed here too, where there is a key. No other module of the
hub makes `MaskedText`. Refusals name a field and never what was in it.
"""

import re
import secrets
from time import thread_time
from typing import Final

from masking import MaskedText, MaskKind, mask, mask_as
from masking.mask import starred
from masking.model import Masked
from masking.policy import Policy
from masking.seal import NONCE_SIZE, Seal
from masking.text import SealedKind, SealedText
from router.hub import wire
from router.hub.metrics import MASKING_SHADOW
from router.hub.wire import SAFE_INTEGER_MAX, invalid
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.model import Body, Context
from router.shard.metrics import MASKED
from router.shard.policies import DEFAULT_TREATMENT, Treatment
from router.shard.redactor import body_of, note_failure

TEXT_MAX: Final = 1_000
NAME_MAX: Final = 200  # and subjects
EMAIL_MAX: Final = 254
PHONE_MAX: Final = 40
NOTE_MAX: Final = 1_000
ATTRIBUTES_MAX: Final = 30
KEY_MAX: Final = 64
VALUE_MAX: Final = 256
CONTEXT_MAX: Final = 2_000  # what browsers accept as an address; the protocol is silent
SEARCH_MAX: Final = 200  # as long as a name

MASKING_SECONDS_MAX: Final = 0.1
"""What masking by operators' patterns may take for one command, and the last text as long again:
nobody else is served meanwhile. It is what the rules for one message may take together; sixty
attributes and names without a slow rule need a tenth of it."""

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace()) + "\ufeff"
_NO_SEAL: Final = Seal(None, tenant="")
_NUMBER: Final = re.compile(r"[\d\s()+./-]{7,40}")

Scalar = MaskedText | int | float | bool | None


def trimmed(value: str, path: str, longest: int) -> str:
    """The text without white space around it; what is kept is what is counted.

    Raises:
        CommandRefused: It holds a control character or is too long.
    """
    if has_control_characters(value):
        raise invalid(path, "control characters are not taken")
    text = value.strip(_BLANK)
    if len(text) > longest:
        raise CommandRefused(
            RefusalCode.TOO_LARGE, hint=f"longer than {longest} characters", path=path
        )
    return text


def has_control_characters(value: str) -> bool:
    """True for what no text of the protocol may hold: also half a character."""
    return _FORBIDDEN.search(value) is not None


class Texts:
    """Masks what one kind of sender writes in one queue, in one command.

    Once a rule took too long, or all of them did together, what is left of the command is starred
    without trying.

    Attributes:
        tenant: Whose texts they are.
    """

    def __init__(
        self, treatment: Treatment = DEFAULT_TREATMENT, *, seal: Seal = _NO_SEAL, tenant: str = ""
    ) -> None:
        """Mask every kind unless an administrator says otherwise; sealing is apart from it.

        What is masked is counted as the tenant's.
        """
        self._treatment = treatment
        self.tenant = tenant
        self.seal = seal
        self._left_s = MASKING_SECONDS_MAX

    def under(self, treatment: Treatment) -> "Texts":
        """The same for another sender, queue or command."""
        return Texts(treatment, seal=self.seal, tenant=self.tenant)

    def body(self, value: str, path: str) -> Body:
        """A message.

        Raises:
            CommandRefused: It is empty, too long or not a text.
        """
        text = trimmed(value, path, TEXT_MAX)
        if not text:
            raise invalid(path, "there is no text")
        return body_of(self._within_time(text, self._treatment.message))

    def line(self, value: str, path: str, longest: int) -> MaskedText | None:
        """A subject, a note, an address of a page; None when there is nothing in it."""
        text = trimmed(value, path, longest)
        return self._masked(text).text if text else None

    def name(self, value: str, path: str = "name") -> MaskedText | None:
        """A name; one that is a phone number is masked as one."""
        text = trimmed(value, path, NAME_MAX)
        if not text:
            return None
        if _NUMBER.fullmatch(text) and sum(one.isdigit() for one in text) >= 7:  # E.164 as used
            return self._masked(text, MaskKind.PHONE).text
        return self._masked(text).text

    def email(self, value: str, path: str = "email") -> MaskedText | None:
        """An e-mail address; all of it is taken for one."""
        text = trimmed(value, path, EMAIL_MAX)
        return self._masked(text, MaskKind.EMAIL).text if text else None

    def phone(self, value: str, path: str = "phone") -> MaskedText | None:
        """A phone number; all of it is taken for one."""
        text = trimmed(value, path, PHONE_MAX)
        return self._masked(text, MaskKind.PHONE).text if text else None

    def sealed(self, kind: SealedKind, value: str) -> SealedText | None:
        """What `email` or `phone` masks, for who may open it; None where it cannot be sealed."""
        return self.seal.seal(kind, value.strip(_BLANK), nonce=secrets.token_bytes(NONCE_SIZE))

    def attributes(self, given: wire.Attributes) -> dict[MaskedText, Scalar]:
        """What a site says of a chat: keys and values are customers' text too."""
        if len(given) > ATTRIBUTES_MAX:
            raise CommandRefused(
                RefusalCode.TOO_LARGE,
                hint=f"more than {ATTRIBUTES_MAX} attributes",
                path="attributes",
            )
        return {self._key(key): self._value(value) for key, value in given.items()}

    def context(self, given: wire.Context) -> Context:
        """Where on the site a chat is started."""
        return Context(
            page_url=self.line(given.page_url, "context.page_url", CONTEXT_MAX),
            referrer=self.line(given.referrer, "context.referrer", CONTEXT_MAX),
            locale=self.line(given.locale, "context.locale", VALUE_MAX),
        )

    def is_plain(self, text: str) -> bool:
        """True when there is nothing to mask: such a text may stand for an id."""
        return not mask(text, self._treatment.field).found

    def _key(self, key: str) -> MaskedText:
        text = trimmed(key, "attributes", KEY_MAX)
        if not text:
            raise invalid("attributes", "an attribute has no name")
        return self._masked(text).text

    def _value(self, value: str | float | bool | None) -> Scalar:  # noqa: FBT001 - a scalar of JSON
        match value:
            case str():
                return self._masked(trimmed(value, "attributes", VALUE_MAX)).text
            case bool() | None:
                return value
            case int() | float():
                return self._number(value)

    def _number(self, value: float) -> Scalar:
        if abs(value) > SAFE_INTEGER_MAX:
            raise invalid("attributes", "a number is too large")
        shown = f"{value:.0f}" if float(value).is_integer() else repr(value)
        masked = self._masked(shown)
        return masked.text if masked.found else value

    def _masked(self, text: str, kind: MaskKind | None = None) -> Masked:
        return self._within_time(text, self._treatment.field, kind)

    def _within_time(self, text: str, policy: Policy, kind: MaskKind | None = None) -> Masked:
        if self._left_s <= 0:
            return self._counted(starred(text))
        began_s = thread_time()
        match kind:
            case MaskKind.EMAIL | MaskKind.PHONE:
                masked = mask_as(kind, text, policy)
            case _:
                masked = mask(text, policy)
        if policy.rules or policy.allow:  # the built-in patterns are as fast on every text
            self._left_s = 0 if masked.failed else self._left_s - (thread_time() - began_s)
        return self._counted(masked)

    def _counted(self, masked: Masked) -> Masked:
        if masked.failed:
            note_failure(masked, tenant=self.tenant)
            return masked
        for found in masked.found:
            MASKED.labels(self.tenant, found.kind).inc()
        for kind in masked.shadowed:
            MASKING_SHADOW.labels(self.tenant, kind).inc()
        return masked

"""Masking: what may be seen of a text that a person wrote.

Pure: no sockets, storage, logging or clocks. Only this package turns text into ``MaskedText``.
"""

from masking.conversation import mask_conversation
from masking.mask import explain, mask, mask_as, passthrough
from masking.model import Explained, Found, Masked, MaskKind, Rule, Span
from masking.policy import DEFAULT_POLICY, PASSING, OwnRule, Policy
from masking.text import MaskedText

__all__ = [
    "DEFAULT_POLICY",
    "PASSING",
    "Explained",
    "Found",
    "MaskKind",
    "Masked",
    "MaskedText",
    "OwnRule",
    "Policy",
    "Rule",
    "Span",
    "explain",
    "mask",
    "mask_as",
    "mask_conversation",
    "passthrough",
]

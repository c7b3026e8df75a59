"""Masking: what may be seen of a text that a person wrote.

Pure: no sockets, storage, logging or clocks. Only this package turns text into ``MaskedText``.
"""

from masking.mask import mask, mask_as, passthrough
from masking.model import Found, Masked, MaskKind, Rule, Span
from masking.text import MaskedText

__all__ = [
    "Found",
    "MaskKind",
    "Masked",
    "MaskedText",
    "Rule",
    "Span",
    "mask",
    "mask_as",
    "passthrough",
]

"""Masking: what may be seen of a text that a person wrote.

Pure: no sockets, storage, logging or clocks. Only this package turns text into ``MaskedText``.
"""

from masking.mask import mask, mask_as, passthrough
from masking.model import Found, Masked, MaskKind
from masking.text import MaskedText

__all__ = ["Found", "MaskKind", "Masked", "MaskedText", "mask", "mask_as", "passthrough"]

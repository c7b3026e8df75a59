"""Masks a stream line by line, as a server would, and tells why if it is asked to.

What is not masked passes byte by byte, whatever it is encoded in. An explanation names places and
rules and never repeats a value, so it may be kept where the line itself may not.
"""

from typing import BinaryIO, Final

from masking import Explained, Policy, explain, mask

ENCODING = "utf-8"
AS_THEY_ARE = "surrogateescape"  # bytes that are not UTF-8 come out as they went in

LINE_MAX: Final = 1_048_576
"""Bytes that are read at once: a thousand times a message, and little memory."""


def mask_lines(lines: BinaryIO, out: BinaryIO, policy: Policy, *, is_explained: bool) -> None:
    """Write each line masked as soon as it is there, the explanation of its values below it.

    A longer line than `LINE_MAX` is starred, byte by byte: a cut could go through a value.
    """
    is_cut = False
    while line := lines.readline(LINE_MAX):
        is_whole = line.endswith(b"\n") or len(line) < LINE_MAX
        if is_cut or not is_whole:
            out.write(b"*" * len(line.removesuffix(b"\n")) + b"\n" * line.endswith(b"\n"))
            is_cut = not is_whole
            continue
        text = line.removesuffix(b"\n").decode(ENCODING, AS_THEY_ARE)
        told = explain(text, policy) if is_explained else []
        written = [mask(text, policy).text, *(f"    {_told(explained)}" for explained in told)]
        out.write("\n".join(written).encode(ENCODING, AS_THEY_ARE))
        if line.endswith(b"\n"):
            out.write(b"\n")
        out.flush()


def _told(explained: Explained) -> str:
    kind, start, end, rule, outcome = explained
    if outcome == "failed":
        return f"{'all':<12}{f'{start}-{end}':<10}starred: a rule failed, or took too long"
    by = ", ".join(filter(None, rule))
    return f"{kind:<12}{f'{start}-{end}':<10}{outcome:<9}{by}"

"""A later version of the program, which writes in a format that this one cannot read."""

from router.shard import formats

FORMAT = formats.FORMAT + 1


def be_newer() -> None:
    """Let this process be of that version."""
    formats.__dict__["FORMAT"] = FORMAT

"""The version of what is written, so that an older process knows what it must leave alone.

Whatever is stored or told bears the format of who wrote it, as one byte before it; format 1 bears
none. A shard bears the highest one that anybody wrote it in, and a hub's name that of its process.
"""

from router.kernel.ids import HubId
from router.shard.engine import NewerFormat

FORMAT = 1
"""Of records, messages, answers, the log, and the keys they are under. Whoever adds what the last
version could not read, or would lose when it writes it again, makes it one more."""

MARKS_END = 0x78
"""Nothing that is stored begins with a lower byte: in MessagePack that would be a number, and
packed bytes begin with this one."""

NEWER = "a newer version of Frontdesk wrote what is stored: start that one"


def marked(data: bytes) -> bytes:
    """What is written, with its format."""
    return data if FORMAT == 1 else bytes((FORMAT,)) + data


def unmarked(data: bytes) -> bytes:
    """What was written.

    Raises:
        NewerFormat: In a format that is not known here.
    """
    if not data or data[0] >= MARKS_END:
        return data
    check(data[0])
    return data[1:]


def check(written: int) -> None:
    """See that a shard was written in no newer format.

    Raises:
        NewerFormat: It was.
    """
    if written > FORMAT:
        raise NewerFormat(NEWER)


def bare(data: bytes) -> bytes:
    """What was written, in whatever format."""
    return data if not data or data[0] >= MARKS_END else data[1:]


def life_of(process: str, number: int) -> HubId:
    """A hub incarnation: each life of a process at a store has a name of its own."""
    name = f"{process}.{number}"
    return HubId(name if FORMAT == 1 else f"{name}.{FORMAT}")


def process_of(hub: HubId) -> str:
    """Whose life it is."""
    return hub.partition(".")[0]


def format_of(hub: HubId) -> int:
    """What the process of a hub writes."""
    _, _, named = hub.partition(".")
    _, _, written = named.partition(".")
    return int(written) if written.isdecimal() else 1

"""Says that clients may come, to people, to programs that read the log, or to a parent process."""

from router.app.arguments import LISTENING
from router.app.logs import is_for_programs
from router.log import log

NOTES = log(__name__)


def announce(url: str, *, is_to_parent: bool) -> None:
    """Say where the server listens; a parent reads one plain line, whatever the log looks like."""
    if is_for_programs() and not is_to_parent:
        NOTES.info("server.listening", url=url)
    else:
        print(f"{LISTENING}{url}", flush=True)

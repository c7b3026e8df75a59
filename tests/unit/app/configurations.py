"""Configurations to change in tests, and what is wrong with them."""

from pathlib import Path

import pytest

from router.app.config import parse
from router.app.mistakes import ConfigurationInvalid, Mistake

SECRET = "a-secret-of-the-tests"
ENVIRON = {"FRONTDESK_SECRET": SECRET}
EXAMPLE = Path(__file__).parents[3] / "docs" / "example.toml"

HEAD = """
[tenant]
id = "main"
"""

SHOP = f"""{HEAD}
[[entry_points]]
id = "shop"
queue = "support"

[[queues]]
id = "support"
"""


def mistakes_in(text: str, environ: dict[str, str] | None = None) -> list[Mistake]:
    """Return the mistakes of a text that has some."""
    with pytest.raises(ConfigurationInvalid) as caught:
        parse(text, ENVIRON if environ is None else environ)
    return list(caught.value.mistakes)


def is_fine(text: str, environ: dict[str, str] | None = None) -> bool:
    """Tell whether a text has no mistakes."""
    try:
        parse(text, ENVIRON if environ is None else environ)
    except ConfigurationInvalid:
        return False
    return True


def places(text: str, environ: dict[str, str] | None = None) -> list[str]:
    """Return where the mistakes are, in the order they are told."""
    return [mistake.path for mistake in mistakes_in(text, environ)]


def queue(keys: str) -> str:
    """Return a configuration whose one queue has these keys too."""
    return SHOP + keys


def hours(**changed: str) -> str:
    """Return a configuration whose queue has hours, right but for what is changed."""
    words = {"days": "mon-fri", "from": "08:00", "to": "17:00", "zone": "Europe/Stockholm"}
    written = ", ".join(f'{key} = "{word}"' for key, word in (words | changed).items())
    return queue(f"hours = [{{ {written} }}]")

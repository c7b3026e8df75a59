"""Holds the sources of the pages against the contract they were made from."""

from pathlib import Path

from router.app.version import version
from router.hub.typescript import typescript

ROOT = Path(__file__).parents[2]


def test_the_types_of_the_pages_are_those_of_the_contract() -> None:
    """The compiler checks the pages against these, so they must not lag behind the structs.

    Made again by: frontdesk schema --format typescript > web/shared/contract.ts
    """
    kept = (ROOT / "web" / "shared" / "contract.ts").read_text()

    assert kept == typescript(version())
